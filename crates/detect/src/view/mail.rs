//! E-mail addresses with their marks written out: `jane [at] example (dot) com`, `jane at example dot com`,
//! `jane @ example . com`.
//!
//! `at` between spaces is a word of its own, so it counts only where a dot is written out, too; and the last
//! label must be one of the top-level domains that are common in text, because what is put together here may
//! never have been one word.

use super::ViewId;
use super::outline::{Mark, Outline};
use super::respell::{Leaf, Recogniser};
use crate::text::alphanumeric;
use crate::window::{Undecided, Window};

pub(super) static RECOGNISER: Recogniser = Recogniser { view: ViewId::MAIL, next, read, start };

const LOCAL_BYTES_MAX: usize = 64;
const LABEL_BYTES_MAX: usize = 63;
const LABELS_MAX: usize = 6;
/// Atoms of a local part that written-out dots join.
const ATOMS_MAX: usize = 3;
const SPACE_BYTES_MAX: usize = 2;

/// How `at` stands in text; an `@` is looked for apart.
const ATS: &[&[u8; 4]] = &[
    b" at ", b"[at]", b"(at)", b"{at}", b"<at>", b"_at_", b"-at-", b" AT ", b"[AT]", b"(AT)", b"{AT}", b"<AT>",
    b" At ", b"(At)", b"[At]",
];

/// How a dot is written, the longer forms first.
const DOTS: &[&[u8]] = &[
    b" [dot] ", b" (dot) ", b" {dot} ", b" <dot> ", b"[dot]", b"(dot)", b"{dot}", b"<dot>", b" dot ", b"_dot_",
    b"-dot-", b" [.] ", b" (.) ", b"[.]", b"(.)", b"{.}", b" . ", b". ", b" .",
];

/// The last of [`DOTS`] that say nothing by themselves: a full stop ends a sentence.
const BARE_DOTS: usize = 3;

const TOP_LEVEL: &[&[u8]] = &[
    b"com",
    b"org",
    b"net",
    b"edu",
    b"gov",
    b"mil",
    b"int",
    b"info",
    b"biz",
    b"name",
    b"io",
    b"co",
    b"ai",
    b"app",
    b"dev",
    b"me",
    b"tv",
    b"cc",
    b"xyz",
    b"online",
    b"site",
    b"tech",
    b"cloud",
    b"email",
    b"agency",
    b"eu",
    b"us",
    b"uk",
    b"de",
    b"fr",
    b"it",
    b"es",
    b"nl",
    b"be",
    b"ch",
    b"at",
    b"se",
    b"no",
    b"dk",
    b"fi",
    b"pl",
    b"cz",
    b"sk",
    b"hu",
    b"ro",
    b"bg",
    b"gr",
    b"pt",
    b"ie",
    b"ru",
    b"ua",
    b"tr",
    b"il",
    b"cn",
    b"jp",
    b"kr",
    b"in",
    b"sg",
    b"hk",
    b"tw",
    b"br",
    b"mx",
    b"ar",
    b"cl",
    b"ca",
    b"au",
    b"nz",
    b"za",
    b"example",
    b"test",
    b"local",
    b"internal",
];

/// More of them, where the dot before is written out, or has spaces on both sides behind an `@`: those that are no words of
/// sentences or of programs.
const MORE_TOP_LEVEL: &[&[u8]] = &[
    b"ae", b"al", b"az", b"ba", b"bd", b"bo", b"bz", b"cr", b"cu", b"cy", b"dz", b"ec", b"ee", b"eg", b"fm", b"fo",
    b"ge", b"gg", b"gh", b"gi", b"gl", b"gt", b"hn", b"hr", b"je", b"jm", b"jo", b"ke", b"kw", b"kz", b"lb", b"lk",
    b"lt", b"lu", b"lv", b"ly", b"mc", b"md", b"mk", b"mt", b"nc", b"ng", b"np", b"nu", b"pf", b"ph", b"pk", b"py",
    b"qa", b"rs", b"rw", b"sm", b"sn", b"sv", b"th", b"tn", b"tt", b"tz", b"ug", b"uy", b"uz", b"ve", b"vn", b"ws",
    b"zm", b"zw", b"academy", b"asia", b"berlin", b"blog", b"club", b"digital", b"finance", b"global", b"health",
    b"jobs", b"legal", b"ltd", b"mobi", b"museum", b"website",
];

