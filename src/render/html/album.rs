//! The pictures that a page shows: files of the repository that are at hand, as far as a page has room for them.
//!
//! What only the service serves is never among them, because a page asks nobody for anything.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, html};

use super::Scale;
use crate::manifest::{NoPicture, Picture};
use crate::offer::FileDigest;
use crate::plan::{FileState, ListedFile, Plan};
use crate::render::plan_text::says_something;

/// How many bytes of pictures a page holds. Written as text they are a third more, and mail servers take some 20 MB.
const ROOM: usize = 8 << 20;
/// How often a page shows a picture of one offer: at first sight, on both sides, and in a row of its own.
const SHOWN: usize = 3;
/// Why a file that is at hand is not shown: customers may see another one, before the steps and after.
const UNKNOWN: &str = "nobody knows whether the service has this file, and no step sends it";

/// The pictures of a page, by what their files hold; in the place of one that is not shown, why.
#[derive(Debug, Default)]
pub struct Album(HashMap<FileDigest, Result<Embedded, String>>);

/// A picture as it is written into a page.
#[derive(Debug)]
struct Embedded {
    data: String,
    width: usize,
    height: usize,
}

impl Album {
    /// The pictures of a plan; `read` looks into a file, which must hold what the digest says.
    pub fn of(plan: &Plan, read: impl Fn(&str, &FileDigest) -> Result<Picture, NoPicture>) -> Self {
        let told: Vec<_> = plan.offers.iter().filter(|offer| says_something(offer)).collect();
        if Scale::of(told.len()) == Scale::Many {
            return Self::default();
        }
        let listed = told.iter().filter_map(|offer| offer.listing.as_ref()).flat_map(|listing| listing.open().files);
        let files: Vec<_> = listed.filter(|file| file.state != FileState::Unknown).collect();
        let mut used: HashMap<&FileDigest, usize> = HashMap::new();
        for file in &files {
            *used.entry(&file.digest).or_default() += 1;
        }
        let (mut album, mut room) = (HashMap::new(), ROOM);
        for ListedFile { file, digest, .. } in &files {
            if !album.contains_key(digest) {
                album.insert(digest.clone(), embedded(read(file, digest), used[digest] * SHOWN, &mut room));
            }
        }
        Self(album)
    }

    /// The picture of a file, or why there is none.
    pub(super) fn picture(&self, file: &ListedFile, alternative: &str) -> Result<Markup, Option<&str>> {
        match self.0.get(&file.digest) {
            _ if file.state == FileState::Unknown => Err(Some(UNKNOWN)),
            Some(Ok(Embedded { data, width, height })) => {
                Ok(html! { img src=(data) width=(width) height=(height) alt=(alternative); })
            }
            Some(Err(reason)) => Err(Some(reason)),
            None => Err(None),
        }
    }
}

fn embedded(picture: Result<Picture, NoPicture>, times: usize, room: &mut usize) -> Result<Embedded, String> {
    let Picture { kind, width, height, bytes } = picture.map_err(|error| error.to_string())?;
    let media_type = Picture::media_type(kind).ok_or_else(|| NoPicture::OtherType.to_string())?;
    *room = room
        .checked_sub(bytes.len() * times)
        .ok_or_else(|| format!("{kind}, {width}x{height} pixels: the page has no room for more pictures"))?;
    Ok(Embedded { data: format!("data:{media_type};base64,{}", STANDARD.encode(bytes)), width, height })
}

#[cfg(test)]
mod tests {
    use super::super::tests::reports::blocked;
    use super::*;
    use crate::offer::{FieldPath, FileType};

    fn plan(digests: &[&[u8]]) -> Plan {
        let offers = digests.iter().enumerate().map(|(number, digest)| {
            let mut offer = blocked(&format!("contoso/vm{number}"), "x");
            let file = ListedFile {
                field: FieldPath::parse("/definition/offer/x.smallLogo").unwrap(),
                address: "https://a.b/x".to_owned(),
                file: "logo.png".to_owned(),
                digest: FileDigest::of(digest),
                state: FileState::New,
            };
            offer.listing.as_mut().unwrap().edit(|listing| listing.files = vec![file]);
            offer
        });
        Plan { offers: offers.collect(), ..Plan::default() }
    }

    fn picture(length: usize) -> Picture {
        Picture { kind: FileType::Png, width: 48, height: 48, bytes: vec![0; length] }
    }

    #[test]
    fn a_page_holds_as_many_pictures_as_it_has_room_for() {
        let shown = |digests: &[&[u8]], length: usize| {
            let plan = plan(digests);
            let album = Album::of(&plan, |_, _| Ok(picture(length)));
            let files = plan.offers.iter().flat_map(|offer| offer.listing.as_ref().unwrap().open().files);
            files.map(|file| album.picture(&file, "").is_ok()).collect::<Vec<_>>()
        };
        assert_eq!(shown(&[b"a", b"b"], ROOM / SHOWN), [true, false]);
        assert_eq!(shown(&[b"a", b"b"], ROOM / SHOWN / 2), [true, true]);
        assert_eq!(shown(&[b"a", b"a", b"a"], ROOM / SHOWN / 2), [false, false, false], "it would stand there thrice");
        assert_eq!(shown(&[b"a".as_slice(); 51], 1), [false; 51], "pictures of many offers are boxes");
    }

    #[test]
    fn what_is_no_picture_says_why() {
        let plan = plan(&[b"a"]);
        let album = Album::of(&plan, |_, _| Err(NoPicture::NotHere));
        let file = &plan.offers[0].listing.as_ref().unwrap().open().files[0];
        let reason = album.picture(file, "").err().flatten();
        assert_eq!(reason, Some("the file is not here, or holds something else by now"));
        assert!(Album::default().picture(file, "").is_err_and(|reason| reason.is_none()));
    }
}
