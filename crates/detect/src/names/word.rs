//! Words: what the tagger reads and labels.
//!
//! A word is a run of letters, digits and `_`, with apostrophes and hyphens inside it; letters
//! beyond ASCII count, symbols and punctuation do not. What stands between two words is the *gap*:
//! it is no word of its own, but a fact about its neighbours. A word keeps hashes of itself, so that
//! features are made without looking at its bytes again.

use super::model::Gazetteer;

/// Bytes of a word beyond which it is no name: longer ones are encoded data.
const NAME_BYTES_MAX: u16 = 40;
/// Characters of a gap that tell it from others; what follows seldom matters.
const GAP_CHARACTERS_MAX: usize = 4;

/// How a word is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Case {
    /// No letter or digit of the other kinds: before the first word stands this.
    #[default]
    None,
    /// Small letters only, or letters of a script without capitals.
    Lower,
    /// One capital, then small letters.
    Title,
    /// One capital alone.
    Initial,
    /// Capitals only.
    Upper,
    /// Capitals within: `McDonald`, `camelCase`.
    Mixed,
    /// Digits only.
    Digits,
    /// Letters and digits, or `_`: an identifier.
    Code,
}

/// One word of a segment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Word {
    /// Offsets in the segment.
    pub(crate) start: u16,
    pub(crate) end: u16,
    /// Of the word in small letters.
    pub(crate) hash: u64,
    /// Its first three bytes in small letters, and the last four.
    pub(crate) head: u32,
    pub(crate) tail: u32,
    /// Of its shape: `Xx`, `XxXx`, `d-x`.
    pub(crate) shape: u32,
    /// Of what stands between the word before and this one.
    pub(crate) gap: u32,
    pub(crate) case: Case,
    /// What the gazetteer says of it: bits of [`super::model::kind`].
    pub(crate) kinds: u16,
    /// What the gazetteer says of its company: [`super::model::Known::cluster`].
    pub(crate) cluster: u16,
    /// True if the gap before it holds `:`, `=`, or a line's or leaf's end: what stands before may
    /// be the label of a field.
    pub(crate) labelled: bool,
    /// True if it hangs on its neighbour without a space as parts of code, paths and addresses do.
    pub(crate) glued: bool,
}

/// A running hash of bytes (FNV-1a).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hash(pub(crate) u64);

impl Hash {
    pub(crate) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    #[inline]
    pub(crate) const fn byte(self, byte: u8) -> Self {
        Self((self.0 ^ byte as u64).wrapping_mul(0x0000_0100_0000_01b3))
    }

    #[inline]
    fn low(self) -> u32 {
        let [a, b, c, d, e, f, g, h] = self.0.to_le_bytes();
        u32::from_le_bytes([a ^ e, b ^ f, c ^ g, d ^ h])
    }
}

/// The bytes of the letter, digit or `_` that stands at `at`; 0 if none does.
#[inline]
fn letter_bytes(text: &[u8], at: usize) -> usize {
    let byte = |place: usize| text.get(at + place).copied().unwrap_or(0);
    let continued = |len: usize| (1..len).all(|place| byte(place) & 0xc0 == 0x80);
    let len = match byte(0) {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' => return 1,
        0xc3..=0xdf => 2,
        // Punctuation and symbols, and those of the ideographic scripts.
        0xe2 if byte(1) < 0xb0 => 0,
        0xe3 if byte(1) == 0x80 => 0,
        // Presentation forms, full width forms and private use.
        0xef | 0xee => 0,
        0xe0..=0xed => 3,
        _ => 0,
    };
    if len > 0 && continued(len) { len } else { 0 }
}

/// The end of the word that begins at `start`.
pub(crate) fn word_end(text: &[u8], start: usize) -> usize {
    let mut end = start;
    loop {
        match letter_bytes(text, end) {
            0 => {}
            bytes => {
                end += bytes;
                continue;
            }
        }
        let joint = joint_bytes(text, end);
        if joint == 0 || end == start || letter_bytes(text, end + joint) == 0 || is_possessive(text, end + joint) {
            return end;
        }
        end += joint;
    }
}

