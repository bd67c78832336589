use core::fmt;

/// A short text stored in place: at most `N` bytes of UTF-8, without control characters.
///
/// What a peer chose (paths, models, names) is attacker's text: it is cut at a character boundary
/// and its control characters become `?` on the way in, so that no log line can be broken.
#[derive(Clone, Copy)]
pub struct Text<const N: usize> {
    bytes: [u8; N],
    len: u16,
}

impl<const N: usize> Text<N> {
    /// The empty text.
    pub const EMPTY: Self = Self { bytes: [0; N], len: 0 };

    /// Takes what fits of `text`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut out = Self::EMPTY;
        out.push_str(text);
        out
    }

    /// Takes what fits of `bytes`; what is not UTF-8 becomes `?`, byte by byte.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut out = Self::EMPTY;
        for chunk in bytes.utf8_chunks() {
            out.push_str(chunk.valid());
            for _ in chunk.invalid() {
                out.push('?');
            }
        }
        out
    }

    /// Takes bytes that once were a text of this length; `None` if no text can have them.
    #[must_use]
    pub fn from_stored(bytes: &[u8]) -> Option<Self> {
        let text = core::str::from_utf8(bytes).ok().filter(|text| !text.contains(char::is_control))?;
        let mut out = Self::EMPTY;
        out.bytes.get_mut(..text.len())?.copy_from_slice(bytes);
        out.len = u16::try_from(text.len()).ok()?;
        Some(out)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        core::str::from_utf8(bytes).unwrap_or_default()
    }

    /// True if there is no text.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts a `*` for each character that has a byte in the range.
    pub fn mask(&mut self, range: core::ops::Range<usize>) {
        let text = self.as_str();
        let mut masked = Self::EMPTY;
        for (at, character) in text.char_indices() {
            let is_inside = at < range.end && at + character.len_utf8() > range.start;
            masked.push(if is_inside { '*' } else { character });
        }
        *self = masked;
    }

    /// Empties the text.
    pub const fn clear(&mut self) {
        self.len = 0;
    }

    /// Appends what fits of `text`; nothing is appended behind the first character that did not.
    pub fn push_str(&mut self, text: &str) {
        // Visible ASCII that fits, which is the usual case, needs no look at its characters.
        let start = usize::from(self.len);
        if let (Ok(len), Some(room)) = (u16::try_from(text.len()), self.bytes.get_mut(start..start + text.len()))
            && text.bytes().fold(true, |all, byte| all & (0x20..0x7f).contains(&byte))
        {
            room.copy_from_slice(text.as_bytes());
            self.len += len;
            return;
        }
        for character in text.chars() {
            if !self.push(character) {
                return;
            }
        }
    }

    /// Appends `character`, a control character as `?`; false, with nothing changed, if it does not
    /// fit.
    pub fn push(&mut self, character: char) -> bool {
        let character = if character.is_control() { '?' } else { character };
        let start = usize::from(self.len);
        let Some(room) = self.bytes.get_mut(start..start + character.len_utf8()) else {
            return false;
        };
        character.encode_utf8(room);
        #[expect(clippy::cast_possible_truncation, reason = "a character has at most 4 bytes")]
        {
            self.len += character.len_utf8() as u16;
        }
        true
    }
}

impl<const N: usize> PartialEq for Text<N> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl<const N: usize> Eq for Text<N> {}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_at_a_character_boundary() {
        let text = Text::<4>::new("abcé");
        assert_eq!(text.as_str(), "abc");
    }

    #[test]
    fn what_stood_there_before_does_not_tell_texts_apart() {
        let mut text = Text::<8>::new("longer");
        text.clear();
        assert!(text.is_empty() && text == Text::EMPTY);
        text.push_str("ab");
        text.push_str("c\u{7f}é!");
        assert_eq!((text, text.as_str()), (Text::new("abc?é!"), "abc?é!"));
    }

    #[test]
    fn a_mask_covers_characters_whole() {
        let mut text = Text::<16>::new("aéb536c");
        text.mask(2..5); // the second byte of é, b, 5
        assert_eq!(text.as_str(), "a***36c");
        text.mask(100..200);
        text.mask(0..usize::MAX);
        assert_eq!(text.as_str(), "*******");
    }

    #[test]
    fn control_characters_and_broken_utf8_cannot_break_a_line() {
        assert_eq!(Text::<16>::from_bytes(b"a\nb\xff\x1b[c").as_str(), "a?b??[c");
    }

    #[test]
    fn only_what_was_a_text_is_read_back_as_one() {
        assert_eq!(Text::<4>::from_stored("aé".as_bytes()), Some(Text::new("aé")));
        for bytes in [&b"abcde"[..], b"a\n", b"\xff", b"\xc2\x9b"] {
            assert_eq!(Text::<4>::from_stored(bytes), None);
        }
    }
}
