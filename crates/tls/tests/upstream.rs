//! The session with a server, against the library's own server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod support;

use rustls::version::{TLS12, TLS13};
use support::*;
use tls::session::{End, Session};
use tls::{CacheKey, LeafFacts, Roots, TlsError, Upstream, Verdict};

const HTTP: &[u8] = b"http/1.1";

/// Shakes hands with a server that has this certificate; the verdict.
fn verdict_of(roots: &Issuing, issued: &Issued, options: &ServerOptions) -> (Verdict, Exchanged) {
    let mut upstream = upstream(roots);
    let mut side = upstream.connect(KEY, &name(NAME), vec![]).unwrap();
    let mut server = server(&server_config(issued, options));
    let mut exchanged = exchange(&mut side, &mut server, 500);
    assert_eq!(side.write_plain(b"secret"), if side.verdict() == Some(Verdict::Valid) { 6 } else { 0 });
    let later = exchange(&mut side, &mut server, 500);
    exchanged.theirs.extend(later.theirs);
    if let Some(TlsError::Refused(verdict)) = &exchanged.our_error {
        assert_eq!(side.verdict(), Some(*verdict));
        assert!(exchanged.theirs.is_empty(), "plain text reached a server that was refused");
        assert_eq!(side.read_tls(b"x"), Err(TlsError::Refused(*verdict)), "an end stays one");
    }
    (side.verdict().unwrap(), exchanged)
}

#[test]
fn both_versions_are_spoken_with_a_server_that_is_good() {
    let ca = Issuing::new("root");
    let issued = ca.issue(&leaf_params(NAME));
    for (version, text) in [(&TLS12, "TLSv1.2"), (&TLS13, "TLSv1.3")] {
        for piece in [1, 7, 20_000] {
            let options = ServerOptions { versions: vec![version], alpn: vec![HTTP.to_vec()], ..Default::default() };
            let mut server = server(&server_config(&issued, &options));
            let mut side = upstream(&ca).connect(KEY, &name(NAME), vec![b"h2".to_vec(), HTTP.to_vec()]).unwrap();
            assert!(side.is_handshaking() && side.verdict().is_none());
            assert_eq!(side.write_plain(b"early"), 0, "nothing is taken before the server is known");
            say(&mut server, b"hello");
            let first = exchange(&mut side, &mut server, piece);
            assert!(!side.is_handshaking() && side.handshake_steps() > 0);
            assert_eq!(side.write_plain(b"GET /"), 5);
            let second = exchange(&mut side, &mut server, piece);
            assert_eq!([first.ours, second.ours].concat(), b"hello");
            assert_eq!(second.theirs, b"GET /");
            assert_eq!(side.verdict(), Some(Verdict::Valid));
            assert_eq!(side.leaf(), LeafFacts::read(&issued.certificate).as_ref());
            let facts = side.facts();
            assert_eq!((facts.version, facts.alpn.as_deref()), (Some(text), Some(HTTP)));
            assert!(facts.cipher.is_some_and(|cipher| cipher.starts_with("TLS")), "{facts:?}");
            assert_eq!(facts.group, Some(if text == "TLSv1.3" { "X25519MLKEM768" } else { "X25519" }));
        }
    }
}

#[test]
fn each_bad_certificate_has_its_verdict_and_gets_no_plain_text() {
    let ca = Issuing::new("root");
    let other = Issuing::new("other");
    let mut expired = leaf_params(NAME);
    expired.not_after = date(NOW - 1);
    let mut early = leaf_params(NAME);
    early.not_before = date(NOW + 1);
    let mut purpose = leaf_params(NAME);
    purpose.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    let cases = [
        (ca.issue(&expired), Verdict::Expired),
        (ca.issue(&early), Verdict::NotYetValid),
        (ca.issue(&leaf_params("api.example.org")), Verdict::WrongHost),
        (ca.issue(&purpose), Verdict::WrongPurpose),
        (other.issue(&leaf_params(NAME)), Verdict::UnknownIssuer),
        (self_signed(&leaf_params(NAME)), Verdict::SelfSigned),
        (self_signed(&ca_params(NAME)), Verdict::SelfSigned),
    ];
    for (issued, expected) in cases {
        for version in [&TLS12, &TLS13] {
            let options = ServerOptions { versions: vec![version], ..Default::default() };
            let (verdict, exchanged) = verdict_of(&ca, &issued, &options);
            assert_eq!((verdict, exchanged.our_error), (expected, Some(TlsError::Refused(expected))));
            let their = exchanged.their_error;
            assert!(matches!(their, Some(rustls::Error::AlertReceived(_))), "an alert tells the server: {their:?}");
        }
    }
}

