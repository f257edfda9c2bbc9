//! What the service demands of the file that a field names: its type and, of images, its size in pixels.
//!
//! Data of the catalogue; which file a manifest names is the manifest's.

use std::fmt;

use serde::Deserialize;

/// What a file must be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileDemand {
    /// The types that are taken; none is said where any is.
    #[serde(default)]
    pub types: Vec<FileType>,
    /// The sizes that are taken; none is said where any is.
    #[serde(default)]
    pub pixels: Vec<PixelSize>,
}

/// What a file's first bytes say that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileType {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
    /// GIF.
    Gif,
    /// A bitmap of Windows.
    Bmp,
    /// An icon of Windows.
    Ico,
    /// TIFF.
    Tiff,
    /// `WebP`.
    Webp,
    /// Portable Document Format.
    Pdf,
    /// A zip archive, as packages and newer spreadsheets are.
    Zip,
}

impl FileType {
    const ALL: [Self; 9] =
        [Self::Png, Self::Jpeg, Self::Gif, Self::Bmp, Self::Ico, Self::Tiff, Self::Webp, Self::Pdf, Self::Zip];

    /// The name for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Ico => "ICO",
            Self::Tiff => "TIFF",
            Self::Webp => "WebP",
            Self::Pdf => "PDF",
            Self::Zip => "zip",
        }
    }

    /// How names of such files end, the usual one first, without the dot.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Gif => &["gif"],
            Self::Bmp => &["bmp"],
            Self::Ico => &["ico"],
            Self::Tiff => &["tif", "tiff"],
            Self::Webp => &["webp"],
            Self::Pdf => &["pdf"],
            Self::Zip => &["zip", "xlsx"],
        }
    }

    /// The type that the end of a file's name promises.
    pub fn promised_by(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        let is_of = |kind: &Self| kind.extensions().iter().any(|known| known.eq_ignore_ascii_case(extension));
        Self::ALL.into_iter().find(is_of)
    }
}

impl fmt::Display for FileType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A size that an image may have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PixelSize {
    /// The width, or the smallest one.
    pub width: u32,
    /// The height, or the smallest one.
    pub height: u32,
    /// The largest width, of an image with the same proportions.
    #[serde(default)]
    pub up_to_width: Option<u32>,
    /// Which portal's pages say so.
    pub source: String,
}

impl PixelSize {
    /// Whether an image of this width and height is right.
    pub fn takes(&self, width: usize, height: usize) -> bool {
        let [least, largest] = [self.width, self.up_to_width.unwrap_or(self.width)].map(u64::from);
        let (width, height) = (width as u64, height as u64);
        (least..=largest).contains(&width) && width * u64::from(self.height) == height * least
    }
}

impl fmt::Display for PixelSize {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { width, height, up_to_width, source } = self;
        write!(formatter, "{width}x{height}")?;
        if let Some(largest) = up_to_width {
            write!(formatter, " to {largest}x{}", u64::from(*largest) * u64::from(*height) / u64::from(*width).max(1))?;
        }
        write!(formatter, " ({source})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_one_or_grows_in_its_proportions() {
        let size = |up_to_width| PixelSize { width: 216, height: 216, up_to_width, source: "a page".to_owned() };
        assert!(size(None).takes(216, 216) && !size(None).takes(217, 217));
        let growing = size(Some(350));
        assert!(growing.takes(216, 216) && growing.takes(350, 350));
        assert!(!growing.takes(215, 215) && !growing.takes(351, 351) && !growing.takes(300, 216));
        assert_eq!(growing.to_string(), "216x216 to 350x350 (a page)");
    }

    #[test]
    fn a_name_promises_a_type_whatever_its_case() {
        assert_eq!(FileType::promised_by("assets/Logo.JPEG"), Some(FileType::Jpeg));
        assert_eq!(FileType::promised_by("assets/prices.csv"), None);
        assert_eq!(FileType::promised_by("png"), None);
    }
}
