//! What is done about a finding.

use crate::Verdict;
use detect::{Confidence, EntityType};

/// Which messages a rule reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What the users send.
    Request,
    /// What the providers answer.
    Response,
    /// Both.
    Both,
}

impl Scope {
    /// True if answers are read.
    #[must_use]
    pub const fn covers_responses(self) -> bool {
        matches!(self, Self::Response | Self::Both)
    }

    /// True if requests are read.
    #[must_use]
    pub const fn covers_requests(self) -> bool {
        matches!(self, Self::Request | Self::Both)
    }
}

/// What stands in the place of a masked finding: of two, what tells less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Masking {
    /// `[REDACTED:EMAIL_ADDRESS]`, the finding's type; in inspect mode a label where that does not fit.
    Type,
    /// `[REDACTED]`; in inspect mode padded or cut to the length of what it covers.
    Label,
    /// `*` for every byte.
    Mask,
}

/// What a finding calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    /// What becomes of the message.
    pub verdict: Verdict,
    /// How a finding is covered if it is redacted.
    pub masking: Masking,
}

/// What rules ask for about one detector, each from its confidence on.
pub(crate) type Asked = Box<[(Confidence, Action)]>;

/// What a rule looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selector {
    /// Every detector of a type.
    Entity(EntityType),
    /// One list of keywords.
    Keywords(String),
    /// One set of fingerprints.
    Fingerprints(String),
}

/// One `[[rule]]` of the policy.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Name, unique in the policy.
    pub name: String,
    pub(crate) detect: Vec<Selector>,
    pub(crate) scope: Scope,
    /// What is less sure is nothing to this rule.
    pub(crate) confidence_min: Confidence,
    pub(crate) action: Action,
}
