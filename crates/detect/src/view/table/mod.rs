//! The table lane: rows below a line of names, as CSV (RFC 4180), with tabs, semicolons or bars, aligned by spaces, or
//! one value a line; and lists behind a name.
//!
//! A name stands far from most cells of its column. So the cells of columns whose names say that they hold something
//! personal or secret are written once more with the name before each, several rows at once, and scanned as a leaf of
//! their own. What rows are read together depends on the text alone.

mod cells;
mod form;
mod label;
mod manifest;
mod schema;

use self::cells::{
    AMPERSAND, BARS, BRACKET, Cells, NOTHING, PARENTHESIS, SPACES, bare, cell_from, cell_to, characters, groups,
    is_item, is_parted, is_ruler, item, items,
};
use self::form::Form;
use self::manifest::{Manifest, Said};
use self::schema::Schema;
use super::ViewId;
use super::map::Text;
use super::respell::{Leaf, Origin, Speller, Types};
use crate::block::{self, BLOCK_BYTES, Kind, LineEnd, Parting, Places, Unnamed};
use crate::entity::Finding;
use crate::set::DetectorSet;
use core::ops::Range;

/// Bytes of the longest line of a table.
const LINE_BYTES_MAX: usize = 1024;
/// Bytes of rows that are read together, if there are as many: a scan costs something whatever it brings.
const ROWS_BYTES: usize = 256;
/// Bytes of a column's name, and of one that stands alone above a list.
const NAME_BYTES_MAX: usize = 40;
const TITLE_BYTES_MAX: usize = 32;
/// Columns of a table that are read; those behind them are not.
const COLUMNS_MAX: usize = 20;
/// Bytes of a cell that says something: of a code beside a card's number, and of anything else.
const CODE_BYTES_MIN: usize = 3;
const CELL_BYTES_MIN: usize = 6;
const CELL_BYTES_MAX: usize = 160;
/// Bytes of what may stand before the names: `Assistant`.
const PREFIX_BYTES_MAX: usize = 12;

/// Bytes between two strings of JSON: `"},{"`.
const LEAD_BYTES_MAX: usize = 5;

/// Words of a column's name, and of one that an indented line has alone.
const NAME_WORDS_MAX: usize = 6;
const INDENTED_WORDS_MAX: usize = 2;
/// Lines within a table that are no rows.
const MISFITS_MAX: usize = 4;

/// The head of a table.
#[derive(Clone, Debug, Default)]
struct Head {
    mark: u8,
    cells: usize,
    columns: [Column; COLUMNS_MAX],
    count: usize,
}

/// A column that is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Column {
    /// Its number; where columns are aligned, the characters before its name and up to the name's end.
    place: u16,
    end: u16,
    label: [u8; label::LABEL_BYTES_MAX],
    label_bytes: u8,
}

/// Where the lane stands in its text.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// The first byte of the line that is read next.
    pub(super) cursor: u64,
    /// The first byte of the rows that were not read yet, if there are any.
    rows: Option<u64>,
    /// The columns that the last statement which makes a table says it has.
    schema: Schema,
    manifest: Manifest,
    form: Form,
    /// The last table, and whether it is open.
    head: Head,
    is_open: bool,
    /// Lines behind the last row that are none.
    misfits: usize,
    /// No row has come yet.
    is_new: bool,
    /// The line at the cursor is the end of one that is too long.
    is_cut: bool,
}

/// The text that is read, and where findings go.
struct Reading<'a, R> {
    parent: &'a Text,
    text: &'a [u8],
    /// Offset of the text's first byte.
    base: u64,
    set: &'a DetectorSet,
    speller: &'a mut Speller,
    report: R,
}

