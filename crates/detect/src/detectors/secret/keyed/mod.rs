//! Tokens without a prefix that is searched: told by their form alone, or by their form and the
//! issuer's name near them.
//!
//! A kind with a form of its own is decided by its run and what stands around it. A kind with a
//! keyword looks like a hash or an identifier; so the issuer's name must stand before it in the same
//! line, and either a word such as `key` or `token` between the two, or nothing but a delimiter.

mod content;
mod forms;
mod hosting;
mod messages;
mod models;
mod services;
mod table;
mod words;

pub(crate) use self::forms::Form;
pub(crate) use self::table::KINDS;
use super::assign::{Named, name};
use super::shape::{self, Shape};
use super::{form, letters, link, placeholder, rules};
use crate::text::{Class, alphanumeric};
use crate::trigger::token::{RUN_BYTES_MAX, RUN_BYTES_MIN, run_length};
use crate::window::{BOUNDARY, CONTEXT_BYTES, Match, NUMBER_BOUNDARY, Undecided, Window};

/// A kind of token that an issuer's name near it tells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// Who issues it, as the engine labels destinations.
    pub(crate) provider: &'static str,
    /// The issuer's name in small letters.
    pub(crate) word: &'static [u8],
    pub(crate) form: Form,
    /// The name is a word of the language, too: only a word such as `key` between it and a token tells.
    pub(crate) is_common: bool,
}

impl Kind {
    /// What must hold, for people.
    fn describe(&self) -> String {
        format!("the word `{}` before it; {}; no placeholder", String::from_utf8_lossy(self.word), self.form)
    }
}

/// A run of letters, digits, `_` and `-`, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// What else a token may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hash {
    /// The digest of a commit or a file.
    Digest,
    /// Hexadecimal of another length, or a UUID.
    Other,
    /// No hexadecimal.
    None,
}

impl Run<'_> {
    /// True for what a key of something has to look like.
    fn is_of_machine(&self) -> bool {
        const BYTES_MIN: usize = 20;
        let is_random = || self.shape().is_random() && !shape::is_uuid(self.text);
        self.text.len() >= BYTES_MIN && self.hash() != Hash::Digest && is_random()
    }

    fn shape(&self) -> Shape {
        Shape::of(self.text)
    }

    fn hash(&self) -> Hash {
        if !self.text.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-') {
            return Hash::None;
        }
        if matches!(self.text.len(), 40 | 64) { Hash::Digest } else { Hash::Other }
    }
}

/// A rule's place among those of this search, and what it found.
pub(crate) type Decided = Result<Option<(usize, Match)>, Undecided>;

/// Names of the rules of this search, in the order of their places.
pub(crate) fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    let kinds = KINDS.iter().map(|kind| (kind.name, kind.provider));
    forms::MARKED.iter().map(|marked| (marked.name, marked.provider)).chain(kinds)
}

/// What they rest on, in the same order: validator, issuer, bytes of a match.
pub(crate) fn facts() -> impl Iterator<Item = (String, &'static str, usize)> {
    let marked = forms::MARKED.iter().map(|marked| (marked.describe(), marked.provider, marked.bytes_max()));
    marked.chain(KINDS.iter().map(|kind| (kind.describe(), kind.provider, RUN_BYTES_MAX)))
}

/// How many rules this search has; behind them stand those of [`form`].
pub(crate) const COUNT: usize = forms::MARKED.len() + KINDS.len();

