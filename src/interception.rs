//! What `[tls]` names, read and checked: the authority, whom servers may be issued by, and which
//! clients may come.

use crate::config::Tls;
use crate::failure::Failure;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use tls::keys::FileKey;
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
    const ADVICE: &str = "make one with `sovereign ca init`";
    let (certificate, key) = (&config.ca_cert, config.key_file().unwrap_or(Path::new("")));
    let pem = read(certificate).map_err(|error| {
        format!("cannot read the authority's certificate {}: {error}; {ADVICE}", certificate.display())
    })?;
    let source = FileKey::open(key, rustix::process::geteuid().as_raw())
        .map_err(|error| format!("cannot use the authority's key {}: {error}; {}", key.display(), mend(key, &error)))?;
    Authority::new(&pem, Box::new(source), now)
        .map_err(|error| format!("cannot use the authority {}: {error}; {ADVICE}", certificate.display()))
}

/// What mends a key's file.
fn mend(path: &Path, error: &tls::keys::KeyError) -> String {
    match error {
        tls::keys::KeyError::Mode(_) => format!("chmod 600 {}", path.display()),
        tls::keys::KeyError::Owner { expected, .. } => format!("chown {expected} {}", path.display()),
        tls::keys::KeyError::Read(_)
        | tls::keys::KeyError::NotAFile
        | tls::keys::KeyError::Unsupported
        | tls::keys::KeyError::Sign => "make one with `sovereign ca init`".to_owned(),
    }
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
    let mut bytes = Vec::new();
    File::open(path)?.take(PEM_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
