//! Recall and precision on labelled texts, where the data set is installed beside the workspace.
#![expect(clippy::unwrap_used, reason = "a test that reports")]

use detect::{DetectorSet, EntityType, Scanner};
use serde_json::Value;
use std::path::PathBuf;

/// One type: labelled spans, those found, findings, those that are right.
#[derive(Default)]
struct Score {
    spans: usize,
    hit: usize,
    whole: usize,
    found: usize,
    right: usize,
}

/// The records in the first folder beside the workspace that has the set under `data`.
fn records() -> Option<String> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let folders = std::fs::read_dir(beside).ok()?;
    let file = |folder: PathBuf| folder.join("data/pii-dev/records.jsonl");
    folders.filter_map(|folder| std::fs::read_to_string(file(folder.ok()?.path())).ok()).next()
}

/// Spans count code points; findings count bytes.
fn byte_offset(text: &str, characters: u64) -> u64 {
    let place = usize::try_from(characters).unwrap();
    text.char_indices().nth(place).map_or(text.len(), |(offset, _)| offset) as u64
}

#[test]
fn recall_and_precision_on_labelled_texts_are_kept() {
    let Some(records) = records() else {
        println!("skipped: no labelled texts");
        return;
    };
    let verbose = std::env::var_os("DETECT_VERBOSE").is_some();
    let set = DetectorSet::builder().enable_all().build().unwrap();
    let mut scores: Vec<Score> = EntityType::ALL.iter().map(|_| Score::default()).collect();
    let (mut scanner, mut found) = (Scanner::new(), Vec::new());
    for line in records.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let text = record["text"].as_str().unwrap();
        scanner.reset();
        found.clear();
        scanner.push(text.as_bytes());
        scanner.boundary();
        scanner.scan(&set, &mut found);
        let spans: Vec<(EntityType, u64, u64)> = record["spans"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|span| {
                let entity = EntityType::from_name(span["type"].as_str().unwrap())?;
                let offset = |name| byte_offset(text, span[name].as_u64().unwrap());
                Some((entity, offset("start"), offset("end")))
            })
            .collect();
        for (entity, start, end) in &spans {
            let score = &mut scores[entity.index()];
            let mine = || found.iter().filter(|finding| set.entity(finding.detector) == Some(*entity));
            score.spans += 1;
            let hit = mine().any(|finding| finding.start < *end && *start < finding.end);
            score.hit += usize::from(hit);
            score.whole += usize::from(mine().any(|finding| (finding.start, finding.end) == (*start, *end)));
            if verbose && !hit {
                println!("missed {entity} in {text:?} at {start}..{end}");
            }
        }
        for finding in &found {
            let entity = set.entity(finding.detector).unwrap();
            let score = &mut scores[entity.index()];
            let right = spans
                .iter()
                .any(|(other, start, end)| *other == entity && finding.start < *end && *start < finding.end);
            score.found += 1;
            score.right += usize::from(right);
            if verbose && !right {
                println!(
                    "wrong {entity} {:?} in {text:?} at {}..{}",
                    set.rule(finding.detector),
                    finding.start,
                    finding.end
                );
            }
        }
    }
    for (entity, score) in EntityType::ALL.iter().zip(&scores) {
        println!(
            "{entity:>14}: {} spans, {} found, {} whole; {} findings, {} right",
            score.spans, score.hit, score.whole, score.found, score.right
        );
    }
    for (entity, recall, precision) in [
        (EntityType::EmailAddress, 1.0, 1.0),
        (EntityType::IpAddress, 1.0, 1.0),
        (EntityType::IbanCode, 1.0, 1.0),
        (EntityType::CreditCard, 0.98, 0.98),
        (EntityType::UsSsn, 1.0, 0.95),
        (EntityType::PhoneNumber, 0.9, 0.9),
    ] {
        let score = &scores[entity.index()];
        let ratio = |part: usize, of: usize| if of == 0 { 1.0 } else { part as f64 / of as f64 };
        assert!(ratio(score.hit, score.spans) >= recall, "recall of {entity}");
        assert!(ratio(score.right, score.found) >= precision, "precision of {entity}");
    }
}
