//! The operator's lists of words: literal terms, whatever their case, as whole words.
//!
//! All terms of all lists run in one automaton (Aho-Corasick). A term that begins or ends with a
//! letter or digit does not match where one continues it in the text. Of overlapping terms of one
//! list the leftmost counts, and of those the longest; lists do not influence each other.

use crate::text::alphanumeric;
use crate::trigger::{Sink, id};
use crate::window::{Match, Window};
use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, Input};
use core::cmp::Reverse;

/// Bytes of all terms up to which a full table (DFA) is built: it is twice as fast, but has about
/// 256 bytes for each of them, and beyond this it leaves the caches.
const TABLE_TERM_BYTES_MAX: usize = 32 * 1024;

/// A term's own facts; its text is in the automaton.
#[derive(Clone, Copy, Debug)]
struct Term {
    list: usize,
    begins_word: bool,
    ends_word: bool,
}

/// All lists, compiled.
#[derive(Debug)]
pub(crate) struct Keywords {
    automaton: AhoCorasick,
    terms: Vec<Term>,
    /// All terms in small letters, sorted: what a text's end may be the beginning of.
    sorted: Vec<Box<[u8]>>,
    firsts: Box<[bool; 256]>,
    bytes_max: usize,
    list_count: usize,
    first_id: u16,
}

/// Where the search for terms stands in a stream.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) cursor: usize,
    /// Absolute end of the last finding of each list.
    ends: Vec<u64>,
    /// Start, end and list of the terms found in a scan.
    seen: Vec<(usize, Reverse<usize>, usize)>,
}

impl Progress {
    /// Entries that its buffers have room for.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.ends.capacity() + self.seen.capacity()
    }

    /// Forgets the stream, keeps the memory.
    pub(crate) fn reset(&mut self) {
        self.cursor = 0;
        self.ends.clear();
        self.seen.clear();
    }
}

impl Keywords {
    /// Compiles `lists`.
    ///
    /// # Errors
    /// If the automaton would be larger than its state numbers allow.
    pub(crate) fn new(lists: &[(String, Vec<String>)], first_id: u16) -> Result<Self, BuildError> {
        let all = || {
            lists
                .iter()
                .enumerate()
                .flat_map(|(list, (_, terms))| terms.iter().map(move |term| (list, term.as_bytes())))
        };
        let bytes: usize = all().map(|(_, term)| term.len()).sum();
        let kind = (bytes <= TABLE_TERM_BYTES_MAX).then_some(AhoCorasickKind::DFA);
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(kind.or(Some(AhoCorasickKind::ContiguousNFA)))
            .build(all().map(|(_, term)| term))?;
        let mut sorted: Vec<Box<[u8]>> = all().map(|(_, term)| term.to_ascii_lowercase().into()).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut firsts = Box::new([false; 256]);
        for first in sorted.iter().filter_map(|term| term.first()) {
            for first in [first.to_ascii_lowercase(), first.to_ascii_uppercase()] {
                if let Some(first) = firsts.get_mut(usize::from(first)) {
                    *first = true;
                }
            }
        }
        let word = |byte: Option<&u8>| byte.is_some_and(|byte| alphanumeric(*byte));
        let terms = all()
            .map(|(list, term)| Term { list, begins_word: word(term.first()), ends_word: word(term.last()) })
            .collect();
        let bytes_max = sorted.iter().map(|term| term.len()).max().unwrap_or(0);
        Ok(Self { automaton, terms, sorted, firsts, bytes_max, list_count: lists.len(), first_id })
    }

    /// Bytes of the longest term.
    pub(crate) const fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    /// Reports the terms that begin between the cursor and the hold; returns the hold.
    pub(crate) fn scan(&self, window: &Window<'_>, progress: &mut Progress, sink: &mut Sink<'_>) -> usize {
        progress.ends.resize(self.list_count, 0);
        progress.seen.clear();
        let hold = self.term_may_start(window, progress.cursor);
        let input = Input::new(window.text()).range(progress.cursor..);
        let Ok(matches) = self.automaton.try_find_overlapping_iter(input) else { return hold };
        for found in matches {
            sink.visit();
            let Some(term) = self.terms.get(found.pattern().as_usize()) else { continue };
            if found.start() < hold && is_whole(window, *term, found.start(), found.end()) {
                progress.seen.push((found.start(), Reverse(found.end()), term.list));
            }
        }
        progress.seen.sort_unstable();
        for (start, Reverse(end), list) in &progress.seen {
            let Some(last_end) = progress.ends.get_mut(*list) else { continue };
            if sink.base + *start as u64 >= *last_end {
                *last_end = sink.base + *end as u64;
                sink.push(id(self.first_id, *list), &Match::new(*start, *end, 0, 100), false);
            }
        }
        progress.cursor = hold;
        hold
    }

