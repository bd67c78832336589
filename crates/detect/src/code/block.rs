//! SOURCE_CODE: program text, and a guess of its language.
//!
//! Lines are scored one by one ([`score`](super::score)). Lines of code in a row make a block, which
//! may have a few blank lines, comments and single lines of text in it. A block is a finding when
//! it has [`LINES_MIN`] lines of code, enough points, and lines that only a program has; so a
//! snippet within a sentence, a log, a table or configuration is none. Lines between fences that
//! name a language need less. A finding is reported when its language has had [`GUESS_LINES`] to
//! show itself, and goes on line by line from there.

use super::language::{self, COUNT, Fence, OTHER};
use super::score::{Kind, Scorer, kind};
use super::{LINE_BYTES_MAX, PENDING_BYTES_MAX};
use crate::trigger::{Sink, id};
use crate::window::Match;

/// Lines of code of a block; between fences one fewer.
const LINES_MIN: u32 = 4;

/// Points of all its lines.
const POINTS_MIN: u32 = 10;

/// Points of its language alone, where [`STRONG_LINES_MIN`] lines have [`STRONG_POINTS`] for one.
const LANGUAGE_POINTS_MIN: u32 = 6;
const STRONG_POINTS: u8 = 3;
const STRONG_LINES_MIN: u32 = 2;

/// Lines that have the form of code, so many [`FORM_POINTS`], which do without a language.
const FORM_LINES_MIN: u32 = 4;
const FORM_POINTS: u8 = 3;

/// Points below which the language is not guessed.
const GUESS_POINTS_MIN: u32 = 3;

/// Points of a line for the language that a fence names.
const FENCE_POINTS: u8 = 4;

/// Lines after which the language is guessed.
const GUESS_LINES: u32 = 16;

/// Lines that are no code in a row, within a block.
const TEXT_LINES_MAX: u32 = 2;
const BLANK_LINES_MAX: u32 = 3;

/// How sure a block is.
const PERCENT: u8 = 85;

#[derive(Clone, Copy, Debug, Default)]
struct Block {
    start: u64,
    /// End of its last line of code.
    end: u64,
    code_lines: u32,
    strong_lines: u32,
    form_lines: u32,
    text_lines: u32,
    points: u32,
    languages: [u32; COUNT],
    /// Lines without code since the last one with it.
    text_gap: u32,
    blank_gap: u32,
    /// The language, and up to where it has been reported.
    reported: Option<(usize, u64)>,
}

/// Where the search for code stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Blocks {
    block: Option<Block>,
    fence: Option<Fence>,
    /// The line before was a piece of a line that is no code: so is the rest of it.
    in_text: bool,
}

impl Blocks {
    /// The first offset that a finding to come may have.
    pub(super) fn hold(&self) -> Option<u64> {
        self.block.as_ref().map(|block| block.reported.map_or(block.start, |(_, end)| end))
    }

    /// Ends the leaf.
    pub(super) fn leaf_ended(&mut self, first_id: u16, sink: &mut Sink<'_>) {
        self.close(first_id, sink);
        self.fence = None;
    }

    /// Takes a line with so many marks of code that stands at these offsets.
    pub(super) fn line(
        &mut self,
        scorer: &Scorer,
        line: &[u8],
        marks: usize,
        (start, end): (u64, u64),
        first_id: u16,
        sink: &mut Sink<'_>,
    ) {
        if self.hold().is_some_and(|hold| hold + PENDING_BYTES_MAX as u64 <= start) {
            self.close(first_id, sink);
        }
        let bare = line.trim_ascii_start();
        let indent = line.len() - bare.len();
        let bare = bare.trim_ascii_end();
        if let Some(fence) = language::fence(bare) {
            self.close(first_id, sink);
            self.fence = if self.fence.is_some() { None } else { Some(fence) };
            return;
        }
        let continues_text = core::mem::take(&mut self.in_text);
        let within = self.block.as_ref().is_some_and(|block| block.reported.is_some());
        let named = match self.fence {
            Some(Fence::Other) => return,
            Some(Fence::Language(language)) => Some(language),
            Some(Fence::Unnamed) | None => None,
        };
        let kind = if continues_text { Kind::Text } else { kind(bare, indent, marks, within) };
        self.in_text = line.len() == LINE_BYTES_MAX && kind != Kind::Code;
        match kind {
            Kind::Blank => self.gap(|block| block.blank_gap += 1, first_id, sink),
            Kind::Text => self.gap(|block| block.text_gap += 1, first_id, sink),
            Kind::Neutral => {
                if let Some(block) = &mut self.block
                    && matches!(bare.first(), Some(b')' | b']' | b'}' | b'{'))
                {
                    (block.end, block.text_gap, block.blank_gap) = (end, 0, 0);
                    block.report(first_id, sink);
                }
            }
            Kind::Code if within => self.extend(end, first_id, sink),
            Kind::Code => self.code(scorer, bare, (named, marks), (start, end), first_id, sink),
        }
    }

