//! Dates of birth in digits whose names are too rare to be searched for: the text is read backwards from the date.
//!
//! Names of fields (`GebDat`, `fec_nac`, `DDN`, SAP's `GBDAT`), Poland's `ur.`, the star of genealogists, `am ... geboren`,
//! and messages that say by a qualifier what a date is: field 50F of SWIFT MT 103, the DMG segment of ASC X12, DTM with qualifier 329 of UN/EDIFACT
//! (code list 2005), and the documents of a passenger (SSR DOCS of IATA's AIRIMP and PADIS). Dates with names of months
//! behind words for birth are [`cues`](crate::detectors::cues)'.

use super::numeral::Numeral;
use super::{Id, Kind};
use crate::context::{self, Words};
use crate::detectors::about::{About, Sight};
use crate::detectors::cues::date;
use crate::entity::EntityType;
use crate::text::{alphanumeric, digit, digits};
use crate::window::{CONTEXT_BYTES, Checked, Match, Undecided, Window};

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::DateOfBirth,
    rule: "date-of-birth-field",
    about: About::new(
        "a date that there is, behind the name of a field or a qualifier for birth",
        "ISO 8601 and usual forms; SWIFT MT 103 50F, ASC X12 DMG, UN/EDIFACT 2005:329, IATA SSR DOCS",
    )
    .raised(FIELDS, Sight::Before, (PERCENT, PERCENT)),
    kind: Kind::Numeral(1 << 1 | 1 << 2 | 1 << 4 | 1 << 6 | 1 << 8, check),
};

const PERCENT: u8 = 95;

/// Names of fields.
const FIELDS: &Words = &Words::new(&[
    b"gebdat*",
    b"geb dat*",
    b"gbdat",
    b"gebtag*",
    b"fec nac*",
    b"fecnac*",
    b"fecha nac",
    b"fechanac",
    b"f nac",
    b"ddn",
    b"date naiss",
    b"datenaiss",
    b"dt nasc*",
    b"dtnasc*",
    b"data nasc",
    b"datanasc",
    b"data ur",
    b"dataur",
    b"fodelsed*",
    b"fodelsd*",
    b"foedselsd*",
    b"datum nar",
    b"syntymaaika",
    b"nato_il",
    b"nata_il",
    b"ne_le",
    b"nee_le",
    b"n\xc3\xa9_e_le",
]);
/// Bytes from the start of such a name to its value.
const FIELD_BYTES_MAX: usize = 32;

/// `ur.`, and bytes up to its date.
const BORN_POLISH: &Words = &Words::new(&[b"ur."]);
const BORN_POLISH_BYTES_MAX: usize = "ur.: ".len();

/// What stands right before a date in a message.
const QUALIFIERS: &[&[u8]] = &[b"DMG*D8*", b"DTM+329:"];
const DOCUMENTS: &[u8] = b"DOCS ";

fn check(window: &Window<'_>, numeral: &Numeral) -> Checked {
    let start = numeral.start;
    match window.before(start) {
        b'*' | b':' if QUALIFIERS.iter().any(|before| ends_with(window, start, before)) => qualified(window, numeral),
        b'*' if is_star(window, start - 1) => dated(window, start),
        b' ' if window.before(start - 1) == b'*' && is_star(window, start - 2) => dated(window, start),
        b'/' if is_party(window, start) => qualified(window, numeral),
        b'/' if numeral.length(0) == 2 && window.at(start + 2)?.is_ascii_uppercase() => travels(window, start),
        _ if !may_be_date(numeral) || !date::may_start(window, start) => Ok(None),
        _ if is_field(window, start) => dated(window, start),
        b' ' => born(window, start),
        _ => Ok(None),
    }
}

/// True for groups of a date in digits.
fn may_be_date(numeral: &Numeral) -> bool {
    let groups = [0, 1, 2].map(|group| numeral.length(group));
    matches!(groups, [8, ..] | [4, 1 | 2, 1 | 2] | [1 | 2, 1 | 2, 2 | 4])
}

/// True behind the code for a date of birth of a party's lines: SWIFT MT 103, field 50F, option 4.
fn is_party(window: &Window<'_>, start: usize) -> bool {
    let head = window.slice(start.saturating_sub(CONTEXT_BYTES), start);
    let others = [b"\n1/", b"\n2/", b"\n3/"];
    head.ends_with(b"\n4/") && others.iter().any(|line| memchr::memmem::find(head, *line).is_some())
}