#[test]
fn a_certificate_for_another_name_of_the_same_server_is_not_enough() {
    let ca = Issuing::new("root");
    let issued = ca.issue(&leaf_params("*.example.com"));
    let mut server = server(&server_config(&issued, &ServerOptions::default()));
    let mut side = upstream(&ca).connect(KEY, &name("a.b.example.com"), vec![]).unwrap();
    let exchanged = exchange(&mut side, &mut server, 500);
    assert_eq!(exchanged.our_error, Some(TlsError::Refused(Verdict::WrongHost)));
}

#[test]
fn a_refused_servers_certificate_is_known_all_the_same() {
    let ca = Issuing::new("root");
    let issued = self_signed(&leaf_params(NAME));
    let mut server = server(&server_config(&issued, &ServerOptions::default()));
    let mut side = upstream(&ca).connect(KEY, &name(NAME), vec![]).unwrap();
    exchange(&mut side, &mut server, 500);
    assert_eq!(side.leaf(), LeafFacts::read(&issued.certificate).as_ref());
}

#[test]
fn a_server_that_wants_a_certificate_is_refused_even_if_it_would_do_without() {
    let ca = Issuing::new("root");
    let issued = ca.issue(&leaf_params(NAME));
    for version in [&TLS12, &TLS13] {
        for is_client_optional in [false, true] {
            let options = ServerOptions {
                versions: vec![version],
                client_roots: Some(ca.store()),
                is_client_optional,
                ..Default::default()
            };
            let (verdict, exchanged) = verdict_of(&ca, &issued, &options);
            assert_eq!(verdict, Verdict::ClientCertificateWanted);
            assert_eq!(exchanged.our_error, Some(TlsError::Refused(verdict)));
        }
    }
}

#[test]
fn what_the_callbacks_saw_of_one_session_is_not_taken_for_anothers() {
    let ca = Issuing::new("root");
    let issued = ca.issue(&leaf_params(NAME));
    let wanting = ServerOptions { client_roots: Some(ca.store()), ..Default::default() };
    let mut upstream = upstream(&ca);
    let mut sides = [(); 2].map(|()| upstream.connect(KEY, &name(NAME), vec![]).unwrap());
    let mut servers = [wanting, ServerOptions::default()].map(|options| server(&server_config(&issued, &options)));
    // In turns, a flight at a time.
    for _ in 0..4 {
        for (side, server) in sides.iter_mut().zip(&mut servers) {
            let _ = give(server, &written(side, 4096));
            let _ = fed(side, &sent(server), 4096, &mut Vec::new());
        }
    }
    assert_eq!(sides.map(|side| side.verdict()), [Some(Verdict::ClientCertificateWanted), Some(Verdict::Valid)]);
}

