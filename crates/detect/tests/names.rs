//! Names and addresses on labelled texts, where the data sets are installed beside the workspace:
//! recall and precision are reported and held to a floor.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "a test that reports")]

use detect::{DetectorSet, EntityType, Finding, Reader, Scanner};
use serde_json::Value;
use std::path::PathBuf;

/// A labelled text: its spans in bytes.
type Labelled = (String, Vec<(EntityType, usize, usize)>);

/// The types, in the order of the reports.
const TYPES: [EntityType; 4] =
    [EntityType::Person, EntityType::Organization, EntityType::Location, EntityType::StreetAddress];

/// Of an address, so much must be covered to count as masked, in percent.
const MASKED_PERCENT: usize = 80;

#[derive(Clone, Copy, Default)]
struct Score {
    spans: usize,
    hit: usize,
    masked: usize,
    found: usize,
    right: usize,
}

impl Score {
    fn recall(&self) -> f64 {
        self.hit as f64 / self.spans.max(1) as f64
    }

    fn masked(&self) -> f64 {
        self.masked as f64 / self.spans.max(1) as f64
    }

    fn precision(&self) -> f64 {
        self.right as f64 / self.found.max(1) as f64
    }
}

/// The file in the first folder beside the workspace that has it under `data`.
fn data(file: &str) -> Option<String> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let folders = std::fs::read_dir(beside).ok()?;
    let bytes = folders.filter_map(|folder| std::fs::read(folder.ok()?.path().join("data").join(file)).ok()).next()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Texts of records; what they call a place is one here.
fn records(content: &str) -> Vec<Labelled> {
    let record = |line: &str| {
        let record: Value = serde_json::from_str(line).unwrap();
        let text = record["text"].as_str().unwrap().to_owned();
        let offset = |characters: &Value| {
            let place = usize::try_from(characters.as_u64().unwrap()).unwrap();
            text.char_indices().nth(place).map_or(text.len(), |(offset, _)| offset)
        };
        let span = |span: &Value| {
            let name = span["type"].as_str().unwrap();
            let entity = EntityType::from_name(if name == "GPE" { "LOCATION" } else { name })?;
            Some((entity, offset(&span["start"]), offset(&span["end"])))
        };
        let spans = record["spans"].as_array().unwrap().iter().filter_map(span).collect();
        (text, spans)
    };
    content.lines().map(record).collect()
}

fn measure(texts: &[Labelled]) -> [Score; TYPES.len()] {
    let verbose = std::env::var("DETECT_VERBOSE").unwrap_or_default();
    let set = TYPES.into_iter().fold(DetectorSet::builder(), |builder, entity| builder.enable(entity)).build().unwrap();
    let (mut scanner, mut found) = (Scanner::new(), Vec::new());
    let mut scores = [Score::default(); TYPES.len()];
    for (text, spans) in texts {
        scanner.reset();
        found.clear();
        scanner.push(text.as_bytes());
        scanner.boundary();
        scanner.scan(&set, &mut found);
        let place = |offset| usize::try_from(offset).unwrap();
        let found = found
            .iter()
            .map(|finding| (set.entity(finding.detector).unwrap(), place(finding.start), place(finding.end)));
        let found: Vec<_> = found.collect();
        for (score, entity) in scores.iter_mut().zip(TYPES) {
            let of = |list: &[(EntityType, usize, usize)]| {
                list.iter().filter(|span| span.0 == entity).copied().collect::<Vec<_>>()
            };
            let (gold, mine) = (of(spans), of(&found));
            let overlap = |one: &(EntityType, usize, usize), other: &(EntityType, usize, usize)| {
                one.2.min(other.2).saturating_sub(one.1.max(other.1))
            };
            let shown = verbose == entity.name();
            for span in &gold {
                let covered: usize = mine.iter().map(|finding| overlap(span, finding)).sum();
                score.spans += 1;
                score.hit += usize::from(covered > 0);
                let masked = covered * 100 >= (span.2 - span.1) * MASKED_PERCENT;
                score.masked += usize::from(masked);
                if shown && (covered == 0 || (!masked && entity == EntityType::StreetAddress)) {
                    println!("missed {:?} in {text:?}", &text[span.1..span.2]);
                }
            }
            for finding in &mine {
                let right = gold.iter().any(|span| overlap(span, finding) > 0);
                score.found += 1;
                score.right += usize::from(right);
                if shown && !right {
                    println!("wrong {:?} in {text:?}", &text[finding.1..finding.2]);
                }
            }
        }
    }
    scores
}

