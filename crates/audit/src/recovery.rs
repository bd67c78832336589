//! Where a segment ends after a crash, and how to go on from there.
//!
//! A crash leaves the last group written by half, in any order of its pages. What a crash cannot
//! do is take back bytes that had been synced, and each mark says, signed, how far that was. So a
//! broken place is a torn end, which is cut, unless a mark behind it says that it was once safe:
//! then it is damage, by a disk or by a hand, and nothing is cut.

use crate::format::{HEADER_BYTES, MARK_BYTES_MAX};
use crate::header::{SignedHeader, header_flaw};
use crate::mark::{MarkKind, SignedMark};
use crate::reader::{check_file, rest};
use crate::walk::Walk;
use crate::writer::Place;
use crate::{Cursor, Flaw, FlawKind, LogConfig, PublicKey, Sealed, SegmentWriter, entry};
use core::ops::Range;
use ed25519_dalek::SigningKey;

/// What the last segment of a log turned out to be.
#[derive(Debug)]
pub enum Recovered {
    /// It can be gone on with.
    Open(Resumed),
    /// It is full, and the next one was never begun.
    Sealed {
        /// What to begin the next segment from.
        sealed: Sealed,
        /// What of this segment is to be overwritten with zeros; the next one's mark tells of it.
        torn: Option<Torn>,
    },
}

/// The end of a segment that a crash left unfinished: not an entry, and nothing of it was safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torn {
    /// Where it begins: behind the last whole entry.
    pub offset: u64,
    /// Bytes from there to the last one that is not zero.
    pub bytes: u64,
}

impl Torn {
    fn find(segment: &[u8], offset: u64) -> Option<Self> {
        let last = rest(segment, offset).iter().rposition(|byte| *byte != 0)?;
        Some(Self { offset, bytes: last as u64 + 1 })
    }

    /// What is left of it behind `position`, to be overwritten with zeros.
    #[must_use]
    pub const fn behind(&self, position: u64) -> Range<u64> {
        let end = self.offset + self.bytes;
        if position < end { position..end } else { end..end }
    }
}

/// A segment of an earlier run that has room left.
#[derive(Debug)]
pub struct Resumed {
    writer: SegmentWriter,
    torn: Option<Torn>,
    unsigned_records: u64,
}

impl Resumed {
    /// The torn end, which [`Resumed::open`] cuts off.
    #[must_use]
    pub const fn torn(&self) -> Option<Torn> {
        self.torn
    }

    /// Intact records at the end that no mark vouches for yet.
    #[must_use]
    pub const fn unsigned_records(&self) -> u64 {
        self.unsigned_records
    }

    /// Where the bytes that [`Resumed::open`] appends belong.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.writer.position()
    }

    /// Begins a run: appends the mark that says what was cut and what was found unsigned.
    ///
    /// Write it first, then zeros over what of the torn end is left behind it ([`Torn::behind`]),
    /// then sync.
    #[must_use]
    pub fn open(self, now_unix_ns: u64, out: &mut Vec<u8>) -> Opened {
        let cut_bytes = self.torn.map_or(0, |torn| torn.bytes);
        self.writer.reopen(now_unix_ns, cut_bytes, out)
    }
}

/// Where a run goes on.
#[derive(Debug)]
pub enum Opened {
    /// In the segment that was recovered.
    Here(SegmentWriter),
    /// In the next one: there was room for a seal only, which was appended.
    Next(Sealed),
}

