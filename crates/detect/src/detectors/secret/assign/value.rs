//! The value behind a name that tells: is it a secret, or what a program or a manual writes there?

use super::super::{base64, form, letters, placeholder, shape};
use super::{Named, Quote, Value, chosen};
use shape::Shape;

/// Bytes of the shortest password that is reported.
pub(super) const PASSWORD_BYTES_MIN: usize = 6;

/// Bytes of the longest one; people do not choose longer ones without spaces.
const PASSWORD_BYTES_MAX: usize = 72;

/// Bytes of the shortest key that is reported.
const KEY_BYTES_MIN: usize = 12;

/// Bytes of the shortest credential of a request that no scheme announces.
const HEADER_BYTES_MIN: usize = 20;

/// Bytes of the shortest key that opens something, if its name does not say so.
const SOME_KEY_BYTES_MIN: usize = 20;

/// Bytes from which on a key's randomness can be told by the sorts of its characters alone.
const KEY_BYTES_SURE: usize = 16;

/// Beginnings of values that are no secrets: hashes that say so, places, keys that are public.
const HARMLESS: [&[u8]; 22] = [
    b"sha256-",
    b"sha384-",
    b"sha512-",
    b"sha256:",
    b"SHA256:",
    b"sha256=",
    b"sha512=",
    b"sha1=",
    b"md5=",
    b"data:",
    b"arn:",
    b"urn:",
    b"ssh-rsa",
    b"ssh-ed25519",
    b"./",
    b"~/",
    b"../",
    b"pk_test_",
    b"pk_live_",
    b"phc_",
    b"iv:",
    b"tag:",
];

/// The rule that a value satisfies, if it is a secret.
pub(super) fn judge(value: Value<'_>, named: Named, scheme: bool) -> Option<usize> {
    let text = value.text;
    if text.len() < PASSWORD_BYTES_MIN || is_harmless(text) || placeholder::is_binary(text) {
        return None;
    }
    let is_of_signs = || !value.quote.is_bare() && chosen::is_of_signs(text);
    let is_plain = || is_of_words(value) || is_of_digits(value) || is_of_letters(value);
    if named == Named::Password && (is_plain() || is_foreign(value) || is_of_signs()) {
        return Some(form::PASSWORD);
    }
    if named == Named::Key && (is_salt(value) || chosen::is_seed(text)) {
        return Some(form::SECRET);
    }
    if is_program(value) {
        return None;
    }
    let accepted = match named {
        Named::Password => is_password(value),
        // A pass to a train has a code of letters and digits, and a test that passed a name.
        Named::Pass => is_of_no_name(text) && is_password(value),
        Named::Header if scheme => is_basic(text).unwrap_or_else(|| is_key(text)),
        // Behind an unknown scheme, a word.
        Named::Header => text.len() >= HEADER_BYTES_MIN && is_key(text) && Shape::of(text).is_random(),
        Named::Later => false,
        Named::SomeKey => text.len() >= SOME_KEY_BYTES_MIN && is_key(text) && is_of_machine(text),
        Named::Key => {
            is_key(text)
                || is_drawn_key(text)
                || is_unlike_names(text)
                || (!value.quote.is_bare() && (is_key_with_signs(text) || is_small_key(text)))
                || (is_mixed(text) && is_password(value))
        }
    };
    if !accepted || placeholder::is_placeholder(text) {
        return None;
    }
    Some(match named {
        Named::Password | Named::Pass => form::PASSWORD,
        Named::Key | Named::SomeKey if !scheme => form::SECRET,
        Named::Key | Named::SomeKey | Named::Header | Named::Later => form::AUTHORIZATION,
    })
}

/// True for words and a number, for words alone where only a value may stand, and for small letters that were drawn.
fn is_of_letters(value: Value<'_>) -> bool {
    let text = value.text;
    let is_marked = value.quote != Quote::None || value.is_element;
    chosen::is_words_and_number(text)
        || (is_marked
            && (chosen::is_common(text)
                || chosen::is_drawn(text, chosen::UNLIKE)
                || chosen::is_of_year(text)
                || chosen::is_joined_words(text)))
        || (value.is_set && chosen::is_plain(text))
}

