//! Where the authority's key is, and what it does: sign. Nothing here gives it away.
//!
//! [`FileKey`] reads a file; other sources, such as a PKCS#11 token, implement [`KeySource`].

use core::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use zeroize::Zeroizing;

/// Bytes of a key's file: RSA with 8192 bits in PEM has 6.4 KB.
const KEY_FILE_BYTES_MAX: u64 = 16 << 10;
/// Mode bits that a key's file may not have: anything for others, and execution.
const FORBIDDEN_MODE: u32 = 0o177;

/// What kind of key it is, and so how it signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// ECDSA on P-256 with SHA-256.
    EcdsaP256,
    /// ECDSA on P-384 with SHA-384.
    EcdsaP384,
    /// Ed25519.
    Ed25519,
    /// RSA, PKCS#1 v1.5 with SHA-256.
    Rsa,
}

/// A private key that signs.
pub trait KeySource: fmt::Debug + Send + Sync {
    /// Its kind.
    fn kind(&self) -> KeyKind;

    /// The public key: the content of `subjectPublicKey` (RFC 5280 section 4.1).
    fn public_key(&self) -> &[u8];

    /// The signature of a message, in the form that X.509 has for this kind. May take its time: it is
    /// called from helper threads alone.
    ///
    /// # Errors
    /// The key is not there any more, or does not sign.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError>;
}

/// Why a key is of no use. The operator is at fault.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("{0}")]
    Read(#[from] io::Error),
    /// It is a directory, a pipe or a device, or longer than any key.
    #[error("it is no file with a key")]
    NotAFile,
    /// Others may read it.
    #[error("its mode is {0:04o}, and has to be 0600")]
    Mode(u32),
    /// It is somebody else's.
    #[error("it belongs to user {found}, and has to belong to user {expected}, whom the service runs as")]
    Owner {
        /// The owner's number.
        found: u32,
        /// The service's.
        expected: u32,
    },
    /// It is no private key in PEM, or of a kind that is not known.
    #[error("it holds no PEM private key of a known kind (ECDSA P-256 or P-384, Ed25519, RSA)")]
    Unsupported,
    /// It did not sign.
    #[error("the key does not sign")]
    Sign,
}

/// A key from a file.
pub struct FileKey {
    pair: rcgen::KeyPair,
    kind: KeyKind,
}

impl FileKey {
    /// Reads a PEM file that only its owner may read; the owner has to be this user.
    ///
    /// # Errors
    /// Anything is wrong with the file.
    pub fn open(path: &Path, owner: u32) -> Result<Self, KeyError> {
        // Opening a pipe would keep the start waiting.
        if !fs::metadata(path)?.is_file() {
            return Err(KeyError::NotAFile);
        }
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() || metadata.len() > KEY_FILE_BYTES_MAX {
            return Err(KeyError::NotAFile);
        }
        if metadata.mode() & FORBIDDEN_MODE != 0 {
            return Err(KeyError::Mode(metadata.mode() & 0o7777));
        }
        if metadata.uid() != owner {
            return Err(KeyError::Owner { found: metadata.uid(), expected: owner });
        }
        let mut pem = Zeroizing::new(String::new());
        file.take(KEY_FILE_BYTES_MAX).read_to_string(&mut pem).map_err(|_| KeyError::Unsupported)?;
        Self::of_pem(&pem)
    }

    /// Reads the text of such a file.
    ///
    /// # Errors
    /// It holds no key of a known kind.
    pub fn of_pem(pem: &str) -> Result<Self, KeyError> {
        let pair = rcgen::KeyPair::from_pem(pem).map_err(|_| KeyError::Unsupported)?;
        let kinds = [KeyKind::EcdsaP256, KeyKind::EcdsaP384, KeyKind::Ed25519, KeyKind::Rsa];
        let kind = kinds.into_iter().find(|kind| pair.is_compatible(algorithm(*kind)));
        kind.map(|kind| Self { pair, kind }).ok_or(KeyError::Unsupported)
    }
}

impl KeySource for FileKey {
    fn kind(&self) -> KeyKind {
        self.kind
    }

    fn public_key(&self) -> &[u8] {
        self.pair.public_key_raw()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        rcgen::SigningKey::sign(&self.pair, message).map_err(|_| KeyError::Sign)
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("FileKey").field(&self.kind).finish()
    }
}

/// The name that certificates have for it.
pub(crate) const fn algorithm(kind: KeyKind) -> &'static rcgen::SignatureAlgorithm {
    match kind {
        KeyKind::EcdsaP256 => &rcgen::PKCS_ECDSA_P256_SHA256,
        KeyKind::EcdsaP384 => &rcgen::PKCS_ECDSA_P384_SHA384,
        KeyKind::Ed25519 => &rcgen::PKCS_ED25519,
        KeyKind::Rsa => &rcgen::PKCS_RSA_SHA256,
    }
}
