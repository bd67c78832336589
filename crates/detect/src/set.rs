//! A set of detectors, compiled once and shared by all scanners.

use crate::detectors::secret::{RULES, aws_secret};
use crate::detectors::{DETECTORS, Detector, Trigger};
use crate::entity::{DetectorId, EntityType};
use crate::keyword::Keywords;
use crate::trigger::Armed;
use crate::trigger::literal::Literals;
use crate::trigger::run::Runs;
use crate::trigger::tag::Tags;
use crate::view::Mirrored;
use std::borrow::Cow;

/// Bytes of the shortest term.
pub const KEYWORD_BYTES_MIN: usize = 2;

/// Bytes of the longest term: what a mode that holds little must be able to hold.
pub const KEYWORD_BYTES_MAX: usize = 256;

/// Terms of all lists: the automaton's memory, about 1 KB a term, stays below 64 MB.
pub const KEYWORD_COUNT_MAX: usize = 65_536;

/// Lists of terms: an index of a list has 16 bits, shared with the built-in rules.
pub const KEYWORD_LIST_COUNT_MAX: usize = 4_096;

/// Why a set could not be built. The operator's configuration is at fault.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Two lists have one name.
    #[error("the keyword list {list:?} is there twice")]
    ListTwice {
        /// Its name.
        list: String,
    },
    /// A list has no terms.
    #[error("the keyword list {list:?} is empty")]
    ListEmpty {
        /// Its name.
        list: String,
    },
    /// A term is too short or too long.
    #[error(
        "term {index} of the keyword list {list:?} has {bytes} bytes; {KEYWORD_BYTES_MIN} to {KEYWORD_BYTES_MAX} are possible"
    )]
    TermBytes {
        /// The list's name.
        list: String,
        /// The term's place in the list, from 0.
        index: usize,
        /// Its length.
        bytes: usize,
    },
    /// More terms than [`KEYWORD_COUNT_MAX`].
    #[error("{count} keywords; at most {KEYWORD_COUNT_MAX} are possible")]
    TermCount {
        /// How many there are.
        count: usize,
    },
    /// More lists than [`KEYWORD_LIST_COUNT_MAX`].
    #[error("{count} keyword lists; at most {KEYWORD_LIST_COUNT_MAX} are possible")]
    ListCount {
        /// How many there are.
        count: usize,
    },
    /// The terms do not fit into one automaton.
    #[error("the keywords could not be compiled: {0}")]
    Automaton(#[from] aho_corasick::BuildError),
}

/// Compiled detectors: immutable, shared by all workers.
#[derive(Debug)]
pub struct DetectorSet {
    rules: Vec<(EntityType, Cow<'static, str>)>,
    enabled: [bool; EntityType::COUNT],
    pub(crate) at: Option<Armed>,
    pub(crate) colon: Option<Armed>,
    pub(crate) digits: Vec<Armed>,
    pub(crate) runs: Option<Runs>,
    pub(crate) tags: Option<Tags>,
    pub(crate) literals: Option<Literals>,
    pub(crate) keywords: Option<Keywords>,
    pub(crate) mirrored: Option<Mirrored>,
    match_bytes_max: usize,
    lookahead_bytes: usize,
}

/// Collects what a [`DetectorSet`] is to find.
#[derive(Clone, Debug)]
pub struct DetectorSetBuilder {
    enabled: [bool; EntityType::COUNT],
    lists: Vec<(String, Vec<String>)>,
}

impl Default for DetectorSetBuilder {
    fn default() -> Self {
        Self { enabled: [false; EntityType::COUNT], lists: Vec::new() }
    }
}

impl DetectorSetBuilder {
    /// Looks for this type. For [`EntityType::Keyword`] add lists instead.
    #[must_use]
    pub fn enable(mut self, entity: EntityType) -> Self {
        if let Some(enabled) = self.enabled.get_mut(entity.index()) {
            *enabled = true;
        }
        self
    }

    /// Looks for all built-in types.
    #[must_use]
    pub fn enable_all(self) -> Self {
        EntityType::ALL.into_iter().fold(self, Self::enable)
    }

    /// Looks for the terms of a list; its name is the rule of their findings.
    #[must_use]
    pub fn keywords(mut self, list_name: &str, terms: &[String]) -> Self {
        self.lists.push((list_name.to_owned(), terms.to_vec()));
        self
    }

