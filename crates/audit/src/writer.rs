//! Records to segments: numbers them, chains them, signs them, and keeps room for the end.

use crate::format::{
    CREDIT_BYTES, END_BYTES, GATEWAY_BYTES_MAX, HEADER_BYTES, MARK_BYTES_MAX, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN,
};
use crate::record_codec;
use crate::{ChainHash, Header, Mark, MarkKind, Opened, PublicKey, Record, Text, WallClock};
use core::fmt;
use ed25519_dalek::SigningKey;

/// What the segments of a log have in common, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogConfig {
    gateway: Text<GATEWAY_BYTES_MAX>,
    segment_bytes: u64,
    checkpoint_records: u32,
}

/// A log that cannot be written as configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogConfigError {
    /// The segments' size is out of bounds.
    #[error("segment_bytes is {0}; it must be from {SEGMENT_BYTES_MIN} to {SEGMENT_BYTES_MAX}")]
    SegmentBytes(u64),
    /// The gateway's id cannot be stored.
    #[error("the gateway's id must have 1 to {GATEWAY_BYTES_MAX} bytes, no control characters")]
    Gateway,
}

impl LogConfig {
    /// A log of `gateway` in segments of `segment_bytes` bytes.
    ///
    /// A checkpoint is written after `checkpoint_records` records even if no group was committed;
    /// 0 for never.
    ///
    /// # Errors
    ///
    /// A size out of bounds, or an id that a header cannot hold as it is.
    pub fn new(gateway: &str, segment_bytes: u64, checkpoint_records: u32) -> Result<Self, LogConfigError> {
        if !(SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX).contains(&segment_bytes) {
            return Err(LogConfigError::SegmentBytes(segment_bytes));
        }
        let gateway = Text::from_stored(gateway.as_bytes())
            .filter(|gateway: &Text<_>| !gateway.is_empty())
            .ok_or(LogConfigError::Gateway)?;
        Ok(Self { gateway, segment_bytes, checkpoint_records })
    }

    /// The gateway that writes the log.
    #[must_use]
    pub const fn gateway(&self) -> &Text<GATEWAY_BYTES_MAX> {
        &self.gateway
    }

    /// Bytes of each new segment's file.
    #[must_use]
    pub const fn segment_bytes(&self) -> u64 {
        self.segment_bytes
    }
}

/// The segment has no room for another record: seal it and start the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the segment has no room for another record")]
pub struct SegmentFull;

/// A segment that is being written.
///
/// Every call appends bytes to the caller's buffer; they belong at the place in the file where the
/// last ones ended ([`SegmentWriter::position`] is where they end). The buffer grows to the size
/// of the largest group and is never allocated again. A buffer that could not be written ends the
/// log: the writer has gone on and cannot step back.
///
/// Invariant: what records leave free at the end holds a mark of a clean close and a seal.
pub struct SegmentWriter {
    state: State,
    segment: u64,
    segment_bytes: u64,
    position: u64,
    synced: u64,
    unsigned_records: u64,
}

/// What goes from segment to segment.
struct State {
    config: LogConfig,
    key: SigningKey,
    head: ChainHash,
    next_seq: u64,
}

/// Where a writer goes on: what recovery found.
pub(crate) struct Place {
    pub(crate) header: Header,
    pub(crate) head: ChainHash,
    pub(crate) next_seq: u64,
    pub(crate) position: u64,
    pub(crate) unsigned_records: u64,
}

impl SegmentWriter {
    /// Begins a log with its first segment: appends the header and the mark of a run's begin.
    #[must_use]
    pub fn create(config: LogConfig, key: SigningKey, now_unix_ns: u64, out: &mut Vec<u8>) -> Self {
        let state = State { config, key, head: ChainHash::ZERO, next_seq: 1 };
        let mut writer = Self::begin(state, 1, now_unix_ns, out);
        writer.mark(MarkKind::Opened, now_unix_ns, Some(0), out);
        writer
    }

