//! Which bytes of a body that is no JSON are those of a file, not of text: a mask there would break the file.

/// What stands before a part of a multipart body (RFC 2046 section 5.1.1).
const DELIMITER: &[u8] = b"\r\n--";

/// Tells text from files, piece by piece. From a zero on it is a file, up to what may part it from the next one.
#[derive(Debug, Default)]
pub(super) struct Binary {
    is_file: bool,
    /// Bytes of a delimiter that have come.
    matched: usize,
}

impl Binary {
    /// How many of these bytes, of which there are some, are of one kind, and whether that is a file.
    pub(super) fn run(&mut self, bytes: &[u8]) -> (usize, bool) {
        if self.is_file {
            return (self.file_bytes(bytes), true);
        }
        match memchr::memchr(0, bytes) {
            Some(0) => {
                self.is_file = true;
                (self.file_bytes(bytes), true)
            }
            Some(zero) => (zero, false),
            None => (bytes.len(), false),
        }
    }

    /// Bytes up to the end of a delimiter.
    fn file_bytes(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if DELIMITER.get(self.matched) != Some(byte) {
                self.matched = usize::from(*byte == b'\r');
            } else if self.matched + 1 == DELIMITER.len() {
                (self.is_file, self.matched) = (false, 0);
                return at + 1;
            } else {
                self.matched += 1;
            }
            at += 1;
            if self.matched == 0 {
                let rest = bytes.get(at..).unwrap_or_default();
                at += memchr::memchr(b'\r', rest).unwrap_or(rest.len());
            }
        }
        bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file's bytes, as a text with a point for each other one, read in pieces.
    fn files(body: &[u8], piece: usize) -> String {
        let mut binary = Binary::default();
        let mut seen = String::new();
        for mut rest in body.chunks(piece) {
            while !rest.is_empty() {
                let (len, is_file) = binary.run(rest);
                assert!(len > 0);
                seen.extend(rest[..len].iter().map(|byte| if is_file { char::from(*byte) } else { '.' }));
                rest = &rest[len..];
            }
        }
        seen
    }

    #[test]
    fn a_file_goes_from_its_first_zero_to_what_parts_it_from_the_next() {
        let body = b"text\r\n--b\r\nPNG\0a\r\r\n-b\r\r\n--b\r\ntext \0x";
        for piece in 1..=body.len() {
            assert_eq!(files(body, piece), "..............\0a\r\r\n-b\r\r\n--........\0x", "{piece}");
        }
    }
}
