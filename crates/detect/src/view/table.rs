//! The table lane: rows below a line of names, as CSV (RFC 4180), with tabs, semicolons or bars, or one value a line.
//!
//! A name stands far from most cells of its column. So the cells of columns whose names say that they hold something
//! personal or secret are written once more with the name before each, several rows at once, and scanned as a leaf of
//! their own. What rows are read together depends on the text alone.

use super::ViewId;
use super::map::Text;
use super::respell::{Leaf, Speller, Types};
use crate::block::{Kind, LineEnd, Places, Unnamed};
use crate::context::{self, Words};
use crate::entity::Finding;
use crate::set::DetectorSet;
use core::ops::Range;

/// Bytes of the longest line of a table.
const LINE_BYTES_MAX: usize = 1024;
/// Bytes of rows that are read together, if there are as many: a scan costs something whatever it brings.
const ROWS_BYTES: usize = 256;
/// Bytes of a column's name, and of what is kept of it.
const NAME_BYTES_MAX: usize = 40;
const LABEL_BYTES_MAX: usize = 32;
/// Columns of a table that are read; a table with more of that kind is none.
const COLUMNS_MAX: usize = 16;
/// Bytes of a cell that says something: of a code beside a card's number, and of anything else.
const CODE_BYTES_MIN: usize = 3;
const CELL_BYTES_MIN: usize = 6;
const CELL_BYTES_MAX: usize = 160;
/// Bytes of a line of a list.
const ITEM_BYTES_MAX: usize = 64;

/// Lines within a table that are no rows.
const MISFITS_MAX: usize = 4;

/// What parts the lines of a list.
const NOTHING: u8 = 0;

/// Words in the names of columns that are read: of what is told by its name more than by its form.
const LABELS: &Words = &Words::new(LABEL_WORDS);
#[rustfmt::skip]
const LABEL_WORDS: &[&[u8]] = &[
    b"password*", b"passwd", b"passwort", b"kennwort", b"contrase*", b"senha", b"pwd", b"pass", b"secret*", b"token*",
    b"api key*", b"apikey*", b"access key*", b"ssn*", b"social*", b"sin", b"ein", b"employer id*", b"tin", b"itin",
    b"tax*", b"vat*", b"passport*", b"licen*", b"driver*", b"account*", b"acct*", b"routing*", b"aba", b"bank*",
    b"konto*", b"cvv*", b"cvc*", b"csc", b"security code*", b"expir*", b"exp", b"dob", b"birth*", b"born", b"geb*",
    b"naissance", b"nacimiento", b"nascimento", b"nascita", b"medicare*", b"mbi", b"npi", b"dea", b"nhs*", b"nino",
    b"national*", b"insurance*", b"aadhaar*", b"pan", b"cpf", b"cnpj", b"nif", b"nie", b"dni", b"bsn", b"pesel",
    b"hetu", b"personnummer", b"tckn", b"kimlik", b"nric", b"rrn", b"imei", b"vin", b"lat*", b"lon*", b"lng", b"phone*",
    b"tel*", b"mobile*", b"cell*", b"fax*", b"identity*", b"abn", b"tfn", b"steuer*", b"codice fiscale",
    b"nir",
];

/// A table that is open.
#[derive(Debug)]
struct Head {
    mark: u8,
    cells: usize,
    columns: [Column; COLUMNS_MAX],
    count: usize,
}

/// A column that is read.
#[derive(Clone, Copy, Debug, Default)]
struct Column {
    place: usize,
    label: [u8; LABEL_BYTES_MAX],
    label_bytes: usize,
}

/// Where the lane stands in its text.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// The first byte of the line that is read next.
    pub(super) cursor: u64,
    /// The first byte of the rows that were not read yet, if there are any.
    rows: Option<u64>,
    head: Option<Box<Head>>,
    /// Lines behind the last row that are none.
    misfits: usize,
    /// The line at the cursor is the end of one that is too long.
    is_cut: bool,
}

