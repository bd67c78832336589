//! What stands between a name and its value where no delimiter joins them: cells of tables, elements, members called
//! `value`, arrows, a line, a verb.
//!
//! Values that a machine made are found first, and their name is looked for before them ([`name_end`]); passwords are
//! looked for behind their name ([`WAYS`]), since any word may be one.

use super::command::line_before;
use crate::window::{BOUNDARY, CONTEXT_BYTES, NUMBER_BOUNDARY, Undecided, Window};

/// Parts of a link, one behind another.
const PARTS_MAX: usize = 8;

/// Bytes of a tag between two elements.
const TAG_BYTES_MAX: usize = 24;

/// Bytes of what tells whose password it is: `(prod)`, `for db-prod`.
const OWNER_BYTES_MAX: usize = 40;

/// Bytes of a variable's block before its default.
const BLOCK_BYTES_MAX: usize = 128;

/// Bytes of white space and quotes in a row.
const GAP_BYTES_MAX: usize = 16;

/// Bytes of a line that is nothing but a name: `Wifi password`.
const TITLE_BYTES_MAX: usize = 24;

/// Words that announce the value of what was named before, the longer ones first.
const VALUES: [&[u8]; 4] = [b"defaultvalue", b"parametervalue", b"value", b"default"];

/// Arrows and dashes. A hyphen stands between spaces.
const ARROWS: [&[u8]; 5] = [b"->", "→".as_bytes(), "⇒".as_bytes(), "–".as_bytes(), "—".as_bytes()];

/// What announces a block of YAML (version 1.2, section 8.1), and a hyphen between spaces.
const BLOCK_HEADS: [&[u8]; 6] = [b">-", b">+", b"|-", b"|+", b" >", b" -"];

/// What connects a name and its value in prose.
const VERBS: [&[u8]; 23] = [
    b"is now ",
    b"has been reset to ",
    b"was reset to ",
    b"wurde auf ",
    b"ist jetzt ",
    b"is set to ",
    b"is ",
    b"is: ",
    b"has been set to ",
    b"has been changed to ",
    b"was set to ",
    b"was changed to ",
    b"changed from ",
    b"was ",
    b"should be ",
    b"to ",
    b"of ",
    b"ist ",
    b"lautet ",
    b"est ",
    b"es ",
    b"are ",
    b"will be ",
];

/// Those of them that say what the value is.
const STATING: [&[u8]; 10] = [
    b"is now ",
    b"is set to ",
    b"is ",
    b"is: ",
    b"has been set to ",
    b"was set to ",
    b"was ",
    b"ist ",
    b"lautet ",
    b"est ",
];

/// What stands between a variable and what is taken without it.
const OPERATORS: [&[u8]; 3] = [b"||", b"??", b"or "];

/// What stands before an answer.
const SPEAKERS: [&[u8]; 19] = [
    b"A: ",
    b"Answer: ",
    b"Assistant: ",
    b"assistant: ",
    b"Bot: ",
    b"bot: ",
    b"AI: ",
    b"Human: ",
    b"User: ",
    b"Agent: ",
    b"agent: ",
    b"Support: ",
    b"Customer: ",
    b"customer: ",
    b"Me: ",
    b"me: ",
    b"> ",
    b"- ",
    "– ".as_bytes(),
];

/// Verbs that are written with the name.
const GENITIVES: [&[u8]; 2] = [b"'s ", "’s ".as_bytes()];

/// What tells whose a password is.
const PREPOSITIONS: [&[u8]; 10] =
    [b"for ", b"of ", b"to ", b"on ", b"in ", b"at ", b"from ", "für ".as_bytes(), b"von ", b"zum "];

