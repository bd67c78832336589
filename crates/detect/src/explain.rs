//! Why a finding is one: what its rule rests on, and the word beside it that counted.
//!
//! The facts stand in the detectors' own tables. They are collected, and a finding's surroundings are
//! read again, only when somebody asks.

use crate::canary::Canaries;
use crate::code::Stage;
use crate::context::{self, Words};
use crate::detectors::about::{About, Detail, Sight};
use crate::detectors::cues::CUES;
use crate::detectors::ids::{self, IDS};
use crate::detectors::{DETECTORS, secret};
use crate::entity::{EntityType, Finding};
use crate::keyword::SPREAD_BYTES_MAX;
use crate::marking::{self, Markings};
use crate::text::alphanumeric;
use crate::view::ViewId;
use crate::window::Window;
use crate::{KEYWORD_BYTES_MAX, code, names};
use core::ops::Range;
use std::sync::LazyLock;

/// Percent that a word behind a match gives less than one before it.
const BEHIND_LESS: u8 = 4;

/// Views in which what stands around a finding is not what was read there.
const DECODED: [ViewId; 5] = [ViewId::BASE64, ViewId::HEX, ViewId::WIDE, ViewId::ROT13, ViewId::REVERSED];

/// What a rule rests on.
#[derive(Clone, Debug)]
pub struct RuleFacts {
    /// What must hold of a match.
    pub validator: String,
    /// Who says so: a standard, a registry, an issuer's documents.
    pub source: String,
    /// Bytes of its longest match that must be seen before it is decided.
    pub match_bytes_max: usize,
    /// Bytes behind a match that may have to be seen.
    pub lookahead_bytes: usize,
    about: Option<&'static About>,
}

impl RuleFacts {
    /// Words that make a match likelier; in one that ends in `*` letters may follow.
    pub fn context(&self) -> impl Iterator<Item = String> {
        let words = self.about.map_or(&Words::NONE, |about| about.words);
        words.iter().map(|word| String::from_utf8_lossy(word).into_owned())
    }
}

/// A word that counted, and where in the text it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextWord {
    /// The word as it is written there.
    pub word: String,
    /// Absolute offset of its first byte.
    pub start: u64,
    /// Absolute offset behind its last byte.
    pub end: u64,
}

/// Why a finding is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What held of it.
    pub validator: String,
    /// Who says that this is what must hold.
    pub source: String,
    /// The word that raised the confidence, or without which there were no finding.
    pub raised: Option<ContextWord>,
    /// What did not hold, and so lowered the confidence.
    pub lowered: Option<String>,
}

/// The facts of the built-in rules, in the order of their indices.
static BUILTIN: LazyLock<Vec<RuleFacts>> = LazyLock::new(builtin);

/// What the rule of this index, which finds that type, rests on.
pub(crate) fn facts(entity: EntityType, index: usize) -> Option<RuleFacts> {
    let list = [
        (
            EntityType::Keyword,
            "a term of the list as a whole word, whatever its case and the gaps between its words",
            "the operator's list",
            (KEYWORD_BYTES_MAX + SPREAD_BYTES_MAX, 1),
        ),
        (
            EntityType::Canary,
            "the letters and digits of a planted string",
            "the operator's list",
            (Canaries::BYTES_MAX, 0),
        ),
        (
            EntityType::Fingerprint,
            "winnowed grams of several lines in a row are in the set",
            "the set of fingerprints",
            (Stage::match_bytes_max(), 0),
        ),
    ]
    .into_iter()
    .find(|list| list.0 == entity);
    match list {
        Some((_, validator, source, reach)) => Some(stated(validator, source, reach)),
        None => BUILTIN.get(index).cloned(),
    }
}

