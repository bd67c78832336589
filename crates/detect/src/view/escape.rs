//! One escape: what begins at a byte that may begin one, and what it stands for.
//!
//! Backslashes as in JSON (RFC 8259 section 7), JavaScript, Python and C; percent (RFC 3986 section 2.1), and `+` in forms;
//! character references (HTML, 13.5); quoted-printable (RFC 2045 section 6.7); control sequences of terminals,
//! which show nothing (ECMA-48 section 5.4); punctuation as Markdown and LaTeX write it; tags and marks of emphasis
//! within a word; tags of tables, which stand for bars and ends of lines; and what stands between two string literals
//! that a program joins. What is no escape stands for itself.

use super::ViewId;
use crate::window::{BOUNDARY, NUMBER_BOUNDARY};

/// Bytes of white space on either side of what joins two literals.
const JOINT_SPACE_BYTES_MAX: usize = 16;
/// Letters of the longest name of [`NAMES`].
const NAME_BYTES_MAX: usize = 8;
/// Digits of the longest character reference; more are no character.
const REFERENCE_DIGITS_MAX: usize = 8;

/// What begins a control sequence of a terminal.
pub(super) const ESCAPE: u8 = 0x1b;
/// What ends a command to a terminal.
const BELL: u8 = 7;
/// Bytes of the longest control sequence: a colour has nineteen, a link's address and its title some more.
const CONTROL_BYTES_MAX: usize = 128;

/// Bytes of the longest tag that is left out: `<span class="highlighted">`.
const TAG_BYTES_MAX: usize = 48;
/// Bytes of the longest comment that is left out.
const COMMENT_BYTES_MAX: usize = 128;
/// Bytes of the longest tag of a table, its style included, and of the white space behind it.
const CELL_TAG_BYTES_MAX: usize = 128;
const CELL_SPACE_BYTES_MAX: usize = 64;
/// Elements of tables, what their opening tags stand for, and what their closing ones do (HTML, 4.9).
const CELLS: [(&[u8; 2], &str, &str); 3] = [(b"td", "|", ""), (b"th", "|", ""), (b"tr", "\n", "|\n")];
/// Elements that break no word (HTML, 4.5 and 16.2).
const INLINE: &[&[u8]] = &[
    b"a", b"b", b"bdi", b"bdo", b"big", b"code", b"del", b"em", b"font", b"i", b"ins", b"kbd", b"mark", b"s", b"samp",
    b"small", b"span", b"strike", b"strong", b"sub", b"sup", b"tt", b"u", b"var", b"wbr",
];

/// What begins at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// More bytes must be seen.
    Cut,
    /// So many bytes stand for themselves.
    Literal(usize),
    Unit(Unit),
}

/// Bytes that stand for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    bytes: [u8; 4],
    len: usize,
    pub(super) source_bytes: usize,
    pub(super) view: ViewId,
}

impl Unit {
    pub(super) fn new(text: &[u8], source_bytes: usize, view: ViewId) -> Self {
        let mut bytes = [0; 4];
        bytes.iter_mut().zip(text).for_each(|(place, byte)| *place = *byte);
        Self { bytes, len: text.len().min(4), source_bytes, view }
    }

