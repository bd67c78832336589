//! Forms of tokens: what an issuer's name must stand before, and those that need no name.

use super::super::shape::{self, Shape};
use super::super::{letters, placeholder};
use super::{Decided, Run};
use crate::detectors::ids::crypto;
use crate::text::{Class, alphanumeric, digit};
use crate::trigger::token::RUN_BYTES_MAX;
use crate::window::{Match, Rest, Undecided, Window};
use core::fmt;

/// What a token near an issuer's name is made of; lengths in bytes, from and to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// `0-9 a-f`
    Hex(usize, usize),
    /// Letters and digits.
    Alphanumeric(usize, usize),
    /// Letters, digits, `_` and `-`.
    Token(usize, usize),
    /// 36 bytes (RFC 9562).
    Uuid,
}

/// For people: `32 hexadecimal digits`.
impl fmt::Display for Form {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to, of) = match self {
            Self::Hex(from, to) => (from, to, "hexadecimal digits"),
            Self::Alphanumeric(from, to) => (from, to, "letters and digits"),
            Self::Token(from, to) => (from, to, "letters, digits, `_` and `-`"),
            Self::Uuid => return formatter.write_str("a UUID"),
        };
        if from == to { write!(formatter, "{from} {of}") } else { write!(formatter, "{from} to {to} {of}") }
    }
}

impl Form {
    /// True for a run of this form.
    pub(super) fn accepts(self, run: Run<'_>) -> bool {
        let within = |from: usize, to: usize| (from..=to).contains(&run.text.len());
        match self {
            Self::Hex(from, to) => within(from, to) && run.text.iter().all(u8::is_ascii_hexdigit),
            Self::Alphanumeric(from, to) => within(from, to) && run.shape().others == 0,
            Self::Token(from, to) => within(from, to) && !shape::is_uuid(run.text),
            Self::Uuid => shape::is_uuid(run.text),
        }
    }
}

/// A kind whose form is its own.
pub(super) struct Marked {
    pub(super) name: &'static str,
    pub(super) provider: &'static str,
    prefix: &'static [u8],
    /// Bytes of the run, from and to.
    bytes: (usize, usize),
    check: fn(&Window<'_>, Run<'_>) -> Result<Option<Match>, Undecided>,
}

impl Marked {
    /// What must hold, for people.
    pub(super) fn describe(&self) -> String {
        let (from, to) = self.bytes;
        let length = if from == to { from.to_string() } else { format!("{from} to {to}") };
        match self.prefix {
            [] => format!("{length} characters in a form of its own; mixed as random text is"),
            prefix => {
                format!("`{}` first of {length} characters; mixed as random text is", String::from_utf8_lossy(prefix))
            }
        }
    }

    /// Bytes of the longest run.
    pub(super) const fn bytes_max(&self) -> usize {
        self.bytes.1
    }
}

const fn marked(
    name: &'static str,
    provider: &'static str,
    prefix: &'static str,
    bytes: (usize, usize),
    check: fn(&Window<'_>, Run<'_>) -> Result<Option<Match>, Undecided>,
) -> Marked {
    Marked { name, provider, prefix: prefix.as_bytes(), bytes, check }
}