fn builtin() -> Vec<RuleFacts> {
    let detectors = DETECTORS.iter().flat_map(|detector| {
        let reach = (detector.match_bytes_max, detector.lookahead_bytes);
        detector.about.iter().map(move |about| of(about, reach))
    });
    let identifiers = IDS.iter().map(|id| of(&id.about, (id.match_bytes_max(), id.lookahead_bytes())));
    let cues = CUES.iter().map(|cue| of(&cue.about, (cue.match_bytes_max, cue.lookahead_bytes)));
    let names = names::RULES.iter().map(|(entity, _)| {
        let (validator, source) = if *entity == EntityType::StreetAddress {
            ("a grammar of addresses", "usual forms of postal addresses")
        } else {
            ("conditional random field over words, lists of names and clusters of words", "trained model, see NOTICE")
        };
        stated(validator, source, names::BYTES)
    });
    let languages = code::LANGUAGES.iter().map(|_| {
        let validator = "lines with the marks of the language, weighed over a block";
        stated(validator, "the language's grammar", (Stage::match_bytes_max(), 0))
    });
    let markings = marking::RULES.iter().map(|_| {
        stated(
            "a phrase of the marking, on a line of its own or in its usual place",
            "usual markings, TLP 2.0",
            Markings::reach(),
        )
    });
    let secrets =
        secret::facts().map(|(validator, source, bytes)| RuleFacts { validator, source, ..stated("", "", (bytes, 1)) });
    detectors.chain(identifiers).chain(cues).chain(names).chain(languages).chain(markings).chain(secrets).collect()
}

fn of(about: &'static About, reach: (usize, usize)) -> RuleFacts {
    RuleFacts { about: Some(about), ..stated(about.validator, about.source, reach) }
}

fn stated(validator: &str, source: &str, (match_bytes_max, lookahead_bytes): (usize, usize)) -> RuleFacts {
    let (validator, source) = (validator.to_owned(), source.to_owned());
    RuleFacts { validator, source, match_bytes_max, lookahead_bytes, about: None }
}

/// Why there is this finding in `text`.
pub(crate) fn explain(facts: &RuleFacts, finding: &Finding, text: &[u8]) -> Option<Explanation> {
    let (start, end) = (usize::try_from(finding.start).ok()?, usize::try_from(finding.end).ok()?);
    let found = text.get(start..end)?;
    let detail = facts.about.and_then(|about| (about.detail)(&letters(found)));
    let (validator, lowered) = match detail {
        Some(Detail { held, lowered }) => (held, lowered),
        None => (facts.validator.clone(), None),
    };
    let place = facts.about.and_then(|about| word_place(about, finding, text, (start, end)));
    let raised = place.and_then(|place| {
        let word = String::from_utf8_lossy(text.get(place.clone())?).into_owned();
        Some(ContextWord { word, start: place.start as u64, end: place.end as u64 })
    });
    Some(Explanation { validator, source: facts.source.clone(), raised, lowered })
}

/// Letters and digits alone.
fn letters(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| alphanumeric(*byte)).collect()
}

/// Where the word stands that gave a finding its confidence.
fn word_place(about: &About, finding: &Finding, text: &[u8], (start, end): (usize, usize)) -> Option<Range<usize>> {
    if DECODED.iter().any(|view| finding.view.contains(*view)) {
        return None;
    }
    let window = Window::whole(text);
    let (least, most) = about.named;
    let percent = finding.confidence.percent();
    if (least..=most).contains(&percent) {
        let direct = matches!(about.sight, Sight::Direct(_));
        if let Some(place) = context::place_before(&window, start, about.words, direct) {
            return Some(place);
        }
    }
    let bytes = match about.sight {
        Sight::Before => return None,
        Sight::Around(bytes) => bytes,
        Sight::Direct(bytes) => ids::is_explained(&window, end).ok().filter(|explained| *explained).map(|_| bytes)?,
    };
    let gives = (least.saturating_sub(BEHIND_LESS)..=most).contains(&percent);
    if gives { context::place_behind(&window, end, bytes, about.words) } else { None }
}