    fn character(character: char, source_bytes: usize, view: ViewId) -> Self {
        Self::new(character.encode_utf8(&mut [0; 4]).as_bytes(), source_bytes, view)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// Not an escape, or not known yet.
enum No {
    Cut,
    Literal,
}

type Read<T> = Result<T, No>;

/// What begins with the first byte of `rest`, which is one of those that begin an escape.
pub(super) fn step(before: &[u8], rest: &[u8]) -> Step {
    let read = match rest.first() {
        Some(b'\\') => backslash(rest),
        Some(b'%') => percent(rest),
        Some(b'&') => reference(rest),
        Some(b'=') => quoted(before, rest),
        Some(b'"' | b'\'') => joint(before, rest),
        Some(b'<') => cell(rest).unwrap_or_else(|| tag(before, rest)),
        Some(b'*') => emphasis(before, rest),
        Some(b'+') => plus(before, rest),
        Some(&ESCAPE) => control(before, rest),
        Some(0) => Ok(Unit::new(&[], 1, ViewId::WIDE)),
        Some(1..0x20 | 0x7f) => between(before, rest),
        _ => Err(No::Literal),
    };
    match read {
        Ok(unit) => Step::Unit(unit),
        Err(No::Cut) => Step::Cut,
        Err(No::Literal) => Step::Literal(1),
    }
}

fn at(rest: &[u8], place: usize) -> Read<u8> {
    rest.get(place).copied().ok_or(No::Cut)
}

/// The value of exactly `count` digits at `start`.
fn number(rest: &[u8], start: usize, count: usize, radix: u32) -> Read<u32> {
    (start..start + count).try_fold(0, |value, place| {
        let digit = char::from(at(rest, place)?).to_digit(radix).ok_or(No::Literal)?;
        Ok(value * radix + digit)
    })
}

fn backslash(rest: &[u8]) -> Read<Unit> {
    let kind = at(rest, 1)?;
    let short = |text: &[u8]| Ok(Unit::new(text, 2, ViewId::JSON));
    match kind {
        b'"' | b'\\' | b'/' | b'\'' | b'_' | b'-' | b'@' | b'.' | b'*' | b'#' | b'+' | b'(' | b')' | b'[' | b']' => {
            short(&[kind])
        }
        b'r' if at(rest, 2)? == b'\\' && at(rest, 3)? == b'n' => Ok(Unit::new(b"\n", 4, ViewId::JSON)),
        b'n' | b'r' | b'f' | b'v' => short(b"\n"),
        b't' => short(b"\t"),
        b'b' => short(b" "),
        b'\n' => short(b""),
        b'\r' => Ok(Unit::new(b"", if at(rest, 2)? == b'\n' { 3 } else { 2 }, ViewId::JSON)),
        b'x' if at(rest, 2)? != b'{' => Ok(Unit::new(&[low(number(rest, 2, 2, 16)?)], 4, ViewId::JSON)),
        b'u' if at(rest, 2)? != b'{' => unicode(rest, ViewId::JSON),
        b'u' | b'x' => braced(rest),
        b'U' => Ok(Unit::character(char::from_u32(number(rest, 2, 8, 16)?).ok_or(No::Literal)?, 10, ViewId::JSON)),
        b'0' if at(rest, 2)? == b'0' && at(rest, 3)? == b'0' && at(rest, 4)? == b'0' => style(rest),
        b'0'..=b'3' => match number(rest, 1, 3, 8) {
            Ok(value) => Ok(Unit::new(&[low(value)], 4, ViewId::JSON)),
            Err(No::Literal) => style(rest),
            Err(No::Cut) => Err(No::Cut),
        },
        b'4'..=b'7' => style(rest),
        _ => Err(No::Literal),
    }
}

/// `\000040`, `\40 `: six digits, or two and a space within a word (CSS Syntax, section 4.3.7).
fn style(rest: &[u8]) -> Read<Unit> {
    match number(rest, 1, 6, 16) {
        Ok(value @ 0x20..0x7f) => return Ok(Unit::new(&[low(value)], 7, ViewId::JSON)),
        Err(No::Cut) => return Err(No::Cut),
        _ => {}
    }
    let value = number(rest, 1, 2, 16)?;
    let is_within = at(rest, 3)? == b' ' && (is_glue(at(rest, 4)?) || at(rest, 4)? == b'\\');
    if !(0x20..0x7f).contains(&value) || !is_within {
        return Err(No::Literal);
    }
    Ok(Unit::new(&[low(value)], 4, ViewId::JSON))
}

/// True for what a word, a number or an address goes on with.
const fn is_glue(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'@' | b'.' | b'_' | b'+' | b'<' | b'>' | b'*')
}

/// The tag of a row or a cell, with the white space behind it; nothing if it is none.
fn cell(rest: &[u8]) -> Option<Read<Unit>> {
    let start = 1 + usize::from(rest.get(1) == Some(&b'/'));
    let name = rest.get(start..)?;
    let Some(name) = name.first_chunk::<2>() else {
        let may_be_one = matches!(name, [] | [b't' | b'T']);
        return may_be_one.then_some(Err(No::Cut));
    };
    let (_, opening, closing) = CELLS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name))?;
    let text = if start == 1 { opening } else { closing };
    if rest.get(start + 2).is_some_and(|next| !matches!(next, b'>' | b' ' | b'\n')) {
        return None;
    }
    Some(cell_end(rest, start + 2).map(|len| Unit::new(text.as_bytes(), len, ViewId::HTML)))
}

