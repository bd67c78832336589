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
//! The filter stays when the process is killed: the wire is down then, not open. It says whose it is and how the
//! interface was, so that an interface has one owner at a time, and the next one can give back what the first took.
//! [`Isolation::undo`] takes all of it back, for a clean exit. [`Isolation::check`] tells, for little, whether it still
//! holds; a host calls it once a second.
//!
//! Everything is asked of the network namespace of the calling thread, over rtnetlink(7) and
//! `/proc/sys/net`. Not here: the netfilter hooks behind the filter (they see no frame any more), and
//! offloads that merge frames (`ethtool -K IFACE gro off lro off` is the operator's).

mod ingress;
mod link;
mod mark;
mod netlink;
mod sysctl;
mod turn;

use core::net::IpAddr;
use link::Interface;
use mark::{Mark, Process};
use netlink::Netlink;
use rustix::io::Errno;
use thiserror::Error;
use turn::Turn;

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
    /// Another process has isolated it, and runs.
    #[error(
        "interface {interface} belongs to a gateway that runs as process {pid}; stop that one, or name another interface"
    )]
    Owned {
        /// The interface.
        interface: String,
        /// The process.
        pid: u32,
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

/// Finds whether the kernel, or another gateway, uses an interface for anything of its own.
///
/// An IPv6 link-local address is not a reason: every interface has one.
///
/// # Errors
/// It does, or it cannot be found out.
pub fn inspect(interface: &str) -> Result<(), KernelPathError> {
    let netlink = open(interface)?;
    let found = find(&netlink, interface)?;
    find_mark(&netlink, &found)?;
    inspect_found(&netlink, &found)
}

/// An interface that was taken away from the kernel. Dropping this does not give it back.
#[derive(Debug)]
pub struct Isolation {
    netlink: Netlink,
    interface: Interface,
    mark: Mark,
}

impl Isolation {
    /// Takes an interface away from the kernel; what was changed is taken back if something fails.
    ///
    /// What the owner of an isolation that is left over noted of the interface is taken for how it was.
    ///
    /// # Errors
    /// The kernel or another gateway uses the interface ([`inspect`]), or something was refused.
    pub fn apply(interface: &str) -> Result<Self, KernelPathError> {
        let netlink = open(interface)?;
        let found = find(&netlink, interface)?;
        let _turn = wait_for_turn(&found)?;
        let left = find_mark(&netlink, &found)?;
        inspect_found(&netlink, &found)?;
        let owner = Process::own().map_err(|cause| refused(interface, "read the process's state", cause))?;
        let mark = match left {
            Some(left) => Mark { owner, ..left },
            None => Mark {
                owner,
                made_qdisc: false,
                flags: found.flags,
                settings: sysctl::read_all(interface).map_err(|(what, cause)| refused(interface, what, cause))?,
            },
        };
        let mut isolation = Self { netlink, interface: found, mark };
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
    /// The kernel or another gateway uses the interface now ([`inspect`]), or something was refused.
    pub fn reapply(&mut self) -> Result<(), KernelPathError> {
        let found = find(&self.netlink, &self.interface.name)?;
        let _turn = wait_for_turn(&found)?;
        self.check_owner(&found)?;
        inspect_found(&self.netlink, &found)?;
        self.tighten()
    }

    fn tighten(&mut self) -> Result<(), KernelPathError> {
        let (name, index) = (&self.interface.name, self.interface.index);
        let filter = |cause| refused(name, "drop frames at the ingress", cause);
        self.mark.made_qdisc |= ingress::make_qdisc(&self.netlink, index).map_err(filter)?;
        ingress::install(&self.netlink, index, &self.mark).map_err(filter)?;
        sysctl::tighten(name).map_err(|(what, cause)| refused(name, what, cause))?;
        link::set_up(&self.netlink, index).map_err(|cause| refused(name, "set the link state", cause))
    }

    /// The interface's name.
    #[must_use]
    pub fn interface(&self) -> &str {
        &self.interface.name
    }

    /// Finds whether the isolation still holds; a handful of system calls.
    ///
    /// # Errors
    /// The interface is gone, the kernel or another gateway has begun to use it, or a setting was changed.
    pub fn check(&self) -> Result<(), KernelPathError> {
        let name = &self.interface.name;
        let found = find(&self.netlink, name)?;
        if found.index != self.interface.index {
            return Err(KernelPathError::Missing { interface: name.clone() });
        }
        let mark = self.check_owner(&found)?;
        inspect_found(&self.netlink, &found)?;
        let changed = |what| KernelPathError::Changed { interface: name.clone(), what };
        match sysctl::first_changed(name) {
            Some(what) => Err(changed(what)),
            None if mark.as_ref() != Some(&self.mark) => Err(changed("the ingress filter")),
            None => Ok(()),
        }
    }

    /// Gives the interface back to the kernel as it was, once no port needs it any more; one that another gateway has
    /// taken meanwhile is left alone.
    ///
    /// # Errors
    /// Something was refused; the rest was done all the same.
    pub fn undo(self) -> Result<(), KernelPathError> {
        let name = &self.interface.name;
        if let Err(KernelPathError::Owned { .. }) = self.check_owner(&self.interface) {
            return Ok(());
        }
        let settings = sysctl::restore(name, &self.mark.settings).map_err(|(what, cause)| refused(name, what, cause));
        let state = link::restore_flags(&self.netlink, self.interface.index, self.mark.flags);
        let filter = ingress::remove(&self.netlink, self.interface.index, self.mark.made_qdisc);
        settings?;
        state.map_err(|cause| refused(name, "set the link state", cause))?;
        filter.map_err(|cause| refused(name, "remove the ingress filter", cause))
    }

    /// The mark on the interface, unless it is that of another gateway which runs.
    fn check_owner(&self, found: &Interface) -> Result<Option<Mark>, KernelPathError> {
        match read_mark(&self.netlink, found)? {
            Some(mark) if mark.owner != self.mark.owner && mark.owner.is_running() => Err(owned(found, &mark)),
            mark => Ok(mark),
        }
    }
}

/// The mark that an owner who is gone left on an interface.
fn find_mark(netlink: &Netlink, found: &Interface) -> Result<Option<Mark>, KernelPathError> {
    match read_mark(netlink, found)? {
        Some(mark) if mark.owner.is_running() => Err(owned(found, &mark)),
        mark => Ok(mark),
    }
}

fn wait_for_turn(found: &Interface) -> Result<Turn, KernelPathError> {
    Turn::wait(found.index).map_err(|cause| refused(&found.name, "wait for another gateway that isolates it", cause))
}

fn read_mark(netlink: &Netlink, found: &Interface) -> Result<Option<Mark>, KernelPathError> {
    ingress::find(netlink, found.index).map_err(|cause| refused(&found.name, "read the ingress filter", cause))
}

fn owned(found: &Interface, mark: &Mark) -> KernelPathError {
    KernelPathError::Owned { interface: found.name.clone(), pid: mark.owner.pid }
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
