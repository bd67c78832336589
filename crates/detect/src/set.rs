//! A set of detectors, compiled once and shared by all scanners.

use crate::canary::{CANARY_LETTERS_MAX, CANARY_LETTERS_MIN, Canaries, letters};
use crate::code::{FingerprintSet, LANGUAGES, Stage};
use crate::detectors::cues::CUES;
use crate::detectors::ids::IDS;
use crate::detectors::ids::armed::Ids;
use crate::detectors::secret::{self, RULES, keyed};
use crate::detectors::{DETECTORS, Detector, Trigger, ids};
use crate::entity::{DetectorId, EntityType, Finding};
use crate::explain::{self, Explanation, RuleFacts};
use crate::keyword::Keywords;
use crate::marking::{self, Markings};
use crate::names::{self, Names};
use crate::needle::{Needles, SEARCH_COUNT};
use crate::traits::Traits;
use crate::trigger::Armed;
use crate::trigger::cue::Cues;
use crate::trigger::lattice::Lattice;
use crate::trigger::literal::Literals;
use crate::trigger::phrase;
use crate::trigger::run::Runs;
use crate::trigger::tag::Tags;
use crate::trigger::unmarked::Unmarked;
use crate::view::Mirrored;
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

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
        "term {} of the keyword list {list:?} has {bytes} bytes; {KEYWORD_BYTES_MIN} to {KEYWORD_BYTES_MAX} are possible",
        .index + 1
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
    /// The model of names that is part of the program is damaged.
    #[error("the model of names is damaged")]
    NamesModel,
    /// Two sets of fingerprints or two lists of canaries have one name.
    #[error("the name {name:?} is there twice")]
    NameTwice {
        /// The name.
        name: String,
    },
    /// A list of canaries has none.
    #[error("the list of canaries {list:?} is empty")]
    CanariesEmpty {
        /// Its name.
        list: String,
    },
    /// A canary is too short, so that chance would find it, or too long.
    #[error(
        "canary {} of the list {list:?} has {letters} letters and digits; {CANARY_LETTERS_MIN} to {CANARY_LETTERS_MAX} are possible",
        .index + 1
    )]
    CanaryLetters {
        /// The list's name.
        list: String,
        /// The canary's place in the list, from 0.
        index: usize,
        /// How many it has.
        letters: usize,
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
    pub(crate) ids: Ids,
    pub(crate) lattice: Option<Lattice>,
    pub(crate) cues: Option<Cues>,
    pub(crate) runs: Option<Runs>,
    pub(crate) tags: Option<Tags>,
    pub(crate) literals: Option<Literals>,
    pub(crate) unmarked: Option<Unmarked>,
    pub(crate) keywords: Option<Keywords>,
    pub(crate) names: Option<Names>,
    pub(crate) markings: Option<Markings>,
    pub(crate) canaries: Option<Canaries>,
    pub(crate) code: Option<Stage>,
    pub(crate) mirrored: Option<Mirrored>,
    /// What all of them search for: anywhere, near digits, and near long runs.
    pub(crate) needles: [Option<Needles>; SEARCH_COUNT],
    match_bytes_max: usize,
    lookahead_bytes: usize,
}

/// Collects what a [`DetectorSet`] is to find.
#[derive(Clone, Debug)]
pub struct DetectorSetBuilder {
    enabled: [bool; EntityType::COUNT],
    lists: Vec<(String, Vec<String>)>,
    fingerprints: Vec<(String, Arc<FingerprintSet>)>,
    canaries: Vec<(String, Vec<String>)>,
    /// No value is looked for that only its name tells of.
    marked_only: bool,
}

