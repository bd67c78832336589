use std::collections::VecDeque;

/// Bytes of memory that is kept for the next who needs some: what a few bursts of frames bring.
const SPARE_BYTES_MAX: usize = 64 * 1024;

/// What a message of a usual length takes. A part of the budget is for those alone, so that long ones which do not go on
/// keep nobody else waiting.
const USUAL_BYTES_MAX: usize = 256 * 1024;
/// That part is one of so many.
const USUAL_PART: usize = 8;

/// Bytes that the relays of one worker may hold together (`hold_bytes_worker_max`).
///
/// At the bound relays take less, so that windows shrink; what cannot go on is refused with 503 after
/// `hold_time_max`.
#[derive(Debug)]
pub struct HoldBudget {
    used: usize,
    bytes_max: usize,
    /// Memory that nobody holds.
    spare: VecDeque<u8>,
}

impl HoldBudget {
    /// A budget of so many bytes.
    #[must_use]
    pub const fn new(bytes_max: usize) -> Self {
        Self { used: 0, bytes_max, spare: VecDeque::new() }
    }

    /// Bytes that are held now.
    #[must_use]
    pub const fn used(&self) -> usize {
        self.used
    }

    /// Bytes that may be held besides.
    pub(super) const fn room(&self) -> usize {
        self.bytes_max.saturating_sub(self.used)
    }

    /// The same for a message that is to hold so many bytes.
    pub(super) const fn room_of(&self, held: usize) -> usize {
        let kept = if held > USUAL_BYTES_MAX { self.bytes_max / USUAL_PART } else { 0 };
        self.room().saturating_sub(kept)
    }

    /// Empty memory for bytes, that of the last who gave some back: it is in the processor's caches.
    pub(super) fn take_spare(&mut self) -> VecDeque<u8> {
        core::mem::take(&mut self.spare)
    }

    /// Keeps memory for the next who needs some.
    pub(super) fn give_spare(&mut self, spare: VecDeque<u8>) {
        if spare.capacity() <= SPARE_BYTES_MAX {
            self.spare = spare;
        }
    }

    /// One that held `charged` bytes now holds `held`.
    pub(super) const fn recharge(&mut self, charged: &mut usize, held: usize) {
        self.used = self.used.saturating_sub(*charged) + held;
        *charged = held;
    }
}
