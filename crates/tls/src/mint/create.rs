//! The making of an authority.

use super::authority::{MintError, date, serial};
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, KeyPair, KeyUsagePurpose};
use zeroize::Zeroizing;

/// Seconds that an authority is valid for: ten years, leap days among them.
const VALIDITY_SECS: u64 = 3652 * 86_400;
/// Seconds of that which lie in the past: clocks of clients are slow.
const BACKDATE_SECS: u64 = 86_400;
/// Characters of a common name (RFC 5280 appendix A.1).
const NAME_MAX: usize = 64;

/// The curve of an authority's key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaCurve {
    /// P-256.
    #[default]
    P256,
    /// P-384.
    P384,
}

/// A new authority, in PEM.
pub struct NewCa {
    /// Its certificate.
    pub certificate: String,
    /// Its key: PKCS#8.
    pub key: Zeroizing<String>,
}

/// Why none was made.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// The name is of no use.
    #[error("the name has to have 1 to 64 characters, none of them a control character")]
    Name,
    /// It cannot be written or signed.
    #[error("{0}")]
    Mint(#[from] MintError),
    /// The key cannot be made.
    #[error("{0}")]
    Key(#[from] rcgen::Error),
}

/// Makes an authority that may sign leaves and no other authorities.
///
/// # Errors
/// The name is of no use, or there are no random numbers.
pub fn create_ca(name: &str, curve: CaCurve, now: u64) -> Result<NewCa, CaError> {
    if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(CaError::Name);
    }
    let algorithm = match curve {
        CaCurve::P256 => &rcgen::PKCS_ECDSA_P256_SHA256,
        CaCurve::P384 => &rcgen::PKCS_ECDSA_P384_SHA384,
    };
    let key = KeyPair::generate_for(algorithm)?;
    let mut params = CertificateParams::default();
    let start = now.saturating_sub(BACKDATE_SECS);
    params.not_before = date(start)?;
    params.not_after = date(start + VALIDITY_SECS)?;
    params.serial_number = Some(serial()?);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = params.self_signed(&key)?.pem();
    Ok(NewCa { certificate, key: Zeroizing::new(key.serialize_pem()) })
}

impl core::fmt::Debug for NewCa {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("NewCa").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}
