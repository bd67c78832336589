//! TCP as an inspector in the path sees it (RFC 9293): segments, sequence arithmetic, the order of
//! bytes, and what was forwarded of them.
//!
//! Nothing here makes a packet up or changes a length: a segment is read ([`Segment`]), judged
//! against what both ends have said ([`Connection`]), put in order ([`Stream`]) and remembered
//! until it is acknowledged ([`Store`]).

mod connection;
mod segment;
mod seq;
mod store;
mod stream;

pub use connection::{Accepted, Connection, Phase};
pub use segment::{
    Emit, Flags, LinkHeader, Options, SACK_BLOCK_COUNT_MAX, Segment, blank_sack, blank_unread, is_midstream,
    rewrite_acknowledgement, rewrite_checksum, sack_blocks, transport_checksum_is_valid,
};
pub use seq::Seq;
pub use store::{Chunks, Store};
pub use stream::{Arrival, Inserted, Released, Stream, StreamLimits, cut_payload};