/// The next `@` or `at`.
fn next(text: &[u8], outline: &Outline, from: usize) -> Option<usize> {
    let is_at = |at: &usize| match text.get(*at..) {
        Some([b'@', ..]) => true,
        // Most words of two letters are others.
        Some([b'a' | b'A', b't' | b'T', ..]) => {
            let written = at.checked_sub(1).and_then(|before| text.get(before..at + 3));
            written.is_some_and(|word| ATS.iter().any(|known| *known == word) || is_marked(word))
        }
        _ => false,
    };
    outline.places(Mark::At, from, text.len()).find(is_at)
}

/// Marks between which `at` stands for the mark itself: `jane#at#example.com`.
const fn is_mark(byte: u8) -> bool {
    matches!(byte, b'#' | b'*' | b'|' | b'~' | b'!' | b'+' | b'=' | b'%')
}

/// True for two letters between two such marks.
fn is_marked(word: &[u8]) -> bool {
    matches!(word, [first, _, _, last] if first == last && is_mark(*first))
}

const fn in_local(byte: u8) -> bool {
    alphanumeric(byte) || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-')
}

const fn is_opening(byte: u8) -> bool {
    matches!(byte, b'[' | b'(' | b'{' | b'<')
}

const fn is_closing(byte: u8) -> bool {
    matches!(byte, b']' | b')' | b'}' | b'>')
}

/// What stands for the `@`.
struct At {
    start: usize,
    end: usize,
    is_mark: bool,
    is_enclosed: bool,
    is_spaced: bool,
    /// A space stands before it alone.
    is_behind_space: bool,
}

impl At {
    fn read(window: &Window<'_>, at: usize) -> Result<Self, Undecided> {
        let is_mark = window.at(at)? == b'@';
        let end = at + if is_mark { 1 } else { 2 };
        let (mut left, mut right) = (at - spaces_before(window, at), end + spaces(window, end)?);
        let (is_spaced, is_behind_space) = (left < at && right > end, left < at && right == end);
        let joint = window.before(at);
        let is_joined = (matches!(joint, b'_' | b'-') || self::is_mark(joint)) && window.at(end)? == joint;
        let is_enclosed = (is_opening(window.before(left)) && is_closing(window.at(right)?)) || (!is_mark && is_joined);
        if is_enclosed {
            (left, right) = if is_joined { (at - 1, end + 1) } else { (left - 1, right + 1) };
            (left, right) = (left - spaces_before(window, left), right + spaces(window, right)?);
        }
        Ok(Self { start: left, end: right, is_mark, is_enclosed, is_spaced, is_behind_space })
    }
}

fn spaces_before(window: &Window<'_>, at: usize) -> usize {
    (0..SPACE_BYTES_MAX).take_while(|back| at > *back && window.before(at - back) == b' ').count()
}

fn spaces(window: &Window<'_>, at: usize) -> Result<usize, Undecided> {
    window.run(at, SPACE_BYTES_MAX, |byte| byte == b' ')
}

/// Reads the address whose `@` is written at `place`.
fn read(window: &Window<'_>, place: usize, leaf: &mut Leaf) -> Result<usize, Undecided> {
    let at = At::read(window, place)?;
    if !in_local(window.before(at.start)) {
        return Ok(place + 1);
    }
    let Some(domain) = Domain::read(window, at.end, at.is_mark)? else { return Ok(place + 1) };
    let is_written = if at.is_mark {
        at.is_enclosed
            || at.is_spaced
            || domain.is_spelled
            || at.is_behind_space && (has_marks(window, at.start) || is_cued(window, at.start))
    } else {
        at.is_enclosed || domain.is_spelled || (at.is_spaced && is_announced(window, at.start))
    };
    if !is_written {
        return Ok(place + 1);
    }
    let text = window.slice(0, at.start);
    push_local(text, local_start(text, at.start), leaf);
    leaf.push(b'@', at.start, at.end);
    for (index, (start, end)) in domain.labels.iter().take(domain.count).enumerate() {
        if index > 0 {
            leaf.push_mark(b'.');
        }
        for (offset, byte) in window.slice(*start, *end).iter().enumerate() {
            leaf.push(*byte, start + offset, start + offset + 1);
        }
    }
    Ok(domain.end())
}

/// Words before an address that is told with a bare `at`.
const CUES: &[&[u8]] =
    &[b"mail", b"Mail", b"MAIL", b"contact", b"Contact", b"reach", b"Reach", b"write to", b"Write to"];
/// Bytes before the local part in which one of them stands.
const CUE_BYTES: usize = 40;

