use crate::Provider;
use core::fmt::{self, Write};

/// What a refusal says of the request: decides status and kind of error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not allowed.
    Forbidden,
    /// It is longer than what is read.
    TooLarge,
    /// It cannot be read now.
    Unavailable,
}

impl Refusal {
    /// The status (RFC 9110 section 15).
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Forbidden => 403,
            Self::TooLarge => 413,
            Self::Unavailable => 503,
        }
    }

    /// The reason phrase that goes with it.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Forbidden => "Forbidden",
            Self::TooLarge => "Content Too Large",
            Self::Unavailable => "Service Unavailable",
        }
    }

    /// The kind of error in the words of OpenAI and Anthropic.
    const fn kind(self, dialect: Option<Provider>) -> &'static str {
        match (self, dialect) {
            (Self::Forbidden, _) => "permission_error",
            (Self::TooLarge, Some(Provider::Anthropic)) => "request_too_large",
            (Self::TooLarge, _) => "invalid_request_error",
            (Self::Unavailable, Some(Provider::Anthropic)) => "overloaded_error",
            (Self::Unavailable, _) => "server_error",
        }
    }

    /// The name of the status in the words of Google's interfaces.
    const fn name(self) -> &'static str {
        match self {
            Self::Forbidden => "PERMISSION_DENIED",
            Self::TooLarge => "INVALID_ARGUMENT",
            Self::Unavailable => "UNAVAILABLE",
        }
    }
}

/// Writes the body of a refusal as the provider's own error would look, so that its client library
/// raises the exception its user knows.
///
/// `reason` and `exchange` are ours: words and a number, nothing that a peer chose.
///
/// # Errors
/// If `out` has no room.
pub fn refusal(
    out: &mut impl Write,
    refusal: Refusal,
    dialect: Option<Provider>,
    reason: &str,
    exchange: u64,
) -> fmt::Result {
    let (kind, code) = (refusal.kind(dialect), refusal.status());
    let message = format_args!("Blocked by Sovereign: {reason} (reference {exchange:016x})");
    match dialect {
        Some(Provider::Anthropic) => {
            write!(out, r#"{{"type":"error","error":{{"type":"{kind}","message":"{message}"}}}}"#)
        }
        Some(Provider::Gemini) => {
            write!(out, r#"{{"error":{{"code":{code},"message":"{message}","status":"{}"}}}}"#, refusal.name())
        }
        Some(Provider::Ollama) => write!(out, r#"{{"error":"{message}"}}"#),
        Some(Provider::OpenAi) | None => write!(
            out,
            r#"{{"error":{{"message":"{message}","type":"{kind}","param":null,"code":"blocked_by_policy"}}}}"#
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_reason_and_reference_in_every_dialect() {
        for dialect in
            [None, Some(Provider::OpenAi), Some(Provider::Anthropic), Some(Provider::Gemini), Some(Provider::Ollama)]
        {
            for kind in [Refusal::Forbidden, Refusal::TooLarge, Refusal::Unavailable] {
                let mut out = String::new();
                refusal(&mut out, kind, dialect, "finding", 7).unwrap();
                assert!(out.contains("finding") && out.contains("0000000000000007"), "{out}");
                assert!(out.contains("\"error\"") && out.ends_with('}'));
            }
        }
    }
}
