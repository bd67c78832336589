//! Where the decoded bytes of leaves stand on the wire, as long as they are not decided.

use crate::{LeafId, LeafKind};
use core::ops::Range;
use decode::Span;
use llm::Join;
use std::collections::VecDeque;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Every byte stands for itself.
    Literal,
    /// The wire bytes stand for the decoded ones as a whole: an escape.
    Escape,
    /// More wire bytes of the escape before.
    EscapeRest,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    leaf: LeafId,
    form: Form,
    /// Decoded offset in the leaf, and decoded length.
    from: u64,
    decoded: u64,
    at: u64,
    len: u64,
}

/// The map of one direction.
#[derive(Debug)]
pub(crate) struct WireMap {
    pieces: VecDeque<Piece>,
    /// The newest leaf.
    leaf: LeafId,
    kind: LeafKind,
    join: Option<Join>,
    /// Decoded bytes of the newest leaf.
    decoded: u64,
}

impl WireMap {
    pub(super) const fn new() -> Self {
        Self { pieces: VecDeque::new(), leaf: LeafId(0), kind: LeafKind::Text, join: None, decoded: 0 }
    }

    pub(super) fn reset(&mut self) {
        self.pieces.clear();
        self.leaf = LeafId(0);
        self.decoded = 0;
    }

    /// What the open leaf's text is from here on.
    pub(crate) const fn set_kind(&mut self, kind: LeafKind) {
        self.kind = kind;
    }

    /// Begins another leaf.
    pub(crate) const fn begin(&mut self, kind: LeafKind, join: Option<Join>) {
        self.leaf = LeafId(self.leaf.0 + 1);
        self.kind = kind;
        self.join = join;
        self.decoded = 0;
    }

    /// The newest leaf.
    pub(crate) const fn leaf(&self) -> LeafId {
        self.leaf
    }

    /// Decoded bytes of the newest leaf so far.
    pub(crate) const fn decoded(&self) -> u64 {
        self.decoded
    }

    /// What the newest leaf is.
    pub(crate) const fn open(&self) -> (LeafKind, Option<Join>) {
        (self.kind, self.join)
    }

    /// Decoded bytes of the newest leaf that stand on the wire as they are.
    pub(crate) fn literal(&mut self, at: u64, len: usize) -> LeafId {
        let leaf = self.leaf;
        let len = len as u64;
        let from = self.decoded;
        self.decoded += len;
        if let Some(last) = self.pieces.back_mut()
            && last.leaf == leaf
            && last.form == Form::Literal
            && last.at + last.len == at
        {
            last.len += len;
            last.decoded += len;
            return leaf;
        }
        self.pieces.push_back(Piece { leaf, form: Form::Literal, from, decoded: len, at, len });
        leaf
    }

    /// Decoded bytes of the newest leaf that stand on the wire as something else.
    pub(crate) fn escape(&mut self, decoded: usize, spans: impl Iterator<Item = Span>) -> LeafId {
        let leaf = self.leaf;
        let from = self.decoded;
        self.decoded += decoded as u64;
        for (position, span) in spans.enumerate() {
            let (form, from, decoded) =
                if position == 0 { (Form::Escape, from, decoded as u64) } else { (Form::EscapeRest, self.decoded, 0) };
            self.pieces.push_back(Piece { leaf, form, from, decoded, at: span.at, len: span.len });
        }
        leaf
    }

    /// Forgets what is decided; returns the wire offset of the first byte that is not.
    pub(super) fn settle(&mut self, leaf: LeafId, up_to: u64) -> Option<u64> {
        while let Some(piece) = self.pieces.front() {
            let is_decided = piece.leaf < leaf || piece.leaf == leaf && piece.from + piece.decoded <= up_to;
            if !is_decided {
                break;
            }
            self.pieces.pop_front();
        }
        let piece = self.pieces.front()?;
        let is_partly = piece.leaf == leaf && piece.form == Form::Literal && piece.from < up_to;
        Some(if is_partly { piece.at + (up_to - piece.from) } else { piece.at })
    }

    /// The wire ranges of decoded bytes of a leaf; an escape is covered whole.
    pub(super) fn ranges(&self, leaf: LeafId, range: Range<u64>) -> impl Iterator<Item = Range<u64>> + '_ {
        let mut covers_rest = false;
        // Pieces stand in the order of what they decode to; there may be as many as findings.
        let first =
            self.pieces.partition_point(|piece| (piece.leaf, piece.from + piece.decoded) <= (leaf, range.start));
        let end = range.end;
        let is_near = move |piece: &&Piece| piece.leaf == leaf && (piece.from < end || piece.form == Form::EscapeRest);
        self.pieces.range(first..).take_while(is_near).filter_map(move |piece| {
            let start = range.start.max(piece.from);
            let end = range.end.min(piece.from + piece.decoded);
            match piece.form {
                Form::EscapeRest if covers_rest => return Some(piece.at..piece.at + piece.len),
                Form::EscapeRest => return None,
                Form::Literal | Form::Escape => covers_rest = piece.form == Form::Escape && start < end,
            }
            match piece.form {
                _ if start >= end => None,
                Form::Literal => Some(piece.at + (start - piece.from)..piece.at + (end - piece.from)),
                Form::Escape | Form::EscapeRest => Some(piece.at..piece.at + piece.len),
            }
        })
    }
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "lists of ranges are compared, some have one")]
mod tests {
    use super::*;

    #[test]
    fn an_escape_in_two_pieces_is_covered_and_settled_whole() {
        let mut map = WireMap::new();
        map.begin(LeafKind::Text, None);
        let leaf = map.literal(100, 4);
        map.escape(1, [Span { at: 104, len: 3 }, Span { at: 112, len: 3 }].into_iter());
        map.literal(115, 6);
        let ranges: Vec<_> = map.ranges(leaf, 2..7).collect();
        assert_eq!(ranges, [102..104, 104..107, 112..115, 115..117]);
        assert!(map.ranges(leaf, 0..4).eq([100..104].into_iter()));
        assert_eq!(map.settle(leaf, 3), Some(103));
        assert_eq!(map.settle(leaf, 4), Some(104));
        assert_eq!(map.settle(leaf, 5), Some(115));
        assert_eq!(map.settle(leaf, 7), Some(117));
        assert_eq!(map.settle(LeafId(leaf.0 + 1), 0), None);
    }

    #[test]
    fn a_segment_border_does_not_cut_a_literal() {
        let mut map = WireMap::new();
        map.begin(LeafKind::Text, None);
        map.literal(10, 5);
        let leaf = map.literal(15, 5);
        assert!(map.ranges(leaf, 3..8).eq([13..18].into_iter()));
    }
}
