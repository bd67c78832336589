//! Whether a body that nothing declares to be JSON is JSON, told by its first bytes.
//!
//! Texts begin like JSON, too: `[INFO] ready`, `[Docs](page)`, `{{ name }}`. What is in doubt waits, so that it is read in
//! one way from its first byte on.

use arrayvec::ArrayVec;
use decode::Input;
use decode::json::{Token, Tokenizer};

/// What a stream of events begins with (HTML, 9.2.5).
const EVENT_STARTS: [&[u8]; 5] = [b"data:", b"event:", b"id:", b"retry:", b":"];
const EVENT_BYTES_MAX: usize = 6;

/// The mark of the order of bytes, U+FEFF in UTF-8 (RFC 3629 section 6).
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes that may be looked at; what is JSON until then is to be JSON.
const PROBE_BYTES_MAX: usize = 64;

/// What a body looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looks {
    /// More bytes will tell.
    Undecided,
    /// JSON, and nothing else from here on.
    Json,
    /// JSON texts on lines, in an answer of which a stream was asked.
    Lines,
    /// Server-sent events, in such an answer.
    Events,
    /// Something else.
    Other,
}

impl Looks {
    /// What the first byte says that is no white space.
    pub(super) fn at_first(bytes: &[u8]) -> Self {
        match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
            None => Self::Undecided,
            Some(b'{' | b'[') => Self::Json,
            Some(_) => Self::Other,
        }
    }
}

/// Looks at the first bytes of a body, piece by piece.
#[derive(Debug, Default)]
pub(super) struct Probe {
    /// What came while it was in doubt, each byte with its offset; white space before it needs no reading.
    waiting: Vec<(u64, u8)>,
}

impl Probe {
    pub(super) fn reset(&mut self) {
        self.waiting.clear();
    }

    /// The offset of the first byte that waits.
    pub(super) fn at(&self) -> Option<u64> {
        self.waiting.first().map(|(at, _)| *at)
    }

    /// Looks at a piece, by a tokenizer that begins with the body; one that leaves it in doubt waits.
    pub(super) fn read(&mut self, tokenizer: &mut Tokenizer, at: u64, bytes: &[u8]) -> Looks {
        let blank = if self.waiting.is_empty() {
            bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
        } else {
            0
        };
        let bytes = bytes.get(blank..).unwrap_or_default();
        if self.waiting.is_empty() && Looks::at_first(bytes) != Looks::Json {
            return Looks::at_first(bytes);
        }
        let room = PROBE_BYTES_MAX - self.waiting.len();
        let looks = look(tokenizer, bytes.get(..room).unwrap_or(bytes));
        if looks != Looks::Undecided {
            return looks;
        }
        if bytes.len() >= room {
            return Looks::Json;
        }
        self.waiting.extend((at + blank as u64..).zip(bytes.iter().copied()));
        Looks::Undecided
    }

    /// Looks at a piece of an answer of which a stream was asked: servers give events other names, or none.
    pub(super) fn read_stream(&mut self, at: u64, bytes: &[u8]) -> Looks {
        let mut head: ArrayVec<u8, EVENT_BYTES_MAX> = self.waiting.iter().map(|(_, byte)| *byte).collect();
        let is_blank = |byte: &&u8| head.is_empty() && byte.is_ascii_whitespace();
        let blank = bytes.iter().take_while(is_blank).count();
        let bytes = bytes.get(blank..).unwrap_or_default();
        head.extend(bytes.iter().copied().take(head.remaining_capacity()));
        if EVENT_STARTS.iter().any(|start| head.starts_with(start)) {
            return Looks::Events;
        }
        if EVENT_STARTS.iter().any(|start| start.starts_with(&head)) {
            self.waiting.extend((at + blank as u64..).zip(bytes.iter().copied()));
            return Looks::Undecided;
        }
        if head.first() == Some(&b'{') { Looks::Lines } else { Looks::at_first(&head) }
    }

    /// Reads the mark of the order of bytes before an answer, over which lenient readers pass. Returns how many bytes of a
    /// piece belong to what may be one, and whether it is known if it is; if it is none they wait to be read.
    pub(super) fn read_mark(&mut self, at: u64, bytes: &[u8]) -> (usize, bool) {
        for (count, byte) in bytes.iter().enumerate() {
            if MARK.get(self.waiting.len()) != Some(byte) {
                return (count, true);
            }
            self.waiting.push((at + count as u64, *byte));
            if self.waiting.len() == MARK.len() {
                self.waiting.clear();
                return (count + 1, true);
            }
        }
        (bytes.len(), false)
    }

