//! Segments: the lines of a leaf, the unit in which names are decided.
//!
//! A segment ends at a line's or the leaf's end. A longer line is cut behind a sentence, else
//! between words; where it ends depends only on the bytes from its start on, so that every split of
//! the stream gives the same segments.

use super::word::word_end;
use crate::window::{BOUNDARY, NUMBER_BOUNDARY, Undecided, Window};

/// Bytes of the longest segment: what must have arrived before a name in it is decided. Few lines
/// of prose are longer, and a name loses little by a cut between sentences.
pub(crate) const SEGMENT_BYTES_MAX: usize = 512;

/// Bytes at the start of a long segment where it is not cut.
const CUT_BYTES_MIN: usize = SEGMENT_BYTES_MAX / 2;

/// One segment, and where the next begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) next: usize,
    /// The byte that parts it from the next; a space for a cut.
    pub(crate) separator: u8,
}

/// The segment that begins at `start`; `None` at the end of what is there.
///
/// # Errors
/// [`Undecided`] if its end has not arrived.
pub(crate) fn segment(window: &Window<'_>, start: usize) -> Result<Option<Segment>, Undecided> {
    let rest = window.text().get(start..).unwrap_or_default();
    let head = rest.get(..SEGMENT_BYTES_MAX).unwrap_or(rest);
    if head.is_empty() {
        return Ok(None);
    }
    if let Some(length) = line_end(head) {
        let end = start + length;
        let separator = if head.get(length) == Some(&b'\n') { b'\n' } else { BOUNDARY };
        return Ok(Some(Segment { start, end, next: end + 1, separator }));
    }
    if rest.len() <= SEGMENT_BYTES_MAX {
        return Err(Undecided);
    }
    let end = start + cut(head);
    Ok(Some(Segment { start, end, next: end, separator: b' ' }))
}

fn line_end(text: &[u8]) -> Option<usize> {
    memchr::memchr3(b'\n', BOUNDARY, NUMBER_BOUNDARY, text)
}

/// Where a line that is too long is cut: behind the last sentence, else before the last word.
fn cut(head: &[u8]) -> usize {
    let ends = |place: &usize| {
        let pair = head.get(place - 2..*place).unwrap_or_default();
        matches!(pair, [b'.' | b'!' | b'?' | b';', b' '])
    };
    let sentence = (CUT_BYTES_MIN..head.len()).rev().find(ends);
    let word = || (CUT_BYTES_MIN..head.len()).rev().find(|place| begins_word(head, *place));
    sentence.or_else(word).unwrap_or(head.len())
}

fn begins_word(head: &[u8], place: usize) -> bool {
    word_end(head, place) > place
        && head.get(place - 1).is_some_and(|byte| byte.is_ascii_whitespace() || b",;\"".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(text: &[u8]) -> Vec<usize> {
        let window = Window::open(text);
        let mut ends = Vec::new();
        let mut at = 0;
        while let Ok(Some(segment)) = segment(&window, at) {
            assert!(segment.next > at && segment.end - segment.start <= SEGMENT_BYTES_MAX);
            ends.push(segment.end);
            at = segment.next;
        }
        ends
    }

    #[test]
    fn a_line_or_leaf_is_a_segment() {
        assert_eq!(ends(b"one\ntwo\n\nthree\xfffour"), [3, 7, 8, 14]);
        assert_eq!(segment(&Window::open(b"open"), 0), Err(Undecided));
        assert_eq!(segment(&Window::open(b"open"), 4), Ok(None));
    }

    #[test]
    fn a_long_line_is_cut_between_sentences_or_words() {
        let sentence = format!("{}. {}", "a ".repeat(150), "b ".repeat(300));
        assert_eq!(ends(sentence.as_bytes())[0], 302);
        let words = "word ".repeat(300);
        assert_eq!(ends(words.as_bytes())[0], 510);
        assert_eq!(ends("x".repeat(2000).as_bytes()), [512, 1024, 1536]);
    }
}
