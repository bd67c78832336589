//! The columns that a statement says a table has: `CREATE TABLE t (a INT, b TEXT)`, in one line or in several, as dumps
//! have it before rows without names.

use super::cells::{PARENTHESIS, bare, outside};
use super::{Column, Head, label};

/// What begins the parts of such a statement that are no columns.
const OTHERS: [&[u8]; 10] =
    [b"primary", b"unique", b"key", b"index", b"constraint", b"foreign", b"check", b"fulltext", b"exclude", b"spatial"];

/// The columns so far, and whether there may be more.
#[derive(Debug, Default)]
pub(super) struct Schema {
    head: Head,
    is_open: bool,
}

impl Schema {
    /// Takes a line that may be part of such a statement.
    pub(super) fn read(&mut self, line: &[u8]) {
        let text = line.trim_ascii();
        if begins(text) {
            let Some(open) = memchr::memchr(PARENTHESIS, text) else {
                self.is_open = is_table(text);
                self.head = Head::parted_by(PARENTHESIS);
                return;
            };
            if !text.get(..open).is_some_and(is_table) {
                return;
            }
            (self.head, self.is_open) = (Head::parted_by(PARENTHESIS), true);
            self.read_columns(text.get(open + 1..).unwrap_or_default());
        } else if self.is_open && text != b"(" {
            self.read_columns(text.strip_prefix(b"(").unwrap_or(text));
        }
    }

    /// True between the first line of a statement and its last.
    pub(super) const fn is_open(&self) -> bool {
        self.is_open
    }

    /// The columns, if one of them is to be read.
    pub(super) fn head(&self) -> Option<Head> {
        (!self.is_open && self.head.count > 0).then(|| self.head.clone())
    }

    /// Takes columns, up to the parenthesis that closes the statement.
    fn read_columns(&mut self, text: &[u8]) {
        let (mut from, mut depth) = (0, 0_u32);
        let mut outside = outside(b'\'');
        for (place, byte) in text.iter().enumerate() {
            match byte {
                _ if !outside(*byte) => {}
                b'(' => depth += 1,
                b')' if depth == 0 => {
                    self.read_column(text.get(from..place).unwrap_or_default());
                    self.is_open = false;
                    return;
                }
                b')' => depth -= 1,
                b',' if depth == 0 => {
                    self.read_column(text.get(from..place).unwrap_or_default());
                    from = place + 1;
                }
                _ => {}
            }
        }
        self.read_column(text.get(from..).unwrap_or_default());
        self.is_open &= !text.ends_with(b";");
    }

    fn read_column(&mut self, text: &[u8]) {
        let text = text.trim_ascii();
        let word = text.split(|byte| matches!(byte, b' ' | b'\t')).next().unwrap_or_default();
        let name = word.get(bare(word, 0..word.len())).unwrap_or_default();
        if name.is_empty() || OTHERS.iter().any(|other| name.eq_ignore_ascii_case(other)) {
            return;
        }
        if let Some(column) = label::of(name).and_then(|label| Column::new(self.head.cells, label)) {
            self.head.push(column);
        }
        self.head.cells += 1;
    }
}

/// True for what such a statement begins with.
pub(super) fn begins(text: &[u8]) -> bool {
    matches!(text.first(), Some(b'c' | b'C')) && super::begins(text, b"create ")
}

/// True for `create table t`, `CREATE TEMPORARY TABLE IF NOT EXISTS t`.
fn is_table(text: &[u8]) -> bool {
    text.split(|byte| *byte == b' ').skip(1).take(2).any(|word| word.eq_ignore_ascii_case(b"table"))
}