    /// Goes on where recovery found the end.
    pub(crate) const fn at(place: &Place, config: LogConfig, key: SigningKey) -> Self {
        Self {
            state: State { config, key, head: place.head, next_seq: place.next_seq },
            segment: place.header.segment,
            segment_bytes: place.header.segment_bytes,
            position: place.position,
            // What an earlier run wrote may still be in the machine's memory only.
            synced: 0,
            unsigned_records: place.unsigned_records,
        }
    }

    fn begin(mut state: State, segment: u64, now_unix_ns: u64, out: &mut Vec<u8>) -> Self {
        let segment_bytes = state.config.segment_bytes;
        let header = Header {
            segment_bytes,
            segment,
            first_seq: state.next_seq,
            created_unix_ns: now_unix_ns,
            previous: state.head,
            key: PublicKey::of(&state.key),
            gateway: state.config.gateway,
        };
        state.head = header.emit(&state.key, out);
        let position = HEADER_BYTES as u64;
        Self { state, segment, segment_bytes, position, synced: 0, unsigned_records: 0 }
    }

    /// Appends `record`, numbered and chained, and a checkpoint if one is due; returns its number.
    ///
    /// # Errors
    ///
    /// [`SegmentFull`], with nothing appended, once [`SegmentWriter::records_left`] is zero.
    pub fn append(&mut self, record: &Record, clock: &WallClock, out: &mut Vec<u8>) -> Result<u64, SegmentFull> {
        if self.records_left() == 0 {
            return Err(SegmentFull);
        }
        let (seq, ts_unix_ns) = (self.state.next_seq, clock.unix_ns_at(record.at));
        let start = out.len();
        self.state.head = record_codec::emit(record, seq, ts_unix_ns, &self.state.head, out);
        self.position += (out.len() - start) as u64;
        self.state.next_seq += 1;
        self.unsigned_records += 1;
        if self.unsigned_records == u64::from(self.state.config.checkpoint_records) {
            self.checkpoint(ts_unix_ns, out);
        }
        Ok(seq)
    }

    /// Signs what was appended since the last mark; nothing is written if that is nothing.
    ///
    /// Called at the end of each group that is committed, so that what is durable is signed.
    pub fn checkpoint(&mut self, now_unix_ns: u64, out: &mut Vec<u8>) {
        if self.unsigned_records > 0 {
            self.mark(MarkKind::Checkpoint, now_unix_ns, None, out);
        }
    }

    /// Ends the run: appends the mark of a clean close; returns the chain's value behind it.
    pub fn close(mut self, now_unix_ns: u64, out: &mut Vec<u8>) -> ChainHash {
        self.mark(MarkKind::Closed, now_unix_ns, None, out);
        self.state.head
    }

    /// Ends the segment: appends the seal.
    #[must_use = "a sealed segment without a next one is a flaw of the log"]
    pub fn seal(mut self, now_unix_ns: u64, out: &mut Vec<u8>) -> Sealed {
        self.mark(MarkKind::Sealed, now_unix_ns, None, out);
        Sealed { state: self.state, segment: self.segment, new_run: None }
    }

    /// Begins a run in a segment of an earlier one, or seals it if there is no room for a run.
    pub(crate) fn reopen(mut self, now_unix_ns: u64, cut_bytes: u64, out: &mut Vec<u8>) -> Opened {
        if self.remaining() < MARK_BYTES_MAX as u64 + CREDIT_BYTES {
            self.mark(MarkKind::Sealed, now_unix_ns, Some(cut_bytes), out);
            let Self { state, segment, .. } = self;
            return Opened::Next(Sealed { state, segment, new_run: Some(0) });
        }
        self.mark(MarkKind::Opened, now_unix_ns, Some(cut_bytes), out);
        Opened::Here(self)
    }

    /// Appends a mark; one that `cut` says is made by recovery also tells what that found.
    fn mark(&mut self, kind: MarkKind, ts_unix_ns: u64, cut: Option<u64>, out: &mut Vec<u8>) {
        let mark = Mark {
            kind,
            ts_unix_ns,
            records: self.state.next_seq - 1,
            head: self.state.head,
            synced: self.synced,
            cut_bytes: cut.unwrap_or(0),
            unsigned_records: cut.map_or(0, |_| self.unsigned_records),
        };
        let start = out.len();
        self.state.head = mark.emit(&self.state.key, out);
        self.position += (out.len() - start) as u64;
        self.unsigned_records = 0;
    }