/// Bytes of a cell's tag whose name ends at `from`, and of the white space behind it.
fn cell_end(rest: &[u8], from: usize) -> Read<usize> {
    let mut len = from;
    while at(rest, len)? != b'>' {
        if len == CELL_TAG_BYTES_MAX || matches!(at(rest, len)?, b'<' | BOUNDARY | NUMBER_BOUNDARY) {
            return Err(No::Literal);
        }
        len += 1;
    }
    let end = len + 1;
    while (at(rest, len + 1)?).is_ascii_whitespace() && len < end + CELL_SPACE_BYTES_MAX {
        len += 1;
    }
    Ok(len + 1)
}

/// True if a word or a number stands before what shows nothing.
const fn is_glued_before(before: &[u8]) -> bool {
    match before {
        [.., b'0'..=b'9' | b'>', b' '] => true,
        [.., last] => is_glue(*last) || *last == b'(',
        [] => false,
    }
}

/// True if the word, or a number in groups, goes on at `place`.
fn is_glued_behind(rest: &[u8], place: usize) -> Read<bool> {
    Ok(match at(rest, place)? {
        b' ' => matches!(at(rest, place + 1)?, b'0'..=b'9' | b'<'),
        byte => is_glue(byte) || byte == b')',
    })
}

/// The tag of an inline element within a word, or a comment there: it shows nothing.
fn tag(before: &[u8], rest: &[u8]) -> Read<Unit> {
    if !is_glued_before(before) {
        return Err(No::Literal);
    }
    if at(rest, 1)? == b'!' {
        return comment(rest);
    }
    let start = 1 + usize::from(at(rest, 1)? == b'/');
    let mut len = start;
    while at(rest, len)?.is_ascii_alphabetic() && len < TAG_BYTES_MAX {
        len += 1;
    }
    let name = rest.get(start..len).unwrap_or_default();
    if name.eq_ignore_ascii_case(b"br") {
        return line_break(before, rest, len);
    }
    if !INLINE.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return Err(No::Literal);
    }
    if at(rest, len)? != b'>' && !matches!(at(rest, len)?, b' ' | b'/') {
        return Err(No::Literal);
    }
    while at(rest, len)? != b'>' {
        len += 1;
        // No tag goes on behind the end of its line or leaf.
        if len == TAG_BYTES_MAX || !matches!(at(rest, len)?, b' '..=b'~') || at(rest, len)? == b'<' {
            return Err(No::Literal);
        }
    }
    if is_glued_behind(rest, len + 1)? { Ok(Unit::new(&[], len + 1, ViewId::HTML)) } else { Err(No::Literal) }
}

/// `<br>` between two groups of digits, with the white space behind it: a space, as between others.
fn line_break(before: &[u8], rest: &[u8], name_end: usize) -> Read<Unit> {
    if !matches!(before, [.., b'0'..=b'9'] | [.., b'0'..=b'9', b' ' | b'-']) {
        return Err(No::Literal);
    }
    let end = cell_end(rest, name_end)?;
    if at(rest, end)?.is_ascii_digit() { Ok(Unit::new(b" ", end, ViewId::HTML)) } else { Err(No::Literal) }
}

/// `<!-- ... -->` (HTML, 13.6).
fn comment(rest: &[u8]) -> Read<Unit> {
    const OPENING: &[u8] = b"<!--";
    const CLOSING_BYTES: usize = 3;
    for (place, byte) in OPENING.iter().enumerate() {
        if at(rest, place)? != *byte {
            return Err(No::Literal);
        }
    }
    for start in OPENING.len()..OPENING.len() + COMMENT_BYTES_MAX {
        if matches!(at(rest, start)?, BOUNDARY | NUMBER_BOUNDARY) {
            break;
        }
        // No byte behind the end of a leaf is asked for.
        if at(rest, start)? == b'-' && at(rest, start + 1)? == b'-' && at(rest, start + 2)? == b'>' {
            let end = start + CLOSING_BYTES;
            return if is_glued_behind(rest, end)? { Ok(Unit::new(&[], end, ViewId::HTML)) } else { Err(No::Literal) };
        }
    }
    Err(No::Literal)
}

/// `**` within a word.
fn emphasis(before: &[u8], rest: &[u8]) -> Read<Unit> {
    let is_within = before.last().is_some_and(|byte| is_glue(*byte) && *byte != b'*');
    if is_within && at(rest, 1)? == b'*' && is_glue(at(rest, 2)?) && at(rest, 2)? != b'*' {
        return Ok(Unit::new(&[], 2, ViewId::HTML));
    }
    Err(No::Literal)
}

