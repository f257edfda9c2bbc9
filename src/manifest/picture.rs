//! A picture of the repository, to be shown: only of a type that every browser draws from its bytes alone, and only as
//! large as a page can hold.

use super::media::image;
use super::source::{Repository, RepositoryPath, Unreadable};
use crate::offer::{FileDigest, FileType};

/// A picture, and what its bytes say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its type; one of [`Picture::media_type`].
    pub kind: FileType,
    /// Its width in pixels.
    pub width: usize,
    /// Its height in pixels.
    pub height: usize,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Why a file is not shown as a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoPicture {
    /// It is gone, may not be read, or is another one than was meant.
    #[error("the file is not here, or holds something else by now")]
    NotHere,
    /// It is no image, or none that browsers draw.
    #[error("the file is of no type that a page shows")]
    OtherType,
    /// It has too many bytes or pixels.
    #[error("the file is too large for a page")]
    TooLarge,
}

impl Picture {
    /// The most bytes of a picture that is shown. The largest that the service takes, a screenshot, has less as a rule.
    pub const MAX_BYTES: usize = 1 << 20;
    /// The most pixels of a picture that is shown, each way: few bytes may become a large image, which the browser holds.
    const MAX_PIXELS: usize = 4_096;

    /// The type as a browser knows it; `None` for what pages do not show.
    pub fn media_type(kind: FileType) -> Option<&'static str> {
        match kind {
            FileType::Png => Some("image/png"),
            FileType::Jpeg => Some("image/jpeg"),
            FileType::Gif => Some("image/gif"),
            FileType::Webp => Some("image/webp"),
            FileType::Bmp | FileType::Ico | FileType::Tiff | FileType::Pdf | FileType::Zip => None,
        }
    }

    fn in_bytes(bytes: Vec<u8>) -> Result<Self, NoPicture> {
        let (kind, width, height) = image(&bytes).ok_or(NoPicture::OtherType)?;
        Self::media_type(kind).ok_or(NoPicture::OtherType)?;
        if bytes.len() > Self::MAX_BYTES || width.max(height) > Self::MAX_PIXELS {
            return Err(NoPicture::TooLarge);
        }
        Ok(Self { kind, width, height, bytes })
    }
}

impl Repository {
    /// The picture in a file, if the file holds what it is expected to hold.
    pub fn picture(&self, file: &str, expected: &FileDigest) -> Result<Picture, NoPicture> {
        let path = RepositoryPath::new(file).map_err(|_| NoPicture::NotHere)?;
        let bytes = self.read_bytes(&path, super::source::MEDIA_LIMIT).map_err(|error| match error {
            Unreadable::TooLarge { .. } => NoPicture::TooLarge,
            _ => NoPicture::NotHere,
        })?;
        if FileDigest::of(&bytes) != *expected {
            return Err(NoPicture::NotHere);
        }
        Picture::in_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// The beginning of a PNG of this size, which is all that is looked at.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend([width.to_be_bytes(), height.to_be_bytes()].concat());
        bytes.extend([8, 6, 0, 0, 0]);
        bytes
    }

    #[test]
    fn only_the_very_file_is_shown_and_only_what_every_browser_draws() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::open(folder.path()).unwrap();
        let shown = |bytes: &[u8]| {
            fs::write(folder.path().join("logo"), bytes).unwrap();
            repository.picture("logo", &FileDigest::of(bytes)).map(|it| (it.kind, it.width, it.height))
        };
        assert_eq!(shown(&png(48, 49)), Ok((FileType::Png, 48, 49)));
        assert_eq!(shown(&png(4_097, 1)), Err(NoPicture::TooLarge));
        assert_eq!(shown(&[png(48, 48), vec![0; Picture::MAX_BYTES]].concat()), Err(NoPicture::TooLarge));
        assert_eq!(shown(&vec![0; 11 << 20]), Err(NoPicture::TooLarge));
        assert_eq!(shown(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), Err(NoPicture::OtherType));
        assert_eq!(
            shown(b"BM\x1a\0\0\0\0\0\0\0\x1a\0\0\0\x0c\0\0\0\x01\0\x01\0\x01\0\x18\0"),
            Err(NoPicture::OtherType)
        );
        fs::write(folder.path().join("logo"), png(48, 48)).unwrap();
        let other = FileDigest::of(&png(49, 49));
        for (file, digest) in [("logo", &other), ("gone", &other), ("../logo", &other), ("/etc/passwd", &other)] {
            assert_eq!(repository.picture(file, digest), Err(NoPicture::NotHere), "{file}");
        }
    }
}
