use crate::Record;
use crate::field::{Field, FieldWriter, split_field};
use crate::format::tag;

/// A record as it stands in the log.
///
/// `record.at` counts from the Unix epoch here, as `ts_unix_ns` does: the worker's clock is not
/// stored. Flow labels and scopes of IPv6 addresses are not stored either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// The record's number: 1 for the first of a log, and none is left out.
    pub seq: u64,
    /// When, nanoseconds since the Unix epoch.
    pub ts_unix_ns: u64,
    /// What the worker wrote.
    pub record: Record,
    /// Fields that this version does not know, or whose value it does not know.
    pub unknown: UnknownFields,
}

impl StoredRecord {
    /// Why it was blocked, by name; one that a later version added is named as that wrote it.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        let later = || self.unknown.iter().find(|(tag, _)| *tag == tag::REASON);
        match self.record.reason {
            Some(reason) => Some(reason.name()),
            None => later().and_then(|(_, value)| core::str::from_utf8(value).ok()),
        }
    }
}

/// Fields that a later version wrote: kept and shown, not understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnknownFields {
    /// The fields as they stand in their entry, so that they never need more memory than it.
    bytes: Vec<u8>,
}

impl UnknownFields {
    /// True if this version knows all there is: the usual case.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The fields' tags and values, in the order in which they stand.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &[u8])> {
        let mut rest = self.bytes.as_slice();
        core::iter::from_fn(move || split_field(&mut rest).map(|field| (field.tag, field.value)))
    }

    pub(crate) fn push(&mut self, field: &Field<'_>) {
        FieldWriter::new(&mut self.bytes).bytes(field.tag, field.value);
    }
}
