//! What a server says first, from streams cut in any way: the library's own servers are the oracle.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "test code")]

mod support;

use proptest::prelude::*;
use rustls::version::{TLS12, TLS13};
use support::*;
use tls::server_hello::{Reader, SERVER_HELLO_BYTES_MAX, ServerHello};

/// What a server of this version answers first, and what both then agree on.
fn answer(version: &'static rustls::SupportedProtocolVersion) -> (Vec<u8>, ServerHello) {
    let ca = Issuing::new("root");
    let issued = ca.issue(&leaf_params(NAME));
    let mut server = server(&server_config(&issued, &ServerOptions::default()));
    let mut client = client(&client_config(&ca.pem, &[], &[version], None), NAME);
    give(&mut server, &sent(&mut client)).unwrap();
    let bytes = sent(&mut server);
    give(&mut client, &bytes).unwrap();
    let version = client.protocol_version().unwrap().into();
    (bytes, ServerHello { version, cipher: client.negotiated_cipher_suite().unwrap().suite().into() })
}

/// What a stream says if it comes in pieces of so many bytes.
fn read(stream: &[u8], piece: usize) -> Option<ServerHello> {
    let mut reader = Reader::new();
    let mut said = stream.chunks(piece).filter_map(|bytes| reader.read(bytes));
    let first = said.next();
    assert_eq!(said.next(), None, "it is said once");
    first
}

/// A message in records of so many bytes.
fn records(message: &[u8], len: usize) -> Vec<u8> {
    let record = |part: &[u8]| [&[22, 3, 3][..], &(part.len() as u16).to_be_bytes(), part].concat();
    message.chunks(len).flat_map(record).collect()
}

#[test]
fn version_and_cipher_are_those_that_were_agreed_on() {
    for version in [&TLS12, &TLS13] {
        let (stream, agreed) = answer(version);
        for piece in [1, 2, 5, 24, 100, 1448, stream.len()] {
            assert_eq!(read(&stream, piece), Some(agreed), "{version:?} in {piece}");
        }
        let len = usize::from(u16::from_be_bytes([stream[7], stream[8]])) + 4;
        let message = &stream[5..5 + len];
        for size in [1, 7, len] {
            assert_eq!(read(&records(message, size), 3), Some(agreed), "{version:?} in records of {size}");
        }
        // Certificates behind it in one record.
        let flight = records(&[message, &[11, 0, 0x20, 0], &[7; 0x2000]].concat(), 1 << 14);
        for piece in [1448, flight.len()] {
            assert_eq!(read(&flight, piece), Some(agreed), "{version:?} before more in {piece}");
        }
        for cut in 0..len + 5 {
            assert_eq!(read(&stream[..cut], 16), None, "{cut} bytes");
        }
    }
}

#[test]
fn what_is_no_such_message_says_nothing_and_is_not_kept() {
    let (stream, _) = answer(&TLS13);
    let alert = [21, 3, 3, 0, 2, 2, 40];
    let long = records(&[&[2, 0, 0xff, 0xff][..], &[0; 0xffff]].concat(), 1 << 14);
    let endless = records(&[&[2, 0, 0x0f, 0xff][..], &[0; SERVER_HELLO_BYTES_MAX]].concat(), 1 << 14);
    for before in [&alert[..], b"220 mail ready\r\n", &[22, 3, 3, 0, 0], &records(b"\x01...", 4), &long, &endless] {
        assert_eq!(read(&[before, &stream].concat(), 1448), None, "{:?}", &before[..4]);
    }
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200), piece in 1usize..40, is_shaped: bool) {
        if is_shaped && bytes.len() > 9 {
            let len = bytes.len() as u16 - 5;
            bytes[..9].copy_from_slice(&[22, 3, 3, (len >> 8) as u8, len as u8, 2, 0, 0, (len - 4) as u8]);
        }
        read(&bytes, piece);
    }
}
