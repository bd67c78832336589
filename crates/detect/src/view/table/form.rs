//! Fields of forms (multipart/form-data, RFC 7578): the name stands in a header, the value behind an empty line.

use super::cells::bare;
use super::{Column, label};
use core::ops::Range;

/// What begins the header that names a field.
const HEADER: &[u8] = b"content-disposition:";
/// What begins the line between two fields.
const DELIMITER: &[u8] = b"--";

/// The field whose value comes next, if it is one that is read.
#[derive(Debug, Default)]
pub(super) struct Form {
    column: Option<Column>,
    is_behind_headers: bool,
}

impl Form {
    /// True if the next line belongs to such a field.
    pub(super) const fn is_open(&self) -> bool {
        self.column.is_some()
    }

    /// Takes the next line; returns the field whose value it is.
    pub(super) fn read(&mut self, line: &[u8]) -> Option<Column> {
        let text = line.strip_suffix(b"\r").unwrap_or(line);
        if matches!(text.first(), Some(b'C' | b'c')) && super::begins(text, HEADER) {
            *self = Self { column: name(text).and_then(column), is_behind_headers: false };
            return None;
        }
        self.column?;
        if self.is_behind_headers {
            return core::mem::take(self).column.filter(|_| !text.starts_with(DELIMITER));
        }
        self.is_behind_headers = text.is_empty();
        if !text.is_empty() && !text.contains(&b':') {
            *self = Self::default();
        }
        None
    }
}

/// The value of the parameter `name`.
fn name(header: &[u8]) -> Option<&[u8]> {
    header.split(|byte| *byte == b';').find_map(|parameter| {
        let parameter = parameter.trim_ascii();
        let value = parameter.get(b"name=".len()..).filter(|_| super::begins(parameter, b"name="))?;
        value.get(bare(value, 0..value.len()))
    })
}

/// What a field of this name holds.
fn column(name: &[u8]) -> Option<Column> {
    let known = label::of(name).or_else(|| label::is_pass(name).then_some(label::PASSWORD))?;
    Column::new(0, known)
}

/// The value in a line, without what ends it.
pub(super) fn value(line: &[u8]) -> Range<usize> {
    0..line.strip_suffix(b"\r").unwrap_or(line).len()
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn the_line_behind_the_headers_is_the_value_of_what_they_name() {
        let value_of = |lines: &str| {
            let mut form = Form::default();
            lines.split('\n').find(|line| form.read(line.as_bytes()).is_some()).map(str::to_owned)
        };
        for (lines, expected) in [
            ("Content-Disposition: form-data; name=\"password\"\r\n\r\nhunter\r", Some("hunter\r")),
            ("content-disposition: form-data; name=api_key\nContent-Type: text/plain\n\nabc", Some("abc")),
            ("Content-Disposition: form-data; name=\"db_pass\"\r\n\r\nabc\r", Some("abc\r")),
            ("Content-Disposition: form-data; name=\"note\"\r\n\r\nabc\r", None),
            ("Content-Disposition: form-data; name=\"password\"\r\n\r\n--b\r", None),
            ("Content-Disposition: form-data; name=\"password\"\nwords\n\nabc", None),
            ("Content-Disposition: form-data; filename=\"password\"\n\nabc", None),
        ] {
            assert_eq!(value_of(lines).as_deref(), expected, "{lines}");
        }
    }
}