/// A control character with single characters on both of its sides, another of its kind behind one of them. Elsewhere it
/// may part the fields of a message, or be of no text at all.
fn between(before: &[u8], rest: &[u8]) -> Read<Unit> {
    let own = rest.first();
    let is_end = |byte| matches!(byte, BOUNDARY | NUMBER_BOUNDARY);
    let is_one =
        matches!(before, [.., other, _] if Some(other) == own) || !is_end(at(rest, 1)?) && Some(&at(rest, 2)?) == own;
    if is_one { Ok(Unit::new(&[], 1, ViewId::UNICODE)) } else { Err(No::Literal) }
}

/// `ESC [`, parameters, and a letter; `ESC ]`, text, and a bell or `ESC \\`.
fn control(before: &[u8], rest: &[u8]) -> Read<Unit> {
    let unit = |len| Ok(Unit::new(&[], len, ViewId::UNICODE));
    let is_command = match at(rest, 1)? {
        b'[' => false,
        b']' => true,
        _ => return between(before, rest),
    };
    for len in 2..CONTROL_BYTES_MAX {
        match at(rest, len)? {
            BELL if is_command => return unit(len + 1),
            ESCAPE if is_command && at(rest, len + 1)? == b'\\' => return unit(len + 2),
            b' '..=b'~' if is_command => {}
            0x40..0x7f => return unit(len + 1),
            0x20..0x40 => {}
            _ => break,
        }
    }
    Err(No::Literal)
}

/// A value that is a byte's.
fn low(value: u32) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

/// `\uXXXX` or `%uXXXX`, or two of them for a character outside the basic plane.
fn unicode(rest: &[u8], view: ViewId) -> Read<Unit> {
    let first = number(rest, 2, 4, 16)?;
    if let Some(character) = char::from_u32(first) {
        return Ok(Unit::character(character, 6, view));
    }
    let lone = Unit::character(char::REPLACEMENT_CHARACTER, 6, view);
    if first >= 0xdc00 || at(rest, 6)? != at(rest, 0)? || at(rest, 7)? != at(rest, 1)? {
        return Ok(lone);
    }
    match number(rest, 8, 4, 16) {
        Ok(second @ 0xdc00..0xe000) => {
            let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            Ok(char::from_u32(code).map_or(lone, |character| Unit::character(character, 12, view)))
        }
        Err(No::Cut) => Err(No::Cut),
        _ => Ok(lone),
    }
}

/// `\u{40}`, `\x{40}`
fn braced(rest: &[u8]) -> Read<Unit> {
    let mut digits = 0;
    while at(rest, 3 + digits)?.is_ascii_hexdigit() && digits < 6 {
        digits += 1;
    }
    if digits == 0 || at(rest, 3 + digits)? != b'}' {
        return Err(No::Literal);
    }
    let character = char::from_u32(number(rest, 3, digits, 16)?).ok_or(No::Literal)?;
    Ok(Unit::character(character, digits + 4, ViewId::JSON))
}

fn percent(rest: &[u8]) -> Read<Unit> {
    if matches!(at(rest, 1)?, b'u' | b'U') {
        return unicode(rest, ViewId::PERCENT);
    }
    Ok(Unit::new(&[low(number(rest, 1, 2, 16)?)], 3, ViewId::PERCENT))
}

/// Names of characters that could stand in what is looked for.
const NAMES: &[(&[u8], &str)] = &[
    (b"amp", "&"),
    (b"lt", "<"),
    (b"gt", ">"),
    (b"quot", "\""),
    (b"apos", "'"),
    (b"nbsp", " "),
    (b"commat", "@"),
    (b"period", "."),
    (b"middot", "."),
    (b"bull", "."),
    (b"sol", "/"),
    (b"bsol", "\\"),
    (b"hyphen", "-"),
    (b"dash", "-"),
    (b"minus", "-"),
    (b"ndash", "-"),
    (b"mdash", "-"),
    (b"plus", "+"),
    (b"equals", "="),
    (b"lowbar", "_"),
    (b"num", "#"),
    (b"colon", ":"),
    (b"semi", ";"),
    (b"comma", ","),
    (b"lpar", "("),
    (b"rpar", ")"),
    (b"lbrack", "["),
    (b"rbrack", "]"),
    (b"percnt", "%"),
    (b"ensp", " "),
    (b"emsp", " "),
    (b"thinsp", " "),
    (b"Tab", "\t"),
    (b"NewLine", "\n"),
    (b"shy", ""),
    (b"zwnj", ""),
    (b"zwj", ""),
    (b"lrm", ""),
    (b"rlm", ""),
];

