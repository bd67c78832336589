//! Runs of letters and digits that have both: identifiers with letters, addresses of currencies.
//!
//! Runs are told by two bits a byte, 64 bytes at once; those without a digit are not looked at, and what is longer than any
//! identifier (base64, hashes) is passed in blocks.

use super::Sink;
use crate::block::{BLOCK_BYTES, Text};
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

/// Finds the runs that have a letter and a digit and a plausible length.
struct Tokens<'a> {
    text: Text<'a>,
    /// No token that begins before this is found any more.
    from: usize,
    /// Start of the block whose bits are at hand.
    block: usize,
    alphanumeric: u64,
    digits: u64,
    /// Digits in runs that were not looked at.
    left: u64,
    /// The run that goes on from the block before.
    carried: Run,
}

#[derive(Clone, Copy)]
struct Run {
    start: usize,
    letter: bool,
    digit: bool,
}

impl Run {
    /// What may go on at `block` and is not looked at: too long for a token.
    const fn unknown(block: usize) -> Self {
        Self { start: block.saturating_sub(TOKEN_BYTES_MAX + 1), letter: true, digit: false }
    }
}

impl<'a> Tokens<'a> {
    fn new(text: Text<'a>, from: usize) -> Self {
        let block = from - from % BLOCK_BYTES;
        let before = block.checked_sub(1).and_then(|before| text.bytes().get(before));
        let carried = if before.is_some_and(|byte| alphanumeric(*byte)) {
            Run::unknown(block)
        } else {
            Run { start: block, letter: false, digit: false }
        };
        let mut tokens = Self { text, from, block, alphanumeric: 0, digits: 0, left: 0, carried };
        tokens.load(block);
        tokens
    }

    #[inline]
    fn next(&mut self) -> Option<Token> {
        loop {
            while self.left != 0 {
                let Some(run) = self.next_run() else { break };
                if run.start >= self.from && (TOKEN_BYTES_MIN..=TOKEN_BYTES_MAX).contains(&(run.end - run.start)) {
                    return Some(run);
                }
            }
            let next = self.block + BLOCK_BYTES;
            if next >= self.text.len() {
                return None;
            }
            self.carry();
            self.load_behind(next);
            if self.carried.digit && self.alphanumeric & 1 == 0 {
                let Run { start, letter, .. } = self.carried;
                self.carried.digit = false;
                if letter && start >= self.from && (TOKEN_BYTES_MIN..=TOKEN_BYTES_MAX).contains(&(next - start)) {
                    return Some(Token { start, end: next });
                }
            }
        }
    }

    /// The next run with a digit, if it has a letter too and ends in this block.
    #[inline]
    fn next_run(&mut self) -> Option<Token> {
        while self.left != 0 {
            let place = self.left.trailing_zeros();
            let below = !self.alphanumeric & ((1 << place) - 1);
            let first = BLOCK_BYTES - below.leading_zeros() as usize;
            let above = !self.alphanumeric >> place;
            if above == 0 {
                self.left = 0;
                return None;
            }
            let end = place + above.trailing_zeros();
            let behind = u64::MAX.checked_shl(end).unwrap_or(0);
            self.left &= behind;
            let carried = below == 0;
            let inside = !behind & u64::MAX.checked_shl(u32::try_from(first).unwrap_or(0)).unwrap_or(0);
            let letter = self.alphanumeric & !self.digits & inside != 0 || (carried && self.carried.letter);
            if letter {
                let start = if carried { self.carried.start } else { self.block + first };
                return Some(Token { start, end: self.block + end as usize });
            }
        }
        None
    }

    /// Keeps in mind the run that the end of the block cuts.
    #[inline]
    fn carry(&mut self) {
        let length = self.alphanumeric.leading_ones();
        let whole = length as usize == BLOCK_BYTES;
        let tail = !u64::MAX.checked_shr(length).unwrap_or(0);
        let before = if whole {
            self.carried
        } else {
            Run { start: self.block + BLOCK_BYTES - length as usize, letter: false, digit: false }
        };
        self.carried = Run {
            start: before.start,
            letter: before.letter || self.alphanumeric & !self.digits & tail != 0,
            digit: before.digit || self.digits & tail != 0,
        };
    }

    /// Takes up the block at `next`, or, where no run with a digit goes on and none is near, one behind it from which
    /// on the next one is seen whole.
    #[inline]
    fn load_behind(&mut self, next: usize) {
        const TAIL_BYTES: usize = TOKEN_BYTES_MAX.next_multiple_of(BLOCK_BYTES);
        let near = self.text.next_with(next, Traits::DIGIT);
        if self.carried.digit || near <= next + TAIL_BYTES {
            return self.load(next);
        }
        let block = near.next_multiple_of(BLOCK_BYTES) - TAIL_BYTES;
        self.carried = Run::unknown(block);
        self.load(block);
    }

    #[inline]
    fn load(&mut self, block: usize) {
        self.block = block;
        let masks = self.text.masks(block / BLOCK_BYTES);
        (self.alphanumeric, self.digits) = (masks.digit | masks.letter, masks.digit);
        // A run that has a digit before this block is one with a digit.
        let carried = u64::from(self.carried.digit) & self.alphanumeric & 1;
        self.left = self.digits | carried;
    }
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
            pieces in proptest::collection::vec((0usize..200, 0usize..3, prop_oneof![Just(' '), Just('-')]), 0..12),
            from in 0usize..200,
        ) {
            let mut text = String::new();
            for (length, kind, mark) in pieces {
                let unit = ["letters", "0123456789", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0"][kind];
                text.extend(unit.chars().cycle().take(length));
                text.push(mark);
            }
            let text = text.as_bytes();
            let from = from.min(text.len());
            let index = index_of(text, from);
            for indexed in [Text::plain(text), index.of(text)] {
                let mut tokens = Tokens::new(indexed, from);
                let found: Vec<_> = std::iter::from_fn(|| tokens.next()).collect();
                prop_assert_eq!(found, oracle(text, from));
            }
        }
    }
}