/// How a value is joined to the name before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    /// By white space alone, by a dash, or by more words than a verb: what follows may be any word.
    Loose,
    /// By a verb, a cell or an element.
    Firm,
    /// It stands between quotes in a call or a member, as a value that is assigned does.
    Quoted,
    /// By a verb that says what it is.
    Said,
    /// By a verb behind the one whose it is.
    Owned,
    /// It stands in parentheses behind the name.
    Enclosed,
    /// It is a line of its own, behind a colon or not.
    Line { announced: bool },
}

/// Where the name before a value ends, given the [`CONTEXT_BYTES`] before the value or as many as there are, if more than
/// a delimiter joins the two.
pub(super) fn name_end(before: &[u8]) -> Option<usize> {
    let mut rest = before;
    let (mut is_joined, mut is_line) = (false, false);
    for _ in 0..PARTS_MAX {
        let kept = rest.iter().rposition(|byte| !in_gap(*byte))? + 1;
        let (head, gap) = rest.split_at_checked(kept)?;
        is_line |= gap.contains(&b'\n');
        rest = head;
        if let Some(head) = without_tag(rest) {
            (rest, is_joined) = (head, true);
        } else if let Some(head) = without_value(rest).or_else(|| without_arrow(rest)) {
            (rest, is_joined) = (head, true);
        } else if let [head @ .., mark] = rest
            && matches!(mark, b':' | b'=' | b',' | b'|' | b'{' | &BOUNDARY)
        {
            // Of a list, only what is between quotes is a name.
            is_joined |= match mark {
                b',' => matches!(head.last(), Some(b'"' | b'\'' | &BOUNDARY)),
                _ => matches!(mark, b'|' | b'{'),
            };
            rest = head;
        } else {
            break;
        }
    }
    let line = memchr::memrchr3(b'\n', BOUNDARY, NUMBER_BOUNDARY, rest).map_or(rest, |end| rest.split_at(end + 1).1);
    let is_whole = line.len() < rest.len() || before.len() < CONTEXT_BYTES;
    (is_joined || (is_line && is_whole && is_title(line))).then_some(rest.len())
}

/// White space, quotes and emphasis.
const fn in_gap(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'*' | b'\\')
}

/// True for a line of few words: a name, and nothing else.
pub(super) fn is_title(line: &[u8]) -> bool {
    let text = line.trim_ascii();
    let in_title = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'-' | b'*' | b'#' | b'.');
    (1..=TITLE_BYTES_MAX).contains(&text.len())
        && text.iter().all(in_title)
        && text.iter().filter(|byte| **byte == b' ').count() <= 2
}

/// What stands before a tag that ends a text.
fn without_tag(text: &[u8]) -> Option<&[u8]> {
    let inner = text.strip_suffix(b">")?;
    let near = inner.get(inner.len().saturating_sub(TAG_BYTES_MAX)..)?;
    let open = inner.len() - near.len() + memchr::memrchr(b'<', near)?;
    let is_tag = matches!(inner.get(open + 1), Some(b'/' | b'a'..=b'z' | b'A'..=b'Z'));
    is_tag.then(|| text.get(..open)).flatten()
}

/// What stands before an arrow or a dash that ends a text.
fn without_arrow(text: &[u8]) -> Option<&[u8]> {
    ARROWS.iter().chain(&BLOCK_HEADS).find_map(|arrow| text.strip_suffix(*arrow))
}

/// What stands before one of [`VALUES`] that ends a text.
fn without_value(text: &[u8]) -> Option<&[u8]> {
    let head = VALUES.iter().find_map(|word| {
        let (head, end) = text.split_at_checked(text.len().checked_sub(word.len())?)?;
        end.eq_ignore_ascii_case(word).then_some(head)
    })?;
    head.last().is_some_and(|byte| !byte.is_ascii_alphanumeric()).then_some(head)
}

/// Where a value behind the name that ends at a place begins, and how it is joined.
type Linked = Result<Option<(usize, Joint)>, Undecided>;

