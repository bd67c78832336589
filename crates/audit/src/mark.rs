//! Marks: the signed entries. They stand between records and vouch for all that is before them.

use crate::FlawKind;
use crate::chain::ChainHash;
use crate::entry::{RawEntry, begin, finish, state_length};
use crate::field::{Field, FieldWriter, split_field};
use crate::format::{ENTRY_TRAILER_BYTES, kind, tag};
use crate::key::{MARK_LABEL, PublicKey, SIGNATURE_BYTES, sign};
use ed25519_dalek::SigningKey;

/// Bytes of the signature's field.
const SIGNATURE_FIELD_BYTES: usize = 4 + SIGNATURE_BYTES;

/// Why a mark was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// Records before it are to be vouched for: a group was committed, or many were written.
    Checkpoint,
    /// A run of the gateway begins; exchange numbers begin anew.
    Opened,
    /// A run of the gateway ended as it should.
    Closed,
    /// The segment is full; another one follows.
    Sealed,
}

impl MarkKind {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Checkpoint => kind::CHECKPOINT,
            Self::Opened => kind::OPENED,
            Self::Closed => kind::CLOSED,
            Self::Sealed => kind::SEALED,
        }
    }

    pub(crate) const fn from_code(code: u8) -> Option<Self> {
        match code {
            kind::CHECKPOINT => Some(Self::Checkpoint),
            kind::OPENED => Some(Self::Opened),
            kind::CLOSED => Some(Self::Closed),
            kind::SEALED => Some(Self::Sealed),
            _ => None,
        }
    }
}

/// A signed statement about all that stands before it in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Why it was made.
    pub kind: MarkKind,
    /// When, nanoseconds since the Unix epoch.
    pub ts_unix_ns: u64,
    /// Records in the whole log before it.
    pub records: u64,
    /// The chain's value before it.
    pub head: ChainHash,
    /// Bytes of this segment that were known to be on stable storage when it was made.
    pub synced: u64,
    /// Bytes of a torn end that were cut off before it: what a crash left behind.
    pub cut_bytes: u64,
    /// Records right before it that a crash left unsigned and that were found intact.
    pub unsigned_records: u64,
}

impl Mark {
    /// Appends the mark, signed and chained, to `out` and returns the chain's value after it.
    pub(crate) fn emit(&self, key: &SigningKey, out: &mut Vec<u8>) -> ChainHash {
        let start = begin(self.kind.code(), out);
        let mut fields = FieldWriter::new(out);
        fields.u64(tag::TS, self.ts_unix_ns);
        fields.u64(tag::RECORDS, self.records);
        fields.bytes(tag::HEAD, self.head.as_bytes());
        fields.u64(tag::SYNCED, self.synced);
        if self.cut_bytes != 0 {
            fields.u64(tag::CUT_BYTES, self.cut_bytes);
        }
        if self.unsigned_records != 0 {
            fields.u64(tag::UNSIGNED_RECORDS, self.unsigned_records);
        }
        state_length(out, start, SIGNATURE_FIELD_BYTES + ENTRY_TRAILER_BYTES);
        let signed = self.head.after(out.get(start..).unwrap_or_default());
        FieldWriter::new(out).bytes(tag::SIGNATURE, &sign(key, MARK_LABEL, &signed));
        finish(out, start, &self.head)
    }
}

/// A mark and what is needed to check its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedMark {
    /// What it says; it has been held against the entries before it.
    pub mark: Mark,
    signed: ChainHash,
    signature: [u8; SIGNATURE_BYTES],
}

impl SignedMark {
    /// Reads a mark of `kind`; what it says of the log is not checked yet.
    pub(crate) fn parse(kind: MarkKind, entry: &RawEntry<'_>) -> Result<Self, FlawKind> {
        let mut draft = Draft::default();
        let mut rest = entry.fields;
        let mut last = 0;
        while !rest.is_empty() {
            let field = split_field(&mut rest).ok_or(FlawKind::Field(last))?;
            if field.tag <= last {
                return Err(FlawKind::Field(field.tag));
            }
            last = field.tag;
            draft.take(&field).ok_or(FlawKind::Field(field.tag))?;
        }
        draft.finish(kind, entry)
    }

    /// True if the mark's signature is `key`'s.
    #[must_use]
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        key.has_signed(MARK_LABEL, &self.signed, &self.signature)
    }
}

/// The fields of a mark that were found so far.
#[derive(Default)]
struct Draft {
    ts_unix_ns: Option<u64>,
    records: Option<u64>,
    head: Option<[u8; 32]>,
    synced: Option<u64>,
    cut_bytes: u64,
    unsigned_records: u64,
    signature: Option<[u8; SIGNATURE_BYTES]>,
}

impl Draft {
    fn take(&mut self, field: &Field<'_>) -> Option<()> {
        match field.tag {
            tag::TS => self.ts_unix_ns = Some(field.u64()?),
            tag::RECORDS => self.records = Some(field.u64()?),
            tag::HEAD => self.head = Some(field.array()?),
            tag::SYNCED => self.synced = Some(field.u64()?),
            tag::CUT_BYTES => self.cut_bytes = field.u64()?,
            tag::UNSIGNED_RECORDS => self.unsigned_records = field.u64()?,
            tag::SIGNATURE => self.signature = Some(field.array()?),
            _ => {}
        }
        Some(())
    }

    fn finish(self, kind: MarkKind, entry: &RawEntry<'_>) -> Result<SignedMark, FlawKind> {
        let mark = Mark {
            kind,
            ts_unix_ns: self.ts_unix_ns.ok_or(FlawKind::Field(tag::TS))?,
            records: self.records.ok_or(FlawKind::Field(tag::RECORDS))?,
            head: self.head.map(ChainHash::from_bytes).ok_or(FlawKind::Field(tag::HEAD))?,
            synced: self.synced.ok_or(FlawKind::Field(tag::SYNCED))?,
            cut_bytes: self.cut_bytes,
            unsigned_records: self.unsigned_records,
        };
        let signature = self.signature.ok_or(FlawKind::Field(tag::SIGNATURE))?;
        // Tags ascend and the signature's is the greatest, so its field is the last.
        let signed_len = entry.chained.len().saturating_sub(SIGNATURE_FIELD_BYTES);
        let signed = mark.head.after(entry.chained.get(..signed_len).unwrap_or_default());
        Ok(SignedMark { mark, signed, signature })
    }
}
