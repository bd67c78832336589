//! Identifiers: national numbers, vehicles, devices, accounts; one file each, and their table.
//!
//! Four kinds, by what their search finds: a *numeral* of digits in groups that [`Form`]s and a
//! check describe, a numeral with letters around or within that a function reads, a *token* of
//! letters and digits, and what stands behind a *cue* such as "born".
//!
//! Which wins where several fit the same digits: the highest percentage. It grows with what speaks
//! for an identifier: 50 to 60 for a check digit or a form that one number in ten has by chance, 70
//! to 80 for its own punctuation, 85 to 95 for two check digits or a date with one, 96 for a word that names
//! a type without check digits, 98 for a word that names one with. Among equals the nearest word
//! decides, then the order of the table. What chance gives too often counts beside a word only: digits of many
//! forms, and groups in a row or a table of others. Behind a word for something else digits count for nothing.
//!
//! What has check digits counts in any groups right behind its word. What has none does where other items of a list stand
//! between.

pub(crate) mod armed;
pub(crate) mod checks;
pub(crate) mod numeral;
mod otherwise;

mod aba_routing;
mod au_abn;
mod au_medicare;
mod au_tfn;
mod birth;
pub(crate) mod br_cnpj;
mod br_cpf;
mod ca_sin;
mod card_joined;
mod cn_ric;
pub(crate) mod crypto;
mod de_steuer_id;
mod es_nif;
mod fi_hetu;
mod fr_nir;
pub(crate) mod geo;
mod iban_letters;
mod imei;
mod in_aadhaar;
mod in_pan;
pub(crate) mod it_fiscal_code;
mod kr_rrn;
pub(crate) mod mac;
pub(crate) mod mrz;
mod nl_bsn;
mod pl_pesel;
mod se_personnummer;
mod sg_nric;
mod tr_tckn;
mod uk_nhs;
mod uk_nino;
mod us_bank;
mod us_dea;
mod us_driver_license;
mod us_ein;
mod us_itin;
mod us_mbi;
mod us_npi;
mod us_passport;
mod vin;
mod za_id;

use self::numeral::{Lengths, Mark, NUMERAL_BYTES_MAX, Numeral};
pub(crate) use self::otherwise::{
    OTHERWISE, is_explained, is_listed, is_named_otherwise, is_named_time, is_of_goods, is_of_thing,
};
use self::otherwise::{has_currency, is_clock, is_issue, is_measured};
use crate::context::{self, Words};
use crate::detectors::about::{About, Sight};
use crate::entity::EntityType;
use crate::text::alphanumeric;
use crate::window::{CONTEXT_BYTES, Checked, Match, Undecided, Window};

/// Bytes of letters and separators before the first digit of a numeral's match: `AB `.
pub(crate) const LEAD_BYTES_MAX: usize = 3;
/// Bytes of the longest token that is looked at: a bech32 address has 90 characters (BIP 173).
pub(crate) const TOKEN_BYTES_MAX: usize = 90;
/// Bytes of the shortest: a hemisphere and degrees.
pub(crate) const TOKEN_BYTES_MIN: usize = 2;
/// How far behind a number a word may begin and end that names it.
const CONTEXT_AFTER_BYTES: usize = 32;
/// Percent of what a word names: with check digits, and without.
const NAMED: u8 = 98;
const NAMED_UNCHECKED: u8 = 96;
/// From this on, words that speak against an identifier do not matter.
pub(crate) const SURE: u8 = 80;

/// One kind of identifier: data and a check.
#[derive(Debug)]
pub(crate) struct Id {
    pub(crate) entity: EntityType,
    /// The name of its rule.
    pub(crate) rule: &'static str,
    pub(crate) about: About,
    pub(crate) kind: Kind,
}

/// What speaks for an identifier with check digits or a form of its own.
const fn named(validator: &'static str, source: &'static str, words: &'static Words) -> About {
    About::new(validator, source).raised(words, Sight::Around(CONTEXT_AFTER_BYTES), (NAMED, NAMED))
}

/// The same for one without, whose word stands right beside it.
const fn unchecked(validator: &'static str, source: &'static str, words: &'static Words) -> About {
    About::new(validator, source).raised(words, Sight::Direct(CONTEXT_AFTER_BYTES), (NAMED_UNCHECKED, NAMED))
}

