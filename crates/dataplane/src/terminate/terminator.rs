//! What the terminated flows of a worker share: memory, sessions' configurations, certificates being made, and what
//! bounds them all.

use super::tcp::{IsnKey, Memory, Settings};
use core::hash::{BuildHasher, Hasher};
use core::net::IpAddr;
use core::time::Duration;
use engine::HoldBudget;
use net::Timestamp;
use net::flow::FlowId;
use policy::ObservedAddresses;
use std::collections::HashMap;
use std::sync::Arc;
use tls::mint::{Minted, Minter, Ticket};
use tls::{Clock, Downstream, Upstream};

/// Handshake steps of one poll: a full step costs up to 250 µs, and frames of other flows wait for it.
const STEP_COUNT_MAX: u32 = 4;
/// Connections that one client address may open a second, and at once: more than a busy proxy in front of the
/// appliance opens, too few to fill the table with.
const SYN_RATE_MAX: u64 = 500;
/// Addresses whose rates are told apart; those that share a place share a rate.
const SYN_PLACE_COUNT: usize = 1024;

/// What opens TLS: one for each worker.
#[derive(Debug)]
pub struct Interception {
    /// Sessions with servers.
    pub upstream: Upstream,
    /// Sessions with clients.
    pub downstream: Downstream,
    /// The worker's end of the threads that make certificates.
    pub minter: Minter,
    /// What certificates are judged by; the host sets it.
    pub clock: Arc<Clock>,
}

/// Shared parts of terminated flows.
#[derive(Debug)]
pub(crate) struct Terminator {
    pub(super) memory: Memory,
    pub(super) settings: Settings,
    pub(super) interception: Option<Interception>,
    pub(super) observed: ObservedAddresses,
    /// What the relays hold.
    pub(super) budget: HoldBudget,
    /// Flows that wait for a certificate, by their question.
    asked: HashMap<u64, FlowId>,
    next_ticket: u64,
    steps_left: u32,
    syns: Syns,
}

impl Terminator {
    pub(crate) fn new(
        interception: Option<Interception>,
        isn_secret: [u8; 16],
        memory_bytes_max: usize,
        mtu: usize,
        now: Timestamp,
    ) -> Self {
        Self {
            // Half for what is received and sent, half for what is held until its verdict.
            memory: Memory::new(memory_bytes_max / 2),
            settings: Settings { key: IsnKey::new(isn_secret), mtu },
            interception,
            observed: ObservedAddresses::new(),
            budget: HoldBudget::new(memory_bytes_max / 2),
            asked: HashMap::new(),
            next_ticket: 0,
            steps_left: STEP_COUNT_MAX,
            syns: Syns::new(now),
        }
    }

    /// A poll begins.
    pub(crate) const fn begin(&mut self) {
        self.steps_left = STEP_COUNT_MAX;
    }

    /// Takes a handshake step of this poll's, if there is one left.
    pub(super) const fn take_step(&mut self) -> bool {
        let may = self.steps_left > 0;
        self.steps_left = self.steps_left.saturating_sub(1);
        may
    }

    /// True if this address may open another flow.
    pub(crate) fn may_open(&mut self, client: IpAddr, now: Timestamp) -> bool {
        self.syns.take(client, now)
    }

    /// A question of a flow to the threads that make certificates.
    pub(super) fn ask(&mut self, flow: FlowId) -> Ticket {
        self.next_ticket += 1;
        self.asked.insert(self.next_ticket, flow);
        Ticket(self.next_ticket)
    }

    /// The flow does not wait any more.
    pub(super) fn forget(&mut self, ticket: Ticket) {
        self.asked.remove(&ticket.0);
    }

    /// The next answer, and the flow that asked and still waits.
    pub(crate) fn poll_minted(&mut self) -> Option<(FlowId, Ticket, Option<Minted>)> {
        if self.asked.is_empty() {
            return None;
        }
        loop {
            let (ticket, minted) = self.interception.as_mut()?.minter.poll()?;
            if let Some(flow) = self.asked.remove(&ticket.0) {
                return Some((flow, ticket, minted.ok()));
            }
        }
    }
}

/// How often clients open connections: token buckets by a keyed hash of the address.
#[derive(Debug)]
struct Syns {
    hasher: std::hash::RandomState,
    places: Box<[(u32, Timestamp)]>,
}

impl Syns {
    fn new(now: Timestamp) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "a small constant")]
        let full = (SYN_RATE_MAX as u32, now);
        Self { hasher: std::hash::RandomState::new(), places: vec![full; SYN_PLACE_COUNT].into() }
    }

    fn take(&mut self, client: IpAddr, now: Timestamp) -> bool {
        let mut hasher = self.hasher.build_hasher();
        match client.to_canonical() {
            IpAddr::V4(address) => hasher.write(&address.octets()),
            // One host has a whole network of addresses (RFC 4291 section 2.5.4).
            IpAddr::V6(address) => hasher.write(address.octets().first_chunk::<8>().unwrap_or(&[0; 8])),
        }
        let place = usize::try_from(hasher.finish()).unwrap_or(0) % SYN_PLACE_COUNT;
        let Some((tokens, refilled_at)) = self.places.get_mut(place) else { return false };
        let per_token = Duration::from_secs(1).as_nanos() / u128::from(SYN_RATE_MAX);
        let refill = u128::from(now.nanos_since(*refilled_at)) / per_token;
        if refill > 0 {
            *tokens = u64::from(*tokens).saturating_add(u64::try_from(refill).unwrap_or(SYN_RATE_MAX)).min(SYN_RATE_MAX)
                as u32;
            *refilled_at = now;
        }
        let may = *tokens > 0;
        *tokens = tokens.saturating_sub(1);
        may
    }
}
