//! The first message of a client, from streams cut in any way.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]
#![allow(clippy::cast_possible_truncation, reason = "test code")]

mod support;

use proptest::prelude::*;
use support::*;
use tls::client_hello::{CLIENT_HELLO_BYTES_MAX, ClientHello, HelloError, Progress, Reader};
use tls::{AlertDescription, HostNameError};

/// A body, with the extensions as they are given.
fn body(extensions: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.push(0);
    body.extend([0, 2, 0x13, 0x01, 1, 0]);
    let list: Vec<u8> =
        extensions.iter().flat_map(|(kind, content)| [&kind.to_be_bytes()[..], &vector16(content)].concat()).collect();
    body.extend(vector16(&list));
    body
}

fn vector16(content: &[u8]) -> Vec<u8> {
    [&(content.len() as u16).to_be_bytes()[..], content].concat()
}

fn vector8(content: &[u8]) -> Vec<u8> {
    [&[content.len() as u8], content].concat()
}

fn message(body: &[u8]) -> Vec<u8> {
    [&[1], &(body.len() as u32).to_be_bytes()[1..], body].concat()
}

/// A message in records of that many bytes.
fn records(message: &[u8], len: usize) -> Vec<u8> {
    message.chunks(len).flat_map(|part| [&[22, 3, 1][..], &vector16(part)].concat()).collect()
}

fn stream(extensions: &[(u16, Vec<u8>)]) -> Vec<u8> {
    records(&message(&body(extensions)), 16_384)
}

fn sni(name: &str) -> (u16, Vec<u8>) {
    (0, vector16(&[&[0][..], &vector16(name.as_bytes())].concat()))
}

/// What a stream says if it comes in these pieces, and how much of it was taken.
fn read_in(stream: &[u8], mut pieces: impl Iterator<Item = usize>) -> Result<Option<(ClientHello, usize)>, HelloError> {
    let mut reader = Reader::new();
    let mut at = 0;
    while at < stream.len() {
        let end = at.saturating_add(pieces.next().unwrap_or(usize::MAX)).min(stream.len());
        match reader.read(&stream[at..end])? {
            Progress::NeedMore => at = end,
            Progress::Hello { hello, taken } => {
                assert!(taken > 0 && taken <= end - at);
                assert_eq!(reader.raw(), &stream[..at + taken]);
                return Ok(Some((*hello, at + taken)));
            }
        }
    }
    assert_eq!(reader.into_raw(), stream);
    Ok(None)
}

fn read(stream: &[u8]) -> Result<Option<ClientHello>, HelloError> {
    Ok(read_in(stream, core::iter::once(usize::MAX))?.map(|(hello, _)| hello))
}

#[test]
fn what_a_client_says_is_read() {
    let bytes = stream(&[
        (0x0a0a, vec![]),
        sni("API.Example.com"),
        (16, vector16(&[vector8(b"h2"), vector8(b"http/1.1")].concat())),
        (43, vector8(&[0x0a, 0x0a, 3, 4, 3, 3])),
        (51, vector16(&[&[0x11, 0xec][..], &vector16(&[1; 1216]), &[0, 29], &vector16(&[2; 32])].concat())),
        (0xfe0d, vec![0; 200]),
        (42, vec![]),
        (41, vec![0; 64]),
    ]);
    let hello = read(&bytes).unwrap().unwrap();
    let expected = ClientHello {
        legacy_version: 0x303,
        host: Some(name("api.example.com")),
        alpn: vec![b"h2"[..].into(), b"http/1.1"[..].into()],
        versions: vec![0x0a0a, 0x304, 0x303],
        key_shares: vec![ClientHello::X25519MLKEM768, 29],
        has_ech: true,
        has_early_data: true,
        has_psk: true,
    };
    assert_eq!(hello, expected);
    assert!(hello.accepts_modern());
}

#[test]
fn a_message_without_extensions_is_one() {
    let mut bare = body(&[]);
    bare.truncate(bare.len() - 2);
    let hello = read(&records(&message(&bare), 16_384)).unwrap().unwrap();
    assert_eq!(hello, ClientHello { legacy_version: 0x303, ..Default::default() });
    assert!(hello.accepts_modern());
    assert!(!ClientHello { legacy_version: 0x302, ..Default::default() }.accepts_modern());
    assert!(!ClientHello { legacy_version: 0x303, versions: vec![0x302], ..Default::default() }.accepts_modern());
}

