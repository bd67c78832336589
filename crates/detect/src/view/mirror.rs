//! Secrets backwards, or with their letters moved thirteen places on (ROT13); and text in base32.
//!
//! A candidate is a long run of letters and digits that begins as such a prefix would, or ends as one would
//! backwards. Terms of the operator's lists are turned and reversed themselves, and looked for
//! as the others are.

use super::ViewId;
use super::base32;
use super::decode::{Search, in_alphabet, search};
use super::outline::Outline;
use super::respell::{Leaf, Recogniser, Types};
use crate::block::{BLOCK_BYTES, Kind, block_bits, length_of, within};
use crate::detectors::secret::RULES;
use crate::entity::Finding;
use crate::keyword::Keywords;
use crate::window::{Undecided, Window};
use aho_corasick::BuildError;
use std::collections::HashSet;
use std::sync::LazyLock;
use wide::u8x16;

pub(super) static RECOGNISER: Recogniser = Recogniser { view: ViewId::RAW, next, read, start };

/// Bytes of a token before its first long run: `SG.`, `npm_`.
const LEAD_BYTES_MAX: usize = 24;
/// Bytes of the longest token that is read.
const TOKEN_BYTES_MAX: usize = 240;
/// Bytes of the shortest prefix that is looked for.
const PREFIX_BYTES_MIN: usize = 3;

/// Prefixes of secrets, sorted.
static PREFIXES: LazyLock<Vec<&'static [u8]>> = LazyLock::new(|| {
    let is_long = |prefix: &&[u8]| prefix.len() >= PREFIX_BYTES_MIN;
    let mut prefixes: Vec<_> = RULES.iter().map(|rule| rule.prefix).filter(is_long).collect();
    prefixes.sort_unstable();
    prefixes
});

/// One bit for each pair of bytes with which one of them begins.
static PAIRS: LazyLock<Box<[u64; 1024]>> = LazyLock::new(|| {
    let mut pairs = Box::new([0; 1024]);
    for pair in PREFIXES.iter().filter_map(|prefix| prefix.first_chunk()) {
        let (word, bit) = bit(*pair);
        if let Some(word) = pairs.get_mut(word) {
            *word |= bit;
        }
    }
    pairs
});

fn bit([first, second]: [u8; 2]) -> (usize, u64) {
    let pair = usize::from(first) << 8 | usize::from(second);
    (pair / 64, 1 << (pair % 64))
}

/// True if a token begins with the prefix of a secret.
pub(super) fn begins_secret<I: Iterator<Item = u8>>(token: impl Fn() -> I) -> bool {
    let mut bytes = token();
    let (Some(first), Some(second)) = (bytes.next(), bytes.next()) else { return false };
    let pair = [first, second];
    let (word, bit) = bit(pair);
    if PAIRS.get(word).is_none_or(|word| word & bit == 0) {
        return false;
    }
    let from = PREFIXES.partition_point(|prefix| *prefix < pair.as_slice());
    let mut alike = PREFIXES.iter().skip(from).take_while(|prefix| prefix.starts_with(&pair));
    alike.any(|prefix| token().take(prefix.len()).eq(prefix.iter().copied()))
}

/// A letter thirteen places on.
pub(super) const fn rot13(byte: u8) -> u8 {
    match byte {
        b'A'..=b'M' | b'a'..=b'm' => byte + 13,
        b'N'..=b'Z' | b'n'..=b'z' => byte - 13,
        _ => byte,
    }
}

#[inline]
fn in_token(byte: u8) -> bool {
    in_alphabet(&byte) || matches!(byte, b'.' | b'=')
}

/// Bytes of the shortest term that is looked for: a shorter one may be a word of its own.
const TERM_BYTES_MIN: usize = 6;

/// Terms of all lists up to which they are looked for: a search for more would take as long as that for the
/// terms as they stand.
const TERM_COUNT_MAX: usize = 1024;

/// The operator's terms, backwards and in ROT13.
#[derive(Debug)]
pub(crate) struct Mirrored {
    pub(crate) terms: Keywords,
    /// Those in ROT13, in small letters, sorted.
    turned: Vec<Vec<u8>>,
}

