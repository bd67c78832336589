//! Runs of letters and digits that have both: identifiers with letters, addresses of currencies.
//!
//! Runs are told by two bits a byte, 64 bytes at once; those without a digit are not looked at.

use super::Sink;
use crate::block::{Alphanumeric, BLOCK_BYTES, One, Text, bits_at};
use crate::detectors::ids::armed::Ids;
use crate::detectors::ids::it_fiscal_code::group_start;
use crate::detectors::ids::{TOKEN_BYTES_MAX, TOKEN_BYTES_MIN, Token};
use crate::text::alphanumeric;
use crate::traits::Traits;
use crate::window::{Undecided, Window};

/// Decides at every token from the cursor on; returns the hold.
pub(crate) fn scan(ids: &Ids, window: &Window<'_>, cursor: &mut usize, sink: &mut Sink<'_>) -> usize {
    let text = window.text();
    let mut tokens = Tokens::new(window.indexed(), *cursor);
    while let Some(token) = tokens.next() {
        if token.end == text.len() {
            break;
        }
        // A machine-readable zone has fillers behind its numbers.
        if text.get(token.end) == Some(&b'<') {
            match zone(ids, window, &token, sink) {
                Ok(None) => {}
                Ok(Some(end)) => {
                    tokens.from = end;
                    continue;
                }
                Err(Undecided) => {
                    *cursor = token.start;
                    return group_start(text, token.start);
                }
            }
        }
        if !ids.has_length(token.end - token.start) || is_joined(text, &token) {
            continue;
        }
        sink.visit();
        match ids.token(window, &token) {
            Err(Undecided) => {
                *cursor = token.start;
                return group_start(text, token.start);
            }
            Ok(None) => {}
            Ok(Some(winner)) => {
                winner.report(sink);
                tokens.from = winner.found.end;
            }
        }
    }
    let open = open_token(text);
    *cursor = open.max(tokens.from);
    // No match ends with such a group, so this does not go back behind one.
    if open < tokens.from { *cursor } else { group_start(text, open) }
}

/// Reports what a token tells that stands in a machine-readable zone; the end of the last of it, if there is any.
#[cold]
#[inline(never)]
fn zone(ids: &Ids, window: &Window<'_>, token: &Token, sink: &mut Sink<'_>) -> Result<Option<usize>, Undecided> {
    sink.visit();
    let mut end = None;
    for winner in ids.zone(window, token)?.into_iter().flatten() {
        winner.report(sink);
        end = end.max(Some(winner.found.end));
    }
    Ok(end)
}

/// True if the bytes around a token say that it is a part of base64 or of a path.
#[inline]
fn is_joined(text: &[u8], token: &Token) -> bool {
    let before = |back: usize| token.start.checked_sub(back).and_then(|place| text.get(place)).copied().unwrap_or(0);
    let path = before(1) == b'/' && alphanumeric(before(2));
    path || before(1) == b'+' || text.get(token.end) == Some(&b'+')
}

/// The start of a run that the end of the text cuts off, unless it is too long already.
fn open_token(text: &[u8]) -> usize {
    let length = text.iter().rev().take(TOKEN_BYTES_MAX + 1).take_while(|byte| alphanumeric(**byte)).count();
    text.len() - if length > TOKEN_BYTES_MAX { 0 } else { length }
}

/// Finds the runs that have a letter and a digit and a plausible length; most of those that are [joined](is_joined) it
/// passes over.
///
/// A run is told by its end. Added to the bits of all runs, one or more bits within a run set the bit behind it.
struct Tokens<'a> {
    text: Text<'a>,
    /// No token that begins before this is found any more.
    from: usize,
    /// Start of the block whose bits are at hand.
    block: usize,
    alphanumeric: u64,
    /// Behind the runs of the block.
    ends: u64,
    open: Open,
}

/// What is known of the run that goes on behind a block.
#[derive(Clone, Copy, Default)]
struct Open {
    letter: bool,
    digit: bool,
    joined: bool,
}

impl<'a> Tokens<'a> {
    fn new(text: Text<'a>, from: usize) -> Self {
        let block = from - from % BLOCK_BYTES;
        let mut tokens = Self { text, from, block, alphanumeric: 0, ends: 0, open: Open::default() };
        tokens.load(block);
        tokens
    }

    #[inline]
    fn next(&mut self) -> Option<Token> {
        loop {
            while self.ends != 0 {
                let place = self.ends.trailing_zeros();
                self.ends &= self.ends - 1;
                let (end, length) = (self.block + place as usize, self.length(place));
                if (TOKEN_BYTES_MIN..=TOKEN_BYTES_MAX).contains(&length) && end - length >= self.from {
                    return Some(Token { start: end - length, end });
                }
            }
            let mut next = self.block + BLOCK_BYTES;
            if !self.open.digit {
                let near = self.text.next_with(next, Traits::DIGIT);
                if near > next {
                    // What goes on without a digit has letters.
                    self.open = Open { letter: self.is_alphanumeric(near, 1), ..Open::default() };
                    next = near;
                }
            }
            if next >= self.text.len() {
                return None;
            }
            self.load(next);
        }
    }

