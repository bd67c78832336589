//! A value that a line breaks in two: `AKIAQYLP` and `MN5HHHFPZAM2` on the next line, quoted or indented or not.
//!
//! Only what is whole without the break is read: a token that begins as a secret does, and addresses of mail and of
//! hosts. Numbers that a line breaks are `groups.rs`'s.

use super::ViewId;
use super::mirror::begins_secret;
use super::outline::Outline;
use super::respell::{Leaf, Recogniser, Types};
use crate::context::{self, Words};
use crate::text::{alphanumeric, digit};
use crate::window::{Undecided, Window};
use memchr::memchr;

pub(super) static RECOGNISER: Recogniser = Recogniser { view: ViewId::GROUPS, next, read, start };

/// Bytes on either side of the break.
const PART_BYTES_MAX: usize = 120;
/// Bytes of the shortest value.
const VALUE_BYTES_MIN: usize = 7;
/// White space, and marks of what is quoted, at the start of a line.
const INDENT_BYTES_MAX: usize = 16;
/// Bytes of the shortest secret.
const SECRET_BYTES_MIN: usize = 16;

/// Words that say that numbers with dots are an address.
const HOST_CONTEXT: &Words = &Words::new(&[
    b"ip*",
    b"address*",
    b"host*",
    b"server*",
    b"client*",
    b"gateway",
    b"router",
    b"dns",
    b"from",
    b"peer*",
]);

/// True for what values consist of.
const fn in_value(byte: u8) -> bool {
    alphanumeric(byte) || matches!(byte, b'-' | b'_' | b'.' | b'+' | b'/' | b'=' | b'@')
}

/// The first end of a line behind a value.
fn next(text: &[u8], _: &Outline, from: usize) -> Option<usize> {
    let mut from = from;
    loop {
        let at = from + memchr(b'\n', text.get(from..)?)?;
        if value_end(text, at).checked_sub(1).and_then(|last| text.get(last)).is_some_and(|byte| in_value(*byte)) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// Where what stands before the end of a line ends.
fn value_end(text: &[u8], at: usize) -> usize {
    at - usize::from(at.checked_sub(1).and_then(|before| text.get(before)) == Some(&b'\r'))
}

/// Where the value begins that ends at `end`; a longer one is none.
fn value_start(text: &[u8], end: usize) -> usize {
    let near = text.get(end.saturating_sub(PART_BYTES_MAX + 1)..end).unwrap_or_default();
    end - near.iter().rev().take_while(|byte| in_value(**byte)).count()
}

/// Reads both halves around the end of a line at `at`.
fn read(window: &Window<'_>, at: usize, leaf: &mut Leaf) -> Result<usize, Undecided> {
    let end = value_end(window.slice(0, at), at);
    let start = value_start(window.slice(0, at), end);
    let indent = window.run(at + 1, INDENT_BYTES_MAX + 1, |byte| matches!(byte, b' ' | b'\t' | b'>' | b'|'))?;
    if end - start > PART_BYTES_MAX || indent > INDENT_BYTES_MAX {
        return Ok(at + 1);
    }
    let rest = at + 1 + indent;
    let length = window.run(rest, PART_BYTES_MAX + 1, in_value)?;
    if length == 0 || length > PART_BYTES_MAX || end - start + length < VALUE_BYTES_MIN {
        return Ok(at + 1);
    }
    let (first, second) = (window.slice(start, end), window.slice(rest, rest + length));
    let bytes = || first.iter().chain(second).copied();
    let is_secret = first.len() + second.len() >= SECRET_BYTES_MIN && begins_secret(bytes);
    let is_host = || is_host(bytes()) && context::precedes(window, start, HOST_CONTEXT);
    if is_secret || (is_address(first, second) && !is_setting(window, rest + length, first)?) || is_host() {
        for place in (start..end).chain(rest..rest + length) {
            leaf.push(window.at(place)?, place, place + 1);
        }
        leaf.types = if is_secret { Types::Secrets } else { Types::Usual };
    }
    Ok(at + 1)
}

/// True for an address whose host goes on in the next line, where it is not whole before.
fn is_address(first: &[u8], second: &[u8]) -> bool {
    let Some(at) = first.iter().position(|byte| *byte == b'@').filter(|at| *at > 0) else { return false };
    let host = first.get(at + 1..).unwrap_or_default();
    // It may end a sentence.
    let host = host.strip_suffix(b".").filter(|host| host.contains(&b'.')).unwrap_or(host);
    let is_whole = host.iter().rposition(|byte| *byte == b'.').is_some_and(|dot| host.len() - dot > 2);
    // A host has no sign of an assignment.
    let is_other = |byte: &u8| matches!(byte, b'@' | b'=');
    !is_whole
        && !host.contains(&b'@')
        && !second.iter().any(is_other)
        && (host.contains(&b'.') || second.contains(&b'.'))
}

/// True if the second line is a name with its colon, where the first ended a value with a mark: `pass@` above
/// `app.name: demo`.
fn is_setting(window: &Window<'_>, end: usize, first: &[u8]) -> Result<bool, Undecided> {
    Ok(first.ends_with(b"@") && window.starts_with(end, b": ")?)
}

/// True for four numbers with dots. Versions have them, too, one in each line.
fn is_host(mut bytes: impl Iterator<Item = u8>) -> bool {
    let mut dots = 0;
    bytes.all(|byte| {
        dots += usize::from(byte == b'.');
        byte == b'.' || digit(byte)
    }) && dots == 3
}

/// Where a value begins that ends with its line, or that the end of the text may cut off.
fn start(text: &[u8], at: usize) -> usize {
    value_start(text, value_end(text, at))
}
