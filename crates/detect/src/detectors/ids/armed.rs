//! The identifiers as a set holds them: by the length of what its searches find.

use super::numeral::{self, DIGITS_MAX, Lengths, Numeral};
use super::{Form, Found, IDS, Id, Kind, TOKEN_BYTES_MAX, Token};
use crate::entity::{DetectorId, EntityType};
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
            reports_numerals: false,
            reports_tokens: false,
        };
        for (place, item) in IDS.iter().enumerate() {
            let reports = enabled(item.entity);
            ids.armed.push(Armed { id: item, detector: id(first_id, place), reports });
            ids.sort_in(place, item, reports);
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
        Ok(best.map(winner))
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