#[test]
fn what_follows_the_message_is_not_taken() {
    let hello = stream(&[sni(NAME)]);
    let bytes = [&hello[..], &[20, 3, 3, 0, 1, 1, 23, 3, 3]].concat();
    assert_eq!(read_in(&bytes, core::iter::empty()).unwrap().unwrap().1, hello.len());
}

#[test]
fn a_name_is_exactly_one_and_a_dns_name() {
    let list = |entries: &[u8]| read(&stream(&[(0, vector16(entries))])).map(|hello| hello.unwrap().host);
    let entry = |kind: u8, name: &[u8]| [&[kind][..], &vector16(name)].concat();
    assert_eq!(list(&entry(0, b"a.example")), Ok(Some(name("a.example"))));
    assert_eq!(list(&[]), Err(HelloError::NameCount));
    assert_eq!(list(&entry(1, b"a.example")), Err(HelloError::NameCount));
    assert_eq!(list(&[entry(0, b"a.example"), entry(0, b"b.example")].concat()), Err(HelloError::NameCount));
    assert_eq!(list(&entry(0, b"192.0.2.1")), Err(HelloError::Name(HostNameError::Address)));
    assert_eq!(list(&entry(0, b"a.example.")), Err(HelloError::Name(HostNameError::NotDns)));
    assert_eq!(list(&entry(0, b"")), Err(HelloError::Name(HostNameError::NotDns)));
    assert_eq!(list(&entry(0, b"a.example\0")), Err(HelloError::Name(HostNameError::NotDns)));
    assert_eq!(read(&stream(&[])).map(|hello| hello.unwrap().host), Ok(None));
}

#[test]
fn what_could_be_read_two_ways_is_refused() {
    let malformed = [
        (16, vector16(&[])),
        (16, vector16(&[0])),
        (16, [vector16(&vector8(b"h2")), vec![0]].concat()),
        (0, [sni(NAME).1, vec![0]].concat()),
        (0, vec![0]),
        (43, vector8(&[])),
        (43, vector8(&[3])),
        (43, [vector8(&[3, 4]), vec![3]].concat()),
        (51, vector16(&[0, 29, 0, 0])),
        (51, vector16(&[0, 29, 0, 9, 1])),
        (42, vec![0]),
    ];
    for extension in malformed {
        assert_eq!(read(&stream(core::slice::from_ref(&extension))), Err(HelloError::Malformed), "{extension:?}");
    }
    assert_eq!(read(&stream(&[sni("a.example"), sni("b.example")])), Err(HelloError::Repeated));
    assert_eq!(read(&stream(&[(9, vec![]), sni(NAME), (9, vec![])])), Err(HelloError::Repeated));
    assert_eq!(read(&stream(&[(41, vec![1]), sni(NAME)])), Err(HelloError::Malformed));
    let good = message(&body(&[sni(NAME)]));
    // Bytes behind the message in its last record, and behind its extensions.
    assert_eq!(read(&records(&[&good[..], &[1]].concat(), 16_384)), Err(HelloError::Malformed));
    let longer = message(&[&body(&[sni(NAME)])[..], &[0]].concat());
    assert_eq!(read(&records(&longer, 16_384)), Err(HelloError::Malformed));
    // A record without content, between two with some.
    let [head, tail] = [&good[..20], &good[20..]].map(|part| records(part, 16_384));
    assert_eq!(read(&[&head[..], &[22, 3, 1, 0, 0], &tail].concat()), Err(HelloError::Malformed));
    // Another record there.
    assert_eq!(read(&[&head[..], &[21, 3, 3, 0, 2, 1, 0], &tail].concat()), Err(HelloError::NotClientHello));
    assert_eq!(read(&[&head[..], b"GET / HTTP/1.1", &tail].concat()), Err(HelloError::Malformed));
    let mut id_too_long = body(&[]);
    id_too_long.splice(34..35, [vec![33], vec![0; 33]].concat());
    assert_eq!(read(&records(&message(&id_too_long), 16_384)), Err(HelloError::Malformed));
}

