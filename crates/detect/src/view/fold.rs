//! The fold lane: stretches of a text with their escapes decoded and their look-alikes replaced.
//!
//! A stretch begins a little before the first unit that stands for something else and ends some way behind
//! the last one, or with its leaf; what lies between is copied.

use super::escape::{self, Step, Unit};
use super::han;
use super::layer::Below;
use super::map::Text;
use super::unicode::{self, Fold as Folded};
use super::{VIEW_DEPTH_MAX, ViewId};
use crate::block::{Escaping, Kind, Places};
use crate::window::{BOUNDARY, NUMBER_BOUNDARY};
use core::ops::Range;

/// Bytes before a stretch's first unit that are read with it: what it may be the end of, and its context.
pub(super) const BEFORE_BYTES: usize = 160;
/// Bytes behind a stretch's last unit that are read with it: what it may be the beginning of.
const BEHIND_BYTES: u64 = 320;

/// Where the lane stands in its text.
#[derive(Debug, Default)]
pub(super) struct Fold {
    /// Everything before this was looked at.
    pub(super) cursor: u64,
    /// End of what was copied.
    done: u64,
    /// No stretch that opens from here on begins before this: a leaf ended here.
    floor: u64,
    /// Where the open stretch ends if no more units come.
    until: Option<u64>,
}

/// What a lane saw of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// The first byte of the text that could belong to something undecided.
    pub(super) hold: u64,
    /// A unit stood where none is decoded any more.
    pub(super) is_capped: bool,
}

impl Fold {
    /// Reads what of `parent`, which this lane has written or another one, is there, up to `end`; into `child` if there is
    /// one.
    pub(super) fn read(&mut self, parent: &Text, is_folded: bool, end: u64, mut child: Option<&mut Below>) -> Seen {
        let (indexed, base) = parent.scanner.indexed();
        let place = |offset: u64| usize::try_from(offset.saturating_sub(base)).unwrap_or(usize::MAX);
        let text = indexed.bytes().get(..place(end)).unwrap_or(indexed.bytes());
        let mut seen = Seen { hold: end, is_capped: false };
        let mut next = place(self.cursor);
        for at in Places::within(indexed, next..text.len(), Escaping).take_while(|at| *at < text.len()) {
            if at < next {
                continue;
            }
            let offset = base + at as u64;
            if let Some(context) = parent.contexts_behind(offset).next().filter(|context| context.contains(&offset)) {
                next = place(context.end);
                continue;
            }
            self.close_before(offset, parent, child.as_deref_mut());
            let goes_on = child.as_ref().is_some_and(|child| child.goes_on());
            match visible_step(text, at, goes_on) {
                Step::Literal(len) => {
                    next = at + len;
                    if matches!(text.get(at), Some(&(BOUNDARY | NUMBER_BOUNDARY))) && self.until.is_some() {
                        (self.until, self.floor) = (Some(offset + 1), offset + 1);
                    }
                }
                Step::Cut => {
                    self.copy_to(offset, parent, child);
                    self.cursor = offset;
                    let from = if self.until.is_some() { at } else { stretch_start(text, base, at) };
                    seen.hold = base + from as u64;
                    return seen;
                }
                Step::Unit(unit) => {
                    next = at + unit.source_bytes;
                    seen.is_capped |=
                        child.is_none() && is_telling(&unit) && is_deep(parent, is_folded, offset, base + next as u64);
                    let Some(child) = child.as_deref_mut().map(Below::text) else { continue };
                    if self.until.is_none() {
                        self.done = self.floor.max(base + stretch_start(text, base, at) as u64);
                        child.copy_context(parent, self.done, offset);
                    } else {
                        child.copy(parent, self.done, offset);
                    }
                    self.done = base + next as u64;
                    child.unit(parent, offset, self.done, unit.bytes(), unit.view);
                    self.until = Some(self.done + BEHIND_BYTES);
                }
            }
        }
        self.close_before(end, parent, child.as_deref_mut());
        self.copy_to(end, parent, child);
        self.cursor = end.max(base + next as u64);
        seen
    }

    /// Ends the open stretch if it ends at or before `offset`.
    fn close_before(&mut self, offset: u64, parent: &Text, child: Option<&mut Below>) {
        let Some(until) = self.until.filter(|until| *until <= offset) else { return };
        if let Some(child) = child.map(Below::text) {
            child.copy(parent, self.done, until);
            child.scanner.boundary();
        }
        (self.done, self.until) = (until, None);
    }

    /// Copies what of the open stretch is there.
    fn copy_to(&mut self, offset: u64, parent: &Text, child: Option<&mut Below>) {
        if let (Some(child), true) = (child, self.until.is_some() && offset > self.done) {
            child.text().copy(parent, self.done, offset);
            self.done = offset;
        }
    }
}

/// Where a stretch begins whose first unit stands at `at`: at a word, so that no half of one is read.
fn stretch_start(text: &[u8], base: u64, at: usize) -> usize {
    if base == 0 && at <= BEFORE_BYTES {
        return 0;
    }
    let from = at.saturating_sub(BEFORE_BYTES);
    let before = text.get(from..at).unwrap_or_default();
    let space = |byte: &u8| matches!(*byte, b' ' | b'\n' | b'\t' | b'\r' | b'"' | b',' | b';' | b'&' | b'=' | BOUNDARY);
    from + before.iter().position(space).map_or(0, |place| place + 1)
}