#[test]
fn a_revoked_certificate_is_refused() {
    let serial = rcgen::SerialNumber::from_slice(&[5; 8]);
    let mut params = leaf_params(NAME);
    params.serial_number = Some(serial.clone());
    // The list's issuer may sign lists.
    let key = rcgen::KeyPair::generate().unwrap();
    let mut ca_params = ca_params("lists");
    ca_params.key_usages.push(rcgen::KeyUsagePurpose::CrlSign);
    let root = ca_params.self_signed(&key).unwrap();
    let issuer = rcgen::Issuer::new(ca_params, key);
    let leaf_key = rcgen::KeyPair::generate().unwrap();
    let leaf = params.signed_by(&leaf_key, &issuer).unwrap();
    let list = rcgen::CertificateRevocationListParams {
        this_update: date(NOW - DAY),
        next_update: date(NOW + DAY),
        crl_number: rcgen::SerialNumber::from_slice(&[1]),
        issuing_distribution_point: None,
        revoked_certs: vec![rcgen::RevokedCertParams {
            serial_number: serial,
            revocation_time: date(NOW - DAY),
            reason_code: None,
            invalidity_date: None,
        }],
        key_identifier_method: rcgen::KeyIdMethod::Sha256,
    };
    let list = list.signed_by(&issuer).unwrap();
    let mut roots = Roots::none();
    roots.add_pem(root.pem().as_bytes()).unwrap();
    roots.add_revoked(list.der().to_vec());
    let mut upstream = Upstream::new(&roots, clock()).unwrap();
    let config = rustls::ServerConfig::builder_with_details(
        std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider()),
        clock(),
    )
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_no_client_auth()
    .with_single_cert(
        vec![leaf.der().clone()],
        rustls::pki_types::PrivatePkcs8KeyDer::from(leaf_key.serialize_der()).into(),
    )
    .unwrap();
    let mut server = server(&std::sync::Arc::new(config));
    let mut side = upstream.connect(KEY, &name(NAME), vec![]).unwrap();
    let exchanged = exchange(&mut side, &mut server, 500);
    assert_eq!(exchanged.our_error, Some(TlsError::Refused(Verdict::Revoked)));
}

/// One connection with the server; whether it was resumed, and the certificate's facts.
fn connect(upstream: &mut Upstream, key: CacheKey, server: &mut rustls::Connection) -> (bool, Option<LeafFacts>) {
    let mut side = upstream.connect(key, &name(NAME), vec![]).unwrap();
    let exchanged = exchange(&mut side, server, 4096);
    assert_eq!(exchanged.our_error, None);
    (side.facts().is_resumed, side.leaf().copied())
}

#[test]
fn sessions_are_resumed_with_their_certificate_and_apart_by_tenant_and_policy() {
    let ca = Issuing::new("root");
    let issued = ca.issue(&leaf_params(NAME));
    let leaf = LeafFacts::read(&issued.certificate);
    for version in [&TLS12, &TLS13] {
        let config = server_config(&issued, &ServerOptions { versions: vec![version], ..Default::default() });
        let mut upstream = upstream(&ca);
        let connects = [
            (KEY, false),
            (KEY, true),
            (CacheKey { tenant: 2, ..KEY }, false),
            (CacheKey { policy: 2, ..KEY }, false),
            (KEY, true),
        ];
        for (key, is_resumed) in connects {
            assert_eq!(connect(&mut upstream, key, &mut server(&config)), (is_resumed, leaf), "{key:?}");
        }
    }
}

#[test]
fn a_resumed_session_ends_with_its_certificate() {
    let ca = Issuing::new("root");
    let mut params = leaf_params(NAME);
    params.not_after = date(NOW + 60);
    let issued = ca.issue(&params);
    let config = server_config(&issued, &ServerOptions::default());
    let clock = clock();
    let mut upstream = Upstream::new(&ca.roots(), std::sync::Arc::clone(&clock)).unwrap();
    assert!(!connect(&mut upstream, KEY, &mut server(&config)).0);
    clock.set(NOW + 61);
    let mut side = upstream.connect(KEY, &name(NAME), vec![]).unwrap();
    let mut server = server(&config);
    let exchanged = exchange(&mut side, &mut server, 4096);
    assert_eq!(exchanged.our_error, Some(TlsError::Refused(Verdict::Expired)));
    assert_eq!(server.handshake_kind(), Some(rustls::HandshakeKind::Resumed), "else it proves nothing");
}

#[test]
fn a_truncation_is_told_from_an_end() {
    let ca = Issuing::new("root");
    let issued = ca.issue(&leaf_params(NAME));
    for is_proper in [true, false] {
        let mut server = server(&server_config(&issued, &ServerOptions::default()));
        let mut side = upstream(&ca).connect(KEY, &name(NAME), vec![]).unwrap();
        exchange(&mut side, &mut server, 4096);
        assert_eq!(side.peer_end(), None);
        say(&mut server, b"last");
        if is_proper {
            server.send_close_notify();
        }
        assert_eq!(exchange(&mut side, &mut server, 4096).ours, b"last");
        side.handle_eof();
        assert_eq!(side.peer_end(), Some(if is_proper { End::CloseNotify } else { End::Truncated }));
        // Our direction is open still.
        assert_eq!(side.write_plain(b"more"), 4);
        side.close_notify();
        assert_eq!(exchange(&mut side, &mut server, 4096).theirs, b"more");
    }
}

