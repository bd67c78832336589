use core::fmt;
use core::str::FromStr;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

/// Bytes of an Ed25519 signature.
pub(crate) const SIGNATURE_BYTES: usize = 64;

/// The longest message that is signed: a header with its label.
const MESSAGE_BYTES_MAX: usize = 512;

/// The Ed25519 public key of a gateway (RFC 8032): what an operator writes down to know the log by.
///
/// It is its own fingerprint: 64 hexadecimal digits, no shorter form that could collide.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey([u8; 32]);

/// A text that is not exactly 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 64 hexadecimal digits")]
pub struct ParseHexError;

impl PublicKey {
    /// A key as it stands in a header.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The public half of a gateway's signing key.
    #[must_use]
    pub fn of(key: &SigningKey) -> Self {
        Self(key.verifying_key().to_bytes())
    }

    /// The key as it stands in a header.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// True if `signature` is this key's over `label` and then `message`.
    ///
    /// The strict check: keys of small order and signatures in another form than the one the
    /// signer makes are refused, so a signature has one reading only.
    pub(crate) fn has_signed(&self, label: &[u8], message: &[u8], signature: &[u8; 64]) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(&self.0) else { return false };
        let Some(message) = Message::new(label, message) else { return false };
        key.verify_strict(message.as_slice(), &Signature::from_bytes(signature)).is_ok()
    }
}

/// Signs `label` and then `message`; `None` if that is longer than anything the format signs.
pub(crate) fn sign(key: &SigningKey, label: &[u8], message: &[u8]) -> Option<[u8; 64]> {
    Message::new(label, message).map(|message| key.sign(message.as_slice()).to_bytes())
}

/// A label and what it labels, put together on the stack.
struct Message {
    bytes: [u8; MESSAGE_BYTES_MAX],
    len: usize,
}

impl Message {
    fn new(label: &[u8], message: &[u8]) -> Option<Self> {
        let len = label.len() + message.len();
        let mut bytes = [0; MESSAGE_BYTES_MAX];
        bytes.get_mut(..label.len())?.copy_from_slice(label);
        bytes.get_mut(label.len()..len)?.copy_from_slice(message);
        Some(Self { bytes, len })
    }

    fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(formatter, &self.0)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PublicKey({self})")
    }
}

impl FromStr for PublicKey {
    type Err = ParseHexError;

    fn from_str(text: &str) -> Result<Self, ParseHexError> {
        parse_hex(text).map(Self)
    }
}

/// Writes `bytes` as lower-case hexadecimal digits.
pub(crate) fn write_hex(formatter: &mut impl fmt::Write, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
}

/// Reads 64 hexadecimal digits.
pub(crate) fn parse_hex(text: &str) -> Result<[u8; 32], ParseHexError> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != 32 || !rest.is_empty() {
        return Err(ParseHexError);
    }
    let mut bytes = [0; 32];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Ok(bytes)
}

const fn digit(character: u8) -> Result<u8, ParseHexError> {
    match character {
        b'0'..=b'9' => Ok(character - b'0'),
        b'a'..=b'f' => Ok(character - b'a' + 10),
        b'A'..=b'F' => Ok(character - b'A' + 10),
        _ => Err(ParseHexError),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_back_from_what_was_written_down() {
        let key = PublicKey::of(&SigningKey::from_bytes(&[7; 32]));
        assert_eq!(key.to_string().parse(), Ok(key));
        assert_eq!(key.to_string().to_uppercase().parse(), Ok(key));
        assert_eq!("".parse::<PublicKey>(), Err(ParseHexError));
        assert_eq!(format!("{key}0").parse::<PublicKey>(), Err(ParseHexError));
        assert_eq!("+f".repeat(32).parse::<PublicKey>(), Err(ParseHexError));
    }

    #[test]
    fn a_signature_holds_for_its_label_and_message_only() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = PublicKey::of(&key);
        let signature = sign(&key, b"label\0", b"message").unwrap();
        assert!(public.has_signed(b"label\0", b"message", &signature));
        assert!(!public.has_signed(b"other\0", b"message", &signature));
        assert!(!public.has_signed(b"label\0", b"massage", &signature));
        assert_eq!(sign(&key, b"label\0", &[0; MESSAGE_BYTES_MAX]), None);
    }

    #[test]
    fn a_key_of_small_order_signs_nothing() {
        // The identity point, under which an all-zero scalar passes the lax check.
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut signature = [0; 64];
        signature[0] = 1;
        assert!(!PublicKey::from_bytes(identity).has_signed(b"", b"anything", &signature));
    }
}
