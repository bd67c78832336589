//! Secrets backwards, or with their letters moved thirteen places on (ROT13).
//!
//! A candidate is a long run of letters and digits that begins as such a prefix would, or ends as one would
//! backwards. Terms of the operator's lists are looked for in the text itself: see `set.rs`.

use super::ViewId;
use super::decode::{Search, search};
use super::respell::{Leaf, Recogniser};
use crate::detectors::secret::RULES;
use crate::text::alphanumeric;
use crate::window::{Undecided, Window};
use std::sync::LazyLock;

pub(super) static RECOGNISER: Recogniser = Recogniser { view: ViewId::RAW, next, read, start };

/// Bytes of a token before its first long run: `SG.`, `npm_`.
const LEAD_BYTES_MAX: usize = 24;
/// Bytes of the longest token that is read.
const TOKEN_BYTES_MAX: usize = 240;
/// Bytes of the shortest prefix that is looked for.
const PREFIX_BYTES_MIN: usize = 3;

/// One bit for each pair of bytes with which a secret may begin.
static PAIRS: LazyLock<Box<[u64; 1024]>> = LazyLock::new(|| {
    let mut pairs = Box::new([0; 1024]);
    for rule in RULES.iter().filter(|rule| rule.prefix.len() >= PREFIX_BYTES_MIN) {
        if let Some((word, bit)) = rule.prefix.first_chunk().map(|pair| bit(*pair))
            && let Some(word) = pairs.get_mut(word)
        {
            *word |= bit;
        }
    }
    pairs
});

fn bit([first, second]: [u8; 2]) -> (usize, u64) {
    let pair = usize::from(first) << 8 | usize::from(second);
    (pair / 64, 1 << (pair % 64))
}

fn may_begin(pair: [u8; 2]) -> bool {
    let (word, bit) = bit(pair);
    PAIRS.get(word).is_some_and(|word| word & bit != 0)
}

/// A letter thirteen places on.
pub(super) const fn rot13(byte: u8) -> u8 {
    match byte {
        b'A'..=b'M' | b'a'..=b'm' => byte + 13,
        b'N'..=b'Z' | b'n'..=b'z' => byte - 13,
        _ => byte,
    }
}

const fn in_token(byte: u8) -> bool {
    alphanumeric(byte) || matches!(byte, b'_' | b'-' | b'.' | b'+' | b'/' | b'=')
}

fn next(text: &[u8], from: usize) -> Option<usize> {
    match search(text, from) {
        Search::Found(start) => Some(start),
        Search::Tail(_) => None,
    }
}

fn read(window: &Window<'_>, at: usize, leaf: &mut Leaf) -> Result<usize, Undecided> {
    let start = token_start(window.slice(0, at), at);
    let len = window.run(start, TOKEN_BYTES_MAX, in_token)?;
    let token = window.slice(start, start + len);
    let is_turned = token.first_chunk().is_some_and(|pair: &[u8; 2]| may_begin(pair.map(rot13)));
    let is_reversed = token.last_chunk().is_some_and(|[second, first]: &[u8; 2]| may_begin([*first, *second]));
    if is_turned || is_reversed {
        for (offset, byte) in token.iter().enumerate() {
            let byte = if is_turned { rot13(*byte) } else { *byte };
            leaf.push(byte, start + offset, start + offset + 1);
        }
        if !is_turned {
            leaf.reverse();
        }
        leaf.more = if is_turned { ViewId::ROT13 } else { ViewId::REVERSED };
        leaf.only_secrets = true;
    }
    Ok((start + len).max(at + 1))
}

fn token_start(text: &[u8], at: usize) -> usize {
    let head = text.get(at.saturating_sub(LEAD_BYTES_MAX)..at).unwrap_or_default();
    at - head.iter().rev().take_while(|byte| in_token(**byte)).count()
}

fn start(text: &[u8], at: usize) -> usize {
    let run = if at < text.len() {
        at
    } else {
        let word = text.iter().rev().take(TOKEN_BYTES_MAX).take_while(|byte| in_token(**byte)).count();
        text.len() - word
    };
    token_start(text, run)
}
