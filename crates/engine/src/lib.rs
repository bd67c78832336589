//! Decisions: one request and its answer in; releases, edits, blocks and records out.
//!
//! Three layers. [`Exchange`] is one request and its answer; it knows no protocol and every host
//! uses it: leaves of text go in, [`Decision`]s come out. [`Tap`] stands in the path of a
//! connection whose bytes may be masked but not moved (inspect mode, replay): stream bytes go in,
//! [`Output`]s at stream offsets come out. [`Engine`] holds what all exchanges of one worker share.
//!
//! Invariants: no byte is released before it is decided, and none of an exchange before its
//! `admit` record was handed out; every limit is a block with its [`policy::Reason`]; an error of a
//! [`Pipeline`] is a block. Time is an argument; nothing here does I/O.
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap, reason = "test code")
)]

mod body;
mod event;
mod exchange;
mod facts;
mod first_bytes;
mod head;
mod limits;
mod pipeline;
mod pool;
mod reading;
mod relay;
mod tap;

pub use event::{Cover, Decision, Event, Inlaid, LeafId, LeafKind, Mask, Ticket, UnitId, WholeLeaf};
pub use exchange::{Engine, Exchange};
pub use facts::Peers;
pub use first_bytes::{FirstBytes, first_bytes};
pub use head::{Head, HeadLeaves};
pub use limits::Limits;
pub use pipeline::{Pipeline, Rules, Unit};
pub use relay::{CloseKind, HoldBudget, Relay};
pub use tap::{Output, Reply, Tap};
