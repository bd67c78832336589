//! The kernel as a second path: refused, closed, watched, and opened again. In namespaces of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use dpdk::kernel_path::{Isolation, KernelPathError, inspect};
use dpdk::{BufferSize, Port, PortConfig, Queues};
use net::buffer::Buffer;
use net::device::Burst;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use support::{eal, frame, in_own_network, pool};

fn sh(command: &str) -> String {
    let output = Command::new("sh").args(["-ec", command]).output().unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Two ends of a cable, up.
fn cable(a: &str, b: &str) {
    sh(&format!("ip link add {a} type veth peer name {b}; ip link set {a} up; ip link set {b} up"));
}

fn sysctl(path: &str) -> String {
    fs::read_to_string(format!("/proc/sys/net/{path}")).unwrap().trim().to_owned()
}

#[test]
fn an_interface_that_the_kernel_uses_is_refused_with_the_reason() {
    in_own_network("an_interface_that_the_kernel_uses_is_refused_with_the_reason", || {
        assert!(matches!(inspect("c0").unwrap_err(), KernelPathError::Missing { .. }));
        let name_too_long = inspect("an-interface-name-too-long").unwrap_err();
        assert!(matches!(name_too_long, KernelPathError::Missing { .. }), "{name_too_long}");
        cable("c0", "c1");
        inspect("c0").expect("a link-local address is no reason");

        // A label that does not look like the interface's name must not hide the address.
        sh("ip addr add 192.0.2.1/24 dev c0 label c0:x");
        let refused = inspect("c0").unwrap_err();
        assert_eq!(
            refused,
            KernelPathError::Address { interface: "c0".to_owned(), address: "192.0.2.1".parse().unwrap() }
        );
        sh("ip addr flush dev c0 && ip addr add 2001:db8::1/64 dev c0");
        assert!(matches!(inspect("c0").unwrap_err(), KernelPathError::Address { .. }));
        sh("ip addr flush dev c0");
        inspect("c0").unwrap();

        sh("ip link add br0 type bridge && ip link set c0 master br0");
        let refused = inspect("c0").unwrap_err();
        assert_eq!(refused, KernelPathError::Member { interface: "c0".to_owned(), master: "br0".to_owned() });
        sh("ip link set c0 nomaster");
        inspect("c0").unwrap();
    });
}

#[test]
fn an_interface_under_another_is_refused() {
    in_own_network("an_interface_under_another_is_refused", || {
        cable("c0", "c1");
        let stacked = ["macvlan", "ipvlan"].iter().find(|kind| {
            Command::new("ip").args(["link", "add", "up0", "link", "c0", "type", kind]).status().unwrap().success()
        });
        if stacked.is_none() {
            println!("skipped: this kernel has neither macvlan nor ipvlan");
            return;
        }
        let refused = inspect("c0").unwrap_err();
        assert_eq!(refused, KernelPathError::Stacked { interface: "c0".to_owned(), upper: "up0".to_owned() });
    });
}

#[test]
fn isolating_takes_the_interface_from_the_kernel_and_undoing_gives_it_back() {
    in_own_network("isolating_takes_the_interface_from_the_kernel_and_undoing_gives_it_back", || {
        cable("c0", "c1");
        sh("ip link set c0 down; sysctl -qw net.ipv4.conf.c0.forwarding=1 net.ipv4.conf.c0.arp_ignore=1");
        let isolation = Isolation::apply("c0").unwrap();
        isolation.check().unwrap();
        assert_eq!(sysctl("ipv6/conf/c0/disable_ipv6"), "1");
        assert_eq!(sysctl("ipv4/conf/c0/forwarding"), "0");
        assert_eq!(sysctl("ipv4/conf/c0/arp_ignore"), "8");
        assert!(!sh("ip -6 addr show dev c0").contains("inet6"));
        assert!(sh("ip link show dev c0").contains(",UP"));
        assert!(sh("tc filter show dev c0 ingress").contains(",6 0 0 2'"));

        isolation.undo().unwrap();
        assert_eq!(sysctl("ipv6/conf/c0/disable_ipv6"), "0");
        assert_eq!(sysctl("ipv4/conf/c0/forwarding"), "1");
        assert_eq!(sysctl("ipv4/conf/c0/arp_ignore"), "1");
        assert!(!sh("ip link show dev c0").contains(",UP"));
        assert!(!sh("tc qdisc show dev c0").contains("clsact"));
    });
}

#[test]
fn whatever_opens_the_path_again_is_seen_and_can_be_closed_again() {
    in_own_network("whatever_opens_the_path_again_is_seen_and_can_be_closed_again", || {
        cable("c0", "c1");
        let mut isolation = Isolation::apply("c0").unwrap();
        let changes = [
            ("sysctl -qw net.ipv4.conf.c0.forwarding=1", "forwarding"),
            ("sysctl -qw net.ipv6.conf.c0.disable_ipv6=0", "disable_ipv6"),
            ("tc filter del dev c0 ingress", "the ingress filter"),
            ("tc qdisc del dev c0 clsact", "the ingress filter"),
            ("tc filter replace dev c0 ingress prio 1 handle 1 bpf bytecode '1,6 0 0 0' da", "the ingress filter"),
        ];
        for (command, what) in changes {
            sh(command);
            let found = isolation.check().unwrap_err();
            assert_eq!(found, KernelPathError::Changed { interface: "c0".to_owned(), what }, "{command}");
            isolation.reapply().unwrap();
            isolation.check().unwrap();
        }
        sh("ip addr add 192.0.2.1/24 dev c0");
        assert!(matches!(isolation.check().unwrap_err(), KernelPathError::Address { .. }));
        assert!(matches!(isolation.reapply().unwrap_err(), KernelPathError::Address { .. }));
        sh("ip addr flush dev c0; ip link add br0 type bridge; ip link set c0 master br0");
        assert!(matches!(isolation.check().unwrap_err(), KernelPathError::Member { .. }));
        sh("ip link del c0");
        assert!(matches!(isolation.check().unwrap_err(), KernelPathError::Missing { .. }));
        isolation.undo().unwrap_err();
    });
}

#[test]
fn isolating_again_after_a_crash_works_and_a_refusal_changes_nothing() {
    in_own_network("isolating_again_after_a_crash_works_and_a_refusal_changes_nothing", || {
        cable("c0", "c1");
        sh("ip link set c0 down; sysctl -qw net.ipv4.conf.c0.arp_ignore=1");
        for _ in 0..2 {
            let test = std::env::current_exe().unwrap();
            let crashed = Command::new(test).args(["--ignored", "--exact", "isolates_and_ends"]).output().unwrap();
            assert!(crashed.status.success(), "{}", String::from_utf8_lossy(&crashed.stdout));
            assert!(sh("tc filter show dev c0 ingress").contains("bytecode"), "the wire stays down after a crash");
            assert_eq!(sysctl("ipv4/conf/c0/arp_ignore"), "8");
        }
        let again = Isolation::apply("c0").unwrap();
        again.check().unwrap();
        again.undo().unwrap();
        assert!(!sh("tc qdisc show dev c0").contains("clsact"));
        assert_eq!(sysctl("ipv4/conf/c0/arp_ignore"), "1");
        assert_eq!(sysctl("ipv6/conf/c0/disable_ipv6"), "0");
        assert!(!sh("ip link show dev c0").contains(",UP"));

        sh("ip addr add 192.0.2.1/24 dev c1");
        Isolation::apply("c1").unwrap_err();
        assert!(!sh("tc qdisc show dev c1").contains("clsact"));
        assert_eq!(sysctl("ipv6/conf/c1/disable_ipv6"), "0");
    });
}

/// What a test runs as a process of its own.
#[test]
#[ignore = "isolating_again_after_a_crash_works_and_a_refusal_changes_nothing runs it, in a process of its own"]
fn isolates_and_ends() {
    Isolation::apply("c0").unwrap();
}

#[test]
fn an_interface_has_one_owner_at_a_time() {
    in_own_network("an_interface_has_one_owner_at_a_time", || {
        cable("c0", "c1");
        let first = Isolation::apply("c0").unwrap();
        let owned = KernelPathError::Owned { interface: "c0".to_owned(), pid: std::process::id() };
        assert_eq!(inspect("c0").unwrap_err(), owned);
        assert_eq!(Isolation::apply("c0").unwrap_err(), owned);
        first.check().unwrap();
        first.undo().unwrap();
        // One that began at the same time and came last has it.
        let first = Isolation::apply("c0").unwrap();
        let filter = sh("tc filter show dev c0 ingress");
        let (before, after) = filter.split_once("bytecode '").unwrap().1.split_once('\'').unwrap().0.split_at(0);
        assert!(before.is_empty());
        let (own, other) = (format!("0 0 0 {},", std::process::id()), "0 0 0 1,");
        let start = fs::read_to_string("/proc/1/stat").unwrap();
        let ticks = start.rsplit_once(')').unwrap().1.split_whitespace().nth(19).unwrap().to_owned();
        let mut words: Vec<&str> = after.split(',').collect();
        let ticks = format!("0 0 0 {ticks}");
        assert_eq!(format!("{},", words[2]), own);
        (words[2], words[3], words[4]) = (other.trim_end_matches(','), "0 0 0 0", &ticks);
        sh(&format!("tc filter replace dev c0 ingress prio 1 handle 1 bpf bytecode '{}' da", words.join(",")));
        let owned = KernelPathError::Owned { interface: "c0".to_owned(), pid: 1 };
        let mut first = first;
        assert_eq!(first.check().unwrap_err(), owned);
        assert_eq!(first.reapply().unwrap_err(), owned);
        first.undo().unwrap();
        assert!(sh("tc filter show dev c0 ingress").contains("bytecode"), "it is another's");
        assert_eq!(sysctl("ipv4/conf/c0/arp_ignore"), "8");
    });
}

/// The same, that ends when its parent says so.
#[test]
#[ignore = "of_those_that_begin_at_the_same_time_one_has_the_interface runs it, in processes of their own"]
fn isolates_and_waits() {
    let mut parent = std::io::stdin().lock();
    println!("\nhere");
    parent.read_line(&mut String::new()).unwrap();
    let isolation = Isolation::apply("c0");
    match &isolation {
        Ok(_) => println!("mine"),
        Err(error) => println!("{error}"),
    }
    parent.read_to_end(&mut Vec::new()).unwrap();
    isolation.map(Isolation::undo).ok().transpose().unwrap();
}

#[test]
fn of_those_that_begin_at_the_same_time_one_has_the_interface() {
    in_own_network("of_those_that_begin_at_the_same_time_one_has_the_interface", || {
        cable("c0", "c1");
        let before = sysctl("ipv4/conf/c0/arp_ignore");
        for _ in 0..20 {
            let program = std::env::current_exe().unwrap();
            let arguments = ["--exact", "isolates_and_waits", "--ignored", "--nocapture", "--test-threads=1"];
            let start = |_| {
                let mut command = Command::new(&program);
                command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
            };
            let mut children: Vec<Child> = (0..4).map(start).collect();
            let read = |child: &mut Child| BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
            let mut said: Vec<_> = children.iter_mut().map(read).collect();
            said.iter_mut().for_each(|lines| assert!(lines.any(|line| line == "here")));
            children.iter_mut().for_each(|child| child.stdin.as_mut().unwrap().write_all(b"now\n").unwrap());
            let said: Vec<String> = said.iter_mut().map(|lines| lines.next().unwrap()).collect();
            let (mine, others): (Vec<_>, Vec<_>) = said.iter().partition(|line| *line == "mine");
            assert_eq!(mine.len(), 1, "{said:?}");
            assert!(others.iter().all(|line| line.contains("belongs to a gateway")), "{said:?}");
            for mut child in children {
                drop(child.stdin.take());
                assert!(child.wait_with_output().unwrap().status.success());
            }
            assert_eq!(sysctl("ipv4/conf/c0/arp_ignore"), before);
        }
    });
}

/// An IPv4 packet to 192.0.2.9 for everyone on the link.
fn broadcast_ipv4() -> Vec<u8> {
    let mut bytes = [[0xff; 6], [2, 0, 0, 0, 0, 1]].concat();
    bytes.extend([0x08, 0x00]);
    let mut header = vec![0x45, 0, 0, 46, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 9];
    let sum: u32 = header.as_chunks::<2>().0.iter().map(|pair| u32::from(u16::from_be_bytes(*pair))).sum();
    let checksum = !u16::try_from((sum & 0xffff) + (sum >> 16)).unwrap();
    header[10..12].copy_from_slice(&checksum.to_be_bytes());
    bytes.extend(header);
    bytes.resize(60, 0x55);
    bytes
}

/// IPv4 packets that the kernel's protocol has seen in this namespace.
fn kernel_saw() -> u64 {
    let text = fs::read_to_string("/proc/net/snmp").unwrap();
    let values = text.lines().filter(|line| line.starts_with("Ip:")).nth(1).unwrap();
    values.split_whitespace().nth(3).unwrap().parse().unwrap()
}

/// Sends ten frames from `c1` and returns what the port on `c0` receives.
fn receive_on(driver: &str) -> (usize, u64) {
    let (near, far) = (format!("{driver}0,iface=c0"), "net_af_packet9,iface=c1");
    let eal = eal(&[&near, far]);
    let packets = pool(&eal, 8191, BufferSize::Normal);
    let start = |name: &str| Port::start(&eal, &name.parse().unwrap(), &PortConfig::default(), &packets).unwrap();
    let (_near_port, Queues { rx: mut near_rx, tx: _near_tx }) = start(&near);
    let (_far_port, Queues { rx: _far_rx, tx: mut far_tx }) = start(far);
    let seen_before = kernel_saw();
    let mut burst: Burst<_> = (0..10).map(|_| frame(&packets, &broadcast_ipv4())).collect();
    let mut received = Burst::new();
    let mut clock = eal.clock();
    let end = clock.now().after(core::time::Duration::from_secs(2));
    while received.len() < 10 && clock.now() < end {
        far_tx[0].tx_burst(&mut burst);
        near_rx[0].rx_burst(&mut received);
        received.retain(|mbuf| mbuf.as_slice() == broadcast_ipv4());
    }
    (received.len(), kernel_saw() - seen_before)
}

#[test]
fn a_packet_port_receives_what_the_kernel_does_not_see() {
    in_own_network("a_packet_port_receives_what_the_kernel_does_not_see", || {
        cable("c0", "c1");
        let isolation = Isolation::apply("c0").unwrap();
        assert_eq!(receive_on("net_af_packet"), (10, 0));
        isolation.check().unwrap();
        isolation.undo().unwrap();
        assert!(!sh("ip link show dev c0").contains("PROMISC"), "what the port's driver set is given back, too");
    });
}

#[test]
fn without_isolation_the_kernel_sees_what_a_packet_port_receives() {
    in_own_network("without_isolation_the_kernel_sees_what_a_packet_port_receives", || {
        cable("c0", "c1");
        assert_eq!(receive_on("net_af_packet"), (10, 10));
    });
}

#[test]
fn an_xdp_port_receives_what_the_kernel_does_not_see() {
    in_own_network("an_xdp_port_receives_what_the_kernel_does_not_see", || {
        cable("c0", "c1");
        let isolation = Isolation::apply("c0").unwrap();
        assert_eq!(receive_on("net_af_xdp"), (10, 0));
        isolation.check().unwrap();
        isolation.undo().unwrap();
        assert!(!sh("ip link show dev c0").contains("PROMISC"), "what the port's driver set is given back, too");
    });
}

#[test]
fn a_tag_that_the_kernel_strips_is_in_the_frame_that_a_packet_port_receives() {
    in_own_network("a_tag_that_the_kernel_strips_is_in_the_frame_that_a_packet_port_receives", || {
        cable("c0", "c1");
        let eal = eal(&["net_af_packet0,iface=c0", "net_af_packet1,iface=c1"]);
        let packets = pool(&eal, 8191, BufferSize::Normal);
        let start = |name: &str| Port::start(&eal, &name.parse().unwrap(), &PortConfig::default(), &packets).unwrap();
        let (_near_port, Queues { rx: mut near_rx, tx: _near_tx }) = start("net_af_packet0,iface=c0");
        let (_far_port, Queues { rx: _far_rx, tx: mut far_tx }) = start("net_af_packet1,iface=c1");
        for tags in [&[0x6007_u16][..], &[0x0005, 0x0007]] {
            let mut sent = [[0xff; 6], [2, 0, 0, 0, 0, 1]].concat();
            for tag in tags {
                sent.extend([0x81, 0x00]);
                sent.extend(tag.to_be_bytes());
            }
            // An ethertype for experiments, which nothing else sends here.
            sent.extend([0x88, 0xb5]);
            sent.resize(80, 0x33);
            let mut burst: Burst<_> = [frame(&packets, &sent)].into_iter().collect();
            assert_eq!(far_tx[0].tx_burst(&mut burst), 1);
            let mut clock = eal.clock();
            let end = clock.now().after(core::time::Duration::from_secs(2));
            let mut received = Burst::new();
            while received.is_empty() && clock.now() < end {
                near_rx[0].rx_burst(&mut received);
                received.retain(|mbuf| mbuf.as_slice().ends_with(&[0x33; 32]));
            }
            assert_eq!(received.len(), 1);
            assert_eq!(received[0].as_slice(), sent);
        }
    });
}
