//! Whom to trust: the roots that browsers trust, and what an operator adds.

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};
use std::sync::Arc;

/// Bytes of a PEM file of certificates: a system's whole bundle has about 250 KB.
pub const PEM_BYTES_MAX: usize = 4 << 20;

/// Certificates that end a chain of trust, and lists of revoked ones.
#[derive(Clone, Debug)]
pub struct Roots {
    store: RootCertStore,
    revoked: Vec<CertificateRevocationListDer<'static>>,
}

/// Why a file of certificates is of no use. The operator is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RootsError {
    /// There is none in it.
    #[error("there is no certificate in it")]
    Empty,
    /// One is no certificate, or one that cannot be a root.
    #[error("certificate {number} of it is unusable: {why}")]
    Unusable {
        /// Which one, from 1.
        number: usize,
        /// What is wrong.
        why: String,
    },
    /// More than [`PEM_BYTES_MAX`].
    #[error("it is longer than 4 MiB")]
    TooLong,
}

impl Roots {
    /// Nobody.
    #[must_use]
    pub fn none() -> Self {
        Self { store: RootCertStore::empty(), revoked: Vec::new() }
    }

    /// The roots of Mozilla's programme, as they were when this was built.
    #[must_use]
    pub fn built_in() -> Self {
        let store = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        Self { store, revoked: Vec::new() }
    }

    /// Adds every certificate of a PEM file; returns how many.
    ///
    /// # Errors
    /// There is none, or one that cannot be a root: then none is added.
    pub fn add_pem(&mut self, pem: &[u8]) -> Result<usize, RootsError> {
        let mut store = self.store.clone();
        let certificates = certificates(pem)?;
        for (index, certificate) in certificates.iter().enumerate() {
            let unusable = |error: rustls::Error| RootsError::Unusable { number: index + 1, why: error.to_string() };
            store.add(certificate.clone()).map_err(unusable)?;
        }
        self.store = store;
        Ok(certificates.len())
    }

    /// How many authorities that are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.store.len()
    }

    /// Adds a list of revoked certificates, in DER.
    pub fn add_revoked(&mut self, list: Vec<u8>) {
        self.revoked.push(list.into());
    }

    pub(crate) fn store(&self) -> Arc<RootCertStore> {
        Arc::new(self.store.clone())
    }

    pub(crate) fn revoked(&self) -> &[CertificateRevocationListDer<'static>] {
        &self.revoked
    }
}

/// The certificates of a PEM file, at least one.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, RootsError> {
    if pem.len() > PEM_BYTES_MAX {
        return Err(RootsError::TooLong);
    }
    let mut found = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let number = found.len() + 1;
        found.push(certificate.map_err(|error| RootsError::Unusable { number, why: error.to_string() })?);
    }
    if found.is_empty() { Err(RootsError::Empty) } else { Ok(found) }
}