/// True for what a program computes: calls, members, parts of a larger expression.
fn is_program(value: Value<'_>) -> bool {
    let text = value.text;
    let unquoted = value.quote.is_bare();
    // What a line ends is no call if no argument begins behind its parenthesis.
    let begins = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b')' | b']' | b'"' | b'\'');
    let calls = || {
        let (path, rest) = memchr::memchr2(b'(', b'[', text).and_then(|open| text.split_at_checked(open))?;
        let may_call = value.quote == Quote::None || rest.get(1).is_none_or(begins) || rest.contains(&b')');
        (may_call && is_path(path)).then_some(())
    };
    let mut before = 0;
    // `!vault |`: a tag of YAML (version 1.2, section 6.8.2).
    let is_tag = || matches!(text, [b'!', tag @ ..] if tag.iter().all(u8::is_ascii_lowercase));
    let joins = text.iter().any(|byte| {
        let pair = (core::mem::replace(&mut before, *byte), *byte);
        matches!(pair, (_, b' ' | b'\t' | b'{') | (b':', b'/' | b':') | (b'-', b'>'))
    });
    // `"getpass.getpass()"`
    let is_call = || text.strip_suffix(b"()").is_some_and(|path| path.contains(&b'.') && is_path_of_names(path));
    let is_path = || is_path_of_names(text) && !(value.quote == Quote::Line && is_numbered(text));
    joins || is_call() || (unquoted && is_tag()) || (unquoted && (is_variable(text) || calls().is_some() || is_path()))
}

/// True for `$name` and what may follow it in a program. A password has signs of its own, and no name between the
/// first of them: `$tr0ngP@ss!`.
fn is_variable(text: &[u8]) -> bool {
    let [b'$', rest @ ..] = text else { return false };
    if rest.first().is_some_and(|byte| is_symbol(*byte) && *byte != b'(') {
        return false;
    }
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let name = rest.split(|byte| !in_name(byte)).next().unwrap_or_default();
    // Names are numbered at their ends.
    let kept = name.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |last| last + 1);
    let shape = Shape::of(name.get(..kept).unwrap_or_default());
    let has_sign = rest.iter().any(|byte| matches!(byte, b'!' | b'@' | b'#' | b'%' | b'^' | b'*' | b'~'));
    !has_sign || shape.digits == 0 || shape.uppers == 0 || shape.lowers == 0
}

/// True for letters, digits, and what joins names: `os.environ`, `self.token`.
fn is_path(text: &[u8]) -> bool {
    !text.is_empty()
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'>' | b'-'))
}

/// True for names joined by dots.
fn is_path_of_names(text: &[u8]) -> bool {
    let is_name = |part: &[u8]| {
        part.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
            && part.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            && !Shape::of(part).is_random()
    };
    text.contains(&b'.') && text.split(|byte| *byte == b'.').all(is_name)
}

/// True for capitals at the beginning of each part and a number of several digits at the end, as no path of names has them:
/// `Katze.Banana1855`.
fn is_numbered(text: &[u8]) -> bool {
    let digits = text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let mut parts = text.split(|byte| *byte == b'.');
    (2..=4).contains(&digits) && parts.all(|part| part.first().is_some_and(u8::is_ascii_uppercase))
}

pub(in super::super) fn is_harmless(text: &[u8]) -> bool {
    HARMLESS.iter().any(|head| head.first() == text.first() && text.starts_with(head))
}

/// True for letters beyond ASCII, digits and signs where a value is marked: `Spaß2019!`. Only letters that have capitals
/// count: what other scripts say needs no spaces.
fn is_foreign(value: Value<'_>) -> bool {
    let Some(text) = core::str::from_utf8(value.text).ok().filter(|text| !text.is_ascii()) else { return false };
    let is_one = |letter: char| letter.is_lowercase() || letter.is_uppercase();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    value.quote != Quote::None
        && value.text.len() <= PASSWORD_BYTES_MAX
        && digits >= DIGITS_OF_FOREIGN_MIN
        && text.chars().filter(|letter| is_one(*letter)).count() >= LETTERS_OF_FOREIGN_MIN
        && text.chars().all(|letter| is_one(letter) || letter.is_ascii_digit() || is_sign(letter))
        && !placeholder::names_itself(value.text)
}

