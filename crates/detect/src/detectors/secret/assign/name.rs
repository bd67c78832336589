//! The name before a delimiter: does it say that what follows is secret?
//!
//! Names end in the word that tells: `db_password`, `STRIPE_API_KEY`, `clientSecret`, `"Auth Token"`.
//! Three letters before the delimiter are looked up first; few other names end like that.

use super::super::command::line_before;
use super::super::{link, shape::fold};
use super::words::{COOKIES, FOREIGN, HARMLESS, INDEXES, KEYS, PASSWORDS, QUALIFIERS, TYPES};
use crate::named::{ENDING_BYTES, Endings};
use crate::needle::partition;
use crate::text::alphanumeric;
use crate::window::{CONTEXT_BYTES, Window};

/// What a name calls its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// Something that a person chose.
    Password,
    /// The same, by a word that names other things, too: `pass`.
    Pass,
    /// Something that a machine made.
    Key,
    /// A key of something: many keys open nothing.
    SomeKey,
    /// The credential of a request, behind its scheme.
    Header,
    /// What stands behind the value tells: `"value": "...", "name": "API_KEY"`.
    Later,
}

impl Named {
    /// True for what a person chose.
    pub(super) const fn is_chosen(self) -> bool {
        matches!(self, Self::Password | Self::Pass)
    }
}

/// Bytes between a name and its delimiter: quotes, brackets, spaces that align.
const GAP_BYTES_MAX: usize = 16;

/// Bytes between a name and its type.
const TYPE_GAP_BYTES_MAX: usize = 4;

/// Letters of a name that are looked at, from its end.
const LETTERS_MAX: usize = 28;

/// Bytes of a name in which they stand.
const NAME_BYTES_MAX: usize = 32;

/// A short name that tells only if no letter stands before it.
const SHORT: &[u8] = b"pw";

/// What tests print before the name of one that went well.
const OUTCOME: &[u8] = b"PASS";

/// A name that other words end in, such as those of kinds of modulation, `QPSK`; and the words that it ends.
const SHARED: &[u8] = b"psk";
const SHARED_HEADS: [&[u8]; 2] = [b"wpa", b"wifi"];

/// The word for a value whose name stands before it: `"name": "API_KEY", "value": "..."`.
const VALUE: &[u8] = b"value";

/// What a name ends in that says where its value is used, `DB_PASSWORD_prod`, or which of several it is, as forms ask for
/// them: `password_confirmation`. Few other names end in these letters.
const SUFFIXES: [&[u8]; 12] = [
    b"prod",
    b"dev",
    b"staging",
    b"stg",
    b"uat",
    b"test",
    b"live",
    b"confirmation",
    b"confirm",
    b"repeat",
    b"again",
    b"verify",
];

/// What stands before a slash and a name that is of a digest: `checksum/secret`.
const DIGESTED: &[u8] = b"checksum";

/// All that names end in: see [`read`].
pub(crate) const WORDS: [&[&[u8]]; 6] = [
    &PASSWORDS.words,
    &FOREIGN,
    &KEYS.words,
    &TYPES.words,
    &SUFFIXES,
    &[b"authorization", b"pass", b"key", b"keys", b"token", b"tokens", VALUE],
];

/// Their last letters: three, five bits each.
static ENDINGS: [u32; 1024] = last_letters();

/// What may part the letters of a name: see [`Name::before`].
const JOINTS: &[u8] = b"0123456789_-. ";

/// The same, and [`SHORT`], for a search of all places at once.
pub(crate) fn endings() -> Endings {
    let mut tails: Vec<Vec<u8>> = WORDS.into_iter().flatten().chain([&SHORT]).map(|word| tail(word)).collect();
    tails.sort_unstable();
    tails.dedup();
    let mut endings = Endings::NONE;
    for (bucket, range) in partition::buckets(&tails, 1).windows(2).enumerate() {
        let &[from, to] = range else { continue };
        for tail in tails.get(from..to).unwrap_or_default() {
            for place in 0..ENDING_BYTES {
                let is_joint = |byte: &u8| place == LETTERS_TOLD && JOINTS.contains(byte);
                let is_one = |byte: &u8| tail.get(place).is_none_or(|letter| letter.eq_ignore_ascii_case(byte));
                let bytes = (0..=u8::MAX).filter(|byte| is_one(byte) || is_joint(byte));
                bytes.for_each(|byte| endings.add(place, byte, bucket));
            }
        }
    }
    endings
}