/// Finds the end of segment `number`, the last of a log, whose file has the content `segment`.
///
/// Nothing whole and chained is lost: only what stands behind the last such entry is cut.
///
/// # Errors
///
/// What is wrong with the segment that no crash explains, such as a header that is not whole: it is
/// safe before the file has its name. The log is not gone on with then: whoever runs the gateway has
/// to look at it, keep it, and begin another.
pub fn recover(number: u64, segment: &[u8], config: LogConfig, key: SigningKey) -> Result<Recovered, Flaw> {
    let flaw = |kind| Flaw { segment: number, offset: 0, seq: None, kind };
    let public = PublicKey::of(&key);
    let signed = SignedHeader::parse(segment).map_err(flaw)?;
    check_file(number, segment, &signed.header).map_err(flaw)?;
    check_owner(&signed, &config, &public).map_err(flaw)?;
    let (walk, torn) = find_end(segment, &signed, &public)?;
    let unsigned_records = walk.unsigned_records();
    let place = Place {
        header: signed.header,
        head: walk.cursor.head(),
        next_seq: walk.cursor.next_seq(),
        position: walk.cursor.offset(),
        unsigned_records,
    };
    if walk.cursor.is_sealed() {
        let sealed = Sealed::at(&place, config, key, torn.map_or(0, |torn| torn.bytes));
        return Ok(Recovered::Sealed { sealed, torn });
    }
    if place.position + MARK_BYTES_MAX as u64 > place.header.segment_bytes {
        return Err(walk.cursor.flaw(FlawKind::Overfull));
    }
    let writer = SegmentWriter::at(&place, config, key);
    Ok(Recovered::Open(Resumed { writer, torn, unsigned_records }))
}

fn check_owner(signed: &SignedHeader, config: &LogConfig, key: &PublicKey) -> Result<(), FlawKind> {
    if signed.header.key != *key {
        return Err(FlawKind::KeyUnexpected);
    }
    if signed.header.gateway != *config.gateway() {
        return Err(FlawKind::Gateway);
    }
    Ok(())
}

/// Reads all whole entries; the last mark, or the header, must be signed: that vouches for all
/// before it.
fn find_end(segment: &[u8], signed: &SignedHeader, key: &PublicKey) -> Result<(Walk, Option<Torn>), Flaw> {
    let walk = Walk::over(segment, signed, |_, _| ());
    match &walk.last_mark {
        Some((mark, _)) if mark.is_signed_by(key) => {}
        Some((_, place)) => return Err(place.flaw(FlawKind::MarkSignature)),
        None if signed.is_signed() => {}
        None => return Err(header_flaw(signed)),
    }
    if let Some(flaw) = walk.flaw {
        let kind = explain(segment, &walk.cursor, flaw.kind, key);
        if !matches!(kind, FlawKind::Torn | FlawKind::NotZero) {
            return Err(Flaw { kind, ..flaw });
        }
    }
    let torn = Torn::find(segment, walk.cursor.offset());
    Ok((walk, torn))
}

/// What the broken place at `cursor`, in the last segment of a log, was broken by.
///
/// An entry that is whole and yet wrong is nothing that a crash leaves behind.
pub(crate) fn explain(segment: &[u8], cursor: &Cursor, kind: FlawKind, key: &PublicKey) -> FlawKind {
    let is_partial = matches!(kind, FlawKind::EntryLength(_) | FlawKind::EntryChecksum);
    if !is_partial && kind != FlawKind::NotZero {
        return kind;
    }
    if is_damaged(segment, cursor.offset(), key) {
        return FlawKind::Damaged;
    }
    if is_partial { FlawKind::Torn } else { kind }
}

/// True if a mark behind `offset`, signed by `key`, says that more than `offset` was synced.
fn is_damaged(segment: &[u8], offset: u64, key: &PublicKey) -> bool {
    let mut behind = rest(segment, offset.max(HEADER_BYTES as u64));
    while !behind.is_empty() {
        let mark = mark_at(behind);
        if mark.is_some_and(|(mark, _)| mark.mark.synced > offset && mark.is_signed_by(key)) {
            return true;
        }
        // A mark that was read is stepped over whole, so that no byte is checked more often than
        // the longest mark is long, whatever stands there.
        let step = mark.map_or(1, |(_, len)| len);
        behind = behind.get(step..).unwrap_or_default();
    }
    false
}

/// The mark at the front of `bytes` and its length, if one stands there.
fn mark_at(bytes: &[u8]) -> Option<(SignedMark, usize)> {
    let [low, high, 0, 0, kind, 0, 0, 0] = *bytes.first_chunk::<8>()? else { return None };
    let kind = MarkKind::from_code(kind)?;
    let len = usize::from(u16::from_le_bytes([low, high]));
    let bytes = bytes.get(..len).filter(|bytes| bytes.len() <= MARK_BYTES_MAX)?;
    let raw = entry::split(bytes, len as u64).ok()??;
    Some((SignedMark::parse(kind, &raw).ok()?, len))
}

#[cfg(test)]
mod tests;