/// What the search for an identifier finds, and how it is checked there.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Digits in one of these forms.
    Forms(&'static Forms),
    /// Digits, the first group of a length in this bit set.
    Numeral(u32, fn(&Window<'_>, &Numeral) -> Checked),
    /// Letters and digits, at least one of each, of a length in this bit set.
    Token(u128, fn(&Window<'_>, &Token) -> Checked),
    /// The same within or before fillers `<`; each that accepts counts.
    Zone(fn(&Window<'_>, &Token) -> Checked),
}

impl Id {
    /// Bytes of its longest match.
    pub(crate) const fn match_bytes_max(&self) -> usize {
        match self.kind {
            Kind::Forms(_) | Kind::Numeral(..) => NUMERAL_BYTES_MAX + LEAD_BYTES_MAX,
            Kind::Token(..) | Kind::Zone(_) => TOKEN_BYTES_MAX,
        }
    }

    /// Bytes behind a match that its check may need to see.
    pub(crate) const fn lookahead_bytes(&self) -> usize {
        match self.kind {
            Kind::Zone(_) => mrz::LINE_BYTES,
            Kind::Forms(_) | Kind::Numeral(..) | Kind::Token(..) => CONTEXT_AFTER_BYTES + 2,
        }
    }
}

/// A run of letters and digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Token {
    pub(crate) fn text<'a>(&self, window: &Window<'a>) -> &'a [u8] {
        window.slice(self.start, self.end)
    }

    /// True if it is no part of a longer identifier, a path, a file's name or base64.
    ///
    /// # Errors
    /// [`Undecided`] while what follows has not arrived.
    pub(crate) fn stands_alone(&self, window: &Window<'_>) -> Result<bool, Undecided> {
        let before = window.before(self.start);
        let far = window.before(self.start.saturating_sub(1));
        let opens = match before {
            b'.' | b'/' => !alphanumeric(far),
            _ => numeral::may_start(window, self.start),
        };
        Ok(opens
            && match window.at(self.end)? {
                b'.' | b'/' => !alphanumeric(window.at(self.end + 1)?),
                b'(' => false,
                _ => numeral::may_end(window, self.end)?,
            })
    }
}

/// An identifier of digits alone.
#[derive(Debug)]
pub(crate) struct Forms {
    pub(crate) forms: &'static [Form],
    /// True if these digits may be one.
    pub(crate) valid: fn(&[u8]) -> bool,
    pub(crate) words: &'static Words,
    /// True if `valid` says so little that no other digits may stand between a word and the number.
    pub(crate) unchecked: bool,
}

/// Digits in groups, as an identifier is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    groups: &'static [u8],
    /// What joins them: one mark for each gap, or one for all; `=` is a space, a dash or a dot, the same
    /// throughout.
    marks: &'static [u8],
    /// Percent where no word names it; 0 if it needs one.
    alone: u8,
    /// Words of which one must stand before it then; none if any text will do.
    near: Option<&'static Words>,
}

/// One group.
pub(crate) const fn bare(groups: &'static [u8; 1], alone: u8) -> Form {
    Form { groups, marks: b"", alone, near: None }
}

/// One group that has no form of its own in print: without its name it counts near one of these words.
pub(crate) const fn bare_near(groups: &'static [u8; 1], alone: u8, near: &'static Words) -> Form {
    Form { groups, marks: b"", alone, near: Some(near) }
}

/// Several groups.
pub(crate) const fn grouped(groups: &'static [u8], marks: &'static [u8], alone: u8) -> Form {
    Form { groups, marks, alone, near: None }
}

/// The lengths of tokens as a bit set.
pub(crate) const fn lengths(of: &[u8]) -> u128 {
    let mut set = 0;
    let mut rest = of;
    while let [first, tail @ ..] = rest {
        set |= 1 << *first;
        rest = tail;
    }
    set
}

impl Form {
    /// Digits of one of its groups, 0 if there is none.
    pub(crate) fn group(&self, index: usize) -> usize {
        self.groups.get(index).map_or(0, |length| usize::from(*length))
    }

    /// The lengths of its groups.
    pub(crate) fn lengths(&self) -> Lengths {
        Lengths::of(self.groups.iter().copied())
    }

    /// Digits of all groups.
    pub(crate) fn total(&self) -> usize {
        self.groups.iter().map(|length| usize::from(*length)).sum()
    }

    /// True if the numeral begins with these groups, joined in this way.
    fn fits(&self, numeral: &Numeral) -> bool {
        numeral.begins(self.groups) && (0..self.groups.len() - 1).all(|gap| self.joins(numeral, gap))
    }

    fn joins(&self, numeral: &Numeral, gap: usize) -> bool {
        let mark = numeral.mark(gap);
        match self.marks.get(gap).or(self.marks.last()) {
            Some(b'=') => mark == numeral.mark(0) && mark != Mark::Slash,
            Some(b' ') => mark == Mark::Space,
            Some(b'-') => mark == Mark::Dash,
            Some(b'.') => mark == Mark::Dot,
            Some(b'/') => mark == Mark::Slash,
            _ => false,
        }
    }

    /// True if spaces join it, so that digits beyond a space may belong to it.
    fn is_spaced(&self, numeral: &Numeral) -> bool {
        (0..self.groups.len() - 1).any(|gap| numeral.mark(gap) == Mark::Space)
    }
}

/// A match of an identifier and how near the word is that names it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) found: Match,
    pub(crate) distance: usize,
}

impl Forms {
    /// What `form` says about a numeral.
    ///
    /// # Errors
    /// [`Undecided`] while what follows the numeral has not arrived.
    pub(crate) fn check(
        &self,
        window: &Window<'_>,
        numeral: &Numeral,
        form: &Form,
    ) -> Result<Option<Found>, Undecided> {
        let digits = numeral.digits(form.total());
        if !form.fits(numeral) || !(self.valid)(digits) {
            return Ok(None);
        }
        let last = form.groups.len() - 1;
        let (start, end) = (numeral.start, numeral.end(last));
        let joined = !matches!(numeral.mark(last), Mark::None | Mark::Space);
        if joined || !numeral::may_start(window, start) || !numeral::may_end(window, end)? {
            return Ok(None);
        }
        let alone = if form.alone == 0 || self.says_nothing(window, numeral, form)? { 0 } else { form.alone };
        let named = if self.unchecked { NAMED_UNCHECKED } else { NAMED };
        let percent = named_or_alone(window, (start, end), self.words, self.unchecked, named, alone)?;
        let is_other = |distance| is_named_time(window, start, digits, distance);
        let percent = percent.filter(|(_, distance)| !is_other(*distance));
        Ok(percent.map(|(percent, distance)| Found { found: Match::new(start, end, 0, percent), distance }))
    }
}

impl Forms {
    /// True for a valid number that is not one without a word, by what it is or what stands around it.
    fn says_nothing(&self, window: &Window<'_>, numeral: &Numeral, form: &Form) -> Result<bool, Undecided> {
        let (digits, last) = (numeral.digits(form.total()), form.groups.len() - 1);
        let (start, end) = (numeral.start, numeral.end(last));
        let is_spaced = form.is_spaced(numeral);
        // A tab ends a cell, unless the groups are cells themselves.
        let is_tabbed = is_spaced && window.at(numeral.end(0))? == b'\t';
        let row = is_spaced && numeral.mark(last) == Mark::Space && (window.at(end)? == b'\t') == is_tabbed;
        let is_cell = is_tabbed && window.before(start) == b'\t';
        let crowded =
            row || is_cell || (is_spaced || form.groups.len() == 1) && numeral::is_crowded_before(window, start);
        let zeros = digits.iter().filter(|digit| **digit == b'0').count();
        let is_far = || form.near.is_some_and(|near| !context::precedes(window, start, near));
        let is_record =
            || window.slice(start.saturating_sub(RECORD.len() + 1), start).trim_ascii_end().ends_with(RECORD);
        // `arn:aws:iam::...`
        let is_account =
            window.before(start) == b':' && start.checked_sub(1).map(|before| window.before(before)) == Some(b':');
        let is_meeting = || context::precedes(window, start, MEETINGS);
        let is_amount = is_spaced && form.groups == [3; 3];
        Ok(crowded
            || is_record()
            || is_account
            || is_amount && has_currency(window, start, end)?
            || is_clock(window, start, digits)
            || is_meeting()
            || zeros * 10 > digits.len() * 7
            || is_far()
            || is_spaced && !self.are_rows_valid(window, start, end)?)
    }

    /// True if the rows above and below that have its form are valid, too: one row of a table is by chance.
    fn are_rows_valid(&self, window: &Window<'_>, start: usize, end: usize) -> Result<bool, Undecided> {
        let row = window.slice(start, end);
        let mut above = start;
        for _ in 0..ROWS {
            let Some(before) = above.checked_sub(row.len() + 1).filter(|_| window.before(above) == b'\n') else {
                break;
            };
            let is_near = start - before < CONTEXT_BYTES;
            if !is_near
                || !context::is_like(window.slice(before, above - 1), row)
                || alphanumeric(window.before(before))
            {
                break;
            }
            if !self.is_valid(window.slice(before, above - 1)) {
                return Ok(false);
            }
            above = before;
        }
        let mut below = end;
        while below + 1 + row.len() <= end + CONTEXT_AFTER_BYTES
            && window.at(below)? == b'\n'
            && context::follows_like(window, below + 1, row)?
        {
            let next = below + 1 + row.len();
            if !self.is_valid(window.slice(below + 1, next)) {
                return Ok(false);
            }
            below = next;
        }
        Ok(true)
    }

    /// True if the digits of a text may be a number.
    fn is_valid(&self, text: &[u8]) -> bool {
        let mut digits = [0; numeral::DIGITS_MAX];
        let read = text.iter().filter(|byte| byte.is_ascii_digit());
        let count = digits.iter_mut().zip(read).map(|(room, digit)| *room = *digit).count();
        (self.valid)(digits.get(..count).unwrap_or_default())
    }
}

/// Words before the numbers of meetings, and of their addresses.
const MEETINGS: &Words = &Words::new(&[b"zoom*", b"meeting id*", b"webinar*", b"webex*"]);

/// The member of JSON that any record has.
const RECORD: &[u8] = b"\"id\":";

/// Rows of a table that are looked at above a number.
const ROWS: usize = 2;

/// The percentage of what stands from `start` to `end`: `named` if one of `words` names it, else `alone`
/// unless other words speak against it. With it comes how far before it the word begins.
fn named_or_alone(
    window: &Window<'_>,
    (start, end): (usize, usize),
    words: &Words,
    direct: bool,
    named: u8,
    alone: u8,
) -> Result<Option<(u8, usize)>, Undecided> {
    let nearest = if direct {
        context::nearest_to_list(window, start, end, words)
    } else {
        context::nearest(window, start, words)
    };
    if let Some(distance) = nearest {
        let is_other = direct && (is_issue(window, start, distance) || is_measured(window, end)?);
        return Ok((!is_other).then_some((named, distance)));
    }
    if alone >= SURE {
        return Ok(Some((alone, usize::MAX)));
    }
    if (!direct || is_explained(window, end)?) && context::follows(window, end, CONTEXT_AFTER_BYTES, words)? {
        return Ok(Some((named - 4, usize::MAX)));
    }
    let accepted = alone > 0 && !is_named_otherwise(window, start) && !is_listed(window, start, end)?;
    Ok(accepted.then_some((alone, usize::MAX)))
}

/// The percentage of what [`named_or_alone`] accepts, for checks that find their own form.
///
/// # Errors
/// [`Undecided`] while words behind it might name it.
pub(crate) fn judge(window: &Window<'_>, (start, end): (usize, usize), words: &Words, alone: u8) -> Checked {
    let percent = named_or_alone(window, (start, end), words, false, NAMED, alone)?;
    Ok(percent.map(|(percent, _)| Match::new(start, end, 0, percent)))
}

/// The same for what has no check digit: a word must stand right before it.
///
/// # Errors
/// [`Undecided`] while words behind it might name it.
pub(crate) fn judge_unchecked(window: &Window<'_>, start: usize, end: usize, words: &Words) -> Checked {
    let percent = named_or_alone(window, (start, end), words, true, NAMED_UNCHECKED, 0)?;
    Ok(percent.map(|(percent, _)| Match::new(start, end, 0, percent)))
}

/// Words of texts about persons.
pub(crate) const PERSONS: &Words = &Words::new(&[
    b"person*",
    b"citizen*",
    b"identity",
    b"identification*",
    b"national id*",
    b"id card*",
    b"id number",
    b"first name",
    b"last name",
    b"full name",
    b"surname*",
    b"born",
    b"birth*",
    b"dob",
    b"patient*",
    b"employee*",
    b"applicant*",
    b"resident*",
    b"taxpayer*",
    b"passport*",
    b"beneficiary",
    b"nome completo",
    b"sobrenome",
    b"nascid*",
    b"nascimento",
    b"titular",
    b"vorname",
    b"nachname",
    b"geboren*",
    b"geburt*",
    b"b\xc3\xbcrger*",
    b"mitarbeiter*",
    b"imi\xc4\x99",
    b"nazwisko",
    b"urodz*",
    b"obywatel*",
    b"osob*",
    b"ad soyad*",
    b"soyad*",
    b"do\xc4\x9fum*",
    b"do\xc4\x9fdu",
    "성명".as_bytes(),
    "이름".as_bytes(),
    "생년월일".as_bytes(),
    "고객".as_bytes(),
    "회원".as_bytes(),
    "환자".as_bytes(),
    "직원".as_bytes(),
    "신청인".as_bytes(),
    "본인".as_bytes(),
]);

/// An identifier that finds its own form, as it counts in any other groups.
struct OtherGroups {
    id: &'static Id,
    digits: usize,
    valid: fn(&[u8]) -> bool,
    words: &'static Words,
}

/// True for a number of a Chinese resident, which says more than the check digit of a card.
pub(crate) fn is_resident(number: &[u8]) -> bool {
    number.len() == cn_ric::REGROUPED.digits && (cn_ric::REGROUPED.valid)(number)
}

/// All of those; the ones with [`Forms`] say it by them.
static REGROUPED: &[OtherGroups] = &[fr_nir::REGROUPED, cn_ric::REGROUPED];

/// All identifiers. Equals are asked in this order.
pub(crate) static IDS: &[&Id] = &[
    &birth::ID,
    &cn_ric::ID,
    &fr_nir::ID,
    &fr_nir::TOKEN,
    &kr_rrn::ID,
    &kr_rrn::UNCHECKED,
    &za_id::ID,
    &za_id::RARE,
    &fi_hetu::ID,
    &fi_hetu::TOKEN,
    &se_personnummer::ID,
    &pl_pesel::ID,
    &de_steuer_id::ID,
    &br_cnpj::ID,
    &br_cnpj::TOKEN,
    &br_cpf::ID,
    &au_abn::ID,
    &tr_tckn::ID,
    &imei::ID,
    &sg_nric::ID,
    &es_nif::ID,
    &es_nif::TOKEN,
    &us_itin::ID,
    &us_itin::NAMED,
    &us_ein::ID,
    &uk_nhs::ID,
    &au_medicare::ID,
    &in_aadhaar::ID,
    &us_npi::ID,
    &aba_routing::ID,
    &ca_sin::ID,
    &au_tfn::ID,
    &nl_bsn::ID,
    &uk_nino::ID,
    &uk_nino::TOKEN,
    &in_pan::ID,
    &it_fiscal_code::ID,
    &iban_letters::ID,
    &iban_letters::GROUPED,
    &vin::ID,
    &vin::DIGITS,
    &us_dea::ID,
    &us_mbi::ID,
    &us_passport::ID,
    &us_passport::TOKEN,
    &us_driver_license::ID,
    &us_driver_license::PARTED,
    &us_driver_license::TOKEN,
    &us_bank::ID,
    &geo::ID,
    &geo::TOKEN,
    &mac::BARE,
    &card_joined::ID,
    &crypto::BITCOIN,
    &crypto::SEGWIT,
    &crypto::ETHEREUM,
    &mrz::NUMBER,
    &mrz::BIRTH,
];
