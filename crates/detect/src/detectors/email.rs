//! E-mail addresses (RFC 5322 section 3.4.1: dot-atom local part; RFC 1035 section 2.3.4, RFC 5890:
//! domain labels).
//!
//! Local part: at most 64 bytes of letters, digits and the marks of atext; letters beyond ASCII
//! count (RFC 6531). Of the marks, `= / ? & | { }` and the backquote end an address on its left:
//! RFC 5322 allows them, but in text they stand between a name and its value. Domain: labels of at
//! most 63 bytes, 253 in all, the last one of letters or `xn--`.
//! A last label that names a kind of file or unit (`json`, `service`) is no top-level domain.
//! Near misses: `@2x.png` names, `user@1000.service`, `this@Outer.method`, package versions (`left-pad@1.3.0-rc.beta`), `git@host:path`, and
//! what a URL says of its user (`https://user:password@host`, RFC 3986 section 3.2.1), and the few bytes that look like an
//! address in every few MB of images and archives.

use super::about::About;
use super::{Detector, Trigger};
use crate::entity::EntityType;
use crate::text::{alphanumeric, character, character_before};
use crate::window::{CONTEXT_BYTES, Checked, Match, Undecided, Window, is_chance};

const LOCAL_BYTES_MAX: usize = 64;
const LABEL_BYTES_MAX: usize = 63;
const DOMAIN_BYTES_MAX: usize = 253;
/// Letters beyond this belong to scripts that are written without spaces: next to ASCII letters
/// they are the sentence around the address, not part of it.
const SPACED_SCRIPTS_END: char = '\u{590}';

/// Ends of names of files and units that are no top-level domains (IANA root zone database).
const NO_TOP_LEVEL: &[&[u8]] = &[
    b"png",
    b"jpg",
    b"jpeg",
    b"gif",
    b"webp",
    b"svg",
    b"bmp",
    b"ico",
    b"pdf",
    b"css",
    b"scss",
    b"js",
    b"jsx",
    b"ts",
    b"tsx",
    b"vue",
    b"json",
    b"jsonl",
    b"html",
    b"htm",
    b"xml",
    b"yaml",
    b"yml",
    b"toml",
    b"txt",
    b"csv",
    b"log",
    b"conf",
    b"cfg",
    b"ini",
    b"lock",
    b"bak",
    b"tar",
    b"gz",
    b"tgz",
    b"exe",
    b"dll",
    b"jar",
    b"java",
    b"cpp",
    b"hpp",
    b"service",
    b"socket",
    b"mount",
    b"automount",
    b"timer",
    b"slice",
    b"scope",
    b"swap",
    b"device",
    b"inv",
    b"sum",
    b"mean",
    b"reshape",
    b"transpose",
    b"flatten",
    b"ravel",
    b"astype",
    b"numpy",
];
/// Words of Kotlin before an `@` and the name of what is meant.
const QUALIFIED: &[&[u8]] = &[b"this", b"super", b"return", b"break", b"continue"];

/// The detector.
pub(crate) static DETECTOR: Detector = Detector {
    entity: EntityType::EmailAddress,
    rules: &["email"],
    about: &[About::new(
        "dot-atom local part; domain of labels with a top level that is no kind of file",
        "RFC 5322 section 3.4.1, RFC 1035 section 2.3.4, RFC 5890",
    )],
    trigger: Trigger::At,
    match_bytes_max: LOCAL_BYTES_MAX + 1 + DOMAIN_BYTES_MAX,
    lookahead_bytes: 4,
    check,
};

/// `at` is the place of an `@`.
fn check(window: &Window<'_>, at: usize) -> Checked {
    let before = window.before(at);
    if !in_local(before) && before < 0x80 {
        return Ok(None);
    }
    let Some(start) = local_start(window, at) else { return Ok(None) };
    let domain = at + 1;
    let Some(end) = domain_end(window, domain)? else { return Ok(None) };
    if is_any(window.slice(start, at), QUALIFIED)
        || is_user_of_url(window, start)
        || is_remote(window, start, at, end)?
        || is_version(window.slice(domain, end))
        || is_chance(window, start, end)
    {
        return Ok(None);
    }
    Ok(Some(Match::new(start, end, 0, 95)))
}

/// The first byte that could belong to the local part of an address whose `@` stands at `at`, or
/// would if it came next.
pub(crate) fn local_may_start(window: &Window<'_>, at: usize) -> usize {
    let from = at.saturating_sub(LOCAL_BYTES_MAX);
    let text = window.slice(from, at);
    let outside = text.iter().rposition(|byte| !(in_local(*byte) || (0x80..0xfd).contains(byte)));
    from + outside.map_or(0, |place| place + 1)
}

const fn in_local(byte: u8) -> bool {
    alphanumeric(byte)
        || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-')
        || matches!(byte, b'!' | b'#' | b'$' | b'\'' | b'*' | b'~' | b'^')
}

