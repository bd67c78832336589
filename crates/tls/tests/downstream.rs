//! The session with a client, against the library's own client.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod support;

use rustls::ALL_VERSIONS;
use rustls::version::{TLS12, TLS13};
use support::*;
use tls::client_hello::{ClientHello, Progress, Reader};
use tls::session::{End, Session};
use tls::{CacheKey, Clients, Downstream, Tickets, TlsError, Verdict};

const HTTP: &[u8] = b"http/1.1";

#[test]
fn a_client_that_trusts_the_authority_is_served_under_the_name_it_asked_for() {
    let (authority, pem) = authority();
    for version in [&TLS12, &TLS13] {
        for piece in [1, 24, 20_000] {
            let mut client = client(&client_config(&pem, &[b"h2", HTTP], &[version], None), NAME);
            let mut side = downstream().accept(KEY, &minted(&authority, NAME), Some(HTTP)).unwrap();
            // The way it goes in the path: the message is read, and given to the session as it came.
            let hello_bytes = sent(&mut client);
            let mut reader = Reader::new();
            let Ok(Progress::Hello { hello, taken }) = reader.read(&hello_bytes) else { panic!("no hello") };
            assert_eq!((taken, hello.host.as_ref().map(tls::HostName::as_str)), (hello_bytes.len(), Some(NAME)));
            assert_eq!(hello.offer(&[HTTP]), Ok(vec![HTTP.to_vec()]));
            fed(&mut side, reader.raw(), piece, &mut Vec::new()).unwrap();
            let exchanged = exchange(&mut side, &mut client, piece);
            assert_eq!((exchanged.our_error, exchanged.their_error), (None, None));
            assert_eq!((client.alpn_protocol(), side.facts().alpn.as_deref()), (Some(HTTP), Some(HTTP)));
            say(&mut client, b"question");
            assert_eq!(side.write_plain(b"answer"), 6);
            let exchanged = exchange(&mut side, &mut client, piece);
            assert_eq!((exchanged.ours.as_slice(), exchanged.theirs.as_slice()), (&b"question"[..], &b"answer"[..]));
            assert_eq!(side.identity(), None);
            client.send_close_notify();
            exchange(&mut side, &mut client, piece);
            assert_eq!(side.peer_end(), Some(End::CloseNotify));
        }
    }
}

#[test]
fn a_client_without_our_authority_is_told_apart() {
    let (own, _) = authority();
    let (_, others) = authority();
    let mut client = client(&client_config(&others, &[], ALL_VERSIONS, None), NAME);
    let mut side = downstream().accept(KEY, &minted(&own, NAME), None).unwrap();
    let exchanged = exchange(&mut side, &mut client, 4096);
    assert!(matches!(exchanged.our_error, Some(TlsError::Alert(_))), "{exchanged:?}");
}

#[test]
fn a_server_without_a_protocol_gives_the_client_none() {
    let (authority, pem) = authority();
    let mut client = client(&client_config(&pem, &[b"h2", HTTP], ALL_VERSIONS, None), NAME);
    let mut side = downstream().accept(KEY, &minted(&authority, NAME), None).unwrap();
    assert_eq!(exchange(&mut side, &mut client, 4096).our_error, None);
    assert_eq!((client.alpn_protocol(), side.facts().alpn), (None, None));
}

