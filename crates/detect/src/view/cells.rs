//! A number whose groups are cells of a row or items of a list: `card 4111 | 1111 | 1111 | 1111`,
//! `card: ["4111","1111","1111","1111"]`, `SSN 536, 22, 1234`.
//!
//! Most numbers beside each other are as many numbers, so a word right before the first says what they are together.
//! Groups of any lengths, and those that other marks join, are `groups.rs`'s.

use super::ViewId;
use super::outline::{Mark, Outline};
use super::respell::{Leaf, Recogniser, Types};
use crate::context::{self, Words};
use crate::text::{alphanumeric, digit};
use crate::window::{Undecided, Window};

pub(super) static RECOGNISER: Recogniser = Recogniser { view: ViewId::GROUPS, next, read, start };

/// Bytes in which the first group ends and what joins the next one begins.
const LOOK_BYTES: usize = 6;
/// Bytes in which two groups and a joint behind each end.
const HEAD_BYTES: usize = 20;
/// How far before the first group the word begins, at most.
const WORD_BYTES: usize = 32;

/// The first byte of a middle dot.
const MIDDLE_DOT: u8 = 0xc2;

/// What may stand between two groups, all alike; a space or a mark alone is read elsewhere.
const JOINTS: &[&[u8]] =
    &[b"\",\"", b"\", \"", b"','", b"', '", b", ", b" , ", b",", b" | ", b"|", b"\t", b"; ", b";", b" : ", b": "];

/// The same for numbers whose groups `groups.rs` leaves to what stands before them.
const MORE_JOINTS: &[&[u8]] = &[b"  ", b" / ", b"/", b"_", b"+", " · ".as_bytes(), "·".as_bytes()];

/// The lengths of groups, a mark that detectors know between them, and the words that name such a number.
const FORMS: &[(&[usize], Option<u8>, &Words)] = &[
    (&[4, 4, 4, 4], None, CARDS),
    (&[4, 6, 5], None, CARDS),
    (&[4, 4, 4], Some(b' '), AADHAAR),
    (&[4, 4, 4, 3], None, CARDS),
    (&[4, 4, 4, 2], None, CARDS),
    (&[3, 2, 4], Some(b'-'), SSNS),
    (&[3, 3, 4], Some(b'-'), PHONES),
];

const CARDS: &Words = &Words::new(&[
    b"card*",
    b"visa",
    b"mastercard",
    b"amex",
    b"discover",
    b"pan",
    b"cc",
    b"kreditkarte*",
    b"carte*",
    b"tarjeta*",
    b"carta*",
]);
/// Of the forms, those that [`MORE_JOINTS`] may join.
const MORE_FORMS: core::ops::Range<usize> = 2..5;

const AADHAAR: &Words = &Words::new(&[b"aadhaar*", b"aadhar*", b"adhaar*", b"uidai*", b"uid"]);
const SSNS: &Words = &Words::new(&[b"ssn", b"ssns", b"social sec*", b"ss#"]);
const PHONES: &Words = &Words::new(&[b"phone*", b"telephone*", b"tel", b"mobile", b"cell", b"fax", b"call", b"dial"]);

/// The first group that has the beginning of a form.
fn next(text: &[u8], outline: &Outline, from: usize) -> Option<usize> {
    outline.places(Mark::Group, from, text.len()).find(|at| begins(text, *at))
}

/// True if the first two groups of a form stand at `at` with a joint behind each, or may once more of the text is there.
#[inline]
fn begins(text: &[u8], at: usize) -> bool {
    let is_end = |byte: u8| {
        matches!(byte, b',' | b'"' | b'\'' | b'|' | b'\t' | b';' | b':' | b'/' | b'_' | b'+') || byte == MIDDLE_DOT
    };
    let length = match text.get(at..at + LOOK_BYTES) {
        // A space alone joins most groups.
        Some([_, _, _, mark, next, ..]) if is_end(*mark) || *mark == b' ' && is_end(*next) => 3,
        Some([_, _, _, _, mark, next]) if is_end(*mark) || *mark == b' ' && (is_end(*next) || *next == b' ') => 4,
        Some(_) => return false,
        None => return true,
    };
    let Some(head) = text.get(at..at + HEAD_BYTES) else { return true };
    let behind = head.get(length..).unwrap_or_default();
    let gap = behind.iter().take_while(|byte| !digit(**byte)).count();
    let (joint, second) = behind.split_at_checked(gap).unwrap_or_default();
    let group = second.iter().take_while(|byte| digit(**byte)).count();
    let is_form = matches!((length, group), (4, 4 | 6) | (3, 2 | 3));
    is_form && second.get(group..).is_some_and(|rest| rest.starts_with(joint))
}

/// Reads the groups at `at`.
fn read(window: &Window<'_>, at: usize, leaf: &mut Leaf) -> Result<usize, Undecided> {
    if alphanumeric(window.before(at)) {
        return Ok(at + 1);
    }
    let first = window.run(at, 5, digit)?;
    let (joint, forms) = match joint_at(window, at + first, JOINTS)? {
        Some(joint) => (joint, FORMS),
        None => match joint_at(window, at + first, MORE_JOINTS)? {
            Some(joint) => (joint, FORMS.get(MORE_FORMS).unwrap_or_default()),
            None => return Ok(at + 1),
        },
    };
    for (lengths, mark, words) in forms {
        let Some(end) = form_end(window, at, lengths, joint)? else { continue };
        if context::nearest_direct(window, at, words).is_none_or(|distance| distance > WORD_BYTES) {
            continue;
        }
        let mut place = at;
        for (index, length) in lengths.iter().enumerate() {
            if let Some(mark) = mark.filter(|_| index > 0) {
                leaf.push_mark(mark);
            }
            for place in place..place + length {
                leaf.push(window.at(place)?, place, place + 1);
            }
            place += length + joint.len();
        }
        leaf.types = Types::Usual;
        return Ok(end);
    }
    Ok(at + 1)
}

/// The joint at `at`, if a digit follows it.
fn joint_at(window: &Window<'_>, at: usize, joints: &[&'static [u8]]) -> Result<Option<&'static [u8]>, Undecided> {
    for joint in joints {
        if window.starts_with(at, joint)? && digit(window.at(at + joint.len())?) {
            return Ok(Some(joint));
        }
    }
    Ok(None)
}

/// Where groups of these lengths end that are joined so, if nothing goes on behind them.
fn form_end(window: &Window<'_>, at: usize, lengths: &[usize], joint: &[u8]) -> Result<Option<usize>, Undecided> {
    let mut end = at;
    for (index, length) in lengths.iter().enumerate() {
        if index > 0 {
            if !window.starts_with(end, joint)? {
                return Ok(None);
            }
            end += joint.len();
        }
        if window.run(end, length + 1, digit)? != *length {
            return Ok(None);
        }
        end += length;
    }
    let goes_on = window.starts_with(end, joint)? && digit(window.at(end + joint.len())?);
    Ok((!goes_on && !alphanumeric(window.at(end)?)).then_some(end))
}

/// A candidate begins at its first digit.
fn start(_: &[u8], at: usize) -> usize {
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_groups_and_their_joint_are_shorter_than_what_is_looked_at() {
        const JOINT_BYTES_MAX: usize = 4;
        assert!(JOINTS.iter().chain(MORE_JOINTS).all(|joint| joint.len() <= JOINT_BYTES_MAX));
        let longest = FORMS.iter().map(|(lengths, ..)| lengths.iter().take(2).sum::<usize>()).max();
        assert!(longest.is_some_and(|digits| digits + 2 * JOINT_BYTES_MAX < HEAD_BYTES));
    }
}
