//! Two documents, read as a listing: the fields that the catalogue calls parts of it, side by side.

use serde_json::Value;

use super::files::files;
use super::parts::{items, text};
use super::{Content, ListedItem, ListedOfferPlan, ListedPart, Listing, Presence};
use crate::diff::{Context, between, fit_for_record, is_unset};
use crate::offer::{Catalogue, Document, FieldPath, ListRule, ListingPart, Rules, Slot, element_name};
use crate::plan::Change;

/// The listing that leads from what a slot holds to a document.
pub(super) fn read(
    context: &Context<'_>,
    before: Option<(Slot, &Document)>,
    after: &Value,
    changes: &[Change],
    to: Slot,
) -> Listing {
    let catalogue = context.catalogue;
    let written = changes.iter().map(|change| &change.difference).filter(|difference| difference.is_written());
    let mut touched: Vec<FieldPath> = written.map(|difference| difference.path.clone()).collect();
    if let Some((_, before)) = before {
        touched.extend(between(catalogue, context.media, before.as_value(), after).into_iter().map(|found| found.path));
    }
    let fit = |document: &Value| fit_for_record(catalogue, document);
    let (from, before) = before.map(|(slot, document)| (slot, fit(document.as_value()))).unzip();
    let reader = Reader { touched: &touched, creates: before.is_none() };
    let mut listing = reader.listing(catalogue, before.as_ref(), &fit(after), from, to);
    listing.files = files(context, &listing, after, changes);
    listing
}

struct Reader<'read> {
    /// Where the two documents do not mean the same.
    touched: &'read [FieldPath],
    /// Whether there is nothing before.
    creates: bool,
}

impl Reader<'_> {
    fn listing(
        &self,
        catalogue: &Catalogue,
        before: Option<&Value>,
        after: &Value,
        from: Option<Slot>,
        to: Slot,
    ) -> Listing {
        let definition = FieldPath::root().child("definition");
        let of = |name: &str, document: Option<&Value>| document?.get("definition")?.get(name).cloned();
        let offer = definition.child("offer");
        let sides = [of("offer", before), of("offer", Some(after))];
        let parts = self.parts(catalogue.rules_at(&offer), &offer, sides.each_ref().map(Option::as_ref));
        let plans = definition.child("plans");
        let rules = catalogue.rules_at(&plans);
        let sides = [of("plans", before), of("plans", Some(after))];
        let offer_plans = paired(rules, sides.each_ref().map(Option::as_ref)).into_iter().map(|(id, sides)| {
            let presence = match sides {
                [None, _] => Presence::Added,
                [_, None] => Presence::Removed,
                _ => Presence::Kept,
            };
            let parts = self.parts(rules.child(&id), &plans.child(id.as_str()), sides);
            ListedOfferPlan { id, presence, parts }
        });
        Listing { from, to, parts, offer_plans: offer_plans.collect(), files: Vec::new() }
    }

    /// All parts below a place, in the order of the catalogue.
    fn parts(&self, rules: Rules<'_>, path: &FieldPath, sides: [Option<&Value>; 2]) -> Vec<ListedPart> {
        let mut found = Vec::new();
        self.visit(rules, &mut path.clone(), sides, &mut found);
        found.sort_by_key(|(place, _)| *place);
        found.into_iter().map(|(_, part)| part).collect()
    }

    fn visit(
        &self,
        rules: Rules<'_>,
        path: &mut FieldPath,
        sides: [Option<&Value>; 2],
        found: &mut Vec<(usize, ListedPart)>,
    ) {
        let sides = sides.map(|side| side.filter(|value| !is_unset(value)));
        if sides == [None, None] {
            return;
        }
        if let Some(listed) = rules.field().listed
            && let Some(content) = self.content(listed.part, rules, path, sides)
        {
            found.push((listed.place, ListedPart { path: path.clone(), part: listed.part, content }));
        }
        for (name, sides) in paired(rules, sides) {
            path.push(name.as_str());
            self.visit(rules.child(&name), path, sides, found);
            path.pop();
        }
    }

    fn content(
        &self,
        part: ListingPart,
        rules: Rules<'_>,
        path: &FieldPath,
        sides: [Option<&Value>; 2],
    ) -> Option<Content> {
        if let Some([before, after]) = texts(part, sides) {
            let [before, after] = if self.means_the_same(path) {
                let same = after.or(before);
                [same.clone(), same]
            } else {
                [before, after]
            };
            return (before.is_some() || after.is_some()).then_some(Content::Text { before, after });
        }
        let [before, after] = sides.map(|side| side.map_or_else(Vec::new, |value| items(part, rules, value)));
        let before = if self.means_the_same(path) { after.clone() } else { before };
        let mut listed: Vec<ListedItem> = Vec::new();
        for (name, detail) in after {
            let was = before.iter().find(|(other, _)| *other == name).map(|(_, detail)| detail.clone());
            let same = was.is_some() && self.means_the_same(&path.child(name.as_str())) && is_named(part);
            listed.push(ListedItem {
                before: if same { Some(detail.clone()) } else { was },
                after: Some(detail),
                name,
            });
        }
        for (name, detail) in before {
            if !listed.iter().any(|item| item.name == name) {
                listed.push(ListedItem { name, before: Some(detail), after: None });
            }
        }
        (!listed.is_empty()).then_some(Content::Items(listed))
    }

    /// Whether what stands at the place means the same on both sides, however it is spelt.
    fn means_the_same(&self, path: &FieldPath) -> bool {
        !self.creates && !self.touched.iter().any(|touched| touched.is_within(path) || path.is_within(touched))
    }
}

