//! For tests only: packet builders, a simulated wire and receivers that judge independently.
//!
//! Frames are built and read with `etherparse`, TCP endpoints are `smoltcp`'s: neither shares code
//! with what is tested.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap, reason = "test code")]

mod conversation;
mod host;
mod kernel;
mod link;
mod packet;
mod player;
mod receiver;
mod traffic;
mod wire;

pub use conversation::Conversation;
pub use host::Host;
pub use kernel::{KernelHost, RealClock, can_make_hosts};
pub use link::{Impairment, Link};
pub use packet::{Ends, Family, Tcp, fragment, parse_tcp, tagged, tcp, udp};
pub use player::{CHAT_BODY_BYTES, Order, Player, chats};
pub use receiver::{Delivered, Receiver};
pub use traffic::Traffic;
pub use wire::WireDevice;

/// A small pseudo random generator with a seed that a failing test can print (xorshift64*).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator for this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// The next number.
    pub const fn next_u64(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `bound`, which is not 0.
    pub const fn below(&mut self, bound: u64) -> u64 {
        (self.next_u64() >> 11) % bound
    }

    /// True once in `count` calls on average.
    pub const fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
}
