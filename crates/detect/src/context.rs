//! Context words: words near a candidate that make it what it looks like.

use crate::block::{Letter, Within, bits_at, count};
use crate::text::alphanumeric;
use crate::window::{BOUNDARY, CONTEXT_BYTES, NUMBER_BOUNDARY, Undecided, Window};
use core::cell::OnceCell;
use core::ops::Range;

/// Words in lower case; one that ends in `*` also matches where letters follow.
#[derive(Debug)]
pub(crate) struct Words {
    list: &'static [&'static [u8]],
    /// One bit for each pair of letters, small or not, that one begins with.
    pairs: [u64; PAIRS / BITS],
    /// The words' places in the order of their first letters.
    order: [u8; WORDS_MAX],
    /// Where the words of each first letter, and of the next one, begin in it.
    letters: [u8; LETTERS + 1],
}

/// Words of the longest list.
const WORDS_MAX: usize = 255;
/// First letters that are told apart.
const LETTERS: usize = 1 << 5;

/// Pairs of letters, five bits each.
const PAIRS: usize = 1 << 10;
const BITS: usize = u64::BITS as usize;

impl Words {
    pub(crate) const NONE: Self = Self::new(&[]);

    #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
    pub(crate) const fn new(list: &'static [&'static [u8]]) -> Self {
        let mut pairs = [0; PAIRS / BITS];
        let mut place = 0;
        while place < list.len() {
            let word = list[place];
            // What is no letter may be written otherwise: a space as a dash.
            let any = word.len() < 2 || word[1] == b' ' || word[1] == b'*';
            let mut second = 0;
            while second < 32 {
                if any || second == word[1] & 31 {
                    let pair = pair(word[0], second);
                    pairs[pair / BITS] |= 1 << (pair % BITS);
                }
                second += 1;
            }
            place += 1;
        }
        let (order, letters) = by_letter(list);
        Self { list, pairs, order, letters }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'static [u8]> {
        self.list.iter().copied()
    }

    /// The same, for others.
    pub(crate) fn begins(&self, text: &[u8]) -> bool {
        self.begin(text)
    }

    /// True if `text` begins with one of them.
    #[inline]
    fn begin(&self, text: &[u8]) -> bool {
        let byte = |place: usize| text.get(place).copied().unwrap_or(BOUNDARY);
        let pair = pair(byte(0), byte(1));
        let is_possible = self.pairs.get(pair / BITS).is_some_and(|bits| bits >> (pair % BITS) & 1 == 1);
        is_possible && self.with_letter(byte(0)).any(|expected| is_word(text, expected))
    }

    /// The words that begin with this letter, small or not.
    fn with_letter(&self, letter: u8) -> impl Iterator<Item = &'static [u8]> {
        let bound = |letter: usize| self.letters.get(letter).map_or(0, |place| usize::from(*place));
        let letter = letter_of(letter);
        let places = self.order.get(bound(letter)..bound(letter + 1)).unwrap_or_default();
        places.iter().filter_map(|place| self.list.get(usize::from(*place)).copied())
    }
}

/// The order of words by their first letters, and where each letter begins in it.
#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "the compiler evaluates it")]
const fn by_letter(list: &[&[u8]]) -> ([u8; WORDS_MAX], [u8; LETTERS + 1]) {
    assert!(list.len() <= WORDS_MAX, "a byte says a word's place");
    let (mut order, mut letters) = ([0; WORDS_MAX], [0; LETTERS + 1]);
    let (mut letter, mut count) = (0, 0);
    while letter < LETTERS {
        letters[letter] = count as u8;
        let mut place = 0;
        while place < list.len() {
            if letter_of(list[place][0]) == letter {
                order[count] = place as u8;
                count += 1;
            }
            place += 1;
        }
        letter += 1;
    }
    letters[LETTERS] = count as u8;
    (order, letters)
}

/// A letter as a number below [`LETTERS`], small or not; what is no letter shares it with some.
const fn letter_of(byte: u8) -> usize {
    byte as usize & (LETTERS - 1)
}

