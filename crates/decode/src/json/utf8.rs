//! UTF-8 across pieces: the middle of a character may be where the input was cut.

use super::Error;
use crate::scan;

/// What is still missing of a character whose first bytes ended a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Utf8 {
    missing: u8,
    /// What the next byte may be.
    low: u8,
    high: u8,
}

const CONTINUATION: (u8, u8) = (0x80, 0xbf);

impl Utf8 {
    /// Nothing is missing.
    pub(super) const fn complete() -> Self {
        Self { missing: 0, low: CONTINUATION.0, high: CONTINUATION.1 }
    }

    pub(super) const fn is_complete(self) -> bool {
        self.missing == 0
    }

    /// How many leading bytes of `bytes` finish the character, or go on with it to their end.
    pub(super) fn finish(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        let wanted = usize::from(self.missing);
        for byte in bytes.iter().take(wanted) {
            *self = self.step(*byte)?;
        }
        Ok(wanted.min(bytes.len()))
    }

    /// Checks a run of whole characters; its last one may be cut off if `cut` says that the input
    /// ends with the run.
    pub(super) fn check(&mut self, run: &[u8], cut: bool) -> Result<(), Fault> {
        if scan::is_ascii(run) {
            return Ok(());
        }
        let Err(error) = core::str::from_utf8(run) else { return Ok(()) };
        let valid = error.valid_up_to();
        if !cut || error.error_len().is_some() {
            return Err(Fault { valid });
        }
        for byte in run.get(valid..).unwrap_or_default() {
            *self = self.step(*byte).map_err(|_| Fault { valid })?;
        }
        Ok(())
    }

    /// One more byte of a character (RFC 3629 section 4).
    fn step(self, byte: u8) -> Result<Self, Error> {
        if self.missing > 0 {
            let good = (self.low..=self.high).contains(&byte);
            let (low, high) = CONTINUATION;
            return if good { Ok(Self { missing: self.missing - 1, low, high }) } else { Err(Error::Utf8) };
        }
        let (missing, (low, high)) = match byte {
            0x00..=0x7f => (0, CONTINUATION),
            0xc2..=0xdf => (1, CONTINUATION),
            0xe0 => (2, (0xa0, 0xbf)),
            0xed => (2, (0x80, 0x9f)),
            0xe1..=0xef => (2, CONTINUATION),
            0xf0 => (3, (0x90, 0xbf)),
            0xf4 => (3, (0x80, 0x8f)),
            0xf1..=0xf3 => (3, CONTINUATION),
            _ => return Err(Error::Utf8),
        };
        Ok(Self { missing, low, high })
    }
}

/// A run that is no UTF-8 from here on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) valid: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(bytes: &[u8]) -> bool {
        let steps = bytes.iter().try_fold(Utf8::complete(), |utf8, byte| utf8.step(*byte));
        steps.is_ok_and(Utf8::is_complete)
    }

    #[test]
    fn the_steps_agree_with_the_standard_library() {
        for first in 0..=u8::MAX {
            for second in 0..=u8::MAX {
                let two = [first, second];
                assert_eq!(accepted(&two), core::str::from_utf8(&two).is_ok(), "{two:x?}");
                for third in [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff] {
                    let three = [first, second, third];
                    assert_eq!(accepted(&three), core::str::from_utf8(&three).is_ok(), "{three:x?}");
                    for fourth in [0x7f, 0x80, 0xbf, 0xc0] {
                        let four = [first, second, third, fourth];
                        assert_eq!(accepted(&four), core::str::from_utf8(&four).is_ok(), "{four:x?}");
                    }
                }
            }
        }
    }
}
