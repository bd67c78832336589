//! Any split of a stream gives the findings of the whole: for every detector, for any bytes.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use detect::{CONTEXT_BYTES, DetectorId, DetectorSet, EntityType, Finding, FingerprintBuilder, Scanner};
use proptest::prelude::*;
use std::sync::LazyLock;

/// A leaf: its text, and whether it is a number.
type Leaf = (Vec<u8>, bool);

const SEEDS: &[&str] = &[
    "jane.doe+x@mail.example.co.uk",
    "用户@例子.广告",
    "icon@2x.png",
    "a@b@c.de",
    "git@host.com:x",
    "536-90-4399",
    "536904399",
    "my ssn ",
    "078 05 1120",
    "social security",
    "SSNs: 465 94 6397 399 32 8231 680 44 0990",
    "515 49 0329 189 305 680",
    "SSN 611 276 235",
    "4539 5277 2040 5608 0928 321",
    "4539 5277 2040 5608 5412 7045 7521 4125",
    "2024 4539 5277 2040 5608",
    "pin 4821 4539 5277 2040 5608\n",
    "3747 620075 32925 1227",
    "1831 5035 9908 4584\n3960 1038 9607 5334\n",
    "NIR: 3 2 95 10 99 126 111 93 2 95 10 99 126 111 93",
    "NIR 29510 99126 11193",
    "ABNs: 51 824 753 556 53 004 085 616",
    "Steuer-ID: 2024 36 574 261 809",
    "2341 2341 2346\n2341 2341 2347\n",
    "EINs 12-3456789, 12-3456780 and 12-3456781",
    "205-314-3761 705-627-0951 413-545-9749",
    "tel 07 93 06 72 59 01 97 70 66 68",
    "tel 07.93.06.72.59 / 01.97.70.66.68",
    "Boston, MA 04648-2688",
    "libfoo (8.22.1.2-1), 10.0.0.1-20, 10.0.0.1-10.0.0.9",
    "8.22.1.2 Release Notes",
    "jane.@example.com",
    "78051120",
    "4111111111111111",
    "4111 1111 1111 1111",
    "3782-822463-10005",
    "card ",
    "587428561654",
    "GB82 WEST 1234 5698 7654 32",
    "DE89370400440532013000",
    "gb",
    "GB",
    "x",
    "+1 (415) 555-2671",
    "(415) 555-2671 ext. 12",
    "415.555.2671x9",
    "+46 (0)8 928 571 38",
    "001-518-640-0854",
    "Phone: 0490 75 40 81",
    "72 128 827-Office",
    "call 5403926876",
    "0711 / 123456",
    "01 84 17 61 18 ab",
    "(020) 7946 0958 12:30",
    "8 (495) 123-45-67",
    "011 44 20 7946 0958;ext=12",
    "+49 (0) 7638 79998062",
    "электронный телефон 912 345 67 89",
    "order 0912-345-678",
    "192.168.0.1/24",
    "1.2.3.4.5",
    "version 1.2.3.4",
    "\"version\": \"1.2.3.4\"",
    "upgraded from 1.2.3.4 to 1.2.3.5",
    "name==1.2.3.4",
    "ip.addr==10.0.0.1",
    "2.5.29.19",
    "c::B110",
    "https://user:pass@host.example.com",
    "user@1000.service",
    "jane@example.com.json",
    "this@Outer.method",
    "01 23 45 67 89 ab",
    "::ffff:192.0.2.128",
    "2001:db8::1/64",
    "node:fe80::1",
    "12:30:45",
    "a::b",
    "::1",
    "sk-proj-a1B2c3D4e5F6g7H8i9J0k1L2",
    "sk-0a1b2c3d4e5f60718293a4b5",
    "sk-ant-api03-a1B2c3D4e5F6g7H8i9J0k1L2",
    "AKIAIOSFODNN7EXAMPLE",
    "AKIAQ3EGWJ7PXN4UCZ5T",
    "ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "SG.",
    "xoxb-123456789012-abcdefABCDEF",
    "aws_secret_access_key=",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYqv4Tz8Ls0W",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
    "\n-----END RSA PRIVATE KEY-----",
    "-----",
    "-",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    "eyJ",
    "hooks.slack.com/services/T0123456789/B0123456789/a1B2c3D4e5F6",
    "131052-308T",
    "100325A012P",
    "131052",
    "1 85 05 2A 004 123 ",
    "codice fiscale RSS MRA 85T10 A562S",
    "RSS MRA ",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ",
    "A9BC RSS MRA 85T10",
    "185052B004123 83",
    "driver license V5905 36000 23465",
    "DL J 130 526 344 556",
    "N40.92630 E100.53781",
    "N 48° 51.504 E 2° 17.670",
    "48 51 30.2 N, 2 17 40.2 E",
    "latitude 48 deg 51' 30.2\" N",
    "lat 48,8584 ",
    "/@48.8584,2.2945,17z",
    "45[.]77[.]12[.]9",
    "96[dot]153[dot]99[dot]140",
    "198 dot 50 dot 158 dot 66",
    "see 5.3.1.1 (both), 5.3.1.2 (both)",
    "station, 0065 8123 0096 b",
    "(06 1) 237 5890",
    "sk.eyJ1IjoieSIsImEiOiJjbDJ0bHYyeWEzMXcyOGhsM29jIn0.a1B2c3D4",
    "glpat-a1B2c3D4e5F6g7H8i9J0.01.6u7cnoad7",
    "X-Amz-Signature=627d55e96f199f6b29ad5140beecf5a56467786c6bef9a4ce51ae5d2f04eaf74",
    "ADMIN_PASSWORD=t#Wo-Ax=TqNV2^66ci\n",
    "sa;Password=winter-coffee-13;",
    "login: ada\npassword: wombattery\n",
    "password changed yesterday -> 0nD9B3aI4#4",
    "u: ada p: of46dXsx!4",
    "use admin:Sw!z-XQ0Rw to log in",
    "2FA secret key 33LW TG5B I7PJ RVR2 IVD3 HRIS EVOE C2C3",
    "config/master.key:\n3495ca773c08ffe03b9a5d4944a6519b",
    "snmp-server community UGcShXjwOVDk RO",
    "aadhaar 2341 · 2341 · 2346",
    "MAC b14a9c748d98",
    "time 10:20:30:40:50:60",
    "Doe, b. 12/03/1985",
    "birth date 03 / 12 / 1985",
    "born. To lead; on 12/03/1985",
    "card exp_month: 12, exp_year: 2027",
    "RRN 660420-2639465",
    "295109912611193",
    "2 95 10 99 126 111 93",
    "12.ABC.345/01DE-35",
    "11.222.333/0001-81",
    "12.345.678-Z",
    "X-1234567-L",
    "X1234567L",
    "AB 12 34 56 C",
    "AB123456C",
    "ABCPE1234F",
    "RSSMRA85T10A562S",
    "1HGCM82633A004352",
    "S1234567D",
    "AB1234563",
    "1EG4-TE5-MK73",
    "passport C03005988",
    "driver license S123-456-78-901-0",
    "account number 000123456789",
    "routing 021000021",
    "NPI 1234567893",
    "490154203237518",
    "943 476 5919",
    "nhs",
    "130 692 544",
    "sin ",
    "2123 45670 1",
    "51 824 753 556",
    "2341 2341 2346",
    "36574261809",
    "44051401359",
    "811228-9874",
    "390.533.447-05",
    "8001015009087",
    "820701-2409181",
    "17291716060",
    "11010519491231002X",
    "912-70-1234",
    "EIN 94-2404110",
    "00:1A:2B:3C:4D:5E",
    "00-11-22-33-44-55",
    "001a.2b3c.4d5e",
    "aa:bb:",
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "48.8566, 2.3522",
    "+40.7128-74.0060",
    "40° 26′ 46″ N, 79° 58′ 56″ W",
    "lat",
    "\"lat\": 48.8566,",
    "date of birth ",
    "DOB",
    "12th of March, 1985",
    "1985-03-12",
    "born on ",
    "né le ",
    "CVV",
    "id,cvv,ein\n17,",
    "123,94-2404110",
    "<cvv>123</cvv>",
    "security code ",
    "123",
    "exp ",
    "12/27",
    "card exp 12 / 27 ",
    "身份证",
    "order ",
    "postgres://admin:s3cr3tPw@db.internal:5432/app",
    "https://0a1b2c3d4e5f60718293a4b5c6d7e8f9@o1.ingest.sentry.io/1",
    "://",
    "postgres://app:p@Xk/29dkQ1@${DB_HOST}/db?a=b@c",
    "amqp://${USER}:Xk29dkQ1@host",
    "{{ user }}:",
    "/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    "username admin privilege 15 secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0\n",
    "enable password level 15 7 08351F1B1D431516475E\n",
    "snmp-server community Xk29dkQ1zz RW\n",
    "snmp-server user u g v3 auth sha Xk29dkQ1zz priv aes 128 Tr0ub4dor&3xQ\n",
    "radius-server host 10.0.0.1 auth-port 1812 key Xk29dkQ1zz\n",
    " key 7 08351F1B1D431516475E\n",
    "pre-shared-key ascii-text \"$9$LfMX7-dVwaJDk.fzAu0OBIRSKM8X7-ds\"",
    "curl -u admin:Xk29dkQ1zz ",
    "mysql -u root -pXk29dkQ1zz shop",
    "sshpass -p 'Xk29dkQ1zz' ",
    "redis-cli -h 10.0.0.5 -a Xk29dkQ1zz",
    "docker login -u a -p Xk29dkQ1zz",
    "echo 'root:Xk29dkQ1zz' | chpasswd",
    "IDENTIFIED WITH native BY 'Xk29dkQ1zz'",
    "auth=(\"admin\", \"Xk29dkQ1zz\")",
    "getConnection(url, \"root\", \"Xk29dkQ1zz\")",
    "- name: DB_PASSWORD\n  value: \"Xk29dkQ1zz\"",
    "{\"name\":\"DB_PASSWORD\",\"value\":\"Xk29dkQ1zz\"}",
    "DB_PASSWORD",
    "value",
    "variable \"db_password\" {\n  type = string\n  default = \"Xk29dkQ1zz\"\n}",
    "<key>Password</key>\n<string>Xk29dkQ1zz</string>",
    "user,password,mail\nadmin,Xk29dkQ1zz,a\n",
    "Пароль: Xk29dkQ1zz",
    "パスワードはXk29dkQ1zzです",
    "pw: $tr0ngP@ss!",
    "Das Passwort ist Xk29dkQ1zz.",
    "$5$rounds=80000$wnsT7Yr92oJoP28r$cKhJImk5mfuSKV9b3mumNzlbstFUplKtQXXMo4G6Ep5",
    "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7",
    "app:p@Xk29dkQ1zz@tcp(db:3306)/prod",
    "setPassword(\"Xk29dkQ1zz\")",
    "password = \"Tr0ub4dor&3\"",
    "password: str = 'kX9-fj2!m'",
    "api_key=k3Jd9x0Qpl5m2Nv8Zx81Kd93",
    "Authorization: Bearer k3Jd9x0Qpl5m2Nv8Zx81Kd93",
    "the password is kX9-fj2!m.",
    "--password kX9fj2Lm81",
    "key=\"API_KEY\" value=\"k3Jd9x0Qpl5m2Nv8Zx81Kd93\"",
    "abc8Q~k3Jd9x0Qpl5m2Nv8Zx81Kd93mQp27Lwab",
    "value: ",
    "'client_secret', '",
    "<apiToken>k3Jd9x0Qpl5m2Nv8Zx81Kd93</apiToken>",
    "k3Jd9x0Qpl5m2Nv8Zx81Kd93",
    "the API key is ",
    "token",
    "=",
    "heroku key ",
    "4f1c9a02-7be3-4d58-9c6e-0b1f2a3d4c5e",
    "twilio: '0a1b2c3d4e5f60718293a4b5c6d7e8f9'",
    "SK0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.k3Jd9x0Qpl5m2Nv8Zx81Kd93mQp",
    "123456789:AAk3Jd9x0Qpl5m2Nv8Zx81Kd93mQp27Lwab",
    "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----",
    "PuTTY-User-Key-File-2: ssh-rsa",
    "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
    "re_a1b2c3d4_a1b2c3d4e5f6a1b2c3d4e5f6",
    "access_token$production$a1b2c3d4e5f6a1b2$a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4",
    ".AspNetCore.CookiesC1=CfDJ8pTyGJMuHbEL31IeL2HPcHyGcFRl1SPnXNYvMIHa_2o76umfXfKm_r5kJP1VrT-1FJors_6ILi8IHn5kxsC7tVO_HbkQfyy_KV5zjR3j1twdTKWTddB-XhkAS1voQG6yy; ",
    "fn1.azurewebsites.net/api/x?code=pTyGJMuHbEL31IeL2HPcHyGcFRl1SPnXNYvMIHa_2o76umfXfKm_r5kJP1VrT-1FJors_6ILi8IHn5kxsC7tVO_HbkQfyy_KV5zj==",
    "-y hmac-sha256:k1:yGJMuHbEL31IeL2HPcHyGcFRl1SPnXNYvMIHa/2o76umfXfKm/r5kJP1VrT+1FJors/6ILi8IHn5kxsC7tVO/HbkQfyy/KV5zjR3=",
    "recovery codes:\ndb646-eae68\n13eb6-06c2e\n",
    "0a1b2-c3d4e\n",
    " - f5061-728a9",
    "CONFIDENTIAL",
    "\n[Internal use only] ",
    "This document is company confidential and",
    "TOP SECRET//SI//NOFORN",
    "NUR FÜR DEN DIENSTGEBRAUCH",
    "tlp:amber+strict",
    "AB12-CD34-EF56",
    "ab12 cd34",
    "ef56",
    "\nfn check(window: &Window<'_>, start: usize) -> Checked {\n",
    "    let group = group_before(window, colon);\n    let start = colon - group;\n",
    "    if start >= floor && !window.before(start).is_ascii_digit() {\n        return Ok(None);\n    }\n}\n",
    "\ndef main(self):\n    for item in self.items:\n        print(item)\n    return None\n",
    "\n```rust\nlet mut x = 1;\n```\n",
    "// a comment\n\n",
    "Project Watch Me",
    "watch",
    "me",
    "config.rust",
    "my name is Jane Doe and I live in Paris.",
    "Dear Mr. Smith,\n",
    "Regards,\nJürgen Müller\nSiemens AG",
    "12 Main Street, Apt. 4B\nSpringfield, IL 62704\n",
    "> Hauptstraße 12\n> 10115 Berlin",
    "417 Wren Junctions, Port Ellenfort, RI 40817",
    "Studio 12\nAlder Station\nSouth Pelham\nHG4 1AQ",
    "Flat 5, 12 High Street",
    "Annapad 7, 2031KM, Schoorl",
    "Rotonda Bassi, 75, 03030, Colfelice (FR)",
    "3, place du Parvis\n67000 Strasbourg",
    "12/4 MG Road, Bengaluru 560001",
    "1991-1997, Thomas G. Lane.",
    "P.O. Box 12",
    "PSC 1234, Box 5678\nAPO AE 09021",
    "\"firstName\": \"Ana\"",
    "the corner of 5 Oak Lane and Elm",
    " ",
    ".",
    "/",
    "\n",
    "@",
    "+",
    "(",
    "1",
    "23",
    "–",
    "\u{a0}",
];