    /// Compiles the set.
    ///
    /// # Errors
    /// If a keyword list breaks a limit or is named twice.
    pub fn build(self) -> Result<DetectorSet, Error> {
        check_lists(&self.lists)?;
        let enabled = |entity: EntityType| self.enabled.get(entity.index()).copied().unwrap_or(false);
        let mut rules = builtin_rules();
        let armed: Vec<_> = arm(enabled).collect();
        let first_secret = index(rules.len() - RULES.len());
        let first_list = index(rules.len());
        rules.extend(self.lists.iter().map(|(name, _)| (EntityType::Keyword, Cow::from(name.clone()))));
        let secrets = enabled(EntityType::Secret);
        let keywords = if self.lists.is_empty() { None } else { Some(Keywords::new(&self.lists, first_list)?) };
        let one = |trigger| armed.iter().find(|armed| armed.detector.trigger == trigger && armed.reports).copied();
        let mut set = DetectorSet {
            rules,
            enabled: self.enabled,
            at: one(Trigger::At),
            colon: one(Trigger::Colon),
            digits: all_if_any_reports(&armed),
            runs: one(Trigger::Run).map(Runs::new).transpose()?,
            tags: secrets.then(|| Tags::new(first_secret)),
            literals: if secrets { Some(Literals::new(first_secret)?) } else { None },
            keywords,
            mirrored: Mirrored::new(&self.lists, first_list)?,
            match_bytes_max: 0,
            lookahead_bytes: 0,
        };
        set.measure();
        Ok(set)
    }
}

impl DetectorSet {
    /// An empty builder.
    #[must_use]
    pub fn builder() -> DetectorSetBuilder {
        DetectorSetBuilder::default()
    }

    /// Bytes of the longest match that must be seen before it is decided. Items without a bounded
    /// length are decided at their head.
    #[must_use]
    pub const fn match_bytes_max(&self) -> usize {
        self.match_bytes_max
    }

    /// Bytes behind a match that may have to be seen before it is decided.
    #[must_use]
    pub const fn lookahead_bytes(&self) -> usize {
        self.lookahead_bytes
    }

    /// Every detector of the set, in the order of their indices.
    pub fn ids(&self) -> impl Iterator<Item = DetectorId> + use<> {
        (0..self.rules.len()).map(|place| DetectorId(index(place)))
    }

    /// How many rules there are, built-in ones and keyword lists.
    #[must_use]
    pub fn detector_count(&self) -> usize {
        self.rules.len()
    }

    /// The type that a detector finds.
    #[must_use]
    pub fn entity(&self, detector: DetectorId) -> Option<EntityType> {
        self.rules.get(detector.index()).map(|rule| rule.0)
    }

    /// The name of a detector's rule: `email`, `aws-access-key-id`, the name of a keyword list.
    #[must_use]
    pub fn rule(&self, detector: DetectorId) -> Option<&str> {
        self.rules.get(detector.index()).map(|rule| rule.1.as_ref())
    }

