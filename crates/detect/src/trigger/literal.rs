//! Prefixes without a tag: `AKIA`, `eyJ`, `-----BEGIN`; what is searched for are their heads, the bytes that are rare.

use super::{Partial, Progress, Sink, id};
use crate::detectors::secret::{self, RULES, Rule};
use crate::needle::Family;
use crate::traits::Traits;
use crate::trigger::tag::tag;
use crate::window::{Match, Undecided, Window};

/// The search for all prefixes without a tag.
#[derive(Debug)]
pub(crate) struct Literals {
    heads: Vec<&'static [u8]>,
    /// Rules of each head, in the order of their places.
    rules: Vec<Vec<(usize, &'static Rule)>>,
    prefixes: Partial,
    first_id: u16,
}

/// Rules without a tag, with their places.
fn untagged() -> impl Iterator<Item = (usize, &'static Rule)> {
    RULES.iter().enumerate().filter(|(_, rule)| tag(rule.prefix).is_none())
}

impl Literals {
    /// Blocks that can have a secret: each is a long run, or begins right before one (`AstraCS:`), or begins with
    /// dashes, as armours do.
    pub(crate) const TRAITS: Traits = Traits::NEAR_RUN.or(Traits::DASHES);

    pub(crate) fn new(first_id: u16) -> Self {
        let mut heads: Vec<&[u8]> = untagged().map(|(_, rule)| rule.head()).collect();
        heads.sort_unstable();
        heads.dedup();
        let of_head = |head: &&[u8]| untagged().filter(|(_, rule)| rule.head() == *head).collect();
        let rules = heads.iter().map(of_head).collect();
        Self { rules, heads, prefixes: Partial::new(untagged().map(|(_, rule)| rule.prefix)), first_id }
    }

    /// What has to be searched for.
    pub(crate) fn needles(&self) -> (Family, Vec<&'static [u8]>) {
        (Family::PREFIX, self.heads.clone())
    }

    /// Decides at every prefix from the cursor on; returns the hold.
    pub(crate) fn scan(&self, window: &Window<'_>, progress: &mut Progress, sink: &mut Sink<'_>) -> usize {
        let text = window.text();
        if progress.resume(text, sink) {
            return progress.cursor;
        }
        let begin = progress.cursor;
        let mut heads = window.indexed().needles(Family::PREFIX, begin);
        while let Some((head, pattern)) = heads.next_from(progress.cursor) {
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
        // A prefix that the text's end cuts off may have its head behind its first bytes, and the head of another prefix
        // before that.
        let from = begin.max(progress.floor).max(text.len().saturating_sub(self.prefixes.bytes_max));
        let rest = text.get(from..).unwrap_or_default();
        progress.cursor = from + self.prefixes.hold(rest, |start| secret::token_may_start(window, from + start));
        progress.cursor
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::BLOCK_BYTES;
    use crate::detectors::secret::Body;
    use crate::traits::LONG_RUN_BYTES;

    /// Searches pass over blocks without dashes and with no long run in them or in the next one, so every match has
    /// a long run that begins with it or within a block behind.
    #[test]
    fn every_rule_has_a_long_run_or_begins_with_dashes() {
        let in_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"$+,-./=_~".contains(byte);
        for (_, rule) in untagged().filter(|(_, rule)| !rule.prefix.starts_with(b"----")) {
            let run = rule.prefix.rsplit(|byte| !in_token(byte)).next().unwrap().len();
            let longest = rule.prefix.split(|byte| !in_token(byte)).map(<[u8]>::len).max().unwrap();
            assert!(rule.prefix.len() <= BLOCK_BYTES, "{}", rule.name);
            if longest >= LONG_RUN_BYTES {
                continue;
            }
            let body = match rule.body {
                Body::Exactly(class, length) | Body::AtLeast(class, length) | Body::Parts(class, length) => {
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
        for (_, rule) in untagged() {
            for (_, other) in untagged() {
                let (head, other) = (rule.head(), other.head());
                assert!(head == other || !head.starts_with(other), "{head:?} {other:?}");
            }
        }
    }
}