/// The bytes of an apostrophe or hyphen at `at`.
fn joint_bytes(text: &[u8], at: usize) -> usize {
    match text.get(at) {
        Some(b'\'' | b'-') => 1,
        Some(0xe2) if text.get(at + 1..at + 3) == Some(&[0x80, 0x99]) => 3,
        _ => 0,
    }
}

/// True if a lone `s` stands at `at`.
fn is_possessive(text: &[u8], at: usize) -> bool {
    matches!(text.get(at), Some(b's' | b'S'))
        && letter_bytes(text, at + 1) == 0
        && matches!(at.checked_sub(1).and_then(|before| text.get(before)), Some(b'\'' | 0x99))
}

/// Reads the words of `segment` into `words`, which stays below its capacity if that is the
/// segment's length.
pub(crate) fn read(segment: &[u8], gazetteer: &Gazetteer, words: &mut Vec<Word>) {
    let (mut at, mut gap_start) = (0, 0);
    while at < segment.len() {
        let escaped = segment.get(at) == Some(&b'\\') && matches!(segment.get(at + 1), Some(b'n' | b't' | b'r'));
        if escaped {
            at += 2;
            continue;
        }
        if letter_bytes(segment, at) == 0 || is_possessive(segment, at) {
            at += 1;
            continue;
        }
        let end = word_end(segment, at);
        let mut word = measure(segment.get(at..end).unwrap_or_default());
        (word.start, word.end) = (offset(at), offset(end));
        let gap = segment.get(gap_start..at).unwrap_or_default();
        word.gap = gap_hash(gap);
        word.labelled = gap.iter().any(|byte| matches!(byte, b':' | b'=' | b'\n'));
        word.glued = is_glue(gap);
        if matches!(word.case, Case::Lower | Case::Title | Case::Upper | Case::Mixed)
            && word.end - word.start <= NAME_BYTES_MAX
        {
            let known = gazetteer.find(word.hash);
            (word.kinds, word.cluster) = (known.kinds, known.cluster);
        }
        words.push(word);
        (at, gap_start) = (end, end);
    }
}

fn offset(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}

/// True for what joins the parts of paths, identifiers, mail addresses and versions.
fn is_glue(gap: &[u8]) -> bool {
    !gap.is_empty()
        && gap.iter().all(|byte| matches!(byte, b'.' | b'/' | b'@' | b':' | b'\\' | b'&' | b'?' | b'%' | b'~' | b'+'))
}

/// The hash of the first characters of what stands between two words; runs of spaces are one.
pub(crate) fn gap_hash(gap: &[u8]) -> u32 {
    let mut hash = Hash::new();
    let (mut count, mut before) = (0, 0);
    for byte in gap {
        let byte = match byte {
            b'\t' | b' ' => b' ',
            0xfe | 0xff => 0xff,
            other => *other,
        };
        if byte == b' ' && before == b' ' {
            continue;
        }
        before = byte;
        hash = hash.byte(byte);
        count += 1;
        if count == GAP_CHARACTERS_MAX {
            break;
        }
    }
    hash.low()
}

/// The class of a character in a shape.
const fn shape_class(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => b'X',
        b'a'..=b'z' => b'x',
        b'0'..=b'9' => b'd',
        other => other,
    }
}

/// All that is known of a word by itself.
pub(crate) fn measure(word: &[u8]) -> Word {
    let mut hash = Hash::new();
    let mut shape = Shape::default();
    let (mut head, mut tail, mut count) = (0u32, 0u32, 0u32);
    let mut small = |byte: u8| {
        hash = hash.byte(byte);
        tail = tail << 8 | u32::from(byte);
        if count < 3 {
            head = head << 8 | u32::from(byte);
        }
        count += 1;
    };
    let mut at = 0;
    while let Some(byte) = word.get(at) {
        if byte.is_ascii() {
            small(byte.to_ascii_lowercase());
            shape.add(shape_class(*byte));
            at += 1;
            continue;
        }
        let (letter, len) = letter(word, at);
        let mut bytes = [0; 4];
        for lower in letter.to_lowercase() {
            lower.encode_utf8(&mut bytes).bytes().for_each(&mut small);
        }
        shape.add(if letter == '’' {
            b'\''
        } else if letter.is_uppercase() {
            b'X'
        } else {
            b'x'
        });
        at += len;
    }
    Word { hash: hash.0, head, tail, shape: shape.hash.low(), case: shape.case(), ..Word::default() }
}

