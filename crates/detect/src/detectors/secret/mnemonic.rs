//! Phrases that open a wallet: twelve to twenty-four words behind `seed phrase` or `mnemonic` (BIP 39).
//!
//! The list of 2,048 words is not kept. Its words have three to eight small letters, and none of those that every sentence
//! has is among them; a row of just as many of such words stands by chance in no prose. What tools are tested with repeats
//! one word.

use super::form;
use crate::window::{BOUNDARY, Checked, Match, NUMBER_BOUNDARY, Undecided, Window};

/// What is searched for: part of `mnemonic`, in small letters and in capitals, and of `phrase`.
pub(super) const MNEMONIC: &[u8] = b"nemo";
pub(super) const MNEMONIC_CAPITALS: &[u8] = b"NEMO";
pub(super) const PHRASE: &[u8] = b"hras";

/// What `phrase` stands behind.
const QUALIFIERS: [&[u8]; 6] = [b"seed", b"recovery", b"secret", b"backup", b"mnemonic", b"wallet"];
/// Bytes of the longest of them and of what joins the two.
const QUALIFIER_BYTES_MAX: usize = 12;

/// How many words there are: 128 to 256 bits and their check.
const COUNTS: [usize; 5] = [12, 15, 18, 21, 24];
const COUNT_MAX: usize = 24;

/// Letters of a word.
const WORD_BYTES_MIN: usize = 3;
const WORD_BYTES_MAX: usize = 8;

/// Letters that two words have on average at least: those of the list have eleven, names of instructions six.
const LETTERS_OF_TWO_MIN: usize = 9;

/// Words that sentences have and the list does not.
const SPOKEN: [&[u8]; 18] = [
    b"the", b"and", b"for", b"with", b"from", b"your", b"our", b"are", b"was", b"were", b"has", b"have", b"had",
    b"but", b"not", b"its", b"his", b"her",
];

/// Decides behind one of the heads, at `ending`.
pub(super) fn check(window: &Window<'_>, ending: usize, head: &[u8]) -> Checked {
    let is_phrase = head == PHRASE;
    let end = behind_any(window, ending, if is_phrase { &[b"e"] } else { &[b"nic", b"NIC"] })?;
    if end == ending || (is_phrase && !is_qualified(window, ending)) {
        return Ok(None);
    }
    let end = behind_any(window, end, &[b" phrase", b"_PHRASE", b" words"])?;
    let start = behind_joint(window, end)?;
    if start == end { Ok(None) } else { words(window, start) }
}

/// Behind the first of these that stands at `start`, or there.
fn behind_any(window: &Window<'_>, start: usize, literals: &[&[u8]]) -> Result<usize, Undecided> {
    for literal in literals {
        if window.starts_with(start, literal)? {
            return Ok(start + literal.len());
        }
    }
    Ok(start)
}

/// True for one of [`QUALIFIERS`] before the word of whose head the end is at `ending`.
fn is_qualified(window: &Window<'_>, ending: usize) -> bool {
    let word = ending.saturating_sub(PHRASE.len() + 1);
    let head = window.slice(word.saturating_sub(QUALIFIER_BYTES_MAX), word);
    let head = head.strip_suffix(b" ").or_else(|| head.strip_suffix(b"_")).unwrap_or(head);
    let ends = |word: &&[u8]| {
        head.split_at_checked(head.len().wrapping_sub(word.len()))
            .is_some_and(|(_, end)| end.eq_ignore_ascii_case(word))
    };
    QUALIFIERS.iter().any(ends)
}

/// Behind quotes, signs and a verb that join a name and its value.
fn behind_joint(window: &Window<'_>, start: usize) -> Result<usize, Undecided> {
    const JOINT_BYTES_MAX: usize = 12;
    let in_joint = |byte: u8| {
        byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b':' | b'=' | b'(' | b'*' | b'>' | b'\\')
    };
    let verb = start + window.run(start, JOINT_BYTES_MAX, in_joint)?;
    let value = behind_any(window, verb, &[b"is "])?;
    Ok(value + window.run(value, JOINT_BYTES_MAX, in_joint)?)
}

/// The words at `start`, and nothing but them.
fn words(window: &Window<'_>, start: usize) -> Checked {
    const BYTES_MAX: usize = COUNT_MAX * (WORD_BYTES_MAX + 1);
    let in_words = |byte: u8| byte.is_ascii_lowercase() || byte == b' ';
    let length = window.run(start, BYTES_MAX, in_words)?;
    let text = window.slice(start, start + length).trim_ascii_end();
    let is_word = |word: &[u8]| (WORD_BYTES_MIN..=WORD_BYTES_MAX).contains(&word.len()) && !SPOKEN.contains(&word);
    let each = || text.split(|byte| *byte == b' ');
    let count = each().count();
    if length == BYTES_MAX || !COUNTS.contains(&count) || !each().all(is_word) {
        return Ok(None);
    }
    let is_repeated = |(place, word): (usize, &[u8])| each().take(place).any(|before| before == word);
    let repeated = each().enumerate().filter(|word| is_repeated(*word)).count();
    let next = window.at(start + length)?;
    let is_ended = !(next.is_ascii_alphanumeric() || next == b'-') || matches!(next, BOUNDARY | NUMBER_BOUNDARY);
    let letters = text.len() + 1 - count;
    let is_long = letters * 2 >= LETTERS_OF_TWO_MIN * count;
    let found = Match::new(start, start + text.len(), form::SECRET, 85);
    Ok((is_ended && is_long && repeated * 4 < count).then_some(found))
}

#[cfg(test)]
mod tests {
    use crate::EntityType;
    use crate::detectors::testing::{find_all, passes};

    const TWELVE: &str = "promote indicate traffic quick whisper april similar chronic orient rain action student";

    #[test]
    fn the_words_of_a_wallet_are_found() {
        let more = "motion come because struggle item canoe various mystery ritual seed field dry";
        for words in [TWELVE.to_owned(), format!("{TWELVE} {more}")] {
            for text in [
                "my seed phrase is @\n",
                "Recovery phrase: @.",
                "MNEMONIC=\"@\"",
                "mnemonic: '@'",
                "const mnemonic = \"@\";",
                "ethers.Wallet.fromMnemonic('@')",
                "SEED_phrase=@",
                "seed phrase:\n@",
                "{\"mnemonic\":\"@\"}",
            ] {
                let text = text.replace('@', &words);
                let found = find_all(&text);
                assert!(found.iter().any(|found| found.1 == words), "{text}: {found:?}");
            }
        }
    }

    #[test]
    fn sentences_about_them_pass() {
        passes(
            EntityType::Secret,
            &[
                "my seed phrase is written down with some other things and kept where only you know it",
                "mnemonic \"add sub mul div mod neg inc dec shl shr rol ror\"",
                "mnemonic: test test test test test test test test test test test junk",
                "the mnemonic is twelve words",
                "phrase: promote indicate traffic quick whisper april similar chronic orient rain action student",
                "seed phrase: promote indicate traffic quick whisper april",
                "seed phrase generators make twelve words that people write down when they first open some wallet",
            ],
        );
    }
}
