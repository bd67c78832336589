//! Dates of birth: a date in any common form (ISO 8601, and those with names of months) behind a word for birth.

use super::{Cue, REACH_BYTES, begins_word, date};
use crate::context::{self, Words};
use crate::detectors::about::{About, Sight};
use crate::detectors::ids::checks::is_birth_day;
use crate::entity::EntityType;
use crate::text::{digit, digits, value};
use crate::window::{BOUNDARY, CONTEXT_BYTES, Checked, Match, NUMBER_BOUNDARY, Undecided, Window};

/// The detector.
pub(super) static CUE: Cue = Cue::new(EntityType::DateOfBirth, "date-of-birth", ABOUT, WORDS, check);

/// Whole words, then those without their initial, which may be a capital or not: fewer words make the search fast.
const ABOUT: About = About::new("a date that there is, behind a word for birth", "ISO 8601 and usual forms").raised(
    NAMES,
    Sight::Before,
    (85, 95),
);
/// The words as they are read.
const NAMES: &Words = &Words::new(&[
    b"dob",
    b"d.o.b*",
    b"d_o_b",
    b"b.",
    b"geb",
    b"bday",
    b"b-day",
    b"birth*",
    b"born",
    b"gebor*",
    b"geburt*",
    b"naissance",
    b"nacimiento",
    b"nacido",
    b"nacida",
    b"nascita",
    b"nascimento",
    b"nato il",
    b"nata il",
    b"nato a",
    b"nata a",
    b"n\xc3\xa9 \xc3\xa0",
    b"n\xc3\xa9e \xc3\xa0",
    b"n\xc3\xa9 le",
    b"n\xc3\xa9e le",
    b"n\xc3\xa9(e) le",
    b"urodz*",
    b"f\xc3\xb6dd*",
    b"f\xc3\xb6dels*",
    b"nascid*",
    b"geboort*",
    b"f\xc3\xb8dt",
    b"f\xc3\xb8dsel*",
    b"syntym*",
    b"syntyn*",
    b"narozen*",
    b"naroden*",
    b"sz\xc3\xbclet*",
    b"ro\xc4\x91en*",
    b"rojstv*",
    b"n\xc4\x83scut*",
    b"na\xc8\x99ter*",
    b"gimimo",
    b"do\xc4\x9fum*",
    b"lahir",
    b"ng\xc3\xa0y sinh",
    "рожд*".as_bytes(),
    "родил*".as_bytes(),
    "народж*".as_bytes(),
    "γεννή*".as_bytes(),
    "γέννησ*".as_bytes(),
    "生年月日*".as_bytes(),
    "出生*".as_bytes(),
    "생년월일*".as_bytes(),
    "ميلاد*".as_bytes(),
    "לידה*".as_bytes(),
    "जन्म*".as_bytes(),
    "เกิด*".as_bytes(),
]);

