//! JSON numbers as the digits that they mean.

/// Digits of the longest number that a detector looks at.
pub const NUMBER_DIGITS_MAX: usize = 19;

/// Fractions and exponents are read up to this many digits; what is longer is no integer that a
/// detector could look for.
const SIGNIFICANT_DIGITS_MAX: usize = 64;

/// The digits of a JSON number (RFC 8259 section 6) if it means an integer of at most
/// [`NUMBER_DIGITS_MAX`] digits, written into `out`.
///
/// `5.36904399e8`, `536904399.0` and `-536904399` all give `536904399`: whoever reads the number
/// reads these digits, whatever the sender wrote. So does `536904399.00000001`, because most
/// receivers keep numbers as doubles (RFC 8259 section 6). The sign is left out.
#[must_use]
pub fn number_view<'a>(raw: &[u8], out: &'a mut [u8; NUMBER_DIGITS_MAX]) -> Option<&'a [u8]> {
    match exact_view(raw, out).map(<[u8]>::len) {
        Some(length) => out.get(..length),
        None => double_view(raw, out),
    }
}

/// The digits of the double next to the number, if that is an integer.
fn double_view<'a>(raw: &[u8], out: &'a mut [u8; NUMBER_DIGITS_MAX]) -> Option<&'a [u8]> {
    /// The first integer that has more digits.
    const END: f64 = 1e19;
    let value = core::str::from_utf8(raw).ok()?.parse::<f64>().ok()?.abs();
    if value.fract() != 0.0 || value >= END {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an integer from 0 to 10^19")]
    let mut left = value as u64;
    let mut place = out.len();
    loop {
        place = place.checked_sub(1)?;
        *out.get_mut(place)? = b'0' + u8::try_from(left % 10).ok()?;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    out.copy_within(place.., 0);
    out.get(..NUMBER_DIGITS_MAX - place)
}

fn exact_view<'a>(raw: &[u8], out: &'a mut [u8; NUMBER_DIGITS_MAX]) -> Option<&'a [u8]> {
    let raw = raw.strip_prefix(b"-").unwrap_or(raw);
    let (mantissa, exponent) = match raw.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(place) => (raw.get(..place)?, parse_exponent(raw.get(place + 1..)?)?),
        None => (raw, 0),
    };
    let (integer, fraction) = match mantissa.iter().position(|byte| *byte == b'.') {
        Some(place) => (mantissa.get(..place)?, mantissa.get(place + 1..)?),
        None => (mantissa, [].as_slice()),
    };
    let significant = integer.len() + fraction.len();
    if integer.is_empty()
        || significant > SIGNIFICANT_DIGITS_MAX
        || !mantissa.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
        || fraction.contains(&b'.')
    {
        return None;
    }
    let point = i32::try_from(integer.len()).ok()? + exponent;
    place_digits(integer.iter().chain(fraction), point, out)
}

/// Writes `digits` with the decimal point behind the `point`-th of them.
fn place_digits<'a, 'd>(
    digits: impl Iterator<Item = &'d u8>,
    point: i32,
    out: &'a mut [u8; NUMBER_DIGITS_MAX],
) -> Option<&'a [u8]> {
    let mut length = 0;
    let mut place = 0;
    for digit in digits {
        if place < point {
            if *digit != b'0' || length > 0 {
                *out.get_mut(length)? = *digit;
                length += 1;
            }
        } else if *digit != b'0' {
            return None;
        }
        place += 1;
    }
    if length == 0 {
        *out.first_mut()? = b'0';
        return out.get(..1);
    }
    while place < point {
        *out.get_mut(length)? = b'0';
        length += 1;
        place += 1;
    }
    out.get(..length)
}

fn parse_exponent(text: &[u8]) -> Option<i32> {
    let (negative, digits) = match text.split_first()? {
        (b'-', digits) => (true, digits),
        (b'+', digits) => (false, digits),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits
        .iter()
        .fold(0i32, |value, digit| value.saturating_mul(10).saturating_add(i32::from(digit - b'0')).min(10_000));
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn view(raw: &str) -> Option<String> {
        let mut out = [0; NUMBER_DIGITS_MAX];
        number_view(raw.as_bytes(), &mut out).map(|digits| String::from_utf8(digits.to_vec()).unwrap())
    }

    #[test]
    fn an_integer_is_seen_however_it_is_written() {
        for raw in ["536904399", "5.36904399e8", "536904399.0", "-536904399", "5369043990E-1"] {
            assert_eq!(view(raw).as_deref(), Some("536904399"), "{raw}");
        }
        assert_eq!(view("4.111111111111111E+15").as_deref(), Some("4111111111111111"));
        assert_eq!(view("0.00536904399e11").as_deref(), Some("536904399"));
        assert_eq!(view("0").as_deref(), Some("0"));
        assert_eq!(view("0e999999999999").as_deref(), Some("0"));
    }

    #[test]
    fn what_a_double_rounds_to_an_integer_is_that_integer() {
        let zeros = "0".repeat(60);
        for raw in [
            "536904399.00000001".to_owned(),
            "536904398.99999999".to_owned(),
            "-5.3690439900000001e8".to_owned(),
            format!("536904399.{zeros}1"),
            format!("0.{zeros}536904399e69"),
            format!("536904399{zeros}e-60"),
        ] {
            assert_eq!(view(&raw).as_deref(), Some("536904399"), "{raw}");
        }
        assert_eq!(view("4111111111111110.9").as_deref(), Some("4111111111111111"));
        assert_eq!(view("536904399.5"), None);
    }

    #[test]
    fn fractions_long_numbers_and_what_is_no_number_have_no_view() {
        for raw in ["", "-", "1.5", "1e-1", "12345678901234567890", "1e19", "1e", "1.2.3", "x", "1e+", "1e99999999999"]
        {
            assert_eq!(view(raw), None, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn moving_the_point_does_not_change_the_view(digits in "[1-9][0-9]{0,18}", shift in 1usize..19) {
            let shift = shift.min(digits.len() - 1);
            let raw = if shift == 0 {
                format!("{digits}e0")
            } else {
                let (head, tail) = digits.split_at(digits.len() - shift);
                format!("{head}.{tail}e{shift}")
            };
            prop_assert_eq!(view(&raw), Some(digits));
        }

        #[test]
        fn no_bytes_make_it_panic(raw in proptest::collection::vec(any::<u8>(), 0..80)) {
            let mut out = [0; NUMBER_DIGITS_MAX];
            let _ = number_view(&raw, &mut out);
        }
    }
}
