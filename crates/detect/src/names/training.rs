//! What the trainer needs of the tagger: the same words and features as at run time, and the file.

use super::decode::{Lattice, is_plain};
use super::feature::{Context, FEATURE_COUNT, Label, Sentence, hash_of};
use super::model::{Gazetteer, KIND_BITS, LANES, Model, Seen, emit, row_of};
use super::segment::{Segment, segment};
use super::word::{self, Word};
use super::{LOCATION, Names, ORGANIZATION, PERSON, PERSON_CONTEXT, Progress, RULES};
use crate::entity::Finding;
use crate::trigger::Sink;
use crate::window::Window;
use std::collections::BTreeMap;

/// The labels: outside, then beginning and inside of persons, organisations and places.
pub const LABEL_COUNT: usize = super::model::LABEL_COUNT;

/// True if a word with label `to` may stand behind one with `from`.
#[must_use]
pub const fn may_follow(from: usize, to: usize) -> bool {
    super::decode::may_follow(from, to)
}

/// Kinds of words that [`Lists`] may know: bits.
pub mod kind {
    use crate::names::model::kind;

    /// A given name.
    pub const FIRST: u16 = kind::FIRST;
    /// A surname.
    pub const LAST: u16 = kind::LAST;
    /// Part of a city's name.
    pub const CITY: u16 = kind::CITY;
    /// Part of the name of a country or state.
    pub const REGION: u16 = kind::REGION;
    /// A common word of English.
    pub const COMMON: u16 = kind::COMMON;
}

/// Known words and their kinds.
#[derive(Debug)]
pub struct Lists(Gazetteer);

impl Lists {
    /// Compiles words and their kinds, of which the words of a name count one by one, and words and
    /// the numbers of their clusters, 1 to 2047.
    #[must_use]
    pub fn new<'a>(
        known: impl Iterator<Item = (&'a str, u16)>,
        clusters: impl Iterator<Item = (&'a str, u16)>,
    ) -> Self {
        let mut kinds: BTreeMap<u64, u16> = BTreeMap::new();
        for (name, kind) in known {
            for word in name.split([' ', '.']).filter(|word| !word.is_empty()) {
                *kinds.entry(hash_of(word)).or_default() |= kind;
            }
        }
        for (word, cluster) in clusters {
            let known = kinds.entry(hash_of(word)).or_default();
            *known = *known & ((1 << KIND_BITS) - 1) | cluster << KIND_BITS;
        }
        Self(Gazetteer::new(&kinds))
    }
}

/// The features that are learned from.
#[derive(Debug)]
pub struct Features(Seen);

/// Bits of a place in the map of features: two million of them would be a half.
const PLACE_BITS: u32 = 22;

/// Places in the map of features; those that share one are learned from together or not at all.
pub const PLACE_COUNT: usize = 1 << PLACE_BITS;

impl Features {
    /// Those that training sees more than once.
    #[must_use]
    pub fn count(all: impl Iterator<Item = u64>) -> Self {
        let mut counts = vec![0_u8; PLACE_COUNT];
        for feature in all {
            if let Some(count) = counts.get_mut(Seen::place(feature, PLACE_BITS)) {
                *count = count.saturating_add(1);
            }
        }
        Self::choose(|place| counts.get(place).is_some_and(|count| *count > 1))
    }

    /// Those at the places that `is_chosen` names.
    #[must_use]
    pub fn choose(is_chosen: impl Fn(usize) -> bool) -> Self {
        Self(Seen::new(PLACE_BITS, is_chosen))
    }

    /// The place of a feature in the map, if it is learned from.
    #[must_use]
    pub fn place(&self, feature: u64) -> Option<usize> {
        self.0.has(feature).then(|| Seen::place(feature, PLACE_BITS))
    }

