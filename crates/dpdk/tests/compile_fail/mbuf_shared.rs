use dpdk::Mbuf;

fn needs_sync<T: Sync>(_: &T) {}

fn misuse(mbuf: Mbuf) {
    needs_sync(&mbuf);
}

fn main() {}
