//! Addresses of Bitcoin and Ethereum.
//!
//! Bitcoin: base58 with four bytes of a double SHA-256 (Base58Check; versions 0, 5 and those of the test network), and
//! bech32 or bech32m with a checksum of six characters (BIP 173, BIP 350). Ethereum: forty hexadecimal digits behind `0x`, whose case is a
//! checksum where both are used (EIP-55).

use super::{Id, Kind, Token, lengths};
use crate::context::{self, Words};
use crate::detectors::about::{About, Sight};
use crate::entity::EntityType;
use crate::window::{Checked, Match, Window};
use sha2::{Digest, Sha256};
use sha3::Keccak256;

/// Base58 addresses.
pub(super) static BITCOIN: Id = Id {
    entity: EntityType::Crypto,
    rule: "bitcoin-base58",
    about: About::new("Base58Check: double SHA-256; version", "Bitcoin, Base58Check"),
    kind: Kind::Token(lengths(&[26, 27, 28, 29, 30, 31, 32, 33, 34, 35]), check_base58),
};

/// Bech32 addresses.
pub(super) static SEGWIT: Id = Id {
    entity: EntityType::Crypto,
    rule: "bitcoin-bech32",
    about: About::new("bech32 or bech32m checksum", "BIP 173, BIP 350"),
    kind: Kind::Token(u128::MAX >> (127 - 90) & !0x3fff, check_bech32),
};

/// Ethereum addresses.
pub(super) static ETHEREUM: Id = Id {
    entity: EntityType::Crypto,
    rule: "ethereum",
    about: About::new("forty hexadecimal digits behind 0x; EIP-55 checksum where case is mixed", "EIP-55").raised(
        WORDS,
        Sight::Before,
        (NAMED_ETHEREUM, NAMED_ETHEREUM),
    ),
    kind: Kind::Token(lengths(&[42]), check_ethereum),
};

/// Percent of an Ethereum address without a checksum beside a word.
const NAMED_ETHEREUM: u8 = 90;

const WORDS: &Words = &Words::new(&[
    b"eth*",
    b"ether*",
    b"wallet*",
    b"address*",
    b"crypto*",
    b"erc20",
    b"usdt",
    b"usdc",
    b"token*",
    b"contract*",
    b"send*",
    b"recipient*",
    b"payable",
    b"account*",
    b"0x",
]);

/// A version, twenty bytes of a hash, four of a checksum.
const BASE58_BYTES: usize = 25;
const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

fn check_base58(window: &Window<'_>, token: &Token) -> Checked {
    let text = token.text(window);
    if !matches!(text.first(), Some(b'1' | b'3' | b'm' | b'n' | b'2')) || !token.stands_alone(window)? {
        return Ok(None);
    }
    let Some(bytes) = base58::<BASE58_BYTES>(text) else { return Ok(None) };
    let (payload, checksum) = bytes.split_at_checked(BASE58_BYTES - 4).unwrap_or_default();
    let version = matches!(payload.first(), Some(0 | 5 | 111 | 196));
    let valid = version && Sha256::digest(Sha256::digest(payload)).starts_with(checksum);
    Ok(valid.then_some(Match::new(token.start, token.end, 0, 99)))
}

/// The bytes that a base58 number stands for; `None` if it has other characters or is too large.
fn base58<const BYTES: usize>(text: &[u8]) -> Option<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    for byte in text {
        let mut carry = u32::try_from(BASE58.iter().position(|character| character == byte)?).ok()?;
        for place in bytes.iter_mut().rev() {
            carry += u32::from(*place) * 58;
            *place = carry.to_le_bytes().first().copied()?;
            carry >>= 8;
        }
        if carry > 0 {
            return None;
        }
    }
    Some(bytes)
}

/// A version, 32 bytes of a key, four of a checksum; one byte more for a key whose address is compressed.
const KEY_BYTES: usize = 37;
const COMPRESSED_KEY_BYTES: usize = KEY_BYTES + 1;

/// True for a private key of Bitcoin (wallet import format: Base58Check, version 128).
pub(crate) fn is_private_key(text: &[u8]) -> bool {
    let plain = base58::<KEY_BYTES>(text).is_some_and(|bytes| is_key(&bytes));
    plain || base58::<COMPRESSED_KEY_BYTES>(text).is_some_and(|bytes| is_key(&bytes))
}

