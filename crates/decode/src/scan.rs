//! Finding the first byte that ends a run, eight or 64 bytes at a time.
//!
//! Short runs (most JSON strings, most header values) are found with 64-bit words; longer ones in
//! blocks that the compiler turns into vector code. All of it is plain arithmetic on slices.
//!
//! A word test returns a mask whose lowest set bit marks the first byte for which the test holds.
//! Higher bits may be wrong (a borrow runs upward from a true hit), which is why only the lowest
//! one is ever looked at; the or of several masks keeps that property.

const WORD: usize = size_of::<u64>();
const BLOCK: usize = 64;
/// Words tried before blocks are: a run that ends within them never pays for a block.
const WORDS_FIRST: usize = 4;
const HIGH_BITS: u64 = splat(0x80);

/// How many leading bytes of `bytes` can stand in a JSON string as they are: up to the first quote,
/// backslash or control character. Bytes from 0x80 on do not end the run.
#[inline]
pub(crate) fn json_literal(bytes: &[u8]) -> usize {
    run(
        bytes,
        |word| below(word, 0x20) | equal(word, b'"') | equal(word, b'\\'),
        |byte| (byte < 0x20) | (byte == b'"') | (byte == b'\\'),
    )
}

/// True if `bytes` is ASCII. Short texts, which most strings are, do not pay for a call.
#[inline]
pub(crate) fn is_ascii(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<WORD>();
    if words.len() > WORDS_FIRST {
        return bytes.is_ascii();
    }
    let words = words.iter().fold(0, |all, word| all | u64::from_le_bytes(*word));
    words & HIGH_BITS == 0 && rest.iter().fold(0, |all, byte| all | byte) < 0x80
}

/// How many leading bytes of `bytes` can stand in a field value without a second look: up to the
/// first control character, the tab included.
#[inline]
pub(crate) fn field_value(bytes: &[u8]) -> usize {
    run(bytes, |word| below(word, 0x20) | equal(word, 0x7f), |byte| (byte < 0x20) | (byte == 0x7f))
}

/// How many leading bytes of `bytes` are visible ASCII (RFC 5234, VCHAR).
#[inline]
pub(crate) fn visible_ascii(bytes: &[u8]) -> usize {
    run(bytes, |word| below(word, 0x21) | equal(word, 0x7f) | (word & HIGH_BITS), |byte| !(0x21..0x7f).contains(&byte))
}

/// How many leading bytes of `bytes` are neither CR nor LF.
#[inline]
pub(crate) fn line(bytes: &[u8]) -> usize {
    run(bytes, |word| equal(word, b'\r') | equal(word, b'\n'), |byte| (byte == b'\r') | (byte == b'\n'))
}

#[inline(always)]
fn run(bytes: &[u8], in_word: impl Fn(u64) -> u64, in_byte: impl Fn(u8) -> bool + Copy) -> usize {
    let mut rest = bytes;
    for _ in 0..WORDS_FIRST {
        let Some((word, behind)) = rest.split_first_chunk::<WORD>() else {
            break;
        };
        let hits = in_word(u64::from_le_bytes(*word));
        if hits != 0 {
            return bytes.len() - rest.len() + first(hits);
        }
        rest = behind;
    }
    while let Some((block, behind)) = rest.split_first_chunk::<BLOCK>() {
        // A fold without an early exit is what becomes vector code.
        if block.iter().fold(false, |hit, &byte| hit | in_byte(byte)) {
            break;
        }
        rest = behind;
    }
    while let Some((word, behind)) = rest.split_first_chunk::<WORD>() {
        let hits = in_word(u64::from_le_bytes(*word));
        if hits != 0 {
            return bytes.len() - rest.len() + first(hits);
        }
        rest = behind;
    }
    let tail = rest.iter().position(|&byte| in_byte(byte)).unwrap_or(rest.len());
    bytes.len() - rest.len() + tail
}

const fn splat(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; WORD])
}

/// Marks the bytes of `word` that are less than `limit`, for a limit of at most 0x80.
#[inline(always)]
const fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(splat(limit)) & !word & HIGH_BITS
}

/// Marks the bytes of `word` that are `byte`.
#[inline(always)]
const fn equal(word: u64, byte: u8) -> u64 {
    below(word ^ splat(byte), 1)
}

/// The place of the first marked byte.
#[inline(always)]
const fn first(hits: u64) -> usize {
    (hits.trailing_zeros() / u8::BITS) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(scan: fn(&[u8]) -> usize, filler: u8, stops: impl Fn(u8) -> bool) {
        // Long enough for the words that come first, two blocks, words behind them and a tail.
        let len = WORDS_FIRST * WORD + 2 * BLOCK + 2 * WORD + 5;
        let mut bytes = vec![filler; len];
        for place in 0..len {
            for byte in 0..=u8::MAX {
                bytes[place] = byte;
                let expected = if stops(byte) { place } else { len };
                assert_eq!(scan(&bytes), expected, "byte {byte:#x} at {place}");
            }
            bytes[place] = filler;
            assert_eq!(scan(&bytes[place..]), len - place);
        }
    }

    #[test]
    fn every_byte_at_every_place_ends_a_run_or_does_not() {
        check(json_literal, b'a', |byte| byte < 0x20 || byte == b'"' || byte == b'\\');
        check(field_value, b'a', |byte| byte < 0x20 || byte == 0x7f);
        check(visible_ascii, b'a', |byte| !byte.is_ascii_graphic());
        check(line, 0xff, |byte| byte == b'\r' || byte == b'\n');
    }

    proptest! {
        #[test]
        fn ascii_is_what_the_standard_library_says(bytes in prop::collection::vec(0u8..0x82, 0..60)) {
            prop_assert_eq!(is_ascii(&bytes), bytes.is_ascii());
        }

        #[test]
        fn neighbours_do_not_change_where_a_run_ends(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let naive = |stops: fn(u8) -> bool| bytes.iter().position(|&byte| stops(byte)).unwrap_or(bytes.len());
            prop_assert_eq!(json_literal(&bytes), naive(|byte| byte < 0x20 || byte == b'"' || byte == b'\\'));
            prop_assert_eq!(field_value(&bytes), naive(|byte| byte.is_ascii_control()));
            prop_assert_eq!(visible_ascii(&bytes), naive(|byte| !byte.is_ascii_graphic()));
            prop_assert_eq!(line(&bytes), naive(|byte| byte == b'\r' || byte == b'\n'));
        }

        #[test]
        fn bytes_just_beside_a_stop_do_not_end_a_run(bytes in prop::collection::vec(prop::sample::select(vec![0x20u8, 0x21, 0x23, 0x5b, 0x5d, 0x7e, 0x80, 0x9f, 0xa2, 0xdc, 0xff]), 0..100)) {
            prop_assert_eq!(json_literal(&bytes), bytes.len());
        }
    }
}
