use dpdk::{Mbuf, TxQueue};
use net::buffer::Buffer;
use net::device::Burst;

fn misuse(queue: &mut TxQueue, mut mbuf: Mbuf) {
    let mut burst = Burst::new();
    burst.push(mbuf);
    queue.tx_burst(&mut burst);
    mbuf.wipe();
}

fn main() {}
