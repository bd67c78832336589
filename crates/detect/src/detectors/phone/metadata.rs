//! Which telephone numbers there are: libphonenumber's metadata as one automaton.
//!
//! `metadata.bin` is made by `scripts/gen-phone-metadata` from the metadata of libphonenumber
//! (Apache-2.0): the patterns of all kinds of valid numbers of all calling codes, the possible
//! lengths, and the prefix for calls within a country. Its layout, little endian:
//!
//! * 2 bytes: how many countries. For each, in the order of their calling codes: the code (2), the
//!   place of the edge at which its numbers begin (2), a bit for each possible length (4), the
//!   digits of its trunk prefix (1 and 1, [`NO_DIGIT`] for none).
//! * The edges, 4 bytes each: a bit for each digit that follows it, with the marks [`ACCEPTS`] and
//!   [`LAST`] (2), and the place of the edge at which the next node begins (2). The edges of a node
//!   stand in a row.
//!
//! One walk reads a number once; nothing is allocated. "Valid" means what it does there: a number of
//! that form is assigned. "Possible" means that only its length is right.

use crate::text::value;

/// See above; 39 KB.
const TABLE: &[u8] = include_bytes!("metadata.bin");

const COUNT_BYTES: usize = 2;
const COUNTRY_BYTES: usize = 10;
const COUNTRY_COUNT: usize = match TABLE.first_chunk() {
    Some(bytes) => u16::from_le_bytes(*bytes) as usize,
    None => 0,
};
const EDGES_AT: usize = COUNT_BYTES + COUNTRY_COUNT * COUNTRY_BYTES;
const EDGE_BYTES: usize = 4;
/// A node's last edge.
const LAST: u16 = 0x8000;
/// A number may end at the node.
const ACCEPTS: u16 = 0x4000;
/// In place of a digit of a trunk prefix.
const NO_DIGIT: u8 = 0xff;
/// Digits of the longest calling code.
const CODE_DIGITS_MAX: usize = 3;

/// How much is right about a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Validity {
    /// No number has this length.
    Impossible,
    /// The length is right.
    Possible,
    /// Numbers of this form are assigned.
    Valid,
}

/// The numbers behind one calling code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Country {
    node: u16,
    lengths: u32,
    trunk: [u8; 2],
}

impl Country {
    /// How much is right about a number within the country, written with or without its trunk
    /// prefix.
    pub(super) fn judge(&self, number: &[u8]) -> Validity {
        let without = self.strip_trunk(number);
        if self.is_valid(number) || without.is_some_and(|number| self.is_valid(number)) {
            Validity::Valid
        } else if self.is_possible(number) || without.is_some_and(|number| self.is_possible(number)) {
            Validity::Possible
        } else {
            Validity::Impossible
        }
    }

    fn strip_trunk<'n>(&self, number: &'n [u8]) -> Option<&'n [u8]> {
        let length = self.trunk.iter().take_while(|digit| **digit != NO_DIGIT).count();
        let (head, rest) = number.split_at_checked(length)?;
        let is_trunk = head.iter().zip(self.trunk).all(|(digit, trunk)| digit.wrapping_sub(b'0') == trunk);
        (length > 0 && is_trunk).then_some(rest)
    }

    fn is_possible(&self, number: &[u8]) -> bool {
        u32::try_from(number.len()).is_ok_and(|length| self.lengths.checked_shr(length).unwrap_or(0) & 1 == 1)
    }

    fn is_valid(&self, number: &[u8]) -> bool {
        let end = number.iter().try_fold(self.node, |node, digit| step(node, digit.wrapping_sub(b'0')));
        end.and_then(edge).is_some_and(|(marks, _)| marks & ACCEPTS != 0)
    }
}

/// The country of a number that begins with a calling code, and the digits of that code.
pub(super) fn country(number: &[u8]) -> Option<(Country, usize)> {
    (1..=CODE_DIGITS_MAX).find_map(|digits| {
        let code = number.get(..digits).map(value)?;
        with_code(u16::try_from(code).ok()?).map(|country| (country, digits))
    })
}

