//! Numbers of drawings: the data of paths and lists of points (SVG 2, sections 9.3 and 10.5).
//!
//! `M10 20l30-40` has numbers side by side, parted by spaces, points and dashes, as telephone numbers are. It is told by what
//! stands before a number: nothing but digits, marks and the letters of commands, back to the attribute or as far as is kept.

use crate::text::digit;
use crate::window::{BOUNDARY, CONTEXT_BYTES, Window};

/// Commands glued between two numbers, or commas before a sign, that tell a drawing: whose attribute has another name, and
/// whose beginning is not seen. A duration has two.
const STEPS_MIN: usize = 2;
const STEPS_UNSEEN_MIN: usize = 4;

/// True if what begins at `start` stands in a path or in a list of points.
#[cold]
pub(crate) fn is_drawn(window: &Window<'_>, start: usize) -> bool {
    let head = window.slice(start.saturating_sub(CONTEXT_BYTES), start);
    let from = head.iter().rposition(|byte| !in_data(*byte)).map_or(0, |place| place + 1);
    let (before, data) = head.split_at_checked(from).unwrap_or_default();
    // Two commands stand side by side where the first closes a path; words are made of their letters, too.
    let is_word = |pair: &[u8]| matches!(pair, [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && !matches!(a, b'z' | b'Z'));
    if data.windows(2).any(is_word) {
        return false;
    }
    let path = matches!(data, [b'M' | b'm', ..]);
    match before.split_last() {
        None => steps(data) >= STEPS_UNSEEN_MIN && !data.contains(&b'\n') && data.iter().any(u8::is_ascii_alphabetic),
        Some((b'"' | b'\'', name)) => {
            let name = name.strip_suffix(b"\\").unwrap_or(name);
            path && (is_named(name, b"d=") || steps(data) >= STEPS_MIN)
                || is_named(name, b"points=") && data.contains(&b',')
        }
        Some((&BOUNDARY, _)) => path && steps(data) >= STEPS_MIN,
        Some(_) => false,
    }
}

/// True if `head` ends with this name of an attribute.
fn is_named(head: &[u8], name: &[u8]) -> bool {
    head.strip_suffix(name).is_some_and(|before| before.last().is_none_or(u8::is_ascii_whitespace))
}

/// What the data of a path is made of.
const fn in_data(byte: u8) -> bool {
    byte.is_ascii_digit()
        || byte.is_ascii_whitespace()
        || matches!(byte, b'.' | b',' | b'-' | b'+' | b'e')
        || is_command(byte)
}

/// A command of a path (SVG 2, section 9.3.1).
const fn is_command(byte: u8) -> bool {
    let letter = byte.to_ascii_lowercase();
    matches!(letter, b'm' | b'z' | b'l' | b'h' | b'v' | b'c' | b's' | b'q' | b't' | b'a')
}

/// How often a command, or a comma and a sign, stands between two numbers.
fn steps(data: &[u8]) -> usize {
    let is_step = |around: &&[u8]| match around {
        [before, b',', b'-'] => digit(*before),
        [before, command, next] => {
            digit(*before) && is_command(*command) && (digit(*next) || matches!(next, b'-' | b'.'))
        }
        _ => false,
    };
    data.windows(3).filter(is_step).count()
}

#[cfg(test)]
mod tests {
    use crate::detectors::testing::finds;
    use crate::entity::EntityType::{CreditCard, IpAddress, PhoneNumber, UsSsn};

    #[test]
    fn numbers_of_a_drawing_are_none_of_persons() {
        for text in [
            "<path d=\"M10 20l212-555-0123 33 10\"/>",
            "<text>Call</text><path d=\"M92 23a.34 .99 400 266 .54 608 59.49 .96\"/>",
            "{\"d\":\"M25 14s-351 .71 9781 -143 61.9 2596 168 929C2308 73\"}",
            "<path d=\\\"M10 20 212-555-0123 33 10\\\"/>",
            "<svg><path d=\"M77 16c3 4 296 112 9 2 7T903-65-961-70 1c9 8 7 6 5 43l10 2 12 20 986-16-2801 3l536-90-4399 1 2\"/>",
            "<polygon points=\"185.5,-127 185.5,-147 221.5,-147 221.5,-127\"/>",
            "<text>phone</text><polyline points=\"1,2 303 777 1234 4\"/>",
            "'M3 7.017l0a.75.75 0 110 1.5.75.75 0 110-1.5z'",
        ] {
            for entity in [PhoneNumber, IpAddress] {
                finds(entity, text, &[]);
            }
        }
    }

    #[test]
    fn what_only_looks_like_one_hides_nothing() {
        for before in [
            "M 10 T ",
            "\"M 917-555-0199 T ",
            "id=\"",
            "d=\"",
            "points=\"",
            "data-d=\"M10 20 ",
            "path M10 20l30-40l",
            "\"T ",
            "M10 20l30-40c",
            "1h1m 1h1m 1h1m",
            "\"m 1h2",
        ] {
            let number = "212-555-0123";
            let found = crate::detectors::testing::find_all(&format!("{before} {number}"));
            assert!(found.iter().any(|(_, text, _)| text == number), "{before} {found:?}");
        }
        finds(UsSsn, "<path d=\"M10 20l30-40 536-90-4399 z\"/>", &["536-90-4399"]);
        finds(PhoneNumber, "<path d=\"M 10 20 call me at 202-555-7420\"/>", &["202-555-7420"]);
        finds(CreditCard, "<path d=\"M10 20l30-40 4111 1111 1111 1111 z\"/>", &["4111 1111 1111 1111"]);
    }
}
