//! `docs/detectors.md` is what the table of detectors says.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use detect::EntityType::{self, *};
use detect::{DetectorId, DetectorSet};
use std::fmt::Write;
use std::path::Path;

/// Words of a rule that are named; more are counted.
const WORDS_NAMED_MAX: usize = 8;

const HEAD: &str = "# Detectors

Made from the detectors' own table: `UPDATE_PAGE=1 cargo test -p detect --test page`.

A type is what a policy's `detect` names. A finding names its rule, too, with a confidence from 0 to 1 and the view of the text in
which it was found (`raw`, `json`, `base64` ...). *Structured* types are checked by their form, a checksum, a table or the words
beside them; *statistical* ones are told by a trained tagger or a grammar, and are right less often: `scripts/quality` measures how
often. Types of the owner's lists find nothing until there is a list.

*Validator* is what must hold of every match, *source* who says so. *Words* make a match likelier where they stand near it, or are
what it needs; in one that ends in `*` letters may follow. *Match* and *ahead* are the bytes of the longest match, and those behind
it, that may have to be seen before it is decided: what a mode that holds less refuses. `sovereign scan --explain` says the same of
each finding, with the word that counted and its place.

";

/// Every type, where a reader looks for it.
const GROUPS: &[(&str, &[EntityType])] = &[
    ("Contact, place and time", &[EmailAddress, PhoneNumber, DateOfBirth, GeoCoordinates]),
    (
        "Payment and banking",
        &[CreditCard, CardSecurityCode, CardExpiry, IbanCode, AbaRoutingNumber, UsBankNumber, Crypto],
    ),
    ("Networks, devices, vehicles", &[IpAddress, MacAddress, Imei, Vin]),
    (
        "Identity: United States and Canada",
        &[UsSsn, UsItin, UsEin, UsPassport, UsDriverLicense, UsNpi, UsDea, UsMbi, CaSin],
    ),
    (
        "Identity: Europe",
        &[UkNhs, UkNino, DeSteuerId, FrNir, EsNif, ItFiscalCode, NlBsn, PlPesel, FiHetu, SePersonnummer, TrTckn],
    ),
    (
        "Identity: rest of the world",
        &[AuTfn, AuMedicare, AuAbn, InAadhaar, InPan, BrCpf, BrCnpj, ZaId, SgNricFin, KrRrn, CnRic],
    ),
    ("Names and addresses (statistical)", &[Person, Organization, Location, StreetAddress]),
    ("Content", &[SourceCode, Confidential]),
    ("The owner's lists", &[Keyword, Canary, Fingerprint]),
    ("Secrets", &[Secret]),
];

fn rules(set: &DetectorSet, entity: EntityType) -> Vec<DetectorId> {
    set.ids().filter(|id| set.entity(*id) == Some(entity)).collect()
}

/// A text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn words(set: &DetectorSet, id: DetectorId) -> String {
    let words: Vec<String> = set.facts(id).unwrap().context().collect();
    let named = words.iter().take(WORDS_NAMED_MAX).map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" ");
    match words.len().saturating_sub(WORDS_NAMED_MAX) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

fn overview(page: &mut String) {
    page.push_str("| type | what it is | under |\n| --- | --- | --- |\n");
    for (group, types) in GROUPS {
        for entity in *types {
            writeln!(page, "| `{entity}` | {} | {group} |", entity.about()).unwrap();
        }
    }
}

fn group(page: &mut String, set: &DetectorSet, name: &str, types: &[EntityType]) {
    writeln!(page, "\n## {name}\n\n| type | rule | validator | source | words | match | ahead |").unwrap();
    page.push_str("| --- | --- | --- | --- | --- | ---: | ---: |\n");
    for entity in types {
        let ids = rules(set, *entity);
        for id in &ids {
            let facts = set.facts(*id).unwrap();
            let (validator, source) = (cell(&facts.validator), cell(&facts.source));
            // The rule of a list is the list's name.
            let named = || format!("`{}`", set.rule(*id).unwrap());
            let rule = if name == "The owner's lists" { "the list's name".to_owned() } else { named() };
            let reach = format!("{} | {}", facts.match_bytes_max, facts.lookahead_bytes);
            writeln!(page, "| `{entity}` | {rule} | {validator} | {source} | {} | {reach} |", words(set, *id)).unwrap();
        }
    }
}

fn secrets(page: &mut String, set: &DetectorSet) {
    let mut ids = rules(set, Secret);
    ids.sort_by_key(|id| set.rule(*id).map(str::to_owned));
    writeln!(page, "\n## Secrets\n\n{} rules of the type `SECRET`, by name.\n", ids.len()).unwrap();
    page.push_str("| rule | validator | source | match | ahead |\n| --- | --- | --- | ---: | ---: |\n");
    for id in ids {
        let facts = set.facts(id).unwrap();
        let (rule, validator) = (set.rule(id).unwrap(), cell(&facts.validator));
        let (source, bytes, ahead) = (cell(&facts.source), facts.match_bytes_max, facts.lookahead_bytes);
        writeln!(page, "| `{rule}` | {validator} | {source} | {bytes} | {ahead} |").unwrap();
    }
}

/// A set with all types, and a list of each kind.
fn everything() -> DetectorSet {
    let mut builder = detect::FingerprintBuilder::new("tree", [7; 16]).unwrap();
    builder.add("let sprocket = widget.sprocket_of(Gear::Third, other.angle_degrees);\n".repeat(9).as_bytes());
    let list = |term: &str| [term.to_owned()];
    DetectorSet::builder()
        .enable_all()
        .keywords("list", &list("term"))
        .canaries("planted", &list("7f3a-90c2-e41b"))
        .fingerprints("tree", builder.finish().unwrap())
        .build()
        .unwrap()
}

fn page() -> String {
    let set = everything();
    let mut page = HEAD.to_owned();
    overview(&mut page);
    let reach = (set.match_bytes_max(), set.lookahead_bytes());
    writeln!(
        page,
        "\nWith all types a match may have {} bytes that must be seen before it is decided, and {} behind it.",
        reach.0, reach.1
    )
    .unwrap();
    for (name, types) in GROUPS {
        if types.contains(&Secret) {
            secrets(&mut page, &set);
        } else {
            group(&mut page, &set, name, types);
        }
    }
    page
}

#[test]
fn every_type_stands_in_one_group_and_has_a_rule() {
    let set = everything();
    for entity in EntityType::ALL {
        let places = GROUPS.iter().flat_map(|(_, types)| *types).filter(|listed| **listed == entity).count();
        assert_eq!(places, 1, "{entity}");
        assert!(!rules(&set, entity).is_empty(), "{entity}");
    }
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
