//! `$media`: a local file that is served at an address. It is read for its digest, its type and its size in pixels, and
//! never sent; whether it is what its field takes is the catalogue's knowledge.

use std::sync::Arc;

use url::Url;

use super::diagnostic::Diagnostic;
use super::source::{MEDIA_LIMIT, Repository, RepositoryPath, Span, Unreadable};
use crate::offer::{Field, FieldPath, FileDemand, FileDigest, FileType, LocalFile, ValueKind};

/// What Git LFS leaves in the place of a file that was not fetched.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// An address, and the local file that is served there.
#[derive(Debug)]
pub(super) struct MediaFile {
    pub url: Arc<str>,
    path: RepositoryPath,
    /// Where the file is named.
    named_at: Span,
    digest: FileDigest,
    found: Found,
}

/// What the bytes of a file say that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Empty,
    LfsPointer,
    /// A file without pixels; `None` when its type is not known.
    File(Option<FileType>),
    Image {
        kind: FileType,
        width: usize,
        height: usize,
    },
    /// It begins as an image does, and its size cannot be read.
    Damaged(FileType),
}

impl MediaFile {
    /// Whether a text is an address from which a service can download.
    pub fn is_address(text: &str) -> bool {
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        !text.contains(char::is_whitespace) && url.is_some_and(|url| url.host_str().is_some())
    }

    /// Reads the file.
    pub fn read(
        repository: &Repository,
        path: &RepositoryPath,
        url: Arc<str>,
        named_at: Span,
    ) -> Result<Self, Unreadable> {
        let bytes = repository.read_bytes(path, MEDIA_LIMIT)?;
        let (digest, found) = (FileDigest::of(&bytes), Found::in_bytes(&bytes));
        Ok(Self { url, path: path.clone(), named_at, digest, found })
    }

    /// The file as the other rooms know it.
    pub fn local_file(&self, field: FieldPath) -> LocalFile {
        LocalFile { field, url: self.url.to_string(), file: self.path.as_str().into(), digest: self.digest.clone() }
    }

    fn error(&self, rule: &'static str, message: impl Into<String>, help: impl Into<String>) -> Diagnostic {
        Diagnostic::error(rule, message, self.named_at, "").help(help)
    }
}

impl Found {
    fn in_bytes(bytes: &[u8]) -> Self {
        let kind = match bytes {
            [] => return Self::Empty,
            _ if bytes.starts_with(LFS_POINTER) => return Self::LfsPointer,
            _ if bytes.starts_with(b"%PDF-") => return Self::File(Some(FileType::Pdf)),
            _ if bytes.starts_with(b"PK\x03\x04") => return Self::File(Some(FileType::Zip)),
            _ => match imagesize::image_type(bytes) {
                Ok(imagesize::ImageType::Png) => FileType::Png,
                Ok(imagesize::ImageType::Jpeg) => FileType::Jpeg,
                Ok(imagesize::ImageType::Gif) => FileType::Gif,
                Ok(imagesize::ImageType::Bmp) => FileType::Bmp,
                Ok(imagesize::ImageType::Ico) => FileType::Ico,
                Ok(imagesize::ImageType::Tiff) => FileType::Tiff,
                Ok(imagesize::ImageType::Webp) => FileType::Webp,
                _ => return Self::File(None),
            },
        };
        match imagesize::blob_size(bytes) {
            Ok(size) => Self::Image { kind, width: size.width, height: size.height },
            Err(_) => Self::Damaged(kind),
        }
    }

    fn kind(self) -> Option<FileType> {
        match self {
            Self::Image { kind, .. } | Self::Damaged(kind) => Some(kind),
            Self::File(kind) => kind,
            Self::Empty | Self::LfsPointer => None,
        }
    }
}

/// The type of an image, its width and its height; `None` for everything that is no whole one.
pub(super) fn image(bytes: &[u8]) -> Option<(FileType, usize, usize)> {
    match Found::in_bytes(bytes) {
        Found::Image { kind, width, height } => Some((kind, width, height)),
        _ => None,
    }
}

