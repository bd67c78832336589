use super::*;
use crate::detectors::testing::{find_all, finds, finds_whole, passes};

const PHONE: EntityType = EntityType::PhoneNumber;

#[test]
fn a_point_behind_a_trunk_prefix_is_no_decimal() {
    finds(PHONE, "mobile: 07400.123814", &["07400.123814"]);
    finds(PHONE, "07400.123814 and mobile 7400.123814", &[]);
}

#[test]
fn a_number_sign_behind_a_name_hides_nothing() {
    finds(PHONE, "phone #415-555-2671", &["415-555-2671"]);
    finds(PHONE, "mobile # 415-555-2671", &["415-555-2671"]);
    finds(PHONE, "phone_number #07700 900123", &["07700 900123"]);
}

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
            "+52 1 33 5651 1836",
            "+97115868344",
            "001-518-640-0854",
        ],
    );
    finds(PHONE, "+44 7700 900123 2024", &["+44 7700 900123"]);
    finds(
        PHONE,
        "+44 7700 900123 +44 7700 900124/+44 7700 900125",
        &["+44 7700 900123", "+44 7700 900124", "+44 7700 900125"],
    );
}

#[test]
fn numbers_in_cells_between_numbers_are_found() {
    for number in ["415-722-1234", "415.722.1234", "(415) 722-1234", "415 722 1234"] {
        finds(PHONE, &format!("id,phone,zip\n17,{number},94105"), &[number]);
        finds(PHONE, &format!("name,phone,age\nJane,{number},42\n"), &[number]);
    }
    finds(PHONE, "id,tel,cp\n17,06 12 34 56 88,75001", &["06 12 34 56 88"]);
    passes(
        PHONE,
        &["total 1,234.50 and 12,415.72", "1,415,722.50", "1.415.722,50 EUR", "phone bill: 4,157.22, 41,572,212.34"],
    );
}

#[test]
fn an_amount_in_the_next_cell_hides_no_number() {
    for next in ["800.93", "80", "1", "800"] {
        finds(PHONE, &format!("Angela Sparks,+4721261602,{next}\n"), &["+4721261602"]);
    }
    passes(PHONE, &["+4,721,261,602", "phone bill: 1,234,567.50"]);
}

#[test]
fn a_time_behind_a_key_of_its_own_is_no_number() {
    finds(PHONE, "{\"phone\": \"+46701693241\", \"active\": true, \"ts\": 1702936313}", &["+46701693241"]);
    finds(PHONE, "{\"phone\": null, \"created_at\": 1702936313}", &[]);
    finds(PHONE, "{\"updated\": 1, \"phone\": 1702936313}", &["1702936313"]);
}

#[test]
fn what_a_dash_joins_to_a_word_is_part_of_it() {
    passes(PHONE, &["ML-KEM-512/768/1024", "<a id=\"id-1.9.17.11.23\" class=\"work\">", "text id-1.11.7.57.8.3"]);
    finds(PHONE, "Tel-020 7946 0958, mobile-415/555/2671", &["020 7946 0958", "415/555/2671"]);
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
    finds(PHONE, "rows 490 75 40 81 end", &[]);
    finds(PHONE, "Phone: 0490 75 40 81 12:30", &["0490 75 40 81"]);
    finds(PHONE, "call me at 612345678", &["612345678"]);
    finds(PHONE, "reach me on 0470387507, ok", &["0470387507"]);
    finds(PHONE, "my number is 2283038836", &["2283038836"]);
    finds(PHONE, "> reach me on 92541224", &["92541224"]);
    finds(PHONE, "sms to=0446551404 queued", &["0446551404"]);
    finds(PHONE, "telemóvel 912 428 852", &["912 428 852"]);
    finds(PHONE, "Tel.: 0711 / 123456", &["0711 / 123456"]);
    finds(PHONE, "мой телефон 912 345 67 89", &["912 345 67 89"]);
    finds(PHONE, "我的手机13800138000。", &["13800138000"]);
    finds(PHONE, "connexion au téléphone 612 34 56 78", &["612 34 56 78"]);
}