/// How much is right about a number that begins with a calling code.
pub(super) fn judge(number: &[u8]) -> Validity {
    let judged = country(number).map(|(country, digits)| country.judge(number.get(digits..).unwrap_or_default()));
    judged.unwrap_or(Validity::Impossible)
}

/// The country with that calling code.
pub(super) fn with_code(code: u16) -> Option<Country> {
    let (mut from, mut to) = (0, COUNTRY_COUNT);
    while from < to {
        let middle = usize::midpoint(from, to);
        match word(COUNT_BYTES + middle * COUNTRY_BYTES)?.cmp(&code) {
            core::cmp::Ordering::Equal => return nth(middle),
            core::cmp::Ordering::Less => from = middle + 1,
            core::cmp::Ordering::Greater => to = middle,
        }
    }
    None
}

fn nth(place: usize) -> Option<Country> {
    let at = COUNT_BYTES + place * COUNTRY_BYTES;
    let lengths = u32::from(word(at + 4)?) | u32::from(word(at + 6)?) << 16;
    Some(Country { node: word(at + 2)?, lengths, trunk: word(at + 8)?.to_le_bytes() })
}

/// The node behind one more digit.
fn step(node: u16, digit: u8) -> Option<u16> {
    if digit > 9 {
        return None;
    }
    let mut place = node;
    loop {
        let (marks, next) = edge(place)?;
        if marks & (1 << digit) != 0 {
            return Some(next);
        }
        if marks & LAST != 0 {
            return None;
        }
        place = place.checked_add(1)?;
    }
}

fn edge(place: u16) -> Option<(u16, u16)> {
    let at = EDGES_AT + usize::from(place) * EDGE_BYTES;
    Some((word(at)?, word(at + 2)?))
}

fn word(at: usize) -> Option<u16> {
    TABLE.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn judged(number: &str) -> Validity {
        judge(number.as_bytes())
    }

    #[test]
    fn numbers_are_valid_possible_or_neither() {
        for number in ["14155552671", "442079460958", "4402079460958", "390236618300", "33184176118", "80012345678"] {
            assert_eq!(judged(number), Validity::Valid, "{number}");
        }
        // No exchange code begins with 1; no area code is 000.
        assert_eq!(judged("19031404508"), Validity::Possible);
        assert_eq!(judged("10005552671"), Validity::Possible);
        for number in ["", "1", "1415555267", "141555526711", "0", "999", "21012345678"] {
            assert_eq!(judged(number), Validity::Impossible, "{number}");
        }
    }

    #[test]
    fn no_calling_code_is_the_beginning_of_another() {
        let code = |place| word(COUNT_BYTES + place * COUNTRY_BYTES).unwrap().to_string();
        let codes: Vec<_> = (0..COUNTRY_COUNT).map(code).collect();
        assert!(codes.len() >= 200);
        for code in &codes {
            let starts = codes.iter().filter(|other| other.starts_with(code.as_str())).count();
            assert_eq!(starts, 1, "{code}");
            assert!(with_code(code.parse().unwrap()).is_some());
        }
    }

    /// Numbers behind every calling code, each with what libphonenumber says of it; made by
    /// `scripts/gen-phone-metadata --vectors`.
    const VECTORS: &str = include_str!("vectors.txt");

    #[test]
    fn libphonenumber_itself_judges_numbers_alike() {
        let (mut same, mut all, mut valid) = (0u32, 0u32, 0u32);
        for line in VECTORS.lines() {
            let (number, theirs) = line.split_once(' ').unwrap();
            let ours = judged(number) == Validity::Valid;
            all += 1;
            valid += u32::from(ours);
            if ours == (theirs == "valid") {
                same += 1;
            } else {
                println!("{number} is {theirs}");
            }
        }
        assert!(all >= 2000 && valid > all / 4, "{valid} of {all} are valid");
        assert!(1000 * same >= 999 * all, "{same} of {all} judged alike");
    }

    proptest! {
        #[test]
        fn no_digits_make_it_panic(number in proptest::collection::vec(any::<u8>(), 0..20)) {
            let _ = judge(&number);
        }
    }
}
