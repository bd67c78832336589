//! Keys, and whether anybody is there to press them.
//!
//! They are read on a thread of their own: the reader waits for the rest of what was begun, and one whose terminal is gone
//! tries for ever. Nothing waits for the thread; it ends with the process.

use ratatui::crossterm::event::{self, Event};
use rustix::event::{PollFd, PollFlags, poll};
use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::OwnedFd;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// Events of a terminal.
#[derive(Debug)]
pub(super) struct Keys {
    events: Receiver<Event>,
    terminal: OwnedFd,
}

/// The terminal is gone: no key will come, nothing can be shown.
#[derive(Debug)]
pub(super) struct Gone;

impl Keys {
    /// Starts the thread.
    pub(super) fn start() -> io::Result<Self> {
        let terminal = terminal()?;
        let (pressed, events) = channel();
        thread::Builder::new().name("keys".to_owned()).spawn(move || {
            while let Ok(event) = event::read()
                && pressed.send(event).is_ok()
            {}
        })?;
        Ok(Self { events, terminal })
    }

    /// The next event, if one comes in time.
    pub(super) fn wait(&self, patience: Duration) -> Result<Option<Event>, Gone> {
        match self.events.recv_timeout(patience) {
            _ if self.is_gone() => Err(Gone),
            Ok(event) => Ok(Some(event)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(Gone),
        }
    }

    /// True once the other end of the terminal was closed.
    pub(super) fn is_gone(&self) -> bool {
        let mut asked = [PollFd::new(&self.terminal, PollFlags::empty())];
        let is_told =
            poll(&mut asked, Some(&rustix::time::Timespec { tv_sec: 0, tv_nsec: 0 })).is_ok_and(|count| count > 0);
        is_told && asked.iter().any(|fd| fd.revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL))
    }
}

/// Where keys come from: the input, or else the terminal that the process belongs to.
fn terminal() -> io::Result<OwnedFd> {
    let input = io::stdin();
    if input.is_terminal() { Ok(rustix::io::dup(input)?) } else { Ok(File::open("/dev/tty")?.into()) }
}