    fn gap(&mut self, count: impl Fn(&mut Block), first_id: u16, sink: &mut Sink<'_>) {
        let Some(block) = &mut self.block else { return };
        count(block);
        if block.text_gap > TEXT_LINES_MAX || block.blank_gap > BLANK_LINES_MAX {
            self.close(first_id, sink);
        }
    }

    fn extend(&mut self, end: u64, first_id: u16, sink: &mut Sink<'_>) {
        if let Some(block) = &mut self.block {
            (block.end, block.text_gap, block.blank_gap) = (end, 0, 0);
            block.report(first_id, sink);
        }
    }

    fn code(
        &mut self,
        scorer: &Scorer,
        line: &[u8],
        (named, marks): (Option<usize>, usize),
        (start, end): (u64, u64),
        first_id: u16,
        sink: &mut Sink<'_>,
    ) {
        let mut score = scorer.score(line, marks);
        if let Some(points) = named.and_then(|language| score.languages.get_mut(language)) {
            *points += FENCE_POINTS;
            score.points += FENCE_POINTS;
        }
        if score.points == 0 {
            return self.gap(|block| block.text_gap += 1, first_id, sink);
        }
        let block = self.block.get_or_insert_with(|| Block { start, ..Block::default() });
        block.end = end;
        block.code_lines += 1;
        block.text_lines += block.text_gap;
        (block.text_gap, block.blank_gap) = (0, 0);
        block.points += u32::from(score.points);
        let most = score.languages.iter().copied().max().unwrap_or(0);
        block.strong_lines += u32::from(most >= STRONG_POINTS);
        block.form_lines += u32::from(score.form >= FORM_POINTS);
        for (sum, points) in block.languages.iter_mut().zip(score.languages) {
            *sum += u32::from(points);
        }
        if block.code_lines >= GUESS_LINES && block.is_finding(named.is_some()) {
            block.guess();
            block.report(first_id, sink);
        }
    }

    fn close(&mut self, first_id: u16, sink: &mut Sink<'_>) {
        let in_fence = matches!(self.fence, Some(Fence::Language(_)));
        if let Some(mut block) = self.block.take()
            && block.reported.is_none()
            && block.is_finding(in_fence)
        {
            block.guess();
            block.report(first_id, sink);
        }
    }
}

impl Block {
    fn is_finding(&self, in_fence: bool) -> bool {
        let most = self.languages.iter().copied().max().unwrap_or(0);
        self.code_lines >= LINES_MIN - u32::from(in_fence)
            && self.points >= POINTS_MIN
            && (most >= LANGUAGE_POINTS_MIN && self.strong_lines >= STRONG_LINES_MIN
                || self.form_lines >= FORM_LINES_MIN)
            && self.text_lines <= self.code_lines / 2
    }

    /// Settles the language: the one with most points, the first of equal ones; the last of all, which
    /// is none of them, if that says too little.
    fn guess(&mut self) {
        let most = self.languages.iter().enumerate().rev().max_by_key(|(_, points)| **points);
        let language = most
            .filter(|(_, points)| **points >= GUESS_POINTS_MIN)
            .map_or(OTHER.trailing_zeros() as usize, |(language, _)| language);
        self.reported = Some((language, self.start));
    }

    /// Reports what has come since the last report.
    fn report(&mut self, first_id: u16, sink: &mut Sink<'_>) {
        let Some((language, from)) = &mut self.reported else { return };
        if self.end <= *from {
            return;
        }
        let place = |offset: u64| usize::try_from(offset.saturating_sub(sink.base)).unwrap_or(usize::MAX);
        let found = Match::new(place(*from), place(self.end), 0, PERCENT);
        sink.push(id(first_id, *language), &found, *from != self.start);
        *from = self.end;
    }
}
