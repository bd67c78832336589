//! The name before a delimiter: does it say that what follows is secret?
//!
//! Names end in the word that tells: `db_password`, `STRIPE_API_KEY`, `clientSecret`, `"Auth Token"`.
//! Three letters before the delimiter are looked up first; few other names end like that.

use super::super::command::line_before;
use super::super::{link, shape::fold};
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

/// Names of passwords, written together in small letters.
static PASSWORDS: Endings<51> = Endings::new([
    b"password",
    b"passwd",
    b"passwort",
    b"kennwort",
    b"passphrase",
    b"passcode",
    b"pwd",
    b"pswd",
    b"passwrd",
    b"userpass",
    b"dbpass",
    b"rootpass",
    b"adminpass",
    b"storepass",
    b"keypass",
    b"rpcpass",
    b"smtppass",
    b"mailpass",
    b"ftppass",
    b"ldappass",
    b"bindpass",
    b"sqlpass",
    b"proxypass",
    b"wifipass",
    b"redispass",
    b"bindpw",
    b"rootpw",
    b"adminpw",
    b"userpw",
    b"dbpw",
    b"motdepasse",
    b"wachtwoord",
    b"contrasena",
    b"senha",
    b"losenord",
    b"haslo",
    b"heslo",
    b"jelszo",
    b"parola",
    b"sifre",
    b"lozinka",
    b"geslo",
    b"passord",
    b"adgangskode",
    b"salasana",
    b"slaptazodis",
    b"matkhau",
    b"katasandi",
    b"palavrapasse",
    b"gaslo",
    b"psk",
]);

/// The same in letters beyond ASCII; a first letter that has a capital is left out.
const FOREIGN: [&[u8]; 38] = [
    "ontraseña".as_bytes(),
    "ONTRASEÑA".as_bytes(),
    "ароль".as_bytes(),
    "АРОЛЬ".as_bytes(),
    "asło".as_bytes(),
    "ASŁO".as_bytes(),
    "ösenord".as_bytes(),
    "ÖSENORD".as_bytes(),
    "密码".as_bytes(),
    "密碼".as_bytes(),
    "パスワード".as_bytes(),
    "비밀번호".as_bytes(),
    "비번".as_bytes(),
    "암호".as_bytes(),
    "口令".as_bytes(),
    "暗証番号".as_bytes(),
    "jelszó".as_bytes(),
    "Jelszó".as_bytes(),
    "JELSZÓ".as_bytes(),
    "şifre".as_bytes(),
    "Şifre".as_bytes(),
    "ŞİFRE".as_bytes(),
    "parolă".as_bytes(),
    "Parolă".as_bytes(),
    "κωδικός".as_bytes(),
    "Κωδικός".as_bytes(),
    "סיסמה".as_bytes(),
    "סיסמא".as_bytes(),
    "المرور".as_bytes(),
    "السر".as_bytes(),
    "عبور".as_bytes(),
    "पासवर्ड".as_bytes(),
    "পাসওয়ার্ড".as_bytes(),
    "khẩu".as_bytes(),
    "รหัสผ่าน".as_bytes(),
    "озинка".as_bytes(),
    "арола".as_bytes(),
    "гасло".as_bytes(),
];

/// A short name that tells only if no letter stands before it.
const SHORT: &[u8] = b"pw";

/// Names of secrets that machines make.
static KEYS: Endings<27> = Endings::new([
    b"secret",
    b"secrets",
    b"token",
    b"apikey",
    b"credential",
    b"credentials",
    b"creds",
    b"auth",
    b"pat",
    b"jwt",
    b"privatekey",
    b"secretid",
    b"webhook",
    b"webhookurl",
    b"clientsecretvalue",
    b"bearer",
    b"passkey",
    b"sig",
    b"secretkeybase",
    b"phpsessid",
    b"jsessionid",
    b"connectsid",
    b"sessionid",
    b"sessid",
    b"sid",
    b"sonarlogin",
    b"testreporterid",
]);

/// Those of them that tell in a request's field of cookies alone; elsewhere they name what is in every log.
const COOKIES: [&[u8]; 3] = [b"sessionid", b"sessid", b"sid"];

/// What a key is called that is secret; `key` alone names anything.
static QUALIFIERS: Endings<37> = Endings::new([
    b"api",
    b"app",
    b"access",
    b"secret",
    b"private",
    b"auth",
    b"encryption",
    b"encrypt",
    b"decryption",
    b"master",
    b"signing",
    b"sign",
    b"signature",
    b"account",
    b"service",
    b"client",
    b"storage",
    b"shared",
    b"admin",
    b"license",
    b"session",
    b"consumer",
    b"integration",
    b"ingest",
    b"write",
    b"root",
    b"deploy",
    b"hmac",
    b"aes",
    b"sharedaccess",
    b"subscription",
    b"instrumentation",
    b"user",
    b"personal",
    b"jwt",
    b"enc",
    b"cookie",
]);