static SET: LazyLock<DetectorSet> = LazyLock::new(|| {
    let terms = |terms: &[&str]| terms.iter().map(|term| (*term).to_owned()).collect::<Vec<_>>();
    DetectorSet::builder()
        .enable_all()
        .keywords("ours", &terms(&["Project Watch Me", "watch", "config.rust", "me watch me"]))
        .keywords("theirs", &terms(&["me", ".."]))
        .fingerprints("tree", tree())
        .canaries("planted", &terms(&["AB12-CD34-EF56", "ab12cd34ef56789"]))
        .build()
        .unwrap()
});

/// Fingerprints of the code among the seeds.
fn tree() -> detect::FingerprintSet {
    let mut builder = FingerprintBuilder::new("tree", [3; 16]).unwrap();
    builder.add(SEEDS.concat().as_bytes());
    builder.finish().unwrap()
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => proptest::sample::select(SEEDS).prop_map(|seed| seed.as_bytes().to_vec()),
        3 => (proptest::sample::select(SEEDS), 0usize..60, 0usize..60).prop_map(|(seed, from, to)| {
            let seed = seed.as_bytes();
            seed.iter().copied().take(to).skip(from).collect()
        }),
        2 => proptest::collection::vec(proptest::sample::select(b" .-@:+()0123456789aAeyJsk_/=".as_slice()), 0..12),
        1 => proptest::collection::vec(any::<u8>(), 0..6),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Lines of code, of the tree and others, with prose and blank lines between them.
fn code() -> impl Strategy<Value = Vec<u8>> {
    let lines: Vec<&str> =
        SEEDS.iter().filter(|seed| seed.ends_with('\n')).flat_map(|seed| seed.split_inclusive('\n')).collect();
    let line = prop_oneof![
        12 => proptest::sample::select(lines).prop_map(str::to_owned),
        2 => "[a-z ]{0,60}\n",
        1 => "[a-z(){};= ]{0,30}\n",
        1 => Just("x = y(z);".repeat(150) + "\n"),
        1 => Just("word ".repeat(300) + "\n"),
    ];
    proptest::collection::vec(line, 0..60).prop_map(|lines| lines.concat().into_bytes())
}

fn leaves() -> impl Strategy<Value = Vec<Leaf>> {
    let number = proptest::sample::select(["536904399", "78051120", "4111111111111111", "1", ""].as_slice());
    let leaf = prop_oneof![
        4 => text().prop_map(|text| (text, false)),
        2 => code().prop_map(|text| (text, false)),
        1 => number.prop_map(|number| (number.as_bytes().to_vec(), true)),
    ];
    proptest::collection::vec(leaf, 1..6)
}

/// Types that are found without an operator's list, which a set of one type does not have.
fn listed_nowhere() -> impl Strategy<Value = EntityType> {
    let is_listed = |entity| matches!(entity, EntityType::Keyword | EntityType::Fingerprint | EntityType::Canary);
    let types: Vec<_> = EntityType::ALL.into_iter().filter(|entity| !is_listed(*entity)).collect();
    proptest::sample::select(types)
}

/// Pieces reported apart, joined again.
fn joined(mut found: Vec<Finding>) -> Vec<Finding> {
    found.sort_by_key(|finding| (finding.detector, finding.start));
    let mut whole: Vec<Finding> = Vec::new();
    for finding in found {
        if !finding.continued {
            whole.push(finding);
            continue;
        }
        // Within a value that goes on another one of its kind may have ended.
        let goes_on = |last: &&mut Finding| (last.detector, last.end) == (finding.detector, finding.start);
        whole.iter_mut().rev().find(goes_on).unwrap().end = finding.end;
    }
    whole.sort_unstable();
    whole
}

#[test]
fn a_card_before_a_short_cell_is_decided_where_its_leaf_ends() {
    let set = DetectorSet::builder().enable(EntityType::CreditCard).build().unwrap();
    let leaf = (b"2024 4539 5277 2040 5608 0".to_vec(), false);
    assert_eq!(scan_split(&set, core::slice::from_ref(&leaf), &[1]), scan_whole(&set, core::slice::from_ref(&leaf)));
}

fn push(scanner: &mut Scanner, number: bool, text: &[u8]) {
    if number { scanner.push_number(text) } else { scanner.push(text) }
}

fn scan_whole(set: &DetectorSet, leaves: &[Leaf]) -> Vec<Finding> {
    let (mut scanner, mut found) = (Scanner::new(), Vec::new());
    for (text, number) in leaves {
        push(&mut scanner, *number, text);
        scanner.boundary();
    }
    assert_eq!(scanner.scan(set, &mut found), scanner.position());
    assert!(found.is_sorted_by_key(|finding| finding.start));
    joined(found)
}

/// Scans after each piece of the given sizes, checking what every scan promises.
fn scan_split(set: &DetectorSet, leaves: &[Leaf], sizes: &[usize]) -> Vec<Finding> {
    let held_max = (set.match_bytes_max() + set.lookahead_bytes()) as u64;
    let mut sizes = sizes.iter().copied().cycle();
    let (mut scanner, mut found, mut settled) = (Scanner::new(), Vec::new(), 0);
    let mut scan = |scanner: &mut Scanner, found: &mut Vec<Finding>, ended: bool| {
        let first_new = found.len();
        let position = scanner.position();
        let now = scanner.scan(set, found);
        let new = &found[first_new..];
        assert!(new.is_sorted_by_key(|finding| finding.start));
        assert!(new.iter().all(|finding| finding.start >= settled && finding.end <= position));
        assert!(new.iter().all(|finding| finding.start < finding.end));
        assert!(now >= settled && now <= position);
        assert!(position - now <= held_max, "{} of {held_max} held", position - now);
        assert!(!ended || now == position);
        settled = now;
    };
    for (text, number) in leaves {
        let mut rest = text.as_slice();
        while !rest.is_empty() {
            let (piece, tail) = rest.split_at(sizes.next().unwrap().clamp(1, rest.len()));
            push(&mut scanner, *number, piece);
            scan(&mut scanner, &mut found, false);
            rest = tail;
        }
        push(&mut scanner, *number, &[]);
        scanner.boundary();
        scan(&mut scanner, &mut found, true);
    }
    joined(found)
}

/// Cases of each property: `PROPTEST_CASES`, or enough for every change.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").map_or(1000, |cases| cases.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_split_gives_the_findings_of_the_whole(
        leaves in leaves(), sizes in proptest::collection::vec(1usize..40, 1..8),
    ) {
        prop_assert_eq!(scan_split(&SET, &leaves, &sizes), scan_whole(&SET, &leaves));
    }

    #[test]
    fn byte_by_byte_gives_the_findings_of_the_whole(leaves in leaves()) {
        prop_assert_eq!(scan_split(&SET, &leaves, &[1]), scan_whole(&SET, &leaves));
    }

    #[test]
    fn each_type_alone_keeps_its_promises_over_any_split(
        leaves in leaves(), sizes in proptest::collection::vec(1usize..20, 1..5), entity in listed_nowhere(),
    ) {
        let set = DetectorSet::builder().enable(entity).build().unwrap();
        let alone = scan_split(&set, &leaves, &sizes);
        prop_assert_eq!(&alone, &scan_whole(&set, &leaves));
        // What a type finds does not depend on which others are looked for.
        let among: Vec<_> = scan_whole(&SET, &leaves)
            .into_iter()
            .filter(|finding| SET.entity(finding.detector) == Some(entity))
            .collect();
        prop_assert_eq!(alone, among);
    }

    #[test]
    fn names_alone_keep_their_promises_over_any_split(
        leaves in leaves(), sizes in proptest::collection::vec(1usize..200, 1..5), entity in 0usize..4,
    ) {
        let entity = [EntityType::Person, EntityType::Organization, EntityType::Location, EntityType::StreetAddress][entity];
        let set = DetectorSet::builder().enable(entity).build().unwrap();
        let alone = scan_split(&set, &leaves, &sizes);
        prop_assert_eq!(&alone, &scan_whole(&set, &leaves));
        let among: Vec<_> = scan_whole(&SET, &leaves)
            .into_iter()
            .filter(|finding| SET.entity(finding.detector) == Some(entity))
            .collect();
        prop_assert_eq!(alone, among);
    }

    #[test]
    fn no_finding_crosses_a_boundary(leaves in leaves()) {
        let mut edges = Vec::new();
        let mut at = 0u64;
        for (text, _) in &leaves {
            at += text.len() as u64;
            edges.push(at);
            at += 1;
        }
        for finding in scan_whole(&SET, &leaves) {
            prop_assert!(!edges.iter().any(|edge| (finding.start..finding.end).contains(edge)));
        }
    }

    #[test]
    fn a_scanner_that_was_reset_is_as_new(first in leaves(), second in leaves()) {
        let (mut scanner, mut found) = (Scanner::new(), Vec::new());
        for (text, number) in &first {
            push(&mut scanner, *number, text);
            scanner.scan(&SET, &mut found);
        }
        scanner.reset();
        found.clear();
        for (text, number) in &second {
            push(&mut scanner, *number, text);
            scanner.boundary();
        }
        scanner.scan(&SET, &mut found);
        prop_assert_eq!(joined(found), scan_whole(&SET, &second));
    }
}

