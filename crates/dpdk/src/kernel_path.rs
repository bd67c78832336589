//! Keeps the kernel from being a second path around the inspector.
//!
//! A port on `net_af_xdp`, `net_af_packet` or `net_pcap` shares its interface with the kernel, which
//! may answer, route or bridge the same frames by itself. So such an interface is refused where the
//! kernel uses it ([`inspect`]), and taken away from the kernel before the port starts
//! ([`Isolation::apply`]):
//!
//! - IPv6 is switched off on it, forwarding of both families too; ARP is not answered, redirects and
//!   source routes are not taken;
//! - a filter at its ingress drops every frame before the kernel's protocols see it. Packet sockets
//!   get their copy earlier, and AF_XDP before both, so ports receive all the same;
//! - it is set up.
//!
//! The filter stays when the process is killed: the wire is down then, not open. [`Isolation::undo`]
//! takes all of it back, for a clean exit. [`Isolation::check`] tells, for little, whether it still
//! holds; a host calls it once a second.
//!
//! Everything is asked of the network namespace of the calling thread, over rtnetlink(7) and
//! `/proc/sys/net`. Not here: the netfilter hooks behind the filter (they see no frame any more), and
//! offloads that merge frames (`ethtool -K IFACE gro off lro off` is the operator's).

mod ingress;
mod link;
mod netlink;
mod sysctl;

use core::net::IpAddr;
use link::Interface;
use netlink::Netlink;
use rustix::io::Errno;
use sysctl::Settings;
use thiserror::Error;

/// Why the kernel would be, or has become, a second path. The operator's to mend.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KernelPathError {
    /// There is no such interface here.
    #[error("interface {interface} does not exist; see `ip link`")]
    Missing {
        /// The interface.
        interface: String,
    },
    /// The kernel answers on it.
    #[error("interface {interface} carries the address {address}; remove it: ip addr flush dev {interface}")]
    Address {
        /// The interface.
        interface: String,
        /// An address of it.
        address: IpAddr,
    },
    /// The kernel bridges or bonds it.
    #[error("interface {interface} is a member of {master}; take it out: ip link set {interface} nomaster")]
    Member {
        /// The interface.
        interface: String,
        /// The bridge, bond, team or VRF.
        master: String,
    },
    /// The kernel uses it through another interface.
    #[error("interface {upper} is stacked on {interface}; remove it: ip link del {upper}")]
    Stacked {
        /// The interface.
        interface: String,
        /// A VLAN, MACVLAN or the like on top.
        upper: String,
    },
    /// What [`Isolation::apply`] set is not so any more.
    #[error("{what} of interface {interface} was changed while it is isolated; find out by whom")]
    Changed {
        /// The interface.
        interface: String,
        /// Which setting.
        what: &'static str,
    },
    /// The system refused something.
    #[error("could not {step} on interface {interface}: {cause}; run as root or grant CAP_NET_ADMIN")]
    Refused {
        /// The interface.
        interface: String,
        /// What was tried.
        step: &'static str,
        /// What the system said.
        cause: Errno,
    },
}

/// Finds whether the kernel uses an interface for anything of its own.
///
/// An IPv6 link-local address is not a reason: every interface has one.
///
/// # Errors
/// It does, or it cannot be found out.
pub fn inspect(interface: &str) -> Result<(), KernelPathError> {
    let netlink = open(interface)?;
    let found = find(&netlink, interface)?;
    inspect_found(&netlink, &found)
}

/// An interface that was taken away from the kernel. Dropping this does not give it back.
#[derive(Debug)]
pub struct Isolation {
    netlink: Netlink,
    interface: Interface,
    filter: ingress::Filter,
    settings: Settings,
}

impl Isolation {
    /// Takes an interface away from the kernel; what was changed is taken back if something fails.
    ///
    /// # Errors
    /// The kernel uses the interface ([`inspect`]), or something was refused.
    pub fn apply(interface: &str) -> Result<Self, KernelPathError> {
        let netlink = open(interface)?;
        let found = find(&netlink, interface)?;
        inspect_found(&netlink, &found)?;
        let filter = ingress::Filter::install(&netlink, found.index)
            .map_err(|cause| refused(interface, "drop frames at the ingress", cause))?;
        let settings = Settings::new(interface);
        let mut isolation = Self { netlink, interface: found, filter, settings };
        if let Err(error) = isolation.tighten() {
            // The reason of the failure is worth more than that of the undoing.
            let _second = isolation.undo();
            return Err(error);
        }
        Ok(isolation)
    }

