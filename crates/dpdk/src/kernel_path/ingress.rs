//! A filter that drops every frame at an interface's ingress.
//!
//! In the kernel's receive path packet sockets get their copy first, then the traffic classifier's
//! ingress hook runs, then bridges, VLANs and the protocols (`__netif_receive_skb_core`). The filter
//! sits at that hook: a `clsact` queueing discipline with a classic BPF program whose result is the
//! verdict, what `tc filter add dev X ingress bpf bytecode '1,6 0 0 2' da` makes. Before its end the program
//! loads the numbers of its [`Mark`].

use super::mark::Mark;
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

/// `BPF_LD | BPF_IMM`: load a constant.
const LOAD_CONSTANT: u16 = 0x00;
/// `BPF_RET | BPF_K`: end with a constant.
const RETURN_CONSTANT: u16 = 0x06;
/// `TC_ACT_SHOT`.
const DROP: u32 = 2;

/// Before all others.
const PRIORITY: u32 = 1;
const HANDLE: u32 = 1;
/// `ETH_P_ALL`: frames of every ethertype.
const ALL_PROTOCOLS: u16 = 3;

/// The mark of the filter that drops everything on an interface, if there is one.
pub(super) fn find(netlink: &Netlink, index: u32) -> Result<Option<Mark>, Errno> {
    let answer = match netlink.ask(GET_FILTER, &filter(index)) {
        Ok(answer) => answer,
        Err(Errno::NOENT | Errno::INVAL) => return Ok(None),
        Err(error) => return Err(error),
    };
    let options = answer.attributes(MESSAGE_LEN).nested(OPTIONS);
    let direct = options.number(BPF_FLAGS).is_some_and(|flags| flags & BPF_DIRECT != 0);
    let (instructions, rest) = options.find(BPF_OPS).unwrap_or_default().as_chunks();
    let Some((end, loads)) = instructions.split_last().filter(|_| direct && rest.is_empty()) else { return Ok(None) };
    if *end != instruction(RETURN_CONSTANT, DROP) {
        return Ok(None);
    }
    let numbers: Option<Vec<u32>> = loads.iter().map(|load| loaded(*load)).collect();
    Ok(numbers.and_then(|numbers| Mark::of(&numbers)))
}

/// Makes the discipline that the filter hangs in; false if there is one already.
pub(super) fn make_qdisc(netlink: &Netlink, index: u32) -> Result<bool, Errno> {
    match netlink.change(NEW_QDISC, CREATE | EXCLUSIVE, &qdisc(index)) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Puts the filter in place of whatever is there.
pub(super) fn install(netlink: &Netlink, index: u32, mark: &Mark) -> Result<(), Errno> {
    netlink.change(NEW_FILTER, CREATE | REPLACE, &filter(index).with_nested(OPTIONS, &program(mark)))
}

/// Takes the filter away, and the discipline if it was made for it.
pub(super) fn remove(netlink: &Netlink, index: u32, made_qdisc: bool) -> Result<(), Errno> {
    let filter = gone_is_fine(netlink.change(DEL_FILTER, 0, &filter(index)));
    let qdisc = if made_qdisc { gone_is_fine(netlink.change(DEL_QDISC, 0, &qdisc(index))) } else { Ok(()) };
    filter.and(qdisc)
}

fn qdisc(index: u32) -> Body {
    Body::of(&[0, index, CLSACT_HANDLE, CLSACT_PARENT, 0]).with_text(KIND, "clsact")
}

/// What names the filter.
fn filter(index: u32) -> Body {
    let info = PRIORITY << 16 | u32::from(ALL_PROTOCOLS.to_be());
    Body::of(&[0, index, HANDLE, INGRESS_PARENT, info]).with_text(KIND, "bpf")
}

/// The program and how its result is meant.
fn program(mark: &Mark) -> Body {
    let loads = mark.numbers().into_iter().map(|number| instruction(LOAD_CONSTANT, number));
    let instructions: Vec<[u8; 8]> = loads.chain([instruction(RETURN_CONSTANT, DROP)]).collect();
    let count = u16::try_from(instructions.len()).unwrap_or(u16::MAX);
    Body::default()
        .with(BPF_OPS_LEN, &count.to_ne_bytes())
        .with(BPF_OPS, instructions.as_flattened())
        .with(BPF_FLAGS, &BPF_DIRECT.to_ne_bytes())
}

/// `struct sock_filter`: code, two jumps, constant.
const fn instruction(code: u16, constant: u32) -> [u8; 8] {
    let [a, b] = code.to_ne_bytes();
    let [c, d, e, f] = constant.to_ne_bytes();
    [a, b, 0, 0, c, d, e, f]
}

/// The constant that an instruction loads, if that is what it does.
fn loaded(bytes: [u8; 8]) -> Option<u32> {
    let [.., c, d, e, f] = bytes;
    let constant = u32::from_ne_bytes([c, d, e, f]);
    (bytes == instruction(LOAD_CONSTANT, constant)).then_some(constant)
}

fn gone_is_fine(result: Result<(), Errno>) -> Result<(), Errno> {
    match result {
        Err(Errno::NOENT | Errno::NODEV | Errno::INVAL) => Ok(()),
        other => other,
    }
}
