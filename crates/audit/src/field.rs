//! Tagged fields: `tag u16, length u16, value`, little endian, tags ascending.
//!
//! Reading is total: what is not a field is `None`, never a panic, and nothing is allocated.

/// Appends fields to an entry.
pub(crate) struct FieldWriter<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> FieldWriter<'a> {
    pub(crate) const fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out }
    }

    /// Appends a field whose value is `parts`, one behind the other.
    pub(crate) fn parts(&mut self, tag: u16, parts: &[&[u8]]) {
        let len: usize = parts.iter().map(|part| part.len()).sum();
        #[expect(clippy::cast_possible_truncation, reason = "the longest value is a path")]
        let len = len as u16;
        self.out.extend_from_slice(&tag.to_le_bytes());
        self.out.extend_from_slice(&len.to_le_bytes());
        for part in parts {
            self.out.extend_from_slice(part);
        }
    }

    pub(crate) fn bytes(&mut self, tag: u16, value: &[u8]) {
        self.parts(tag, &[value]);
    }

    /// Appends a text; the empty text is no field.
    pub(crate) fn text(&mut self, tag: u16, value: &str) {
        if !value.is_empty() {
            self.bytes(tag, value.as_bytes());
        }
    }

    pub(crate) fn u8(&mut self, tag: u16, value: u8) {
        self.bytes(tag, &[value]);
    }

    pub(crate) fn u16(&mut self, tag: u16, value: u16) {
        self.bytes(tag, &value.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, tag: u16, value: u64) {
        self.bytes(tag, &value.to_le_bytes());
    }
}

/// One field as it stands in an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    pub(crate) tag: u16,
    pub(crate) value: &'a [u8],
}

impl Field<'_> {
    pub(crate) fn u8(&self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(crate) fn u16(&self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u64(&self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// The value, if it has exactly `N` bytes.
    pub(crate) fn array<const N: usize>(&self) -> Option<[u8; N]> {
        self.value.try_into().ok()
    }
}

/// Takes the field at the front of `bytes`; `None` if there is no whole one.
pub(crate) fn split_field<'a>(bytes: &mut &'a [u8]) -> Option<Field<'a>> {
    let (tag, rest) = bytes.split_first_chunk::<2>()?;
    let (len, rest) = rest.split_first_chunk::<2>()?;
    let (value, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*len)))?;
    *bytes = rest;
    Some(Field { tag: u16::from_le_bytes(*tag), value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_back_as_they_were_written() {
        let mut out = Vec::new();
        let mut fields = FieldWriter::new(&mut out);
        fields.u8(1, 7);
        fields.text(2, "");
        fields.text(3, "abc");
        fields.parts(4, &[b"x", b"yz"]);
        let mut bytes = out.as_slice();
        assert_eq!(split_field(&mut bytes).and_then(|field| field.u8()), Some(7));
        assert_eq!(split_field(&mut bytes), Some(Field { tag: 3, value: b"abc" }));
        assert_eq!(split_field(&mut bytes), Some(Field { tag: 4, value: b"xyz" }));
        assert!(bytes.is_empty());
    }

    #[test]
    fn a_cut_field_is_no_field() {
        let whole = [5, 0, 2, 0, 1, 2];
        for cut in 0..whole.len() {
            assert_eq!(split_field(&mut &whole[..cut]), None);
        }
    }
}
