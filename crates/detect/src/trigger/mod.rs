//! Triggers: what every match of some detectors must contain, searched at memory speed.
//!
//! Each kind of trigger has a cursor of its own in the scanner. A kind walks its triggers from
//! left to right and stops at the first that is undecided, so that a later scan resumes exactly
//! there: the order of decisions is that of the stream, whatever the splits. Behind its last
//! trigger a kind names the *hold*: the first byte that could belong to a match whose trigger has
//! not arrived yet.

pub(crate) mod assign;
pub(crate) mod at;
pub(crate) mod colon;
pub(crate) mod command;
pub(crate) mod cue;
pub(crate) mod digit;
pub(crate) mod dsn;
pub(crate) mod lattice;
pub(crate) mod literal;
pub(crate) mod mixed;
pub(crate) mod phrase;
pub(crate) mod run;
pub(crate) mod tag;
pub(crate) mod token;
pub(crate) mod unmarked;
pub(crate) mod url;

use crate::detectors::Detector;
use crate::detectors::ids::armed::Winner;
use crate::detectors::secret::command::codes;
use crate::entity::{Confidence, DetectorId, Finding};
use crate::text::Class;
use crate::view::ViewId;
use crate::window::{BOUNDARY, Match, NUMBER_BOUNDARY, Rest};

/// A detector as a set holds it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Armed {
    pub(crate) detector: &'static Detector,
    /// The index of the detector's first rule.
    pub(crate) first_id: u16,
    /// False for one that only takes part to claim what is its own: a card number is no telephone
    /// number, whether or not cards are looked for.
    pub(crate) reports: bool,
}

impl Armed {
    pub(crate) fn report(&self, found: &Match, sink: &mut Sink<'_>) {
        if self.reports {
            sink.push(id(self.first_id, found.rule), found, false);
        }
    }
}

impl Winner {
    pub(crate) fn report(&self, sink: &mut Sink<'_>) {
        if self.reports {
            sink.push(self.detector, &self.found, false);
        }
    }
}

/// The index of a rule, given that of the detector's first one.
pub(crate) fn id(first: u16, rule: usize) -> DetectorId {
    DetectorId(first.saturating_add(u16::try_from(rule).unwrap_or(u16::MAX)))
}

/// Where matches go.
#[derive(Debug)]
pub(crate) struct Sink<'a> {
    pub(crate) found: &'a mut Vec<Finding>,
    /// Absolute offset of the window's first byte.
    pub(crate) base: u64,
    /// Candidates that were checked.
    pub(crate) visits: &'a mut u64,
}

impl Sink<'_> {
    pub(crate) fn visit(&mut self) {
        *self.visits = self.visits.wrapping_add(1);
    }

    pub(crate) fn push(&mut self, detector: DetectorId, found: &Match, continued: bool) {
        self.found.push(Finding {
            start: self.base + found.start as u64,
            end: self.base + found.end as u64,
            detector,
            confidence: Confidence::new(found.percent),
            continued,
            view: ViewId::RAW,
        });
    }
}

/// An item that was recognised and has not ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    pub(crate) detector: DetectorId,
    pub(crate) percent: u8,
    pub(crate) rest: Rest,
}

/// Where one kind of prefix search stands in the stream.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    pub(crate) cursor: usize,
    /// End of the last item: no other begins before it.
    pub(crate) floor: usize,
    pub(crate) open: Option<Open>,
}

impl Progress {
    /// Goes on with an open item; true if it is still open at the end of the text.
    pub(crate) fn resume(&mut self, text: &[u8], sink: &mut Sink<'_>) -> bool {
        let Some(mut open) = self.open else { return false };
        let start = self.cursor;
        let (length, ended) = open.rest.advance(text.get(start..).unwrap_or_default());
        self.cursor = start + length;
        self.floor = self.cursor;
        self.open = (!ended).then_some(open);
        if length > 0 {
            sink.push(open.detector, &Match::new(start, self.cursor, 0, open.percent), true);
        }
        !ended
    }

    /// Reports a match and as much of its open end as is there; true if that is still open.
    pub(crate) fn accept(&mut self, found: Match, detector: DetectorId, text: &[u8], sink: &mut Sink<'_>) -> bool {
        let mut whole = found;
        let mut open = None;
        if let Some(mut rest) = found.rest {
            let (length, ended) = rest.advance(text.get(found.end..).unwrap_or_default());
            whole.end += length;
            open = (!ended).then_some(Open { detector, percent: found.percent, rest });
        }
        sink.push(detector, &whole, false);
        self.cursor = whole.end;
        self.floor = self.cursor;
        self.open = open;
        self.open.is_some()
    }
}

