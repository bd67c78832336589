//! Assignments: `password = "..."`, `"api_key": "..."`, `export TOKEN=...`, `Authorization: Bearer ...`.
//!
//! The name tells that the value is secret (see [`name`]); the value must look like one. What a
//! person chose is short and has characters of several sorts; what a machine made is long and random.
//! Variables, calls, types, paths, words and placeholders are none. A value that has a rule of its own
//! is left to that rule.

pub(in crate::detectors::secret) mod chosen;
mod endings;
pub(crate) mod name;
mod value;
mod words;

pub(crate) use self::name::Named;
pub(super) use self::value::is_harmless;
use super::shape::{Shape, fold};
use super::{aws_secret, command, keyed, rules};
use crate::text::{Class, alphanumeric};
use crate::window::{BOUNDARY, Checked, Match, NUMBER_BOUNDARY, Rest, Undecided, Window};

/// Bytes between a delimiter and its value: spaces that align, quotes, a scheme.
const LEAD_BYTES_MAX: usize = 40;

/// White space before and behind the colon of a JSON member: a line and its indentation.
const GAP_BYTES_MAX: usize = 12;

/// Bytes of a value's part behind a `=` within it.
const PART_BYTES_MIN: usize = 8;

/// What a key of Jenkins begins with that is kept encrypted, and what it stands between: `{AQAA...}`.
const SEALED: &[u8] = b"{AQAA";

/// Bytes between a value and the name behind it, and of that name.
const LATER_GAP_BYTES_MAX: usize = 40;
const LATER_NAME_BYTES_MAX: usize = 48;

/// What announces a name that stands behind its value.
const LATER_HEADS: Literals<2> = Literals::new([b"name", b"key"]);

/// Bytes of a value that decide; a longer one is reported on to its end.
pub(crate) const VALUE_BYTES_MAX: usize = 128;

/// Bytes behind a delimiter that a decision may need: a value may be asked whether it has a rule of its
/// own, which may need as many as the longest of these.
pub(crate) const BYTES_MAX: usize = LEAD_BYTES_MAX + 336;

/// Schemes before the credential of a request (RFC 9110 section 11.1, RFC 6750, RFC 7617).
const SCHEMES: Literals<10> = Literals::new([
    b"bearer ",
    b"basic ",
    b"token ",
    b"apikey ",
    b"digest ",
    b"bot ",
    b"ssws ",
    b"geniekey ",
    b"splunk ",
    b"key ",
]);

/// What tells how a key is written, before the key.
const ENCODINGS: Literals<2> = Literals::new([b"base64:", b"hex:"]);

/// Calls that hand a value on as it is, or hash it.
const WRAPPERS: Literals<21> = Literals::new([
    b"some(",
    b"just(",
    b"string(",
    b"string::from(",
    b"new string(",
    b"optional.of(",
    b"secret::new(",
    b"secretstring::new(",
    b"secretstring::from(",
    b"new securestring(",
    b"secretstr(",
    b"[]byte(",
    b"md5(",
    b"sha1(",
    b"sha2(",
    b"crypt(",
    b"password(",
    b"bcrypt(",
    b"hash::make(",
    b"make_password(",
    b"generate_password_hash(",
]);

/// Text that is taken as it is (XML 1.0, section 2.7).
const CDATA: &[u8] = b"<![CDATA[";

/// Bytes of the shortest text that is kept encrypted.
const SOME_BYTES_MIN: usize = 32;

/// What ends a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quote {
    /// This byte.
    Byte(u8),
    /// Space, or a delimiter of the language around.
    None,
    /// The same, and it is the rest of a line whose first word is its name: `DB_PASSWORD=...`, `password: ...`.
    Line,
    /// The end of the leaf: the value of a JSON member.
    Leaf,
}

impl Quote {
    /// True if nothing but the language around ends the value.
    pub(super) const fn is_bare(self) -> bool {
        matches!(self, Self::None | Self::Line)
    }
}