/// The ways in which a value may follow the name that ends at a place, to be tried one after another.
pub(super) const WAYS: [fn(&Window<'_>, usize) -> Linked; 12] =
    [said, owned, defaulted, otherwise, enclosed, attributed, member, acted, serialized, assigned, pointed, joined];

/// Bytes of members or attributes between a name and its value.
const MEMBERS_BYTES_MAX: usize = 128;

/// `"key": "password", "type": "text", "value": "..."`, `<input type="password" class="x" value="...">`.
fn member(window: &Window<'_>, end: usize) -> Linked {
    const MEMBERS: [&[u8]; 4] = [b"\"value\"", b"'value'", b"\"Value\"", b"\"defaultValue\""];
    let mark = window.at(end)?;
    let next = if matches!(mark, b'"' | b'\'') { window.at(end + 1)? } else { 0 };
    if !matches!(next, b',' | b' ') {
        return Ok(None);
    }
    let in_members = |byte: u8| !matches!(byte, b'{' | b'}' | b'<' | b'>' | BOUNDARY | NUMBER_BOUNDARY);
    let length = window.run(end, MEMBERS_BYTES_MAX, in_members)?;
    let text = window.slice(end, end + length);
    let is_attribute = next == b' ';
    let place = if is_attribute {
        memchr::memmem::find(text, b" value=").map(|place| place + b" value=".len())
    } else {
        let behind = |name: &&[u8]| memchr::memmem::find(text, name).map(|place| place + name.len());
        MEMBERS.iter().filter_map(behind).min()
    };
    let Some(place) = place else { return Ok(None) };
    // What stands right behind the name is found at its delimiter.
    let between = text.iter().take(place.saturating_sub(usize::from(is_attribute)));
    if !between.skip(1).any(|byte| matches!(byte, b':' | b'=')) {
        return Ok(None);
    }
    let sign = end + place + window.run(end + place, GAP_BYTES_MAX, |byte| byte.is_ascii_whitespace())?;
    let is_joined = is_attribute || window.at(sign)? == b':';
    let opening = if is_attribute { sign } else { sign + 1 };
    let opening = opening + window.run(opening, GAP_BYTES_MAX, |byte| byte.is_ascii_whitespace())?;
    let is_quoted = matches!(window.at(opening)?, b'"' | b'\'');
    Ok((is_joined && is_quoted).then_some((opening, Joint::Quoted)))
}

/// What types into a field or compares with it.
const METHODS: [&[u8]; 19] = [
    b"type",
    b"fill",
    b"clearAndType",
    b"send_keys",
    b"sendKeys",
    b"send",
    b"sendline",
    b"setValue",
    b"set_value",
    b"set",
    b"val",
    b"pressSequentially",
    b"press_sequentially",
    b"typeText",
    b"type_text",
    b"enterText",
    b"input",
    b"equals",
    b"write",
];

/// What answers a program in a script of Expect.
const SENDS: [&[u8]; 2] = [b"send -- ", b"send "];

/// `get('#password').type('...')`, `fill_in 'Password', with: '...'`, `expect('Password:')` and `.sendline('...')` or
/// `send "..."` in the next line.
fn acted(window: &Window<'_>, end: usize) -> Linked {
    const NAME_BYTES_MAX: usize = 24;
    const CLOSING_BYTES_MAX: usize = 6;
    const EXPECTED_BYTES_MAX: usize = 24;
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let is_dot = window.at(end)? == b'.';
    let name = if is_dot { 0 } else { window.run(end, NAME_BYTES_MAX, in_name)? };
    let closing = end + name;
    let in_closing = |byte: u8| matches!(byte, b'"' | b'\'' | b'`' | b')' | b']' | b':' | b'\\' | b'*');
    let at = closing + window.run(closing, CLOSING_BYTES_MAX, in_closing)?;
    if at == closing && !is_dot {
        return Ok(None);
    }
    for with in [b", with: ".as_slice(), b", with=", b" with "] {
        if window.starts_with(at, with)? {
            let opening = at + with.len();
            return Ok(matches!(window.at(opening)?, b'"' | b'\'').then_some((opening, Joint::Quoted)));
        }
    }
    let in_gap = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b';' | b'{');
    let line = at + window.run(at, GAP_BYTES_MAX, in_gap)?;
    // In the line behind what is expected, the object stands again.
    let is_next = line > at && window.at(line)? != b'.';
    let head = window.slice(end.saturating_sub(EXPECTED_BYTES_MAX), end);
    if is_next && memchr::memmem::find(head, b"expect").is_none() {
        return Ok(None);
    }
    if is_next && let Some(opening) = literal(window, line, &SENDS)? {
        return Ok((window.at(opening)? == b'"').then_some((opening, Joint::Quoted)));
    }
    let dot = if is_next { line + window.run(line, NAME_BYTES_MAX, in_name)? } else { line };
    if window.at(dot)? != b'.' {
        return Ok(None);
    }
    let length = window.run(dot + 1, NAME_BYTES_MAX, in_name)?;
    let method = window.slice(dot + 1, dot + 1 + length);
    let open = dot + 1 + length;
    if !METHODS.contains(&method) || window.at(open)? != b'(' {
        return Ok(None);
    }
    let opening = open + 1;
    Ok(matches!(window.at(opening)?, b'"' | b'\'' | b'`').then_some((opening, Joint::Quoted)))
}

/// What PHP prints of a value, and how it keeps one: `["password"]=> string(10) "..."`, `s:8:"password";s:10:"..."`.
fn serialized(window: &Window<'_>, end: usize) -> Linked {
    if window.at(end)? != b'"' {
        return Ok(None);
    }
    let (number, close) = if window.starts_with(end, b"\";s:")? {
        (end + b"\";s:".len(), b':')
    } else if window.starts_with(end, b"\"]=>")? {
        let word = end + b"\"]=>".len();
        let word = word + window.run(word, GAP_BYTES_MAX, |byte| byte.is_ascii_whitespace())?;
        if !window.starts_with(word, b"string(")? {
            return Ok(None);
        }
        (word + b"string(".len(), b')')
    } else {
        return Ok(None);
    };
    let mark = number + window.run(number, 4, |byte| byte.is_ascii_digit())?;
    if window.at(mark)? != close {
        return Ok(None);
    }
    let opening = mark + 1 + usize::from(window.at(mark + 1)? == b' ');
    Ok((window.at(opening)? == b'"').then_some((opening + 1, Joint::Firm)))
}

/// `password <- "..."` (R).
fn assigned(window: &Window<'_>, end: usize) -> Linked {
    let is_assigned = window.starts_with(end, b" <- ")? && matches!(window.at(end + 4)?, b'"' | b'\'');
    Ok(is_assigned.then_some((end + 5, Joint::Firm)))
}

/// `is ...`, `'s ...`.
fn said(window: &Window<'_>, end: usize) -> Linked {
    if let Some(start) = literal(window, end, &GENITIVES)? {
        return Ok(Some((gap(window, start)?, Joint::Loose)));
    }
    let spaced = gap(window, end)?;
    match literal(window, spaced, &VERBS)? {
        Some(start) if spaced > end => {
            let is_stated = literal(window, spaced, &STATING)? == Some(start);
            Ok(Some((gap(window, start)?, if is_stated { Joint::Said } else { Joint::Firm })))
        }
        _ => Ok(None),
    }
}

/// `password (...)`: nothing else stands between the parentheses.
fn enclosed(window: &Window<'_>, end: usize) -> Linked {
    let spaced = gap(window, end)?;
    if spaced == end || window.at(spaced)? != b'(' {
        return Ok(None);
    }
    Ok(Some((gap(window, spaced + 1)?, Joint::Enclosed)))
}

/// `<password type="string">...</password>`
fn attributed(window: &Window<'_>, end: usize) -> Linked {
    const ATTRIBUTES_BYTES_MAX: usize = 64;
    if window.at(end)? != b' ' {
        return Ok(None);
    }
    let in_tag = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>') || byte == b' ';
    let close = end + window.run(end, ATTRIBUTES_BYTES_MAX, in_tag)?;
    let is_tag = window.at(close)? == b'>' && matches!(window.before(close), b'"' | b'\'');
    let opening = window.slice(end.saturating_sub(TAG_BYTES_MAX), end);
    let name =
        opening.iter().rposition(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'.')));
    let is_element = name.and_then(|place| opening.get(place)) == Some(&b'<');
    Ok((is_tag && is_element).then_some((close + 1, Joint::Firm)))
}

