//! What stands where a secret would, and is none: variables of templates, words that say "put yours
//! here", filler.

use super::shape::{Shape, characters, fold};

/// Bytes of a row of equal characters that is filler, and of a value's bytes the share, one in so many, that stand in
/// such rows if it is a placeholder: long tokens have rows of `A` or `/` where what they encode has zeros or ones.
const FILLER_BYTES_MIN: usize = 5;
const FILLER_SHARE: usize = 4;

/// Words of which one inside a value makes it a placeholder; in small letters, four bytes or more, so
/// that chance puts one into a random key of forty characters less than once in ten thousand.
const WORDS: [&[u8]; 42] = [
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
    b"foobar",
];

/// Characters in the order of keyboards and alphabets, which people type for a key that they do not have.
const SEQUENCES: [&[u8]; 3] = [b"1234567890", b"0123456789", b"abcdefgh"];

/// Beginnings of values that code writes for a password, and those that examples write.
static CODE_HEADS: [&[u8]; 8] = [b"self.", b"this.", b"args.", b"env.", b"env:", b"file:", b"none", b"null"];
static TEST_HEADS: [&[u8]; 4] = [b"test", b"demo", b"temp", b"mock"];

/// Such beginnings that are words of the language, too, where letters follow.
static SHORT_HEADS: [&[u8]; 2] = [b"foo", b"bar"];

/// Programs and methods that take a password and give something else: `password | sha256sum`.
const METHODS: [&[u8]; 20] = [
    b"base64",
    b"base32",
    b"md5sum",
    b"sha1sum",
    b"sha224sum",
    b"sha256sum",
    b"sha384sum",
    b"sha512sum",
    b"b2sum",
    b"b3sum",
    b"md5crypt",
    b"sha256",
    b"sha512",
    b"sha256crypt",
    b"sha512crypt",
    b"argon2",
    b"argon2i",
    b"argon2id",
    b"pbkdf2",
    b"bcrypt2",
];

/// The digests of no text: MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512, and Windows' LM and NT hashes.
const DIGESTS_OF_NOTHING: [&[u8]; 8] = [
    b"d41d8cd98f00b204e9800998ecf8427e",
    b"da39a3ee5e6b4b0d3255bfef95601890afd80709",
    b"d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f",
    b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    b"38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
    b"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f\
      63b931bd47417a81a538327af927da3e",
    b"aad3b435b51404eeaad3b435b51404ee",
    b"31d6cfe0d16ae931b73c59d7e0c089c0",
];

/// Words that a name repeats as its own value.
const SELF_WORDS: [&[u8]; 9] =
    [b"password", b"passwd", b"passphrase", b"secret", b"token", b"credential", b"apikey", b"api_key", b"api-key"];

/// The pairs of letters that begin a word, one bit each: five bits of the first byte choose the entry,
/// five of the second the bit.
type Pairs = [u32; 32];

/// Words that are searched for, with what tells most values apart from all of them.
struct Search<const COUNT: usize> {
    words: [&'static [u8]; COUNT],
    pairs: Pairs,
    /// The characters of each word, a bit each.
    characters: [u128; COUNT],
}

static SEARCH: Search<{ WORDS.len() }> = Search::of(WORDS);
static SEQUENCE_SEARCH: Search<{ SEQUENCES.len() }> = Search::of(SEQUENCES);
static SELF_SEARCH: Search<{ SELF_WORDS.len() }> = Search::of(SELF_WORDS);

/// True for bytes that are no text, control characters among broken ones: archives have them behind what looks like a name.
pub(super) fn is_binary(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_control) && str::from_utf8(text).is_err()
}

/// True if a word or a sequence says that this is no secret.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    says_so(value) || SEQUENCE_SEARCH.finds(value)
}

/// The same without sequences: they do not speak against a value whose name and length are those of a known key.
pub(crate) fn says_so(value: &[u8]) -> bool {
    SEARCH.finds(value)
        || is_digest_of_nothing(value)
        || is_filler(value)
        || is_template(value)
        || METHODS.iter().any(|method| value.eq_ignore_ascii_case(method))
}

/// True if it begins as a test's or a program's value does. With signs and digits it is what people choose, too:
/// `Test1234!`.
pub(crate) fn begins_like_code(value: &[u8]) -> bool {
    let begins = |heads: &[&[u8]]| {
        heads.iter().any(|head| value.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head)))
    };
    let is_chosen = || {
        let has_sign = value.iter().any(|byte| matches!(byte, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*'));
        has_sign && value.iter().filter(|byte| byte.is_ascii_digit()).count() >= 2
    };
    let is_short = || begins(&SHORT_HEADS) && !value.get(3).is_some_and(u8::is_ascii_alphabetic);
    begins(&CODE_HEADS) || is_member(value) || ((begins(&TEST_HEADS) || is_short()) && !is_chosen())
}

/// True for `config?.name`: a member of what may not be there.
fn is_member(value: &[u8]) -> bool {
    let Some(end) = memchr::memmem::find(value, b"?.") else { return false };
    let (head, rest) = value.split_at_checked(end).unwrap_or_default();
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$');
    let begins = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'['));
    begins(head.first()) && head.iter().all(in_name) && begins(rest.get(2))
}

