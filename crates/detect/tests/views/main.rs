//! Text that hides what it says: every view finds it, at its place, however the stream is split.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod encodings;
mod escapes;
mod tables;

use detect::{DetectorSet, EntityType, Finding, Reader, ViewId};
use proptest::prelude::*;
use std::sync::LazyLock;

static SET: LazyLock<DetectorSet> = LazyLock::new(|| {
    let terms = ["Project Nightjar", "bluebird-7", "falcon"].map(str::to_owned);
    DetectorSet::builder().enable_structured().keywords("ours", &terms).build().unwrap()
});

fn read(text: &[u8]) -> Vec<Finding> {
    let (mut reader, mut found) = (Reader::new(), Vec::new());
    reader.push(text);
    reader.boundary();
    assert_eq!(reader.scan(&SET, &mut found), reader.position());
    found
}

/// What is found: type, view, text.
fn said(text: &str) -> Vec<(EntityType, String, String)> {
    let cut = |finding: &Finding| {
        let range = usize::try_from(finding.start).unwrap()..usize::try_from(finding.end).unwrap();
        String::from_utf8_lossy(&text.as_bytes()[range]).into_owned()
    };
    let entity = |finding: &Finding| SET.entity(finding.detector).unwrap();
    read(text.as_bytes()).iter().map(|finding| (entity(finding), finding.view.to_string(), cut(finding))).collect()
}

#[track_caller]
fn finds(text: &str, expected: &[(EntityType, &str, &str)]) {
    let expected: Vec<_> =
        expected.iter().map(|(entity, view, text)| (*entity, (*view).to_owned(), (*text).to_owned())).collect();
    assert_eq!(said(text), expected, "in {text:?}");
}

use EntityType::{CreditCard, EmailAddress, IbanCode, UsSsn};

#[test]
fn a_card_is_read_wherever_its_line_breaks() {
    for number in ["4111111111111111", "378282246310005", "36227206271667"] {
        for split in 1..number.len() {
            let broken = format!("{}\n{}", &number[..split], &number[split..]);
            finds(&format!("my card is {broken} ok"), &[(CreditCard, "groups", &broken)]);
        }
    }
    finds("sold 3782822463\n10005 of them", &[]);
}

#[test]
fn a_number_over_some_lines_is_read_behind_a_word() {
    for (entity, label, number) in [
        (EntityType::InAadhaar, "aadhaar", "2341\n2341\n2346"),
        (CreditCard, "card", "3782\n8224\n6310\n005"),
        (CreditCard, "card", "3622\r\n7206\r\n2716\r\n67"),
        (EntityType::PlPesel, "PESEL", "440\n514\n013\n59"),
    ] {
        finds(&format!("my {label} is {number} thanks"), &[(entity, "groups", number)]);
        finds(&format!("see {number} there"), &[]);
    }
    for heading in ["SSN\n295\n235\n448\n", "Passport\n622\n143\n314", "Bank accounts opened:\n355\n113\n848\n"] {
        finds(heading, &[]);
    }
    for other in ["2341\n23412\n346", "2341\n2341\n\n2346", "2341\n2341\n2346\n1111", "23\n412\n3412\n346"] {
        finds(&format!("my aadhaar is {other} thanks"), &[]);
    }
}

#[test]
fn digits_in_a_list_are_read_behind_a_word() {
    for (entity, label, number) in [
        (EntityType::InAadhaar, "aadhaar", "234123412346"),
        (EntityType::PlPesel, "PESEL", "44051401359"),
        (UsSsn, "SSN", "536904399"),
        (CreditCard, "card", "4111111111111111"),
    ] {
        let digits: Vec<&str> = number.split("").filter(|digit| !digit.is_empty()).collect();
        for joint in [",", ", "] {
            let listed = digits.join(joint);
            finds(&format!("my {label} is {listed} thanks"), &[(entity, "groups", &listed)]);
            finds(&format!("see {listed} there"), &[]);
        }
    }
    for weights in ["passport number weights = [7, 3, 1, 7, 3, 1, 7, 3, 1]", "call(1,0,0,1,1,0,1,0,1,0)"] {
        finds(weights, &[]);
    }
}

#[test]
fn a_number_with_letters_for_digits_is_read_behind_a_word() {
    finds("my PESEL is 44O5l4Ol359 thanks", &[(EntityType::PlPesel, "unicode", "44O5l4Ol359")]);
    finds("my card is 3782822463lOOO5 thanks", &[(CreditCard, "unicode", "3782822463lOOO5")]);
    finds("see 44O5l4Ol359 there, and PESEL 44O5l4Ol358", &[]);
}

