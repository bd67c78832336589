//! The work per byte is bounded, whatever the text and however it arrives.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use detect::{DetectorSet, FingerprintBuilder, Scanner};

const BYTES: usize = 64 * 1024;

/// Texts made to cost as much as possible, as the unit that is repeated.
const UNITS: &[&str] = &[
    "@",
    "a@",
    "a.",
    "a@a.",
    "0",
    "9",
    "A",
    "a",
    "eyJ",
    "-",
    "_",
    "sk-",
    "sk_",
    "ghp_",
    ":",
    "a:",
    "1:",
    "::",
    "1.",
    "1 ",
    "1-",
    "(",
    "+",
    "+1",
    "123-45-",
    "123-45-6789-",
    "4111 ",
    "4111 1111 1111 1112 ",
    "1234567 ",
    "536904399 ",
    "+44 20 ",
    "(415) ",
    "12(0)",
    "12 (0) ",
    "1 - ",
    "0711 / ",
    "0490 75 40 81 ",
    "тел 12 34 56 7 ",
    "1.2.3.4:",
    "::1.2.3.4:",
    "GB82",
    "GB82 WEST ",
    "-----BEGIN ",
    "-----BEGIN PRIVATE KEY",
    "AKIA",
    "secret ",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ",
    "漢",
    "\u{ff}",
    "ab ab ",
    "ssn ",
    "a-",
    "-a",
    "x@y.z-",
    "eyJhbGciOiJIUzI1NiJ9.",
    "a1",
    "a1 ",
    "A1B2C3D4E5F6G7H8I ",
    "12 ",
    "1.1.",
    "a:b-",
    "---",
    "12:34-",
    "born ",
    "dob 1 ",
    "cvv is exp card ",
    "123456782 ",
    "44051401359 ",
    "n 123456782 a ",
    "1.2345, ",
    "+1.2345-",
    "1°2′3″N ",
    "lat: 1.2345 ",
    "Jane ",
    "\n",
    "12 Main Street\n",
    "1 A ",
    "=",
    "token=",
    "key:",
    "token=a1B2c3D4e5F6g7H8 ",
    "password: x",
    "password=\"a1!",
    "a1b2c3d4e5f6a1b2c3d4 ",
    "heroku ",
    "twilio key a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4 ",
    "SK0a1b2c3d4e5f60718293a4b5c6d7e8f9.",
    "://",
    "://a:b",
    "://a:b1c2@c ",
    "://a:b/c@",
    "://${a}:b1@",
    "/eyJhbGciOiJIUzI1NiJ9.",
    "enable secret 5 ",
    "server host 1 key ",
    "mysql -p1 ",
    " login -p 1 ",
    "echo 1 | ",
    "getConnection(1,",
    "password\"",
    "password,1\n",
    "password\" {",
    "password\"value",
    "$1$a$",
    "$5$rounds=1$",
    "pw:",
    "пароль: ",
    "ワードは1",
    "a:b1@tcp(",
    "password ",
    "password is a1b2!",
    "1Q~",
    "\",\"token",
    "CONFIDENTIAL ",
    "SECRET//",
    "x();\n",
    "fn f() {\n",
    "\n",
    "}\n",
    "```\n",
    "let frobnicated = frobnicate(value);\n",
    "a1b2c3d4",
];

fn set() -> DetectorSet {
    let terms: Vec<String> = ["ab", "ab ab", "ab ab ab ab", "aa", "a-a-a"].map(str::to_owned).to_vec();
    let mut tree = FingerprintBuilder::new("tree", [5; 16]).unwrap();
    tree.add(b"fn f() {\nlet frobnicated = frobnicate(value);\nlet other = frobnicate(frobnicated, more);\n");
    let canaries = ["a1b2c3d4a1b2c3d4".to_owned(), "aaaaaaaa".to_owned()];
    let builder = DetectorSet::builder().enable_all().keywords("k", &terms);
    builder.fingerprints("tree", tree.finish().unwrap()).canaries("planted", &canaries).build().unwrap()
}

fn visits(set: &DetectorSet, text: &[u8], piece: usize) -> u64 {
    let (mut scanner, mut found) = (Scanner::new(), Vec::new());
    for piece in text.chunks(piece) {
        scanner.push(piece);
        scanner.scan(set, &mut found);
        found.clear();
    }
    scanner.boundary();
    scanner.scan(set, &mut found);
    scanner.candidate_visits()
}

#[test]
fn candidates_grow_with_the_text_and_no_faster() {
    let set = set();
    for unit in UNITS {
        let text = unit.repeat(BYTES / unit.len());
        let (half, whole) = text.as_bytes().split_at(text.len() / 2);
        let (half, whole) = (visits(&set, half, 1460), visits(&set, &[half, whole].concat(), 1460));
        // Five kinds of trigger at most can meet in one byte, and terms may nest.
        assert!(whole <= 6 * BYTES as u64, "{unit:?}: {whole} candidates");
        assert!(whole <= 2 * half + 64, "{unit:?}: {half} candidates, then {whole}");
    }
}

#[test]
fn pieces_of_one_byte_cost_a_bounded_number_of_candidates_each() {
    let set = set();
    for unit in UNITS {
        let text = unit.repeat(8 * 1024 / unit.len());
        let visits = visits(&set, text.as_bytes(), 1);
        assert!(visits <= 24 * text.len() as u64, "{unit:?}: {visits} candidates in {} bytes", text.len());
    }
}

#[test]
fn the_scanner_keeps_what_is_undecided_and_its_context_only() {
    let set = set();
    let held_max = set.match_bytes_max() + set.lookahead_bytes();
    for unit in UNITS {
        let (mut scanner, mut found) = (Scanner::with_capacity(4096), Vec::new());
        for _ in 0..256 {
            scanner.push(unit.repeat(600 / unit.len()).as_bytes());
            let settled = scanner.scan(&set, &mut found);
            assert!(scanner.position() - settled <= held_max as u64, "{unit:?}");
            found.clear();
        }
    }
}