impl Table {
    /// Reads what of `parent` is there, up to `end`; returns the hold.
    pub(super) fn read(
        &mut self,
        parent: &Text,
        end: u64,
        set: &DetectorSet,
        speller: &mut Speller,
        mut report: impl FnMut(Finding),
    ) -> u64 {
        let (indexed, base) = parent.scanner.indexed();
        let place = |offset: u64| usize::try_from(offset.saturating_sub(base)).unwrap_or(usize::MAX);
        let text = indexed.bytes().get(..place(end)).unwrap_or(indexed.bytes());
        let mut ends = Places::new(indexed, place(self.cursor), LineEnd);
        loop {
            let from = place(self.cursor);
            let rest = text.get(from..).unwrap_or_default();
            let Some(length) = ends.next().and_then(|end| end.checked_sub(from)).filter(|length| *length < rest.len())
            else {
                if rest.len() > LINE_BYTES_MAX {
                    self.close(parent, text, base, set, speller, &mut report);
                    (self.cursor, self.is_cut) = (end, true);
                }
                break;
            };
            let is_cut = core::mem::take(&mut self.is_cut) || length > LINE_BYTES_MAX;
            let line = text.get(from..from + length).unwrap_or_default();
            if self.takes(line, is_cut) {
                self.rows.get_or_insert(self.cursor);
            } else if let Some(head) = Head::of(line, indexed.bits(from, Unnamed)).filter(|_| !is_cut) {
                self.close(parent, text, base, set, speller, &mut report);
                self.head = Some(head);
            } else if self.head.is_some() && !self.bears(line) {
                self.close(parent, text, base, set, speller, &mut report);
            }
            self.cursor += length as u64 + 1;
            if rest.get(length) != Some(&b'\n') {
                self.close(parent, text, base, set, speller, &mut report);
            } else if self.rows.is_some_and(|rows| self.cursor - rows >= ROWS_BYTES as u64) {
                self.read_rows(parent, text, base, set, speller, &mut report);
            }
        }
        if self.head.is_some() { self.start().min(end) } else { end }
    }

    /// The first byte that is still needed.
    pub(super) fn start(&self) -> u64 {
        self.rows.unwrap_or(self.cursor)
    }

    /// True for a row of the table that is open.
    fn takes(&mut self, line: &[u8], is_cut: bool) -> bool {
        let takes = !is_cut && self.head.as_ref().is_some_and(|head| is_ruler(line) || head.has_row(line));
        self.misfits = if takes { 0 } else { self.misfits };
        takes
    }

    /// True for a line that is no row and ends no table, either: part of a cell of several lines, a remark.
    fn bears(&mut self, line: &[u8]) -> bool {
        self.misfits += 1;
        let is_list = self.head.as_ref().is_some_and(|head| head.mark == NOTHING);
        self.misfits <= MISFITS_MAX && !is_list && !line.trim_ascii().is_empty()
    }

    /// The table ends.
    fn close(
        &mut self,
        parent: &Text,
        text: &[u8],
        base: u64,
        set: &DetectorSet,
        speller: &mut Speller,
        report: &mut impl FnMut(Finding),
    ) {
        self.read_rows(parent, text, base, set, speller, report);
        (self.head, self.misfits) = (None, 0);
    }

    /// Reads the rows before the cursor.
    fn read_rows(
        &mut self,
        parent: &Text,
        text: &[u8],
        base: u64,
        set: &DetectorSet,
        speller: &mut Speller,
        report: &mut impl FnMut(Finding),
    ) {
        let (Some(rows), Some(head)) = (self.rows.take(), &self.head) else { return };
        let place = |offset: u64| usize::try_from(offset.saturating_sub(base)).unwrap_or(usize::MAX);
        let (from, to) = (place(rows), place(self.cursor).min(text.len()));
        speller.leaf.clear();
        speller.leaf.types = Types::Structured;
        let mut start = from;
        for line in text.get(from..to).unwrap_or_default().split(|byte| *byte == b'\n') {
            if head.has_row(line) {
                head.write(line, start, &mut speller.leaf);
            }
            start += line.len() + 1;
        }
        if speller.leaf.len() > 0 {
            speller.scan(set, parent, base, ViewId::TABLE, report);
        }
    }
}

