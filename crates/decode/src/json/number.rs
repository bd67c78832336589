use super::Error;

/// Where in a number (RFC 8259 section 6) the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberPart {
    Start,
    Minus,
    /// Behind a leading zero, which nothing but a fraction or an exponent may follow.
    Zero,
    Integer,
    Point,
    Fraction,
    Exponent,
    ExponentSign,
    ExponentDigits,
}

impl NumberPart {
    /// How many leading bytes of `bytes` belong to the number, and where that leads.
    pub(super) fn run(self, bytes: &[u8]) -> Result<(usize, Self), Error> {
        let mut part = self;
        for (place, byte) in bytes.iter().enumerate() {
            match part.step(*byte) {
                Some(next) => part = next,
                None if is_number_byte(*byte) || !part.is_complete() => {
                    // The good bytes before a fault are reported first, whatever the split.
                    return if place == 0 { Err(Error::Number) } else { Ok((place, part)) };
                }
                None => return Ok((place, part)),
            }
        }
        Ok((bytes.len(), part))
    }

    /// True if the number may end here.
    pub(super) const fn is_complete(self) -> bool {
        matches!(self, Self::Zero | Self::Integer | Self::Fraction | Self::ExponentDigits)
    }

    const fn step(self, byte: u8) -> Option<Self> {
        Some(match (self, byte) {
            (Self::Start, b'-') => Self::Minus,
            (Self::Start | Self::Minus, b'0') => Self::Zero,
            (Self::Start | Self::Minus, b'1'..=b'9') | (Self::Integer, b'0'..=b'9') => Self::Integer,
            (Self::Zero | Self::Integer, b'.') => Self::Point,
            (Self::Point | Self::Fraction, b'0'..=b'9') => Self::Fraction,
            (Self::Zero | Self::Integer | Self::Fraction, b'e' | b'E') => Self::Exponent,
            (Self::Exponent, b'+' | b'-') => Self::ExponentSign,
            (Self::Exponent | Self::ExponentSign | Self::ExponentDigits, b'0'..=b'9') => Self::ExponentDigits,
            _ => return None,
        })
    }
}

/// True for bytes that can only be meant as part of the number before them.
const fn is_number_byte(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(text: &str) -> bool {
        let (mut part, mut rest) = (NumberPart::Start, text.as_bytes());
        while !rest.is_empty() {
            let Ok((count, next)) = part.run(rest) else { return false };
            part = next;
            rest = &rest[count..];
            if count == 0 {
                break;
            }
        }
        rest.is_empty() && part.is_complete()
    }

    #[test]
    fn numbers_follow_the_grammar() {
        for number in
            ["0", "-0", "10", "1.0", "-1.50", "1e5", "1E+05", "0e-0", "12.34e-56", "123456789012345678901234567890"]
        {
            assert!(accepted(number), "{number}");
        }
        for number in [
            "", "-", "00", "01", "-01", ".5", "1.", "1.e5", "1e", "1e+", "+1", "--1", "1.2.3", "1e5.0", "0x1", "1-2",
            "Infinity",
        ] {
            assert!(!accepted(number), "{number}");
        }
    }
}
