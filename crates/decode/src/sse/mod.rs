//! Server-sent events, `text/event-stream` (WHATWG HTML, section "Server-sent events").
//!
//! [`EventStream`] turns a body into [`Event`]s: the pieces of the data with their place on the
//! wire, and beside them all other text (field names, other fields, comments), since any of it may
//! carry what must be seen. Lines end with LF, CR or CRLF, as the standard says.
//!
//! What it does not do: check UTF-8 (the standard's decoder replaces what is none, and a JSON
//! reader behind it refuses it), or act on `id` and `retry`.

mod stream;

pub use stream::EventStream;

use thiserror::Error;

/// The longest event type, in bytes. Providers use names of about 30 letters.
pub const EVENT_TYPE_BYTES_MAX: usize = 128;

/// What came next in the stream. Pieces are borrowed from the input and never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// Bytes of a comment: what stands behind a line's leading colon.
    Comment {
        /// The stream offset of the first byte.
        at: u64,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// Bytes of a field name. A byte order mark shows up here too.
    Name {
        /// The stream offset of the first byte.
        at: u64,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// Bytes of the event's data.
    Data {
        /// The stream offset of the first byte.
        at: u64,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// Another line of data begins; a LF joins it to the one before.
    DataJoin,
    /// Bytes of the value of another field.
    Field {
        /// Which field.
        name: FieldName,
        /// The stream offset of the first byte.
        at: u64,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// An empty line behind at least one field: the event is over.
    EventEnd {
        /// True if a receiver gets the event: it has data, and the stream did not end inside it.
        dispatched: bool,
    },
}

/// A field other than `data`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldName {
    /// `event`: the event's type.
    Event,
    /// `id`: where a receiver goes on after a reconnection.
    Id,
    /// `retry`: the time before a reconnection.
    Retry,
    /// Any other name; receivers ignore it.
    Other,
}

/// Why a stream was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Error {
    /// An event type longer than [`EVENT_TYPE_BYTES_MAX`].
    #[error("the event type is too long")]
    EventTypeTooLong,
}

#[cfg(test)]
mod tests;