/// What is wrong with a file in the place of a field, if anything; `at` is the whole directive.
pub(super) fn check(field: &Field, file: &MediaFile, at: Span) -> Option<Diagnostic> {
    if field.value != ValueKind::Media {
        let message = "`$media` stands for the address of a file that the service downloads, and this field holds none";
        return Some(
            Diagnostic::error("misplaced-media", message, at, "")
                .help("logos, screenshots, packages and the like take `$media`; `$file` takes in a text"),
        );
    }
    let path = &file.path;
    match file.found {
        Found::Empty => {
            return Some(file.error("media-type", format!("`{path}` is empty"), "put the file that is served there"));
        }
        Found::LfsPointer => {
            let message = format!("`{path}` is a pointer of Git LFS, and not the file itself");
            return Some(file.error(
                "media-type",
                message,
                "fetch it with `git lfs pull`; in CI let the checkout fetch LFS files",
            ));
        }
        _ => {}
    }
    let anything = FileDemand { types: Vec::new(), pixels: Vec::new() };
    let demand = field.file.as_ref().unwrap_or(&anything);
    let slot = field.title.as_deref().map_or_else(|| "this field".to_owned(), |title| format!("`{title}`"));
    wrong_type(file, demand, &slot).or_else(|| wrong_size(file, demand, &slot))
}

fn wrong_type(file: &MediaFile, demand: &FileDemand, slot: &str) -> Option<Diagnostic> {
    let (path, kind) = (&file.path, file.found.kind());
    let what = kind.map_or_else(|| "of no type that offerctl knows".to_owned(), |kind| format!("a {kind} file"));
    if !demand.types.is_empty() && !kind.is_some_and(|kind| demand.types.contains(&kind)) {
        let types: Vec<_> = demand.types.iter().map(|kind| kind.as_str()).collect();
        let types = types.join(" or ");
        let help = format!("save it as {types}: {slot} takes no other type");
        return Some(file.error("media-type", format!("`{path}` is {what}, and {slot} takes {types}"), help));
    }
    let promised = FileType::promised_by(path.as_str());
    let is_kept = match (promised, kind) {
        (Some(promised), kind) => kind == Some(promised),
        // The end of the name says nothing that anybody knows.
        (None, kind) => kind.is_none(),
    };
    if is_kept {
        return None;
    }
    let help = match kind.and_then(|kind| kind.extensions().first()) {
        Some(extension) if promised.is_some() => {
            format!("let its name end in `.{extension}`, or save it as what its name says")
        }
        Some(extension) => format!("let its name end in `.{extension}`"),
        None => "save it as what its name says".to_owned(),
    };
    let name = if promised.is_some() { "its name says otherwise" } else { "its name does not end so" };
    Some(file.error("media-type", format!("`{path}` is {what}, and {name}"), help))
}

fn wrong_size(file: &MediaFile, demand: &FileDemand, slot: &str) -> Option<Diagnostic> {
    let path = &file.path;
    let (width, height) = match file.found {
        Found::Image { width, height, .. } => (width, height),
        Found::Damaged(kind) => {
            let message = format!("`{path}` begins as a {kind} file, and no size can be read from it");
            return Some(file.error("media-type", message, "it is damaged or cut off; save it again"));
        }
        Found::Empty | Found::LfsPointer | Found::File(_) => return None,
    };
    if demand.pixels.is_empty() || demand.pixels.iter().any(|size| size.takes(width, height)) {
        return None;
    }
    let sizes: Vec<_> = demand.pixels.iter().map(ToString::to_string).collect();
    let message = format!("`{path}` has {width}x{height} pixels, and {slot} takes {}", sizes.join(" or "));
    let help = "save it in that size; if the service takes this one all the same, write the address alone, which is not \
                checked";
    Some(file.error("media-size", message, help))
}
