//! The audit log: records, their chain, segments, and the proof that nothing was changed.
//!
//! Sans-IO: it turns [`Record`]s into bytes and bytes into records over readers and writers that
//! are given to it; files are opened elsewhere.
#![forbid(unsafe_code)]

mod record;
mod text;

pub use record::{Finding, Findings, Record, RecordKind, UsageSource};
pub use text::Text;
