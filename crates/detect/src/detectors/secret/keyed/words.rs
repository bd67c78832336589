//! Issuers' names before a token: found by their first letters.

use super::table::KINDS;
use crate::context;
use std::sync::LazyLock;

/// Places of the index; a few times as many as there are names.
const SLOT_COUNT: usize = 4096;

/// Letters of a name by which it is indexed; no name is shorter.
const HEAD_BYTES: usize = 3;

/// Words of which one between an issuer's name and a token says that it is secret; also several of them in one.
const SECRET_WORDS: [&[u8]; 23] = [
    b"keys",
    b"key",
    b"tokens",
    b"token",
    b"secrets",
    b"secret",
    b"authorization",
    b"auth",
    b"api",
    b"password",
    b"passwd",
    b"pass",
    b"credentials",
    b"credential",
    b"creds",
    b"cred",
    b"pat",
    b"bearer",
    b"license",
    b"licence",
    b"dsn",
    b"webhook",
    b"pwd",
];

/// Those that say so only right before the token: there are logs of accesses.
const LAST_WORDS: [&[u8]; 2] = [b"access", b"private"];

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
            if !head.eq_ignore_ascii_case(kind.word) || !ends_word(head, gap) {
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
        let says_secret = says_secret(gap);
        Self { is_bare, says_secret }
    }
}

/// True if a name that is `head` ends where `rest` begins: no letter follows, a capital behind a small one, or a word for
/// a secret.
fn ends_word(head: &[u8], rest: &[u8]) -> bool {
    let Some(next) = rest.first().filter(|next| next.is_ascii_alphabetic()) else { return true };
    let is_camel = next.is_ascii_uppercase() && head.last().is_some_and(u8::is_ascii_lowercase);
    is_camel || of_secrets(word_at(rest)) || of_secrets(letters_at(rest))
}

/// The letters that a text begins with.
fn letters_at(text: &[u8]) -> &[u8] {
    text.split(|byte| !byte.is_ascii_alphabetic()).next().unwrap_or_default()
}

/// The word that a text begins with: up to what is no letter, or to a capital behind a small letter.
fn word_at(text: &[u8]) -> &[u8] {
    let letters = letters_at(text);
    let end = letters.windows(2).position(|pair| matches!(pair, [b'a'..=b'z', b'A'..=b'Z']));
    letters.get(..end.map_or(letters.len(), |place| place + 1)).unwrap_or_default()
}

/// True for one or several of [`SECRET_WORDS`] and nothing else.
fn of_secrets(word: &[u8]) -> bool {
    let (mut rest, mut is_one) = (word, false);
    while !rest.is_empty() {
        let begins = |known: &&&[u8]| rest.get(..known.len()).is_some_and(|head| head.eq_ignore_ascii_case(known));
        let known = SECRET_WORDS.iter().find(begins).map(|known| (known, true));
        let Some((known, tells)) = known.or_else(|| LAST_WORDS.iter().find(begins).map(|known| (known, false))) else {
            return false;
        };
        is_one |= tells;
        rest = rest.get(known.len()..).unwrap_or_default();
    }
    is_one
}

fn says_secret(gap: &[u8]) -> bool {
    let mut rest = gap;
    while let Some(start) = rest.iter().position(u8::is_ascii_alphabetic) {
        rest = rest.get(start..).unwrap_or_default();
        let word = word_at(rest);
        let behind = rest.get(word.len()..).unwrap_or_default();
        let is_last = !behind.iter().any(u8::is_ascii_alphanumeric);
        if of_secrets(word)
            || of_secrets(letters_at(rest))
            || (is_last && LAST_WORDS.iter().any(|last| word.eq_ignore_ascii_case(last)))
        {
            return true;
        }
        rest = behind;
    }
    false
}
