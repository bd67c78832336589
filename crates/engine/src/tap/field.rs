//! Header fields and request targets as leaves.

use crate::body::Sink;
use crate::{HeadLeaves, LeafId, LeafKind, Pipeline, WholeLeaf};
use decode::http1::{Field, FieldName, Fields, RequestHead, ResponseHead};

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
        push_fields(fields, &mut scratch.leaves);
        sink.leaves(fields.start(), fields.bytes(), &scratch.leaves, false);
    }
}

/// Hands the reason phrase and the fields of an answer on.
pub(super) fn read_answer<P: Pipeline>(head: &ResponseHead<'_>, scratch: &mut Scratch, sink: &mut Sink<'_, P>) {
    if sink.is_read {
        scratch.leaves.clear();
        let start = place(head.start(), head.reason_at());
        scratch.leaves.push(WholeLeaf { kind: LeafKind::Fixed, start, end: start + head.reason().len() });
        push_fields(head.fields(), &mut scratch.leaves);
        sink.leaves(head.start(), head.bytes(), &scratch.leaves, false);
    }
}

/// Hands a request's target and fields on: the target as it stands, part by part, and once more with
/// spaces for its plus signs, as a form has them. Escapes are left to the reading's views.
pub(super) fn read_head<P: Pipeline>(
    head: &RequestHead<'_>,
    scratch: &mut Scratch,
    sink: &mut Sink<'_, P>,
) -> HeadLeaves {
    let target = head.target();
    let first = sink.map.leaf().0 + 1;
    scratch.leaves.clear();
    push_target(place(head.start(), head.target_at()), target, &mut scratch.leaves);
    let fields = scratch.leaves.len();
    push_fields(head.fields(), &mut scratch.leaves);
    sink.leaves(head.start(), head.bytes(), &scratch.leaves, false);
    let host = head.fields().into_iter().position(|field| field.known == FieldName::Host);
    let mut leaves = HeadLeaves {
        path: LeafId(first),
        decoded: None,
        // A name and a value each; the value is the second.
        host: host.map(|place| LeafId(first + (fields + 2 * place + 1) as u64)),
    };
    if target.contains(&b'+') {
        scratch.decoded.clear();
        scratch.decoded.extend(target.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }));
        sink.reading_of(LeafKind::Fixed, &scratch.decoded);
        leaves.decoded = Some(sink.map.leaf());
    }
    leaves
}

fn push_fields(fields: Fields<'_>, leaves: &mut Vec<WholeLeaf>) {
    for field in fields {
        let (name, value) = (place(fields.start(), field.name_at), place(fields.start(), field.value_at));
        let kind = kind(&field);
        // A name that this program knows says nothing.
        let name_len = if kind == LeafKind::Fixed { 0 } else { field.name.len() };
        leaves.push(WholeLeaf { kind: LeafKind::Key, start: name, end: name + name_len });
        leaves.push(WholeLeaf { kind, start: value, end: value + field.value.len() });
    }
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
const fn kind(field: &Field<'_>) -> LeafKind {
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
        FieldName::ProxyAuthorization | FieldName::Other => LeafKind::Field,
    }
}
