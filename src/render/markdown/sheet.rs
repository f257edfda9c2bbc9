//! A text that must fit into a room: its pieces are shown whole or not at all, what matters most first, and what is left
//! out is counted.
//!
//! A **frame** is what stands around pieces, such as a heading, a fold or the head of a table: it is shown when any of its
//! pieces is, so that whatever is left out, folds stay closed and tables whole.

use std::collections::BTreeMap;

use crate::render::comment::MarkdownLimit;

/// What a piece tells. The order is the order of importance: the first is the last to be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::render) enum Kind {
    Guard,
    Removal,
    Price,
    Unplanned,
    Passenger,
    Allowed,
    Offer,
    Fold,
    Change,
    Steps,
    Detail,
    Note,
}

impl Kind {
    /// Whether each place that lists these must show some of them, however many there are of what is more important.
    fn has_a_share(self) -> bool {
        self <= Self::Offer
    }

    /// The kind for people, one of it and several.
    pub(in crate::render) fn nouns(self) -> (&'static str, &'static str) {
        match self {
            Self::Guard => ("block by a guard", "blocks by guards"),
            Self::Price => ("price", "prices"),
            Self::Removal => ("removal", "removals"),
            Self::Unplanned => ("offer that could not be planned", "offers that could not be planned"),
            Self::Passenger => ("edit of others", "edits of others"),
            Self::Allowed => ("block that was allowed", "blocks that were allowed"),
            Self::Offer | Self::Fold => ("offer below", "offers below"),
            Self::Change => ("change", "changes"),
            Self::Steps => ("list of steps", "lists of steps"),
            Self::Detail => ("whole text or list of fields", "whole texts or lists of fields"),
            Self::Note => ("note", "notes"),
        }
    }
}

/// A part of the text.
#[derive(Debug)]
pub(in crate::render) enum Node {
    /// Shown whole or not at all.
    Piece(Kind, String),
    /// A piece of this kind before which there is enough to fill the place, none of it longer; it is only counted.
    Passed(Kind),
    /// Shown when any piece in it is.
    Frame(Frame),
}

/// What stands around other parts.
#[derive(Debug, Default)]
pub(in crate::render) struct Frame {
    pub(in crate::render) before: String,
    pub(in crate::render) nodes: Vec<Node>,
    /// Shown after the parts when some of them are left out.
    pub(in crate::render) cut: String,
    pub(in crate::render) after: String,
}

/// How much of each kind comes into question where only so much can be shown: a plan of thousands of offers has thousands of
/// times as much.
pub(in crate::render) struct Reach {
    room: usize,
    /// How many pieces of each length.
    taken: BTreeMap<Kind, BTreeMap<usize, usize>>,
}

impl Reach {
    /// As much of each kind as this place has room for.
    pub(in crate::render) fn of(limit: MarkdownLimit) -> Self {
        Self { room: limit.units(), taken: BTreeMap::new() }
    }

    /// The part, without the texts of pieces before which there is enough of their kind, none of it longer, to fill the whole
    /// place: one of those has no room, and what comes later and is no shorter has none either.
    pub(in crate::render) fn within(&mut self, node: Node) -> Node {
        match node {
            Node::Piece(kind, text) => {
                let (taken, length) = (self.taken.entry(kind).or_default(), measure(&text));
                let mut before = 0;
                let mut no_longer = taken.range(..=length);
                if no_longer.any(|(length, count)| {
                    before += length * count;
                    before > self.room
                }) {
                    return Node::Passed(kind);
                }
                *taken.entry(length).or_default() += 1;
                Node::Piece(kind, text)
            }
            Node::Passed(kind) => Node::Passed(kind),
            Node::Frame(frame) => {
                let nodes = frame.nodes.into_iter().map(|node| self.within(node)).collect();
                Node::Frame(Frame { nodes, ..frame })
            }
        }
    }
}

/// Each kind that has a share gets one of so many.
const SHARES: usize = 8;

/// What became of the pieces.
#[derive(Debug)]
pub(in crate::render) struct Fitted {
    pub(in crate::render) text: String,
    /// How many pieces of a kind there are, and how many of them are left out; only of kinds of which some are.
    pub(in crate::render) left_out: BTreeMap<Kind, LeftOut>,
}

/// How many are missing, of how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::render) struct LeftOut {
    pub(in crate::render) missing: usize,
    pub(in crate::render) all: usize,
}

/// How long a text is where its length is limited: in UTF-16 code units. Azure DevOps counts these; where code points are
/// counted (GitLab) there are no more of them, and GitHub, which says "characters", takes four bytes for each.
pub(in crate::render) fn measure(text: &str) -> usize {
    text.encode_utf16().count()
}