/// A value, and what ends it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'a> {
    pub(super) text: &'a [u8],
    pub(super) quote: Quote,
    /// A setting, or the password of a user whose line stands before: letters alone may be one.
    pub(super) is_set: bool,
    /// The text of an element.
    pub(super) is_element: bool,
}

/// Decides at the delimiter at `delimiter`, given what the name before it says.
pub(crate) fn check(window: &Window<'_>, delimiter: usize, named: Named) -> Checked {
    let Some((start, quote, scheme)) = lead(window, delimiter)? else { return Ok(None) };
    if named == Named::Later {
        return named_later(window, start, quote);
    }
    if window.starts_with(start, SEALED)? {
        return sealed(window, start);
    }
    if window.at(delimiter)? == b',' && quote == Quote::None {
        return Ok(None);
    }
    if quote == Quote::None && named == Named::Password {
        if is_condition(window, delimiter, start) {
            return Ok(None);
        }
        if let Some(found) = whole_line(window, delimiter, start)? {
            return Ok(Some(found));
        }
    }
    let is_element = window.at(delimiter)? == b'>';
    if named == Named::Password
        && let Some(found) = through_escapes(window, start, quote)?
    {
        return Ok(Some(found));
    }
    if named == Named::Password
        && is_element
        && quote == Quote::None
        && let Some(found) = whole_element(window, start)?
    {
        return Ok(Some(found));
    }
    let length = window.run(start, VALUE_BYTES_MAX, |byte| !ends(byte, quote, named))?;
    let length = if quote == Quote::None && named.is_chosen() {
        through_signs(window, delimiter, (start, length))?
    } else {
        length
    };
    let may_be_padded = quote == Quote::None && (is_element || !named.is_chosen());
    let padding = if may_be_padded { padding(window, start + length)? } else { Some(0) };
    let length = match padding {
        Some(padding) => length + padding,
        // What is made of letters, digits and `=` alike: no row of names.
        None => {
            let has_digit = window.slice(start, start + length).iter().any(u8::is_ascii_digit);
            let more = start + length + 1;
            if !has_digit || window.run(more, PART_BYTES_MIN, |byte| !ends(byte, quote, named))? < PART_BYTES_MIN {
                return Ok(None);
            }
            window.run(start, VALUE_BYTES_MAX, |byte| byte == b'=' || !ends(byte, quote, named))?
        }
    };
    let is_field = quote.is_bare() && !is_of_environment(window, delimiter);
    let length = if is_field { without_field(window, start, length)? } else { length };
    let end = start + length;
    let next = if length < VALUE_BYTES_MAX { window.at(end)? } else { 0 };
    // A quote behind a parenthesis begins an argument.
    let is_call = || window.slice(start, end).iter().any(|byte| matches!(byte, b'(' | b'['));
    let is_ended = ends_line(next) || (ends_setting(next) && !is_call());
    let is_alone = quote == Quote::None && is_ended && is_setting(window, delimiter, start);
    let is_member = quote == Quote::None && is_member(window, delimiter, start, next);
    let is_line = is_alone || is_member;
    // White space at the end of what is quoted is printed with the quotes.
    let end = if quote.is_bare() { end } else { start + window.slice(start, end).trim_ascii_end().len() };
    let is_set = is_member || (is_alone && is_set(window, delimiter));
    let value =
        Value { text: window.slice(start, end), quote: if is_line { Quote::Line } else { quote }, is_set, is_element };
    // Behind a tag, only what the next tag ends is a value; it may stand in a line of its own.
    if is_element {
        let behind = if next.is_ascii_whitespace() { end + gap(window, end)? } else { end };
        if !matches!(window.at(behind)?, b'<' | b']') {
            return Ok(None);
        }
    }
    let Some(form) = value::judge(value, named, scheme) else { return Ok(None) };
    if has_rule(window, start)? {
        return Ok(None);
    }
    let found = Match::new(start, end, form, if named.is_chosen() { 80 } else { 85 });
    Ok(Some(if length < VALUE_BYTES_MAX { found } else { found.followed_by(Rest::Class(Class::Value)) }))
}

