use super::line::Lines;
use super::socket::SocketFile;
use super::{AdminConfig, AdminError, Answer, Control, Request};
use crate::clock;
use core::time::Duration;
use rustix::net::Shutdown;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::net;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

/// Longest request, in bytes: no command has 4 KiB.
pub(super) const REQUEST_BYTES_MAX: usize = 4096;

/// Connections at a time: a few operators and their monitoring.
pub(super) const CONNECTIONS_MAX: usize = 16;

/// How long a connection may be quiet, or take to say one thing.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(10);

/// How long an answer may wait to be taken.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(2);

/// How long to wait after a failed accept, as when descriptors have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A socket that listens and does not answer yet: whoever connects waits.
#[derive(Debug)]
pub struct Bound {
    file: SocketFile,
    listener: UnixListener,
}

impl Bound {
    /// Opens the socket.
    ///
    /// # Errors
    ///
    /// Why the socket cannot be had, and what to do about it.
    pub fn open(config: &AdminConfig) -> Result<Self, AdminError> {
        let (file, listener) = SocketFile::open(config)?;
        Ok(Self { file, listener })
    }
}

/// The admin socket's server: it listens until it is dropped.
#[derive(Debug)]
pub struct Server {
    listening: Arc<Listening>,
    thread: Option<JoinHandle<()>>,
    _file: SocketFile,
}

#[derive(Debug)]
struct Listening {
    listener: UnixListener,
    is_over: AtomicBool,
    /// A policy is being loaded: one at a time, so that nobody can fill all places with that.
    is_reloading: AtomicBool,
    places: Mutex<Places>,
}

/// Who is connected.
#[derive(Debug, Default)]
struct Places {
    next: u64,
    taken: BTreeMap<u64, Place>,
}

#[derive(Debug)]
struct Place {
    stream: UnixStream,
    /// Since when it has been quiet; `None` while its command is carried out.
    quiet_since_ns: Option<u64>,
}

impl Server {
    /// Opens the socket and answers on it.
    ///
    /// # Errors
    ///
    /// Why the socket cannot be had, and what to do about it.
    pub fn start(config: &AdminConfig, control: Arc<dyn Control>) -> Result<Self, AdminError> {
        Self::serve(Bound::open(config)?, control)
    }

    /// Answers on a socket that was opened before.
    ///
    /// # Errors
    ///
    /// A thread cannot be started.
    pub fn serve(bound: Bound, control: Arc<dyn Control>) -> Result<Self, AdminError> {
        let Bound { file, listener } = bound;
        let listening = Arc::new(Listening {
            listener,
            is_over: AtomicBool::new(false),
            is_reloading: AtomicBool::new(false),
            places: Mutex::default(),
        });
        let seen = Arc::clone(&listening);
        let builder = thread::Builder::new().name("admin".to_owned());
        let thread = builder.spawn(move || seen.listen(&control)).map_err(|source| AdminError::System {
            path: file.path().to_owned(),
            doing: "start a thread",
            source,
        })?;
        Ok(Self { listening, thread: Some(thread), _file: file })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.listening.is_over.store(true, Ordering::Release);
        // This wakes the accept.
        if let Err(error) = rustix::net::shutdown(&self.listening.listener, Shutdown::Both) {
            tracing::warn!(%error, "cannot end the admin socket");
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the admin socket's thread panicked");
        }
        self.listening.places().hang_up();
    }
}

