//! Findings as text and as JSON.

use super::finding::{Finding, Outcome};
use crate::failure::{Context, Failure};
use serde_json::json;
use std::io::{self, ErrorKind, IsTerminal, Write};

/// Prints the findings; somebody who stops reading is no failure.
pub(super) fn print(findings: &[Finding], as_json: bool) -> Result<(), Failure> {
    let text = if as_json {
        as_json_text(findings)
    } else {
        as_text(findings, io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none())
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).or_work("cannot print", ""),
        _ => Ok(()),
    }
}

fn as_json_text(findings: &[Finding]) -> String {
    let count = |outcome| findings.iter().filter(|finding| finding.outcome == outcome).count();
    let (pass, warn, fail) = (count(Outcome::Pass), count(Outcome::Warn), count(Outcome::Fail));
    format!("{}\n", json!({"checks": findings, "summary": {"pass": pass, "warn": warn, "fail": fail}}))
}

fn as_text(findings: &[Finding], has_colour: bool) -> String {
    let width = findings.iter().map(|finding| finding.check.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (place, Finding { check, outcome, detail, fix }) in findings.iter().enumerate() {
        let (word, colour) = match outcome {
            Outcome::Pass => ("PASS", "32"),
            Outcome::Warn => ("WARN", "33"),
            Outcome::Fail => ("FAIL", "1;31"),
        };
        let word = if has_colour { format!("\u{1b}[{colour}m{word}\u{1b}[0m") } else { word.to_owned() };
        text += &format!("{word}  {check:width$}  {}\n", visible(detail));
        if let Some(fix) = fix {
            let earlier = findings.iter().take(place).find(|earlier| earlier.fix.as_ref() == Some(fix));
            let fix = earlier.map_or_else(|| visible(fix), |earlier| format!("that of {}", earlier.check));
            text += &format!("      {:width$}  fix: {fix}\n", "");
        }
    }
    let count = |outcome| findings.iter().filter(|finding| finding.outcome == outcome).count();
    let (pass, warn, fail) = (count(Outcome::Pass), count(Outcome::Warn), count(Outcome::Fail));
    text + &format!("\n{pass} PASS, {warn} WARN, {fail} FAIL\n")
}

/// Text from files with whatever could move the cursor or turn the writing direction spelled out.
fn visible(text: &str) -> String {
    let is_harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    text.chars().fold(String::with_capacity(text.len()), |mut shown, c| {
        if is_harmful(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
        shown
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_shows_the_fix_below_what_it_mends() {
        let findings = [Finding::pass("a", "fine"), Finding::fail("longer", "br\u{1b}oken\n", "mend it")];
        let text = as_text(&findings, false);
        assert_eq!(
            text,
            "PASS  a       fine\nFAIL  longer  br\\u{1b}oken\\n\n              fix: mend it\n\n1 PASS, 0 WARN, 1 FAIL\n"
        );
        assert!(as_text(&findings, true).starts_with("\u{1b}[32mPASS\u{1b}[0m  a"));
    }

    #[test]
    fn one_command_that_mends_several_things_is_printed_once() {
        let findings = ["a", "b", "c"].map(|check| Finding::warn(check, "slow", if check == "b" { "x" } else { "y" }));
        let text = as_text(&findings, false);
        assert!(text.starts_with("WARN  a  slow\n         fix: y\n"), "{text}");
        assert!(text.contains("WARN  b  slow\n         fix: x\nWARN  c  slow\n         fix: that of a\n"), "{text}");
    }

    #[test]
    fn json_has_a_fix_only_where_something_is_to_be_mended() {
        let value: serde_json::Value =
            serde_json::from_str(&as_json_text(&[Finding::pass("a", "fine"), Finding::warn("b", "slow", "mend it")]))
                .unwrap();
        assert_eq!(value["checks"][0], json!({"check": "a", "outcome": "pass", "detail": "fine"}));
        assert_eq!(value["checks"][1]["fix"], "mend it");
        assert_eq!(value["summary"], json!({"pass": 1, "warn": 1, "fail": 0}));
    }
}
