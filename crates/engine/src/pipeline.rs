//! What decides beyond the rules of the policy.

use crate::Ticket;
use core::task::Poll;
use net::Direction;
use policy::Verdict;

/// One complete body or message, as far as it is known when its last byte waits.
#[derive(Clone, Copy, Debug)]
pub struct Unit {
    /// Which way it goes.
    pub direction: Direction,
    /// The strictest verdict of the rules so far.
    pub verdict: Verdict,
    /// Identifies the question, should it have to wait for its answer.
    pub ticket: Ticket,
}

/// A step between the rules' verdict and the release of a unit: the place for checks that are not
/// detectors.
///
/// An `Err` is a block, and stays one. `Pending` parks the exchange until
/// [`Exchange::resume`](crate::Exchange::resume) or the deadline, which is a block.
pub trait Pipeline {
    /// Why the step failed.
    type Error;

    /// Decides about a unit whose last byte is still held.
    ///
    /// # Errors
    /// If it cannot decide.
    fn sanitize(&mut self, unit: &Unit) -> Result<Poll<Verdict>, Self::Error>;
}

/// The pipeline of a policy's rules alone: their verdict is the verdict.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules;

impl Pipeline for Rules {
    type Error = core::convert::Infallible;

    fn sanitize(&mut self, unit: &Unit) -> Result<Poll<Verdict>, Self::Error> {
        Ok(Poll::Ready(unit.verdict))
    }
}
