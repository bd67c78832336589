//! Prefixes without a tag: `AKIA`, `eyJ`, `-----BEGIN`.
//!
//! They are few, so that a packed search (Teddy) over their heads runs at memory speed; where the
//! processor has none, an automaton does the same.

use super::{Partial, Progress, Sink, id};
use crate::block::{Text, Traits};
use crate::detectors::secret::{self, RULES, Rule};
use crate::trigger::tag::tag;
use crate::window::{Match, Undecided, Window};
use aho_corasick::{AhoCorasick, BuildError, Input, packed};
use core::ops::Range;
use memchr::memmem;

/// The packed search of all prefixes without a tag.
#[derive(Debug)]
pub(crate) struct Literals {
    search: Search,
    /// Rules of each head, in the order of their places.
    rules: Vec<Vec<(usize, &'static Rule)>>,
    prefixes: Partial,
    first_id: u16,
    /// Some of the rules are for armours, which begin with dashes.
    has_armours: bool,
}

#[derive(Debug)]
enum Search {
    One(memmem::Finder<'static>),
    Packed(packed::Searcher),
    Automaton(AhoCorasick),
}

/// How many searches share the heads. One over all of them would be several times as slow as two over
/// half of them each; and each that is shorter than four bytes would slow the others down.
pub(crate) const SEARCH_COUNT: usize = 2 + SHORT_HEADS.len();

/// Heads that are searched apart, each group alone.
const SHORT_HEADS: [&[&[u8]]; 4] = [&[b"eyJ"], &[b"SG."], &[b"$1$", b"$5$", b"$6$", b"$y$"], &[b"Q~"]];

/// Rules without a tag, with their places: those whose heads are letters and digits, then the others,
/// then those of each group of short heads.
fn untagged(search: usize) -> impl Iterator<Item = (usize, &'static Rule)> {
    let of = |rule: &Rule| match SHORT_HEADS.iter().position(|heads| heads.contains(&rule.head())) {
        Some(place) => 2 + place,
        None => usize::from(!rule.head().iter().all(u8::is_ascii_alphanumeric)),
    };
    let mine = move |rule: &Rule| of(rule) == search;
    RULES.iter().enumerate().filter(move |(_, rule)| tag(rule.prefix).is_none() && mine(rule))
}

impl Literals {
    /// Prepares both searches.
    ///
    /// # Errors
    /// If the automaton of a processor without packed search could not be built.
    pub(crate) fn all(first_id: u16) -> Result<Vec<Self>, BuildError> {
        (0..SEARCH_COUNT).map(|search| Self::new(search, first_id)).collect()
    }

    fn new(search: usize, first_id: u16) -> Result<Self, BuildError> {
        let untagged = || untagged(search);
        let mut heads: Vec<&[u8]> = untagged().map(|(_, rule)| rule.head()).collect();
        heads.sort_unstable();
        heads.dedup();
        let of_head = |head: &&[u8]| untagged().filter(|(_, rule)| rule.head() == *head).collect();
        let rules = heads.iter().map(of_head).collect();
        let search = match (heads.as_slice(), packed::Searcher::new(heads.iter())) {
            ([head], _) => Search::One(memmem::Finder::new(head).into_owned()),
            (_, Some(packed)) => Search::Packed(packed),
            (_, None) => Search::Automaton(AhoCorasick::new(&heads)?),
        };
        let prefixes = Partial::new(untagged().map(|(_, rule)| rule.prefix));
        let has_armours = untagged().any(|(_, rule)| rule.prefix.starts_with(DASHES));
        Ok(Self { search, rules, prefixes, first_id, has_armours })
    }

    /// Decides at every prefix from the cursor on; returns the hold.
    pub(crate) fn scan(&self, window: &Window<'_>, progress: &mut Progress, sink: &mut Sink<'_>) -> usize {
        let text = window.text();
        if progress.resume(text, sink) {
            return progress.cursor;
        }
        while let Some(stretch) = self.stretch(window.indexed(), progress.cursor) {
            progress.cursor = progress.cursor.max(stretch.start);
            while let Some((pattern, head)) = self.search.next(text, progress.cursor..stretch.end) {
                sink.visit();
                match self.decide(window, (pattern, head), progress.floor) {
                    Err(start) => {
                        progress.cursor = head;
                        return start;
                    }
                    Ok(None) => progress.cursor = head + 1,
                    Ok(Some((place, found))) => {
                        if progress.accept(found, id(self.first_id, place), text, sink) {
                            return progress.cursor;
                        }
                    }
                }
            }
            if stretch.end == text.len() {
                break;
            }
            progress.cursor = progress.cursor.max(stretch.end);
        }
        let rest = text.get(progress.cursor..).unwrap_or_default();
        let hold = self.prefixes.hold(rest, |start| secret::token_may_start(window, progress.cursor + start));
        progress.cursor += hold;
        progress.cursor
    }

