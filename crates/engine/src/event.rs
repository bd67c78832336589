//! What goes into an exchange and what comes out of it.

use crate::Head;
use core::ops::Range;
use detect::EntityType;
use llm::{Join, UsageField};
use net::Timestamp;
use policy::{Masking, Reason};

/// One body or message of an exchange, in the order in which they begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(pub u32);

/// One string, number, key or field, in the order in which they begin; never used twice in one
/// direction of an exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafId(pub u64);

/// A question that was asked elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket(pub u64);

/// What a leaf is: decides whether a finding in it can be masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeafKind {
    /// A string value, or running text.
    Text,
    /// Bytes of a file among text: masking would break it.
    Binary,
    /// An object key, or the name of a field.
    Key,
    /// A number: masking would change what it is.
    Number,
    /// The value of a field that only carries text.
    Field,
    /// The request target, or a field that frames or routes the message.
    Fixed,
    /// A place where a credential belongs.
    Credential,
    /// A value that its sender draws anew each time, of a form that holds nothing else.
    Nonce,
}

impl LeafKind {
    /// True if bytes of the leaf may be overwritten.
    #[must_use]
    pub const fn is_editable(self) -> bool {
        matches!(self, Self::Text | Self::Field | Self::Credential)
    }
}

/// A leaf of [`Event::Leaves`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WholeLeaf {
    /// What it is.
    pub kind: LeafKind,
    /// Where it begins in the text.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// Text that stands within a leaf, and is joined to other such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inlaid<'a> {
    /// The joined reading.
    pub join: Join,
    /// Where it stands among the leaf's decoded bytes, all of which came before.
    pub start: u64,
    /// How many of them it takes: as many as it has itself, unless it is an escape.
    pub len: u64,
    /// The text.
    pub text: &'a [u8],
    /// It is the first of a part.
    pub begins: bool,
}

/// What happens in one direction of an exchange.
#[derive(Debug)]
pub enum Event<'a> {
    /// The head is complete; its fields came before as leaves.
    Head(&'a Head<'a>),
    /// A body or message begins.
    UnitStart(UnitId),
    /// More of a leaf.
    Leaf {
        /// Which leaf.
        id: LeafId,
        /// What it is.
        kind: LeafKind,
        /// The joined reading to which it belongs besides its own.
        join: Option<Join>,
        /// Decoded bytes.
        text: &'a [u8],
        /// They are known to be UTF-8 without a backslash.
        is_plain: bool,
        /// The leaf ends with them.
        last: bool,
    },
    /// Whole leaves that stand in one text, in their order. Between two of them stands at least one
    /// byte that belongs to neither.
    Leaves {
        /// The first one; the others follow it.
        first: LeafId,
        /// What they stand in.
        text: &'a [u8],
        /// Where, and what they are.
        leaves: &'a [WholeLeaf],
        /// The text is known to be UTF-8 without a backslash.
        is_plain: bool,
    },
    /// A character that a number stands for: a leaf of its own that belongs to a joined reading alone.
    Character {
        /// Which leaf.
        id: LeafId,
        /// The joined reading.
        join: Join,
        /// The character.
        text: &'a [u8],
    },
    /// Text within the open leaf that belongs to a joined reading besides.
    Inlaid {
        /// Which leaf.
        id: LeafId,
        /// What it is.
        kind: LeafKind,
        /// The text and its place.
        inlaid: Inlaid<'a>,
    },
    /// Text that stands beside the leaves and may come in the middle of one, complete.
    Aside(&'a [u8]),
    /// Nothing more will be joined to this reading: what hangs on it is decided.
    JoinEnd(Join),
    /// The model that is asked, as the request names it.
    Model {
        /// Where it was read.
        leaf: LeafId,
        /// Its name.
        name: &'a str,
    },
    /// The body has the shape of a model call.
    ModelCall,
    /// A prompt has numbers of tokens in the place of text.
    TokenIds,
    /// Whether the answer is to be streamed.
    Stream(bool),
    /// A token count of the answer, if it is one.
    Usage(UsageField, Option<u64>),
    /// A body or message ends.
    UnitEnd(UnitId),
    /// This direction of the exchange is complete.
    End,
}

