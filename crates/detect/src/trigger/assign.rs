//! A delimiter behind a name: `=`, `:`, `>`, `,` behind a quote, the end of a leaf.
//!
//! Three letters before the delimiter tell whether the name may be one of a secret; the cost does not
//! grow with the number of names.

use super::{Progress, Sink, id};
use crate::block::{Kind, Places, block_bits};
use crate::detectors::secret::assign::{self, name};
use crate::simd::Masks;
use crate::traits::Traits;
use crate::window::{BOUNDARY, Window};
use wide::u8x16;

/// What may stand between a name and its value.
#[derive(Clone, Copy, Debug)]
struct Delimiters;

impl Kind for Delimiters {
    #[inline]
    fn holds(self, byte: u8) -> bool {
        matches!(byte, b'=' | b':' | b'>' | b',' | BOUNDARY)
    }

    #[inline]
    fn bits(self, block: &[u8; crate::block::BLOCK_BYTES]) -> u64 {
        block_bits(block, |bytes| {
            let is = |byte| bytes.simd_eq(u8x16::splat(byte));
            (is(b'=') | is(b':')) | (is(b'>') | is(b',')) | is(BOUNDARY)
        })
    }

    #[inline]
    fn of(self, masks: &Masks) -> Option<u64> {
        Some(masks.assigning)
    }

    #[inline]
    fn traits(self) -> Traits {
        Traits::ASSIGNS
    }
}

/// Decides at every delimiter from the cursor on; returns the hold.
pub(crate) fn scan(first_id: u16, window: &Window<'_>, progress: &mut Progress, sink: &mut Sink<'_>) -> usize {
    let text = window.text();
    if progress.resume(text, sink) {
        return progress.cursor;
    }
    let mut delimiters = Places::new(window.indexed(), progress.cursor, Delimiters);
    while let Some(delimiter) = delimiters.next() {
        if !may_assign(text, delimiter) || !name::may_end(text, delimiter) {
            continue;
        }
        let Some(named) = name::read(window, delimiter) else { continue };
        sink.visit();
        let Ok(checked) = assign::check(window, delimiter, named) else {
            progress.cursor = delimiter;
            return delimiter + 1;
        };
        if let Some(found) = checked {
            if progress.accept(found, id(first_id, found.rule), text, sink) {
                return progress.cursor;
            }
            delimiters.skip_to(progress.cursor);
        }
    }
    progress.cursor = text.len();
    text.len()
}

/// False for commas between values and for tags that end, which need a quote or a letter before them,
/// and for the two colons of a path.
#[inline]
fn may_assign(text: &[u8], delimiter: usize) -> bool {
    let before = delimiter.checked_sub(1).and_then(|before| text.get(before)).copied().unwrap_or(BOUNDARY);
    match text.get(delimiter) {
        Some(b':') => before != b':' && text.get(delimiter + 1) != Some(&b':'),
        Some(b',') => matches!(before, b'"' | b'\''),
        Some(b'>' | &BOUNDARY) => before.is_ascii_alphabetic() || matches!(before, 0x80..=0xbf),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::Index;
    use crate::detectors::secret::assign::name::WORDS;
    use proptest::prelude::*;

    /// The delimiters behind a name that tells, byte by byte.
    fn oracle(text: &[u8]) -> Vec<usize> {
        let window = Window::whole(text);
        let is_named = |delimiter: &usize| {
            may_assign(text, *delimiter) && name::may_end(text, *delimiter) && name::read(&window, *delimiter).is_some()
        };
        (0..text.len()).filter(|place| Delimiters.holds(text[*place])).filter(is_named).collect()
    }

    fn pieces() -> impl Strategy<Value = Vec<u8>> {
        let words: Vec<&[u8]> = WORDS.into_iter().flatten().copied().chain([b"pw".as_slice()]).collect();
        let word = prop::sample::select(words).prop_map(<[u8]>::to_vec);
        let capitals = word.clone().prop_map(|word| word.to_ascii_uppercase());
        let joints = word.clone().prop_map(|word| {
            let (head, tail) = word.split_at(word.len().saturating_sub(3));
            [head, b"_", tail].concat()
        });
        prop_oneof![
            word,
            capitals,
            joints,
            "[a-z]{0,70}".prop_map(String::into_bytes),
            "[ \t\"'`\\]\\[)*\\\\?:=!&>0-9_,-]{0,20}".prop_map(String::into_bytes),
            prop::collection::vec(prop_oneof![any::<u8>(), Just(BOUNDARY)], 0..4),
        ]
    }

    proptest! {
        #[test]
        fn no_delimiter_behind_a_name_that_tells_is_passed_over(
            text in prop::collection::vec(pieces(), 0..40), cut in 0usize..300,
        ) {
            let text = text.concat();
            let endings = name::endings();
            let mut index = Index::default();
            index.update(&text[..cut.min(text.len())], Some(&endings));
            index.update(&text, Some(&endings));
            let places: Vec<_> = Places::new(index.of(&text), 0, Delimiters).collect();
            for delimiter in oracle(&text) {
                prop_assert!(places.contains(&delimiter), "{delimiter} of {:?}", String::from_utf8_lossy(&text));
            }
        }
    }
}
