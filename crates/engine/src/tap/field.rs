//! Header fields and request targets as leaves.

use crate::body::Sink;
use crate::{HeadLeaves, LeafId, LeafKind, Pipeline, WholeLeaf};
use decode::http1::{Field, FieldName, Fields, RequestHead, ResponseHead};
use policy::Keys;

/// The query parameter in which a provider expects its key.
const KEY_PARAMETER: &[u8] = b"key=";

/// Room for reading heads, kept from one to the next.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    leaves: Vec<WholeLeaf>,
    /// A target with spaces for its plus signs.
    decoded: Vec<u8>,
}

/// Hands the names and values of all fields on.
pub(super) fn read_fields<P: Pipeline>(fields: Fields<'_>, scratch: &mut Scratch, sink: &mut Sink<'_, P>) {
    if sink.is_read {
        scratch.leaves.clear();
        push_fields(fields, None, &mut scratch.leaves);
        sink.leaves(fields.start(), fields.bytes(), &scratch.leaves, false);
    }
}

/// Hands the reason phrase and the fields of an answer on.
pub(super) fn read_answer<P: Pipeline>(head: &ResponseHead<'_>, scratch: &mut Scratch, sink: &mut Sink<'_, P>) {
    if sink.is_read {
        scratch.leaves.clear();
        let start = place(head.start(), head.reason_at());
        scratch.leaves.push(WholeLeaf { kind: LeafKind::Fixed, start, end: start + head.reason().len() });
        push_fields(head.fields(), None, &mut scratch.leaves);
        sink.leaves(head.start(), head.bytes(), &scratch.leaves, false);
    }
}

/// Hands a request's target and fields on: the target as it stands, part by part, and once more with
/// spaces for its plus signs, as a form has them. Escapes are left to the reading's views. `keys` says
/// where a key of the host may stand, if the host is known.
pub(super) fn read_head<P: Pipeline>(
    head: &RequestHead<'_>,
    keys: Option<&Keys>,
    scratch: &mut Scratch,
    sink: &mut Sink<'_, P>,
) -> HeadLeaves {
    let target = head.target();
    let first = sink.map.leaf().0 + 1;
    scratch.leaves.clear();
    push_target(place(head.start(), head.target_at()), target, &mut scratch.leaves);
    let host = push_fields(head.fields(), keys, &mut scratch.leaves);
    sink.leaves(head.start(), head.bytes(), &scratch.leaves, false);
    let mut leaves =
        HeadLeaves { path: LeafId(first), decoded: None, host: host.map(|place| LeafId(first + place as u64)) };
    if target.contains(&b'+') {
        scratch.decoded.clear();
        scratch.decoded.extend(target.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }));
        sink.reading_of(LeafKind::Fixed, &scratch.decoded);
        leaves.decoded = Some(sink.map.leaf());
    }
    leaves
}

/// Returns where the value of the first Host stands among the leaves.
fn push_fields(fields: Fields<'_>, keys: Option<&Keys>, leaves: &mut Vec<WholeLeaf>) -> Option<usize> {
    let cookies = keys.map_or(&[][..], Keys::cookies);
    let mut seen = 0;
    let mut host = None;
    for field in fields {
        let (name, value) = (place(fields.start(), field.name_at), place(fields.start(), field.value_at));
        let kind = kind(&field, keys);
        // A name that this program knows says nothing.
        let name_len = if kind == LeafKind::Fixed { 0 } else { field.name.len() };
        leaves.push(WholeLeaf { kind: LeafKind::Key, start: name, end: name + name_len });
        if !cookies.is_empty() && field.is("cookie") {
            push_cookies(value, field.value, (cookies, &mut seen), leaves);
            continue;
        }
        if field.known == FieldName::Host {
            host.get_or_insert(leaves.len());
        }
        leaves.push(WholeLeaf { kind, start: value, end: value + field.value.len() });
    }
    host
}

/// Cookies (RFC 6265 section 4.2.1): each that is a key of its host by itself, the first of its name; what stands
/// between them as it is.
fn push_cookies(start: usize, value: &[u8], (keys, seen): (&[&str], &mut u32), leaves: &mut Vec<WholeLeaf>) {
    let mut others: Option<WholeLeaf> = None;
    let mut start = start;
    for pair in value.split(|byte| *byte == b';') {
        let end = start + pair.len();
        let trimmed = pair.trim_ascii_start();
        let name = trimmed.split(|byte| *byte == b'=').next().unwrap_or_default();
        let known = keys.iter().position(|key| key.as_bytes() == name);
        let bit = known.map_or(0, |place| 1 << place);
        if bit & !*seen != 0 {
            *seen |= bit;
            leaves.extend(others.take());
            leaves.push(WholeLeaf { kind: LeafKind::Credential, start: end - trimmed.len(), end });
        } else {
            let open = others.get_or_insert(WholeLeaf { kind: LeafKind::Field, start, end });
            open.end = end;
        }
        start = end + 1;
    }
    leaves.extend(others);
}

/// Where the byte at stream offset `at` stands in a section that begins at `start`.
fn place(start: u64, at: u64) -> usize {
    usize::try_from(at.saturating_sub(start)).unwrap_or(usize::MAX)
}

/// The path and each parameter; `start` is the target's place in the text of its head.
fn push_target(start: usize, target: &[u8], leaves: &mut Vec<WholeLeaf>) {
    let mut start = start;
    for (number, part) in target.split(|byte| matches!(byte, b'?' | b'&')).enumerate() {
        let end = start + part.len();
        let key = part.strip_prefix(KEY_PARAMETER).filter(|_| number > 0);
        leaves.push(match key {
            Some(_) => WholeLeaf { kind: LeafKind::Credential, start: start + KEY_PARAMETER.len(), end },
            None => WholeLeaf { kind: LeafKind::Fixed, start, end },
        });
        start = end + 1;
    }
}

/// Values of fields that frame or route a message are read and never edited.
fn kind(field: &Field<'_>, keys: Option<&Keys>) -> LeafKind {
    match field.known {
        FieldName::Authorization | FieldName::XApiKey | FieldName::ApiKey | FieldName::XGoogApiKey => {
            LeafKind::Credential
        }
        FieldName::AcceptEncoding
        | FieldName::Connection
        | FieldName::ContentEncoding
        | FieldName::ContentLength
        | FieldName::ContentType
        | FieldName::Expect
        | FieldName::Host
        | FieldName::KeepAlive
        | FieldName::Te
        | FieldName::Trailer
        | FieldName::TransferEncoding
        | FieldName::Upgrade => LeafKind::Fixed,
        FieldName::SecWebSocketKey if is_nonce(field.value) => LeafKind::Nonce,
        FieldName::ProxyAuthorization | FieldName::SecWebSocketKey | FieldName::Other => {
            if keys.is_some_and(|keys| keys.are_in_field(field.name)) { LeafKind::Credential } else { LeafKind::Field }
        }
    }
}

/// True for 16 bytes in base64, which a client draws anew for each WebSocket (RFC 6455 section 4.1). Of the last digit
/// two bits are used, so that the others are zero.
fn is_nonce(value: &[u8]) -> bool {
    const DIGITS: usize = 21;
    let Some((digits, last)) = value.split_at_checked(DIGITS) else { return false };
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    digits.iter().all(is_digit) && matches!(last, [b'A' | b'Q' | b'g' | b'w', b'=', b'='])
}
