//! The best labels of a segment's words, and by how much they beat the others.
//!
//! Each word's score for a label is the sum of its features' rows; a label's score behind another
//! comes from the transitions. The best sequence is found by Viterbi's algorithm. The same walk
//! backwards gives, for each word and label, the score of the best sequence through it; the
//! distance between the labels there is the *margin*.

use super::feature::{Context, Label, Sentence};
use super::model::{LABEL_COUNT, LANES, Model, Step, Sums, kind};
use super::word::{Case, Word};

/// Scores of a word's labels.
pub(crate) type Scores = [i32; LANES];

/// A score that no sum of others makes good.
pub(crate) const NEVER: i32 = i32::MIN / 4;

/// The label of words that are part of no name.
pub(crate) const OUTSIDE: usize = 0;

/// Scores of a word that is part of no name.
const PLAIN: Scores = {
    let mut scores = [NEVER / 4; LANES];
    scores[OUTSIDE] = 0;
    scores
};

/// Bytes of a common word from which on it is in no name when it is written small: `of` may be.
const PLAIN_BYTES_MIN: u16 = 4;

/// True for a common word in small letters, and no name: half of all words in prose, which need no
/// features.
pub(crate) fn is_plain(word: &Word) -> bool {
    word.case == Case::Lower && word.kinds == kind::COMMON && word.end - word.start >= PLAIN_BYTES_MIN
}

/// True for the label of a word that begins a name.
pub(crate) const fn begins(label: usize) -> bool {
    label % 2 == 1
}

/// True if a word with label `to` may stand behind one with `from`.
pub(crate) const fn may_follow(from: usize, to: usize) -> bool {
    to == OUTSIDE || begins(to) || from == to || from + 1 == to
}

/// The scores of steps: by the later label, and by the earlier one.
#[derive(Debug)]
pub(crate) struct Steps {
    into: [Scores; LANES],
    from: [Scores; LANES],
}

impl Steps {
    /// Those of a model's transitions, given by the later label.
    pub(crate) fn new(transitions: &[Step; LANES]) -> Self {
        let score = |from: usize, to: usize| {
            let real = from < LABEL_COUNT && to < LABEL_COUNT && may_follow(from, to);
            let given = transitions.get(to).and_then(|row| row.get(from)).copied().unwrap_or(0);
            if real { i32::from(given) } else { NEVER }
        };
        let matrix = |score: &dyn Fn(usize, usize) -> i32| {
            core::array::from_fn(|one| core::array::from_fn(|other| score(one, other)))
        };
        Self { into: matrix(&|to, from| score(from, to)), from: matrix(&|from, to| score(from, to)) }
    }
}

/// Buffers of a tagger; they grow to the longest segment and stay.
#[derive(Debug, Default)]
pub(crate) struct Lattice {
    emissions: Vec<Scores>,
    forward: Vec<Scores>,
    backward: Vec<Scores>,
    /// For each word and label, the label before it in the best sequence.
    origins: Vec<[u8; LANES]>,
    /// The best labels.
    pub(crate) labels: Vec<usize>,
}

impl Lattice {
    /// Labels the words of a segment, whose text is `text`.
    pub(crate) fn tag(&mut self, model: &Model, context: &Context, text: &[u8], words: &[Word]) {
        self.emissions.clear();
        let sentence = Sentence::new(context, text, words, model.seed);
        let mut label = Label::default();
        for index in 0..words.len() {
            label = sentence.label(index, label);
            if words.get(index).is_some_and(is_plain) {
                self.emissions.push(PLAIN);
                continue;
            }
            let mut sums = Sums::default();
            sentence.each_feature(index, label, |feature| sums.add(model.row(feature)));
            self.emissions.push(sums.scores());
        }
        self.walk_forward(&model.steps);
        self.walk_backward(&model.steps);
        self.trace();
    }

    /// Labels nothing.
    pub(crate) fn clear(&mut self) {
        self.labels.clear();
    }

