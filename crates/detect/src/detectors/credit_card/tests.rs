use super::*;
use crate::detectors::testing::{find_all, finds, finds_whole, passes};

const CARD: EntityType = EntityType::CreditCard;

#[test]
fn thirteen_digits_are_what_the_last_word_says() {
    finds(CARD, "card 4222222222222", &["4222222222222"]);
    finds(CARD, "card: 4111111111111111, ID number: 5708264212088", &["4111111111111111"]);
}

#[test]
fn the_networks_test_numbers_are_found_whole() {
    finds_whole(
        CARD,
        &[
            "4111111111111111",
            "4222222222222",
            "4000000000000000006",
            "5555555555554444",
            "2223003122003222",
            "378282246310005",
            "6011111111111117",
            "30569309025904",
            "3530111333300000",
            "6240008631401148",
            "6759649826438453",
            "2200000000000004",
        ],
    );
}

#[test]
fn numbers_beside_others_are_found() {
    let (first, second) = ("4111111111111111", "5555555555554444");
    for text in ["@, #", "@,\n#", "@; #", "(1, @, 100), (2, #, 200)", "On May 5, 2024, @ was charged, and #, 94105"] {
        finds(CARD, &text.replace('@', first).replace('#', second), &[first, second]);
    }
}

#[test]
fn printed_and_other_groups_are_found_whole() {
    finds_whole(
        CARD,
        &[
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "4111.1111.1111.1111",
            "4111\u{a0}1111\u{a0}1111\u{a0}1111",
            "4111–1111–1111–1111",
            "3782 822463 10005",
            "3056 930902 5904",
            "4000 0000 0000 0000 006",
            "41111111 11111111",
            "4111 11111111 1111",
        ],
    );
    finds(CARD, "card 41 11 11 11 11 11 11 11", &["41 11 11 11 11 11 11 11"]);
    finds(CARD, "card: 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", &["4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"]);
}

#[test]
fn what_follows_a_card_does_not_hide_it() {
    finds(CARD, "4111 1111 1111 1111 123 12/27", &["4111 1111 1111 1111"]);
    finds(CARD, "4111111111111111,12/27,123", &["4111111111111111"]);
    finds(CARD, "card-4111111111111111.", &["4111111111111111"]);
    finds(CARD, "+4111111111111111,12/27", &["4111111111111111"]);
    finds(CARD, "+378282246310005", &[]);
    finds(CARD, "2 4111111111111111 3", &["4111111111111111"]);
    finds(CARD, "1 4111 1111 1111 1111", &["4111 1111 1111 1111"]);
    finds(CARD, "卡号4111111111111111。", &["4111111111111111"]);
}

#[test]
fn wide_ranges_count_only_beside_a_word_that_says_so() {
    finds(CARD, "My card 3519833257665853", &["3519833257665853"]);
    finds(CARD, "order 3519833257665853", &[]);
    finds(CARD, "rewards on credit card 587428561654", &["587428561654"]);
    finds(CARD, "parcel 587428561654", &[]);
}

#[test]
fn a_card_is_no_telephone_number() {
    let found = find_all("call me, card 4111 1111 1111 1111");
    assert_eq!(found.iter().map(|found| found.0.as_str()).collect::<Vec<_>>(), ["credit-card"]);
}

#[test]
fn numbers_of_traces_are_no_cards() {
    for name in ["x-datadog-trace-id: ", "\"dd.span_id\":\"", "parentId=", "trace id "] {
        finds(EntityType::CreditCard, &format!("{name}4999528815185124628"), &[]);
    }
    for before in ["trace-id: 7, ", "<span>", "spanning ", "trace of "] {
        finds(EntityType::CreditCard, &format!("{before}4999528815185124628"), &["4999528815185124628"]);
    }
    finds(EntityType::CreditCard, "card trace-id: 4999528815185124628", &["4999528815185124628"]);
}

#[test]
fn near_misses_pass() {
    passes(
        CARD,
        &[
            "4111111111111112",
            "[.4301.0020.0011.0001]",
            "41111111111111111111",
            "550e8400-e29b-41d4-a716-446655440000",
            "12345678-abcd-abcd-abcd-400000000006",
            "0.4111111111111111",
            "4111111111111111.5",
            "a4111111111111111",
            "4111111111111111b",
            "4111-1111 1111-1111",
            "4111 1111 1111 1111 4111 1111",
            "1234567812345670",
            "4111111111111111@example",
            "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        ],
    );
}

#[test]
fn luhn_agrees_with_its_definition() {
    // 7992739871x: the textbook example, whose check digit is 3.
    for digit in 0..10 {
        assert_eq!(luhn(format!("7992739871{digit}").as_bytes()), digit == 3);
    }
}

#[test]
fn a_number_of_an_article_is_a_card_only_where_it_is_called_one() {
    // Both check digits are right.
    finds(CARD, "EAN 4006381333924", &[]);
    finds(CARD, "4006381333924", &[]);
    finds(CARD, "card number 4006381333924", &["4006381333924"]);
}