/// True if a value says what it is: `my-secret`, `test_token_1`.
pub(crate) fn names_a_secret(value: &[u8]) -> bool {
    SELF_SEARCH.finds(value)
}

/// True if a password says that it is one: `password1`, `my-secret`, `your_token`.
pub(crate) fn names_itself(value: &[u8]) -> bool {
    names_a_secret(value) || SEARCH.finds(value) || SEQUENCE_SEARCH.finds(value)
}

/// Words that people put into passwords of their own, too; with what stands beside them in placeholders.
const COMMON: [&[u8]; 12] = [
    b"your",
    b"example",
    b"default",
    b"password",
    b"passwd",
    b"passw0rd",
    b"p4ssw0rd",
    b"secret",
    b"token",
    b"here",
    b"user",
    b"my",
];

/// Bytes of a value that is looked at without its words.
const REST_BYTES_MAX: usize = 96;

/// True if something as mixed as a password is left of a value without the common words of placeholders.
pub(crate) fn goes_beyond_words(value: &[u8]) -> bool {
    let (mut rest, mut length, mut place) = ([0; REST_BYTES_MAX], 0, 0);
    while let (Some(byte), Some(slot)) = (value.get(place), rest.get_mut(length)) {
        let tail = value.get(place..).unwrap_or_default();
        let starts = |word: &&&[u8]| tail.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        if let Some(word) = COMMON.iter().find(starts) {
            place += word.len();
        } else {
            *slot = *byte;
            (place, length) = (place + 1, length + usize::from(byte.is_ascii_alphanumeric()));
        }
    }
    let rest = rest.get(..length).unwrap_or_default();
    let shape = Shape::of(rest);
    shape.lowers > 0
        && shape.uppers > 0
        && shape.digits > 0
        && shape.bytes >= 5
        && !SEARCH.finds(rest)
        && !SEQUENCE_SEARCH.finds(rest)
}

/// True for the digest of no text, as forms and tools keep it for no password.
pub(crate) fn is_digest_of_nothing(value: &[u8]) -> bool {
    let stands = |digest: &[u8]| {
        let (head, rest) = value.split_at_checked(digest.len()).unwrap_or_default();
        head.eq_ignore_ascii_case(digest) && rest.first().is_none_or(|byte| !byte.is_ascii_alphanumeric())
    };
    DIGESTS_OF_NOTHING.iter().any(|digest| stands(digest))
}

/// True for a variable that something will replace: `${X}`, `{{ x }}`, `<x>`, `%s`, `$X`, `#{x}`.
pub(crate) fn is_template(value: &[u8]) -> bool {
    let opens = |pair: &[u8]| {
        matches!(pair, [b'$' | b'#' | b'%' | b'@' | b'{', b'{'] | [b'$' | b'%', b'('] | [b'<', _] | [b'[', b'A'..=b'z'])
    };
    let name = |name: &[u8]| name.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    match value {
        [b'%', b's' | b'd' | b'v', ..] | [b'{', .., b'}'] | [b'%', .., b'%'] => true,
        // `$env:NAME` of PowerShell, `%env(NAME)`, `%env:NAME%` without its end.
        [b'@', variable @ .., b'@']
        | [b'$' | b'%', b'e' | b'E', b'n' | b'N', b'v' | b'V', b':' | b'(', variable @ ..]
            if is_variable(variable) =>
        {
            true
        }
        // What SOPS and Jasypt keep encrypted.
        [b'E', b'N', b'C', b'[', b'A', b'E', b'S', ..] | [b'E', b'N', b'C', b'(', .., b')'] => true,
        [b'$' | b'@' | b'%', rest @ ..] if name(rest) => true,
        _ => may_open(value) && value.windows(2).any(opens),
    }
}

/// True for the name of a variable, in capitals, and what closes it.
fn is_variable(name: &[u8]) -> bool {
    let in_name = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"_@.-)".contains(byte);
    name.iter().all(in_name) && name.iter().any(u8::is_ascii_uppercase)
}

/// True if a byte stands there with which a variable of a template begins. All bytes are looked at, since many at
/// once are compared faster than one by one.
fn may_open(value: &[u8]) -> bool {
    let begins = |byte| matches!(byte, b'$' | b'#' | b'%' | b'@' | b'{' | b'<' | b'[');
    value.iter().fold(false, |any, byte| any | begins(*byte))
}

