//! From documents to a model's file.

use crate::crf::{Crf, Fact, Scores, Sentence};
use crate::document::Document;
use crate::random::Random;
use detect::training::{Example, Features, LABEL_COUNT, Lists, may_follow, model_file, segments};

/// Bits of a row's index: 262,144 rows of 7 bytes.
pub const ROW_BITS: u32 = 18;
/// Units of the file that make a factor of e in likelihood; weights of up to 3 fit into a byte.
pub const UNIT: i16 = 40;
/// One name in so many is told to nobody: of a hundred.
const HIDDEN_PERCENT: usize = 12;
/// How much likelier a person begins than training says, as a natural logarithm: the detector passes on what it is sure
/// enough of only, and with this recall and precision are alike in the texts held out. In texts more like those that were
/// learned from (`--fold`) recall is the better one.
const PERSON_BIAS: f32 = 1.45;
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
    constant: Option<usize>,
}

impl Lessons {
    /// The segments of documents, each of a weight, with their labels.
    #[must_use]
    pub fn new(documents: &[(f32, Document)], lists: &Lists, seed: u64) -> Self {
        let segments = read(documents, lists, seed);
        let words = || segments.iter().flat_map(|(_, (words, _))| words).filter(|word| !word.is_plain);
        let features = Features::count(words().flat_map(|word| word.features));
        let constant = words().next().and_then(|word| features.row(*word.features.first()?, ROW_BITS));
        let sentence = |(weight, (words, labels)): (f32, Segment)| {
            let words = facts(&features, &words, &labels);
            Sentence { words, weight }
        };
        let sentences = segments.into_iter().map(sentence).collect();
        Self { sentences, constant, features }
    }

    /// Weights that were trained by so many rounds of these lessons.
    #[must_use]
    pub fn train(&self, epochs: usize, seed: u64) -> Crf {
        let mut crf = Crf::new(1 << ROW_BITS);
        crf.train(&self.sentences, epochs, seed);
        if let Some(row) = self.constant {
            crf.lean(row, PERSON, PERSON_BIAS);
        }
        crf
    }

    /// The file of such weights.
    #[must_use]
    pub fn file(&self, crf: &Crf, lists: &Lists, seed: u64) -> Vec<u8> {
        let rows: Vec<_> = crf.rows().map(|scores| units(scores).map(byte)).collect();
        let transitions: Vec<_> = crf.transitions().map(units).collect();
        model_file(lists, &self.features, (seed, UNIT), &transitions, &rows)
    }
}

/// What is learned of words and their labels. One that no name can hold is outside, and the next begins another.
#[must_use]
pub fn facts(features: &Features, words: &[Example], labels: &[usize]) -> Vec<Fact> {
    let row = |feature: &u64| features.row(*feature, ROW_BITS).and_then(|row| u32::try_from(row).ok());
    let mut before = 0;
    let fact = |(word, label): (&Example, &usize)| {
        let label = match *label {
            _ if word.is_plain => 0,
            inside if !may_follow(before, inside) => inside - 1,
            label => label,
        };
        before = label;
        Fact { rows: (!word.is_plain).then(|| word.features.iter().filter_map(row).collect()), label }
    };
    words.iter().zip(labels).map(fact).collect()
}

fn read(documents: &[(f32, Document)], lists: &Lists, seed: u64) -> Vec<(f32, Segment)> {
    let mut random = Random::new(seed);
    let mut made = Vec::new();
    for (weight, document) in documents {
        let hides_all = random.percent(HIDDEN_PERCENT);
        let hide = |at: usize| hides_all || document.hidden.iter().any(|hidden| hidden.0 <= at && at < hidden.1);
        for words in segments(&document.text, lists, seed, hide) {
            let mut before = 0;
            let label = |word: &Example| {
                before = document.label(word.start, word.end, before);
                before
            };
            let labels = words.iter().map(label).collect();
            made.push((*weight, (words, labels)));
        }
    }
    made
}

/// Weights in the units of the file.
#[expect(clippy::cast_possible_truncation, reason = "clamped")]
fn units(weights: &Scores) -> [i16; LABEL_COUNT] {
    let unit = |weight: f32| (weight * f32::from(UNIT)).round().clamp(-32_767.0, 32_767.0) as i16;
    core::array::from_fn(|label| weights.get(label).map_or(0, |weight| unit(*weight)))
}

/// The nearest number that a byte holds.
fn byte(score: i16) -> i8 {
    i8::try_from(score).unwrap_or(if score < 0 { i8::MIN } else { i8::MAX })
}