/// Decides at a run that begins at `start`.
pub(crate) fn check_run(window: &Window<'_>, start: usize) -> Decided {
    if matches!(window.before(start), b'/' | b'+' | b'%') {
        return Ok(None);
    }
    let length = run_length(window, start)?;
    if !(RUN_BYTES_MIN..=RUN_BYTES_MAX).contains(&length) {
        return Ok(None);
    }
    let end = start + length;
    // A part of a path or of base64 data; neither has a colon.
    let next = window.at(end)?;
    let ends_segment = next == b'/' && window.before(start) == b':';
    if matches!(next, b'/' | b'+') && !ends_segment {
        return Ok(None);
    }
    let text = window.slice(start, end);
    let run = Run { text, start, end };
    if let Some(marked) = forms::check(window, run)? {
        return Ok(Some(marked));
    }
    if ends_segment {
        return Ok(None);
    }
    if let Some(name) = glued_name(text) {
        let rest = Run { text: text.get(name..).unwrap_or_default(), start: start + name, end };
        if let Some(found) = near_word(window, rest, true)? {
            return Ok(Some(found));
        }
    }
    near_word(window, run, false)
}

/// Words with which a name ends that a hyphen joins to its token: `acme-secret-1a2b...`.
const GLUED_ENDS: [&[u8]; 6] = [b"key-", b"token-", b"secret-", b"access-", b"private-", b"password-"];

/// Bytes of the name that a run begins with, if one does.
fn glued_name(text: &[u8]) -> Option<usize> {
    let ends = memchr::memrchr_iter(b'-', text).filter(|hyphen| text.len() - hyphen > RUN_BYTES_MIN);
    let mut names = ends.map(|hyphen| hyphen + 1).filter(|end| {
        let head = text.get(..*end).unwrap_or_default();
        GLUED_ENDS.iter().any(|word| ends_with(head, word) && word.len() < head.len())
    });
    names.next()
}

/// The run that ends a line.
fn glued_word(line: &[u8]) -> &[u8] {
    let start = line.iter().rposition(|byte| !Class::Token.holds(*byte)).map_or(0, |place| place + 1);
    line.get(start..).unwrap_or_default()
}

/// True for text that ends in this word, small or not.
fn ends_with(text: &[u8], word: &[u8]) -> bool {
    let end = text.len().checked_sub(word.len()).and_then(|at| text.get(at..));
    end.is_some_and(|end| end.eq_ignore_ascii_case(word))
}

/// The same for what may be no run, or none that is long enough.
pub(crate) fn check(window: &Window<'_>, start: usize) -> Decided {
    if Class::Token.holds(window.before(start)) { Ok(None) } else { check_run(window, start) }
}

/// Decides by the words before a run, which a hyphen may join to it.
fn near_word(window: &Window<'_>, run: Run<'_>, is_glued: bool) -> Decided {
    if !stands_alone(window, run)? {
        return Ok(None);
    }
    let line = line_before(window, run.start);
    // The name that a hyphen joins to a token is its issuer's, or nobody's.
    let line = if is_glued { glued_word(line) } else { line };
    let hash = run.hash();
    if is_public(line) || PUBLIC_HEADS.iter().any(|head| run.text.starts_with(head)) {
        return Ok(None);
    }
    let exact = |kind: &Kind, gap: words::Gap| {
        kind.form.accepts(run) && (gap.says_secret || (gap.is_bare && !kind.is_common && hash != Hash::Digest))
    };
    let has_issuer = words::find(line, |_, _| true).is_some();
    let kind = if has_issuer { words::find(line, exact) } else { None };
    let bond = if has_issuer { bond(line, hash) } else { None };
    if kind.is_none() && bond.is_none() && (is_glued || !is_named(window, line, run)) {
        return Ok(None);
    }
    let shape = run.shape();
    // Of random keys of letters and digits some have one digit or none.
    let is_drawn =
        || shape.others == 0 && shape.changes * 4 >= shape.bytes && letters::are_unlike_words(run.text, &shape);
    let is_random =
        || (shape.is_random() || shape::is_uuid(run.text) || is_drawn()) && !placeholder::is_placeholder(run.text);
    // Issuer and word together tell even of a key that a person typed.
    let is_said = kind.is_some_and(|(_, gap)| gap.says_secret) || bond == Some(Bond::Word);
    let is_sure = is_said && is_typed(run.text, &shape);
    if !(is_sure || is_random()) || rules::claims(window, run.start)? {
        return Ok(None);
    }
    let named = if is_header(line) { form::AUTHORIZATION } else { form::SECRET };
    let place = kind.map_or(COUNT + named, |(place, _)| forms::MARKED.len() + place);
    Ok(Some((place, Match::new(run.start, run.end, 0, 85))))
}

