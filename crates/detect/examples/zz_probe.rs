use detect::*;
fn cpu() -> u64 {
    std::fs::read_to_string("/proc/thread-self/schedstat").unwrap().split_whitespace().next().unwrap().parse().unwrap()
}
fn main() {
    let p = std::env::args().nth(1).unwrap_or_default();
    let text = match p.as_str() {
        "plain" => "the quick brown fox jumps over the lazy dog and then ".repeat(40),
        "two" => "the quick brown fox jumps 42 over the lazy dog and then ".repeat(40),
        "year" => "the quick brown fox jumps 2024 over lazy dog and then ".repeat(40),
        o => o.repeat(2048 / o.len().max(1)),
    };
    let text = &text.as_bytes()[..2048.min(text.len())];
    let mut b = vec![("none", DetectorSet::builder().build().unwrap())];
    for e in EntityType::ALL {
        if e != EntityType::Keyword {
            b.push((e.name(), DetectorSet::builder().enable(e).build().unwrap()));
        }
    }
    b.push(("all", DetectorSet::builder().enable_all().build().unwrap()));
    for (n, set) in &b {
        let mut s = Scanner::with_capacity(4096);
        let mut f = Vec::with_capacity(4096);
        let mut best = u64::MAX;
        for _ in 0..5 {
            let t = cpu();
            for _ in 0..20000 {
                s.reset();
                s.push(text);
                s.boundary();
                s.scan(set, &mut f);
                f.clear();
            }
            best = best.min(cpu() - t);
        }
        println!("{n:>16} {} ns", best / 20000);
    }
}