/// Digits and letters of a password of such letters.
const DIGITS_OF_FOREIGN_MIN: usize = 2;
const LETTERS_OF_FOREIGN_MIN: usize = 3;

/// True for a sign of a password, one that keyboards have beyond ASCII among them.
fn is_sign(letter: char) -> bool {
    u8::try_from(letter).is_ok_and(is_symbol) || matches!(letter, '€' | '£' | '§' | '-' | '_' | '.')
}

/// What a person chose: characters of two sorts at least, not a word or a name.
fn is_password(value: Value<'_>) -> bool {
    let text = value.text;
    let shape = Shape::of(text);
    // A pointer's star or a reference is none of its signs.
    let signs = text.iter().skip_while(|byte| matches!(byte, b'*' | b'&'));
    let symbols = signs.filter(|byte| is_symbol(**byte)).count();
    let sorts = [shape.lowers, shape.uppers, shape.digits, symbols].into_iter().filter(|count| *count > 0).count();
    let mixed = sorts >= 2 && shape.letters() > 0 && shape.digits + symbols > 0 && shape.distinct >= 5;
    let drawn = is_drawn(value, &shape);
    let long = shape.is_random() && text.len() <= super::VALUE_BYTES_MAX;
    (text.len() <= PASSWORD_BYTES_MAX || long)
        && (mixed || drawn)
        && text.first() != Some(&b'/')
        && (symbols > 0 || drawn || is_generated(text) || !is_listing(text))
        && text.is_ascii()
        && !is_address(text)
        && !chosen::is_of_rules(text)
        && !chosen::is_label(text)
        && !is_sized(text)
        && (letters::are_unlike_names(text, &shape, letters::ODDS_OF_WORD) || !placeholder::begins_like_code(text))
        && !placeholder::names_itself(text)
        && (!value.quote.is_bare() || drawn || is_generated(text) || !is_word_with_number(value, &shape, symbols))
}

/// Types that databases give a size.
const SIZED: [&[u8]; 12] = [
    b"varchar",
    b"varchar2",
    b"nvarchar",
    b"nvarchar2",
    b"char",
    b"nchar",
    b"character",
    b"binary",
    b"varbinary",
    b"bit",
    b"raw",
    b"string",
];

/// True for a type and its size: `varchar(72)`.
fn is_sized(text: &[u8]) -> bool {
    let Some(open) = memchr::memchr(b'(', text) else { return false };
    let (name, size) = text.split_at_checked(open).unwrap_or_default();
    let size = size.get(1..).and_then(|size| size.strip_suffix(b")")).unwrap_or_default();
    !size.is_empty()
        && size.iter().all(u8::is_ascii_digit)
        && SIZED.iter().any(|sized| name.eq_ignore_ascii_case(sized))
}

/// True for three groups of six, as keychains and browsers make them: `zLCwtx-dvhzJM-w1jiZp`.
fn is_generated(text: &[u8]) -> bool {
    let some = |kind: fn(&u8) -> bool| text.iter().any(kind);
    text.split(|byte| *byte == b'-').all(|group| group.len() == 6 && group.iter().all(u8::is_ascii_alphanumeric))
        && text.iter().filter(|byte| **byte == b'-').count() == 2
        && some(u8::is_ascii_digit)
        && some(u8::is_ascii_uppercase)
        && some(u8::is_ascii_lowercase)
}

/// True for letters, or letters, digits and marks, that no name has in this order. What nothing marks as a value needs
/// capitals among them.
fn is_drawn(value: Value<'_>, shape: &Shape) -> bool {
    ((value.quote != Quote::None || shape.uppers > 0) && letters::are_drawn(value.text, shape))
        || (value.quote == Quote::Line && is_base64(value.text, shape) && letters::are_unlike_words(value.text, shape))
        || letters::are_unlike_names(value.text, shape, letters::ODDS)
}