impl Default for DetectorSetBuilder {
    fn default() -> Self {
        let (fingerprints, canaries) = (Vec::new(), Vec::new());
        Self { enabled: [false; EntityType::COUNT], lists: Vec::new(), fingerprints, canaries, marked_only: false }
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

    /// Looks for all built-in types but the statistical ones.
    #[must_use]
    pub fn enable_structured(self) -> Self {
        EntityType::ALL.into_iter().filter(|entity| !entity.is_statistical()).fold(self, Self::enable)
    }

    /// Of secrets looks for those alone that tell of themselves: by a prefix, as keys of providers have, or by their armour;
    /// not for what a name, a word or a URL tells of ([`is_unmarked`](crate::is_unmarked)).
    #[must_use]
    pub const fn marked_secrets_only(mut self) -> Self {
        self.marked_only = true;
        self
    }

    /// Looks for the terms of a list; its name is the rule of their findings.
    #[must_use]
    pub fn keywords(mut self, list_name: &str, terms: &[String]) -> Self {
        self.lists.push((list_name.to_owned(), terms.to_vec()));
        self
    }

    /// Looks for lines of the source tree that a set of fingerprints was made of; the name is the rule
    /// of their findings.
    #[must_use]
    pub fn fingerprints(mut self, name: &str, set: FingerprintSet) -> Self {
        self.fingerprints.push((name.to_owned(), Arc::new(set)));
        self
    }

    /// Looks for strings that were planted; the list's name is the rule of their findings.
    #[must_use]
    pub fn canaries(mut self, list_name: &str, canaries: &[String]) -> Self {
        self.canaries.push((list_name.to_owned(), canaries.to_vec()));
        self
    }

    /// Compiles the set.
    ///
    /// # Errors
    /// If a list breaks a limit, or a name is there twice.
    pub fn build(self) -> Result<DetectorSet, Error> {
        check_lists(&self.lists)?;
        check_canaries(&self.canaries)?;
        check_names(self.canaries.iter().map(|list| &list.0))?;
        check_names(self.fingerprints.iter().map(|set| &set.0))?;
        let enabled = |entity: EntityType| self.enabled.get(entity.index()).copied().unwrap_or(false);
        let (mut rules, first) = builtin_rules();
        let armed: Vec<_> = arm(enabled).collect();
        let ids = Ids::new(first.identifier, enabled);
        let first_list = index(rules.len());
        rules.extend(self.lists.iter().map(|(name, _)| (EntityType::Keyword, Cow::from(name.clone()))));
        let first_set = index(rules.len());
        rules.extend(self.fingerprints.iter().map(|(name, _)| (EntityType::Fingerprint, Cow::from(name.clone()))));
        let first_canary = index(rules.len());
        rules.extend(self.canaries.iter().map(|(name, _)| (EntityType::Canary, Cow::from(name.clone()))));
        let canaries = if self.canaries.is_empty() { None } else { Some(Canaries::new(&self.canaries, first_canary)?) };
        let fingerprints = self.fingerprints.into_iter().map(|(_, set)| set).collect();
        let secrets = enabled(EntityType::Secret);
        if !Names::is_whole() {
            return Err(Error::NamesModel);
        }
        let keywords = if self.lists.is_empty() { None } else { Some(Keywords::new(&self.lists, first_list)?) };
        let one = |trigger| armed.iter().find(|armed| armed.detector.trigger == trigger && armed.reports).copied();
        let mut set = DetectorSet {
            rules,
            enabled: self.enabled,
            at: one(Trigger::At),
            colon: one(Trigger::Colon),
            digits: all_if_any_reports(&armed, ids.reports_numerals()),
            ids,
            lattice: lattice(&armed),
            cues: Cues::new(first.cue, enabled),
            runs: one(Trigger::Run).map(Runs::new),
            tags: secrets.then(|| Tags::new(first.secret)),
            literals: secrets.then(|| Literals::new(first.secret)),
            unmarked: (secrets && !self.marked_only).then(|| Unmarked::new(first.kind, first.form)),
            keywords,
            names: Names::new(first.name, enabled),
            markings: enabled(EntityType::Confidential).then(|| Markings::new(first.marking)),
            canaries,
            code: Stage::new(enabled(EntityType::SourceCode), fingerprints, (first.language, first_set))?,
            mirrored: Mirrored::new(&self.lists, first_list)?,
            needles: [const { None }; SEARCH_COUNT],
            match_bytes_max: 0,
            lookahead_bytes: 0,
        };
        set.search();
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

    /// True if a detector finds whole lines, of any number.
    pub(crate) fn is_of_lines(&self, detector: DetectorId) -> bool {
        matches!(self.entity(detector), Some(EntityType::SourceCode | EntityType::Fingerprint))
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

    /// What a detector's rule rests on.
    #[must_use]
    pub fn facts(&self, detector: DetectorId) -> Option<RuleFacts> {
        explain::facts(self.entity(detector)?, detector.index())
    }

    /// Why there is this finding in `text`, the whole stream in which it was found.
    ///
    /// Costs more than the search for it: for people who ask, not for the wire.
    #[must_use]
    pub fn explain(&self, finding: &Finding, text: &[u8]) -> Option<Explanation> {
        explain::explain(&self.facts(finding.detector)?, finding, text)
    }

    /// False if the set looks for nothing.
    pub(crate) fn is_enabled_at_all(&self) -> bool {
        let lists = self.keywords.is_some() || self.canaries.is_some() || self.code.is_some();
        lists || self.enabled.contains(&true)
    }

    /// True if the set looks for this type.
    #[must_use]
    pub fn is_enabled(&self, entity: EntityType) -> bool {
        if matches!(entity, EntityType::Keyword | EntityType::Fingerprint | EntityType::Canary) {
            return self.rules.iter().any(|rule| rule.0 == entity);
        }
        self.enabled.get(entity.index()).copied().unwrap_or(false)
    }

    /// Prepares the searches for needles.
    fn search(&mut self) {
        let markings = self.markings.iter().map(Markings::needles);
        let passwords = self.unmarked.iter().map(|_| phrase::needles());
        let cues = self.cues.iter().map(Cues::needles);
        let commands = self.unmarked.iter().flat_map(Unmarked::needles);
        let literals = self.literals.iter().map(Literals::needles);
        let runs = self.runs.iter().map(|_| Runs::needles());
        self.needles = [
            Needles::new(Traits::ANY, markings.chain(passwords)),
            Needles::new(Traits::NEAR_DIGIT, cues.chain(commands)),
            Needles::new(Literals::TRAITS, literals.chain(runs)),
        ];
    }

    fn measure(&mut self) {
        let detectors = || {
            let run = self.runs.as_ref().map(Runs::armed);
            let single = [self.at, self.colon, run].into_iter().flatten();
            let marks = self.lattice.iter().flat_map(|lattice| [lattice.mac, lattice.cnpj]);
            single.chain(marks).chain(self.digits.iter().copied()).map(|armed| armed.detector)
        };
        let identifiers = if self.digits.is_empty() && !self.ids.reports_tokens() { &[] } else { IDS };
        let cues = if self.cues.is_some() { CUES } else { &[] };
        let matched_others = identifiers
            .iter()
            .map(|id| id.match_bytes_max())
            .chain(cues.iter().map(|cue| cue.match_bytes_max))
            .max()
            .unwrap_or(0);
        let ahead_others = identifiers
            .iter()
            .map(|id| id.lookahead_bytes())
            .chain(cues.iter().map(|cue| cue.lookahead_bytes))
            .max()
            .unwrap_or(0);
        let prefixes = if self.tags.is_some() { secret::bytes_max() } else { 0 };
        let words = self.keywords.as_ref().map_or(0, Keywords::bytes_max);
        let (segment, behind) = if self.names.is_some() { names::BYTES } else { (0, 0) };
        let canary = self.canaries.as_ref().map_or(0, Canaries::bytes_max);
        let code = self.code.as_ref().map_or(0, |_| Stage::match_bytes_max());
        let marking = self.markings.as_ref().map_or((0, 0), |_| Markings::reach());
        let matched = detectors().map(|detector| detector.match_bytes_max).chain([
            segment,
            prefixes,
            words,
            matched_others,
            canary,
            code,
            marking.0,
        ]);
        let ahead = detectors().map(|detector| detector.lookahead_bytes);
        // Prefixes and words look at one byte behind them.
        let one = usize::from(prefixes + words > 0);
        let ahead = ahead.chain([behind, ahead_others, one, marking.1]);
        (self.match_bytes_max, self.lookahead_bytes) = (matched.max().unwrap_or(0), ahead.max().unwrap_or(0));
    }
}

/// Where the rules of each family begin, behind those of the detectors with a check of their own.
#[derive(Clone, Copy, Debug)]
struct First {
    identifier: u16,
    cue: u16,
    name: u16,
    language: u16,
    marking: u16,
    /// Of the secrets with a prefix, of those with a keyword or a form, and of assignments and URLs.
    secret: u16,
    kind: u16,
    form: u16,
}

/// The rules of all detectors, family by family.
fn builtin_rules() -> (Vec<(EntityType, Cow<'static, str>)>, First) {
    let named = |detector: &&'static Detector| {
        let entity = detector.entity;
        detector.rules.iter().map(move |rule| (entity, Cow::Borrowed(*rule)))
    };
    let mut rules: Vec<(EntityType, Cow<'static, str>)> = DETECTORS.iter().flat_map(named).collect();
    let identifier = index(rules.len());
    rules.extend(IDS.iter().map(|id| (id.entity, Cow::Borrowed(id.rule))));
    let cue = index(rules.len());
    rules.extend(CUES.iter().map(|cue| (cue.entity, Cow::Borrowed(cue.rule))));
    let name = index(rules.len());
    rules.extend(names::RULES.iter().map(|(entity, name)| (*entity, Cow::Borrowed(*name))));
    let language = index(rules.len());
    rules.extend(LANGUAGES.iter().map(|name| (EntityType::SourceCode, Cow::Borrowed(*name))));
    let marking = index(rules.len());
    rules.extend(marking::RULES.iter().map(|name| (EntityType::Confidential, Cow::Borrowed(*name))));
    let secret = index(rules.len());
    let (kind, form) = (index(rules.len() + RULES.len()), index(rules.len() + RULES.len() + keyed::COUNT));
    rules.extend(secret::rule_names().map(|name| (EntityType::Secret, Cow::Borrowed(name))));
    (rules, First { identifier, cue, name, language, marking, secret, kind, form })
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
fn all_if_any_reports(armed: &[Armed], identifiers: bool) -> Vec<Armed> {
    let digits = armed.iter().filter(|armed| armed.detector.trigger == Trigger::Digit);
    if identifiers || digits.clone().any(|armed| armed.reports) { digits.copied().collect() } else { Vec::new() }
}

/// The detectors of marks at fixed distances, if one of them reports.
fn lattice(armed: &[Armed]) -> Option<Lattice> {
    let find =
        |detector: &'static Detector| armed.iter().find(|armed| core::ptr::eq(armed.detector, detector)).copied();
    let lattice = Lattice { mac: find(&ids::mac::DETECTOR)?, cnpj: find(&ids::br_cnpj::PRINTED)? };
    (lattice.mac.reports || lattice.cnpj.reports).then_some(lattice)
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

fn check_canaries(lists: &[(String, Vec<String>)]) -> Result<(), Error> {
    for (list, canaries) in lists {
        if canaries.is_empty() {
            return Err(Error::CanariesEmpty { list: list.clone() });
        }
        for (index, canary) in canaries.iter().enumerate() {
            let letters = letters(canary).len();
            if !(CANARY_LETTERS_MIN..=CANARY_LETTERS_MAX).contains(&letters) {
                return Err(Error::CanaryLetters { list: list.clone(), index, letters });
            }
        }
    }
    Ok(())
}

fn check_names<'a>(mut names: impl Iterator<Item = &'a String>) -> Result<(), Error> {
    let mut known = HashSet::new();
    match names.find(|name| !known.insert(*name)) {
        Some(name) => Err(Error::NameTwice { name: name.clone() }),
        None => Ok(()),
    }
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
        let mut names: Vec<_> = builtin_rules().0.into_iter().map(|rule| rule.1).collect();
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
        assert_eq!(short, "term 2 of the keyword list \"a\" has 1 bytes; 2 to 256 are possible");
    }
}
