use crate::Provider;
use core::fmt::{self, Write};

/// Writes the body of a refusal as the provider's own error would look, so that its client library
/// raises the exception its user knows.
///
/// `reason` and `exchange` are ours: words and a number, nothing that a peer chose.
///
/// # Errors
/// If `out` has no room.
pub fn refusal(out: &mut impl Write, dialect: Option<Provider>, reason: &str, exchange: u64) -> fmt::Result {
    let message = format_args!("Blocked by Sovereign: {reason} (reference {exchange:016x})");
    match dialect {
        Some(Provider::Anthropic) => {
            write!(out, r#"{{"type":"error","error":{{"type":"permission_error","message":"{message}"}}}}"#)
        }
        Some(Provider::Gemini) => {
            write!(out, r#"{{"error":{{"code":403,"message":"{message}","status":"PERMISSION_DENIED"}}}}"#)
        }
        Some(Provider::Ollama) => write!(out, r#"{{"error":"{message}"}}"#),
        Some(Provider::OpenAi) | None => write!(
            out,
            r#"{{"error":{{"message":"{message}","type":"permission_error","param":null,"code":"blocked_by_policy"}}}}"#
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
            let mut out = String::new();
            refusal(&mut out, dialect, "finding", 7).unwrap();
            assert!(out.contains("finding") && out.contains("0000000000000007"), "{out}");
            assert!(out.contains("\"error\"") && out.ends_with('}'));
        }
    }
}
