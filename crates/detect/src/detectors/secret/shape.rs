//! The shape of a token: which kinds of characters it has, and how they alternate.
//!
//! Random text changes between small letters, capitals and digits every other character; words,
//! identifiers and file names do not.

use crate::block::{BLOCK_BYTES, Digit, Kind, Within};

/// Five bits of a byte that are the same for a small letter and its capital, and differ between
/// letters. Other bytes share them; whoever compares by them compares again.
pub(crate) const fn fold(byte: u8) -> usize {
    (byte & 0x1f) as usize
}

/// Small letters in a row that make a word.
const WORD_BYTES_MIN: usize = 4;

/// Counts over a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) bytes: usize,
    pub(crate) lowers: usize,
    pub(crate) uppers: usize,
    pub(crate) digits: usize,
    /// Small letters and digits of hexadecimal.
    pub(crate) hexes: usize,
    /// Neither letters nor digits.
    pub(crate) others: usize,
    /// Neighbours of different kinds, both of them letters or digits.
    pub(crate) changes: usize,
    /// Different characters.
    pub(crate) distinct: usize,
    /// Small letters in rows of at least four.
    pub(crate) wordy: usize,
}

impl Shape {
    /// Counts.
    pub(crate) fn of(token: &[u8]) -> Self {
        let mut block = [0; BLOCK_BYTES];
        let Some(start) = block.get_mut(..token.len()) else { return Self::one_by_one(token) };
        start.copy_from_slice(token);
        Self::of_block(&block, token)
    }

    /// Counts over a token that a block begins with; zeros fill up the block.
    fn of_block(block: &[u8; BLOCK_BYTES], token: &[u8]) -> Self {
        let (lower, upper, digit) = (Within(b'a', b'z').bits(block), Within(b'A', b'Z').bits(block), Digit.bits(block));
        let plain = lower | upper | digit;
        let same = lower & lower << 1 | upper & upper << 1 | digit & digit << 1;
        // Where four small letters in a row end, and then all letters of such rows.
        let rows = lower & lower << 1 & lower << 2 & lower << 3;
        let wordy = rows | rows >> 1 | rows >> 2 | rows >> 3;
        let count = |bits: u64| bits.count_ones() as usize;
        Self {
            bytes: token.len(),
            lowers: count(lower),
            uppers: count(upper),
            digits: count(digit),
            hexes: count(digit | Within(b'a', b'f').bits(block)),
            others: token.len() - count(plain),
            changes: count(plain & plain << 1 & !same),
            distinct: characters(token).count_ones() as usize,
            wordy: count(wordy),
        }
    }

    /// Counts over a token of any length.
    fn one_by_one(token: &[u8]) -> Self {
        let mut shape = Self { bytes: token.len(), ..Self::default() };
        let (mut before, mut row) = (0, 0);
        // Without branches: what follows what in a random token cannot be foretold.
        for byte in token {
            let lower = usize::from(byte.is_ascii_lowercase());
            let upper = usize::from(byte.is_ascii_uppercase());
            let digit = usize::from(byte.is_ascii_digit());
            let now = lower | upper << 1 | digit << 2;
            shape.lowers += lower;
            shape.uppers += upper;
            shape.digits += digit;
            shape.hexes += digit | usize::from(matches!(byte, b'a'..=b'f'));
            shape.changes += usize::from((now != before) & (now != 0) & (before != 0));
            row = (row + 1) * lower;
            shape.wordy += usize::from(row == WORD_BYTES_MIN) * WORD_BYTES_MIN + usize::from(row > WORD_BYTES_MIN);
            before = now;
        }
        shape.others = token.len() - shape.lowers - shape.uppers - shape.digits;
        shape.distinct = characters(token).count_ones() as usize;
        shape
    }

    /// Letters of both sorts.
    pub(crate) const fn letters(&self) -> usize {
        self.lowers + self.uppers
    }

    /// True if all of it is hexadecimal in small letters.
    pub(crate) const fn is_hex(&self) -> bool {
        self.hexes == self.bytes
    }

    /// True for a mixture that words, names and numbers do not have. Of random tokens of letters and
    /// digits, one in a thousand at most lacks it at twenty characters.
    pub(crate) const fn is_random(&self) -> bool {
        let plain = self.bytes - self.others;
        self.digits >= 2
            && self.letters() >= 2
            && self.distinct >= 8
            && self.changes * 6 >= plain
            && self.others * 4 <= self.bytes
            && !self.has_words()
    }

    /// True for names such as `X509HardwareFlags`: capitals, and most of the rest words. Random tokens
    /// with capitals have few rows of small letters.
    const fn has_words(&self) -> bool {
        self.uppers > 0 && self.wordy * 5 >= self.bytes * 2
    }

    /// True as well for long tokens of both sorts of letters that happen to have a single digit.
    pub(crate) const fn is_mixed(&self) -> bool {
        let letters = self.lowers >= 4 && self.uppers >= 4 && self.digits > 0;
        self.is_random() || (letters && self.changes * 3 >= self.bytes && !self.has_words())
    }
}

/// The characters of a token, a bit each; a byte beyond ASCII shares the bit of one of them.
#[inline]
pub(crate) fn characters(token: &[u8]) -> u128 {
    token.iter().fold(0, |seen, byte| seen | 1 << (byte & 0x7f))
}

/// True for the form of a UUID (RFC 9562 section 4): 8, 4, 4, 4 and 12 hexadecimal digits.
pub(crate) fn is_uuid(token: &[u8]) -> bool {
    token.len() == 36
        && token.iter().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_block_is_counted_as_its_bytes_are_one_by_one(
            token in proptest::collection::vec(prop_oneof![any::<u8>(), b'a'..=b'g', b'A'..=b'Z', b'0'..=b'9'], 0..70),
        ) {
            prop_assert_eq!(Shape::of(&token), Shape::one_by_one(&token));
        }
    }

    fn is_random(text: &str) -> bool {
        Shape::of(text.as_bytes()).is_random()
    }

    #[test]
    fn random_tokens_are_told_from_names() {
        for token in ["a8f5f167f44f4964e6c998dee827110c", "k3jd9x0qpl5m2nv8", "Zx81Kd93mQp27Lw0aB", "0a1B2c3D4e5F6g7H"]
        {
            assert!(is_random(token), "{token}");
        }
        for name in [
            "getAccessTokenFromStore1",
            "my_secret_token_v2",
            "arn-aws-iam-2012",
            "20190601123000",
            "application-json",
            "aaaaaaaaaaaaaaaa1111111",
            "X509HardwareKeyUsageFlags",
            "Executor01CompatExt2",
            "test_user_password_field",
        ] {
            assert!(!is_random(name), "{name}");
        }
    }

    #[test]
    fn a_uuid_has_its_hyphens_in_place() {
        assert!(is_uuid(b"123e4567-e89b-12d3-a456-426614174000"));
        assert!(!is_uuid(b"123e4567e89b-12d3-a456-4266141740000"));
    }
}
