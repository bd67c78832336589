//! What is allowed: the policy file, its checked form, verdicts and reasons.
//!
//! In goes the text of a `policy.toml`; out comes a [`Policy`] that a worker can ask in
//! nanoseconds, or every problem of the file at once with line and column. The file form and the
//! checked form are different types: what a [`Policy`] holds has been checked.
//!
//! The words are fixed here and used everywhere: a rule's action and a verdict are
//! `allow | alert | redact | block`; a flow's mode is `forward | inspect | terminate | block`.
#![forbid(unsafe_code)]

mod reason;
mod verdict;

pub use reason::Reason;
pub use verdict::Verdict;
