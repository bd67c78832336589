//! Encodings that are told from what looks like them, and text that was encoded more than once.

use super::{SET, base64, base64_of, finds, said};
use EntityType::{CreditCard, EmailAddress, IbanCode, Secret, UsSsn};
use detect::{EntityType, Reader};

#[test]
fn a_name_and_its_value_are_no_escape_of_mail() {
    finds(
        "iban=DE89%203704%200044%200532%200130%2000",
        &[(IbanCode, "percent", "DE89%203704%200044%200532%200130%2000")],
    );
    finds("email=dean%40corp.io", &[(EmailAddress, "percent", "dean%40corp.io")]);
    finds(r"email=dean\u0040corp.io", &[(EmailAddress, "json", r"dean\u0040corp.io")]);
    for ssn in ["086%2D56%2D9070", "400%2D56%2D9070", "220%2D56%2D9070", "450%2D56%2D9070"] {
        finds(&format!("a=1&ssn={ssn}&b=2"), &[(UsSsn, "percent", ssn)]);
    }
    finds("card=4012%208888%208888%201881", &[(CreditCard, "percent", "4012%208888%208888%201881")]);
    finds("card=2223%207468%201453%208406", &[(CreditCard, "percent", "2223%207468%201453%208406")]);
    finds("to jane=40example.com", &[(EmailAddress, "quoted-printable", "jane=40example.com")]);
    finds("ssn 536=2D90=2D4399", &[(UsSsn, "quoted-printable", "536=2D90=2D4399")]);
    finds("ssn 536=2D90-4399", &[(UsSsn, "quoted-printable", "536=2D90-4399")]);
}

#[test]
fn a_plus_in_a_form_is_a_space() {
    finds("iban=GB82+WEST+1234+5698+7654+32&x=1", &[(IbanCode, "raw", "GB82+WEST+1234+5698+7654+32")]);
    finds("?q=a&to=jane%40example.com+and+more", &[(EmailAddress, "percent", "jane%40example.com")]);
    finds("to=jane+tag%40example.com", &[(EmailAddress, "percent", "jane+tag%40example.com")]);
    finds("x=1+GB82WEST12345698765432", &[(IbanCode, "raw", "GB82WEST12345698765432")]);
}

#[test]
fn bytes_one_by_one_and_text_backwards_may_hide_more() {
    let coded = base64("my card is 4539516812345673");
    let pairs: Vec<String> = coded.bytes().map(|byte| format!("{byte:02x}")).collect();
    let numbers: Vec<String> = coded.bytes().map(|byte| byte.to_string()).collect();
    let folded: Vec<String> =
        "card ４５３９５１６８１２３４５６７３".bytes().map(|byte| format!("{byte:02x}")).collect();
    let backwards: String = coded.chars().rev().collect();
    for (text, view) in [
        (pairs.join(" "), "base64+hex"),
        (pairs.join(":"), "base64+hex"),
        (numbers.join(", "), "base64+codes"),
        (folded.join(" "), "unicode+hex"),
        (format!("\u{202e}{backwards}\u{202c}"), "base64+reversed"),
        ("\u{202e}３７６５４３２１８６１５９３５４ drac\u{202c}".to_owned(), "unicode+reversed"),
    ] {
        let text = format!("read {text} and go");
        let found = said(&text);
        assert!(found.iter().any(|(entity, how, _)| *entity == CreditCard && how == view), "{text} {found:?}");
    }
}

#[test]
fn characters_of_two_bytes_are_read_whatever_they_are() {
    for text in [
        "my card is ４５３９５１６８１２３４５６７３",
        "4539\u{200b}5168\u{200b}1234\u{200b}5673",
        "card 𝟒𝟓𝟑𝟗𝟓𝟏𝟔𝟖𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟑 ok",
    ] {
        let low: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let high: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let hex: String = high.iter().map(|byte| format!("{byte:02x}")).collect();
        for (coded, view) in [
            (base64_of(&low), "unicode+wide+base64"),
            (base64_of(&high), "unicode+wide+base64"),
            (hex, "unicode+wide+hex"),
        ] {
            let found = said(&format!("read {coded} and go"));
            assert!(
                found.iter().any(|(entity, how, _)| *entity == CreditCard && how == view),
                "{text} {coded} {found:?}"
            );
        }
    }
}

