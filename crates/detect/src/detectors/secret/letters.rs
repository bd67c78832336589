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

/// Kinds of characters: small letters, capitals, digits, marks (`_`, `-`).
const KIND_COUNT: usize = 4;

/// For each two kinds of characters and the next, sixteenths of log2 of how much more often names in programs have it
/// than characters drawn of base64url do (`scripts/letter-kinds` makes it).
#[rustfmt::skip]
static KINDS: [[i8; KIND_COUNT]; KIND_COUNT * KIND_COUNT] = [
    [17, -56, -64, 26], [20, -50, -64, -64], [-10, -55, 30, 34], [15, -20, -45, 9],
    [20, -56, -64, -54], [-51, 16, -61, 30], [-64, -41, 39, 19], [-47, 19, -43, -17],
    [1, -64, 25, 31], [-3, -11, 19, 4], [-36, -64, 38, 20], [3, -18, 19, -39],
    [20, -64, -64, -25], [0, 6, -30, -24], [-39, -61, 39, 16], [13, -25, -45, 35],
];

/// Characters of the shortest text that can be unlike names.
const NAME_BYTES_MIN: usize = 8;

/// Factors of two by which a text is more likely drawn than a name, for it to be taken for drawn: where a value stands,
/// and where any word may. Of eleven characters drawn of base64url the one tells nineteen in twenty, the other seven in
/// eight; of names in programs of cryptography, which are the least like words, one in twenty-five and one in a hundred
/// are taken for such.
pub(crate) const ODDS: i32 = 8;
pub(crate) const ODDS_OF_WORD: i32 = 14;

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

/// True for letters of both sorts, digits and marks in an order that no name in a program has: `ob9_yRg_8nYPn4`. It is
/// drawn at least 2 to the power of `odds` times as likely as it was given.
pub(crate) fn are_unlike_names(text: &[u8], shape: &Shape, odds: i32) -> bool {
    let in_text = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    text.len() >= NAME_BYTES_MIN
        && shape.lowers > 0
        && shape.uppers > 0
        && shape.distinct >= 6
        && text.iter().all(in_text)
        && pairs(text).0 + kinds(text) <= -odds * UNIT
}

/// How likely names are to go from one kind of character to the next as a text does, in the unit of [`KINDS`].
fn kinds(text: &[u8]) -> i32 {
    let (mut first, mut second, mut sum) = (0, KIND_COUNT - 1, 0);
    for byte in text {
        let next = match byte {
            b'a'..=b'z' => 0,
            b'A'..=b'Z' => 1,
            b'0'..=b'9' => 2,
            _ => 3,
        };
        let odds = KINDS.get(first * KIND_COUNT + second).and_then(|row| row.get(next)).copied().unwrap_or(0);
        sum += i32::from(odds);
        (first, second) = (second, next);
    }
    sum
}

/// How likely words are to have these pairs of letters: the mean over all of them, in the unit of [`PAIRS`]; none
/// without pairs.
pub(crate) fn likelihood(text: &[u8]) -> Option<i32> {
    let (sum, count) = pairs(text);
    (count > 0).then(|| sum / count)
}

/// The sum of that over all pairs of letters, and how many there are.
fn pairs(text: &[u8]) -> (i32, i32) {
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
    (sum, count)
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
    fn drawn_characters_are_told_from_names_of_programs() {
        let unlike = |text: &str| are_unlike_names(text.as_bytes(), &Shape::of(text.as_bytes()), ODDS);
        for text in [
            "ob9_yRg_8nYPn4",
            "XuZNogv_kMruWapOH",
            "25bjN-IlNpsy-hTWu",
            "Xk9_fQ2m-Lw8z",
            "BarudWKsuHNDyZ",
            "cD_KElIUBBM",
            "GmaEntysRRN",
        ] {
            assert!(unlike(text), "{text}");
        }
        for text in [
            "vault_db_password_v2",
            "MAX_CONNECTIONS",
            "X-Request-Id",
            "PKCS12_parse",
            "getAccessTokenV2",
            "Python-3_11",
            "eu-west-1A",
            "Model_v2_Final",
            "HTTP2-Settings",
            "Debian-12-amd64",
            "OAuth2_Provider",
        ] {
            assert!(!unlike(text), "{text}");
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
