//! What was found about a certificate, under names that stay.

use core::fmt;
use rustls::pki_types::CertificateDer;
use rustls::{CertificateError, Error, PeerIncompatible};

/// What became of the verification of a peer's certificate, and of what stands in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub enum Verdict {
    /// It is valid under the name that was asked for.
    Valid,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// It is another host's.
    WrongHost,
    /// It is its own issuer, and not trusted.
    SelfSigned,
    /// Nobody who is trusted issued it.
    UnknownIssuer,
    /// It is signed with SHA-1, or another way that is not trusted, or its own key is too short.
    WeakSignature,
    /// A signature on it is wrong.
    BadSignature,
    /// It was revoked.
    Revoked,
    /// It may not be used for this.
    WrongPurpose,
    /// It cannot be read.
    BadEncoding,
    /// The server wants a certificate of its client.
    ClientCertificateWanted,
    /// The server speaks nothing later than TLS 1.1.
    VersionTooOld,
    /// A client gave no certificate though one is required.
    Missing,
    /// Anything else that a verification fails for.
    Other,
}

impl Verdict {
    /// A stable name for records and counters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::WrongHost => "wrong_host",
            Self::SelfSigned => "self_signed",
            Self::UnknownIssuer => "unknown_issuer",
            Self::WeakSignature => "weak_signature",
            Self::BadSignature => "bad_signature",
            Self::Revoked => "revoked",
            Self::WrongPurpose => "wrong_purpose",
            Self::BadEncoding => "bad_encoding",
            Self::ClientCertificateWanted => "client_certificate_wanted",
            Self::VersionTooOld => "version_too_old",
            Self::Missing => "missing",
            Self::Other => "other",
        }
    }

    /// What an error says of the certificate of a peer, given its leaf.
    pub(crate) fn of(error: &Error, leaf: &CertificateDer<'_>) -> Self {
        let Error::InvalidCertificate(error) = error else { return Self::Other };
        let by_error = Self::of_certificate_error(error);
        // That nobody is behind it says more than what webpki stumbled over on its way there.
        let is_own = matches!(by_error, Self::UnknownIssuer | Self::Other | Self::WeakSignature);
        if is_own && crate::certificate::is_self_issued(leaf) { Self::SelfSigned } else { by_error }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "what is not known by name is `Other`, a refusal")]
    pub(crate) const fn of_certificate_error(error: &CertificateError) -> Self {
        match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Self::NotYetValid,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Self::WrongHost,
            CertificateError::UnknownIssuer => Self::UnknownIssuer,
            CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => Self::WeakSignature,
            CertificateError::BadSignature => Self::BadSignature,
            CertificateError::Revoked => Self::Revoked,
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => Self::WrongPurpose,
            CertificateError::BadEncoding => Self::BadEncoding,
            _ => Self::Other,
        }
    }

    /// What an error that is not about a certificate says of a server, if it is one of the two that
    /// have a name here.
    pub(crate) fn of_handshake(error: &Error) -> Option<Self> {
        let is_old = matches!(
            error,
            Error::AlertReceived(rustls::AlertDescription::ProtocolVersion)
                | Error::PeerIncompatible(
                    PeerIncompatible::ServerDoesNotSupportTls12Or13
                        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
                )
        );
        is_old.then_some(Self::VersionTooOld)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
