//! Features: facts about a word and its neighbours, as hashes that name rows of the model.
//!
//! Each fact has a template, a small number, so that the same word before and behind are not one
//! feature. A row may be shared by several features: with few of them a word, the others decide.
//! The order and contents of the templates are part of the model's version.

use super::word::{Case, Word, gap_hash};

/// Features of one word.
pub(crate) const FEATURE_COUNT: usize = 36;

/// Bits of a cluster that tell it from others that are nearly the same.
const FINE_BITS: u32 = 4;

/// Bytes of a word beyond which longer ones are alike.
const LENGTH_MAX: u16 = 15;

/// Words before a segment that its first words see.
pub(crate) const CONTEXT_WORDS: usize = 2;

/// What stands where no word does.
static NONE: Word = Word {
    start: 0,
    end: 0,
    hash: 0,
    head: 0,
    tail: 0,
    shape: 0,
    gap: 0,
    case: Case::None,
    kinds: 0,
    cluster: 0,
    labelled: false,
    glued: false,
};

/// What a segment knows of those before it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Context {
    /// The last words, the nearest last.
    pub(crate) words: [Word; CONTEXT_WORDS],
    /// The last mark behind them that is no space.
    pub(crate) mark: u8,
}

impl Context {
    /// What the next segment knows, behind one of these words; `ending` stands behind the last.
    pub(crate) fn follow(&mut self, words: &[Word], ending: &[u8], separator: u8) {
        for word in words.iter().rev().take(CONTEXT_WORDS).rev() {
            self.words.rotate_left(1);
            if let Some(last) = self.words.last_mut() {
                *last = *word;
            }
        }
        let mark = ending.iter().rev().copied().find(|byte| !byte.is_ascii_whitespace());
        self.mark = match (mark, words.is_empty(), separator) {
            (Some(mark), ..) => mark,
            (None, true, b'\n') => b'\n',
            _ => separator,
        };
    }

    /// Tells the first word of a segment what stands before it.
    pub(crate) fn open(&self, words: &mut [Word]) {
        if let Some(first) = words.first_mut() {
            let [low, second, ..] = first.gap.to_le_bytes();
            first.gap = gap_hash(&[self.mark, b'\n', low, second]);
            first.labelled = true;
        }
    }
}

/// The words of a segment and what they have in common.
#[derive(Debug)]
pub(crate) struct Sentence<'a> {
    context: &'a Context,
    words: &'a [Word],
    /// How the segment is written: 4 ways, by 3 lengths, by 4 degrees of looking like code.
    profile: u8,
    seed: u64,
}

/// The label of a field, as far as a word knows: the word before the last `:`, `=` or line's end.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Label {
    hash: u64,
    /// Words since the label.
    distance: u8,
}

impl<'a> Sentence<'a> {
    /// `text` is the segment's.
    pub(crate) fn new(context: &'a Context, text: &[u8], words: &'a [Word], seed: u64) -> Self {
        Self { context, words, profile: profile(words) << 2 | code_degree(text), seed }
    }

    /// The word at `index`, which may lie before or behind the segment.
    #[inline]
    fn word(&self, index: isize) -> &Word {
        let found = match usize::try_from(index) {
            Ok(index) => self.words.get(index),
            Err(_) => {
                let place = index + CONTEXT_WORDS.cast_signed();
                usize::try_from(place).ok().and_then(|place| self.context.words.get(place))
            }
        };
        found.unwrap_or(&NONE)
    }

    /// The label that holds at the word `index`, given that of the word before.
    pub(crate) fn label(&self, index: usize, before: Label) -> Label {
        let word = self.word(index.cast_signed());
        if word.labelled {
            return Label { hash: self.word(index.cast_signed() - 1).hash, distance: 0 };
        }
        Label { distance: before.distance.saturating_add(1), ..before }
    }