/// True for few different characters, or long rows of equal ones that make up much of it.
pub(crate) fn is_filler(value: &[u8]) -> bool {
    let (mut seen, mut longest, mut filled, mut row, mut before) = (0u128, 0, 0, 0, None);
    for byte in value {
        seen |= 1 << (byte & 0x7f);
        row = if before == Some(*byte) { row + 1 } else { 1 };
        longest = longest.max(row);
        filled += usize::from(row == FILLER_BYTES_MIN) * FILLER_BYTES_MIN + usize::from(row > FILLER_BYTES_MIN);
        before = Some(*byte);
    }
    let begins_filled = longest >= 3 && matches!(value, [b'*' | b'.' | b'x' | b'X' | b'#', ..]);
    (filled > 0 && filled * FILLER_SHARE >= value.len()) || begins_filled || seen.count_ones() <= 3
}

impl<const COUNT: usize> Search<COUNT> {
    const fn of(words: [&'static [u8]; COUNT]) -> Self {
        Self { words, pairs: pairs(&words), characters: characters_of(&words) }
    }

    /// True if one of the words, in small letters or capitals, stands in `value`.
    fn finds(&self, value: &[u8]) -> bool {
        /// The bits of capitals; those of small letters are 32 further up.
        const CAPITALS: u128 = ((1 << 26) - 1) << b'A';
        let seen = characters(value);
        let absent = !(seen | (seen & CAPITALS) << 32);
        if self.characters.iter().all(|word| word & absent != 0) {
            return false;
        }
        let begins = |start: usize, word: &[u8]| {
            value.get(start..start + word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word))
        };
        value.windows(2).enumerate().any(|(start, pair)| {
            let [first, second] = pair else { return false };
            let bits = self.pairs.get(fold(*first)).copied().unwrap_or(0);
            let agrees = |word: &&&[u8]| {
                matches!(**word, [one, two, ..] if fold(*one) == fold(*first) && fold(*two) == fold(*second))
            };
            // Digits share their five bits with letters, and only two of them begin a word.
            let may_begin = !first.is_ascii_digit() || matches!(first, b'0' | b'1');
            let may_begin = may_begin && bits >> fold(*second) & 1 == 1;
            may_begin && self.words.iter().filter(agrees).any(|word| begins(start, word))
        })
    }
}

/// The characters of each word, a bit each.
#[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
const fn characters_of<const COUNT: usize>(words: &[&[u8]; COUNT]) -> [u128; COUNT] {
    let mut sets = [0; COUNT];
    let mut place = 0;
    while place < COUNT {
        let mut rest = words[place];
        while let [first, tail @ ..] = rest {
            sets[place] |= 1 << *first;
            rest = tail;
        }
        place += 1;
    }
    sets
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
            "AKIA1111111111111111",
            "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE",
            "k3Jd90000000Qpl5m2Nv",
            "0123456789abcdef0123456789abcdef",
            "sha256sum",
            "Argon2id",
            "@DB_PASS1@",
            "@@DB_PASS@@",
            "$env:DB_PASS1",
            "%env:DB_PASS1",
            "ENC[AES256_GCM,data:aGVsbG8",
            "d41d8cd98f00b204e9800998ecf8427e",
            "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        ] {
            assert!(is_placeholder(value.as_bytes()), "{value}");
        }
        for value in ["@Sommer2024@", "@kX9-fj2.m@", "$env:Falcon77x!", "%env:hunter2", "ENC(Sommer2024!"] {
            assert!(!is_template(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn every_word_is_found_small_and_in_capitals() {
        for word in WORDS.iter().chain(&SEQUENCES).map(|word| core::str::from_utf8(word).unwrap()) {
            for word in [word.to_owned(), word.to_uppercase()] {
                let value = format!("7Zq{word}Kj9");
                assert!(is_placeholder(value.as_bytes()) && names_itself(value.as_bytes()), "{value}");
            }
        }
        for word in SELF_WORDS.iter().map(|word| core::str::from_utf8(word).unwrap()) {
            assert!(names_itself(format!("7Zq{}Kj9", word.to_uppercase()).as_bytes()), "{word}");
        }
    }

    #[test]
    fn keys_are_no_placeholders() {
        for value in [
            "wJalrXUtnFEMIK7MDENGbPxRfiCY",
            "Tr0ub4dor&3",
            "d41d8cd98f00b204e9800998ecf8427f",
            "hunter2",
            "pa$$w0rd",
            "IQoJb3JpZ2luX2VjEPr//////////wEaCXVzLWVhc3QtMSJGMEQCIHx7Qm2kP9vLw3TzR5sYb8NcXaUe",
        ] {
            assert!(!is_placeholder(value.as_bytes()), "{value}");
        }
    }
}