/// Whether the items of a part stand under their names in the document.
fn is_named(part: ListingPart) -> bool {
    matches!(part, ListingPart::Links | ListingPart::Audience | ListingPart::Versions)
}

/// Both sides of a part that is one text; `None` for a part that has several items.
fn texts(part: ListingPart, sides: [Option<&Value>; 2]) -> Option<[Option<String>; 2]> {
    match part {
        ListingPart::Title
        | ListingPart::Summary
        | ListingPart::LongSummary
        | ListingPart::Markup
        | ListingPart::Logo
        | ListingPart::Link
        | ListingPart::Fact => Some(sides.map(|side| side.and_then(text))),
        ListingPart::Pictures
        | ListingPart::Categories
        | ListingPart::Links
        | ListingPart::Members
        | ListingPart::Audience
        | ListingPart::Prices
        | ListingPart::Versions => None,
    }
}

type Pair<'value> = (String, [Option<&'value Value>; 2]);

/// What stands below a place on both sides, by name: first what the later side has, then what only the earlier one does.
fn paired<'value>(rules: Rules<'_>, [before, after]: [Option<&'value Value>; 2]) -> Vec<Pair<'value>> {
    let children = |side: Option<&'value Value>| side.map_or_else(Vec::new, |value| children(rules, value));
    let (before, after) = (children(before), children(after));
    let value = |list: &[(String, &'value Value)], name: &str| {
        list.iter().find(|(other, _)| other == name).map(|(_, value)| *value)
    };
    let both = after.iter().map(|(name, other)| (name.clone(), [value(&before, name), Some(*other)]));
    let gone = before.iter().filter(|(name, _)| value(&after, name).is_none());
    both.chain(gone.map(|(name, other)| (name.clone(), [Some(*other), None]))).collect()
}

/// The named parts of a value. What the service copies to a second key counts once, under the first.
fn children<'value>(rules: Rules<'_>, value: &'value Value) -> Vec<(String, &'value Value)> {
    match (value, &rules.field().list) {
        (Value::Object(map), _) => map
            .iter()
            .filter_map(|(key, value)| match rules.mirrored_from(key) {
                Some(original) if map.contains_key(&original) => None,
                Some(original) => Some((original, value)),
                None => Some((key.clone(), value)),
            })
            .collect(),
        (Value::Array(items), ListRule::Keyed(key)) => {
            items.iter().filter_map(|item| Some((element_name(item, key)?, item))).collect()
        }
        _ => Vec::new(),
    }
}