    /// The first place at or behind `from` where the text may end inside a term, or in a whole one
    /// that the next byte may continue.
    fn term_may_start(&self, window: &Window<'_>, from: usize) -> usize {
        let text = window.text();
        let from = from.max(text.len().saturating_sub(self.bytes_max));
        (from..text.len()).find(|start| self.may_start(window, *start)).unwrap_or(text.len())
    }

    fn may_start(&self, window: &Window<'_>, start: usize) -> bool {
        let suffix = window.slice(start, window.len());
        let Some(first) = suffix.first() else { return false };
        let inside_word = alphanumeric(*first) && alphanumeric(window.before(start));
        if inside_word || !self.firsts.get(usize::from(*first)).copied().unwrap_or(false) {
            return false;
        }
        let small = |byte: &u8| byte.to_ascii_lowercase();
        let place = self.sorted.partition_point(|term| term.iter().copied().lt(suffix.iter().map(small)));
        self.sorted
            .get(place)
            .and_then(|term| term.get(..suffix.len()))
            .is_some_and(|head| head.eq_ignore_ascii_case(suffix))
    }
}

fn is_whole(window: &Window<'_>, term: Term, start: usize, end: usize) -> bool {
    let continued = term.ends_word && window.at(end).is_ok_and(alphanumeric);
    let continues = term.begins_word && alphanumeric(window.before(start));
    !(continued || continues)
}

#[cfg(test)]
mod tests {
    use crate::{DetectorSet, Scanner};
    use proptest::prelude::*;

    fn found_in(lists: &[(&str, &[&str])], pieces: &[&str]) -> Vec<(String, String)> {
        let mut builder = DetectorSet::builder();
        for (name, terms) in lists {
            let terms: Vec<_> = terms.iter().map(|term| (*term).to_owned()).collect();
            builder = builder.keywords(name, &terms);
        }
        let set = builder.build().unwrap();
        let (mut scanner, mut found) = (Scanner::new(), Vec::new());
        for piece in pieces {
            scanner.push(piece.as_bytes());
            scanner.scan(&set, &mut found);
        }
        scanner.boundary();
        scanner.scan(&set, &mut found);
        let text = pieces.concat();
        found
            .iter()
            .map(|finding| {
                let range = usize::try_from(finding.start).unwrap()..usize::try_from(finding.end).unwrap();
                (set.rule(finding.detector).unwrap().to_owned(), text[range].to_owned())
            })
            .collect()
    }

    fn words(list: &str, found: &[&str]) -> Vec<(String, String)> {
        found.iter().map(|word| (list.to_owned(), (*word).to_owned())).collect()
    }

    #[test]
    fn terms_are_whole_words_in_any_case() {
        let lists: &[(&str, &[&str])] = &[("ours", &["Project Watch Me", "config.rust", ".env"])];
        assert_eq!(found_in(lists, &["PROJECT WATCH ME!"]), words("ours", &["PROJECT WATCH ME"]));
        assert_eq!(found_in(lists, &["see config.rust."]), words("ours", &["config.rust"]));
        assert_eq!(found_in(lists, &["config.rusty myconfig.rust"]), []);
        assert_eq!(found_in(lists, &["x.env .environment"]), words("ours", &[".env"]));
    }

    #[test]
    fn the_leftmost_longest_term_counts_and_lists_are_independent() {
        let lists: &[(&str, &[&str])] = &[("a", &["foo", "foo bar", "bar baz"]), ("b", &["foo"])];
        let expected = [words("b", &["foo"]), words("a", &["foo bar"])].concat();
        assert_eq!(found_in(lists, &["foo bar baz"]), expected);
        assert_eq!(found_in(lists, &["fo", "o ba", "r baz"]), expected);
        // The longer term is no whole word here, so the shorter one counts.
        assert_eq!(found_in(&[("a", &["foo", "foo bar"])], &["foo bars"]), words("a", &["foo"]));
    }

    #[test]
    fn only_the_beginning_of_a_term_is_held() {
        let set = DetectorSet::builder().keywords("a", &["secret plan".to_owned()]).build().unwrap();
        let (mut scanner, mut found) = (Scanner::new(), Vec::new());
        scanner.push(b"the secret p");
        assert_eq!(scanner.scan(&set, &mut found), 4);
        scanner.push(b"arty");
        assert_eq!(scanner.scan(&set, &mut found), scanner.position());
        assert_eq!(found, []);
    }

    proptest! {
        #[test]
        fn splits_change_nothing(pieces in proptest::collection::vec("[ab ]{0,6}", 0..12)) {
            let lists: &[(&str, &[&str])] = &[("a", &["ab", "a b", "ab ba", " b", "bb a "]), ("b", &["b a"])];
            let pieces: Vec<_> = pieces.iter().map(String::as_str).collect();
            let whole = pieces.concat();
            prop_assert_eq!(found_in(lists, &pieces), found_in(lists, &[&whole]));
        }
    }
}