/// A value behind the word for one, whose name stands behind it.
fn named_later(window: &Window<'_>, start: usize, quote: Quote) -> Checked {
    let Quote::Byte(mark) = quote else { return Ok(None) };
    let length = window.run(start, VALUE_BYTES_MAX, |byte| byte != mark && byte != b'\\' && !ends_line(byte))?;
    let (end, next) = (start + length, window.at(start + length)?);
    if length < PART_BYTES_MIN - 2 || !(next == mark || next == b'\\') {
        return Ok(None);
    }
    let in_gap = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'\\' | b',');
    let head = end + window.run(end, LATER_GAP_BYTES_MAX, in_gap)?;
    let word = literal(window, head, &LATER_HEADS)?;
    let joint = window.run(head + word, LATER_GAP_BYTES_MAX, |byte| in_gap(byte) || matches!(byte, b':' | b'='))?;
    let name = head + word + joint;
    if word == 0 || !window.slice(head + word, name).iter().any(|byte| matches!(byte, b':' | b'=')) {
        return Ok(None);
    }
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b' ');
    let name_end = name + window.run(name, LATER_NAME_BYTES_MAX, in_name)?;
    if !matches!(window.at(name_end)?, b'"' | b'\'' | b'\\') {
        return Ok(None);
    }
    let Some(named) = name::of(window.text(), name_end) else { return Ok(None) };
    let value = Value { text: window.slice(start, end), quote, is_set: false, is_element: false };
    let Some(form) = value::judge(value, named, false) else {
        return Ok(None);
    };
    let found = Match::new(start, end, form, if named.is_chosen() { 80 } else { 85 });
    Ok(if has_rule(window, start)? { None } else { Some(found) })
}

/// What Jenkins has encrypted, its braces included.
fn sealed(window: &Window<'_>, start: usize) -> Checked {
    let in_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let end = start + 1 + window.run(start + 1, 2 * VALUE_BYTES_MAX, in_base64)?;
    let is_closed = window.at(end)? == b'}' && end - start > SOME_BYTES_MIN;
    Ok(is_closed.then_some(Match::new(start, end + 1, super::form::SECRET, 90)))
}

/// White space at `start`.
fn gap(window: &Window<'_>, start: usize) -> Result<usize, Undecided> {
    window.run(start, LEAD_BYTES_MAX / 2, |byte| byte.is_ascii_whitespace())
}

/// Bytes of base64's padding at `end` (RFC 4648 section 4); none if what follows goes on behind a `=`.
fn padding(window: &Window<'_>, end: usize) -> Result<Option<usize>, Undecided> {
    let length = window.run(end, 3, |byte| byte == b'=')?;
    let goes_on = length > 2 || (length > 0 && alphanumeric(window.at(end + length)?));
    Ok((!goes_on).then_some(length))
}

/// True for a line as files of settings have it: nothing before the delimiter is more than one name, and at most one
/// space stands behind it. Programs have a space on either side of `=`.
fn is_setting(window: &Window<'_>, delimiter: usize, start: usize) -> bool {
    let line = without_heads(command::line_before(window, delimiter));
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b' ' | 0x80..);
    let gap = start - delimiter - 1;
    let is_tight = if window.at(delimiter) == Ok(b'=') { gap == 0 } else { gap <= 1 };
    is_tight && line.iter().all(in_name)
}

