//! Check digits and dates that identifiers share.

/// The value of a digit.
pub(crate) fn number(byte: u8) -> u32 {
    u32::from(byte.wrapping_sub(b'0'))
}

/// The value of two digits at `place`, 100 if they are not there.
pub(crate) fn pair(digits: &[u8], place: usize) -> u32 {
    match digits.get(place..place + 2) {
        Some([tens, ones]) => number(*tens) * 10 + number(*ones),
        _ => 100,
    }
}

/// The sum of digits, each times its weight.
pub(crate) fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| number(*digit) * weight).sum()
}

/// The last digit's value, 10 if there is none.
pub(crate) fn last(digits: &[u8]) -> u32 {
    digits.last().map_or(10, |digit| number(*digit))
}

/// True if all digits are alike: a placeholder that many check digits accept.
pub(crate) fn is_uniform(digits: &[u8]) -> bool {
    digits.windows(2).all(|two| two.first() == two.last())
}

/// True for what has no check digit and is not one digit repeated.
pub(crate) fn is_varied(digits: &[u8]) -> bool {
    !is_uniform(digits)
}

/// Luhn (ISO/IEC 7812-1 annex B): true if the last digit is the right one.
pub(crate) fn luhn(digits: &[u8]) -> bool {
    luhn_sum(digits).is_multiple_of(10)
}

/// The sum of Luhn's rule, the last digit counting once.
pub(crate) fn luhn_sum(digits: &[u8]) -> u32 {
    let value = |(place, byte): (usize, &u8)| match (place % 2, number(*byte)) {
        (0, digit) => digit,
        (_, digit) => digit * 2 - if digit > 4 { 9 } else { 0 },
    };
    digits.iter().rev().enumerate().map(value).sum()
}

/// ISO 7064, MOD 11-10: true if the last digit is the right one.
pub(crate) fn mod_11_10(digits: &[u8]) -> bool {
    let Some((check, body)) = digits.split_last() else { return false };
    let rest = body.iter().fold(10, |product, digit| {
        let sum = (product + number(*digit)) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (rest + number(*check)) % 10 == 1
}

/// Verhoeff's check digit: products in the dihedral group of ten elements, each digit permuted by its place.
pub(crate) fn verhoeff(digits: &[u8]) -> bool {
    const PERMUTATION: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let permuted = |digit: u32, times: usize| {
        (0..times % 8).fold(digit, |digit, _| u32::from(PERMUTATION.get(digit as usize).copied().unwrap_or(0)))
    };
    let sum =
        digits.iter().rev().enumerate().fold(0, |sum, (place, byte)| dihedral(sum, permuted(number(*byte), place)));
    sum == 0
}

/// The product of two elements of the dihedral group of order ten: 0 to 4 turn, 5 to 9 mirror.
const fn dihedral(a: u32, b: u32) -> u32 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a - 5 + 5 - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    }
}

/// The digits modulo `modulus`.
pub(crate) fn remainder(digits: &[u8], modulus: u32) -> u32 {
    digits.iter().fold(0, |rest, digit| (rest * 10 + number(*digit)) % modulus)
}

/// Years in which a holder of an identifier may have been born: registers began in the 1800s, and
/// no clock is read, so the last is one that this program will not outlive unchanged.
const BIRTH_YEARS: core::ops::RangeInclusive<u32> = 1880..=2035;

/// True if the day exists and someone may have been born on it.
pub(crate) fn is_birth_day(year: u32, month: u32, day: u32) -> bool {
    BIRTH_YEARS.contains(&year) && is_day(year, month, day)
}

/// True if the day exists.
pub(crate) const fn is_day(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    day >= 1 && day <= days
}

/// True if `YYMMDD` is a day of either century.
pub(crate) fn is_short_day(digits: &[u8]) -> bool {
    let [year, month, day] = [0, 2, 4].map(|place| pair(digits, place));
    is_day(2000 + year, month, day) || is_day(1900 + year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_known_numbers() {
        assert!(luhn(b"79927398713") && !luhn(b"79927398710"));
        assert!(verhoeff(b"2363") && !verhoeff(b"2364") && verhoeff(b"123451"));
        assert!(mod_11_10(b"86095742719") && !mod_11_10(b"86095742718"));
        assert_eq!(remainder(b"1234567", 97), 1_234_567 % 97);
    }

    #[test]
    fn each_check_finds_every_single_wrong_digit() {
        for (valid, check) in
            [(b"79927398713".as_slice(), luhn as fn(&[u8]) -> bool), (b"123451", verhoeff), (b"86095742719", mod_11_10)]
        {
            for place in 0..valid.len() {
                for digit in b'0'..=b'9' {
                    let mut changed = valid.to_vec();
                    changed[place] = digit;
                    assert_eq!(check(&changed), changed == valid);
                }
            }
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        assert!(is_day(2000, 2, 29) && !is_day(1900, 2, 29) && !is_day(2023, 4, 31) && !is_day(2023, 13, 1));
        assert!(is_short_day(b"000229") && !is_short_day(b"010229") && !is_short_day(b"0102"));
        assert!(!is_birth_day(1800, 1, 1) && is_birth_day(1985, 3, 12));
    }
}