#[test]
fn national_forms_that_look_dialled_need_no_word() {
    finds_whole(
        PHONE,
        &[
            "0490 75 40 81",
            "01 84 17 61 18",
            "020 7946 0958",
            "(020) 7946 0958",
            "030/901820",
            "0113 4960885",
            "(0113) 496 0604",
            "0912-345-678",
            "03.9105.1479",
            "055-283-85-75",
            "(11) 91234-5678",
            "8 (495) 123-45-67",
            "138-0013-8000",
            "1300 975 707",
            "(02) 8630 6641",
            "(55) 8218 3206",
            "(351) 277 835 337",
            "106-690-7439 x150",
        ],
    );
    finds(PHONE, "Call about your order: 415-555-2671", &["415-555-2671"]);
    finds(PHONE, "{\"phone\": \"415-555-2671\", \"nhs_number\": \"970-418-0586\"}", &["415-555-2671"]);
    for text in ["order 0490 75 40 81", "ref. 020 7946 0958", "x-0490 75 40 81", "_0490 75 40 81"] {
        finds(PHONE, text, &[]);
    }
}

#[test]
fn prefixes_of_international_calls_are_read() {
    finds_whole(
        PHONE,
        &[
            "00420 601 046 968",
            "011 44 20 7946 0958",
            "0011 61 2 9374 4000",
            "+49 (0) 7638 79998062",
            "(+30) 69 40412762",
        ],
    );
    finds(PHONE, "Call 00442079460958 now", &["00442079460958"]);
    finds(PHONE, "id 00442079460958", &[]);
    finds(PHONE, "tel:+1-201-555-0123;ext=12", &["+1-201-555-0123;ext=12"]);
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
            "the call is CVE-2026-9358",
            "call #4155552671",
            "(5) + 3864292196",
            "call + 15720318185*12",
            "the build 408-914-4176 of it",
            "832 - 415 867 5309 = 7",
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
            "0-306-40615-2",
            "978-0-306-40615-7",
            "ab 01 23 45 67 89",
            "01 23 45 67 89 ab",
            "00 01 02 03 04",
            "+2024-10-12 13",
            "<square> 0047 0050 0061",
            "0043 0301",
            "0001000 21 00 81 00 20 80",
            "portable POSIX 1003.1-2001",
            "[.42EB.0020.0011.0002]",
            "+10 000 000 000",
            "+9999999999",
            "order 415-555-2671",
            "NHS number is 970-418-0586",
            "hetu 090780-0689",
            "090780-0689",
            "Federal Tax ID 01-4912405",
            "0012000161155",
            "2000 0000 2000",
            "999 999 9999",
            "0378-5955",
            "MA 02110-1301",
            "call 000-000-0000",
            "CALL_ID 012345678",
            "text/x-diff 00 05 64 69 66 66",
            "+50 000 000 000",
            "text 0 1 2 3 4 5 6 7",
            "text 19.1875 8.296875",
            "text 2.1.0 - 2017-01-27",
            "phone/issues#comment-2682252991",
            "Cell::new(\"12345678901\")",
        ],
    );
}

#[test]
fn numbers_in_a_list_are_all_found() {
    let american = ["205-314-3761", "705-627-0951", "413-545-9749"];
    finds(PHONE, &american.join(" "), &american);
    finds(PHONE, &format!("phones {}", american.join(" ")), &american);
    let spaced = american.map(|number| number.replace('-', " "));
    let expected: Vec<_> = spaced.iter().map(String::as_str).collect();
    finds(PHONE, &format!("phones {}", spaced.join(" ")), &expected);
    let french = ["07 93 06 72 59", "01 97 70 66 68", "04 12 33 54 90"];
    for (before, joint) in [("tel ", " "), ("tel: ", " / "), ("Tél. : ", "/")] {
        finds(PHONE, &format!("{before}{}", french.join(joint)), &french);
    }
    let pointed = french.map(|number| number.replace(' ', "."));
    let expected: Vec<_> = pointed.iter().map(String::as_str).collect();
    finds(PHONE, &format!("tel {}", pointed.join(" ")), &expected);
    finds(PHONE, "tel 030 901820 030 901821", &["030 901820", "030 901821"]);
}