/// A variable's default in its block: `variable "db_password" { ... default = "...`.
fn defaulted(window: &Window<'_>, end: usize) -> Linked {
    match default_sign(window, end)? {
        Some(sign) => Ok(Some((gap(window, sign + 1)?, Joint::Firm))),
        None => Ok(None),
    }
}

/// The place of the sign behind `default` in a variable's block, whose name ends at `end`.
pub(super) fn default_sign(window: &Window<'_>, end: usize) -> Result<Option<usize>, Undecided> {
    const WORD: &[u8] = b"default";
    if !matches!(window.at(end)?, b'"' | b'\'') {
        return Ok(None);
    }
    let opening = end + 1 + window.run(end + 1, GAP_BYTES_MAX, |byte| byte.is_ascii_whitespace())?;
    if window.at(opening)? != b'{' {
        return Ok(None);
    }
    let in_block = |byte: u8| !matches!(byte, b'}' | BOUNDARY | NUMBER_BOUNDARY);
    let length = window.run(opening, BLOCK_BYTES_MAX, in_block)?;
    let Some(place) = memchr::memmem::find(window.slice(opening, opening + length), WORD) else { return Ok(None) };
    let spaced = gap(window, opening + place + WORD.len())?;
    Ok(matches!(window.at(spaced)?, b'=' | b':').then_some(spaced))
}