/// How many pieces of each kind there are.
pub(in crate::render) fn count(nodes: &[Node]) -> BTreeMap<Kind, LeftOut> {
    let outline = Outline::of(nodes);
    let mut counts: BTreeMap<Kind, LeftOut> = BTreeMap::new();
    for leaf in &outline.leaves {
        let count = counts.entry(leaf.kind).or_default();
        count.missing += 1;
        count.all += 1;
    }
    counts
}

/// As much of the parts as fits into the room.
pub(in crate::render) fn fit(nodes: &[Node], room: usize) -> Fitted {
    let outline = Outline::of(nodes);
    let mut order: Vec<usize> = (0..outline.leaves.len()).collect();
    order.sort_by_key(|index| outline.leaves[*index].kind);
    let mut chosen = Chosen { leaves: vec![false; outline.leaves.len()], frames: vec![false; outline.frames.len()] };
    let mut left = room;
    // A thousand prices must not leave out the one removal: first each kind gets its share, then the most important the rest.
    for kind in order.chunk_by(|one, other| outline.leaves[*one].kind == outline.leaves[*other].kind) {
        if outline.leaves[kind[0]].kind.has_a_share() {
            let share = left.min(room / SHARES);
            left -= share - chosen.take(&outline, kind, share);
        }
    }
    chosen.take(&outline, &order, left);
    let mut left_out = count(nodes);
    for (leaf, is_shown) in outline.leaves.iter().zip(&chosen.leaves) {
        if let Some(count) = left_out.get_mut(&leaf.kind).filter(|_| *is_shown) {
            count.missing -= 1;
        }
    }
    left_out.retain(|_, count| count.missing > 0);
    let mut writer = Writer { chosen: &chosen, leaf: 0, frame: 0, text: String::new() };
    writer.write(nodes);
    Fitted { text: writer.text, left_out }
}

/// A piece: how long it is, and the frames around it, from the outermost.
struct Leaf {
    kind: Kind,
    length: usize,
    frames: Vec<usize>,
}

/// The parts in the order of the text; frames are known by their number.
#[derive(Default)]
struct Outline {
    leaves: Vec<Leaf>,
    frames: Vec<usize>,
}

impl Outline {
    fn of(nodes: &[Node]) -> Self {
        let mut outline = Self::default();
        outline.walk(nodes, &mut Vec::new());
        outline
    }

    fn walk(&mut self, nodes: &[Node], around: &mut Vec<usize>) {
        for node in nodes {
            match node {
                Node::Piece(kind, text) => {
                    self.leaves.push(Leaf { kind: *kind, length: measure(text), frames: around.clone() });
                }
                Node::Passed(kind) => {
                    self.leaves.push(Leaf { kind: *kind, length: usize::MAX, frames: Vec::new() });
                }
                Node::Frame(Frame { before, nodes, cut, after }) => {
                    let (number, leaves) = (self.frames.len(), self.leaves.len());
                    around.push(number);
                    self.frames.push(measure(before) + measure(after));
                    self.walk(nodes, around);
                    around.pop();
                    // Room is kept for the words about what is left out, needed or not. One piece alone is never cut.
                    if self.leaves.len() > leaves + 1 {
                        self.frames[number] += measure(cut);
                    }
                }
            }
        }
    }
}

struct Chosen {
    leaves: Vec<bool>,
    frames: Vec<bool>,
}

impl Chosen {
    /// Chooses those pieces that fit, in their order, and that were not chosen yet; answers how much room is left.
    fn take(&mut self, outline: &Outline, pieces: &[usize], room: usize) -> usize {
        let mut left = room;
        for index in pieces.iter().copied() {
            let leaf = &outline.leaves[index];
            let to_open = leaf.frames.iter().filter(|frame| !self.frames[**frame]);
            let cost = leaf.length.saturating_add(to_open.map(|frame| outline.frames[*frame]).sum());
            if !self.leaves[index] && cost <= left {
                left -= cost;
                self.leaves[index] = true;
                leaf.frames.iter().for_each(|frame| self.frames[*frame] = true);
            }
        }
        left
    }
}

struct Writer<'chosen> {
    chosen: &'chosen Chosen,
    leaf: usize,
    frame: usize,
    text: String,
}

impl Writer<'_> {
    /// Writes what was chosen; answers whether that is everything.
    fn write(&mut self, nodes: &[Node]) -> bool {
        let mut is_whole = true;
        for node in nodes {
            match node {
                Node::Piece(_, text) => {
                    let is_shown = self.chosen.leaves[self.leaf];
                    self.leaf += 1;
                    self.text.push_str(if is_shown { text } else { "" });
                    is_whole &= is_shown;
                }
                Node::Passed(_) => {
                    self.leaf += 1;
                    is_whole = false;
                }
                Node::Frame(frame) => {
                    let is_shown = self.chosen.frames[self.frame];
                    self.frame += 1;
                    self.text.push_str(if is_shown { &frame.before } else { "" });
                    let is_frame_whole = self.write(&frame.nodes);
                    if is_shown {
                        self.text.push_str(if is_frame_whole { "" } else { &frame.cut });
                        self.text.push_str(&frame.after);
                    }
                    is_whole &= is_frame_whole;
                }
            }
        }
        is_whole
    }
}

