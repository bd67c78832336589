//! Passwords at their places in statements and calls: always between quotes.

use super::super::assign::{self, Named, name};
use super::{behind_spaces, chosen, has, line_before, word};
use crate::window::{BOUNDARY, Checked, NUMBER_BOUNDARY, Undecided, Window};

/// Bytes of a call's arguments before the password.
const ARGUMENTS_BYTES_MAX: usize = 96;

/// `IDENTIFIED BY '...'`, `IDENTIFIED WITH x BY '...'`.
pub(super) fn identified(window: &Window<'_>, start: usize) -> Checked {
    /// Bytes of what may stand between the two words.
    const METHOD_BYTES_MAX: usize = 48;
    let in_line = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_');
    let length = window.run(start, METHOD_BYTES_MAX, in_line)?;
    let words = window.slice(start, start + length).trim_ascii_end();
    let is_by = [b"BY".as_slice(), b"by", b"PASSWORD", b"password", b"AS", b"as"].iter().any(|by| words.ends_with(by));
    if is_by {
        return quoted(window, start + length);
    }
    // Oracle's passwords need no quotes, as names do not.
    let is_statement = || [b"USER ".as_slice(), b"user "].iter().any(|user| has(line_before(window, start), user));
    let is_bare = words.starts_with(b"BY ") || words.starts_with(b"by ");
    let sorts = if is_statement() { 2 } else { 3 };
    if is_bare { Ok(chosen(window, word(window, start + b"BY ".len())?, sorts)) } else { Ok(None) }
}

/// `#define WIFI_PASS "..."`.
pub(super) fn define(window: &Window<'_>, start: usize) -> Checked {
    const NAME_BYTES_MAX: usize = 48;
    const NAMES: [&[u8]; 7] = [b"PASS", b"PASSWORD", b"PASSWD", b"PWD", b"PSK", b"PASSPHRASE", b"SECRET"];
    const KEYS: [&[u8]; 3] = [b"KEY", b"TOKEN", b"AUTH"];
    let length = window.run(start, NAME_BYTES_MAX, |byte| byte.is_ascii_alphanumeric() || byte == b'_')?;
    let name = window.slice(start, start + length);
    let tells = NAMES.iter().any(|known| name.len() >= known.len() && name.ends_with(known));
    if tells {
        return quoted(window, behind_spaces(window, start + length)?);
    }
    let end = start + length;
    let Some(named) = KEYS.iter().any(|key| name.ends_with(key)).then(|| name::read(window, end)).flatten() else {
        return Ok(None);
    };
    let value = behind_spaces(window, end)?;
    if value > end && is_quote(window, value)? { assign::check(window, value - 1, named) } else { Ok(None) }
}

/// The arguments of a call in one line, as far as they are looked at.
fn in_line<'w>(window: &'w Window<'_>, start: usize) -> Result<&'w [u8], Undecided> {
    let in_call = |byte: u8| !matches!(byte, b')' | b'\n' | BOUNDARY | NUMBER_BOUNDARY);
    let length = window.run(start, ARGUMENTS_BYTES_MAX, in_call)?;
    Ok(window.slice(start, start + length))
}

