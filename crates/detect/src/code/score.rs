//! What a line says about being code, and in which language.

use super::cues::{At, CUES};
use super::language::{COUNT, Languages, PERL, PHP, PYTHON};
use crate::block::{self, Alphanumeric, BLOCK_BYTES, block_bits, count};
use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError};
use wide::u8x16;

/// A line with fewer marks of code than one in so many bytes is no candidate, unless it is short,
/// indented or in capitals.
const BYTES_PER_MARK_MAX: usize = 24;

/// The same within code, where the next line is likely to be code, too.
const BYTES_PER_MARK_WITHIN_MAX: usize = 16;

/// Bytes of a line that may be a word of a block structure: `else`, `end`, `done`.
const SHORT_BYTES_MAX: usize = 12;

/// Bytes of an indented line that is a candidate without marks.
const INDENTED_BYTES_MAX: usize = 60;

/// Points that one language has of one line.
const LINE_POINTS_MAX: u8 = 8;

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Blank,
    /// Not code.
    Text,
    /// Says nothing by itself: a comment, a closing brace, a quoted text.
    Neutral,
    /// A candidate.
    Code,
}

/// Points of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Score {
    /// Points for code in any language.
    pub(super) points: u8,
    /// Of these, points for the form alone.
    pub(super) form: u8,
    /// Points for each language.
    pub(super) languages: [u8; COUNT],
}

/// The compiled cues.
#[derive(Debug)]
pub(super) struct Scorer {
    /// Literals at a line's start by their first byte, with languages and points.
    starts: Box<[Vec<Start>; 256]>,
    /// Literals at a line's end by their last byte.
    ends: Box<[Vec<End>; 256]>,
    anywhere: AhoCorasick,
    /// Languages and points of each literal, in the order of the automaton.
    anywhere_points: Vec<(Languages, u8)>,
}

type Start = (&'static [u8], (Languages, u8));

/// A literal that a line ends with, or is; one of each cue counts.
#[derive(Debug)]
struct End {
    literal: &'static [u8],
    is_whole: bool,
    cue: usize,
    points: (Languages, u8),
}

/// Cues by the last byte of their literals.
fn ends() -> Box<[Vec<End>; 256]> {
    let mut ends = Box::new([const { Vec::new() }; 256]);
    for (place, cue) in CUES.iter().enumerate().filter(|(_, cue)| matches!(cue.at, At::End | At::Whole)) {
        for literal in cue.literals {
            let last = literal.as_bytes().last().copied().unwrap_or_default();
            if let Some(bucket) = ends.get_mut(usize::from(last)) {
                let (is_whole, points) = (cue.at == At::Whole, (cue.languages, cue.points));
                bucket.push(End { literal: literal.as_bytes(), is_whole, cue: place, points });
            }
        }
    }
    ends
}

impl Scorer {
    /// Compiles the cues.
    ///
    /// # Errors
    /// Never, but for a defect of the table.
    pub(super) fn new() -> Result<Self, BuildError> {
        let of = |at| {
            CUES.iter()
                .filter(move |cue| cue.at == at)
                .flat_map(|cue| cue.literals.iter().map(move |literal| (*literal, (cue.languages, cue.points))))
        };
        let mut starts = Box::new([const { Vec::new() }; 256]);
        for (literal, points) in of(At::Start) {
            let first = literal.as_bytes().first().copied().unwrap_or_default();
            if let Some(bucket) = starts.get_mut(usize::from(first)) {
                bucket.push((literal.as_bytes(), points));
            }
        }
        let anywhere = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .build(of(At::Anywhere).map(|(literal, _)| literal))?;
        let anywhere_points = of(At::Anywhere).map(|(_, points)| points).collect();
        Ok(Self { starts, ends: ends(), anywhere, anywhere_points })
    }

    /// The points of a candidate, without white space around it.
    pub(super) fn score(&self, line: &[u8], marks: usize) -> Score {
        let mut score = Score { points: 0, form: form(line, marks), languages: [0; COUNT] };
        let first = line.first().copied().unwrap_or_default();
        for (literal, points) in self.starts.get(usize::from(first)).into_iter().flatten() {
            if line.starts_with(literal) {
                score.add(Some(points));
            }
        }
        for found in self.anywhere.try_find_overlapping_iter(line).into_iter().flatten() {
            if begins_word(line, found.start()) {
                score.add(self.anywhere_points.get(found.pattern().as_usize()));
            }
        }
        let last = line.last().copied().unwrap_or_default();
        let mut counted = None;
        for end in self.ends.get(usize::from(last)).into_iter().flatten() {
            let stands = if end.is_whole { line == end.literal } else { line.ends_with(end.literal) };
            if stands && counted.replace(end.cue) != Some(end.cue) {
                score.add(Some(&end.points));
            }
        }
        if opens_python_block(line) {
            score.add(Some(&(PYTHON, 3)));
        }
        if line.ends_with(b";") && (line.starts_with(b"$") || line.starts_with(b"echo ")) {
            score.add(Some(&(PHP, 3)));
            score.add(Some(&(PERL, 2)));
        }
        if marks == 0 && !is_in_capitals(line) && line.len() > SHORT_BYTES_MAX && !line.ends_with(b":") {
            // Words of a language that may as well be those of a sentence.
            score.languages.iter_mut().for_each(|points| *points = (*points).min(1));
        }
        let most = score.languages.iter().copied().max().unwrap_or(0);
        score.points = most.max(score.form);
        score
    }
}

impl Score {
    fn add(&mut self, cue: Option<&(Languages, u8)>) {
        let Some((languages, points)) = cue else { return };
        let mut left = *languages;
        while left != 0 {
            let index = left.trailing_zeros() as usize;
            left &= left - 1;
            if let Some(sum) = self.languages.get_mut(index) {
                *sum = sum.saturating_add(*points).min(LINE_POINTS_MAX);
            }
        }
    }
}

/// A literal that begins with a letter does not count in the middle of a word.
fn begins_word(line: &[u8], start: usize) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let before = start.checked_sub(1).and_then(|before| line.get(before));
    !(line.get(start).is_some_and(is_word) && before.is_some_and(is_word))
}