/// True for a local part with a mark or a digit inside of it; other words before an `@` greet somebody.
fn has_marks(window: &Window<'_>, end: usize) -> bool {
    let text = window.slice(0, end);
    let local = text.get(atom_start(text, end)..end).unwrap_or_default();
    let is_mark = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'+');
    local.first().is_some_and(u8::is_ascii_alphabetic)
        && local.last().is_some_and(|byte| alphanumeric(*byte))
        && local.iter().any(is_mark)
}

/// True for a word right behind one for an address.
fn is_cued(window: &Window<'_>, end: usize) -> bool {
    let text = window.slice(0, end);
    let start = atom_start(text, end);
    let before = text.get(start.saturating_sub(CUE_BYTES)..start).unwrap_or_default().trim_ascii_end();
    let before = before.strip_suffix(b":").unwrap_or(before);
    CUES.iter().any(|cue| before.ends_with(cue))
}

/// True for a local part of names that a dot joins, behind a word for an address: `mail jane.roe at example.org`.
fn is_announced(window: &Window<'_>, end: usize) -> bool {
    let text = window.slice(0, end);
    let start = atom_start(text, end);
    let local = text.get(start..).unwrap_or_default();
    let is_name = |part: &[u8]| part.len() > 1 && part.iter().all(u8::is_ascii_alphabetic);
    let before = text.get(start.saturating_sub(CUE_BYTES)..start).unwrap_or_default();
    local.contains(&b'.')
        && local.split(|byte| *byte == b'.').all(is_name)
        && CUES.iter().any(|cue| memchr::memmem::find(before, cue).is_some())
}

/// Where the local part begins that ends at `end`.
fn local_start(text: &[u8], end: usize) -> usize {
    let mut start = atom_start(text, end);
    for _ in 1..ATOMS_MAX {
        let Some(dot) = dot_before(text, start).filter(|_| start < end) else { break };
        let atom = atom_start(text, start - dot);
        if atom == start - dot {
            break;
        }
        start = atom;
    }
    start
}

fn atom_start(text: &[u8], end: usize) -> usize {
    let head = text.get(end.saturating_sub(LOCAL_BYTES_MAX)..end).unwrap_or_default();
    end - head.iter().rev().take_while(|byte| in_local(**byte)).count()
}

/// The length of a written-out dot that ends at `end`.
fn dot_before(text: &[u8], end: usize) -> Option<usize> {
    let head = text.get(..end)?;
    let may_end = match head {
        [.., last, b' '] => is_closing(*last) || last.eq_ignore_ascii_case(&b't'),
        [.., last] => is_closing(*last) || matches!(last, b'_' | b'-'),
        [] => false,
    };
    if !may_end {
        return None;
    }
    let spelled = DOTS.split_last_chunk::<BARE_DOTS>()?.0;
    spelled
        .iter()
        .find(|dot| {
            head.len() >= dot.len() && head.get(end - dot.len()..).is_some_and(|tail| tail.eq_ignore_ascii_case(dot))
        })
        .map(|dot| dot.len())
}

fn push_local(text: &[u8], start: usize, leaf: &mut Leaf) {
    let mut at = start;
    while let Some(byte) = text.get(at) {
        let rest = text.get(at..).unwrap_or_default();
        let dot = DOTS.iter().find(|dot| rest.get(..dot.len()).is_some_and(|head| head.eq_ignore_ascii_case(dot)));
        let len = dot.filter(|_| !in_local(*byte) || matches!(byte, b'_' | b'-')).map_or(1, |dot| dot.len());
        leaf.push(if len > 1 { b'.' } else { *byte }, at, at + len);
        at += len;
    }
}

/// A domain with some of its dots written out.
struct Domain {
    labels: [(usize, usize); LABELS_MAX],
    /// Labels up to the last that is a top-level domain.
    count: usize,
    /// One of the dots is written out.
    is_spelled: bool,
}

