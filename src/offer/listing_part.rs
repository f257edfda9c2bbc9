//! What customers see of an offer: which field is which part of its listing, as the catalogue says.

use serde::{Deserialize, Serialize};

/// A part of the listing of an offer, or of an offer plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ListingPart {
    /// The name that customers read first.
    Title,
    /// One sentence below the title.
    Summary,
    /// A paragraph.
    LongSummary,
    /// Text with markup: a description, terms of use.
    Markup,
    /// The address of a logo.
    Logo,
    /// The addresses of screenshots, in their order.
    Pictures,
    /// Categories, and the subcategories of each.
    Categories,
    /// Links, each with a title.
    Links,
    /// One link.
    Link,
    /// Names whose order means nothing: regions, clouds, subscriptions that see the preview.
    Members,
    /// The customers who alone may buy.
    Audience,
    /// Prices, by region and number of cores.
    Prices,
    /// Versions of an image or a package.
    Versions,
    /// One value that belongs to the conditions: a currency, the length of a free trial.
    Fact,
}

/// That a field is a part of the listing, and where it stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Which part.
    pub part: ListingPart,
    /// Its place among the parts, as the catalogue lists them.
    pub place: usize,
}