impl Mirrored {
    /// Compiles what there is to look for, if anything.
    ///
    /// # Errors
    /// If the automaton would be larger than its state numbers allow.
    pub(crate) fn new(lists: &[(String, Vec<String>)], first_id: u16) -> Result<Option<Self>, BuildError> {
        let count: usize = lists.iter().map(|(_, terms)| terms.len()).sum();
        let fits = |term: &&String| term.len() >= TERM_BYTES_MIN && term.bytes().any(|byte| byte.is_ascii_alphabetic());
        let turn = |term: &String| term.chars().map(turned).collect::<String>();
        let reverse = |term: &String| term.chars().rev().collect::<String>();
        let mirror = |(name, terms): &(String, Vec<String>)| {
            let fitting = || terms.iter().filter(fits);
            let known: HashSet<&String> = terms.iter().collect();
            let other = |mirrored: &String| !known.contains(mirrored);
            (name.clone(), fitting().map(turn).chain(fitting().map(reverse)).filter(other).collect())
        };
        let mirrored: Vec<(String, Vec<String>)> = lists.iter().map(mirror).collect();
        if count > TERM_COUNT_MAX || mirrored.iter().all(|(_, terms)| terms.is_empty()) {
            return Ok(None);
        }
        let all = lists.iter().flat_map(|(_, terms)| terms).filter(fits);
        let mut turned: Vec<_> = all.map(|term| turn(term).to_ascii_lowercase().into_bytes()).collect();
        turned.sort_unstable();
        Ok(Some(Self { terms: Keywords::new(&mirrored, first_id)?, turned }))
    }

    /// Gives findings of terms their view.
    pub(crate) fn name(&self, window: &Window<'_>, base: u64, found: &mut [Finding]) {
        let place = |offset: u64| usize::try_from(offset.saturating_sub(base)).unwrap_or(usize::MAX);
        for finding in found {
            let text = window.slice(place(finding.start), place(finding.end));
            let lower = || text.iter().map(u8::to_ascii_lowercase);
            let is_turned = self.turned.binary_search_by(|term| term.iter().copied().cmp(lower())).is_ok();
            finding.view = if is_turned { ViewId::ROT13 } else { ViewId::REVERSED };
        }
    }
}

fn turned(character: char) -> char {
    u8::try_from(character).map_or(character, |byte| if byte.is_ascii() { char::from(rot13(byte)) } else { character })
}

fn next(text: &[u8], outline: &Outline, from: usize) -> Option<usize> {
    match search(text, outline, from) {
        Search::Found(start) => Some(start),
        Search::Tail(_) => None,
    }
}

fn read(window: &Window<'_>, at: usize, leaf: &mut Leaf) -> Result<usize, Undecided> {
    let start = token_start(window.slice(0, at), at);
    let token = window.text().get(start..).unwrap_or_default();
    let token = token.get(..TOKEN_BYTES_MAX).unwrap_or(token);
    let len = token_length(token);
    if len.is_none() && token.len() < TOKEN_BYTES_MAX {
        return Err(Undecided);
    }
    let token = len.and_then(|len| token.get(..len)).unwrap_or(token);
    let len = token.len();
    // Behind a name, a path, or another part of a token; backwards before it.
    let turned = parts(token.iter()).find(|from| begins_secret(|| token.iter().skip(*from).map(|byte| rot13(*byte))));
    let reversed = || parts(token.iter().rev()).find(|from| begins_secret(|| token.iter().rev().skip(*from).copied()));
    let is_turned = turned.is_some();
    if let Some(from) = turned.or_else(reversed) {
        let whole = if is_turned { from..len } else { 0..len - from };
        for (offset, byte) in token.iter().enumerate().take(whole.end).skip(whole.start) {
            let byte = if is_turned { rot13(*byte) } else { *byte };
            leaf.push(byte, start + offset, start + offset + 1);
        }
        if !is_turned {
            leaf.reverse();
        }
        leaf.more = if is_turned { ViewId::ROT13 } else { ViewId::REVERSED };
        leaf.types = Types::Secrets;
    } else {
        base32::read(token, start, leaf);
    }
    Ok((start + len).max(at + 1))
}

/// Where a secret may begin in a token: with it, and behind what joins its first parts.
fn parts<'t>(token: impl Iterator<Item = &'t u8>) -> impl Iterator<Item = usize> {
    let joins = |byte: &u8| matches!(byte, b'=' | b'/' | b'-' | b'_' | b'.' | b'+');
    let behind = token.take(LEAD_BYTES_MAX).enumerate().filter(move |(_, byte)| joins(byte)).map(|(at, _)| at + 1);
    core::iter::once(0).chain(behind)
}

/// How many bytes of a token a text begins with; none if it has no others.
fn token_length(text: &[u8]) -> Option<usize> {
    Some(length_of(text, InToken)).filter(|length| *length < text.len())
}

/// What tokens are made of.
#[derive(Clone, Copy, Debug)]
struct InToken;

impl Kind for InToken {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        in_token(byte)
    }

    #[inline]
    fn bits(self, block: &[u8; BLOCK_BYTES]) -> u64 {
        block_bits(block, |bytes| {
            let is = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
            let letter = within(bytes | u8x16::splat(0x20), b'a', b'z');
            letter | within(bytes, b'-', b'9') | is(b'+') | is(b'_') | is(b'=')
        })
    }
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
