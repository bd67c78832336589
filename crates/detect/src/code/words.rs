//! The words of a line of code, as fingerprints read them.
//!
//! A line is reduced to its words (letters, digits, `_`, bytes of other scripts), so that
//! indentation, white space, line breaks, quotes and punctuation do not count; names do. What says
//! nothing about whose code it is gives no words: comments, imports, lines without code. The rules
//! look at one line only, so that an excerpt is read as the whole was.

use std::sync::LazyLock;

/// A line with fewer marks of code than one in so many bytes is prose.
const BYTES_PER_MARK_MAX: usize = 32;

/// Slots of the table of common words: a power of two, four times their number.
const COMMON_SLOTS: usize = 2048;

/// Words that are in everybody's code: keywords, basic types, the usual names.
const COMMON: &str = "abstract and any args argc argv array arr as assert assert_eq async auto await base be begin bool \
    boolean break buf buffer by byte bytes call callback case catch char class clone cls code collect const context \
    continue count ctx data debug dec default def default_value del delete derive dict do done double dst dyn echo elem \
    element elif else elsif elseif end endif entry enum env eq err error errors every exit expect export exports extends \
    extern false fi file filename final finally first float fmt fn for foreach format formatter from func function get \
    global go goto has hash hasattr head id idx if impl implements import in include index init inline input instanceof \
    int int32 int64 integer interface into io is is_empty isinstance it item items iter iterator join key keys kwargs \
    lambda last left len length let list lock log loop main make malloc map match max method min mod module msg mut name \
    namespace new next nil node none not null num number obj object of ok old open operator option options or out output \
    override package panic param params parent parse partialeq partialord pass path pop pos prefix prev print printf \
    println priv private process property protected ptr pub public push raise range read readonly ref register repeat \
    require res result return returns right root run self send set setattr shared size sizeof size_t slice some sort \
    source split src start state static std stdin stdout stderr step stop str string strlen struct sub suffix sum super \
    switch sync table target template test tests text then this throw throws time title tmp to to_string token trait \
    transient true try tuple type typedef typeof types u16 u32 u64 u8 uint uint8 uint16 uint32 uint64 uint8_t uint16_t \
    uint32_t uint64_t undefined union unsafe unsigned unwrap update url use user using usize val value values var vec \
    vector version virtual void volatile when where while width height with world write yield i8 i16 i32 i64 isize f32 \
    f64 __init__ __name__ __main__ __file__ __all__ __future__ assert_ne hashmap copy iter_mut as_str as_ref \
    keyerror valueerror typeerror exception system console document window require_once cout endl cin \
    foo bar baz todo fixme select insert order group limit create primary ordering cmp partial_cmp hasher display feature cfg alloc core os linux unix \
    windows android target_os target_arch inner deref as_mut as_bytes borrow cow box rc arc mutex option_ \
    osstr osstring pathbuf ioerror errorkind trim split_at push_str with_capacity filter \
    map_err and_then unwrap_or expect_err phantomdata fnmut fnonce future pin poll waker sized into_iter";

/// One word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) hash: u64,
    /// Letters and digits that tell whose it may be; 0 for a common or short word.
    pub(super) weight: u8,
}

/// What a line is to fingerprints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// Blank, a comment, an import: as if it were not there.
    Nothing,
    /// No code.
    Prose,
    /// Code, without white space around it.
    Code(&'a [u8]),
}

/// Sorts a line, given how many marks of code it has.
pub(super) fn kind(line: &[u8], marks: usize) -> Kind<'_> {
    let line = line.trim_ascii();
    if line.is_empty() || is_comment(line) {
        Kind::Nothing
    } else if marks * BYTES_PER_MARK_MAX < line.len() {
        if is_import(line) { Kind::Nothing } else { Kind::Prose }
    } else if is_import(line) {
        Kind::Nothing
    } else {
        Kind::Code(line)
    }
}

fn is_comment(line: &[u8]) -> bool {
    let second = line.get(1).copied().unwrap_or(b' ');
    match line.first() {
        Some(b'/') => matches!(second, b'/' | b'*'),
        Some(b'*') => matches!(second, b' ' | b'/' | b'*'),
        // An attribute says no more of its own than a comment does.
        Some(b'#') => matches!(second, b' ' | b'#' | b'!' | b'-' | b'=' | b'['),
        Some(b'-') => second == b'-',
        Some(b'<') => line.starts_with(b"<!--"),
        Some(b';') => matches!(second, b';' | b' '),
        _ => false,
    }
}

/// Words that begin a line which only says what is used.
const IMPORTS: [&[u8]; 18] = [
    b"use",
    b"pub use",
    b"import",
    b"from",
    b"#include",
    b"#import",
    b"#pragma",
    b"#ifndef",
    b"#ifdef",
    b"#endif",
    b"using",
    b"package",
    b"namespace",
    b"require",
    b"require_once",
    b"require_relative",
    b"extern crate",
    b"@import",
];

