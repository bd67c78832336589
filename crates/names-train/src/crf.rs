//! A linear-chain conditional random field (Lafferty, McCallum, Pereira 2001), trained by stochastic
//! gradients with a step of its own for each weight (AdaGrad: Duchi, Hazan, Singer 2011).
//!
//! It has the shape of the perceptron's tagger, a score for each feature and label and one for each
//! pair of labels, but learns likelihoods, so that the distance between two labels' scores is a
//! measure of confidence.

use crate::random::Random;
use detect::training::{LABEL_COUNT, may_follow};

/// Scores of the labels.
pub type Scores = [f32; LABEL_COUNT];

/// A sentence: the rows of its words' features, and their labels.
pub type Sentence = (Vec<Vec<u32>>, Vec<usize>);

/// How far a weight goes at first.
const STEP: f32 = 0.12;
/// What keeps the first steps finite.
const STEP_SOFTNESS: f32 = 1.0;
/// How much of a weight is lost each time it is touched: it keeps rare features' weights small.
const DECAY: f32 = 2e-5;

/// Weights while they are trained.
#[derive(Clone, Debug)]
pub struct Crf {
    /// For each row, a score a label.
    pub rows: Vec<Scores>,
    /// By the later label, a score for each earlier one.
    pub transitions: [Scores; LABEL_COUNT],
    squares: Vec<Scores>,
    transition_squares: [Scores; LABEL_COUNT],
}

impl Crf {
    /// Weights of nothing.
    #[must_use]
    pub fn new(row_bits: u32) -> Self {
        let rows = vec![[0.0; LABEL_COUNT]; 1 << row_bits];
        let transitions = [[0.0; LABEL_COUNT]; LABEL_COUNT];
        Self { squares: rows.clone(), rows, transitions, transition_squares: transitions }
    }

    /// Goes over all sentences so many times, in random order. What is left are the means of the
    /// weights behind the later rounds: less a matter of chance than those of the last.
    pub fn train(&mut self, sentences: &[Sentence], epochs: usize, seed: u64) {
        let mut order: Vec<usize> = (0..sentences.len()).collect();
        let mut random = Random::new(seed);
        let first_kept = epochs / 2;
        let mut sums = (vec![[0.0; LABEL_COUNT]; self.rows.len()], [[0.0; LABEL_COUNT]; LABEL_COUNT]);
        for epoch in 0..epochs {
            random.shuffle(&mut order);
            let loss: f64 =
                order.iter().filter_map(|place| sentences.get(*place)).map(|sentence| self.learn(sentence)).sum();
            eprintln!("epoch {epoch}: loss {:.4} a sentence", loss / sentences.len() as f64);
            if epoch >= first_kept {
                add(&mut sums.0, &self.rows);
                add(&mut sums.1, &self.transitions);
            }
        }
        let share = 1.0 / (epochs - first_kept).max(1) as f32;
        let mean = |sum: &Scores| sum.map(|sum| sum * share);
        self.rows = sums.0.iter().map(mean).collect();
        self.transitions = sums.1.map(|sum| mean(&sum));
    }

    fn emissions(&self, words: &[Vec<u32>]) -> Vec<Scores> {
        let word = |word: &Vec<u32>| {
            let mut sum = [0.0; LABEL_COUNT];
            for scores in word.iter().filter_map(|row| self.rows.get(*row as usize)) {
                sum.iter_mut().zip(scores).for_each(|(sum, score)| *sum += score);
            }
            sum
        };
        words.iter().map(word).collect()
    }

    fn step(&self, from: usize, to: usize) -> f32 {
        if !may_follow(from, to) {
            return f32::NEG_INFINITY;
        }
        self.transitions.get(to).and_then(|row| row.get(from)).copied().unwrap_or(0.0)
    }

