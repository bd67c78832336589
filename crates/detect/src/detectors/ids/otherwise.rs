//! What digits are that are no identifier: orders, meters, amounts, times, units, numbers of a list.

use super::PERSONS;
use crate::context::{self, Words};
use crate::text::{self, alphanumeric};
use crate::window::{Undecided, Window};

/// Words that say what digits without a name of their own are instead.
pub(crate) const OTHERWISE: &Words = &Words::new(&[
    b"order*",
    b"invoice*",
    b"tracking*",
    b"ticket*",
    b"ref",
    b"reference*",
    b"sku",
    b"isbn*",
    b"ean",
    b"upc",
    b"gtin",
    b"serial*",
    b"phone*",
    b"telephone*",
    b"tel",
    b"call",
    b"mobile",
    b"cell",
    b"fax",
    b"whatsapp",
    b"timestamp*",
    b"build",
    b"version*",
    b"commit*",
    b"batch*",
    b"lot",
    b"po",
    b"case",
    b"model",
    b"part",
    b"product*",
    b"item*",
    b"amount",
    b"total",
    b"price",
    b"qty",
    b"quantity",
    b"parcel*",
    b"shipment*",
    b"bytes",
    b"size",
    b"offset",
    b"population",
    b"patent",
    b"doi",
    b"issn",
    b"page*",
    b"bestell*",
    b"rechnung*",
    b"sendung*",
    b"commande",
    b"facture",
    b"pedido",
    b"factura",
    b"ordine",
    b"fattura",
    b"confirmation",
    b"transaction*",
    b"booking*",
    b"telefon*",
    b"hash",
    b"seed",
    b"port",
    b"pid",
    b"epoch",
    b"ts",
    b"tests",
    b"failures",
    b"passed",
    b"skipped",
    b"rows",
    b"hex*",
    b"job*",
    b"task*",
    b"run",
    b"runs",
    b"meter*",
    b"locker*",
    b"coupon*",
    b"voucher*",
    b"warranty*",
    b"sticker*",
    b"lottery",
    b"n =",
    b"n=",
]);

/// Those of them that say it even of a number in a form of its own, right before it.
const THINGS: &Words =
    &Words::new(&[b"meter reading*", b"counter shows", b"locker*", b"coupon*", b"voucher*", b"sticker*", b"odometer*"]);
/// Words for goods, right before what has the form of an identifier.
const GOODS: &Words = &Words::new(&[b"item", b"items", b"lot", b"lots", b"sku", b"part", b"batch", b"article"]);
/// Bytes from the start of such a word to what it names.
const GOODS_BYTES_MAX: usize = 9;

/// True for `item ZX648895D`.
pub(crate) fn is_of_goods(window: &Window<'_>, start: usize) -> bool {
    context::nearest_direct(window, start, GOODS).is_some_and(|bytes| bytes <= GOODS_BYTES_MAX)
}

/// Bytes from the start of such a word to the number.
const THING_BYTES_MAX: usize = 20;

/// True for `locker 689.69.2257`.
pub(crate) fn is_of_thing(window: &Window<'_>, start: usize) -> bool {
    context::nearest_direct(window, start, THINGS).is_some_and(|bytes| bytes <= THING_BYTES_MAX)
}

/// True if ` is `, ` was her `, ` as ` or a parenthesis stands behind a number: what follows says what it is.
pub(crate) fn is_explained(window: &Window<'_>, end: usize) -> Result<bool, Undecided> {
    let explains: [&[u8]; 10] = [
        b" is ",
        b" as ",
        b" (",
        b" was my ",
        b" was her ",
        b" was his ",
        b" was the ",
        b" was their ",
        b" was our ",
        b" was your ",
    ];
    for joint in explains {
        if window.starts_with(end, joint)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// True for a number in a list of numbers, as constants stand in programs.
///
/// # Errors
/// [`Undecided`] while what follows has not arrived.
pub(crate) fn is_listed(window: &Window<'_>, start: usize, end: usize) -> Result<bool, Undecided> {
    let head = window.slice(start.saturating_sub(INDENT_BYTES_MAX), start);
    let blanks = head.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'-')).count();
    let before = head.iter().rev().skip(blanks);
    let behind_number =
        blanks > 0 && before.clone().next() == Some(&b',') && before.clone().nth(1).is_some_and(u8::is_ascii_digit);
    let row = blanks > INDENT_BYTES_MIN;
    if window.at(end)? != b',' {
        return Ok(behind_number);
    }
    let blank = matches!(window.at(end + 1)?, b' ' | b'\n' | b'\r' | b'\t');
    Ok(behind_number || (blank && (row || window.at(end + 2)?.is_ascii_digit())))
}

/// Bytes before a number in which the end of the number before it is looked for: a line's indentation.
const INDENT_BYTES_MAX: usize = 40;
/// Blanks before a number that is a row of a table.
const INDENT_BYTES_MIN: usize = 3;

/// True behind a word that says what digits are instead.
pub(crate) fn is_named_otherwise(window: &Window<'_>, start: usize) -> bool {
    context::nearest_direct(window, start, OTHERWISE).is_some()
}

