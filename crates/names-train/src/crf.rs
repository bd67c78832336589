//! A linear-chain conditional random field (Lafferty, McCallum, Pereira 2001), trained by stochastic
//! gradients with a step of its own for each weight (AdaGrad: Duchi, Hazan, Singer 2011).
//!
//! It has the shape of the perceptron's tagger, a score for each feature and label and one for each
//! pair of labels, but learns likelihoods, so that the distance between two labels' scores is a
//! measure of confidence.
//!
//! What is added up are likelihoods, not their logarithms: each word's are scaled so that they
//! neither vanish nor grow.

use crate::random::Random;
use detect::training::{LABEL_COUNT, may_follow};

/// Scores of the labels.
pub type Scores = [f32; LANES];

/// Numbers of a vector of the processor, of which the last is no label's.
const LANES: usize = LABEL_COUNT.next_power_of_two();

/// Scores of a label behind each, and so on for all labels.
type Matrix = [Scores; LANES];

/// A word that is learned from.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The rows of its features; `None` for a word that is part of no name whatever they say.
    pub rows: Option<Vec<u32>>,
    /// What it is.
    pub label: usize,
}

/// Words that are learned from together.
#[derive(Clone, Debug)]
pub struct Sentence {
    /// In their order.
    pub words: Vec<Fact>,
    /// How much it counts.
    pub weight: f32,
}

/// How far a weight goes at first.
const STEP: f32 = 0.12;
/// What keeps the first steps finite.
const STEP_SOFTNESS: f32 = 1.0;
/// How much of a weight is lost each time it is touched: it keeps rare features' weights small.
const DECAY: f32 = 2e-5;

/// Scores of a word of which nothing is known: in the lane that is no label's, what cannot be.
const IDLE: Scores = {
    let mut scores = [0.0; LANES];
    scores[LABEL_COUNT] = f32::NEG_INFINITY;
    scores
};

/// Likelihoods before the first word: there is no name.
const START: Scores = {
    let mut likelihoods = [0.0; LANES];
    likelihoods[0] = 1.0;
    likelihoods
};

/// Scores of a word that is part of no name.
const OUTSIDE: Scores = {
    let mut scores = [f32::NEG_INFINITY; LANES];
    scores[0] = 0.0;
    scores
};

/// Weights of one feature, or of one label behind each, and the sums of their squared gradients: both
/// lie in one line of the cache.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct Row {
    weights: Scores,
    squares: Scores,
}

impl Row {
    #[inline]
    fn move_towards(&mut self, wanted: &Scores) {
        for ((weight, square), wanted) in self.weights.iter_mut().zip(&mut self.squares).zip(wanted) {
            *square += wanted * wanted;
            *weight += STEP * wanted / (STEP_SOFTNESS + *square).sqrt() - DECAY * *weight;
        }
    }
}

/// Weights while they are trained.
#[derive(Debug)]
pub struct Crf {
    rows: Vec<Row>,
    /// By the later label, a score for each earlier one.
    transitions: [Row; LANES],
    likelihoods: Likelihoods,
}

/// Of a sentence's labels.
#[derive(Debug, Default)]
struct Likelihoods {
    /// By the words' features alone.
    emissions: Vec<Scores>,
    /// By all words up to each.
    forward: Vec<Scores>,
    /// By all words behind each.
    backward: Vec<Scores>,
    /// Of one label behind another: by the earlier one, and by the later.
    into: Matrix,
    from: Matrix,
}

impl Crf {
    /// Weights of nothing.
    #[must_use]
    pub fn new(row_count: usize) -> Self {
        let (rows, transitions) = (vec![Row::default(); row_count], [Row::default(); LANES]);
        Self { rows, transitions, likelihoods: Likelihoods::default() }
    }

    /// For each row, a score a label.
    pub fn rows(&self) -> impl Iterator<Item = &Scores> {
        self.rows.iter().map(|row| &row.weights)
    }

    /// By the later label, a score for each earlier one.
    pub fn transitions(&self) -> impl Iterator<Item = &Scores> {
        self.transitions.iter().take(LABEL_COUNT).map(|row| &row.weights)
    }

