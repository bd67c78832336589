//! Passwords that people choose of words: `winter-coffee-13`, `iloveyou`; and small letters that were drawn.
//!
//! Words and a number that hyphens join are told by their form. Letters alone are any word of a program or a form, so
//! something beside them has to say that they are a value: a line of settings, or of a user and a password.

use super::super::{letters, placeholder, shape::Shape};
use super::value::SPOKEN;
use super::words::PASSWORDS;

/// Letters of each word before a number, how many words, and digits of the number.
const WORD_BYTES_MIN: usize = 4;
const WORD_BYTES_MAX: usize = 11;
const WORDS_MAX: usize = 4;
const DIGITS_MIN: usize = 2;
const DIGITS_MAX: usize = 4;

/// Letters of a password that is one word, or words that nothing joins.
const PLAIN_BYTES_MIN: usize = 6;
const PLAIN_BYTES_MAX: usize = 32;

/// Small letters of the shortest and the longest password that was drawn, and how unlike words they are: of such letters
/// seven in eight are, of names in programs three in two hundred.
const DRAWN_BYTES_MIN: usize = 8;
const DRAWN_BYTES_MAX: usize = 16;
const DRAWN_DISTINCT_MIN: usize = 5;
pub(in super::super) const UNLIKE: i32 = -12;

/// Words of what machines and places are called, which numbers follow, too.
const PLACES: [&[u8]; 34] = [
    b"pass",
    b"passwd",
    b"postgres",
    b"mysql",
    b"mariadb",
    b"redis",
    b"vault",
    b"mongo",
    b"mongodb",
    b"rabbitmq",
    b"grafana",
    b"credentials",
    b"cluster",
    b"instance",
    b"primary",
    b"replica",
    b"region",
    b"east",
    b"west",
    b"north",
    b"south",
    b"central",
    b"version",
    b"rounds",
    b"bcrypt",
    b"scram",
    b"argon",
    b"crypt",
    b"legacy",
    b"kube",
    b"node",
    b"host",
    b"client",
    b"vendor",
];

/// Passwords that people choose most often, of letters or with a digit.
const COMMON: [&[u8]; 36] = [
    b"iloveyou",
    b"letmein",
    b"football",
    b"baseball",
    b"basketball",
    b"monkey",
    b"dragon",
    b"sunshine",
    b"princess",
    b"superman",
    b"batman",
    b"starwars",
    b"trustno1",
    b"qwerty",
    b"qwertyuiop",
    b"asdfghjkl",
    b"zxcvbnm",
    b"michael",
    b"jennifer",
    b"jessica",
    b"jordan",
    b"ashley",
    b"charlie",
    b"liverpool",
    b"chelsea",
    b"arsenal",
    b"barcelona",
    b"pokemon",
    b"cheese",
    b"computer",
    b"chocolate",
    b"butterfly",
    b"whatever1",
    b"correcthorse",
    b"correcthorsebattery",
    b"correcthorsebatterystaple",
];

/// Values of settings and schemas that are no passwords, and endings of such words.
const TOLD: [&[u8]; 59] = [
    b"nobody",
    b"compat",
    b"systemd",
    b"candidate",
    b"generate",
    b"generated",
    b"required",
    b"optional",
    b"string",
    b"varchar",
    b"integer",
    b"boolean",
    b"object",
    b"number",
    b"nullable",
    b"unknown",
    b"undefined",
    b"default",
    b"hidden",
    b"disabled",
    b"enabled",
    b"invalid",
    b"incorrect",
    b"missing",
    b"strong",
    b"weak",
    b"simple",
    b"random",
    b"unique",
    b"plain",
    b"plaintext",
    b"cleartext",
    b"bcrypt",
    b"argon",
    b"scrypt",
    b"sodium",
    b"prompt",
    b"interactive",
    b"keyring",
    b"keychain",
    b"vault",
    b"stdin",
    b"external",
    b"internal",
    b"system",
    b"local",
    b"remote",
    b"always",
    b"never",
    b"nothing",
    b"unset",
    b"empty",
    b"kwargs",
    b"options",
    b"config",
    b"settings",
    b"params",
    b"username",
    b"placeholder",
];
const TOLD_ENDS: [&[u8]; 8] = [b"ed", b"able", b"ible", b"less", b"word", b"wort", b"pass", b"phrase"];