/// Letters at the end of a name that nothing parts.
const LETTERS_TOLD: usize = 3;

/// The last bytes of a word, the last one first.
fn tail(word: &[u8]) -> Vec<u8> {
    word.iter().rev().take(ENDING_BYTES).copied().collect()
}

/// True if a name that tells may end before the delimiter at `delimiter`. Most delimiters end here.
#[inline]
pub(crate) fn may_end(text: &[u8], delimiter: usize) -> bool {
    if is_ruler(text, delimiter) {
        return false;
    }
    let last = delimiter.checked_sub(1).and_then(|last| text.get(last));
    // Most names end right before their delimiter.
    let end = if last.is_some_and(u8::is_ascii_alphabetic) {
        Some(delimiter)
    } else {
        name_end(text, delimiter, GAP_BYTES_MAX)
    };
    let Some(end) = end else { return false };
    let Some([first, second, third]) = text.get(..end).and_then(|text| text.last_chunk()) else {
        return is_short(text, end);
    };
    if *third < b'A' {
        return false;
    }
    let bits = ENDINGS.get(fold(*first) << 5 | fold(*second)).copied().unwrap_or(0);
    bits >> fold(*third) & 1 == 1 || (*third | 0x20 == b'w' && is_short(text, end))
}

/// True for [`SHORT`] before `end`, and no letter before that.
#[inline]
fn is_short(text: &[u8], end: usize) -> bool {
    let Some((head, name)) =
        text.get(..end).and_then(|text| text.split_at_checked(text.len().saturating_sub(SHORT.len())))
    else {
        return false;
    };
    name.eq_ignore_ascii_case(SHORT) && !head.last().is_some_and(u8::is_ascii_alphanumeric)
}

/// True for a delimiter behind three of its kind: a line of them.
#[inline]
fn is_ruler(text: &[u8], delimiter: usize) -> bool {
    let four = text.get(..=delimiter).and_then(|text| text.last_chunk::<4>());
    four.is_some_and(|[a, b, c, d]| a == b && b == c && c == d)
}

/// The end of the name before a delimiter: behind its last letter.
#[inline]
fn name_end(text: &[u8], delimiter: usize, gap_bytes_max: usize) -> Option<usize> {
    let before = text.get(delimiter.saturating_sub(gap_bytes_max)..delimiter)?;
    let gap = before.iter().rev().take_while(|byte| in_gap(**byte)).count();
    let (name, _) = before.split_at_checked(before.len() - gap)?;
    // `TOKEN_2` is a name of the kind that `TOKEN` is.
    let number = name.iter().rev().take_while(|byte| byte.is_ascii_digit() || **byte == b'_').count();
    (gap + number < gap_bytes_max).then_some(delimiter - gap - number)
}

#[inline]
fn in_gap(byte: u8) -> bool {
    GAP.get(usize::from(byte)).copied().unwrap_or(false)
}

/// The bytes that may stand between a name and its delimiter.
static GAP: [bool; 256] = gap_bytes();

#[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
const fn gap_bytes() -> [bool; 256] {
    let mut gap = [false; 256];
    let mut bytes: &[u8] = b" \t\"'`][)*\\?:=!&>|";
    while let [byte, rest @ ..] = bytes {
        gap[*byte as usize] = true;
        bytes = rest;
    }
    gap
}

