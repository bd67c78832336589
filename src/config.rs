//! `sovereign.toml`: how this box runs. What the policy allows stands in a file of its own.

mod file;

use crate::failure::{Context, Failure};
use crate::regular;
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
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Ports {
    /// Toward the users: a PCI address or a DPDK vdev.
    pub(crate) inside: String,
    /// Toward the providers.
    pub(crate) outside: String,
    /// Longest IP packet of a frame on either port, in bytes.
    pub(crate) mtu: u16,
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
    /// PEM files of authorities that servers may have beside the built-in ones.
    pub(crate) extra_roots: Vec<PathBuf>,
    pub(crate) clients: TlsClients,
}

/// Which clients may use what is opened.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TlsClients {
    /// A PEM file of authorities: only clients with a certificate of one of them. Empty: all clients.
    pub(crate) ca: PathBuf,
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
    /// Where metrics are served.
    pub(crate) metrics: SocketAddr,
    /// Whether that may be an address that other machines reach: there is no password.
    pub(crate) metrics_public: bool,
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

impl Default for Ports {
    fn default() -> Self {
        Self { inside: String::new(), outside: String::new(), mtu: 1500 }
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
            clients: TlsClients::default(),
        }
    }
}

impl Tls {
    /// The file of the authority's key; nothing if it is somewhere else.
    pub(crate) fn key_file(&self) -> Option<&Path> {
        self.ca_key.strip_prefix("file:").filter(|path| !path.is_empty()).map(Path::new)
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
        Self {
            socket: "/run/sovereign/admin.sock".into(),
            metrics: SocketAddr::from(([127, 0, 0, 1], 9464)),
            metrics_public: false,
        }
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

/// Bytes of the longest configuration that is read: a thousand times what one has.
const CONFIG_BYTES_MAX: u64 = 4 << 20;
/// A frame of this MTU, with Ethernet header and two VLAN tags, fills a jumbo buffer (9216 bytes).
const MTU_MAX: u64 = 9194;
/// Buffers that a worker's receive rings take: 1024 of each port.
const RING_FRAMES_PER_WORKER: u64 = 2048;

/// Records for which a worker has to get credits: for sixteen exchanges at a time, each of which begins with two.
const RECORDS_PER_WORKER_MIN: u64 = 32;

/// A value that cannot be.
#[derive(Debug)]
struct Problem {
    /// `section.key`.
    key: &'static str,
    why: String,
    advice: String,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// Every problem of the file, each with its place, or that it cannot be read.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let (config, problems) = Self::read_leniently(path)?;
        if problems.is_empty() { Ok(config) } else { Err(Failure::all_usage(problems)) }
    }

    /// Reads what can be read of a file, and lists the problems of the rest.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn read_leniently(path: &Path) -> Result<(Self, Vec<String>), Failure> {
        let advice = "name a readable file with --config, or print the defaults with `sovereign config show`";
        let text = regular::read_text(path, CONFIG_BYTES_MAX)
            .or_usage(format_args!("cannot read {}", path.display()), advice)?;
        Ok(file::parse(&path.display().to_string(), &text))
    }

