//! Recall and precision of labels, by overlap: a name counts as found if a name of its kind
//! overlaps it, and a finding as right if it overlaps one.

use crate::document::{Document, Kind};

/// Counts for one kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Score {
    /// Names that are there.
    pub names: usize,
    /// Those of them that were found.
    pub hit: usize,
    /// Findings.
    pub found: usize,
    /// Those of them that are right.
    pub right: usize,
}

impl Score {
    /// The part of the names that was found.
    #[must_use]
    pub fn recall(&self) -> f64 {
        ratio(self.hit, self.names)
    }

    /// The part of the findings that is right.
    #[must_use]
    pub fn precision(&self) -> f64 {
        ratio(self.right, self.found)
    }

    /// The harmonic mean of both.
    #[must_use]
    pub fn f1(&self) -> f64 {
        let (recall, precision) = (self.recall(), self.precision());
        if recall + precision == 0.0 { 0.0 } else { 2.0 * recall * precision / (recall + precision) }
    }
}

fn ratio(part: usize, of: usize) -> f64 {
    if of == 0 { 1.0 } else { part as f64 / of as f64 }
}

/// The names that labels make: start, end, kind.
#[must_use]
pub fn names(labels: &[(usize, usize, usize)]) -> Vec<(usize, usize, Kind)> {
    let mut names: Vec<(usize, usize, Kind)> = Vec::new();
    let mut before = 0;
    for (start, end, label) in labels {
        let kind = label.checked_sub(1).and_then(|label| Kind::ALL.get(label / 2));
        if let Some(kind) = kind {
            match names.last_mut() {
                Some(last) if label % 2 == 0 && (before == *label || before + 1 == *label) => last.1 = *end,
                _ => names.push((*start, *end, *kind)),
            }
        }
        before = *label;
    }
    names
}

/// What a detector found, with its kinds.
#[must_use]
pub fn kinds(found: &[(usize, usize, usize)]) -> Vec<(usize, usize, Kind)> {
    found.iter().filter_map(|(start, end, kind)| Some((*start, *end, *Kind::ALL.get(*kind)?))).collect()
}

/// Adds a document's counts.
pub fn add(scores: &mut [Score; 3], document: &Document, found: &[(usize, usize, Kind)]) {
    for (score, kind) in scores.iter_mut().zip(Kind::ALL) {
        let of =
            |names: &[(usize, usize, Kind)]| names.iter().filter(|name| name.2 == kind).copied().collect::<Vec<_>>();
        let (gold, found) = (of(&document.spans), of(found));
        let meets = |one: &(usize, usize, Kind), others: &[(usize, usize, Kind)]| {
            others.iter().any(|other| one.0 < other.1 && other.0 < one.1)
        };
        score.names += gold.len();
        score.hit += gold.iter().filter(|name| meets(name, &found)).count();
        score.found += found.len();
        score.right += found.iter().filter(|name| meets(name, &gold)).count();
    }
}
