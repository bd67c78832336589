//! Runs of grams of one set: what of a stream is from the owner's tree.
//!
//! A gram that the set holds opens a run; grams that overlap it or stand close behind extend it.
//! A run is a finding once it is long enough that chance and idiom do not explain it. Its range is
//! whole lines, reported line by line as it grows.

use super::PENDING_BYTES_MAX;
use super::reader::Reader;
use super::winnow::{GRAM_WORDS, Gram, WINDOW_GRAMS};
use crate::entity::DetectorId;
use crate::trigger::Sink;
use crate::window::Match;

/// Grams of a run: one alone may be chance.
const GRAMS_MIN: u32 = 2;

/// What a run must have, by how many lines it is in (one, two, more): words, and bytes of those that
/// are not in everybody's code. The more lines agree, the less of each is idiom.
const ENOUGH: [(u64, u64); 3] = [(14, 60), (10, 30), (8, 16)];

/// Bytes of a usual line: a longer one counts as several, whose breaks were lost.
const LINE_BYTES_USUAL: u64 = 48;

/// Words that may be others within a run.
const GAP_WORDS_MAX: u64 = GRAM_WORDS as u64;

/// How sure a run is.
const PERCENT: u8 = 95;

#[derive(Clone, Copy, Debug)]
struct Run {
    /// Offset of its first line, and that line's number.
    start: u64,
    first_line: u64,
    /// Words before its end, and how many of them are covered by grams.
    end_word: u64,
    words: u64,
    grams: u32,
    weight: u64,
    /// End of its last line, and that line's number.
    end: u64,
    last_line: u64,
    /// Up to where it has been reported.
    reported: Option<u64>,
}

/// Where the search for one set stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Track {
    run: Option<Run>,
}

impl Track {
    /// Takes a gram that the set holds.
    pub(super) fn hit(&mut self, gram: &Gram) {
        let end_word = gram.first_word + GRAM_WORDS as u64;
        let run = match &mut self.run {
            Some(run) if gram.first_word <= run.end_word + GAP_WORDS_MAX => run,
            run => run.insert(Run {
                start: gram.first_line.start,
                first_line: gram.first_line.number,
                end_word: gram.first_word,
                words: 0,
                grams: 0,
                weight: 0,
                end: 0,
                last_line: 0,
                reported: None,
            }),
        };
        let new_words = end_word - run.end_word.max(gram.first_word).min(end_word);
        // A gram that overlaps adds its share of the weight.
        run.weight += u64::from(gram.weight) * new_words / GRAM_WORDS as u64;
        run.words += new_words;
        run.grams += 1;
        (run.end_word, run.end, run.last_line) = (end_word, gram.last_line.end, gram.last_line.number);
    }

    /// Reports what a line added, and forgets a run that nothing can extend any more.
    pub(super) fn line_ended(&mut self, reader: &Reader, id: DetectorId, sink: &mut Sink<'_>) {
        let Some(run) = &mut self.run else { return };
        run.report(id, sink);
        let reach = run.end_word + GAP_WORDS_MAX + (GRAM_WORDS + WINDOW_GRAMS) as u64;
        if reader.words() > reach {
            self.run = None;
        }
    }

    /// Forgets a run that reaches back too far from a line that starts here.
    pub(super) fn forget_old(&mut self, start: u64) {
        if self.run.is_some_and(|run| run.held() + PENDING_BYTES_MAX as u64 <= start) {
            self.run = None;
        }
    }

    /// Forgets the run.
    pub(super) fn restart(&mut self) {
        self.run = None;
    }

    /// The first offset that a finding to come may have.
    pub(super) fn hold(&self) -> Option<u64> {
        self.run.map(|run| run.held())
    }
}

impl Run {
    fn held(&self) -> u64 {
        self.reported.unwrap_or(self.start)
    }

    fn is_finding(&self) -> bool {
        let wrapped = (self.end - self.start) / LINE_BYTES_USUAL;
        let more_lines = usize::try_from(wrapped.max(self.last_line - self.first_line)).unwrap_or(usize::MAX);
        let enough = ENOUGH.get(more_lines).or(ENOUGH.last()).copied().unwrap_or_default();
        self.grams >= GRAMS_MIN && self.words >= enough.0 && self.weight >= enough.1
    }

    fn report(&mut self, id: DetectorId, sink: &mut Sink<'_>) {
        let start = self.held();
        if self.end <= start || !self.is_finding() {
            return;
        }
        let place = |offset: u64| usize::try_from(offset.saturating_sub(sink.base)).unwrap_or(usize::MAX);
        let found = Match::new(place(start), place(self.end), 0, PERCENT);
        sink.push(id, &found, self.reported.is_some());
        self.reported = Some(self.end);
    }
}
