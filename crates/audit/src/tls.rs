//! What a record says of TLS.

use core::fmt;

/// A version of TLS, as ClientHellos and ServerHellos number them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// TLS 1.0: never accepted, recorded where a flow was blocked for it.
    Tls10,
    /// TLS 1.1: the same.
    Tls11,
    /// TLS 1.2.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

impl TlsVersion {
    /// All versions that have a word, oldest first.
    pub const ALL: [Self; 4] = [Self::Tls10, Self::Tls11, Self::Tls12, Self::Tls13];

    /// The word in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tls10 => "1.0",
            Self::Tls11 => "1.1",
            Self::Tls12 => "1.2",
            Self::Tls13 => "1.3",
        }
    }

    /// The version with this word, with or without `TLSv` before it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let word = name.strip_prefix("TLSv").unwrap_or(name);
        Self::ALL.into_iter().find(|version| version.name() == word)
    }

    /// Its number on the wire (RFC 8446 section 4.2.1).
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::Tls10 => 0x0301,
            Self::Tls11 => 0x0302,
            Self::Tls12 => 0x0303,
            Self::Tls13 => 0x0304,
        }
    }

    /// The version with this number on the wire.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.code() == code)
    }
}

/// A cipher suite, by its number in IANA's registry of TLS cipher suites.
///
/// Shown under the registry's name if it is one that the gateway negotiates, else as `0x` and four
/// digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CipherSuite(pub u16);

/// Suites that the gateway negotiates.
const SUITES: [(u16, &str); 9] = [
    (0x1301, "TLS_AES_128_GCM_SHA256"),
    (0x1302, "TLS_AES_256_GCM_SHA384"),
    (0x1303, "TLS_CHACHA20_POLY1305_SHA256"),
    (0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
    (0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
    (0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    (0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
    (0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
    (0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
];

impl CipherSuite {
    /// The suite with this name in the registry; libraries that write `TLS13_` for `TLS_` are
    /// understood.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let rest = name.strip_prefix("TLS13_").or_else(|| name.strip_prefix("TLS_"))?;
        let suite = SUITES.iter().find(|(_, own)| own.strip_prefix("TLS_") == Some(rest))?;
        Some(Self(suite.0))
    }
}

impl fmt::Display for CipherSuite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match SUITES.iter().find(|(code, _)| *code == self.0) {
            Some((_, name)) => formatter.write_str(name),
            None => write!(formatter, "0x{:04x}", self.0),
        }
    }
}

/// A word that a record writes as one byte: each has its place in `ALL`, counted from 1.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All words, in the order of their codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in records.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The one with this word.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == name)
            }

            pub(crate) const fn code(self) -> u8 {
                self as u8 + 1
            }

            pub(crate) fn from_code(code: u8) -> Option<Self> {
                Self::ALL.get(usize::from(code).checked_sub(1)?).copied()
            }
        }
    };
}

words! {
    /// What the verification of a server's certificate came to.
    CertificateVerdict {
        /// It leads to a trusted root and is for the name that the client asked for.
        Valid = "valid",
        /// Its time is over.
        Expired = "expired",
        /// Its time has not come.
        NotYetValid = "not_yet_valid",
        /// It is for another name.
        WrongHost = "wrong_host",
        /// It is its own issuer, and no trusted root.
        SelfSigned = "self_signed",
        /// It leads to no trusted root.
        UnknownIssuer = "unknown_issuer",
        /// It is signed in a way too weak to count.
        WeakSignature = "weak_signature",
        /// A signature on it is wrong.
        BadSignature = "bad_signature",
        /// Its issuer took it back.
        Revoked = "revoked",
        /// It may not be used for servers.
        WrongPurpose = "wrong_purpose",
        /// It cannot be read.
        BadEncoding = "bad_encoding",
        /// It is not acceptable for another reason.
        Other = "other",
    }
}

words! {
    /// How much of a flow the gateway could read.
    Interception {
        /// TLS was opened.
        Intercepted = "intercepted",
        /// TLS was passed on unopened, by its name.
        Bypassed = "bypassed",
        /// There was no TLS.
        Plain = "plain",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_a_code_of_its_own_and_no_other_code_has_one() {
        for code in 0..=u8::MAX {
            let certificate = CertificateVerdict::from_code(code);
            assert_eq!(certificate.map_or(0, CertificateVerdict::code), if code <= 12 { code } else { 0 });
            let interception = Interception::from_code(code);
            assert_eq!(interception.map_or(0, Interception::code), if code <= 3 { code } else { 0 });
        }
        assert!(TlsVersion::ALL.iter().all(|version| TlsVersion::from_code(version.code()) == Some(*version)));
        assert_eq!((TlsVersion::from_code(0x0300), TlsVersion::from_code(0x0305)), (None, None));
    }

    #[test]
    fn words_are_read_back_as_libraries_write_them() {
        let words = CertificateVerdict::ALL;
        assert!(words.iter().all(|word| CertificateVerdict::from_name(word.name()) == Some(*word)));
        assert_eq!(CertificateVerdict::from_name("missing"), None);
        assert_eq!(Interception::from_name("plain"), Some(Interception::Plain));
        assert_eq!(
            (TlsVersion::from_name("TLSv1.3"), TlsVersion::from_name("1.2")),
            (Some(TlsVersion::Tls13), Some(TlsVersion::Tls12))
        );
        assert_eq!(TlsVersion::from_name("TLSv1.4"), None);
        for name in ["TLS13_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"] {
            assert_eq!(CipherSuite::from_name(name), Some(CipherSuite(0x1301)));
        }
        assert!(SUITES.iter().all(|(code, name)| CipherSuite::from_name(name) == Some(CipherSuite(*code))));
        assert_eq!(CipherSuite::from_name("AES_128_GCM_SHA256"), None);
    }

    #[test]
    fn a_cipher_suite_that_is_unknown_is_shown_by_its_number() {
        assert_eq!(CipherSuite(0x1302).to_string(), "TLS_AES_256_GCM_SHA384");
        assert_eq!(CipherSuite(0x0a).to_string(), "0x000a");
    }
}
