//! Why a finding is one, as `sovereign scan --explain` says it.

use policy::detect::{ContextWord, DetectorSet, Explanation, Finding};
use serde::Serialize;
use std::io::{self, Write};

/// Why a finding is one.
#[derive(Debug, Serialize)]
pub(super) struct Why {
    /// What held of it.
    validator: String,
    /// Who says that this is what must hold.
    source: String,
    /// The word that raised the confidence.
    raised: Option<Word>,
    /// What did not hold, and so lowered the confidence.
    lowered: Option<String>,
}

/// A word and its place in the text, in bytes.
#[derive(Debug, Serialize)]
struct Word {
    word: String,
    start: u64,
    end: u64,
}

impl Why {
    /// Asks the set.
    pub(super) fn of(set: &DetectorSet, finding: &Finding, text: &[u8]) -> Option<Self> {
        let Explanation { validator, source, raised, lowered } = set.explain(finding, text)?;
        let raised = raised.map(|ContextWord { word, start, end }| Word { word, start, end });
        Some(Self { validator, source, raised, lowered })
    }

    /// A line a fact, below the finding's own. The word is the text's: what could move a terminal is escaped.
    pub(super) fn print(&self, view: &str, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "    view       {view}")?;
        writeln!(out, "    validator  {}", self.validator)?;
        writeln!(out, "    source     {}", self.source)?;
        if let Some(Word { word, start, end }) = &self.raised {
            writeln!(out, "    raised     by \"{}\" at {start}-{end}", word.escape_debug())?;
        }
        if let Some(lowered) = &self.lowered {
            writeln!(out, "    lowered    by {lowered}")?;
        }
        Ok(())
    }
}
