//! The file against the weights that it is made of, and the shipped model on texts held out.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a test that reports")]

use detect::training::Tagger;
use names_train::corpus::HELD_OUT;
use names_train::crf::Crf;
use names_train::document::{Document, Kind};
use names_train::score::{self, Score};
use names_train::train::{self, Lessons};
use names_train::{Names, corpus, documents};
use std::path::{Path, PathBuf};

const SEED: u64 = 7;

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Texts that were made up, as they are learned from.
fn made(names: &Names, count: usize) -> Vec<(f32, Document)> {
    documents(names, count, SEED).into_iter().map(|text| (1.0, text)).collect()
}

/// The labels of all words of a document by the weights before they become a file.
fn float_labels(
    crf: &Crf,
    lessons: &Lessons,
    lists: &detect::training::Lists,
    document: &Document,
) -> Vec<(usize, usize, usize)> {
    let segments = detect::training::segments(&document.text, lists, SEED, |_| false);
    let labels = segments.iter().flat_map(|words| {
        let labels = crf.labels(&train::facts(&lessons.features, words, &vec![0; words.len()]));
        words.iter().zip(labels).map(|(word, label)| (word.start, word.end, label)).collect::<Vec<_>>()
    });
    labels.collect()
}

#[test]
fn a_file_finds_what_the_weights_find() {
    let names = Names::read(&crates().join("names-train/lists")).unwrap();
    let lists = names.gazetteer();
    let lessons = Lessons::new(&made(&names, 3000), &lists, SEED);
    let crf = lessons.train(3, SEED);
    let mut tagger = Tagger::parse(&lessons.file(&crf, &lists, SEED)).unwrap();
    let (mut float, mut quantised) = ([Score::default(); 3], [Score::default(); 3]);
    for document in &documents(&names, 600, SEED + 1) {
        score::add(&mut float, document, &score::names(&float_labels(&crf, &lessons, &lists, document)));
        score::add(&mut quantised, document, &score::names(&tagger.labels(&document.text)));
    }
    for (kind, (float, quantised)) in Kind::ALL.iter().zip(float.iter().zip(&quantised)) {
        println!("{kind:?}: F1 {:.4} of the weights, {:.4} of the file", float.f1(), quantised.f1());
        assert!((float.f1() - quantised.f1()).abs() < 0.01, "{kind:?}");
    }
    assert!(quantised[0].f1() > 0.9, "persons in made-up texts");
}

#[test]
fn the_same_input_gives_the_same_file() {
    let names = Names::read(&crates().join("names-train/lists")).unwrap();
    let lists = names.gazetteer();
    let file = || {
        let lessons = Lessons::new(&made(&names, 100), &lists, SEED);
        lessons.file(&lessons.train(1, SEED), &lists, SEED)
    };
    assert!(file() == file());
}

/// The corpora in the first folder beside the workspace that has them under `data`.
fn corpora() -> Option<PathBuf> {
    let folders = std::fs::read_dir(crates().join("../..")).ok()?;
    folders.map(|folder| folder.unwrap().path().join("data/ner")).find(|folder| folder.join("wnut17").exists())
}

#[test]
fn the_shipped_model_has_learnt_from_all_corpora() {
    let Some(folder) = corpora() else {
        println!("skipped: no corpora");
        return;
    };
    let file = std::fs::read(crates().join("detect/src/names/names.model")).unwrap();
    let mut tagger = Tagger::parse(&file).unwrap();
    let mut all = [Score::default(); 3];
    for (name, documents) in corpus::read(&folder).unwrap() {
        let mut scores = [Score::default(); 3];
        for (_, document) in documents.iter().filter(|(turn, _)| *turn == HELD_OUT) {
            let found = score::names(&tagger.labels(&document.text));
            score::add(&mut scores, document, &found);
            score::add(&mut all, document, &found);
        }
        for (kind, score) in Kind::ALL.iter().zip(scores) {
            println!("{name:>20} {kind:<13?} {:.3} {:.3} of {}", score.recall(), score.precision(), score.names);
        }
    }
    // It has seen these, too: how it does on what it has not seen, `scripts/train-names` tells of another model.
    for ((kind, score), floor) in Kind::ALL.iter().zip(all).zip([0.85, 0.85, 0.85]) {
        println!(
            "{:>20} {kind:<13?} recall {:.3} precision {:.3} F1 {:.3}",
            "all",
            score.recall(),
            score.precision(),
            score.f1()
        );
        assert!(score.f1() >= floor, "{kind:?}");
    }
}