/// What the name before a delimiter calls its value, if it tells.
pub(crate) fn read(window: &Window<'_>, delimiter: usize) -> Option<Named> {
    let text = window.text();
    let end = name_end(text, delimiter, GAP_BYTES_MAX)?;
    if is_short(text, end) || is_foreign(text, end) {
        return Some(Named::Password);
    }
    let end = without_suffix(text, end);
    let name = Name::before(text, end);
    if let Some(kind) = TYPES.of(&name.letters) {
        let end = name_end(text, end.checked_sub(kind.len())?, TYPE_GAP_BYTES_MAX)?;
        // `Dim password As String =`
        let is_as = text.get(..end).is_some_and(|head| head.ends_with(b" As") || head.ends_with(b" as"));
        let end = if is_as { name_end(text, end - b"as".len(), TYPE_GAP_BYTES_MAX)? } else { end };
        return if is_short(text, end) { Some(Named::Password) } else { Name::before(text, end).named() };
    }
    if name.letters.ends_with(VALUE) {
        let before = text.get(end.saturating_sub(CONTEXT_BYTES - GAP_BYTES_MAX)..end).unwrap_or_default();
        let named = link::name_end(before).and_then(|name_end| {
            if is_short(before, name_end) { Some(Named::Password) } else { Name::before(before, name_end).named() }
        });
        let is_member = matches!(before.get(before.len().wrapping_sub(VALUE.len() + 1)), Some(b'"' | b'\'' | b' '));
        return named.or_else(|| name.named()).or_else(|| of_value(text, end)).or(is_member.then_some(Named::Later));
    }
    let is_cookie = || memchr::memmem::find(line_before(window, end), b"ookie").is_some();
    let is_digest = || {
        let line = line_before(window, end);
        let is_digested = |slash| line.get(..slash).is_some_and(|head| head.ends_with(DIGESTED));
        memchr::memchr_iter(b'/', line).any(is_digested)
    };
    let mut named = name.named()?;
    if named == Named::Pass && end == delimiter && text.get(delimiter) == Some(&b'=') {
        // `user=bob pass=...`: what is assigned is no pass to a train.
        named = Named::Password;
    } else if named == Named::Password && text.get(delimiter) == Some(&b':') && is_outcome(text, end) {
        // `PASS: test_1`: what tests print.
        named = Named::Pass;
    }
    Some(named).filter(|_| !name.is_of_cookie() || is_cookie()).filter(|_| !is_digest())
}

/// What a name that ends in [`VALUE`] calls its value before that: `secretValue`, `password_value`.
fn of_value(text: &[u8], end: usize) -> Option<Named> {
    let head = text.get(..end.checked_sub(VALUE.len())?)?;
    let is_apart = text.get(head.len()).is_some_and(u8::is_ascii_uppercase) || head.ends_with(b"_");
    let named = Name::before(head, head.len()).named().filter(|_| is_apart);
    named.filter(|named| matches!(named, Named::Password | Named::Key))
}

/// True for [`OUTCOME`] at the end of a text, and no longer word.
fn is_outcome(text: &[u8], end: usize) -> bool {
    let head = text.get(..end).and_then(|text| text.strip_suffix(OUTCOME));
    head.is_some_and(|head| !head.last().is_some_and(|byte| alphanumeric(*byte) || matches!(byte, b'_' | b'-' | b'.')))
}

/// What a name that ends at `end` calls its value, wherever that is.
pub(super) fn of(text: &[u8], end: usize) -> Option<Named> {
    Name::before(text, without_suffix(text, end)).named()
}

/// True for a name of a key of something, or of one that opens something.
pub(crate) fn is_of_key(name: &[u8]) -> bool {
    matches!(of(name, name.len()), Some(Named::Key | Named::SomeKey))
}

/// The end of a name without one of [`SUFFIXES`].
fn without_suffix(text: &[u8], end: usize) -> usize {
    let text = text.get(..end).unwrap_or_default();
    let ends_suffix = |last: &u8| SUFFIXES.iter().any(|suffix| suffix.last() == Some(&last.to_ascii_lowercase()));
    if !text.last().is_some_and(ends_suffix) {
        return end;
    }
    let rest = |suffix: &&[u8]| {
        let (head, word) = text.split_at_checked(text.len().checked_sub(suffix.len())?)?;
        let is_begun = word.first().is_some_and(u8::is_ascii_uppercase);
        let is_apart = match head {
            [.., before, b'_' | b'-' | b'.'] => before.is_ascii_alphabetic().then_some(head.len() - 1),
            [.., b'a'..=b'z'] if is_begun => Some(head.len()),
            _ => None,
        };
        is_apart.filter(|_| word.eq_ignore_ascii_case(suffix))
    };
    SUFFIXES.iter().find_map(rest).unwrap_or(end)
}

