//! Private keys in armour: PEM (RFC 7468) and OpenPGP (RFC 9580 section 6.2).
//!
//! Decided at the header line; everything up to the END line, or the end of the leaf if there is
//! none, belongs to the key.

use crate::window::{BOUNDARY, Checked, Match, NUMBER_BOUNDARY, Rest, Undecided, Window};

/// Bytes of a label between `BEGIN ` and the dashes; the longest known one has 26.
pub(super) const LABEL_BYTES_MAX: usize = 40;

const DASHES: &[u8] = b"-----";
const END: &[u8] = b"-----END";

/// Labels of keys end in one of these.
const KEY_LABELS: [&[u8]; 2] = [b"PRIVATE KEY", b"PRIVATE KEY BLOCK"];

/// Decides at a header: `-----BEGIN ` at `start`, its label at `label`.
pub(super) fn check(window: &Window<'_>, start: usize, label: usize) -> Checked {
    let in_label = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' ';
    let length = window.run(label, LABEL_BYTES_MAX, in_label)?;
    let end = label + length;
    let name = window.slice(label, end);
    if !KEY_LABELS.iter().any(|key| name.ends_with(key)) || !dashes(window, end)? {
        return Ok(None);
    }
    let found = Match::new(start, end + DASHES.len(), 0, 99);
    Ok(Some(found.followed_by(Rest::Armour(Armour::Body { matched: 0 }))))
}

/// Bytes behind the head of an SSH2 key that close its line (RFC 4716 section 3.2).
pub(super) const DASHES_BYTES: usize = 5;

/// An encrypted key in the form of SSH2: its head says that it is one; it ends like the others.
pub(super) fn ssh2(window: &Window<'_>, start: usize, label: usize) -> Checked {
    let closed = window.starts_with(label, b" ----")?;
    let found = Match::new(start, label + DASHES_BYTES, 0, 99);
    Ok(closed.then_some(found.followed_by(Rest::Armour(Armour::Body { matched: 0 }))))
}

/// A key whose head says that it is one.
pub(super) fn closed(window: &Window<'_>, start: usize, label: usize) -> Checked {
    let closed = dashes(window, label)?;
    let found = Match::new(start, label + DASHES_BYTES, 0, 99);
    Ok(closed.then_some(found.followed_by(Rest::Armour(Armour::Body { matched: 0 }))))
}

/// Bytes behind `PuTTY-User-Key-File-` that decide: a version and a colon.
pub(super) const PUTTY_BYTES: usize = 2;

/// A key file of PuTTY (its manual, appendix C): to the end of the leaf, since its last line, a MAC,
/// has no mark of its own.
pub(super) fn putty(window: &Window<'_>, start: usize, version: usize) -> Checked {
    let accepted = window.at(version)?.is_ascii_digit() && window.at(version + 1)? == b':';
    let found = Match::new(start, version + PUTTY_BYTES, 0, 99);
    Ok(accepted.then_some(found.followed_by(Rest::Armour(Armour::Body { matched: 0 }))))
}

fn dashes(window: &Window<'_>, at: usize) -> Result<bool, Undecided> {
    window.starts_with(at, DASHES)
}

/// Where the text stands behind a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Armour {
    /// Before the END line; so many bytes of its head have just been seen.
    Body { matched: usize },
    /// Inside the END line: bytes it may still have, and dashes just seen.
    End { left: usize, dashes: usize },
}

impl Armour {
    /// How many bytes of `text` belong to the key, and whether it ends there.
    pub(crate) fn advance(&mut self, text: &[u8]) -> (usize, bool) {
        for (index, byte) in text.iter().enumerate() {
            if matches!(*byte, BOUNDARY | NUMBER_BOUNDARY) {
                return (index, true);
            }
            match self {
                Self::Body { matched } => {
                    *matched = next_matched(*matched, *byte);
                    if *matched == END.len() {
                        *self = Self::End { left: LABEL_BYTES_MAX + DASHES.len(), dashes: 0 };
                    }
                }
                Self::End { left, dashes } => {
                    *dashes = if *byte == b'-' { *dashes + 1 } else { 0 };
                    *left -= 1;
                    if *dashes == DASHES.len() || *left == 0 || *byte == b'\n' {
                        return (index + 1, true);
                    }
                }
            }
        }
        (text.len(), false)
    }
}

/// How much of [`END`] the text ends with after one more byte. A sixth dash still ends in five.
fn next_matched(matched: usize, byte: u8) -> usize {
    if END.get(matched) == Some(&byte) {
        matched + 1
    } else if byte == b'-' {
        if matched == DASHES.len() { DASHES.len() } else { 1 }
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use crate::detectors::testing::{find_all, finds, passes};
    use crate::{DetectorSet, EntityType, Scanner};

    const SECRET: EntityType = EntityType::Secret;

    #[test]
    fn a_private_key_is_found_from_header_to_end_line() {
        for label in ["", "RSA ", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED ", "ED25519 "] {
            let key = format!("-----BEGIN {label}PRIVATE KEY-----\nMIIE+/a=\n--\n-----END {label}PRIVATE KEY-----");
            finds(SECRET, &format!("key:\n{key}\nthanks"), &[&key]);
        }
        let pgp = "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBF\n-----END PGP PRIVATE KEY BLOCK-----";
        assert_eq!(find_all(pgp), [("pgp-private-key".into(), pgp.into(), 99)]);
    }

    #[test]
    fn a_key_without_an_end_line_goes_to_the_end_of_the_leaf() {
        let key = "-----BEGIN PRIVATE KEY-----\nMIIE";
        finds(SECRET, key, &[key]);
    }

    #[test]
    fn a_key_is_reported_while_it_arrives() {
        let set = DetectorSet::builder().enable(SECRET).build().unwrap();
        let (mut scanner, mut found) = (Scanner::new(), Vec::new());
        scanner.push(b"-----BEGIN PRIVATE KEY-----\nMI+");
        assert_eq!(scanner.scan(&set, &mut found), scanner.position());
        scanner.push(b"E-----END PRIVATE KEY-----done");
        scanner.boundary();
        scanner.scan(&set, &mut found);
        let ranges: Vec<_> = found.iter().map(|finding| (finding.start, finding.end, finding.continued)).collect();
        assert_eq!(ranges, [(0, 31, false), (31, 57, true)]);
    }

    #[test]
    fn public_armour_passes() {
        passes(
            SECRET,
            &[
                "-----BEGIN CERTIFICATE-----",
                "-----BEGIN PUBLIC KEY-----",
                "-----BEGIN PGP MESSAGE-----",
                "----BEGIN PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY",
                "-----------------------------",
                "BEGIN PRIVATE KEY",
            ],
        );
    }
}