/// True for letters of both sorts, a digit perhaps, and few signs of base64 between them: how some files keep passwords.
fn is_base64(text: &[u8], shape: &Shape) -> bool {
    const SIGN_SHARE: usize = 8;
    let signs = text.iter().filter(|byte| matches!(byte, b'/' | b'+')).count();
    text.len() >= KEY_BYTES_MIN
        && shape.lowers >= 3
        && shape.uppers >= 3
        && (1..=text.len() / SIGN_SHARE).contains(&signs)
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+' | b'='))
}

/// Digits of a password that has nothing else, and how many different ones it has.
const DIGITS_MIN: usize = 6;
const DIGITS_MAX: usize = 20;
const DIGITS_DISTINCT_MIN: usize = 4;

/// True for digits, as a PIN has them, that are no row and no filler. What nothing marks as a value is any number.
fn is_of_digits(value: Value<'_>) -> bool {
    let text = value.text;
    let step =
        |pair: &[u8]| matches!(pair, [one, two] if two.wrapping_sub(*one) == 1 || (*one == b'9' && *two == b'0'));
    value.quote != Quote::None
        && (DIGITS_MIN..=DIGITS_MAX).contains(&text.len())
        && text.iter().all(u8::is_ascii_digit)
        && shape::characters(text).count_ones() as usize >= DIGITS_DISTINCT_MIN
        && text.windows(2).filter(|pair| step(pair)).count() * 2 < text.len()
}

/// Words of a password that is made of nothing else, and letters of each.
const WORDS_MIN: usize = 4;
const WORDS_MAX: usize = 12;
const WORD_BYTES_MIN: usize = 3;
const WORD_BYTES_MAX: usize = 11;

/// Words of sentences, forms and names of settings: where one of them stands, words were not drawn.
pub(super) const SPOKEN: [&[u8]; 78] = [
    b"the",
    b"and",
    b"for",
    b"with",
    b"from",
    b"that",
    b"this",
    b"your",
    b"you",
    b"our",
    b"are",
    b"was",
    b"has",
    b"have",
    b"must",
    b"should",
    b"can",
    b"cannot",
    b"not",
    b"use",
    b"used",
    b"using",
    b"will",
    b"does",
    b"please",
    b"enter",
    b"type",
    b"forgot",
    b"forgotten",
    b"reset",
    b"change",
    b"changed",
    b"confirm",
    b"invalid",
    b"required",
    b"optional",
    b"missing",
    b"wrong",
    b"incorrect",
    b"expired",
    b"characters",
    b"letters",
    b"digits",
    b"least",
    b"length",
    b"minimum",
    b"maximum",
    b"new",
    b"old",
    b"current",
    b"login",
    b"user",
    b"username",
    b"account",
    b"admin",
    b"password",
    b"secret",
    b"token",
    b"key",
    b"hash",
    b"field",
    b"value",
    b"string",
    b"name",
    b"file",
    b"path",
    b"service",
    b"server",
    b"database",
    b"prod",
    b"production",
    b"staging",
    b"dev",
    b"test",
    b"app",
    b"api",
    b"config",
    b"example",
];

/// True for words that were drawn, as diceware has them: `correct horse battery staple`, `correct-horse-battery-staple`.
/// All of them are small, or begin with a capital.
fn is_of_words(value: Value<'_>) -> bool {
    let text = value.text;
    let Some(mark) = text.iter().find(|byte| !byte.is_ascii_alphabetic()) else { return false };
    let is_marked = match mark {
        b' ' => matches!(value.quote, Quote::Byte(_) | Quote::Leaf),
        b'-' | b'.' => value.quote != Quote::None,
        _ => false,
    };
    let has_capitals = text.first().is_some_and(u8::is_ascii_uppercase);
    let is_word = |word: &[u8]| {
        let [first, rest @ ..] = word else { return false };
        (WORD_BYTES_MIN..=WORD_BYTES_MAX).contains(&word.len())
            && first.is_ascii_alphabetic()
            && first.is_ascii_uppercase() == has_capitals
            && rest.iter().all(u8::is_ascii_lowercase)
            && !SPOKEN.iter().any(|spoken| word.eq_ignore_ascii_case(spoken))
    };
    let words = || text.split(|byte| byte == mark);
    is_marked && (WORDS_MIN..=WORDS_MAX).contains(&words().count()) && words().all(is_word)
}

