//! What a worker keeps of a flow.

use crate::enforce::Refusal;
use crate::link::Link;
use crate::terminate::Terminated;
use crate::worker::Opening;
use audit::Record;
use audit::queue::{Credit, Ticket};
use core::time::Duration;
use engine::Tap;
use net::buffer::Buffer;
use net::frame::protocol;
use net::tcp::{Connection, Seq};
use net::{Direction, Side, Timestamp};
use policy::Mode;

/// A TCP flow that never got an answer, or whose answer nobody confirmed.
pub(crate) const HALF_OPEN_TIME_MAX: Duration = Duration::from_secs(10);
/// A flow that says nothing: longer than the keep-alive interval of common stacks (2 h), so that
/// idle connections survive.
pub(crate) const IDLE_TIME_MAX: Duration = Duration::from_secs(7500);
/// A UDP flow that says nothing.
pub(crate) const UDP_IDLE_TIME_MAX: Duration = Duration::from_secs(60);
/// A flow both of whose ends have said goodbye: late duplicates of the last segments still pass.
pub(crate) const CLOSING_TIME_MAX: Duration = Duration::from_secs(10);
/// How long a blocked flow's address answers with resets.
const TOMBSTONE_TIME_MAX: Duration = Duration::from_secs(60);

/// A flow in the table. What a passing frame looks at comes first, so that it lies in one cache line with the key.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Flow<B> {
    pub(crate) state: State<B>,
    /// The policy that decided; none while the flow drains.
    pub(crate) generation: u32,
    /// In which step a passing frame was last heard: what waits for silence waits for seconds, and a line that is not
    /// written to need not be written back.
    pub(crate) passed_in: u32,
    /// Set once the policy became stricter than the flow's mode.
    pub(crate) drain_until: Option<Timestamp>,
    /// When something else than a passing frame was last heard.
    pub(crate) heard_at: Timestamp,
}

// A key has 40 bytes.
const _: () = assert!(size_of::<State<()>>() == 16, "with the key, a flow's first line");

/// A [`Flow::generation`] that no policy has.
pub(crate) const DRAINS: u32 = u32::MAX;

/// Steps of a worker's time: 67 ms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steps {
    pub(crate) start: Timestamp,
}

impl Steps {
    const SHIFT: u32 = 26;

    /// The step at this time; the last one goes on for ever.
    #[inline]
    pub(crate) fn at(self, now: Timestamp) -> u32 {
        u32::try_from(now.nanos_since(self.start) >> Self::SHIFT).unwrap_or(u32::MAX)
    }

    fn time(self, step: u32) -> Timestamp {
        self.start.after(Duration::from_nanos(u64::from(step) << Self::SHIFT))
    }
}

/// What is done with a flow's packets.
#[derive(Debug)]
pub(crate) enum State<B> {
    /// They pass.
    Forward(Forwarded),
    /// They are read.
    Inspect(Box<Inspected<B>>),
    /// They end in the appliance.
    Terminate(Box<Terminated>),
    /// They are answered with a reset.
    Tombstone,
}

/// How far a forwarded flow is toward its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forwarded {
    /// Who has spoken: inside, outside.
    pub(crate) spoken: [bool; 2],
    /// Something came that opens nothing: behind an answered SYN, what confirms the answer.
    pub(crate) is_past_opening: bool,
    /// FIN seen, by direction.
    pub(crate) fins: [bool; 2],
    /// RST seen.
    pub(crate) is_reset: bool,
    /// It passes because it is essential: each of its datagrams has to have the form of that.
    pub(crate) is_essential: bool,
    /// From where the SYN came that opened the flow, if it was seen, and its number: any other SYN is
    /// of another connection.
    pub(crate) opened_by: Option<(Side, Seq)>,
}

impl Forwarded {
    /// True once both ends have spoken and the connection stands.
    pub(crate) const fn is_open(self) -> bool {
        let [inside, outside] = self.spoken;
        inside && outside && self.is_past_opening
    }

    pub(crate) const fn is_closing(self) -> bool {
        let [upstream, downstream] = self.fins;
        self.is_reset || upstream && downstream
    }
}

