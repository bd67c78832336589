//! The head of a table: what parts its columns, and those that are read.

use super::cells::{
    AMPERSAND, BARS, BRACKET, Cells, NOTHING, PARENTHESIS, SPACES, bare, cell_from, cell_to, characters, groups,
    is_item, is_parted, item,
};
use super::schema::Schema;
use super::{CELL_BYTES_MIN, CODE_BYTES_MIN};
use super::{begins, behind_prefix, ends, is_mark, is_name, is_string, is_tag, label, mark_of, words};
use crate::view::respell::Leaf;
use core::ops::Range;

/// Columns of a table that are read; those behind them are not.
const COLUMNS_MAX: usize = 20;
/// Words of a column's name, and of one that an indented line has alone.
const NAME_WORDS_MAX: usize = 6;
const INDENTED_WORDS_MAX: usize = 2;
/// Bytes of the longest cell that is read.
const CELL_BYTES_MAX: usize = 160;

/// Columns of the smallest table whose cells are told by their number where only spaces part them.
const NUMBERED_COLUMNS_MIN: usize = 3;

/// The head of a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    pub(super) mark: u8,
    pub(super) cells: usize,
    columns: [Column; COLUMNS_MAX],
    pub(super) count: usize,
}

/// A column that is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Column {
    /// Its number; where columns are aligned, the characters before its name and up to the name's end.
    place: u16,
    end: u16,
    number: u16,
    label: [u8; label::LABEL_BYTES_MAX],
    label_bytes: u8,
}

impl Head {
    /// One without columns yet.
    pub(super) fn parted_by(mark: u8) -> Self {
        Self { mark, ..Self::default() }
    }

