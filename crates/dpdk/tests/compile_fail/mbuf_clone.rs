use dpdk::Mbuf;

fn misuse(mbuf: Mbuf) -> (Mbuf, Mbuf) {
    (mbuf.clone(), mbuf)
}

fn main() {}
