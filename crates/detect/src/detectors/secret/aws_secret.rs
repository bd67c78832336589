//! AWS secret access keys: 40 characters of base64 without any mark of their own (AWS IAM user
//! guide, "Manage access keys").
//!
//! So they count only as a whole run of that length, with capitals, small letters and digits, and
//! with a word for it before them; git hashes and image data have the length or the letters, not
//! both.

use crate::detectors::about::About;
use crate::detectors::secret::{letters, shape::Shape};
use crate::detectors::{Detector, Trigger};
use crate::entity::EntityType;
use crate::text::alphanumeric;
use crate::window::{CONTEXT_BYTES, Checked, Match, Undecided, Window};

/// Characters of a key.
pub(crate) const KEY_BYTES: usize = 40;

/// The detector.
pub(crate) static DETECTOR: Detector = Detector {
    entity: EntityType::Secret,
    rules: &["aws-secret-access-key"],
    about: &[About::new(
        "40 characters of base64 of all three kinds; a word for it before",
        "AWS IAM user guide, Manage access keys",
    )],
    trigger: Trigger::Run,
    match_bytes_max: KEY_BYTES,
    lookahead_bytes: 1,
    check,
};

/// Words of which one begins at most [`CONTEXT_BYTES`] before a key.
///
/// Four bytes each: the search for them is the faster for it.
pub(crate) const WORDS: [&[u8]; 14] = [
    b"AKIA", b"ASIA", b"ecre", b"ECRE", b"mazo", b"MAZO", b"aws_", b"aws-", b"aws ", b"aws:", b"AWS_", b"AWS-",
    b"AWS ", b"AWS:",
];

/// True for the characters of a key.
pub(crate) const fn in_key(byte: u8) -> bool {
    alphanumeric(byte) || matches!(byte, b'+' | b'/')
}

/// True if this detector decides what begins at `start`.
pub(crate) fn claims(window: &Window<'_>, start: usize) -> Result<bool, Undecided> {
    Ok(!in_key(window.before(start)) && check(window, start)?.is_some())
}

/// True for a key of the issuer's documents, all of which end in these letters.
pub(crate) fn is_documented(key: &[u8]) -> bool {
    key.ends_with(b"EXAMPLE") || key.ends_with(b"EXAMPLEKEY")
}

fn check(window: &Window<'_>, start: usize) -> Checked {
    let length = window.run(start, KEY_BYTES + 1, in_key)?;
    let end = start + KEY_BYTES;
    let is_inside = matches!(window.before(start), b'-' | b'.') && alphanumeric(window.before(start - 1));
    if length != KEY_BYTES || is_inside || matches!(window.at(end)?, b'=' | b'_' | b'-') {
        return Ok(None);
    }
    let key = window.slice(start, end);
    let some = |kind: fn(&u8) -> bool| key.iter().any(kind);
    let shape = Shape::of(key);
    // Of such keys one in two thousand has no digit.
    let is_drawn = || shape.others > 0 && letters::are_unlike_words(key, &shape);
    let mixed =
        some(u8::is_ascii_uppercase) && some(u8::is_ascii_lowercase) && (some(u8::is_ascii_digit) || is_drawn());
    let context = window.slice(start.saturating_sub(CONTEXT_BYTES), start);
    let named = || WORDS.iter().any(|word| memchr::memmem::find(context, word).is_some());
    // Names of policies have as many characters, and are made of words.
    let is_of_words = || shape.wordy * 2 >= KEY_BYTES;
    Ok((mixed && named() && !is_of_words() && !is_documented(key)).then_some(Match::new(start, end, 0, 90)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, passes};
    use crate::{DetectorSet, Scanner};

    const SECRET: EntityType = EntityType::Secret;
    const KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYqv4Tz8Ls0W";

    #[test]
    fn a_key_is_found_behind_a_word_for_it() {
        for head in ["aws_secret_access_key = ", "SecretAccessKey: ", "AWS_SECRET_ACCESS_KEY="] {
            // Behind a "=" the run starts anew.
            finds(SECRET, &format!("{head}{KEY}"), &[KEY]);
        }
        // As the console writes both into a file.
        let id = "AKIAQ3EGWJ7PXN4UCZ5T";
        finds(SECRET, &format!("Access key ID,Secret access key\n{id},{KEY}\n"), &[id, KEY]);
        finds(SECRET, &format!("{id}\n{KEY}\n"), &[id, KEY]);
    }

    #[test]
    fn a_key_may_have_no_digit() {
        let key = "BDAMfT+vTpy/fdTESwQ/fXnHXZMAZHqEaMMwqhRf";
        finds(SECRET, &format!("AWS_SECRET_ACCESS_KEY={key}"), &[key]);
    }

    #[test]
    fn the_key_of_a_json_member_is_context_for_its_value() {
        let set = DetectorSet::builder().enable(SECRET).build().unwrap();
        let (mut scanner, mut found) = (Scanner::new(), Vec::new());
        for leaf in ["SecretAccessKey", KEY] {
            scanner.push(leaf.as_bytes());
            scanner.boundary();
        }
        scanner.scan(&set, &mut found);
        assert_eq!(found.len(), 1);
        assert_eq!(set.rule(found[0].detector), Some("aws-secret-access-key"));
    }

    #[test]
    fn near_misses_pass() {
        passes(
            SECRET,
            &[
                KEY,
                "secret da39a3ee5e6b4b0d3255bfef95601890afd80709",
                "secret https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectDELETE.html",
                "aws:iam::aws:policy/EC2InstanceProfileForImageBuilder and aws AmazonRoute53RecoveryReadinessFullAccess",
                "secret wJalrXUtnFEMI/K7MDENG/bPxRfiCYqv4Tz8Ls0Wx",
                "secret wJalrXUtnFEMI/K7MDENG/bPxRfiCYqv4Tz8Ls0",
                "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                "AWS_SECRET_ACCESS_KEY=je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
            ],
        );
    }
}