/// True for words and a number that hyphens join: `winter-coffee-13`.
pub(in super::super) fn is_words_and_number(text: &[u8]) -> bool {
    let Some(hyphen) = memchr::memrchr(b'-', text) else { return false };
    let (words, number) = text.split_at_checked(hyphen).unwrap_or_default();
    let number = number.get(1..).unwrap_or_default();
    let is_word = |word: &[u8]| {
        let [first, rest @ ..] = word else { return false };
        (WORD_BYTES_MIN..=WORD_BYTES_MAX).contains(&word.len())
            && first.is_ascii_alphabetic()
            && rest.iter().all(u8::is_ascii_lowercase)
            && !SPOKEN.iter().chain(&PLACES).chain(&TOLD).any(|told| word.eq_ignore_ascii_case(told))
            && !word.ends_with(b"ed")
    };
    let count = words.split(|byte| *byte == b'-').count();
    (DIGITS_MIN..=DIGITS_MAX).contains(&number.len())
        && number.iter().all(u8::is_ascii_digit)
        && (2..=WORDS_MAX).contains(&count)
        && words.split(|byte| *byte == b'-').all(is_word)
        && !words.split(|byte| *byte == b'-').all(is_numbered)
        && !placeholder::names_itself(text)
        && !placeholder::is_placeholder(text)
        && !placeholder::begins_like_code(text)
}

/// Further words of what a user interface shows and numbers, and digits of the number.
const SHOWN: [&[u8]; 28] = [
    b"enter",
    b"screen",
    b"panel",
    b"tab",
    b"field",
    b"value",
    b"line",
    b"section",
    b"chapter",
    b"window",
    b"menu",
    b"slide",
    b"level",
    b"next",
    b"back",
    b"submit",
    b"save",
    b"select",
    b"question",
    b"answer",
    b"dialog",
    b"popup",
    b"phase",
    b"stage",
    b"part",
    b"link",
    b"icon",
    b"name",
];
const SHOWN_DIGITS_MAX: usize = 3;

/// True for words of a user interface and a small number that `-` or `_` joins: `Step-83`, `text_field_12`.
pub(in super::super) fn is_label(text: &[u8]) -> bool {
    let is_shown = |word: &[u8]| FORMED.iter().chain(&SHOWN).any(|shown| word.eq_ignore_ascii_case(shown));
    let Some(joint) = text.iter().rposition(|byte| matches!(byte, b'-' | b'_')) else { return false };
    let (words, number) = text.split_at_checked(joint).unwrap_or_default();
    let number = number.get(1..).unwrap_or_default();
    (1..=SHOWN_DIGITS_MAX).contains(&number.len())
        && number.iter().all(u8::is_ascii_digit)
        && words.split(|byte| matches!(byte, b'-' | b'_')).all(is_shown)
}

/// Parts of a password that `_` or `-` joins, letters of each, and of the longest of them.
const PARTS_MAX: usize = 5;
const PART_BYTES_MAX: usize = 11;
const PART_BYTES_MIN: usize = 3;

/// Words of what forms and tables number.
const FORMED: [&[u8]; 16] = [
    b"form", b"input", b"label", b"text", b"box", b"button", b"page", b"view", b"row", b"item", b"table", b"column",
    b"col", b"type", b"class", b"step",
];

/// Further words of what programs number, which a password may have, too.
const NUMBERED: [&[u8]; 28] = [
    b"case", b"error", b"err", b"message", b"msg", b"str", b"var", b"arg", b"param", b"ref", b"auth", b"pwd", b"pass",
    b"pw", b"id", b"db", b"env", b"sha", b"md", b"aes", b"utf", b"max", b"min", b"rule", b"hint", b"option", b"group",
    b"role",
];

/// True for a word that forms, tables and programs number.
fn is_numbered(word: &[u8]) -> bool {
    FORMED.iter().chain(&NUMBERED).any(|numbered| word.eq_ignore_ascii_case(numbered))
}

