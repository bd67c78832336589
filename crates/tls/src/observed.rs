//! What rustls told its callbacks while one connection was fed.
//!
//! Its configurations are shared by many connections, and its callbacks do not say for which of them
//! they are called. But they are called from within the call that feeds a connection, on the same
//! thread: so what they see is put down here, and taken from here right after that call.

use crate::certificate::LeafFacts;
use crate::verdict::Verdict;
use core::cell::Cell;

/// What the callbacks saw.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Observed {
    /// The outcome of a verification.
    pub(crate) verdict: Option<Verdict>,
    /// The certificate it was about.
    pub(crate) leaf: Option<LeafFacts>,
    /// The server asked for a certificate.
    pub(crate) is_certificate_wanted: bool,
}

thread_local! {
    static OBSERVED: Cell<Observed> = const { Cell::new(Observed { verdict: None, leaf: None, is_certificate_wanted: false }) };
}

/// Adds to what was seen.
pub(crate) fn note(change: impl FnOnce(&mut Observed)) {
    OBSERVED.with(|cell| {
        let mut observed = cell.get();
        change(&mut observed);
        cell.set(observed);
    });
}

/// Takes what was seen since the last time.
pub(crate) fn take() -> Observed {
    OBSERVED.with(Cell::take)
}