impl Rest {
    /// How many bytes of `text` belong to the item, and whether it ends there. What is left over
    /// of an item that goes on cannot be told before the next byte.
    fn advance(&mut self, text: &[u8]) -> (usize, bool) {
        match self {
            Self::Class(class) => {
                let length = text.iter().position(|byte| !class.holds(*byte));
                (length.unwrap_or(text.len()), length.is_some())
            }
            Self::Parts => {
                let outside = |(index, byte): (usize, &u8)| match byte {
                    b'.' => text.get(index + 1).is_none_or(|next| !in_parts(*next)),
                    _ => !in_parts(*byte),
                };
                let length = text.iter().enumerate().position(outside);
                let length = length.unwrap_or(text.len());
                let undecided = text.get(length).is_none_or(|byte| *byte == b'.') && text.get(length + 1).is_none();
                (length, !undecided)
            }
            Self::Codes => codes::advance(text),
            Self::Armour(armour) => armour.advance(text),
        }
    }
}

const fn in_parts(byte: u8) -> bool {
    Class::Token.holds(byte) || byte == b'.'
}

/// Words of a table of bits for three bytes: few of the bits are set.
const TRIPLE_WORDS: usize = 256;

/// Where the bit of three bytes stands.
const fn triple_bit(triple: &[u8; 3]) -> (usize, u64) {
    let [first, second, third] = *triple;
    let hash = (first as usize * 37) ^ (second as usize * 673) ^ (third as usize * 101);
    (hash / 64 % TRIPLE_WORDS, 1 << (hash % 64))
}

/// Literals of which a text's end may be the beginning.
#[derive(Debug)]
pub(crate) struct Partial {
    /// In order, each once.
    sorted: Vec<&'static [u8]>,
    /// Which bytes are the first of one.
    firsts: Box<[bool; 256]>,
    /// A bit for each three bytes that stand in one and do not end it; some share one.
    triples: Box<[u64; TRIPLE_WORDS]>,
    bytes_max: usize,
}

impl Partial {
    pub(crate) fn new(literals: impl Iterator<Item = &'static [u8]>) -> Self {
        let mut sorted: Vec<_> = literals.collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut firsts = Box::new([false; 256]);
        for first in sorted.iter().filter_map(|literal| literal.first()) {
            if let Some(first) = firsts.get_mut(usize::from(*first)) {
                *first = true;
            }
        }
        let mut triples = Box::new([0; TRIPLE_WORDS]);
        let heads = sorted.iter().filter_map(|literal| literal.split_last()).map(|(_, head)| head);
        for (word, bit) in heads.flat_map(|head| head.windows(3)).filter_map(<[u8]>::first_chunk).map(triple_bit) {
            if let Some(word) = triples.get_mut(word) {
                *word |= bit;
            }
        }
        let bytes_max = sorted.iter().map(|literal| literal.len()).max().unwrap_or(0);
        Self { sorted, firsts, triples, bytes_max }
    }

    /// The earliest start of a suffix of `text` that is a proper prefix of a literal, where
    /// `may_start` allows one; the end of the text if there is none.
    pub(crate) fn hold(&self, text: &[u8], may_start: impl Fn(usize) -> bool) -> usize {
        if matches!(text.last(), None | Some(&BOUNDARY | &NUMBER_BOUNDARY)) {
            return text.len();
        }
        let ends = text.last_chunk().map(triple_bit);
        let may_be_longer = ends.is_some_and(|(word, bit)| self.triples.get(word).is_some_and(|word| word & bit != 0));
        let bytes_max = if may_be_longer { self.bytes_max.saturating_sub(1) } else { 2 };
        let from = text.len().saturating_sub(bytes_max);
        let begins = |start: &usize| {
            let Some(suffix @ [first, ..]) = text.get(*start..) else { return false };
            let may_begin = self.firsts.get(usize::from(*first)).copied().unwrap_or(false);
            may_begin && may_start(*start) && self.continues(suffix)
        };
        (from..text.len()).find(begins).unwrap_or(text.len())
    }

    /// True if a literal begins with `head` and goes on.
    fn continues(&self, head: &[u8]) -> bool {
        // What begins with it and is longer stands right behind it.
        let place = self.sorted.partition_point(|literal| *literal <= head);
        self.sorted.get(place).is_some_and(|literal| literal.starts_with(head))
    }
}
