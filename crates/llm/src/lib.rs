//! What the bytes of a model call mean: provider, operation, model, prompt, usage.
//!
//! Known formats only add labels: everything is read whether or not it is known here, so a new
//! endpoint is never a way round. In go hosts, paths and the shape of a JSON text as its reader
//! sees it; out come labels for the audit record, roles for the leaves ([`Walker`]), token counts
//! ([`Usage`]) and answers in the shape a provider's client library understands.
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap, reason = "test code")
)]

mod call;
mod key;
mod place;
mod provider;
mod reply;
mod usage;
mod walker;

pub use call::{Call, Operation};
pub use provider::Provider;
pub use reply::{Refusal, refusal};
pub use usage::{Usage, UsageField};
pub use walker::{COUNT_MAX, Form, Join, Role, Walker};
