//! The audit log: records, their chain, segments, and the proof that nothing was changed.
//!
//! Sans-IO: it turns [`Record`]s into bytes and bytes into records over slices and readers that
//! are given to it; files are opened, written and synced elsewhere. The bytes are described in
//! `docs/audit-format.md`, closely enough to write another reader from.
//!
//! * [`queue`] carries records from workers to the management core, by credits, without locks;
//! * [`SegmentWriter`] turns records into entries of a segment, chained and signed;
//! * [`recover`] finds where a segment ends after a crash and goes on from there;
//! * [`Cursor`] and [`SegmentReader`] read entries back, [`Verifier`] proves a whole log;
//! * [`render`] shows a record as a line of JSON or of text.
//!
//! A log is begun, written and proved like this; the bytes in `out` go to the segment's file:
//!
//! ```
//! use audit::{LogConfig, PublicKey, SegmentWriter, Verifier, VerifyOptions};
//!
//! let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
//! let written_down = PublicKey::of(&key);
//! let config = LogConfig::new("lab-1", 65_536, 0)?;
//! let now_unix_ns = 1_767_225_600_000_000_000;
//!
//! let mut out = Vec::new();
//! let writer = SegmentWriter::create(config, key, now_unix_ns, &mut out);
//! // ... append records, end each group with a checkpoint, write, sync ...
//! writer.close(now_unix_ns, &mut out);
//!
//! let mut file = out;
//! file.resize(65_536, 0);
//! let options = VerifyOptions { key: Some(written_down), ..VerifyOptions::default() };
//! let report = Verifier::new(options).last_segment(1, &file)?;
//! assert_eq!(report.records, 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Invariant: every byte of a segment is covered by a checksum, by the hash chain and by a
//! signature, or must be zero; no byte that is read makes anything here panic, or allocate more
//! than one entry can fill.
#![forbid(unsafe_code)]
#![cfg_attr(test, expect(clippy::cast_possible_truncation, reason = "tests index memory with offsets"))]

mod chain;
mod entry;
mod field;
mod flaw;
mod format;
mod header;
mod key;
mod mark;
pub mod queue;
mod reader;
mod record;
mod record_codec;
mod recovery;
pub mod render;
mod stored;
mod text;
mod tls;
mod verify;
mod walk;
mod wall_clock;
mod writer;

#[cfg(test)]
mod testing;

pub use chain::ChainHash;
pub use flaw::{Flaw, FlawKind};
pub use format::{
    ENTRY_BYTES_MAX, FORMAT_VERSION, GATEWAY_BYTES_MAX, HEADER_BYTES, MARK_BYTES_MAX, RECORD_BYTES_MAX,
    SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN, parse_segment_file_name, records_per_segment, segment_bytes_for,
    segment_file_name,
};
pub use header::Header;
pub use key::{ParseHexError, PublicKey};
pub use mark::{Mark, MarkKind, SignedMark};
pub use reader::{Cursor, Entry, SegmentReader};
pub use record::{Finding, Findings, Record, RecordKind, UsageSource};
pub use recovery::{Opened, Recovered, Resumed, Torn, recover};
pub use stored::{StoredRecord, UnknownFields};
pub use text::Text;
pub use tls::{CertificateVerdict, CipherSuite, Interception, TlsVersion};
pub use verify::{Extent, LogEnd, Report, Verifier, VerifyError, VerifyOptions, verify};
pub use wall_clock::WallClock;
pub use writer::{LogConfig, LogConfigError, Sealed, SegmentFull, SegmentWriter};
