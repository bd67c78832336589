//! Segments to entries: each is checked against all before it, and nothing is trusted.

use crate::entry::{RawEntry, split};
use crate::format::{HEADER_BYTES, kind};
use crate::header::SignedHeader;
use crate::mark::{MarkKind, SignedMark};
use crate::record_codec::{self, kind_from_code};
use crate::{ChainHash, Flaw, FlawKind, Header, StoredRecord};

/// One entry of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "nearly all are records; a box would allocate each")]
pub enum Entry {
    /// A record.
    Record(StoredRecord),
    /// A mark. Its signature is not checked yet: [`SignedMark::is_signed_by`] does that.
    Mark(SignedMark),
}

/// A place between two entries of a segment, and what must follow there.
///
/// A cursor needs no more of a segment than a window, so it can follow a file that grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    segment: u64,
    segment_bytes: u64,
    offset: u64,
    head: ChainHash,
    next_seq: u64,
    run: Run,
}

/// What the marks so far say of the run that writes the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run {
    /// It writes, or crashed.
    Going,
    /// It ended as it should: only the next run's mark, or a seal, can follow.
    Ended,
    /// The segment is full: nothing can follow.
    Sealed,
}

impl Cursor {
    /// The place behind a segment's header.
    ///
    /// # Errors
    ///
    /// What is wrong with the header, which `segment` begins with.
    pub fn begin(segment: &[u8]) -> Result<(Header, Self), FlawKind> {
        let signed = SignedHeader::parse(segment)?;
        if !signed.is_signed() {
            return Err(FlawKind::HeaderSignature);
        }
        Ok((signed.header, Self::behind(&signed)))
    }

    pub(crate) const fn behind(signed: &SignedHeader) -> Self {
        Self {
            segment: signed.header.segment,
            segment_bytes: signed.header.segment_bytes,
            offset: HEADER_BYTES as u64,
            head: signed.head,
            next_seq: signed.header.first_seq,
            run: Run::Going,
        }
    }

    /// Reads the entry at the cursor and steps behind it; `None` if there is none (yet).
    ///
    /// `window` shows the segment from [`Cursor::offset`] on, to its end or at least
    /// [`ENTRY_BYTES_MAX`](crate::ENTRY_BYTES_MAX) bytes. What stands behind the last entry is not
    /// looked at.
    ///
    /// # Errors
    ///
    /// What is wrong with the entry; the cursor stays before it.
    pub fn read(&mut self, window: &[u8]) -> Result<Option<Entry>, Flaw> {
        if self.run == Run::Sealed {
            return Ok(None);
        }
        let room = self.segment_bytes - self.offset;
        let Some(raw) = split(window, room).map_err(|kind| self.flaw(kind))? else {
            return Ok(None);
        };
        let entry = self.check(&raw).map_err(|kind| self.flaw(kind))?;
        self.step(&raw, &entry);
        Ok(Some(entry))
    }

    fn check(&self, raw: &RawEntry<'_>) -> Result<Entry, FlawKind> {
        if self.head.after(raw.chained) != raw.hash {
            return Err(FlawKind::EntryChain);
        }
        let may_follow_end = matches!(raw.kind, kind::OPENED | kind::SEALED);
        if self.run == Run::Ended && !may_follow_end {
            return Err(FlawKind::RunEnded);
        }
        if let Some(kind) = kind_from_code(raw.kind) {
            let stored = record_codec::parse(kind, raw)?;
            return match stored.seq {
                found if found == self.next_seq => Ok(Entry::Record(stored)),
                found => Err(FlawKind::Seq { expected: self.next_seq, found }),
            };
        }
        let kind = MarkKind::from_code(raw.kind).ok_or(FlawKind::EntryKind(raw.kind))?;
        let signed = SignedMark::parse(kind, raw)?;
        self.check_mark(&signed).map(|()| Entry::Mark(signed))
    }

