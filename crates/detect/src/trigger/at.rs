//! `@`: e-mail addresses.

use super::{Armed, Sink};
use crate::block::{One, Places, Text};
use crate::detectors::email;
use crate::window::Window;

/// Decides at every `@` from the cursor on; returns the hold.
pub(crate) fn scan(armed: &Armed, window: &Window<'_>, cursor: &mut usize, sink: &mut Sink<'_>) -> usize {
    while let Some(at) = next(window.indexed(), *cursor) {
        sink.visit();
        let Ok(checked) = (armed.detector.check)(window, at) else {
            *cursor = at;
            return email::local_may_start(window, at);
        };
        *cursor = at + 1;
        if let Some(found) = checked {
            armed.report(&found, sink);
            *cursor = found.end;
        }
    }
    *cursor = window.len();
    email::local_may_start(window, window.len())
}

/// The next `@` at or behind `from` that has none behind it; no address holds two in a row.
fn next(text: Text<'_>, from: usize) -> Option<usize> {
    let mut places = Places::new(text, from, One(b'@'));
    loop {
        let at = places.next()?;
        let behind = text.bytes().get(at + 1..)?;
        let more = behind.iter().take_while(|byte| **byte == b'@').count();
        if more == 0 {
            return Some(at);
        }
        places.skip_to(at + 1 + more);
    }
}
