//! `docs/detectors.md` is what the table of detectors says.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use detect::{DetectorSet, EntityType};
use std::fmt::Write;
use std::path::Path;

/// Rules of a type that are named; more are counted.
const RULES_NAMED_MAX: usize = 12;

const HEAD: &str = "# Detectors

Made from the detectors' own table: `UPDATE_PAGE=1 cargo test -p detect --test page`.

A type is what a policy's `detect` names. A finding names its rule, too, with a confidence from 0 to 1 and the view of the text in
which it was found (`raw`, `json`, `base64` ...). *Structured* types are checked by their form, a checksum, a table or the words
beside them; *statistical* ones are told by a trained tagger or a grammar, and are right less often: `scripts/quality` measures how
often. Types of the owner's lists find nothing until there is a list.

";

fn page() -> String {
    let set = DetectorSet::builder().enable_all().build().unwrap();
    let mut page = HEAD.to_owned();
    page.push_str("| type | class | what it is | rules |\n| --- | --- | --- | --- |\n");
    for entity in EntityType::ALL {
        let rules: Vec<&str> =
            set.ids().filter(|id| set.entity(*id) == Some(entity)).filter_map(|id| set.rule(id)).collect();
        let is_one_of = |types: &[EntityType]| types.contains(&entity);
        let class = if is_one_of(&[EntityType::Keyword, EntityType::Fingerprint, EntityType::Canary]) {
            "list"
        } else if is_one_of(&[EntityType::SourceCode, EntityType::Confidential]) {
            "content"
        } else if entity.is_statistical() {
            "statistical"
        } else {
            "structured"
        };
        let named = rules.iter().take(RULES_NAMED_MAX).map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(" ");
        let more = rules.len().saturating_sub(RULES_NAMED_MAX);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        writeln!(page, "| `{entity}` | {class} | {} | {named}{more} |", entity.about()).unwrap();
    }
    let reach = (set.match_bytes_max(), set.lookahead_bytes());
    writeln!(
        page,
        "\nWith all types a match may have {} bytes that must be seen before it is decided, and {} behind it.",
        reach.0, reach.1
    )
    .unwrap();
    page.push_str("\n## Kinds of secrets\n\n");
    let secrets = set.ids().filter(|id| set.entity(*id) == Some(EntityType::Secret)).filter_map(|id| set.rule(id));
    let names: Vec<String> = secrets.map(|rule| format!("`{rule}`")).collect();
    for line in names.chunks(6) {
        writeln!(page, "{}", line.join(" ")).unwrap();
    }
    page
}

#[test]
fn the_page_of_detectors_is_that_of_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/detectors.md");
    let page = page();
    if std::env::var_os("UPDATE_PAGE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(written == page, "docs/detectors.md is old: UPDATE_PAGE=1 cargo test -p detect --test page");
}
