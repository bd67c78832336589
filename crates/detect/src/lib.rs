//! Detectors of personal data, secrets and listed words over a stream of text.
//!
//! In go the decoded leaves of a message, in pieces of any size, with a boundary after each leaf;
//! out come [`Finding`]s in absolute offsets of that stream, and the offset before which nothing
//! can become part of a finding any more. The crate does no I/O and knows no protocol, no policy
//! and no clock.
//!
//! ```
//! use detect::{DetectorSet, EntityType, Scanner};
//!
//! let set = DetectorSet::builder().enable(EntityType::EmailAddress).build()?;
//! let mut scanner = Scanner::new();
//! let mut found = Vec::new();
//! scanner.push(b"write to jane@exa");
//! assert_eq!(scanner.scan(&set, &mut found), 9); // "jane@exa" may still become an address
//! scanner.push(b"mple.com now");
//! scanner.boundary();
//! assert_eq!(scanner.scan(&set, &mut found), scanner.position());
//! assert_eq!((found[0].start, found[0].end), (9, 25));
//! assert_eq!(set.entity(found[0].detector), Some(EntityType::EmailAddress));
//! # Ok::<(), detect::Error>(())
//! ```
//!
//! How it works: a *trigger* (a byte or literal that every match of some detectors must contain)
//! is searched at memory speed; only there a detector's *check* runs. A check reads the text
//! through a window that answers "not known yet" past the last byte pushed, and every
//! such answer makes the check undecided. So a decision, once taken, depends on bytes that were
//! there, and is the same however the text was split; the property tests hold it to that.
//!
//! Names of persons, organisations and places, and postal addresses, have no trigger: a stage of
//! their own decides a line at a time, by grammar and likelihood. They are apart from the others
//! ([`EntityType::is_statistical`]): a set looks for them only if it is told to.
//!
//! Invariants: no input makes it panic; work per byte is bounded, whatever the text; a finding is
//! reported once and never before an offset that was returned as settled.
//!
//! Limits: `match_bytes_max` and `lookahead_bytes` of a set bound what is undecided; the scanner
//! keeps that and [`CONTEXT_BYTES`] more, besides what was pushed since the last scan.
//!
//! A [`Reader`] reads the same text a second time where it hides what it says: escapes, encodings,
//! look-alikes, numbers in pieces. Its findings are in offsets of the text as it stands.
//!
//! Not here: formats of documents, and everything that needs a whole one.
#![deny(unsafe_code)]

mod block;
mod canary;
mod code;
mod context;
mod detectors;
mod entity;
mod explain;
mod keyword;
mod marking;
mod named;
mod names;
mod needle;
mod number;
mod octet;
mod reader;
mod scanner;
mod set;
mod simd;
mod text;
mod traits;
mod trigger;
mod view;
mod window;

pub use canary::{CANARY_LETTERS_MAX, CANARY_LETTERS_MIN};
pub use code::{
    FINGERPRINT_GRAM_COUNT_MAX, FINGERPRINT_NAME_BYTES_MAX, FingerprintBuilder, FingerprintCounts, FingerprintError,
    FingerprintSet,
};
pub use detectors::secret::{classify_secret, is_unmarked, provider};
pub use entity::{Confidence, DetectorId, EntityType, Finding};
pub use explain::{ContextWord, Explanation, RuleFacts};
#[cfg(feature = "train")]
pub use names::training;
pub use number::{NUMBER_DIGITS_MAX, number_view};
pub use reader::Reader;
pub use scanner::{SPARE_BYTES_MAX, Scanner};
pub use set::{
    DetectorSet, DetectorSetBuilder, Error, KEYWORD_BYTES_MAX, KEYWORD_BYTES_MIN, KEYWORD_COUNT_MAX,
    KEYWORD_LIST_COUNT_MAX,
};
pub use view::{Speller, VIEW_DEPTH_MAX, VIEW_HOLD_BYTES, ViewId};
pub use window::CONTEXT_BYTES;
