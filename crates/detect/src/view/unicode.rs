//! Characters beyond ASCII that stand for ASCII ones: compatibility forms (Unicode Standard Annex 15),
//! digits of all scripts, letters with marks, look-alikes (Unicode Technical Standard 39); and those that
//! show nothing.
//!
//! The table is made by `scripts/fold-table`, which says what is in it and its form.

static TABLE: &[u8] = include_bytes!("fold.bin");

/// Bytes of the index: a block's number for each 64 code points below U+20000.
const INDEX_BYTES: usize = 2048;
/// Code points of a block.
const BLOCK_CODES: usize = 64;
/// Tags and the second row of variation selectors, which show nothing.
const INVISIBLE_PLANE: core::ops::RangeInclusive<u32> = 0xe0000..=0xe01ef;

/// Characters that take a place and show nothing there: the empty pattern of Braille, what stands for an object, and what
/// is no character.
const EMPTY: [u32; 4] = [0x2800, 0xfffc, 0xfffe, 0xffff];

/// What a character stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    Itself,
    Nothing,
    /// One character of ASCII, or two if the second is not 0.
    Ascii(u8, u8),
}

/// What `character` stands for.
pub(super) fn fold(character: char) -> Fold {
    let code = u32::from(character);
    if INVISIBLE_PLANE.contains(&code) || EMPTY.contains(&code) {
        return Fold::Nothing;
    }
    if let Some(byte) = line(code) {
        return Fold::Ascii(byte, 0);
    }
    let code = usize::try_from(code).unwrap_or(usize::MAX);
    let Some(block) = TABLE.get(code / BLOCK_CODES).filter(|_| code < INDEX_BYTES * BLOCK_CODES) else {
        return Fold::Itself;
    };
    let place = INDEX_BYTES + (usize::from(*block) * BLOCK_CODES + code % BLOCK_CODES) * 2;
    match TABLE.get(place..place + 2) {
        Some([1, 0]) => Fold::Nothing,
        Some([first, second]) if *first > 1 => Fold::Ascii(*first, *second),
        _ => Fold::Itself,
    }
}

/// What lines around tables stand for (Unicode block Box Drawing): bars, dashes, and where these meet.
const fn line(code: u32) -> Option<u8> {
    match code {
        0x2500 | 0x2501 | 0x2504 | 0x2505 | 0x2508 | 0x2509 | 0x254c | 0x254d | 0x2550 | 0x2574 | 0x2576 | 0x2578
        | 0x257a | 0x257c | 0x257e => Some(b'-'),
        0x2502 | 0x2503 | 0x2506 | 0x2507 | 0x250a | 0x250b | 0x254e | 0x254f | 0x2551 | 0x2575 | 0x2577 | 0x2579
        | 0x257b | 0x257d | 0x257f => Some(b'|'),
        0x2500..=0x257f => Some(b'+'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut out = String::new();
        for character in text.chars() {
            match fold(character) {
                Fold::Itself => out.push(character),
                Fold::Nothing => {}
                Fold::Ascii(first, 0) => out.push(char::from(first)),
                Fold::Ascii(first, second) => out.extend([char::from(first), char::from(second)]),
            }
        }
        out
    }

    #[test]
    fn digits_of_all_scripts_are_digits() {
        assert_eq!(folded("٤۴४４𝟒④⑷➍₄⁴߄๔"), "444444444444");
        assert_eq!(folded("4\u{fe0f}\u{20e3}1\u{fe0f}\u{20e3}"), "41");
    }

    #[test]
    fn letters_that_look_alike_are_one() {
        assert_eq!(folded("јаnе＠ехаmрlе．соm"), "jane@example.com");
        assert_eq!(folded("𝓼𝓴－𝐩𝐫𝐨𝐣"), "sk-proj");
        assert_eq!(folded("ⓙⓐⓝⓔ🅐"), "janeA");
        assert_eq!(folded("pro\u{301}jéct"), "project");
    }

    #[test]
    fn lines_around_tables_are_bars_and_dashes() {
        assert_eq!(folded("┌─┬═╗│┃║├┼┤╞╪╡"), "+-+-+|||++++++");
    }

    #[test]
    fn quotation_marks_of_print_are_quotes() {
        assert_eq!(folded("“a” „b“ «c» ‘d’"), "\"a\" \"b\" \"c\" 'd'");
    }

    #[test]
    fn what_shows_nothing_is_nothing() {
        assert_eq!(folded("5\u{200b}3\u{ad}6\u{2060}-\u{202e}9\u{e0041}0\u{fe0f}\u{feff}"), "536-90");
    }

    #[test]
    fn text_of_other_scripts_stays() {
        assert_eq!(folded("漢字かなカナ한글"), "漢字かなカナ한글");
        assert_eq!(fold('😀'), Fold::Itself);
    }
}
