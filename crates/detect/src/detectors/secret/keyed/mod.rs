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
mod table;
mod words;

pub(crate) use self::forms::Form;
pub(crate) use self::table::KINDS;
use super::assign::{Named, name};
use super::shape::{self, Shape};
use super::{form, placeholder, rules};
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
}

/// A run of letters, digits, `_` and `-`, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Run<'_> {
    fn shape(&self) -> Shape {
        Shape::of(self.text)
    }
}

/// A rule's place among those of this search, and what it found.
pub(crate) type Decided = Result<Option<(usize, Match)>, Undecided>;

/// Names of the rules of this search, in the order of their places.
pub(crate) fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    let kinds = KINDS.iter().map(|kind| (kind.name, kind.provider));
    forms::MARKED.iter().map(|marked| (marked.name, marked.provider)).chain(kinds)
}

/// How many rules this search has; behind them stand those of [`form`].
pub(crate) const COUNT: usize = forms::MARKED.len() + KINDS.len();

/// Decides at a run that begins at `start`.
pub(crate) fn check_run(window: &Window<'_>, start: usize) -> Decided {
    let length = run_length(window, start)?;
    if !(RUN_BYTES_MIN..=RUN_BYTES_MAX).contains(&length) {
        return Ok(None);
    }
    let end = start + length;
    let text = window.slice(start, end);
    let run = Run { text, start, end };
    if let Some(marked) = forms::check(window, run)? {
        return Ok(Some(marked));
    }
    near_word(window, run)
}

/// The same for what may be no run, or none that is long enough.
pub(crate) fn check(window: &Window<'_>, start: usize) -> Decided {
    if Class::Token.holds(window.before(start)) { Ok(None) } else { check_run(window, start) }
}

/// Decides by the words before a run.
fn near_word(window: &Window<'_>, run: Run<'_>) -> Decided {
    if !stands_alone(window, run)? {
        return Ok(None);
    }
    let line = line_before(window, run.start);
    let kind = words::find(line, |kind| kind.form.accepts(run));
    if kind.is_none() && !is_named(window, line, run.start) {
        return Ok(None);
    }
    let is_random = run.shape().is_random() || shape::is_uuid(run.text);
    if !is_random || placeholder::is_placeholder(run.text) || rules::claims(window, run.start)? {
        return Ok(None);
    }
    let place = kind.map_or(COUNT + form::SECRET, |place| forms::MARKED.len() + place);
    Ok(Some((place, Match::new(run.start, run.end, 0, 85))))
}

/// False for a part of something longer: a path, base64 data, an address.
fn stands_alone(window: &Window<'_>, run: Run<'_>) -> Result<bool, Undecided> {
    if matches!(window.before(run.start), b'/' | b'+' | b'.' | b'@' | b'~' | b'%' | b'#' | b'&') {
        return Ok(false);
    }
    Ok(match window.at(run.end)? {
        b'/' | b'+' | b'@' | b'~' | b'(' => false,
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

/// True behind `the API key is `: a name that tells, and a verb.
fn is_named(window: &Window<'_>, whole_line: &[u8], start: usize) -> bool {
    let line = whole_line.trim_ascii_end_matches_quotes();
    [b" is".as_slice(), b" was", b" is:", b" ="].iter().any(|verb| {
        line.strip_suffix(*verb).is_some_and(|head| {
            let delimiter = start - (whole_line.len() - head.len());
            name::may_end(window.text(), delimiter) && name::read(window, delimiter) == Some(Named::Key)
        })
    })
}

/// Trims the end of a line before a value.
trait TrimEnd {
    /// Without spaces and quotes at the end.
    fn trim_ascii_end_matches_quotes(&self) -> &Self;
}

impl TrimEnd for [u8] {
    fn trim_ascii_end_matches_quotes(&self) -> &Self {
        let kept = self.iter().rposition(|byte| !matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b'*'));
        self.get(..kept.map_or(0, |place| place + 1)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