fn is_key(bytes: &[u8]) -> bool {
    let (payload, checksum) = bytes.split_at_checked(bytes.len() - 4).unwrap_or_default();
    payload.first() == Some(&128) && Sha256::digest(Sha256::digest(payload)).starts_with(checksum)
}

const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const BECH32_CHECKSUM: u32 = 1;
const BECH32M_CHECKSUM: u32 = 0x2bc8_30a3;

fn check_bech32(window: &Window<'_>, token: &Token) -> Checked {
    let text = token.text(window);
    let network = text.get(..3).unwrap_or_default();
    if !network.eq_ignore_ascii_case(b"bc1") && !network.eq_ignore_ascii_case(b"tb1") {
        return Ok(None);
    }
    let one_case = !text.iter().any(u8::is_ascii_uppercase) || !text.iter().any(u8::is_ascii_lowercase);
    let valid = one_case && matches!(bech32(text), Some(BECH32_CHECKSUM | BECH32M_CHECKSUM));
    Ok((valid && token.stands_alone(window)?).then_some(Match::new(token.start, token.end, 0, 99)))
}

/// The checksum over a prefix of two letters and the characters behind `1`.
fn bech32(text: &[u8]) -> Option<u32> {
    let (prefix, rest) = text.split_at_checked(2)?;
    let (_, characters) = rest.split_first()?;
    let mut sum = 1;
    let prefix = || prefix.iter().map(|byte| u32::from(byte.to_ascii_lowercase()));
    for value in prefix().map(|byte| byte >> 5).chain(core::iter::once(0)).chain(prefix().map(|byte| byte & 31)) {
        sum = bech32_step(sum, value);
    }
    for byte in characters {
        let value = BECH32.iter().position(|character| *character == byte.to_ascii_lowercase())?;
        sum = bech32_step(sum, u32::try_from(value).ok()?);
    }
    Some(sum)
}

/// One step of the code's polynomial (BIP 173).
fn bech32_step(sum: u32, value: u32) -> u32 {
    const GENERATORS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let top = sum >> 25;
    let shifted = (sum & 0x01ff_ffff) << 5 ^ value;
    let used = GENERATORS.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1);
    used.fold(shifted, |sum, (_, generator)| sum ^ generator)
}

fn check_ethereum(window: &Window<'_>, token: &Token) -> Checked {
    let Some(digits) = token.text(window).strip_prefix(b"0x") else { return Ok(None) };
    let zeros = digits.iter().filter(|byte| **byte == b'0').count();
    if !digits.iter().all(u8::is_ascii_hexdigit) || zeros > digits.len() / 2 || !token.stands_alone(window)? {
        return Ok(None);
    }
    let mixed = digits.iter().any(u8::is_ascii_uppercase) && digits.iter().any(u8::is_ascii_lowercase);
    let percent = match (mixed, context::precedes(window, token.start, WORDS)) {
        (true, _) if !is_checksummed(digits) => return Ok(None),
        (true, _) => 98,
        (false, true) => NAMED_ETHEREUM,
        (false, false) => 75,
    };
    Ok(Some(Match::new(token.start, token.end, 0, percent)))
}

/// True if each letter is a capital exactly where the hash of the small ones has a large digit (EIP-55).
fn is_checksummed(digits: &[u8]) -> bool {
    let Some(lower) = digits.first_chunk::<40>().map(|digits| digits.map(|byte| byte.to_ascii_lowercase())) else {
        return false;
    };
    let hash = Keccak256::digest(lower);
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .iter()
        .zip(nibbles)
        .all(|(byte, nibble)| !byte.is_ascii_alphabetic() || byte.is_ascii_uppercase() == (nibble > 7))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const CRYPTO: EntityType = EntityType::Crypto;

    #[test]
    fn addresses_are_found_whole() {
        finds_whole(
            CRYPTO,
            &[
                "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
                "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
                "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
                "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
                "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
                "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            ],
        );
        finds(CRYPTO, "bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa?amount=1", &["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            CRYPTO,
            &[
                "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8F3T4",
                "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
                "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae",
                "0x0000000000000000000000000000000000000000",
                "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            ],
        );
    }
}
