//! Check digits that some countries have within the account number, by the structure that the IBAN registry gives them.
//!
//! | countries | rule | source |
//! | --- | --- | --- |
//! | ES | two digits modulo 11, one over bank and branch, one over the account | Consejo Superior Bancario, código cuenta cliente |
//! | BE | the first ten digits modulo 97, 97 for 0 | Febelfin, structure of account numbers |
//! | FR, MC | a key of two digits, so that the whole is a multiple of 97 | Comité français d'organisation et de normalisation bancaires, clé RIB |
//! | NO | a digit modulo 11 | Bits, kontonummer |
//! | FI | Luhn over the fourteen digits | Finance Finland, account numbers |
//! | PL | the eighth digit checks the bank code before it, modulo 10 | Narodowy Bank Polski, numer rozliczeniowy |
//! | PT, SI, RS, ME, MK, BA | two digits, so that the account is 1 modulo 97 (ISO 7064, MOD 97-10) | the countries' central banks |
//!
//! Other countries have none, have one a bank, or no longer insist on it.

/// True if the account within a whole IBAN of capitals and digits breaks its country's rule.
pub(super) fn is_wrong(number: &[u8]) -> bool {
    let account = number.get(4..).unwrap_or_default();
    rule(number).is_some_and(|holds| !holds(account))
}

/// True if the country has a rule that is known here.
pub(super) fn has_rule(number: &[u8]) -> bool {
    rule(number).is_some()
}

fn rule(number: &[u8]) -> Option<fn(&[u8]) -> bool> {
    Some(match number.get(..2)? {
        b"ES" => spain,
        b"BE" => belgium,
        b"FR" | b"MC" => france,
        b"NO" => norway,
        b"FI" => finland,
        b"PL" => poland,
        b"PT" | b"SI" | b"RS" | b"ME" | b"MK" | b"BA" => is_one_modulo_97,
        _ => return None,
    })
}

/// The value of a digit; letters stand in no account of these countries but France's.
fn value(byte: u8) -> u32 {
    u32::from(byte.wrapping_sub(b'0'))
}

/// The sum of digits with their weights, and how many digits take part.
fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| value(*digit) * weight).sum()
}

fn modulo_97(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |rest, digit| (rest * 10 + value(*digit)) % 97)
}

fn all_digits(account: &[u8]) -> bool {
    account.iter().all(u8::is_ascii_digit)
}

/// Bank and branch of eight digits, two check digits, ten of the account.
fn spain(account: &[u8]) -> bool {
    const WEIGHTS: [u32; 10] = [1, 2, 4, 8, 5, 10, 9, 7, 3, 6];
    let check = |digits: &[u8], weights: &[u32]| match 11 - weighted(digits, weights) % 11 {
        10 => 1,
        11 => 0,
        digit => digit,
    };
    let (Some((bank, rest)), [_, _, eight @ ..]) = (account.split_at_checked(8), WEIGHTS.as_slice()) else {
        return false;
    };
    let [first, second, own @ ..] = rest else { return false };
    all_digits(account) && check(bank, eight) == value(*first) && check(own, &WEIGHTS) == value(*second)
}

/// Ten digits and two of their remainder.
fn belgium(account: &[u8]) -> bool {
    let Some((digits, key)) = account.split_at_checked(10) else { return false };
    let rest = match modulo_97(digits) {
        0 => 97,
        rest => rest,
    };
    all_digits(account) && modulo_97(key) == rest % 97 && key != b"00"
}

/// Bank and branch of ten digits, eleven digits or letters, a key of two. Letters count as the digits of three rows: A to I, J to R, S to Z from 2.
fn france(account: &[u8]) -> bool {
    let digit = |byte: &u8| match byte {
        b'0'..=b'9' => *byte - b'0',
        b'A'..=b'R' => (*byte - b'A') % 9 + 1,
        _ => byte.wrapping_sub(b'S').wrapping_add(2),
    };
    let rest = account.iter().map(digit).fold(0, |rest, digit| (rest * 10 + u32::from(digit)) % 97);
    // Bank, branch, account and key with weights 89, 15, 3 and 1 are what they are in one number.
    rest == 0
}

/// Eleven digits, the last modulo 11.
fn norway(account: &[u8]) -> bool {
    const WEIGHTS: [u32; 11] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
    all_digits(account) && weighted(account, &WEIGHTS).is_multiple_of(11)
}

/// A bank code of seven digits and the one that checks it, then sixteen of the account.
fn poland(account: &[u8]) -> bool {
    const WEIGHTS: [u32; 8] = [3, 9, 7, 1, 3, 9, 7, 1];
    all_digits(account) && weighted(account, &WEIGHTS).is_multiple_of(10)
}

/// Fourteen digits with Luhn's check digit.
fn finland(account: &[u8]) -> bool {
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let places = account.iter().rev().enumerate();
    let sum: u32 =
        places.map(|(place, digit)| if place % 2 == 0 { value(*digit) } else { doubled(value(*digit)) }).sum();
    all_digits(account) && sum.is_multiple_of(10)
}

fn is_one_modulo_97(account: &[u8]) -> bool {
    all_digits(account) && modulo_97(account) == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples of the IBAN registry.
    const RIGHT: [&str; 13] = [
        "ES9121000418450200051332",
        "BE68539007547034",
        "FR1420041010050500013M02606",
        "MC5811222000010123456789030",
        "NO9386011117947",
        "FI2112345600000785",
        "PL61109010140000071219812874",
        "PT50000201231234567890154",
        "SI56263300012039086",
        "RS35260005601001611379",
        "ME25505000012345678951",
        "MK07250120000058984",
        "BA391290079401028494",
    ];

    #[test]
    fn accounts_of_the_registry_are_right() {
        for number in RIGHT {
            assert!(has_rule(number.as_bytes()) && !is_wrong(number.as_bytes()), "{number}");
        }
        assert!(!has_rule(b"DE89370400440532013000") && !is_wrong(b"DE89370400440532013000"));
    }

    #[test]
    fn any_digit_of_the_account_that_changes_makes_it_wrong() {
        for number in RIGHT {
            // In Poland the bank's code alone is checked.
            let end = if number.starts_with("PL") { 12 } else { number.len() };
            for place in 4..end {
                let mut changed = number.as_bytes().to_vec();
                if changed[place].is_ascii_digit() {
                    changed[place] = b'0' + (changed[place] - b'0' + 1) % 10;
                    assert!(is_wrong(&changed), "{number} at {place}");
                }
            }
        }
    }

    #[test]
    fn what_is_cut_or_has_letters_is_wrong_and_no_panic() {
        for number in RIGHT {
            for end in 2..number.len() {
                let _ = is_wrong(&number.as_bytes()[..end]);
            }
            let letters = format!("{}{}", &number[..4], "Z".repeat(number.len() - 4));
            assert!(number.starts_with("FR") || number.starts_with("MC") || is_wrong(letters.as_bytes()), "{letters}");
        }
    }
}