/// What comes before `key` where it opens nothing: what finds rows, files, texts and events, what is pressed, what ends in
/// these letters.
static INDEXES: Endings<194> = Endings::new([
    b"storage",
    b"redis",
    b"memcached",
    b"restore",
    b"evaluated",
    b"start",
    b"end",
    b"next",
    b"last",
    b"previous",
    b"request",
    b"correlation",
    b"trace",
    b"tracking",
    b"incident",
    b"order",
    b"cart",
    b"plan",
    b"video",
    b"photo",
    b"thumbnail",
    b"attachment",
    b"component",
    b"style",
    b"layout",
    b"template",
    b"version",
    b"model",
    b"encoded",
    b"branch",
    b"type",
    b"publishable",
    b"verify",
    b"verification",
    b"validation",
    b"server",
    b"ssh",
    b"minisign",
    b"error",
    b"answer",
    b"correct",
    b"default",
    b"field",
    b"column",
    b"param",
    b"parameter",
    b"header",
    b"option",
    b"menu",
    b"nav",
    b"category",
    b"topic",
    b"channel",
    b"queue",
    b"stream",
    b"segment",
    b"page",
    b"offset",
    b"cursor",
    b"position",
    b"location",
    b"region",
    b"zone",
    b"country",
    b"language",
    b"lang",
    b"word",
    b"phrase",
    b"term",
    b"entry",
    b"product",
    b"sku",
    b"invoice",
    b"payment",
    b"transaction",
    b"batch",
    b"schedule",
    b"cron",
    b"lock",
    b"mutex",
    b"semaphore",
    b"counter",
    b"metric",
    b"series",
    b"chart",
    b"graph",
    b"widget",
    b"theme",
    b"color",
    b"icon",
    b"font",
    b"hint",
    b"help",
    b"public",
    b"pub",
    b"primary",
    b"foreign",
    b"cache",
    b"caching",
    b"sort",
    b"partition",
    b"range",
    b"hash",
    b"index",
    b"lookup",
    b"dedup",
    b"dedupe",
    b"deduplication",
    b"idempotency",
    b"idempotent",
    b"object",
    b"map",
    b"unique",
    b"row",
    b"composite",
    b"natural",
    b"surrogate",
    b"business",
    b"translation",
    b"message",
    b"locale",
    b"text",
    b"string",
    b"event",
    b"routing",
    b"registry",
    b"config",
    b"setting",
    b"property",
    b"group",
    b"join",
    b"shard",
    b"bucket",
    b"file",
    b"path",
    b"query",
    b"issue",
    b"project",
    b"item",
    b"entity",
    b"parent",
    b"child",
    b"node",
    b"state",
    b"react",
    b"element",
    b"list",
    b"data",
    b"meta",
    b"metadata",
    b"tag",
    b"label",
    b"record",
    b"document",
    b"doc",
    b"the",
    b"a",
    b"this",
    b"each",
    b"hot",
    b"short",
    b"arrow",
    b"enter",
    b"escape",
    b"shift",
    b"function",
    b"mon",
    b"tur",
    b"don",
    b"hoc",
    b"joc",
    b"whis",
    b"mickey",
    b"host",
    b"known",
    b"rsa",
    b"gpg",
    b"pgp",
    b"peer",
    b"identity",
    b"job",
    b"task",
    b"run",
    b"build",
    b"commit",
    b"content",
    b"image",
    b"media",
    b"asset",
    b"upload",
    b"download",
    b"blob",
    b"resource",
    b"feature",
]);

/// What comes before `token` where it is none that opens anything.
static HARMLESS: Endings<17> = Endings::new([
    b"nextpage",
    b"next",
    b"page",
    b"continuation",
    b"sync",
    b"csrf",
    b"xsrf",
    b"cancellation",
    b"cancel",
    b"publickey",
    b"antiforgery",
    b"requestverification",
    b"resume",
    b"pagination",
    b"csrfmiddleware",
    b"nontoken",
    b"idempotency",
]);

/// The word for a value whose name stands before it: `"name": "API_KEY", "value": "..."`.
const VALUE: &[u8] = b"value";

/// Words of types between a name and `=`.
static TYPES: Endings<5> = Endings::new([b"string", b"str", b"varchar", b"text", b"char"]);

