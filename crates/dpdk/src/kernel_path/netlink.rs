//! As much of rtnetlink(7) as is needed: requests with attributes, answers as messages.
//!
//! What comes in was made by the kernel; it is still read within its bounds, and what does not parse
//! is an error, never a guess.

use core::cell::Cell;
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, connect, recv, send, socket_with};

/// The kernel fills answers of at most 32 KiB.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// How often a list that changed while it was read is asked for again.
const ATTEMPTS_MAX: u32 = 8;

const HEADER_LEN: usize = 16;
const ATTRIBUTE_HEADER_LEN: usize = 4;
const ALIGNMENT: usize = 4;

const ERROR: u16 = 2;
const DONE: u16 = 3;

const FLAG_REQUEST: u16 = 0x1;
const FLAG_MULTI: u16 = 0x2;
const FLAG_ACK: u16 = 0x4;
const FLAG_INTERRUPTED: u16 = 0x10;
const FLAG_DUMP: u16 = 0x300;

/// Replace what is there (`NLM_F_REPLACE`).
pub(super) const REPLACE: u16 = 0x100;
/// Fail if it is there (`NLM_F_EXCL`).
pub(super) const EXCLUSIVE: u16 = 0x200;
/// Make it if it is not there (`NLM_F_CREATE`).
pub(super) const CREATE: u16 = 0x400;

/// A socket to the kernel's routing subsystem.
#[derive(Debug)]
pub(super) struct Netlink {
    socket: OwnedFd,
    sequence: Cell<u32>,
}

/// An answer: its type and what follows its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) kind: u16,
    pub(super) body: Vec<u8>,
}

/// A request's body: a fixed struct, then attributes.
#[derive(Clone, Debug, Default)]
pub(super) struct Body(Vec<u8>);

impl Netlink {
    pub(super) fn open() -> Result<Self, Errno> {
        // No protocol number is NETLINK_ROUTE's.
        let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None)?;
        connect(&socket, &SocketAddrNetlink::new(0, 0))?;
        Ok(Self { socket, sequence: Cell::new(0) })
    }

    /// Asks for one thing.
    pub(super) fn ask(&self, kind: u16, body: &Body) -> Result<Message, Errno> {
        self.exchange(kind, FLAG_REQUEST, body)?.into_iter().next().ok_or(Errno::NODATA)
    }

    /// Asks for all of a kind.
    pub(super) fn list(&self, kind: u16, body: &Body) -> Result<Vec<Message>, Errno> {
        let mut last = Errno::INTR;
        for _ in 0..ATTEMPTS_MAX {
            match self.exchange(kind, FLAG_REQUEST | FLAG_DUMP, body) {
                Err(Errno::INTR) => last = Errno::INTR,
                other => return other,
            }
        }
        Err(last)
    }

    /// Changes something and waits until it is done.
    pub(super) fn change(&self, kind: u16, flags: u16, body: &Body) -> Result<(), Errno> {
        self.exchange(kind, FLAG_REQUEST | FLAG_ACK | flags, body).map(drop)
    }

    fn exchange(&self, kind: u16, flags: u16, body: &Body) -> Result<Vec<Message>, Errno> {
        let sequence = self.sequence.get().wrapping_add(1);
        self.sequence.set(sequence);
        send(&self.socket, &request(kind, flags, sequence, &body.0), SendFlags::empty())?;
        let mut messages = Vec::new();
        let mut interrupted = false;
        let mut buffer = vec![0; ANSWER_BYTES_MAX];
        loop {
            let (_, len) = recv(&self.socket, buffer.as_mut_slice(), RecvFlags::TRUNC)?;
            let datagram = buffer.get(..len).ok_or(Errno::MSGSIZE)?;
            match read(datagram, sequence, &mut messages, &mut interrupted)? {
                Progress::More => {}
                Progress::Complete if interrupted => return Err(Errno::INTR),
                Progress::Complete => return Ok(messages),
            }
        }
    }
}

enum Progress {
    More,
    Complete,
}

/// Reads the messages of one datagram that answer request `sequence`.
fn read(
    mut datagram: &[u8],
    sequence: u32,
    messages: &mut Vec<Message>,
    interrupted: &mut bool,
) -> Result<Progress, Errno> {
    while !datagram.is_empty() {
        let len = u32_at(datagram, 0)? as usize;
        let kind = u16_at(datagram, 4)?;
        let flags = u16_at(datagram, 6)?;
        let body = datagram.get(HEADER_LEN..len).ok_or(Errno::BADMSG)?;
        let answers_us = u32_at(datagram, 8)? == sequence;
        datagram = datagram.get(aligned(len)..).unwrap_or_default();
        if !answers_us {
            continue;
        }
        *interrupted |= flags & FLAG_INTERRUPTED != 0;
        match kind {
            ERROR | DONE => return outcome(body).map(|()| Progress::Complete),
            _ => messages.push(Message { kind, body: body.to_vec() }),
        }
        if flags & FLAG_MULTI == 0 {
            return Ok(Progress::Complete);
        }
    }
    Ok(Progress::More)
}

/// The error number that ends an answer; 0 is an acknowledgement.
fn outcome(body: &[u8]) -> Result<(), Errno> {
    let code = u32_at(body, 0)?.cast_signed();
    if code == 0 { Ok(()) } else { Err(Errno::from_raw_os_error(code.saturating_neg())) }
}

