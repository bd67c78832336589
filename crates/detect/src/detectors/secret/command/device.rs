//! Lines of network devices' configurations: routers, switches, firewalls, access points.
//!
//! A number or a word may tell before the value how it is written: clear, in the reversible form 7, or hashed. The
//! communities `public` and `private` are defaults that everybody knows, and no secrets.

use super::{Head, PERCENT, behind_spaces, chosen, has, head, is_file, line_before, word};
use crate::detectors::secret::assign::{self, Named};
use crate::detectors::secret::{form, letters, shape::Shape};
use crate::text::Class;
use crate::window::{Checked, Match, Undecided, Window};

/// What devices write before a value.
pub(super) const HEADS: [Head; 19] = [
    head("secret ", account),
    head("community ", community),
    head("auth sha", snmp_user),
    head("auth md5", snmp_user),
    head("priv aes", snmp_user),
    head("priv des", snmp_user),
    head("priv 3des", snmp_user),
    head("isakmp key ", value),
    head("-server key ", value),
    head("server host ", server),
    head("key-string ", value),
    head("igest-key ", value),
    head("wpa-psk ", value),
    head("set-key ", value),
    head("hared-key ", value),
    head("ication-key ", value),
    head("key 7 ", cipher),
    head("key 6 ", cipher),
    head(" ENC ", encrypted),
];

/// Words before a value that tell its form, its algorithm or its place.
const FORMS: [&[u8]; 27] = [
    b"0",
    b"1",
    b"2",
    b"3",
    b"4",
    b"5",
    b"6",
    b"7",
    b"8",
    b"9",
    b"10",
    b"md5",
    b"sha",
    b"128",
    b"192",
    b"256",
    b"ascii",
    b"hex",
    b"local",
    b"remote",
    b"ascii-text",
    b"encrypted",
    b"level",
    b"15",
    // Of Huawei and H3C.
    b"cipher",
    b"simple",
    b"hash",
];

/// How many of them may stand there.
const FORMS_MAX: usize = 4;

/// Words of lines in which a password is one of a device.
const LINES: [&[u8]; 10] = [
    b"enable ",
    b"username ",
    b"neighbor ",
    b"ppp ",
    b"peer ",
    b"area ",
    b"l2tp tunnel ",
    b"set system ",
    b"ldap-login-",
    b"local-user ",
];

/// True for a line of a configuration, given what stands before the word for a password.
pub(crate) fn is_line(window: &Window<'_>, at: usize) -> bool {
    let line = line_before(window, at);
    LINES.iter().any(|word| has(line, word))
}

/// True for the number of a form and a space: `7 `.
pub(crate) fn is_form(window: &Window<'_>, at: usize) -> Result<bool, Undecided> {
    Ok(matches!(window.at(at)?, b'0' | b'5'..=b'9') && window.at(at + 1)? == b' ')
}

/// Decides at a value, whatever form it has.
pub(crate) fn value(window: &Window<'_>, start: usize) -> Checked {
    let (start, reversible) = behind_forms(window, start)?;
    let (start, end) = word(window, start)?;
    let text = window.slice(start, end);
    if (reversible && is_reversible(text)) || is_hash(text) {
        return Ok(Some(Match::new(start, end, form::PASSWORD, PERCENT)));
    }
    Ok(chosen(window, (start, end), 2))
}

/// Behind the words that tell a form; true if the last of them tells the reversible one.
fn behind_forms(window: &Window<'_>, start: usize) -> Result<(usize, bool), Undecided> {
    let (mut start, mut reversible) = (behind_spaces(window, start)?, false);
    for _ in 0..FORMS_MAX {
        /// Bytes of the longest of [`FORMS`], and one.
        const FORM_BYTES_MAX: usize = 11;
        let length = window.run(start, FORM_BYTES_MAX, |byte| byte.is_ascii_alphanumeric() || byte == b'-')?;
        let form = window.slice(start, start + length);
        if !FORMS.contains(&form) || window.at(start + length)? != b' ' {
            break;
        }
        reversible = matches!(form, b"7" | b"6");
        start = behind_spaces(window, start + length)?;
    }
    Ok((start, reversible))
}

/// Form 7: a place in a key of 53 bytes, then two hexadecimal digits a byte.
fn is_reversible(text: &[u8]) -> bool {
    let place = matches!(text, [b'0'..=b'4', b'0'..=b'9', ..] | [b'5', b'0'..=b'3', ..]);
    place && text.len() >= 6 && text.len().is_multiple_of(2) && text.iter().all(u8::is_ascii_hexdigit)
}