/// What is left out of a report and how to see it: `command` makes the report, `nouns` are its words for each kind.
pub(in crate::render) fn notice(
    left_out: &BTreeMap<Kind, LeftOut>,
    nouns: fn(Kind) -> (&'static str, &'static str),
    limit: MarkdownLimit,
    command: &str,
) -> String {
    let told = left_out.iter().map(|(kind, LeftOut { missing, all })| {
        let (one, several) = nouns(*kind);
        format!("{missing} of {all} {}", if *all == 1 { one } else { several })
    });
    format!(
        "\n**Not everything fits into {} characters.** Left out: {}. `offerctl {command}` shows everything, `offerctl {command} \
         PUBLISHER/OFFER` one offer.\n",
        limit.units(),
        told.collect::<Vec<_>>().join(" · ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(kind: Kind, text: &str) -> Node {
        Node::Piece(kind, text.to_owned())
    }

    #[test]
    fn what_is_out_of_reach_is_forgotten_and_counted() {
        let limit = MarkdownLimit::LEAST;
        let frames = (0..20).map(|number| {
            // Where the long ones leave a gap, a short one fits, wherever it stands.
            let text = "x".repeat(if number == 17 { 7 } else { limit.units() / 4 });
            let nodes = vec![piece(Kind::Offer, "o"), piece(Kind::Detail, &text)];
            Node::Frame(Frame { before: "(".to_owned(), nodes, cut: "~".to_owned(), after: ")".to_owned() })
        });
        let frames: Vec<_> = frames.collect();
        let all = fit(&frames, limit.units());
        let mut reach = Reach::of(limit);
        let within: Vec<_> = frames.into_iter().map(|frame| reach.within(frame)).collect();
        let kept = |node: &&Node| matches!(node, Node::Frame(frame) if matches!(frame.nodes[1], Node::Piece(..)));
        assert_eq!(within.iter().filter(kept).count(), 6);
        let fitted = fit(&within, limit.units());
        assert!(fitted.text.contains("(oxxxxxxx)"), "{}", fitted.text);
        assert_eq!((fitted.text, fitted.left_out), (all.text, all.left_out));
    }

    fn frame(name: &str, nodes: Vec<Node>) -> Node {
        Node::Frame(Frame { before: format!("<{name}>"), nodes, cut: "…".to_owned(), after: format!("</{name}>") })
    }

    fn document() -> Vec<Node> {
        let inner = frame("b", vec![piece(Kind::Detail, "dddd"), piece(Kind::Change, "cc")]);
        vec![piece(Kind::Note, "n"), frame("a", vec![piece(Kind::Guard, "gg"), inner]), frame("e", vec![])]
    }

    #[test]
    fn the_least_important_is_left_out_first_and_frames_stay_closed() {
        let shown = |room| fit(&document(), room).text;
        assert_eq!(shown(99), "n<a>gg<b>ddddcc</b></a>");
        assert_eq!(shown(25), "n<a>gg<b>ddddcc</b></a>", "the words about what is missing are kept room for");
        assert_eq!(shown(24), "<a>gg<b>ddddcc</b></a>");
        assert_eq!(shown(23), "n<a>gg<b>cc…</b>…</a>");
        assert_eq!(shown(19), "n<a>gg…</a>");
        assert_eq!(shown(9), "n");
        assert_eq!(shown(0), "");
    }

    #[test]
    fn what_there_is_much_of_does_not_crowd_out_the_rest() {
        let many = |kind| (0..100).map(|_| piece(kind, "x")).collect();
        let document = [
            frame("p", many(Kind::Price)),
            frame("r", many(Kind::Removal)),
            frame("o", many(Kind::Offer)),
            frame("n", many(Kind::Note)),
        ];
        let fitted = fit(&document, 160);
        assert!(measure(&fitted.text) <= 160);
        let shown = |kind| fitted.left_out.get(&kind).map_or(100, |left_out| 100 - left_out.missing);
        let told = [Kind::Removal, Kind::Price, Kind::Offer, Kind::Note].map(shown);
        assert_eq!(told, [100, 24, 12, 0]);
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let left_out = fit(&document(), 19).left_out;
        let one = LeftOut { missing: 1, all: 1 };
        assert_eq!(left_out, BTreeMap::from([(Kind::Change, one), (Kind::Detail, one)]));
        assert!(fit(&document(), 25).left_out.is_empty());
    }

    #[test]
    fn length_is_counted_as_the_strictest_place_does() {
        assert_eq!([measure("abc"), measure("äöü"), measure("🌈")], [3, 3, 2]);
    }
}
