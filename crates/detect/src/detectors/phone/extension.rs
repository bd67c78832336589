//! Extensions: what is dialled once the number has answered (`x123`, `ext. 4`, `#123`, and `;ext=4`
//! of RFC 3966).

use crate::text::{alphanumeric, digits};
use crate::window::{Undecided, Window};

/// Digits of the longest extension.
pub(super) const EXTENSION_DIGITS_MAX: usize = 6;

/// Bytes of the longest extension.
pub(super) const EXTENSION_BYTES_MAX: usize = ", extension. ".len() + EXTENSION_DIGITS_MAX;

/// Words in front of one, in lower case.
const MARKS: &[&[u8]] = &[b"x", b"ext", b"extn", b"extension", b"dw", b"ramal", b"anexo", b"poste"];

/// The longest of them, and one letter more, which makes it another word.
const WORD_BYTES_MAX: usize = "extension".len() + 1;

/// The end of an extension at `end`, or `end` if there is none.
pub(super) fn extension_end(window: &Window<'_>, end: usize) -> Result<usize, Undecided> {
    Ok(match mark_end(window, end)? {
        Some(at) => number_end(window, at)?.unwrap_or(end),
        None => end,
    })
}

/// Where the digits of an extension should begin.
fn mark_end(window: &Window<'_>, end: usize) -> Result<Option<usize>, Undecided> {
    if window.at(end)? == b';' {
        return Ok(window.starts_with(end + 1, b"ext=")?.then_some(end + 5));
    }
    let mut at = end + usize::from(window.at(end)? == b',');
    at += usize::from(window.at(at)? == b' ');
    let length = window.run(at, WORD_BYTES_MAX, |byte| byte.is_ascii_alphabetic())?;
    let word = window.slice(at, at + length);
    if MARKS.iter().any(|mark| word.eq_ignore_ascii_case(mark)) {
        at += length;
    } else if length == 0 && window.at(at)? == b'#' {
        at += 1;
    } else {
        return Ok(None);
    }
    at += usize::from(length > 0 && matches!(window.at(at)?, b'.' | b':'));
    Ok(Some(at + usize::from(window.at(at)? == b' ')))
}

fn number_end(window: &Window<'_>, at: usize) -> Result<Option<usize>, Undecided> {
    let length = digits(window, at, EXTENSION_DIGITS_MAX + 1)?;
    let valid = (1..=EXTENSION_DIGITS_MAX).contains(&length) && !alphanumeric(window.at(at + length)?);
    Ok(valid.then_some(at + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_end_behind_their_digits() {
        for text in ["x123", " x 12", " ext. 4", ", ext 4", " Extension: 123456", "#7", " #123", ";ext=12", " Ramal 22"]
        {
            assert_eq!(extension_end(&Window::whole(text.as_bytes()), 0), Ok(text.len()), "{text}");
        }
    }

    #[test]
    fn what_is_no_extension_is_left() {
        for text in ["", " x", "xyz", " extra 4", "x1234567", " ext 4a", ";exit=1", " 12", " times 4", "# 1b"] {
            assert_eq!(extension_end(&Window::whole(text.as_bytes()), 0), Ok(0), "{text}");
        }
    }

    #[test]
    fn the_longest_extension_is_the_longest_match() {
        let text = format!(", extension. {}", "1".repeat(EXTENSION_DIGITS_MAX));
        assert_eq!(extension_end(&Window::whole(text.as_bytes()), 0), Ok(EXTENSION_BYTES_MAX));
    }
}
