//! `://`: the password in a URL's authority.

use super::{Progress, Sink, id};
use crate::block::{ColonBefore, Places, Text};
use crate::detectors::secret::url;
use crate::window::Window;

/// What stands between a scheme and an authority (RFC 3986 section 3).
const MARK: &[u8] = b"://";

/// Decides at every authority from the cursor on; returns the hold.
pub(crate) fn scan(first_id: u16, window: &Window<'_>, progress: &mut Progress, sink: &mut Sink<'_>) -> usize {
    let text = window.text();
    if progress.resume(text, sink) {
        return progress.cursor;
    }
    while let Some(place) = next(window.indexed(), progress.cursor) {
        sink.visit();
        let start = place + MARK.len();
        let Ok(checked) = url::check(window, start) else {
            progress.cursor = place;
            return start;
        };
        progress.cursor = start;
        if let Some(found) = checked
            && progress.accept(found, id(first_id, found.rule), text, sink)
        {
            return progress.cursor;
        }
    }
    // The mark itself may be cut in two, but it belongs to no finding.
    progress.cursor = progress.cursor.max(text.len().saturating_sub(MARK.len() - 1));
    text.len()
}

/// The next mark at or behind `from`: colons are few, and told by the index.
fn next(text: Text<'_>, from: usize) -> Option<usize> {
    let is_mark = |colon: &usize| text.bytes().get(*colon..).is_some_and(|rest| rest.starts_with(MARK));
    Places::new(text, from, ColonBefore::Slash).find(is_mark)
}