const WORDS: &[&[u8]] = &[
    b"dob",
    b"Dob",
    b"DOB",
    b"dOB",
    b"D.O.B",
    b"d.o.b",
    b"D_O_B",
    b"d_o_b",
    BORN_BEHIND_COMMA,
    BORN_IN_PARENTHESIS,
    b"geb.",
    b"Geb.",
    b"bday",
    b"Bday",
    b"BDAY",
    b"b-day",
    b"lahir",
    "ождени".as_bytes(),
    "родил".as_bytes(),
    "ародж".as_bytes(),
    "γεννή".as_bytes(),
    "γέννησ".as_bytes(),
    "生年月日".as_bytes(),
    "出生".as_bytes(),
    "생년월일".as_bytes(),
    "ميلاد".as_bytes(),
    "לידה".as_bytes(),
    "जन्म".as_bytes(),
    "เกิด".as_bytes(),
    b"irth",
    b"IRTH",
    b"orn",
    b"ORN",
    b"ebor",
    b"eburt",
    b"EBURT",
    b"aissance",
    b"AISSANCE",
    b"acimiento",
    b"ACIMIENTO",
    b"acido",
    b"acida",
    b"ascita",
    b"ASCITA",
    b"ascimento",
    b"ASCIMENTO",
    b"ato il",
    b"ata il",
    b"ato a ",
    b"ata a ",
    b"\xc3\xa9 \xc3\xa0 ",
    b"\xc3\xa9e \xc3\xa0 ",
    b"\xc3\xa9 le",
    b"\xc3\xa9_le",
    b"\xc3\xa9e le",
    b"\xc3\xa9e_le",
    b"\xc3\xa9(e) le",
    "É LE".as_bytes(),
    "ÉE LE".as_bytes(),
    b"rodz",
    b"\xc3\xb6dd",
    b"\xc3\xb6dels",
    b"ascid",
    b"eboort",
    b"\xc3\xb8dt",
    b"\xc3\xb8dsel",
    b"yntym",
    b"yntyn",
    b"arozen",
    b"aroden",
    b"z\xc3\xbclet",
    b"o\xc4\x91en",
    b"ojstv",
    b"\xc4\x83scut",
    b"a\xc8\x99ter",
    b"imimo",
    b"o\xc4\x9fum",
    b"g\xc3\xa0y sinh",
];

/// The initials of those that lack them.
const INITIALS: &[u8; 49] = b"bbbbgggnnnnnnnnnnnnnnnnnnnnnnnuffngffssnnsrrnngdn";

/// `b.` behind a name: the date stands right behind it.
const BORN_BEHIND_COMMA: &[u8] = b", b. ";
const BORN_IN_PARENTHESIS: &[u8] = b"(b. ";

fn check(window: &Window<'_>, word: usize, word_end: usize) -> Checked {
    let Some(initial) = initial(window, word, word_end) else { return Ok(None) };
    if [BORN_BEHIND_COMMA, BORN_IN_PARENTHESIS].contains(&window.slice(word, word_end)) {
        return check_short(window, word, word_end);
    }
    let is_other = is_other_word(window, word, word_end)?
        || is_defined(window, word_end)?
        || is_surname(window, initial, word_end)?;
    if !begins_word(window, initial)? || is_other {
        return Ok(None);
    }
    let (mut at, mut leaves) = (word_end, 0);
    let end = word + REACH_BYTES;
    while at < end {
        let byte = window.at(at)?;
        if matches!(byte, BOUNDARY | NUMBER_BOUNDARY) {
            // Digits before the end of the leaf may be another word's, which is not kept waiting.
            leaves += usize::from(!is_type(window, word_end, at));
            if leaves > 1 || window.slice(word_end, at).iter().any(u8::is_ascii_digit) {
                return Ok(None);
            }
        }
        // Parameters of a property in a list (RFC 7095, section 3.3), of which there are none.
        if byte == b'{' && !window.starts_with(at + 1, b"},\"")? {
            return members(window, at + 1);
        }
        if ends_sentence(window, at)? {
            return Ok(None);
        }
        if (digit(byte) || byte.is_ascii_alphabetic())
            && date::may_start(window, at)
            && let Some(end) = date::date_end(window, at)?
        {
            let between = window.slice(word_end, at);
            // `born`, `birth of`: a date of birth is a person's whatever stands behind the word.
            let may_be_event = window.slice(word, word_end).ends_with(b"orn") || between.starts_with(b" of ");
            let is_other =
                may_be_event && is_of_event(between) || names_place(window, word, word_end) && !is_placed(between);
            if is_other || is_of_file(window, end)? {
                return Ok(None);
            }
            return Ok(Some(Match::new(at, end, 0, 95)));
        }
        at += 1;
    }
    Ok(None)
}

/// True for the type that jCard writes between a property and its value (RFC 7095 section 3.5), as a leaf or in one.
fn is_type(window: &Window<'_>, word_end: usize, end: usize) -> bool {
    window.slice(word_end, end).strip_prefix(&[BOUNDARY]).is_some_and(|kind| kind.starts_with(b"date"))
}