/// True behind one of [`FOREIGN`].
fn is_foreign(text: &[u8], end: usize) -> bool {
    let text = text.get(..end).unwrap_or_default();
    text.iter().rev().take(FOREIGN_BYTES_MAX).any(|byte| !byte.is_ascii())
        && FOREIGN.iter().any(|word| text.ends_with(word))
}

/// Bytes of the end of a name in which one of [`FOREIGN`] has a letter beyond ASCII.
const FOREIGN_BYTES_MAX: usize = 8;

/// The letters of a name without what joins them.
struct Name {
    /// They end with the array; zeros stand before them.
    letters: [u8; LETTERS_MAX],
    from: usize,
    /// The byte before the last word of four letters: `pass` in `bypass` is no name.
    before_pass: u8,
    /// The same of three letters: `key` behind a space is the key of a sentence.
    before_key: u8,
}

impl Name {
    fn before(text: &[u8], end: usize) -> Self {
        let mut name = Self { letters: [0; LETTERS_MAX], from: LETTERS_MAX, before_pass: b' ', before_key: b' ' };
        let start = end.saturating_sub(NAME_BYTES_MAX);
        let (mut is_behind_pass, mut is_behind_key) = (true, true);
        for byte in text.get(start..end).unwrap_or_default().iter().rev() {
            if name.from == LETTERS_MAX - 3 && core::mem::take(&mut is_behind_key) {
                name.before_key = *byte;
            }
            if name.from == LETTERS_MAX - 4 && core::mem::take(&mut is_behind_pass) {
                name.before_pass = *byte;
            }
            if byte.is_ascii_alphabetic() {
                let Some(place) = name.from.checked_sub(1) else { break };
                name.from = place;
                if let Some(letter) = name.letters.get_mut(place) {
                    *letter = byte.to_ascii_lowercase();
                }
            } else if !(alphanumeric(*byte) || matches!(byte, b'_' | b'-' | b'.' | b' ')) {
                break;
            }
        }
        name
    }

    /// True for one of [`COOKIES`] and no longer name.
    fn is_of_cookie(&self) -> bool {
        KEYS.of(&self.letters).is_some_and(|word| COOKIES.contains(&word))
    }

    /// True for [`SHARED`] as a word of its own, or behind one of its words.
    fn is_shared(&self) -> bool {
        let head = self.letters.strip_suffix(SHARED).unwrap_or_default();
        !self.before_key.is_ascii_alphabetic() || SHARED_HEADS.iter().any(|known| head.ends_with(known))
    }

    fn named(&self) -> Option<Named> {
        let letters = self.letters.as_slice();
        if letters.ends_with(b"authorization") {
            return Some(Named::Header);
        }
        if letters.ends_with(b"existingsecret") {
            return None;
        }
        if let Some(word) = PASSWORDS.of(letters) {
            return (word != SHARED || self.is_shared()).then_some(Named::Password);
        }
        if letters.ends_with(b"pass") && !self.before_pass.is_ascii_lowercase() {
            let is_word = self.before_pass == b' ' && self.from < LETTERS_MAX - b"pass".len();
            return Some(if is_word { Named::Pass } else { Named::Password });
        }
        let qualified = letters.strip_suffix(b"key").or_else(|| letters.strip_suffix(b"keys"));
        let tells = match (qualified, letters.strip_suffix(b"token").or_else(|| letters.strip_suffix(b"tokens"))) {
            (Some(rest), _) if QUALIFIERS.of(rest).is_none() => {
                let is_of_something = (alphanumeric(self.before_key) || matches!(self.before_key, b'_' | b'-' | b'.'))
                    && INDEXES.of(rest).is_none();
                return is_of_something.then_some(Named::SomeKey);
            }
            (Some(_), _) => true,
            (_, Some(rest)) => HARMLESS.of(rest).is_none(),
            _ => KEYS.of(letters).is_some(),
        };
        tells.then_some(Named::Key)
    }
}

