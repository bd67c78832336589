//! Passwords behind the words of a command: `enable secret ...`, `curl -u admin:...`, `IDENTIFIED BY '...'`.
//!
//! Each command has a literal that is rare elsewhere; behind it stands what its syntax puts there. A value has
//! letters and a digit or is a cipher text of a device, and its first digit stands within a block of the index behind
//! the start of the literal, so that prose is not searched at all. Placeholders, variables and words are none.

pub(crate) mod call;
pub(crate) mod codes;
pub(crate) mod device;
mod made;
mod shell;
mod user;

use super::{assign, base64, form, letters, placeholder, shape::Shape};
use crate::window::{BOUNDARY, Checked, Match, NUMBER_BOUNDARY, Undecided, Window};

/// Bytes of the line before a value that are looked at; fewer than what is kept for context.
const LINE_BYTES_MAX: usize = 56;

/// Bytes of the shortest and the longest value.
const VALUE_BYTES_MIN: usize = 6;
const VALUE_BYTES_MAX: usize = 128;

/// Bytes of the longest value that a person chose.
const CHOSEN_BYTES_MAX: usize = 72;

/// How sure a value behind the words of a command is.
const PERCENT: u8 = 80;

/// A literal and what decides behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) word: &'static [u8],
    /// Given the place behind the literal.
    pub(crate) check: fn(&Window<'_>, usize) -> Checked,
}

const fn head(word: &'static str, check: fn(&Window<'_>, usize) -> Checked) -> Head {
    Head { word: word.as_bytes(), check }
}

/// The literals of each search; one over all of them would be slower than these together.
pub(crate) const SEARCHES: [&[Head]; 2] = [&device::HEADS, &shell::HEADS];

/// Where the word at `start` begins and ends, a quote before it passed over.
///
/// Empty if it is too long to be a value.
pub(super) fn word(window: &Window<'_>, start: usize) -> Result<(usize, usize), Undecided> {
    let opening = window.at(start)?;
    let quoted = matches!(opening, b'"' | b'\'' | b'`');
    let start = start + usize::from(quoted);
    let in_word = |byte: u8| match byte {
        BOUNDARY | NUMBER_BOUNDARY | b'\n' | b'\r' => false,
        _ if quoted => byte != opening && byte != b'\\',
        _ => !matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'{' | b'}'),
    };
    let length = window.run(start, VALUE_BYTES_MAX, in_word)?;
    let length = if length == VALUE_BYTES_MAX { 0 } else { length };
    // What ends a sentence or a statement is no part of it.
    let text = window.slice(start, start + length);
    let ends = |byte: &u8| matches!(byte, b'.' | b',' | b';' | b')' | b'|');
    let kept = if quoted { length } else { text.iter().rposition(|byte| !ends(byte)).map_or(0, |last| last + 1) };
    Ok((start, start + kept))
}

/// The start of what follows spaces and tabs.
fn behind_spaces(window: &Window<'_>, start: usize) -> Result<usize, Undecided> {
    /// Bytes of spaces that align.
    const SPACES_MAX: usize = 16;
    Ok(start + window.run(start, SPACES_MAX, |byte| matches!(byte, b' ' | b'\t'))?)
}

/// What stands before `at` in its line, as far as it is looked at.
pub(super) fn line_before<'a>(window: &Window<'a>, at: usize) -> &'a [u8] {
    let line = window.slice(at.saturating_sub(LINE_BYTES_MAX), at);
    let from = memchr::memrchr3(b'\n', BOUNDARY, NUMBER_BOUNDARY, line).map_or(0, |place| place + 1);
    line.get(from..).unwrap_or_default()
}