    fn walk_forward(&mut self, steps: &Steps) {
        self.forward.clear();
        self.origins.clear();
        // Before the first word stands what is outside.
        let mut before = [NEVER; LANES];
        before[OUTSIDE] = 0;
        for emission in &self.emissions {
            let (mut scores, mut origins) = ([NEVER; LANES], [0; LANES]);
            for (((score, origin), step), emission) in
                scores.iter_mut().zip(&mut origins).zip(&steps.into).zip(emission)
            {
                let (best, from) = best(&before, step);
                (*score, *origin) = (best.saturating_add(*emission), from);
            }
            self.forward.push(scores);
            self.origins.push(origins);
            before = scores;
        }
    }

    fn walk_backward(&mut self, steps: &Steps) {
        self.backward.clear();
        let mut behind = [0; LANES];
        for emission in self.emissions.iter().rev() {
            self.backward.push(behind);
            let onward: Scores = core::array::from_fn(|to| at(&behind, to).saturating_add(at(emission, to)));
            behind = core::array::from_fn(|from| steps.from.get(from).map_or(NEVER, |step| best(&onward, step).0));
        }
        self.backward.reverse();
    }

    /// Follows the origins back from the best last label.
    fn trace(&mut self) {
        self.labels.clear();
        let last = self.forward.last().copied().unwrap_or_default();
        let mut label = (0..LABEL_COUNT).rev().max_by_key(|label| at(&last, *label)).unwrap_or(OUTSIDE);
        for origins in self.origins.iter().rev() {
            self.labels.push(label);
            label = origins.get(label).map_or(OUTSIDE, |origin| usize::from(*origin));
        }
        self.labels.reverse();
    }

    /// The score of the best sequence in which the word at `index` has `label`.
    fn through(&self, index: usize, label: usize) -> i32 {
        let score = |rows: &[Scores]| rows.get(index).map_or(NEVER, |row| at(row, label));
        score(&self.forward).saturating_add(score(&self.backward))
    }

    /// By how much `label` at `index` beats the labels of other types and none.
    pub(crate) fn margin(&self, index: usize, label: usize) -> i32 {
        let other = |other: &usize| *other == OUTSIDE || other.div_ceil(2) != label.div_ceil(2);
        let others = (0..LABEL_COUNT).filter(other).map(|other| self.through(index, other));
        self.through(index, label).saturating_sub(others.max().unwrap_or(0))
    }

    /// Entries that the buffers have room for.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.emissions.capacity() + self.forward.capacity() + self.backward.capacity() + self.labels.capacity()
    }
}

#[inline]
fn at(scores: &Scores, label: usize) -> i32 {
    scores.get(label).copied().unwrap_or(NEVER)
}

/// The best sum of two rows and its place.
#[inline]
fn best(scores: &Scores, step: &Scores) -> (i32, u8) {
    let mut found = (NEVER, 0);
    for (place, (score, step)) in (0u8..).zip(scores.iter().zip(step)) {
        let sum = score.saturating_add(*step);
        if sum > found.0 {
            found = (sum, place);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lattice(emissions: &[[i32; LABEL_COUNT]]) -> Lattice {
        let steps = Steps::new(&[[0; LANES]; LANES]);
        let pad = |scores: &[i32; LABEL_COUNT]| core::array::from_fn(|label| scores.get(label).copied().unwrap_or(0));
        let mut lattice = Lattice { emissions: emissions.iter().map(pad).collect(), ..Lattice::default() };
        lattice.walk_forward(&steps);
        lattice.walk_backward(&steps);
        lattice.trace();
        lattice
    }

    #[test]
    fn a_name_does_not_go_on_where_none_began() {
        let lattice = lattice(&[[5, 0, 0, 0, 0, 0, 0], [0, 0, 9, 0, 0, 0, 0]]);
        assert_eq!(lattice.labels, [1, 2]);
        // Through the beginning 0 + 9, outside 5 + 0.
        assert_eq!(lattice.margin(0, 1), 4);
        assert_eq!(lattice.margin(1, 2), 4);
    }

    #[test]
    fn ties_are_no_names() {
        assert_eq!(lattice(&[[0; LABEL_COUNT]]).labels, [OUTSIDE]);
    }

    #[test]
    fn labels_follow_each_other_as_names_are_made() {
        assert!(may_follow(1, 2) && may_follow(2, 2) && may_follow(2, 1) && may_follow(4, 0));
        assert!(!may_follow(0, 2) && !may_follow(1, 4) && !may_follow(4, 6));
    }
}