#[test]
fn an_encrypted_name_is_ignored_and_the_outer_one_served() {
    use rustls::client::{EchGreaseConfig, EchMode};
    let (authority, pem) = authority();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(rustls::pki_types::pem::PemObject::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let suite = rustls::crypto::aws_lc_rs::hpke::ALL_SUPPORTED_SUITES[0];
    let (public, _) = suite.generate_key_pair().unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_details(provider, clock())
        .with_ech(EchMode::Grease(EchGreaseConfig::new(suite, public)))
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut client = client(&std::sync::Arc::new(config), NAME);
    let hello_bytes = sent(&mut client);
    let Ok(Progress::Hello { hello, .. }) = Reader::new().read(&hello_bytes) else { panic!("no hello") };
    assert!(hello.has_ech && hello.host == Some(name(NAME)));
    let mut side = downstream().accept(KEY, &minted(&authority, NAME), None).unwrap();
    fed(&mut side, &hello_bytes, 1000, &mut Vec::new()).unwrap();
    let exchanged = exchange(&mut side, &mut client, 4096);
    assert_eq!((exchanged.our_error, exchanged.their_error), (None, None));
}

#[test]
fn what_the_client_offers_and_nobody_reads_is_not_offered() {
    let hello = |alpn: &[&[u8]]| ClientHello { alpn: alpn.iter().map(|p| (*p).into()).collect(), ..Default::default() };
    assert_eq!(hello(&[]).offer(&[HTTP]), Ok(vec![]));
    assert_eq!(hello(&[b"h2", HTTP]).offer(&[HTTP]), Ok(vec![HTTP.to_vec()]));
    assert_eq!(hello(&[b"h2"]).offer(&[HTTP]), Err(tls::client_hello::NoCommonProtocol));
}

/// One connection with a client of this configuration; whether it was resumed.
fn connect(
    downstream: &mut Downstream,
    key: CacheKey,
    minted: &tls::mint::Minted,
    config: &std::sync::Arc<rustls::ClientConfig>,
) -> bool {
    let mut client = client(config, NAME);
    let mut side = downstream.accept(key, minted, None).unwrap();
    let exchanged = exchange(&mut side, &mut client, 4096);
    assert_eq!((exchanged.our_error, exchanged.their_error), (None, None));
    assert_eq!(client.handshake_kind() == Some(rustls::HandshakeKind::Resumed), side.facts().is_resumed);
    side.facts().is_resumed
}

#[test]
fn clients_resume_with_any_worker_and_apart_by_tenant_and_policy() {
    let (authority, pem) = authority();
    let minted = minted(&authority, NAME);
    for version in [&TLS12, &TLS13] {
        let tickets = Tickets::new();
        let mut workers = [(); 2].map(|()| Downstream::new(None, tickets.clone(), clock()));
        let config = client_config(&pem, &[], &[version], None);
        assert!(!connect(&mut workers[0], KEY, &minted, &config));
        assert!(connect(&mut workers[0], KEY, &minted, &config));
        assert!(connect(&mut workers[1], KEY, &minted, &config));
        assert!(!connect(&mut workers[0], CacheKey { tenant: 2, ..KEY }, &minted, &config));
        assert!(!connect(&mut workers[0], CacheKey { policy: 2, ..KEY }, &minted, &config));
    }
}

#[test]
fn data_before_the_handshakes_end_is_not_taken() {
    let (authority, pem) = authority();
    let minted = minted(&authority, NAME);
    let mut config = std::sync::Arc::unwrap_or_clone(client_config(&pem, &[], &[&TLS13], None));
    config.enable_early_data = true;
    let config = std::sync::Arc::new(config);
    let mut downstream = downstream();
    assert!(!connect(&mut downstream, KEY, &minted, &config));
    let mut client = rustls::ClientConnection::new(config, NAME.to_owned().try_into().unwrap()).unwrap();
    assert!(client.early_data().is_none(), "our tickets allow none");
}

#[test]
fn clients_are_known_by_their_certificate_also_when_they_come_back() {
    let (authority, pem) = authority();
    let people = Issuing::new("people");
    let alice = people.issue(&leaf_params("alice@corp"));
    let minted = minted(&authority, NAME);
    for version in [&TLS12, &TLS13] {
        let clients = Clients::of_pem(people.pem.as_bytes()).unwrap();
        let clock = clock();
        let mut downstream = Downstream::new(Some(clients), Tickets::new(), std::sync::Arc::clone(&clock));
        let config = client_config(&pem, &[], &[version], Some(&alice));
        for is_resumed in [false, true] {
            let mut client = client(&config, NAME);
            let mut side = downstream.accept(KEY, &minted, None).unwrap();
            assert_eq!(exchange(&mut side, &mut client, 4096).our_error, None);
            assert_eq!((side.facts().is_resumed, side.identity()), (is_resumed, Some("alice@corp")));
        }
        clock.set(NOW + 61 * DAY);
        let mut client = client(&config, NAME);
        let mut side = downstream.accept(KEY, &minted, None).unwrap();
        let exchanged = exchange(&mut side, &mut client, 4096);
        assert_eq!((exchanged.our_error, side.identity()), (Some(TlsError::Refused(Verdict::Expired)), None));
    }
}

#[test]
fn clients_without_a_certificate_of_the_authority_do_not_come_in() {
    let (authority, pem) = authority();
    let minted = minted(&authority, NAME);
    let people = Issuing::new("people");
    let stranger = Issuing::new("strangers").issue(&leaf_params("mallory"));
    for (identity, verdict) in [(None, Verdict::Missing), (Some(&stranger), Verdict::UnknownIssuer)] {
        let clients = Clients::of_pem(people.pem.as_bytes()).unwrap();
        let mut downstream = Downstream::new(Some(clients), Tickets::new(), clock());
        let mut client = client(&client_config(&pem, &[], ALL_VERSIONS, identity), NAME);
        let mut side = downstream.accept(KEY, &minted, None).unwrap();
        // It goes out right behind the client's last message of the handshake.
        say(&mut client, b"question");
        let exchanged = exchange(&mut side, &mut client, 4096);
        assert_eq!((exchanged.our_error, exchanged.ours), (Some(TlsError::Refused(verdict)), vec![]));
        assert_eq!(read_plain(&mut side, &mut [0; 100]), 0);
    }
}
