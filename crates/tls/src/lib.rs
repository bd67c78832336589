//! TLS opened in the path: what a client asks for, the session with it, the session with the real
//! server, and the certificate that is made in between.
//!
//! Bytes of TCP streams go in as slices and come out into slices; the crate knows no socket and no
//! clock ([`Clock`] is set by whoever drives it). The way of an intercepted flow:
//!
//! 1. [`client_hello::Reader`] puts the `ClientHello` together; policy decides on its name.
//! 2. [`Upstream::connect`] opens the session with the server, under that name. Its certificate is
//!    verified against the name, always: there is no switch that turns that off.
//! 3. [`mint::Minter`] has a certificate made for the name by a helper thread.
//! 4. [`Downstream::accept`] opens the session with the client, and is fed the same `ClientHello`.
//!
//! Invariants: no plain text goes to a server whose certificate was not verified under the name the
//! client asked for; no input makes it panic or take memory without bound; a worker never signs with
//! the authority's key.
//!
//! It does not decide which flows are opened, and it does not bound times: its driver does.
#![forbid(unsafe_code)]

mod bytes;
mod certificate;
pub mod client_hello;
mod clock;
mod downstream;
mod host_name;
pub mod keys;
pub mod mint;
mod observed;
mod provider;
pub mod roots;
pub mod server_hello;
pub mod session;
mod upstream;
pub mod verdict;

pub use certificate::LeafFacts;
pub use clock::Clock;
pub use downstream::{ClientSide, Clients, Downstream, Tickets};
pub use host_name::{HostName, HostNameError};
pub use roots::Roots;
pub use rustls::AlertDescription;
pub use session::{CacheKey, Session, TlsError};
pub use upstream::{ServerSide, Upstream};
pub use verdict::Verdict;