/// True for a word that the place follows: `nato a`.
fn names_place(window: &Window<'_>, word: usize, word_end: usize) -> bool {
    [b" a " as &[u8], b" \xc3\xa0 "].iter().any(|to| window.slice(word, word_end).ends_with(to))
}

/// True for a place and the article of a day: `Bari (BA), il `.
fn is_placed(between: &[u8]) -> bool {
    let place = [b" il " as &[u8], b" le ", b" il giorno "].iter().find_map(|article| between.strip_suffix(*article));
    place.is_some_and(|place| place.iter().rposition(|byte| *byte == b',').is_none_or(|comma| comma + 1 == place.len()))
}

/// Words between one for birth and a date that say that a thing is meant: `the bug was born in commit ...`.
const EVENTS: &Words = &Words::new(&[
    b"commit*",
    b"release*",
    b"kickoff*",
    b"project*",
    b"launch*",
    b"startup*",
    b"version*",
    b"album*",
    b"film*",
    b"founded*",
    b"incorporated*",
    b"merger*",
    b"merging",
    b"acquisition*",
    b"spin-off*",
    b"collaboration*",
    b"partnership*",
    b"initiative*",
]);

/// True if one of them is there.
fn is_of_event(between: &[u8]) -> bool {
    let near = between.get(between.len().saturating_sub(CONTEXT_BYTES)..).unwrap_or_default();
    context::words_of(near).any(|word| EVENTS.begins(word))
}

/// Bytes of white space and marks between two members, and between a name and its value.
const JOINT_BYTES_MAX: usize = 16;

/// `"dob": {"year": 1985, "month": 3, "day": 12}`: the parts in any order.
fn members(window: &Window<'_>, start: usize) -> Checked {
    let mut parts = [None; 3];
    let (mut at, mut first, mut end) = (start, None, start);
    for _ in 0..parts.len() {
        let in_joint =
            |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'\\' | b',' | b':' | b'=');
        at += window.run(at, JOINT_BYTES_MAX, in_joint)?;
        let name = window.run(at, JOINT_BYTES_MAX, |byte| byte.is_ascii_alphabetic())?;
        let place = match window.slice(at, at + name).first().map(u8::to_ascii_lowercase) {
            Some(b'y') => 0,
            Some(b'm') => 1,
            Some(b'd') => 2,
            _ => return Ok(None),
        };
        at += name + window.run(at + name, JOINT_BYTES_MAX, in_joint)?;
        let length = digits(window, at, 5)?;
        let Some(room) = parts.get_mut(place).filter(|room| room.is_none() && (1..=4).contains(&length)) else {
            return Ok(None);
        };
        *room = u32::try_from(value(window.slice(at, at + length))).ok();
        first = first.or(Some(at));
        at += length;
        end = at;
    }
    let ([Some(year), Some(month), Some(day)], Some(first)) = (parts, first) else { return Ok(None) };
    Ok(is_birth_day(year, month, day).then_some(Match::new(first, end, 0, 90)))
}

/// True if a time with nanoseconds follows: a file was made then.
fn is_of_file(window: &Window<'_>, end: usize) -> Result<bool, Undecided> {
    const TIME_BYTES: usize = " 10:00:00.".len();
    const NANO_DIGITS: usize = 9;
    let in_time = |byte: u8| digit(byte) || matches!(byte, b' ' | b':' | b'.');
    if window.at(end)? != b' ' || window.run(end, TIME_BYTES, in_time)? < TIME_BYTES {
        return Ok(false);
    }
    Ok(window.before(end + TIME_BYTES) == b'.' && digits(window, end + TIME_BYTES, NANO_DIGITS)? == NANO_DIGITS)
}

