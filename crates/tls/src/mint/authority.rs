//! The authority that clients trust, and the signing of a certificate.

use super::description::Description;
use crate::certificate::{self, LeafFacts};
use crate::host_name::HostName;
use crate::keys::{self, KeyError, KeySource};
use crate::roots::{self, RootsError};
use core::sync::atomic::{AtomicU64, Ordering};
use rcgen::{CertificateParams, DistinguishedName, DnType, Issuer, SanType};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SigningKey};
use std::sync::Arc;
use time::OffsetDateTime;

/// Seconds that a minted certificate is valid for, at most.
const VALIDITY_SECS_MAX: u64 = 7 * DAY_SECS;
/// Seconds of that which lie in the past: clocks of clients are slow.
const BACKDATE_SECS: u64 = DAY_SECS;
/// Seconds before its end from which on a certificate is made anew.
const RENEW_SECS: u64 = 3600;
const DAY_SECS: u64 = 86_400;
/// Bytes of a serial number (RFC 5280 section 4.1.2.2 allows 20).
const SERIAL_BYTES: usize = 16;
/// Characters of a common name (RFC 5280 appendix A.1).
const COMMON_NAME_MAX: usize = 64;

/// A certificate that may sign others, and its key.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, Signer>,
    description: Description,
    /// What is sent behind a leaf: nothing if clients have the authority as a root.
    chain: Vec<CertificateDer<'static>>,
    leaf_key: rcgen::KeyPair,
    leaf_signer: Arc<dyn SigningKey>,
}

/// Why an authority is refused. The operator is at fault.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The file of its certificate is of no use.
    #[error("{0}")]
    Certificate(#[from] RootsError),
    /// The certificate cannot be read.
    #[error("its certificate cannot be read")]
    Unreadable,
    /// The key is another one's.
    #[error("its key does not belong to its certificate")]
    KeyMismatch,
    /// Its time is over.
    #[error("its certificate has expired")]
    Expired,
    /// Its time has not come.
    #[error("its certificate is not valid yet")]
    NotYetValid,
    /// It is an ordinary certificate.
    #[error("its certificate is not that of an authority (basicConstraints says no CA)")]
    NotCa,
    /// It may not sign certificates.
    #[error("its certificate may not sign others (keyUsage lacks keyCertSign)")]
    MayNotSign,
    /// It signs nothing that would be trusted.
    #[error("it does not sign certificates: {0}")]
    DoesNotSign(MintError),
}

/// Why no certificate was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MintError {
    /// The real certificate or the authority's is not valid now.
    #[error("the real certificate or the authority's is not valid now")]
    Validity,
    /// It cannot be written or signed.
    #[error("{0}")]
    Sign(rcgen::Error),
    /// It does not name its issuer as the authority names itself.
    #[error("the name in the authority's certificate is written in a way that is not supported")]
    IssuerName,
    /// There are no random numbers.
    #[error("no random numbers")]
    Random,
    /// The leaf key is of no use.
    #[error("no leaf key")]
    LeafKey,
}

/// A certificate for a name, and the key to it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Minted {
    id: u64,
    not_after: u64,
    certified_key: Arc<CertifiedKey>,
}

impl Authority {
    /// An authority from its certificate, which stands first in a PEM file, and its key. What stands
    /// behind it in the file is sent to clients, up to the root that they have.
    ///
    /// # Errors
    /// The two do not belong together, or are no authority now.
    pub fn new(pem: &[u8], key: Box<dyn KeySource>, now: u64) -> Result<Self, AuthorityError> {
        let certificates = roots::certificates(pem)?;
        let der = certificates.first().ok_or(RootsError::Empty)?;
        let description = check(der, &*key, now)?;
        let issuer = Issuer::from_ca_cert_der(der, Signer(key)).map_err(|_| AuthorityError::Unreadable)?;
        let (leaf_key, leaf_signer) = leaf_key().map_err(AuthorityError::DoesNotSign)?;
        let chain = if certificate::is_self_issued(der) { Vec::new() } else { certificates.clone() };
        let authority = Self { issuer, description, chain, leaf_key, leaf_signer };
        authority.probe(der, now).map_err(AuthorityError::DoesNotSign)?;
        Ok(authority)
    }

    /// Who it is.
    #[must_use]
    pub const fn description(&self) -> &Description {
        &self.description
    }

    /// Makes a certificate for a name in place of the real one.
    ///
    /// # Errors
    /// One of the two is not valid now, or the key does not sign.
    pub fn mint(&self, name: &HostName, real: &LeafFacts, now: u64) -> Result<Minted, MintError> {
        let (not_before, not_after) = self.validity(real, now)?;
        let certificate = self.certificate(name, not_before, not_after)?;
        let chain = core::iter::once(certificate).chain(self.chain.iter().cloned()).collect();
        let certified_key = Arc::new(CertifiedKey::new(chain, Arc::clone(&self.leaf_signer)));
        Ok(Minted { id: next_id(), not_after, certified_key })
    }

    /// First and last second: now among them, within the real certificate's and the authority's.
    fn validity(&self, real: &LeafFacts, now: u64) -> Result<(u64, u64), MintError> {
        let start = now.saturating_sub(BACKDATE_SECS).max(real.not_before).max(self.description.facts.not_before);
        let end = (start + VALIDITY_SECS_MAX - 1).min(real.not_after).min(self.description.facts.not_after);
        if start <= now && now <= end { Ok((start, end)) } else { Err(MintError::Validity) }
    }

