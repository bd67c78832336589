//! `sovereign.toml`: how this box runs. What the policy allows stands in a file of its own.

use crate::failure::{Context, Failure};
use core::net::SocketAddr;
use core::time::Duration;
use management::SyncMode;
use management::core::ParseSyncModeError;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The configuration file. Every value has a default, which `sovereign config show` prints.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    pub(crate) gateway: Gateway,
    pub(crate) ports: Ports,
    pub(crate) dataplane: Dataplane,
    pub(crate) tls: Tls,
    pub(crate) audit: Audit,
    pub(crate) admin: Admin,
    pub(crate) policy: Policy,
}

/// Who this gateway is.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Gateway {
    /// Stands in every record; an audit directory belongs to one gateway.
    pub(crate) id: String,
}

/// The two ports of the bump in the wire.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Ports {
    /// Toward the users: a PCI address or a DPDK vdev.
    pub(crate) inside: String,
    /// Toward the providers.
    pub(crate) outside: String,
}

/// Where huge pages come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) enum Hugepages {
    /// 1 GiB pages if reserved, else 2 MiB pages.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    /// 1 GiB pages.
    #[serde(rename = "1G")]
    Giga,
    /// 2 MiB pages.
    #[serde(rename = "2M")]
    Mega,
    /// Ordinary memory.
    #[serde(rename = "none")]
    None,
}

/// The data plane's cores and limits.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Dataplane {
    /// One worker a core.
    pub(crate) lcores: Vec<u32>,
    pub(crate) hugepages: Hugepages,
    /// Flows a worker.
    pub(crate) flow_count_max: u32,
    /// Undecided bytes, per flow.
    pub(crate) hold_bytes_max: usize,
    /// Forwarded, unacknowledged bytes, per flow and direction.
    pub(crate) store_bytes_max: usize,
    /// The same of all flows of a worker.
    pub(crate) store_bytes_worker_max: usize,
    /// Held units of a worker, terminate mode.
    pub(crate) hold_bytes_worker_max: usize,
    /// Longest message, terminate mode.
    pub(crate) message_bytes_max: usize,
    /// Payload of the longest datagram put together from fragments.
    pub(crate) datagram_bytes_max: usize,
    /// Packet buffers of both ports together.
    pub(crate) mbuf_count: u32,
    /// How long a flow whose mode became stricter may go on.
    pub(crate) policy_drain_ms_max: u64,
    /// How long an exchange may wait for the audit log before it is blocked.
    pub(crate) audit_wait_ms_max: u64,
}

/// Certificates of the terminate mode.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Tls {
    pub(crate) ca_cert: PathBuf,
    pub(crate) ca_key: String,
    pub(crate) extra_roots: Vec<PathBuf>,
}

/// The audit log.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Audit {
    pub(crate) dir: PathBuf,
    /// At most this much is at risk in a power cut; `always` waits for the disk before each release.
    pub(crate) sync: Sync,
    pub(crate) segment_bytes: u64,
}

/// When records reach the disk, as the file says it: `always`, or a time such as `50ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Sync(pub(crate) SyncMode);

/// The control interface.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Admin {
    pub(crate) socket: PathBuf,
    /// Where metrics are served; loopback only.
    pub(crate) metrics: SocketAddr,
}

/// The policy's place.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Policy {
    pub(crate) file: PathBuf,
}

impl Default for Gateway {
    fn default() -> Self {
        Self { id: "sovereign".to_owned() }
    }
}

impl Default for Dataplane {
    fn default() -> Self {
        Self {
            lcores: vec![1],
            hugepages: Hugepages::Auto,
            flow_count_max: 65_536,
            hold_bytes_max: 65_536,
            store_bytes_max: 1 << 20,
            store_bytes_worker_max: 256 << 20,
            hold_bytes_worker_max: 1 << 30,
            message_bytes_max: 8 << 20,
            datagram_bytes_max: 9216,
            mbuf_count: 32_768,
            policy_drain_ms_max: 5000,
            audit_wait_ms_max: 5000,
        }
    }
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            ca_cert: "/etc/sovereign/ca.pem".into(),
            ca_key: "file:/etc/sovereign/ca.key".to_owned(),
            extra_roots: Vec::new(),
        }
    }
}

