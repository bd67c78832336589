//! What an idle intercepted flow costs here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod support;

use support::*;
use tls::session::Session;
use tls::{ClientSide, ServerSide, Upstream};

/// Bytes of heap and of the two values themselves that an idle pair of sessions may take. The whole
/// flow may take 64 KB.
const PAIR_BYTES_MAX: usize = 16 << 10;

/// A pair of sessions that shook hands and moved a lot both ways, and their peers.
fn used(
    upstream: &mut Upstream,
    downstream: &mut tls::Downstream,
    minted: &tls::mint::Minted,
    server: &mut rustls::Connection,
    client: &mut rustls::Connection,
) -> (ServerSide, ClientSide) {
    let mut out = upstream.connect(KEY, &name(NAME), vec![b"http/1.1".to_vec()]).unwrap();
    let mut inside = downstream.accept(KEY, minted, Some(b"http/1.1")).unwrap();
    exchange(&mut out, server, 16_384);
    exchange(&mut inside, client, 16_384);
    for (session, peer) in [(&mut out as &mut dyn Session, server), (&mut inside, client)] {
        for _ in 0..20 {
            say(peer, &[1; 40_000]);
            session.write_plain(&[2; 40_000]);
            exchange(session, peer, 16_384);
        }
        assert!(!session.is_handshaking() && !session.wants_write());
        session.trim();
    }
    (out, inside)
}

#[test]
fn an_idle_pair_of_sessions_keeps_no_buffers() {
    let ca = Issuing::new("root");
    let issued = ca.issue(&leaf_params(NAME));
    let options = ServerOptions { alpn: vec![b"http/1.1".to_vec()], ..Default::default() };
    let server_config = server_config(&issued, &options);
    let (authority, pem) = authority();
    let minted = minted(&authority, NAME);
    let client_config = client_config(&pem, &[b"http/1.1"], rustls::ALL_VERSIONS, None);
    let (mut upstream, mut downstream) = (upstream(&ca), downstream());
    let mut peers = [(); 2].map(|()| (server(&server_config), client(&client_config, NAME)));
    let [(first_server, first_client), (server, client)] = &mut peers;
    // The first one fills the caches.
    used(&mut upstream, &mut downstream, &minted, first_server, first_client);
    let mut pair = Some(used(&mut upstream, &mut downstream, &minted, server, client));
    let freed = allocation_counter::measure(|| drop(pair.take()));
    let heap = usize::try_from(-freed.bytes_current).unwrap();
    let values = size_of::<ServerSide>() + size_of::<ClientSide>();
    println!("heap {heap}, values {values}");
    assert!(heap + values <= PAIR_BYTES_MAX, "{heap} on the heap, {values} in place");
}
