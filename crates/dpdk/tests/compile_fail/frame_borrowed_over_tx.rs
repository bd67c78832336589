use dpdk::{Mbuf, TxQueue};
use net::buffer::Buffer;
use net::device::Burst;

fn misuse(queue: &mut TxQueue, burst: &mut Burst<Mbuf>) -> u8 {
    let frame = burst[0].as_slice();
    queue.tx_burst(burst);
    frame[0]
}

fn main() {}