fn ends_with(window: &Window<'_>, end: usize, text: &[u8]) -> bool {
    window.slice(end.saturating_sub(text.len()), end) == text
}

/// True right behind the name of a field, or behind `ur.`.
fn is_field(window: &Window<'_>, start: usize) -> bool {
    let is_near = |words, bytes| context::nearest_direct(window, start, words).is_some_and(|near| near <= bytes);
    is_near(FIELDS, FIELD_BYTES_MAX) || is_near(BORN_POLISH, BORN_POLISH_BYTES_MAX)
}

/// The date at `start`.
fn dated(window: &Window<'_>, start: usize) -> Checked {
    Ok(date::date_end(window, start)?.map(|end| Match::new(start, end, 0, PERCENT)))
}

/// Eight digits, or six without a century, that nothing continues.
fn qualified(window: &Window<'_>, numeral: &Numeral) -> Checked {
    let run = numeral.length(0);
    let end = numeral.start + run;
    let text = window.slice(numeral.start, end);
    let is_day = match run {
        8 => date::is_compact(text),
        6 => super::checks::is_short_day(text),
        _ => false,
    };
    let is_found = is_day && !alphanumeric(window.at(end)?);
    Ok(is_found.then_some(Match::new(numeral.start, end, 0, PERCENT)))
}

/// True for a star at `at` in parentheses or behind a comma, a name before it: `Jane Doe (*12.03.1985)`.
fn is_star(window: &Window<'_>, at: usize) -> bool {
    const NAME_BYTES_MAX: usize = 24;
    let head = window.slice(at.saturating_sub(NAME_BYTES_MAX), at).trim_ascii_end();
    let Some((b'(' | b',', head)) = head.split_last() else { return false };
    let is_name = |name: &[u8]| matches!(name, [b'A'..=b'Z' | 0xc3..=0xd0, _, ..]);
    let mut words = head.trim_ascii_end().rsplit(|byte| !(byte.is_ascii_alphabetic() || *byte >= 0x80));
    // Of versions and their notes it is a release.
    let is_release = |name: &[u8]| [b"Notes".as_slice(), b"Version", b"Release", b"Update", b"Build"].contains(&name);
    words.next().is_some_and(|name| is_name(name) && !is_release(name)) && !words.next().is_some_and(is_release)
}

/// `am 12.03.1985 geboren`, `am 12.03.1985 in Ulm geboren`.
fn born(window: &Window<'_>, start: usize) -> Checked {
    const BORN: &[u8] = b" geboren";
    const PLACE_BYTES_MAX: usize = 24;
    let is_led = [b" am ", b" op "].iter().any(|lead| ends_with(window, start, *lead))
        || start == 3 && [b"am ", b"Am "].iter().any(|lead| ends_with(window, start, *lead));
    let Some(end) = (if is_led { date::date_end(window, start)? } else { None }) else { return Ok(None) };
    let mut reach = 1;
    for place in [b" in ", b" te ", b" zu "] {
        reach = if window.starts_with(end, place)? { PLACE_BYTES_MAX } else { reach };
    }
    for at in end..end + reach {
        if window.starts_with(at, BORN)? {
            return Ok(Some(Match::new(start, end, 0, PERCENT)));
        }
        if matches!(window.at(at)?, b',' | b';' | b':' | b'\n') || digit(window.at(at)?) {
            break;
        }
    }
    Ok(None)
}

/// `/12MAR85/M/12MAY30`: a passenger's date of birth, sex, and the last day of the document, which belongs to it.
fn travels(window: &Window<'_>, start: usize) -> Checked {
    let head = window.slice(start.saturating_sub(CONTEXT_BYTES), start);
    let Some(birth) = short_end(window, start)? else { return Ok(None) };
    if memchr::memmem::find(head, DOCUMENTS).is_none() || window.at(birth)? != b'/' {
        return Ok(None);
    }
    let sex = window.run(birth + 1, 3, |byte| byte.is_ascii_uppercase())?;
    let last = birth + 1 + sex + 1;
    if !(1..=2).contains(&sex) || window.at(last - 1)? != b'/' {
        return Ok(None);
    }
    Ok(short_end(window, last)?.map(|end| Match::new(start, end, 0, PERCENT)))
}