/// Two letters as a number below [`PAIRS`]; what is no letter shares it with some.
const fn pair(first: u8, second: u8) -> usize {
    letter_of(first) << 5 | letter_of(second)
}

/// True if one of `words` begins within [`CONTEXT_BYTES`] before `start`, across leaf boundaries
/// too: the key of a JSON member is the best context its value can have.
pub(crate) fn precedes(window: &Window<'_>, start: usize, words: &Words) -> bool {
    nearest(window, start, words).is_some()
}

/// How far before `start` the last of `words` begins, within [`CONTEXT_BYTES`].
pub(crate) fn nearest(window: &Window<'_>, start: usize, words: &Words) -> Option<usize> {
    let context = window.slice(start.saturating_sub(CONTEXT_BYTES), start);
    last_word(context, words).map(<[u8]>::len)
}

/// The same if no digit stands between: the word names this number, not another one before it.
pub(crate) fn nearest_direct(window: &Window<'_>, start: usize, words: &Words) -> Option<usize> {
    let from = start.saturating_sub(CONTEXT_BYTES);
    let context = window.slice(from, start);
    let digit = context.iter().rposition(u8::is_ascii_digit).map_or(0, |place| place + 1);
    // A word that goes on behind a digit has begun before it.
    let direct = context.get(digit..).unwrap_or_default();
    last_word(direct, words).map(<[u8]>::len)
}

/// True for texts that differ in their digits and letters alone: numbers in one form.
pub(crate) fn is_like(text: &[u8], other: &[u8]) -> bool {
    let alike = |(one, other): (&u8, &u8)| {
        one == other
            || one.is_ascii_digit() && other.is_ascii_digit()
            || one.is_ascii_alphabetic() && other.is_ascii_alphabetic()
    };
    text.len() == other.len() && text.iter().zip(other).all(alike)
}

/// True if a number in the form of `text` stands at `at`.
///
/// # Errors
/// [`Undecided`] while it may.
pub(crate) fn follows_like(window: &Window<'_>, at: usize, text: &[u8]) -> Result<bool, Undecided> {
    for (place, expected) in text.iter().enumerate() {
        if !is_like(&[window.at(at + place)?], core::slice::from_ref(expected)) {
            return Ok(false);
        }
    }
    Ok(!alphanumeric(window.at(at + text.len())?))
}

/// What parts the items of a list, the longer first.
const JOINTS: &[&[u8]] = &[
    b"\", \"", b"', '", b", and ", b", or ", b"\",\"", b"','", b" and ", b" und ", b" or ", b" et ", b" y ", b" e ",
    b" & ", b" / ", b", ", b"; ", b"\r\n", b",", b";", b"/", b" ", b"\n",
];

/// As [`nearest_direct`], but for what is an item of a list: other items in its form may stand between.
pub(crate) fn nearest_to_list(window: &Window<'_>, start: usize, end: usize, words: &Words) -> Option<usize> {
    if let Some(distance) = nearest_direct(window, start, words) {
        return Some(distance);
    }
    let (from, item) = (start.saturating_sub(CONTEXT_BYTES), window.slice(start, end));
    let context = window.slice(from, start);
    if context.is_ascii() && count(context, Letter) == 0 {
        return None;
    }
    let mut first = start;
    while let Some(before) = item_before(window.slice(from, first), item) {
        first = from + before;
    }
    let distance = |word: &[u8]| start - first + word.len();
    let head = window.slice(from, first);
    let direct = head.iter().rposition(u8::is_ascii_digit).map_or(0, |place| place + 1);
    (first < start).then(|| last_word(head.get(direct..)?, words).map(distance)).flatten()
}

