//! The table lane: rows below a line of names, as CSV (RFC 4180), with tabs, semicolons or bars, aligned by spaces, or
//! one value a line; and lists behind a name.
//!
//! A name stands far from most cells of its column. So the cells of columns whose names say that they hold something
//! personal or secret are written once more with the name before each, several rows at once, and scanned as a leaf of
//! their own. What rows are read together depends on the text alone.

mod cells;
mod form;
mod head;
mod label;
mod manifest;
mod question;
mod schema;

use self::cells::{BRACKET, Cells, NOTHING, SPACES, bare, groups, is_parted, is_ruler, items};
use self::form::Form;
use self::head::{Column, Head};
use self::manifest::{Manifest, Said};
use self::question::Question;
use self::schema::Schema;
use super::ViewId;
use super::map::Text;
use super::respell::{Origin, Speller, Types};
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
/// Bytes of a cell that says something: of a code beside a card's number, and of anything else.
const CODE_BYTES_MIN: usize = 3;
const CELL_BYTES_MIN: usize = 6;
/// Bytes of what may stand before the names: `Assistant`, `Please convert this to JSON`.
const PREFIX_BYTES_MAX: usize = 40;

/// Bytes between two strings of JSON: `"},{"`.
const LEAD_BYTES_MAX: usize = 5;
/// Lines within a table that are no rows.
const MISFITS_MAX: usize = 4;

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
    question: Question,
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
        } else if let Some(head) = segment(line) {
            head.write(line, start, leaf);
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

    /// Reads the answer in a line that begins at `start`, if one was asked for, and what it asks and answers itself.
    fn read_answers(&mut self, question: &mut Question, line: Option<&[u8]>, lines: Range<usize>, is_last: bool) {
        let head = self.text.get(..lines.end).unwrap_or_default();
        let answer = question.read(line, head, is_last);
        let Some(line) = line else { return };
        let leaf = &mut self.speller.leaf;
        leaf.clear();
        leaf.types = Types::Structured;
        let answers = answer.into_iter().chain(question::in_json(line));
        answers.for_each(|(column, range)| column.write(line, range, lines.start, leaf));
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
                && self.read_part(part, indexed.bits(from, Unnamed), &mut reading)
            {
                continue;
            }
            let Some(length) = length else {
                let is_open = self.is_open
                    || self.schema.is_open()
                    || self.manifest.is_open()
                    || self.form.is_open()
                    || self.question.is_open();
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
            reading.read_answers(&mut self.question, line, from..from + length, is_last);
            let head_of = |line| {
                let statement = Head::of_statement(statement_in(line, unnamed), &self.schema);
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
        let is_kept = self.is_open || self.manifest.waits() || self.form.is_open() || self.question.is_open();
        if is_kept { self.start().min(end) } else { end }
    }

    /// True if nothing is open that the next line may belong to.
    const fn is_between(&self) -> bool {
        !self.is_open
            && !self.is_cut
            && !self.schema.is_open()
            && !self.manifest.waits()
            && !self.form.is_open()
            && !self.question.is_open()
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
    fn read_part<R: FnMut(Finding)>(&mut self, part: &[u8], unnamed: u64, reading: &mut Reading<'_, R>) -> bool {
        if let Some(head) = Head::of_statement(statement_in(part, unnamed), &self.schema) {
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

/// True for a short line without what parts names or cells, or opens a list, which creates no table and asks nothing.
fn is_plain(line: &[u8], parts: impl FnOnce() -> u64) -> bool {
    // Where a string or an object begins stands what parts it from the one before.
    let is_between = |byte: &u8| matches!(byte, b',' | b'{' | b'}' | b'"');
    let lead = line.iter().take(LEAD_BYTES_MAX).take_while(|byte| is_between(byte)).count();
    let length = line.len();
    // What asks is answered in a line of its own.
    length <= BLOCK_BYTES
        && !question::may_ask(line)
        && length <= (parts() >> lead << lead).trailing_zeros() as usize
        && !schema::begins(line)
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

/// Fields that say something by their place.
type Fields = &'static [(u16, &'static [u8])];

/// What segments of persons begin with, and their fields: date of birth, SSN (HL7 version 2.5.1, sections 3.4.2, 3.4.5, 6.5.5
/// and 6.5.6).
const SEGMENTS: &[(&[u8], Fields)] = &[
    (b"PID|", &[(7, label::BIRTH), (19, label::SSN)]),
    (b"NK1|", &[(16, label::BIRTH), (37, label::SSN)]),
    (b"GT1|", &[(8, label::BIRTH), (12, label::SSN)]),
    (b"IN1|", &[(18, label::BIRTH)]),
];

/// The fields of a line that is such a segment.
fn segment(line: &[u8]) -> Option<Head> {
    let (_, fields) = SEGMENTS.iter().find(|(name, _)| line.starts_with(name))?;
    let mut head = Head::parted_by(b'|');
    for (place, name) in *fields {
        Column::new(usize::from(*place), name).into_iter().for_each(|column| head.push(column));
    }
    Some(head)
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

/// The same behind a sentence: `Hi! INSERT INTO ...`, `Explain: COPY ...`, `See: {"columns": ...`.
fn statement_in(line: &[u8], unnamed: u64) -> &[u8] {
    let place = unnamed.trailing_zeros() as usize;
    let is_end = place <= PREFIX_BYTES_MAX && matches!(line.get(place), Some(b':' | b'!' | b'?'));
    let rest = line.get(place + 1..).filter(|rest| is_end && rest.starts_with(b" ")).unwrap_or_default();
    let rest = rest.trim_ascii_start();
    // The first word may not be there as a whole yet.
    let may_begin = |word: &[u8]| begins(rest, word.get(..rest.len().min(word.len())).unwrap_or_default());
    let is_statement = matches!(rest.first(), Some(b'{' | b'[')) || may_begin(b"insert ") || may_begin(b"copy ");
    if !rest.is_empty() && is_statement { rest } else { line }
}

/// True for a line whose first bytes tell that it has no names, whatever follows them.
fn is_no_head(line: &[u8], unnamed: u64) -> bool {
    // What a string in JSON ends with is not known yet.
    let is_json = matches!(line.first(), Some(b'{' | b'['));
    line.len() >= BLOCK_BYTES
        && !is_json
        && !may_be_list(line)
        && !is_statement(line)
        && statement_in(line, unnamed).len() == line.len()
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
        b':' | b'>' | b'+' | b'!' | b'?' if place <= PREFIX_BYTES_MAX => {
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