    /// The row of a feature, if it is learned from.
    #[must_use]
    pub fn row(&self, feature: u64, row_bits: u32) -> Option<usize> {
        self.0.has(feature).then(|| row_of(feature, row_bits))
    }
}

/// One word of a document and its features.
#[derive(Clone, Debug)]
pub struct Example {
    /// Offsets in the document.
    pub start: usize,
    /// Behind its last byte.
    pub end: usize,
    /// True for one that the tagger takes for no part of a name without a look at its features.
    pub is_plain: bool,
    /// What is known of it.
    pub features: [u64; FEATURE_COUNT],
}

/// The segments of a document, a leaf that ends with it; what the lists know of a word is hidden if `hide`,
/// given its place in the document, says so.
pub fn segments(document: &[u8], lists: &Lists, seed: u64, mut hide: impl FnMut(usize) -> bool) -> Vec<Vec<Example>> {
    let mut found = Vec::new();
    each_segment(document, &lists.0, |base, context, text, words| {
        for word in words.iter_mut() {
            if hide(base + usize::from(word.start)) {
                (word.kinds, word.cluster) = (0, 0);
            }
        }
        let sentence = Sentence::new(context, text, words, seed);
        let mut label = Label::default();
        let examples = words.iter().enumerate().map(|(index, word)| {
            label = sentence.label(index, label);
            let (mut features, mut next) = ([0; FEATURE_COUNT], 0);
            sentence.each_feature(index, label, |feature| {
                if let Some(place) = features.get_mut(next) {
                    *place = feature;
                }
                next += 1;
            });
            let (start, end) = (base + usize::from(word.start), base + usize::from(word.end));
            Example { start, end, is_plain: is_plain(word), features }
        });
        found.push(examples.collect());
    });
    found
}

fn each_segment(document: &[u8], gazetteer: &Gazetteer, mut visit: impl FnMut(usize, &Context, &[u8], &mut [Word])) {
    let mut text = document.to_vec();
    text.push(crate::window::BOUNDARY);
    let window = Window::open(&text);
    let (mut context, mut words, mut at) = (Context::default(), Vec::new(), 0);
    while let Ok(Some(Segment { start, end, next, separator })) = segment(&window, at) {
        let line = text.get(start..end).unwrap_or_default();
        words.clear();
        word::read(line, gazetteer, &mut words);
        context.open(&mut words);
        visit(start, &context, line, &mut words);
        let behind = words.last().map_or(0, |word| usize::from(word.end));
        context.follow(&words, line.get(behind..).unwrap_or_default(), separator);
        at = next;
    }
}

/// The file of a model with these scores, already in the units of the file.
#[must_use]
pub fn model_file(
    lists: &Lists,
    features: &Features,
    (seed, unit): (u64, i16),
    transitions: &[[i16; LABEL_COUNT]],
    rows: &[[i8; LABEL_COUNT]],
) -> Vec<u8> {
    emit::file(&lists.0, &features.0, (seed, unit), &padded(transitions), &padded(rows))
}

/// Scores in as many lanes as they have in memory.
fn padded<T: Copy + Default>(rows: &[[T; LABEL_COUNT]]) -> Vec<[T; LANES]> {
    let pad = |row: &[T; LABEL_COUNT]| core::array::from_fn(|label| row.get(label).copied().unwrap_or_default());
    rows.iter().map(pad).collect()
}

/// The detector of names as it would be with another model.
#[derive(Debug)]
pub struct Detector(Names);

impl Detector {
    /// Reads a model's file, for the rest of the program's life; `None` if it is none.
    #[must_use]
    pub fn parse(file: &[u8]) -> Option<Self> {
        let model = Box::leak(Box::new(Model::parse(file)?));
        Some(Self(Names { model, first_id: 0, reports: [true; RULES.len()] }))
    }

    /// What it finds in a document: start, end, and kind: 0 for persons, 1 for organisations, 2 for places.
    #[must_use]
    pub fn found(&self, document: &[u8]) -> Vec<(usize, usize, usize)> {
        let mut text = document.to_vec();
        text.push(crate::window::BOUNDARY);
        let (mut found, mut visits) = (Vec::new(), 0);
        let mut sink = Sink { found: &mut found, base: 0, visits: &mut visits };
        self.0.scan(&Window::open(&text), &mut Progress::default(), &mut sink);
        let place = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
        let kind = |finding: &Finding| match finding.detector.index() {
            PERSON | PERSON_CONTEXT => Some(0),
            ORGANIZATION => Some(1),
            LOCATION => Some(2),
            _ => None,
        };
        found.iter().filter_map(|it| Some((place(it.start), place(it.end), kind(it)?))).collect()
    }
}

/// A model that was read from its file.
#[derive(Debug)]
pub struct Tagger {
    model: Model,
    lattice: Lattice,
}

impl Tagger {
    /// Reads a model's file; `None` if it is none.
    #[must_use]
    pub fn parse(file: &[u8]) -> Option<Self> {
        Some(Self { model: Model::parse(file)?, lattice: Lattice::default() })
    }

    /// The labels of a document's words: start, end, label.
    pub fn labels(&mut self, document: &[u8]) -> Vec<(usize, usize, usize)> {
        let (Self { model, lattice }, mut found) = (self, Vec::new());
        each_segment(document, &model.gazetteer, |base, context, text, words| {
            lattice.tag(model, context, text, words);
            let place = |word: &Word| (base + usize::from(word.start), base + usize::from(word.end));
            let placed = words.iter().map(place).zip(&lattice.labels);
            found.extend(placed.map(|((start, end), label)| (start, end, *label)));
        });
        found
    }
}
