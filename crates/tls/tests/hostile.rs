//! Bytes that nobody would send but an attacker: nothing panics, and nothing comes of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod support;

use proptest::prelude::*;
use std::sync::LazyLock;
use support::*;
use tls::session::Session;
use tls::{Downstream, LeafFacts, Verdict};

struct World {
    ca: Issuing,
    issued: Issued,
    minted: tls::mint::Minted,
    client: std::sync::Arc<rustls::ClientConfig>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let ca = Issuing::new("root");
    let issued = ca.issue(&leaf_params(NAME));
    let (authority, pem) = authority();
    let client = client_config(&pem, &[], rustls::ALL_VERSIONS, None);
    World { minted: minted(&authority, NAME), ca, issued, client }
});

/// Some of the bytes are others, and some are missing at the end.
fn damaged(bytes: &[u8], changes: &[(prop::sample::Index, u8)], len: prop::sample::Index) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (at, value) in changes {
        let at = at.index(bytes.len());
        bytes[at] ^= value;
    }
    bytes.truncate(len.index(bytes.len() + 1));
    bytes
}

fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    proptest::collection::vec((any::<prop::sample::Index>(), 1u8..), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_server_that_sends_anything_gets_no_plain_text(
        changes in changes(),
        len in any::<prop::sample::Index>(),
        noise in proptest::collection::vec(any::<u8>(), 0..600),
        piece in 1usize..3000,
    ) {
        let world = &*WORLD;
        let mut side = upstream(&world.ca).connect(KEY, &name(NAME), vec![]).unwrap();
        let mut server = server(&server_config(&world.issued, &ServerOptions::default()));
        give(&mut server, &written(&mut side, 4096)).unwrap();
        let flight = sent(&mut server);
        let bytes = [damaged(&flight, &changes, len), noise].concat();
        let mut plain = Vec::new();
        let result = fed(&mut side, &bytes, piece, &mut plain);
        let is_whole = bytes.starts_with(&flight);
        prop_assert!(plain.is_empty());
        // Records of a flight that was touched do not decrypt, or the transcript differs.
        prop_assert!(is_whole || side.write_plain(b"secret") == 0, "{result:?}");
        prop_assert!(is_whole || side.verdict() != Some(Verdict::Valid));
        written(&mut side, 100);
    }

    #[test]
    fn a_client_that_sends_anything_makes_nothing_panic(
        changes in changes(),
        len in any::<prop::sample::Index>(),
        noise in proptest::collection::vec(any::<u8>(), 0..600),
        piece in 1usize..3000,
    ) {
        let world = &*WORLD;
        let hello = sent(&mut client(&world.client, NAME));
        let mut downstream: Downstream = downstream();
        for bytes in [[damaged(&hello, &changes, len), noise.clone()].concat(), noise] {
            let mut side = downstream.accept(KEY, &world.minted, None).unwrap();
            let mut plain = Vec::new();
            let _ = fed(&mut side, &bytes, piece, &mut plain);
            prop_assert!(plain.is_empty() && side.is_handshaking());
            written(&mut side, 100);
        }
    }

    #[test]
    fn a_certificate_may_be_anything(
        changes in changes(),
        len in any::<prop::sample::Index>(),
        noise in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let _ = LeafFacts::read(&damaged(&WORLD.issued.certificate, &changes, len));
        let _ = LeafFacts::read(&noise);
        let _ = tls::mint::Description::read(&noise);
    }
}