/// What a program takes if a variable is not set: `os.environ.get("PASSWORD") or "..."`.
fn otherwise(window: &Window<'_>, end: usize) -> Linked {
    /// Bytes of quotes and parentheses that close behind the name.
    const CLOSING_BYTES_MAX: usize = 4;
    let closing = window.run(end, CLOSING_BYTES_MAX, |byte| matches!(byte, b'"' | b'\'' | b')' | b']' | b'}'))?;
    if closing == 0 && window.starts_with(end, b" or ")? {
        return Ok(None);
    }
    let spaced = gap(window, end + closing)?;
    let Some(start) = literal(window, spaced, &OPERATORS)? else { return Ok(None) };
    let quoted = gap(window, start)?;
    Ok(matches!(window.before(quoted), b'"' | b'\'' | b'`').then_some((quoted, Joint::Firm)))
}

/// White space, cells, elements, arrows, lines.
fn joined(window: &Window<'_>, end: usize) -> Linked {
    let spaced = gap(window, end)?;
    let (mut place, mut joint, mut announced) = (spaced, Joint::Loose, false);
    for _ in 0..PARTS_MAX {
        let next = window.at(place)?;
        place = if next == b'<' {
            let Some(behind) = tag(window, place)? else { return Ok(None) };
            joint = Joint::Firm;
            behind
        } else if next == b'|' {
            joint = Joint::Firm;
            place + 1
        } else if let Some(behind) = literal(window, place, &ARROWS)? {
            // `Account → Password → Change`: a way through menus.
            let arrow = window.slice(place, behind);
            if memchr::memmem::find(line_before(window, end), arrow).is_some() {
                return Ok(None);
            }
            behind
        } else if next == b'>' && (matches!(window.before(place), b'"' | b'\'') || window.at(place + 1)? == b'<') {
            // `<entry key="password">`, `<Password><Value>`
            joint = Joint::Firm;
            place + 1
        } else if next == b':' && (joint == Joint::Firm || window.at(place + 1)? == b'<') {
            // `<b>Password</b>: `, `<b>Password:</b> `
            place + 1
        } else if window.starts_with(place, b"- ")? {
            place + 2
        } else if next == b'?' && joint == Joint::Loose && !announced {
            // A question, and its answer in the next line.
            announced = true;
            place + 1
        } else if matches!(next, b'\n' | b'\r') {
            joint = Joint::Line { announced };
            let line = place + window.run(place, GAP_BYTES_MAX, |byte| matches!(byte, b'\n' | b'\r' | b' ' | b'\t'))?;
            literal(window, line, &SPEAKERS)?.unwrap_or(line)
        } else if matches!(next, b':' | b'>' | b'+' | b'-') && joint == Joint::Loose {
            // `password: |`, `password: >-`: the value is in the next line.
            let marks = window.run(place, 4, |byte| matches!(byte, b':' | b' ' | b'|' | b'>' | b'+' | b'-'))?;
            if !matches!(window.at(place + marks)?, b'\n' | b'\r') {
                return Ok(None);
            }
            announced = true;
            place + marks
        } else {
            break;
        };
        place = gap(window, place)?;
    }
    Ok((place > end).then_some((place, joint)))
}

