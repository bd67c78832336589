//! `sovereign ca`: the authority whose certificates clients see where TLS is opened.
//!
//! Files appear whole or not at all, and none is ever written over: what is there stays under its
//! name or moves to `*.old.*`.

use crate::config::{Config, Tls};
use crate::failure::{Context, Failure, advice};
use crate::interception::{Interception, missing, read};
use crate::output::{print, print_line};
use clap::{Args, Subcommand, ValueEnum};
use core::fmt;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;
use tls::mint::{CaCurve, Description, NewCa, create_ca};

/// Where the configuration is unless it is named.
const CONFIG_DEFAULT: &str = "/etc/sovereign/sovereign.toml";

#[derive(Debug, Subcommand)]
pub(crate) enum Ca {
    /// Make an authority: a certificate for clients to trust, and the key that stays here.
    ///
    /// Nothing is written over: exit code 2 if there is one.
    #[command(after_help = "Example: sudo sovereign ca init --dir /etc/sovereign --name 'Example Corp AI gateway'")]
    Init(Init),
    /// Print who the authority is, and whether the gateway can use it and the rest of [tls].
    ///
    /// Exit code 0 if it can, 2 with every problem if it cannot.
    #[command(after_help = "Example: sovereign ca show --config /etc/sovereign/sovereign.toml")]
    Show(Which),
    /// Make a new authority in place of the present one, which stays beside it as ca.old.pem.
    ///
    /// A running gateway goes on with the one it was started with.
    #[command(after_help = "Example: sudo sovereign ca rotate --dir /etc/sovereign")]
    Rotate(Rotate),
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The folder for ca.pem and ca.key; made if it is not there.
    #[arg(long)]
    dir: PathBuf,
    #[command(flatten)]
    kind: Kind,
}

#[derive(Debug, Args)]
pub(crate) struct Rotate {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    kind: Kind,
}

/// What to make.
#[derive(Debug, Args)]
struct Kind {
    /// The name that people see in certificates; "Sovereign CA" and eight random digits otherwise.
    #[arg(long)]
    name: Option<String>,
    /// The curve of its key.
    #[arg(long, value_enum, default_value_t = Curve::P256)]
    curve: Curve,
}

/// Which authority is meant.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// The folder of its ca.pem and ca.key.
    #[arg(long, conflicts_with = "config")]
    dir: Option<PathBuf>,
    /// The configuration that names it; /etc/sovereign/sovereign.toml where that exists.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Curve {
    #[value(name = "p256")]
    P256,
    #[value(name = "p384")]
    P384,
}

pub(crate) fn run(command: Ca) -> Result<ExitCode, Failure> {
    match command {
        Ca::Init(command) => init(&command),
        Ca::Show(which) => show(&which),
        Ca::Rotate(command) => rotate(&command),
    }
}

/// An authority's two files.
struct Pair {
    certificate: PathBuf,
    key: PathBuf,
}

impl Pair {
    fn of_dir(dir: &Path) -> Self {
        Self { certificate: dir.join("ca.pem"), key: dir.join("ca.key") }
    }

    /// Where they go when others take their place: `ca.pem` to `ca.old.pem`.
    fn old(&self) -> Self {
        let old = |path: &Path| {
            let mut name = path.file_stem().unwrap_or_default().to_owned();
            name.push(".old");
            if let Some(extension) = path.extension() {
                name.push(".");
                name.push(extension);
            }
            path.with_file_name(name)
        };
        Self { certificate: old(&self.certificate), key: old(&self.key) }
    }

    fn both(&self) -> [&Path; 2] {
        [&self.certificate, &self.key]
    }

    /// The first of the two that is there.
    fn present(&self) -> Option<&Path> {
        self.both().into_iter().find(|path| path.symlink_metadata().is_ok())
    }

    /// The first of the two that is not there.
    fn missing(&self) -> Option<&Path> {
        self.both().into_iter().find(|path| path.symlink_metadata().is_err())
    }
}

