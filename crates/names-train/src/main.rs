//! `names-train --corpora DIR --lists DIR --plain DIR --out FILE [--seed N] [--epochs N] [--made N] [--fold N]`
//!
//! With a fold, 0 to 8, no model is made: it is told how good one is that has learnt from all but that turn of the
//! corpora's blocks and the held-out one. Ways of training are compared by several folds, so that the held-out texts
//! stay unseen.
#![expect(clippy::print_stdout, reason = "a command that reports")]

use detect::training::{Detector, Lists};
use names_train::corpus::{self, Corpus, HELD_OUT};
use names_train::document::{Document, Kind};
use names_train::score::{self, Score};
use names_train::train::Lessons;
use names_train::{Names, documents};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

/// Our own folders whose sources name nobody, and how many of their pieces are taken: one in so many.
const PLAIN_FOLDERS: &[&str] = &["audit", "dataplane", "decode", "dpdk", "engine", "management", "net", "testkit"];
const PLAIN_EVERY: usize = 2;
/// How much a text that we made up counts beside one of the corpora. Many that count little teach the forms that names
/// have, but not that every text is so easy.
const MADE_WEIGHT: f32 = 0.15;
/// Of a corpus' texts, one in so many is learned from once more, in small letters.
const SMALL_EVERY: usize = 3;
/// Texts that are made up to tell how good a model is.
const MADE_ASKED: usize = 1000;

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
    let (seed, epochs) = (number("--seed", 1)?, usize::try_from(number("--epochs", 5)?)?);
    let made = usize::try_from(number("--made", 50_000)?)?;
    let names = Names::read(&path("--lists")?)?;
    let mut common: Vec<(f32, Document)> = Vec::new();
    for folder in PLAIN_FOLDERS {
        let pieces = corpus::read_plain(&path("--plain")?.join(folder), PLAIN_EVERY)?;
        common.extend(pieces.into_iter().map(|piece| (1.0, piece)));
    }
    common.extend(documents(&names, made, seed).into_iter().map(|text| (MADE_WEIGHT, text)));
    let corpora = corpus::read(&path("--corpora")?)?;
    let school = School { corpora, common, lists: names.gazetteer(), epochs, seed };
    // How good it is tells a model that has not seen what it is asked.
    let fold = arguments.get("--fold").map(|text| text.parse::<usize>()).transpose()?;
    let asked = fold.unwrap_or(HELD_OUT);
    school.ask(
        &school.model(|turn| turn != asked && turn != HELD_OUT),
        asked,
        &documents(&names, MADE_ASKED, seed + 1),
    )?;
    if fold.is_none() {
        // What is shipped has learnt from all there is.
        let (out, file) = (path("--out")?, school.model(|_| true));
        std::fs::write(&out, &file)?;
        println!("{}: {} bytes", out.display(), file.len());
    }
    Ok(())
}

/// What models learn from, and how.
struct School {
    corpora: Vec<Corpus>,
    /// Texts of no corpus, and how much they count.
    common: Vec<(f32, Document)>,
    lists: Lists,
    epochs: usize,
    seed: u64,
}

impl School {
    /// The file of a model that has learnt from these turns of the corpora.
    fn model(&self, is_taught: impl Fn(usize) -> bool) -> Vec<u8> {
        let mut texts = Vec::new();
        for (_, documents) in &self.corpora {
            let taught = || documents.iter().filter(|(turn, _)| is_taught(*turn)).map(|(_, document)| document);
            texts.extend(taught().step_by(SMALL_EVERY).map(|document| (1.0, document.recased(false))));
            texts.extend(taught().map(|document| (1.0, document.clone())));
        }
        texts.extend(self.common.iter().cloned());
        let lessons = Lessons::new(&texts, &self.lists, self.seed);
        let words: usize = lessons.sentences.iter().map(|sentence| sentence.words.len()).sum();
        println!("{} texts, {} segments, {words} words", texts.len(), lessons.sentences.len());
        lessons.file(&lessons.train(self.epochs, self.seed), &self.lists, self.seed)
    }

    /// Tells how good the detector is with a model at a turn of each corpus, at all of them, and at texts that were made
    /// up.
    fn ask(&self, file: &[u8], turn: usize, made: &[Document]) -> Result<(), &'static str> {
        let detector = Detector::parse(file).ok_or("the model cannot be read")?;
        let mut all = [Score::default(); 3];
        for (name, documents) in &self.corpora {
            let mut scores = [Score::default(); 3];
            for (_, document) in documents.iter().filter(|text| text.0 == turn) {
                let found = score::kinds(&detector.found(&document.text));
                score::add(&mut scores, document, &found);
                score::add(&mut all, document, &found);
            }
            report(name, &scores);
        }
        report("all of them", &all);
        let mut scores = [Score::default(); 3];
        for document in made {
            score::add(&mut scores, document, &score::kinds(&detector.found(&document.text)));
        }
        report("made up", &scores);
        Ok(())
    }
}

fn report(name: &str, scores: &[Score; 3]) {
    for (kind, score) in Kind::ALL.iter().zip(scores) {
        println!(
            "{name:>20} {kind:<13?} recall {:.3} precision {:.3} of {}",
            score.recall(),
            score.precision(),
            score.names
        );
    }
}
