//! A filter that drops every frame at an interface's ingress.
//!
//! In the kernel's receive path packet sockets get their copy first, then the traffic classifier's
//! ingress hook runs, then bridges, VLANs and the protocols (`__netif_receive_skb_core`). The filter
//! sits at that hook: a `clsact` queueing discipline with a classic BPF program of one instruction
//! whose result is the verdict, what `tc filter add dev X ingress bpf bytecode '1,6 0 0 2' da` makes.

use super::netlink::{Body, CREATE, EXCLUSIVE, Netlink, REPLACE};
use rustix::io::Errno;

const NEW_QDISC: u16 = 36;
const DEL_QDISC: u16 = 37;
const NEW_FILTER: u16 = 44;
const DEL_FILTER: u16 = 45;
const GET_FILTER: u16 = 46;

/// `struct tcmsg`: family, index, handle, parent, info.
const MESSAGE_LEN: usize = 20;
const CLSACT_HANDLE: u32 = 0xffff_0000;
const CLSACT_PARENT: u32 = 0xffff_fff1;
const INGRESS_PARENT: u32 = 0xffff_fff2;

const KIND: u16 = 1;
const OPTIONS: u16 = 2;

const BPF_OPS_LEN: u16 = 4;
const BPF_OPS: u16 = 5;
const BPF_FLAGS: u16 = 8;
/// The program's result is the verdict, not a class.
const BPF_DIRECT: u32 = 1;

/// `BPF_RET | BPF_K`: end with a constant.
const RETURN_CONSTANT: u16 = 0x06;
/// `TC_ACT_SHOT`.
const DROP: u32 = 2;

/// Before all others.
const PRIORITY: u32 = 1;
const HANDLE: u32 = 1;
/// `ETH_P_ALL`: frames of every ethertype.
const ALL_PROTOCOLS: u16 = 3;

/// The filter of an interface.
#[derive(Debug)]
pub(super) struct Filter {
    index: u32,
    /// The discipline was not there before.
    made_qdisc: bool,
}

impl Filter {
    /// Puts the filter in place; one that is left from before is replaced.
    pub(super) fn install(netlink: &Netlink, index: u32) -> Result<Self, Errno> {
        let mut filter = Self { index, made_qdisc: false };
        if let Err(error) = filter.reinstall(netlink) {
            // The reason of the failure is worth more than that of the undoing.
            let _second = filter.remove_qdisc(netlink);
            return Err(error);
        }
        Ok(filter)
    }

    /// Puts the filter in place where it is no more.
    pub(super) fn reinstall(&mut self, netlink: &Netlink) -> Result<(), Errno> {
        match netlink.change(NEW_QDISC, CREATE | EXCLUSIVE, &self.qdisc_body()) {
            Ok(()) => self.made_qdisc = true,
            Err(Errno::EXIST) => {}
            Err(error) => return Err(error),
        }
        netlink.change(NEW_FILTER, CREATE | REPLACE, &self.body().with_nested(OPTIONS, &program()))
    }

    /// True if the filter is in place and still the one that drops everything.
    pub(super) fn is_installed(&self, netlink: &Netlink) -> Result<bool, Errno> {
        let answer = match netlink.ask(GET_FILTER, &self.body()) {
            Ok(answer) => answer,
            Err(Errno::NOENT | Errno::INVAL) => return Ok(false),
            Err(error) => return Err(error),
        };
        let options = answer.attributes(MESSAGE_LEN).nested(OPTIONS);
        let direct = options.number(BPF_FLAGS).is_some_and(|flags| flags & BPF_DIRECT != 0);
        Ok(direct && options.find(BPF_OPS) == Some(&instruction()))
    }

    /// Takes the filter away, and the discipline if it was made for it.
    pub(super) fn remove(&self, netlink: &Netlink) -> Result<(), Errno> {
        let filter = gone_is_fine(netlink.change(DEL_FILTER, 0, &self.body()));
        let qdisc = self.remove_qdisc(netlink);
        filter.and(qdisc)
    }

    fn remove_qdisc(&self, netlink: &Netlink) -> Result<(), Errno> {
        if !self.made_qdisc {
            return Ok(());
        }
        gone_is_fine(netlink.change(DEL_QDISC, 0, &self.qdisc_body()))
    }

    fn qdisc_body(&self) -> Body {
        Body::of(&[0, self.index, CLSACT_HANDLE, CLSACT_PARENT, 0]).with_text(KIND, "clsact")
    }

    /// What names the filter.
    fn body(&self) -> Body {
        let info = PRIORITY << 16 | u32::from(ALL_PROTOCOLS.to_be());
        Body::of(&[0, self.index, HANDLE, INGRESS_PARENT, info]).with_text(KIND, "bpf")
    }
}

/// The program and how its result is meant.
fn program() -> Body {
    Body::default()
        .with(BPF_OPS_LEN, &1_u16.to_ne_bytes())
        .with(BPF_OPS, &instruction())
        .with(BPF_FLAGS, &BPF_DIRECT.to_ne_bytes())
}

/// `struct sock_filter`: code, two jumps, constant.
fn instruction() -> [u8; 8] {
    let [a, b] = RETURN_CONSTANT.to_ne_bytes();
    let [c, d, e, f] = DROP.to_ne_bytes();
    [a, b, 0, 0, c, d, e, f]
}

fn gone_is_fine(result: Result<(), Errno>) -> Result<(), Errno> {
    match result {
        Err(Errno::NOENT | Errno::NODEV | Errno::INVAL) => Ok(()),
        other => other,
    }
}