    /// The next part of the text that can have a secret: each is a long run, or begins right before one
    /// (`AstraCS:`), or begins with dashes.
    fn stretch(&self, text: Text<'_>, from: usize) -> Option<Range<usize>> {
        let armours = if self.has_armours { Traits::DASHES } else { Traits::NEAR_RUN };
        text.stretch(from, Traits::NEAR_RUN.or(armours))
    }

    /// The first rule of a head that accepts what has it at `head` and begins at or behind `floor`,
    /// or the start of what is undecided.
    fn decide(
        &self,
        window: &Window<'_>,
        (pattern, head): (usize, usize),
        floor: usize,
    ) -> Result<Option<(usize, Match)>, usize> {
        for (place, rule) in self.rules.get(pattern).into_iter().flatten() {
            let Some(start) = head.checked_sub(rule.head_offset).filter(|start| *start >= floor) else {
                continue;
            };
            match rule.check(window, start) {
                Err(Undecided) => return Err(start),
                Ok(Some(found)) => return Ok(Some((*place, found))),
                Ok(None) => {}
            }
        }
        Ok(None)
    }
}

/// What all armours begin with.
const DASHES: &[u8] = b"----";

impl Search {
    /// The next head at or behind `from`: which one, and where.
    #[inline]
    fn next(&self, text: &[u8], span: Range<usize>) -> Option<(usize, usize)> {
        if span.start >= span.end {
            return None;
        }
        let from = span.start;
        let place = |found: aho_corasick::Match| (found.pattern().as_usize(), found.start());
        match self {
            Self::One(head) => head.find(text.get(span)?).map(|place| (0, from + place)),
            Self::Packed(packed) => packed.find_in(text, span.into()).map(place),
            Self::Automaton(automaton) => automaton.find(Input::new(text).range(span)).map(place),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::{BLOCK_BYTES, LONG_RUN_BYTES};
    use crate::detectors::secret::Body;

    /// Searches pass over blocks without dashes and with no long run in them or in the next one, so every match has
    /// a long run that begins with it or within a block behind.
    #[test]
    fn every_rule_has_a_long_run_or_begins_with_dashes() {
        let in_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"$+,-./=_~".contains(byte);
        for (_, rule) in (0..SEARCH_COUNT).flat_map(untagged).filter(|(_, rule)| !rule.prefix.starts_with(DASHES)) {
            let run = rule.prefix.rsplit(|byte| !in_token(byte)).next().unwrap().len();
            let longest = rule.prefix.split(|byte| !in_token(byte)).map(<[u8]>::len).max().unwrap();
            assert!(rule.prefix.len() <= BLOCK_BYTES, "{}", rule.name);
            if longest >= LONG_RUN_BYTES {
                continue;
            }
            let body = match rule.body {
                Body::Exactly(class, length) | Body::AtLeast(class, length) => {
                    let members: Vec<u8> = (0..=u8::MAX).filter(|byte| class.holds(*byte)).collect();
                    assert!(members.iter().all(in_token), "{}: {class:?}", rule.name);
                    length
                }
                // What its own check reads; its examples are found through the whole scanner.
                Body::Checked(_, length) => length,
            };
            assert!(run + body >= LONG_RUN_BYTES, "{}: {run} and {body}", rule.name);
        }
    }

    /// Wherever a key stands in its block, and whatever stands before it.
    #[test]
    fn a_prefix_that_is_no_part_of_its_run_is_found_at_every_place() {
        let key = "AstraCS:k3Jd9x0Qpl5m2Nv8Zx81Kd93:0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9";
        let set = crate::DetectorSet::builder().enable(crate::EntityType::Secret).build().unwrap();
        for place in 0..2 * BLOCK_BYTES {
            let (mut scanner, mut found) = (crate::Scanner::new(), Vec::new());
            scanner.push(" x".repeat(place).as_bytes());
            scanner.push(if place % 2 == 0 { b" " } else { b"  " });
            scanner.push(key.as_bytes());
            scanner.boundary();
            scanner.scan(&set, &mut found);
            assert!(
                found.iter().any(|finding| set.rule(finding.detector) == Some("astra-token")),
                "{place}: {found:?}"
            );
        }
    }

    #[test]
    fn no_head_hides_another() {
        for search in 0..SEARCH_COUNT {
            for (_, rule) in untagged(search) {
                for (_, other) in untagged(search) {
                    let (head, other) = (rule.head(), other.head());
                    assert!(head == other || !head.starts_with(other), "{head:?} {other:?}");
                }
            }
        }
    }

    #[test]
    fn a_search_has_few_heads() {
        for (search, literals) in Literals::all(0).unwrap().iter().enumerate() {
            let shortest = untagged(search).map(|(_, rule)| rule.head().len()).min();
            assert!(search >= 2 || shortest == Some(4), "{search}");
            assert!(literals.rules.len() <= 28, "{}", literals.rules.len());
        }
    }
}
