//! CONFIDENTIAL: markings that say a text is not for outsiders.
//!
//! What counts is a marking, not the word: "CONFIDENTIAL" at the head of a page, "[Internal use
//! only]" in a subject, "This document is company confidential"; not a sentence about
//! confidentiality. So most phrases need a place: a line that holds little else, brackets or
//! separators around them, or a sentence that says it of this text. Some, such as `SECRET//NOFORN`,
//! stand for themselves.
//!
//! The search is for a distinctive part of each phrase, in small letters and in capitals,
//! and a check then reads the phrase and its line. A check looks back at most [`BACK_BYTES_MAX`]
//! and [`CONTEXT_BYTES`] from there, and ahead at most [`AHEAD_BYTES_MAX`].

mod phrases;

pub(crate) use phrases::RULES;

use crate::needle::Family;
use crate::trigger::{Sink, id};
use crate::window::{BOUNDARY, CONTEXT_BYTES, Match, NUMBER_BOUNDARY, Undecided, Window};
use phrases::{Needs, PHRASES, Phrase};

/// Bytes before its head that a phrase begins at most.
const BACK_BYTES_MAX: usize = 24;

/// Bytes of the longest phrase.
const PHRASE_BYTES_MAX: usize = 48;

/// Bytes behind a phrase up to which its line is read.
const AHEAD_BYTES_MAX: usize = 96;

/// Bytes of control markings behind a classification: `SI//NOFORN`.
const CONTROLS_BYTES_MAX: usize = 40;

/// Words beside a phrase in a line that is a marking, if separators set the phrase off, and if not.
const WORDS_BESIDE_MAX: usize = 6;
const WORDS_BESIDE_CAPITALS_MAX: usize = 3;

/// The compiled search.
#[derive(Debug)]
pub(crate) struct Markings {
    /// What is searched for, and the phrases that have it.
    heads: Vec<(Vec<u8>, Vec<&'static Phrase>)>,
    first_id: u16,
}

/// Where the search stands in a stream.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    pub(crate) cursor: usize,
    /// End of the last marking.
    pub(crate) floor: usize,
}

