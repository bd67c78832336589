//! A user and a password side by side: `login: bob / ...`, `USER bob` and `PASS ...`, `admin:...`.

use super::{COUNT_DIGITS_MAX, behind_spaces, chosen, encoded, has, is_name, line_before, shell, word};
use crate::window::{BOUNDARY, Checked, Match, NUMBER_BOUNDARY, Undecided, Window};

/// `login: bob / ...`, `creds: bob:...`: a user and a password.
pub(super) fn account(window: &Window<'_>, start: usize) -> Checked {
    /// Bytes of a user's name, an address perhaps.
    const USER_BYTES_MAX: usize = 40;
    let in_user = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'@');
    let start = behind_spaces(window, start)?;
    let user = window.run(start, USER_BYTES_MAX, in_user)?;
    let mark = behind_spaces(window, start + user)?;
    if user == 0 || !matches!(window.at(mark)?, b'/' | b':' | b'|') {
        return Ok(None);
    }
    let found = chosen(window, word(window, behind_spaces(window, mark + 1)?)?, 3);
    // `vault/Kv2-path`, `GitHub/Gitlab-15`: what a slash joins tightly may be the names of two things.
    let is_path = |found: &Match| {
        found.start == start + user + 1 && is_name(window.slice(found.start, found.end), COUNT_DIGITS_MAX)
    };
    Ok(found.filter(|found| window.at(mark) != Ok(b'/') || !is_path(found)))
}

/// `use admin:... to log in`: nothing but the user says so, and the value has to be as mixed as it may be.
pub(super) fn of_user(window: &Window<'_>, start: usize) -> Checked {
    let line = line_before(window, start);
    let before = line.iter().rev().nth(if line.ends_with(b"admin:") { 6 } else { 5 });
    let is_word = before.is_none_or(|byte| matches!(byte, b' ' | b'"' | b'\'' | b'`' | b'('));
    if is_word { mixed(window, start) } else { Ok(None) }
}

/// `u: ada p: ...`.
pub(super) fn letter(window: &Window<'_>, start: usize) -> Checked {
    let line = line_before(window, start);
    let is_user = [b"u: ".as_slice(), b"U: ", b"user: ", b"User: "].iter().any(|user| has(line, user));
    Ok(if is_user { chosen(window, word(window, start)?, 3) } else { None })
}

/// `ssh ada@host, pass ...`, behind who logs in: tests and users pass, too. `pass is ...`.
pub(super) fn passed(window: &Window<'_>, start: usize) -> Checked {
    let value = behind_verb(window, start)?;
    if value > start {
        return mixed(window, value);
    }
    let line = line_before(window, start - " pass ".len());
    let is_login = [b"@".as_slice(), b"ssh ", b"login "].iter().any(|word| has(line, word))
        || (line.ends_with(b",") && has(line, b"user"));
    if is_login { mixed(window, start) } else { Ok(None) }
}

/// The word at `start`, if it has letters of both sorts, digits and a sign of passwords.
pub(super) fn mixed(window: &Window<'_>, start: usize) -> Checked {
    const MIXED_BYTES_MIN: usize = 8;
    let (start, end) = word(window, start)?;
    let text = window.slice(start, end);
    let has_sign =
        text.iter().any(|byte| matches!(byte, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'?' | b'+'));
    let is_mixed = text.len() >= MIXED_BYTES_MIN && has_sign && !text.iter().any(|byte| matches!(byte, b'/' | b'('));
    Ok(if is_mixed { chosen(window, (start, end), 4) } else { None })
}

/// Behind a verb, if one stands at `start`.
pub(super) fn behind_verb(window: &Window<'_>, start: usize) -> Result<usize, Undecided> {
    const VERB: &[u8] = b"is ";
    Ok(if window.starts_with(start, VERB)? { start + VERB.len() } else { start })
}

/// What logs write behind `PASS` instead of the password.
const OUTCOMES: [&[u8]; 14] = [
    b"accepted",
    b"ok",
    b"okay",
    b"granted",
    b"success",
    b"successful",
    b"failed",
    b"failure",
    b"denied",
    b"rejected",
    b"received",
    b"required",
    b"valid",
    b"invalid",
];

/// `PASS ...` in a line behind `USER ...` (RFC 959, RFC 1939).
pub(super) fn pass_line(window: &Window<'_>, start: usize) -> Checked {
    const USER_BYTES_MAX: usize = 56;
    let line = start - b"PASS ".len();
    let before = window.slice(line.saturating_sub(USER_BYTES_MAX), line);
    let mut lines = before.rsplit(|byte| matches!(*byte, b'\n' | BOUNDARY | NUMBER_BOUNDARY));
    if lines.next() != Some(b"") {
        return Ok(None);
    }
    // What the server answered may stand between the two.
    let is_answer = |line: &&[u8]| line.iter().take(3).filter(|byte| byte.is_ascii_digit()).count() == 3;
    let is_user = lines.find(|line| !is_answer(line)).is_some_and(|user| user.starts_with(b"USER "));
    let is_outcome = |found: &Match| {
        let text = window.slice(found.start, found.end);
        // `Accepted1`, `accepted-230`.
        let letters = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let (word, rest) = text.split_at_checked(letters).unwrap_or_default();
        let number = rest.strip_prefix(b"-").unwrap_or(rest);
        let is_numbered = number.len() <= 3 && number.iter().all(u8::is_ascii_digit);
        is_numbered && OUTCOMES.iter().any(|outcome| word.eq_ignore_ascii_case(outcome))
    };
    if is_user { Ok(shell::line_end(window, start)?.filter(|found| !is_outcome(found))) } else { Ok(None) }
}

/// `a1 LOGIN bob ...` (RFC 9051 section 6.2.3): a letter or capitals and a number before it, where logs have a machine.
pub(super) fn imap(window: &Window<'_>, start: usize) -> Checked {
    const TAG_BYTES_MAX: usize = 8;
    let tag = line_before(window, start - " LOGIN ".len());
    let letters = tag.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (letters, number) = tag.split_at_checked(letters).unwrap_or_default();
    let is_tag = tag.len() <= TAG_BYTES_MAX && (letters.len() <= 1 || letters.iter().all(u8::is_ascii_uppercase));
    let has_number = !number.is_empty() && number.iter().all(u8::is_ascii_digit);
    if is_tag && has_number { shell::nth(window, start, 1, 2) } else { Ok(None) }
}

/// `334 UGFzc3dvcmQ6`, a server's question for a password, and the answer in the next line.
pub(super) fn asked(window: &Window<'_>, start: usize) -> Checked {
    const ANSWER_BYTES_MAX: usize = 6;
    let in_gap = |byte: u8| matches!(byte, b'\r' | b'\n' | b' ' | b'C' | b':' | b'>');
    let gap = window.run(start, ANSWER_BYTES_MAX, in_gap)?;
    if gap == 0 { Ok(None) } else { encoded(window, start + gap) }
}