/// Kinds that need no name near them; facts from the issuers' documents.
pub(super) static MARKED: [Marked; 55] = [
    marked("twilio-api-key", "twilio", "SK", (34, 34), hex_behind_two),
    marked("twilio-account-id", "twilio", "AC", (34, 34), hex_behind_two),
    marked("mailchimp-api-key", "mailchimp", "", (36, 37), mailchimp),
    marked("mailgun-sending-key", "mailgun", "", (50, 50), mailgun),
    marked("discord-bot-token", "discord", "", (23, 28), discord),
    marked("telegram-bot-token", "telegram", "AA", (35, 35), telegram),
    marked("facebook-access-token", "facebook", "EAA", (80, 200), random),
    marked("square-production-token", "square", "EAAA", (62, 68), random),
    marked("dropbox-short-lived-token", "dropbox", "", (60, 200), dropbox),
    marked("vault-legacy-token", "hashicorp", "", (24, 24), vault),
    marked("jfrog-reference-token", "jfrog", "cmVmd", (64, 64), random),
    marked("airtable-personal-token", "airtable", "", (64, 64), airtable),
    marked("trello-api-token", "atlassian", "ATTA", (76, 76), random),
    marked("azure-devops-token", "azure", "", (84, 84), azure_devops),
    marked("azure-openai-key", "azure", "", (84, 84), azure_openai),
    marked("azure-search-key", "azure", "", (52, 52), azure_search),
    marked("nuget-api-key", "nuget", "oy2", (46, 46), lower),
    marked("crates-io-token", "crates-io", "cio", (35, 35), random),
    marked("newrelic-license-key", "newrelic", "", (40, 40), newrelic),
    marked("scaleway-access-key", "scaleway", "SCW", (20, 20), upper),
    marked("yandex-api-key", "yandex", "AQVN", (38, 42), random),
    marked("yandex-access-key-id", "yandex", "YCA", (25, 25), random),
    marked("yandex-secret-key", "yandex", "YC", (40, 40), random),
    marked("intercom-access-token", "intercom", "dG9rO", (55, 90), random),
    marked("onepassword-secret-key", "onepassword", "A3-", (39, 41), upper),
    marked("facebook-page-token", "facebook", "EAAC", (40, 79), random),
    marked("instagram-token", "facebook", "IGQ", (100, 200), random),
    marked("adyen-api-key", "adyen", "AQE", (40, 200), adyen),
    marked("zapier-mcp-token", "zapier", "zpka_", (37, 60), random),
    marked("asana-token", "asana", "", (32, 32), asana),
    marked("fal-key", "fal", "", (32, 32), fal),
    marked("ntlm-dump", "", "", (32, 32), ntlm),
    marked("mysql-password-hash", "", "", (40, 40), mysql),
    marked("facebook-app-token", "facebook", "", (27, 27), facebook_app),
    marked("bitcoin-private-key", "", "5", (51, 51), wallet),
    marked("bitcoin-compressed-private-key", "", "K", (52, 52), wallet),
    marked("bitcoin-compressed-private-key-l", "", "L", (52, 52), wallet),
    marked("k3s-token", "rancher", "K10", (67, 67), k3s),
    marked("bip32-private-key", "", "xprv", (111, 111), random),
    marked("bip49-private-key", "", "yprv", (111, 111), random),
    marked("bip84-private-key", "", "zprv", (111, 111), random),
    marked("bip32-test-private-key", "", "tprv", (111, 111), random),
    marked("google-storage-key-id", "google", "GOOG1E", (61, 61), upper),
    marked("postgres-md5-hash", "", "md5", (35, 35), postgres),
    marked("discord-second-factor-token", "discord", "", (84, 84), second_factor),
    marked("firebase-server-key", "google", "APA91b", (130, 200), random),
    marked("nostr-private-key", "", "nsec1", (63, 63), lower),
    marked("maxmind-license-key", "maxmind", "", (40, 40), maxmind),
    marked("rancher-token", "rancher", "", (54, 54), rancher),
    marked("netntlm-response", "", "", (32, 32), netntlm),
    marked("zoho-oauth-token", "zoho", "", (32, 32), zoho),
    marked("voiceflow-key", "voiceflow", "", (24, 24), voiceflow),
    marked("harness-token", "harness", "", (22, 22), harness),
    marked("newrelic-mobile-key", "newrelic", "", (47, 47), newrelic_mobile),
    marked("truenas-key", "truenas", "", (66, 67), truenas),
];

/// The marked kinds of each length, a bit for each.
static BY_LENGTH: [u64; RUN_BYTES_MAX + 1] = by_length();

#[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
const fn by_length() -> [u64; RUN_BYTES_MAX + 1] {
    let mut kinds = [0; RUN_BYTES_MAX + 1];
    let mut place = 0;
    while place < MARKED.len() {
        let (mut length, to) = MARKED[place].bytes;
        while length <= to {
            kinds[length] |= 1 << place;
            length += 1;
        }
        place += 1;
    }
    kinds
}

/// The first marked kind that accepts a run.
pub(super) fn check(window: &Window<'_>, run: Run<'_>) -> Decided {
    let mut kinds = BY_LENGTH.get(run.text.len()).copied().unwrap_or(0);
    while kinds != 0 {
        let place = kinds.trailing_zeros() as usize;
        kinds &= kinds - 1;
        let Some(kind) = MARKED.get(place) else { break };
        if (kind.prefix.is_empty() || kind.prefix.first() == run.text.first())
            && run.text.starts_with(kind.prefix)
            && let Some(found) = (kind.check)(window, run)?
        {
            return Ok(Some((place, found)));
        }
    }
    Ok(None)
}

type Found = Result<Option<Match>, Undecided>;

/// The whole run.
fn whole(run: Run<'_>, accepted: bool) -> Found {
    Ok(accepted.then_some(Match::new(run.start, run.end, 0, 90)))
}