    /// Sets again what was changed since [`Isolation::apply`].
    ///
    /// # Errors
    /// The kernel uses the interface now ([`inspect`]), or something was refused.
    pub fn reapply(&mut self) -> Result<(), KernelPathError> {
        let name = &self.interface.name;
        inspect_found(&self.netlink, &find(&self.netlink, name)?)?;
        self.filter.reinstall(&self.netlink).map_err(|cause| refused(name, "drop frames at the ingress", cause))?;
        self.tighten()
    }

    fn tighten(&mut self) -> Result<(), KernelPathError> {
        let name = &self.interface.name;
        self.settings.apply().map_err(|(what, cause)| refused(name, what, cause))?;
        link::set_up(&self.netlink, self.interface.index).map_err(|cause| refused(name, "set the link state", cause))
    }

    /// The interface's name.
    #[must_use]
    pub fn interface(&self) -> &str {
        &self.interface.name
    }

    /// Finds whether the isolation still holds; a handful of system calls.
    ///
    /// # Errors
    /// The interface is gone, the kernel has begun to use it, or a setting was changed.
    pub fn check(&self) -> Result<(), KernelPathError> {
        let name = &self.interface.name;
        let found = find(&self.netlink, name)?;
        if found.index != self.interface.index {
            return Err(KernelPathError::Missing { interface: name.clone() });
        }
        inspect_found(&self.netlink, &found)?;
        let changed = |what| KernelPathError::Changed { interface: name.clone(), what };
        if let Some(what) = self.settings.first_changed() {
            return Err(changed(what));
        }
        match self.filter.is_installed(&self.netlink) {
            Ok(true) => Ok(()),
            Ok(false) => Err(changed("the ingress filter")),
            Err(cause) => Err(refused(name, "read the ingress filter", cause)),
        }
    }

    /// Gives the interface back to the kernel as it was, once no port needs it any more. After a crash, what was isolated before is
    /// taken for how it was.
    ///
    /// # Errors
    /// Something was refused; the rest was done all the same.
    pub fn undo(self) -> Result<(), KernelPathError> {
        let name = &self.interface.name;
        let settings = self.settings.restore().map_err(|(what, cause)| refused(name, what, cause));
        let state = link::restore_flags(&self.netlink, &self.interface);
        let filter = self.filter.remove(&self.netlink);
        settings?;
        state.map_err(|cause| refused(name, "set the link state", cause))?;
        filter.map_err(|cause| refused(name, "remove the ingress filter", cause))
    }
}

fn inspect_found(netlink: &Netlink, found: &Interface) -> Result<(), KernelPathError> {
    let interface = || found.name.clone();
    let failed = |cause| refused(&found.name, "read the state", cause);
    if let Some(master) = found.master {
        let master = link::name_of(netlink, master).map_err(failed)?;
        return Err(KernelPathError::Member { interface: interface(), master });
    }
    let addresses = link::addresses(netlink, found.index).map_err(failed)?;
    if let Some(&address) = addresses.iter().find(|address| !link::is_harmless(address)) {
        return Err(KernelPathError::Address { interface: interface(), address });
    }
    match link::stacked_on(netlink, found.index).map_err(failed)? {
        Some(upper) => Err(KernelPathError::Stacked { interface: interface(), upper }),
        None => Ok(()),
    }
}

fn open(interface: &str) -> Result<Netlink, KernelPathError> {
    Netlink::open().map_err(|cause| refused(interface, "ask the kernel", cause))
}

fn find(netlink: &Netlink, interface: &str) -> Result<Interface, KernelPathError> {
    let found = link::find(netlink, interface).map_err(|cause| refused(interface, "read the state", cause))?;
    found.ok_or_else(|| KernelPathError::Missing { interface: interface.to_owned() })
}

fn refused(interface: &str, step: &'static str, cause: Errno) -> KernelPathError {
    KernelPathError::Refused { interface: interface.to_owned(), step, cause }
}