impl Listening {
    fn listen(self: Arc<Self>, control: &Arc<dyn Control>) {
        while !self.is_over.load(Ordering::Acquire) {
            match self.listener.accept() {
                Ok((stream, _)) => self.admit(stream, control),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) if self.is_over.load(Ordering::Acquire) => return,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection to the admin socket");
                    thread::park_timeout(ACCEPT_PAUSE);
                }
            }
        }
    }

    /// Gives a connection a place and a thread.
    fn admit(self: &Arc<Self>, stream: UnixStream, control: &Arc<dyn Control>) {
        let admitted = stream.try_clone().and_then(|copy| {
            let number = self.places().take(copy).ok_or_else(|| io::Error::other("too many are served"))?;
            let (listening, control) = (Arc::clone(self), Arc::clone(control));
            let conversation = Conversation { listening, number };
            // If the thread cannot be had the closure is dropped, and the place is free again.
            thread::Builder::new().name("admin-client".to_owned()).spawn(move || conversation.hold(stream, &*control))
        });
        if let Err(error) = admitted {
            tracing::warn!(%error, "cannot serve a connection to the admin socket");
        }
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Places {
    /// Takes a place; if there is none, whoever has been quiet the longest has to go.
    fn take(&mut self, stream: UnixStream) -> Option<u64> {
        if self.taken.len() >= CONNECTIONS_MAX {
            let quiet = self.taken.iter().filter_map(|(number, place)| Some((place.quiet_since_ns?, *number)));
            let (_, number) = quiet.min()?;
            self.free(number);
        }
        self.next += 1;
        self.taken.insert(self.next, Place { stream, quiet_since_ns: Some(clock::monotonic_ns()) });
        Some(self.next)
    }

    fn free(&mut self, number: u64) {
        if let Some(place) = self.taken.remove(&number) {
            // The other side may be gone already; the reading thread sees the end either way.
            let _ = place.stream.shutdown(net::Shutdown::Both);
        }
    }

    fn set_quiet(&mut self, number: u64, quiet_since_ns: Option<u64>) {
        if let Some(place) = self.taken.get_mut(&number) {
            place.quiet_since_ns = quiet_since_ns;
        }
    }

    fn hang_up(&mut self) {
        while let Some((number, _)) = self.taken.first_key_value() {
            self.free(*number);
        }
    }
}

/// A connection that is served; its place is free once this is gone, however it ends.
struct Conversation {
    listening: Arc<Listening>,
    number: u64,
}

impl Conversation {
    fn hold(self, stream: UnixStream, control: &dyn Control) {
        let mut lines = Lines::new(stream, REQUEST_BYTES_MAX);
        if let Err(error) = self.talk(&mut lines, control) {
            tracing::debug!(%error, "a connection to the admin socket ended");
        }
    }

    fn talk(&self, lines: &mut Lines, control: &dyn Control) -> io::Result<()> {
        loop {
            let line = match lines.read(REQUEST_TIME_MAX) {
                Ok(Some(line)) => line,
                Ok(None) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::InvalidData => {
                    let answer = refuse(&format!("a request has at most {REQUEST_BYTES_MAX} bytes"));
                    return lines.write(encode(&answer)?, ANSWER_TIME_MAX);
                }
                Err(error) => return Err(error),
            };
            self.listening.places().set_quiet(self.number, None);
            let (answer, stops) = self.listening.answer(&line, control);
            let answer = encode(&answer)?;
            // Who does not take the answer counts as quiet again.
            self.listening.places().set_quiet(self.number, Some(clock::monotonic_ns()));
            let written = lines.write(answer, ANSWER_TIME_MAX);
            if stops {
                // Only now: a gateway that stops hangs up on whoever waits for an answer.
                control.stop();
            }
            written?;
        }
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        self.listening.places().free(self.number);
    }
}

impl Listening {
    /// The answer, and whether the gateway is to stop once it was given.
    fn answer(&self, line: &[u8], control: &dyn Control) -> (Answer, bool) {
        let answer = match serde_json::from_slice(line) {
            Ok(Request::Status {}) => Answer::Status { snapshot: Box::new(control.snapshot()) },
            Ok(Request::Reload {}) => self.reload(control),
            Ok(Request::Stop {}) => return (Answer::Done { message: "stopping".to_owned() }, true),
            Err(error) => refuse(&format!("not a command: {error}")),
        };
        (answer, false)
    }

    fn reload(&self, control: &dyn Control) -> Answer {
        let Some(_reloading) = Reloading::begin(&self.is_reloading) else {
            return refuse("the policy is being loaded already; ask again when that is over");
        };
        match control.reload() {
            Ok(message) => Answer::Done { message },
            Err(message) => Answer::Refused { message },
        }
    }
}

/// A reload under way; the next may begin once this is gone, however it ends.
struct Reloading<'a>(&'a AtomicBool);

impl<'a> Reloading<'a> {
    fn begin(is_reloading: &'a AtomicBool) -> Option<Self> {
        let was_reloading = is_reloading.swap(true, Ordering::Acquire);
        if was_reloading { None } else { Some(Self(is_reloading)) }
    }
}

impl Drop for Reloading<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

fn refuse(message: &str) -> Answer {
    Answer::Refused { message: message.to_owned() }
}

fn encode(answer: &Answer) -> io::Result<Vec<u8>> {
    serde_json::to_vec(answer).map_err(io::Error::other)
}
