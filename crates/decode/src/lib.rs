//! Strict sans-IO decoders of the protocols that carry AI traffic.
//!
//! In go the bytes of a stream, in pieces cut anywhere, as an [`Input`]; out come events that the
//! caller pulls with a decoder's `next`. An event's bytes are borrowed from the piece, never
//! copied, and carry their absolute position on the wire, so that a caller can edit the original
//! bytes in place. `Ok(None)` means that the piece is used up.
//!
//! Invariants, for every decoder here:
//! - one reading: what two receivers could read differently is an error, not a guess;
//! - any split of the bytes gives the same events (but for where pieces are cut) and the same
//!   verdict; only the first bytes of a character that proves broken behind a cut may have been
//!   reported already;
//! - an error is final: `next` repeats it, and nothing behind it is ever decoded;
//! - every input is survived, in bounded memory; no decoder allocates once its buffers have grown
//!   to what the traffic needs, and none of them ever recurses.
//!
//! What it does not do: judge what is inside (that is the engine's), open content codings, keep
//! bodies, or know where bytes come from and what time it is.
#![forbid(unsafe_code)]

pub mod content_type;
pub mod http1;
mod input;
pub mod json;
mod scan;
pub mod sse;
mod token;

pub use input::{Input, Span};