/// The character at `at` and its bytes.
fn letter(word: &[u8], at: usize) -> (char, usize) {
    let rest = word.get(at..).unwrap_or_default();
    let len = 1 + rest.iter().skip(1).take(3).take_while(|byte| *byte & 0xc0 == 0x80).count();
    let decoded = rest.get(..len).and_then(|bytes| core::str::from_utf8(bytes).ok()?.chars().next());
    (decoded.unwrap_or(char::REPLACEMENT_CHARACTER), len)
}

/// The shape of a word while it is read: each run of a class counts once, of small letters twice.
struct Shape {
    hash: Hash,
    before: u8,
    upper: u16,
    lower: u16,
    digits: u16,
    marks: u16,
    first_upper: bool,
    /// Capitals that stand behind a small letter.
    humps: u16,
}

impl Default for Shape {
    fn default() -> Self {
        Self { hash: Hash::new(), before: 0, upper: 0, lower: 0, digits: 0, marks: 0, first_upper: false, humps: 0 }
    }
}

impl Shape {
    #[inline]
    fn add(&mut self, class: u8) {
        match class {
            b'X' => {
                self.first_upper |= self.before == 0;
                self.humps += u16::from(self.before == b'x');
                self.upper += 1;
            }
            b'x' => self.lower += 1,
            b'd' => self.digits += 1,
            b'_' => self.marks += 1,
            _ => {}
        }
        if class != self.before {
            self.hash = self.hash.byte(class);
        }
        self.before = class;
    }

    fn case(&self) -> Case {
        let letters = self.upper + self.lower;
        match () {
            () if self.marks > 0 || (self.digits > 0 && letters > 0) => Case::Code,
            () if letters == 0 => Case::Digits,
            () if self.upper == 0 => Case::Lower,
            () if letters == 1 => Case::Initial,
            () if self.lower == 0 => Case::Upper,
            () if self.first_upper && self.humps == 0 && self.upper == 1 => Case::Title,
            () => Case::Mixed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<(String, Case)> {
        let mut words = Vec::new();
        read(text.as_bytes(), &Gazetteer::default(), &mut words);
        let cut = |word: &Word| text[usize::from(word.start)..usize::from(word.end)].to_owned();
        words.iter().map(|word| (cut(word), word.case)).collect()
    }

    fn texts(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.0).collect()
    }

    #[test]
    fn words_hold_what_names_are_made_of() {
        assert_eq!(texts("Jean-Luc O'Neil's, (Żółć)"), ["Jean-Luc", "O'Neil", "Żółć"]);
        assert_eq!(texts("“Μαρία”—user_name: jane@x.de"), ["Μαρία", "user_name", "jane", "x", "de"]);
        assert_eq!(texts("Reeva’s- -x 'n' 4-5"), ["Reeva", "x", "n", "4-5"]);
        assert_eq!(texts("Regards,\\nJane"), ["Regards", "Jane"]);
    }

    #[test]
    fn words_are_told_by_how_they_are_written() {
        let cases: Vec<_> = words("a Jane J NASA McLeod 12 x9 Émile").into_iter().map(|word| word.1).collect();
        use Case::{Code, Digits, Initial, Lower, Mixed, Title, Upper};
        assert_eq!(cases, [Lower, Title, Initial, Upper, Mixed, Digits, Code, Title]);
    }

    #[test]
    fn a_word_is_the_same_in_small_letters_and_capitals() {
        let (small, large) = (measure("ångström".as_bytes()), measure("ÅNGSTRÖM".as_bytes()));
        assert_eq!((small.hash, small.head, small.tail), (large.hash, large.head, large.tail));
        assert_ne!(small.shape, large.shape);
    }

    #[test]
    fn no_bytes_make_it_read_beyond_the_text() {
        for text in [b"\xc3".as_slice(), b"\xe2\x80", b"a\xe2\x80\x99", b"a'", b"\xff\xfe", b"\\", b"\\n", b"a-\xc3"] {
            let mut words = Vec::new();
            read(text, &Gazetteer::default(), &mut words);
            assert!(words.iter().all(|word| word.start < word.end && usize::from(word.end) <= text.len()));
        }
    }
}