#[test]
fn a_number_that_is_whole_does_not_go_on_in_the_next_line() {
    let raw = |text: &str, number: &str| finds(text, &[(EntityType::PhoneNumber, "raw", number)]);
    for number in ["312-445-1500", "(206) 623-2700", "0121 234 4310", "06 12 31 16 63", "030 123710", "+44 7700 900123"]
    {
        for next in ["\n102,B", "\r\n1.3 Tenant shall pay", "\n> 166 people came", "\n\t1. The", "\n12"] {
            raw(&format!("Tel: {number}{next}"), number);
            raw(&format!("id,name,phone\n101,A,{number}{next}"), number);
        }
    }
    raw("call 2015557420\n166 people came", "2015557420");
    finds("SSN 536-90-4399\n102 people", &[(UsSsn, "raw", "536-90-4399")]);
    for broken in ["312-445-\n1500", "312-445\n1500", "312 445\n1500"] {
        finds(&format!("phone {broken} x"), &[(EntityType::PhoneNumber, "groups", broken)]);
    }
}

#[test]
fn views_of_views_are_read() {
    finds(r#"{\"a\":\"jane\\u0040example.com\"}"#, &[(EmailAddress, "json", r"jane\\u0040example.com")]);
    finds("jane%2540example.com", &[(EmailAddress, "percent", "jane%2540example.com")]);
    finds("x amFuZUBleGFtcGxlLmNvbQ== y", &[(EmailAddress, "base64", "amFuZUBleGFtcGxlLmNvbQ==")]);
    finds("x YW1GdVpVQmxlR0Z0Y0d4bExtTnZiUT09 y", &[(EmailAddress, "base64", "YW1GdVpVQmxlR0Z0Y0d4bExtTnZiUT09")]);
    finds("x 6a616e65406578616d706c652e636f6d y", &[(EmailAddress, "hex", "6a616e65406578616d706c652e636f6d")]);
}

#[test]
fn characters_that_look_alike_are_read() {
    finds("a ј\u{200b}ane＠example。com b", &[(EmailAddress, "unicode", "ј\u{200b}ane＠example。com")]);
    finds("n ٥٣٦-٩٠-٤٣٩٩ b", &[(UsSsn, "unicode", "٥٣٦-٩٠-٤٣٩٩")]);
    finds("a j\0a\0n\0e\0@\0e\0x\0.\0c\0o\0m\0 b", &[(EmailAddress, "wide", "j\0a\0n\0e\0@\0e\0x\0.\0c\0o\0m")]);
}

#[test]
fn what_follows_a_spelled_address_does_not_hide_it() {
    let address = "j a n e @ e x a m p l e . o r g";
    for behind in [" 0-", " 0-0-0-", " 1 2 3 4 5 6", " 7 7", " _ x", " - b y e"] {
        finds(&format!("to {address}{behind} "), &[(EmailAddress, "spaced", address)]);
    }
}

#[test]
fn identifiers_in_pieces_are_read() {
    for (entity, label, number) in [
        (EntityType::UkNhs, "NHS number", "9434765919"),
        (EntityType::PlPesel, "PESEL", "44051401359"),
        (EntityType::UsNpi, "NPI", "1234567893"),
        (EntityType::DeSteuerId, "Steuer-ID", "86095742719"),
    ] {
        for joint in [" ", ".", "-", "\n"] {
            let digits: Vec<&str> = number.split("").filter(|digit| !digit.is_empty()).collect();
            let spaced = digits.join(joint);
            finds(&format!("my {label} is {spaced} thanks"), &[(entity, "spaced", &spaced)]);
        }
        for joint in ["\n", "-\n", " \r\n", "\n> "] {
            let broken = format!("{}{joint}{}", &number[..4], &number[4..]);
            finds(&format!("my {label} is {broken} thanks"), &[(entity, "groups", &broken)]);
        }
    }
    for text in ["0 1 1 0 1 1 1 0 1 1 1", "PESEL 44051 > 401359", "44051401\n3599\n1234"] {
        finds(&format!("see {text} there"), &[]);
    }
}

#[test]
fn numbers_in_pieces_are_read() {
    finds("a 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 b", &[(CreditCard, "spaced", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1")]);
    finds(
        "a 5.3.6-9.0-4.3.9.0 b",
        &[(UsSsn, "spaced", "5.3.6-9.0-4.3.9.0"), (EntityType::IpAddress, "raw", "4.3.9.0")],
    );
    finds("to j a n e @ e x a m p l e . c o m now", &[(EmailAddress, "spaced", "j a n e @ e x a m p l e . c o m")]);
    finds("RRN 621103 - 1027119 b", &[(EntityType::KrRrn, "groups", "621103 - 1027119")]);
    finds("a 4111/1111 - 1111_1111 b", &[(CreditCard, "groups", "4111/1111 - 1111_1111")]);
    finds("J. Stat. Phys. 52, 479-487 (1998). SIAM 10(4), 692-701. 1981, p. 318-334(1973)", &[]);
    finds(
        "a five three six nine zero four three nine nine b",
        &[(UsSsn, "words", "five three six nine zero four three nine nine")],
    );
    finds(
        "G B 8 2 W E S T 1 2 3 4 5 6 9 8 7 6 5 4 3 2",
        &[(IbanCode, "spaced", "G B 8 2 W E S T 1 2 3 4 5 6 9 8 7 6 5 4 3 2")],
    );
}

#[test]
fn numbers_in_cells_and_items_are_read_behind_a_word() {
    for number in ["4111 | 1111 | 1111 | 1111", "4111\",\"1111\",\"1111\",\"1111", "4111, 1111, 1111, 1111"] {
        finds(&format!("card: [\"{number}\"]"), &[(CreditCard, "groups", number)]);
        finds(&format!("rows: [\"{number}\"]"), &[]);
    }
    for number in ["2341  2341  2346", "2341/2341/2346", "2341_2341_2346", "2341 | 2341 | 2346", "2341 · 2341 · 2346"]
    {
        finds(&format!("aadhaar {number} b"), &[(EntityType::InAadhaar, "groups", number)]);
        finds(&format!("rows {number} b"), &[]);
    }
    for number in ["3782  8224  6310  005", "3782/8224/6310/005", "3782 | 8224 | 6310 | 005"] {
        finds(&format!("card {number} b"), &[(CreditCard, "groups", number)]);
        finds(&format!("rows {number} b"), &[]);
    }
    finds("SSN 536, 22, 1234", &[(UsSsn, "groups", "536, 22, 1234")]);
    finds("my SSN is 53 62 21 23 4", &[(UsSsn, "raw", "53 62 21 23 4")]);
    finds("phone 415\t555\t2671\n", &[(EntityType::PhoneNumber, "groups", "415\t555\t2671")]);
    finds("SSN 536, 22, 1234, 12; lesson 536, 22, 1234; ssn 1 536, 22, 1234", &[]);
}

#[test]
fn standards_powers_and_products_are_no_numbers() {
    finds("Recommendation T.871 (05/2011), power 1E+501 2132572, now + (i+j*100)*23*3603", &[]);
}

#[test]
fn addresses_that_are_spelled_out_are_read() {
    for address in [
        "jane [at] example (dot) com",
        "jane at example dot com",
        "jane(at)example.com",
        "jane@example[.]com",
        "jane @ example . com",
        "jane dot doe [at] example.com",
        "jane.doe @example.com",
        "jane_17 @mail.example.org",
        "jane [at] acme (dot) solutions",
        "jane(at)acme(dot)photography",
        "jane@acme [dot] museum",
        "jane_17 [at] fastmail (dot) fm",
        "jane dot roe17 at fastmail DOT fm",
        "jane (at) acme (dot) works",
        "jane17 @ acme . museum",
    ] {
        finds(&format!("to {address}, please"), &[(EmailAddress, "mail", address)]);
    }
    finds("please mail jane @example.com", &[(EmailAddress, "mail", "jane @example.com")]);
    finds("e-mail: jane @example.com", &[(EmailAddress, "mail", "jane @example.com")]);
    finds("thanks @example.com for 17 @example.com. @example.com", &[]);
    finds("we meet at example.com and look at it", &[]);
    finds("please mail jane.doe at example.com", &[(EmailAddress, "mail", "jane.doe at example.com")]);
    finds("run node.js at example.com", &[]);
    finds("see you at home. Work is done, we met at work . Today x = a @ b.T @ c. Is it", &[]);
    finds("hey @anna . my laptop died, lgtm @kim . is merge ok, sum @xs . id, look at the dot is red", &[]);
    finds("223 + 832 - 5190 = 1533", &[]);
    assert_eq!(ViewId::RAW.to_string(), "raw");
}

const SEEDS: &[&str] = &[
    "CREATE TABLE t (\n id int,\n ssn char(9)\n);\nINSERT INTO t VALUES (1, '213444101');\n",
    "COPY t (id, ssn) FROM stdin;\n1\t213444101\n",
    "||id||ssn||\n|1|213444101|\n",
    "! id !! ssn\n|-\n| 1 || 213444101\n",
    "id & ssn \\\\\n1 & 213444101 \\\\\n",
    "{\"columns\":[\"id\",\"ssn\"],\"data\":[[1,\"213444101\"]]}",
    "{\"id\": [1, 2], \"ssn\": [\"213444101\"]}",
    "| ssn | 213444101 | 213444102 |",
    "PID|1||1^^^H||DOE^JANE||19800212|F||",
    "jane@example.com",
    "\u{1b}[31m536-90-4399\u{1b}[0m",
    "536-90-<b>4399</b>",
    "jane@**example**.com",
    "jane\\@example.com",
    "/amFuZUBleGFtcGxlLmNvbQ==",
    "DE89 37040 0440 5320 1300 0",
    "card 37828224\n6310005",
    "j a n e @ e x a m p l e . o r g 0-",
    "jane\\u0040example.com",
    "jane%40example.com",
    "jane%2540example.com",
    "&#64;",
    "&commat;",
    "=40",
    "=\r\n",
    "\\x35\\x33\\x36-90-4399",
    "\"536\" + \"-90-4399\"",
    "Passports: A12345671, B12345672",
    "SELECT * FROM customers WHERE passport_no IN ('A12345671', 'B12345672')",
    "SELECT * FROM customers_of_the_last_two_years WHERE passport_no IN ('A12345671', 'B12345672')",
    "<th>ssn</th></tr>\n<tr><td>213444101</td>",
    "amFuZUBleGFtcGxlLmNvbQ==",
    "YW1GdVpVQmxlR0Z0Y0d4bExtTnZiUT09",
    "6a616e65406578616d706c652e636f6d",
    "NTM2LTkwLTQzOTk=",
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "j\u{200b}ane＠example。com",
    "٥٣٦-٩٠-٤٣٩٩",
    "𝟒𝟏𝟏𝟏 1111 1111 1111",
    "j\0a\0n\0e\0@\0e\0x\0.\0c\0o\0m\0",
    "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    "5.3.6-9.0-4.3.9.9",
    "j a n e @ e x a m p l e . c o m",
    "4111/1111 - 1111_1111",
    "4 - 1 - 1 - 1 - 1 - 1 - 1 - 1 - 1 - 1 - 1 - 1 - 1 - 1 - 1 - 1",
    "\u{e006a}\u{e0061}\u{e006e}\u{e0065}\u{e0040}\u{e0062}\u{e002e}\u{e0064}\u{e0065}",
    "6a 61 6e 65 40 62 2e 64 65",
    "+44/20/7946-0958",
    "five three six nine zero four three nine nine",
    "jane [at] example (dot) com",
    "jane at example dot com",
    "jane(at)acme(dot)studio",
    "card 4111 | 1111 | 1111 | 1111",
    "\"4111\",\"1111\",\"1111\",\"1111\"",
    "SSN 536, 22, 1234",
    "aadhaar 2341 · 2341 · 2346",
    "aadhaar 2341  2341  2346",
    "aadhaar 2341\n2341\n2346",
    "PESEL 4, 4, 0, 5, 1, 4, 0, 1, 3, 5, 9",
    "PESEL 44O5l4Ol359",
    "jane17 @ acme . museum",
    "card 3782/8224/6310/005",
    "415\t555\t2671",
    "jane dot doe",
    "jane @ example . com",
    "mail jane.doe @example.com",
    "prices 644051\n401359 and pesel 440514\n01359, pp 473-490. (1999) ",
    "sk-proj-a1B2c3D4e5F6g7H8i9J0k1L2",
    "sk\\u002dproj-a1B2c3D4e5F6g7H8i9J0k1L2",
    "fx-cebw-n1O2p3Q4r5S6t7U8v9W0x1Y2",
    "2L1k0J9i8H7g6F5e4D3c2B1a-jorp-ks",
    "Project Nightjar",
    "falcon",
    "project%20nightjar",
    "snypba",
    "noclaf",
    "-----BEGIN RSA PRIVATE KEY-----\\nMIIE",
    "\\n-----END RSA PRIVATE KEY-----",
    "ssn: ",
    "card ",
    "phone ",
    "GB82 WEST 1234 5698 7654 32",
    "\\",
    "%",
    "&",
    "=",
    "\"",
    " ",
    " at ",
    " dot ",
    "1",
    "x",
    "é",
    "漢",
    "\n",
    "\0",
    "id,ssn,pass\n",
    "1,536904399,Xk29dkQ1zz!\n",
    "\"a;b\";\"SSN\"\r\n",
    "| ssn | x |\n|---|---|\n",
    "| 536904399 | y |\n",
    "Passports:\n",
    "- A12345678\n",
    "dob,name,cvv\n",
    "INSERT INTO t (id, ssn) VALUES (1, '536904399');\n",
    "User: id,ssn\n",
    "{\"a\": \"id,ssn\\n1,536904399",
    "SSN\n",
];

fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => proptest::sample::select(SEEDS).prop_map(|seed| seed.as_bytes().to_vec()),
        3 => (proptest::sample::select(SEEDS), 0usize..60, 0usize..60).prop_map(|(seed, from, to)| {
            seed.as_bytes().iter().copied().take(to).skip(from).collect()
        }),
        2 => proptest::collection::vec(proptest::sample::select(b" .-@:+()0123456789aAeyJsk_/=\\%&\"".as_slice()), 0..12),
        1 => proptest::collection::vec(any::<u8>(), 0..6),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Pieces reported apart, joined again.
fn joined(mut found: Vec<Finding>) -> Vec<Finding> {
    found.sort_by_key(|finding| (finding.detector, finding.start));
    let mut whole: Vec<Finding> = Vec::new();
    for finding in found {
        let before = whole.iter_mut().rev().find(|last| (last.detector, last.end) == (finding.detector, finding.start));
        match before {
            Some(last) if finding.continued => {
                last.end = finding.end;
                last.view = last.view.and(finding.view);
            }
            _ => whole.push(finding),
        }
    }
    assert!(whole.iter().all(|finding| !finding.continued), "{whole:?}");
    whole.sort_unstable();
    whole
}

fn scan_split(leaves: &[Vec<u8>], sizes: &[usize]) -> Vec<Finding> {
    let mut sizes = sizes.iter().copied().cycle();
    let (mut reader, mut found, mut settled) = (Reader::new(), Vec::new(), 0);
    let mut scan = |reader: &mut Reader, found: &mut Vec<Finding>, ended: bool| {
        let first_new = found.len();
        let now = reader.scan(&SET, found);
        let new = &found[first_new..];
        assert!(new.is_sorted_by_key(|finding| finding.start));
        for finding in new {
            assert!(finding.start >= settled && finding.end <= reader.position(), "{finding:?} {settled}");
            assert!(finding.start < finding.end);
        }
        assert!(now >= settled && now <= reader.position());
        assert!(!ended || now == reader.position(), "{now} of {}", reader.position());
        settled = now;
    };
    for text in leaves {
        let mut rest = text.as_slice();
        while !rest.is_empty() {
            let (piece, tail) = rest.split_at(sizes.next().unwrap().clamp(1, rest.len()));
            reader.push(piece);
            scan(&mut reader, &mut found, false);
            rest = tail;
        }
        reader.boundary();
        scan(&mut reader, &mut found, true);
    }
    joined(found)
}

fn scan_whole(leaves: &[Vec<u8>]) -> Vec<Finding> {
    let (mut reader, mut found) = (Reader::new(), Vec::new());
    for text in leaves {
        reader.push(text);
        reader.boundary();
    }
    assert_eq!(reader.scan(&SET, &mut found), reader.position());
    joined(found)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_split_gives_the_findings_of_the_whole(
        leaves in proptest::collection::vec(text(), 1..4), sizes in proptest::collection::vec(1usize..60, 1..8),
    ) {
        prop_assert_eq!(scan_split(&leaves, &sizes), scan_whole(&leaves));
    }

    #[test]
    fn byte_by_byte_gives_the_findings_of_the_whole(leaves in proptest::collection::vec(text(), 1..3)) {
        prop_assert_eq!(scan_split(&leaves, &[1]), scan_whole(&leaves));
    }
}

/// CPU time of this thread, in nanoseconds: what neighbours take does not count.
fn spent() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    u64::try_from(time.tv_sec).unwrap() * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap()
}

#[test]
fn time_grows_as_a_text_in_one_piece_does() {
    let usual = ["a", "the quick brown fox ", "jane@example.com, ", "été ", "x\n", "%41", "1 2 "];
    let gaps = ["\n", "\r\n", "\n        ", "project\n", "nightjar-"];
    for unit in usual.into_iter().chain(gaps) {
        let time = |bytes: usize| {
            let text = unit.repeat(bytes / unit.len()).into_bytes();
            let scan = || {
                let (mut reader, mut found, begun_at) = (Reader::new(), Vec::new(), spent());
                reader.push(&text);
                reader.boundary();
                reader.scan(&SET, &mut found);
                spent() - begun_at
            };
            (0..3).map(|_| scan()).min().unwrap()
        };
        let (few, many) = (time(256 << 10), time(8 << 20));
        // Thirty-two times the text; a step for each pair would take a thousand times as long.
        assert!(many < few * 96, "{unit:?}: {few} and {many} ns");
    }
}

#[test]
fn no_source_code_of_a_view_begins_with_lines_that_were_let_go() {
    let text = "8j a n e @ YW1GdVpVQmxlR0Z0Y0d4bExtTnZiUT09CREATE TABLE t (\n id int,\n ssn char(9)\n);\nINSERT INTO t \
                VALUES (1, '213444101');\n{\"id\": [1, 2], \"ssn\": [\"213444101\"]}sk\\u002dproj-a1B2c3D4e5F6g7H8i9J0k1L2";
    let leaves = [text.as_bytes().to_vec()];
    assert_eq!(scan_split(&leaves, &[1]), scan_whole(&leaves));
}

#[test]
fn rows_that_are_too_long_are_passed_over_however_they_come() {
    for long in [900, 1000, 1020, 1100, 1990, 2040, 3000] {
        for ahead in [0, 700, 1400] {
            let filler = format!("0,none,{}\n", "y".repeat(60)).repeat(ahead / 70);
            let text = format!(
                "id,dob,note\n{filler}1,1980-02-12,{}\n2,1981-03-13,{}\n3,1982-04-14,z\n",
                "a".repeat(30),
                "b".repeat(long),
            );
            let whole = scan_whole(&[text.clone().into_bytes()]);
            for size in [1, 7, 60, 500, 1023, 1460] {
                assert_eq!(scan_split(&[text.clone().into_bytes()], &[size]), whole, "{long} {ahead} {size}");
            }
            assert!(whole.len() >= 2, "{long} {ahead}");
        }
    }
}

#[test]
fn what_is_cut_off_by_the_end_of_a_leaf_is_read_as_such() {
    let ends = [
        "536-90-<b>4399</b ",
        "536-90-4399</",
        "jane@example.com**",
        "536-90-4399\u{1b}[3",
        "536-90-4399<span x",
        "jane@example.com\\",
    ];
    for end in ends {
        for next in ["", ">", "m", " b>7", "4"] {
            let leaves = [end.as_bytes().to_vec(), next.as_bytes().to_vec()];
            assert!(!scan_whole(&leaves).is_empty(), "{end:?}");
            for size in 1..end.len() {
                assert_eq!(scan_split(&leaves, &[size]), scan_whole(&leaves), "{end:?} {next:?} {size}");
            }
        }
    }
}

#[test]
fn every_cut_of_every_seed_gives_the_findings_of_the_whole() {
    let text = SEEDS.join(" | ").into_bytes();
    let leaves = [text];
    let whole = scan_whole(&leaves);
    for first in 1..leaves[0].len() {
        let split = scan_split(&leaves, &[first, usize::MAX]);
        let differs = |of: &[Finding], other: &[Finding]| -> Vec<Finding> {
            of.iter().filter(|finding| !other.contains(finding)).copied().collect()
        };
        assert_eq!(differs(&split, &whole), differs(&whole, &split), "cut at {first}");
    }
}

/// Texts made to cost as much as possible, as the unit that is repeated.
const UNITS: &[&str] = &[
    "\\",
    "\\u0040",
    "\\\\u0040",
    "a@b.com\\u0040",
    "%25",
    "%2525252525",
    "%40",
    "&#64;",
    "&amp;",
    "&amp;amp;",
    "=41",
    "=\n",
    "\"+\"",
    "\0",
    "a\0",
    "é",
    "漢",
    "\u{200b}",
    "４",
    "YWJj",
    "WVdKag==",
    "YWJj\n",
    "6a",
    "6a ",
    "4",
    "4 ",
    "4 - ",
    "4111/",
    "4111 1111\n",
    "a ",
    "a.",
    "a b  ",
    "five ",
    "double ",
    "one-",
    "a at b dot ",
    " at ",
    "[at]",
    " dot ",
    "a@b. ",
    "@ ",
    "fx-cebw-",
    "jorp-ks ",
    "sk-proj-a1B2c3D4e5F6g7H8i9J0k1L2%2d",
    "falcon",
    "snypba ",
    "noclaf ",
    "-----BEGIN PRIVATE KEY-----\\n",
    "ssn,ssn\n123,123\n",
    "ssn,ssn\n123456789,12\n1,2\n",
    "pass\n1a2\n",
    "|ssn|\n|1|\n",
    "a,b\n",
];

fn visits(text: &[u8]) -> u64 {
    let (mut reader, mut found) = (Reader::new(), Vec::new());
    for piece in text.chunks(1460) {
        reader.push(piece);
        reader.scan(&SET, &mut found);
        found.clear();
    }
    reader.boundary();
    reader.scan(&SET, &mut found);
    reader.candidate_visits()
}

#[test]
fn candidates_grow_with_the_text_and_no_faster() {
    const BYTES: usize = 32 * 1024;
    for unit in UNITS {
        let text = unit.repeat(BYTES / unit.len());
        let (half, whole) = (visits(&text.as_bytes()[..text.len() / 2]), visits(text.as_bytes()));
        assert!(whole <= 8 * BYTES as u64, "{unit:?}: {whole} candidates");
        assert!(whole <= 2 * half + 256, "{unit:?}: {half} candidates, then {whole}");
    }
}

#[test]
fn views_read_little_more_than_there_is() {
    let noisy = |times: usize| b"abcdefghijkl\xff\xff\xff".repeat(times);
    let hex: String = noisy(1).iter().map(|byte| format!("{byte:02x}")).collect();
    let twice = base64_of(&[base64_of(&noisy(4)).into_bytes(), b"\xff\xff\xff".to_vec()].concat());
    for (unit, most) in [
        (base64_of(&noisy(1)), 2.0),
        (hex, 2.0),
        ("<b>a</b>".to_owned(), 2.0),
        (r"a\_".to_owned(), 2.0),
        ("\x1b[1ma".to_owned(), 2.0),
        // Each run in what was decoded has its context.
        (twice, 4.0),
        // Words that are all text by themselves, each with its context.
        ("MSAyIDMgNCA1IDYg ".to_owned(), 8.0),
        ("bmFtZTogamFuZSBkb2U=\n".to_owned(), 8.0),
        ("746578742069732068657265 ".to_owned(), 8.0),
        ("%4dMSAyIDMgNCA1IDYg ".to_owned(), 16.0),
        ("x MSAyIDMgNCA1IDYg &amp; ".to_owned(), 10.0),
        ("MSAy IDMg NCA1 IDYg, ".to_owned(), 8.0),
        ("YWJj ZGVmZ2hp \\u0041 ".to_owned(), 8.0),
    ] {
        let text = unit.repeat(64 * 1024 / unit.len());
        let mut reader = Reader::new();
        reader.push(text.as_bytes());
        reader.boundary();
        reader.scan(&SET, &mut Vec::new());
        let ratio = reader.bytes_scanned() as f64 / text.len() as f64;
        assert!(ratio < most, "{unit:?}: {ratio}");
    }
}

#[test]
fn what_is_undecided_is_bounded() {
    for unit in UNITS {
        let (mut reader, mut found) = (Reader::new(), Vec::new());
        for _ in 0..64 {
            reader.push(unit.repeat(1460 / unit.len()).as_bytes());
            let held = reader.position() - reader.scan(&SET, &mut found);
            assert!(held <= 16 * 1024, "{unit:?}: {held}");
            found.clear();
        }
    }
}

#[test]
fn what_is_hidden_too_deep_is_said_to_be_there() {
    let wrapped = |times: usize| (0..times).fold("write to jane@example.com".to_owned(), |text, _| base64(&text));
    for (text, capped) in [
        ("jane%25252540example.com".to_owned(), true),
        ("jane%252540example.com".to_owned(), false),
        (r"a\\\\nb \\\\\\n".to_owned(), false),
        (wrapped(3), false),
        (wrapped(4), true),
        (wrapped(6), true),
        (base64(&base64(r"\\u0061\\u006d\\u0046\\u0075ZUBleGFtcGxlLmNvbQ==")), true),
        // Escapes upon escapes take what stands beside them down with them, but hide nothing of it.
        (format!(r"a \\\\n b {} 50%20off {0} c", wrapped(1)), false),
        (format!("{} {} {}", wrapped(1), wrapped(2), wrapped(3)), false),
        ("an ordinary sentence / with/a/long/path/and-some-identifier_names in it".repeat(9), false),
    ] {
        for sizes in [usize::MAX, 7, 1] {
            let mut reader = Reader::new();
            for piece in text.as_bytes().chunks(sizes) {
                reader.push(piece);
                reader.scan(&SET, &mut Vec::new());
            }
            reader.boundary();
            reader.scan(&SET, &mut Vec::new());
            assert_eq!(reader.is_capped(), capped, "{text} in pieces of {sizes}");
        }
    }
}

#[test]
fn a_prefix_hides_nothing() {
    let hex: String = "jane@example.com".bytes().map(|byte| format!("{byte:02x}")).collect();
    for prefix in [
        "/",
        "/v1/",
        "x",
        "0x",
        "key-",
        "key_",
        "+a",
        "secret",
        "deadbee",
        "0123456789abcdef0",
        "iVBORw0KGgoAAAANSUhEUg",
    ] {
        for hidden in [base64("jane@example.com"), base64("jane@ab.io").replace('=', ""), hex.clone()] {
            let text = format!("see {prefix}{hidden} there");
            let found = said(&text).iter().any(|(entity, _, _)| *entity == EmailAddress);
            assert!(found, "{text}");
        }
    }
}

#[test]
fn a_digit_that_is_left_over_hides_nothing() {
    for (hidden, entity) in [("jane@ab.io", EmailAddress), ("536-90-4399", UsSsn)] {
        let hex: String = hidden.bytes().map(|byte| format!("{byte:02x}")).collect();
        for digit in "0123456789abcdef".chars() {
            let text = format!("see {hex}{digit} there");
            assert!(said(&text).iter().any(|(found, _, _)| *found == entity), "{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("SOVEREIGN_SLOW").is_some() { 20_000 } else { 1_000 }))]

    /// Behind any characters of the alphabet, within any bytes, wrapped or not, in any pieces.
    #[test]
    fn text_within_runs_is_found(
        prefix in "[A-Za-z0-9+/_-]{0,140}", before in prop::collection::vec(128u8..=255, 0..70),
        after in prop::collection::vec(128u8..=255, 0..70), as_hex in any::<bool>(), wrap in 33usize..100,
        size in 1usize..200,
    ) {
        let mut bytes = before;
        bytes.extend(b" jane.roe@example.org ");
        bytes.extend(after);
        let run = match as_hex {
            true => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            false => base64_of(&bytes),
        };
        let text: Vec<u8> = format!("{prefix}{run}").bytes().collect();
        let lines = if text.len() > wrap * 2 { text.chunks(wrap).collect::<Vec<_>>() } else { vec![&text[..]] };
        let text = [b"a ", &lines.join(&b"\r\n"[..])[..], b" b"].concat();
        let is_address = |finding: &Finding| SET.entity(finding.detector) == Some(EmailAddress);
        let mut whole = read(&text);
        whole.retain(is_address);
        prop_assert!(!whole.is_empty(), "{}", String::from_utf8_lossy(&text));
        let (mut reader, mut found) = (Reader::new(), Vec::new());
        for piece in text.chunks(size) {
            reader.push(piece);
            reader.scan(&SET, &mut found);
        }
        reader.boundary();
        reader.scan(&SET, &mut found);
        found.retain(is_address);
        prop_assert_eq!(found, whole);
    }
}

fn base64(text: &str) -> String {
    base64_of(text.as_bytes())
}

fn base64_of(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        let character = |place: usize| match place <= chunk.len() {
            true => char::from(ALPHABET[(word >> (18 - 6 * place) & 63) as usize]),
            false => '=',
        };
        out.extend((0..4).map(character));
    }
    out
}