/// Words before the numbers of what is discussed, not of what the discussion is about.
const ISSUES: &Words = &Words::new(&[b"bug*", b"issue", b"issues", b"closes", b"fixes", b"pr", b"lp", b"rfc", b"cve"]);

/// Words right before a number to call.
const CALLS: &Words = &Words::new(&[b"call", b"dial", b"phone", b"telephone", b"ring us", b"ring me", b"fax"]);

/// True behind such a word that is nearer than so many bytes, and for `(#1028200)`.
pub(super) fn is_issue(window: &Window<'_>, start: usize, within: usize) -> bool {
    window.slice(start.saturating_sub(2), start) == b"(#"
        || context::nearest_direct(window, start, CALLS).is_some_and(|distance| distance < within.min(CALL_BYTES))
        || context::nearest_direct(window, start, ISSUES).is_some_and(|distance| distance < within)
}

/// Bytes from the start of a word for a call to its number: `telephone is (`.
const CALL_BYTES: usize = 16;

/// Units behind numbers that count something.
const UNITS: &[&[u8]] =
    &[b"bytes", b"byte", b"kb", b"mb", b"gb", b"kib", b"mib", b"gib", b"ms", b"px", b"kbps", b"mbps"];

/// True before a space and a unit.
pub(super) fn is_measured(window: &Window<'_>, end: usize) -> Result<bool, Undecided> {
    const UNIT_BYTES_MAX: usize = "bytes".len() + 1;
    if window.at(end)? != b' ' {
        return Ok(false);
    }
    let length = window.run(end + 1, UNIT_BYTES_MAX, |byte| byte.is_ascii_alphabetic())?;
    let word = window.slice(end + 1, end + 1 + length);
    Ok(UNITS.iter().any(|unit| word.eq_ignore_ascii_case(unit)))
}

/// Currencies as they stand beside amounts.
const CURRENCIES: &[&str] = &[
    "€", "$", "£", "¥", "₽", "₴", "₹", "zł", "Kč", "EUR", "Eur", "eur", "USD", "CHF", "GBP", "SEK", "NOK", "DKK",
    "PLN", "CZK", "HUF", "RUB", "UAH", "CAD", "AUD", "JPY", "kr", "Ft", "lei",
];

/// True for an amount: with hundredths behind a comma, or a currency before or behind it.
pub(super) fn has_currency(window: &Window<'_>, start: usize, end: usize) -> Result<bool, Undecided> {
    const CURRENCY_BYTES_MAX: usize = 3;
    const HUNDREDTHS: usize = 2;
    if window.at(end)? == b',' && text::digits(window, end + 1, HUNDREDTHS + 1)? == HUNDREDTHS {
        // The next cell of a row may have two digits, too.
        let after = window.at(end + 1 + HUNDREDTHS)?;
        return Ok(!(window.before(start) == b',' || matches!(after, b',' | b'.') || alphanumeric(after)));
    }
    let head = window.slice(start.saturating_sub(CURRENCY_BYTES_MAX + 1), start);
    let head = head.strip_suffix(b" ").unwrap_or(head);
    let at = end + usize::from(window.at(end)? == b' ');
    for currency in CURRENCIES {
        if head.ends_with(currency.as_bytes()) || window.starts_with(at, currency.as_bytes())? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The first year whose dates and times are told from dates of birth, which stand near words of persons.
const CLOCK_YEAR_MIN: u64 = 1990;

/// True for a date and a time of day, alone or joined to a word, far from words of persons.
pub(super) fn is_clock(window: &Window<'_>, start: usize, digits: &[u8]) -> bool {
    let part = |from: usize, to: usize| text::value(digits.get(from..to).unwrap_or_default());
    let is_bare = || window.slice(start, start + digits.len()).iter().all(u8::is_ascii_digit);
    let is_joined = || window.before(start) == b'-' && alphanumeric(window.before(start.saturating_sub(1)));
    let is_time = digits.len() == 12 && part(0, 4) >= CLOCK_YEAR_MIN && part(8, 10) < 24 && part(10, 12) < 60;
    is_time && (is_bare() || is_joined()) && !context::precedes(window, start, PERSONS)
}

/// True for seconds since 1970, or milliseconds, up to 2033.
fn is_unix_time(digits: &[u8]) -> bool {
    matches!((digits.len(), digits), (10 | 13, [b'1', ..]))
}

/// Words that name a time.
const TIMES: &Words = &Words::new(&[
    b"ts",
    b"ms",
    b"msec*",
    b"millis*",
    b"time",
    b"times",
    b"timestamp*",
    b"epoch*",
    b"unix*",
    b"created*",
    b"updated*",
    b"modified*",
    b"changed*",
    b"expires*",
    b"expiry",
    b"exp",
    b"iat",
    b"nbf",
    b"mtime",
    b"ctime",
    b"atime",
    b"seen",
    b"date*",
    b"started*",
    b"ended*",
    b"login*",
    b"sent*",
    b"received*",
    b"issued*",
]);

/// True for digits that count seconds, behind a word for a time that is nearer than so many bytes.
pub(crate) fn is_named_time(window: &Window<'_>, start: usize, digits: &[u8], within: usize) -> bool {
    is_unix_time(digits) && context::nearest_direct(window, start, TIMES).is_some_and(|distance| distance < within)
}