/// True if `part` stands in `text`.
fn has(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

/// Bytes of a password, or of a user and one, in base64.
const ENCODED_BYTES_MAX: usize = 96;

/// A password in base64, a user before it perhaps: `userPassword:: ...` (RFC 2849), `AUTH PLAIN ...` (RFC 4616).
pub(super) fn encoded(window: &Window<'_>, start: usize) -> Checked {
    let in_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let length = window.run(start, ENCODED_BYTES_MAX + 1, in_base64)?;
    let mut plain = [0; ENCODED_BYTES_MAX];
    if length > ENCODED_BYTES_MAX || !length.is_multiple_of(4) {
        return Ok(None);
    }
    let plain = base64::decode(window.slice(start, start + length), &mut plain);
    let password = memchr::memrchr(0, plain).and_then(|end| plain.get(end + 1..)).unwrap_or(plain);
    // A hash says so itself: `{SSHA}...`.
    let accepted = password.iter().all(u8::is_ascii_graphic) && is_chosen(password, 2);
    Ok(accepted.then_some(Match::new(start, start + length, form::PASSWORD, PERCENT)))
}

/// `curl -u admin:...` where the password has letters alone.
pub(super) fn lettered(window: &Window<'_>, start: usize) -> Checked {
    const BYTES_MIN: usize = 7;
    if window.at(start)? != b' ' {
        return Ok(None);
    }
    let options = [b" -u ".as_slice(), b" --user ", b" --user="];
    let Some(start) = shell::behind_option(window, start, &options)? else { return Ok(None) };
    let (start, end) = word(window, start)?;
    let text = window.slice(start, end);
    let Some(colon) = memchr::memchr(b':', text).filter(|colon| *colon > 0) else { return Ok(None) };
    let (user, password) = text.split_at_checked(colon + 1).unwrap_or_default();
    let accepted = password.len() >= BYTES_MIN
        && password.iter().all(u8::is_ascii_alphabetic)
        && password.iter().any(u8::is_ascii_lowercase)
        && !user.starts_with(password)
        && !password.starts_with(b"pass")
        && !placeholder::begins_like_code(password)
        && !placeholder::names_itself(password)
        && !placeholder::is_placeholder(password);
    Ok(accepted.then_some(Match::new(start + colon + 1, end, form::PASSWORD, 65)))
}

/// A password at these places, if it is one of at least so many sorts of characters.
pub(super) fn chosen(window: &Window<'_>, (start, end): (usize, usize), sorts: usize) -> Option<Match> {
    is_chosen(window.slice(start, end), sorts).then_some(Match::new(start, end, form::PASSWORD, PERCENT))
}

/// What a person or a tool chose: letters and digits, no placeholder, nothing that a program computes.
fn is_chosen(text: &[u8], sorts_min: usize) -> bool {
    let shape = Shape::of(text);
    let signs = text.iter().filter(|byte| is_sign(**byte)).count();
    let sorts = [shape.lowers, shape.uppers, shape.digits, signs].into_iter().filter(|count| *count > 0).count();
    let is_address = || text.contains(&b'/') && (text.starts_with(b"/") || has(text, b"://"));
    (VALUE_BYTES_MIN..=CHOSEN_BYTES_MAX).contains(&text.len())
        && sorts >= sorts_min
        && (shape.digits > 0 || (shape.uppers > 0 && letters::are_drawn(text, &shape)))
        && shape.letters() > 0
        && shape.distinct >= 5
        && !text.iter().any(|byte| matches!(byte, b' ' | b'[' | b'<' | b'{'))
        && !is_address()
        && !is_variable(text)
        && !assign::is_harmless(text)
        && !placeholder::begins_like_code(text)
        && !placeholder::names_itself(text)
        && !placeholder::is_placeholder(text)
        && !placeholder::is_binary(text)
}

/// Digits of a number in a name: of a model or a size, and of one thing among others, where a year is one of a password.
const SIZE_DIGITS_MAX: usize = 4;
const COUNT_DIGITS_MAX: usize = 2;

/// True for words and numbers of so many digits that hyphens join, as names of things have them: `AES-256`, `Haus12-Keller`,
/// `IAM-Role1`.
fn is_name(text: &[u8], digits_max: usize) -> bool {
    let is_part = |part: &[u8]| {
        let letters = part.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let (word, number) = part.split_at_checked(letters).unwrap_or_default();
        let is_word = word.iter().skip(1).all(u8::is_ascii_lowercase) || word.iter().all(u8::is_ascii_uppercase);
        let number = number.strip_suffix(b"b").or_else(|| number.strip_suffix(b"a")).unwrap_or(number);
        !part.is_empty() && is_word && number.len() <= digits_max && number.iter().all(u8::is_ascii_digit)
    };
    text.iter().any(|byte| matches!(byte, b'-' | b'_'))
        && text.split(|byte| matches!(byte, b'-' | b'_')).all(is_part)
        && !assign::chosen::is_words_and_number(text)
        && !letters::are_unlike_names(text, &Shape::of(text), letters::ODDS_OF_WORD)
}

/// True for the name of a file: `generator1.yml`.
fn is_file(text: &[u8]) -> bool {
    const ENDINGS: [&[u8]; 9] = [b".yml", b".yaml", b".json", b".conf", b".cfg", b".ini", b".txt", b".xml", b".toml"];
    ENDINGS.iter().any(|ending| text.ends_with(ending))
}

/// True for `$DB_PASS1`, `$1`, `%PASS1%`.
fn is_variable(text: &[u8]) -> bool {
    let name = |name: &[u8]| name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    matches!(text, [b'$' | b'%' | b'@', rest @ ..] if name(rest.strip_suffix(b"%").unwrap_or(rest)))
}

const fn is_sign(byte: u8) -> bool {
    matches!(
        byte,
        b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'+' | b'~' | b'?' | b'|' | b'=' | b'-' | b'_'
    )
}

#[cfg(test)]
mod tests;
