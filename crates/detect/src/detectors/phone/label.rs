//! Labels of numbers of other kinds: `order no: 312-445-1500`, `ISBN 0-306-40615-2`.
//!
//! A word counts as one where it stands at the number, with nothing but marks and words such as `number` or `is`
//! between. Elsewhere it is part of a title or a department (`Account Manager`, `Card Services`), or of another
//! sentence, line or cell. Digits without groups need more to be a telephone's, so for those it counts anywhere near.

use super::NEAR_BYTES;
use super::groups::Groups;
use super::words::{BETWEEN, NAMES, OTHERS, STRONG, WEAK};
use crate::context::{self, Before};
use crate::window::{CONTEXT_BYTES, Window};

/// True if a word before the number is the label of another kind, and none there names a telephone.
pub(super) fn is_labelled_otherwise(window: &Window<'_>, groups: &Groups, before: &Before<'_>) -> bool {
    if !before.has_within(NEAR_BYTES, OTHERS)
        || [STRONG, NAMES, WEAK].iter().any(|words| before.has_within(NEAR_BYTES, words))
    {
        return false;
    }
    groups.count() == 1 || labels(window, groups.start()) || labels(window, list_start(window, groups))
}

/// True if the last word of another kind before `start` is a label of what stands there.
fn labels(window: &Window<'_>, start: usize) -> bool {
    let near = window.slice(start.saturating_sub(NEAR_BYTES), start);
    context::behind_last(near, OTHERS).is_some_and(is_between)
}

/// Where the list begins of which the number is an item: `orders 312-445-1500, 312-445-1501`.
fn list_start(window: &Window<'_>, groups: &Groups) -> usize {
    let (mut first, from) = (groups.start(), groups.start().saturating_sub(CONTEXT_BYTES - NEAR_BYTES));
    let Some(end) = groups.end(groups.count().saturating_sub(1)) else { return first };
    let item = window.slice(first, end);
    while let Some(before) = context::item_before(window.slice(from, first), item) {
        first = from + before;
    }
    first
}

/// True for what may stand between a label and its value.
fn is_between(gap: &[u8]) -> bool {
    let mut rest = gap;
    let mut last = b' ';
    while let [byte, tail @ ..] = rest {
        let length = rest.iter().take_while(|byte| is_letter(**byte)).count();
        if length > 0 {
            let (word, behind) = rest.split_at(length);
            if !BETWEEN.iter().any(|other| word.eq_ignore_ascii_case(other)) {
                return false;
            }
            (rest, last) = (behind, b'a');
            continue;
        }
        match *byte {
            b'?' | b',' | b';' | b')' | b'0'..=b'9' => return false,
            // A label alone on its line says what the next one is by its mark only.
            b'\n' if last != b':' => return false,
            b'<' => {
                let close = tail.iter().position(|byte| *byte == b'>').map_or(tail.len(), |close| close + 1);
                rest = tail.get(close..).unwrap_or_default();
                continue;
            }
            b' ' | b'\t' | b'\r' => {}
            mark => last = mark,
        }
        rest = tail;
    }
    true
}

/// True for what words are made of; those beyond ASCII, too.
const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || (byte >= 0x80 && byte < 0xf8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, passes};
    use crate::entity::EntityType::PhoneNumber;

    #[test]
    fn words_that_only_name_a_number_stand_between_a_label_and_its_value() {
        for gap in
            ["", " ", ": ", " no. ", " number is ", "_id=\"", "Number\": \"", " #", "</td><td class=\"v\">", ":\n"]
        {
            assert!(is_between(gap.as_bytes()), "{gap}");
        }
        for gap in [" Manager ", "? ", "? ring ", " 66 ", "\n", " number\n", ".net,", ", ", " Services: ", ")"] {
            assert!(!is_between(gap.as_bytes()), "{gap}");
        }
    }

    #[test]
    fn titles_and_departments_are_no_labels() {
        for before in [
            "Account Manager ",
            "Jane Roe\nAccount Executive\n",
            "Jane Roe, Version Manager, ",
            "Jane Roe\nPolicy Analyst\n",
            "Tax Accountant\nO: ",
            "License department ",
            "Card services: ",
            "Invoice queries | ",
            "VIN? ring ",
            "NHS switchboard ",
            "ISBN agency - ",
            "jane@nhs.net,",
            "Head of Policy, ",
            "  name   account\n0 Jane  ",
        ] {
            for number in ["312-445-1500", "(312) 445-1500", "312.445.1500", "0121 234 4310", "(02) 8630 6641"] {
                finds(PhoneNumber, &format!("{before}{number}\n"), &[number]);
            }
        }
    }

    #[test]
    fn another_number_before_one_hides_nothing() {
        for before in ["order 66 ", "2025-11-03 ", "Chicago, IL 60601 ", "09:30 ", "customer 44 ", "$25.00 "] {
            for number in ["312-445-1500", "(312) 445-1500", "312.445.1500", "(312)445-1500"] {
                finds(PhoneNumber, &format!("{before}{number}\n"), &[number]);
            }
        }
        passes(
            PhoneNumber,
            &["66 312-445-150", "66 312-445-15001", "66 112-445-1500", "66 3124-45-1500", "66 312-44-1500"],
        );
    }

    #[test]
    fn labels_right_before_a_number_say_that_it_is_none() {
        for label in [
            "order ",
            "Order no: ",
            "invoice no. ",
            "invoice number is ",
            "ISBN ",
            "part #",
            "serial=",
            "<td>Ticket</td><td>",
            "{\"sku\": \"",
            "account_number: ",
            "Policy number:\n",
            "orders 312-555-1500, ",
            "model ",
            "Mercedes part A ",
            "licence plate ",
            "ids ",
        ] {
            passes(PhoneNumber, &[&format!("{label}312-445-1500"), &format!("{label}312.445.1500")]);
        }
        passes(PhoneNumber, &["order 0490 75 40 81", "Version: 0121 234 4310", "account manager 3124451500"]);
    }

    #[test]
    fn mobile_numbers_of_twelve_digits_are_found_under_a_title() {
        finds(PhoneNumber, "Software Engineer\n0151 23985579", &["0151 23985579"]);
        finds(PhoneNumber, "Policy Analyst\n01512 3448601", &["01512 3448601"]);
        passes(PhoneNumber, &["parts 0251 23985579", "lot 0151 23985579", "row 01512 34486012"]);
    }
}