/// Bytes of a value with what stands behind `=` and `:` within it, if all of it is as mixed as a password is. A colon may
/// be one of its signs in a line of settings alone.
fn through_signs(window: &Window<'_>, delimiter: usize, (start, length): (usize, usize)) -> Result<usize, Undecided> {
    let sign = if length < VALUE_BYTES_MAX { window.at(start + length)? } else { 0 };
    if !matches!(sign, b'=' | b':') {
        return Ok(length);
    }
    let in_whole = |byte: u8| matches!(byte, b'=' | b':') || !ends(byte, Quote::None, Named::Password);
    let whole = window.run(start, VALUE_BYTES_MAX, in_whole)?;
    if whole == VALUE_BYTES_MAX {
        return Ok(length);
    }
    let text = window.slice(start, start + whole);
    let is_line = ends_setting(window.at(start + whole)?) && is_setting(window, delimiter, start);
    let shape = Shape::of(text);
    let is_mixed = shape.lowers > 0 && shape.uppers > 0 && shape.digits > 0 && shape.distinct >= WHOLE_DISTINCT_MIN;
    let accepted = is_mixed && (sign == b'=' || is_line) && !text.contains(&b'&');
    Ok(if accepted { whole } else { length })
}

/// True for `${PASSWORD:?missing}`: what a shell says if there is none.
fn is_condition(window: &Window<'_>, delimiter: usize, start: usize) -> bool {
    let line = command::line_before(window, delimiter);
    let opens = || memchr::memmem::rfind(line, b"${").and_then(|place| line.get(place..));
    start == delimiter + 1
        && window.at(delimiter) == Ok(b':')
        && window.at(start) == Ok(b'?')
        && opens().is_some_and(|name| !name.contains(&b'}'))
}

/// True for a name in capitals, as variables of an environment have and fields of forms do not.
fn is_of_environment(window: &Window<'_>, delimiter: usize) -> bool {
    !without_heads(command::line_before(window, delimiter)).iter().any(u8::is_ascii_lowercase)
}

/// The rest of a line of settings that has signs in it which end a value elsewhere: `DB_PASSWORD=4)9xGmTq7ZbKw`.
fn whole_line(window: &Window<'_>, delimiter: usize, start: usize) -> Checked {
    if !is_setting(window, delimiter, start) {
        return Ok(None);
    }
    let length = window.run(start, LINE_VALUE_BYTES_MAX, |byte| byte.is_ascii_graphic())?;
    if length == LINE_VALUE_BYTES_MAX || !ends_line(window.at(start + length)?) {
        return Ok(None);
    }
    let text = window.slice(start, start + length);
    if text.last().is_some_and(|last| ends(*last, Quote::None, Named::Password)) {
        return Ok(None);
    }
    let has_end = text.iter().any(|byte| ends(*byte, Quote::None, Named::Password));
    let is_form = || text.contains(&b'&') && !is_of_environment(window, delimiter);
    let is_one = has_end && chosen::is_of_signs(text) && !is_harmless(text) && !is_form() && !has_rule(window, start)?;
    Ok(is_one.then_some(Match::new(start, start + length, super::form::PASSWORD, 80)))
}

/// Bytes of such a value.
const LINE_VALUE_BYTES_MAX: usize = 73;

/// The text of an element with signs in it which end a value elsewhere: `<password>4:9xGmTq7ZbKw</password>`.
fn whole_element(window: &Window<'_>, start: usize) -> Checked {
    let in_text = |byte: u8| byte.is_ascii_graphic() && byte != b'<';
    let length = window.run(start, LINE_VALUE_BYTES_MAX, in_text)?;
    let text = window.slice(start, start + length);
    let is_closed = length < LINE_VALUE_BYTES_MAX && window.starts_with(start + length, b"</")?;
    let is_one = is_closed && chosen::is_of_signs(text) && !is_harmless(text) && !has_rule(window, start)?;
    Ok(is_one.then_some(Match::new(start, start + length, super::form::PASSWORD, 80)))
}

