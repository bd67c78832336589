//! The cryptography of all sessions, and which cipher suites are taken first.
//!
//! AES-128 with SHA-256 goes before AES-256 with SHA-384, as in browsers: both are beyond reach, and SHA-256
//! is in hardware where SHA-384 is not, which is a seventh of what two handshakes cost. Where AES is not in
//! hardware, ChaCha20 goes first (RFC 8446 section B.4, RFC 5289, RFC 7905).

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::{CipherSuite, SupportedCipherSuite};
use std::sync::Arc;

/// What everything here is computed by.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    let mut provider = aws_lc_rs::default_provider();
    let has_aes = has_aes();
    provider.cipher_suites.sort_by_key(|suite| rank(suite, has_aes));
    Arc::new(provider)
}

/// TLS 1.3 before 1.2, as the library has them; in each the cheapest one first.
fn rank(suite: &SupportedCipherSuite, has_aes: bool) -> (bool, bool, bool) {
    use CipherSuite as Suite;
    let is_chacha = matches!(
        suite.suite(),
        Suite::TLS13_CHACHA20_POLY1305_SHA256
            | Suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
            | Suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
    );
    let is_long = matches!(
        suite.suite(),
        Suite::TLS13_AES_256_GCM_SHA384
            | Suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
            | Suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
    );
    (suite.tls13().is_none(), is_chacha == has_aes, is_long)
}

fn has_aes() -> bool {
    #[cfg(target_arch = "x86_64")]
    let has_aes = std::arch::is_x86_feature_detected!("aes");
    #[cfg(target_arch = "aarch64")]
    let has_aes = std::arch::is_aarch64_feature_detected!("aes");
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let has_aes = false;
    has_aes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_processor_has_goes_first_and_nothing_is_left_out() {
        let all = aws_lc_rs::default_provider().cipher_suites;
        for (has_aes, first, last) in [
            (true, CipherSuite::TLS13_AES_128_GCM_SHA256, CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256),
            (false, CipherSuite::TLS13_CHACHA20_POLY1305_SHA256, CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384),
        ] {
            let mut suites = all.clone();
            suites.sort_by_key(|suite| rank(suite, has_aes));
            assert_eq!((suites.first().unwrap().suite(), suites.last().unwrap().suite()), (first, last));
            assert!(all.iter().all(|suite| suites.contains(suite)));
        }
    }
}