fn reference(rest: &[u8]) -> Read<Unit> {
    if at(rest, 1)? == b'#' {
        return numeric(rest);
    }
    let mut len = 0;
    while at(rest, 1 + len)?.is_ascii_alphabetic() && len <= NAME_BYTES_MAX {
        len += 1;
    }
    if len < 2 || at(rest, 1 + len)? != b';' {
        return Err(No::Literal);
    }
    let name = rest.get(1..=len).unwrap_or_default();
    let (_, text) = NAMES.iter().find(|(known, _)| *known == name).ok_or(No::Literal)?;
    Ok(Unit::new(text.as_bytes(), len + 2, ViewId::HTML))
}

/// `&#64;`, `&#x40;`; the semicolon may be missing.
fn numeric(rest: &[u8]) -> Read<Unit> {
    let (start, radix) = if matches!(at(rest, 2)?, b'x' | b'X') { (3, 16) } else { (2, 10) };
    let mut digits = 0;
    while digits < REFERENCE_DIGITS_MAX && char::from(at(rest, start + digits)?).is_digit(radix) {
        digits += 1;
    }
    if digits == 0 {
        return Err(No::Literal);
    }
    let ends = usize::from(at(rest, start + digits)? == b';');
    let value = number(rest, start, digits, radix)?;
    let character = char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER);
    Ok(Unit::character(character, start + digits + ends, ViewId::HTML))
}

/// `=40`, and `=` at the end of a line.
///
/// A name and its value look the same (`area=40`), so letters and digits count beside another escape only, or in a word
/// that has another one. Behind the letters of a name so do bytes that are no characters (`iban=DE89`), and signs where
/// digits or another kind of escape follow (`card=4012%208888`), but for the `@` of an address (`bob=40163.com`).
fn quoted(before: &[u8], rest: &[u8]) -> Read<Unit> {
    let view = ViewId::QUOTED_PRINTABLE;
    let mut blank = 1;
    while blank <= PADDING_BYTES_MAX && matches!(at(rest, blank)?, b' ' | b'\t') {
        blank += 1;
    }
    let line_end = match at(rest, blank)? {
        b'\n' => Some(blank + 1),
        b'\r' if at(rest, blank + 1)? == b'\n' => Some(blank + 2),
        _ => None,
    };
    if let Some(next) = line_end {
        let is_padding = is_behind_base64(before) && is_setting(rest, next)?;
        return if is_padding { Err(No::Literal) } else { Ok(Unit::new(b"", next, view)) };
    }
    let byte = low(number(rest, 1, 2, 16)?);
    let is_sign = byte.is_ascii_punctuation() || byte.is_ascii_whitespace();
    let is_doubtful = byte.is_ascii_alphanumeric()
        || is_behind_name(before)
            && (!is_sign || matches!(at(rest, 3)?, b'0'..=b'9' | b'%' | b'&' | b'\\' | b'+'))
            && !(byte == b'@' && is_host(rest, 3)?);
    let is_lone = is_doubtful && !is_quoted_before(before) && !is_quoted_behind(rest)?;
    if is_lone { Err(No::Literal) } else { Ok(Unit::new(&[byte], 3, view)) }
}

/// Blanks that a gateway may have left behind a soft line break (RFC 2045, section 6.7, rule 3).
const PADDING_BYTES_MAX: usize = 8;

/// Bytes of base64 before what may be its padding, and of a setting's name in the next line.
const PADDED_BYTES_MIN: usize = 16;
const SETTING_BYTES_MAX: usize = 40;

/// True behind a row of letters, digits and signs of base64, a token's end.
fn is_behind_base64(before: &[u8]) -> bool {
    let in_token = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    before.len() >= PADDED_BYTES_MIN && before.iter().rev().take(PADDED_BYTES_MIN).all(in_token)
}