impl Markings {
    /// Prepares the search; `first_id` is the index of the first rule.
    pub(crate) fn new(first_id: u16) -> Self {
        let mut heads: Vec<(Vec<u8>, Vec<&'static Phrase>)> = Vec::new();
        for phrase in PHRASES {
            for head in head_forms(phrase) {
                match heads.iter_mut().find(|(known, _)| *known == head) {
                    Some((_, phrases)) => phrases.push(phrase),
                    None => heads.push((head, vec![phrase])),
                }
            }
        }
        for (_, phrases) in &mut heads {
            phrases.sort_by_key(|phrase| core::cmp::Reverse(phrase.text.len()));
        }
        Self { heads, first_id }
    }

    /// What has to be searched for.
    pub(crate) fn needles(&self) -> (Family, Vec<&[u8]>) {
        (Family::MARKING, self.heads.iter().map(|(head, _)| head.as_slice()).collect())
    }

    /// Bytes of the longest match, and those behind it that may be read.
    pub(crate) const fn reach() -> (usize, usize) {
        (PHRASE_BYTES_MAX + BACK_BYTES_MAX + CONTROLS_BYTES_MAX, AHEAD_BYTES_MAX + 1)
    }

    /// Decides at every head from the cursor on; returns the hold.
    pub(crate) fn scan(&self, window: &Window<'_>, progress: &mut Progress, sink: &mut Sink<'_>) -> usize {
        let text = window.text();
        let mut heads = window.indexed().needles(Family::MARKING, progress.cursor);
        while let Some((head, pattern)) = heads.next_from(progress.cursor) {
            sink.visit();
            match self.decide(window, pattern, head, progress.floor) {
                Err(Undecided) => {
                    progress.cursor = head;
                    return reach_back(text, head, BACK_BYTES_MAX).max(progress.floor);
                }
                Ok(None) => progress.cursor = head + 1,
                Ok(Some((phrase, found))) => {
                    sink.push(id(self.first_id, phrase.rule as usize), &found, false);
                    (progress.cursor, progress.floor) = (found.end.max(head + 1), found.end);
                }
            }
        }
        // The end of the text may be the beginning of a head; and its phrase may begin before it. The hold is told
        // from the cursor, as it is at an undecided head, so that it never moves back.
        progress.cursor = progress.cursor.max(reach_back(text, text.len(), HEAD_BYTES_MAX - 1));
        reach_back(text, progress.cursor, BACK_BYTES_MAX).max(progress.floor)
    }

    fn decide(
        &self,
        window: &Window<'_>,
        pattern: usize,
        head: usize,
        floor: usize,
    ) -> Result<Option<(&'static Phrase, Match)>, Undecided> {
        for phrase in self.heads.get(pattern).into_iter().flat_map(|(_, phrases)| phrases) {
            let Some(start) = head.checked_sub(phrase.head.0).filter(|start| *start >= floor) else { continue };
            let (first, expected) = (window.slice(start, head).first(), phrase.text.as_bytes().first());
            // Most phrases of a head begin otherwise.
            if first.zip(expected).is_some_and(|(first, expected)| !first.eq_ignore_ascii_case(expected)) {
                continue;
            }
            if !stands(window, phrase, start)? {
                continue;
            }
            let mut end = start + phrase.text.len();
            if phrase.text.ends_with("//") {
                end += window.run(end, CONTROLS_BYTES_MAX, is_control)?;
            }
            let is_marking = phrase.needs == Needs::Nothing || has_place(window, phrase, start, end)?;
            if is_marking {
                return Ok(Some((phrase, Match::new(start, end, 0, phrase.percent))));
            }
        }
        Ok(None)
    }
}

/// Bytes of the longest head.
const HEAD_BYTES_MAX: usize = 10;

/// The forms in which the head of a phrase is searched for.
fn head_forms(phrase: &Phrase) -> Vec<Vec<u8>> {
    let (at, len) = phrase.head;
    let head = phrase.text.as_bytes().get(at..at + len).unwrap_or_default();
    let mut forms = vec![head.to_vec()];
    if !phrase.exact_case {
        forms.push(head.to_ascii_uppercase());
        if head.contains(&b' ') {
            let mut capital = false;
            forms.push(
                head.iter()
                    .map(|byte| {
                        if core::mem::replace(&mut capital, *byte == b' ') { byte.to_ascii_uppercase() } else { *byte }
                    })
                    .collect(),
            );
        }
    }
    forms
}

/// So many bytes before a place, or the start of its leaf if that is nearer.
fn reach_back(text: &[u8], place: usize, bytes: usize) -> usize {
    let from = place.saturating_sub(bytes);
    let before = text.get(from..place).unwrap_or_default();
    before.iter().rposition(|byte| matches!(*byte, BOUNDARY | NUMBER_BOUNDARY)).map_or(from, |at| from + at + 1)
}

const fn is_control(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'/' | b'-')
}

/// True if the phrase stands there as whole words.
fn stands(window: &Window<'_>, phrase: &Phrase, start: usize) -> Result<bool, Undecided> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let text = phrase.text.as_bytes();
    if text.first().is_some_and(|first| is_word(*first)) && is_word(window.before(start)) {
        return Ok(false);
    }
    for (place, expected) in text.iter().enumerate() {
        let byte = window.at(start + place)?;
        if byte != *expected && (phrase.exact_case || !byte.eq_ignore_ascii_case(expected)) {
            return Ok(false);
        }
    }
    Ok(!(text.last().is_some_and(|last| is_word(*last)) && is_word(window.at(start + text.len())?)))
}

/// True if the phrase is a marking where it stands.
fn has_place(window: &Window<'_>, phrase: &Phrase, start: usize, end: usize) -> Result<bool, Undecided> {
    let (before, begins) = line_before(window, start);
    let (after, ends) = line_after(window, end)?;
    let said = window.slice(start, end);
    let in_capitals = !said.iter().any(u8::is_ascii_lowercase);
    if phrase.needs == Needs::PlaceAndCapital && said.first().is_some_and(u8::is_ascii_lowercase) {
        return Ok(is_said_of_this(before, after));
    }
    let is_bracketed = matches!(before.trim_ascii_end().last(), Some(b'[' | b'(' | b'<' | b'{'))
        && matches!(after.trim_ascii_start().first(), Some(b']' | b')' | b'>' | b'}'));
    if is_bracketed && (phrase.needs == Needs::Place || in_capitals) || is_said_of_this(before, after) {
        return Ok(true);
    }
    if !begins || !ends {
        return Ok(false);
    }
    let beside = word_count(before) + word_count(after);
    let set_off = is_edge(before.trim_ascii_end().last()) && is_edge(after.trim_ascii_start().first());
    let words_max = match (set_off, in_capitals) {
        (true, _) => WORDS_BESIDE_MAX,
        (false, true) => WORDS_BESIDE_CAPITALS_MAX,
        (false, false) => 0,
    };
    Ok(beside <= words_max)
}

