//! Text that stands beside the leaves of a body, held until it is complete: chunk extensions, and
//! the field names of an event stream.

/// The text that is being read; whoever fills it bounds its length.
#[derive(Debug, Default)]
pub(crate) struct Aside {
    bytes: Vec<u8>,
    at: Option<u64>,
}

impl Aside {
    pub(crate) fn reset(&mut self) {
        self.bytes.clear();
        self.at = None;
    }

    /// Where it begins; nothing from there on may pass yet.
    pub(crate) const fn at(&self) -> Option<u64> {
        self.at
    }

    pub(crate) fn push(&mut self, at: u64, bytes: &[u8]) {
        self.at.get_or_insert(at);
        self.bytes.extend_from_slice(bytes);
    }

    /// The text, which is complete once something else comes; its memory is to be given back.
    pub(crate) fn take(&mut self) -> Option<Vec<u8>> {
        self.at.take().map(|_| core::mem::take(&mut self.bytes))
    }

    /// Bytes so far.
    pub(crate) const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Keeps memory for the next one.
    pub(crate) fn keep(&mut self, mut memory: Vec<u8>) {
        memory.clear();
        self.bytes = memory;
    }
}
