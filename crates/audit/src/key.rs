use crate::ChainHash;
use core::fmt;
use core::str::FromStr;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

/// Bytes of an Ed25519 signature.
pub(crate) const SIGNATURE_BYTES: usize = 64;

/// What a signature is for, so that one of a header can never pass for one of a mark.
pub(crate) type Label = [u8; 24];

/// The label of a segment's header.
pub(crate) const HEADER_LABEL: &Label = b"sovereign-audit-header-1";

/// The label of a mark: a checkpoint and its kin.
pub(crate) const MARK_LABEL: &Label = b"sovereign-audit-signed-1";

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

    /// True if `signature` is this key's over `label` and `hash`.
    ///
    /// The strict check: keys of small order and signatures in another form than the one the
    /// signer makes are refused, so a signature has one reading only.
    pub(crate) fn has_signed(&self, label: &Label, hash: &ChainHash, signature: &[u8; 64]) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(&self.0) else { return false };
        key.verify_strict(&message(label, hash), &Signature::from_bytes(signature)).is_ok()
    }
}

/// Signs `label` and `hash`.
pub(crate) fn sign(key: &SigningKey, label: &Label, hash: &ChainHash) -> [u8; 64] {
    key.sign(&message(label, hash)).to_bytes()
}

fn message(label: &Label, hash: &ChainHash) -> [u8; 56] {
    let mut bytes = [0; 56];
    for (byte, value) in bytes.iter_mut().zip(label.iter().chain(hash.as_bytes())) {
        *byte = *value;
    }
    bytes
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
    fn a_signature_holds_for_its_label_and_hash_only() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = PublicKey::of(&key);
        let hash = ChainHash::ZERO.after(b"entry");
        let signature = sign(&key, MARK_LABEL, &hash);
        assert!(public.has_signed(MARK_LABEL, &hash, &signature));
        assert!(!public.has_signed(HEADER_LABEL, &hash, &signature));
        assert!(!public.has_signed(MARK_LABEL, &ChainHash::ZERO, &signature));
    }

    #[test]
    fn a_key_of_small_order_signs_nothing() {
        // The identity point, under which the signature (identity, 0) passes the lax check.
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut signature = [0; 64];
        signature[0] = 1;
        let key = PublicKey::from_bytes(identity);
        assert!(!key.has_signed(MARK_LABEL, &ChainHash::ZERO, &signature));
    }
}
