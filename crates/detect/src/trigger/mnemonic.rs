//! Words of a usual length in a row: seed phrases.
//!
//! Where words are long enough for a phrase, one in so many bytes is looked up: each phrase that is here whole has one of
//! those with all that stand before it, and most words are not in the list.

use super::{Progress, Sink, id};
use crate::block::{BLOCK_BYTES, Letter, Text};
use crate::detectors::secret::mnemonic::{self, GAP_BYTES_MAX, LETTERS_MAX, PHRASE_BYTES_MIN, Read};
use crate::traits::Traits;
use crate::window::{BOUNDARY, NUMBER_BOUNDARY, Window};
use core::ops::Range;

/// Bytes behind a place where a phrase may begin: the next word begins before that ends.
const STEP_BYTES: usize = PHRASE_BYTES_MIN - LETTERS_MAX - GAP_BYTES_MAX;
/// Bytes from there to the end of what is behind that word.
const REACH_BYTES: usize = STEP_BYTES + LETTERS_MAX + GAP_BYTES_MAX + LETTERS_MAX + 1;
const _: () = assert!(REACH_BYTES <= BLOCK_BYTES + 1, "one mask has all that stands before the end");

/// Decides at words from the cursor on, where many words stand that are not short; returns the hold.
pub(crate) fn scan(first_id: u16, window: &Window<'_>, progress: &mut Progress, sink: &mut Sink<'_>) -> usize {
    let text = window.indexed();
    loop {
        let from = progress.cursor.max(text.next_with(progress.cursor, Traits::WORDS));
        progress.cursor = from;
        if from + REACH_BYTES > text.len() {
            progress.cursor = tail(text, from);
            return progress.cursor;
        }
        let place = from + STEP_BYTES;
        let word = match next_word(text, place) {
            Ok(word) => word,
            Err(behind) => {
                progress.cursor = behind;
                continue;
            }
        };
        if !mnemonic::may_be_word(text.bytes(), &word) {
            progress.cursor = word.end;
            continue;
        }
        let start = first_of_row(text, from, word.start);
        if start > from {
            // A phrase that begins there has another one of those words.
            progress.cursor = start;
            continue;
        }
        sink.visit();
        match mnemonic::read(window, start) {
            Err(_) => return start,
            Ok(Read::Nothing(next)) => progress.cursor = next,
            Ok(Read::Phrase(found)) => {
                sink.push(id(first_id, found.rule), &found, false);
                progress.cursor = found.end;
            }
        }
    }
}

/// Where a phrase may begin in what is there from `from` on, of which no word is looked up.
fn tail(text: Text<'_>, from: usize) -> usize {
    if matches!(text.bytes().last(), None | Some(&BOUNDARY | &NUMBER_BOUNDARY)) {
        return text.len();
    }
    let cut = letters_before(text, text.len()).leading_ones() as usize;
    let word = text.len() - cut;
    if word < from || (word == from && cut > 0 && is_inside(text, from)) {
        return text.len();
    }
    first_of_row(text, from, word)
}

/// The first of the words that may be in the list and stand in a row before `word`, and no earlier than `from`.
fn first_of_row(text: Text<'_>, from: usize, word: usize) -> usize {
    let (mut first, mut bits) = (word, letters_before(text, word));
    loop {
        let gap = bits.leading_zeros() as usize;
        if !(1..=GAP_BYTES_MAX).contains(&gap) {
            return first;
        }
        bits <<= gap;
        let length = bits.leading_ones() as usize;
        let end = first - gap;
        let is_plain = text.bytes().get(end..first).is_some_and(<[u8]>::is_ascii);
        let is_near = is_plain && length <= LETTERS_MAX && end >= from + length;
        if !is_near || (end - length == from && is_inside(text, from)) {
            return first;
        }
        if !mnemonic::may_be_word(text.bytes(), &(end - length..end)) {
            return first;
        }
        first = end - length;
        bits <<= length;
    }
}

/// Which of the 64 bytes before a place are letters, the nearest one highest.
fn letters_before(text: Text<'_>, place: usize) -> u64 {
    match place.checked_sub(BLOCK_BYTES) {
        Some(start) => text.bits(start, Letter),
        None => text.bits(0, Letter).checked_shl(u32::try_from(BLOCK_BYTES - place).unwrap_or(0)).unwrap_or(0),
    }
}

/// The first word that begins at or behind `place`.
///
/// # Errors
/// A place behind a word or a gap that no phrase has.
fn next_word(text: Text<'_>, place: usize) -> Result<Range<usize>, usize> {
    let bits = text.bits(place, Letter);
    let within = if is_inside(text, place) { bits.trailing_ones() as usize } else { 0 };
    if within > LETTERS_MAX {
        return Err(place + within);
    }
    let gap = (bits >> within).trailing_zeros() as usize;
    if gap > GAP_BYTES_MAX {
        return Err(place + within + GAP_BYTES_MAX + 1);
    }
    let start = place + within + gap;
    Ok(start..start + (bits >> (within + gap)).trailing_ones() as usize)
}

/// True if a letter stands before a place.
fn is_inside(text: Text<'_>, place: usize) -> bool {
    place.checked_sub(1).and_then(|before| text.bytes().get(before)).is_some_and(u8::is_ascii_alphabetic)
}
