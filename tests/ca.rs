//! `sovereign ca`, and what is read of `[tls]`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

fn sovereign(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sovereign")).args(arguments).env_remove("RUST_LOG").output().unwrap()
}

fn lines(bytes: &[u8]) -> Vec<String> {
    String::from_utf8(bytes.to_vec()).unwrap().lines().map(str::to_owned).collect()
}

/// Exit code 2; the lines on stderr.
#[track_caller]
fn refused(output: &Output) -> Vec<String> {
    let lines = lines(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{lines:?}");
    assert!(lines.iter().all(|line| line.starts_with("sovereign: ") && line.contains("; ")), "{lines:?}");
    lines
}

#[track_caller]
fn done(output: &Output) -> Vec<String> {
    assert_eq!(output.status.code(), Some(0), "{:?}", lines(&output.stderr));
    lines(&output.stdout)
}

/// A folder with an authority in it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        done(&place.run("init"));
        place
    }

    fn run(&self, command: &str) -> Output {
        sovereign(&["ca", command, "--dir", self.0.path().to_str().unwrap()])
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `ca show` with a configuration that names the authority here, and more.
    fn show(&self, more: &str) -> Output {
        let dir = self.0.path().display();
        let text = format!("[tls]\nca_cert = \"{dir}/ca.pem\"\nca_key = \"file:{dir}/ca.key\"\n{more}");
        fs::write(self.path("sovereign.toml"), text).unwrap();
        sovereign(&["ca", "show", "--config", self.path("sovereign.toml").to_str().unwrap()])
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_new_authority_has_a_certificate_for_all_and_a_key_for_nobody_else() {
    let place = Place(tempfile::tempdir().unwrap());
    let dir = place.path("deep/er");
    let arguments = ["ca", "init", "--dir", dir.to_str().unwrap(), "--name", "Example Corp", "--curve", "p384"];
    let told = done(&sovereign(&arguments));
    assert_eq!(told[0], "subject      CN=Example Corp");
    assert_eq!(names(&dir), ["ca.key", "ca.pem"]);
    assert_eq!((mode(&dir.join("ca.key")), mode(&dir.join("ca.pem"))), (0o600, 0o644));
    assert!(fs::read_to_string(dir.join("ca.key")).unwrap().starts_with("-----BEGIN PRIVATE KEY-----"));
    // The fingerprint is what OpenSSL says.
    let pem = dir.join("ca.pem");
    let openssl = ["x509", "-noout", "-fingerprint", "-sha256", "-in", pem.to_str().unwrap()];
    let output = Command::new("openssl").args(openssl).output().unwrap();
    let fingerprint = lines(&output.stdout)[0].split_once('=').unwrap().1.to_owned();
    assert!(told.iter().any(|line| line == &format!("sha256       {fingerprint}")), "{told:?}");
}

#[test]
fn an_authority_is_never_written_over() {
    let place = Place::new();
    let read = || ["ca.pem", "ca.key"].map(|name| fs::read(place.path(name)).ok());
    let before = read();
    assert!(refused(&place.run("init"))[0].contains("is there already"));
    assert_eq!(read(), before);
    fs::remove_file(place.path("ca.pem")).unwrap();
    assert!(refused(&place.run("init"))[0].contains("ca.key is there already"));
    assert_eq!((read(), names(place.0.path())), ([None, before[1].clone()], vec!["ca.key".to_owned()]));
}

#[test]
fn names_that_nobody_could_read_are_refused_and_nothing_is_made() {
    let place = Place(tempfile::tempdir().unwrap());
    let dir = place.0.path().to_str().unwrap();
    for name in ["", "a\nb", &"x".repeat(65)] {
        refused(&sovereign(&["ca", "init", "--dir", dir, "--name", name]));
    }
    assert!(names(place.0.path()).is_empty());
}

#[test]
fn what_is_shown_is_what_the_gateway_would_use() {
    let place = Place::new();
    let other = Place::new();
    let shown = done(&place.show(""));
    assert_eq!(shown, done(&place.run("show")));
    assert!(shown.iter().any(|line| line == "clients      any"), "{shown:?}");
    let ca = other.path("ca.pem");
    let shown = done(&place.show(&format!("extra_roots = [{ca:?}]\nclients.ca = {ca:?}\n")));
    assert!(shown.iter().any(|line| line.starts_with("roots ") && line.ends_with(", 1 of them extra")), "{shown:?}");
    assert!(shown.iter().any(|line| line == &format!("clients      {}", ca.display())), "{shown:?}");
}

#[test]
fn every_problem_of_what_tls_names_is_told() {
    let place = Place::new();
    fs::set_permissions(place.path("ca.key"), Permissions::from_mode(0o644)).unwrap();
    fs::write(place.path("empty.pem"), "no certificate\n").unwrap();
    let empty = place.path("empty.pem");
    let output = place.show(&format!("extra_roots = [{empty:?}, \"/nosuch.pem\"]\nclients.ca = {empty:?}\n"));
    let told = refused(&output);
    let parts = [
        "its mode is 0644, and has to be 0600; chmod 600",
        "tls.extra_roots: there is no certificate in it",
        "/nosuch.pem",
        "tls.clients.ca: there is no certificate in it",
    ];
    assert_eq!(told.len(), parts.len(), "{told:?}");
    for (line, part) in told.iter().zip(parts) {
        assert!(line.contains(part), "{line}");
    }
    assert!(lines(&output.stdout)[0].starts_with("subject "), "who it is can be told all the same");
}

#[test]
fn a_key_of_another_authority_is_refused() {
    let (place, other) = (Place::new(), Place::new());
    fs::copy(other.path("ca.key"), place.path("ca.key")).unwrap();
    let told = refused(&place.run("show"));
    assert!(told[0].contains("its key does not belong to its certificate"), "{told:?}");
    fs::remove_file(place.path("ca.key")).unwrap();
    assert!(refused(&place.run("show"))[0].contains("cannot use the authority's key"));
    fs::remove_file(place.path("ca.pem")).unwrap();
    assert!(refused(&place.run("show"))[0].contains("cannot read the authority's certificate"));
}

#[test]
fn a_rotation_keeps_the_old_authority_beside_the_new_one() {
    let place = Place::new();
    let read = |names: [&str; 2]| names.map(|name| fs::read(place.path(name)).unwrap());
    let first = read(["ca.pem", "ca.key"]);
    // Whoever could read the old key cannot any more.
    fs::set_permissions(place.path("ca.key"), Permissions::from_mode(0o644)).unwrap();
    let told = done(&place.run("rotate"));
    assert!(told.last().unwrap().contains("have every client trust"), "{told:?}");
    assert_eq!(names(place.0.path()), ["ca.key", "ca.old.key", "ca.old.pem", "ca.pem"]);
    assert_eq!(read(["ca.old.pem", "ca.old.key"]), first);
    let second = read(["ca.pem", "ca.key"]);
    assert!(second[0] != first[0] && second[1] != first[1]);
    assert_eq!((mode(&place.path("ca.key")), mode(&place.path("ca.old.key"))), (0o600, 0o600));
    done(&place.run("show"));
    // One that some client may still need is not lost to the next.
    assert!(refused(&place.run("rotate"))[0].contains("is there from another time"));
    assert_eq!(read(["ca.pem", "ca.key"]), second);
    assert_eq!(read(["ca.old.pem", "ca.old.key"]), first);
}

#[test]
fn without_an_authority_there_is_nothing_to_rotate() {
    let place = Place::new();
    fs::remove_file(place.path("ca.key")).unwrap();
    let before = fs::read(place.path("ca.pem")).unwrap();
    assert!(refused(&place.run("rotate"))[0].contains("sovereign ca init"));
    assert_eq!((names(place.0.path()), fs::read(place.path("ca.pem")).unwrap()), (vec!["ca.pem".to_owned()], before));
}

#[test]
fn a_rotation_that_fails_leaves_everything_as_it_was() {
    let place = Place::new();
    // Its other name would be too long.
    let key = "k".repeat(255);
    fs::rename(place.path("ca.key"), place.path(&key)).unwrap();
    let dir = place.0.path().display();
    let config = place.path("sovereign.toml");
    fs::write(&config, format!("[tls]\nca_cert = \"{dir}/ca.pem\"\nca_key = \"file:{dir}/{key}\"\n")).unwrap();
    let before = fs::read(place.path("ca.pem")).unwrap();
    let output = sovereign(&["ca", "rotate", "--config", config.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(lines(&output.stderr)[0].contains("; nothing was changed; "), "{:?}", lines(&output.stderr));
    assert_eq!(
        (names(place.0.path()), fs::read(place.path("ca.pem")).unwrap()),
        (vec!["ca.pem".to_owned(), key, "sovereign.toml".to_owned()], before)
    );
}

#[test]
fn what_is_to_be_done_about_a_broken_authority_leads_to_a_good_one() {
    for (name, other) in [("ca.key", "ca.pem"), ("ca.pem", "ca.key")] {
        let place = Place::new();
        fs::remove_file(place.path(name)).unwrap();
        let moved = format!("move {} away", place.path(other).display());
        for command in ["show", "init", "rotate"] {
            let line = refused(&place.run(command)).remove(0);
            assert!(line.contains(name) && line.contains(&moved), "{line}");
        }
        fs::rename(place.path(other), place.path("kept")).unwrap();
        done(&place.run("init"));
        done(&place.run("show"));
    }
    for spoil in ["", "no key at all"] {
        let place = Place::new();
        fs::write(place.path("ca.key"), spoil).unwrap();
        let rotate = format!("`sovereign ca rotate --dir {}`", place.0.path().display());
        assert!(refused(&place.run("show"))[0].ends_with(&rotate));
        done(&place.run("rotate"));
        done(&place.run("show"));
    }
    let place = Place::new();
    for name in ["ca.key", "ca.pem"] {
        fs::remove_file(place.path(name)).unwrap();
        assert!(Command::new("mkfifo").arg(place.path(name)).status().unwrap().success());
        refused(&place.run("show"));
        assert!(refused(&place.run("rotate"))[0].contains("is no file"));
    }
}