impl Head {
    /// The names in a line, if it has nothing else and one of them is to be read.
    fn of(line: &[u8], unnamed: u64) -> Option<Box<Self>> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mark = mark_of(line, unnamed)?;
        let names = || Cells::of(line, mark).map(|cell| line.get(bare(line, cell)).unwrap_or_default());
        let is_named = |(place, name): (usize, &[u8])| is_name(name) || (place == 0 && name.is_empty());
        if !names().enumerate().all(is_named) || !names().any(|name| label(name).is_some()) {
            return None;
        }
        // One name parts nothing, unless it stands between bars.
        if mark != NOTHING && names().nth(1).is_none() && !(line.starts_with(b"|") && line.ends_with(b"|")) {
            return None;
        }
        let mut head = Box::new(Self { mark, cells: 0, columns: [Column::default(); COLUMNS_MAX], count: 0 });
        for name in names() {
            if let Some(label) = label(name) {
                let column = head.columns.get_mut(head.count)?;
                column.place = head.cells;
                column.label_bytes = label.len().min(LABEL_BYTES_MAX);
                column.label.iter_mut().zip(label).for_each(|(to, from)| *to = *from);
                head.count += 1;
            }
            head.cells += 1;
        }
        Some(head)
    }

    /// True for a line of as many cells; of a list, for a short one.
    fn has_row(&self, line: &[u8]) -> bool {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if self.mark == NOTHING {
            return is_item(line);
        }
        memchr::memchr(self.mark, line).is_some() && Cells::of(line, self.mark).count() == self.cells
    }

    /// Writes the cells of a row that begins at `start`, with their names.
    fn write(&self, line: &[u8], start: usize, leaf: &mut Leaf) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut columns = self.columns.iter().take(self.count).peekable();
        for (number, cell) in Cells::of(line, self.mark).enumerate() {
            let Some(column) = columns.next_if(|column| column.place == number) else { continue };
            let cell = bare(line, cell);
            let value = line.get(cell.clone()).unwrap_or_default();
            if !column.holds(value) {
                continue;
            }
            let at = start + cell.start;
            column.label().iter().chain(b": ").for_each(|byte| leaf.push(*byte, at, at));
            value.iter().enumerate().for_each(|(place, byte)| leaf.push(*byte, at + place, at + place + 1));
            leaf.push(b'\n', at + value.len(), at + value.len());
        }
    }
}

impl Column {
    fn label(&self) -> &[u8] {
        self.label.get(..self.label_bytes).unwrap_or_default()
    }

    /// False for what needs no name to be found, or is nothing with it.
    fn holds(&self, value: &[u8]) -> bool {
        let is_code = matches!(self.label().first(), Some(b'c' | b'C' | b's' | b'S' | b'e' | b'E'));
        let bytes_min = if is_code { CODE_BYTES_MIN } else { CELL_BYTES_MIN };
        (bytes_min..=CELL_BYTES_MAX).contains(&value.len())
            && value.iter().any(u8::is_ascii_digit)
            && !matches!(value.first(), Some(b'+' | b'('))
    }
}

/// The name of a column from the first of [`LABELS`] on.
fn label(name: &[u8]) -> Option<&[u8]> {
    let begins = |three: &[u8; 3]| {
        let (word, bit) = head_bit(three);
        HEADS.get(word).is_some_and(|bits| bits & bit != 0)
    };
    if !name.windows(3).filter_map(<[u8]>::first_chunk).any(begins) {
        return None;
    }
    context::from_word(name, LABELS)
}

/// The first three letters of all labels, a bit each: most words are told from them by these.
static HEADS: [u64; 64] = heads();

#[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
const fn heads() -> [u64; 64] {
    let mut heads = [0; 64];
    let mut rest = LABEL_WORDS;
    while let [word, tail @ ..] = rest {
        let (place, bit) = head_bit(&[word[0], word[1], word[2]]);
        heads[place] |= bit;
        rest = tail;
    }
    heads
}

/// Where the bit of three letters stands, whether they are capitals or not.
const fn head_bit(letters: &[u8; 3]) -> (usize, u64) {
    let [first, second, third] = *letters;
    let word = (first as usize * 7 + second as usize * 3) & 31 | (third as usize & 1) << 5;
    (word, 1 << ((second as u32 * 5 + third as u32) & 31 | (first as u32 & 1) << 5))
}