/// What an inspected flow waits for before anything of it may be released.
#[derive(Debug)]
pub(crate) enum Wait {
    /// A credit for this `admit` record.
    Credit(Box<Record>),
    /// The record to be on disk.
    Commit(Ticket),
}

/// An inspected connection.
#[derive(Debug)]
pub(crate) struct Inspected<B> {
    pub(crate) connection: Connection<B>,
    pub(crate) tap: Tap,
    /// Ethernet header and tags of each direction, for segments of our own.
    pub(crate) links: [Link; 2],
    /// Credits for the last records of exchanges that were admitted.
    pub(crate) credits: Vec<Credit>,
    pub(crate) wait: Option<(Wait, Timestamp)>,
    /// The end of a direction was told to the tap.
    pub(crate) ended: [bool; 2],
    /// Bytes that the appliance owes a receiver, by direction.
    pub(crate) debts: [Option<Debt>; 2],
    /// Since when segments wait behind a hole, by direction.
    pub(crate) early_since: [Option<Timestamp>; 2],
    /// Its place among those that were opened last.
    pub(crate) opening: Option<Opening>,
    /// Set once the flow is blocked and the client is being told.
    pub(crate) refusal: Option<Refusal>,
    /// The flow stands in the queue of those that wait for the audit log.
    pub(crate) is_queued: bool,
    /// The flow stands in the list of those to be decided at the end of the burst.
    pub(crate) is_undecided: bool,
    /// Held segments that the worker's gauge counts for this flow, and those behind holes.
    pub(crate) counted_held: u64,
    pub(crate) counted_early: u64,
}

/// Bytes that were acknowledged to their sender while they were held, and that the receiver has
/// not acknowledged yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Debt {
    /// When they are sent again, once they are released.
    pub(crate) retry_at: Timestamp,
    /// How often they were since the receiver last acknowledged anything.
    pub(crate) tries: u32,
    /// What it had acknowledged then.
    pub(crate) acked: u64,
    /// How often it has acknowledged the same since.
    pub(crate) repeats: u8,
}

impl<B> Inspected<B> {
    /// A frame of the flow has this link header.
    pub(crate) fn note_link(&mut self, direction: Direction, link: &[u8]) {
        let [upstream, downstream] = &mut self.links;
        let (own, other) =
            if direction == Direction::Upstream { (upstream, downstream) } else { (downstream, upstream) };
        own.pass(link);
        other.hear(link);
    }
}

impl<B> Flow<B> {
    /// The mode under which the flow is counted.
    pub(crate) const fn mode(&self) -> Mode {
        match self.state {
            State::Forward(_) => Mode::Forward,
            State::Inspect(_) => Mode::Inspect,
            State::Terminate(_) => Mode::Terminate,
            State::Tombstone => Mode::Block,
        }
    }

    /// The mode that it is in: a flow may end here on both sides and be passed on all the same.
    pub(crate) fn granted(&self) -> Mode {
        if let State::Terminate(flow) = &self.state { flow.granted() } else { self.mode() }
    }
}

impl<B: Buffer> Flow<B> {
    /// When something was last heard.
    pub(crate) fn last_heard(&self, steps: Steps) -> Timestamp {
        self.heard_at.max(steps.time(self.passed_in))
    }

    /// How long a flow of this protocol may be silent.
    pub(crate) fn idle_time(&self, protocol: u8) -> Duration {
        match &self.state {
            State::Forward(forwarded) if forwarded.is_closing() => CLOSING_TIME_MAX,
            State::Forward(_) if protocol == protocol::UDP => UDP_IDLE_TIME_MAX,
            State::Forward(forwarded) if !forwarded.is_open() => HALF_OPEN_TIME_MAX,
            State::Forward(_) => IDLE_TIME_MAX,
            State::Inspect(inspected) => inspected.idle_time(),
            State::Terminate(terminated) => terminated.idle_time(),
            State::Tombstone => TOMBSTONE_TIME_MAX,
        }
    }
}
