//! The proof that a log is what its gateway wrote: all of it, in order, and nothing else.
//!
//! One pass over each segment checks every byte against the checksums, the hash chain or the
//! zeros that must be there. One signature a segment is enough then: its last mark's, which is over
//! a chain value that stands for all before it.

use crate::header::{SignedHeader, header_flaw};
use crate::mark::{Mark, MarkKind};
use crate::reader::check_file;
use crate::recovery::explain;
use crate::walk::Walk;
use crate::{ChainHash, Cursor, Entry, Flaw, FlawKind, GATEWAY_BYTES_MAX, Header, PublicKey};
use crate::{SEGMENT_BYTES_MAX, Text};
use std::io::{self, Read};

/// What is known of a log from elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerifyOptions {
    /// A chain value that was written down earlier and must be in the log.
    pub anchor: Option<ChainHash>,
    /// The key that must have signed the log.
    pub key: Option<PublicKey>,
    /// How much of the log is there.
    pub extent: Extent,
}

/// How much of a log is to be verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// All of it: from segment 1 to one that is not sealed.
    #[default]
    Whole,
    /// The latest segments: earlier ones were removed, as when their time was over.
    Latest,
    /// Some segments in a row, such as an auditor is given.
    Part,
}

/// How a log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogEnd {
    /// With a clean close.
    Closed,
    /// Signed, but not closed: the gateway runs, crashed, or the end was cut off at a mark.
    Open,
    /// With a seal; only where [`Extent::Part`] was asked for.
    Sealed,
}

/// What was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// The gateway that wrote the log.
    pub gateway: Text<GATEWAY_BYTES_MAX>,
    /// The key that signed it: compare it with what was written down.
    pub key: PublicKey,
    /// Number of the first segment.
    pub first_segment: u64,
    /// Segments.
    pub segments: u64,
    /// Number of the first record.
    pub first_seq: u64,
    /// Records that a signature vouches for.
    pub records: u64,
    /// Records behind them that the gateway has yet to sign; only [`Verifier::growing_segment`]
    /// lets that pass.
    pub unsigned_records: u64,
    /// Signed marks of every kind.
    pub checkpoints: u64,
    /// Runs of the gateway that began here.
    pub runs: u64,
    /// Bytes that crashes left behind and recovery cut off.
    pub cut_bytes: u64,
    /// Records that crashes left unsigned and recovery signed.
    pub adopted_records: u64,
    /// The chain's value at the end: the next anchor.
    pub head: ChainHash,
    /// How the log ends.
    pub end: LogEnd,
    /// Records of the log up to the anchor.
    pub anchor_records: Option<u64>,
    /// Wall time of the last mark, nanoseconds since the Unix epoch.
    pub last_mark_unix_ns: u64,
}

