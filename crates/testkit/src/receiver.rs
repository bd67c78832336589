//! What a receiver could read of the segments that reached it.

use crate::Tcp;
use std::collections::BTreeMap;

/// Puts the bytes of one direction together, naively, and notices what two receivers could read in
/// two ways.
#[derive(Debug)]
pub struct Receiver {
    isn: u32,
    bytes: BTreeMap<u32, u8>,
    acknowledged: u32,
    /// Where the first hole is.
    end: u32,
    fin_at: Option<u32>,
    is_reset: bool,
}

/// What a receiver has got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Bytes without a hole from the start.
    pub bytes: Vec<u8>,
    /// The stream's end was reached.
    pub is_complete: bool,
    /// The connection was reset.
    pub is_reset: bool,
}

impl Receiver {
    /// A receiver that was told this initial sequence number.
    #[must_use]
    pub const fn new(isn: u32) -> Self {
        Self { isn, bytes: BTreeMap::new(), acknowledged: 0, end: 0, fin_at: None, is_reset: false }
    }

    /// Takes a segment.
    ///
    /// # Panics
    /// If a byte comes that differs from one that came before, and that a receiver may not have
    /// read yet: two receivers could read the stream in two ways.
    pub fn take(&mut self, segment: &Tcp) {
        let start = segment.seq.wrapping_sub(self.isn).wrapping_sub(1);
        if segment.rst {
            self.is_reset = true;
            return;
        }
        if segment.syn || start > u32::MAX / 2 {
            return;
        }
        for (at, byte) in (start..).zip(&segment.payload) {
            if at < self.acknowledged {
                continue;
            }
            let before = *self.bytes.entry(at).or_insert(*byte);
            assert_eq!(before, *byte, "two readings of stream byte {at}");
        }
        while self.bytes.contains_key(&self.end) {
            self.end += 1;
        }
        if segment.fin {
            let end = start + segment.payload.len() as u32;
            assert!(self.fin_at.is_none_or(|known| known == end), "two ends of one stream");
            self.fin_at = Some(end);
        }
    }

    /// Acknowledges everything that came without a hole; returns the acknowledgement number. Bytes
    /// below it may differ from now on: no receiver reads them again.
    pub fn acknowledge(&mut self) -> u32 {
        let end = self.end;
        self.acknowledged = end;
        let fin = u32::from(self.fin_at == Some(end));
        self.isn.wrapping_add(1).wrapping_add(end).wrapping_add(fin)
    }

    /// What has come.
    #[must_use]
    pub fn delivered(&self) -> Delivered {
        let end = self.end;
        Delivered {
            bytes: self.bytes.range(..end).map(|(_, byte)| *byte).collect(),
            is_complete: self.fin_at == Some(end),
            is_reset: self.is_reset,
        }
    }

    /// Every byte that came, holes or not: what an eavesdropper behind the appliance could know.
    #[must_use]
    pub fn seen(&self) -> Vec<u8> {
        self.bytes.values().copied().collect()
    }
}