/// `setPassword("...")`, `signInWithEmailAndPassword(auth, email, "...")`: the first of the arguments that may be one.
pub(crate) fn of_password(window: &Window<'_>, start: usize) -> Checked {
    let is_bytes = window.at(start)? == b'b' && is_quote(window, start + 1)?;
    let start = start + usize::from(is_bytes);
    if is_quote(window, start)?
        && let Some(found) = quoted(window, start)?
    {
        return Ok(Some(found));
    }
    for comma in memchr::memchr_iter(b',', in_line(window, start)?).take(2) {
        let argument = behind_spaces(window, start + comma + 1)?;
        if is_quote(window, argument)?
            && let Some(found) = chosen(window, word(window, argument)?, 3)
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// `DBI->connect("dbi:mysql:crm", "app", "...")`; signals are connected, too.
pub(super) fn database(window: &Window<'_>, start: usize) -> Checked {
    if has(line_before(window, start), b"DBI") { last(window, start) } else { Ok(None) }
}

/// `ssh.connect(host, 22, "root", "...")`.
pub(super) fn session(window: &Window<'_>, start: usize) -> Checked {
    let second = in_line(window, start)?.split(|byte| *byte == b',').nth(1).unwrap_or_default().trim_ascii();
    let is_port = !second.is_empty() && second.iter().all(u8::is_ascii_digit);
    if is_port { argument(window, start, 4, 3) } else { Ok(None) }
}

/// `Fernet(b"...")`, `AES.new(b"...", AES.MODE_CBC)`: the key of a cipher or a code.
pub(super) fn key(window: &Window<'_>, start: usize) -> Checked {
    let prefix = usize::from(window.at(start)? == b'b');
    if is_quote(window, start + prefix)? { assign::check(window, start - 1, Named::Key) } else { Ok(None) }
}

/// `createHmac("sha256", "...")`.
pub(super) fn second_key(window: &Window<'_>, start: usize) -> Checked {
    nth_key(window, start, 2)
}

/// `hash_hmac("sha256", $data, "...")`.
pub(super) fn third_key(window: &Window<'_>, start: usize) -> Checked {
    nth_key(window, start, 3)
}

/// The argument that is the `count`th, if it is a key.
fn nth_key(window: &Window<'_>, start: usize, count: usize) -> Checked {
    match nth(window, start, count)? {
        Some(start) => key(window, start),
        None => Ok(None),
    }
}

/// `bcrypt.hash("...", 10)`, `bcrypt.hashpw(b"...", salt)`.
pub(super) fn hashed(window: &Window<'_>, start: usize) -> Checked {
    const NAME_BYTES_MAX: usize = 12;
    let open = start + window.run(start, NAME_BYTES_MAX, |byte| byte.is_ascii_alphabetic())?;
    if window.at(open)? != b'(' {
        return Ok(None);
    }
    let prefix = usize::from(window.at(open + 1)? == b'b');
    quoted(window, open + 1 + prefix)
}

/// `("admin", "...")`.
pub(super) fn pair(window: &Window<'_>, start: usize) -> Checked {
    arguments(window, start, 2)
}

/// `(url, "root", "...")`.
pub(super) fn last(window: &Window<'_>, start: usize) -> Checked {
    arguments(window, start, 3)
}

/// The last of so many arguments.
fn arguments(window: &Window<'_>, start: usize, count: usize) -> Checked {
    argument(window, start, count, 2)
}

/// `("bob", "bob@acme.io", "...")`: other texts may stand there, too.
pub(super) fn third(window: &Window<'_>, start: usize) -> Checked {
    argument(window, start, 3, 3)
}

/// The argument that is the `count`th, if it is one of at least so many sorts of characters.
fn argument(window: &Window<'_>, start: usize, count: usize, sorts: usize) -> Checked {
    let Some(start) = nth(window, start, count)? else { return Ok(None) };
    Ok(if is_quote(window, start)? { chosen(window, word(window, start)?, sorts) } else { None })
}

/// Where the argument begins that is the `count`th.
fn nth(window: &Window<'_>, start: usize, count: usize) -> Result<Option<usize>, Undecided> {
    let in_call = |byte: u8| !matches!(byte, b')' | BOUNDARY | NUMBER_BOUNDARY);
    let length = window.run(start, ARGUMENTS_BYTES_MAX, in_call)?;
    let comma = memchr::memchr_iter(b',', window.slice(start, start + length)).nth(count - 2);
    match comma {
        Some(comma) => Ok(Some(behind_spaces(window, start + comma + 1)?)),
        None => Ok(None),
    }
}

/// Decides at what is a value only if a quote stands before it.
pub(crate) fn quoted(window: &Window<'_>, start: usize) -> Checked {
    if !is_quote(window, start)? {
        return Ok(None);
    }
    Ok(chosen(window, word(window, start)?, 2))
}

fn is_quote(window: &Window<'_>, at: usize) -> Result<bool, Undecided> {
    Ok(matches!(window.at(at)?, b'"' | b'\'' | b'`'))
}
