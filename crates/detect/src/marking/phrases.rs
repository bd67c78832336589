//! The phrases that mark a text as not for outsiders.
//!
//! Sources: the Traffic Light Protocol 2.0 (FIRST), the register of markings of the United States'
//! Controlled Access Program Coordination Office and 32 CFR 2001 and 2002, the Government Security
//! Classifications of the United Kingdom, the Verschlusssachenanweisung of Germany, the security
//! rules of NATO and the European Union, and the usual words of companies and law firms.

/// Which rule a phrase belongs to: an index into [`RULES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    Tlp,
    Classified,
    OfficialSensitive,
    Confidential,
    InternalUse,
    NoDistribution,
    Proprietary,
    TradeSecret,
    Privileged,
}

/// Names of the rules, in the order of [`Rule`].
pub(crate) const RULES: &[&str] = &[
    "marking-tlp",
    "marking-classified",
    "marking-official-sensitive",
    "marking-confidential",
    "marking-internal-use",
    "marking-no-distribution",
    "marking-proprietary",
    "marking-trade-secret",
    "marking-privileged",
];

/// What else it takes to make a phrase a marking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing: nobody writes it otherwise.
    Nothing,
    /// A line of its own, or nearly so, or a sentence that says it of this text.
    Place,
    /// The same, and the phrase in capitals or with a capital: the word is a common one.
    PlaceAndCapital,
}

/// A phrase: in small letters unless its case counts.
#[derive(Debug)]
pub(super) struct Phrase {
    pub(super) text: &'static str,
    /// Where in it the part stands that is searched for, and how long that is.
    pub(super) head: (usize, usize),
    pub(super) exact_case: bool,
    pub(super) needs: Needs,
    pub(super) rule: Rule,
    pub(super) percent: u8,
}

const fn any(text: &'static str, head: (usize, usize), rule: Rule) -> Phrase {
    Phrase { text, head, exact_case: false, needs: Needs::Place, rule, percent: 85 }
}

const fn exact(text: &'static str, head: (usize, usize), rule: Rule) -> Phrase {
    Phrase { text, head, exact_case: true, needs: Needs::Nothing, rule, percent: 95 }
}

const fn banner(text: &'static str, head: (usize, usize), rule: Rule) -> Phrase {
    Phrase { text, head, exact_case: true, needs: Needs::Place, rule, percent: 85 }
}

const fn common(text: &'static str, head: (usize, usize), rule: Rule) -> Phrase {
    Phrase { text, head, exact_case: false, needs: Needs::PlaceAndCapital, rule, percent: 75 }
}

