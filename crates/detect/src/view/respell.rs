//! The respell lane: candidates that are written in an unusual way, each of bounded length.
//!
//! A recogniser finds its triggers, reads one candidate, and writes it the way detectors know, as a
//! [`Leaf`] of its own. Only types that have a structure to check are looked for there.

use super::decode::in_alphabet;
use super::layer::{Findings, FoundBuffer, Layer, Place};
use super::map::{Source, Text};
use super::outline::{Outline, RUN_BYTES_MIN};
use super::{
    ViewId, cells, codes, groups, mail, mirror, mistyped, pairs, pieces, spaced, tags, turned, words, wrapped,
};
use crate::block::{Escaping, Kind};
use crate::entity::{DetectorId, EntityType, Finding};
use crate::scanner::Scanner;
use crate::set::DetectorSet;
use crate::window::{BOUNDARY, CONTEXT_BYTES, NUMBER_BOUNDARY, Undecided, Window};

/// Percent that a finding in another spelling is less sure than one in the text.
const DOUBT_PERCENT: u8 = 10;

/// Percent from which on a word names an identifier, before it or behind it, or it has a date and much to check.
const NAMED_PERCENT_MIN: u8 = 90;

/// Types of numbers without check digits.
const UNCHECKED: &[EntityType] = &[
    EntityType::UsSsn,
    EntityType::UsItin,
    EntityType::UsEin,
    EntityType::UsPassport,
    EntityType::UsDriverLicense,
    EntityType::UsBankNumber,
    EntityType::CardSecurityCode,
    EntityType::DateOfBirth,
];

/// Types that any number of so many digits may be of.
const LOOSE: &[EntityType] = &[EntityType::PhoneNumber, EntityType::CreditCard, EntityType::Secret];

/// One way of writing.
#[derive(Debug)]
pub(super) struct Recogniser {
    pub(super) view: ViewId,
    /// The first place at or behind one where a candidate may be.
    pub(super) next: fn(&[u8], &Outline, usize) -> Option<usize>,
    /// Reads the candidate there into an empty leaf; returns its end.
    pub(super) read: fn(&Window<'_>, usize, &mut Leaf) -> Result<usize, Undecided>,
    /// The first byte that could belong to a candidate at a place of the text, or at its end.
    pub(super) start: fn(&[u8], usize) -> usize,
}

const RECOGNISERS: [&Recogniser; 13] = [
    &spaced::RECOGNISER,
    &groups::RECOGNISER,
    &cells::RECOGNISER,
    &mistyped::RECOGNISER,
    &pairs::RECOGNISER,
    &codes::RECOGNISER,
    &pieces::RECOGNISER,
    &words::RECOGNISER,
    &mail::RECOGNISER,
    &tags::RECOGNISER,
    &turned::RECOGNISER,
    &mirror::RECOGNISER,
    &wrapped::RECOGNISER,
];

/// Bytes before the cursors that recognisers may look at.
pub(super) const BEFORE_BYTES: usize = 160;

/// Types that are of a text and its words, not of a value.
const OF_TEXT: &[EntityType] = &[
    EntityType::SourceCode,
    EntityType::Confidential,
    EntityType::Keyword,
    EntityType::Canary,
    EntityType::Fingerprint,
];

/// Types that are looked for in a candidate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Types {
    /// All that have a structure, and terms.
    #[default]
    Usual,
    Secrets,
    /// Those that have a structure and are no [`LOOSE`] ones.
    Identifiers,
    /// Of these, those that a word names: the digits may never have been one number.
    Named,
    /// Of those, the ones with check digits: the digits may be a list of counts.
    Checked,
    /// Numbers of cards and of social security.
    Numbers,
    /// All that have a structure. The candidate says what it is; what stands before it does not matter.
    Structured,
}

impl Types {
    fn have(self, entity: EntityType) -> bool {
        match self {
            Self::Usual => entity == EntityType::Keyword || Self::Structured.have(entity),
            Self::Identifiers | Self::Named => !LOOSE.contains(&entity) && Self::Structured.have(entity),
            Self::Checked => !UNCHECKED.contains(&entity) && Self::Named.have(entity),
            Self::Numbers => matches!(entity, EntityType::CreditCard | EntityType::UsSsn),
            Self::Secrets => entity == EntityType::Secret,
            Self::Structured => !entity.is_statistical() && !OF_TEXT.contains(&entity),
        }
    }
}

/// Where candidates come from: the text and the offset of the first byte that is held of it, how it is read, and what is
/// looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'a> {
    pub(super) set: &'a DetectorSet,
    pub(super) parent: &'a Text,
    pub(super) base: u64,
    pub(super) view: ViewId,
}

/// What a candidate says, and where each byte of it stands.
#[derive(Debug, Default)]
pub(crate) struct Leaf {
    bytes: Vec<u8>,
    places: Vec<(usize, usize)>,
    /// Views of this candidate besides the recogniser's.
    pub(super) more: ViewId,
    pub(super) types: Types,
    /// Parts that are read once more by themselves: a number, an address.
    pub(super) cores: [Option<(usize, usize)>; 2],
    /// It is text of any kind, which may be written in an unusual way itself.
    pub(super) is_text: bool,
}