fn random(_window: &Window<'_>, run: Run<'_>) -> Found {
    whole(run, run.shape().is_random())
}

fn lower(_window: &Window<'_>, run: Run<'_>) -> Found {
    whole(run, run.shape().uppers + run.shape().others == 0 && run.shape().is_random())
}

fn upper(_window: &Window<'_>, run: Run<'_>) -> Found {
    let digits = run.shape().digits >= 2 && run.shape().changes >= 4;
    whole(run, run.shape().lowers == 0 && digits && run.shape().uppers >= 4)
}

fn hex_behind_two(_window: &Window<'_>, run: Run<'_>) -> Found {
    let (_, rest) = run.text.split_at_checked(2).unwrap_or_default();
    let shape = Shape::of(rest);
    whole(run, shape.is_hex() && shape.is_random())
}

/// 32 hexadecimal digits, `-us` and the number of a data centre.
fn mailchimp(_window: &Window<'_>, run: Run<'_>) -> Found {
    let (key, centre) = run.text.split_at_checked(32).unwrap_or_default();
    let number = centre.strip_prefix(b"-us").unwrap_or_default();
    let accepted = Shape::of(key).is_hex() && !number.is_empty() && number.iter().all(u8::is_ascii_digit);
    whole(run, accepted)
}

/// 32, 8 and 8 hexadecimal digits.
fn mailgun(_window: &Window<'_>, run: Run<'_>) -> Found {
    let accepted = run.text.iter().enumerate().all(|(place, byte)| match place {
        32 | 41 => *byte == b'-',
        _ => Class::Hex.holds(*byte),
    });
    whole(run, accepted)
}

/// The account's number in base64, a time of 6 characters, a code of 27 or 38.
fn discord(window: &Window<'_>, run: Run<'_>) -> Found {
    let token = |byte| Class::Token.holds(byte);
    if !matches!(run.text.first(), Some(b'M' | b'N' | b'O')) || window.at(run.end)? != b'.' {
        return Ok(None);
    }
    let time = run.end + 1;
    if window.run(time, 7, token)? != 6 || window.at(time + 6)? != b'.' {
        return Ok(None);
    }
    let length = window.run(time + 7, 27, token)?;
    let found = Match::new(run.start, time + 7 + length, 0, 95).followed_by(Rest::Class(Class::Token));
    Ok((length == 27).then_some(found))
}

/// A bot's number and a colon before the run.
fn telegram(window: &Window<'_>, run: Run<'_>) -> Found {
    let before = window.slice(run.start.saturating_sub(11), run.start);
    let number = before.strip_suffix(b":").unwrap_or_default();
    let digits = number.iter().rev().take_while(|byte| digit(**byte)).count();
    let shape = run.shape();
    let is_drawn = || shape.is_mixed() || letters::are_unlike_names(run.text, &shape, letters::ODDS);
    whole(run, digits >= 8 && is_drawn())
}

/// `sl.` before the run.
fn dropbox(window: &Window<'_>, run: Run<'_>) -> Found {
    let before = window.slice(run.start.saturating_sub(4), run.start);
    let marked = matches!(before, [b's', b'l', b'.'] | [_, b's', b'l', b'.']) || before.ends_with(b"sl.u.");
    whole(
        run,
        marked
            && run.shape().is_random()
            && !before.first().is_some_and(|byte| before.len() == 4 && alphanumeric(*byte)),
    )
}

/// `s.` before the run.
fn vault(window: &Window<'_>, run: Run<'_>) -> Found {
    let before = window.slice(run.start.saturating_sub(3), run.start);
    let marked = match before {
        [b's', b'.'] => true,
        [byte, b's', b'.'] => !alphanumeric(*byte) && !matches!(byte, b'_' | b'.'),
        _ => false,
    };
    whole(
        run,
        marked
            && run.shape().others == 0
            && run.shape().is_random()
            && run.shape().digits >= 2
            && !matches!(window.at(run.end)?, b'(' | b'.' | b'['),
    )
}

/// `pat`, 14 characters and a dot before 64 hexadecimal digits.
fn airtable(window: &Window<'_>, run: Run<'_>) -> Found {
    let before = window.slice(run.start.saturating_sub(18), run.start);
    let marked = matches!(before, [b'p', b'a', b't', id @ .., b'.'] if id.len() == 14 && id.iter().all(u8::is_ascii_alphanumeric));
    whole(run, marked && run.shape().is_hex())
}