/// Behind spaces, quotes and emphasis.
fn gap(window: &Window<'_>, start: usize) -> Result<usize, Undecided> {
    let length =
        window.run(start, GAP_BYTES_MAX, |byte| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b'*' | b'\\'))?;
    Ok(start + length)
}

/// Behind the first of these that stands at `start`.
fn literal(window: &Window<'_>, start: usize, literals: &[&[u8]]) -> Result<Option<usize>, Undecided> {
    for literal in literals {
        if window.starts_with(start, literal)? {
            return Ok(Some(start + literal.len()));
        }
    }
    Ok(None)
}

/// `(prod): ...`, `for db-prod is ...`.
fn owned(window: &Window<'_>, end: usize) -> Linked {
    let spaced = gap(window, end)?;
    let is_open = matches!(window.at(spaced)?, b'(' | b'[');
    if spaced == end || (!is_open && literal(window, spaced, &PREPOSITIONS)?.is_none()) {
        return Ok(None);
    }
    let in_owner = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || (0x80..NUMBER_BOUNDARY).contains(&byte)
            || matches!(
                byte,
                b' ' | b'-' | b'_' | b'.' | b'@' | b'\'' | b'`' | b'"' | b'(' | b')' | b'[' | b']' | b'#' | b'+'
            )
    };
    let length = window.run(spaced, OWNER_BYTES_MAX, in_owner)?;
    let next = window.at(spaced + length)?;
    let text = window.slice(spaced, spaced + length);
    let start = if matches!(next, b':' | b'=') && window.at(spaced + length + 1)? == b' ' {
        // `Passwort für den Server ist falsch: ...`
        let says = |what: &&[u8]| memchr::memmem::find(text, what).is_some();
        let is_sentence = [b" ist falsch".as_slice(), b" ist ung"].iter().any(says);
        (!is_sentence).then_some(spaced + length + 1)
    } else {
        let behind = |verb: &[u8]| memchr::memmem::find(text, verb).map(|place| spaced + place + verb.len());
        [b" is ".as_slice(), b" was ", b" ist ", b" lautet "].into_iter().find_map(behind)
    };
    match start {
        Some(start) => Ok(Some((gap(window, start)?, Joint::Owned))),
        None => Ok(None),
    }
}

