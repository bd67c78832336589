//! Threads that mint, and a worker's end of the way to them.

use super::authority::{Authority, MintError, Minted};
use crate::certificate::LeafFacts;
use crate::host_name::HostName;
use core::num::NonZeroUsize;
use crossbeam::channel::{Receiver, Sender, TrySendError, bounded};
use lru::LruCache;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Certificates that each cache keeps, about 1 KB each: the threads' together, and every worker's.
/// The least recently used one is made anew at it.
const MINTED_COUNT_MAX: NonZeroUsize = NonZeroUsize::new(4096).unwrap();
/// Requests of a worker that are not answered yet; [`Busy`] at it. At 50 µs each it is 50 ms of work.
const PENDING_COUNT_MAX: usize = 1024;
/// Requests of all workers that no thread has begun; [`Busy`] at it.
const QUEUE_COUNT_MAX: usize = 4096;

/// What a worker knows a request by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket(pub u64);

/// Too many requests wait: the flow is to be refused, or to be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many certificates are being made")]
pub struct Busy;

/// A name, and the certificate of the server that has it.
type Subject = (HostName, [u8; 32]);
type Cache = LruCache<Subject, Minted>;
type Answer = (Ticket, Result<Minted, MintError>);

struct Job {
    ticket: Ticket,
    name: HostName,
    real: LeafFacts,
    now: u64,
    reply: Sender<Answer>,
}

/// Threads that mint. They end when the pool and all its minters are gone.
#[derive(Debug)]
pub struct Pool {
    jobs: Sender<Job>,
}

impl Pool {
    /// Starts that many threads, at least one.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub fn start(authority: Arc<Authority>, thread_count: NonZeroUsize) -> io::Result<Self> {
        let (jobs, queue) = bounded(QUEUE_COUNT_MAX);
        let cache = Arc::new(Mutex::new(Cache::new(MINTED_COUNT_MAX)));
        for number in 0..thread_count.get() {
            let (authority, cache, queue) = (Arc::clone(&authority), Arc::clone(&cache), queue.clone());
            thread::Builder::new().name(format!("mint-{number}")).spawn(move || work(&authority, &cache, &queue))?;
        }
        Ok(Self { jobs })
    }

    /// A worker's end.
    #[must_use]
    pub fn minter(&self) -> Minter {
        let (reply, answers) = bounded(PENDING_COUNT_MAX);
        let cache = Cache::new(MINTED_COUNT_MAX);
        Minter { jobs: self.jobs.clone(), reply, answers, cache, asked: HashMap::new(), ready: VecDeque::new() }
    }
}

/// A worker's end of a [`Pool`]: never blocks, never signs.
#[derive(Debug)]
pub struct Minter {
    jobs: Sender<Job>,
    reply: Sender<Answer>,
    answers: Receiver<Answer>,
    cache: Cache,
    /// What the threads were asked for, by ticket.
    asked: HashMap<Ticket, Subject>,
    /// Answers that were at hand.
    ready: VecDeque<(Ticket, Minted)>,
}

impl Minter {
    /// Asks for a certificate for a name in place of the real one. Each ticket is answered once, by
    /// [`poll`](Self::poll); at once if the certificate is at hand.
    ///
    /// # Errors
    /// Too many requests wait; nothing was asked.
    pub fn request(&mut self, ticket: Ticket, name: &HostName, real: &LeafFacts, now: u64) -> Result<(), Busy> {
        if self.asked.len() + self.ready.len() >= PENDING_COUNT_MAX {
            return Err(Busy);
        }
        let subject = (name.clone(), real.sha256);
        if let Some(minted) = self.cache.get(&subject).filter(|minted| minted.is_fresh(real, now)) {
            self.ready.push_back((ticket, minted.clone()));
            return Ok(());
        }
        let job = Job { ticket, name: name.clone(), real: *real, now, reply: self.reply.clone() };
        match self.jobs.try_send(job) {
            Ok(()) => {
                self.asked.insert(ticket, subject);
                Ok(())
            }
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Err(Busy),
        }
    }

    /// The next answer, if there is one.
    pub fn poll(&mut self) -> Option<(Ticket, Result<Minted, MintError>)> {
        if let Some((ticket, minted)) = self.ready.pop_front() {
            return Some((ticket, Ok(minted)));
        }
        let (ticket, result) = self.answers.try_recv().ok()?;
        if let (Some(subject), Ok(minted)) = (self.asked.remove(&ticket), &result) {
            self.cache.put(subject, minted.clone());
        }
        Some((ticket, result))
    }
}

/// What a thread does until nobody is left who could ask.
fn work(authority: &Authority, cache: &Mutex<Cache>, queue: &Receiver<Job>) {
    for Job { ticket, name, real, now, reply } in queue {
        let result = minted(authority, cache, name, &real, now);
        // There is room for all that may be asked; if the worker is gone, so is the question.
        let _ = reply.try_send((ticket, result));
    }
}

fn minted(
    authority: &Authority,
    cache: &Mutex<Cache>,
    name: HostName,
    real: &LeafFacts,
    now: u64,
) -> Result<Minted, MintError> {
    let locked = || cache.lock().unwrap_or_else(PoisonError::into_inner);
    let subject = (name, real.sha256);
    if let Some(minted) = locked().get(&subject).filter(|minted| minted.is_fresh(real, now)) {
        return Ok(minted.clone());
    }
    let minted = authority.mint(&subject.0, real, now)?;
    locked().put(subject, minted.clone());
    Ok(minted)
}
