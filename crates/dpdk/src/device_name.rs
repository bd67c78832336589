//! The names of ports: a PCI address, or a virtual device and its arguments.

use core::fmt;
use core::str::FromStr;
use std::path::PathBuf;
use thiserror::Error;

/// Longest name (before the first comma) that ethdev keeps, its terminating zero not counted.
const NAME_BYTES_MAX: usize = 63;

/// Longest name with arguments; a bound for what an operator may write, far above what any driver
/// takes.
const TEXT_BYTES_MAX: usize = 4096;

/// The arguments of kernel-backed drivers that name a network interface.
const INTERFACE_KEYS: &[&str] = &["iface", "rx_iface", "rx_iface_in", "tx_iface"];

/// A port by name, as an operator writes it: a PCI address (`0000:03:00.0`) or a virtual device
/// (`net_af_xdp0,iface=c0`), either with driver arguments behind a comma.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DeviceName {
    text: String,
    name_len: usize,
    pci: bool,
}

/// Why a text is not the name of a port. All of them are the operator's to mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidDeviceName {
    /// Nothing was written.
    #[error(
        "the device name is empty; write a PCI address (0000:03:00.0) or a virtual device (net_af_xdp0,iface=eth0)"
    )]
    Empty,
    /// Longer than any driver takes.
    #[error("the device name is too long: at most 63 bytes before the first comma, 4096 in all")]
    TooLong,
    /// A control character or one outside ASCII.
    #[error("the device name has a character that is not printable ASCII")]
    Character,
    /// Neither `DDDD:BB:DD.F` nor `net_<driver><number>`.
    #[error("not a device name; write a PCI address (0000:03:00.0) or a virtual device (net_af_xdp0,iface=eth0)")]
    Form,
    /// An argument that is not `key=value`.
    #[error("a device argument is not key=value; arguments follow the name, separated by commas")]
    Argument,
}

impl DeviceName {
    /// The whole text: name and arguments.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name alone, by which ethdev knows the port; a PCI address is in its long form.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text.get(..self.name_len).unwrap_or_default()
    }

    /// True for a PCI address, false for a virtual device.
    #[must_use]
    pub const fn is_pci(&self) -> bool {
        self.pci
    }

    /// The arguments behind the name, as written.
    pub fn arguments(&self) -> impl Iterator<Item = (&str, &str)> {
        self.text.split(',').skip(1).filter_map(|argument| argument.split_once('='))
    }

    /// True for a port over an interface of the kernel, which takes rights over the network.
    #[must_use]
    pub fn is_kernel_backed(&self) -> bool {
        self.kernel_interfaces().next().is_some()
    }

    /// The network interfaces of the kernel that this port takes its frames from.
    ///
    /// Empty for a port that bypasses the kernel, and for one that makes an interface of its own.
    pub fn kernel_interfaces(&self) -> impl Iterator<Item = &str> {
        let backed = ["net_af_xdp", "net_af_packet", "net_pcap"].iter().any(|driver| self.name().starts_with(driver));
        self.arguments().filter(move |(key, _)| backed && INTERFACE_KEYS.contains(key)).map(|(_, value)| value)
    }

    /// The device's directory in sysfs, if it is a PCI device.
    pub(crate) fn sysfs(&self) -> Option<PathBuf> {
        self.pci.then(|| PathBuf::from("/sys/bus/pci/devices").join(self.name()))
    }
}

impl FromStr for DeviceName {
    type Err = InvalidDeviceName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(InvalidDeviceName::Empty);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
            return Err(InvalidDeviceName::Character);
        }
        let (name, arguments) = text.split_once(',').map_or((text, None), |(name, rest)| (name, Some(rest)));
        if name.len() > NAME_BYTES_MAX || text.len() > TEXT_BYTES_MAX {
            return Err(InvalidDeviceName::TooLong);
        }
        let address = long_pci_address(name);
        if address.is_none() && !is_virtual_device(name) {
            return Err(InvalidDeviceName::Form);
        }
        if arguments.is_some_and(|arguments| !arguments.split(',').all(is_argument)) {
            return Err(InvalidDeviceName::Argument);
        }
        let pci = address.is_some();
        let name = address.unwrap_or_else(|| name.to_owned());
        let name_len = name.len();
        let text = arguments.map_or_else(|| name.clone(), |arguments| format!("{name},{arguments}"));
        Ok(Self { text, name_len, pci })
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for DeviceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, formatter)
    }
}