fn has_at(run: Run<'_>, place: usize, mark: &[u8]) -> bool {
    run.text.get(place..).is_some_and(|rest| rest.starts_with(mark))
}

fn azure_devops(_window: &Window<'_>, run: Run<'_>) -> Found {
    whole(run, has_at(run, 76, b"AZDO"))
}

fn azure_openai(_window: &Window<'_>, run: Run<'_>) -> Found {
    whole(run, has_at(run, 52, b"JQQJ99"))
}

fn azure_search(_window: &Window<'_>, run: Run<'_>) -> Found {
    whole(run, has_at(run, 42, b"AzSe"))
}

/// 36 hexadecimal digits, or a region and filler before them, and `NRAL`.
fn newrelic(_window: &Window<'_>, run: Run<'_>) -> Found {
    whole(run, run.text.ends_with(b"NRAL") && run.shape().is_random())
}

/// `AQE`, a letter, `hm`.
fn adyen(_window: &Window<'_>, run: Run<'_>) -> Found {
    whole(run, has_at(run, 4, b"hm") && run.shape().is_mixed())
}

/// The text before a run as far as it is looked at.
fn before<'a>(window: &Window<'a>, run: Run<'_>, bytes: usize) -> &'a [u8] {
    window.slice(run.start.saturating_sub(bytes), run.start)
}

/// The digits that a text ends with, and what stands before them.
fn without_digits(text: &[u8]) -> (&[u8], usize) {
    let digits = text.iter().rev().take_while(|byte| digit(**byte)).count();
    (text.get(..text.len() - digits).unwrap_or_default(), digits)
}

/// `1/`, a user's number, `:`, or `2/`, two numbers with `/` between, `:`.
fn asana(window: &Window<'_>, run: Run<'_>) -> Found {
    let text = before(window, run, 40).strip_suffix(b":").unwrap_or_default();
    let (rest, digits) = without_digits(text);
    let rest = rest.strip_suffix(b"/").unwrap_or_default();
    let (head, more) = without_digits(rest);
    let numbers = digits >= 12 && (more == 1 || (more >= 12 && head.ends_with(b"/")));
    whole(run, numbers && run.shape().is_hex())
}

/// A UUID and a colon before the run.
fn fal(window: &Window<'_>, run: Run<'_>) -> Found {
    let text = before(window, run, 37).strip_suffix(b":").unwrap_or_default();
    whole(run, run.shape().is_hex() && shape::is_uuid(text))
}

/// A line of a dump of accounts: a number, a hash, `:`, the run, `:::`; the first hash is that of nothing since LM went.
fn ntlm(window: &Window<'_>, run: Run<'_>) -> Found {
    let text = before(window, run, 33).strip_suffix(b":").unwrap_or_default();
    let is_hash = |text: &[u8]| text.len() == 32 && text.iter().all(u8::is_ascii_hexdigit);
    let is_empty = text == b"aad3b435b51404eeaad3b435b51404ee";
    let is_pair = is_hash(run.text) && is_hash(text) && !placeholder::is_digest_of_nothing(run.text);
    whole(run, is_pair && (is_empty || window.starts_with(run.end, b":::")?))
}

/// A challenge of 16 hexadecimal digits before the run, and a response behind it (MS-NLMP section 3.3.2).
fn netntlm(window: &Window<'_>, run: Run<'_>) -> Found {
    let text = before(window, run, 17).strip_suffix(b":").unwrap_or_default();
    let is_hex = |text: &[u8]| text.iter().all(u8::is_ascii_hexdigit);
    whole(run, is_hex(run.text) && text.len() == 16 && is_hex(text) && window.starts_with(run.end, b":0101")?)
}

/// `*` and forty capitals and digits of hexadecimal (MySQL, mysql_native_password).
fn mysql(window: &Window<'_>, run: Run<'_>) -> Found {
    let in_hash = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'A'..=b'F');
    whole(run, window.before(run.start) == b'*' && run.text.iter().all(in_hash) && run.shape().is_random())
}

/// An application's number and `|` before the run.
fn facebook_app(window: &Window<'_>, run: Run<'_>) -> Found {
    let text = before(window, run, 18).strip_suffix(b"|").unwrap_or_default();
    let (_, digits) = without_digits(text);
    whole(run, (15..=16).contains(&digits) && run.shape().is_random())
}

/// A private key in Base58Check.
fn wallet(_window: &Window<'_>, run: Run<'_>) -> Found {
    whole(run, crypto::is_private_key(run.text))
}