    /// What waited; its memory is to be given back.
    pub(super) fn take(&mut self) -> Vec<(u64, u8)> {
        core::mem::take(&mut self.waiting)
    }

    /// Keeps memory for the next body.
    pub(super) fn keep(&mut self, mut memory: Vec<(u64, u8)>) {
        memory.clear();
        self.waiting = memory;
    }
}

/// An object with a key is JSON, whatever follows: model servers want one, and some are lenient readers.
fn look(tokenizer: &mut Tokenizer, bytes: &[u8]) -> Looks {
    let mut input = Input::new(0, bytes);
    loop {
        match tokenizer.next(&mut input) {
            Ok(Some(Token::WholeString { key: true, .. } | Token::StringStart { key: true })) => return Looks::Json,
            Ok(Some(_)) => {}
            Ok(None) => return Looks::Undecided,
            Err(_) => return Looks::Other,
        }
    }
}

/// The same of a body that is complete.
pub(super) fn look_at_end(tokenizer: &mut Tokenizer) -> Looks {
    loop {
        match tokenizer.finish() {
            Ok(Some(_)) => {}
            Ok(None) => return Looks::Json,
            Err(_) => return Looks::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(body: &str) -> Looks {
        let found = [1, 7, body.len()].map(|piece| {
            let (mut probe, mut tokenizer) = (Probe::default(), Tokenizer::new());
            let found = body
                .as_bytes()
                .chunks(piece)
                .map(|piece| probe.read(&mut tokenizer, 0, piece))
                .find(|looks| *looks != Looks::Undecided);
            found.unwrap_or_else(|| look_at_end(&mut tokenizer))
        });
        assert_eq!([found[0]; 3], found, "{body}");
        found[0]
    }

    #[test]
    fn a_mark_is_passed_over_once_and_nothing_else_is() {
        let behind = |body: &[u8], piece: usize| {
            let (mut probe, mut out, mut is_known) = (Probe::default(), Vec::new(), false);
            for piece in body.chunks(piece) {
                let mut count = 0;
                if !is_known {
                    (count, is_known) = probe.read_mark(0, piece);
                }
                if is_known {
                    out.extend(probe.take().iter().map(|(_, byte)| *byte));
                }
                out.extend(&piece[count..]);
            }
            out.extend(probe.take().iter().map(|(_, byte)| *byte));
            out
        };
        for piece in 1..6 {
            assert_eq!(behind(b"\xef\xbb\xbfab", piece), b"ab");
            assert_eq!(behind(b"\xef\xbb\xbf\xef\xbb\xbfab", piece), b"\xef\xbb\xbfab");
            for body in [&b"\xef\xbbab"[..], b"\xef\xbb", b"\xefab", b"ab", b""] {
                assert_eq!(behind(body, piece), body);
            }
        }
    }

    #[test]
    fn a_text_that_begins_like_json_is_told_from_json() {
        for text in [
            "[INFO] 2026 all fine",
            " [Docs](http://x/)",
            "[2026-01-01 12:00] up",
            "[ ] to do",
            "[1] a note",
            "[\"a\"] is a list",
            "{{ name }}",
            "{name}",
            "{'a': 1}",
            "{} is empty",
            "[",
            "text",
        ] {
            assert_eq!(looks(text), Looks::Other, "{text}");
        }
        let long = format!("[{}", "1, ".repeat(PROBE_BYTES_MAX));
        for json in ["{\"a\":NaN}", "{\"a\"", "[{\"a\" x", "[1, 2, \"a\"]", "{}", "[[], {}]\n", &long] {
            assert_eq!(looks(json), Looks::Json, "{json}");
        }
    }
    #[test]
    fn a_stream_of_events_is_told_whatever_it_is_called() {
        let looks = |body: &str| {
            let found = [1, 3, body.len()].map(|piece| {
                let mut probe = Probe::default();
                let mut pieces = body.as_bytes().chunks(piece).map(|piece| probe.read_stream(0, piece));
                pieces.find(|looks| *looks != Looks::Undecided).unwrap_or(Looks::Undecided)
            });
            assert_eq!([found[0]; 3], found, "{body}");
            found[0]
        };
        for body in ["data: {}\n\n", "event: a\ndata: b\n\n", "\n\nid: 1\ndata: x", ": wait\n\n", "retry:5"] {
            assert_eq!(looks(body), Looks::Events, "{body}");
        }
        for (body, expected) in [
            ("{\"a\":1}", Looks::Lines),
            (" [1]", Looks::Json),
            ("date: today", Looks::Other),
            ("I am", Looks::Other),
            ("eve", Looks::Undecided),
            ("  ", Looks::Undecided),
        ] {
            assert_eq!(looks(body), expected, "{body}");
        }
    }
}