    /// Calls `visit` with each feature of the word at `index`.
    #[inline]
    pub(crate) fn each_feature(&self, index: usize, label: Label, mut visit: impl FnMut(u64)) {
        let place = index.cast_signed();
        let (before2, before, word) = (self.word(place - 2), self.word(place - 1), self.word(place));
        let (next, next2) = (self.word(place + 1), self.word(place + 2));
        let last = index + 1 == self.words.len();
        let next_gap = if last { 0 } else { u64::from(next.gap) };
        let case = |word: &Word| word.case as u64;
        let kinds = |word: &Word| u64::from(word.kinds) << 4 | case(word);
        let gap = u64::from(word.gap);
        let fine = |word: &Word| u64::from(word.cluster);
        let coarse = |word: &Word| u64::from(word.cluster >> FINE_BITS);
        let cases = case(before) << 8 | case(word) << 4 | case(next);
        let glue = u64::from(word.glued) << 1 | u64::from(!last && next.glued);
        let distance = u64::from(label.distance.min(3));
        let position = u64::from(index == 0) << 1 | u64::from(last);
        let values: [u64; FEATURE_COUNT] = [
            0,
            word.hash,
            before.hash,
            next.hash,
            u64::from(word.head) << 4 | case(word),
            u64::from(word.tail & 0xffff) << 4 | case(word),
            u64::from(word.tail & 0xff_ffff) << 4 | case(word),
            u64::from(word.tail) << 4 | case(word),
            u64::from(word.shape),
            cases,
            gap << 4 | case(word),
            next_gap << 4 | case(word),
            mix(gap, before.hash),
            kinds(word),
            mix(kinds(before) << 1 | 1, mix(kinds(word), gap)),
            mix(kinds(next) << 1, mix(kinds(word), next_gap)),
            mix(kinds(before), mix(kinds(word), kinds(next))),
            u64::from(self.profile) << 24 | kinds(word),
            position << 32 | u64::from(self.profile) << 8 | case(word),
            mix(label.hash, distance << 4 | case(word)),
            mix(label.hash, kinds(word) << 2 | distance),
            cases << 4 | case(next2),
            mix(before.hash, kinds(word)),
            mix(next.hash, kinds(word)),
            glue << 4 | case(word),
            u64::from(self.profile & 3) << 32 | gap << 40 | kinds(word),
            fine(word) << 4 | case(word),
            fine(before) << 4 | case(word),
            fine(next) << 4 | case(word),
            coarse(word) << 4 | case(word),
            mix(coarse(before), coarse(word) << 4 | case(word)),
            mix(coarse(word), coarse(next) << 4 | case(word)),
            mix(kinds(word), fine(word)),
            fine(before2) << 4 | case(word),
            fine(next2) << 4 | case(word),
            u64::from((word.end - word.start).min(LENGTH_MAX)) << 32 | kinds(word),
        ];
        for (template, value) in (1u64..).zip(values) {
            visit(mix(value ^ self.seed, template));
        }
    }
}

/// Two numbers as one, of which the high bits are well mixed.
#[inline]
const fn mix(one: u64, other: u64) -> u64 {
    let mixed = (one ^ other.wrapping_mul(0xff51_afd7_ed55_8ccd).rotate_left(31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

/// How a segment is written: in capitals, as a headline, in small letters or as usual; by its length.
fn profile(words: &[Word]) -> u8 {
    let count = |case: Case| words.iter().filter(|word| word.case == case).count();
    let (lower, title, upper) = (count(Case::Lower), count(Case::Title), count(Case::Upper));
    let way = match () {
        () if lower + title == 0 && upper > 0 => 0,
        () if title + upper + count(Case::Initial) == 0 => 1,
        () if title >= 3 && title * 5 >= (title + lower) * 3 => 2,
        () => 3,
    };
    let length = match words.len() {
        0..=3 => 0,
        4..=8 => 1,
        _ => 2,
    };
    way * 3 + length
}

/// The marks of code and data.
static MARKS: [bool; 256] = {
    let (mut marks, mut place) = ([false; 256], 0u8);
    loop {
        let is_mark = matches!(
            place,
            b'{' | b'}'
                | b'('
                | b')'
                | b'['
                | b']'
                | b'<'
                | b'>'
                | b'='
                | b';'
                | b'_'
                | b'&'
                | b'|'
                | b'*'
                | b'`'
                | b'#'
                | b'\\'
        );
        #[expect(clippy::indexing_slicing, reason = "a byte's value is in the table")]
        {
            marks[place as usize] = is_mark;
        }
        if place == u8::MAX {
            break marks;
        }
        place += 1;
    }
};

/// How much a segment looks like code or data, from 0 to 3: by the marks that prose seldom has.
pub(crate) fn code_degree(text: &[u8]) -> u8 {
    let is_mark = |byte: &&u8| MARKS.get(usize::from(**byte)).copied().unwrap_or(false);
    let marks = text.iter().filter(is_mark).count();
    match () {
        () if marks == 0 => 0,
        () if marks * 24 < text.len() => 1,
        () if marks * 10 < text.len() => 2,
        () => 3,
    }
}

/// The hash of a word in a list of the trainer's, which is that of one in a text.
#[cfg(feature = "train")]
pub(crate) fn hash_of(word: &str) -> u64 {
    super::word::measure(word.as_bytes()).hash
}
