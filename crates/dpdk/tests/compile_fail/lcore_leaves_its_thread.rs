use dpdk::{Eal, Lcore};

fn misuse(eal: Eal, lcore: &Lcore) {
    std::thread::scope(|scope| {
        scope.spawn(|| lcore.id());
    });
    std::thread::spawn(move || drop(eal));
}

fn main() {}
