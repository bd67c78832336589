//! Secrets: keys, tokens and private keys, told by the prefix and form that their issuers document.
//!
//! Most kinds are one line in [`RULES`]: name, issuer, prefix, and what follows the prefix. Kinds
//! without a prefix are one line in [`keyed`]: the issuer's name and the token's form. What has
//! neither is found where a name assigns it ([`assign`]), a URL carries it ([`url`]) or a command takes it
//! ([`command`]). A token
//! without a fixed length is decided at its shortest length and reported on to its end. A
//! placeholder (one character repeated, words without digits) is no secret; an issuer's documented
//! example key is flagged, because it has the form, but where it ends in `EXAMPLE`, as all of AWS do.

mod armour;
pub(crate) mod assign;
pub(crate) mod aws_secret;
mod base64;
pub(crate) mod command;
mod crypt;
mod der;
pub(crate) mod dsn;
mod jwt;
pub(crate) mod keyed;
mod letters;
mod link;
mod mnemonic;
pub(crate) mod phrase;
mod placeholder;
mod rules;
mod shape;
pub(crate) mod url;

pub(crate) use self::armour::Armour;
pub(crate) use self::rules::RULES;
use crate::text::{Class, alphanumeric};
use crate::window::{Checked, Match, Rest, Window};

/// Rules of what has neither prefix nor form: their places behind those of [`keyed`].
pub(crate) mod form {
    /// What a person chose, behind a name such as `password`.
    pub(crate) const PASSWORD: usize = 0;
    /// What a machine made, behind a name such as `api_key`.
    pub(crate) const SECRET: usize = 1;
    /// The credential of a request, behind its scheme.
    pub(crate) const AUTHORIZATION: usize = 2;
    /// User and password of a URL.
    pub(crate) const URL_CREDENTIALS: usize = 3;
    /// The address to which an application reports its errors, with its key.
    pub(crate) const SENTRY_DSN: usize = 4;

    /// What must hold of each.
    pub(crate) const VALIDATORS: [&str; 5] = [
        "a value behind a name such as `password`; no placeholder, no code",
        "a random value behind a name such as `api_key`; no placeholder",
        "a random value behind the scheme of an Authorization header",
        "user and password before the host of a URL; no placeholder",
        "a key of 32 hexadecimal digits before the host and project of a URL",
    ];

    /// Their names.
    pub(crate) const NAMES: [&str; 5] =
        ["password-assignment", "secret-assignment", "authorization-header", "url-credentials", "sentry-dsn"];
}

/// Names of all rules of secrets but those of [`aws_secret`], in the order of their places.
pub(crate) fn rule_names() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|rule| rule.name).chain(keyed::names().map(|kind| kind.0)).chain(form::NAMES)
}

/// What the rules of [`rule_names`] rest on, in the same order: validator, source, bytes of a match.
pub(crate) fn facts() -> impl Iterator<Item = (String, String, usize)> {
    let prefixed = RULES.iter().map(|rule| (rule.describe(), source(rule.provider), rule.match_bytes_max()));
    prefixed
        .chain(keyed::facts().map(|(validator, provider, bytes)| (validator, source(provider), bytes)))
        .chain(form::VALIDATORS.iter().map(|validator| ((*validator).to_owned(), source(""), assign::BYTES_MAX)))
}

/// Where the facts about an issuer's keys come from.
fn source(provider: &str) -> String {
    if provider.is_empty() { "usual forms, RFC 7468, RFC 7519".to_owned() } else { format!("documents of {provider}") }
}

/// Bytes behind a trigger that a decision may need.
pub(crate) fn bytes_max() -> usize {
    let prefixed = RULES.iter().map(Rule::match_bytes_max).max().unwrap_or(0);
    prefixed.max(assign::BYTES_MAX)
}

/// How many entries lists have together.
const fn joined_len<T>(lists: &[&[T]]) -> usize {
    let mut rest = lists;
    let mut len = 0;
    while let [list, tail @ ..] = rest {
        len += list.len();
        rest = tail;
    }
    len
}

/// The entries of lists, of which there are `N`, at least one in the first list, in one array.
#[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
const fn joined<T: Copy, const N: usize>(lists: &[&[T]]) -> [T; N] {
    let mut all = [lists[0][0]; N];
    let (mut list, mut len) = (0, 0);
    while list < lists.len() {
        let mut place = 0;
        while place < lists[list].len() {
            all[len] = lists[list][place];
            (place, len) = (place + 1, len + 1);
        }
        list += 1;
    }
    all
}

/// A kind of secret that begins with a prefix of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    /// Who issues it, as the engine labels destinations; empty if anyone may.
    pub(crate) provider: &'static str,
    pub(crate) prefix: &'static [u8],
    /// Where in the prefix the four bytes stand that are searched for, if it has no tag.
    pub(crate) head_offset: usize,
    pub(crate) body: Body,
}