impl<R: FnMut(Finding)> Reading<'_, R> {
    fn place(&self, offset: u64) -> usize {
        usize::try_from(offset.saturating_sub(self.base)).unwrap_or(usize::MAX)
    }

    /// Reads the rows of a table in these lines.
    fn read(&mut self, head: &Head, rows: Range<u64>) {
        // The last line's end, or its leaf's, is no part of it.
        let (from, to) = (self.place(rows.start), self.place(rows.end).min(self.text.len()).saturating_sub(1));
        self.speller.leaf.clear();
        self.speller.leaf.types = Types::Structured;
        let mut start = from;
        for line in self.text.get(from..to).unwrap_or_default().split(|byte| *byte == b'\n') {
            if line.len() <= LINE_BYTES_MAX && head.has_row(line) {
                head.write(line, start, &mut self.speller.leaf);
            }
            start += line.len() + 1;
        }
        self.scan();
    }

    /// Reads the list that stands behind a name in a line that begins at `start`, if there is one.
    fn read_list(&mut self, line: &[u8], unnamed: u64, start: usize) {
        let leaf = &mut self.speller.leaf;
        leaf.clear();
        leaf.types = Types::Structured;
        if let Some((column, from)) = list_of(line, unnamed).or_else(|| set_of(line, unnamed)) {
            items(line, from).for_each(|item| column.write(line, item, start, leaf));
        } else if let Some((column, cells)) = turned(line, unnamed) {
            cells.for_each(|cell| column.write(line, cell, start, leaf));
        } else if line.starts_with(PATIENT) {
            patient().write(line, start, leaf);
        } else {
            for (column, list) in members(line) {
                let items = line.get(list.clone()).unwrap_or_default();
                let cells = Cells::of_group(items, BRACKET);
                cells.for_each(|cell| column.write(items, cell, start + list.start, leaf));
            }
        }
        self.scan();
    }

    /// Reads the value of a form's field.
    fn read_field(&mut self, column: &Column, line: &[u8], start: usize) {
        let leaf = &mut self.speller.leaf;
        leaf.clear();
        leaf.types = Types::Structured;
        column.write(line, form::value(line), start, leaf);
        self.scan();
    }

    /// Reads what the lines of a secret's data hold.
    fn read_secrets(&mut self, lines: Range<usize>) {
        let leaf = &mut self.speller.leaf;
        leaf.clear();
        leaf.types = Types::Structured;
        let mut start = lines.start;
        for line in self.text.get(lines).unwrap_or_default().split(|byte| *byte == b'\n') {
            if let Some(value) = manifest::value(line)
                && let Some(column) = Column::new(0, label::PASSWORD)
            {
                column.write(line, value, start, leaf);
            }
            start += line.len() + 1;
        }
        self.scan();
    }

    fn scan(&mut self) {
        if self.speller.leaf.len() > 0 {
            let origin = Origin { set: self.set, parent: self.parent, base: self.base, view: ViewId::TABLE };
            self.speller.scan(&origin, &mut self.report);
        }
    }
}

impl Table {
    /// Reads what of `parent` is there, up to `end`; returns the hold.
    pub(super) fn read(
        &mut self,
        parent: &Text,
        end: u64,
        set: &DetectorSet,
        speller: &mut Speller,
        report: impl FnMut(Finding),
    ) -> u64 {
        let (indexed, base) = parent.scanner.indexed();
        let mut reading = Reading { parent, text: indexed.bytes(), base, set, speller, report };
        reading.text = reading.text.get(..reading.place(end)).unwrap_or(reading.text);
        let mut ends = Places::within(indexed, reading.place(self.cursor)..reading.text.len(), LineEnd);
        let mut next_end = ends.next();
        loop {
            if self.is_between() {
                self.skip_plain(&reading, indexed, &mut next_end, &mut ends);
            }
            let from = reading.place(self.cursor);
            let rest = reading.text.get(from..).unwrap_or_default();
            let length = next_end.and_then(|end| end.checked_sub(from)).filter(|length| *length < rest.len());
            if length.unwrap_or(rest.len()) > LINE_BYTES_MAX
                && let Some(part) = rest.get(..LINE_BYTES_MAX).filter(|_| !self.is_cut)
                && self.read_part(part, &mut reading)
            {
                continue;
            }
            let Some(length) = length else {
                let is_open = self.is_open || self.schema.is_open() || self.manifest.is_open() || self.form.is_open();
                if rest.len() > LINE_BYTES_MAX || (!is_open && is_no_head(rest, indexed.bits(from, Unnamed))) {
                    self.read_rows(&mut reading);
                    (self.cursor, self.is_cut) = (end, true);
                }
                break;
            };
            next_end = ends.next();
            // Below the last line of a leaf stands nothing.
            let is_last = rest.get(length) != Some(&b'\n');
            let unnamed = indexed.bits(from, Unnamed);
            let is_cut = core::mem::take(&mut self.is_cut) || length > LINE_BYTES_MAX;
            let line = rest.get(..length).filter(|_| !is_cut);
            if let Some(line) = line {
                self.schema.read(line);
                match self.manifest.read(line, self.cursor) {
                    Said::Nothing => {}
                    Said::Entry => reading.read_secrets(from..from + length),
                    Said::Entries(first) => reading.read_secrets(reading.place(first)..from),
                }
                match self.form.read(line) {
                    Some(column) => reading.read_field(&column, line, from),
                    None => reading.read_list(line, unnamed, from),
                }
            }
            let head_of = |line| {
                let statement = Head::of_statement(line, &self.schema);
                if is_last { statement } else { statement.or_else(|| Head::of(line, unnamed)) }
            };
            if let Some(head) = line.and_then(head_of) {
                self.take_head(head, &mut reading);
            } else if line.is_some_and(|line| self.has_row(line)) {
                self.rows.get_or_insert(self.cursor);
                (self.misfits, self.is_new) = (0, false);
            } else if self.is_open && !self.bears(rest.get(..length).unwrap_or_default()) {
                self.close(&mut reading);
            }
            self.cursor += length as u64 + 1;
            if is_last || line.is_none() {
                (self.manifest, self.form) = (Manifest::default(), Form::default());
            }
            if is_last {
                self.close(&mut reading);
            } else if is_cut || self.rows.is_some_and(|rows| self.cursor - rows >= ROWS_BYTES as u64) {
                self.read_rows(&mut reading);
            }
        }
        let is_kept = self.is_open || self.manifest.waits() || self.form.is_open();
        if is_kept { self.start().min(end) } else { end }
    }

