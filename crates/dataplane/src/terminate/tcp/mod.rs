//! TCP endpoints in user space (RFC 9293), one for each side of a flow that ends in the appliance.
//!
//! Toward the client the appliance is the server, with the server's address ([`Endpoint::accept`]);
//! toward the server it is the client, with the client's address ([`Endpoint::connect`]). An endpoint
//! owns one connection: its numbers, what it has sent and what it has put in order. Frames go in by
//! [`Endpoint::handle_segment`] and come out of [`Endpoint::poll_transmit`]; bytes are read by
//! [`Endpoint::readable`] and [`Endpoint::consume`] and written by [`Endpoint::send`]. Nothing here
//! looks at another flow, and no clock is read: time is an argument, [`Endpoint::poll_at`] says when
//! the next is due.
//!
//! Invariants: only a segment that a receiver would accept touches the state (RFC 5961, RFC 7323); the
//! first copy of a byte wins; bytes live in a worker's [`Memory`], which is bounded, and an endpoint
//! without bytes holds none of it. The window follows what was consumed: a slow reader stops its peer.
//!
//! It does not do: simultaneous open, urgent data (read as plain bytes), Fast Open, ECN, keep-alives of
//! its own (those of the peer are answered).

mod arrival;
mod cubic;
mod emit;
mod endpoint;
mod isn;
mod memory;
mod options;
mod receiver;
mod rtt;
mod scoreboard;
mod sender;
mod state;

pub use arrival::{Arrival, Marks};
pub use endpoint::{Endpoint, Settings};
pub use isn::IsnKey;
pub use memory::{BLOCK_BYTES, Memory};
pub use options::Offer;
pub use state::{Outcome, State};