/// What stands in the place of bytes that do not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mask {
    /// A finding is covered.
    Finding {
        /// What stands there.
        cover: Cover,
        /// Offset within the mask of the first byte it is applied to.
        offset: u64,
        /// Length of the whole mask.
        total: u64,
    },
    /// Nothing: white space.
    Blank,
}

/// What covers a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cover {
    pub(crate) masking: Masking,
    /// The type of what was found, if it has a name.
    pub(crate) entity: Option<EntityType>,
}

impl Cover {
    pub(crate) const STARS: Self = Self { masking: Masking::Mask, entity: None };

    /// What is written if there is room for it, in parts; nothing if it is stars anyway.
    pub(crate) const fn label(self) -> [&'static [u8]; 3] {
        match (self.masking, self.entity) {
            (Masking::Mask, _) => [b"", b"", b""],
            (Masking::Type, Some(entity)) => [b"[REDACTED:", entity.name().as_bytes(), b"]"],
            (Masking::Label, _) | (Masking::Type, None) => [b"[REDACTED]", b"", b""],
        }
    }

    /// The longest one that fits into so many bytes: part of a label says less than stars.
    fn fitting(self, total: u64) -> [&'static [u8]; 3] {
        let untyped = Self { masking: self.masking.max(Masking::Label), ..self };
        let fits = |label: &[&[u8]; 3]| label.iter().map(|part| part.len() as u64).sum::<u64>() <= total;
        [self, untyped].map(Self::label).into_iter().find(fits).unwrap_or_default()
    }
}

impl Mask {
    /// The byte that stands `at` bytes behind the first one it is applied to.
    #[must_use]
    pub fn byte(&self, at: u64) -> u8 {
        let Self::Finding { cover, offset, total } = *self else { return b' ' };
        let place = usize::try_from(offset.saturating_add(at)).unwrap_or(usize::MAX);
        cover.fitting(total).into_iter().flatten().nth(place).copied().unwrap_or(b'*')
    }
}

/// What the host has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing before this place can still become a finding: all earlier leaves, and this one up to
    /// this decoded offset.
    Settled {
        /// The first leaf that is not decided to its end.
        leaf: LeafId,
        /// Decided decoded bytes of it.
        up_to: u64,
    },
    /// Cover these decoded bytes of a leaf; always before the `Settled` that passes them.
    Replace {
        /// Which leaf.
        leaf: LeafId,
        /// Decoded bytes.
        range: Range<u64>,
        /// How.
        cover: Cover,
    },
    /// The unit's end may pass.
    Release(UnitId),
    /// Nothing more may pass.
    Block(Reason),
    /// The unit waits for an answer from elsewhere; silence until the deadline is a block.
    Park {
        /// Which question.
        ticket: Ticket,
        /// Until when.
        deadline: Timestamp,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(masking: Masking, total: u64) -> String {
        let cover = Cover { masking, entity: Some(EntityType::CreditCard) };
        let mask = Mask::Finding { cover, offset: 0, total };
        (0..total).map(|at| char::from(mask.byte(at))).collect()
    }

    #[test]
    fn a_label_is_padded_and_below_its_length_there_are_stars() {
        assert_eq!(text(Masking::Label, 11), "[REDACTED]*");
        assert_eq!(text(Masking::Label, 10), "[REDACTED]");
        assert_eq!(text(Masking::Label, 9), "*********");
        assert_eq!(text(Masking::Type, 9), "*********");
        assert_eq!(text(Masking::Type, 12), "[REDACTED]**");
        assert_eq!(text(Masking::Type, 24), "[REDACTED:CREDIT_CARD]**");
        assert_eq!(text(Masking::Mask, 24), "************************");
    }

    #[test]
    fn a_mask_in_two_pieces_reads_as_one() {
        let cover = Cover { masking: Masking::Label, entity: None };
        let second = Mask::Finding { cover, offset: 4, total: 12 };
        let rest: String = (0..8).map(|at| char::from(second.byte(at))).collect();
        assert_eq!(rest, "ACTED]**");
    }
}
