use core::time::Duration;

/// What one connection may ask of the engine. Reaching a limit is a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests that wait for their answers on one connection. Clients that pipeline send a
    /// handful; each one pins an exchange.
    pub pipeline_depth_max: usize,
    /// How long undecided bytes of a request may wait for more.
    pub hold_time_max: Duration,
    /// How long a slow check may take.
    pub check_time_max: Duration,
    /// Bytes of a request that a relay holds until its verdict: head, body and its framing. A longer
    /// one is refused with 413.
    pub message_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pipeline_depth_max: 64,
            hold_time_max: Duration::from_secs(30),
            check_time_max: Duration::from_secs(5),
            message_bytes_max: 8 << 20,
        }
    }
}
