//! Words of a usual length in a row: seed phrases.
//!
//! Where words are long enough for a phrase, one in so many bytes is looked up: each phrase that is here whole has one of
//! those, and most of them are not in the list.

use super::{Progress, Sink, id};
use crate::detectors::secret::mnemonic::{self, GAP_BYTES_MAX, LETTERS_MAX, PHRASE_BYTES_MIN, Read};
use crate::traits::Traits;
use crate::window::{BOUNDARY, NUMBER_BOUNDARY, Window};

/// Bytes behind a place where a phrase may begin: the next word begins before that ends.
const STEP_BYTES: usize = PHRASE_BYTES_MIN - LETTERS_MAX - GAP_BYTES_MAX;

/// Decides at words from the cursor on, where many words stand that are not short; returns the hold.
pub(crate) fn scan(first_id: u16, window: &Window<'_>, progress: &mut Progress, sink: &mut Sink<'_>) -> usize {
    let (text, index) = (window.text(), window.indexed());
    loop {
        let from = progress.cursor.max(index.next_with(progress.cursor, Traits::WORDS));
        progress.cursor = from;
        if from + PHRASE_BYTES_MIN > text.len() {
            progress.cursor = tail(text, from);
            return progress.cursor;
        }
        let place = from + STEP_BYTES;
        let Some(word) = next_word(text, place) else {
            // A word or a gap that no phrase has.
            progress.cursor = place + GAP_BYTES_MAX + 1;
            continue;
        };
        let end = word_end(text, word);
        if !mnemonic::is_word(text.get(word..end).unwrap_or_default()) {
            progress.cursor = end;
            continue;
        }
        sink.visit();
        let start = first_of_row(text, from, word);
        match mnemonic::read(window, start) {
            Err(_) => {
                progress.cursor = start;
                return start;
            }
            Ok(Read::Nothing(next)) => progress.cursor = next.max(end),
            Ok(Read::Phrase(found)) => {
                sink.push(id(first_id, found.rule), &found, false);
                progress.cursor = found.end;
            }
        }
    }
}

/// Where a phrase may begin in what is there from `from` on, which is shorter than one.
fn tail(text: &[u8], from: usize) -> usize {
    match text.last() {
        None | Some(&BOUNDARY | &NUMBER_BOUNDARY) => text.len(),
        Some(byte) if byte.is_ascii_alphabetic() => first_of_row(text, from, word_start(text, from, text.len())),
        Some(_) => first_of_row(text, from, text.len()),
    }
}

/// The first of the words of the list that stand in a row right before `word`, and no earlier than `from`.
fn first_of_row(text: &[u8], from: usize, word: usize) -> usize {
    let mut first = word;
    while let Some(end) = end_before(text, first) {
        let start = word_start(text, from, end);
        if start >= end || end - start > LETTERS_MAX || !mnemonic::is_word(text.get(start..end).unwrap_or_default()) {
            break;
        }
        first = start;
    }
    first
}

/// The end of the word before a gap that ends at `place`, if a phrase may have that gap.
fn end_before(text: &[u8], place: usize) -> Option<usize> {
    let near = text.get(place.saturating_sub(GAP_BYTES_MAX + 1)..place)?;
    let gap = near.iter().rev().position(u8::is_ascii_alphabetic)?;
    let is_plain = near.iter().rev().take(gap).all(u8::is_ascii);
    (gap > 0 && is_plain).then(|| place - gap)
}

/// The start of the word that ends at `end`, no earlier than `from`, or its end if it begins before; [`LETTERS_MAX`]
/// letters and one are looked at.
fn word_start(text: &[u8], from: usize, end: usize) -> usize {
    let least = from.max(end.saturating_sub(LETTERS_MAX + 1));
    let letters = text.get(least..end).unwrap_or_default().iter().rev().take_while(|byte| byte.is_ascii_alphabetic());
    let start = end - letters.count();
    if start == from && is_inside(text, from) { end } else { start }
}

/// True if a letter stands before a place.
fn is_inside(text: &[u8], place: usize) -> bool {
    place.checked_sub(1).and_then(|before| text.get(before)).is_some_and(u8::is_ascii_alphabetic)
}

/// The first word that begins at or behind `place`, behind no longer word or gap than a phrase has.
fn next_word(text: &[u8], place: usize) -> Option<usize> {
    let rest = text.get(place..)?;
    let within = if is_inside(text, place) { letters(rest) } else { 0 };
    let gap = rest.get(within..)?.iter().take(GAP_BYTES_MAX + 1).position(u8::is_ascii_alphabetic)?;
    (gap > 0 || within == 0).then_some(place + within + gap)
}

fn word_end(text: &[u8], start: usize) -> usize {
    start + letters(text.get(start..).unwrap_or_default())
}

/// How many letters a text begins with, of [`LETTERS_MAX`] and one.
fn letters(text: &[u8]) -> usize {
    text.iter().take(LETTERS_MAX + 1).take_while(|byte| byte.is_ascii_alphabetic()).count()
}