fn local_start(window: &Window<'_>, at: usize) -> Option<usize> {
    let (mut start, mut ascii, mut unspaced) = (at, false, false);
    while start > 0 && at - start < LOCAL_BYTES_MAX {
        let before = window.before(start);
        // Some providers let a local part end with a point.
        let is_last =
            start == at && (0x80..=0xff).contains(&window.before(at - 1)) | alphanumeric(window.before(at - 1));
        if before == b'.' && !is_last && (start == at || window.at(start) == Ok(b'.')) {
            break;
        }
        if before.is_ascii() {
            if !in_local(before) || (unspaced && alphanumeric(before)) {
                break;
            }
            ascii |= alphanumeric(before);
            start -= 1;
            continue;
        }
        let Some((letter, len)) = character_before(window, start) else { break };
        let is_unspaced = letter >= SPACED_SCRIPTS_END;
        if !letter.is_alphanumeric() || (is_unspaced && ascii) || at - start + len > LOCAL_BYTES_MAX {
            break;
        }
        unspaced |= is_unspaced;
        start -= len;
    }
    let local = window.slice(start, at);
    let first = local.iter().position(|b| alphanumeric(*b) || *b == b'_' || *b >= 0x80)?;
    Some(start + first)
}

/// The end of the longest domain at `start`.
fn domain_end(window: &Window<'_>, start: usize) -> Result<Option<usize>, Undecided> {
    let mut end = None;
    let mut at = start;
    for labels in 1.. {
        let label = Label::read(window, at, start)?;
        if labels > 1
            && let Some(length) = label.top_level_bytes
            && !is_any(window.slice(at, at + length), NO_TOP_LEVEL)
        {
            end = Some(at + length);
        }
        if label.bytes == 0 || label.bytes > LABEL_BYTES_MAX || !label.complete {
            break;
        }
        at += label.bytes + 1;
        if window.at(at - 1)? != b'.' || at - start > DOMAIN_BYTES_MAX {
            break;
        }
    }
    Ok(end)
}

/// One label of a domain.
struct Label {
    bytes: usize,
    /// Bytes of its head that could be a top-level domain.
    top_level_bytes: Option<usize>,
    /// False if it was left before its end.
    complete: bool,
}

impl Label {
    fn read(window: &Window<'_>, start: usize, domain: usize) -> Result<Self, Undecided> {
        let mut at = start;
        let mut letters = 0;
        let mut ascii = false;
        let mut only_letters = true;
        let mut complete = true;
        loop {
            let byte = window.at(at)?;
            if at - start > LABEL_BYTES_MAX || at - domain >= DOMAIN_BYTES_MAX {
                complete = false;
                break;
            }
            if byte.is_ascii() {
                if !(alphanumeric(byte) || (byte == b'-' && at > start)) {
                    break;
                }
                only_letters &= byte.is_ascii_alphabetic();
                ascii |= alphanumeric(byte);
                at += 1;
                letters += usize::from(only_letters);
                continue;
            }
            let Some((letter, len)) = character(window, at)? else { break };
            if !letter.is_alphanumeric() || (letter >= SPACED_SCRIPTS_END && ascii) {
                break;
            }
            at += len;
            letters += if only_letters { len } else { 0 };
        }
        let label = window.slice(start, at);
        let hyphens = label.iter().rev().take_while(|byte| **byte == b'-').count();
        let bytes = label.len() - hyphens;
        let followed_by_word = label.get(letters).is_some_and(|next| *next != b'-');
        let punycode = label.len() > 4 && label.get(..4).is_some_and(|head| head.eq_ignore_ascii_case(b"xn--"));
        let top_level_bytes = if !complete {
            None
        } else if punycode {
            Some(bytes)
        } else {
            (letters >= 2 && !followed_by_word).then_some(letters)
        };
        Ok(Self { bytes, top_level_bytes, complete: complete && hyphens == 0 })
    }
}

/// True for `git@host:path`, which names a repository, not a mailbox.
fn is_remote(window: &Window<'_>, start: usize, at: usize, end: usize) -> Result<bool, Undecided> {
    Ok(window.slice(start, at) == b"git" && matches!(window.at(end)?, b':' | b'/'))
}

