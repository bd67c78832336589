//! One pass over a segment: all entries, and what is behind them.

use crate::header::SignedHeader;
use crate::mark::SignedMark;
use crate::reader::{first_not_zero, rest};
use crate::{Cursor, Entry, Flaw};

/// What a pass over a segment found. Signatures are not checked by it.
pub(crate) struct Walk {
    /// Where the last whole entry ends.
    pub(crate) cursor: Cursor,
    /// The last mark, and where it stands: its signature vouches for all before it.
    pub(crate) last_mark: Option<(SignedMark, Cursor)>,
    /// Where the records begin that no mark vouches for, and how many there are.
    pub(crate) unsigned: Option<(Cursor, u64)>,
    /// Why it ended there, if not because there is nothing but zeros.
    pub(crate) flaw: Option<Flaw>,
}

impl Walk {
    /// Walks over `segment`, behind whose header stands what `visit` is called with, one entry
    /// and the place behind it at a time.
    pub(crate) fn over(segment: &[u8], signed: &SignedHeader, mut visit: impl FnMut(&Entry, &Cursor)) -> Self {
        let cursor = Cursor::behind(signed);
        let mut walk = Self { cursor, last_mark: None, unsigned: None, flaw: None };
        loop {
            let before = walk.cursor;
            match walk.cursor.read(rest(segment, before.offset())) {
                Ok(Some(entry)) => {
                    walk.note(&entry, before);
                    visit(&entry, &walk.cursor);
                }
                Ok(None) => {
                    walk.flaw = first_not_zero(segment, &walk.cursor);
                    return walk;
                }
                Err(flaw) => {
                    walk.flaw = Some(flaw);
                    return walk;
                }
            }
        }
    }

    fn note(&mut self, entry: &Entry, place: Cursor) {
        match entry {
            Entry::Record(_) => self.unsigned.get_or_insert((place, 0)).1 += 1,
            Entry::Mark(signed) => {
                self.unsigned = None;
                self.last_mark = Some((*signed, place));
            }
        }
    }

    /// Records that no mark vouches for.
    pub(crate) fn unsigned_records(&self) -> u64 {
        self.unsigned.map_or(0, |(_, records)| records)
    }
}
