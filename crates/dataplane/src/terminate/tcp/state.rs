//! Where a connection is in its life, and how it gets from there to its end (RFC 9293 section 3.3.2).

/// The states of RFC 9293, and one before them: a SYN that came and is not answered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The client's SYN is here; it is answered once the server has answered.
    Held,
    /// Our SYN went out.
    SynSent,
    /// Our SYN-ACK went out.
    SynReceived,
    /// Both ways are open.
    Established,
    /// Our FIN went out.
    FinWait1,
    /// Our FIN was acknowledged; the peer may still send.
    FinWait2,
    /// The peer's FIN is here; we may still send.
    CloseWait,
    /// Both FINs went out, ours is not acknowledged.
    Closing,
    /// The peer's FIN came first; ours is not acknowledged.
    LastAck,
    /// Over; late segments are still answered.
    TimeWait,
    /// Over.
    Closed,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Both FINs were acknowledged.
    Finished,
    /// The peer sent a valid reset.
    Reset,
    /// The peer answered our SYN with a reset.
    Refused,
    /// The peer did not answer in time.
    TimedOut,
    /// We reset it.
    Aborted,
}

impl State {
    /// True where SYNs went both ways and the connection is not over.
    #[must_use]
    pub const fn is_synchronised(self) -> bool {
        !matches!(self, Self::Held | Self::SynSent | Self::SynReceived | Self::Closed)
    }

    /// True while the peer may still send bytes.
    #[must_use]
    pub const fn may_receive(self) -> bool {
        matches!(self, Self::Established | Self::FinWait1 | Self::FinWait2)
    }

    /// True while we may still send bytes.
    #[must_use]
    pub const fn may_send(self) -> bool {
        matches!(self, Self::Established | Self::CloseWait)
    }

    /// Our FIN goes out.
    pub(super) const fn on_fin_sent(self) -> Self {
        match self {
            Self::Established | Self::SynReceived => Self::FinWait1,
            Self::CloseWait => Self::LastAck,
            Self::Held
            | Self::SynSent
            | Self::FinWait1
            | Self::FinWait2
            | Self::Closing
            | Self::LastAck
            | Self::TimeWait
            | Self::Closed => self,
        }
    }

    /// Our FIN was acknowledged.
    pub(super) const fn on_fin_acked(self) -> Self {
        match self {
            Self::FinWait1 => Self::FinWait2,
            Self::Closing => Self::TimeWait,
            Self::LastAck => Self::Closed,
            Self::Held
            | Self::SynSent
            | Self::SynReceived
            | Self::Established
            | Self::FinWait2
            | Self::CloseWait
            | Self::TimeWait
            | Self::Closed => self,
        }
    }

    /// The peer's FIN came in order.
    pub(super) const fn on_fin_received(self) -> Self {
        match self {
            Self::Established | Self::SynReceived => Self::CloseWait,
            Self::FinWait1 => Self::Closing,
            Self::FinWait2 => Self::TimeWait,
            Self::Held
            | Self::SynSent
            | Self::CloseWait
            | Self::Closing
            | Self::LastAck
            | Self::TimeWait
            | Self::Closed => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [State; 11] = [
        State::Held,
        State::SynSent,
        State::SynReceived,
        State::Established,
        State::FinWait1,
        State::FinWait2,
        State::CloseWait,
        State::Closing,
        State::LastAck,
        State::TimeWait,
        State::Closed,
    ];

    #[test]
    fn every_pair_of_state_and_event_is_as_the_rfc_draws_it() {
        let moved = |step: fn(State) -> State| {
            ALL.iter().filter(|state| step(**state) != **state).map(|state| (*state, step(*state))).collect::<Vec<_>>()
        };
        use State::{CloseWait, Closed, Closing, Established, FinWait1, FinWait2, LastAck, SynReceived, TimeWait};
        assert_eq!(moved(State::on_fin_sent), [(SynReceived, FinWait1), (Established, FinWait1), (CloseWait, LastAck)]);
        assert_eq!(moved(State::on_fin_acked), [(FinWait1, FinWait2), (Closing, TimeWait), (LastAck, Closed)]);
        assert_eq!(
            moved(State::on_fin_received),
            [(SynReceived, CloseWait), (Established, CloseWait), (FinWait1, Closing), (FinWait2, TimeWait)]
        );
    }
}