/// `changed yesterday -> ...`: words between the name and an arrow.
fn pointed(window: &Window<'_>, end: usize) -> Linked {
    let in_words = |byte: u8| byte.is_ascii_lowercase() || byte == b' ';
    let words = window.run(end, OWNER_BYTES_MAX, in_words)?;
    if words < 2 || window.before(end + words) != b' ' {
        return Ok(None);
    }
    match literal(window, end + words, ARROWS.get(..2).unwrap_or_default())? {
        Some(start) => Ok(Some((gap(window, start)?, Joint::Loose))),
        None => Ok(None),
    }
}

/// Behind the tags at `start`, `</td><td>`.
fn tag(window: &Window<'_>, start: usize) -> Result<Option<usize>, Undecided> {
    let length = window.run(start, TAG_BYTES_MAX, |byte| !matches!(byte, b'>' | b'\n' | BOUNDARY))?;
    let is_tag =
        window.at(start + length)? == b'>' && matches!(window.at(start + 1)?, b'/' | b'a'..=b'z' | b'A'..=b'Z');
    Ok(is_tag.then_some(start + length + 1))
}

#[cfg(test)]
mod tests {
    use crate::detectors::testing::{find_all, passes};
    use crate::{DetectorSet, EntityType, Scanner};

    /// `#` is the name's last word, `@` the value.
    const JOINED: [&str; 34] = [
        "| # | @ |",
        "| **DB #** | `@` |",
        "<tr><td>#</td><td>@</td></tr>",
        "<tr><th>Admin #</th>\n  <td class=\"v\">@</td></tr>",
        "<dt>#</dt><dd>@</dd>",
        "<key>#</key>\n<string>@</string>",
        "<name>db #</name>\n  <value>@</value>",
        "{\"key\":\"db_#\",\"value\":\"@\"}",
        "{\"name\": \"db_#\", \"value\": \"@\"}",
        "{\n  \"Name\": \"db_#\",\n  \"Value\": \"@\"\n}",
        "{\\\"name\\\":\\\"db_#\\\",\\\"value\\\":\\\"@\\\"}",
        "{\"#\":{\"value\":\"@\"}}",
        "env:\n  - name: db_#\n    value: @\n",
        "env:\n  - name: \"db_#\"\r\n    value: '@'\r\n",
        "ParameterKey=Db#,ParameterValue=@",
        "<add key=\"Db#\" value=\"@\"/>",
        "variable \"db_#\" {\n  default = \"@\"\n}",
        "#:\n@\n",
        "Wifi #\n@\n",
        "user: bob\n#:\n\n  @\n",
        "# -> @",
        "# → @",
        "# – @",
        "# - @",
        "our # is @.",
        "the # will be @ then",
        "# is: @",
        "#: |\n  @\n",
        "#: >-\n  @\n",
        "# => @",
        "<b>#:</b> @",
        "<strong>#</strong>: @",
        "<td>#:</td><td><code>@</code></td>",
        "<entry key=\"db.#\">@</entry>",
    ];
    const OWNED: [&str; 16] = [
        "What is the #?\n@\n",
        "Q: What's the root #?\nA: @\n",
        "Assistant: What is your #?\nUser: @\n",
        "user: whats the #?\nbot: @\n",
        "x = os.environ.get('DB_#') or \"@\"",
        "x = env.DB_# ?? `@`;",
        "# [prod]: @",
        "the new # is now @",
        "# has been set to @.",
        "the # should be @",
        "variable \"db_#\" {\n  type        = string\n  sensitive   = true\n  default     = \"@\"\n}",
        "the # for prod is @",
        "# (prod): @",
        "# for db-prod: @",
        "his #'s @",
        "the # of bob@example.com was @",
    ];

    fn finds(text: &str, name: &str, rule: &str, value: &str) {
        let text = text.replace('#', name).replace('@', value).replace("bob%", "bob@");
        let found: Vec<_> = find_all(&text).into_iter().filter(|found| found.0 != "email").collect();
        let found: Vec<_> = found.into_iter().map(|found| (found.0, found.1)).collect();
        assert_eq!(found, [(rule.to_owned(), value.to_owned())], "{text}");
    }