fn report(name: &str, scores: &[Score]) {
    for (entity, score) in TYPES.iter().zip(scores) {
        println!(
            "{name:>10} {entity:<14} recall {:.3} (masked {:.3}) precision {:.3} of {} spans, {} findings",
            score.recall(),
            score.masked(),
            score.precision(),
            score.spans,
            score.found
        );
    }
}

#[test]
fn names_in_made_up_sentences_are_found() {
    let Some(content) = data("pii-dev/records.jsonl") else {
        println!("skipped: no labelled texts");
        return;
    };
    let scores = measure(&records(&content));
    report("sentences", &scores);
    let [person, _, _, address] = scores;
    assert!(person.recall() >= 0.75 && person.precision() >= 0.75, "persons");
    assert!(address.masked() >= 0.6 && address.precision() >= 0.8, "addresses");
}

/// Findings of a type in the files under a folder with one of these endings, and bytes read.
fn count(folder: &std::path::Path, endings: &[&str], counts: &mut [usize; TYPES.len()]) -> usize {
    let set = TYPES.into_iter().fold(DetectorSet::builder(), |builder, entity| builder.enable(entity)).build().unwrap();
    let verbose = std::env::var("DETECT_VERBOSE").unwrap_or_default();
    let (mut folders, mut bytes, mut found) = (vec![folder.to_owned()], 0, Vec::new());
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<_> =
            std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
                continue;
            }
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if !endings.iter().any(|ending| name.ends_with(ending)) {
                continue;
            }
            let Ok(text) = std::fs::read(&path) else { continue };
            let mut scanner = Scanner::new();
            found.clear();
            scanner.push(&text);
            scanner.boundary();
            scanner.scan(&set, &mut found);
            bytes += text.len();
            for finding in &found {
                let entity = set.entity(finding.detector).unwrap();
                let place = TYPES.iter().position(|other| *other == entity).unwrap();
                counts[place] += 1;
                let (start, end) = (usize::try_from(finding.start).unwrap(), usize::try_from(finding.end).unwrap());
                if verbose == entity.name() {
                    let around = &text[start.saturating_sub(40)..(end + 30).min(text.len())];
                    println!(
                        "{entity} {:?} in {:?}",
                        String::from_utf8_lossy(&text[start..end]),
                        String::from_utf8_lossy(around)
                    );
                }
            }
        }
    }
    bytes
}

/// `DETECT_FOLDER` names another folder of texts to report on.
#[test]
fn code_has_few_names() {
    let ours = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let other = std::env::var_os("DETECT_FOLDER").map(PathBuf::from);
    let is_other = other.is_some();
    let mut counts = [0; TYPES.len()];
    let endings: &[&str] = if is_other { &[""] } else { &[".rs"] };
    let bytes = count(&other.unwrap_or(ours), endings, &mut counts);
    for (entity, found) in TYPES.iter().zip(counts) {
        println!("{entity:<14} {:.1} findings a MB of {bytes} bytes", found as f64 * 1e6 / bytes as f64);
    }
    assert!(is_other || counts[0] * 1_000_000 <= 60 * bytes, "persons in code");
}

#[test]
fn views_add_nothing_to_names_that_are_read_as_they_stand() {
    let mut builder = DetectorSet::builder();
    for entity in TYPES {
        builder = builder.enable(entity);
    }
    let set = builder.build().unwrap();
    let found = |text: &str| {
        let (mut reader, mut found) = (Reader::default(), Vec::new());
        reader.push(text.as_bytes());
        reader.boundary();
        reader.scan(&set, &mut found);
        let range = |finding: &Finding| usize::try_from(finding.start).unwrap()..usize::try_from(finding.end).unwrap();
        found
            .iter()
            .map(|finding| (set.entity(finding.detector).unwrap(), text[range(finding)].to_owned()))
            .collect::<Vec<_>>()
    };
    let address = |text: &str| (EntityType::StreetAddress, text.to_owned());
    assert_eq!(found("Olá, preciso de ajuda com o relatório."), []);
    let found = found("Mora na Rua Nova 20, 2.º Esq.\n9395-107 Lisboa desde 2019.\n");
    let addresses: Vec<_> = found.into_iter().filter(|(entity, _)| *entity == EntityType::StreetAddress).collect();
    assert_eq!(addresses, [address("Rua Nova 20, 2.º Esq.\n9395-107 Lisboa")]);
}
