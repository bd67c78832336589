//! Terminate mode: both TCP connections of a flow end in the appliance, TLS is opened, and what is read of a
//! request goes on only after its verdict.
//!
//! Frames of a flow go to its two TCP endpoints ([`tcp`]); at the end of the burst the flow goes on as far
//! as what has come allows (`advance`): the server is asked before the client is answered, the client's
//! first bytes decide what becomes of the flow, the server's certificate is verified before one is made for
//! the client, and from then on plain text goes through the relay (`relay`). The appliance owns no
//! address: each end sees the other one's.
//!
//! Invariants: no byte of a request reaches a server before its verdict, and none a server whose certificate
//! was not verified; a flow that is not open yet takes part in a bounded number; a slow end stops the other
//! one and grows no memory.

mod account;
mod advance;
mod flow;
mod relay;
mod stage;
pub mod tcp;
mod terminator;

pub(crate) use flow::Terminated;
pub use terminator::Interception;
pub(crate) use terminator::Terminator;
