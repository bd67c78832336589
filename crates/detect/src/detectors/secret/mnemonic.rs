//! Seed phrases of wallets: 12 to 24 words of the English list of BIP-39, the last of which carries a checksum.
//!
//! Words may stand in one line or one a line, with commas, quotes or numbers between them, small or not. A phrase whose
//! checksum fails counts where words before it announce one, and so does what is as long as the longest phrase: nobody
//! writes so many words of the list in a row, but in their alphabetical order.

use super::form;
use crate::context::{self, Words};
use crate::window::{Match, Undecided, Window};
use bip39::{Language, Mnemonic};
use core::ops::Range;
use std::sync::LazyLock;

/// Letters of the shortest and of the longest word.
const LETTERS_MIN: usize = 3;
pub(crate) const LETTERS_MAX: usize = 8;

/// Bytes between two words: `",\n      "`, or the number of a line.
pub(crate) const GAP_BYTES_MAX: usize = 12;

/// Words of phrases, the longest first.
const WORD_COUNTS: [usize; 5] = [24, 21, 18, 15, 12];
const WORDS_MIN: usize = 12;

/// Words of the list that are read in a row: the longest phrase, and what may stand before it: `this seed phrase`.
const WORDS_MAX: usize = 34;
/// Of these the first that may announce a phrase.
const LABEL_WORDS_MAX: usize = 5;
const LABELS: [&str; 4] = ["seed", "phrase", "secret", "key"];

/// Bytes in which a phrase ends.
const BYTES_MAX: usize = 352;

/// Bytes of the shortest phrase that is looked for: words of five letters, now and then a shorter one.
pub(crate) const PHRASE_BYTES_MIN: usize = 56;

/// Bytes of the words of a phrase with a space behind each.
const TEXT_BYTES_MAX: usize = 24 * (LETTERS_MAX + 1);

/// What announces a phrase.
static ANNOUNCING: Words = Words::new(&[
    b"mnemonic*",
    b"seed*",
    b"recovery",
    b"wallet*",
    b"phrase*",
    b"passphrase*",
    b"bip39",
    b"bip-39",
    b"backup*",
    b"ledger*",
    b"trezor*",
    b"metamask*",
    b"words",
]);

/// What stands at a word.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    Phrase(Match),
    /// No phrase begins before this place.
    Nothing(usize),
}

/// Words of the list in a row.
struct Run {
    words: [(u16, Range<usize>); WORDS_MAX],
    count: usize,
}

/// Decides at a word that begins at `start`.
pub(crate) fn read(window: &Window<'_>, start: usize) -> Result<Read, Undecided> {
    let mut row = [const { 0..0 }; WORDS_MAX];
    let (mut count, mut place, mut next) = (0, start, start);
    while count < WORDS_MAX && place < start + BYTES_MAX {
        let letters = window.run(place, LETTERS_MAX + 1, |byte| byte.is_ascii_alphabetic())?;
        next = place + letters;
        if !may_be_word(window.text(), &(place..next)) {
            break;
        }
        row.iter_mut().skip(count).take(1).for_each(|word| *word = place..next);
        count += 1;
        let gap = window.run(next, GAP_BYTES_MAX + 1, is_between)?;
        next += gap;
        if gap == 0 || gap > GAP_BYTES_MAX {
            break;
        }
        place = next;
    }
    if count >= WORDS_MIN {
        let mut run = Run { words: [const { (0, 0..0) }; WORDS_MAX], count: 0 };
        for word in row.into_iter().take(count) {
            let Some(number) = number(window.slice(word.start, word.end)) else {
                next = word.end;
                break;
            };
            run.push(number, word);
        }
        if let Some(found) = run.phrase(window) {
            return Ok(Read::Phrase(found));
        }
    }
    Ok(Read::Nothing(next.max(start + 1)))
}

/// The place of a word in the list, which is in alphabetical order.
fn number(word: &[u8]) -> Option<u16> {
    let mut small = [0; LETTERS_MAX];
    let small = small.get_mut(..word.len())?;
    small.copy_from_slice(word);
    small.make_ascii_lowercase();
    let place = Language::English.word_list().binary_search_by(|known| known.as_bytes().cmp(small)).ok()?;
    u16::try_from(place).ok()
}

