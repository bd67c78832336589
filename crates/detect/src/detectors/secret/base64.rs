//! Base64 and base64url (RFC 4648 sections 4 and 5) of short values.

/// Decodes up to padding, or as far as there is room.
pub(super) fn decode<'a>(text: &[u8], out: &'a mut [u8]) -> &'a [u8] {
    let (mut bits, mut count, mut length) = (0u32, 0u32, 0);
    for byte in text.iter().take_while(|byte| **byte != b'=') {
        bits = (bits << 6) | sextet(*byte);
        count += 6;
        if count >= 8 {
            count -= 8;
            let Some(place) = out.get_mut(length) else { break };
            let [.., byte] = (bits >> count).to_be_bytes();
            *place = byte;
            length += 1;
        }
    }
    out.get(..length).unwrap_or_default()
}

/// What a character stands for; the alphabets differ in the last two only.
const fn sextet(byte: u8) -> u32 {
    (match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'-' | b'+' => 62,
        _ => 63,
    }) as u32
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_alphabets_are_decoded() {
        for (text, plain) in [("dXNlcjpwYXNz", "user:pass"), ("YT8+YQ==", "a?>a"), ("YT8-YQ", "a?>a"), ("", "")] {
            assert_eq!(super::decode(text.as_bytes(), &mut [0; 16]), plain.as_bytes(), "{text}");
        }
        assert_eq!(super::decode(b"dXNlcjpwYXNz", &mut [0; 4]), b"user", "as far as there is room");
    }
}
