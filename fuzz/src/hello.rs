//! The first message of a TLS client.

use tls::client_hello::{CLIENT_HELLO_BYTES_MAX, ClientHello, HelloError, Progress, Reader};

/// The start of a stream: whole, byte by byte, and in pieces of a length that it chooses itself.
pub fn client_hello(bytes: &[u8]) {
    let whole = read(bytes, bytes.len().max(1));
    assert_eq!(read(bytes, 1), whole);
    assert_eq!(read(bytes, usize::from(bytes.last().copied().unwrap_or(0)) + 1), whole);
}

/// The message and how many bytes it took; nothing if it is not complete.
fn read(bytes: &[u8], piece: usize) -> Result<Option<(ClientHello, usize)>, HelloError> {
    let mut reader = Reader::new();
    for part in bytes.chunks(piece) {
        let progress = reader.read(part);
        assert!(reader.raw().len() <= CLIENT_HELLO_BYTES_MAX && bytes.starts_with(reader.raw()));
        if let Progress::Hello { hello, .. } = progress? {
            return Ok(Some((*hello, reader.raw().len())));
        }
    }
    Ok(None)
}