/// What follows a prefix.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body {
    /// So many bytes of a class, and no letter or digit behind them.
    Exactly(Class, usize),
    /// At least so many bytes of a class.
    AtLeast(Class, usize),
    /// The same, and what dots join to it.
    Parts(Class, usize),
    /// A check of its own, given the places of prefix and body, that decides within so many bytes.
    Checked(fn(&Window<'_>, usize, usize) -> Checked, usize),
}

const PERCENT: u8 = 95;

/// Bytes of a prefix that the packed search looks at; more would not make it faster.
const HEAD_BYTES: usize = 4;

/// Different bytes that a secret's shortest form must have; a placeholder has fewer.
const DISTINCT_BYTES_MIN: u32 = 5;

/// Bytes of prefixes that chance puts into the middle of base64 data, which has joints before them.
const SHORT_PREFIX_BYTES: usize = 3;

/// Equal bytes in a row that no secret has and placeholders are filled with.
const FILLER_BYTES_MIN: usize = 8;

impl Rule {
    /// Decides what has this rule's prefix at `start`, if it has.
    pub(crate) fn check(&self, window: &Window<'_>, start: usize) -> Checked {
        if !token_may_start(window, start) || !window.starts_with(start, self.prefix)? {
            return Ok(None);
        }
        let is_short = self.prefix.len() <= SHORT_PREFIX_BYTES && !matches!(self.body, Body::Checked(..));
        let before = window.before(start);
        // Base64 has either `+` and `/` or `-` and `_`, and a prefix with one of these cannot stand in the other.
        let is_joined =
            matches!(before, b'-' | b'_') || (matches!(before, b'+' | b'/') && !self.prefix.contains(&b'_'));
        if is_short && is_joined {
            return Ok(None);
        }
        let body = start + self.prefix.len();
        match self.body {
            Body::Exactly(class, length) => {
                let run = window.run(body, length + 1, |byte| class.holds(byte))?;
                let end = body + length;
                let ends = run == length && !alphanumeric(window.at(end)?);
                let token = window.slice(body, end);
                let accepted = ends && is_random(class, token) && !aws_secret::is_documented(token);
                Ok(accepted.then_some(Match::new(start, end, 0, PERCENT)))
            }
            Body::AtLeast(class, length) | Body::Parts(class, length) => {
                let run = window.run(body, length, |byte| class.holds(byte))?;
                let end = body + length;
                let accepted = run == length && is_random(class, window.slice(body, end));
                let is_parted = matches!(self.body, Body::Parts(..));
                let rest = if is_parted { Rest::Parts } else { Rest::Class(class) };
                let found = Match::new(start, end, 0, PERCENT).followed_by(rest);
                Ok(accepted.then_some(found))
            }
            Body::Checked(check, _) => check(window, start, body),
        }
    }

    /// What must hold, for people.
    fn describe(&self) -> String {
        let prefix = String::from_utf8_lossy(self.prefix);
        match self.body {
            Body::Exactly(class, length) => format!("`{prefix}`, then {length} of {}; no placeholder", class.name()),
            Body::AtLeast(class, length) => {
                format!("`{prefix}`, then at least {length} of {}; no placeholder", class.name())
            }
            Body::Parts(class, length) => {
                format!("`{prefix}`, then at least {length} of {}, and parts behind dots; no placeholder", class.name())
            }
            Body::Checked(..) => format!("`{prefix}`, then a form of its own, checked"),
        }
    }

    /// Bytes that a decision may need.
    pub(crate) const fn match_bytes_max(&self) -> usize {
        self.prefix.len()
            + match self.body {
                Body::Exactly(_, length)
                | Body::AtLeast(_, length)
                | Body::Parts(_, length)
                | Body::Checked(_, length) => length,
            }
    }

    /// The bytes of the prefix that are searched for.
    pub(crate) fn head(&self) -> &'static [u8] {
        let rest = self.prefix.get(self.head_offset..).unwrap_or(self.prefix);
        rest.get(..HEAD_BYTES).unwrap_or(rest)
    }
}

/// True if a token could begin at `start`: not inside a word. An escape such as `\n` that was left
/// undecoded does not count as a word.
pub(crate) fn token_may_start(window: &Window<'_>, start: usize) -> bool {
    !alphanumeric(window.before(start))
        || (start > 0 && window.before(start - 1) == b'\\')
        || matches!(window.at(start), Ok(b'-' | b'.' | b'/'))
        || (window.at(start) == Ok(b'Q') && !matches!(window.at(start + 1), Ok(byte) if byte != b'~'))
}

/// False for placeholders: few different characters, or words of small letters or capitals only.
fn is_random(class: Class, token: &[u8]) -> bool {
    let seen = token.iter().fold(0u128, |seen, byte| seen | 1 << (byte & 0x7f));
    let some = |kind: fn(&u8) -> bool| token.iter().any(kind);
    let mixed = some(u8::is_ascii_digit) || (some(u8::is_ascii_lowercase) && some(u8::is_ascii_uppercase));
    let filled = token.chunk_by(|a, b| a == b).any(|run| run.len() >= FILLER_BYTES_MIN);
    !filled && seen.count_ones() >= DISTINCT_BYTES_MIN && (mixed || matches!(class, Class::Hex | Class::Upper))
}

/// The rule that a credential's text satisfies, such as `openai-api-key`.
///
/// A scheme before it (`Bearer `) is passed over; the credential must begin the text.
#[must_use]
pub fn classify_secret(text: &[u8]) -> Option<&'static str> {
    let text = text.trim_ascii();
    let token = match text.iter().position(|byte| *byte == b' ') {
        Some(space) => text.get(space..).unwrap_or_default().trim_ascii_start(),
        None => text,
    };
    let window = Window::whole(token);
    let accepts = |rule: &&Rule| matches!(rule.check(&window, 0), Ok(Some(_)));
    RULES.iter().find(accepts).map(|rule| rule.name)
}

/// The provider that issues keys of this rule, such as `openai`; `None` if the rule is unknown or
/// anyone may issue them.
#[must_use]
pub fn provider(rule: &str) -> Option<&'static str> {
    let prefixed = RULES.iter().map(|known| (known.name, known.provider));
    let (_, provider) = prefixed.chain(keyed::names()).find(|known| known.0 == rule)?;
    (!provider.is_empty()).then_some(provider)
}

/// True if only a name or a scheme beside it told that it is a secret: nobody knows whose.
#[must_use]
pub fn is_unmarked(rule: &str) -> bool {
    form::NAMES.get(form::SECRET..=form::AUTHORIZATION).is_some_and(|names| names.contains(&rule))
}

#[cfg(test)]
mod tests;
