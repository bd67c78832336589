//! What is allowed: the policy file, its checked form, verdicts and reasons.
//!
//! In goes the text of a `policy.toml`; out comes a [`Policy`] that a worker can ask in
//! nanoseconds, or every problem of the file at once with line and column. The file form and the
//! checked form are different types: what a [`Policy`] holds has been checked, and a rule that a
//! flow's mode cannot keep is refused here, not discovered on the wire.
//!
//! The words are fixed here and used everywhere: a rule's action and a verdict are
//! `allow | alert | redact | block`; a flow's mode is `forward | inspect | terminate | block`.
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap, reason = "test code")
)]

mod cover;
mod essentials;
mod file;
mod files;
mod flow;
mod keys;
mod name;
mod network;
mod observed;
mod problem;
mod reason;
mod route;
mod rule;
mod shipped;
mod verdict;

pub use detect;
pub use essentials::Essentials;
pub use files::{FINGERPRINT_BYTES_MAX, FINGERPRINT_SET_COUNT_MAX, FileError, Files};
pub use flow::{App, Ech, FlowFacts, FlowRule, Mode, Protocol};
pub use keys::Keys;
pub use name::{ServerName, ServerNameError};
pub use network::Network;
pub use observed::ObservedAddresses;
pub use problem::{Problem, Problems};
pub use reason::Reason;
pub use route::{Leave, Opening, Route, Ruling};
pub use rule::{Action, Masking, Rule, Scope};
pub use shipped::{AiHost, ai_hosts};
pub use verdict::Verdict;

use detect::{Confidence, DetectorId, DetectorSet};
use flow::IpVersion;
use rule::Asked;
use std::sync::Arc;

/// What the modes of this appliance can do: a policy that asks for more is refused.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Undecided bytes that a flow in inspect mode may hold (`hold_bytes_max`).
    pub hold_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { hold_bytes_max: 65_536 }
    }
}

/// Whom a host name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provider<'a> {
    /// The label in records.
    pub label: &'a str,
    /// What it takes as a key.
    pub keys: &'static Keys,
}

/// Hosts of the operator's own, and whom they stand for.
#[derive(Debug)]
struct Named {
    label: String,
    keys: &'static Keys,
    hosts: Vec<String>,
}

/// A checked policy.
#[derive(Debug)]
pub struct Policy {
    version: String,
    default: Mode,
    essentials: Essentials,
    flows: Vec<FlowRule>,
    rules: Vec<Rule>,
    providers: Vec<Named>,
    detectors: Arc<DetectorSet>,
    /// Per detector, request and answer.
    actions: Vec<[Asked; 2]>,
    reads_responses: bool,
    notes: Vec<Problem>,
}

impl Policy {
    /// Reads a policy file that names no other files.
    ///
    /// # Errors
    /// Every problem of the file, in the order of its lines.
    pub fn parse(text: &str, limits: &Limits) -> Result<Self, Problems> {
        Self::load(text, limits, &files::NoFiles)
    }

    /// Reads a policy file and, through `files`, what it names.
    ///
    /// # Errors
    /// Every problem of the file, in the order of its lines.
    pub fn load(text: &str, limits: &Limits, files: &dyn Files) -> Result<Self, Problems> {
        file::parse(text, limits, files)
    }

    /// The operator's name for this state of the policy.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What happens to a flow that no rule names.
    #[must_use]
    pub const fn default_mode(&self) -> Mode {
        self.default
    }

    /// What passes so that a network works at all.
    #[must_use]
    pub const fn essentials(&self) -> &Essentials {
        &self.essentials
    }

    /// Flow rules, first match first.
    #[must_use]
    pub fn flows(&self) -> &[FlowRule] {
        &self.flows
    }

    /// Content rules.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Detectors that the rules name.
    #[must_use]
    pub const fn detectors(&self) -> &Arc<DetectorSet> {
        &self.detectors
    }

    /// What is no mistake and still may surprise: rules that this version keeps by blocking.
    #[must_use]
    pub fn notes(&self) -> &[Problem] {
        &self.notes
    }

    /// True if unknown TCP traffic passes, by default or by a rule: `status` says so.
    #[must_use]
    pub fn is_unprotected(&self) -> bool {
        IpVersion::ALL.into_iter().any(|version| {
            let rule = self.flows.iter().find(|rule| rule.matches_all_tcp(version));
            rule.map_or(self.default, |rule| rule.mode) == Mode::Forward
        })
    }

    /// True if nothing has to be parsed at all: every frame passes.
    #[must_use]
    pub fn is_transparent(&self) -> bool {
        self.default == Mode::Forward && self.flows.is_empty() && self.rules.is_empty()
    }

    /// True if some rule reads answers.
    #[must_use]
    pub const fn reads_responses(&self) -> bool {
        self.reads_responses
    }

    /// What a finding of this detector, as sure as this, calls for in requests or answers; `None` if no rule
    /// asks.
    #[must_use]
    pub fn action(&self, detector: DetectorId, in_response: bool, confidence: Confidence) -> Option<Action> {
        let [request, response] = self.actions.get(detector.index())?;
        let asked = if in_response { response } else { request };
        let asked = asked.iter().filter(|(least, _)| *least <= confidence).map(|(_, action)| *action);
        asked.max_by_key(|action| (action.verdict, action.masking))
    }

    /// The provider that a host name stands for: the operator's own names first, then the shipped
    /// list.
    #[must_use]
    pub fn provider_of_host(&self, host: &str) -> Option<Provider<'_>> {
        let is_named = |named: &&Named| named.hosts.iter().any(|pattern| name::name_matches(pattern, host));
        if let Some(Named { label, keys, .. }) = self.providers.iter().find(is_named) {
            return Some(Provider { label, keys });
        }
        shipped::ai_host(host).map(|entry| Provider { label: entry.provider, keys: entry.keys })
    }
}

#[cfg(test)]
mod tests;