    fn check_mark(&self, signed: &SignedMark) -> Result<(), FlawKind> {
        let (expected, found) = (self.next_seq - 1, signed.mark.records);
        if signed.mark.head != self.head {
            return Err(FlawKind::MarkHead);
        }
        if found != expected {
            return Err(FlawKind::MarkRecords { expected, found });
        }
        if signed.mark.synced > self.offset {
            return Err(FlawKind::MarkSynced);
        }
        Ok(())
    }

    fn step(&mut self, raw: &RawEntry<'_>, entry: &Entry) {
        self.offset += raw.len;
        self.head = raw.hash;
        match entry {
            Entry::Record(_) => self.next_seq += 1,
            Entry::Mark(signed) => self.run = Run::after(signed.mark.kind),
        }
    }

    pub(crate) const fn flaw(&self, kind: FlawKind) -> Flaw {
        Flaw { segment: self.segment, offset: self.offset, seq: Some(self.next_seq), kind }
    }

    /// Number of the segment.
    #[must_use]
    pub const fn segment(&self) -> u64 {
        self.segment
    }

    /// Byte of the segment at which the next entry begins.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// The chain's value before the next entry.
    #[must_use]
    pub const fn head(&self) -> ChainHash {
        self.head
    }

    /// Number of the next record.
    #[must_use]
    pub const fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// True if the seal was read: the log goes on in the next segment.
    #[must_use]
    pub const fn is_sealed(&self) -> bool {
        matches!(self.run, Run::Sealed)
    }
}

impl Run {
    const fn after(mark: MarkKind) -> Self {
        match mark {
            MarkKind::Checkpoint | MarkKind::Opened => Self::Going,
            MarkKind::Closed => Self::Ended,
            MarkKind::Sealed => Self::Sealed,
        }
    }
}

/// The entries of a segment that lies in memory, and a look at what is behind them.
#[derive(Debug)]
pub struct SegmentReader<'a> {
    header: Header,
    bytes: &'a [u8],
    cursor: Cursor,
    is_done: bool,
}

impl<'a> SegmentReader<'a> {
    /// Reads segment `number`, whose file has the content `bytes`.
    ///
    /// # Errors
    ///
    /// What is wrong with its header, its number or its length.
    pub fn new(number: u64, bytes: &'a [u8]) -> Result<Self, Flaw> {
        let flaw = |kind| Flaw { segment: number, offset: 0, seq: None, kind };
        let (header, cursor) = Cursor::begin(bytes).map_err(flaw)?;
        check_file(number, bytes, &header).map_err(flaw)?;
        Ok(Self { header, bytes, cursor, is_done: false })
    }

    /// The segment's header.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Where the reader stands.
    #[must_use]
    pub const fn cursor(&self) -> &Cursor {
        &self.cursor
    }
}

impl Iterator for SegmentReader<'_> {
    type Item = Result<Entry, Flaw>;

    /// The next entry; after an error there is no other.
    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let rest = rest(self.bytes, self.cursor.offset);
        let read = match self.cursor.read(rest) {
            Ok(None) => first_not_zero(self.bytes, &self.cursor).map(Err),
            other => other.transpose(),
        };
        self.is_done = !matches!(read, Some(Ok(_)));
        read
    }
}

/// Checks that a header and the file it stands in belong together.
pub(crate) const fn check_file(number: u64, bytes: &[u8], header: &Header) -> Result<(), FlawKind> {
    let (expected, found) = (header.segment_bytes, bytes.len() as u64);
    if found != expected {
        return Err(FlawKind::FileLength { expected, found });
    }
    if header.segment != number {
        return Err(FlawKind::Renumbered(header.segment));
    }
    Ok(())
}

/// `bytes` from `offset` on.
pub(crate) fn rest(bytes: &[u8], offset: u64) -> &[u8] {
    usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..)).unwrap_or_default()
}

/// The first byte behind the last entry that is not zero.
pub(crate) fn first_not_zero(bytes: &[u8], cursor: &Cursor) -> Option<Flaw> {
    let place = rest(bytes, cursor.offset).iter().position(|byte| *byte != 0)?;
    let flaw = cursor.flaw(FlawKind::NotZero);
    Some(Flaw { offset: flaw.offset + place as u64, ..flaw })
}

#[cfg(test)]
mod tests;