    /// Makes a label likelier wherever a row stands.
    pub fn lean(&mut self, row: usize, label: usize, by: f32) {
        if let Some(weight) = self.rows.get_mut(row).and_then(|row| row.weights.get_mut(label)) {
            *weight += by;
        }
    }

    /// Goes over all sentences so many times, in random order. What is left are the means of the
    /// weights behind the later rounds: less a matter of chance than those of the last.
    pub fn train(&mut self, sentences: &[Sentence], epochs: usize, seed: u64) {
        let mut order: Vec<&Sentence> = sentences.iter().filter(|sentence| !sentence.words.is_empty()).collect();
        let mut random = Random::new(seed);
        let first_kept = epochs / 2;
        let mut sums = vec![Scores::default(); self.rows.len() + LANES];
        for epoch in 0..epochs {
            random.shuffle(&mut order);
            let loss: f64 = order.iter().map(|sentence| self.learn(sentence)).sum();
            eprintln!("epoch {epoch}: loss {:.4} a sentence", loss / order.len() as f64);
            if epoch >= first_kept {
                for (sum, row) in sums.iter_mut().zip(self.rows.iter().chain(&self.transitions)) {
                    sum.iter_mut().zip(&row.weights).for_each(|(sum, weight)| *sum += weight);
                }
            }
        }
        let share = 1.0 / (epochs - first_kept).max(1) as f32;
        for (row, sum) in self.rows.iter_mut().chain(&mut self.transitions).zip(&sums) {
            row.weights = sum.map(|sum| sum * share);
        }
    }

    /// The most likely labels.
    #[must_use]
    pub fn labels(&self, words: &[Fact]) -> Vec<usize> {
        let (mut before, mut origins) = (OUTSIDE, Vec::new());
        for word in words {
            let emission = self.emission(word);
            let score = |from: usize, to: usize| if may_follow(from, to) { self.step(from, to) } else { f32::MIN };
            let best = |to: usize| best((0..LABEL_COUNT).map(|from| at(&before, from) + score(from, to)));
            let steps: [(usize, f32); LABEL_COUNT] = core::array::from_fn(best);
            before = OUTSIDE;
            for ((before, (_, step)), emission) in before.iter_mut().zip(&steps).zip(&emission) {
                *before = step + emission;
            }
            origins.push(steps.map(|step| step.0));
        }
        let mut label = best(before.iter().copied()).0;
        let mut labels = Vec::new();
        for origin in origins.iter().rev() {
            labels.push(label);
            label = origin.get(label).copied().unwrap_or(0);
        }
        labels.reverse();
        labels
    }

    /// One step towards a sentence's labels; returns how unlikely they were.
    fn learn(&mut self, Sentence { words, weight }: &Sentence) -> f64 {
        let mut likelihoods = core::mem::take(&mut self.likelihoods);
        let loss = likelihoods.read(self, words);
        let (mut wanted_steps, mut before) = (Matrix::default(), 0);
        for (index, word) in words.iter().enumerate() {
            likelihoods.want_steps(index, (before, word.label), *weight, &mut wanted_steps);
            before = word.label;
            let Some(rows) = &word.rows else { continue };
            let wanted = likelihoods.wanted(index, word.label, *weight);
            for row in rows {
                if let Some(row) = self.rows.get_mut(*row as usize) {
                    row.move_towards(&wanted);
                }
            }
        }
        self.transitions.iter_mut().zip(&wanted_steps).for_each(|(row, wanted)| row.move_towards(wanted));
        self.likelihoods = likelihoods;
        loss
    }

    /// The scores of a word's labels.
    fn emission(&self, word: &Fact) -> Scores {
        let Some(rows) = &word.rows else { return OUTSIDE };
        let mut sum = IDLE;
        for row in rows.iter().filter_map(|row| self.rows.get(*row as usize)) {
            sum.iter_mut().zip(&row.weights).for_each(|(sum, score)| *sum += score);
        }
        sum
    }

    fn step(&self, from: usize, to: usize) -> f32 {
        self.transitions.get(to).and_then(|row| row.weights.get(from)).copied().unwrap_or(0.0)
    }
}