fn request(kind: u16, flags: u16, sequence: u32, body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(HEADER_LEN + body.len()).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(HEADER_LEN + body.len());
    bytes.extend(len.to_ne_bytes());
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(flags.to_ne_bytes());
    bytes.extend(sequence.to_ne_bytes());
    // The kernel knows who asks.
    bytes.extend(0_u32.to_ne_bytes());
    bytes.extend(body);
    bytes
}

impl Body {
    /// A body that begins with a struct of these words.
    pub(super) fn of(words: &[u32]) -> Self {
        Self(words.iter().flat_map(|word| word.to_ne_bytes()).collect())
    }

    /// Adds an attribute.
    pub(super) fn with(mut self, kind: u16, value: &[u8]) -> Self {
        let len = u16::try_from(ATTRIBUTE_HEADER_LEN + value.len()).unwrap_or(u16::MAX);
        self.0.extend(len.to_ne_bytes());
        self.0.extend(kind.to_ne_bytes());
        self.0.extend(value);
        self.0.resize(aligned(self.0.len()), 0);
        self
    }

    /// Adds a text, with the zero at its end.
    pub(super) fn with_text(self, kind: u16, text: &str) -> Self {
        self.with(kind, &[text.as_bytes(), &[0]].concat())
    }

    /// Adds an attribute of attributes.
    pub(super) fn with_nested(self, kind: u16, attributes: &Self) -> Self {
        self.with(kind, &attributes.0)
    }
}

impl Message {
    /// The attributes behind a struct of `fixed_len` bytes.
    pub(super) fn attributes(&self, fixed_len: usize) -> Attributes<'_> {
        Attributes(self.body.get(fixed_len..).unwrap_or_default())
    }

    pub(super) fn u32_at(&self, at: usize) -> Result<u32, Errno> {
        u32_at(&self.body, at)
    }
}

/// Attributes one after the other; ends at the first that does not parse.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attributes<'a>(&'a [u8]);

impl<'a> Attributes<'a> {
    /// The value of an attribute.
    pub(super) fn find(mut self, kind: u16) -> Option<&'a [u8]> {
        self.find_map(|(found, value)| (found == kind).then_some(value))
    }

    /// The text of an attribute, without the zero at its end.
    pub(super) fn text(self, kind: u16) -> Option<&'a str> {
        let value = self.find(kind)?;
        core::str::from_utf8(value.strip_suffix(&[0]).unwrap_or(value)).ok()
    }

    /// The number of an attribute.
    pub(super) fn number(self, kind: u16) -> Option<u32> {
        u32_at(self.find(kind)?, 0).ok()
    }

    /// The attributes inside an attribute; none if it is not there.
    pub(super) fn nested(self, kind: u16) -> Self {
        Self(self.find(kind).unwrap_or_default())
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        const KIND_MASK: u16 = 0x3fff;
        let len = usize::from(u16_at(self.0, 0).ok()?);
        let kind = u16_at(self.0, 2).ok()? & KIND_MASK;
        let value = self.0.get(ATTRIBUTE_HEADER_LEN..len)?;
        self.0 = self.0.get(aligned(len)..).unwrap_or_default();
        Some((kind, value))
    }
}

const fn aligned(len: usize) -> usize {
    len.next_multiple_of(ALIGNMENT)
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16, Errno> {
    let field = bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or(Errno::BADMSG)?;
    Ok(u16::from_ne_bytes(*field))
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32, Errno> {
    let field = bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or(Errno::BADMSG)?;
    Ok(u32::from_ne_bytes(*field))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn attributes_are_read_as_they_were_written() {
        let inner = Body::default().with_text(1, "veth");
        let body = Body::of(&[7, 8]).with_text(3, "c0").with(5, &9_u32.to_ne_bytes()).with_nested(18, &inner);
        let message = Message { kind: 16, body: body.0 };
        assert_eq!(message.u32_at(4), Ok(8));
        let attributes = message.attributes(8);
        assert_eq!(attributes.text(3), Some("c0"));
        assert_eq!(attributes.number(5), Some(9));
        assert_eq!(attributes.nested(18).text(1), Some("veth"));
        assert_eq!(attributes.find(4), None);
        assert_eq!(attributes.nested(4).count(), 0);
    }

    #[test]
    fn an_error_an_acknowledgement_and_a_strangers_answer_are_told_apart() {
        let answer = |sequence, code: i32| request(ERROR, 0, sequence, &code.to_ne_bytes());
        let read = |datagram: &[u8]| read(datagram, 5, &mut Vec::new(), &mut false);
        assert!(matches!(read(&answer(5, 0)), Ok(Progress::Complete)));
        assert!(matches!(read(&answer(5, -19)), Err(Errno::NODEV)));
        assert!(matches!(read(&answer(4, -19)), Ok(Progress::More)));
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(datagram in proptest::collection::vec(any::<u8>(), 0..64), sequence in 0_u32..2) {
            let mut messages = Vec::new();
            let _outcome = read(&datagram, sequence, &mut messages, &mut false);
            for message in messages {
                message.attributes(0).for_each(drop);
            }
            Attributes(&datagram).for_each(drop);
        }
    }
}