    /// The names in a line, if it has nothing else, but for what may stand before a pasted one, and one of them is to be
    /// read.
    pub(super) fn of(line: &[u8], unnamed: u64) -> Option<Self> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(head) = Self::of_doubled(line) {
            return Some(head);
        }
        if line.trim_ascii_end().ends_with(b"\\\\") {
            return Self::of_names(line, AMPERSAND);
        }
        if let Some(mark) = mark_of(line, unnamed) {
            // Behind a title may stand what a list begins with.
            let end = if mark == NOTHING { unnamed.trailing_zeros() as usize } else { line.len() };
            let names = line.get(..end).unwrap_or(line);
            return Self::of_names(names, mark);
        }
        let names = behind_prefix(line, unnamed)?;
        match names.iter().copied().find(|byte| is_mark(*byte)) {
            Some(mark) => Self::of_names(names, mark),
            None if is_parted(names) => Self::of_names(names, SPACES),
            None => None,
        }
    }

    /// The same of a line's names that this mark parts.
    fn of_names(line: &[u8], mark: u8) -> Option<Self> {
        let cells = Cells::of(line, mark);
        let count = cells.clone().count();
        let name_of = |cell| line.get(bare(line, cell)).unwrap_or_default();
        // Behind the last name may stand a mark, too.
        let is_open = count > 2 && cells.clone().last().map(name_of) == Some(&[]);
        let names = cells.map(name_of).take(count - usize::from(is_open));
        // Two spaces stand between sentences, too.
        let is_sentence = |name: &[u8]| mark == SPACES && (name.contains(&b'.') || words(name) > NAME_WORDS_MAX);
        let is_named =
            |(place, name): (usize, &[u8])| (is_name(name) && !is_sentence(name)) || (place == 0 && name.is_empty());
        if !names.clone().enumerate().all(is_named) {
            return None;
        }
        // One name parts nothing, unless it stands between bars; what a program lists is no table.
        let is_alone = count == 1 && !(line.starts_with(b"|") && line.ends_with(b"|"));
        let is_code =
            mark == b',' && (is_open || line.starts_with(b" ")) && memchr::memmem::find(line, b", ").is_some();
        if mark != NOTHING && (is_alone || is_code) {
            return None;
        }
        // An indented line of a text, or a word and its tag.
        let is_text =
            |name: &[u8]| line.first() == Some(&mark) && (name.ends_with(b".") || words(name) > INDENTED_WORDS_MAX);
        if mark == b'\t' && count == 2 && names.clone().last().is_some_and(|name| is_text(name) || is_tag(name)) {
            return None;
        }
        let head = Self::of_columns(mark, names)?;
        Some(if mark == SPACES { head.aligned(line) } else { head })
    }

    /// The same with where in the line the columns' names stand.
    fn aligned(mut self, line: &[u8]) -> Self {
        for column in self.columns.get_mut(..self.count).unwrap_or_default() {
            let cell = Cells::of(line, SPACES).nth(usize::from(column.place)).unwrap_or_default();
            (column.place, column.end) = characters(line, &cell);
        }
        self
    }

    fn of_columns<'n>(mark: u8, names: impl Iterator<Item = &'n [u8]> + Clone) -> Option<Self> {
        let is_read = |name: &[u8]| label::of(name).is_some() || label::is_pass(name);
        if !names.clone().any(is_read) {
            return None;
        }
        let mut head = Self::parted_by(mark);
        for name in names.clone() {
            let is_password = || label::is_pass(name) && names.clone().any(label::is_user);
            if let Some(label) = label::of(name).or_else(|| is_password().then_some(label::PASSWORD)) {
                head.push(Column::new(head.cells, label)?);
            }
            head.cells += 1;
        }
        (head.count > 0).then_some(head)
    }

    fn columns(&self) -> &[Column] {
        self.columns.get(..self.count).unwrap_or_default()
    }

    pub(super) fn push(&mut self, column: Column) {
        if let Some(room) = self.columns.get_mut(self.count) {
            *room = column;
            self.count += 1;
        }
    }

    /// True for the head of a table whose rows are as long and parted alike.
    pub(super) const fn is_like(&self, other: &Self) -> bool {
        self.mark == other.mark && self.cells == other.cells
    }

    /// Columns are read under these names, too.
    pub(super) fn add(&mut self, other: &Self) {
        for column in other.columns() {
            if !self.columns().contains(column) {
                self.push(*column);
            }
        }
        if let Some(columns) = self.columns.get_mut(..self.count) {
            columns.sort_unstable_by_key(|column| column.place);
        }
    }

    /// The names between two marks each: `||a||b||` above rows between bars, `! a !! b` above those of a wiki.
    fn of_doubled(line: &[u8]) -> Option<Self> {
        let line = line.trim_ascii();
        let (names, doubled, mark) = match line {
            [b'|', b'|', names @ .., b'|', b'|'] => (names, b"||", b'|'),
            [b'!', names @ ..] => (names, b"!!", BARS),
            _ => return None,
        };
        let ends = memchr::memmem::find_iter(names, doubled).chain([names.len()]);
        let cells = ends.scan(0, |from, end| Some(core::mem::replace(from, end + doubled.len())..end));
        let names: [&[u8]; COLUMNS_MAX] = {
            let mut all = [b"".as_slice(); COLUMNS_MAX];
            for (slot, cell) in all.iter_mut().zip(cells) {
                *slot = names.get(bare(names, cell)).unwrap_or_default();
            }
            all
        };
        let names = names.split(|name| name.is_empty()).next().filter(|names| names.len() > 1)?;
        names.iter().all(|name| is_name(name)).then(|| Self::of_columns(mark, names.iter().copied())).flatten()
    }

    /// The columns of rows that stand in the same line or below: `INSERT INTO t (a, b) VALUES (...)`, the same without
    /// names behind a statement that made the table, `COPY t (a, b) FROM stdin`, `{"columns": ["a", "b"], "data": [[...`.
    pub(super) fn of_statement(line: &[u8], schema: &Schema) -> Option<Self> {
        let statement = line.trim_ascii_start();
        match statement.first()? {
            b'{' | b'[' => return Self::of_json(statement),
            b'i' | b'I' | b'c' | b'C' => {}
            _ => return None,
        }
        let is_copy = begins(statement, b"copy ");
        if !is_copy && !begins(statement, b"insert ") {
            return None;
        }
        let names = groups(statement, PARENTHESIS).next()?;
        let [before, behind] =
            [statement.get(..names.start - 1)?, statement.get(names.end + 1..)?].map(<[u8]>::trim_ascii);
        if !is_copy && ends(before, b"values") {
            return schema.head();
        }
        if !begins(behind, if is_copy { b"from" } else { b"values" }) {
            return None;
        }
        let list = statement.get(names)?;
        let names = Cells::of_group(list, PARENTHESIS).map(|cell| list.get(bare(list, cell)).unwrap_or_default());
        Self::of_columns(if is_copy { b'\t' } else { PARENTHESIS }, names)
    }

    /// The names in the first list of a line of JSON, if it has nothing else.
    fn of_json(line: &[u8]) -> Option<Self> {
        let list = line.get(groups(line, BRACKET).next()?)?;
        let mut cells = Cells::of_group(list, BRACKET);
        let is_quoted = cells.clone().count() > 1 && cells.all(|cell| list.get(cell).is_some_and(is_string));
        let names = Cells::of_group(list, BRACKET).map(|cell| list.get(bare(list, cell)).unwrap_or_default());
        (is_quoted && names.clone().all(is_name)).then(|| Self::of_columns(BRACKET, names)).flatten()
    }

    /// True if rows stand between parentheses or brackets, several in a line.
    pub(super) const fn is_grouped(&self) -> bool {
        matches!(self.mark, PARENTHESIS | BRACKET)
    }

    /// True for a line of as many cells; of a list, for a short one.
    pub(super) fn has_row(&self, line: &[u8]) -> bool {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match self.mark {
            NOTHING => is_item(line),
            PARENTHESIS | BRACKET => self.groups(line).next().is_some(),
            // Any line has something at its start.
            SPACES => {
                let is_within = |column: &Column| column.place > 0 && column.aligned(line).is_some();
                is_parted(line) || self.columns().iter().any(is_within)
            }
            BARS => line.starts_with(b"|") && self.fits(line, Cells::of(line, BARS)),
            mark => memchr::memchr(mark, line).is_some() && self.fits(line, Cells::of(line, mark)),
        }
    }

    /// True if a line has as many cells, or one more that is empty.
    fn fits(&self, line: &[u8], cells: Cells<'_>) -> bool {
        let (count, last) = cells.fold((0, 0..0), |(count, _), cell| (count + 1, cell));
        let is_empty = || line.get(last).is_some_and(|cell| cell.trim_ascii().is_empty());
        count == self.cells || (count == self.cells + 1 && is_empty())
    }

    /// What stands between parentheses or brackets, if it is as many cells.
    fn groups<'l>(&self, line: &'l [u8]) -> impl Iterator<Item = Range<usize>> + use<'l, '_> {
        let fits = |group: &[u8]| self.fits(group, Cells::of_group(group, self.mark));
        groups(line, self.mark).filter(move |group| line.get(group.clone()).is_some_and(fits))
    }

    /// Writes the cells of a row that begins at `start`, with their names.
    pub(super) fn write(&self, line: &[u8], start: usize, leaf: &mut Leaf) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match self.mark {
            NOTHING => self.write_cells(line, core::iter::once(item(line)), start, leaf),
            PARENTHESIS | BRACKET => {
                for range in self.groups(line) {
                    let group = line.get(range.clone()).unwrap_or_default();
                    self.write_cells(group, Cells::of_group(group, self.mark), start + range.start, leaf);
                }
            }
            SPACES => self.write_aligned(line, start, leaf),
            mark => self.write_cells(line, Cells::of(line, mark), start, leaf),
        }
    }

    /// Writes the cells that begin or end where a column's name does, and in a line of as many cells those of its number. A
    /// number of the row may stand before them.
    fn write_aligned(&self, line: &[u8], start: usize, leaf: &mut Leaf) {
        let cells = Cells::of(line, SPACES);
        let lead = match cells.clone().count().checked_sub(self.cells) {
            Some(lead @ 0..=1) if self.cells >= NUMBERED_COLUMNS_MIN && (lead == 0 || begins_with_number(line)) => {
                Some(lead)
            }
            _ => None,
        };
        for column in self.columns() {
            let aligned = column.aligned(line);
            let nth = lead.and_then(|lead| cells.clone().nth(lead + usize::from(column.number)));
            let other = nth.filter(|cell| aligned.as_ref() != Some(cell));
            aligned.into_iter().chain(other).for_each(|cell| column.write(line, cell, start, leaf));
        }
    }

    fn write_cells(&self, line: &[u8], cells: impl Iterator<Item = Range<usize>>, start: usize, leaf: &mut Leaf) {
        let mut columns = self.columns().iter().peekable();
        for (number, cell) in cells.enumerate() {
            while let Some(column) = columns.next_if(|column| usize::from(column.place) == number) {
                column.write(line, cell.clone(), start, leaf);
            }
        }
    }
}

