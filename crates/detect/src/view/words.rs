//! Digits written as words: `five three six, nine zero, four three nine nine`.
//!
//! At least seven digits, `double` and `triple` counted; the words for marks may stand between them. Nine
//! digits are written as a social security number, ten as a telephone number: nobody writes others out.

use super::ViewId;
use super::outline::Outline;
use super::respell::{Leaf, Recogniser};
use crate::text::alphanumeric;
use crate::window::{Undecided, Window};
use aho_corasick::packed;
use std::sync::LazyLock;

pub(super) static RECOGNISER: Recogniser = Recogniser { view: ViewId::WORDS, next, read, start };

/// Digits of the shortest number.
const DIGITS_MIN: usize = 7;
/// Digits of the longest one.
const DIGITS_MAX: usize = 24;
/// Bytes between two words.
const JOINT_BYTES_MAX: usize = 3;
/// Letters of the longest word.
const WORD_BYTES_MAX: usize = 8;
/// Bytes before a trigger in which the number's beginning is looked for.
const BACK_BYTES_MAX: usize = 150;

/// Words, the digit or mark that each stands for, and how many of the next one `double` means.
const WORDS: &[(&[u8], u8)] = &[
    (b"zero", b'0'),
    (b"oh", b'0'),
    (b"o", b'0'),
    (b"nought", b'0'),
    (b"one", b'1'),
    (b"two", b'2'),
    (b"three", b'3'),
    (b"four", b'4'),
    (b"five", b'5'),
    (b"six", b'6'),
    (b"seven", b'7'),
    (b"eight", b'8'),
    (b"nine", b'9'),
    (b"dash", b'-'),
    (b"hyphen", b'-'),
    (b"minus", b'-'),
    (b"space", b' '),
    (b"double", 2),
    (b"triple", 3),
];

/// What nearly every number has: the heads of its longer words.
const HEADS: &[&str] = &[
    "zero", "thre", "four", "five", "seve", "eigh", "nine", "ZERO", "THRE", "FOUR", "FIVE", "SEVE", "EIGH", "NINE",
    "Zero", "Thre", "Four", "Five", "Seve", "Eigh", "Nine",
];

static SEARCHER: LazyLock<Option<packed::Searcher>> = LazyLock::new(|| packed::Searcher::new(HEADS));

fn meaning(word: &[u8]) -> Option<u8> {
    if let [single @ b'0'..=b'9'] = word {
        return Some(*single);
    }
    WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, meaning)| *meaning)
}

/// The beginning of the number in which the next trigger stands.
fn next(text: &[u8], _: &Outline, from: usize) -> Option<usize> {
    let mut from = from;
    loop {
        let span = from..text.len();
        let at = match &*SEARCHER {
            Some(searcher) if from < text.len() => searcher.find_in(text, span.into())?.start(),
            Some(_) => return None,
            None => from + slow_search(text.get(from..)?)?,
        };
        let inside = at.checked_sub(1).and_then(|before| text.get(before)).is_some_and(u8::is_ascii_alphabetic);
        if inside {
            from = at + 1;
            continue;
        }
        return Some(begin(text, at, from));
    }
}

/// Where processors have no packed search.
fn slow_search(text: &[u8]) -> Option<usize> {
    text.windows(4).position(|head| HEADS.iter().any(|known| known.as_bytes() == head))
}

/// Walks back over words of numbers from `at`, not before `floor`.
fn begin(text: &[u8], at: usize, floor: usize) -> usize {
    let floor = floor.max(at.saturating_sub(BACK_BYTES_MAX));
    let mut begin = at;
    loop {
        let head = text.get(floor..begin).unwrap_or_default();
        let joint = head.iter().rev().take_while(|byte| is_joint(**byte)).count();
        if joint == 0 || joint > JOINT_BYTES_MAX {
            return begin;
        }
        let head = head.get(..head.len() - joint).unwrap_or_default();
        let word = head.iter().rev().take(WORD_BYTES_MAX + 1).take_while(|byte| alphanumeric(**byte)).count();
        let start = floor + head.len() - word;
        if word == 0 || text.get(start..start + word).and_then(meaning).is_none() {
            return begin;
        }
        begin = start;
    }
}

fn is_joint(byte: u8) -> bool {
    matches!(byte, b' ' | b',' | b'-' | b'.' | b'\n' | b'\t' | b'/' | b'_')
}

/// Reads the number at `at`.
fn read(window: &Window<'_>, at: usize, leaf: &mut Leaf) -> Result<usize, Undecided> {
    let (mut place, mut end, mut digits, mut times) = (at, at, 0, 1);
    let mut words = 0;
    while digits < DIGITS_MAX {
        let len = window.run(place, WORD_BYTES_MAX + 1, alphanumeric)?;
        let Some(meaning) = meaning(window.slice(place, place + len)) else { break };
        end = place + len;
        words += usize::from(len > 1);
        match meaning {
            2 | 3 => times = usize::from(meaning),
            b'-' => leaf.push(b'-', place, end),
            b' ' => {}
            _ => {
                (0..times).for_each(|_| leaf.push(meaning, place, end));
                (digits, times) = (digits + times, 1);
            }
        }
        let joint = window.run(end, JOINT_BYTES_MAX, is_joint)?;
        if joint == 0 {
            break;
        }
        place = end + joint;
    }
    let has_mark = leaf.bytes().contains(&b'-');
    if digits < DIGITS_MIN || words * 2 < digits || is_counting(leaf.bytes()) {
        leaf.clear();
    } else if !has_mark {
        match (digits, leaf.bytes().first()) {
            (9, _) => leaf.group(b'-', &[3, 2]),
            (10, _) => leaf.group(b'-', &[3, 3]),
            (11, Some(b'1')) => leaf.group(b'-', &[1, 3, 3]),
            _ => {}
        }
    }
    Ok(end)
}

/// True for digits each of which is the next one up, or down: somebody counts.
fn is_counting(digits: &[u8]) -> bool {
    let steps = |step: u8| digits.windows(2).all(|pair| matches!(pair, [a, b] if b.wrapping_sub(*a) == step));
    steps(1) || steps(u8::MAX)
}

/// Where a number begins that the end of the text may cut off.
fn start(text: &[u8], at: usize) -> usize {
    if at < text.len() {
        return at;
    }
    let word = text.iter().rev().take(WORD_BYTES_MAX).take_while(|byte| alphanumeric(**byte)).count();
    begin(text, text.len() - word, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_their_digits() {
        assert_eq!(meaning(b"Seven"), Some(b'7'));
        assert_eq!(meaning(b"7"), Some(b'7'));
        assert_eq!(meaning(b"eleven"), None);
        assert!(is_counting(b"123456789") && is_counting(b"987") && !is_counting(b"536904399"));
        assert!(WORDS.iter().all(|(word, meaning)| word.len() <= WORD_BYTES_MAX && *meaning > 0));
    }
}
