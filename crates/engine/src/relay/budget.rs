/// Bytes that the relays of one worker may hold together (`hold_bytes_worker_max`).
///
/// At the bound relays take less, so that windows shrink; what cannot go on is refused with 503 after
/// `hold_time_max`.
#[derive(Debug)]
pub struct HoldBudget {
    used: usize,
    bytes_max: usize,
}

impl HoldBudget {
    /// A budget of so many bytes.
    #[must_use]
    pub const fn new(bytes_max: usize) -> Self {
        Self { used: 0, bytes_max }
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

    /// One that held `charged` bytes now holds `held`.
    pub(super) const fn recharge(&mut self, charged: &mut usize, held: usize) {
        self.used = self.used.saturating_sub(*charged) + held;
        *charged = held;
    }
}