impl Leaf {
    /// Adds a byte that stands for the text from `start` to `end`.
    pub(super) fn push(&mut self, byte: u8, start: usize, end: usize) {
        self.bytes.push(byte);
        self.places.push((start, end));
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Keeps so many bytes; where the first of the others begins, if there are others.
    pub(super) fn cut(&mut self, len: usize) -> Option<usize> {
        let start = self.places.get(len).map(|(start, _)| *start);
        self.bytes.truncate(len);
        self.places.truncate(len);
        start
    }

    /// Adds a mark between the digits so far, where nothing stands for it.
    pub(super) fn push_mark(&mut self, mark: u8) {
        let at = self.places.last().map_or(0, |(_, end)| *end);
        self.push(mark, at, at);
    }

    /// Writes marks into the digits, behind so many of them each.
    pub(super) fn group(&mut self, mark: u8, lengths: &[usize]) {
        let mut place = 0;
        for length in lengths {
            place += length;
            let Some((_, end)) = place.checked_sub(1).and_then(|last| self.places.get(last)).copied() else { return };
            if place >= self.bytes.len() {
                return;
            }
            self.bytes.insert(place, mark);
            self.places.insert(place, (end, end));
            place += 1;
        }
    }

    pub(super) fn reverse(&mut self) {
        self.bytes.reverse();
        self.places.reverse();
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.places.clear();
        (self.more, self.types, self.cores) = (ViewId::RAW, Types::default(), [None; 2]);
        self.is_text = false;
    }

    /// Pushes bytes of it behind the text before them; where they begin there, none if there are none.
    fn push_into(
        &self,
        scanner: &mut Scanner,
        bytes: &[u8],
        places: &[(usize, usize)],
        origin: &Origin<'_>,
    ) -> Option<u64> {
        let first = places.iter().map(|(start, _)| origin.base + *start as u64).min()?;
        if self.types != Types::Structured {
            scanner.push_marked(origin.parent.scanner.text(first.saturating_sub(CONTEXT_BYTES as u64), first));
        }
        scanner.boundary();
        let at = scanner.position();
        scanner.push(bytes);
        scanner.boundary();
        Some(at)
    }

    /// Reports what was found in bytes of it that begin at `at`, and where they stand.
    fn report(
        &self,
        finding: &Finding,
        at: u64,
        places: &[(usize, usize)],
        &Origin { set, parent, base, view }: &Origin<'_>,
        report: &mut impl FnMut(Finding),
    ) {
        let index = |offset: u64| usize::try_from(offset.saturating_sub(at)).unwrap_or(usize::MAX);
        let Some(places) = places.get(index(finding.start)..index(finding.end)) else { return };
        let is_named = matches!(self.types, Types::Named | Types::Checked);
        let is_sure = !is_named || finding.confidence.percent() >= NAMED_PERCENT_MIN;
        let wanted = is_sure && set.entity(finding.detector).is_some_and(|entity| self.types.have(entity));
        let (start, end) = (places.iter().map(|place| place.0).min(), places.iter().map(|place| place.1).max());
        let (Some(start), Some(end), true) = (start, end, wanted && finding.start >= at) else { return };
        let Source { start, end, views, is_context, .. } = parent.source(base + start as u64, base + end as u64);
        if is_context {
            return;
        }
        let doubt = if self.types == Types::Structured { 0 } else { DOUBT_PERCENT };
        let confidence = crate::Confidence::new(finding.confidence.percent().saturating_sub(doubt));
        let view = views.and(view).and(self.more).and(finding.view);
        report(Finding { start, end, confidence, view, continued: false, ..*finding });
    }

    /// True for text that has views of its own.
    fn may_hide(&self) -> bool {
        let mut run = 0;
        let mut is_long = |byte: &u8| {
            run = if in_alphabet(byte) { run + 1 } else { 0 };
            run >= RUN_BYTES_MIN
        };
        self.is_text && self.bytes.iter().any(|byte| Escaping.holds(*byte) || is_long(byte))
    }
}

/// Where the lane stands in its text.
#[derive(Debug, Default)]
pub(super) struct Respell {
    cursors: [u64; RECOGNISERS.len()],
}

/// Room in which candidates of views are written and scanned. It keeps nothing from one scan to the next, so
/// that readers may share one.
#[derive(Debug, Default)]
pub struct Speller {
    scanner: Scanner,
    pub(super) leaf: Leaf,
    found: Vec<Finding>,
    /// Of the text that is being read.
    pub(super) outline: Outline,
    /// Reads candidates that are texts again; made when there is one.
    again: Option<Box<Again>>,
    /// It reads such a candidate itself.
    is_again: bool,
    /// Something in a candidate was hidden deeper than views go.
    is_capped: bool,
}

/// What reads a candidate as a text with views.
#[derive(Debug)]
struct Again {
    layer: Layer,
    speller: Speller,
    found: Collected,
}

impl Again {
    fn new() -> Self {
        let speller = Speller { is_again: true, ..Speller::default() };
        Self { layer: Layer::stream(), speller, found: Collected::default() }
    }
}

/// What a candidate's views have.
#[derive(Debug, Default)]
struct Collected {
    found: Vec<Finding>,
    buffer: Vec<Finding>,
}

impl Findings for Collected {
    fn add(&mut self, finding: Finding, place: Option<Place>) {
        let is_context = place.is_some_and(|place| place.is_context);
        if finding.view != ViewId::RAW && !is_context {
            self.found.push(finding);
        }
    }

