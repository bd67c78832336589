//! The numbers of the format: sizes, kinds and tags, as `docs/audit-format.md` lists them.

use policy::Reason;

/// The first bytes of every segment.
pub(crate) const MAGIC: [u8; 8] = *b"SVNAUDIT";

/// The format version that is written, and the only one that is read.
pub const FORMAT_VERSION: u16 = 1;

/// Bytes of a segment's header: one sector of every disk in use, so that it is written at once.
pub const HEADER_BYTES: usize = 512;

/// Longest gateway id, in bytes.
pub const GATEWAY_BYTES_MAX: usize = 64;

/// Bytes before an entry's fields: length, kind, reserved.
pub(crate) const ENTRY_HEAD_BYTES: usize = 8;

/// Bytes behind an entry's fields: chain hash, checksum.
pub(crate) const ENTRY_TRAILER_BYTES: usize = 36;

/// Shortest entry: one without fields.
pub(crate) const ENTRY_BYTES_MIN: usize = ENTRY_HEAD_BYTES + ENTRY_TRAILER_BYTES;

/// Longest entry that a reader accepts, in bytes.
///
/// Far above what is written, so that later versions can add fields, and small enough that a
/// window of this size always shows a whole entry.
pub const ENTRY_BYTES_MAX: usize = 65_536;

/// Bytes before a field's value: tag, length.
const FIELD_HEAD_BYTES: usize = 4;

/// Longest name of a [`Reason`] that fits the format.
pub(crate) const REASON_BYTES_MAX: usize = 32;

/// Most findings of one record.
pub(crate) const FINDINGS_MAX: usize = 8;

/// The smallest segment: header, a run's first mark, one record and what is kept free behind it.
pub const SEGMENT_BYTES_MIN: u64 = 4096;

/// The largest segment: one that can still be read into memory whole.
pub const SEGMENT_BYTES_MAX: u64 = 1 << 30;

/// Most bytes that one record takes in a segment.
pub const RECORD_BYTES_MAX: usize = {
    let numbers = 3 * fixed(8) + fixed(16) + fixed(1) + fixed(2) + 2 * fixed(8);
    let addresses = 2 * fixed(18);
    let names = fixed(48) + fixed(48) + fixed(128) + fixed(16) + fixed(192);
    let labels = fixed(16) + fixed(24) + fixed(64) + fixed(48);
    let outcome = 2 * fixed(1) + fixed(REASON_BYTES_MAX) + 4 * fixed(8);
    let findings = FINDINGS_MAX * fixed(4 + 1 + 24 + 32);
    let tls = 2 * fixed(1) + 3 * fixed(2) + 4 * fixed(8);
    ENTRY_BYTES_MIN + numbers + addresses + names + labels + outcome + findings + tls
};

/// Most bytes that one mark (a signed entry) takes in a segment.
pub const MARK_BYTES_MAX: usize = ENTRY_BYTES_MIN + 5 * fixed(8) + fixed(32) + fixed(64);

/// Bytes of a record and of a checkpoint behind it: what one credit stands for.
pub(crate) const CREDIT_BYTES: u64 = (RECORD_BYTES_MAX + MARK_BYTES_MAX) as u64;

/// Bytes that records leave free at a segment's end, for the mark of a clean close and the seal.
pub(crate) const END_BYTES: u64 = 2 * MARK_BYTES_MAX as u64;

const fn fixed(value_bytes: usize) -> usize {
    FIELD_HEAD_BYTES + value_bytes
}

const _: () = {
    let smallest = HEADER_BYTES as u64 + MARK_BYTES_MAX as u64 + CREDIT_BYTES + END_BYTES;
    assert!(smallest <= SEGMENT_BYTES_MIN, "the smallest segment holds a record");
    let mut place = 0;
    while place < Reason::COUNT {
        #[expect(clippy::indexing_slicing, reason = "checked by the compiler, here and now")]
        let name = Reason::ALL[place].name();
        assert!(name.len() <= REASON_BYTES_MAX, "every reason's name fits");
        place += 1;
    }
};

/// Bytes of a segment that no record can have.
const TAKEN_BYTES: u64 = HEADER_BYTES as u64 + MARK_BYTES_MAX as u64 + END_BYTES;

/// How many records of any content an empty segment of `segment_bytes` bytes certainly holds.
///
/// Credits may be granted against a segment that is preallocated but not yet begun.
#[must_use]
pub const fn records_per_segment(segment_bytes: u64) -> u64 {
    segment_bytes.saturating_sub(TAKEN_BYTES) / CREDIT_BYTES
}

