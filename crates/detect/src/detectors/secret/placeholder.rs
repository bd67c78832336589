//! What stands where a secret would, and is none: variables of templates, words that say "put yours
//! here", filler.

use super::shape::fold;

/// Bytes of a row of equal characters that is filler.
const FILLER_BYTES_MIN: usize = 5;

/// Words of which one inside a value makes it a placeholder; in small letters, four bytes or more, so
/// that chance puts one into a random key of forty characters less than once in ten thousand.
static WORDS: [&[u8]; 44] = [
    b"your",
    b"example",
    b"changeme",
    b"change-me",
    b"change_me",
    b"change-this",
    b"change_this",
    b"changethis",
    b"placeholder",
    b"redacted",
    b"xxxx",
    b"dummy",
    b"replace",
    b"insert",
    b"todo",
    b"fixme",
    b"sample",
    b"undefined",
    b"process.env",
    b"environ",
    b"getenv",
    b"fake",
    b"removed",
    b"masked",
    b"hidden",
    b"obfuscated",
    b"enter-",
    b"enter_",
    b"notreal",
    b"not-real",
    b"not_real",
    b"-here",
    b"_here",
    b"keyhere",
    b"tokenhere",
    b"secrets.",
    b"config.",
    b"settings.",
    b"options.",
    b"default",
    b"invalid",
    b"1234567890",
    b"abcdefgh",
    b"foobar",
];

/// Beginnings of values that code and examples write for a password.
static HEADS: [&[u8]; 12] =
    [b"test", b"demo", b"foo", b"bar", b"temp", b"mock", b"self.", b"this.", b"args.", b"env.", b"none", b"null"];

/// Words that a name repeats as its own value.
static SELF_WORDS: [&[u8]; 9] =
    [b"password", b"passwd", b"passphrase", b"secret", b"token", b"credential", b"apikey", b"api_key", b"api-key"];

/// The pairs of letters that begin a word, one bit each: five bits of the first byte choose the entry,
/// five of the second the bit.
type Pairs = [u32; 32];

static WORD_PAIRS: Pairs = pairs(&WORDS);
static SELF_PAIRS: Pairs = pairs(&SELF_WORDS);

/// True if a word says that this is no secret.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    contains(value, &WORDS, &WORD_PAIRS) || is_filler(value) || is_template(value)
}

/// True if it begins as a test's or a program's value does.
pub(crate) fn begins_like_code(value: &[u8]) -> bool {
    HEADS.iter().any(|head| value.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head)))
}

/// True if a password says that it is one: `password1`, `my-secret`, `your_token`.
pub(crate) fn names_itself(value: &[u8]) -> bool {
    contains(value, &SELF_WORDS, &SELF_PAIRS) || contains(value, &WORDS, &WORD_PAIRS)
}

/// True for a variable that something will replace: `${X}`, `{{ x }}`, `<x>`, `%s`, `$X`, `#{x}`.
pub(crate) fn is_template(value: &[u8]) -> bool {
    let opens = |pair: &[u8]| {
        matches!(pair, [b'$' | b'#' | b'%' | b'@' | b'{', b'{'] | [b'$' | b'%', b'('] | [b'<', _] | [b'[', b'A'..=b'z'])
    };
    let name = |name: &[u8]| name.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    match value {
        [b'%', b's' | b'd' | b'v', ..] | [b'{', .., b'}'] | [b'%', .., b'%'] => true,
        [b'$' | b'@' | b'%', rest @ ..] if name(rest) => true,
        _ => value.windows(2).any(opens),
    }
}

/// True for few different characters or a long row of equal ones.
pub(crate) fn is_filler(value: &[u8]) -> bool {
    let (mut seen, mut longest, mut row, mut before) = (0u128, 0, 0, None);
    for byte in value {
        seen |= 1 << (byte & 0x7f);
        row = if before == Some(*byte) { row + 1 } else { 1 };
        longest = longest.max(row);
        before = Some(*byte);
    }
    let begins_filled = longest >= 3 && matches!(value, [b'*' | b'.' | b'x' | b'X' | b'#', ..]);
    longest >= FILLER_BYTES_MIN || begins_filled || seen.count_ones() <= 3
}

fn contains(value: &[u8], words: &[&[u8]], pairs: &Pairs) -> bool {
    let begins = |start: usize, word: &[u8]| {
        value.get(start..start + word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word))
    };
    value.windows(2).enumerate().any(|(start, pair)| {
        let [first, second] = pair else { return false };
        let bits = pairs.get(fold(*first)).copied().unwrap_or(0);
        let agrees = |word: &&&[u8]| {
            matches!(**word, [one, two, ..] if fold(*one) == fold(*first) && fold(*two) == fold(*second))
        };
        // Digits share their five bits with letters, and only one of them begins a word.
        let may_begin = !first.is_ascii_digit() || *first == b'1';
        may_begin && bits >> fold(*second) & 1 == 1 && words.iter().filter(agrees).any(|word| begins(start, word))
    })
}

#[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
const fn pairs(words: &[&[u8]]) -> Pairs {
    let mut pairs = [0; 32];
    let mut place = 0;
    while place < words.len() {
        pairs[fold(words[place][0])] |= 1 << fold(words[place][1]);
        place += 1;
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told() {
        for value in [
            "your-api-key",
            "YOUR_TOKEN",
            "changeme",
            "<password>",
            "${DB_PASS}",
            "{{ secret }}",
            "$(get)",
            "%s",
            "$PASSWORD",
            "xxxxxxxx",
            "********",
            "aaaaaaaaaaaa",
            "EXAMPLEKEY",
            "insert-key-here",
            "{token}",
            "#{pw}",
        ] {
            assert!(is_placeholder(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn keys_are_no_placeholders() {
        for value in
            ["wJalrXUtnFEMIK7MDENGbPxRfiCY", "Tr0ub4dor&3", "d41d8cd98f00b204e9800998ecf8427e", "hunter2", "pa$$w0rd"]
        {
            assert!(!is_placeholder(value.as_bytes()), "{value}");
        }
    }
}