impl Likelihoods {
    /// Reads a sentence; returns how unlikely its labels are.
    fn read(&mut self, crf: &Crf, words: &[Fact]) -> f64 {
        self.read_steps(crf);
        self.emissions.clear();
        self.forward.clear();
        let (mut before, mut label, mut loss) = (START, 0, 0.0);
        for word in words {
            let scores = crf.emission(word);
            loss -= f64::from(at(&scores, word.label) + crf.step(label, word.label));
            label = word.label;
            let max = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let emission = scores.map(|score| (score - max).exp());
            let (next, sum) = scaled(&times(&product(&before, &self.into), &emission));
            loss += f64::from(max + sum.ln());
            self.emissions.push(emission);
            self.forward.push(next);
            before = next;
        }
        self.backward.clear();
        let mut behind = [1.0; LANES];
        for emission in self.emissions.iter().rev() {
            self.backward.push(behind);
            behind = scaled(&product(&times(&behind, emission), &self.from)).0;
        }
        self.backward.reverse();
        loss
    }

    fn read_steps(&mut self, crf: &Crf) {
        for (from, into) in self.into.iter_mut().enumerate().take(LABEL_COUNT) {
            for (to, likelihood) in into.iter_mut().enumerate().take(LABEL_COUNT) {
                *likelihood = if may_follow(from, to) { crf.step(from, to).exp() } else { 0.0 };
            }
        }
        for (to, from) in self.from.iter_mut().enumerate() {
            *from = self.into.map(|into| at(&into, to));
        }
    }

    /// What would make a word likelier to have its label.
    fn wanted(&self, index: usize, label: usize, weight: f32) -> Scores {
        let row = |rows: &[Scores]| rows.get(index).copied().unwrap_or_default();
        let mut wanted = scaled(&times(&row(&self.forward), &row(&self.backward))).0.map(|likely| -weight * likely);
        if let Some(wanted) = wanted.get_mut(label) {
            *wanted += weight;
        }
        wanted
    }

    /// Adds what would make the step into a word likelier to be that between these labels.
    fn want_steps(&self, index: usize, (from, to): (usize, usize), weight: f32, wanted: &mut Matrix) {
        let row = |rows: &[Scores]| rows.get(index).copied().unwrap_or_default();
        let start = match index.checked_sub(1) {
            Some(before) => self.forward.get(before).copied().unwrap_or_default(),
            None => START,
        };
        let end = times(&row(&self.emissions), &row(&self.backward));
        let mut pairs = self.from;
        for (pairs, end) in pairs.iter_mut().zip(end) {
            *pairs = times(pairs, &start).map(|pair| pair * end);
        }
        let share = weight / pairs.iter().flatten().sum::<f32>();
        for (wanted, pairs) in wanted.iter_mut().zip(&pairs) {
            wanted.iter_mut().zip(pairs).for_each(|(wanted, pair)| *wanted -= pair * share);
        }
        if let Some(wanted) = wanted.get_mut(to).and_then(|row| row.get_mut(from)) {
            *wanted += weight;
        }
    }
}

/// A vector by a matrix, given by rows.
#[inline]
fn product(vector: &Scores, matrix: &Matrix) -> Scores {
    let mut sum = Scores::default();
    for (factor, row) in vector.iter().zip(matrix) {
        sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += factor * value);
    }
    sum
}

#[inline]
fn times(one: &Scores, other: &Scores) -> Scores {
    let mut product = *one;
    product.iter_mut().zip(other).for_each(|(one, other)| *one *= other);
    product
}

/// Likelihoods that add up to one, and what they added up to.
#[inline]
fn scaled(likelihoods: &Scores) -> (Scores, f32) {
    let sum = likelihoods.iter().sum::<f32>();
    (likelihoods.map(|likelihood| likelihood / sum), sum)
}

/// The place of the highest score, and that score.
fn best(scores: impl Iterator<Item = f32>) -> (usize, f32) {
    scores.enumerate().fold((0, f32::NEG_INFINITY), |best, next| if next.1 > best.1 { next } else { best })
}

#[inline]
fn at(scores: &Scores, label: usize) -> f32 {
    scores.get(label).copied().unwrap_or(0.0)
}