    /// Checks that a gateway can run on it, also with what the command line says beside the file.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let unset = [("inside", &self.ports.inside), ("outside", &self.ports.outside)].map(|(side, device)| {
            let line = || format!("ports.{side} is not set; name a PCI address or a DPDK vdev, or use --{side}");
            device.is_empty().then(line)
        });
        let wrong = self.problems().into_iter().map(|Problem { why, advice, .. }| format!("{why}; {advice}"));
        let all: Vec<String> = unset.into_iter().flatten().chain(wrong).collect();
        if all.is_empty() {
            return Ok(());
        }
        Err(Failure::all_usage(all.into_iter().map(|line| format!("unusable configuration: {line}")).collect()))
    }

    /// Bytes of the smallest segment with which every worker gets on: credits for records are granted for one segment's
    /// worth at most, in equal shares.
    pub(crate) fn segment_bytes_min(&self) -> u64 {
        ::audit::segment_bytes_for((self.dataplane.lcores.len() as u64).saturating_mul(RECORDS_PER_WORKER_MIN))
    }

    /// Values that cannot be.
    fn problems(&self) -> Vec<Problem> {
        let Self { gateway, ports, dataplane, tls, audit, admin, policy } = self;
        let id_is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let mut found = Vec::new();
        let mut refuse = |key, is_wrong: bool, why: &str, advice: &str| {
            if is_wrong {
                found.push(Problem { key, why: format!("{key} {why}"), advice: advice.to_owned() });
            }
        };
        let id = gateway.id.as_str();
        let is_id = !id.is_empty() && id.len() <= 64 && id.bytes().all(id_is_plain);
        refuse("gateway.id", !is_id, "is no id", "take 1 to 64 letters, digits, '-', '_' or '.'");
        let is_one_device = !ports.inside.is_empty() && ports.inside == ports.outside;
        refuse(
            "ports.outside",
            is_one_device,
            "is the same device as ports.inside",
            "give each side a port of its own",
        );
        for (key, device) in [("ports.inside", &ports.inside), ("ports.outside", &ports.outside)] {
            let advice = "write a PCI address such as 0000:03:00.0 or a vdev such as net_af_xdp0,iface=eth1";
            refuse(key, !device.is_empty() && !is_device(device), &format!("= \"{device}\" is no device"), advice);
        }
        refuse("dataplane.lcores", dataplane.lcores.is_empty(), "is empty", "name at least one core");
        refuse("dataplane.lcores", has_repetition(&dataplane.lcores), "names a core twice", "name each core once");
        let ranges = [
            ("ports.mtu", u64::from(ports.mtu), 1280..=MTU_MAX, "1280 to 9194"),
            ("dataplane.flow_count_max", u64::from(dataplane.flow_count_max), 64..=1 << 24, "64 to 16777216"),
            ("dataplane.hold_bytes_max", dataplane.hold_bytes_max as u64, 4096..=1 << 24, "4096 to 16777216"),
            (
                "dataplane.message_bytes_max",
                dataplane.message_bytes_max as u64,
                65_536..=1 << 30,
                "65536 to 1073741824",
            ),
            ("dataplane.store_bytes_max", dataplane.store_bytes_max as u64, 65_536..=u64::MAX, "at least 65536"),
            ("dataplane.datagram_bytes_max", dataplane.datagram_bytes_max as u64, 1500..=9216, "1500 to 9216"),
            ("dataplane.mbuf_count", u64::from(dataplane.mbuf_count), 1024..=1 << 24, "1024 to 16777216"),
            (
                "audit.segment_bytes",
                audit.segment_bytes,
                ::audit::SEGMENT_BYTES_MIN..=::audit::SEGMENT_BYTES_MAX,
                "4096 to 1073741824",
            ),
        ];
        for (key, value, range, text) in ranges {
            refuse(
                key,
                !range.contains(&value),
                &format!("= {value} is out of range: {text}"),
                "choose another number",
            );
        }
        let audit_bytes_min = self.segment_bytes_min();
        refuse(
            "audit.segment_bytes",
            (::audit::SEGMENT_BYTES_MIN..audit_bytes_min).contains(&audit.segment_bytes),
            &format!(
                "= {} holds {} records, and dataplane.lcores need {}",
                audit.segment_bytes,
                ::audit::records_per_segment(audit.segment_bytes),
                ::audit::records_per_segment(audit_bytes_min),
            ),
            &format!("choose at least {audit_bytes_min}, or fewer lcores"),
        );
        let ring_frames = (dataplane.lcores.len() as u64).saturating_mul(RING_FRAMES_PER_WORKER);
        refuse(
            "dataplane.mbuf_count",
            (1024..=ring_frames).contains(&u64::from(dataplane.mbuf_count)),
            &format!("= {} is no more than the receive rings take: {ring_frames}", dataplane.mbuf_count),
            "configure more buffers, or fewer lcores",
        );
        refuse(
            "dataplane.store_bytes_worker_max",
            dataplane.store_bytes_worker_max < dataplane.store_bytes_max,
            "is less than store_bytes_max",
            "a worker has to keep what one flow may",
        );
        let is_hidden = admin.metrics.ip().to_canonical().is_loopback() || admin.metrics_public;
        let advice = "choose a loopback address, or allow it with metrics_public = true";
        refuse("admin.metrics", !is_hidden, "is an address that other machines reach", advice);
        let advice = "write file: and the path of a PEM file; other places are not supported yet";
        refuse("tls.ca_key", tls.key_file().is_none(), "is no place of a key", advice);
        let paths = [
            ("tls.ca_cert", &tls.ca_cert),
            ("audit.dir", &audit.dir),
            ("admin.socket", &admin.socket),
            ("policy.file", &policy.file),
        ];
        for (key, path) in paths {
            refuse(key, path.as_os_str().is_empty(), "is empty", "name a path");
        }
        found
    }
}

/// The grammar of devices; a build without DPDK has none.
#[cfg(feature = "dpdk")]
fn is_device(text: &str) -> bool {
    text.parse::<dpdk::DeviceName>().is_ok()
}

#[cfg(not(feature = "dpdk"))]
const fn is_device(_text: &str) -> bool {
    true
}

fn has_repetition(lcores: &[u32]) -> bool {
    let mut sorted = lcores.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| pair.first() == pair.last())
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
    fn buffers_have_to_be_more_than_the_receive_rings_take() {
        let keys = |lcores: Vec<u32>, mbuf_count| {
            let dataplane = Dataplane { lcores, mbuf_count, ..Dataplane::default() };
            let config = Config { dataplane, ..Config::default() };
            config.problems().iter().map(|problem| problem.key).collect::<Vec<_>>()
        };
        assert!(keys(vec![1], 4096).is_empty());
        assert_eq!(keys(vec![1, 2], 4096), ["dataplane.mbuf_count"]);
        assert!(keys((1..=15).collect(), 32_768).is_empty());
        assert_eq!(keys((1..=16).collect(), 32_768), ["dataplane.mbuf_count"]);
    }

    #[test]
    fn a_segment_of_the_audit_log_holds_what_all_workers_need() {
        let told = |lcores: Vec<u32>, segment_bytes| -> Vec<String> {
            let audit = Audit { segment_bytes, ..Audit::default() };
            let config = Config { audit, dataplane: Dataplane { lcores, ..Dataplane::default() }, ..Config::default() };
            config.problems().into_iter().map(|Problem { why, advice, .. }| format!("{why}; {advice}")).collect()
        };
        let least = ::audit::segment_bytes_for(RECORDS_PER_WORKER_MIN);
        let line = format!(
            "audit.segment_bytes = 4096 holds 1 records, and dataplane.lcores need 32; choose at least {least}, or fewer lcores"
        );
        assert_eq!(told(vec![1], 4096), [line]);
        assert!(told(vec![1], least).is_empty() && told(vec![1], 65_536).is_empty());
        assert_eq!(told(vec![1, 2], least).len(), 1);
        assert_eq!(told(vec![1], 4095).len(), 1, "it is told once");
        assert!(told((0..12).collect(), Audit::default().segment_bytes).is_empty());
    }

    #[test]
    fn the_shipped_configuration_is_good() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/etc/sovereign.toml");
        let config = Config::read(Path::new(path)).unwrap();
        config.check().unwrap();
    }
}