/// True if leaving a unit undecoded may hide something: white space and quotes do not.
fn is_telling(unit: &Unit) -> bool {
    !ViewId::UNICODE.contains(unit.view)
        && unit.view != ViewId::CONCATENATED
        && unit
            .bytes()
            .first()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'@' | b'.' | b'-' | b'_'))
}

/// True if what stands from `start` to `end` was read through as many views as there are, or came about in the last of
/// them: what is copied has been read in the text that it comes from, but that of a fold has no unit that its own had.
fn is_deep(parent: &Text, is_folded: bool, start: u64, end: u64) -> bool {
    let source = parent.source(start, end);
    (source.depth >= VIEW_DEPTH_MAX || is_folded) && !source.is_context
}

/// Bytes of a literal beside a joint that are looked at: the longest secrets begin or end with it.
const LITERAL_BYTES_MAX: usize = 96;

/// What begins at `at`. What would leave out text with escapes in it, or join it to other text, waits until they are
/// decoded, in the next layer, if that goes on: what they stand for would not be seen there, or not by itself.
fn visible_step(text: &[u8], at: usize, goes_on: bool) -> Step {
    let first = step(text, at);
    let Step::Unit(unit) = first else { return first };
    let end = at + unit.source_bytes;
    let veiled = match text.get(at) {
        // What ends a command is no text.
        Some(&escape::ESCAPE) => veiled(text, at + 1..end - 1 - usize::from(unit.source_bytes > 2), None),
        _ if !goes_on => Some(false),
        Some(b'<') => veiled(text, at + 1..end, None),
        Some(quote @ (b'"' | b'\'')) => {
            let from = at.saturating_sub(LITERAL_BYTES_MAX);
            let opens = text.get(from..at).and_then(|before| memchr::memrchr(*quote, before));
            match veiled(text, opens.map_or(from, |place| from + place + 1)..at, None) {
                Some(false) => veiled(text, end..end + LITERAL_BYTES_MAX, Some(*quote)),
                other => other,
            }
        }
        _ => Some(false),
    };
    match veiled {
        None => Step::Cut,
        Some(true) => Step::Literal(1),
        Some(false) => first,
    }
}

/// True if one of the escapes in `places`, before `end`, stands for what a finding could have; none if more bytes must
/// be seen.
fn veiled(text: &[u8], places: Range<usize>, end: Option<u8>) -> Option<bool> {
    let mut next = places.start;
    while next < places.end {
        let byte = *text.get(next)?;
        if end.is_some_and(|end| byte == end || matches!(byte, BOUNDARY | NUMBER_BOUNDARY)) {
            break;
        }
        next += match Escaping.holds(byte).then(|| step(text, next)) {
            None => 1,
            Some(Step::Literal(len)) => len,
            Some(Step::Cut) => return None,
            Some(Step::Unit(unit)) if is_of_value(&unit) => return Some(true),
            Some(Step::Unit(unit)) => unit.source_bytes,
        };
    }
    Some(false)
}

/// True if a unit stands for a character of a value, or for nothing within one.
fn is_of_value(unit: &Unit) -> bool {
    unit.bytes().first().is_none_or(|byte| matches!(byte, b' '..=b'~'))
}

/// What begins at `at`, by itself.
fn step(text: &[u8], at: usize) -> Step {
    let (before, rest) = text.split_at_checked(at).unwrap_or_default();
    match rest.first() {
        Some(0x80..) => character(before, rest),
        _ => escape::step(before, rest),
    }
}

/// A character beyond ASCII.
fn character(before: &[u8], rest: &[u8]) -> Step {
    let len = match rest.first() {
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        _ => return Step::Literal(1),
    };
    let Some(bytes) = rest.get(..len) else {
        let all_continue = rest.iter().skip(1).all(|byte| byte & 0xc0 == 0x80);
        return if all_continue { Step::Cut } else { Step::Literal(1) };
    };
    let Some(character) = core::str::from_utf8(bytes).ok().and_then(|text| text.chars().next()) else {
        return Step::Literal(1);
    };
    let unit = |text: &[u8]| Step::Unit(Unit::new(text, len, ViewId::UNICODE));
    if let Some(digit) = han::digit(bytes) {
        return match han::is_of_number(before, rest) {
            None => Step::Cut,
            Some(true) => unit(&[digit]),
            Some(false) => Step::Literal(len),
        };
    }
    match unicode::fold(character) {
        Folded::Itself => Step::Literal(len),
        Folded::Nothing => unit(&[]),
        Folded::Ascii(first, 0) => unit(&[first]),
        Folded::Ascii(first, second) => unit(&[first, second]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_that_may_begin_an_escape_are_marked() {
        for byte in 0..=u8::MAX {
            let is_marked =
                matches!(byte, 0..9 | 14..32 | b'"' | b'%'..=b'\'' | b'*' | b'+' | b'<' | b'=' | b'\\' | 0x7f..);
            assert_eq!(Escaping.holds(byte), is_marked, "{byte:#x}");
        }
    }
}
