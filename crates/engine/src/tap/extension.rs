//! Chunk extensions: text beside the body, held until it is complete.

/// The chunk extension that is being read. The decoder bounds its length.
#[derive(Debug, Default)]
pub(super) struct Extension {
    bytes: Vec<u8>,
    at: Option<u64>,
}

impl Extension {
    pub(super) fn reset(&mut self) {
        self.bytes.clear();
        self.at = None;
    }

    /// Where it begins; nothing from there on may pass yet.
    pub(super) const fn at(&self) -> Option<u64> {
        self.at
    }

    pub(super) fn push(&mut self, at: u64, bytes: &[u8]) {
        self.at.get_or_insert(at);
        self.bytes.extend_from_slice(bytes);
    }

    /// The extension, which is complete once something else comes; its memory is to be given back.
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        self.at.take().map(|_| core::mem::take(&mut self.bytes))
    }

    /// Keeps memory for the next one.
    pub(super) fn keep(&mut self, mut memory: Vec<u8>) {
        memory.clear();
        self.bytes = memory;
    }
}
