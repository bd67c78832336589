//! A text and the names in it.

use detect::training::LABEL_COUNT;

/// What a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A person.
    Person,
    /// An organisation.
    Organization,
    /// A place.
    Location,
}

impl Kind {
    /// All kinds, in the order of their labels.
    pub const ALL: [Self; 3] = [Self::Person, Self::Organization, Self::Location];

    /// The label of a word that begins such a name; that of those inside follows.
    #[must_use]
    pub const fn first_label(self) -> usize {
        1 + 2 * self as usize
    }
}

/// A text and its names.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// UTF-8, and `0xff` between leaves.
    pub text: Vec<u8>,
    /// Start, end and kind of each name, in order.
    pub spans: Vec<(usize, usize, Kind)>,
    /// Parts of names of which the tagger is not told what it knows of them, so that it learns to
    /// find names that nobody has listed.
    pub hidden: Vec<(usize, usize)>,
}

impl Document {
    /// Appends text that is no name.
    pub fn push(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    /// Appends a name.
    pub fn push_name(&mut self, name: &str, kind: Kind, is_hidden: bool) {
        let start = self.text.len();
        self.push(name);
        self.spans.push((start, self.text.len(), kind));
        if is_hidden {
            self.hidden.push((start, self.text.len()));
        }
    }

    /// The label of the word from `start` to `end`.
    #[must_use]
    pub fn label(&self, start: usize, end: usize, before: usize) -> usize {
        let found = self.spans.iter().find(|span| span.0 < end && start < span.1);
        let Some((span_start, _, kind)) = found else { return 0 };
        let first = kind.first_label();
        let goes_on = start > *span_start && (before == first || before == first + 1);
        debug_assert!(first + 1 < LABEL_COUNT);
        if goes_on { first + 1 } else { first }
    }

    /// The same in small letters or capitals, where that keeps its length.
    #[must_use]
    pub fn recased(&self, upper: bool) -> Self {
        let mut text = Vec::with_capacity(self.text.len());
        for leaf in self.text.split_inclusive(|byte| *byte == 0xff) {
            let (leaf, end) =
                if leaf.last() == Some(&0xff) { leaf.split_at(leaf.len() - 1) } else { (leaf, [].as_slice()) };
            for letter in String::from_utf8_lossy(leaf).chars() {
                let other: String =
                    if upper { letter.to_uppercase().collect() } else { letter.to_lowercase().collect() };
                let same = other.len() == letter.len_utf8();
                text.extend_from_slice(if same { other } else { letter.to_string() }.as_bytes());
            }
            text.extend_from_slice(end);
        }
        Self { text, ..self.clone() }
    }
}