#[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
const fn last_letters() -> [u32; 1024] {
    let mut endings = [0; 1024];
    let mut list = 0;
    while list < WORDS.len() {
        let mut place = 0;
        while place < WORDS[list].len() {
            let word = WORDS[list][place];
            let end = word.len();
            endings[fold(word[end - 3]) << 5 | fold(word[end - 2])] |= 1 << fold(word[end - 1]);
            place += 1;
        }
        list += 1;
    }
    endings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Option<Named> {
        let delimiter = text.len() - 1;
        if !may_end(text.as_bytes(), delimiter) {
            return None;
        }
        read(&Window::whole(text.as_bytes()), delimiter).filter(|named| *named != Named::Later)
    }

    #[test]
    fn names_that_tell_are_read_in_all_spellings() {
        for name in [
            "password=",
            "DB_PASSWORD =",
            "\"passwd\":",
            "userPass:",
            "root_pass =",
            "my-pwd=",
            "$config['db_password'] =",
            "pw:",
            "  pw =",
            "\"pw\":",
            "db_pw=",
            "ssh-pw:",
            "psk=",
            "wpa_psk =",
            "wifiPsk:",
            "WPAPSK=",
            "user=bob pass=",
            "contraseña:",
            "Contraseña:",
            "contrasena:",
            "senha:",
            "Пароль:",
            "пароль =",
            "密码:",
            "密碼 =",
            "パスワード:",
            "wachtwoord:",
            "hasło:",
            "Lösenord:",
            "비밀번호:",
            "jelszó:",
            "Şifre:",
            "κωδικός:",
            "סיסמה:",
            "كلمة المرور:",
            "पासवर्ड:",
            "mật khẩu:",
            "รหัสผ่าน:",
            "Лозинка:",
            "mot de passe:",
            "kata sandi:",
            "Passord:",
            "pswd:",
            "bindpw:",
            "olcRootPW:",
            "keystorepass=",
            "rpcpass=",
            "{\"name\":\"db_pass\",\"value\":",
            "- name: DB_PWD\n  value:",
            "DB_PASSWORD_prod=",
            "password-staging:",
            "dbPasswordTest =",
            "password_confirmation:",
            "user[password_confirmation]=",
            "\"passwordConfirm\":",
            "PasswordRepeat =",
            "password-again:",
        ] {
            assert_eq!(named(name), Some(Named::Password), "{name}");
        }
        for name in [
            "api_key=",
            "apiKey:",
            "X-API-Key:",
            "\\\"apikey\\\":",
            "STRIPE_SECRET_KEY_2 =",
            "Auth Token:",
            "client_secret:",
            "accessToken: str =",
            "var slackToken string =",
            "private key:",
            "jwt=",
            "**Secret**:",
            "secret_key_base:",
            "JWT_KEY=",
            "PHPSESSID=",
            "connect.sid=",
            "{\"name\": \"API_KEY\", \"value\":",
            "API_KEY_DEV=",
            "apiKeyProd:",
            "\"secretValue\":",
            "API_TOKEN_VALUE=",
        ] {
            assert_eq!(named(name), Some(Named::Key), "{name}");
        }
        assert_eq!(named("user: bob pass:"), Some(Named::Pass));
        assert_eq!(named("PASS:"), Some(Named::Pass));
        assert_eq!(named("Authorization:"), Some(Named::Header));
    }

    #[test]
    fn names_of_other_things_pass() {
        for name in [
            "key=",
            "npw:",
            "2pw:",
            "niña:",
            "король:",
            "primary_key:",
            "bypass=",
            "compass:",
            "next_page_token=",
            "csrf-token:",
            "public_key=",
            "x:",
            "=",
            "{\"name\":\"color\",\"value\":",
            "value:",
            "return value =",
            "keyValue:",
            "tokenvalue =",
            "checksum/secret:",
            "existingSecret:",
            "StartingToken=",
            "lockToken:",
            "latest:",
            "passwordless:",
            "production:",
            "description:",
            "renew:",
            "product:",
            "QPSK=",
            "@APSK_16:",
        ] {
            assert_eq!(named(name), None, "{name}");
        }
    }
}
