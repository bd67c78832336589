//! What `[tls]` names, read and checked: the authority, whom servers may be issued by, and which
//! clients may come.

use crate::config::Tls;
use crate::failure::{Failure, advice};
use crate::regular;
use std::io::{self, ErrorKind};
use std::path::Path;
use tls::keys::{FileKey, KeyError};
use tls::mint::Authority;
use tls::roots::PEM_BYTES_MAX;
use tls::{Clients, Roots};

/// Everything that opening TLS needs of files.
#[derive(Debug)]
pub(crate) struct Interception {
    pub(crate) authority: Authority,
    pub(crate) roots: Roots,
    /// Certificates of `extra_roots`.
    pub(crate) extra_root_count: usize,
    /// Nothing if any client may come.
    pub(crate) clients: Option<Clients>,
}

impl Interception {
    /// Reads and checks all of it, at this time.
    ///
    /// # Errors
    /// Every problem, each in a line of its own: exit code 2.
    pub(crate) fn load(config: &Tls, now: u64) -> Result<Self, Failure> {
        let mut problems = Vec::new();
        let authority = authority(config, now).map_err(|line| problems.push(line)).ok();
        let mut roots = Roots::built_in();
        let mut extra_root_count = 0;
        for path in &config.extra_roots {
            match read(path).and_then(|pem| roots.add_pem(&pem).map_err(io::Error::other)) {
                Ok(count) => extra_root_count += count,
                Err(error) => problems.push(unusable("tls.extra_roots", path, &error)),
            }
        }
        let clients = clients(&config.clients.ca).map_err(|line| problems.push(line)).ok().flatten();
        match authority {
            Some(authority) if problems.is_empty() => Ok(Self { authority, roots, extra_root_count, clients }),
            _ => Err(Failure::all_usage(problems)),
        }
    }
}

/// The authority; a line that says why there is none.
fn authority(config: &Tls, now: u64) -> Result<Authority, String> {
    let (certificate, key) = (&config.ca_cert, config.key_file().unwrap_or(Path::new("")));
    let pem = read(certificate).map_err(|error| {
        let advice = if error.kind() == ErrorKind::NotFound {
            missing(config)
        } else if error.kind() == ErrorKind::InvalidInput {
            replace(config)
        } else {
            advice(&error).to_owned()
        };
        format!("cannot read the authority's certificate {}: {error}; {advice}", certificate.display())
    })?;
    let source = FileKey::open(key, rustix::process::geteuid().as_raw()).map_err(|error| {
        let advice = mend(config, key, &error);
        format!("cannot use the authority's key {}: {error}; {advice}", key.display())
    })?;
    Authority::new(&pem, Box::new(source), now)
        .map_err(|error| format!("cannot use the authority {}: {error}; {}", certificate.display(), replace(config)))
}

/// What mends a key's file.
fn mend(config: &Tls, path: &Path, error: &KeyError) -> String {
    match error {
        KeyError::Mode(_) => format!("chmod 600 {}", path.display()),
        KeyError::Owner { expected, .. } => format!("chown {expected} {}", path.display()),
        KeyError::Read(error) if error.kind() == ErrorKind::NotFound => missing(config),
        KeyError::Read(error) => advice(error).to_owned(),
        KeyError::NotAFile | KeyError::Unsupported | KeyError::Sign => replace(config),
    }
}

/// What mends an authority of which one file or both are not there.
pub(crate) fn missing(config: &Tls) -> String {
    let (certificate, key) = (config.ca_cert.as_path(), config.key_file().unwrap_or(Path::new("")));
    let is_there = |path: &Path| path.symlink_metadata().is_ok();
    let init = format!("`sovereign ca init --dir {}`", certificate.parent().unwrap_or(Path::new(".")).display());
    let other = match (is_there(certificate), is_there(key)) {
        (true, false) => certificate,
        (false, true) => key,
        (false, false) => return format!("make one with {init}"),
        (true, true) => {
            let (certificate, key) = (certificate.display(), key.display());
            return format!(
                "it is a link to nothing: put back what it led to, or move {certificate} and {key} away and make a new \
                 authority with {init}"
            );
        }
    };
    format!("put it back from where it is kept, or move {} away and make a new authority with {init}", other.display())
}

/// What mends an authority whose files are there and of no use.
fn replace(config: &Tls) -> String {
    let dir = config.ca_cert.parent().unwrap_or(Path::new("."));
    let is_usual = config.ca_cert.ends_with("ca.pem") && config.key_file() == Some(&dir.join("ca.key"));
    let which = if is_usual { format!(" --dir {}", dir.display()) } else { " --config FILE".to_owned() };
    format!("put the right files back, or make a new authority with `sovereign ca rotate{which}`")
}

fn clients(path: &Path) -> Result<Option<Clients>, String> {
    if path.as_os_str().is_empty() {
        return Ok(None);
    }
    let clients = read(path).and_then(|pem| Clients::of_pem(&pem).map_err(io::Error::other));
    clients.map(Some).map_err(|error| unusable("tls.clients.ca", path, &error))
}

fn unusable(key: &str, path: &Path, error: &io::Error) -> String {
    format!("cannot use {key}: {error} ({}); name a PEM file of certificates", path.display())
}

/// Reads a file of certificates, and not more than one may have.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    regular::read(path, PEM_BYTES_MAX as u64)
}