/// The line before `start` as far as it is read, and whether that is all of it.
fn line_before<'a>(window: &Window<'a>, start: usize) -> (&'a [u8], bool) {
    let from = start.saturating_sub(CONTEXT_BYTES);
    let text = window.slice(from, start);
    match memchr::memrchr3(b'\n', BOUNDARY, NUMBER_BOUNDARY, text) {
        Some(line) => (text.get(line + 1..).unwrap_or_default(), true),
        // Nothing is dropped before the first bytes of a stream.
        None => (text, start < CONTEXT_BYTES),
    }
}

/// The line behind `end` as far as it is read, and whether that is all of it.
fn line_after<'a>(window: &Window<'a>, end: usize) -> Result<(&'a [u8], bool), Undecided> {
    let rest = window.text().get(end..).unwrap_or_default();
    let near = rest.get(..AHEAD_BYTES_MAX).unwrap_or(rest);
    if let Some(len) = memchr::memchr3(b'\n', BOUNDARY, NUMBER_BOUNDARY, near) {
        return Ok((near.get(..len).unwrap_or_default(), true));
    }
    // The text may end here, and its leaf with it.
    let ends = near.len() < AHEAD_BYTES_MAX && window.at(end + near.len())? == BOUNDARY;
    Ok((near, ends))
}

/// Words with a letter or digit.
fn word_count(text: &[u8]) -> usize {
    text.split(u8::is_ascii_whitespace)
        .filter(|word| word.iter().any(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80))
        .count()
}

/// What sets a phrase off from what is beside it: nothing, or a separator.
fn is_edge(byte: Option<&u8>) -> bool {
    byte.is_none_or(|byte| !byte.is_ascii_alphanumeric() && !matches!(*byte, b'\'' | b',' | b'?' | b'&' | b'%' | b'"'))
}

/// What a text may call itself.
const THIS: [&[u8]; 4] = [b"this ", b"these ", b"the attached ", b"the enclosed "];
const TEXTS: [&[u8]; 22] = [
    b"document",
    b"file",
    b"e-mail",
    b"email",
    b"message",
    b"report",
    b"memo",
    b"presentation",
    b"material",
    b"information",
    b"code",
    b"software",
    b"source",
    b"program",
    b"deck",
    b"proposal",
    b"attachment",
    b"communication",
    b"transmission",
    b"work",
    b"page",
    b"data",
];
const SAYS: [&[u8]; 5] = [b" is ", b" are ", b"contain", b"constitute", b"for "];

/// Words that may follow a phrase in the sentence that marks a text.
const FOLLOWING: [&[u8]; 15] = [
    b"and ",
    b"or ",
    b"to ",
    b"for ",
    b"property",
    b"information",
    b"unless",
    b"until",
    b"intended",
    b"material",
    b"data",
    b"of ",
    b"without",
    b"between",
    b"outside",
];

