//! `names-train --corpora DIR --lists DIR --plain DIR --out FILE [--seed N] [--epochs N] [--made N]`
#![expect(clippy::print_stdout, reason = "a command that reports")]

use names_train::document::{Document, Kind};
use names_train::score::{self, Score};
use names_train::train::Lessons;
use names_train::{Names, corpus, documents};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

/// Our own folders whose sources name nobody, and how many of their pieces are taken: one in so many.
const PLAIN_FOLDERS: &[&str] = &["audit", "dataplane", "decode", "dpdk", "engine", "management", "net", "testkit"];
const PLAIN_EVERY: usize = 2;

fn main() -> ExitCode {
    match run(&arguments()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("names-train: {error}");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> BTreeMap<String, String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    arguments.chunks_exact(2).filter_map(|pair| Some((pair.first()?.clone(), pair.get(1)?.clone()))).collect()
}

fn run(arguments: &BTreeMap<String, String>) -> Result<(), Box<dyn std::error::Error>> {
    let path = |name: &str| arguments.get(name).map(PathBuf::from).ok_or(format!("{name} is missing"));
    let number = |name: &str, default: u64| arguments.get(name).map_or(Ok(default), |text| text.parse());
    let (seed, epochs) = (number("--seed", 1)?, usize::try_from(number("--epochs", 8)?)?);
    let made = usize::try_from(number("--made", 30_000)?)?;
    let (corpora, out) = (path("--corpora")?, path("--out")?);
    let names = Names::read(&path("--lists")?)?;
    let lists = names.gazetteer();
    let mut common: Vec<Document> = Vec::new();
    for folder in PLAIN_FOLDERS {
        common.extend(corpus::read_plain(&path("--plain")?.join(folder), PLAIN_EVERY)?);
    }
    common.extend(documents(&names, made, seed));
    let model = |parts: &[corpus::Part]| -> std::io::Result<Vec<u8>> {
        let mut texts = Vec::new();
        for part in parts {
            for (_, documents) in corpus::read(&corpora, *part)? {
                // Each text once as it is and, of every third, once in small letters.
                texts.extend(documents.iter().step_by(3).map(|document| document.recased(false)));
                texts.extend(documents);
            }
        }
        texts.extend(common.iter().cloned());
        let lessons = Lessons::new(&texts, &lists, seed);
        let words: usize = lessons.sentences.iter().map(|sentence| sentence.0.len()).sum();
        println!("{} texts, {} segments, {words} words", texts.len(), lessons.sentences.len());
        Ok(lessons.file(&lessons.train(epochs, seed), &lists, seed))
    };
    // How good it is tells a model that has not seen what it is asked.
    let blind = model(&[corpus::Part::Training])?;
    let mut all = Vec::new();
    for (name, documents) in corpus::read(&corpora, corpus::Part::HeldOut)? {
        report(name, &blind, &documents);
        all.extend(documents);
    }
    report("all of them", &blind, &all);
    report("made up", &blind, &documents(&names, 1000, seed + 1));
    // What is shipped has learnt from all there is.
    let file = model(&[corpus::Part::Training, corpus::Part::HeldOut])?;
    std::fs::write(&out, &file)?;
    println!("{}: {} bytes", out.display(), file.len());
    Ok(())
}

fn report(name: &str, file: &[u8], documents: &[Document]) {
    let mut scores = [Score::default(); 3];
    for document in documents {
        let labels = detect::training::labels(file, &document.text).unwrap_or_default();
        score::add(&mut scores, document, &score::names(&labels));
    }
    for (kind, score) in Kind::ALL.iter().zip(scores) {
        println!(
            "{name:>20} {kind:<13?} recall {:.3} precision {:.3} of {}",
            score.recall(),
            score.precision(),
            score.names
        );
    }
}
