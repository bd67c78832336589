use super::Error;
use super::token::Found;
use crate::Input;

/// Reads one of the three names.
#[derive(Clone, Copy, Debug)]
pub(super) struct LiteralReader {
    name: Name,
    /// How many of its letters were read.
    matched: u8,
}

#[derive(Clone, Copy, Debug)]
enum Name {
    True,
    False,
    Null,
}

impl LiteralReader {
    /// A reader of the name that begins with this byte, if one does; the byte is still to be read.
    pub(super) const fn new(first: u8) -> Option<Self> {
        let name = match first {
            b't' => Name::True,
            b'f' => Name::False,
            b'n' => Name::Null,
            _ => return None,
        };
        Some(Self { name, matched: 0 })
    }

    /// The name's token once all of it was read.
    pub(super) fn read(&mut self, input: &mut Input<'_>) -> Result<Found, Error> {
        let (letters, token) = match self.name {
            Name::True => ("true", Found::True),
            Name::False => ("false", Found::False),
            Name::Null => ("null", Found::Null),
        };
        while let Some(expected) = letters.as_bytes().get(usize::from(self.matched)) {
            match input.peek() {
                None => return Ok(Found::Starved),
                Some(next) if next == *expected => {
                    input.take(1);
                    self.matched += 1;
                }
                Some(_) => return Err(Error::Literal),
            }
        }
        Ok(token)
    }
}