/// False for most words of a text that are not in the list.
#[inline]
pub(crate) fn may_be_word(text: &[u8], word: &Range<usize>) -> bool {
    let length = word.end - word.start;
    if !(LETTERS_MIN..=LETTERS_MAX).contains(&length) {
        return false;
    }
    let rest = text.get(word.start..).unwrap_or_default();
    let letters = rest.first_chunk().copied().unwrap_or_else(|| {
        let mut letters = [0; LETTERS_MAX];
        letters.iter_mut().zip(rest).for_each(|(place, letter)| *place = *letter);
        letters
    });
    FILTER.may_have(letters, length)
}

/// A bit for each word of the list, at a place that a hash gives.
struct Filter([u64; Self::WORD_COUNT]);

static FILTER: LazyLock<Filter> = LazyLock::new(|| {
    let mut filter = Filter([0; Filter::WORD_COUNT]);
    for word in Language::English.word_list() {
        let mut letters = [0; LETTERS_MAX];
        letters.iter_mut().zip(word.bytes()).for_each(|(place, letter)| *place = letter);
        let (place, bit) = Filter::place(letters, word.len());
        filter.0.iter_mut().skip(place).take(1).for_each(|word| *word |= bit);
    }
    filter
});

impl Filter {
    /// Sixteen bits for each word.
    const WORD_COUNT: usize = 1 << 9;
    /// An odd number of many bits, the fraction of the golden ratio.
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    /// The bit in which capitals differ from small letters.
    const CASE: u64 = u64::from_ne_bytes([0x20; LETTERS_MAX]);

    /// The place of the first letters, as many as a word has; at least one.
    #[inline]
    const fn place(letters: [u8; LETTERS_MAX], length: usize) -> (usize, u64) {
        let word = (u64::from_le_bytes(letters) | Self::CASE) & u64::MAX >> (8 * (LETTERS_MAX - length));
        let hash = (word.wrapping_mul(Self::FACTOR) >> 49) as usize;
        (hash >> 6, 1 << (hash & 63))
    }

    #[inline]
    fn may_have(&self, letters: [u8; LETTERS_MAX], length: usize) -> bool {
        let (place, bit) = Self::place(letters, length);
        self.0.get(place).is_some_and(|bits| bits & bit != 0)
    }
}

/// What may stand between two words.
const fn is_between(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphabetic()
}

impl Run {
    fn push(&mut self, number: u16, place: Range<usize>) {
        if let Some(word) = self.words.get_mut(self.count) {
            *word = (number, place);
            self.count += 1;
        }
    }

    fn words(&self, range: Range<usize>) -> &[(u16, Range<usize>)] {
        self.words.get(..self.count).and_then(|words| words.get(range)).unwrap_or_default()
    }

    /// The words, if a phrase is among them: those before it may belong to what announces it.
    fn phrase(&self, window: &Window<'_>) -> Option<Match> {
        let all = self.words(0..self.count);
        let first = all.first().filter(|_| self.count >= WORDS_MIN)?;
        let has_checked = WORD_COUNTS.into_iter().any(|count| {
            let firsts = 0..(self.count + 1).saturating_sub(count);
            firsts.map(|first| self.words(first..first + count)).any(|words| !is_list(words) && is_checked(words))
        });
        if has_checked {
            return found(all, 95);
        }
        let is_label = |word: &(u16, Range<usize>)| {
            Language::English.word_list().get(usize::from(word.0)).is_some_and(|word| LABELS.contains(word))
        };
        let is_announced =
            || all.iter().take(LABEL_WORDS_MAX).any(is_label) || context::precedes(window, first.1.start, &ANNOUNCING);
        let accepted = !is_list(all) && (self.count >= WORD_COUNTS[0] || is_announced());
        if accepted { found(all, 75) } else { None }
    }
}

fn found(words: &[(u16, Range<usize>)], percent: u8) -> Option<Match> {
    let [(_, first), .., (_, last)] = words else { return None };
    Some(Match::new(first.start, last.end, form::SEED_PHRASE, percent))
}

