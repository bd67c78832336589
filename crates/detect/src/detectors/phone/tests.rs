use super::*;
use crate::detectors::testing::{find_all, finds, finds_whole, passes};

const PHONE: EntityType = EntityType::PhoneNumber;

#[test]
fn international_numbers_are_found_whole() {
    finds_whole(
        PHONE,
        &[
            "+14155552671",
            "+1 415 555 2671",
            "+1-903-140-4508",
            "+1 (415) 555-2671",
            "+442079460958",
            "+44 20 7946 0958",
            "+447700 921 916",
            "+46 (0)8 928 571 38",
            "+41 (0)69 979 80 58",
            "+49 30 901820",
            "+33 1 84 17 61 18",
            "+91-98765-43210",
            "+86 138 0013 8000",
            "+298 123456",
            "001-518-640-0854",
        ],
    );
    finds(PHONE, "+44 7700 900123 2024", &["+44 7700 900123"]);
}

#[test]
fn north_american_numbers_are_found_whole() {
    finds_whole(
        PHONE,
        &[
            "(415) 555-2671",
            "(415)555-2671",
            "415-555-2671",
            "415.555.2671",
            "415 555 2671",
            "415 555-2671",
            "1-415-555-2671",
            "1 (415) 555-2671",
            "415-555-2671 ext. 123",
            "345-899-3560x4587",
            "415-555-2671 x12",
        ],
    );
    finds(PHONE, "tel:415-555-2671;", &["415-555-2671"]);
    finds(PHONE, "call 5403926876 today", &["5403926876"]);
}

#[test]
fn national_forms_count_beside_a_word_that_says_so() {
    finds(PHONE, "Phone: 0490 75 40 81", &["0490 75 40 81"]);
    finds(PHONE, "Mobile: (37) 788-063", &["(37) 788-063"]);
    finds(PHONE, "72 128 827 office", &["72 128 827"]);
    finds(PHONE, "21 253 109 8211-Office", &["21 253 109 8211"]);
    finds(PHONE, "call me on 01.84.17.61.18.", &["01.84.17.61.18"]);
    finds(PHONE, "3660170548-Fax", &["3660170548"]);
    finds(PHONE, "3660170548 items by fax", &[]);
    finds(PHONE, "rows 0490 75 40 81 end", &[]);
}

#[test]
fn numbers_of_other_kinds_are_not_telephone_numbers() {
    for text in ["SSN 536-90-4399", "phone 0 536-90-4399", "call 192.168.100.123", "IBAN DE89 3704 0044 0532 0130 00"] {
        assert!(!find_all(text).iter().any(|found| found.0.starts_with("phone")), "{text}");
    }
}

#[test]
fn near_misses_pass() {
    passes(
        PHONE,
        &[
            "2024-10-12",
            "call on 2024-10-12",
            "phone me 12.10.2024",
            "1.2.3.4",
            "115-555-2671",
            "415-155-2671",
            "911-555-2671",
            "415-555-26711",
            "a415-555-2671",
            "415-555-2671b",
            "4155552671",
            "+255959.999",
            "phone 1.234567",
            "00 69 00 66 00 69 00 63",
            "SET_CALL: u32 = 2148052769;",
            "+0000",
            "+12345",
            "C++11 2024",
            "550e8400-e29b-41d4-a716-446655440000",
            "3-415-555-2671-9",
            "12,415,555,267",
            "x+14155552671",
        ],
    );
}