/// True if the sentence says the phrase of the text that it stands in.
fn is_said_of_this(before: &[u8], after: &[u8]) -> bool {
    let mut ends = memchr::memrchr3_iter(b'.', b'!', b'?', before);
    let sentence = ends.find(|end| before.get(end + 1) == Some(&b' '));
    let sentence = before.get(sentence.map_or(0, |end| end + 2)..).unwrap_or_default();
    let mut small = [0; CONTEXT_BYTES];
    let Some(small) = small.get_mut(..sentence.len()) else { return false };
    small.copy_from_slice(sentence);
    small.make_ascii_lowercase();
    let find = |text: &[u8], literals: &[&[u8]]| {
        literals.iter().filter_map(|literal| memchr::memmem::find(text, literal)).min()
    };
    // All of them begin with one letter.
    let is_this = |at: &usize| small.get(*at..).is_some_and(|rest| THIS.iter().any(|this| rest.starts_with(this)));
    let Some(this) = memchr::memchr_iter(b't', small).find(is_this) else { return false };
    let rest = small.get(this..).unwrap_or_default();
    let is_said = find(rest, &TEXTS).is_some_and(|text| find(rest.get(text..).unwrap_or_default(), &SAYS).is_some());
    let is_denied =
        find(rest, &[b" not ", b"n't ", b"non-", b" no "]).is_some() || find(rest, &[b"about ", b"how "]).is_some();
    let next = after.trim_ascii_start();
    let goes_on =
        next.first().is_some_and(u8::is_ascii_alphanumeric) && !FOLLOWING.iter().any(|word| next.starts_with(word));
    is_said && !is_denied && !goes_on
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DetectorSet, EntityType, Scanner};

    fn found(text: &str) -> Vec<String> {
        let set = DetectorSet::builder().enable(EntityType::Confidential).build().unwrap();
        let (mut scanner, mut found) = (Scanner::new(), Vec::new());
        scanner.push(text.as_bytes());
        scanner.boundary();
        scanner.scan(&set, &mut found);
        let cut = |finding: &crate::Finding| scanner.text(finding.start, finding.end).to_vec();
        found.iter().map(|finding| String::from_utf8(cut(finding)).unwrap()).collect()
    }

    #[test]
    fn heads_stand_in_their_phrases_and_hide_no_other() {
        let mut heads = Vec::new();
        for phrase in PHRASES {
            let (at, len) = phrase.head;
            assert!(at <= BACK_BYTES_MAX && (4..=HEAD_BYTES_MAX).contains(&len), "{}", phrase.text);
            assert!(at + len <= phrase.text.len() && phrase.text.len() <= PHRASE_BYTES_MAX, "{}", phrase.text);
            assert!(phrase.exact_case || phrase.text == phrase.text.to_lowercase(), "{}", phrase.text);
            heads.extend(head_forms(phrase));
        }
        for head in &heads {
            assert!(heads.iter().all(|other| other == head || !head.starts_with(other)), "{head:?}");
        }
    }

    #[test]
    fn markings_are_found() {
        for (text, expected) in [
            ("CONFIDENTIAL", "CONFIDENTIAL"),
            ("*** Strictly Confidential ***\n", "Strictly Confidential"),
            ("[Internal use only] plans for May", "Internal use only"),
            ("Subject: [CONFIDENTIAL] plans", "CONFIDENTIAL"),
            ("ACME Corp. | Proprietary and Confidential | Page 3 of 9", "Proprietary and Confidential"),
            ("# Company Confidential - do not copy", "Company Confidential"),
            ("Classification: for internal use only", "for internal use only"),
            ("DO NOT DISTRIBUTE", "DO NOT DISTRIBUTE"),
            ("Not for public release.", "Not for public release"),
            ("This document is company confidential and must not leave the house.", "company confidential"),
            (
                "the attached presentation contains trade secrets; this report contains trade secret information",
                "trade secret",
            ),
            ("This e-mail is confidential.", "confidential"),
            ("TLP:RED", "TLP:RED"),
            ("[TLP:AMBER+STRICT] Incident 7", "TLP:AMBER+STRICT"),
            ("TOP SECRET//SI//NOFORN", "TOP SECRET//SI//NOFORN"),
            ("(S//NF) The convoy leaves at dawn.", "(S//NF)"),
            ("VS-NfD", "VS-NfD"),
            ("VS-NUR FÜR DEN DIENSTGEBRAUCH", "VS-NUR FÜR DEN DIENSTGEBRAUCH"),
            ("OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE"),
            ("Streng vertraulich", "Streng vertraulich"),
            ("Nur für den internen Gebrauch", "Nur für den internen Gebrauch"),
            (
                "// Unauthorized copying of this file, via any medium is strictly prohibited",
                "Unauthorized copying of this file",
            ),
            ("Privileged & Confidential", "Privileged & Confidential"),
        ] {
            assert!(found(text).contains(&expected.to_owned()), "{text:?} {:?}", found(text));
        }
    }

    #[test]
    fn texts_about_confidentiality_are_not_marked() {
        for text in [
            "An article about confidentiality and how to keep it.",
            "Employees should label documents internal use only if they name a client.",
            "What does confidential mean, and who may say so of a file?",
            "They kept it strictly confidential until the day of the wedding, she said.",
            "Confidential computing protects data in use.",
            "This article is about confidential computing.",
            "This information is not confidential.",
            "The recipe is a trade secret of the house, and always was one.",
            "TLP:RED means that recipients may not share the information, and TLP:CLEAR that they may.",
            "TLP:GREEN",
            "He works on proprietary information systems for the state.",
            "The court held that the secret was top secret no more.",
            "You may not distribute copies; do not distribute binaries without the licence text, please.",
            "official sensitive topics",
            "an unauthorized copying machine",
            "confidential",
            "The file was marked top secret in 1961 by people who are dead.",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text:?}");
        }
    }
}