    /// Bytes of the run that ends in the block, counted up to more than [`TOKEN_BYTES_MAX`].
    #[inline]
    fn length(&self, place: u32) -> usize {
        let inside = self.alphanumeric.checked_shl(u64::BITS - place).unwrap_or(0).leading_ones();
        let length = inside.min(place) as usize;
        if inside < place {
            return length;
        }
        length + self.text.length_before(self.block, TOKEN_BYTES_MAX, Alphanumeric)
    }

    /// True for a letter or a digit so many bytes before `place`.
    #[inline]
    fn is_alphanumeric(&self, place: usize, back: usize) -> bool {
        self.before(place, back).is_some_and(alphanumeric)
    }

    #[inline]
    fn before(&self, place: usize, back: usize) -> Option<u8> {
        self.text.bytes().get(place.checked_sub(back)?).copied()
    }

    /// Takes up the block at `block`, into which the open run goes on.
    #[inline]
    fn load(&mut self, block: usize) {
        let masks = self.text.masks(block / BLOCK_BYTES);
        let all = masks.digit | masks.letter;
        let (behind_digits, digit) = through(all, masks.digit, self.open.digit);
        let (behind_letters, letter) = through(all, masks.letter, self.open.letter);
        (self.block, self.alphanumeric) = (block, all);
        self.ends = behind_digits & behind_letters & !all;
        let mut joined = false;
        if self.ends != 0 {
            let plus = if masks.may_have_plus() { bits_at(self.text.bytes(), block, One(b'+')) } else { 0 };
            let before = self.before(block, 1);
            let behind = |bits: u64, byte: u8| bits << 1 | u64::from(before == Some(byte));
            let words = [1, 2].map(|back| u64::from(self.is_alphanumeric(block, back)));
            let in_path = behind(masks.slash(), b'/') & (all << 2 | words[0] << 1 | words[1]);
            let (behind_joined, goes_on) = through(all, all & (behind(plus, b'+') | in_path), self.open.joined);
            self.ends &= !(behind_joined | plus);
            joined = goes_on;
        }
        self.open = Open { letter, digit, joined };
    }
}

/// Sets the bits behind runs that have one of `bits`, of which the first run has one already if it is `open`; and whether
/// the run that the last bit is of has one.
#[inline]
const fn through(runs: u64, bits: u64, open: bool) -> (u64, bool) {
    let (sum, first) = runs.overflowing_add(bits);
    let (sum, second) = sum.overflowing_add(open as u64);
    (sum, first | second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::index_of;
    use proptest::prelude::*;

    /// Runs with a letter and a digit, the slow way.
    fn oracle(text: &[u8], from: usize) -> Vec<Token> {
        let starts =
            (from..text.len()).filter(|at| alphanumeric(text[*at]) && (*at == 0 || !alphanumeric(text[at - 1])));
        starts
            .filter_map(|start| {
                let length = text[start..].iter().take_while(|byte| alphanumeric(**byte)).count();
                let run = &text[start..start + length];
                let mixed = run.iter().any(u8::is_ascii_digit) && run.iter().any(u8::is_ascii_alphabetic);
                (mixed && (TOKEN_BYTES_MIN..=TOKEN_BYTES_MAX).contains(&length))
                    .then_some(Token { start, end: start + length })
            })
            .collect()
    }

    proptest! {
        #[test]
        fn every_mixed_run_is_found_from_anywhere(
            pieces in proptest::collection::vec((0usize..200, 0usize..3, prop::sample::select(b" -/+$".as_slice())), 0..12),
            from in 0usize..200,
        ) {
            let mut text = String::new();
            for (length, kind, mark) in pieces {
                let unit = ["letters", "0123456789", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0"][kind];
                text.extend(unit.chars().cycle().take(length));
                text.push(char::from(mark));
            }
            let text = text.as_bytes();
            let from = from.min(text.len());
            let index = index_of(text, from);
            for indexed in [Text::plain(text), index.of(text)] {
                let mut tokens = Tokens::new(indexed, from);
                let alone = |token: &Token| !is_joined(text, token);
                let found: Vec<_> = std::iter::from_fn(|| tokens.next()).filter(alone).collect();
                prop_assert_eq!(found, oracle(text, from).into_iter().filter(alone).collect::<Vec<_>>());
            }
        }
    }
}
