//! What a request asks for and does not get: blanked in its head, as long as it was.

use core::ops::Range;
use decode::http1::{Field, FieldName, Fields};

/// What a connection would become that is offered to the server, in a field of its own and in two connection options
/// (RFC 7540 section 3.2).
const UPGRADE: &[u8] = b"h2c";
const OPTIONS: [&str; 2] = ["upgrade", SETTINGS];
const SETTINGS: &str = "http2-settings";

/// True if all that the fields offer is HTTP/2 in plain text: a server may let it be, and is not asked.
pub(super) fn may_be_upgraded(fields: Fields<'_>) -> bool {
    fields.known(FieldName::Upgrade).all(|field| field.value.eq_ignore_ascii_case(UPGRADE))
}

/// What is blanked in a head.
pub(super) fn blanked(fields: Fields<'_>) -> impl Iterator<Item = Range<u64>> {
    codings(fields).chain(upgrades(fields))
}

/// Where a request asks for codings of the answer. It does not get any (RFC 9110 section 12.5.3): an answer that is
/// compressed can neither be read nor accounted for.
fn codings(fields: Fields<'_>) -> impl Iterator<Item = Range<u64>> {
    let asked = fields.known(FieldName::AcceptEncoding);
    let asked = asked.filter(|field| !field.value.is_empty() && !field.value.eq_ignore_ascii_case(b"identity"));
    asked.map(|field| whole(&field))
}

/// Where a request offers HTTP/2 in plain text, which cannot be read.
fn upgrades(fields: Fields<'_>) -> impl Iterator<Item = Range<u64>> {
    let is_offered = fields.known(FieldName::Upgrade).next().is_some() && may_be_upgraded(fields);
    let named = fields.known(FieldName::Upgrade).chain(fields.named(SETTINGS));
    let options = fields.known(FieldName::Connection).flat_map(|field| options(&field));
    let all = named.filter(|field| !field.value.is_empty()).map(|field| whole(&field)).chain(options);
    all.filter(move |_| is_offered)
}

fn whole(field: &Field<'_>) -> Range<u64> {
    field.value_at..field.value_at + field.value.len() as u64
}

/// The options that go with the offer, each with a comma that would part it from nothing.
fn options(field: &Field<'_>) -> Vec<Range<u64>> {
    let mut ranges: Vec<Range<u64>> = Vec::new();
    let (mut start, mut kept_end) = (field.value_at, None);
    for element in field.value.split(|byte| *byte == b',') {
        let end = start + element.len() as u64;
        let is_offer = OPTIONS.iter().any(|option| element.trim_ascii().eq_ignore_ascii_case(option.as_bytes()));
        match (is_offer, kept_end, ranges.last_mut()) {
            // Up to the next comma, with those before.
            (true, _, Some(last)) if last.end + 1 >= start => last.end = end,
            (true, kept_end, _) => ranges.push(kept_end.unwrap_or(start)..end),
            // Its comma parts the next option from nothing.
            (false, None, Some(last)) => last.end = start,
            (false, ..) => {}
        }
        if !is_offer {
            kept_end = Some(end);
        }
        start = end + 1;
    }
    ranges
}