/// What stands between quotes with a quote or a backslash in it, each behind a backslash (RFC 8259 section 7):
/// `"kT9\"mW2#qL5v"`.
fn through_escapes(window: &Window<'_>, start: usize, quote: Quote) -> Checked {
    let Quote::Byte(mark @ (b'"' | b'\'')) = quote else { return Ok(None) };
    // A quote behind a backslash is of a text within a text.
    if window.before(start) != mark || window.before(start - 1) == b'\\' {
        return Ok(None);
    }
    let (mut end, mut is_escaped) = (start, false);
    while end - start < LINE_VALUE_BYTES_MAX {
        match window.at(end)? {
            b'\\' => {
                let next = window.at(end + 1)?;
                // `"C:\\x"`, `"\\d+"`: paths and patterns.
                let is_other = next == b'\\' && matches!(window.at(end + 2)?, b'd' | b'w' | b's' | b'b' | b'.' | b'\\');
                if !(next == mark || next == b'\\') || is_other || end < start + 3 {
                    return Ok(None);
                }
                (end, is_escaped) = (end + 2, true);
            }
            byte if byte == mark => break,
            byte if !byte.is_ascii_graphic() => return Ok(None),
            _ => end += 1,
        }
    }
    let is_one = is_escaped && end - start < LINE_VALUE_BYTES_MAX && chosen::is_of_signs(window.slice(start, end));
    Ok(is_one.then_some(Match::new(start, end, super::form::PASSWORD, 80)))
}

/// Bytes of a value without the name of a form's next field: `monkey1987&remember=1`. What would be too short for a
/// password has the sign in it, unless it is a word.
fn without_field(window: &Window<'_>, start: usize, length: usize) -> Result<usize, Undecided> {
    if length == VALUE_BYTES_MAX {
        return Ok(length);
    }
    // `user[name]=`, whose bracket ends a value, too.
    let is_named = match window.at(start + length)? {
        b']' => window.at(start + length + 1)? == b'=',
        next => next == b'=',
    };
    if !is_named {
        return Ok(length);
    }
    let value = window.slice(start, start + length);
    let Some((value, name)) = memchr::memrchr(b'&', value).and_then(|mark| value.split_at_checked(mark)) else {
        return Ok(length);
    };
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'[' | b'%');
    let is_field = name.len() > 1 && name.iter().skip(1).all(in_name);
    let is_value = value.len() >= value::PASSWORD_BYTES_MIN || value.iter().all(u8::is_ascii_lowercase);
    Ok(if is_field && is_value { value.len() } else { length })
}

/// True for `...;Password=value;`: a member of a connection's description. Two commands in a line have spaces.
fn is_member(window: &Window<'_>, delimiter: usize, start: usize, next: u8) -> bool {
    let line = command::line_before(window, delimiter);
    let Some(mark) = memchr::memrchr(b';', line) else { return false };
    let (head, name) = line.split_at_checked(mark).unwrap_or_default();
    let in_name = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b' ');
    start == delimiter + 1
        && window.at(delimiter) == Ok(b'=')
        && (next == b';' || ends_setting(next))
        && head.contains(&b'=')
        && name.get(1..).is_some_and(|name| !name.starts_with(b" ") && name.iter().all(in_name))
}

/// True if what a line assigns is a setting whatever it is: `NAME=...` in capitals or at the line's start. Behind a colon
/// a user's line has to stand before it.
fn is_set(window: &Window<'_>, delimiter: usize) -> bool {
    let line = command::line_before(window, delimiter);
    if window.at(delimiter) == Ok(b'=') {
        let is_begun = !line.starts_with(b" ") && !line.starts_with(b"\t");
        let name = without_heads(line);
        if names_text(name) {
            return false;
        }
        let is_word = !name.contains(&b' ');
        return !line.iter().any(u8::is_ascii_lowercase) || is_begun && is_word;
    }
    let before = window.slice(delimiter.saturating_sub(USER_LINE_BYTES_MAX), delimiter - line.len());
    let Some(before) = before.strip_suffix(b"\n") else { return false };
    let ends_line = |byte: &u8| matches!(*byte, b'\n' | BOUNDARY | NUMBER_BOUNDARY);
    let from = before.iter().rposition(ends_line).map_or(0, |place| place + 1);
    let before = before.get(from..).unwrap_or_default().trim_ascii_start();
    USER_HEADS.iter().any(|head| before.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head)))
}

