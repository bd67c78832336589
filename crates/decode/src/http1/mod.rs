//! HTTP/1.0 and HTTP/1.1 messages (RFC 9110, RFC 9112), read strictly.
//!
//! [`RequestDecoder`] and [`ResponseDecoder`] turn one direction of a connection into [`Event`]s.
//! A head is collected and read as a whole; a body passes through piece by piece, its chunk framing
//! taken off. The messages of a connection follow one another without a limit on their number or
//! their bytes.
//!
//! Strict means that nothing is accepted which two receivers could read in two ways: line ends are
//! CRLF, a field is one line, a length is said once and in one form, `chunked` is the only coding,
//! the methods are those of the registry, a connection that was to be closed carries nothing more.
//! [`Error`] has one variant for each of these rules.
//!
//! What it does not do: judge fields that say nothing about framing, follow an upgrade or a tunnel
//! (the decoder stops there), pair answers with requests (the caller tells the response decoder the
//! method), or open content codings.

mod authority;
mod chunked;
mod classify;
mod decoder;
mod error;
mod field;
mod framing;
mod head;
mod method;
mod name;
mod request;
mod response;
mod section;

pub use classify::{CLASSIFY_BYTES_MAX, Classified, classify};
pub use decoder::BodyRest;
pub use error::{Error, ErrorKind};
pub use field::{Field, FieldIter, Fields};
pub use framing::{Framing, Version};
pub use head::{RequestHead, ResponseHead};
pub use method::Method;
pub use name::FieldName;
pub use request::RequestDecoder;
pub use response::ResponseDecoder;

/// The longest head: start line, fields and the empty line, in bytes. Servers take 8 to 16 KiB
/// unless told otherwise; twice that leaves room for large cookies.
pub const HEAD_BYTES_MAX: usize = 32 * 1024;

/// The most fields in one head or one trailer section; servers stop at about 100.
pub const FIELD_COUNT_MAX: usize = 128;

/// The longest trailer section with its empty line, in bytes: a few checksums and a status.
pub const TRAILER_BYTES_MAX: usize = 8 * 1024;

/// The most bytes of chunk extensions in one message. Nobody uses them for anything long, and they
/// would otherwise be a way to make the appliance read much and forward little.
pub const CHUNK_EXTENSION_BYTES_MAX: u32 = 4 * 1024;

/// The largest body or chunk, in bytes: 2^63 - 1. Receivers that count in signed 64-bit integers
/// would read a larger one differently.
pub const BODY_BYTES_MAX: u64 = i64::MAX.cast_unsigned();

/// What a decoder found next. Body bytes are borrowed from the input piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// The head is complete: `head()` returns it until the next message begins. After an interim
    /// response the head of the next response follows, without [`Event::End`].
    Head,
    /// Bytes of the body, without its chunk framing.
    Body {
        /// The stream offset of the first byte.
        at: u64,
        /// The bytes, never empty.
        bytes: &'a [u8],
    },
    /// Bytes of a chunk extension: what stands between the first `;` behind a chunk size and the
    /// end of the line. One extension may come in several pieces.
    ChunkExtension {
        /// The stream offset of the first byte.
        at: u64,
        /// The bytes, never empty.
        bytes: &'a [u8],
    },
    /// The trailer section is complete and has at least one field: `trailers()` returns it until
    /// the next message begins.
    Trailers,
    /// The message is complete. The next one may follow in the same input.
    End,
}

#[cfg(test)]
mod tests;
