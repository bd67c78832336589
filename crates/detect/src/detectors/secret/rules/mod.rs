//! The table of secrets with a prefix, one file a field. Facts come from the issuers' documents; where
//! a length may grow, the shortest documented one decides and the rest follows.
//!
//! Among rules of one prefix the first that accepts wins, so the special stands before the general.

mod chat;
mod cloud;
mod code;
mod commerce;
mod models;
mod tools;

use super::{Body, Rule, armour, der, jwt, shape};
use crate::text::Class;
use crate::window::{Checked, Match, Undecided, Window};
use std::sync::LazyLock;

pub(super) const fn exactly(
    name: &'static str,
    provider: &'static str,
    prefix: &'static str,
    class: Class,
    length: usize,
) -> Rule {
    Rule { name, provider, prefix: prefix.as_bytes(), head_offset: 0, body: Body::Exactly(class, length) }
}

pub(super) const fn at_least(
    name: &'static str,
    provider: &'static str,
    prefix: &'static str,
    class: Class,
    length: usize,
) -> Rule {
    Rule { name, provider, prefix: prefix.as_bytes(), head_offset: 0, body: Body::AtLeast(class, length) }
}

/// At least so many bytes of a class, and what dots join to them.
pub(super) const fn parts(
    name: &'static str,
    provider: &'static str,
    prefix: &'static str,
    class: Class,
    length: usize,
) -> Rule {
    Rule { name, provider, prefix: prefix.as_bytes(), head_offset: 0, body: Body::Parts(class, length) }
}

pub(super) const fn checked(
    name: &'static str,
    provider: &'static str,
    prefix: &'static str,
    check: fn(&Window<'_>, usize, usize) -> Checked,
    bytes_max: usize,
) -> Rule {
    Rule { name, provider, prefix: prefix.as_bytes(), head_offset: 0, body: Body::Checked(check, bytes_max) }
}

/// A prefix before a UUID.
pub(super) const fn uuid(name: &'static str, provider: &'static str, prefix: &'static str) -> Rule {
    checked(name, provider, prefix, uuid_behind, UUID_BYTES + 1)
}

/// The same rule, searched by the bytes at `offset` of its prefix because its first ones are common
/// in text.
pub(super) const fn searched_at(offset: usize, rule: Rule) -> Rule {
    Rule { head_offset: offset, ..rule }
}

/// Bytes of a UUID (RFC 9562 section 4).
const UUID_BYTES: usize = 36;

fn uuid_behind(window: &Window<'_>, start: usize, body: usize) -> Checked {
    let run = window.run(body, UUID_BYTES + 1, |byte| Class::Token.holds(byte))?;
    let end = body + UUID_BYTES;
    let accepted = run == UUID_BYTES
        && shape::is_uuid(window.slice(body, end))
        && shape::Shape::of(window.slice(body, end)).is_random();
    Ok(accepted.then_some(Match::new(start, end, 0, 95)))
}

/// Forms that anyone issues.
const ANYONE: [Rule; 18] = [
    searched_at(4, checked("pgp-private-key", "", "-----BEGIN PGP ", armour::check, armour::LABEL_BYTES_MAX + 6)),
    searched_at(4, checked("private-key", "", "-----BEGIN ", armour::check, armour::LABEL_BYTES_MAX + 6)),
    searched_at(
        5,
        checked("ssh2-private-key", "", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY", armour::ssh2, armour::DASHES_BYTES),
    ),
    searched_at(
        14,
        checked("openvpn-static-key", "", "-----BEGIN OpenVPN Static key V1", armour::closed, armour::DASHES_BYTES),
    ),
    searched_at(14, checked("putty-private-key", "", "PuTTY-User-Key-File-", armour::putty, armour::PUTTY_BYTES)),
    checked("jwt", "", "eyJ", jwt::check, jwt::HEADER_BYTES_MAX + 2),
    checked("bare-rsa-key-1024", "", "MIIC", der::rsa, der::BYTES_MAX),
    checked("bare-rsa-key-2048", "", "MIIE", der::rsa, der::BYTES_MAX),
    checked("bare-rsa-key-3072", "", "MIIG", der::rsa, der::BYTES_MAX),
    checked("bare-rsa-key-4096", "", "MIIJ", der::rsa, der::BYTES_MAX),
    checked("bare-ec-key-256", "", "MHcCAQEEI", der::other, der::BYTES_MAX),
    checked("bare-ec-key-384", "", "MIGkAgEBBD", der::other, der::BYTES_MAX),
    checked("bare-ec-key-521", "", "MIHcAgEBBEI", der::other, der::BYTES_MAX),
    checked("bare-pkcs8-ec-key-256", "", "MIGHAgEAMBMGByqGSM49", der::other, der::BYTES_MAX),
    checked("bare-pkcs8-ec-key-384", "", "MIG2AgEAMBAGByqGSM49", der::other, der::BYTES_MAX),
    checked("bare-pkcs8-ec-key-521", "", "MIHuAgEAMBAGByqGSM49", der::other, der::BYTES_MAX),
    checked("bare-ed25519-key", "", "MC4CAQAwBQYDK2VwBCIE", der::other, der::BYTES_MAX),
    checked("bare-openssh-key", "", "b3BlbnNzaC1rZXktdjEA", der::other, der::BYTES_MAX),
];

const FIELDS: [&[Rule]; 7] =
    [&models::RULES, &cloud::RULES, &code::RULES, &commerce::RULES, &chat::RULES, &tools::RULES, &ANYONE];

/// All rules.
pub(crate) static RULES: [Rule; super::joined_len(&FIELDS)] = super::joined(&FIELDS);

/// Places of the index of first bytes.
const SLOT_COUNT: usize = 1024;

/// Places in [`RULES`] by the first two bytes of their prefixes.
struct Heads {
    places: Vec<u16>,
    slots: Box<[(u16, u16)]>,
}

static HEADS: LazyLock<Heads> = LazyLock::new(|| {
    let slot_of = |place: &u16| RULES.get(usize::from(*place)).map_or(0, |rule| slot(rule.prefix));
    let mut places: Vec<u16> = (0..u16::try_from(RULES.len()).unwrap_or(0)).collect();
    places.sort_by_key(slot_of);
    let mut slots = vec![(0, 0); SLOT_COUNT].into_boxed_slice();
    for (number, place) in (0u16..).zip(&places) {
        if let Some(range) = slots.get_mut(slot_of(place)) {
            *range = if range.1 == 0 { (number, number + 1) } else { (range.0, number + 1) };
        }
    }
    Heads { places, slots }
});

fn slot(text: &[u8]) -> usize {
    let Some([first, second]) = text.first_chunk() else { return 0 };
    (usize::from(*first) * 29 + usize::from(*second) * 3) % SLOT_COUNT
}

/// True if one of the rules decides what begins at `start`.
pub(super) fn claims(window: &Window<'_>, start: usize) -> Result<bool, Undecided> {
    let head = [window.at(start)?, window.at(start + 1)?];
    let heads = &*HEADS;
    let Some((from, to)) = heads.slots.get(slot(&head)) else { return Ok(false) };
    for place in heads.places.get(usize::from(*from)..usize::from(*to)).unwrap_or_default() {
        let Some(rule) = RULES.get(usize::from(*place)) else { continue };
        if rule.prefix.starts_with(&head) && rule.check(window, start)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
