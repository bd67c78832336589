//! Street addresses (stub).

use super::word::Word;
use crate::window::{Checked, Window};

/// Bytes of the longest address.
pub(crate) const ADDRESS_BYTES_MAX: usize = 256;
/// Bytes behind it.
pub(crate) const LOOKAHEAD_BYTES: usize = 64;

/// True if an address may begin with this word.
pub(crate) fn may_begin(_word: &Word) -> bool {
    false
}

/// Checks for an address at `at`.
pub(crate) fn check(_window: &Window<'_>, _at: usize, _from: usize) -> Checked {
    Ok(None)
}
