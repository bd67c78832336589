use core::time::Duration;
use net::tcp::StreamLimits;

/// When a record counts as kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordSync {
    /// Once it is in the queue to the management core; the disk follows within the sync interval.
    Queued,
    /// Once it is on disk.
    Durable,
}

/// What one worker may use. Reaching a limit is counted and fails closed.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Flows, of all modes, tombstones included.
    pub flow_count_max: u32,
    /// What one inspected flow may keep, per direction; of the counts, which bound all flows together, one
    /// flow gets a share of what is left.
    pub stream: StreamLimits,
    /// Forwarded, unacknowledged bytes of all flows of the worker.
    pub store_bytes_worker_max: usize,
    /// Payload of the longest datagram that is put together from fragments.
    pub datagram_bytes_max: usize,
    /// How long a flow whose mode became stricter may go on.
    pub policy_drain_max: Duration,
    /// How long an exchange may wait for the audit log.
    pub audit_wait_max: Duration,
    /// When a record counts as kept.
    pub record_sync: RecordSync,
    /// Longest IP packet of both ports, in bytes.
    pub mtu: usize,
    /// Bytes of all terminated flows of the worker: what was received, and what is not acknowledged.
    pub hold_bytes_worker_max: usize,
    /// Longest request that is terminated.
    pub message_bytes_max: usize,
    /// The frames are a recording: its ends have got what they acknowledge, though it is still held here.
    pub is_recorded: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            flow_count_max: 65_536,
            stream: StreamLimits {
                hold_bytes_max: 65_536,
                store_bytes_max: 1 << 20,
                waiting_count_max: 8192,
                early_count_max: 4096,
            },
            store_bytes_worker_max: 256 << 20,
            datagram_bytes_max: 9216,
            policy_drain_max: Duration::from_millis(5000),
            audit_wait_max: Duration::from_millis(5000),
            record_sync: RecordSync::Queued,
            mtu: 1500,
            hold_bytes_worker_max: 1 << 30,
            message_bytes_max: 8 << 20,
            is_recorded: false,
        }
    }
}