    /// Notes that the file is on stable storage up to `position`; later marks say so.
    ///
    /// Call it after every sync, with the position before it: it is what tells damage from a crash
    /// later, since a crash takes nothing that was synced. Without it, a broken place is taken for
    /// a torn end, and all behind it is cut.
    pub fn set_synced(&mut self, position: u64) {
        self.synced = self.synced.max(position.min(self.position));
    }

    /// Bytes of the segment up to the end of what was appended.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Bytes that are left for records and checkpoints.
    #[must_use]
    pub const fn remaining(&self) -> u64 {
        (self.segment_bytes - END_BYTES).saturating_sub(self.position)
    }

    /// Records of any content that certainly still fit, each with a checkpoint behind it, besides the one that signs what
    /// was appended.
    #[must_use]
    pub const fn records_left(&self) -> u64 {
        let owed = if self.unsigned_records > 0 { MARK_BYTES_MAX as u64 } else { 0 };
        self.remaining().saturating_sub(owed) / CREDIT_BYTES
    }

    /// The segment's number.
    #[must_use]
    pub const fn segment(&self) -> u64 {
        self.segment
    }

    /// Bytes of the segment's file.
    #[must_use]
    pub const fn segment_bytes(&self) -> u64 {
        self.segment_bytes
    }

    /// Number of the next record.
    #[must_use]
    pub const fn next_seq(&self) -> u64 {
        self.state.next_seq
    }

    /// The chain's value after what was appended: the anchor to write down.
    #[must_use]
    pub const fn head(&self) -> ChainHash {
        self.state.head
    }
}

impl fmt::Debug for SegmentWriter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SegmentWriter")
            .field("segment", &self.segment)
            .field("position", &self.position)
            .field("next_seq", &self.state.next_seq)
            .field("head", &self.state.head)
            .finish_non_exhaustive()
    }
}

/// The end of a sealed segment: what the next one follows from.
pub struct Sealed {
    state: State,
    segment: u64,
    /// A run begins with the next segment, in which so many bytes are said to have been cut.
    new_run: Option<u64>,
}

impl Sealed {
    /// The end of a segment that an earlier run sealed.
    /// A torn end of `cut_bytes` is cut off behind it; the next segment's first mark says so.
    pub(crate) const fn at(place: &Place, config: LogConfig, key: SigningKey, cut_bytes: u64) -> Self {
        let state = State { config, key, head: place.head, next_seq: place.next_seq };
        Self { state, segment: place.header.segment, new_run: Some(cut_bytes) }
    }

    /// Begins the next segment: appends its header.
    #[must_use]
    pub fn start_next(self, now_unix_ns: u64, out: &mut Vec<u8>) -> SegmentWriter {
        let new_run = self.new_run;
        let mut writer = SegmentWriter::begin(self.state, self.segment + 1, now_unix_ns, out);
        if new_run.is_some() {
            writer.mark(MarkKind::Opened, now_unix_ns, new_run, out);
        }
        writer
    }

    /// Number of the segment that comes next.
    #[must_use]
    pub const fn next_segment(&self) -> u64 {
        self.segment + 1
    }

    /// Bytes of the next segment's file.
    #[must_use]
    pub const fn next_segment_bytes(&self) -> u64 {
        self.state.config.segment_bytes
    }

    /// The chain's value after the seal.
    #[must_use]
    pub const fn head(&self) -> ChainHash {
        self.state.head
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Sealed")
            .field("segment", &self.segment)
            .field("next_seq", &self.state.next_seq)
            .field("head", &self.state.head)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Disk, config, key, longest_record, record};

    #[test]
    fn what_was_promised_to_fit_still_fits_behind_a_checkpoint() {
        let mut disk = Disk::create(config(), key());
        let mut count = 0;
        while disk.writer.records_left() > 0 {
            disk.append(&[if count % 3 == 0 { longest_record() } else { record(count) }]);
            let promised = disk.writer.records_left();
            disk.commit(&[]);
            assert!(disk.writer.records_left() >= promised, "{count}: {promised}");
            count += 1;
        }
        assert!(count > 2, "{count}");
    }
}