/// Where the item begins before one like it, behind which `head` ends. In prose its marks may be others.
pub(crate) fn item_before(head: &[u8], item: &[u8]) -> Option<usize> {
    let joint = head
        .last()
        .filter(|last| !alphanumeric(**last))
        .and_then(|_| JOINTS.iter().find(|joint| head.ends_with(joint)))?;
    let before = head.get(..head.len() - joint.len())?;
    let is_whole = |start: &usize| {
        start.checked_sub(1).and_then(|place| before.get(place)).is_none_or(|byte| !alphanumeric(*byte))
    };
    let alike = before.len().checked_sub(item.len()).filter(is_whole);
    if alike.is_some_and(|start| before.get(start..).is_some_and(|other| is_like(other, item))) {
        return alike;
    }
    let in_word = |byte: &&u8| alphanumeric(**byte) || **byte == b'-';
    let word = before.get(before.len() - before.iter().rev().take_while(in_word).count()..)?;
    let characters = |text: &[u8]| text.iter().filter(|byte| alphanumeric(**byte)).count();
    let is_other = joint.len() > 1
        && joint.ends_with(b" ")
        && characters(word) == characters(item)
        && word.iter().any(u8::is_ascii_digit);
    is_other.then(|| before.len() - word.len())
}

/// The words of a text of at most [`CONTEXT_BYTES`], each with what follows it.
pub(crate) fn words_of(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut starts = word_starts(text);
    core::iter::from_fn(move || {
        let start = (starts != 0).then(|| starts.trailing_zeros() as usize)?;
        starts &= starts - 1;
        text.get(start..)
    })
}

/// What stands behind the last of `words` in a text of at most [`CONTEXT_BYTES`].
pub(crate) fn behind_last<'t>(text: &'t [u8], words: &Words) -> Option<&'t [u8]> {
    let word = last_word(text, words)?;
    word.get(word_bytes(word, words)..)
}

/// The last of `words` that begins within [`CONTEXT_BYTES`] before `start`, and where it stands; if `direct`, none with a
/// digit between. For who tells people about it.
pub(crate) fn place_before(window: &Window<'_>, start: usize, words: &Words, direct: bool) -> Option<Range<usize>> {
    let distance = if direct { nearest_direct(window, start, words) } else { nearest(window, start, words) }?;
    let from = start.checked_sub(distance)?;
    Some(from..from + word_bytes(window.slice(from, start), words))
}

/// The same of the last word that begins within `bytes` behind `end`, in the same leaf.
pub(crate) fn place_behind(window: &Window<'_>, end: usize, bytes: usize, words: &Words) -> Option<Range<usize>> {
    let near = window.slice(end, window.len().min(end + bytes));
    let stop = near.iter().position(|byte| matches!(*byte, BOUNDARY | NUMBER_BOUNDARY)).unwrap_or(near.len());
    let word = last_word(near.get(..stop).unwrap_or_default(), words)?;
    let from = end + stop - word.len();
    Some(from..from + word_bytes(word, words))
}

/// How long the longest of `words` is with which a text begins, with what goes on from one that may.
fn word_bytes(text: &[u8], words: &Words) -> usize {
    let length = |expected: &&'static [u8]| match expected.split_last() {
        Some((b'*', word)) => {
            let rest = text.get(word.len()..).unwrap_or_default();
            word.len() + rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count()
        }
        _ => expected.len(),
    };
    words
        .iter()
        .filter(|expected| is_word(text, expected))
        .map(|expected| length(&expected))
        .max()
        .unwrap_or(0)
        .min(text.len())
}

/// The text from the last of `words` on.
fn last_word<'t>(context: &'t [u8], words: &Words) -> Option<&'t [u8]> {
    let mut starts = word_starts(context);
    while starts != 0 {
        let place = starts.ilog2();
        starts ^= 1 << place;
        let word = context.get(place as usize..)?;
        if words.begin(word) {
            return Some(word);
        }
    }
    None
}

/// The words within [`CONTEXT_BYTES`] before a candidate, for who asks about several lists; they are
/// looked for when the first is asked about.
#[derive(Debug)]
pub(crate) struct Before<'a> {
    text: &'a [u8],
    /// Where words start: a bit a byte.
    starts: OnceCell<u64>,
}