/// True for letters and digits that are no filler and no words, though they may stand in the order of an alphabet.
fn is_typed(text: &[u8], shape: &Shape) -> bool {
    const KINDS_MIN: usize = 2;
    const DISTINCT_MIN: usize = 6;
    shape.digits >= KINDS_MIN
        && shape.letters() >= KINDS_MIN
        && shape.distinct >= DISTINCT_MIN
        && shape.others * 4 <= shape.bytes
        && !placeholder::says_so(text)
        && !placeholder::names_a_secret(text)
}

/// What joins a token to its issuer's name, if its form is none of those that are known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bond {
    /// Nothing but a delimiter.
    Delimiter,
    /// A word for a secret right before the token.
    Word,
}

fn bond(line: &[u8], hash: Hash) -> Option<Bond> {
    let named = without_verb(trim_end(line));
    let head = named.trim_ascii_end();
    let head = head.strip_suffix(b"=").or_else(|| head.strip_suffix(b":")).or_else(|| head.strip_suffix(b"-"));
    let head = trim_end(head.unwrap_or(named));
    let ends_secret = || SECRET_ENDS.iter().any(|word| ends_with(head, word));
    if ends_secret() && words::find(line, |_, gap| gap.says_secret).is_some() {
        return Some(Bond::Word);
    }
    let is_bare = hash == Hash::None && words::find(line, |kind, gap| gap.is_bare && !kind.is_common).is_some();
    is_bare.then_some(Bond::Delimiter)
}

/// True for a line that ends in the name of a key that everybody may know: `sentry-public_key=`, and for the tag of an
/// answer: `ETag from ...: "..."`.
fn is_public(line: &[u8]) -> bool {
    let kept = line.iter().rposition(|byte| !matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'=' | b':'));
    let name = line.get(..kept.map_or(0, |place| place + 1)).unwrap_or_default();
    // `ETag from ...`: nothing else is named behind it.
    let is_tag = |tag: &&[u8]| {
        memchr::memmem::rfind(name, tag)
            .is_some_and(|place| !name.iter().skip(place + tag.len()).any(|byte| matches!(byte, b',' | b'"' | b';')))
    };
    PUBLIC_ENDS.iter().any(|end| ends_with(name, end)) || [b"ETag".as_slice(), b"etag", b"Etag"].iter().any(is_tag)
}

/// Ends of such names.
const PUBLIC_ENDS: [&[u8]; 11] = [
    b"public_key",
    b"public-key",
    b"publickey",
    b"public key",
    b"site_key",
    b"site-key",
    b"sitekey",
    b"site key",
    b"publishable_key",
    b"publishable-key",
    b"publishable key",
];

/// Beginnings of keys that everybody may know.
const PUBLIC_HEADS: [&[u8]; 3] = [b"pk_test_", b"pk_live_", b"phc_"];

/// Words right before a token that say that it is one.
const SECRET_ENDS: [&[u8]; 8] =
    [b"key", b"token", b"secret", b"credential", b"password", b"pat", b"access", b"private"];

/// False for a part of something longer: a path, base64 data, an address.
fn stands_alone(window: &Window<'_>, run: Run<'_>) -> Result<bool, Undecided> {
    if matches!(window.before(run.start), b'.' | b'@' | b'~' | b'#' | b'&') {
        return Ok(false);
    }
    Ok(match window.at(run.end)? {
        b'@' | b'~' | b'(' => false,
        b'.' | b':' => !alphanumeric(window.at(run.end + 1)?),
        _ => true,
    })
}

