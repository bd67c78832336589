/// What is to become of a request or an answer, from mild to strict.
///
/// The order is part of the meaning: where several rules match, the strictest wins, which is
/// [`Ord::max`]. There is no default; whoever has no verdict blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[must_use = "a verdict that nobody enforces lets bytes past"]
pub enum Verdict {
    /// Goes on unchanged.
    Allow,
    /// Goes on unchanged; the record says what was found.
    Alert,
    /// Goes on with the findings masked.
    Redact,
    /// Does not go on.
    Block,
}

impl Verdict {
    /// All verdicts, mild to strict.
    pub const ALL: [Self; 4] = [Self::Allow, Self::Alert, Self::Redact, Self::Block];

    /// The word in policies, records and counters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Alert => "alert",
            Self::Redact => "redact",
            Self::Block => "block",
        }
    }

    /// The verdict's place in [`Verdict::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strictest_verdict_is_the_greatest() {
        assert_eq!(Verdict::ALL.iter().max(), Some(&Verdict::Block));
        assert!(Verdict::ALL.is_sorted());
    }
}