/// `Doe, b. 12/03/1985`, `Jane Doe (b. 12 March 1985)`: behind a name only, since lists have letters, too.
fn check_short(window: &Window<'_>, word: usize, word_end: usize) -> Checked {
    let head = window.slice(word.saturating_sub(NAME_BYTES_MAX), word).trim_ascii_end();
    let start = head.iter().rposition(|byte| byte.is_ascii_whitespace()).map_or(0, |space| space + 1);
    let name = head.get(start..).unwrap_or_default();
    let named = matches!(name, [b'A'..=b'Z', rest @ ..] if rest.last().is_some_and(|last| last.is_ascii_alphabetic()));
    if !named || !(digit(window.at(word_end)?) || window.at(word_end)?.is_ascii_alphabetic()) {
        return Ok(None);
    }
    Ok(date::date_end(window, word_end)?.map(|end| Match::new(word_end, end, 0, 85)))
}

/// Bytes of a name's last part that are looked at.
const NAME_BYTES_MAX: usize = 24;
/// Letters of a word behind which a stop ends a sentence: `St.` does not.
const STOPPED_BYTES_MIN: usize = 4;

/// True if what stands at `at` parts the word from what follows: a full stop behind a word and before a capital, or a
/// semicolon before a word; a question may be answered right behind it.
fn ends_sentence(window: &Window<'_>, at: usize) -> Result<bool, Undecided> {
    if !matches!(window.at(at)?, b'.' | b';' | b'!' | b'?') || window.at(at + 1)? != b' ' {
        return Ok(false);
    }
    let next = window.at(at + 2)?;
    let head = window.slice(at.saturating_sub(STOPPED_BYTES_MIN), at);
    Ok(match window.at(at)? {
        b'.' => next.is_ascii_uppercase() && head.iter().all(u8::is_ascii_alphabetic),
        b';' => next.is_ascii_alphabetic(),
        b'?' => !digit(next),
        _ => true,
    })
}

/// Where the word begins of which the bytes from `start` to `end` were found.
fn initial(window: &Window<'_>, start: usize, end: usize) -> Option<usize> {
    let place = WORDS.iter().position(|word| *word == window.slice(start, end))?;
    let Some(lacking) = place.checked_sub(WORDS.len() - INITIALS.len()) else { return Some(start) };
    (INITIALS.get(lacking) == Some(&window.before(start).to_ascii_lowercase())).then(|| start - 1)
}

/// True for `dobj`, a short word that goes on, and for the `birthtime` of a file.
fn is_other_word(window: &Window<'_>, word: usize, word_end: usize) -> Result<bool, Undecided> {
    let short = word_end - word == "dob".len();
    Ok((short && window.at(word_end)?.is_ascii_lowercase()) || window.starts_with(word_end, b"time")?)
}

/// True before ` = ` and a word in small letters: an abbreviation's meaning.
fn is_defined(window: &Window<'_>, word_end: usize) -> Result<bool, Undecided> {
    const SIGN: &[u8] = b" = ";
    Ok(window.before(word_end) == b'.'
        && window.starts_with(word_end, SIGN)?
        && window.at(word_end + SIGN.len())?.is_ascii_lowercase())
}

/// Words before one for birth that are no name: `Data Nascimento`.
const DATES: &[&[u8]] = &[b"Data", b"Date", b"Dato", b"Datum", b"Fecha"];
/// Letters of the shortest verb that is told from a preposition.
const VERB_BYTES_MIN: usize = 4;