#[test]
fn buffers_are_bounded_both_ways() {
    let ca = Issuing::new("root");
    let issued = ca.issue(&leaf_params(NAME));
    let mut server = server(&server_config(&issued, &ServerOptions::default()));
    let mut side = upstream(&ca).connect(KEY, &name(NAME), vec![]).unwrap();
    exchange(&mut side, &mut server, 4096);
    let mut written_plain = 0;
    while let len @ 1.. = side.write_plain(&[1; 10_000]) {
        written_plain += len;
        assert!(written_plain < 200_000, "no backpressure");
    }
    assert!(written_plain >= 16_000);
    assert_eq!(exchange(&mut side, &mut server, 4096).theirs.len(), written_plain);
    // Nobody takes the plain text.
    server.set_buffer_limit(None);
    say(&mut server, &[2; 300_000]);
    let bytes = sent(&mut server);
    let taken = side.read_tls(&bytes).unwrap();
    assert!(taken < 100_000, "{taken}");
    let mut plain = Vec::new();
    let mut rest = &bytes[taken..];
    while plain.len() < 300_000 {
        let mut chunk = [0; 5000];
        let read = read_plain(&mut side, &mut chunk);
        plain.extend_from_slice(&chunk[..read]);
        let taken = side.read_tls(rest).unwrap();
        rest = &rest[taken..];
        assert!(read + taken > 0, "neither side moves");
    }
    assert!(rest.is_empty() && plain.iter().all(|byte| *byte == 2));
}

#[test]
fn without_a_time_nobody_is_trusted() {
    let ca = Issuing::new("root");
    let issued = ca.issue(&leaf_params(NAME));
    let clock = std::sync::Arc::new(tls::Clock::default());
    let mut upstream = Upstream::new(&ca.roots(), clock).unwrap();
    if let Ok(mut side) = upstream.connect(KEY, &name(NAME), vec![]) {
        let mut server = server(&server_config(&issued, &ServerOptions::default()));
        assert!(exchange(&mut side, &mut server, 4096).our_error.is_some());
        assert_eq!(side.write_plain(b"x"), 0);
    }
}

#[test]
fn a_session_that_breaks_later_was_with_a_good_server_all_the_same() {
    let ca = Issuing::new("root");
    let issued = ca.issue(&leaf_params(NAME));
    let mut server = server(&server_config(&issued, &ServerOptions::default()));
    let mut side = upstream(&ca).connect(KEY, &name(NAME), vec![]).unwrap();
    exchange(&mut side, &mut server, 4096);
    say(&mut server, b"answer");
    let mut bytes = sent(&mut server);
    *bytes.last_mut().unwrap() ^= 1;
    assert_eq!(side.read_tls(&bytes).map_err(|error| error.name()), Err("decrypt"));
    assert_eq!((side.verdict(), side.write_plain(b"more")), (Some(Verdict::Valid), 0));
    assert!(side.wants_write(), "an alert tells the server");
}

#[test]
fn garbage_and_alerts_end_a_session() {
    let ca = Issuing::new("root");
    let mut side = upstream(&ca).connect(KEY, &name(NAME), vec![]).unwrap();
    assert_eq!(side.read_tls(b"HTTP/1.1 400 Bad Request\r\n\r\n").map_err(|error| error.name()), Err("protocol"));
    assert!(side.write_tls(&mut &mut [0; 4096][..]) > 0);
    let mut side = upstream(&ca).connect(KEY, &name(NAME), vec![]).unwrap();
    let alert = tls::session::alert_record(tls::AlertDescription::HandshakeFailure);
    assert_eq!(side.read_tls(&alert), Err(TlsError::Alert(tls::AlertDescription::HandshakeFailure)));
    let mut side = upstream(&ca).connect(KEY, &name(NAME), vec![]).unwrap();
    let alert = tls::session::alert_record(tls::AlertDescription::ProtocolVersion);
    assert_eq!(side.read_tls(&alert), Err(TlsError::Refused(Verdict::VersionTooOld)));
}