impl Domain {
    fn read(window: &Window<'_>, start: usize, is_mark: bool) -> Result<Option<Self>, Undecided> {
        let mut domain = Self { labels: [(0, 0); LABELS_MAX], count: 0, is_spelled: false };
        let (mut at, mut spelled, mut is_enclosed, mut is_apart) = (start, false, false, false);
        for index in 0..LABELS_MAX {
            let len = window.run(at, LABEL_BYTES_MAX + 1, |byte| alphanumeric(byte) || byte == b'-')?;
            // A written-out dot between hyphens ends the label before them.
            let len = hyphened(window.slice(at, at + len)).unwrap_or(len);
            if len == 0 || len > LABEL_BYTES_MAX {
                break;
            }
            let Some(room) = domain.labels.get_mut(index) else { break };
            *room = (at, at + len);
            let label = window.slice(at, at + len);
            if index > 0
                && (is_top_level(label)
                    || is_apart && is_one_of(MORE_TOP_LEVEL, label)
                    || is_enclosed && is_ending(label))
            {
                (domain.count, domain.is_spelled) = (index + 1, spelled);
            }
            at += len;
            let (dot, is_spelled) = dot(window, at)?;
            if dot == 0 {
                break;
            }
            is_enclosed = window.slice(at, at + dot).iter().any(|byte| is_opening(*byte));
            is_apart = is_spelled && (is_mark || dot != SPACED_DOT_BYTES);
            spelled |= is_spelled;
            at += dot;
        }
        Ok((domain.count > 1).then_some(domain))
    }

    fn end(&self) -> usize {
        self.count.checked_sub(1).and_then(|last| self.labels.get(last)).map_or(0, |label| label.1)
    }
}

/// Where `-dot-` stands in a run of letters and hyphens.
fn hyphened(run: &[u8]) -> Option<usize> {
    memchr::memmem::find(run, b"-dot-").filter(|place| *place > 0)
}

/// Bytes of ` . `.
const SPACED_DOT_BYTES: usize = 3;

fn is_top_level(label: &[u8]) -> bool {
    is_one_of(TOP_LEVEL, label)
}

fn is_one_of(known: &[&[u8]], label: &[u8]) -> bool {
    known.iter().any(|known| known.eq_ignore_ascii_case(label))
}

/// True for what may be any top-level domain, as there are some hundreds: behind a dot in brackets nothing else stands.
fn is_ending(label: &[u8]) -> bool {
    (ENDING_BYTES_MIN..=ENDING_BYTES_MAX).contains(&label.len()) && label.iter().all(u8::is_ascii_alphabetic)
}

/// Letters of them.
const ENDING_BYTES_MIN: usize = 3;
const ENDING_BYTES_MAX: usize = 18;

/// The length of the dot at `at` and whether it is written out.
fn dot(window: &Window<'_>, at: usize) -> Result<(usize, bool), Undecided> {
    let first = window.at(at)?;
    let may_begin = match if first == b' ' { window.at(at + 1)? } else { first } {
        b'd' | b'D' => first == b' ',
        b'_' | b'-' => first != b' ',
        b'.' => true,
        byte => is_opening(byte),
    };
    if !may_begin {
        return Ok((0, false));
    }
    for (place, dot) in DOTS.iter().enumerate() {
        if starts_with(window, at, dot)? && alphanumeric(window.at(at + dot.len())?) {
            return Ok((dot.len(), place + BARE_DOTS < DOTS.len() || dot.len() == SPACED_DOT_BYTES));
        }
    }
    let is_dot = window.at(at)? == b'.' && alphanumeric(window.at(at + 1)?);
    Ok((usize::from(is_dot), false))
}

/// As [`Window::starts_with`], whatever the case.
fn starts_with(window: &Window<'_>, start: usize, literal: &[u8]) -> Result<bool, Undecided> {
    for (index, expected) in literal.iter().enumerate() {
        if !window.at(start + index)?.eq_ignore_ascii_case(expected) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Where the address begins whose `@` is written at a place, or may be written next.
fn start(text: &[u8], at: usize) -> usize {
    /// Words that may belong to what is not complete: `jane dot doe at`, `jane[.]doe`.
    const WORDS_MAX: usize = 2 * ATOMS_MAX;
    let mut start = at;
    for _ in 0..WORDS_MAX {
        let head = text.get(..start).unwrap_or_default();
        let marks = head
            .iter()
            .rev()
            .take(2 * SPACE_BYTES_MAX)
            .take_while(|byte| **byte == b' ' || is_opening(**byte) || is_closing(**byte))
            .count();
        let word = atom_start(text, start - marks);
        if word == start - marks {
            break;
        }
        let written = text.get(word..start - marks).unwrap_or_default();
        let goes_on = [b"at".as_slice(), b"dot", b"."].iter().any(|full| {
            written.len() <= full.len()
                && full.get(..written.len()).is_some_and(|head| head.eq_ignore_ascii_case(written))
        });
        let is_joined = text.get(..word).is_some_and(|head| dot_before(text, head.len()).is_some());
        start = word;
        if !goes_on && !is_joined {
            break;
        }
    }
    start
}
