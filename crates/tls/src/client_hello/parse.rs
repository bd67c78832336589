//! From a handshake message to what it says (RFC 8446 section 4.1.2).

use super::{ClientHello, HelloError};
use crate::bytes::Bytes;
use crate::host_name::HostName;

/// Extensions that are read (IANA, `TLS ExtensionType Values`).
mod extension {
    pub(super) const SERVER_NAME: u16 = 0;
    pub(super) const ALPN: u16 = 16;
    pub(super) const PRE_SHARED_KEY: u16 = 41;
    pub(super) const EARLY_DATA: u16 = 42;
    pub(super) const SUPPORTED_VERSIONS: u16 = 43;
    pub(super) const KEY_SHARE: u16 = 51;
    pub(super) const ENCRYPTED_CLIENT_HELLO: u16 = 0xfe0d;
}

/// `NameType` in `server_name`.
const HOST_NAME: u8 = 0;
/// `legacy_session_id`.
const SESSION_ID_BYTES_MAX: usize = 32;

/// Reads the message's body.
pub(super) fn client_hello(body: &[u8]) -> Result<ClientHello, HelloError> {
    let mut body = Bytes(body);
    let mut hello = ClientHello { legacy_version: body.u16()?, ..ClientHello::default() };
    body.take(32)?; // random
    if body.vector8()?.0.len() > SESSION_ID_BYTES_MAX {
        return Err(HelloError::Malformed);
    }
    let suites = body.vector16()?.0.len();
    let compressions = body.vector8()?.0.len();
    if suites == 0 || suites % 2 != 0 || compressions == 0 {
        return Err(HelloError::Malformed);
    }
    // A client of TLS 1.2 may have none.
    if body.is_empty() {
        return Ok(hello);
    }
    let extensions = body.vector16()?;
    body.end()?;
    read_extensions(extensions, &mut hello)?;
    Ok(hello)
}

fn read_extensions(mut extensions: Bytes<'_>, hello: &mut ClientHello) -> Result<(), HelloError> {
    let mut seen: Vec<u16> = Vec::new();
    while !extensions.is_empty() {
        // Binders cover everything before them, so these come last (RFC 8446 section 4.2.11).
        if hello.has_psk {
            return Err(HelloError::Malformed);
        }
        let kind = extensions.u16()?;
        seen.push(kind);
        read_extension(kind, extensions.vector16()?, hello)?;
    }
    seen.sort_unstable();
    let is_repeated = seen.windows(2).any(|pair| pair.first() == pair.last());
    if is_repeated { Err(HelloError::Repeated) } else { Ok(()) }
}

fn read_extension(kind: u16, mut content: Bytes<'_>, hello: &mut ClientHello) -> Result<(), HelloError> {
    match kind {
        extension::SERVER_NAME => hello.host = Some(server_name(content)?),
        extension::ALPN => hello.alpn = protocols(content)?,
        extension::SUPPORTED_VERSIONS => {
            let list = content.vector8()?;
            content.end()?;
            hello.versions = numbers(list)?;
        }
        extension::KEY_SHARE => hello.key_shares = key_shares(content)?,
        extension::ENCRYPTED_CLIENT_HELLO => hello.has_ech = true,
        extension::EARLY_DATA => {
            content.end()?;
            hello.has_early_data = true;
        }
        extension::PRE_SHARED_KEY => hello.has_psk = true,
        _ => {}
    }
    Ok(())
}

/// Exactly one name, of the one kind there is (RFC 6066 section 3).
fn server_name(mut content: Bytes<'_>) -> Result<HostName, HelloError> {
    let mut list = content.vector16()?;
    content.end()?;
    if list.is_empty() {
        return Err(HelloError::NameCount);
    }
    let kind = list.u8()?;
    let name = list.vector16()?;
    if kind != HOST_NAME || !list.is_empty() {
        return Err(HelloError::NameCount);
    }
    Ok(HostName::try_from(name.0)?)
}

/// RFC 7301 section 3.1.
fn protocols(mut content: Bytes<'_>) -> Result<Vec<Box<[u8]>>, HelloError> {
    let mut list = content.vector16()?;
    content.end()?;
    let mut protocols = Vec::new();
    while !list.is_empty() {
        let name = list.vector8()?;
        if name.is_empty() {
            return Err(HelloError::Malformed);
        }
        protocols.push(name.0.into());
    }
    if protocols.is_empty() { Err(HelloError::Malformed) } else { Ok(protocols) }
}

/// An empty list asks the server to choose a group.
fn key_shares(mut content: Bytes<'_>) -> Result<Vec<u16>, HelloError> {
    let mut list = content.vector16()?;
    content.end()?;
    let mut groups = Vec::new();
    while !list.is_empty() {
        groups.push(list.u16()?);
        if list.vector16()?.is_empty() {
            return Err(HelloError::Malformed);
        }
    }
    Ok(groups)
}

fn numbers(mut list: Bytes<'_>) -> Result<Vec<u16>, HelloError> {
    let mut numbers = Vec::new();
    while !list.is_empty() {
        numbers.push(list.u16()?);
    }
    if numbers.is_empty() { Err(HelloError::Malformed) } else { Ok(numbers) }
}
