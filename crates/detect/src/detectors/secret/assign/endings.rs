//! Which of many words a text ends in: told by its last letters at once.

use super::super::shape::fold;

/// Words that names end in, in the order of their last letters.
#[derive(Debug)]
pub(super) struct Endings<const COUNT: usize> {
    pub(super) words: [&'static [u8]; COUNT],
    /// The last bytes of each, and which of them count.
    tails: [(u64, u64); COUNT],
    /// Where the words of each last letter begin.
    starts: [u8; LETTER_COUNT + 1],
}

/// Letters as [`fold`] tells them from each other.
const LETTER_COUNT: usize = 32;

/// Bytes of a tail.
const TAIL_BYTES: usize = size_of::<u64>();

impl<const COUNT: usize> Endings<COUNT> {
    #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
    pub(super) const fn new(all: [&'static [u8]; COUNT]) -> Self {
        let mut endings = Self { words: all, tails: [(0, 0); COUNT], starts: [0; LETTER_COUNT + 1] };
        let (mut letter, mut place) = (0, 0);
        while letter < LETTER_COUNT {
            let mut number = 0;
            while number < COUNT {
                let word = all[number];
                if fold(word[word.len() - 1]) == letter {
                    endings.words[place] = word;
                    endings.tails[place] = Self::tail(word);
                    place += 1;
                }
                number += 1;
            }
            letter += 1;
            endings.starts[letter] = place.to_le_bytes()[0];
        }
        endings
    }

    #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
    const fn tail(word: &[u8]) -> (u64, u64) {
        let length = if word.len() < TAIL_BYTES { word.len() } else { TAIL_BYTES };
        let (mut tail, mut place) = (0, word.len() - length);
        while place < word.len() {
            tail = tail << 8 | word[place] as u64;
            place += 1;
        }
        (tail, u64::MAX >> (8 * (TAIL_BYTES - length)))
    }

    /// The word that letters end in, of which there are those of a tail at least, or zeros before them.
    pub(super) fn of(&self, letters: &[u8]) -> Option<&'static [u8]> {
        let letters_tail = u64::from_be_bytes(*letters.last_chunk()?);
        let last = fold(*letters.last()?);
        let [from, to] = *self.starts.get(last..)?.first_chunk()?;
        let (from, to) = (usize::from(from), usize::from(to));
        let words = self.tails.get(from..to)?.iter().zip(self.words.get(from..to)?);
        let mut alike = words.filter(|((tail, mask), word)| letters_tail & mask == *tail && letters.ends_with(word));
        alike.next().map(|(_, word)| *word)
    }
}