/// The digest of an authority; `::`, a name and a password follow.
fn k3s(window: &Window<'_>, run: Run<'_>) -> Found {
    let (_, digest) = run.text.split_at_checked(3).unwrap_or_default();
    if !Shape::of(digest).is_hex() || !window.starts_with(run.end, b"::")? {
        return Ok(None);
    }
    let in_rest = |byte: u8| alphanumeric(byte) || matches!(byte, b':' | b'-');
    let rest = window.run(run.end, 16, in_rest)?;
    let found = Match::new(run.start, run.end + rest, 0, 95).followed_by(Rest::Class(Class::Authority));
    Ok((rest == 16).then_some(found))
}

/// `md5` and a digest (PostgreSQL, pg_authid).
fn postgres(_window: &Window<'_>, run: Run<'_>) -> Found {
    let (_, digest) = run.text.split_at_checked(3).unwrap_or_default();
    whole(run, Shape::of(digest).is_hex() && Shape::of(digest).is_random())
}

/// `mfa.` before the run.
fn second_factor(window: &Window<'_>, run: Run<'_>) -> Found {
    whole(run, before(window, run, 4) == b"mfa." && run.shape().is_mixed())
}

/// Six characters, `_`, 29, `_mmk`.
fn maxmind(_window: &Window<'_>, run: Run<'_>) -> Found {
    whole(run, run.text.ends_with(b"_mmk") && run.text.get(6) == Some(&b'_') && run.shape().is_random())
}

/// A name with a hyphen and `:` before the run: `token-ab1cd:`, `kubeconfig-user-ab1cd:`.
fn rancher(window: &Window<'_>, run: Run<'_>) -> Found {
    let text = before(window, run, 12);
    let is_named = text.ends_with(b":") && text.contains(&b'-');
    whole(run, is_named && run.shape().uppers + run.shape().others == 0 && run.shape().is_random())
}

/// The last part of a token behind the run: `.` and so many bytes.
fn with_part(
    window: &Window<'_>,
    run: Run<'_>,
    bytes: usize,
    holds: fn(u8) -> bool,
) -> Result<Option<usize>, Undecided> {
    let start = run.end + 1;
    let is_whole = window.at(run.end)? == b'.' && window.run(start, bytes + 1, holds)? == bytes;
    Ok(is_whole.then_some(start + bytes))
}

fn up_to(run: Run<'_>, end: Option<usize>) -> Found {
    Ok(end.map(|end| Match::new(run.start, end, 0, 95)))
}

/// `1000.` before 32 hexadecimal digits, and as many behind a dot.
fn zoho(window: &Window<'_>, run: Run<'_>) -> Found {
    if !before(window, run, 5).ends_with(b"1000.") || !run.shape().is_hex() {
        return Ok(None);
    }
    up_to(run, with_part(window, run, 32, |byte| byte.is_ascii_hexdigit())?)
}

/// `VF.DM.` or `VF.WS.` before 24 hexadecimal digits, and 16 letters and digits behind a dot.
fn voiceflow(window: &Window<'_>, run: Run<'_>) -> Found {
    if !matches!(before(window, run, 6), b"VF.DM." | b"VF.WS.") || !run.shape().is_hex() {
        return Ok(None);
    }
    up_to(run, with_part(window, run, 16, alphanumeric)?)
}

/// `pat.` before an account, a token's number behind a dot, and its secret.
fn harness(window: &Window<'_>, run: Run<'_>) -> Found {
    if !matches!(before(window, run, 4), b"pat." | b"sat.") {
        return Ok(None);
    }
    let Some(number) = with_part(window, run, 24, |byte| byte.is_ascii_hexdigit())? else { return Ok(None) };
    let run = Run { end: number, ..run };
    up_to(run, with_part(window, run, 20, alphanumeric)?)
}

/// `AA` or a region, 40 hexadecimal digits, `-NRMA`.
fn newrelic_mobile(_window: &Window<'_>, run: Run<'_>) -> Found {
    whole(run, run.text.ends_with(b"-NRMA") && run.shape().is_random())
}

/// The number of a key, `-`, and 64 letters and digits.
fn truenas(_window: &Window<'_>, run: Run<'_>) -> Found {
    let dash = run.text.len() - 65;
    let (number, key) = run.text.split_at_checked(dash).unwrap_or_default();
    let (mark, key) = key.split_at_checked(1).unwrap_or_default();
    let shape = Shape::of(key);
    let is_key = shape.others == 0 && shape.uppers > 0 && shape.lowers > 0 && shape.is_random();
    whole(run, mark == b"-" && number.iter().all(u8::is_ascii_digit) && is_key)
}
