//! `application/x-www-form-urlencoded` (WHATWG URL, section 5.1) into leaves.

use super::Sink;
use super::inlay::Follower;
use crate::{LeafKind, Pipeline};
use arrayvec::ArrayVec;
use core::ops::Range;
use decode::Span;
use policy::Reason;

/// Reads names and values, percent-encoded.
#[derive(Debug, Default)]
pub(super) struct FormReader {
    leaf_is_open: bool,
    in_value: bool,
    /// A percent sign and what has come behind it.
    escape: ArrayVec<(u64, u8), 3>,
}

impl FormReader {
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Reads a piece; returns the offset of the first byte that is not read to its end.
    pub(super) fn read(
        &mut self,
        at: u64,
        bytes: &[u8],
        follower: &mut Follower<'_>,
        sink: &mut Sink<'_, impl Pipeline>,
    ) -> Result<Option<u64>, Reason> {
        let mut literal_from = 0;
        for (position, byte) in bytes.iter().enumerate() {
            let is_plain = !matches!(byte, b'%' | b'+' | b'&' | b'=') && self.escape.is_empty();
            if is_plain {
                continue;
            }
            self.literal(at, bytes, literal_from..position, follower, sink)?;
            literal_from = position + 1;
            self.special(at + position as u64, *byte, follower, sink)?;
        }
        self.literal(at, bytes, literal_from..bytes.len(), follower, sink)?;
        let escape_at = self.escape.first().map(|(at, _)| *at);
        Ok([escape_at, follower.inlay.unread()].into_iter().flatten().min())
    }

    pub(super) fn finish(
        &mut self,
        follower: &mut Follower<'_>,
        sink: &mut Sink<'_, impl Pipeline>,
    ) -> Result<(), Reason> {
        self.give_up_escape(follower, sink)?;
        self.close(sink);
        self.in_value = false;
        Ok(())
    }

    fn special(
        &mut self,
        at: u64,
        byte: u8,
        follower: &mut Follower<'_>,
        sink: &mut Sink<'_, impl Pipeline>,
    ) -> Result<(), Reason> {
        if !self.escape.is_empty() {
            if byte.is_ascii_hexdigit() {
                self.escape.push((at, byte));
                return self.complete_escape(follower, sink);
            }
            self.give_up_escape(follower, sink)?;
        }
        match byte {
            b'%' => self.escape.push((at, byte)),
            b'+' => {
                self.open(follower, sink);
                sink.escape(b" ", core::iter::once(Span { at, len: 1 }));
                follower.read(at, b" ", sink)?;
            }
            b'&' => {
                self.close(sink);
                self.in_value = false;
            }
            b'=' if !self.in_value => {
                self.close(sink);
                self.in_value = true;
            }
            _ => {
                self.open(follower, sink);
                sink.literal(at, &[byte]);
                follower.read(at, &[byte], sink)?;
            }
        }
        Ok(())
    }

    fn complete_escape(
        &mut self,
        follower: &mut Follower<'_>,
        sink: &mut Sink<'_, impl Pipeline>,
    ) -> Result<(), Reason> {
        let [(at, _), (high_at, high), (low_at, low)] = self.escape.as_slice() else { return Ok(()) };
        let at = *at;
        let value = (hex(*high) << 4) | hex(*low);
        let spans = [Span { at, len: 1 }, Span { at: *high_at, len: 1 }, Span { at: *low_at, len: 1 }];
        self.escape.clear();
        self.open(follower, sink);
        sink.escape(&[value], spans.into_iter());
        follower.read(at, &[value], sink)
    }

    /// A percent sign that begins no escape stands for itself.
    fn give_up_escape(
        &mut self,
        follower: &mut Follower<'_>,
        sink: &mut Sink<'_, impl Pipeline>,
    ) -> Result<(), Reason> {
        for (at, byte) in core::mem::take(&mut self.escape) {
            self.open(follower, sink);
            sink.literal(at, &[byte]);
            follower.read(at, &[byte], sink)?;
        }
        Ok(())
    }

    fn literal(
        &mut self,
        at: u64,
        bytes: &[u8],
        range: Range<usize>,
        follower: &mut Follower<'_>,
        sink: &mut Sink<'_, impl Pipeline>,
    ) -> Result<(), Reason> {
        let start = at + range.start as u64;
        if let Some(literal) = bytes.get(range)
            && !literal.is_empty()
        {
            self.open(follower, sink);
            sink.literal(start, literal);
            follower.read(start, literal, sink)?;
        }
        Ok(())
    }

    fn open(&mut self, follower: &mut Follower<'_>, sink: &mut Sink<'_, impl Pipeline>) {
        if !self.leaf_is_open {
            follower.begin();
            sink.begin(if self.in_value { LeafKind::Text } else { LeafKind::Key }, None);
            self.leaf_is_open = true;
        }
    }

    fn close(&mut self, sink: &mut Sink<'_, impl Pipeline>) {
        if core::mem::take(&mut self.leaf_is_open) {
            sink.end();
        }
    }
}

/// The value of a hexadecimal digit; other bytes do not come here.
const fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit.wrapping_sub(b'A').wrapping_add(10) & 0x0f,
    }
}