/// True for a row that begins with its number.
fn begins_with_number(line: &[u8]) -> bool {
    let text = line.trim_ascii_start();
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits > 0 && text.get(digits) == Some(&SPACES)
}

impl Column {
    /// The column at this place; none if there is no room for its name.
    pub(super) fn new(place: usize, label: &[u8]) -> Option<Self> {
        let number = u16::try_from(place).ok()?;
        let label_bytes = u8::try_from(label.len()).ok()?;
        let mut column = Self { place: number, number, label_bytes, ..Self::default() };
        column.label.get_mut(..label.len())?.copy_from_slice(label);
        Some(column)
    }

    /// What stands in a line where the column's name begins or ends.
    fn aligned(&self, line: &[u8]) -> Option<Range<usize>> {
        cell_from(line, self.place).or_else(|| cell_to(line, self.end))
    }

    /// Writes a cell of a line that begins at `start`, with the column's name before it.
    pub(super) fn write(&self, line: &[u8], cell: Range<usize>, start: usize, leaf: &mut Leaf) {
        let cell = bare(line, cell);
        let value = line.get(cell.clone()).unwrap_or_default();
        // Few digits behind a sign are a number.
        let is_negative = cell.start.checked_sub(1).and_then(|before| line.get(before)) == Some(&b'-');
        if !self.holds(value) || (is_negative && label::is_short(self.label())) {
            return;
        }
        let at = start + cell.start;
        self.label().iter().chain(b": ").for_each(|byte| leaf.push(*byte, at, at));
        value.iter().enumerate().for_each(|(place, byte)| leaf.push(*byte, at + place, at + place + 1));
        leaf.push(b'\n', at + value.len(), at + value.len());
    }

    /// True for one of passwords or keys.
    pub(super) fn is_secret(&self) -> bool {
        label::is_secret(self.label())
    }

    /// True for one of dates of birth.
    pub(super) fn is_birth(&self) -> bool {
        self.label() == label::BIRTH
    }

    fn label(&self) -> &[u8] {
        self.label.get(..usize::from(self.label_bytes)).unwrap_or_default()
    }

    /// False for what needs no name to be found, or is nothing with it.
    fn holds(&self, value: &[u8]) -> bool {
        let bytes_min = if label::is_short(self.label()) { CODE_BYTES_MIN } else { CELL_BYTES_MIN };
        (bytes_min..=CELL_BYTES_MAX).contains(&value.len())
            && (self.label() == label::PASSWORD || value.iter().any(u8::is_ascii_digit))
            && !matches!(value.first(), Some(b'+' | b'('))
    }
}