#[test]
fn a_run_goes_on_in_the_next_line_however_its_lines_are_set() {
    let text = format!("{} my ssn is 536-90-4399 thanks a lot and goodbye", "x".repeat(36));
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    for (coded, view) in [(base64(&text), "base64"), (hex, "hex")] {
        for between in [
            "\n",
            "\r\n",
            "\n    ",
            "\n\t",
            "\n> ",
            "\n> > ",
            "\n# ",
            " \n",
            "\",\n  \"",
            "\" \\\n  \"",
            "\n// ",
            "\n * ",
        ] {
            for width in [40, 63, 64, 76] {
                let lines: Vec<_> =
                    coded.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
                let text = format!("data: \"{}\" end", lines.join(between));
                let found = said(&text);
                let is_found = found.iter().any(|(entity, how, _)| *entity == UsSsn && how.contains(view));
                assert!(is_found, "{between:?} {width} {found:?}");
            }
        }
    }
}

#[test]
fn a_mask_of_a_run_over_lines_begins_behind_the_end_of_a_line() {
    let (first, second) =
        (base64(&"to whom it may concern ".repeat(3)), base64("bob@example.com is the one to ask for it"));
    assert!(first.len() % 4 == 0 && !first.contains('='));
    let found = said(&format!("[\"{first}\",\n  \"{second}\"]"));
    assert!(
        found.iter().any(|(entity, _, found)| *entity == EmailAddress && second.starts_with(&**found)),
        "{found:?}"
    );
}

#[test]
fn what_comes_about_in_the_last_view_is_said_to_be_there() {
    for text in [
        r#"x = "411\u0031\u00" + "3111\u0031\u0" + "03111111\u003" + "11""#,
        "\"%35%33%36-%\" + \"2539%2530-%\" + \"3%343%39%39\"",
    ] {
        let (mut reader, mut found) = (Reader::new(), Vec::new());
        reader.push(text.as_bytes());
        reader.boundary();
        reader.scan(&SET, &mut found);
        assert!(!found.is_empty() || reader.is_capped(), "{text}");
    }
}

#[test]
fn characters_that_show_nothing_part_no_number() {
    let hidden = ["\0", "\u{8}", "\u{1f}", "\u{7f}", "\u{1}", "\u{fffe}", "\u{1b}[0m"];
    let commands = ["\u{1b}]0;title\u{7}", "\u{1b}]8;;http://x.io\u{1b}\\"];
    for between in hidden.into_iter().chain(commands) {
        let text = format!("my ssn is {} ok", "536-90-4399".split("").collect::<Vec<_>>().join(between));
        assert!(said(&text).iter().any(|(entity, ..)| *entity == UsSsn), "{text:?}");
    }
}

#[test]
fn what_parts_the_fields_of_a_message_joins_none() {
    finds("8=FIX.4.2\u{1}38=536\u{1}90=4399\u{1}54=1\u{1}", &[]);
    finds("jane\u{7}doe@example\u{5}.\u{6}com", &[]);
    finds("259\u{fffd} 39\u{fffd} 4729\u{fffd}", &[]);
    let hidden = "\u{1b}]0;my ssn 536-9\\u0030-4399\u{7}";
    assert!(said(hidden).iter().any(|(entity, ..)| *entity == UsSsn));
}

#[test]
fn a_chain_is_read_over_the_end_of_the_longest() {
    let word = "the same name on the list of things that we need to check again and again because it is nice ";
    let words = word.repeat(4);
    for before in (0..words.len()).step_by(7) {
        let text = format!("{} my ssn is 536-90-4399 {}", &words[..before], &words[..50]);
        let pairs: Vec<String> = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        let found = said(&pairs.join(" "));
        assert!(found.iter().any(|(entity, ..)| *entity == UsSsn), "{before} bytes before: {found:?}");
        let mail = format!("{}jane@example.com", &words[..before].replace(' ', ""));
        let found = said(&mail.chars().map(String::from).collect::<Vec<_>>().join(" "));
        assert!(found.iter().any(|(entity, ..)| *entity == EmailAddress), "{before} bytes before: {found:?}");
    }
}

#[test]
fn a_secret_is_turned_or_backwards_behind_a_name_too() {
    let key = "AKIAQYLPMN5HHHFPZAM2";
    let turned: String =
        key.bytes().map(|byte| char::from(if byte < b'A' { byte } else { (byte - b'A' + 13) % 26 + b'A' })).collect();
    let backwards: String = key.chars().rev().collect();
    for (before, behind) in [("key ", " x"), ("key=", " x"), ("a/b-", " x"), ("aws_key_", " x")] {
        let text = format!("{before}{turned}{behind}");
        assert!(said(&text).iter().any(|(entity, ..)| *entity == Secret), "{text}");
        let text = format!("x {backwards}{}", before.chars().rev().collect::<String>());
        assert!(said(&text).iter().any(|(entity, ..)| *entity == Secret), "{text}");
    }
}