/// True for `user@example.com`.
fn is_address(text: &[u8]) -> bool {
    let host = text.iter().rposition(|byte| *byte == b'@').and_then(|at| text.get(at + 1..)).unwrap_or_default();
    let top = host.iter().rposition(|byte| *byte == b'.').and_then(|dot| host.get(dot + 1..)).unwrap_or_default();
    top.len() >= 2 && top.iter().all(u8::is_ascii_lowercase)
}

/// True for `md5sum1`, `x86_64`, `field2`: what an identifier looks like where nothing quotes it. In a line of
/// settings it is a value, if it has more than a number of one digit.
fn is_word_with_number(value: Value<'_>, shape: &Shape, symbols: usize) -> bool {
    let is_long = value.text.len() >= KEY_BYTES_SURE && shape.is_random();
    let is_marked = value.quote == Quote::Line || value.is_element;
    let is_name = !is_long && (!is_marked || shape.digits < 2);
    symbols == 0
        && ((value.text.contains(&b'_') && is_name)
            || (shape.digits < 2 && shape.letters() > 12 && !letters::are_unlike_words(value.text, shape)))
}

/// True for signs that people put into passwords and names do not have.
const fn is_symbol(byte: u8) -> bool {
    matches!(
        byte,
        b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'+' | b'=' | b'~' | b'?' | b'|' | b'(' | b')'
    )
}

/// Letters of a key with so few digits that only their order tells that they were drawn.
fn is_drawn_key(text: &[u8]) -> bool {
    let shape = Shape::of(text);
    text.len() >= KEY_BYTES_SURE
        && shape.others == 0
        && shape.uppers >= 3
        && shape.lowers >= 3
        && shape.changes * 4 >= text.len()
        && letters::are_unlike_words(text, &shape)
}

/// True for what has signs of passwords in it, or an order that no name has.
fn is_of_no_name(text: &[u8]) -> bool {
    let shape = Shape::of(text);
    let has_sign = text.iter().any(|byte| is_symbol(*byte)) && !text.contains(&b'/');
    has_sign || letters::are_unlike_names(text, &shape, letters::ODDS_OF_WORD)
}

/// Letters, digits and marks in an order that no name has; keys stand where names do more often than passwords.
fn is_unlike_names(text: &[u8]) -> bool {
    text.len() >= KEY_BYTES_MIN && letters::are_unlike_names(text, &Shape::of(text), letters::ODDS_OF_WORD)
}

/// Small letters with digits between them, as keys of services are, in an order that words do not have.
fn is_small_key(text: &[u8]) -> bool {
    let shape = Shape::of(text);
    text.len() >= KEY_BYTES_SURE
        && shape.others + shape.uppers == 0
        && shape.digits > 0
        && shape.distinct >= 8
        && letters::likelihood(text).is_some_and(|mean| mean * 4 <= -5 * letters::UNIT)
}

/// What a machine made: long and random.
fn is_key(text: &[u8]) -> bool {
    let shape = Shape::of(text);
    let in_key = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'=' | b'.' | b'~' | b'%' | b':')
    };
    if text.len() < KEY_BYTES_MIN || !text.iter().all(in_key) {
        return false;
    }
    if text.len() < KEY_BYTES_SURE {
        return shape.is_random() && shape.others == 0 && shape.digits >= 2 && shape.changes >= 4;
    }
    (shape.is_random() || (text.len() >= 24 && shape.is_mixed())) && !is_dated(text) && !is_listing(text)
}

