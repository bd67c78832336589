use crate::key::{ParseHexError, parse_hex, write_hex};
use core::fmt;
use core::str::FromStr;

/// The hash chain's value after an entry: it stands for every byte of the log up to there.
///
/// Each value is `BLAKE3(value before ‖ entry)`; a segment's header is chained like an entry, to
/// the end of the segment before it. What precedes the first header is [`ChainHash::ZERO`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChainHash([u8; 32]);

impl ChainHash {
    /// The value before the first segment of a log.
    pub const ZERO: Self = Self([0; 32]);

    /// A value as it is stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The value as it is stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The value after `entry`, which is given without its own hash and checksum.
    #[must_use]
    pub fn after(&self, entry: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.0);
        hasher.update(entry);
        Self(*hasher.finalize().as_bytes())
    }
}

impl fmt::Display for ChainHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(formatter, &self.0)
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ChainHash({self})")
    }
}

impl FromStr for ChainHash {
    type Err = ParseHexError;

    fn from_str(text: &str) -> Result<Self, ParseHexError> {
        parse_hex(text).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stands_for_what_came_before_and_for_its_order() {
        let [a, b] = [b"a", b"b"];
        let forward = ChainHash::ZERO.after(a).after(b);
        assert_ne!(forward, ChainHash::ZERO.after(b).after(a));
        assert_ne!(forward, ChainHash::ZERO.after(b"ab"));
        assert_eq!(forward.to_string().parse(), Ok(forward));
    }
}
