//! `@tcp(`: the password before it.

use super::{Progress, Sink, id};
use crate::block::{One, Places};
use crate::detectors::secret::dsn::{self, MARK};
use crate::window::Window;

/// Decides at every mark from the cursor on; returns the hold.
pub(crate) fn scan(first_id: u16, window: &Window<'_>, progress: &mut Progress, sink: &mut Sink<'_>) -> usize {
    let text = window.text();
    let is_mark =
        |at: &usize| text.get(*at + 1) == MARK.get(1) && text.get(*at..).is_some_and(|rest| rest.starts_with(MARK));
    for at in Places::new(window.indexed(), progress.cursor, One(b'@')).filter(is_mark) {
        sink.visit();
        if let Some(found) = dsn::check(window, at) {
            sink.push(id(first_id, found.rule), &found, false);
        }
        progress.cursor = at + MARK.len();
    }
    // The mark may be cut.
    progress.cursor = progress.cursor.max(text.len().saturating_sub(MARK.len() - 1));
    let has_colon = text
        .len()
        .checked_sub(dsn::REACH_BYTES)
        .is_none_or(|near| window.indexed().count(near, text.len(), One(b':')) > 0);
    let start = if has_colon { dsn::password_start(text, text.len()) } else { None };
    start.unwrap_or(text.len())
}
