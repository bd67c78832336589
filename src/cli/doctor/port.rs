//! What a configured port rests on.

use super::finding::Need;
use crate::config::Config;

/// A configured port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Port {
    /// A NIC that DPDK drives.
    Pci(String),
    /// Interfaces of the kernel, through AF_XDP, AF_PACKET or pcap.
    Kernel { driver: String, interfaces: Vec<String> },
    /// Neither: memory, a file, another process.
    Virtual,
}

impl Port {
    /// The ports that a configuration names.
    pub(super) fn of(config: &Config) -> Vec<Self> {
        [&config.ports.inside, &config.ports.outside]
            .into_iter()
            .filter(|text| !text.is_empty())
            .map(|text| parse(text))
            .collect()
    }
}

/// `name[,key=value]...`, where the name is a vdev's or a PCI address.
fn parse(text: &str) -> Port {
    let (name, arguments) = text.split_once(',').unwrap_or((text, ""));
    if !name.starts_with("net_") {
        let name = name.to_ascii_lowercase();
        return Port::Pci(if name.matches(':').count() == 1 { format!("0000:{name}") } else { name });
    }
    let driver = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if !["net_af_xdp", "net_af_packet", "net_pcap"].contains(&driver) {
        return Port::Virtual;
    }
    let keys = ["iface", "rx_iface", "rx_iface_in", "tx_iface"];
    let pairs = arguments.split(',').filter_map(|argument| argument.split_once('='));
    let mut interfaces: Vec<String> =
        pairs.filter(|(key, _)| keys.contains(key)).map(|(_, value)| value.to_owned()).collect();
    interfaces.dedup();
    if interfaces.is_empty() { Port::Virtual } else { Port::Kernel { driver: driver.to_owned(), interfaces } }
}

/// Whether any of the ports is of a kind.
pub(super) fn need(ports: &[Port], is_of_kind: impl Fn(&Port) -> bool) -> Need {
    match ports {
        [] => Need::Unknown,
        ports if ports.iter().any(is_of_kind) => Need::Sure,
        _ => Need::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_known_by_what_they_rest_on() {
        assert_eq!(parse("03:00.0"), Port::Pci("0000:03:00.0".to_owned()));
        assert_eq!(parse("0000:AF:00.1,representor=0"), Port::Pci("0000:af:00.1".to_owned()));
        assert_eq!(parse("net_null0"), Port::Virtual);
        assert_eq!(parse("net_pcap0,rx_pcap=a.pcap,infinite_rx=1"), Port::Virtual);
        let kernel = |driver: &str, interfaces: &[&str]| Port::Kernel {
            driver: driver.to_owned(),
            interfaces: interfaces.iter().map(|name| (*name).to_owned()).collect(),
        };
        assert_eq!(parse("net_af_xdp0,iface=c0,start_queue=1"), kernel("net_af_xdp", &["c0"]));
        assert_eq!(parse("net_pcap12,rx_iface=a,tx_iface=b"), kernel("net_pcap", &["a", "b"]));
    }
}