/// `if`, `for`, `class` and the like with a colon at the end.
fn opens_python_block(line: &[u8]) -> bool {
    const WORDS: [&[u8]; 7] = [b"if ", b"for ", b"while ", b"with ", b"class ", b"def ", b"elif "];
    line.ends_with(b":") && WORDS.iter().any(|word| line.starts_with(word))
}

/// The first two letters are capitals: SQL, constants.
fn is_in_capitals(line: &[u8]) -> bool {
    matches!(line, [first, second, ..] if first.is_ascii_uppercase() && second.is_ascii_uppercase())
}

/// Points for the form alone: how code ends its lines, calls, assigns and compares.
fn form(line: &[u8], marks: usize) -> u8 {
    if marks == 0 {
        // All that counts has a mark, but for this.
        return u8::from(line.starts_with(b"return "));
    }
    let end = match line.last() {
        Some(b';' | b'{') if line.contains(&b'(') || line.contains(&b'=') => 3,
        Some(b'(') => 2,
        Some(b';' | b'{' | b'[') => 1,
        Some(b',' | b':') if line.contains(&b'(') => 1,
        _ => 0,
    };
    const STATEMENTS: [&[u8]; 8] =
        [b"if (", b"for (", b"while (", b"} else", b"else if ", b"return ", b"switch (", b"} catch "];
    let states = STATEMENTS.into_iter().any(|head| line.starts_with(head));
    let (equals, compares) = operators(line);
    end + u8::from(states) + u8::from(equals) + 2 * u8::from(calls(line)) + 2 * u8::from(compares)
}

/// True if ` = ` stands in a line, and if an operator of two signs between spaces does.
fn operators(line: &[u8]) -> (bool, bool) {
    let (mut equals, mut compares) = (false, false);
    for (place, _) in line.iter().enumerate().filter(|(_, byte)| **byte == b' ') {
        match line.get(place + 1..) {
            Some([b'=', b' ', ..]) => equals = true,
            Some([b'=' | b'!' | b'+' | b'>' | b'<' | b'-', b'=', b' ', ..]) => compares = true,
            Some([b'&', b'&', b' ', ..] | [b'|', b'|', b' ', ..]) => compares = true,
            _ => {}
        }
    }
    (equals, compares)
}

/// A name with an opening parenthesis right behind it, and a closing one.
fn calls(line: &[u8]) -> bool {
    let opens = |pair: &[u8]| matches!(pair, [before, b'('] if before.is_ascii_alphanumeric() || *before == b'_');
    memchr::memchr(b')', line).is_some()
        && memchr::memchr_iter(b'(', line).filter_map(|open| line.get(open.checked_sub(1)?..=open)).any(opens)
}