/// True for words in their order, and for those of examples, which repeat a few.
fn is_list(words: &[(u16, Range<usize>)]) -> bool {
    let repeated =
        words.iter().enumerate().filter(|(place, word)| words.iter().take(*place).any(|other| other.0 == word.0));
    words.is_sorted_by_key(|word| word.0) || repeated.count() * 4 > words.len()
}

/// True if the checksum holds.
fn is_checked(words: &[(u16, Range<usize>)]) -> bool {
    let mut text = [b' '; TEXT_BYTES_MAX];
    let mut end = 0;
    for (number, _) in words {
        let word =
            Language::English.word_list().get(usize::from(*number)).map(|word| word.as_bytes()).unwrap_or_default();
        let Some(place) = text.get_mut(end..end + word.len()) else { return false };
        place.copy_from_slice(word);
        end += word.len() + 1;
    }
    let text = text.get(..end).and_then(|text| core::str::from_utf8(text).ok());
    text.is_some_and(|text| Mnemonic::parse_in_normalized(Language::English, text).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EntityType;
    use crate::detectors::testing::{finds, passes};

    /// Phrases whose entropy is counted up.
    fn phrase(seed: u8, bytes: usize) -> String {
        let entropy: Vec<u8> = (0..bytes).map(|place| blake3::hash(&[seed]).as_bytes()[place]).collect();
        let mnemonic = Mnemonic::from_entropy_in(Language::English, &entropy).unwrap();
        mnemonic.words().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn phrases_of_every_length_are_found_however_they_are_written() {
        for (seed, bytes) in (0..40).flat_map(|seed| [16, 20, 24, 28, 32].map(|bytes| (seed, bytes))) {
            let plain = phrase(seed, bytes);
            let words: Vec<&str> = plain.split(' ').collect();
            let numbered = words.iter().enumerate().map(|(place, word)| format!("{}. {word}", place + 1));
            let numbered = numbered.collect::<Vec<_>>().join("\n");
            let (lines, quoted) = (words.join("\n"), words.join("\", \""));
            let indented = words.join("\",\n   \"");
            let capitals = plain.to_uppercase();
            for (text, expected) in [
                (format!("what do I do with {plain}?"), plain.as_str()),
                (format!("MNEMONIC=\"{plain}\"\nRPC_URL=https://x"), &plain),
                (format!("my phrases: {capitals}. thanks"), &capitals),
                (format!("the 12 words are\n{lines}\n\nWhich wallet"), &lines),
                (format!("const xs = [\"{quoted}\"];"), &quoted),
                (format!("x: [\n   \"{indented}\"\n]"), &indented),
                (format!("recovery\n{numbered}\n"), numbered.strip_prefix("1. ").unwrap()),
            ] {
                finds(EntityType::Secret, &text, &[expected]);
            }
        }
    }

    #[test]
    fn words_of_the_list_before_a_phrase_do_not_hide_it() {
        for (seed, before) in
            [(1, "can you help check this"), (2, "test test test test test test"), (3, "that will make")]
        {
            let text = format!("{before} {}", phrase(seed, 32));
            finds(EntityType::Secret, &format!("{text}. thanks"), &[&text]);
        }
    }

    #[test]
    fn words_with_a_wrong_checksum_count_where_they_are_announced() {
        let words = "ocean hidden kidney famous rich season gloom husband spring convince attitude brave";
        assert!(Mnemonic::parse_in_normalized(Language::English, words).is_err());
        finds(EntityType::Secret, &format!("backup of the wallet: {words}"), &[words]);
        let seed = format!("seed phrase: {words}");
        finds(EntityType::Secret, &format!("my {seed}"), &[&seed]);
        passes(EntityType::Secret, &[&format!("some nouns: {words}")]);
    }

    #[test]
    fn prose_lists_and_examples_are_no_phrases() {
        let sorted = Language::English.word_list()[300..340].join("\n");
        let example = "mnemonic: ".to_owned() + &"abandon ".repeat(11) + "about";
        passes(
            EntityType::Secret,
            &[
                &sorted,
                &example,
                "mnemonic: \"test test test test test test test test test test test junk\"",
                "they have been trying other things that could make people happy about their work during spring break",
                "mnemonic phrase words must be from the list, twelve words or more, without any number between them",
            ],
        );
    }
}