fn is_any(text: &[u8], words: &[&[u8]]) -> bool {
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// True for `//user@host` and `//user:password@host`.
fn is_user_of_url(window: &Window<'_>, start: usize) -> bool {
    let head = window.slice(start.saturating_sub(CONTEXT_BYTES), start);
    let slashes = match head.last() {
        Some(b'/') => head.len(),
        Some(b':') => {
            let in_name =
                |byte: &u8| alphanumeric(*byte) || matches!(byte, b'.' | b'_' | b'-' | b'%' | b'+' | b':' | b'~');
            head.iter().rposition(|byte| !in_name(byte)).map_or(0, |place| place + 1)
        }
        _ => return false,
    };
    head.get(..slashes).unwrap_or_default().ends_with(b"://")
}

/// True for `1.2.0-rc.beta` and `v4.1.beta`: versions.
fn is_version(domain: &[u8]) -> bool {
    let mut labels = domain.split(|byte| *byte == b'.');
    let (first, second) = (labels.next().unwrap_or_default(), labels.next().unwrap_or_default());
    let number = |label: &[u8]| !label.is_empty() && label.iter().all(u8::is_ascii_digit);
    number(first.strip_prefix(b"v").unwrap_or(first)) && number(second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const EMAIL: EntityType = EntityType::EmailAddress;

    #[test]
    fn addresses_are_found_whole() {
        finds_whole(
            EMAIL,
            &[
                "jane@example.com",
                "jane.q.doe+tag@mail.example.co.uk",
                "o'brien@example.ie",
                "x_y%z-1@sub-domain.example.museum",
                "1234567890@example.com",
                "_dmarc@163.com",
                "jane.@example.com",
                "jörg.müller@bücher.de",
                "почта@пример.рф",
                "用户@例子.广告",
                "info@xn--bcher-kva.xn--p1ai",
            ],
        );
    }

    #[test]
    fn what_stands_around_an_address_stays_outside() {
        finds(EMAIL, "<jane@example.com>, 'joe@example.com'.", &["jane@example.com", "joe@example.com"]);
        finds(EMAIL, "mailto:jane@example.com?subject=x", &["jane@example.com"]);
        finds(EMAIL, "write to @jane.doe@gmail.com", &["jane.doe@gmail.com"]);
        finds(EMAIL, "?email=jane@example.com&x=1", &["jane@example.com"]);
        finds(EMAIL, "**jane@example.com** …", &["jane@example.com"]);
        finds(EMAIL, "jane@example.com-Office", &["jane@example.com"]);
        finds(EMAIL, "jane@example.com.", &["jane@example.com"]);
        finds(EMAIL, "...jane@example.com..", &["jane@example.com"]);
        finds(EMAIL, "邮箱jane@example.com。请", &["jane@example.com"]);
        finds(EMAIL, "邮箱是jane@example.com请回复", &["jane@example.com"]);
        finds(EMAIL, "https://example.com/jane@example.com", &["jane@example.com"]);
        finds(EMAIL, "dumps/jane@example.com.json", &["jane@example.com"]);
        finds(EMAIL, "mail:jane@example.com", &["jane@example.com"]);
        finds(EMAIL, "a@b.de,c@d.fr;e@f.it", &["a@b.de", "c@d.fr", "e@f.it"]);
    }

    #[test]
    fn what_looks_like_a_short_address_between_random_bytes_is_none() {
        let is_found = |before: &[u8], address: &str| {
            let text = [before, address.as_bytes(), b"\x01\xfe"].concat();
            let at = before.len() + address.find('@').unwrap();
            check(&Window::whole(&text), at).unwrap().is_some()
        };
        let random = b"\x01k\x7f\xc3%\xe9\x1b\xa0\xb7\x05\xf1q\x91<\x10\xd8\xc4";
        assert!(!is_found(random, "x@y.de") && !is_found(random, "K7@z.Qa"));
        assert!(is_found(random, "jane.roe@example.org"));
        // What a person can type hides nothing.
        assert!(is_found(b"\x01\x02\x03\x04\x05\x06\x07\x08", "jo@x.de"));
        assert!(is_found("日本語の文章です \u{1} ".as_bytes(), "jo@x.de"));
    }

    #[test]
    fn a_long_local_part_gives_its_last_64_bytes() {
        let text = format!("{}@example.com", "a".repeat(100));
        let expected = format!("{}@example.com", "a".repeat(LOCAL_BYTES_MAX));
        finds(EMAIL, &text, &[&expected]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            EMAIL,
            &[
                "np.dot(a@b.sum(),1)",
                "A@B.T + C@D.inv",
                "icon@2x.png",
                "logo@3x.webp",
                "react@18.2.0",
                "left-pad@1.3.0-rc.beta",
                "git@github.com:rust-lang/rust.git",
                "@decorator.name",
                "jane@example",
                "jane@example.c",
                "jane@.com",
                "..@example.com",
                ".@example.com",
                "jane..@example.com",
                "jane@-example",
                "a@b@c",
                "@@@@",
                "user@host.123",
                "user@1000.service",
                "image@large.png",
                "this@Outer.method",
                "uses: a/b@v4.1.beta",
                "ssh://jane@host.example.com/x",
                "https://deploy:s3cret@git.example.com/x",
                "redis://:pass-word@cache.example.com:6379",
            ],
        );
    }
}
