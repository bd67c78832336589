//! `:`: IPv6 addresses.

use super::{Armed, Sink};
use crate::detectors::ipv6;
use crate::window::Window;

/// Decides at every `:` from the cursor on; returns the hold.
pub(crate) fn scan(armed: &Armed, window: &Window<'_>, cursor: &mut usize, sink: &mut Sink<'_>) -> usize {
    while let Some(colon) = next(window.text(), *cursor) {
        sink.visit();
        let Ok(checked) = (armed.detector.check)(window, colon) else {
            *cursor = colon;
            return ipv6::address_may_start(window, colon);
        };
        *cursor = colon + 1;
        if let Some(found) = checked {
            armed.report(&found, sink);
            *cursor = found.end;
        }
    }
    *cursor = window.len();
    ipv6::address_may_start(window, window.len())
}

fn next(text: &[u8], from: usize) -> Option<usize> {
    memchr::memchr(b':', text.get(from..)?).map(|place| from + place)
}
