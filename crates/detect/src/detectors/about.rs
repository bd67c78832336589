//! What a rule rests on, in words for people: no check reads it, and it costs nothing where none asks.

use crate::context::Words;

/// Why a rule finds what it finds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    /// What must hold of a match.
    pub(crate) validator: &'static str,
    /// Who says so: a standard, a registry, an issuer's document.
    pub(crate) source: &'static str,
    /// Words that make a match likelier, or without which there is none.
    pub(crate) words: &'static Words,
    /// Where the check looks for them.
    pub(crate) sight: Sight,
    /// The percentages that a word before a match gives, least and most.
    pub(crate) named: (u8, u8),
    /// What the validator says of one match, of which it gets the letters and digits.
    pub(crate) detail: fn(&[u8]) -> Option<Detail>,
}

/// Where a check looks for the words that name a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Before it.
    Before,
    /// Before it, or else within so many bytes behind it.
    Around(usize),
    /// Before it with no digit between, or else within so many bytes behind ` is ` or ` (`.
    Direct(usize),
}

/// What the validator says of one match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Detail {
    /// What held, in place of the rule's general words.
    pub(crate) held: String,
    /// What did not, and so lowered the confidence.
    pub(crate) lowered: Option<String>,
}

impl About {
    /// A rule that asks for no words.
    pub(crate) const fn new(validator: &'static str, source: &'static str) -> Self {
        Self { validator, source, words: &Words::NONE, sight: Sight::Before, named: (0, 0), detail: |_| None }
    }

    /// The same with words that give from one percentage to another.
    pub(crate) const fn raised(self, words: &'static Words, sight: Sight, named: (u8, u8)) -> Self {
        Self { words, sight, named, ..self }
    }

    /// The same with more to say about one match.
    pub(crate) const fn detailed(self, detail: fn(&[u8]) -> Option<Detail>) -> Self {
        Self { detail, ..self }
    }
}