/// What parts the names in a line, given which of its first bytes stand in no name: the first of them; nothing, in a
/// line above a list. Most lines end here.
fn mark_of(line: &[u8], unnamed: u64) -> Option<u8> {
    let place = unnamed.trailing_zeros() as usize;
    let head = line.get(..place)?;
    match line.get(place)? {
        _ if place > NAME_BYTES_MAX + CELL_BYTES_MIN => None,
        mark @ (b'|' | b'\t' | b';' | b',') => Some(*mark),
        b':' => (is_title(line.get(place + 1..)?) && !head.ends_with(b"pass")).then_some(NOTHING),
        _ => None,
    }
}

/// True for what names a column. What begins with a digit is a value.
fn is_name(name: &[u8]) -> bool {
    let in_name = |byte: &u8| !Unnamed.holds(*byte) && !matches!(byte, b'"' | b'`' | b'*');
    name.first().is_some_and(|first| !first.is_ascii_digit())
        && name.len() <= NAME_BYTES_MAX
        && name.iter().all(in_name)
}

/// True for quotes, emphasis and spaces around a name or a value.
const fn is_dress(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b'*' | b'#' | b':')
}

/// The cells of a line. A mark between quotes parts nothing; bars at the ends of a line stand for nothing.
struct Cells<'a> {
    line: &'a [u8],
    mark: u8,
    /// Where the next cell begins, if there is one.
    next: Option<usize>,
    end: usize,
    has_quotes: bool,
}

impl<'a> Cells<'a> {
    fn of(line: &'a [u8], mark: u8) -> Self {
        let (mut from, mut end) = (0, line.len());
        if mark == b'|' {
            let kept = line.trim_ascii_end();
            let lead = line.len() - line.trim_ascii_start().len();
            from = lead + usize::from(line.get(lead) == Some(&b'|'));
            end = kept.len() - usize::from(kept.len() > from && kept.ends_with(b"|"));
        }
        let has_quotes = mark != b'|' && memchr::memchr(b'"', line).is_some();
        Self { line, mark, next: Some(from.min(end)), end, has_quotes }
    }

    /// The first mark at or behind `from` that stands between no quotes.
    fn mark_from(&self, from: usize) -> Option<usize> {
        let rest = self.line.get(from..self.end).unwrap_or_default();
        if self.mark == NOTHING {
            return None;
        }
        if !self.has_quotes {
            return memchr::memchr(self.mark, rest).map(|place| from + place);
        }
        let mut is_quoted = false;
        let place = rest.iter().position(|byte| {
            is_quoted ^= *byte == b'"';
            *byte == self.mark && !is_quoted
        });
        place.map(|place| from + place)
    }
}

impl Iterator for Cells<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let from = self.next?;
        let mark = self.mark_from(from);
        self.next = mark.map(|mark| mark + 1);
        Some(from..mark.unwrap_or(self.end))
    }
}

/// A cell without white space, quotes, emphasis, and what begins an item of a list.
fn bare(line: &[u8], cell: Range<usize>) -> Range<usize> {
    let text = line.get(cell.clone()).unwrap_or_default();
    let Some(first) = text.iter().position(|byte| !is_dress(*byte) && *byte != b'-') else { return cell.end..cell.end };
    let last = text.iter().rposition(|byte| !is_dress(*byte)).unwrap_or(first);
    cell.start + first..cell.start + last + 1
}

/// True for what may stand behind the colon of a line above a list: `Passports:`.
fn is_title(end: &[u8]) -> bool {
    end.iter().all(|byte| matches!(byte, b' ' | b'*'))
}

/// True for a line of a list: one word, or groups of digits.
fn is_item(line: &[u8]) -> bool {
    let item = line.get(bare(line, 0..line.len())).unwrap_or_default();
    let is_word = |part: &[u8]| part.len() > 2 && part.iter().all(u8::is_ascii_alphabetic);
    let has_words = item.contains(&b' ') && item.split(|byte| *byte == b' ').any(is_word);
    (1..=ITEM_BYTES_MAX).contains(&item.len()) && !has_words
}

/// True for the line between the names and the rows: `|---|:--:|`, `-----+----`.
fn is_ruler(line: &[u8]) -> bool {
    line.iter().all(|byte| b"|-:+= \r".contains(byte)) && line.contains(&b'-')
}