/// Endings of all names above: three letters, five bits each.
static ENDINGS: [u32; 1024] = endings();

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
    let mut bytes: &[u8] = b" \t\"'`][)*\\?:=!&>";
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
    let name = Name::before(text, end);
    if let Some(kind) = TYPES.of(&name.letters) {
        let end = name_end(text, end.checked_sub(kind.len())?, TYPE_GAP_BYTES_MAX)?;
        // `Dim password As String =`
        let is_as = text.get(..end).is_some_and(|head| head.ends_with(b" As") || head.ends_with(b" as"));
        let end = if is_as { name_end(text, end - b"as".len(), TYPE_GAP_BYTES_MAX)? } else { end };
        return Name::before(text, end).named();
    }
    if name.letters.ends_with(VALUE) {
        let before = text.get(end.saturating_sub(CONTEXT_BYTES - GAP_BYTES_MAX)..end).unwrap_or_default();
        let named = link::name_end(before).and_then(|name_end| Name::before(before, name_end).named());
        return named.or_else(|| name.named());
    }
    let is_cookie = || memchr::memmem::find(line_before(window, end), b"ookie").is_some();
    name.named().filter(|_| !name.is_of_cookie() || is_cookie())
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

    fn named(&self) -> Option<Named> {
        let letters = self.letters.as_slice();
        if letters.ends_with(b"authorization") {
            return Some(Named::Header);
        }
        if PASSWORDS.of(letters).is_some() {
            return Some(Named::Password);
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

/// Words that names end in, in the order of their last letters.
#[derive(Debug)]
struct Endings<const COUNT: usize> {
    words: [&'static [u8]; COUNT],
    /// The last bytes of each, and which of them count.
    tails: [(u64, u64); COUNT],
    /// Where the words of each last letter begin.
    starts: [u8; LETTER_COUNT + 1],
}

/// Letters as [`fold`] tells them from each other.
const LETTER_COUNT: usize = 32;

/// Bytes of a tail.
const TAIL_BYTES: usize = size_of::<u64>();

impl<const COUNT: usize> Endings<COUNT> {
    #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
    const fn new(all: [&'static [u8]; COUNT]) -> Self {
        let mut endings = Self { words: all, tails: [(0, 0); COUNT], starts: [0; LETTER_COUNT + 1] };
        let (mut letter, mut place) = (0, 0);
        while letter < LETTER_COUNT {
            let mut number = 0;
            while number < COUNT {
                let word = all[number];
                if fold(word[word.len() - 1]) == letter {
                    endings.words[place] = word;
                    endings.tails[place] = Self::tail(word);
                    place += 1;
                }
                number += 1;
            }
            letter += 1;
            endings.starts[letter] = place.to_le_bytes()[0];
        }
        endings
    }

    #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
    const fn tail(word: &[u8]) -> (u64, u64) {
        let length = if word.len() < TAIL_BYTES { word.len() } else { TAIL_BYTES };
        let (mut tail, mut place) = (0, word.len() - length);
        while place < word.len() {
            tail = tail << 8 | word[place] as u64;
            place += 1;
        }
        (tail, u64::MAX >> (8 * (TAIL_BYTES - length)))
    }

    /// The word that letters end in, of which there are those of a tail at least, or zeros before them.
    fn of(&self, letters: &[u8]) -> Option<&'static [u8]> {
        let letters_tail = u64::from_be_bytes(*letters.last_chunk()?);
        let last = fold(*letters.last()?);
        let [from, to] = *self.starts.get(last..)?.first_chunk()?;
        let (from, to) = (usize::from(from), usize::from(to));
        let words = self.tails.get(from..to)?.iter().zip(self.words.get(from..to)?);
        let mut alike = words.filter(|((tail, mask), word)| letters_tail & mask == *tail && letters.ends_with(word));
        alike.next().map(|(_, word)| *word)
    }
}

#[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
const fn endings() -> [u32; 1024] {
    let mut endings = [0; 1024];
    let words: [&[&[u8]]; 5] = [
        &PASSWORDS.words,
        &FOREIGN,
        &KEYS.words,
        &TYPES.words,
        &[b"authorization", b"pass", b"key", b"keys", b"token", b"tokens", VALUE],
    ];
    let mut list = 0;
    while list < words.len() {
        let mut place = 0;
        while place < words[list].len() {
            let word = words[list][place];
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
        read(&Window::whole(text.as_bytes()), delimiter)
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
        ] {
            assert_eq!(named(name), Some(Named::Key), "{name}");
        }
        assert_eq!(named("user: bob pass:"), Some(Named::Pass));
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
        ] {
            assert_eq!(named(name), None, "{name}");
        }
    }
}
