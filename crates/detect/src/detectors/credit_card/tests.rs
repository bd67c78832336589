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
fn a_list_of_constants_has_no_card_and_one_of_cards_has() {
    finds(CARD, "{\n    2518704280870782,\n    4111111111111111,\n    855378419194761\n}", &[]);
    let cards = ["4111111111111111", "5500005555555559", "378282246310005"];
    finds(CARD, &cards.join(",\n    "), &cards);
    finds(CARD, "cards 2518704280870782,\n  4111111111111111", &["4111111111111111"]);
}

#[test]
fn the_number_of_a_resident_is_no_card() {
    finds(CARD, "identity_card=610113196610028819", &[]);
    finds(EntityType::CnRic, "identity_card=610113196610028819", &["610113196610028819"]);
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

/// The number that begins with `head` and has the check digit it must have, in groups.
fn card(head: &str, groups: &[usize], mark: &str) -> String {
    let doubled = |digit: u32| if digit * 2 > 9 { digit * 2 - 9 } else { digit * 2 };
    let values = head.chars().rev().map(|digit| digit.to_digit(10).unwrap());
    let sum: u32 = values.enumerate().map(|(place, digit)| if place % 2 == 0 { doubled(digit) } else { digit }).sum();
    let number = format!("{head}{}", (10 - sum % 10) % 10);
    let mut rest = number.as_str();
    let mut parts = Vec::new();
    for length in groups {
        let (part, behind) = rest.split_at(*length);
        parts.push(part);
        rest = behind;
    }
    assert!(rest.is_empty());
    parts.join(mark)
}

/// Cards of several networks in four groups of four.
fn cards(mark: &str) -> Vec<String> {
    let heads = ["4539", "5412", "4716", "5105", "2223", "6011"];
    let digits = (0..24u64).map(|seed| format!("{:011}", (seed * 48_271 + 11) * 69_621_347 % 100_000_000_000));
    digits.zip(heads.iter().cycle()).map(|(tail, head)| card(&format!("{head}{tail}"), &[4; 4], mark)).collect()
}

#[test]
fn a_card_in_a_row_of_groups_is_found_where_something_says_so() {
    for mark in [" ", "-", ".", "\u{a0}"] {
        for number in cards(mark) {
            let rows = ["my card is @,0928,321", "@,0928", "@,1231,4321", "Visa @,4762 thanks"];
            // What a dash or a point joins to digits before it is no beginning.
            let led = ["2024,@", "pin 4821,@", "card 7202,@"].into_iter().filter(|_| !matches!(mark, "-" | "."));
            for row in rows.into_iter().chain(led) {
                finds(CARD, &row.replace(',', mark).replace('@', &number), &[&number]);
            }
        }
    }
}

#[test]
fn cards_in_a_row_are_all_found() {
    for mark in [" ", "\u{a0}"] {
        for three in cards(mark).windows(3) {
            let expected: Vec<_> = three.iter().map(String::as_str).collect();
            finds(CARD, &three.join(mark), &expected);
            finds(CARD, &format!("cards: {}", three.join(mark)), &expected);
        }
    }
}

#[test]
fn groups_that_no_table_has_need_nothing_beside_them() {
    let (amex, diners) = (card("37476200753292", &[4, 6, 5], " "), card("3056930902590", &[4, 6, 4], " "));
    for number in [amex, diners] {
        for row in ["amex @ 1227", "@ 0926 1234", "2024 @", "4821 @"] {
            finds(CARD, &row.replace('@', &number), &[&number]);
        }
    }
}

#[test]
fn a_row_of_a_table_is_no_card() {
    for number in cards(" ") {
        for row in
            ["@ 4821", "4821 @", "4821 @ 4821", "@ 1328", "@ 0999 0000", "@ 0928 321 12", "12 2024 @", "7 4821 @"]
        {
            finds(CARD, &row.replace('@', &number), &[]);
        }
        let cells = number.replace(' ', "\t");
        finds(CARD, &format!("card\n4821\t{cells}"), &[]);
    }
}

#[test]
fn a_fraction_is_no_card() {
    for (head, groups) in [("244738758237087", [4, 12]), ("524471875823708", [6, 10]), ("440000000000000000", [6, 13])]
    {
        finds(CARD, &card(head, &groups, "."), &[]);
    }
    finds(CARD, "card 41111111.11111111 and 41111111.11111111", &["41111111.11111111"]);
}

#[test]
fn twelve_digits_are_a_card_only_beside_a_word() {
    for seed in 0..40u64 {
        let number = card(&format!("57{:09}", seed * 69_621 % 1_000_000_000), &[12], "");
        finds(CARD, &format!("arn:aws:iam::{number}:role/x 1:{number}:web:00 {number}"), &[]);
        finds(CARD, &format!("debit card {number}"), &[&number]);
    }
}

#[test]
fn rows_below_each_other_are_cards_if_one_beside_is() {
    let (all, noise) = (cards(" "), ["1831 5035 9908 4584", "4397 7356 1563 4261"]);
    for number in &all {
        finds(CARD, &format!("{}\n{number}\n{}\n", noise[0], noise[1]), &[]);
        finds(CARD, &format!("{number}\n{}", noise[0]), &[]);
        finds(CARD, &format!("{}\n{number}", noise[0]), &[]);
        finds(CARD, &format!("card\n{}\n{number}", noise[0]), &[number]);
        finds(CARD, &format!("total 12\n{number}\nJane"), &[number]);
    }
    let expected: Vec<_> = all.iter().map(String::as_str).collect();
    finds(CARD, &all.join("\n"), &expected);
}

#[test]
fn words_of_a_machine_are_none() {
    for text in [
        "-4749646782940930226",
        "[-4749646782940930226, 12]",
        "{\"hash\":-4749646782940930226}",
        "[-6148914691236517206,4749646782940930226,-7012345678901234567]",
        "[4749646782940930226, -6148914691236517206]",
        "[4749646782940930226,1148914691236517206]",
    ] {
        finds(EntityType::CreditCard, text, &[]);
    }
    finds(EntityType::CreditCard, "4749646782940930226", &["4749646782940930226"]);
    finds(EntityType::CreditCard, "card-4749646782940930226", &["4749646782940930226"]);
    finds(EntityType::CreditCard, "-4111111111111111, -4012888888881881", &["4111111111111111", "4012888888881881"]);
    finds(EntityType::CreditCard, "card -4749646782940930226", &["4749646782940930226"]);
    finds(EntityType::CreditCard, "4749646782940930226,4111111111111111", &["4749646782940930226", "4111111111111111"]);
}
