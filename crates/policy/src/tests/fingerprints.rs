//! Sets of fingerprints that a policy names.

use crate::{FINGERPRINT_BYTES_MAX, FINGERPRINT_SET_COUNT_MAX, FileError, Files, Limits, Policy, Verdict};
use detect::{EntityType, Finding, FingerprintBuilder, Scanner};

const CODE: &str = "fn frobnicate(widget: &Widget) -> Sprocket {\n    let sprocket = widget.sprocket_of(Gear::Third);\n    sprocket.turned(widget.angle_degrees, widget.speed)\n}\n";

/// `engine.fp` is a set, `text` is none, `long` is too long; nothing else is there.
struct Shelf;

impl Files for Shelf {
    fn read(&self, path: &str, bytes_max: u64) -> Result<Vec<u8>, FileError> {
        match path {
            "engine.fp" | "other.fp" => Ok(set()),
            "text" => Ok(b"no set".to_vec()),
            "long" => Err(FileError::Long { bytes_max }),
            _ => Err(FileError::Unreadable("there is none".into())),
        }
    }
}

fn set() -> Vec<u8> {
    let mut builder = FingerprintBuilder::new("tree", [7; 16]).unwrap();
    builder.add(CODE.repeat(3).as_bytes());
    builder.finish().unwrap().to_bytes()
}

fn rule(detect: &str) -> String {
    format!("version = \"1\"\n[[rule]]\nname = \"f\"\ndetect = [\"{detect}\"]\naction = \"block\"\n")
}

#[track_caller]
fn problem(text: &str) -> String {
    let problems = Policy::load(text, &Limits::default(), &Shelf).unwrap_err();
    assert_eq!(problems.list().len(), 1, "{problems}");
    problems.list()[0].to_string()
}

/// What a policy's detectors find: rule and verdict, once where one item comes in pieces.
fn found(policy: &Policy, text: &str) -> Vec<(String, Option<Verdict>)> {
    let (mut scanner, mut found): (_, Vec<Finding>) = (Scanner::new(), Vec::new());
    scanner.push(text.as_bytes());
    scanner.boundary();
    scanner.scan(policy.detectors(), &mut found);
    let name = |finding: &Finding| policy.detectors().rule(finding.detector).unwrap().to_owned();
    let verdict =
        |finding: &Finding| policy.action(finding.detector, false, finding.confidence).map(|action| action.verdict);
    found.iter().filter(|finding| !finding.continued).map(|finding| (name(finding), verdict(finding))).collect()
}

#[test]
fn a_rule_finds_the_code_of_the_set_that_it_names() {
    let sets = "[fingerprints]\nengine = \"engine.fp\"\nother = \"other.fp\"\n";
    let load = |detect: &str| Policy::load(&format!("{}{sets}", rule(detect)), &Limits::default(), &Shelf).unwrap();
    let one = load("FINGERPRINT:engine");
    assert_eq!(found(&one, CODE), [("engine".to_owned(), Some(Verdict::Block))]);
    assert!(one.detectors().is_enabled(EntityType::Fingerprint));
    let all = load("FINGERPRINT");
    let block = Some(Verdict::Block);
    assert_eq!(found(&all, CODE), [("engine".to_owned(), block), ("other".to_owned(), block)]);
    assert!(!load("SECRET").detectors().is_enabled(EntityType::Fingerprint));
    assert_eq!(found(&load("SECRET"), CODE), []);
}

#[test]
fn what_cannot_be_loaded_is_told_with_its_place() {
    let with = |path: &str| problem(&format!("{}[fingerprints]\nengine = \"{path}\"\n", rule("FINGERPRINT:engine")));
    assert_eq!(with("none.fp"), "7:10: the file \"none.fp\" cannot be read: there is none");
    let advice = "name one that `sovereign fingerprint build` wrote";
    assert_eq!(with("text"), format!("7:10: the file \"text\": this is no set of fingerprints; {advice}"));
    let long = with("long");
    assert!(
        long.starts_with(&format!("7:10: the file \"long\" is longer than {FINGERPRINT_BYTES_MAX} bytes")),
        "{long}"
    );
    assert!(problem(&rule("FINGERPRINT")).contains("FINGERPRINT needs a set under [fingerprints]"));
    let other = problem(&format!("{}[fingerprints]\nengine = \"engine.fp\"\n", rule("FINGERPRINT:motor")));
    assert!(other.contains("there is no set \"motor\" under [fingerprints]"), "{other}");
    let number = problem(&format!("{}[fingerprints]\nengine = 7\n", rule("FINGERPRINT")));
    assert!(number.contains("engine must be a text"), "{number}");
}

#[test]
fn a_policy_without_its_files_is_refused() {
    let text = format!("{}[fingerprints]\nengine = \"engine.fp\"\n", rule("FINGERPRINT"));
    let problems = Policy::parse(&text, &Limits::default()).unwrap_err();
    assert!(problems.list()[0].to_string().contains("loaded without its files"), "{problems}");
}

#[test]
fn sets_are_bounded_in_number_and_together_in_bytes() {
    let many: String = (0..=FINGERPRINT_SET_COUNT_MAX).map(|place| format!("s{place} = \"engine.fp\"\n")).collect();
    let found = problem(&format!("{}[fingerprints]\n{many}", rule("FINGERPRINT")));
    assert!(found.contains("at most 16 are possible"), "{found}");
    let left = FINGERPRINT_BYTES_MAX - set().len() as u64;
    let found = problem(&format!("{}[fingerprints]\na = \"engine.fp\"\nb = \"long\"\n", rule("FINGERPRINT")));
    assert!(found.contains(&format!("longer than {left} bytes")), "{found}");
}

#[test]
fn inspect_refuses_fingerprints_that_it_cannot_hold() {
    let flow = "[[flow]]\nname = \"x\"\nmatch = { ports = [80] }\nmode = \"inspect\"\n";
    let text = format!("{}{flow}[fingerprints]\nengine = \"engine.fp\"\n", rule("FINGERPRINT:engine"));
    let problems = Policy::load(&text, &Limits { hold_bytes_max: 2048 }, &Shelf).unwrap_err();
    assert!(problems.to_string().contains("needs mode = terminate"), "{problems}");
    assert!(Policy::load(&text, &Limits::default(), &Shelf).is_ok());
}
