//! What each view must find: every kind of disguise over every type it fits, made by a seeded generator.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that reports"
)]

mod disguises;

use detect::{DetectorSet, Reader};
use disguises::{DISGUISES, KEYWORDS, Random, TYPES};

const PER_CELL: usize = 40;
const RECALL_MIN: f64 = 0.95;

fn set() -> DetectorSet {
    let terms: Vec<_> = KEYWORDS.iter().map(|term| (*term).to_owned()).collect();
    DetectorSet::builder().enable_all().keywords("ours", &terms).build().unwrap()
}

#[test]
fn every_view_finds_every_type_that_it_fits() {
    let (set, mut random) = (set(), Random(0x9e37_79b9_7f4a_7c15));
    let (mut reader, mut found) = (Reader::new(), Vec::new());
    let verbose = std::env::var_os("DETECT_VERBOSE").is_some();
    let (mut all, mut hits, mut weak) = (0, 0, Vec::new());
    for (name, fits, disguise) in DISGUISES {
        for (entity, make, sentence) in TYPES.iter().filter(|(entity, ..)| fits.contains(entity)) {
            let mut hit = 0;
            for _ in 0..PER_CELL {
                let hidden = disguise(&make(&mut random), &mut random);
                let text = sentence.replace("{}", &hidden);
                let start = sentence.find("{}").unwrap() as u64;
                let end = start + hidden.len() as u64;
                reader.reset();
                found.clear();
                reader.push(text.as_bytes());
                reader.boundary();
                reader.scan(&set, &mut found);
                let is_found = found.iter().any(|finding| {
                    set.entity(finding.detector) == Some(*entity) && finding.start < end && start < finding.end
                });
                hit += usize::from(is_found);
                if verbose && !is_found {
                    println!("missed {entity} as {name}: {text:?}");
                }
            }
            (all, hits) = (all + PER_CELL, hits + hit);
            if (hit as f64) < RECALL_MIN * PER_CELL as f64 {
                weak.push(format!("{name} {entity}: {hit} of {PER_CELL}"));
            }
        }
    }
    println!("{hits} of {all} found");
    assert!(weak.is_empty(), "{weak:#?}");
}