/// True for a name and a `=` at `start` that begins no escape, as quoted-printable has no other: `NODE_ENV=production`.
fn is_setting(rest: &[u8], start: usize) -> Read<bool> {
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let mut place = start;
    while place - start < SETTING_BYTES_MAX && in_name(at(rest, place)?) {
        place += 1;
    }
    if place == start || at(rest, place)? != b'=' {
        return Ok(false);
    }
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'A'..=b'F');
    Ok(!(is_digit(at(rest, place + 1)?) && is_digit(at(rest, place + 2)?)))
}

/// Bytes of a host that are looked at.
const HOST_BYTES_MAX: usize = 64;

/// True for labels and a top level of letters at `start`.
fn is_host(rest: &[u8], start: usize) -> Read<bool> {
    let mut label = start;
    for place in start..start + HOST_BYTES_MAX {
        match at(rest, place)? {
            b'.' if place > label => label = place + 1,
            byte if byte.is_ascii_alphanumeric() || byte == b'-' => {}
            _ => {
                let top = rest.get(label..place).unwrap_or_default();
                return Ok(label > start && top.len() > 1 && top.iter().all(u8::is_ascii_alphabetic));
            }
        }
    }
    Ok(false)
}

/// True behind what a name ends with that has a value: `iban`, `user[zip]`, `"card"`.
const fn is_behind_name(before: &[u8]) -> bool {
    matches!(before, [.., b'A'..=b'Z' | b'a'..=b'z' | b'_' | b']' | b'"' | b'\''])
}

/// Bytes of a form's value before a `+` in which its name ends, and of the word behind it that may be an address.
const FORM_BYTES_MAX: usize = 64;

/// `+`, a space in the value of a form (URL Standard, section 5.1). In an address it stands for itself, as people leave it.
fn plus(before: &[u8], rest: &[u8]) -> Read<Unit> {
    let in_value =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'*' | b'-' | b'%' | b'+' | b'\'');
    let near = before.get(before.len().saturating_sub(FORM_BYTES_MAX)..).unwrap_or(before);
    let value = near.iter().rev().take_while(|byte| in_value(**byte)).count();
    let is_form = match near.split_at(near.len() - value).0 {
        [name @ .., b'='] => is_behind_name(name) || name.last().is_some_and(u8::is_ascii_digit),
        _ => false,
    };
    if !is_form || value == 0 || !(at(rest, 1)?.is_ascii_alphanumeric() || at(rest, 1)? == b'%') {
        return Err(No::Literal);
    }
    for place in 1..FORM_BYTES_MAX {
        match at(rest, place)? {
            b'@' => return Err(No::Literal),
            b'%' if at(rest, place + 1)? == b'4' && at(rest, place + 2)? == b'0' => return Err(No::Literal),
            b'+' => break,
            byte if in_value(byte) => {}
            _ => break,
        }
    }
    Ok(Unit::new(b" ", 1, ViewId::PERCENT))
}

/// Bytes of a word in which two escapes belong together.
const QUOTED_WORD_BYTES: usize = 24;

/// True if the word has an escape before its end.
fn is_quoted_before(word: &[u8]) -> bool {
    let near = word.get(word.len().saturating_sub(QUOTED_WORD_BYTES)..).unwrap_or(word);
    let in_word = near.iter().rev().take_while(|byte| is_glue(**byte) || **byte == b'=').count();
    let near = near.get(near.len() - in_word..).unwrap_or_default();
    near.windows(3).any(|text| matches!(text, [b'=', digits @ ..] if digits.iter().all(u8::is_ascii_hexdigit)))
}

/// True if the word whose escape `rest` begins with has another one.
fn is_quoted_behind(rest: &[u8]) -> Read<bool> {
    for place in 3..QUOTED_WORD_BYTES {
        match at(rest, place)? {
            b'=' => return Ok(at(rest, place + 1)?.is_ascii_hexdigit() && at(rest, place + 2)?.is_ascii_hexdigit()),
            byte if is_glue(byte) => {}
            _ => break,
        }
    }
    Ok(false)
}

/// What is between two literals: `" + "`, `' . '`, `" "`, `"` and `"` on the next line.
fn joint(before: &[u8], rest: &[u8]) -> Read<Unit> {
    let quote = at(rest, 0)?;
    let (first, broken) = spaces(rest, 1)?;
    let sign = at(rest, first)?;
    let (last, ok) = match sign {
        b'+' | b'.' | b'&' | b'\\' => (spaces(rest, first + 1)?.0, true),
        _ => (first, broken || is_glued_before(before)),
    };
    if !ok || at(rest, last)? != quote || last == 1 {
        return Err(No::Literal);
    }
    if sign == quote && !broken && !is_glued_behind(rest, last + 1)? {
        return Err(No::Literal);
    }
    if sign == quote && broken && is_cell(before, quote) {
        return Err(No::Literal);
    }
    Ok(Unit::new(b"", last + 1, ViewId::CONCATENATED))
}

