use super::section::{Place, Section};
use super::{Error, FieldName};
use core::fmt;

/// One field line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name as it stands on the wire: a token, in any case.
    pub name: &'a [u8],
    /// The value without the white space around it; bytes from 0x80 on are possible.
    pub value: &'a [u8],
    /// Which field it is, if it is one that matters here.
    pub known: FieldName,
    /// The stream offset of the name.
    pub name_at: u64,
    /// The stream offset of the value.
    pub value_at: u64,
}

impl Field<'_> {
    /// True if the field has this name; case does not matter.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

impl fmt::Debug for Field<'_> {
    /// Shows the name and the value's length: the value may be a secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Field")
            .field("name", &self.name.escape_ascii().to_string())
            .field("value_len", &self.value.len())
            .field("name_at", &self.name_at)
            .field("value_at", &self.value_at)
            .finish()
    }
}

/// The fields of a head or a trailer section, in their order.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    section: &'a Section,
}

impl<'a> Fields<'a> {
    pub(super) const fn new(section: &'a Section) -> Self {
        Self { section }
    }

    /// All fields in their order.
    #[must_use]
    pub fn iter(self) -> FieldIter<'a> {
        FieldIter { section: self.section, places: self.section.places().iter() }
    }

    /// The section that the fields stand in, as it is on the wire.
    #[must_use]
    pub fn bytes(self) -> &'a [u8] {
        self.section.bytes()
    }

    /// The stream offset of that section's first byte.
    #[must_use]
    pub const fn start(self) -> u64 {
        self.section.start()
    }

    /// How many fields there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.section.places().len()
    }

    /// True if there are no fields.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.section.places().is_empty()
    }

    /// All fields of this name; case does not matter.
    pub fn named(self, name: &str) -> impl Iterator<Item = Field<'a>> {
        self.iter().filter(move |field| field.is(name))
    }

    /// All fields of this known name.
    pub fn known(self, name: FieldName) -> impl Iterator<Item = Field<'a>> {
        self.iter().filter(move |field| field.known == name)
    }

    /// The one field of this name, or none.
    ///
    /// # Errors
    /// [`Error::FieldRepeated`] if there are several: which of them counts, receivers decide
    /// differently.
    pub fn single(self, name: &str) -> Result<Option<Field<'a>>, Error> {
        let mut named = self.named(name);
        match (named.next(), named.next()) {
            (_, Some(_)) => Err(Error::FieldRepeated),
            (field, None) => Ok(field),
        }
    }
}

impl<'a> IntoIterator for Fields<'a> {
    type Item = Field<'a>;
    type IntoIter = FieldIter<'a>;

    fn into_iter(self) -> FieldIter<'a> {
        self.iter()
    }
}

/// Iterates over [`Fields`].
#[derive(Clone, Debug)]
pub struct FieldIter<'a> {
    section: &'a Section,
    places: core::slice::Iter<'a, Place>,
}

impl<'a> Iterator for FieldIter<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        let place = self.places.next()?;
        let at = |offset: u16| self.section.start().saturating_add(u64::from(offset));
        Some(Field {
            name: self.section.slice(place.name, place.colon),
            value: self.section.slice(place.value, place.end),
            known: place.known,
            name_at: at(place.name),
            value_at: at(place.value),
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.places.size_hint()
    }
}

impl ExactSizeIterator for FieldIter<'_> {}