/// The end of `12MAR85` at `start`.
fn short_end(window: &Window<'_>, start: usize) -> Result<Option<usize>, Undecided> {
    const BYTES: usize = "12MAR85".len();
    let is_formed = digits(window, start, 3)? == 2
        && window.run(start + 2, 4, |byte| byte.is_ascii_uppercase())? == 3
        && digits(window, start + 5, 3)? == 2
        && !alphanumeric(window.at(start + BYTES)?);
    let end = if is_formed { date::with_month_name(window, start, start + 2)? } else { None };
    Ok(end.filter(|end| *end == start + BYTES))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::finds;

    const DOB: EntityType = EntityType::DateOfBirth;

    #[test]
    fn dates_behind_names_of_fields_are_found() {
        for name in [
            "GebDat",
            "geb_datum",
            "GEBDAT",
            "gebDatum",
            "Geb Datum",
            "GBDAT",
            "fec_nac",
            "FecNac",
            "fechaNac",
            "f_nac",
            "DDN",
            "ddn",
            "dateNaiss",
            "date_naiss",
            "dt_nasc",
            "data_nasc",
            "Data ur.",
            "data_ur",
            "nato_il",
            "né_e_le",
            "fodelsedatum",
            "foedselsdato",
        ] {
            for date in ["12.03.1978", "1978-03-12", "12/03/1978", "19780312", "12.03.78"] {
                finds(DOB, &format!("{name}: {date}"), &[date]);
                finds(DOB, &format!("{{\"{name}\": \"{date}\"}}"), &[date]);
                finds(DOB, &format!("<{name} type=\"x\">{date}</{name}>"), &[date]);
                finds(DOB, &format!("{name}={date}&x=1"), &[date]);
            }
        }
        finds(DOB, "E1P0002 GBDAT 19780312 NACHN VOGEL", &["19780312"]);
    }

    #[test]
    fn dates_are_told_by_what_stands_around_them() {
        finds(DOB, "Ewa Lis, ur. 12.03.1978 w Krakowie", &["12.03.1978"]);
        finds(DOB, "Jane Doe (*12.03.1978), Max Doe (* 1.2.1979)", &["12.03.1978", "1.2.1979"]);
        finds(DOB, "Jane Doe, *12.03.1978", &["12.03.1978"]);
        finds(DOB, "Jürgen Öztürk (*12.03.1978)", &["12.03.1978"]);
        finds(DOB, "am 12.03.1978 in Ulm geboren", &["12.03.1978"]);
        finds(DOB, "Er wurde am 12.03.1978 geboren.", &["12.03.1978"]);
        finds(DOB, "in Ulm am 12.03.1978 geboren", &["12.03.1978"]);
    }

    #[test]
    fn messages_say_it_by_a_qualifier() {
        finds(DOB, "NM1*IL*1*DOE*JANE~DMG*D8*19780312*F~", &["19780312"]);
        finds(DOB, "DTM+329:19780312:102'", &["19780312"]);
        finds(DOB, "DTM+329:780312'", &["780312"]);
        finds(
            DOB,
            ":50F:/GB60EPJT26124176341720\n1/JANE DOE\n2/69 MILL STREET\n3/GB/LEEDS\n4/19780521\n:59:",
            &["19780521"],
        );
        let passenger = "SSR DOCS LH HK1/P/DEU/C01X00T47/DEU/12MAR78/M/12MAY30/DOE/JANE";
        finds(DOB, passenger, &["12MAR78/M/12MAY30"]);
        finds(DOB, &passenger.replace("/M/", "/FI/"), &["12MAR78/FI/12MAY30"]);
    }

    #[test]
    fn near_misses_pass() {
        for text in [
            "DTM+137:19780312:102'",
            "DTM*329*19780312",
            "1/2\n4/19780312\n",
            "DMG*D8*19781312*F~",
            "DMG*D8*197803121*F~",
            "SSR OTHS LH HK1/12MAR78/M/12MAY30",
            "SSR DOCS LH HK1/12MAR78/M/12MAY",
            "/usr/DOCS 12/12MAR78/x",
            "a = b (*12.03.1978)",
            "2 *12.03.1978",
            "x *12.03.1978",
            "am 12.03.2024 in Ulm, geboren wurde",
            "am 12.03.2024 eingegangen",
            "seit 12.03.2024 geboren",
            "GebDat 7, Stand 12.03.2024",
            "ur. nr 12.03.1978",
            "addn 12.03.1978",
            "GebDat: 32.12.1978",
            "GebDat: 1978-03-12-7",
            "geb_datum_geaendert_am_und_geprueft: 12.03.1978",
        ] {
            finds(DOB, text, &[]);
        }
    }
}