    /// True if nothing is open that the next line may belong to.
    const fn is_between(&self) -> bool {
        !self.is_open && !self.is_cut && !self.schema.is_open() && !self.manifest.waits() && !self.form.is_open()
    }

    /// Passes over short lines at the cursor that have no list and no cells, name none of those below, and create no table:
    /// as is so of most strings and names in JSON.
    fn skip_plain<R: FnMut(Finding)>(
        &mut self,
        reading: &Reading<'_, R>,
        indexed: block::Text<'_>,
        next_end: &mut Option<usize>,
        ends: &mut Places<'_, LineEnd>,
    ) {
        let mut from = reading.place(self.cursor);
        while let Some(end) = next_end.filter(|end| *end < reading.text.len()) {
            let line = reading.text.get(from..end).unwrap_or_default();
            let is_last = reading.text.get(end) != Some(&b'\n');
            if !line.is_empty() && (!is_last || !is_plain(line, || indexed.bits(from, Parting))) {
                break;
            }
            if is_last {
                self.manifest = Manifest::default();
            }
            from = end + 1;
            *next_end = ends.next();
        }
        self.cursor = self.cursor.max(reading.base + from as u64);
    }

    /// Reads the rows at the beginning of a line that is too long, if it is one of a statement or of JSON with all of them;
    /// false if there are none.
    fn read_part<R: FnMut(Finding)>(&mut self, part: &[u8], reading: &mut Reading<'_, R>) -> bool {
        if let Some(head) = Head::of_statement(part, &self.schema) {
            self.take_head(head, reading);
        }
        if !self.is_open || !self.head.is_grouped() {
            return false;
        }
        let Some(last) = groups(part, self.head.mark).last() else { return false };
        let rows = self.rows.take().unwrap_or(self.cursor);
        self.cursor += last.end as u64 + 1;
        // Behind the last row there is more of the line.
        reading.read(&self.head, rows..self.cursor + 1);
        (self.misfits, self.is_new) = (0, false);
        true
    }

    /// The first byte that is still needed.
    pub(super) fn start(&self) -> u64 {
        let rows = self.rows.unwrap_or(self.cursor);
        self.manifest.pending().map_or(rows, |pending| pending.min(rows))
    }

    /// A line of names stands at the cursor: of a new table, or more names for the columns of the one that is open, which
    /// may have ended without a word or have such a row.
    fn take_head<R: FnMut(Finding)>(&mut self, head: Head, reading: &mut Reading<'_, R>) {
        if self.is_open && self.head.is_like(&head) {
            self.read_rows(reading);
            self.head.add(&head);
        } else {
            self.close(reading);
            (self.head, self.is_open, self.is_new) = (head, true, true);
        }
        self.misfits = 0;
        // A statement has its first rows with it.
        self.rows = self.head.is_grouped().then_some(self.cursor);
    }

    /// True for a row of the table that is open.
    fn has_row(&self, line: &[u8]) -> bool {
        self.is_open && (is_ruler(line) || self.head.has_row(line))
    }