impl Which {
    fn tls(&self) -> Result<Tls, Failure> {
        let usual = Path::new(CONFIG_DEFAULT);
        if let Some(dir) = &self.dir {
            let Pair { certificate, key } = Pair::of_dir(dir);
            return Ok(Tls { ca_cert: certificate, ca_key: format!("file:{}", key.display()), ..Tls::default() });
        }
        match &self.config {
            Some(path) => Ok(Config::read(path)?.tls),
            None if usual.exists() => Ok(Config::read(usual)?.tls),
            None => Ok(Tls::default()),
        }
    }
}

fn init(command: &Init) -> Result<ExitCode, Failure> {
    let pair = Pair::of_dir(&command.dir);
    const WHAT: &str = "cannot make an authority";
    let dir = command.dir.display();
    if let Some(path) = pair.present() {
        let path = path.display();
        let advice = match pair.missing() {
            None => format!("replace it with `sovereign ca rotate --dir {dir}`"),
            Some(missing) => format!(
                "it has lost {}: put that back from where it is kept, or move {path} away and try again",
                missing.display()
            ),
        };
        return Err(Failure::usage(format_args!("{WHAT}: {path} is there already; {advice}")));
    }
    let new = create(&command.kind)?;
    fs::create_dir_all(&command.dir).map_err(|error| unwritable(format_args!("cannot make {dir}"), &error))?;
    place_pair(&pair, &new).map_err(|error| unwritable(format_args!("{WHAT} in {dir}"), &error))?;
    tell_new(&pair, &new)?;
    print_line("next         have every client trust the certificate; the key stays here")?;
    Ok(ExitCode::SUCCESS)
}

/// Exit code 2 for a place that can be none, or not for this user.
fn unwritable(what: impl fmt::Display, error: &io::Error) -> Failure {
    let message = format_args!("{what}: {error}; {}", advice(error)).to_string();
    let is_place =
        matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::NotADirectory | ErrorKind::AlreadyExists);
    if is_place { Failure::usage(message) } else { Failure::work(message) }
}

fn show(which: &Which) -> Result<ExitCode, Failure> {
    let config = which.tls()?;
    let loaded = Interception::load(&config, now()).inspect_err(|_| {
        // Who it is can be told even if it is of no use.
        let description = read(&config.ca_cert).ok().and_then(|pem| Description::read(&pem));
        let _told = description.map(|description| tell(&description, &config.ca_cert, &config.ca_key));
    })?;
    tell(loaded.authority.description(), &config.ca_cert, &config.ca_key)?;
    print_line(format_args!("roots        {}, {} of them extra", loaded.roots.count(), loaded.extra_root_count))?;
    let clients = loaded.clients.as_ref().map_or("any".to_owned(), |_| config.clients.ca.display().to_string());
    print_line(format_args!("clients      {clients}"))?;
    Ok(ExitCode::SUCCESS)
}

