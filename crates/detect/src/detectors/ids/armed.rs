//! The identifiers as a set holds them: by the length of what its searches find.

use super::numeral::{self, DIGITS_MAX, Lengths, Numeral};
use super::{Form, Found, IDS, Id, Kind, NAMED, OTHERWISE, REGROUPED, TOKEN_BYTES_MAX, Token};
use crate::context::{self, Words};
use crate::entity::{DetectorId, EntityType};
use crate::text::digit;
use crate::trigger::id;
use crate::window::{Match, Undecided, Window};

/// All identifiers. Those that are not looked for take part too: what one finds does not depend on the others.
#[derive(Debug)]
pub(crate) struct Ids {
    armed: Vec<Armed>,
    /// Those that begin with two groups of so many digits, or with one, whatever the second: by [`groups`].
    by_groups: Vec<Vec<Entry>>,
    /// Places of those whose tokens have this length.
    by_length: Vec<Vec<usize>>,
    /// What so many digits may be in groups of any lengths.
    by_total: Vec<Vec<Regrouped>>,
    /// Places of those in a machine-readable zone.
    zones: Vec<usize>,
    reports_numerals: bool,
    reports_tokens: bool,
}

/// What may begin with a group of so many digits: the identifier's place, and the form, if it has forms.
#[derive(Clone, Copy, Debug)]
struct Entry {
    place: usize,
    form: Option<&'static Form>,
    /// The lengths of all groups that it has.
    lengths: Lengths,
}

#[derive(Clone, Copy, Debug)]
struct Armed {
    id: &'static Id,
    detector: DetectorId,
    reports: bool,
}

/// An identifier with check digits in groups that are not its own.
#[derive(Clone, Copy, Debug)]
struct Regrouped {
    place: usize,
    valid: fn(&[u8]) -> bool,
    words: &'static Words,
}

/// What was accepted, by which rule, and whether that is to be reported.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Winner {
    pub(crate) detector: DetectorId,
    pub(crate) reports: bool,
    pub(crate) found: Match,
}

impl Ids {
    /// Takes up the table; the rules have indices from `first_id` on.
    pub(crate) fn new(first_id: u16, enabled: impl Fn(EntityType) -> bool) -> Self {
        let mut ids = Self {
            armed: Vec::new(),
            by_groups: vec![Vec::new(); groups(DIGITS_MAX, DIGITS_MAX) + 1],
            by_length: vec![Vec::new(); TOKEN_BYTES_MAX + 1],
            by_total: vec![Vec::new(); DIGITS_MAX + 1],
            zones: Vec::new(),
            reports_numerals: false,
            reports_tokens: false,
        };
        for (place, item) in IDS.iter().enumerate() {
            let reports = enabled(item.entity);
            ids.armed.push(Armed { id: item, detector: id(first_id, place), reports });
            ids.sort_in(place, item, reports);
            let others = REGROUPED.iter().filter(|other| core::ptr::eq(other.id, *item));
            others.for_each(|other| {
                ids.regroup(other.digits, Regrouped { place, valid: other.valid, words: other.words })
            });
        }
        ids
    }

    fn sort_in(&mut self, place: usize, item: &'static Id, reports: bool) {
        match &item.kind {
            Kind::Forms(forms) => {
                for form in forms.forms {
                    self.add(Entry { place, form: Some(form), lengths: form.lengths() }, |first, second| {
                        form.group(0) == first && [0, second].contains(&form.group(1))
                    });
                }
                let totals = forms.forms.iter().map(Form::total).filter(|_| !forms.unchecked);
                for total in totals.filter(|total| *total >= REGROUPED_DIGITS_MIN) {
                    self.regroup(total, Regrouped { place, valid: forms.valid, words: forms.words });
                }
                self.reports_numerals |= reports;
            }
            Kind::Numeral(lengths, _) => {
                let entry = Entry { place, form: None, lengths: Lengths::default() };
                self.add(entry, |first, _| lengths >> first & 1 == 1);
                self.reports_numerals |= reports;
            }
            Kind::Token(lengths, _) => {
                let tokens = self.by_length.iter_mut().enumerate();
                tokens.filter(|(length, _)| lengths >> length & 1 == 1).for_each(|(_, token)| token.push(place));
                self.reports_tokens |= reports;
            }
            Kind::Zone(_) => {
                self.zones.push(place);
                self.reports_tokens |= reports;
            }
        }
    }

    /// Sorts an entry in at those first two groups that it may begin with.
    fn add(&mut self, entry: Entry, begins: impl Fn(usize, usize) -> bool) {
        for (first, second) in (0..=DIGITS_MAX).flat_map(|first| (0..=DIGITS_MAX).map(move |second| (first, second))) {
            if begins(first, second)
                && let Some(entries) = self.by_groups.get_mut(groups(first, second))
            {
                entries.push(entry);
            }
        }
    }

    fn regroup(&mut self, total: usize, regrouped: Regrouped) {
        let Some(others) = self.by_total.get_mut(total) else { return };
        if others.iter().all(|other| other.place != regrouped.place) {
            others.push(regrouped);
        }
    }

    /// True if what has digits alone is looked for.
    pub(crate) const fn reports_numerals(&self) -> bool {
        self.reports_numerals
    }

