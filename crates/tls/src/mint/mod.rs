//! Certificates for the names that clients ask for.
//!
//! An [`Authority`] signs them: ECDSA P-256, one leaf key a process, the name and nothing else in it,
//! for at most a week and never for longer than the real certificate. [`Pool`] does that in threads
//! of its own: a worker asks its [`Minter`] and goes on.

mod authority;
mod create;
mod description;
mod pool;

pub use authority::{Authority, AuthorityError, MintError, Minted};
pub use create::{CaCurve, CaError, NewCa, create_ca};
pub use description::Description;
pub use pool::{Busy, Minter, Pool, Ticket};
