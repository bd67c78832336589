//! Tokens of HTTP (RFC 9110 section 5.6.2): methods, field names, parameters.

/// How many leading bytes of `bytes` are token characters.
pub(crate) fn run(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| is_token(**byte)).count()
}

/// True for token characters.
#[expect(clippy::indexing_slicing, reason = "every byte is an index of the table")]
pub(crate) const fn is_token(byte: u8) -> bool {
    TOKEN[byte as usize]
}

#[expect(clippy::indexing_slicing, reason = "a constant table: every index is a byte")]
const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "the loop stops at 256")]
        let character = byte as u8;
        table[byte] = character.is_ascii_alphanumeric()
            || matches!(
                character,
                b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
            );
        byte += 1;
    }
    table
};