    /// True if what has letters and digits is looked for.
    pub(crate) const fn reports_tokens(&self) -> bool {
        self.reports_tokens
    }

    /// True if some identifier is a token of this length.
    #[inline]
    pub(crate) fn has_length(&self, length: usize) -> bool {
        self.by_length.get(length).is_some_and(|places| !places.is_empty())
    }

    /// The likeliest identifier whose digits begin at `start`.
    pub(crate) fn numeral(&self, window: &Window<'_>, start: usize) -> Result<Option<Winner>, Undecided> {
        let mut numeral = Numeral::at(start);
        if !numeral.read(window)? {
            return Ok(None);
        }
        let (lengths, may_start) = (numeral.lengths(), numeral::may_start(window, start));
        let mut best = None;
        let entries = self.by_groups.get(groups(numeral.length(0), numeral.length(1)));
        for Entry { place, form, lengths: expected } in entries.into_iter().flatten() {
            if !lengths.begin_with(*expected) || (form.is_some() && !may_start) {
                continue;
            }
            let Some(armed) = self.armed.get(*place) else { continue };
            let found = match (&armed.id.kind, form) {
                (Kind::Forms(forms), Some(form)) => forms.check(window, &numeral, form)?,
                (Kind::Numeral(_, check), _) => check(window, &numeral)?.map(Found::from),
                _ => None,
            };
            prefer(&mut best, armed, found);
        }
        if may_start && best.as_ref().is_none_or(|(_, found)| found.found.percent < NAMED) {
            self.regrouped(window, &numeral, &mut best)?;
        }
        Ok(best.map(winner))
    }

    /// Prefers what all digits together are in other groups than its own, if the word is the last thing that is named.
    fn regrouped<'a>(
        &'a self,
        window: &Window<'_>,
        numeral: &Numeral,
        best: &mut Option<Candidate<'a>>,
    ) -> Result<(), Undecided> {
        // No word is the last thing before a number that another is joined to.
        if digit(window.before(numeral.start.saturating_sub(1))) {
            return Ok(());
        }
        let Some(end) = numeral.regular_end() else { return Ok(()) };
        let digits = numeral.digits(DIGITS_MAX);
        for Regrouped { place, valid, words } in self.by_total.get(digits.len()).into_iter().flatten() {
            if !valid(digits) {
                continue;
            }
            let before = |words| context::nearest_direct(window, numeral.start, words);
            let Some(distance) = before(words).filter(|bytes| *bytes <= REGROUPED_WORD_BYTES) else { continue };
            if before(OTHERWISE).is_some_and(|other| other < distance) || !numeral::may_end(window, end)? {
                continue;
            }
            let found = Match::new(numeral.start, end, 0, NAMED);
            if let Some(armed) = self.armed.get(*place) {
                prefer(best, armed, Some(Found { found, distance }));
            }
        }
        Ok(())
    }

    /// All that a token of a machine-readable zone tells.
    pub(crate) fn zone(&self, window: &Window<'_>, token: &Token) -> Result<[Option<Winner>; ZONES_MAX], Undecided> {
        let mut found = [None; ZONES_MAX];
        for (room, place) in found.iter_mut().zip(&self.zones) {
            let Some(armed) = self.armed.get(*place) else { continue };
            if let Kind::Zone(check) = armed.id.kind {
                *room = check(window, token)?.map(|found| winner((armed, found.into())));
            }
        }
        Ok(found)
    }

    /// The likeliest identifier that is this token.
    pub(crate) fn token(&self, window: &Window<'_>, token: &Token) -> Result<Option<Winner>, Undecided> {
        let mut best = None;
        for place in self.by_length.get(token.end - token.start).into_iter().flatten() {
            let Some(armed) = self.armed.get(*place) else { continue };
            if let Kind::Token(_, check) = armed.id.kind {
                prefer(&mut best, armed, check(window, token)?.map(Found::from));
            }
        }
        Ok(best.map(winner))
    }
}

/// What a machine-readable zone tells at most: a date and a number.
const ZONES_MAX: usize = 2;

/// Digits of the shortest number that any groups may have: eight are a date.
const REGROUPED_DIGITS_MIN: usize = 9;
/// How far before it the word begins, at most.
const REGROUPED_WORD_BYTES: usize = 40;

/// Where identifiers stand that begin with groups of so many digits; the second may be missing.
const fn groups(first: usize, second: usize) -> usize {
    first * (DIGITS_MAX + 1) + second
}

impl From<Match> for Found {
    fn from(found: Match) -> Self {
        Self { found, distance: usize::MAX }
    }
}

type Candidate<'a> = (&'a Armed, Found);

/// Keeps the likelier of two; of equals the one with the nearer word, then the first.
#[inline]
fn prefer<'a>(best: &mut Option<Candidate<'a>>, armed: &'a Armed, found: Option<Found>) {
    let Some(found) = found else { return };
    let rank = |found: &Found| (found.found.percent, core::cmp::Reverse(found.distance));
    if best.as_ref().is_none_or(|(_, first)| rank(&found) > rank(first)) {
        *best = Some((armed, found));
    }
}

fn winner((armed, found): Candidate<'_>) -> Winner {
    Winner { detector: armed.detector, reports: armed.reports, found: found.found }
}
