//! Hashes of passwords with the structure of crypt(5): an identifier, parameters, a salt, a hash.
//!
//! The identifiers are short, so the whole structure is read: the hash has the length of its algorithm.

use super::is_random;
use crate::text::Class;
use crate::window::{Checked, Match, Undecided, Window};

/// Bytes of the longest parameters and the longest salt.
const PARAMETERS_BYTES_MAX: usize = 16;
const SALT_BYTES_MAX: usize = 86;

/// Bytes of a hash: 128 bits of MD5, and 256 bits, six a character.
const MD5_BYTES: usize = 22;
const LONG_BYTES: usize = 43;

/// Bytes behind an identifier that a decision may need.
pub(super) const BYTES_MAX: usize = PARAMETERS_BYTES_MAX + SALT_BYTES_MAX + LONG_BYTES + 3;

/// How sure a hash is.
const PERCENT: u8 = 95;

/// `$1$salt$hash`.
pub(super) fn md5(window: &Window<'_>, start: usize, salt: usize) -> Checked {
    salted(window, start, salt, MD5_BYTES)
}

/// `$5$salt$hash`, `$5$rounds=5000$salt$hash`.
pub(super) fn sha256(window: &Window<'_>, start: usize, salt: usize) -> Checked {
    let rounds = if window.starts_with(salt, b"rounds=")? { parameters(window, salt)? } else { Some(salt) };
    rounds.map_or(Ok(None), |salt| salted(window, start, salt, LONG_BYTES))
}

/// `$y$parameters$salt$hash`.
pub(super) fn yescrypt(window: &Window<'_>, start: usize, at: usize) -> Checked {
    parameters(window, at)?.map_or(Ok(None), |salt| salted(window, start, salt, LONG_BYTES))
}

/// Behind parameters and the sign that ends them.
fn parameters(window: &Window<'_>, start: usize) -> Result<Option<usize>, Undecided> {
    let length = window.run(start, PARAMETERS_BYTES_MAX, |byte| in_field(byte) || byte == b'=')?;
    let end = start + length;
    Ok((length > 0 && window.at(end)? == b'$').then_some(end + 1))
}

fn salted(window: &Window<'_>, start: usize, salt: usize, hash_bytes: usize) -> Checked {
    let length = window.run(salt, SALT_BYTES_MAX, in_field)?;
    let hash = salt + length + 1;
    if length == 0 || window.at(hash - 1)? != b'$' {
        return Ok(None);
    }
    let accepted = window.run(hash, hash_bytes + 1, in_field)? == hash_bytes
        && is_random(Class::Crypt, window.slice(hash, hash + hash_bytes));
    Ok(accepted.then_some(Match::new(start, hash + hash_bytes, 0, PERCENT)))
}

/// Letters, digits, `.` and `/`: six bits a character.
const fn in_field(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/')
}

#[cfg(test)]
mod tests {
    use crate::EntityType;
    use crate::detectors::testing::{find_all, passes};

    const HASHES: [(&str, &str); 6] = [
        ("md5-crypt-hash", "$1$mERr$hx5rVt7rPNoS4wqbXKX7m0"),
        ("sha256-crypt-hash", "$5$rounds=80000$wnsT7Yr92oJoP28r$cKhJImk5mfuSKV9b3mumNzlbstFUplKtQXXMo4G6Ep5"),
        ("sha256-crypt-hash", "$5$MnfsQ4iN$ZMTppKN16y/tIsUYs/obHlhdP.Os80yXhTurpBMUbA5"),
        ("yescrypt-hash", "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7"),
        ("bcrypt-hash", "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"),
        ("argon2-hash", "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQxMjM0$RdescudvJCsgt3ub4b3dVTh0xrHlYXjLDx3AzGtW0sA"),
    ];

    #[test]
    fn hashes_are_found_whole_wherever_they_stand() {
        for (rule, hash) in HASHES {
            for text in
                [format!("root:{hash}:19000:0:99999:7:::"), format!("x = \"{hash}\""), format!("secret 5 {hash}\n")]
            {
                assert!(
                    find_all(&text).iter().any(|found| found.0 == rule && found.1 == hash),
                    "{text}: {:?}",
                    find_all(&text)
                );
            }
        }
    }

    #[test]
    fn what_lacks_a_part_passes() {
        passes(
            EntityType::Secret,
            &[
                "cost $1$ and $5$ and $y$",
                "s/$1$2/$3$4/",
                "$1$$hx5rVt7rPNoS4wqbXKX7m0",
                "$1$mERr$hx5rVt7rPNoS4wqbXKX7m",
                "$1$mERr$hx5rVt7rPNoS4wqbXKX7m0x",
                "$5$MnfsQ4iN$ZMTppKN16y/tIsUYs/obHlhdP.Os80yXhTurpBMUbA",
                "$y$j9T$$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7",
                "$1$xxxxxxxx$xxxxxxxxxxxxxxxxxxxxxx",
            ],
        );
    }
}