#[test]
fn every_cut_of_every_seed_gives_the_findings_of_the_whole() {
    let text = SEEDS.join(" | ").into_bytes();
    let leaves = [(text, false)];
    let whole = scan_whole(&SET, &leaves);
    for first in 1..leaves[0].0.len() {
        assert_eq!(scan_split(&SET, &leaves, &[first, usize::MAX]), whole, "cut at {first}");
    }
}

#[test]
fn every_seed_is_found_byte_by_byte_wherever_in_a_block_it_begins() {
    // The index of the text has a word of bits for each block of it; the one at the end is not whole.
    const BLOCK_BYTES: usize = 64;
    for seed in SEEDS {
        for place in 0..BLOCK_BYTES {
            let leaves = [([" ".repeat(place).as_bytes(), seed.as_bytes()].concat(), false)];
            assert_eq!(scan_split(&SET, &leaves, &[1]), scan_whole(&SET, &leaves), "{seed} at {place}");
        }
    }
}

#[test]
fn what_is_settled_stays_so_behind_a_refused_head_of_a_marking() {
    // A head that is shorter than others is undecided first, and then none: what is held must not grow by that.
    let set = DetectorSet::builder().enable(EntityType::Confidential).build().unwrap();
    let leaves = [(b"postgres://admin:s3cr3tPw@db.internal:5432/app".to_vec(), false)];
    for size in 1..8 {
        assert_eq!(scan_split(&set, &leaves, &[size]), []);
    }
}

