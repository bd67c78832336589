//! Which needles share a bucket.
//!
//! A bucket selects a place if each byte there is one of some needle's at that place of its head, of whichever needle: so
//! needles with little in common select what none of them begins. Buckets are runs of the needles in the order of their
//! heads, chosen so that usual text has as few candidates as can be, and as many tables as pay for themselves.

use crate::block::BLOCK_BYTES;
use crate::simd::{BUCKET_COUNT, CASE, HEAD_BYTES};

/// What a table costs a block, in candidates as they are estimated here: measured, since text has words and repeats, and
/// a candidate that is not foreseen costs a branch.
const TABLE_COST: f32 = 0.05;

/// Bytes as often as prose, code and JSON have them, in thousandths: how often each of a row is.
const FREQUENCIES: [(&[u8], f32); 14] = [
    (b" ", 140.0),
    (b"e", 75.0),
    (b"taoins", 50.0),
    (b"rlh", 40.0),
    (b"dcu", 25.0),
    (b"mpfg", 17.0),
    (b"ywbv", 11.0),
    (b"k", 6.0),
    (b"xjqz", 2.5),
    (b"0123456789", 6.0),
    (b"\",", 14.0),
    (b".:_-\n/()'=", 8.0),
    (b"ABCDEFGHILMNOPRSTUVW", 2.0),
    (b"JKQXYZ{}[];<>*#\\+&$@!%|^~`?", 1.5),
];

/// Classes of bytes that a table of six bits tells from each other.
const CLASS_COUNT: usize = 64;

/// How likely each class is.
fn likelihoods() -> [f32; CLASS_COUNT] {
    let mut likelihoods = [0.0; CLASS_COUNT];
    for (bytes, thousandths) in FREQUENCIES {
        for byte in bytes {
            if let Some(likelihood) = likelihoods.get_mut(usize::from(*byte) % CLASS_COUNT) {
                *likelihood += thousandths / 1000.0;
            }
        }
    }
    likelihoods
}

/// A bucket that is being filled: the classes of each place, a bit each, and how likely one of them is.
#[derive(Clone, Copy)]
struct Bucket {
    classes: [u64; HEAD_BYTES],
    likelihoods: [f32; HEAD_BYTES],
}

impl Bucket {
    const EMPTY: Self = Self { classes: [0; HEAD_BYTES], likelihoods: [0.0; HEAD_BYTES] };

    /// Adds a folded head; a short one is followed by anything.
    fn add(&mut self, head: &[u8], known: &[f32; CLASS_COUNT]) {
        for (place, (classes, likelihood)) in self.classes.iter_mut().zip(&mut self.likelihoods).enumerate() {
            let Some(byte) = head.get(place) else {
                (*classes, *likelihood) = (u64::MAX, 1.0);
                continue;
            };
            for byte in [*byte, byte & !CASE] {
                let class = usize::from(byte) % CLASS_COUNT;
                if *classes >> class & 1 == 0 {
                    *classes |= 1 << class;
                    *likelihood += known.get(class).copied().unwrap_or(0.0);
                }
            }
        }
    }

    /// Candidates that a block has of it.
    #[expect(clippy::cast_precision_loss, reason = "a block is short")]
    fn cost(&self) -> f32 {
        self.likelihoods.iter().product::<f32>() * BLOCK_BYTES as f32
    }
}

/// Where the buckets of these heads, in their order, begin, and where the last one ends; as many as fill
/// tables, of which there are to be no more than `tables_max`.
pub(crate) fn buckets(heads: &[Vec<u8>], tables_max: usize) -> Vec<usize> {
    let count = heads.len();
    let known = likelihoods();
    // What a bucket costs that begins and ends at these places.
    let costs: Vec<Vec<f32>> = (0..count)
        .map(|from| {
            let mut bucket = Bucket::EMPTY;
            let rest = heads.get(from..).unwrap_or_default();
            rest.iter()
                .map(|head| {
                    bucket.add(head, &known);
                    bucket.cost()
                })
                .collect()
        })
        .collect();
    let cost = |from: usize, to: usize| {
        let ends = costs.get(from).and_then(|ends| ends.get((to - from).checked_sub(1)?));
        ends.copied().unwrap_or(0.0)
    };
    // The least that the first heads cost in so many buckets, and where the last of these begins.
    let mut rounds: Vec<Vec<(f32, usize)>> = vec![(0..=count).map(|to| (cost(0, to), 0)).collect()];
    for _ in 1..BUCKET_COUNT * tables_max {
        let Some(before) = rounds.last() else { break };
        let best = |to: usize| {
            let split = |from: usize| (before.get(from).map_or(0.0, |least| least.0) + cost(from, to), from);
            (0..=to).map(split).min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((0.0, to))
        };
        rounds.push((0..=count).map(best).collect());
    }
    let all =
        |tables: usize| rounds.get(tables * BUCKET_COUNT - 1).and_then(|round| round.last()).map_or(0.0, |last| last.0);
    #[expect(clippy::cast_precision_loss, reason = "there are few tables")]
    let total = |tables: usize| all(tables) + tables as f32 * TABLE_COST;
    let tables = (1..=tables_max).min_by(|a, b| total(*a).total_cmp(&total(*b))).unwrap_or(1);
    let mut places = vec![count];
    for round in rounds.iter().take(tables * BUCKET_COUNT).rev() {
        let end = places.last().copied().unwrap_or(0);
        places.push(round.get(end).map_or(0, |least| least.1));
    }
    places.reverse();
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::TABLES_MAX;
    use proptest::prelude::*;

    fn cost(heads: &[Vec<u8>], places: &[usize]) -> f32 {
        let known = likelihoods();
        let bucket = |range: &[usize]| {
            let mut bucket = Bucket::EMPTY;
            heads[range[0]..range[1]].iter().for_each(|head| bucket.add(head, &known));
            if range[0] < range[1] { bucket.cost() } else { 0.0 }
        };
        places.windows(2).map(bucket).sum()
    }

    #[test]
    fn a_likelihood_is_one_of_a_whole() {
        let sum: f32 = likelihoods().iter().sum();
        assert!((0.9..1.2).contains(&sum), "{sum}");
    }

    proptest! {
        /// Every head has its bucket, and no equal division costs less.
        #[test]
        fn buckets_are_runs_of_all_heads_and_no_equal_ones_are_better(
            heads in proptest::collection::vec(proptest::collection::vec(0x20_u8..0x7f, 1..6), 1..80),
        ) {
            let mut heads = heads;
            heads.sort();
            let places = buckets(&heads, TABLES_MAX);
            prop_assert_eq!((places[0], places[places.len() - 1]), (0, heads.len()));
            prop_assert!(places.is_sorted());
            let count = places.len() - 1;
            prop_assert!(count.is_multiple_of(BUCKET_COUNT) && count <= BUCKET_COUNT * TABLES_MAX);
            let equal: Vec<usize> = (0..=count).map(|bucket| bucket * heads.len() / count).collect();
            prop_assert!(cost(&heads, &places) <= cost(&heads, &equal) * 1.001 + 1e-6);
        }
    }
}
