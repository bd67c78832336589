use super::line::{Deadline, Lines};
use super::{Answer, ClientError, Request};
use crate::snapshot::{GatewayState, Snapshot};
use core::time::Duration;
use std::io::{self, ErrorKind};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread;

/// Longest answer, in bytes: a snapshot of a thousand workers.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// How long a gateway may take to answer; loading a large policy takes seconds.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);

/// How long a request may wait to be taken.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(2);

/// How often a gateway is asked that is not ready yet.
const READY_PAUSE: Duration = Duration::from_millis(50);

/// Shares of a wait that one look takes at most.
const LOOK_TIME_MAX: Duration = Duration::from_secs(2);

/// A connection to a gateway's admin socket.
#[derive(Debug)]
pub struct Client {
    path: PathBuf,
    lines: Lines,
    patience: Duration,
}

impl Client {
    /// Connects to the socket.
    ///
    /// # Errors
    ///
    /// Nobody answers there.
    pub fn connect(path: &Path) -> Result<Self, ClientError> {
        let connected = UnixStream::connect(path);
        let stream = connected.map_err(|source| ClientError::Connect { path: path.to_owned(), source })?;
        let lines = Lines::new(stream, ANSWER_BYTES_MAX);
        Ok(Self { path: path.to_owned(), lines, patience: ANSWER_TIME_MAX })
    }

    /// Asks what the gateway says of itself.
    ///
    /// # Errors
    ///
    /// No answer, or none that makes sense.
    pub fn status(&mut self) -> Result<Snapshot, ClientError> {
        match self.ask(Request::Status {})? {
            Answer::Status { snapshot } => Ok(*snapshot),
            Answer::Refused { message } => Err(ClientError::Refused(message)),
            Answer::Done { .. } => Err(self.malformed()),
        }
    }

    /// Has the policy loaded anew; returns which one is in force.
    ///
    /// # Errors
    ///
    /// No answer, or why the policy was refused.
    pub fn reload(&mut self) -> Result<String, ClientError> {
        self.command(Request::Reload {})
    }

    /// Has the gateway stop; it may take a while to do so.
    ///
    /// # Errors
    ///
    /// No answer.
    pub fn stop(&mut self) -> Result<(), ClientError> {
        self.command(Request::Stop {}).map(drop)
    }

    fn command(&mut self, request: Request) -> Result<String, ClientError> {
        match self.ask(request)? {
            Answer::Done { message } => Ok(message),
            Answer::Refused { message } => Err(ClientError::Refused(message)),
            Answer::Status { .. } => Err(self.malformed()),
        }
    }

    fn ask(&mut self, request: Request) -> Result<Answer, ClientError> {
        let line = self.exchange(request);
        let line = line.map_err(|source| ClientError::Broken { path: self.path.clone(), source })?;
        serde_json::from_slice(&line).map_err(|_| self.malformed())
    }

    fn exchange(&mut self, request: Request) -> io::Result<Vec<u8>> {
        let request = serde_json::to_vec(&request).map_err(io::Error::other)?;
        self.lines.write(request, REQUEST_TIME_MAX)?;
        self.lines.read(self.patience)?.ok_or_else(|| ErrorKind::UnexpectedEof.into())
    }

    fn malformed(&self) -> ClientError {
        ClientError::Malformed { path: self.path.clone() }
    }
}

/// Waits until the gateway is ready and returns what it says of itself then; a gateway that is yet
/// to be started is waited for, too.
///
/// # Errors
///
/// It was not ready in time, or may not be asked.
pub fn wait_until_ready(path: &Path, patience: Duration) -> Result<Snapshot, ClientError> {
    let deadline = Deadline::after(patience);
    loop {
        match look(path, deadline.left().unwrap_or(READY_PAUSE)) {
            Ok(snapshot) if snapshot.state == GatewayState::Ready => return Ok(snapshot),
            Err(error) if error.is_final() => return Err(error),
            _ => {}
        }
        let Ok(left) = deadline.left() else {
            return Err(ClientError::NotReady { path: path.to_owned(), seconds: patience.as_secs() });
        };
        thread::park_timeout(left.min(READY_PAUSE));
    }
}

/// What the gateway says of itself now.
fn look(path: &Path, patience: Duration) -> Result<Snapshot, ClientError> {
    let mut client = Client::connect(path)?;
    client.patience = patience.min(LOOK_TIME_MAX);
    client.status()
}
