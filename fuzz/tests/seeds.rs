//! Every seed runs through its target.

#[test]
fn every_seed_returns() {
    for (name, target) in sovereign_fuzz::TARGETS {
        let seeds = std::fs::read_dir(format!("{}/seeds/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let count = seeds.map(|seed| target(&std::fs::read(seed.unwrap().path()).unwrap())).count();
        assert!(count > 0, "{name} has no seeds");
    }
}