/// True if the literal that ends behind `before` begins right behind another one and a comma, or what else parts the cells
/// of a row: the next row begins in the next line.
fn is_cell(before: &[u8], quote: u8) -> bool {
    let near = before.get(before.len().saturating_sub(CELL_BYTES_MAX)..).unwrap_or(before);
    let opens = near.iter().rposition(|byte| *byte == quote);
    let head = opens.and_then(|place| near.get(place.checked_sub(2)?..place));
    matches!(head, Some([closes, b',' | b';' | b'\t']) if *closes == quote)
}

/// Bytes of the longest cell that is told from a literal.
const CELL_BYTES_MAX: usize = 64;

/// Where white space that begins at `start` ends, and whether a line ends in it.
fn spaces(rest: &[u8], start: usize) -> Read<(usize, bool)> {
    let (mut place, mut broken) = (start, false);
    while place - start < JOINT_SPACE_BYTES_MAX && matches!(at(rest, place)?, b' ' | b'\t' | b'\r' | b'\n') {
        broken |= at(rest, place)? == b'\n';
        place += 1;
    }
    Ok((place, broken))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Option<(String, usize)> {
        match step(b"", text.as_bytes()) {
            Step::Unit(unit) => Some((String::from_utf8_lossy(unit.bytes()).into_owned(), unit.source_bytes)),
            Step::Cut | Step::Literal(_) => None,
        }
    }

    #[test]
    fn escapes_of_all_kinds_are_decoded() {
        for (text, expected, bytes) in [
            (r"\u0040.", "@", 6),
            (r"\ud83d\ude00.", "😀", 12),
            (r"\ud83dxxxxxx", "\u{fffd}", 6),
            (r"\u{40}.", "@", 6),
            (r"\x40.", "@", 4),
            (r"\100.", "@", 4),
            (r"\000040e", "@", 7),
            (r"\40 e", "@", 4),
            (r"\2e c", ".", 4),
            (r"\U00000040.", "@", 10),
            (r"\n.", "\n", 2),
            ("%40.", "@", 3),
            ("%u0040.", "@", 6),
            ("%ud83d%ude00.", "😀", 12),
            ("&#64;.", "@", 5),
            ("&#0000064 ", "@", 9),
            ("&#x40;.", "@", 6),
            ("&commat;.", "@", 8),
            ("=40e.", "@", 3),
            ("=34=31.", "4", 3),
            ("=\r\n.", "", 3),
            ("\" + \"1", "", 5),
            ("'+'1", "", 3),
            ("\"\n    \"1", "", 7),
            ("\0a", "", 1),
        ] {
            assert_eq!(decoded(text), Some((expected.to_owned(), bytes)), "{text:?}");
        }
    }

    #[test]
    fn a_row_is_not_joined_to_the_next() {
        let rest = b"\"\n\"406";
        for before in [&b"\"id\",\"amount"[..], b"\"id\";\"amount", b"\"id\"\t\"amount"] {
            assert!(matches!(step(before, rest), Step::Literal(_)));
        }
        for before in [&b"a = f(\"amount"[..], b"x = (\n\t\"ghp_0123456789", b"f(a,\"ghp_0123456789"] {
            assert!(matches!(step(before, rest), Step::Unit(_)));
        }
    }

    #[test]
    fn what_is_no_escape_stands_for_itself() {
        for text in [r"\d+x", r"\u12g4", "%d items", "100% of", "& more", "&name;", "=41&x=", "a\"", "\", \"", "' '"] {
            assert_eq!(decoded(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_beginning_of_an_escape_waits_for_the_rest() {
        for text in [r"\u004", r"\ud83d", "%4", "&#6", "&comma", "=4", "=34", "\" +", r"\"] {
            assert_eq!(step(b"", text.as_bytes()), Step::Cut, "{text:?}");
        }
        assert_eq!(step(b"=34", b"=31"), Step::Unit(Unit::new(b"1", 3, ViewId::QUOTED_PRINTABLE)));
    }
}
