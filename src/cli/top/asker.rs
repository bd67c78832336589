//! Asks the gateway for snapshots, on a thread of its own.
//!
//! One question gives exactly one [`Answer`]; a question is only asked when [`Asker::ask`] says so.
//! A gateway that does not answer keeps the thread for as long as the admin client waits, never
//! whoever asks. A broken connection is made anew with the next question.

use super::monotonic;
use super::view::Look;
use core::time::Duration;
use management::admin::{Client, ClientError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;

/// What came of a question.
#[derive(Debug)]
pub(super) enum Answer {
    Look(Box<Look>),
    /// Why there is none.
    None(String),
}

/// The asking thread, as seen from outside; it ends once this is gone.
#[derive(Debug)]
pub(super) struct Asker {
    questions: Sender<()>,
    answers: Receiver<Answer>,
}

impl Asker {
    /// Starts the thread with a connection that was made already.
    pub(super) fn start(socket: PathBuf, client: Client) -> io::Result<Self> {
        let (questions, asked) = channel();
        let (answering, answers) = channel();
        thread::Builder::new().name("asker".to_owned()).spawn(move || {
            let mut client = Some(client);
            for () in asked {
                let answer = match look(&socket, &mut client) {
                    Ok(look) => Answer::Look(Box::new(look)),
                    Err(error) => Answer::None(error.to_string()),
                };
                if answering.send(answer).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { questions, answers })
    }

    /// Asks once.
    pub(super) fn ask(&self) {
        // A thread that has ended shows in that no answer comes.
        let _ = self.questions.send(());
    }

    /// The next answer, if it comes in time.
    pub(super) fn wait(&self, patience: Duration) -> Option<Answer> {
        match self.answers.recv_timeout(patience) {
            Ok(answer) => Some(answer),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Answer::None("the asking thread has ended".to_owned())),
        }
    }
}

/// Asks; a connection that was good before gets a second chance, because a gateway hangs up on who
/// has been quiet for some time.
fn look(socket: &Path, client: &mut Option<Client>) -> Result<Look, ClientError> {
    if let Some(mut open) = client.take()
        && let Ok(snapshot) = open.status()
    {
        *client = Some(open);
        return Ok(Look { at: monotonic(), snapshot });
    }
    let mut open = Client::connect(socket)?;
    let snapshot = open.status()?;
    *client = Some(open);
    Ok(Look { at: monotonic(), snapshot })
}