#[test]
fn bytes_in_variation_selectors_are_read() {
    let of = |byte: u8| char::from_u32(if byte < 16 { 0xfe00 } else { 0xe0100 - 16 } + u32::from(byte)).unwrap();
    let hidden: String = "my ssn is 536-90-4399".bytes().map(of).collect();
    let found = said(&format!("hello 😀{hidden} and so on"));
    assert!(found.iter().any(|(entity, ..)| *entity == UsSsn), "{found:?}");
}

#[test]
fn a_soft_line_break_may_have_blanks() {
    for end in ["= \r\n", "=\t\n", "= \t \r\n"] {
        let text = format!("my ssn is 536-{end}90-={}4399", "\r\n");
        assert!(said(&text).iter().any(|(entity, ..)| *entity == UsSsn), "{text:?}");
    }
}

#[test]
fn what_looks_like_two_bytes_a_character_hides_nothing_behind_it() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let disguise = "ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯ ";
    for (bytes, expected) in [
        ([wide(disguise), b" my card is 4539516812345673 thanks a lot".to_vec()].concat(), CreditCard),
        ([wide("hello world, "), b" my card is 4539516812345673 thanks a lot".to_vec()].concat(), CreditCard),
        ([wide("From: Ada L, "), b"ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8".to_vec()].concat(), Secret),
        ([wide("From: Ada L, "), vec![b'\n'], wide("card 4539516812345673 ok")].concat(), CreditCard),
        ([wide(disguise), vec![b'\n'], wide("card ４５３９５１６８１２３４５６７３ ok")].concat(), CreditCard),
    ] {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        for coded in [base64_of(&bytes), hex] {
            let found = said(&format!("read {coded} ok"));
            assert!(found.iter().any(|(entity, ..)| *entity == expected), "{coded} {found:?}");
        }
    }
    // The whole of a value is covered, with its last character.
    for text in ["bob@x.io", "536-90-4399", "４５３９５１６８１２３４５６７３"] {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let coded = base64_of(&bytes);
        let found = said(&format!("read {coded} ok"));
        assert!(found.iter().any(|(_, _, found)| *found == coded), "{coded} {found:?}");
    }
}

#[test]
fn bytes_that_are_no_text_end_a_chain_and_hide_nothing() {
    let pairs = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    let card = b"4539516812345673 ";
    for bytes in [
        [card.as_slice(), b"\x80\x81"].concat(),
        [b"\x80".as_slice(), card].concat(),
        [b"caf\xe9 ".as_slice(), card].concat(),
        [&[b'a'; 159], "é ".as_bytes(), card].concat(),
    ] {
        let found = said(&format!("dump {} end", pairs(&bytes)));
        assert!(found.iter().any(|(entity, ..)| *entity == CreditCard), "{bytes:?} {found:?}");
    }
    let turned = format!("\u{202e}{}\u{202e}3765432186159354 x", "é".repeat(116));
    assert!(said(&turned).iter().any(|(entity, ..)| *entity == CreditCard));
}

#[test]
fn signs_of_mail_count_behind_names_too() {
    for (text, entity) in [
        ("IBAN:=A0DE89370400440532013000 ok", IbanCode),
        ("ssn:=A0536-90-4399 ok", UsSsn),
        ("key:=A0ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8 ok", Secret),
    ] {
        assert!(said(text).iter().any(|(found, ..)| *found == entity), "{text}");
    }
    finds("mail bob=40163.com now", &[(EmailAddress, "quoted-printable", "bob=40163.com")]);
    finds(
        "iban=GB82+WEST+1234+5698+7654+32+a@b.co",
        &[
            (IbanCode, "raw", "GB82+WEST+1234+5698+7654+32"),
            (EmailAddress, "raw", "GB82+WEST+1234+5698+7654+32+a@b.co"),
        ],
    );
}

#[test]
fn a_soft_break_of_mail_within_json_is_read() {
    let text = r"AWS_KEY=AKIALF2VBM=\r\nFZN64M6PFV";
    assert!(
        said(text).iter().any(|(entity, _, found)| *entity == Secret && found.starts_with("AKIA")),
        "{:?}",
        said(text)
    );
}