    /// One step towards a sentence's labels; returns how unlikely they were.
    #[expect(clippy::indexing_slicing, reason = "all tables have the words' or the labels' length")]
    fn learn(&mut self, (words, gold): &Sentence) -> f64 {
        let emissions = self.emissions(words);
        let steps: [Scores; LABEL_COUNT] = core::array::from_fn(|to| core::array::from_fn(|from| self.step(from, to)));
        let count = words.len();
        if count == 0 {
            return 0.0;
        }
        let mut forward = vec![[f32::NEG_INFINITY; LABEL_COUNT]; count];
        for to in 0..LABEL_COUNT {
            forward[0][to] = emissions[0][to] + steps[to][0];
        }
        for index in 1..count {
            for to in 0..LABEL_COUNT {
                forward[index][to] = emissions[index][to]
                    + log_sum(core::array::from_fn(|from| forward[index - 1][from] + steps[to][from]));
            }
        }
        let mut backward = vec![[0.0; LABEL_COUNT]; count];
        for index in (0..count - 1).rev() {
            for from in 0..LABEL_COUNT {
                let onward = |to: usize| steps[to][from] + emissions[index + 1][to] + backward[index + 1][to];
                backward[index][from] = log_sum(core::array::from_fn(onward));
            }
        }
        let total = log_sum(forward[count - 1]);
        let mut path = 0.0;
        for index in 0..count {
            let before = if index == 0 { 0 } else { gold[index - 1] };
            path += emissions[index][gold[index]] + steps[gold[index]][before];
            let likely: Scores = core::array::from_fn(|to| (forward[index][to] + backward[index][to] - total).exp());
            let wanted: Scores =
                core::array::from_fn(|label| if label == gold[index] { 1.0 } else { 0.0 } - likely[label]);
            for row in &words[index] {
                move_towards(&mut self.rows[*row as usize], &mut self.squares[*row as usize], &wanted);
            }
            for to in 0..LABEL_COUNT {
                let pair = |from: usize| {
                    let start = if index > 0 {
                        forward[index - 1][from]
                    } else if from == 0 {
                        0.0
                    } else {
                        f32::NEG_INFINITY
                    };
                    (start + steps[to][from] + emissions[index][to] + backward[index][to] - total).exp()
                };
                let wanted: Scores = core::array::from_fn(
                    |from| if to == gold[index] && from == before { 1.0 } else { 0.0 } - pair(from),
                );
                move_towards(&mut self.transitions[to], &mut self.transition_squares[to], &wanted);
            }
        }
        f64::from(total - path)
    }

    /// The most likely labels.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "all tables have the words' or the labels' length")]
    pub fn labels(&self, words: &[Vec<u32>]) -> Vec<usize> {
        let emissions = self.emissions(words);
        let mut before: Scores = core::array::from_fn(|label| if label == 0 { 0.0 } else { f32::NEG_INFINITY });
        let mut origins = Vec::new();
        for emission in &emissions {
            let best = |to: usize| {
                let score = |from: usize| before[from] + self.step(from, to);
                (0..LABEL_COUNT)
                    .map(|from| (from, score(from)))
                    .fold((0, f32::NEG_INFINITY), |best, next| if next.1 > best.1 { next } else { best })
            };
            let steps: [(usize, f32); LABEL_COUNT] = core::array::from_fn(best);
            before = core::array::from_fn(|to| steps[to].1 + emission[to]);
            origins.push(steps.map(|step| step.0));
        }
        let mut label = (0..LABEL_COUNT).fold(0, |best, next| if before[next] > before[best] { next } else { best });
        let mut labels = Vec::new();
        for origin in origins.iter().rev() {
            labels.push(label);
            label = origin[label];
        }
        labels.reverse();
        labels
    }
}

fn add(sums: &mut [Scores], weights: &[Scores]) {
    for (sums, weights) in sums.iter_mut().zip(weights) {
        sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight);
    }
}

fn move_towards(weights: &mut Scores, squares: &mut Scores, wanted: &Scores) {
    for ((weight, square), wanted) in weights.iter_mut().zip(squares).zip(wanted) {
        *square += wanted * wanted;
        *weight += STEP * (wanted / (STEP_SOFTNESS + *square).sqrt() - DECAY * *weight / STEP);
    }
}

/// The logarithm of the sum of what these are the logarithms of.
fn log_sum(scores: Scores) -> f32 {
    let max = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if max == f32::NEG_INFINITY {
        return max;
    }
    max + scores.iter().map(|score| (score - max).exp()).sum::<f32>().ln()
}
