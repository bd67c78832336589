use dpdk::{Queues, RxQueue};

fn misuse(queues: Queues) -> (Vec<RxQueue>, Vec<RxQueue>) {
    (queues.rx, queues.rx)
}

fn main() {}