/// True for the name of a text about passwords, and of the directory in which a shell works.
fn names_text(name: &[u8]) -> bool {
    let is_directory = [b"pwd".as_slice(), b"oldpwd"].iter().any(|directory| name.eq_ignore_ascii_case(directory));
    let is_about = |part: &[u8]| TEXTS.iter().any(|text| part.eq_ignore_ascii_case(text));
    is_directory || name.split(|byte| !byte.is_ascii_alphanumeric()).any(is_about)
}

/// Parts of names of texts that are shown.
const TEXTS: [&[u8]; 22] = [
    b"error",
    b"errors",
    b"hint",
    b"help",
    b"label",
    b"labels",
    b"field",
    b"message",
    b"messages",
    b"reset",
    b"forgot",
    b"placeholder",
    b"text",
    b"title",
    // What is counted or chosen of a password.
    b"max",
    b"min",
    b"show",
    b"use",
    b"toggle",
    b"confirm",
    b"menu",
    b"strength",
];

/// Beginnings of a line with the name of a user, and bytes of it and of the password's name.
const USER_HEADS: [&[u8]; 5] = [b"login: ", b"user: ", b"username: ", b"user name: ", b"user id: "];
const USER_LINE_BYTES_MAX: usize = 60;

/// Different characters of a value with a `=` or `:` within it.
const WHOLE_DISTINCT_MIN: usize = 6;

/// True for what a setting ends with: a line's end, or a quote that nothing in its line has opened.
const fn ends_setting(byte: u8) -> bool {
    ends_line(byte) || matches!(byte, b'"' | b'\'' | b'`')
}

/// A line without what stands before a setting: `export `, an item's hyphen, a registry's address (`//host/:`).
fn without_heads(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii_start();
    let line = [b"export ".as_slice(), b"- ", b"ENV "].iter().find_map(|head| line.strip_prefix(*head)).unwrap_or(line);
    match memchr::memmem::rfind(line, b"/:").filter(|_| line.starts_with(b"//")) {
        Some(place) => line.get(place + b"/:".len()..).unwrap_or_default(),
        None => line,
    }
}

/// True for what a line ends with.
const fn ends_line(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | BOUNDARY | NUMBER_BOUNDARY)
}

/// True if a rule of its own decides what begins at `start`.
fn has_rule(window: &Window<'_>, start: usize) -> Result<bool, Undecided> {
    Ok(rules::claims(window, start)? || keyed::check(window, start)?.is_some() || aws_secret::claims(window, start)?)
}