    fn certificate(
        &self,
        name: &HostName,
        not_before: u64,
        not_after: u64,
    ) -> Result<CertificateDer<'static>, MintError> {
        let mut params = CertificateParams::default();
        params.not_before = date(not_before)?;
        params.not_after = date(not_after)?;
        params.serial_number = Some(serial()?);
        params.subject_alt_names = vec![SanType::DnsName(name.as_str().try_into().map_err(MintError::Sign)?)];
        params.distinguished_name = DistinguishedName::new();
        if name.as_str().len() <= COMMON_NAME_MAX {
            params.distinguished_name.push(DnType::CommonName, name.as_str());
        } else {
            // A subject there has to be; names stand in the extension.
            params.distinguished_name.push(DnType::OrganizationName, "Sovereign");
        }
        params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
        params.is_ca = rcgen::IsCa::ExplicitNoCa;
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&self.leaf_key, &self.issuer).map_err(MintError::Sign)?;
        Ok(certificate.der().clone())
    }

    /// Signs once, so that a key that does not, and a name that would be written another way, show at
    /// the start.
    fn probe(&self, der: &[u8], now: u64) -> Result<(), MintError> {
        let name = HostName::try_from("probe.invalid").map_err(|_| MintError::IssuerName)?;
        let minted = self.mint(&name, &self.description.facts, now)?;
        let leaf = minted.certified_key.cert.first().and_then(|leaf| certificate::parse(leaf));
        let own = certificate::parse(der);
        let is_same = leaf.zip(own).is_some_and(|(leaf, own)| leaf.issuer().as_raw() == own.subject().as_raw());
        if is_same { Ok(()) } else { Err(MintError::IssuerName) }
    }
}

impl Minted {
    /// Tells certificates apart: no two of a process have the same.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// The certificate in DER.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        self.certified_key.cert.first().map(AsRef::as_ref).unwrap_or_default()
    }

    pub(crate) fn certified_key(&self) -> CertifiedKey {
        CertifiedKey::clone(&self.certified_key)
    }

    /// True if it need not be made anew: its end is not near, or no later one can be had.
    pub(super) fn is_fresh(&self, real: &LeafFacts, now: u64) -> bool {
        now + RENEW_SECS <= self.not_after || (now <= self.not_after && self.not_after == real.not_after)
    }
}

/// Everything that is wrong with an authority without signing anything.
fn check(der: &[u8], key: &dyn KeySource, now: u64) -> Result<Description, AuthorityError> {
    let certificate = certificate::parse(der).ok_or(AuthorityError::Unreadable)?;
    let facts = LeafFacts::of(&certificate, der);
    if certificate.public_key().subject_public_key.data != key.public_key() {
        return Err(AuthorityError::KeyMismatch);
    }
    let constraints = certificate.basic_constraints().map_err(|_| AuthorityError::Unreadable)?;
    if !constraints.is_some_and(|constraints| constraints.value.ca) {
        return Err(AuthorityError::NotCa);
    }
    let usage = certificate.key_usage().map_err(|_| AuthorityError::Unreadable)?;
    if usage.is_some_and(|usage| !usage.value.key_cert_sign()) {
        return Err(AuthorityError::MayNotSign);
    }
    if now < facts.not_before {
        return Err(AuthorityError::NotYetValid);
    }
    if now > facts.not_after {
        return Err(AuthorityError::Expired);
    }
    Ok(Description { subject: certificate.subject().to_string(), facts })
}

/// The one key of all minted certificates.
fn leaf_key() -> Result<(rcgen::KeyPair, Arc<dyn SigningKey>), MintError> {
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).map_err(MintError::Sign)?;
    let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pair.serialize_der()));
    let signer = rustls::crypto::aws_lc_rs::sign::any_ecdsa_type(&der).map_err(|_| MintError::LeafKey)?;
    Ok((pair, signer))
}

fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

pub(super) fn date(unix_secs: u64) -> Result<OffsetDateTime, MintError> {
    let secs = i64::try_from(unix_secs).map_err(|_| MintError::Validity)?;
    OffsetDateTime::from_unix_timestamp(secs).map_err(|_| MintError::Validity)
}

/// Random, positive, and of the same length each time.
pub(super) fn serial() -> Result<rcgen::SerialNumber, MintError> {
    let mut bytes = [0; SERIAL_BYTES];
    let random = rustls::crypto::aws_lc_rs::default_provider().secure_random;
    random.fill(&mut bytes).map_err(|_| MintError::Random)?;
    if let Some(first) = bytes.first_mut() {
        *first = *first & 0x3f | 0x40;
    }
    Ok(rcgen::SerialNumber::from_slice(&bytes))
}

/// A key source as rcgen wants to see it.
struct Signer(Box<dyn KeySource>);

impl rcgen::PublicKeyData for Signer {
    fn der_bytes(&self) -> &[u8] {
        self.0.public_key()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        keys::algorithm(self.0.kind())
    }
}

impl rcgen::SigningKey for Signer {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.0.sign(message).map_err(|_: KeyError| rcgen::Error::RemoteKeyError)
    }
}