/// The old pair is kept under its other name before anything else; then the key, then the
/// certificate. Should the machine stop in between, the two do not match, which a start says; the old
/// pair is there to be moved back.
fn rotate(command: &Rotate) -> Result<ExitCode, Failure> {
    const WHAT: &str = "cannot replace the authority";
    let config = command.which.tls()?;
    let key = config.key_file().map(Path::to_path_buf).unwrap_or_default();
    let pair = Pair { certificate: config.ca_cert.clone(), key };
    let old = pair.old();
    if let Some(path) = old.present() {
        return Err(Failure::usage(format_args!(
            "{WHAT}: {} is there from another time; once no client needs it, remove {} and {}",
            path.display(),
            old.certificate.display(),
            old.key.display()
        )));
    }
    let owner = owner(&pair, || missing(&config))?;
    let new = create(&command.kind)?;
    replace_pair(&pair, &old, &new, owner).map_err(|error| {
        let path = pair.certificate.display();
        Failure::work(format_args!("{WHAT} {path}: {error}; nothing was changed; {}", advice(&error)))
    })?;
    tell_new(&pair, &new)?;
    print_line(format_args!("old          {}, {}", old.certificate.display(), old.key.display()))?;
    print_line(format_args!(
        "next         have every client trust {0} beside {1}; restart the gateway, which goes on with the old one \
         until then; remove the old one from clients, and {1} and {2}",
        pair.certificate.display(),
        old.certificate.display(),
        old.key.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Whose the key is, if both files are there.
fn owner(pair: &Pair, missing: impl Fn() -> String) -> Result<(u32, u32), Failure> {
    let refused = |path: &Path, why: &dyn fmt::Display, advice: &str| {
        Failure::usage(format_args!("cannot replace the authority: {}: {why}; {advice}", path.display()))
    };
    let mut owner = (0, 0);
    for path in pair.both() {
        match fs::metadata(path) {
            Ok(found) if found.is_file() => owner = (found.uid(), found.gid()),
            Ok(_) => return Err(refused(path, &"it is no file", "move it away and put the right one there")),
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(refused(path, &error, &missing())),
            Err(error) => return Err(refused(path, &error, advice(&error))),
        }
    }
    Ok(owner)
}

fn create(kind: &Kind) -> Result<NewCa, Failure> {
    let curve = match kind.curve {
        Curve::P256 => CaCurve::P256,
        Curve::P384 => CaCurve::P384,
    };
    let name = match &kind.name {
        Some(name) => name.clone(),
        None => {
            let mut random = [0; 4];
            getrandom::fill(&mut random).or_work("cannot choose a name", "")?;
            format!("Sovereign CA {:08x}", u32::from_be_bytes(random))
        }
    };
    create_ca(&name, curve, now()).or_usage("cannot make an authority", "choose another --name")
}

/// Prints who an authority is.
fn tell(description: &Description, certificate: &Path, key: &str) -> Result<(), Failure> {
    print(&format!("{description}\n"))?;
    print_line(format_args!("certificate  {}", certificate.display()))?;
    print_line(format_args!("key          {key}"))
}

/// Prints who a new authority is.
fn tell_new(pair: &Pair, new: &NewCa) -> Result<(), Failure> {
    let description = Description::read(new.certificate.as_bytes());
    description.map_or(Ok(()), |it| tell(&it, &pair.certificate, &format!("file:{}", pair.key.display())))
}

/// Puts two new files in their places, where nothing may be.
fn place_pair(pair: &Pair, new: &NewCa) -> io::Result<()> {
    place(&pair.key, new.key.as_bytes(), 0o600, None, RenameFlags::NOREPLACE)?;
    place(&pair.certificate, new.certificate.as_bytes(), 0o644, None, RenameFlags::NOREPLACE).inspect_err(|_| {
        // The first error is the one to tell.
        let _gone = fs::remove_file(&pair.key);
    })
}

/// Keeps two files under other names, and puts new ones in their places.
fn replace_pair(pair: &Pair, old: &Pair, new: &NewCa, owner: (u32, u32)) -> io::Result<()> {
    let undo = || {
        // What was replaced comes back; where nothing was, both names are the same file's, and a
        // rename does nothing.
        for (old, path) in [(&old.key, &pair.key), (&old.certificate, &pair.certificate)] {
            let _back = fs::rename(old, path);
            let _gone = fs::remove_file(old);
        }
    };
    fs::hard_link(&pair.certificate, &old.certificate)?;
    fs::hard_link(&pair.key, &old.key)
        // A key that others could read is not kept so.
        .and_then(|()| fs::set_permissions(&old.key, Permissions::from_mode(0o600)))
        .and_then(|()| place(&pair.key, new.key.as_bytes(), 0o600, Some(owner), RenameFlags::empty()))
        .and_then(|()| place(&pair.certificate, new.certificate.as_bytes(), 0o644, Some(owner), RenameFlags::empty()))
        .inspect_err(|_| undo())
}

/// Writes a file beside its place and moves it there.
fn place(path: &Path, bytes: &[u8], mode: u32, owner: Option<(u32, u32)>, flags: RenameFlags) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.partial", std::process::id()));
    let partial = path.with_file_name(name);
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&partial)?;
        file.write_all(bytes)?;
        if let Some((user, group)) = owner {
            fchown(&file, Some(user), Some(group))?;
        }
        file.sync_all()?;
        renameat_with(CWD, &partial, CWD, path, flags)?;
        sync_dir(path)
    };
    write().inspect_err(|_| {
        let _gone = fs::remove_file(&partial);
    })
}

/// Has the disk know of a file's name.
fn sync_dir(path: &Path) -> io::Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(dir)?.sync_all()
}

#[expect(clippy::disallowed_methods, reason = "a command reads the clock itself")]
fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