impl<'a> Before<'a> {
    /// What stands before `start`.
    pub(crate) fn read(window: &Window<'a>, start: usize) -> Self {
        Self { text: window.slice(start.saturating_sub(CONTEXT_BYTES), start), starts: OnceCell::new() }
    }

    /// True if one of `words` is there.
    pub(crate) fn has(&self, words: &Words) -> bool {
        self.has_within(CONTEXT_BYTES, words)
    }

    /// True if one of `words` begins within the last `bytes`.
    pub(crate) fn has_within(&self, bytes: usize, words: &Words) -> bool {
        let from = self.text.len().saturating_sub(bytes);
        let within = u64::MAX.checked_shl(u32::try_from(from).unwrap_or(0)).unwrap_or(0);
        let mut places = self.starts.get_or_init(|| word_starts(self.text)) & within;
        while places != 0 {
            let place = places.trailing_zeros() as usize;
            places &= places - 1;
            if self.text.get(place..).is_some_and(|word| words.begin(word)) {
                return true;
            }
        }
        false
    }
}

/// True if one of these texts, which need not be words and begin beyond ASCII, stands within [`CONTEXT_BYTES`] before
/// `start`: for scripts whose words cannot be told by their bytes.
pub(crate) fn precedes_text(window: &Window<'_>, start: usize, texts: &[&str]) -> bool {
    let context = window.slice(start.saturating_sub(CONTEXT_BYTES), start);
    let begins =
        |text: &&str, rest: &[u8]| text.as_bytes().first() == rest.first() && rest.starts_with(text.as_bytes());
    let mut places = context.iter().enumerate().filter(|(_, byte)| **byte >= 0xc0).map(|(place, _)| place);
    places.any(|place| context.get(place..).is_some_and(|rest| texts.iter().any(|text| begins(text, rest))))
}

/// True if one of `words` begins within `bytes` behind `end`, in the same leaf.
///
/// # Errors
/// [`Undecided`] while there is none and the range has not arrived.
pub(crate) fn follows(window: &Window<'_>, end: usize, bytes: usize, words: &Words) -> Result<bool, Undecided> {
    let mut length = 0;
    while length < bytes {
        match window.at(end + length)? {
            BOUNDARY | NUMBER_BOUNDARY => break,
            _ => length += 1,
        }
    }
    Ok(last_word(window.slice(end, end + length), words).is_some())
}

/// Where words of at most [`CONTEXT_BYTES`] bytes start, a bit each. A word starts at a letter behind none, or at a
/// capital behind a small letter, so that `userSsn` and `home_phone` have two. So does every
/// character beyond ASCII: scripts without spaces have words anywhere.
fn word_starts(text: &[u8]) -> u64 {
    debug_assert!(text.len() <= CONTEXT_BYTES);
    let letters = bits_at(text, 0, Letter);
    let capitals = bits_at(text, 0, Within(b'A', b'Z'));
    let characters = bits_at(text, 0, Within(0xc2, 0xf4));
    let humps = capitals & (letters & !capitals) << 1;
    characters | letters & !(letters << 1) | humps
}

/// True if `text` begins with a word, or with several as prose or a name in a program writes them: `tax file number`,
/// `tax_file-number`, `taxFileNumber`.
#[inline]
pub(crate) fn is_word(text: &[u8], expected: &[u8]) -> bool {
    let (word, prefix) = match expected.split_last() {
        Some((b'*', word)) => (word, true),
        _ => (expected, false),
    };
    let mut rest = text;
    let mut before = BOUNDARY;
    for letter in word {
        let next = rest.first().copied().unwrap_or(BOUNDARY);
        if next.eq_ignore_ascii_case(letter) || (*letter == b' ' && matches!(next, b'_' | b'-')) {
            rest = rest.get(1..).unwrap_or_default();
            before = next;
        } else if *letter != b' ' || !next.is_ascii_uppercase() || !before.is_ascii_lowercase() {
            return false;
        }
    }
    let next = rest.first().copied().unwrap_or(BOUNDARY);
    prefix || !alphanumeric(next) || ends_hump(before, next)
}