/// True for words and a number that `_` or `-` joins, however short the words are: `my_dog_2019`, `Haus-am-See-12`. Names
/// of fields are numbered, too, so a value has to be marked.
pub(super) fn is_joined_words(text: &[u8]) -> bool {
    let Some(joint) = text.iter().find(|byte| matches!(byte, b'_' | b'-')) else { return false };
    let Some(last) = memchr::memrchr(*joint, text) else { return false };
    let (words, number) = text.split_at_checked(last).unwrap_or_default();
    let number = number.get(1..).unwrap_or_default();
    let is_told = |word: &[u8]| {
        is_numbered(word) || SPOKEN.iter().chain(&PLACES).chain(&TOLD).any(|told| word.eq_ignore_ascii_case(told))
    };
    let is_word = |word: &[u8]| {
        let [first, rest @ ..] = word else { return false };
        word.len() <= PART_BYTES_MAX
            && first.is_ascii_alphabetic()
            && rest.iter().all(u8::is_ascii_lowercase)
            && !is_told(word)
    };
    let parts = || words.split(|byte| byte == joint);
    (DIGITS_MIN..=DIGITS_MAX).contains(&number.len())
        && number.iter().all(u8::is_ascii_digit)
        && (2..PARTS_MAX).contains(&parts().count())
        && parts().all(is_word)
        && parts().any(|word| word.len() >= PART_BYTES_MIN)
        && !placeholder::names_itself(text)
        && !placeholder::is_placeholder(text)
        && !placeholder::begins_like_code(text)
}

/// True for one of the passwords that people choose most often.
pub(in super::super) fn is_common(text: &[u8]) -> bool {
    let number = text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let word = text.get(..text.len() - number).unwrap_or_default();
    let is_one = |word: &[u8]| COMMON.iter().any(|common| word.eq_ignore_ascii_case(common));
    is_one(text) || (number <= DIGITS_MIN && is_one(word))
}

/// True for small letters that no word has in this order, at least so unlike words.
pub(in super::super) fn is_drawn(text: &[u8], likelihood_max: i32) -> bool {
    (DRAWN_BYTES_MIN..=DRAWN_BYTES_MAX).contains(&text.len())
        && text.iter().all(u8::is_ascii_lowercase)
        && Shape::of(text).distinct >= DRAWN_DISTINCT_MIN
        && letters::likelihood(text).is_some_and(|mean| mean <= likelihood_max)
        && !placeholder::names_itself(text)
        && !placeholder::is_placeholder(text)
}

/// True for small letters where a password has to stand, and no word that says what is to stand there.
pub(super) fn is_plain(text: &[u8]) -> bool {
    (PLAIN_BYTES_MIN..=PLAIN_BYTES_MAX).contains(&text.len())
        && text.iter().all(u8::is_ascii_lowercase)
        && !SPOKEN.iter().chain(&TOLD).any(|told| text == *told)
        && !TOLD_ENDS.iter().any(|end| text.ends_with(end))
        && !PASSWORDS.words.contains(&text)
        && !placeholder::begins_like_code(text)
        && !placeholder::names_itself(text)
        && !placeholder::is_placeholder(text)
}

/// True for a word, a year and a sign, as rules for passwords make people choose them each year, whatever the word:
/// `Password2024!`.
pub(super) fn is_of_year(text: &[u8]) -> bool {
    let [first, rest @ ..] = text else { return false };
    let word = rest.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    let (word, rest) = rest.split_at_checked(word).unwrap_or_default();
    first.is_ascii_uppercase()
        && (WORD_BYTES_MIN..=WORD_BYTES_MAX).contains(&(word.len() + 1))
        && matches!(rest, [b'1', b'9', b'5'..=b'9', _, sign] | [b'2', b'0', b'0'..=b'3', _, sign]
            if rest.get(3).is_some_and(u8::is_ascii_digit) && matches!(sign, b'!' | b'@' | b'#' | b'$' | b'%' | b'*' | b'+' | b'?'))
}

/// Bytes, different ones and signs of a password that a program has drawn of all that keyboards have.
const SIGNS_BYTES_MIN: usize = 10;
const SIGNS_BYTES_MAX: usize = 72;
const SIGNS_DISTINCT_MIN: usize = 8;
const SIGNS_MIN: usize = 2;

/// Pairs of brackets: what closes again is more often of a program or a template.
const BRACKETS: [[u8; 2]; 4] = [[b'(', b')'], [b'[', b']'], [b'{', b'}'], [b'<', b'>']];