/// Bytes of a segment that certainly holds so many records of any content.
#[must_use]
pub const fn segment_bytes_for(records: u64) -> u64 {
    records.saturating_mul(CREDIT_BYTES).saturating_add(TAKEN_BYTES)
}

/// Kinds of entries: the byte behind an entry's length.
pub(crate) mod kind {
    pub(crate) const ADMIT: u8 = 1;
    pub(crate) const FINAL: u8 = 2;
    pub(crate) const FLOW: u8 = 3;
    pub(crate) const CHECKPOINT: u8 = 16;
    pub(crate) const OPENED: u8 = 17;
    pub(crate) const CLOSED: u8 = 18;
    pub(crate) const SEALED: u8 = 19;
}

/// Tags of fields, ascending in the order in which they are written.
pub(crate) mod tag {
    pub(crate) const SEQ: u16 = 1;
    pub(crate) const TS: u16 = 2;
    pub(crate) const EXCHANGE: u16 = 3;
    pub(crate) const CLIENT: u16 = 4;
    pub(crate) const SERVER: u16 = 5;
    pub(crate) const SILO: u16 = 6;
    pub(crate) const USER: u16 = 7;
    pub(crate) const SERVER_NAME: u16 = 8;
    pub(crate) const METHOD: u16 = 9;
    pub(crate) const PATH: u16 = 10;
    pub(crate) const PROVIDER: u16 = 11;
    pub(crate) const OPERATION: u16 = 12;
    pub(crate) const MODEL: u16 = 13;
    pub(crate) const CREDENTIAL: u16 = 14;
    pub(crate) const STREAM: u16 = 15;
    pub(crate) const STATUS: u16 = 16;
    pub(crate) const TOKENS_IN: u16 = 17;
    pub(crate) const TOKENS_OUT: u16 = 18;
    pub(crate) const USAGE_SOURCE: u16 = 19;
    pub(crate) const LATENCY: u16 = 20;
    pub(crate) const OVERHEAD: u16 = 21;
    pub(crate) const VERDICT: u16 = 22;
    pub(crate) const REASON: u16 = 23;
    pub(crate) const FINDING: u16 = 24;
    pub(crate) const REQUEST_BYTES: u16 = 25;
    pub(crate) const RESPONSE_BYTES: u16 = 26;
    pub(crate) const POLICY_VERSION: u16 = 27;
    pub(crate) const INTERCEPTION: u16 = 28;
    pub(crate) const TLS_VERSION_CLIENT: u16 = 29;
    pub(crate) const TLS_VERSION_SERVER: u16 = 30;
    pub(crate) const CIPHER: u16 = 31;
    pub(crate) const CERTIFICATE: u16 = 32;
    pub(crate) const QUEUE: u16 = 33;
    pub(crate) const HANDSHAKE: u16 = 34;
    pub(crate) const SCAN: u16 = 35;
    pub(crate) const REWRITE: u16 = 36;
    /// The last tag of a record that this version knows.
    pub(crate) const RECORD_LAST: u16 = REWRITE;
    pub(crate) const RECORDS: u16 = 64;
    pub(crate) const HEAD: u16 = 65;
    pub(crate) const SYNCED: u16 = 66;
    pub(crate) const CUT_BYTES: u16 = 67;
    pub(crate) const UNSIGNED_RECORDS: u16 = 68;
    pub(crate) const SIGNATURE: u16 = 0xffff;
}

/// The file name of a segment: its number, so that names sort as numbers do.
#[must_use]
pub fn segment_file_name(number: u64) -> String {
    format!("{number:020}.audit")
}

/// The number in a segment's file name; `None` if this is no segment's file name.
#[must_use]
pub fn parse_segment_file_name(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".audit")?;
    let written_so = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| written_so)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_numbers_that_sort() {
        assert_eq!(segment_file_name(7), "00000000000000000007.audit");
        assert!(segment_file_name(9) < segment_file_name(10));
        for number in [1, 42, u64::MAX] {
            assert_eq!(parse_segment_file_name(&segment_file_name(number)), Some(number));
        }
        for name in ["7.audit", "+0000000000000000007.audit", "x", "99999999999999999999.audit"] {
            assert_eq!(parse_segment_file_name(name), None, "{name}");
        }
    }

    #[test]
    fn a_segment_of_the_usual_size_holds_tens_of_thousands_of_the_longest_records() {
        assert_eq!(records_per_segment(SEGMENT_BYTES_MIN), 1);
        assert!(records_per_segment(64 << 20) > 39_000);
        assert_eq!(records_per_segment(0), 0);
        for records in [1, 2, 32, 39_000] {
            let bytes = segment_bytes_for(records);
            assert_eq!((records_per_segment(bytes), records_per_segment(bytes - 1)), (records, records - 1));
        }
    }
}
