//! From documents to a model's file.

use crate::crf::{Crf, Scores, Sentence};
use crate::document::Document;
use crate::random::Random;
use detect::training::{LABEL_COUNT, Lists, model_file, segments};

/// Bits of a row's index: 65,536 rows of 14 bytes.
pub const ROW_BITS: u32 = 16;
/// Units of the file that make a factor of e in likelihood; weights of up to 30 fit.
pub const UNIT: i16 = 1000;
/// One name in so many is told to nobody: of a hundred.
const HIDDEN_PERCENT: usize = 12;

/// The segments of documents with their labels.
#[must_use]
pub fn sentences(documents: &[Document], lists: &Lists, seed: u64) -> Vec<Sentence> {
    let mut random = Random::new(seed);
    let mut made = Vec::new();
    for document in documents {
        let hides_all = random.percent(HIDDEN_PERCENT);
        let hide = |at: usize| {
            if hides_all || document.hidden.iter().any(|hidden| hidden.0 <= at && at < hidden.1) { u16::MAX } else { 0 }
        };
        for words in segments(&document.text, lists, seed, ROW_BITS, hide) {
            let mut before = 0;
            let label = |word: &detect::training::Example| {
                before = document.label(word.start, word.end, before);
                before
            };
            let labels = words.iter().map(label).collect();
            made.push((words, labels));
        }
    }
    made
}

/// The file of trained weights.
#[must_use]
pub fn file(crf: &Crf, lists: &Lists, seed: u64) -> Vec<u8> {
    let row = |scores: &Scores| -> [i16; LABEL_COUNT] { scores.map(units) };
    let rows: Vec<_> = crf.rows.iter().map(row).collect();
    let transitions: Vec<_> = crf.transitions.iter().map(row).collect();
    model_file(lists, seed, UNIT, &transitions, &rows)
}

/// A weight in the units of the file.
#[expect(clippy::cast_possible_truncation, reason = "clamped")]
fn units(weight: f32) -> i16 {
    (weight * f32::from(UNIT)).round().clamp(-32_767.0, 32_767.0) as i16
}