    #[test]
    fn passwords_are_found_however_they_are_joined_to_their_name() {
        for text in JOINED.iter().chain(&OWNED) {
            for password in ["Tr0ub4dor&3xQ", "kX9-fj2!m"] {
                finds(&text.replace("bob@", "bob%"), "Password", "password-assignment", password);
            }
        }
    }

    #[test]
    fn keys_are_found_however_they_are_joined_to_their_name() {
        for text in JOINED {
            for key in ["k3Jd9x0Qpl5m2Nv8Zx81Kd93", "9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c"] {
                finds(text, "api_key", "secret-assignment", key);
            }
        }
    }

    #[test]
    fn names_that_nothing_joins_to_a_value_pass() {
        passes(
            EntityType::Secret,
            &[
                "| Password | required |",
                "| Password | <password1> |",
                "| token | type |\n|---|---|\n| x | string |",
                "<td>Password</td><td>required</td>",
                "{\"name\":\"DB_PASSWORD\",\"type\":\"Xk29dkQ1zz\"}",
                "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef: db1x",
                "- name: DB_PASSWORD\n  value: $(DB_PASS1)",
                "- name: DB_PASSWORD\n  value: \"${DB_PASS1}\"",
                "- name: DB_PASSWORD\n- name: Xk29dkQ1zz",
                "{\"name\":\"DB_PASSWORD\",\"value\":\"<password1>\"}",
                "{\"name\":\"color\",\"value\":\"k3Jd9x0Qpl5m2Nv8Zx81Kd93\"}",
                "Password:\nmust have 8 characters\n",
                "password:\n  secretKeyRef1:\n    name: x\n",
                "they talk about the password\nXk29dkQ1zz!",
                "commit 9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c9f8a7b6c\n\n    the token\n\ncommit 1f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c9f8a7b6c",
                "the password for users is required",
                "password - see section 4.2",
                "boarding pass: AB12cd34",
                "Go to Account → Security → Password → Change1x!",
                "the password is md5-hashed",
                "Das Passwort ist SHA-256-gehasht.",
                "Password is Base64-encoded.",
                "variable \"db_password\" {\n  type = string\n}\nvariable \"x\" {\n default = \"Xk29dkQ1zz\"\n}",
                "variable \"db_password\" {\n default = \"\"\n}",
                "if password {\n  default_x2y3z4()\n}",
                "if (password) || x1y2z3w4",
                "Export your password from Chrome120x or Windows10",
                "if user or password or \"x1y2z3w4\" in names",
                "Forgot your password? See section 4.2b!",
                "Which password?\nThe one with 8 characters!",
                "    ChangePassword,\n    MsV1_0Generic,\n",
                "assert_eq!(format!(\"{:x}\", sig),\n \"9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c\");",
            ],
        );
    }

    #[test]
    fn joined_values_are_found_whatever_the_pieces() {
        let set = DetectorSet::builder().enable(EntityType::Secret).build().unwrap();
        let mut scanner = Scanner::new();
        for text in JOINED.iter().chain(&OWNED) {
            let text = text
                .replace('#', "Password")
                .replace("bob@", "bob%")
                .replace('@', "Tr0ub4dor&3xQ")
                .replace("bob%", "bob@");
            let text = format!("{}\n{text}", "so it is said, and so it will be. ".repeat(4));
            let mut findings = |piece: usize| {
                let mut found = Vec::new();
                scanner.reset();
                for piece in text.as_bytes().chunks(piece) {
                    scanner.push(piece);
                    scanner.scan(&set, &mut found);
                }
                scanner.boundary();
                scanner.scan(&set, &mut found);
                found
            };
            let whole = findings(text.len());
            assert!(!whole.is_empty(), "{text}");
            for piece in 1..8 {
                assert_eq!(findings(piece), whole, "{text} in pieces of {piece}");
            }
        }
    }
}