/// A log that was not proved.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// Something is wrong with it.
    #[error("{0}")]
    Flaw(#[from] Flaw),
    /// A segment could not be read.
    #[error("cannot read a segment: {0}")]
    Read(#[from] io::Error),
}

/// Verifies a log from its segments: the number in each file's name, and a reader of its content.
///
/// Segments come in the order of their names; one at a time is held in memory.
///
/// # Errors
///
/// The first flaw, or the first segment that could not be read.
pub fn verify<R: Read>(
    segments: impl IntoIterator<Item = io::Result<(u64, R)>>,
    options: &VerifyOptions,
) -> Result<Report, VerifyError> {
    let mut verifier = Verifier::new(*options);
    let mut segments = segments.into_iter().peekable();
    let mut bytes = Vec::new();
    while let Some(segment) = segments.next() {
        let (number, reader) = segment?;
        bytes.clear();
        reader.take(SEGMENT_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        if segments.peek().is_none() {
            return Ok(verifier.last_segment(number, &bytes)?);
        }
        verifier.segment(number, &bytes)?;
    }
    Err(Flaw { segment: 0, offset: 0, seq: None, kind: FlawKind::NoSegment }.into())
}

/// Verifies a log one segment after the other. A clone goes on from the same place.
#[derive(Clone, Debug)]
pub struct Verifier {
    options: VerifyOptions,
    tally: Tally,
    before: Option<Before>,
}

/// The segment before: what the next one has to follow from.
#[derive(Clone, Copy, Debug)]
struct Before {
    header: Header,
    cursor: Cursor,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    first: Option<Header>,
    segments: u64,
    checkpoints: u64,
    runs: u64,
    cut_bytes: u64,
    adopted_records: u64,
    anchor_records: Option<u64>,
    last_mark_unix_ns: u64,
}

impl Verifier {
    /// A verifier that has seen nothing yet.
    #[must_use]
    pub fn new(options: VerifyOptions) -> Self {
        Self { options, tally: Tally::default(), before: None }
    }

    /// Verifies a segment that another one follows.
    ///
    /// # Errors
    ///
    /// The first flaw; there is nothing more to verify then.
    pub fn segment(&mut self, number: u64, bytes: &[u8]) -> Result<(), Flaw> {
        let signed = self.check_header(number, bytes)?;
        let walk = self.walk(bytes, &signed);
        if let Some(flaw) = walk.flaw {
            return Err(flaw);
        }
        if !walk.cursor.is_sealed() {
            return Err(walk.cursor.flaw(FlawKind::SealMissing));
        }
        self.check_signatures(bytes, &signed, &walk)?;
        self.before = Some(Before { header: signed.header, cursor: walk.cursor });
        Ok(())
    }

    /// Verifies the last segment and tells what was proved.
    ///
    /// # Errors
    ///
    /// The first flaw.
    pub fn last_segment(self, number: u64, bytes: &[u8]) -> Result<Report, Flaw> {
        self.end(number, bytes, false)
    }

    /// Verifies the last segment while its gateway writes it: records at its end that are not
    /// signed yet are counted apart. Whether it is being written is for the caller to know.
    ///
    /// # Errors
    ///
    /// The first flaw.
    pub fn growing_segment(self, number: u64, bytes: &[u8]) -> Result<Report, Flaw> {
        self.end(number, bytes, true)
    }

    fn end(mut self, number: u64, bytes: &[u8], is_growing: bool) -> Result<Report, Flaw> {
        let signed = self.check_header(number, bytes)?;
        let walk = self.walk(bytes, &signed);
        if let Some(flaw) = walk.flaw {
            let kind = explain(bytes, &walk.cursor, flaw.kind, &signed.header.key);
            return Err(Flaw { kind, ..flaw });
        }
        self.check_signatures(bytes, &signed, &walk)?;
        if let Some((start, records)) = walk.unsigned
            && !is_growing
        {
            return Err(start.flaw(FlawKind::UnsignedEnd(records)));
        }
        if walk.cursor.is_sealed() && self.options.extent != Extent::Part {
            return Err(walk.cursor.flaw(FlawKind::LaterMissing));
        }
        if self.options.anchor.is_some() && self.tally.anchor_records.is_none() {
            return Err(walk.cursor.flaw(FlawKind::AnchorMissing));
        }
        Ok(self.report(&signed.header, &walk))
    }

    fn report(&self, header: &Header, walk: &Walk) -> Report {
        let first = self.tally.first.unwrap_or(*header);
        let end_of_signed = walk.unsigned.map_or(walk.cursor, |(start, _)| start);
        let end = match walk.last_mark.map(|(signed, _)| signed.mark.kind) {
            Some(MarkKind::Closed) => LogEnd::Closed,
            Some(MarkKind::Sealed) => LogEnd::Sealed,
            Some(MarkKind::Checkpoint | MarkKind::Opened) | None => LogEnd::Open,
        };
        Report {
            gateway: header.gateway,
            key: header.key,
            first_segment: first.segment,
            segments: self.tally.segments,
            first_seq: first.first_seq,
            records: end_of_signed.next_seq() - first.first_seq,
            unsigned_records: walk.unsigned_records(),
            checkpoints: self.tally.checkpoints,
            runs: self.tally.runs,
            cut_bytes: self.tally.cut_bytes,
            adopted_records: self.tally.adopted_records,
            head: end_of_signed.head(),
            end,
            anchor_records: self.tally.anchor_records,
            last_mark_unix_ns: self.tally.last_mark_unix_ns,
        }
    }

    /// Checks a header against its file, the options and the segment before.
    fn check_header(&mut self, number: u64, bytes: &[u8]) -> Result<SignedHeader, Flaw> {
        let seq = self.before.map(|before| before.cursor.next_seq());
        let flaw = |kind| Flaw { segment: number, offset: 0, seq, kind };
        if let Some(expected) = self.before.map(|before| before.header.segment + 1)
            && number != expected
        {
            return Err(flaw(FlawKind::SegmentMissing(expected)));
        }
        let signed = SignedHeader::parse(bytes).map_err(flaw)?;
        check_file(number, bytes, &signed.header).map_err(flaw)?;
        if self.options.key.is_some_and(|key| key != signed.header.key) {
            return Err(flaw(FlawKind::KeyUnexpected));
        }
        match &self.before {
            Some(before) => before.check_next(&signed.header).map_err(flaw)?,
            None if number != 1 && self.options.extent == Extent::Whole => {
                return Err(flaw(FlawKind::EarlierMissing));
            }
            None => self.tally.first = Some(signed.header),
        }
        self.tally.segments += 1;
        Ok(signed)
    }

    /// Checks everything in a segment but its signatures.
    fn walk(&mut self, bytes: &[u8], signed: &SignedHeader) -> Walk {
        let (anchor, tally) = (self.options.anchor, &mut self.tally);
        tally.look_for(anchor, &Cursor::behind(signed));
        Walk::over(bytes, signed, |entry, cursor| {
            if let Entry::Mark(signed) = entry {
                tally.count(&signed.mark);
            }
            tally.look_for(anchor, cursor);
        })
    }

    fn check_signatures(&self, bytes: &[u8], signed: &SignedHeader, walk: &Walk) -> Result<(), Flaw> {
        let key = &signed.header.key;
        match &walk.last_mark {
            Some((mark, _)) if mark.is_signed_by(key) => Ok(()),
            Some((_, place)) => {
                let last = place.flaw(FlawKind::MarkSignature);
                Err(first_unsigned(bytes, signed).unwrap_or(last))
            }
            None if signed.is_signed() => Ok(()),
            None => Err(header_flaw(signed)),
        }
    }
}

impl Before {
    fn check_next(&self, next: &Header) -> Result<(), FlawKind> {
        if next.gateway != self.header.gateway {
            return Err(FlawKind::Gateway);
        }
        if next.key != self.header.key {
            return Err(FlawKind::KeyChanged);
        }
        let follows = next.previous == self.cursor.head();
        if follows && next.first_seq == self.cursor.next_seq() {
            return Ok(());
        }
        Err(FlawKind::SegmentChain)
    }
}

impl Tally {
    fn look_for(&mut self, anchor: Option<ChainHash>, cursor: &Cursor) {
        if anchor == Some(cursor.head()) {
            self.anchor_records = Some(cursor.next_seq() - 1);
        }
    }

    const fn count(&mut self, mark: &Mark) {
        self.checkpoints += 1;
        if matches!(mark.kind, MarkKind::Opened) {
            self.runs += 1;
        }
        self.cut_bytes = self.cut_bytes.saturating_add(mark.cut_bytes);
        self.adopted_records = self.adopted_records.saturating_add(mark.unsigned_records);
        self.last_mark_unix_ns = mark.ts_unix_ns;
    }
}

/// The first signature of a segment that is wrong: what was changed stands before it, and behind
/// the one before.
fn first_unsigned(bytes: &[u8], signed: &SignedHeader) -> Option<Flaw> {
    if !signed.is_signed() {
        return Some(header_flaw(signed));
    }
    let mut place = Cursor::behind(signed);
    let mut first = None;
    Walk::over(bytes, signed, |entry, behind| {
        if let Entry::Mark(mark) = entry
            && first.is_none()
            && !mark.is_signed_by(&signed.header.key)
        {
            first = Some(place.flaw(FlawKind::MarkSignature));
        }
        place = *behind;
    });
    first
}

#[cfg(test)]
mod tests;