/// `name = "value"`, as configuration has it and programs have it, too.
fn is_setting(line: &[u8]) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let name = line.iter().take_while(|byte| is_name(byte)).count();
    let Some(value) = line.get(name..).and_then(|rest| rest.strip_prefix(b" = ")) else { return false };
    matches!(value.first(), Some(b'"' | b'\'' | b'[' | b'{' | b'0'..=b'9' | b't' | b'f'))
        && !value.contains(&b'(')
        && !line.ends_with(b";")
}

/// A line of base64 and the like: long, and of nothing else.
fn is_encoded(line: &[u8]) -> bool {
    const BYTES_MIN: usize = 60;
    let is_run = line.len() >= BYTES_MIN && memchr::memchr2(b' ', b'\t', line).is_none();
    is_run && count(line, Encoded) as usize == line.len()
}

/// Characters of base64, base64url and their padding.
#[derive(Clone, Copy)]
struct Encoded;

impl block::Kind for Encoded {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        Alphanumeric.holds(byte) || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-')
    }

    #[inline]
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64 {
        let joints = block_bits(block, |bytes| {
            let is = |byte| bytes.simd_eq(u8x16::splat(byte));
            is(b'+') | is(b'/') | is(b'=') | is(b'_') | is(b'-')
        });
        Alphanumeric.bits(block) | joints
    }
}

/// Sorts a line that has no white space around it; `indent` is what it had before it.
pub(super) fn kind(line: &[u8], indent: usize, marks: usize, within: bool) -> Kind {
    let (Some(first), second) = (line.first(), line.get(1).copied().unwrap_or(b' ')) else { return Kind::Blank };
    match first {
        b'"' | b'\'' | b'0'..=b'9' if within || marks > 0 => return Kind::Neutral,
        b'"' | b'\'' | b'0'..=b'9' | b'|' | b'>' => return Kind::Text,
        // A section of configuration, a reference or a mark of a log.
        b'[' if second.is_ascii_lowercase() || matches!(second, b'[' | b'`' | b'0'..=b'9') => return Kind::Text,
        b'[' if memchr::memmem::find(line, b"]: ").is_some() => return Kind::Text,
        b'*' if matches!(second, b' ' | b'/' | b'*') => return Kind::Neutral,
        b'-' if second == b' ' => return Kind::Text,
        b'-' if second == b'-' && matches!(line.get(2), None | Some(b' ' | b'-')) => return Kind::Neutral,
        b'/' if matches!(second, b'/' | b'*') => return Kind::Neutral,
        b'#' if matches!(second, b' ' | b'#') => return Kind::Neutral,
        b'<' if line.starts_with(b"<!--") => return Kind::Neutral,
        _ => {}
    }
    if is_encoded(line) {
        return Kind::Text;
    }
    // A setting has a sign, and a sentence that quotes code a backtick: marks both.
    if !within && marks > 0 && is_setting(line) {
        return Kind::Neutral;
    }
    if !within
        && marks > 0
        && memchr::memchr(b'`', line).is_some()
        && !matches!(line.last(), Some(b';' | b'{' | b'(' | b'\\' | b'`'))
    {
        // A sentence that quotes code.
        return Kind::Text;
    }
    if line.iter().all(|byte| matches!(byte, b'(' | b')' | b'[' | b']' | b'{' | b'}' | b',' | b';')) {
        return Kind::Neutral;
    }
    let bytes_per_mark_max = if within { BYTES_PER_MARK_WITHIN_MAX } else { BYTES_PER_MARK_MAX };
    let is_indented = indent >= 2 && first.is_ascii_lowercase() && line.len() <= INDENTED_BYTES_MAX;
    let ends_code = matches!(line.last(), Some(b';' | b'{' | b'(' | b')' | b'[' | b':' | b'='));
    let is_short = line.len() <= SHORT_BYTES_MAX && (!within || first.is_ascii_lowercase());
    if marks * bytes_per_mark_max >= line.len()
        || ends_code && (!within || marks > 0)
        || is_short
        || is_in_capitals(line)
        || is_indented
    {
        Kind::Code
    } else if within && indent >= 4 {
        Kind::Neutral
    } else {
        Kind::Text
    }
}
