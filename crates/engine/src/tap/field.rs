//! Header fields and request targets as leaves.

use crate::body::Sink;
use crate::{LeafKind, Pipeline};
use decode::http1::{Field, Fields};

/// Fields that frame or route a message: their values are read and never edited.
const FIXED: [&str; 12] = [
    "host",
    "content-length",
    "content-type",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "accept-encoding",
];

/// Fields in which a provider expects its key.
const CREDENTIALS: [&str; 5] = ["authorization", "x-api-key", "api-key", "x-goog-api-key", "proxy-authorization"];

/// The query parameter in which a provider expects its key.
const KEY_PARAMETER: &[u8] = b"key=";

/// Longest decoded reading of a target. A target is at most as long as a head, and shrinks.
const DECODED_BYTES_MAX: usize = decode::http1::HEAD_BYTES_MAX;

/// Hands all fields on, names and values.
pub(super) fn read_fields<P: Pipeline>(fields: Fields<'_>, sink: &mut Sink<'_, P>) {
    for field in fields.iter() {
        sink.whole(LeafKind::Key, field.name_at, field.name);
        sink.whole(kind(&field), field.value_at, field.value);
    }
}

fn kind(field: &Field<'_>) -> LeafKind {
    let is_one_of = |names: &[&str]| names.iter().any(|name| field.is(name));
    if is_one_of(&CREDENTIALS) {
        LeafKind::Credential
    } else if is_one_of(&FIXED) {
        LeafKind::Fixed
    } else {
        LeafKind::Field
    }
}

/// Hands a request target on: path and parameters as they stand, and once more with their percent
/// escapes decoded.
pub(super) fn read_target<P: Pipeline>(at: u64, target: &[u8], decoded: &mut Vec<u8>, sink: &mut Sink<'_, P>) {
    let mut start = 0;
    while let Some(rest) = target.get(start..).filter(|rest| !rest.is_empty()) {
        let len = rest.iter().position(|byte| matches!(byte, b'?' | b'&')).map_or(rest.len(), |end| end + 1);
        let (part, _) = rest.split_at_checked(len).unwrap_or((rest, &[]));
        let is_parameter = start > 0;
        match part.strip_prefix(KEY_PARAMETER) {
            Some(value) if is_parameter => {
                let value_at = at + (start + KEY_PARAMETER.len()) as u64;
                sink.whole(LeafKind::Credential, value_at, value.strip_suffix(b"&").unwrap_or(value));
            }
            _ => sink.whole(LeafKind::Fixed, at + start as u64, part),
        }
        start += len;
    }
    if target.contains(&b'%') || target.contains(&b'+') {
        percent_decode(target, decoded);
        sink.reading_of(LeafKind::Fixed, decoded);
    }
}

/// RFC 3986 section 2.1; a percent sign that begins no escape stands for itself, `+` for a space.
fn percent_decode(text: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut rest = text.get(..DECODED_BYTES_MAX).unwrap_or(text);
    while let [first, tail @ ..] = rest {
        let escaped = match (first, tail) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        out.push(escaped.unwrap_or(if *first == b'+' { b' ' } else { *first }));
        rest = if escaped.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_escapes_are_decoded_and_broken_ones_kept() {
        let mut out = Vec::new();
        percent_decode(b"/a%2Db%zz%4+c%", &mut out);
        assert_eq!(out, b"/a-b%zz%4 c%");
    }
}