impl Default for Audit {
    fn default() -> Self {
        Self {
            dir: "/var/lib/sovereign/audit".into(),
            sync: Sync(SyncMode::Interval(Duration::from_millis(50))),
            segment_bytes: 64 << 20,
        }
    }
}

impl Default for Admin {
    fn default() -> Self {
        Self { socket: "/run/sovereign/admin.sock".into(), metrics: SocketAddr::from(([127, 0, 0, 1], 9464)) }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self { file: "/etc/sovereign/policy.toml".into() }
    }
}

impl TryFrom<String> for Sync {
    type Error = ParseSyncModeError;

    fn try_from(text: String) -> Result<Self, ParseSyncModeError> {
        text.parse().map(Self)
    }
}

impl From<Sync> for String {
    fn from(sync: Sync) -> Self {
        match sync.0 {
            SyncMode::Always => "always".to_owned(),
            SyncMode::Interval(interval) => format!("{}ms", interval.as_millis()),
        }
    }
}

impl Config {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let advice = "name a readable file with --config, or print the defaults with `sovereign config show`";
        let text = std::fs::read_to_string(path).or_usage(format_args!("cannot read {}", path.display()), advice)?;
        toml::from_str(&text).map_err(|error| {
            let (line, column) = place(&text, error.span().map_or(0, |span| span.start));
            Failure::usage(format_args!("{}:{line}:{column}: {}", path.display(), error.message().replace('\n', " ")))
        })
    }

    /// Checks what one value alone does not show.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let dataplane = &self.dataplane;
        let id_is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let problems = [
            (
                self.gateway.id.is_empty() || self.gateway.id.len() > 64 || !self.gateway.id.bytes().all(id_is_plain),
                "gateway.id must be 1 to 64 letters, digits, '-', '_' or '.'",
            ),
            (
                self.ports.inside.is_empty(),
                "ports.inside is not set: name a PCI address or a DPDK vdev, or use --inside",
            ),
            (
                self.ports.outside.is_empty(),
                "ports.outside is not set: name a PCI address or a DPDK vdev, or use --outside",
            ),
            (
                !self.ports.inside.is_empty() && self.ports.inside == self.ports.outside,
                "ports.inside and ports.outside are the same device",
            ),
            (dataplane.lcores.is_empty(), "dataplane.lcores is empty: name at least one core"),
            (has_repetition(&dataplane.lcores), "dataplane.lcores names a core twice"),
            (!(64..=1 << 24).contains(&dataplane.flow_count_max), "dataplane.flow_count_max must be 64 to 16777216"),
            (
                !(4096..=1 << 24).contains(&dataplane.hold_bytes_max),
                "dataplane.hold_bytes_max must be 4096 to 16777216",
            ),
            (dataplane.store_bytes_max < 65_536, "dataplane.store_bytes_max must be at least 65536"),
            (
                dataplane.store_bytes_worker_max < dataplane.store_bytes_max,
                "dataplane.store_bytes_worker_max must not be below store_bytes_max",
            ),
            (
                !(1500..=9216).contains(&dataplane.datagram_bytes_max),
                "dataplane.datagram_bytes_max must be 1500 to 9216",
            ),
            (!(1024..=1 << 24).contains(&dataplane.mbuf_count), "dataplane.mbuf_count must be 1024 to 16777216"),
            (!self.admin.metrics.ip().is_loopback(), "admin.metrics must be a loopback address"),
        ];
        match problems.iter().find(|(is_wrong, _)| *is_wrong) {
            Some((_, message)) => Err(Failure::usage(format_args!("unusable configuration: {message}"))),
            None => Ok(()),
        }
    }
}

fn has_repetition(lcores: &[u32]) -> bool {
    let mut sorted = lcores.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| pair.first() == pair.last())
}

/// Line and column of a byte, both from 1.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before.get(line_start..).unwrap_or_default().chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_can_be_printed_and_read_again() {
        let text = toml::to_string(&Config::default()).unwrap();
        let read: Config = toml::from_str(&text).unwrap();
        assert_eq!(toml::to_string(&read).unwrap(), text);
    }

    #[test]
    fn the_shipped_configuration_is_good() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/etc/sovereign.toml");
        let config = Config::read(Path::new(path)).unwrap();
        config.check().unwrap();
    }
}
