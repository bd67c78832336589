//! Commands of a shell and of a database, and calls: what stands behind an option or in a place of its own.

use super::{Head, behind_spaces, call, chosen, has, head, is_chosen, line_before, word};
use crate::detectors::secret::form;
use crate::text::alphanumeric;
use crate::window::{BOUNDARY, Checked, Match, NUMBER_BOUNDARY, Undecided, Window};

/// Names and options of commands that take a password.
pub(super) const HEADS: [Head; 22] = [
    head(" -u ", user),
    head("-user", user),
    head("mysql", mysql),
    head("sshpass ", sshpass),
    head("redis-cli ", redis),
    head(" login ", login),
    head("pass:", passin),
    head("echo ", echo),
    head("IDENTIFIED ", call::identified),
    head("identified ", call::identified),
    head("auth=(", call::pair),
    head("auth = (", call::pair),
    head("asicAuth(", call::pair),
    head("getConnection(", call::last),
    head("de passe est ", said),
    head("ña es ", said),
    head("senha é ", said),
    head("密码：", said),
    head("密码是", said),
    head("密碼：", said),
    head("ワード：", said),
    head("ワードは", said),
];

/// Bytes of a line in which an option is looked for.
const OPTIONS_BYTES_MAX: usize = 64;

/// Behind the first of these options in the rest of the line.
pub(super) fn behind_option(window: &Window<'_>, start: usize, options: &[&[u8]]) -> Result<Option<usize>, Undecided> {
    let in_line = |byte: u8| !matches!(byte, b'\n' | b'\r' | BOUNDARY | NUMBER_BOUNDARY);
    let length = window.run(start, OPTIONS_BYTES_MAX, in_line)?;
    let line = window.slice(start, start + length);
    let place = |option: &&[u8]| memchr::memmem::find(line, option).map(|place| start + place + option.len());
    Ok(options.iter().filter_map(place).min())
}

/// `curl -u admin:...`, `--user=admin:...`. Elsewhere the two may be a user and a group.
fn user(window: &Window<'_>, start: usize) -> Checked {
    let start = if window.at(start)? == b'=' { start + 1 } else { behind_spaces(window, start)? };
    let (start, end) = word(window, start)?;
    let text = window.slice(start, end);
    let Some(colon) = memchr::memchr(b':', text).filter(|colon| *colon > 0) else { return Ok(None) };
    // Two colons in a row are of an address.
    if text.get(colon + 1) == Some(&b':') {
        return Ok(None);
    }
    let line = line_before(window, start);
    let sorts = if has(line, b"curl") || has(line, b"http") { 2 } else { 3 };
    Ok(chosen(window, (start + colon + 1, end), sorts))
}

/// `mysql -u root -p...`: no space stands before the password.
fn mysql(window: &Window<'_>, start: usize) -> Checked {
    /// Bytes of what the name of a command goes on with: `dump`, `import`.
    const TAIL_BYTES_MAX: usize = 8;
    let start = start + window.run(start, TAIL_BYTES_MAX, |byte| byte.is_ascii_lowercase())?;
    if window.at(start)? != b' ' {
        return Ok(None);
    }
    let Some(start) = behind_option(window, start, &[b" -p"])? else { return Ok(None) };
    let (start, end) = word(window, start)?;
    let is_long_option = window.slice(start, end).starts_with(b"ort");
    Ok(chosen(window, (start, end), 2).filter(|_| !is_long_option))
}

/// `sshpass -p ...`, with a space or without.
fn sshpass(window: &Window<'_>, start: usize) -> Checked {
    behind(window, start.saturating_sub(1), &[b" -p"])
}

/// `redis-cli -a ...`.
fn redis(window: &Window<'_>, start: usize) -> Checked {
    behind(window, start.saturating_sub(1), &[b" -a ", b" --pass "])
}

/// `docker login -u a -p ...`.
fn login(window: &Window<'_>, start: usize) -> Checked {
    behind(window, start.saturating_sub(1), &[b" -p "])
}

/// `le mot de passe est ...`, `la contraseña es ...`, `パスワード：...`.
fn said(window: &Window<'_>, start: usize) -> Checked {
    let (start, end) = word(window, behind_spaces(window, start)?)?;
    // Some languages write on without a space.
    let foreign = window.slice(start, end).iter().position(|byte| !byte.is_ascii());
    Ok(chosen(window, (start, foreign.map_or(end, |length| start + length)), 2))
}

/// `openssl ... -passin pass:...`.
fn passin(window: &Window<'_>, start: usize) -> Checked {
    let is_option = has(line_before(window, start), b"-pass");
    Ok(if is_option { chosen(window, word(window, start)?, 2) } else { None })
}

fn behind(window: &Window<'_>, start: usize, options: &[&[u8]]) -> Checked {
    let Some(start) = behind_option(window, start, options)? else { return Ok(None) };
    let start = behind_spaces(window, start)?;
    Ok(chosen(window, word(window, start)?, 2))
}

/// Commands that read a user and a password, or a password alone.
const READERS: [(&[u8], bool); 4] =
    [(b"chpasswd", true), (b"passwd --stdin", false), (b"sudo -S", false), (b"--password-stdin", false)];

/// `echo 'root:...' | chpasswd`.
fn echo(window: &Window<'_>, start: usize) -> Checked {
    let mut start = start;
    for option in [b"-n ", b"-e "] {
        start += if window.starts_with(start, option)? { option.len() } else { 0 };
    }
    let (start, end) = word(window, start)?;
    if !is_chosen(window.slice(start, end), 2) {
        return Ok(None);
    }
    let in_line = |byte: u8| !matches!(byte, b'\n' | b'\r' | BOUNDARY | NUMBER_BOUNDARY);
    let length = window.run(end, OPTIONS_BYTES_MAX, in_line)?;
    let rest = window.slice(end, end + length);
    let Some((_, has_user)) = READERS.iter().find(|(reader, _)| has(rest, reader)) else { return Ok(None) };
    if !has(rest, b"|") {
        return Ok(None);
    }
    let text = window.slice(start, end);
    let colon = memchr::memchr(b':', text).filter(|_| *has_user);
    let start = colon.map_or(start, |colon| start + colon + 1);
    let accepted = alphanumeric(text.first().copied().unwrap_or(0)) && is_chosen(window.slice(start, end), 2);
    Ok(accepted.then_some(Match::new(start, end, form::PASSWORD, super::PERCENT)))
}
