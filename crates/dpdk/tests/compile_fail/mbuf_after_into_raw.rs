use dpdk::Mbuf;
use net::buffer::Buffer;

fn misuse(mbuf: Mbuf) -> usize {
    let _raw = mbuf.into_raw();
    mbuf.len()
}

fn main() {}