/// True for random letters and digits that are no UUID, which finds things more often than it opens them.
fn is_of_machine(text: &[u8]) -> bool {
    Shape::of(text).is_random() && !shape::is_uuid(text) && !placeholder::begins_like_code(text)
}

/// Bytes of a user and a password that are looked at.
const BASIC_BYTES_MAX: usize = 96;

/// Whether the password in base64 behind a user and a colon (RFC 7617 section 2) is one; none if there is no such text.
fn is_basic(text: &[u8]) -> Option<bool> {
    let mut plain = [0; BASIC_BYTES_MAX];
    let plain = base64::decode(text, &mut plain);
    let colon = memchr::memchr(b':', plain).filter(|colon| *colon > 0)?;
    let password = plain.get(colon + 1..)?;
    let is_one = password.len() >= PASSWORD_BYTES_MIN
        && !placeholder::names_itself(password)
        && !placeholder::is_placeholder(password);
    plain.iter().all(u8::is_ascii_graphic).then_some(is_one)
}

/// True for characters of all sorts, as people choose a secret.
fn is_mixed(text: &[u8]) -> bool {
    let shape = Shape::of(text);
    shape.lowers > 0 && shape.uppers > 0 && shape.digits > 0 && text.iter().any(|byte| is_symbol(*byte))
}

/// Bytes of the shortest key with signs in it, as programs draw them for their own use.
const SIGNED_KEY_BYTES_MIN: usize = 20;

fn is_key_with_signs(text: &[u8]) -> bool {
    let shape = Shape::of(text);
    let in_key = |byte: &u8| byte.is_ascii_alphanumeric() || is_symbol(*byte) || matches!(byte, b'_' | b'-');
    text.len() >= SIGNED_KEY_BYTES_MIN
        && text.iter().all(in_key)
        && shape.others >= 3
        && shape.digits >= 2
        && shape.letters() >= 5
        && shape.distinct >= 12
        && shape.wordy * 3 < text.len()
}

/// Bytes of what frameworks draw of all visible characters, and how many signs it has: one in so many, of so many kinds.
const SALT_BYTES_MIN: usize = 40;
const SALT_SIGN_SHARE: usize = 6;
const SALT_SIGNS_DISTINCT_MIN: usize = 6;

/// True for characters that were drawn, spaces and brackets among them: `AUTH_KEY` of WordPress, `SECRET_KEY` of Django.
fn is_salt(value: Value<'_>) -> bool {
    let text = value.text;
    if value.quote.is_bare() || text.len() < SALT_BYTES_MIN {
        return false;
    }
    let shape = Shape::of(text);
    let signs = text.iter().filter(|byte| byte.is_ascii_punctuation());
    let kinds = signs.clone().fold(0u128, |seen, byte| seen | 1 << (byte & 0x7f));
    text.iter().all(|byte| matches!(byte, b' '..=b'~'))
        && signs.count() * SALT_SIGN_SHARE >= text.len()
        && kinds.count_ones() as usize >= SALT_SIGNS_DISTINCT_MIN
        && shape.digits > 0
        && shape.letters() * 4 >= text.len()
        && shape.wordy * 2 < text.len()
}

/// True for three or more words or numbers that hyphens, dots, colons or slashes join, none of them
/// random: versions, dates, names of files and classes.
fn is_listing(text: &[u8]) -> bool {
    let joins = |byte: &u8| matches!(byte, b'-' | b'.' | b':' | b'/' | b'_');
    text.iter().filter(|byte| joins(byte)).count() >= 2
        && !shape::is_uuid(text)
        && !text.split(joins).any(|part| part.len() >= 8 && is_drawn_part(part))
}

/// True for a part of a value that neither words nor names with numbers are.
fn is_drawn_part(part: &[u8]) -> bool {
    let shape = Shape::of(part);
    shape.is_random() || (shape.digits > 0 && letters::are_unlike_words(part, &shape))
}

/// True for a time: `2019-06-01T12:30:00Z`.
fn is_dated(text: &[u8]) -> bool {
    matches!(text, [b'1' | b'2', b'0' | b'9', _, _, b'-' | b'/', ..])
}
