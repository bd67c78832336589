//! From documents to a model's file.

use crate::crf::{Crf, Scores, Sentence};
use crate::document::Document;
use crate::random::Random;
use detect::training::{Example, Features, Lists, model_file, segments};

/// Bits of a row's index: 131,072 rows of 14 bytes.
pub const ROW_BITS: u32 = 17;
/// Units of the file that make a factor of e in likelihood; weights of up to 30 fit.
pub const UNIT: i16 = 1000;
/// One name in so many is told to nobody: of a hundred.
const HIDDEN_PERCENT: usize = 12;
/// How much likelier a person begins than training says, as a natural logarithm: a name that is missed
/// costs more than one too many, and with this both are as frequent in the texts held out.
const PERSON_BIAS: f32 = 0.6;
/// The label of a person's first word.
const PERSON: usize = 1;

/// Words and labels of a segment.
type Segment = (Vec<Example>, Vec<usize>);

/// What there is to learn from: the features that count, and all segments in them.
#[derive(Debug)]
pub struct Lessons {
    /// The features that count.
    pub features: Features,
    /// The segments.
    pub sentences: Vec<Sentence>,
    /// The row of what every word has.
    constant: Option<u32>,
}

impl Lessons {
    /// The segments of documents with their labels.
    #[must_use]
    pub fn new(documents: &[Document], lists: &Lists, seed: u64) -> Self {
        let segments = read(documents, lists, seed);
        let words = || segments.iter().flat_map(|(words, _)| words);
        let features = Features::count(words().flat_map(|word| word.features));
        let constant = words().next().and_then(|word| row(&features, *word.features.first()?));
        let sentence = |(words, labels): Segment| (rows(&features, &words), labels);
        Self { sentences: segments.into_iter().map(sentence).collect(), constant, features }
    }

    /// Weights that were trained by so many rounds of these lessons.
    #[must_use]
    pub fn train(&self, epochs: usize, seed: u64) -> Crf {
        let mut crf = Crf::new(ROW_BITS);
        crf.train(&self.sentences, epochs, seed);
        let constant = self.constant.and_then(|row| crf.rows.get_mut(row as usize));
        if let Some(score) = constant.and_then(|row| row.get_mut(PERSON)) {
            *score += PERSON_BIAS;
        }
        crf
    }

    /// The file of such weights.
    #[must_use]
    pub fn file(&self, crf: &Crf, lists: &Lists, seed: u64) -> Vec<u8> {
        let rows: Vec<_> = crf.rows.iter().map(|scores: &Scores| scores.map(units)).collect();
        let transitions: Vec<_> = crf.transitions.iter().map(|scores: &Scores| scores.map(units)).collect();
        model_file(lists, &self.features, (seed, UNIT), &transitions, &rows)
    }
}

/// The rows of the features that count, by word.
#[must_use]
pub fn rows(features: &Features, words: &[Example]) -> Vec<Vec<u32>> {
    words.iter().map(|word| word.features.iter().filter_map(|feature| row(features, *feature)).collect()).collect()
}

fn row(features: &Features, feature: u64) -> Option<u32> {
    features.row(feature, ROW_BITS).and_then(|row| u32::try_from(row).ok())
}

fn read(documents: &[Document], lists: &Lists, seed: u64) -> Vec<Segment> {
    let mut random = Random::new(seed);
    let mut made = Vec::new();
    for document in documents {
        let hides_all = random.percent(HIDDEN_PERCENT);
        let hide = |at: usize| hides_all || document.hidden.iter().any(|hidden| hidden.0 <= at && at < hidden.1);
        for words in segments(&document.text, lists, seed, hide) {
            let mut before = 0;
            let label = |word: &Example| {
                before = document.label(word.start, word.end, before);
                before
            };
            let labels = words.iter().map(label).collect();
            made.push((words, labels));
        }
    }
    made
}

/// A weight in the units of the file.
#[expect(clippy::cast_possible_truncation, reason = "clamped")]
fn units(weight: f32) -> i16 {
    (weight * f32::from(UNIT)).round().clamp(-32_767.0, 32_767.0) as i16
}
