//! Issuers' names before a token: found by their first letters.

use super::table::KINDS;
use crate::context;
use std::sync::LazyLock;

/// Places of the index; a few times as many as there are names.
const SLOT_COUNT: usize = 4096;

/// Letters of a name by which it is indexed; no name is shorter.
const HEAD_BYTES: usize = 3;

/// Words of which one between an issuer's name and a token says that it is secret.
const SECRET_WORDS: [&[u8]; 15] = [
    b"key", b"token", b"secret", b"auth", b"api", b"pass", b"cred", b"pat", b"bearer", b"license", b"dsn", b"webhook",
    b"pwd", b"access", b"private",
];

/// Bytes of delimiters between a name and a token that belong together without such a word.
const GAP_BYTES_MAX: usize = 8;

/// Places in [`KINDS`] by the first letters of their words.
struct Index {
    places: Vec<u16>,
    slots: Box<[(u16, u16)]>,
}

static INDEX: LazyLock<Index> = LazyLock::new(Index::new);

impl Index {
    fn new() -> Self {
        let slot_of = |place: &u16| KINDS.get(usize::from(*place)).and_then(|kind| slot(kind.word)).unwrap_or(0);
        let mut places: Vec<u16> = (0..u16::try_from(KINDS.len()).unwrap_or(0)).collect();
        places.sort_by_key(slot_of);
        let mut slots = vec![(0, 0); SLOT_COUNT].into_boxed_slice();
        for (number, place) in (0u16..).zip(&places) {
            if let Some(range) = slots.get_mut(slot_of(place)) {
                *range = if range.1 == 0 { (number, number + 1) } else { (range.0, number + 1) };
            }
        }
        Self { places, slots }
    }

    fn places(&self, word: &[u8]) -> &[u16] {
        let Some((from, to)) = slot(word).and_then(|slot| self.slots.get(slot)) else { return &[] };
        self.places.get(usize::from(*from)..usize::from(*to)).unwrap_or_default()
    }
}

/// The slot of a word's first letters, capital or small.
fn slot(word: &[u8]) -> Option<usize> {
    let head = word.first_chunk::<HEAD_BYTES>()?;
    let [first, second, third] = head.map(|byte| usize::from(byte | 0x20));
    Some((first * 37 + second * 211 + third * 5) % SLOT_COUNT)
}

/// What stands between an issuer's name and a token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    /// Nothing but a delimiter.
    pub(super) is_bare: bool,
    /// A word that says that the token is secret.
    pub(super) says_secret: bool,
}

/// The place of the first kind whose name stands in a line, of at most [`CONTEXT_BYTES`](crate::window::CONTEXT_BYTES), and which accepts the token that follows.
pub(super) fn find(line: &[u8], accepts: impl Fn(&super::Kind, Gap) -> bool) -> Option<(usize, Gap)> {
    let index = &*INDEX;
    for word in context::words_of(line) {
        for place in index.places(word) {
            let Some(kind) = KINDS.get(usize::from(*place)) else { continue };
            let Some((head, gap)) = word.split_at_checked(kind.word.len()) else { continue };
            if !head.eq_ignore_ascii_case(kind.word) {
                continue;
            }
            let gap = Gap::of(gap);
            if accepts(kind, gap) {
                return Some((usize::from(*place), gap));
            }
        }
    }
    None
}

impl Gap {
    fn of(gap: &[u8]) -> Self {
        let delimits = |byte: &u8| matches!(byte, b':' | b'=' | b'>' | b'"' | b'\'' | 0xff);
        let is_short = (1..=GAP_BYTES_MAX).contains(&gap.len());
        let is_bare = is_short && !gap.iter().any(u8::is_ascii_alphanumeric) && gap.iter().any(delimits);
        let says_secret = (0..gap.len()).any(|start| says_secret(gap.get(start..).unwrap_or_default()));
        Self { is_bare, says_secret }
    }
}

fn says_secret(text: &[u8]) -> bool {
    SECRET_WORDS.iter().any(|word| text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word)))
}
