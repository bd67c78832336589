//! `sovereign fingerprint`: sets of fingerprints of the owner's source code.
//!
//! `build` walks a folder as `git` would see it: what is hidden, what ignore files name and what
//! symbolic links lead to is left out, and so are files that are no text. The set is written beside
//! its place and moved there, so that there is a whole file or none.

use super::policy_files::read_bounded;
use super::target::Target;
use crate::failure::{Context, Failure};
use crate::output::print;
use crate::progress;
use clap::{Args, Subcommand};
use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;
use policy::FINGERPRINT_BYTES_MAX;
use policy::detect::{FingerprintBuilder, FingerprintSet};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Bytes of the largest source file that is read: larger ones are data.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// Bytes at a file's start in which a zero byte says that it is no text.
const BINARY_PROBE_BYTES: usize = 8192;

#[derive(Debug, Subcommand)]
pub(crate) enum Fingerprint {
    /// Make a set of the source files below a folder.
    Build(Build),
    /// Print what a set was made of.
    Show(Show),
}

#[derive(Debug, Args)]
pub(crate) struct Build {
    /// The folder of the source tree.
    dir: PathBuf,
    /// The file to write; one that is there is replaced.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The name of the set, which findings bear; the folder's name otherwise.
    #[arg(long)]
    name: Option<String>,
    /// Leave out what matches, as in .gitignore.
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// A set of fingerprints.
    file: PathBuf,
}

pub(crate) fn run(command: Fingerprint) -> Result<ExitCode, Failure> {
    match command {
        Fingerprint::Build(command) => build(&command),
        Fingerprint::Show(command) => show(&load(&command.file)?),
    }
}

/// What to load.
const ADVICE: &str = "name a file that `sovereign fingerprint build` wrote";

/// Reads a set.
pub(crate) fn load(path: &Path) -> Result<FingerprintSet, Failure> {
    let what = format!("cannot load the fingerprints {}", path.display());
    let bytes = read_bounded(path, FINGERPRINT_BYTES_MAX).or_usage(&what, ADVICE)?;
    FingerprintSet::from_bytes(&bytes).or_usage(&what, ADVICE)
}

fn build(command: &Build) -> Result<ExitCode, Failure> {
    let shown = command.dir.display();
    let dir = command.dir.canonicalize().or_usage(format_args!("cannot read {shown}"), "name a folder")?;
    if !dir.is_dir() {
        return Err(Failure::usage(format_args!("{shown} is no folder; name the folder of a source tree")));
    }
    let own_name = dir.file_name().map_or_else(|| "code".to_owned(), |name| name.to_string_lossy().into_owned());
    let name = command.name.as_deref().unwrap_or(&own_name);
    let mut key = [0; 16];
    getrandom::fill(&mut key).or_work("cannot make a random key", "")?;
    let mut builder = FingerprintBuilder::new(name, key)
        .or_usage(format_args!("cannot name the set {name:?}"), "choose one with --name")?;
    let files = files(&dir, &command.exclude)?;
    let bar = progress::items(files.len() as u64);
    for path in &files {
        if let Some(text) = read_text(path)? {
            builder.add(&text);
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let set = builder.finish().or_work(format_args!("cannot make fingerprints of {shown}"), "")?;
    write_whole(&command.output, &set.to_bytes())?;
    show(&set)
}

/// The files below a folder, in order.
fn files(dir: &Path, exclude: &[String]) -> Result<Vec<PathBuf>, Failure> {
    let mut overrides = OverrideBuilder::new(dir);
    for glob in exclude {
        overrides.add(&format!("!{glob}")).or_usage(format_args!("--exclude {glob}"), "write it as in .gitignore")?;
    }
    let overrides = overrides.build().or_usage("--exclude", "write it as in .gitignore")?;
    let mut files = Vec::new();
    let walk = WalkBuilder::new(dir).overrides(overrides).follow_links(false).require_git(false).build();
    for entry in walk {
        let entry = entry.or_work("cannot read the folder", "")?;
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            files.push(entry.into_path());
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// A file's bytes, if it is text of a usual size.
fn read_text(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    let what = format!("cannot read {}", path.display());
    let file = File::open(path).or_work(&what, "")?;
    let mut text = Vec::new();
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut text).or_work(&what, "")?;
    let is_binary = text.iter().take(BINARY_PROBE_BYTES).any(|byte| *byte == 0);
    Ok((!is_binary && text.len() as u64 <= FILE_BYTES_MAX).then_some(text))
}

/// Writes a file; nothing stays of it if that fails.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let (target, mut sink) = Target::open(path)?;
    let written = sink.write_all(bytes).and_then(|()| sink.flush());
    written.map_err(|error| target.failure().unwrap_or_else(|| Failure::work(error)))?;
    target.finish()
}

fn show(set: &FingerprintSet) -> Result<ExitCode, Failure> {
    let counts = set.counts();
    let (gram_words, window_grams, guarantee_words) = set.parameters();
    let lines = [
        ("name", set.name().to_owned()),
        ("files", counts.files.to_string()),
        ("lines", counts.lines.to_string()),
        ("words", counts.words.to_string()),
        ("grams", counts.grams.to_string()),
        ("grams_too_common", counts.common_grams.to_string()),
        ("gram_words", gram_words.to_string()),
        ("window_grams", window_grams.to_string()),
        ("guarantee_words", guarantee_words.to_string()),
        ("filter_bytes", set.filter_bytes().to_string()),
    ];
    print(&lines.map(|(key, value)| format!("{key} {value}\n")).concat())?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const CODE: &str = "fn frobnicate(widget: &Widget) -> Sprocket {\n    let sprocket = widget.sprocket_of(Gear::Third);\n    sprocket.turned(widget.angle_degrees)\n}\n";

    fn built(dir: &Path, exclude: &[&str]) -> (FingerprintSet, PathBuf) {
        let output = dir.join("out.fp");
        let command = Build {
            dir: dir.join("tree"),
            output: output.clone(),
            name: None,
            exclude: exclude.iter().map(|glob| (*glob).to_owned()).collect(),
        };
        build(&command).unwrap();
        (load(&output).unwrap(), output)
    }

    #[test]
    fn a_tree_is_read_as_git_would_see_it() {
        let dir = tempfile::tempdir().unwrap();
        let tree = dir.path().join("tree");
        for folder in ["src", ".git", "vendor", "target"] {
            fs::create_dir_all(tree.join(folder)).unwrap();
            fs::write(tree.join(folder).join("a.rs"), CODE).unwrap();
        }
        fs::write(tree.join(".gitignore"), "target/\n").unwrap();
        fs::write(tree.join("binary"), b"\0\x01let sprocket = widget.sprocket_of(Gear::Third, other);").unwrap();
        std::os::unix::fs::symlink(&tree, tree.join("src/loop")).unwrap();
        let (set, output) = built(dir.path(), &["vendor/**"]);
        assert_eq!((set.name(), set.counts().files), ("tree", 1));
        let (set, _) = built(dir.path(), &[]);
        assert_eq!(set.counts().files, 2);
        let names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(names.len(), 2, "{names:?} beside {output:?}");
    }

    #[test]
    fn a_file_that_is_no_set_is_one_error() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        fs::write(&path, "hello").unwrap();
        let failure = load(&path).unwrap_err();
        let expected =
            format!("cannot load the fingerprints {}: this is no set of fingerprints; {ADVICE}", path.display());
        assert_eq!(failure.message(), expected);
    }

    #[test]
    fn nothing_stays_of_a_file_that_cannot_be_written() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("out.fp")).unwrap();
        assert!(write_whole(&dir.path().join("out.fp"), b"x").is_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