/// True between `ssn` and `Number` in `ssnNumber`.
const fn ends_hump(last: u8, next: u8) -> bool {
    next.is_ascii_digit() || (next.is_ascii_uppercase() && last.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &Words = &Words::new(&[b"ssn", b"social secur*"]);

    fn before(text: &str) -> bool {
        precedes(&Window::whole(text.as_bytes()), text.len(), WORDS)
    }

    #[test]
    fn words_are_found_in_prose_identifiers_and_keys() {
        for text in ["SSN: ", "my ssn is ", "user_ssn=", "userSsn: ", "ssnNumber ", "ssn2 "] {
            assert!(before(text), "{text}");
        }
        assert!(before("Social Security Number "));
        assert!(precedes(&Window::whole(b"ssn\xff5369"), 4, WORDS));
    }

    #[test]
    fn several_words_are_found_as_programs_write_them() {
        let before = |text: &str| {
            precedes(&Window::whole(text.as_bytes()), text.len(), &Words::new(&[b"tax file number", b"social secur*"]))
        };
        for text in
            ["tax file number ", "tax_file_number=", "TAX-FILE-NUMBER: ", "taxFileNumber\": ", "socialSecurityNo "]
        {
            assert!(before(text), "{text}");
        }
        for text in ["taxfilenumber ", "TAXFILENUMBER ", "tax filenumber ", "tax_file_numbers ", "tax.file.number "] {
            assert!(!before(text), "{text}");
        }
    }

    #[test]
    fn parts_of_other_words_are_no_context() {
        for text in ["classname ", "ssnow ", "passn ", "social life "] {
            assert!(!before(text), "{text}");
        }
    }

    #[test]
    fn texts_of_other_scripts_are_found_as_they_stand() {
        let precedes = |text: &str| precedes_text(&Window::whole(text.as_bytes()), text.len(), &["电话", "тел"]);
        assert!(precedes("我的电话是") && precedes("мой телефон: "));
        assert!(!precedes("号码") && !precedes("tel"));
        assert!(!precedes(&format!("电话{}", " ".repeat(CONTEXT_BYTES))));
    }

    #[test]
    fn a_word_before_a_list_is_one_before_each_item() {
        let near = |text: &str, item: &str| {
            let start = text.rfind(item).unwrap();
            nearest_to_list(&Window::whole(text.as_bytes()), start, start + item.len(), WORDS)
        };
        for text in [
            "ssn 12-3, 45-6 and 78-9",
            "ssn: \"12-3\", \"78-9\"",
            "SSN 12-3 / 78-9",
            "ssn 12-3\n45-6\n78-9",
            "ssn 78-9",
            "ssn 123, 4-56 and 78-9",
        ] {
            assert!(near(text, "78-9").is_some(), "{text}");
        }
        for text in [
            "ssn 12-34, 78-9",
            "ssn 7, 12-3, 78-9",
            "ssn 12-3: 78-9",
            "class 12-3, 78-9",
            "ssn x12-3, 78-9",
            "ssn 123,78-9",
            "ssn 123 78-9",
        ] {
            assert!(near(text, "78-9").is_none(), "{text}");
        }
    }

    #[test]
    fn context_is_bounded_on_both_sides() {
        let far = format!("ssn{}", " ".repeat(CONTEXT_BYTES));
        assert!(!before(&far));
        assert_eq!(follows(&Window::whole(b"123 (SSN)"), 3, 8, WORDS), Ok(true));
        assert_eq!(follows(&Window::whole(b"123\xff ssn"), 3, 8, WORDS), Ok(false));
        assert_eq!(follows(&Window::open(b"123 (S"), 3, 8, WORDS), Err(Undecided));
    }
}