#[test]
fn a_number_of_israel_is_one_in_a_cell_too() {
    finds(PHONE, "Sharon Mor | 09-7654321 | Raanana", &["09-7654321"]);
    finds(PHONE, "Dana Cohen, 02-5671234", &["02-5671234"]);
    finds(PHONE, "ring 03-6123456", &["03-6123456"]);
    finds(PHONE, "id,phone\n7,03-6123456", &["03-6123456"]);
}

#[test]
fn a_bare_number_is_found_before_what_says_that_it_is_one() {
    for text in ["2015557420 is my phone number", "I think 2015557420 was her mobile", "2015557420 is the fax."] {
        finds(PHONE, text, &["2015557420"]);
    }
    passes(PHONE, &["2015557420 is my order", "2015557420 phones were sold", "2015557420 was sold by phone"]);
}

#[test]
fn postcodes_are_no_telephone_numbers() {
    for text in ["ZIP+4 @", "zip code @", "phone below. Boston, MA @", "call us at Springfield, Illinois @", "MA  @"] {
        finds(PHONE, &text.replace('@', "04648-2688"), &[]);
    }
    finds(PHONE, "telefone 91234-5678", &["91234-5678"]);
}

#[test]
fn fractions_counts_and_bytes_are_no_telephone_numbers() {
    for text in
        ["1.319 590 8951 e-15", "failed tests: 571 612 1056", "hex!(\"02 03 01 00 01\")", "failed tests: 058 458 9098"]
    {
        finds(PHONE, text, &[]);
    }
}

#[test]
fn a_number_in_fours_behind_an_exit_code_is_found_in_a_sentence() {
    finds(PHONE, "I'm at the station, 0065 8123 0096 if you need me", &["0065 8123 0096"]);
    finds(PHONE, "Regards,\nMei Tan\nSales\n0065 8126 8441", &["0065 8126 8441"]);
    finds(PHONE, "0031 2044 0034 0047 2212", &[]);
    finds(PHONE, "\\u0065 8123 0096", &[]);
}

#[test]
fn the_digits_before_an_area_may_stand_in_its_parenthesis() {
    finds(PHONE, "my mobile is (06 1) 237 5890, call", &["(06 1) 237 5890"]);
}

#[test]
fn words_for_mobile_telephones_name_one() {
    for (word, number) in [
        ("komórka", "512345678"),
        ("komórka", "512 345 678"),
        ("Komorka", "512 345 678"),
        ("movil", "612345678"),
        ("Movil", "612 34 56 78"),
        ("móvil", "612345678"),
        ("cellulare", "3471234567"),
        ("Handy", "01711234567"),
        ("handynr", "1711234567"),
        ("gsm", "0471 23 45 67"),
        ("mobilnr", "0701234567"),
        ("recapito", "347 123 4567"),
    ] {
        finds(PHONE, &format!("{word}: {number}"), &[number]);
        finds(PHONE, &format!("{{\"{word}\":\"{number}\"}}"), &[number]);
    }
    for text in
        ["movilidad 612345678", "automovil 612345678", "wa.me/4917", "swa.me 4917112345678", "x.me/4917112345678"]
    {
        finds(PHONE, text, &[]);
    }
}

#[test]
fn links_and_messages_have_numbers_of_their_own() {
    finds(PHONE, "https://wa.me/4917112345678?text=hi", &["4917112345678"]);
    finds(PHONE, "<a href=\"tel:+4917112345678\">call</a>", &["+4917112345678"]);
    finds(PHONE, "tel:017112345678", &["017112345678"]);
    finds(PHONE, "COM++441212343554:TE'COM+a:EM'", &["+441212343554"]);
    finds(PHONE, "PER*IC*JANE DOE*TE*2133388077~", &["2133388077"]);
    for text in ["PER*IC*JANE DOE*EX*2133388077~", "a++441212343554", "x*2133388077~"] {
        finds(PHONE, text, &[]);
    }
}
