//! Letters that were drawn, told from those of words by which follows which.
//!
//! In a name or a word most letters follow as they do in others; of letters drawn at random few do. Names that
//! programs give have their capitals one by one, or in a row at an abbreviation.

use super::shape::Shape;

/// The letters, capitals and small ones alike.
const LETTERS: usize = 26;

/// For each letter and the next, sixteenths of log2 of how much more often words have this pair than drawn
/// letters do (`scripts/letter-pairs` makes it).
static PAIRS: &[u8; LETTERS * LETTERS] = include_bytes!("pairs.bin");

/// A sixteenth of a factor of two, in which [`PAIRS`] counts.
pub(super) const UNIT: i32 = 16;

/// Letters of the shortest text of which they tell.
const BYTES_MIN: usize = 8;
const SMALL_BYTES_MIN: usize = 10;

/// True if letters make up the text and change between capitals and small ones as no name does, or have no
/// capitals and are even less of a word.
///
/// Of letters drawn at random nine in ten are told at ten of them; of names in programs three in a hundred are taken
/// for such.
pub(crate) fn are_drawn(text: &[u8], shape: &Shape) -> bool {
    if shape.letters() != text.len() || text.len() < BYTES_MIN || shape.distinct < 6 {
        return false;
    }
    let Some(likelihood) = likelihood(text) else { return false };
    if shape.lowers >= 2 && shape.uppers >= 2 {
        let changes_min = if likelihood <= -UNIT { text.len() / 5 } else { text.len() / 3 };
        return shape.changes >= changes_min && likelihood * 2 <= -UNIT;
    }
    shape.lowers == text.len() && text.len() >= SMALL_BYTES_MIN && likelihood * 4 <= -5 * UNIT
}

/// True for a text whose letters, of both sorts, words seldom have in this order, whatever stands between them:
/// `ZkHaAy$jYDLg`, `8kQrPTsDSuFEhbty`.
pub(crate) fn are_unlike_words(text: &[u8], shape: &Shape) -> bool {
    shape.lowers >= 2
        && shape.uppers >= 2
        && shape.letters() >= 6
        && shape.changes * 4 >= shape.letters()
        && likelihood(text).is_some_and(|mean| mean * 4 <= -UNIT)
}

/// How likely words are to have these pairs of letters: the mean over all of them, in the unit of [`PAIRS`]; none
/// without pairs.
pub(crate) fn likelihood(text: &[u8]) -> Option<i32> {
    let letter = |byte: u8| usize::from((byte | 0x20).wrapping_sub(b'a'));
    let (mut sum, mut count) = (0, 0);
    for pair in text.windows(2) {
        let [first, second] = *pair else { continue };
        let (first, second) = (letter(first), letter(second));
        if first < LETTERS && second < LETTERS {
            let odds = PAIRS.get(first * LETTERS + second).copied().unwrap_or(0);
            sum += i32::from(odds.cast_signed());
            count += 1;
        }
    }
    (count > 0).then(|| sum / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str) -> bool {
        are_drawn(text.as_bytes(), &Shape::of(text.as_bytes()))
    }

    #[test]
    fn drawn_letters_are_told_from_names() {
        for text in ["nBUbHoWCKxFJowRzWD", "CxtWzphTnTRt", "tQQfyaMuNd", "QRqUvASlIZiyzV", "kqzvbnxwjtrp"] {
            assert!(drawn(text), "{text}");
        }
        for text in [
            "setUserNameOnForm",
            "getPassword",
            "MsSqlServer",
            "IOException",
            "DBConnection",
            "XMLHttpRequest",
            "correcthorsebattery",
            "passwordhash",
            "PlainTextOnly",
            "ABCDEFGH",
        ] {
            assert!(!drawn(text), "{text}");
        }
    }

    #[test]
    fn a_mean_is_of_pairs_alone() {
        assert_eq!(likelihood(b""), None);
        assert_eq!(likelihood(b"a1b2c3"), None);
        assert_eq!(likelihood(b"th"), likelihood(b"1Th2"));
        assert!(likelihood(b"th") > likelihood(b"qx"));
    }
}