    /// The detector whose findings bear the name of this keyword list.
    #[must_use]
    pub fn keyword_list(&self, name: &str) -> Option<DetectorId> {
        let is_list = |rule: &(EntityType, Cow<'_, str>)| rule.0 == EntityType::Keyword && rule.1 == name;
        self.rules.iter().position(is_list).map(|place| DetectorId(index(place)))
    }

    /// True if the set looks for this type.
    #[must_use]
    pub fn is_enabled(&self, entity: EntityType) -> bool {
        if entity == EntityType::Keyword {
            return self.keywords.is_some();
        }
        self.enabled.get(entity.index()).copied().unwrap_or(false)
    }

    fn measure(&mut self) {
        let detectors = || {
            let run = self.runs.as_ref().map(Runs::armed);
            let single = [self.at, self.colon, run].into_iter().flatten();
            single.chain(self.digits.iter().copied()).map(|armed| armed.detector)
        };
        let prefixes =
            if self.tags.is_some() { RULES.iter().map(|rule| rule.match_bytes_max()).max().unwrap_or(0) } else { 0 };
        let words = self.keywords.as_ref().map_or(0, Keywords::bytes_max);
        let matched = detectors().map(|detector| detector.match_bytes_max).max().unwrap_or(0);
        let ahead = detectors().map(|detector| detector.lookahead_bytes).max().unwrap_or(0);
        // Prefixes and words look at one byte behind them.
        let one = usize::from(prefixes + words > 0);
        (self.match_bytes_max, self.lookahead_bytes) = (matched.max(prefixes).max(words), ahead.max(one));
    }
}

/// The rules of all detectors, then those of the secrets with a prefix.
fn builtin_rules() -> Vec<(EntityType, Cow<'static, str>)> {
    let named = |detector: &&'static Detector| {
        let entity = detector.entity;
        detector.rules.iter().map(move |rule| (entity, Cow::Borrowed(*rule)))
    };
    let secrets = RULES.iter().map(|rule| (aws_secret::DETECTOR.entity, Cow::Borrowed(rule.name)));
    DETECTORS.iter().flat_map(named).chain(secrets).collect()
}

fn arm(enabled: impl Fn(EntityType) -> bool) -> impl Iterator<Item = Armed> {
    let mut first = 0;
    DETECTORS.iter().map(move |detector| {
        let armed = Armed { detector, first_id: index(first), reports: enabled(detector.entity) };
        first += detector.rules.len();
        armed
    })
}

/// All detectors of numbers, if any of them reports: the others claim what is theirs, so that what
/// one type finds does not depend on which others are looked for.
fn all_if_any_reports(armed: &[Armed]) -> Vec<Armed> {
    let digits = armed.iter().filter(|armed| armed.detector.trigger == Trigger::Digit);
    if digits.clone().any(|armed| armed.reports) { digits.copied().collect() } else { Vec::new() }
}

fn check_lists(lists: &[(String, Vec<String>)]) -> Result<(), Error> {
    if lists.len() > KEYWORD_LIST_COUNT_MAX {
        return Err(Error::ListCount { count: lists.len() });
    }
    let count = lists.iter().map(|(_, terms)| terms.len()).sum();
    if count > KEYWORD_COUNT_MAX {
        return Err(Error::TermCount { count });
    }
    for (place, (list, terms)) in lists.iter().enumerate() {
        let list = || list.clone();
        if lists.iter().take(place).any(|(earlier, _)| *earlier == list()) {
            return Err(Error::ListTwice { list: list() });
        }
        if terms.is_empty() {
            return Err(Error::ListEmpty { list: list() });
        }
        let allowed = KEYWORD_BYTES_MIN..=KEYWORD_BYTES_MAX;
        if let Some(index) = terms.iter().position(|term| !allowed.contains(&term.len())) {
            let bytes = terms.get(index).map_or(0, String::len);
            return Err(Error::TermBytes { list: list(), index, bytes });
        }
    }
    Ok(())
}

fn index(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(terms: &[&str]) -> Vec<String> {
        terms.iter().map(|term| (*term).to_owned()).collect()
    }

    #[test]
    fn a_set_is_shared_by_threads() {
        fn is_shared<T: Send + Sync>() {}
        is_shared::<DetectorSet>();
    }

    #[test]
    fn every_rule_has_a_name_of_its_own() {
        let mut names: Vec<_> = builtin_rules().into_iter().map(|rule| rule.1).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn a_list_is_found_by_its_name() {
        let set = DetectorSet::builder().keywords("ours", &terms(&["config.rust"])).build().unwrap();
        let id = set.keyword_list("ours").unwrap();
        assert_eq!((set.entity(id), set.rule(id)), (Some(EntityType::Keyword), Some("ours")));
        assert_eq!(set.keyword_list("theirs"), None);
        assert!(set.is_enabled(EntityType::Keyword) && !set.is_enabled(EntityType::Secret));
        assert_eq!((set.match_bytes_max(), set.lookahead_bytes()), (11, 1));
    }

    #[test]
    fn bad_lists_are_refused_with_their_place() {
        let build = |builder: DetectorSetBuilder| builder.build().unwrap_err().to_string();
        let builder = DetectorSet::builder;
        assert_eq!(build(builder().keywords("a", &[])), "the keyword list \"a\" is empty");
        let twice = builder().keywords("a", &terms(&["xy"])).keywords("a", &terms(&["xy"]));
        assert_eq!(build(twice), "the keyword list \"a\" is there twice");
        let short = build(builder().keywords("a", &terms(&["xy", "x"])));
        assert_eq!(short, "term 1 of the keyword list \"a\" has 1 bytes; 2 to 256 are possible");
    }
}