/// What stands before `start` in its line and leaf; the leaf before it, if it is the first in its own.
fn line_before<'a>(window: &Window<'a>, start: usize) -> &'a [u8] {
    let context = window.slice(start.saturating_sub(CONTEXT_BYTES), start);
    let context_end = if context.last() == Some(&BOUNDARY) { context.len() - 1 } else { context.len() };
    let before = context.get(..context_end).unwrap_or_default();
    let from = memchr::memrchr3(BOUNDARY, NUMBER_BOUNDARY, b'\n', before).map_or(0, |place| place + 1);
    context.get(from..).unwrap_or_default()
}

/// True behind a name that tells: `the API key is `, `ENV API_KEY `, `{"key": "API_KEY", "value": "`, `| API key | `.
fn is_named(window: &Window<'_>, line: &[u8], run: Run<'_>) -> bool {
    let before = window.slice(run.start.saturating_sub(CONTEXT_BYTES), run.start);
    if let Some(end) = link::name_end(before)
        && ends_in_name(window, run.start - (before.len() - end), run)
    {
        return true;
    }
    if let Some(end) = element_end(line).filter(|_| window.at(run.end) == Ok(b'<'))
        && ends_in_name(window, run.start - (line.len() - end), run)
    {
        return true;
    }
    let trimmed = trim_end(line);
    // `setApiKey("...")`, `API key (...)`
    let is_enclosed = || trimmed.ends_with(b" (") && window.at(run.end) == Ok(b')');
    if let Some(head) = trimmed.strip_suffix(b"(").filter(|_| trimmed.len() < line.len() || is_enclosed()) {
        return ends_in_name(window, run.start - (line.len() - head.len()), run);
    }
    let head = without_verb(trimmed);
    if head.len() == trimmed.len() && trimmed.ends_with(b":") {
        return false;
    }
    // Digests stand behind many words; a key is an option's or stands between quotes.
    let is_marked = || trimmed.len() + 1 < line.len() || is_option(trimmed);
    if head.len() == trimmed.len() && run.hash() == Hash::Digest && !is_marked() {
        return false;
    }
    ends_in_name(window, run.start - (line.len() - trim_end(head).len()), run)
}

/// Where the name of an element with attributes ends whose tag ends a line: `<apiKey type="string">`.
fn element_end(line: &[u8]) -> Option<usize> {
    let tag = line.strip_suffix(b"\">").or_else(|| line.strip_suffix(b"'>"))?;
    let open = memchr::memrchr(b'<', tag)?;
    tag.get(open..)?.iter().position(|byte| *byte == b' ').map(|space| open + space)
}

/// True if a line says that what follows is the credential of a request.
fn is_header(line: &[u8]) -> bool {
    ends_with(line, b"bearer ") || memchr::memmem::find(line, b"uthorization").is_some()
}

/// True for a line that ends in the name of an option: `--api-key`.
fn is_option(line: &[u8]) -> bool {
    let word = line.iter().rposition(|byte| *byte == b' ').map_or(line, |space| line.split_at(space + 1).1);
    word.starts_with(b"--")
}

fn ends_in_name(window: &Window<'_>, end: usize, run: Run<'_>) -> bool {
    name::may_end(window.text(), end)
        && match name::read(window, end) {
            Some(Named::Key) => true,
            Some(Named::SomeKey) => run.is_of_machine(),
            Some(Named::Password | Named::Pass | Named::Header | Named::Later) | None => false,
        }
}

/// What stands between a name and its value in prose and commands.
const VERBS: [&[u8]; 12] = [
    b" is",
    b" was",
    b" is:",
    b" to",
    b" value=",
    b" as",
    b" will be",
    b" ist",
    b" lautet",
    b" est",
    b" es",
    " é".as_bytes(),
];

fn without_verb(line: &[u8]) -> &[u8] {
    VERBS.iter().find_map(|verb| line.strip_suffix(*verb)).unwrap_or(line)
}

/// Without spaces and quotes at the end.
fn trim_end(line: &[u8]) -> &[u8] {
    let kept = line.iter().rposition(|byte| !matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b'*'));
    line.get(..kept.map_or(0, |place| place + 1)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