/// True between a name and a verb: `Luis Nascimento joined`, `Max Born published`.
fn is_surname(window: &Window<'_>, initial: usize, word_end: usize) -> Result<bool, Undecided> {
    let is_name = |word: &[u8]| matches!(word, [b'A'..=b'Z', b'a'..=b'z', ..]);
    if !is_name(window.slice(initial, word_end)) || window.before(initial) != b' ' || window.at(word_end)? != b' ' {
        return Ok(false);
    }
    let head = window.slice(initial.saturating_sub(NAME_BYTES_MAX), initial).trim_ascii_end();
    let start = head.iter().rposition(|byte| !byte.is_ascii_alphabetic()).map_or(0, |place| place + 1);
    let name = head.get(start..).unwrap_or_default();
    let verb = window.run(word_end + 1, VERB_BYTES_MIN, |byte| byte.is_ascii_lowercase())?;
    Ok(is_name(name) && !DATES.contains(&name) && verb == VERB_BYTES_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::finds;

    #[test]
    fn the_place_may_stand_between() {
        for text in [
            "nato a Bari il 12/03/1978",
            "Sig.ra Jane Doe, nata a Bari (BA), il 12/03/1978",
            "nata a Reggio nell'Emilia (RE) il giorno 12/03/1978",
            "né à Lyon le 12/03/1978",
            "née à Saint-Étienne (42) le 12/03/1978",
        ] {
            finds(DOB, text, &["12/03/1978"]);
        }
        finds(DOB, "née à Lyon le 12 septembre 1978", &["12 septembre 1978"]);
        for text in [
            "nato a Roma, assunto il 12/03/2020",
            "nato a Roma dal 12/03/2020",
            "stato a Bari il 12/03/2020",
            "allé à Lyon le 12/03/2020",
            "arrivée à Lyon le 12/03/2020",
        ] {
            finds(DOB, text, &[]);
        }
    }

    #[test]
    fn a_property_may_have_its_type_before_its_value() {
        finds(DOB, "[\"bday\",{},\"date\",\"1978-03-12\"]", &["1978-03-12"]);
        finds(DOB, "[\"rev\",{},\"date\",\"1978-03-12\"]", &[]);
    }

    #[test]
    fn the_birth_of_a_thing_is_none() {
        for text in [
            "The bug was born in commit e70664f on 2020-08-06",
            "Born to run, released 24 August 1984",
            "birth of a project: kickoff 2024-10-16",
            "born from a merger on 18 May 2006",
            "geb. = gebucht am 23.07.2025",
        ] {
            finds(DOB, text, &[]);
        }
        finds(DOB, "born in Lisbon on 1985-03-12, joined the project", &["1985-03-12"]);
        finds(DOB, "geb. = 12.03.1985, dob = March 12, 1985", &["12.03.1985", "March 12, 1985"]);
    }

    #[test]
    fn a_surname_is_no_birth() {
        finds(DOB, "Luis Nascimento joined on 2021-10-12", &[]);
        finds(DOB, "Max Born published it on 1926-06-25", &[]);
        for text in [
            "Data Nascimento: 1985-03-12",
            "Data de Nascimento 1985-03-12",
            "Jane Doe, Born 1985-03-12",
            "Luis Silva Nascimento: 1985-03-12",
            "Jane Roe Born on 1985-03-12",
        ] {
            finds(DOB, text, &["1985-03-12"]);
        }
    }

    const DOB: EntityType = EntityType::DateOfBirth;

    #[test]
    fn members_of_a_date_are_found() {
        finds(DOB, "{\"dob\": {\"year\":1980,\"month\":5,\"day\":2}}", &["1980,\"month\":5,\"day\":2"]);
        finds(DOB, "birthDate: { day: 2, month: 5, year: 1980 }", &["2, month: 5, year: 1980"]);
        finds(DOB, "\"date_of_birth\": {\n    \"y\": \"1980\",\n    \"m\": \"05\",", &[]);
        for text in ["\"dob\": {\"year\":1980,\"month\":13,\"day\":2}", "dob: {year: 1980, year: 5, day: 2}"] {
            finds(DOB, text, &[]);
        }
    }

    #[test]
    fn a_file_is_not_born() {
        finds(DOB, " Birth: 1999-01-02 10:00:00.123456789 +0000", &[]);
        finds(DOB, "birth_date: 1985-03-12 00:00:00.000", &["1985-03-12"]);
    }

    #[test]
    fn dates_behind_a_word_are_found() {
        for date in [
            "1985-03-12",
            "1985/3/12",
            "12/03/1985",
            "03/28/1985",
            "12.3.85",
            "12. 3. 1985",
            "19850312",
            "12 March 1985",
            "12th of March, 1985",
            "March 12, 1985",
            "Mar. 12th 1985",
            "12-Mar-1985",
            "12. März 1985",
            "12 de marzo de 1985",
            "1er août 1985",
            "1985年3月12日",
        ] {
            for before in [
                "DOB: ",
                "date of birth ",
                "dateOfBirth=",
                "She was born on ",
                "geboren am ",
                "née le ",
                "fecha de nacimiento: ",
            ] {
                finds(DOB, &format!("{before}{date}, ok"), &[date]);
                finds(DOB, &format!("({before}{date})."), &[date]);
                finds(DOB, &format!("{before}{date},40"), &[date]);
            }
        }
        for word in [
            "födelsedatum",
            "født",
            "Fødselsdato",
            "syntymäaika",
            "datum narození",
            "narozen",
            "dátum narodenia",
            "született",
            "datum rođenja",
            "datum rojstva",
            "data nașterii",
            "doğum tarihi",
            "Doğum",
            "tanggal lahir",
            "ngày sinh",
            "Дата рождения",
            "дата народження",
            "Ημερομηνία γέννησης",
            "生年月日",
            "出生日期",
            "생년월일",
            "تاريخ الميلاد",
            "תאריך לידה",
            "जन्म तिथि",
            "วันเกิด",
            "geboortedatum",
        ] {
            finds(DOB, &format!("{word}: 12.03.1985"), &["12.03.1985"]);
        }
        finds(DOB, "né_le: 12/03/1985", &["12/03/1985"]);
        finds(DOB, "d_o_b=1959-08-01&x", &["1959-08-01"]);
        finds(DOB, "<dOB>04/06/61</dOB>", &["04/06/61"]);
        finds(DOB, "FECHA DE NACIMIENTO  .......  03-Sep-1978", &["03-Sep-1978"]);
        finds(DOB, "NÉ LE ....... 19630121", &["19630121"]);
        finds(DOB, "NÉE LE ..............19630121", &["19630121"]);
        finds(DOB, "birth date: 03 / 12 / 1985", &["03 / 12 / 1985"]);
        finds(DOB, "né(e) le 12 mars 1985", &["12 mars 1985"]);
        finds(DOB, "Jane Doe, b. 12/03/1985, and Max Doe (b. 12 March 1985)", &["12/03/1985", "12 March 1985"]);
        finds(DOB, "born in St. Paul on 12/03/1985; geb. Doe; born 12/04/1985", &["12/03/1985", "12/04/1985"]);
        finds(DOB, "生年月日:1985年7月2日", &["1985年7月2日"]);
        finds(DOB, "{\"birthDate\": \"1985-03-12\"}", &["1985-03-12"]);
        finds(DOB, "born in Paris on 3 May 1990", &["3 May 1990"]);
        finds(DOB, "when were you born? 12/03/1985", &["12/03/1985"]);
        finds(DOB, "{\"dateOfBirth\":\"1980-01-02T00:00:00Z\"}", &["1980-01-02"]);
        finds(DOB, "dob 1980-01-02Tx", &[]);
        finds(DOB, "DOB (date of birth) 1985-03-12 and born 1985-03-13", &["1985-03-12", "1985-03-13"]);
    }

    #[test]
    fn near_misses_pass() {
        for text in [
            "on 1985-03-12",
            "He was born to lead; revenue on 12/03/2024 grew.",
            "He was born to lead. On 12/03/2024 revenue grew.",
            "a birth! Since 12/03/2024 it grew.",
            "see a, b. 12/03/1985",
            "Option, b. as of 12/03/1985",
            "the stillborn project of 1985-03-12",
            "dobson 1985-03-12",
            "birthtime: 2019-06-22T03:26:47",
            "brødt 12.03.1985",
            "DOB: 1985-13-12",
            "DOB: 12/03/198",
            "born in 1985",
            "date of birth: 1.2.3.4",
            "DOB: unknown",
            "DOB: 1985-03-12-7",
        ] {
            finds(DOB, text, &[]);
        }
    }
}
