use dpdk::{Eal, LcoreId, RxQueue};

fn misuse(eal: &Eal, one: LcoreId, other: LcoreId, mut queue: RxQueue) {
    let _first = eal.launch(one, move |_| queue.rx_burst(&mut Default::default()));
    let _second = eal.launch(other, move |_| queue.rx_burst(&mut Default::default()));
}

fn main() {}
