//! Finding the first byte that ends a run, sixteen or 64 bytes at a time.
//!
//! A vector of sixteen bytes is what every processor has that this runs on (SSE2, NEON). Short runs
//! (most JSON strings, most header values) end within the first few vectors; long ones are walked in
//! blocks of four, with one branch a block.

use wide::u8x16;

const VECTOR: usize = 16;
const BLOCK: usize = 4 * VECTOR;
/// Vectors tried before blocks are: a run that ends within them never pays for a block.
const VECTORS_FIRST: usize = 3;

/// How many leading bytes of `bytes` can stand in a JSON string as they are: up to the first quote,
/// backslash or control character. Bytes from 0x80 on do not end the run.
#[inline]
pub(crate) fn json_literal(bytes: &[u8]) -> usize {
    run(
        bytes,
        |vector| below(vector, 0x20) | equal(vector, b'"') | equal(vector, b'\\'),
        |byte| (byte < 0x20) | (byte == b'"') | (byte == b'\\'),
    )
}

/// True if `bytes` is ASCII.
#[inline]
pub(crate) fn is_ascii(bytes: &[u8]) -> bool {
    let (vectors, rest) = bytes.as_chunks::<VECTOR>();
    let all = vectors.iter().fold(u8x16::ZERO, |all, vector| all | u8x16::from(*vector));
    rest.iter().fold(0, |all, byte| all | byte) < 0x80 && all.to_bitmask() == 0
}

/// How many leading bytes of `bytes` can stand in a field value without a second look: up to the
/// first control character, the tab included.
#[inline]
pub(crate) fn field_value(bytes: &[u8]) -> usize {
    run(bytes, |vector| below(vector, 0x20) | equal(vector, 0x7f), |byte| (byte < 0x20) | (byte == 0x7f))
}

/// How many leading bytes of `bytes` are visible ASCII (RFC 5234, VCHAR).
#[inline]
pub(crate) fn visible_ascii(bytes: &[u8]) -> usize {
    run(bytes, |vector| below(vector, 0x21) | !below(vector, 0x7f), |byte| !(0x21..0x7f).contains(&byte))
}

/// How many leading bytes of `bytes` are neither CR nor LF.
#[inline]
pub(crate) fn line(bytes: &[u8]) -> usize {
    run(bytes, |vector| equal(vector, b'\r') | equal(vector, b'\n'), |byte| (byte == b'\r') | (byte == b'\n'))
}

/// The length of the run before the first byte that ends it; both tests mark such bytes.
#[inline(always)]
fn run(bytes: &[u8], in_vector: impl Fn(u8x16) -> u8x16, in_byte: impl Fn(u8) -> bool) -> usize {
    let hits = |vector: &[u8; VECTOR]| in_vector(u8x16::from(*vector)).to_bitmask();
    let mut rest = bytes;
    for _ in 0..VECTORS_FIRST {
        let Some((vector, behind)) = rest.split_first_chunk() else { break };
        let hits = hits(vector);
        if hits != 0 {
            return bytes.len() - rest.len() + hits.trailing_zeros() as usize;
        }
        rest = behind;
    }
    while let Some((block, behind)) = rest.split_first_chunk::<BLOCK>() {
        let (vectors, _) = block.as_chunks::<VECTOR>();
        let any = vectors.iter().fold(u8x16::ZERO, |any, vector| any | in_vector(u8x16::from(*vector)));
        if any.to_bitmask() != 0 {
            break;
        }
        rest = behind;
    }
    while let Some((vector, behind)) = rest.split_first_chunk() {
        let hits = hits(vector);
        if hits != 0 {
            return bytes.len() - rest.len() + hits.trailing_zeros() as usize;
        }
        rest = behind;
    }
    let tail = rest.iter().position(|byte| in_byte(*byte)).unwrap_or(rest.len());
    bytes.len() - rest.len() + tail
}

/// Marks the bytes that are less than `limit`, which is not zero.
#[inline(always)]
fn below(vector: u8x16, limit: u8) -> u8x16 {
    vector.min(u8x16::splat(limit - 1)).simd_eq(vector)
}

/// Marks the bytes that are `byte`.
#[inline(always)]
fn equal(vector: u8x16, byte: u8) -> u8x16 {
    vector.simd_eq(u8x16::splat(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(scan: fn(&[u8]) -> usize, filler: u8, stops: impl Fn(u8) -> bool) {
        // Long enough for the vectors that come first, two blocks, vectors behind them and a tail.
        let len = VECTORS_FIRST * VECTOR + 2 * BLOCK + 2 * VECTOR + 5;
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