/// True for letters of both sorts, digits and signs that were drawn, whichever signs those are: `97A5mA_k<Ht6rv_u`.
pub(super) fn is_of_signs(text: &[u8]) -> bool {
    let shape = Shape::of(text);
    let signs = text.iter().filter(|byte| byte.is_ascii_punctuation()).count();
    let spaces = text.iter().filter(|byte| **byte == b' ').count();
    // One sign is enough, and a space may be there, where no two characters of a kind follow each other often.
    let is_mixed = shape.wordy == 0 && shape.digits >= 2 && shape.changes * 2 >= text.len();
    let is_closed = |[open, close]: &[u8; 2]| {
        memchr::memchr(*open, text).is_some_and(|from| memchr::memrchr(*close, text).is_some_and(|to| to > from))
    };
    let opens =
        |pair: &[u8]| matches!(pair, [b'$' | b'#' | b'%' | b'{', b'{'] | [b'$' | b'%', b'('] | [b':' | b'/', b'/']);
    (SIGNS_BYTES_MIN..=SIGNS_BYTES_MAX).contains(&text.len())
        && text.iter().filter(|byte| !byte.is_ascii_graphic()).all(|byte| *byte == b' ' && is_mixed)
        && spaces <= 1
        && shape.lowers > 0
        && shape.uppers > 0
        && shape.digits > 0
        && shape.distinct >= SIGNS_DISTINCT_MIN
        && (signs >= SIGNS_MIN || (signs + spaces > 0 && is_mixed))
        && shape.wordy * 3 < text.len()
        && !BRACKETS.iter().any(is_closed)
        && !text.windows(2).any(opens)
        && !placeholder::names_itself(text)
        && !placeholder::is_filler(text)
}

/// True for rules that a form's field has to keep: `required|min:8|max:72`.
pub(super) fn is_of_rules(text: &[u8]) -> bool {
    const FIRST: [&[u8]; 7] = [b"required", b"nullable", b"string", b"sometimes", b"confirmed", b"bail", b"present"];
    let is_rule = |rule: &[u8]| {
        let name = rule.iter().take_while(|byte| byte.is_ascii_lowercase() || **byte == b'_').count();
        let (name, rest) = rule.split_at_checked(name).unwrap_or_default();
        let in_rest = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_lowercase() || matches!(byte, b'_' | b',');
        !name.is_empty() && matches!(rest, [] | [b':', ..]) && rest.iter().skip(1).all(in_rest)
    };
    let mut rules = text.split(|byte| *byte == b'|');
    rules.next().is_some_and(|first| FIRST.contains(&first)) && rules.all(is_rule)
}

/// True for characters of a seed of one-time passwords in base32 (RFC 6238, RFC 4648 section 6).
pub(in super::super) fn is_seed(text: &[u8]) -> bool {
    const LENGTHS: [usize; 6] = [16, 24, 26, 32, 52, 64];
    const DISTINCT_MIN: usize = 8;
    let shape = Shape::of(text);
    LENGTHS.contains(&text.len())
        && text.iter().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'))
        && shape.distinct >= DISTINCT_MIN
        && (shape.digits >= 2 || letters::likelihood(text).is_some_and(|mean| mean <= UNLIKE))
        && !placeholder::names_itself(text)
        && !placeholder::is_placeholder(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_a_number_are_told_from_names_of_machines() {
        for text in ["winter-coffee-13", "berlin-tiger-66", "Winter-Coffee-2024", "summer-monkey-falcon-07"] {
            assert!(is_words_and_number(text.as_bytes()), "{text}");
        }
        for text in [
            "winter-13",
            "winter-coffee",
            "prod-database-01",
            "postgres-credentials-12",
            "scram-sha-256",
            "central-region-10",
            "winter_coffee_13",
            "winter-coffee-1",
            "test-winter-12",
        ] {
            assert!(!is_words_and_number(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn drawn_letters_and_seeds_are_told_from_words() {
        for text in ["bytvlbxmi", "gikgrfmn", "wciwvhfmokh"] {
            assert!(is_drawn(text.as_bytes(), UNLIKE), "{text}");
        }
        for text in ["required", "wachtwoord", "verschluesselt", "plaintext", "abcdefgh", "yyyyyyyyy"] {
            assert!(!is_drawn(text.as_bytes(), UNLIKE), "{text}");
        }
        for text in ["CGMOIVJFZAAREXTW", "JBSWY3DPEHPK3PXP"] {
            assert!(is_seed(text.as_bytes()), "{text}");
        }
        for text in ["YOURSECRETKEYABC", "INTERNATIONALIZE", "AAAAAAAAAAAAAAAA", "CGMOIVJFZAAREXT"] {
            assert!(!is_seed(text.as_bytes()), "{text}");
        }
    }
}
