//! What rustls asks while it shakes hands with a server.

use crate::certificate::{LeafFacts, has_short_key};
use crate::observed;
use crate::roots::Roots;
use crate::session::TlsError;
use crate::verdict::Verdict;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{DigitallySignedStruct, Error, SignatureScheme};
use std::sync::Arc;

/// Verifies as webpki does, and puts down what came of it.
#[derive(Debug)]
pub(super) struct Verifier(Arc<WebPkiServerVerifier>);

impl Verifier {
    pub(super) fn new(roots: &Roots, provider: Arc<CryptoProvider>) -> Result<Self, TlsError> {
        WebPkiServerVerifier::builder_with_provider(roots.store(), provider)
            .with_crls(roots.revoked().iter().cloned())
            .only_check_end_entity_revocation()
            .allow_unknown_revocation_status()
            .build()
            .map(Self)
            .map_err(|error| TlsError::Configuration(Error::General(error.to_string())))
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let result = self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let verdict = result.as_ref().map_or_else(|error| Verdict::of(error, end_entity), |_| Verdict::Valid);
        observed::note(|observed| {
            observed.verdict = Some(verdict);
            observed.leaf = LeafFacts::read(end_entity);
        });
        result
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let result = self.0.verify_tls12_signature(message, cert, signed);
        note_short_key(cert, result.is_ok());
        result
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let result = self.0.verify_tls13_signature(message, cert, signed);
        note_short_key(cert, result.is_ok());
        result
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// A signature that is not taken may be one of a key that is too short.
fn note_short_key(certificate: &CertificateDer<'_>, is_taken: bool) {
    if !is_taken && has_short_key(certificate) {
        observed::note(|observed| observed.verdict = Some(Verdict::WeakSignature));
    }
}

/// Has no certificate to show; puts down that one was asked for.
#[derive(Debug)]
pub(super) struct NoCertificate;

impl ResolvesClientCert for NoCertificate {
    fn resolve(&self, _issuers: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        observed::note(|observed| observed.is_certificate_wanted = true);
        None
    }

    fn has_certs(&self) -> bool {
        // Else it would not be asked.
        true
    }
}