/// Where the value behind a delimiter begins, what ends it, and whether a scheme stands before it.
fn lead(window: &Window<'_>, delimiter: usize) -> Result<Option<(usize, Quote, bool)>, Undecided> {
    if window.at(delimiter)? == BOUNDARY {
        let start = next_leaf(window, delimiter + 1)?;
        let scheme = literal(window, start, &SCHEMES)?;
        return Ok(Some((start + scheme, Quote::Leaf, scheme > 0)));
    }
    let mut start = delimiter + 1;
    if window.at(delimiter)? == b'>' && matches!(window.at(start)?, b'\n' | b'\r') {
        start += gap(window, start)?;
    }
    let mut quote = Quote::None;
    while start - delimiter < LEAD_BYTES_MAX / 2 {
        match window.at(start)? {
            b' ' | b'\t' | b'>' | b'\\' | b'(' => start += 1,
            byte @ (b'"' | b'\'' | b'`') => {
                quote = Quote::Byte(byte);
                start += 1;
            }
            b'b' | b'r' | b'u' | b'f' | b'L' | b'N' | b'@' | b'$' if matches!(window.at(start + 1)?, b'"' | b'\'') => {
                start += 1
            }
            // What a shell takes without the variable: `${PASSWORD:-value}`.
            b'-' if start == delimiter + 1 && window.at(delimiter)? == b':' => start += 1,
            // A markdown heading: `**Password:** value`.
            b'*' if matches!(window.at(start + 1)?, b'*' | b' ') => start += 1,
            _ => {
                if quote == Quote::None && window.starts_with(start, CDATA)? {
                    return Ok(Some((start + CDATA.len(), Quote::Byte(b']'), false)));
                }
                let wrapper = literal(window, start, &WRAPPERS)?;
                if wrapper > 0 && matches!(window.at(start + wrapper)?, b'"' | b'\'') {
                    start += wrapper;
                    continue;
                }
                let scheme = literal(window, start, &SCHEMES)?;
                let start = start + scheme;
                return Ok(Some((start + literal(window, start, &ENCODINGS)?, quote, scheme > 0)));
            }
        }
    }
    Ok(None)
}

/// Where the leaf behind a name begins: at once, or behind what stands between the two in JSON (`: "`) or in a field
/// of a head (a space), where leaves are pushed with what is between them.
fn next_leaf(window: &Window<'_>, start: usize) -> Result<usize, Undecided> {
    let space = |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let mut at = start + window.run(start, GAP_BYTES_MAX, space)?;
    if window.at(at)? != b':' {
        return Ok(if at == start + 1 { at } else { start });
    }
    at += 1;
    at += window.run(at, GAP_BYTES_MAX, space)?;
    Ok(if window.at(at)? == b'"' { at + 1 } else { start })
}

/// Literals of small letters, and which letters they begin with: a bit each.
struct Literals<const COUNT: usize> {
    all: [&'static [u8]; COUNT],
    firsts: u32,
}

impl<const COUNT: usize> Literals<COUNT> {
    #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
    const fn new(all: [&'static [u8]; COUNT]) -> Self {
        let (mut firsts, mut place) = (0, 0);
        while place < COUNT {
            if let [first, ..] = all[place] {
                firsts |= 1 << fold(*first);
            }
            place += 1;
        }
        Self { all, firsts }
    }
}

/// Bytes of the first of these, in small letters or capitals, that stands at `start`.
fn literal<const COUNT: usize>(
    window: &Window<'_>,
    start: usize,
    literals: &Literals<COUNT>,
) -> Result<usize, Undecided> {
    if literals.firsts >> fold(window.at(start)?) & 1 == 0 {
        return Ok(0);
    }
    for literal in literals.all {
        let mut place = 0;
        while let Some(expected) = literal.get(place) {
            if window.at(start + place)?.to_ascii_lowercase() != *expected {
                break;
            }
            place += 1;
        }
        if place == literal.len() {
            return Ok(place);
        }
    }
    Ok(0)
}

/// True if a value ends before this byte.
const fn ends(byte: u8, quote: Quote, named: Named) -> bool {
    match (byte, quote) {
        _ if ends_line(byte) => true,
        (_, Quote::Byte(quote)) => byte == quote || byte == b'\\',
        // `a=b=c` assigns to `b`; padding is looked at apart.
        (b'=' | b':', Quote::None | Quote::Line) => true,
        (b'&', Quote::None | Quote::Line) => !named.is_chosen(),
        (_, Quote::None | Quote::Line) => {
            matches!(
                byte,
                b' ' | b'\t' | b'"' | b'\'' | b'`' | b',' | b';' | b'<' | b'>' | b')' | b'}' | b']' | b'|' | b'\\'
            )
        }
        (_, Quote::Leaf) => false,
    }
}

#[cfg(test)]
mod tests;