    fn close(&mut self, _: usize, _: impl Fn(DetectorId) -> bool) {}
}

impl FoundBuffer for Collected {
    fn take(&mut self) -> Vec<Finding> {
        core::mem::take(&mut self.buffer)
    }

    fn give_back(&mut self, found: Vec<Finding>) {
        self.buffer = found;
    }
}

impl Speller {
    /// True once if something in a candidate was hidden deeper than views go.
    pub(super) fn take_capped(&mut self) -> bool {
        core::mem::take(&mut self.is_capped)
    }

    pub(crate) const fn visits(&self) -> u64 {
        self.scanner.candidate_visits()
    }

    /// Scans the leaf, and then the parts of it that are to be read by themselves.
    pub(super) fn scan(&mut self, origin: &Origin<'_>, report: &mut impl FnMut(Finding)) {
        let whole = (0, self.leaf.len());
        for part in [Some(whole)].into_iter().chain(self.leaf.cores).flatten() {
            self.scan_part(part, origin, report);
        }
        if self.leaf.may_hide() && !self.is_again {
            self.read_again(origin, report);
        }
    }

    /// Scans a part of the leaf behind the text before it; `report` gets what is found and where it stands.
    fn scan_part(&mut self, (from, to): (usize, usize), origin: &Origin<'_>, report: &mut impl FnMut(Finding)) {
        let (bytes, places) = (self.leaf.bytes.get(from..to), self.leaf.places.get(from..to));
        let (bytes, places) = (bytes.unwrap_or_default(), places.unwrap_or_default());
        self.scanner.reset();
        let Some(at) = self.leaf.push_into(&mut self.scanner, bytes, places, origin) else { return };
        self.found.clear();
        self.scanner.scan(origin.set, &mut self.found);
        for finding in &self.found {
            self.leaf.report(finding, at, places, origin, report);
        }
    }

    /// Reads the leaf as a text with views.
    fn read_again(&mut self, origin: &Origin<'_>, report: &mut impl FnMut(Finding)) {
        let Again { layer, speller, found } = &mut **self.again.get_or_insert_with(|| Box::new(Again::new()));
        layer.reset();
        found.found.clear();
        let (bytes, places) = (self.leaf.bytes.as_slice(), self.leaf.places.as_slice());
        let Some(at) = self.leaf.push_into(&mut layer.text.scanner, bytes, places, origin) else { return };
        layer.advance(origin.set, speller, found);
        self.is_capped |= layer.is_capped();
        for finding in &found.found {
            self.leaf.report(finding, at, places, origin, report);
        }
    }
}

impl Respell {
    /// The first byte that is still to be read.
    pub(super) fn cursor(&self) -> u64 {
        self.cursors.iter().copied().min().unwrap_or(0)
    }

    /// Reads what of `parent` is there, up to `end`; returns the hold.
    pub(super) fn read(
        &mut self,
        parent: &Text,
        end: u64,
        set: &DetectorSet,
        speller: &mut Speller,
        mut report: impl FnMut(Finding),
    ) -> u64 {
        let (held, base) = parent.scanner.held();
        let place = |offset: u64| usize::try_from(offset.saturating_sub(base)).unwrap_or(usize::MAX);
        let text = held.get(..place(end)).unwrap_or(held);
        let window = Window::open(text);
        let mut hold = end;
        // No candidate goes on behind the end of a leaf.
        let is_whole = matches!(text.last(), Some(&(BOUNDARY | NUMBER_BOUNDARY)));
        for (recogniser, cursor) in RECOGNISERS.iter().zip(&mut self.cursors) {
            let mut from = place(*cursor);
            let stop = loop {
                let Some(at) = (recogniser.next)(text, &speller.outline, from) else {
                    break if is_whole { text.len() } else { (recogniser.start)(text, text.len()) };
                };
                speller.leaf.clear();
                match (recogniser.read)(&window, at, &mut speller.leaf) {
                    Err(Undecided) => break (recogniser.start)(text, at),
                    Ok(end) => from = end.max(at + 1),
                }
                if speller.leaf.len() > 0 {
                    speller.scan(&Origin { set, parent, base, view: recogniser.view }, &mut report);
                }
            };
            *cursor = base + stop.max(from).min(text.len().max(from)) as u64;
            hold = hold.min(base + stop as u64);
        }
        hold
    }
}