/// All phrases. Of those with one start the longest counts.
#[rustfmt::skip]
pub(super) static PHRASES: &[Phrase] = &[
    any("tlp:red", (0, 4), Rule::Tlp),
    any("tlp: red", (0, 4), Rule::Tlp),
    any("tlp:amber", (0, 4), Rule::Tlp),
    any("tlp: amber", (0, 4), Rule::Tlp),
    any("tlp:amber+strict", (0, 4), Rule::Tlp),

    exact("TOP SECRET//", (5, 5), Rule::Classified),
    exact("SECRET//", (1, 5), Rule::Classified),
    exact("CONFIDENTIAL//", (1, 7), Rule::Classified),
    exact("(S//NF)", (1, 5), Rule::Classified),
    exact("(TS//SI", (2, 5), Rule::Classified),
    exact("(S//REL", (1, 5), Rule::Classified),
    exact("UNCLASSIFIED//FOUO", (2, 10), Rule::Classified),
    exact("UNCLASSIFIED//FOR OFFICIAL USE ONLY", (2, 10), Rule::Classified),
    banner("FOR OFFICIAL USE ONLY", (4, 8), Rule::Classified),
    banner("CONTROLLED UNCLASSIFIED INFORMATION", (13, 10), Rule::Classified),
    exact("CUI//", (0, 5), Rule::Classified),
    banner("TOP SECRET", (5, 5), Rule::Classified),
    exact("NATO SECRET", (6, 5), Rule::Classified),
    exact("NATO RESTRICTED", (5, 8), Rule::Classified),
    exact("NATO CONFIDENTIAL", (6, 7), Rule::Classified),
    exact("COSMIC TOP SECRET", (12, 5), Rule::Classified),
    exact("EU RESTRICTED", (3, 8), Rule::Classified),
    exact("VS-NfD", (0, 5), Rule::Classified),
    exact("VS-NFD", (0, 5), Rule::Classified),
    exact("VS-NUR FÜR DEN DIENSTGEBRAUCH", (16, 10), Rule::Classified),
    exact("VS - NUR FÜR DEN DIENSTGEBRAUCH", (18, 10), Rule::Classified),
    exact("NUR FÜR DEN DIENSTGEBRAUCH", (13, 10), Rule::Classified),
    exact("Nur für den Dienstgebrauch", (13, 10), Rule::Classified),
    exact("VS-VERTRAULICH", (4, 7), Rule::Classified),
    exact("VS-Vertraulich", (4, 7), Rule::Classified),
    banner("STRENG GEHEIM", (8, 5), Rule::Classified),
    banner("DIFFUSION RESTREINTE", (10, 8), Rule::Classified),

    exact("OFFICIAL-SENSITIVE", (9, 9), Rule::OfficialSensitive),
    exact("OFFICIAL SENSITIVE", (9, 9), Rule::OfficialSensitive),
    exact("OFFICIAL - SENSITIVE", (11, 9), Rule::OfficialSensitive),
    exact("OFFICIAL: SENSITIVE", (10, 9), Rule::OfficialSensitive),

    common("confidential", (1, 7), Rule::Confidential),
    any("company confidential", (9, 7), Rule::Confidential),
    any("strictly confidential", (10, 7), Rule::Confidential),
    any("highly confidential", (8, 7), Rule::Confidential),
    any("private and confidential", (13, 7), Rule::Confidential),
    any("private & confidential", (11, 7), Rule::Confidential),
    any("confidential information", (1, 7), Rule::Confidential),
    any("commercial in confidence", (15, 7), Rule::Confidential),
    any("commercial-in-confidence", (15, 7), Rule::Confidential),
    common("vertraulich", (1, 7), Rule::Confidential),
    any("streng vertraulich", (8, 7), Rule::Confidential),
    any("confidentiel", (1, 7), Rule::Confidential),
    any("strictement confidentiel", (13, 7), Rule::Confidential),
    any("confidencial", (1, 7), Rule::Confidential),
    any("riservato e confidenziale", (13, 7), Rule::Confidential),

    any("internal use only", (1, 7), Rule::InternalUse),
    any("for internal use only", (5, 7), Rule::InternalUse),
    any("internal only", (1, 7), Rule::InternalUse),
    any("company internal", (9, 7), Rule::InternalUse),
    any("internal distribution only", (1, 7), Rule::InternalUse),
    any("nur für den internen gebrauch", (14, 7), Rule::InternalUse),
    any("nur für internen gebrauch", (10, 7), Rule::InternalUse),
    any("usage interne uniquement", (14, 10), Rule::InternalUse),

    any("do not distribute", (8, 8), Rule::NoDistribution),
    any("do not redistribute", (10, 8), Rule::NoDistribution),
    any("not for distribution", (9, 8), Rule::NoDistribution),
    any("not for external distribution", (18, 8), Rule::NoDistribution),
    any("not for redistribution", (11, 8), Rule::NoDistribution),
    any("not for public release", (9, 9), Rule::NoDistribution),

    any("proprietary and confidential", (1, 8), Rule::Proprietary),
    any("proprietary & confidential", (1, 8), Rule::Proprietary),
    any("confidential and proprietary", (1, 7), Rule::Proprietary),
    any("confidential & proprietary", (1, 7), Rule::Proprietary),
    any("company proprietary", (9, 8), Rule::Proprietary),
    any("proprietary information", (1, 8), Rule::Proprietary),
    Phrase { needs: Needs::Nothing, ..any("unauthorized copying of this file", (3, 8), Rule::Proprietary) },
    Phrase { needs: Needs::Nothing, ..any("unauthorised copying of this file", (3, 8), Rule::Proprietary) },
    Phrase { needs: Needs::Nothing, ..any("unauthorized copying of this software", (3, 8), Rule::Proprietary) },
    Phrase { needs: Needs::Nothing, ..any("unauthorized reproduction or distribution", (3, 8), Rule::Proprietary) },
    Phrase { needs: Needs::Nothing, ..any("unauthorized copying, distribution", (3, 8), Rule::Proprietary) },
    Phrase { needs: Needs::Nothing, ..any("unauthorized copying or distribution", (3, 8), Rule::Proprietary) },

    any("trade secret", (1, 10), Rule::TradeSecret),
    any("betriebsgeheimnis", (8, 5), Rule::TradeSecret),

    any("attorney-client privileged", (17, 8), Rule::Privileged),
    any("attorney client privileged", (17, 8), Rule::Privileged),
    any("privileged and confidential", (1, 8), Rule::Privileged),
    any("privileged & confidential", (1, 8), Rule::Privileged),
];