#[test]
fn names_in_long_lines_are_found_however_they_arrive() {
    let line = "Jane Doe lives at 12 Main Street. She wrote to Mr. Smith in Paris, who did not answer; ".repeat(40);
    let leaves = [(line.into_bytes(), false)];
    let whole = scan_whole(&SET, &leaves);
    assert!(whole.len() >= 100, "{}", whole.len());
    for size in [1, 7, 255, 511, 513, 1460] {
        assert_eq!(scan_split(&SET, &leaves, &[size]), whole, "pieces of {size}");
    }
}

#[test]
fn a_header_that_shares_dashes_with_an_end_line_is_none() {
    let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----";
    let leaves = [(format!("{key}----BEGIN RSA PRIVATE KEY-----").into_bytes(), false)];
    let is_secret = |finding: &&Finding| SET.entity(finding.detector) == Some(EntityType::Secret);
    assert_eq!(scan_whole(&SET, &leaves).iter().filter(is_secret).count(), 1);
    assert_eq!(scan_split(&SET, &leaves, &[1]), scan_whole(&SET, &leaves));
}

#[test]
fn the_context_kept_is_the_context_promised() {
    // The word begins exactly as far back as the context reaches, or one byte further.
    for (gap, expected) in [(CONTEXT_BYTES - 3, 1), (CONTEXT_BYTES - 2, 0)] {
        let text = format!("{}ssn{}536904399", "x ".repeat(300), " ".repeat(gap)).into_bytes();
        let leaves = [(text, false)];
        let ssn = |found: Vec<Finding>| {
            found.iter().filter(|finding| SET.entity(finding.detector) == Some(EntityType::UsSsn)).count()
        };
        assert_eq!(ssn(scan_whole(&SET, &leaves)), expected);
        assert_eq!(ssn(scan_split(&SET, &leaves, &[1])), expected);
    }
}

#[test]
fn detectors_have_the_same_index_in_every_set() {
    let few = DetectorSet::builder().enable(EntityType::IpAddress).build().unwrap();
    let (mut scanner, mut found) = (Scanner::new(), Vec::new());
    scanner.push(b"10.0.0.1, ");
    scanner.scan(&few, &mut found);
    let detector: DetectorId = found[0].detector;
    assert_eq!(SET.rule(detector), Some("ipv4"));
}