fn is_import(line: &[u8]) -> bool {
    let ends = |rest: &[u8]| rest.first().is_none_or(|byte| !is_word(*byte));
    matches!(line.first(), Some(b'u' | b'p' | b'i' | b'f' | b'#' | b'n' | b'r' | b'e' | b'@'))
        && IMPORTS.iter().any(|word| line.strip_prefix(*word).is_some_and(ends))
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The words of a line of code, without those of a comment behind the code.
pub(super) fn words(mut line: &[u8]) -> impl Iterator<Item = Word> {
    core::iter::from_fn(move || {
        line = line.get(skip(line)..)?;
        let len = line.iter().position(|byte| !is_word(*byte)).unwrap_or(line.len());
        let (word, rest) = line.split_at(len);
        line = rest;
        (!word.is_empty()).then(|| self::word(word))
    })
}

/// How many bytes stand before the next word.
fn skip(line: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = line.get(at).filter(|byte| !is_word(**byte)) {
        if matches!(byte, b' ' | b'\t')
            && let Some(rest) = line.get(at + 1..)
        {
            if rest.starts_with(b"//") || rest.starts_with(b"# ") || rest.starts_with(b"-- ") {
                return line.len();
            }
            if rest.starts_with(b"/*") {
                at += memchr::memmem::find(rest, b"*/").map_or(line.len(), |end| end + 2);
            }
        }
        at += 1;
    }
    at.min(line.len())
}

fn word(bytes: &[u8]) -> Word {
    let hash = hash(bytes);
    let weight = if bytes.len() < 3 || is_common(hash) { 0 } else { u8::try_from(bytes.len()).unwrap_or(u8::MAX) };
    Word { hash, weight }
}

/// A hash of 64 bits: FNV-1a (Fowler, Noll, Vo), then mixed so that every bit depends on all.
fn hash(bytes: &[u8]) -> u64 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    mix(bytes.iter().fold(BASIS, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME)))
}

/// Spreads what differs in some bits over all of them (the finaliser of MurmurHash3).
pub(super) const fn mix(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

/// Hashes of the common words in small letters, capitalised and in capitals, open addressed.
static COMMON_HASHES: LazyLock<Box<[u64]>> = LazyLock::new(|| {
    let mut slots = vec![0; COMMON_SLOTS].into_boxed_slice();
    for word in COMMON.split_ascii_whitespace() {
        let (first, rest) = word.split_at(1);
        let capitalised = first.to_ascii_uppercase() + rest;
        for form in [word.to_owned(), capitalised, word.to_ascii_uppercase()] {
            let hash = hash(form.as_bytes());
            if let Some(slot) = probe(&slots, hash).filter(|slot| slots.get(*slot) == Some(&0))
                && let Some(slot) = slots.get_mut(slot)
            {
                *slot = hash;
            }
        }
    }
    slots
});

/// The slot that holds a hash, or the empty one where it would be put.
fn probe(slots: &[u64], hash: u64) -> Option<usize> {
    let first = usize::try_from(hash & (COMMON_SLOTS as u64 - 1)).ok()?;
    let wrapped = (first..COMMON_SLOTS).chain(0..first);
    wrapped.into_iter().find(|slot| slots.get(*slot).is_some_and(|held| *held == 0 || *held == hash))
}

fn is_common(hash: u64) -> bool {
    let slots = &**COMMON_HASHES;
    probe(slots, hash).and_then(|slot| slots.get(slot)) == Some(&hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(line: &str) -> Vec<u64> {
        words(line.as_bytes()).map(|word| word.hash).collect()
    }

    #[test]
    fn white_space_punctuation_and_comments_do_not_count() {
        let plain = hashes("foo_bar(alpha,beta);");
        assert_eq!(plain.len(), 3);
        assert_eq!(hashes("  foo_bar ( alpha , 'beta' )"), plain);
        assert_eq!(hashes("foo_bar(alpha, beta); // gamma"), plain);
        assert_eq!(hashes("foo_bar(alpha, /* gamma */ beta)  # delta"), plain);
        assert_ne!(hashes("foo_bar(alpha, gamma);"), plain);
        assert_eq!(hashes("get(\"https://example.com\")").len(), 4);
    }

    #[test]
    fn lines_that_say_nothing_are_dropped() {
        for line in
            ["", "  ", "// note", " * note", "# note", "-- note", "use std::io;", "from x import y", "#include <a>"]
        {
            assert_eq!(kind(line.as_bytes(), 3), Kind::Nothing, "{line}");
        }
        assert_eq!(kind(b"A sentence about nothing in particular, and more.", 0), Kind::Prose);
        assert_eq!(kind(b"  used = 1\r", 1), Kind::Code(b"used = 1"));
    }

    #[test]
    fn common_words_weigh_nothing() {
        for common in ["self", "Self", "SELF", "HashMap".to_ascii_lowercase().as_str(), "i", "__init__"] {
            assert_eq!(word(common.as_bytes()).weight, 0, "{common}");
        }
        assert_eq!(word(b"frobnicate").weight, 10);
        assert!(COMMON.split_ascii_whitespace().count() * 3 < COMMON_SLOTS * 3 / 4);
    }
}