#[test]
fn what_is_no_client_hello_is_told_by_its_first_bytes() {
    let alert = tls::session::alert_record(AlertDescription::InternalError);
    let server_hello = records(&[2, 0, 0, 1, 0], 16_384);
    let cases: [(&[u8], HelloError); 10] = [
        (b"GET / HTTP/1.1\r\n", HelloError::NotTls),
        (b"SSH-2.0-", HelloError::NotTls),
        (b"\0", HelloError::NotTls),
        (&[22, 2], HelloError::NotTls),
        (&[0x80, 46, 1, 3, 1], HelloError::Sslv2),
        (&[0x80, 46, 2], HelloError::NotTls),
        (&alert, HelloError::NotClientHello),
        (&[23, 3, 3], HelloError::NotClientHello),
        (&server_hello, HelloError::NotClientHello),
        (&[22, 3, 1, 0x40, 1], HelloError::TooLong),
    ];
    for (bytes, error) in cases {
        assert_eq!(read(bytes), Err(error), "{bytes:?}");
        assert_eq!(read_in(bytes, core::iter::repeat(1)).map(|_| ()), Err(error), "{bytes:?} byte by byte");
    }
}

#[test]
fn a_message_may_not_grow_without_end() {
    let padding = |len| stream(&[sni(NAME), (21, vec![0; len])]);
    let overhead = padding(0).len();
    assert!(read(&padding(CLIENT_HELLO_BYTES_MAX - overhead)).unwrap().is_some());
    assert_eq!(read(&padding(CLIENT_HELLO_BYTES_MAX - overhead + 1)), Err(HelloError::TooLong));
    // A length that is never reached is refused at its header.
    assert_eq!(read(&[22, 3, 1, 0, 4, 1, 1, 0, 0]), Err(HelloError::TooLong));
    // Much record, little message.
    let thin = records(&message(&body(&[sni(NAME), (21, vec![0; 3000])])), 1);
    assert_eq!(read(&thin), Err(HelloError::TooLong));
    let mut reader = Reader::new();
    let mut taken = 0;
    for piece in thin.chunks(100) {
        taken += piece.len();
        if reader.read(piece).is_err() {
            break;
        }
    }
    assert!(taken <= CLIENT_HELLO_BYTES_MAX + 100 && reader.raw().len() <= CLIENT_HELLO_BYTES_MAX);
}

#[test]
fn the_librarys_own_clients_are_read() {
    let (_, pem) = authority();
    for (versions, is_post_quantum) in
        [(rustls::ALL_VERSIONS, true), (&[&rustls::version::TLS12][..], false), (&[&rustls::version::TLS13], true)]
    {
        let bytes = sent(&mut client(&client_config(&pem, &[b"http/1.1"], versions, None), NAME));
        let hello = read(&bytes).unwrap().unwrap();
        assert_eq!((hello.host.clone(), hello.alpn.as_slice()), (Some(name(NAME)), &[b"http/1.1"[..].into()][..]));
        assert!(hello.accepts_modern());
        assert_eq!(hello.key_shares.contains(&ClientHello::X25519MLKEM768), is_post_quantum);
        if is_post_quantum {
            assert!(bytes.len() > 1200, "more than a segment has: {}", bytes.len());
        }
    }
}

fn extensions() -> impl Strategy<Value = Vec<(u16, Vec<u8>)>> {
    let content = proptest::collection::vec(any::<u8>(), 0..40);
    let kind = prop_oneof![Just(0u16), Just(16), Just(41), Just(42), Just(43), Just(51), any::<u16>()];
    let extension = prop_oneof![
        3 => (kind, content),
        1 => "[a-zA-Z0-9.-]{0,20}".prop_map(|name| sni(&name)),
        1 => Just((43, vector8(&[3, 4]))),
    ];
    proptest::collection::vec(extension, 0..6)
}

proptest! {
    #[test]
    fn any_split_gives_the_same(
        extensions in extensions(),
        record in 1usize..200,
        pieces in proptest::collection::vec(1usize..300, 0..64),
        tail in proptest::collection::vec(any::<u8>(), 0..30),
    ) {
        let bytes = [records(&message(&body(&extensions)), record), tail].concat();
        let whole = read_in(&bytes, core::iter::empty());
        prop_assert_eq!(&read_in(&bytes, pieces.into_iter()), &whole);
        prop_assert_eq!(&read_in(&bytes, core::iter::repeat(1)), &whole);
    }

    #[test]
    fn no_bytes_make_it_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        at in any::<prop::sample::Index>(),
        value in any::<u8>(),
    ) {
        let _ = read(&bytes);
        let _ = read(&records(&bytes, 16_384));
        let _ = read(&records(&message(&bytes), 16_384));
        let mut good = stream(&[sni(NAME), (16, vector16(&vector8(b"h2"))), (51, vector16(&[0, 29, 0, 1, 7]))]);
        let index = at.index(good.len());
        good[index] = value;
        let whole = read_in(&good, core::iter::empty());
        prop_assert_eq!(read_in(&good, core::iter::repeat(1)), whole);
    }
}
