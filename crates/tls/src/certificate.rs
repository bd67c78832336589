//! What is read of a certificate beside its verification.

use sha2::{Digest, Sha256};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;

/// Bytes of a name that is taken from a certificate.
const SUBJECT_BYTES_MAX: usize = 256;

/// Bits of the shortest RSA key whose signatures are taken.
const RSA_BITS_MIN: usize = 2048;

/// What minting and records need of a server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LeafFacts {
    /// First second of its validity, since 1970.
    pub not_before: u64,
    /// Last second of its validity.
    pub not_after: u64,
    /// SHA-256 of its DER form.
    pub sha256: [u8; 32],
}

impl LeafFacts {
    /// Reads a certificate's DER form; nothing if it is none.
    #[must_use]
    pub fn read(der: &[u8]) -> Option<Self> {
        parse(der).map(|certificate| Self::of(&certificate, der))
    }

    pub(crate) fn of(certificate: &X509Certificate<'_>, der: &[u8]) -> Self {
        let validity = certificate.validity();
        // What is before 1970 was long ago.
        let secs = |time: i64| u64::try_from(time).unwrap_or(0);
        Self {
            not_before: secs(validity.not_before.timestamp()),
            not_after: secs(validity.not_after.timestamp()),
            sha256: Sha256::digest(der).into(),
        }
    }

    /// True if the time lies within the validity.
    #[must_use]
    pub const fn is_valid_at(&self, unix_secs: u64) -> bool {
        self.not_before <= unix_secs && unix_secs <= self.not_after
    }
}

/// The whole of the bytes as a certificate.
pub(crate) fn parse(der: &[u8]) -> Option<X509Certificate<'_>> {
    X509Certificate::from_der(der).ok().filter(|(rest, _)| rest.is_empty()).map(|(_, certificate)| certificate)
}

/// True if it names itself as its issuer.
pub(crate) fn is_self_issued(der: &[u8]) -> bool {
    parse(der).is_some_and(|certificate| certificate.issuer().as_raw() == certificate.subject().as_raw())
}

/// True if its own key is one of RSA that is shorter than 2,048 bits.
pub(crate) fn has_short_key(der: &[u8]) -> bool {
    let key = parse(der).map(|certificate| {
        certificate.public_key().parsed().map(|key| (matches!(key, PublicKey::RSA(_)), key.key_size()))
    });
    matches!(key, Some(Ok((true, bits))) if bits < RSA_BITS_MIN)
}

fn text<'a>(name: &GeneralName<'a>) -> Option<&'a str> {
    if let GeneralName::RFC822Name(name) | GeneralName::DNSName(name) | GeneralName::URI(name) = name {
        return Some(name);
    }
    None
}

/// Whom a client's certificate speaks of: its common name, else its first alternative name that is
/// text. Nothing if there is none, or one that is long or not printable.
pub(crate) fn subject(der: &[u8]) -> Option<Box<str>> {
    let certificate = parse(der)?;
    let common_name = certificate.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
    let alternative = || {
        let names = certificate.subject_alternative_name().ok().flatten()?;
        names.value.general_names.iter().find_map(text)
    };
    let name = common_name.or_else(alternative)?;
    let is_plain = !name.is_empty() && name.len() <= SUBJECT_BYTES_MAX && !name.chars().any(char::is_control);
    is_plain.then(|| name.into())
}