    /// True for a line that is no row and ends no table, either: part of a cell of several lines, a remark, a blank.
    fn bears(&mut self, line: &[u8]) -> bool {
        self.misfits += 1;
        // A blank may stand between a list and what is above it, and nothing within the list.
        if self.head.mark == NOTHING {
            return self.misfits == 1 && self.is_new && line.trim_ascii().is_empty();
        }
        self.misfits <= MISFITS_MAX
    }

    /// The table ends.
    fn close<R: FnMut(Finding)>(&mut self, reading: &mut Reading<'_, R>) {
        self.read_rows(reading);
        (self.is_open, self.misfits) = (false, 0);
    }

    /// Reads the rows before the cursor.
    fn read_rows<R: FnMut(Finding)>(&mut self, reading: &mut Reading<'_, R>) {
        if let Some(rows) = self.rows.take()
            && self.is_open
        {
            reading.read(&self.head, rows..self.cursor);
        }
    }
}

impl Head {
    /// The names in a line, if it has nothing else, but for what may stand before a pasted one, and one of them is to be
    /// read.
    fn of(line: &[u8], unnamed: u64) -> Option<Self> {
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
        Self::of_names(names, names.iter().copied().find(|byte| is_mark(*byte))?)
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
        let mut head = Self { mark, ..Self::default() };
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

    fn push(&mut self, column: Column) {
        if let Some(room) = self.columns.get_mut(self.count) {
            *room = column;
            self.count += 1;
        }
    }

    /// True for the head of a table whose rows are as long and parted alike.
    const fn is_like(&self, other: &Self) -> bool {
        self.mark == other.mark && self.cells == other.cells
    }

    /// Columns are read under these names, too.
    fn add(&mut self, other: &Self) {
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
    fn of_statement(line: &[u8], schema: &Schema) -> Option<Self> {
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
    const fn is_grouped(&self) -> bool {
        matches!(self.mark, PARENTHESIS | BRACKET)
    }

    /// True for a line of as many cells; of a list, for a short one.
    fn has_row(&self, line: &[u8]) -> bool {
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
    fn write(&self, line: &[u8], start: usize, leaf: &mut Leaf) {
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

    /// Writes the cells that begin or end where a column's name does.
    fn write_aligned(&self, line: &[u8], start: usize, leaf: &mut Leaf) {
        for column in self.columns() {
            column.aligned(line).into_iter().for_each(|cell| column.write(line, cell, start, leaf));
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

impl Column {
    /// The column at this place; none if there is no room for its name.
    fn new(place: usize, label: &[u8]) -> Option<Self> {
        let mut column =
            Self { place: u16::try_from(place).ok()?, label_bytes: u8::try_from(label.len()).ok()?, ..Self::default() };
        column.label.get_mut(..label.len())?.copy_from_slice(label);
        Some(column)
    }

    /// What stands in a line where the column's name begins or ends.
    fn aligned(&self, line: &[u8]) -> Option<Range<usize>> {
        cell_from(line, self.place).or_else(|| cell_to(line, self.end))
    }

    /// Writes a cell of a line that begins at `start`, with the column's name before it.
    fn write(&self, line: &[u8], cell: Range<usize>, start: usize, leaf: &mut Leaf) {
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

/// True for a short line without what parts names or cells, or opens a list, which creates no table.
fn is_plain(line: &[u8], parts: impl FnOnce() -> u64) -> bool {
    // Where a string or an object begins stands what parts it from the one before.
    let is_between = |byte: &u8| matches!(byte, b',' | b'{' | b'}' | b'"');
    let lead = line.iter().take(LEAD_BYTES_MAX).take_while(|byte| is_between(byte)).count();
    let length = line.len();
    length <= BLOCK_BYTES && length <= (parts() >> lead << lead).trailing_zeros() as usize && !schema::begins(line)
}

/// What parts the names in a line, given which of its first bytes stand in no name: the first of them; nothing, in a
/// line above a list. Most lines end here.
fn mark_of(line: &[u8], unnamed: u64) -> Option<u8> {
    let place = unnamed.trailing_zeros() as usize;
    let head = line.get(..place)?;
    match line.get(place) {
        // A program's lines are aligned, too.
        _ if head.starts_with(b"#define ") => None,
        None if is_parted(head) => Some(SPACES),
        // What is known of a long line.
        Some(_) if place == BLOCK_BYTES => is_parted(head).then_some(SPACES),
        _ if place > NAME_BYTES_MAX + CELL_BYTES_MIN => None,
        Some(mark) if is_mark(*mark) => Some(*mark),
        Some(b':' | b'=') => (is_bare(line.get(place + 1..)?) && !head.ends_with(b"pass")).then_some(NOTHING),
        // What a list is of may stand alone; a program's words do, too.
        None if (CODE_BYTES_MIN..=TITLE_BYTES_MAX).contains(&place) => {
            matches!(head, [b'A'..=b'Z' | b'#' | b'*', ..]).then_some(NOTHING)
        }
        _ => None,
    }
}

/// The name of a list in a line, and where the list begins: `Passports: A, B`, `"ssns": ["A", "B"]`.
fn list_of(line: &[u8], unnamed: u64) -> Option<(Column, usize)> {
    let (mut rest, mut from) = (unnamed, 0);
    // An object's first name stands behind its brace, and behind what indents it.
    let place = loop {
        let place = rest.trailing_zeros() as usize;
        if !matches!(line.get(place)?, b'{' | b'\t') || !line.get(from..place)?.trim_ascii().is_empty() {
            break place;
        }
        (rest, from) = (rest & rest.wrapping_sub(1), place + 1);
    };
    match line.get(place)? {
        b':' | b'=' if place <= from + NAME_BYTES_MAX + CELL_BYTES_MIN => {
            memchr::memchr(b',', line.get(place..)?)?;
            let name = line.get(bare(line, from..place)).filter(|name| is_name(name))?;
            Some((Column::new(0, label::of(name)?)?, place + 1))
        }
        _ => None,
    }
}

/// The name in the first cell of a row whose other cells it names, and those: `| SSN | A | B |`, `ssn,A,B`.
fn turned(line: &[u8], unnamed: u64) -> Option<(Column, impl Iterator<Item = Range<usize>>)> {
    let mut place = unnamed.trailing_zeros() as usize;
    if place == 0 && line.first() == Some(&b'|') {
        place = (unnamed & unnamed.wrapping_sub(1)).trailing_zeros() as usize;
    }
    let mark = *line.get(place).filter(|mark| is_mark(**mark) && place <= NAME_BYTES_MAX)?;
    // So are arguments in programs parted.
    let is_code = || line.starts_with(b" ") || line.ends_with(b",") || memchr::memchr2(b'(', b')', line).is_some();
    if matches!(mark, b',' | b';') && is_code() {
        return None;
    }
    let mut cells = Cells::of(line, mark);
    let name = line.get(bare(line, cells.next()?)).filter(|name| is_name(name))?;
    if name.iter().any(u8::is_ascii_digit) {
        return None;
    }
    let column = Column::new(0, label::of(name)?)?;
    // A name before others is a head's.
    let is_name = |cell| line.get(bare(line, cell)).is_none_or(|text| !text.iter().any(u8::is_ascii_digit));
    (!cells.clone().all(is_name)).then_some((column, cells))
}

/// The lists of JSON's members in a line whose names say that they hold something, `{"ids": [...], "ssn": ["A", "B"]}`,
/// and their names.
fn members(line: &[u8]) -> impl Iterator<Item = (Column, Range<usize>)> {
    let may_have = matches!(line.first(), Some(b'{' | b'[')) || may_be_list(line);
    let lists = may_have.then(|| groups(line, BRACKET)).into_iter().flatten();
    lists.filter_map(|list| {
        let before = line.get(..list.start - 1)?.trim_ascii_end().strip_suffix(b":")?.trim_ascii_end();
        let quote = *before.last().filter(|quote| matches!(quote, b'"' | b'\''))?;
        let text = before.get(..before.len() - 1)?;
        let name = text.get(memchr::memrchr(quote, text)? + 1..).filter(|name| is_name(name))?;
        Some((Column::new(0, label::of(name)?)?, list))
    })
}

/// What a patient's segment begins with (HL7 version 2, chapter 3: PID).
const PATIENT: &[u8] = b"PID|";

/// Its fields that say something by their place: date of birth, SSN.
fn patient() -> Head {
    let mut head = Head { mark: b'|', ..Head::default() };
    for (place, name) in [(7, label::BIRTH), (19, label::SSN)] {
        Column::new(place, name).into_iter().for_each(|column| head.push(column));
    }
    head
}

/// The same of a set of SQL: `WHERE ssn IN ('A', 'B')`.
fn set_of(line: &[u8], unnamed: u64) -> Option<(Column, usize)> {
    let place = unnamed.trailing_zeros() as usize;
    let may_be_set = place >= BLOCK_BYTES || matches!(line.get(place)?, b',' | b'=' | b'<' | b'>');
    if !may_be_set || !is_statement(line) {
        return None;
    }
    let place = [b" IN (", b" in ("].iter().find_map(|set| memchr::memmem::find(line, *set))?;
    let name = line.get(..place)?.rsplit(|byte| matches!(byte, b' ' | b'.' | b'(')).next()?;
    Some((Column::new(0, label::of(name)?)?, place + b" IN (".len()))
}

/// True for a line that begins, or may once more of it is there, as those of a statement of SQL do that may have a set,
/// columns, or rows.
fn is_statement(line: &[u8]) -> bool {
    const BEGINNINGS: [&[u8; 3]; 9] = [b"sel", b"del", b"upd", b"whe", b"and", b"or ", b"ins", b"cop", b"cre"];
    let begins = line.trim_ascii_start().first_chunk::<3>();
    begins.is_none_or(|begins| BEGINNINGS.iter().any(|known| known.eq_ignore_ascii_case(begins)))
}

/// True for a line whose first bytes tell that it has no names, whatever follows them.
fn is_no_head(line: &[u8], unnamed: u64) -> bool {
    // What a string in JSON ends with is not known yet.
    let is_json = matches!(line.first(), Some(b'{' | b'['));
    line.len() >= BLOCK_BYTES
        && !is_json
        && !may_be_list(line)
        && !is_statement(line)
        && !matches!(line.get(unnamed.trailing_zeros() as usize), Some(b'!' | b'&'))
        && mark_of(line, unnamed).is_none()
        && behind_prefix(line, unnamed).is_none()
}

/// True for a line in which a list may stand; where its first item ends is not known yet.
fn may_be_list(line: &[u8]) -> bool {
    memchr::memchr2(b':', b'=', line.get(..BLOCK_BYTES).unwrap_or(line)).is_some()
}

/// True for a string of JSON.
fn is_string(cell: &[u8]) -> bool {
    matches!(cell.trim_ascii(), [b'"', .., b'"'])
}

/// True if a text begins, or ends, with these small letters or their capitals.
fn begins(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
}

fn ends(text: &[u8], word: &[u8]) -> bool {
    text.len() >= word.len() && text.get(text.len() - word.len()..).is_some_and(|tail| tail.eq_ignore_ascii_case(word))
}

/// The names behind what may stand before a line that was pasted: who says it, the mark of a quotation or a change, the
/// beginning of a string in JSON.
fn behind_prefix(line: &[u8], unnamed: u64) -> Option<&[u8]> {
    let place = unnamed.trailing_zeros() as usize;
    match line.get(place)? {
        // An address of the web has slashes there.
        b':' | b'>' | b'+' if place <= PREFIX_BYTES_MAX => {
            line.get(place + 1..).filter(|rest| !rest.starts_with(b"//"))
        }
        b'{' | b'[' if place == 0 => {
            let is_other = |byte: &u8| Unnamed.holds(*byte) && !is_mark(*byte);
            let rest = line.get(line.iter().rposition(is_other)? + 1..)?;
            rest.trim_ascii_start().strip_prefix(b"\"")
        }
        _ => None,
    }
}

const fn is_mark(byte: u8) -> bool {
    matches!(byte, b'|' | b'\t' | b';' | b',')
}

/// True for what stands behind the words of texts that are tagged, one a line: `O`, `B-PER`, `I-location`.
fn is_tag(name: &[u8]) -> bool {
    matches!(name, b"O" | [b'B' | b'I' | b'E' | b'S', b'-', b'A'..=b'Z' | b'a'..=b'z', ..])
}

/// How many words a name has.
fn words(name: &[u8]) -> usize {
    name.split(|byte| *byte == b' ').count()
}

/// True for nothing but spaces, emphasis, and what begins a list.
fn is_bare(text: &[u8]) -> bool {
    text.iter().all(|byte| matches!(byte, b' ' | b'*' | b'[' | b'(' | b'{'))
}

/// True for what names a column. What begins with a digit is a value.
fn is_name(name: &[u8]) -> bool {
    let in_name = |byte: &u8| !Unnamed.holds(*byte) && !matches!(byte, b'"' | b'`' | b'*');
    name.first().is_some_and(|first| !first.is_ascii_digit())
        && name.len() <= NAME_BYTES_MAX
        && name.iter().all(in_name)
}
