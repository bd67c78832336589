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
}

impl Default for Limits {
    fn default() -> Self {
        Self { pipeline_depth_max: 64, hold_time_max: Duration::from_secs(30), check_time_max: Duration::from_secs(5) }
    }
}