/// `[DDDD:]BB:DD.F` with the domain written out and in lower case, as sysfs and ethdev have it.
fn long_pci_address(text: &str) -> Option<String> {
    let (front, function) = text.split_once('.')?;
    let mut fields = front.rsplit(':');
    let device = hex(fields.next()?, 2)?;
    let bus = hex(fields.next()?, 2)?;
    let domain = fields.next().map_or(Some(0), |domain| hex(domain, 4))?;
    let function = hex(function, 1)?;
    let legal = fields.next().is_none() && device < 0x20 && function < 8;
    legal.then(|| format!("{domain:04x}:{bus:02x}:{device:02x}.{function:x}"))
}

/// Exactly `digits` hexadecimal digits.
fn hex(text: &str, digits: usize) -> Option<u16> {
    let legal = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    legal.then(|| u16::from_str_radix(text, 16).ok()).flatten()
}

/// `net_<driver><instance>`: lower case letters, digits and underscores.
fn is_virtual_device(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.strip_prefix("net_")
        .is_some_and(|driver| driver.starts_with(|first: char| first.is_ascii_lowercase()) && driver.bytes().all(legal))
}

fn is_argument(text: &str) -> bool {
    text.split_once('=').is_some_and(|(key, _)| !key.is_empty() && !key.contains(' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<DeviceName, InvalidDeviceName> {
        text.parse()
    }

    #[test]
    fn a_pci_address_is_known_by_its_long_form() {
        for text in ["0000:03:00.0", "03:00.0"] {
            let name = parse(text).unwrap();
            assert!(name.is_pci());
            assert_eq!(name.as_str(), "0000:03:00.0");
        }
        assert_eq!(parse("0000:AF:1f.7").unwrap().name(), "0000:af:1f.7");
        assert_eq!(parse("03:00.0,representor=0").unwrap().name(), "0000:03:00.0");
    }

    #[test]
    fn the_forms_of_virtual_devices_that_the_manual_names_are_accepted() {
        let names = [
            "net_af_xdp0,iface=c0",
            "net_af_packet0,iface=c0",
            "net_memif0,role=server,id=1",
            "net_pcap0,rx_pcap=/tmp/a b.pcap,infinite_rx=1",
            "net_null0",
            "net_ring",
        ];
        for text in names {
            let name = parse(text).unwrap();
            assert!(!name.is_pci());
            assert_eq!(name.as_str(), text);
        }
    }

    #[test]
    fn only_ports_that_are_backed_by_the_kernel_name_interfaces() {
        let interfaces = |text: &str| parse(text).unwrap().kernel_interfaces().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(interfaces("net_af_xdp0,iface=c0,queue_count=1"), ["c0"]);
        assert_eq!(interfaces("net_pcap0,rx_iface=a,tx_iface=b"), ["a", "b"]);
        assert!(interfaces("net_tap0,iface=tap0").is_empty());
        assert!(interfaces("net_null0").is_empty());
    }

    #[test]
    fn what_is_no_device_name_is_refused_with_its_reason() {
        assert_eq!(parse(""), Err(InvalidDeviceName::Empty));
        assert_eq!(parse("net_null0\n"), Err(InvalidDeviceName::Character));
        assert_eq!(parse("net_nüll0"), Err(InvalidDeviceName::Character));
        for text in ["eth0", "--vdev=net_null0", "0000:03:20.0", "0000:03:00.8", "3:0.0", "net_", "net_0", "1:2:3:4.5"]
        {
            assert_eq!(parse(text), Err(InvalidDeviceName::Form), "{text}");
        }
        assert_eq!(parse("net_null0,"), Err(InvalidDeviceName::Argument));
        assert_eq!(parse("net_null0,size"), Err(InvalidDeviceName::Argument));
        assert_eq!(parse(&format!("net_{}", "a".repeat(60))), Err(InvalidDeviceName::TooLong));
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_is_the_inverse_of_display(text in "(net_[a-z]{1,8}|[0-9a-f]{2}:[01][0-9].[0-7])?.{0,40}") {
            if let Ok(name) = parse(&text) {
                prop_assert_eq!(parse(&name.to_string()).unwrap(), name);
            }
        }
    }
}
