//! JSON web tokens (RFC 7515 section 3.1, RFC 7516 section 3.1).
//!
//! Decided at the first part: base64url of a JSON object that names an algorithm or a type, and the
//! dot behind it. The other parts belong to the token without being looked at.

use super::base64;
use crate::text::Class;
use crate::window::{Checked, Match, Rest, Window};

/// Bytes of the longest first part that is waited for. A longer one (a header with certificates) is
/// decided by what has come so far.
pub(super) const HEADER_BYTES_MAX: usize = 256;

const DECODED_BYTES_MAX: usize = HEADER_BYTES_MAX / 4 * 3;

/// Members that make an object the header of a token (RFC 7515 section 4.1).
const MEMBERS: [&[u8]; 2] = [b"\"alg\"", b"\"typ\""];

/// `start` is the place of `eyJ`, which is `{"` in base64.
pub(super) fn check(window: &Window<'_>, start: usize, _body: usize) -> Checked {
    let length = window.run(start, HEADER_BYTES_MAX, |byte| Class::Token.holds(byte))?;
    let end = start + length;
    if length < HEADER_BYTES_MAX {
        let dotted = window.at(end)? == b'.';
        let next = if dotted { window.at(end + 1)? } else { 0 };
        if !dotted || !(Class::Token.holds(next) || next == b'.') {
            return Ok(None);
        }
    }
    let mut decoded = [0; DECODED_BYTES_MAX];
    let header = base64::decode(window.slice(start, end), &mut decoded);
    let named = MEMBERS.iter().any(|member| memchr::memmem::find(header, member).is_some());
    Ok(named.then_some(Match::new(start, end, 0, 95).followed_by(Rest::Parts)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EntityType;
    use crate::detectors::testing::{finds, passes};

    const SECRET: EntityType = EntityType::Secret;
    // {"alg":"HS256","typ":"JWT"} . {"sub":"1234567890"} . signature
    const TOKEN: &str =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";

    #[test]
    fn tokens_are_found_whole() {
        finds(SECRET, TOKEN, &[TOKEN]);
        finds(SECRET, &format!("Bearer {TOKEN}. Next"), &[TOKEN]);
        finds(SECRET, &format!("a\\n{TOKEN}\""), &[TOKEN]);
        // {"kid":"1","alg":"dir","enc":"A128GCM"}: an encrypted token without a key part.
        let encrypted = "eyJraWQiOiIxIiwiYWxnIjoiZGlyIiwiZW5jIjoiQTEyOEdDTSJ9..48V1_ALb6US04U3b.5eym8.ABCD";
        finds(SECRET, encrypted, &[encrypted]);
    }

    #[test]
    fn tokens_are_found_behind_signs_that_join() {
        for head in ["https://a.io/verify/", "+", "-", "session-", "Bearer_", "a=1&t=", "/", "__"] {
            finds(SECRET, &format!("{head}{TOKEN}"), &[TOKEN]);
        }
        passes(SECRET, &["QUJD/eyJuYW1lIjoieCJ9.abc", "a-eyJhbGciOiJIUzI1NiJ9", "_eyJ"]);
    }

    #[test]
    fn other_json_in_base64_passes() {
        // {"name":"x"} with and without a dot behind it; a header without a second part.
        passes(
            SECRET,
            &["eyJuYW1lIjoieCJ9", "eyJuYW1lIjoieCJ9.abc", "eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJIUzI1NiJ9. x"],
        );
        passes(SECRET, &["heyJude", "eyJ", "xeyJhbGciOiJIUzI1NiJ9.abc"]);
    }

    #[test]
    fn decoding_agrees_with_the_standard() {
        let mut out = [0; DECODED_BYTES_MAX];
        assert_eq!(base64::decode(b"Zm9vYmFy", &mut out), b"foobar");
        assert_eq!(base64::decode(b"_-8", &mut out), [0xff, 0xef]);
    }
}