/// A hash or a cipher text of a device: `$9$...`, with characters of crypt(5).
fn is_hash(text: &[u8]) -> bool {
    let [b'$', kind, b'$', rest @ ..] = text else { return false };
    let in_hash = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'$' | b'-' | b'_');
    kind.is_ascii_alphanumeric() && rest.len() >= 8 && rest.iter().all(in_hash) && rest.iter().any(u8::is_ascii_digit)
}

/// `enable secret`, `username admin privilege 15 secret`.
fn account(window: &Window<'_>, start: usize) -> Checked {
    let line = line_before(window, start);
    let is_of_server = line.trim_ascii() == b"secret" || has(line, b"hmac-");
    if is_of_server && window.at(start)? == b'"' && window.at(start + 1)? != b'$' {
        // `secret "...";` of a key of a name server.
        return assign::check(window, start - 1, Named::Key);
    }
    let is_sure = |found: &Match| window.slice(found.start, found.end).starts_with(b"$9$");
    let is_known = line.ends_with(b"set psksecret ") || is_line(window, start);
    Ok(value(window, start)?.filter(|found| is_known || is_sure(found)))
}

/// `snmp-server community`, `set snmp community`.
fn community(window: &Window<'_>, start: usize) -> Checked {
    // Letters alone are found behind the word before: see [`lettered`].
    let has_digit = |found: &Match| window.slice(found.start, found.end).iter().any(u8::is_ascii_digit);
    let line = line_before(window, start);
    let is_known = has(line, b"snmp") || line.ends_with(b"rocommunity ") || line.ends_with(b"rwcommunity ");
    Ok(if is_known { value(window, start)?.filter(has_digit) } else { None })
}

/// `snmp-server community ...`, of letters alone that were drawn.
pub(crate) fn lettered(window: &Window<'_>, start: usize) -> Checked {
    if !window.starts_with(start, b"-server community ")? {
        return tool(window, start);
    }
    let (start, end) = word(window, start + b"-server community ".len())?;
    let text = window.slice(start, end);
    let accepted = text.len() >= COMMUNITY_BYTES_MIN && letters::are_drawn(text, &Shape::of(text));
    Ok(accepted.then_some(Match::new(start, end, form::PASSWORD, PERCENT)))
}

/// `snmpwalk -v2c -c ...`, `snmpget -v3 -A ...`.
fn tool(window: &Window<'_>, start: usize) -> Checked {
    const NAME_BYTES_MAX: usize = 12;
    let end = start + window.run(start, NAME_BYTES_MAX, |byte| byte.is_ascii_lowercase())?;
    if end == start || window.at(end)? != b' ' {
        return Ok(None);
    }
    match super::shell::behind_option(window, end, &[b" -c ", b" -A "])? {
        Some(start) => {
            let found = chosen(window, word(window, start)?, 2);
            Ok(found.filter(|found| !is_file(window.slice(found.start, found.end))))
        }
        None => Ok(None),
    }
}

/// Letters of the shortest community that has nothing else.
const COMMUNITY_BYTES_MIN: usize = 8;

/// `snmp-server user u g v3 auth sha ... priv aes 128 ...`: the algorithm's name may go on.
fn snmp_user(window: &Window<'_>, start: usize) -> Checked {
    /// Bytes of what an algorithm's name goes on with: `-256`.
    const TAIL_BYTES_MAX: usize = 5;
    let start = start + window.run(start, TAIL_BYTES_MAX, |byte| byte.is_ascii_digit() || byte == b'-')?;
    let line = line_before(window, start);
    let known = has(line, b"v3") || has(line, b"snmp") || has(line, b" auth ");
    if known && window.at(start)? == b' ' { value(window, start) } else { Ok(None) }
}

/// `tacacs-server host 10.0.0.1 key ...`.
fn server(window: &Window<'_>, start: usize) -> Checked {
    match super::shell::behind_option(window, start, &[b" key "])? {
        Some(start) => value(window, start),
        None => Ok(None),
    }
}

/// `key 7 ...` of a server's block.
fn cipher(window: &Window<'_>, start: usize) -> Checked {
    let (start, end) = word(window, start)?;
    let text = window.slice(start, end);
    let accepted = is_reversible(text) && text.len() >= 8;
    Ok(accepted.then_some(Match::new(start, end, form::PASSWORD, PERCENT)))
}

/// `set password ENC ...` of a firewall: a cipher text in base64.
fn encrypted(window: &Window<'_>, start: usize) -> Checked {
    const CIPHER_BYTES_MIN: usize = 20;
    let (start, end) = word(window, start)?;
    let text = window.slice(start, end);
    let shape = Shape::of(text);
    let accepted = text.len() >= CIPHER_BYTES_MIN
        && has(line_before(window, start), b"set ")
        && text.iter().all(|byte| Class::Base64.holds(*byte))
        && shape.is_random();
    Ok(accepted.then_some(Match::new(start, end, form::PASSWORD, PERCENT)))
}
