//! Kinds of disguise, and what is hidden in them, made by a seeded generator.

use detect::EntityType;

/// A generator that is the same each time.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    fn text(&mut self, alphabet: &str, len: usize) -> String {
        let all = alphabet.as_bytes();
        (0..len).map(|_| char::from(all[self.below(all.len())])).collect()
    }
}

const DIGITS: &str = "0123456789";
const TOKEN: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/// Terms to be looked for.
pub(crate) const KEYWORDS: &[&str] = &["Project Nightjar", "falconwing", "blue harbor"];

fn email(random: &mut Random) -> String {
    let name = random.of(&["jane", "j.doe", "maria", "anna.k", "peter", "li_wei", "support"]);
    let host = random.of(&["example", "mailbox", "acme", "northwind", "contoso"]);
    format!("{name}@{host}.{}", random.of(&["com", "org", "net", "de", "co"]))
}

fn luhn(mut digits: String) -> String {
    let sum: u32 = digits.bytes().rev().enumerate().fold(0, |sum, (place, byte)| {
        let digit = u32::from(byte - b'0');
        sum + if place % 2 == 0 { digit * 2 - if digit > 4 { 9 } else { 0 } } else { digit }
    });
    digits.push(char::from(b'0' + ((10 - sum % 10) % 10) as u8));
    digits
}

fn card(random: &mut Random) -> String {
    let head = random.of(&["4539", "4716", "5425", "5299", "4024"]);
    let number = luhn(format!("{head}{}", random.text(DIGITS, 11)));
    let groups: Vec<_> = number.as_bytes().chunks(4).map(|group| std::str::from_utf8(group).unwrap()).collect();
    groups.join(random.of(&["", " ", "-"]))
}

fn ssn(random: &mut Random) -> String {
    let number = 100_000_000 + random.below(560_000_000);
    let (area, group, serial) = (number / 1_000_000, 1 + number / 10_000 % 99, 1 + number % 9999);
    format!("{area:03}-{group:02}-{serial:04}")
}

fn phone(random: &mut Random) -> String {
    let code = random.of(&["212", "415", "312", "646", "503"]);
    let (exchange, line) = (220 + random.below(80), random.below(10_000));
    let form = random.below(3);
    match form {
        0 => format!("({code}) {exchange}-{line:04}"),
        1 => format!("+1 {code} {exchange} {line:04}"),
        _ => format!("{code}-{exchange}-{line:04}"),
    }
}

fn iban(random: &mut Random) -> String {
    let (country, account) = match random.below(2) {
        0 => ("DE", random.text(DIGITS, 18)),
        _ => ("GB", format!("WEST{}", random.text(DIGITS, 14))),
    };
    let remainder = format!("{account}{country}00").bytes().fold(0u32, |remainder, byte| match byte {
        b'0'..=b'9' => (remainder * 10 + u32::from(byte - b'0')) % 97,
        _ => (remainder * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    format!("{country}{:02}{account}", 98 - remainder)
}

fn secret(random: &mut Random) -> String {
    match random.below(4) {
        0 => format!("ghp_{}", random.text(TOKEN, 36)),
        1 => format!("sk-proj-{}", random.text(TOKEN, 40)),
        2 => format!("AKIA{}", random.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)),
        _ => {
            format!("xoxb-{}-{}-{}", random.text("123456789", 12), random.text("123456789", 12), random.text(TOKEN, 24))
        }
    }
}

fn keyword(random: &mut Random) -> String {
    random.of(KEYWORDS).to_owned()
}

pub(crate) type Make = fn(&mut Random) -> String;

/// What is hidden, how one is made, and a sentence around it.
pub(crate) const TYPES: &[(EntityType, Make, &str)] = &[
    (EntityType::EmailAddress, email, "Please write to {} about it."),
    (EntityType::CreditCard, card, "My card number is {} by the way."),
    (EntityType::UsSsn, ssn, "The SSN of the applicant: {} as filed."),
    (EntityType::PhoneNumber, phone, "Call my phone {} tonight."),
    (EntityType::IbanCode, iban, "Send it to IBAN {} today."),
    (EntityType::Secret, secret, "The key is {} for now."),
    (EntityType::Keyword, keyword, "We talk about {} again."),
];

fn each(text: &str, mut write: impl FnMut(char) -> String) -> String {
    text.chars().map(&mut write).collect()
}

/// Some characters written by `write`: at least one, about one in three.
fn some(text: &str, random: &mut Random, write: impl Fn(char) -> String) -> String {
    let forced = random.below(text.chars().count());
    text.chars()
        .enumerate()
        .map(
            |(place, character)| {
                if place == forced || random.below(3) == 0 { write(character) } else { character.to_string() }
            },
        )
        .collect()
}

fn base64_with(bytes: &[u8], alphabet: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            out.push(char::from(alphabet[(word >> (18 - 6 * place) & 63) as usize]));
        }
    }
    out
}

fn base64(bytes: &[u8]) -> String {
    let mut out = base64_with(bytes, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    while !out.len().is_multiple_of(4) {
        out.push('=');
    }
    out
}

fn base64url(bytes: &[u8]) -> String {
    base64_with(bytes, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
}

fn base32(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(5) {
        let word = chunk.iter().fold(0u64, |word, byte| word << 8 | u64::from(*byte)) << (8 * (5 - chunk.len()));
        for place in 0..(chunk.len() * 8).div_ceil(5) {
            out.push(char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(word >> (35 - 5 * place) & 31) as usize]));
        }
    }
    while !out.len().is_multiple_of(8) {
        out.push('=');
    }
    out
}

fn pieces(text: &str, random: &mut Random) -> String {
    let (length, joint) = ([4, 8, 12, 16, 24][random.below(5)], ["\n", " "][random.below(2)]);
    text.as_bytes()
        .chunks(length)
        .map(|piece| String::from_utf8_lossy(piece).into_owned())
        .collect::<Vec<_>>()
        .join(joint)
}

fn within(text: &str, what: &str, random: &mut Random) -> String {
    // What stands before an `@` at the start of a line is seldom a part of an address.
    let mut place = 1 + random.below(text.len() - 1);
    place += usize::from(text[place..].starts_with('@'));
    format!("{}{what}{}", &text[..place], &text[place..])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

fn digits_of(text: &str, zero: u32) -> String {
    each(text, |c| c.to_digit(10).map_or(c, |digit| char::from_u32(zero + digit).unwrap()).to_string())
}

fn alike(c: char) -> String {
    match c {
        'a' => "а",
        'c' => "с",
        'e' => "е",
        'o' => "о",
        'p' => "р",
        'x' => "х",
        'y' => "у",
        'i' => "і",
        's' => "ѕ",
        'j' => "ј",
        'A' => "А",
        'B' => "В",
        'E' => "Е",
        'K' => "К",
        'M' => "М",
        'O' => "О",
        'P' => "Р",
        'T' => "Т",
        '-' => "‐",
        '.' => "․",
        '@' => "＠",
        '0' => "０",
        '1' => "１",
        '2' => "２",
        '3' => "３",
        '4' => "４",
        '5' => "５",
        '9' => "９",
        other => return other.to_string(),
    }
    .to_owned()
}

fn circled(c: char) -> String {
    match c {
        '0' => "⓪".to_owned(),
        '1'..='9' => char::from_u32(0x2460 + c as u32 - '1' as u32).unwrap().to_string(),
        'a'..='z' => char::from_u32(0x24d0 + c as u32 - 'a' as u32).unwrap().to_string(),
        'A'..='Z' => char::from_u32(0x24b6 + c as u32 - 'A' as u32).unwrap().to_string(),
        other => other.to_string(),
    }
}

fn mathematical(c: char) -> String {
    match c {
        '0'..='9' => char::from_u32(0x1d7ce + c as u32 - '0' as u32).unwrap(),
        'a'..='z' => char::from_u32(0x1d41a + c as u32 - 'a' as u32).unwrap(),
        'A'..='Z' => char::from_u32(0x1d400 + c as u32 - 'A' as u32).unwrap(),
        other => other,
    }
    .to_string()
}

fn fullwidth(c: char) -> String {
    if c.is_ascii_graphic() { char::from_u32(0xfee0 + c as u32).unwrap().to_string() } else { c.to_string() }
}

fn join(text: &str, mark: &str) -> String {
    text.chars().map(String::from).collect::<Vec<_>>().join(mark)
}

fn words(text: &str) -> String {
    const WORDS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let words: Vec<_> = text.chars().filter_map(|c| c.to_digit(10)).map(|digit| WORDS[digit as usize]).collect();
    words.join(" ")
}

fn rot13(text: &str) -> String {
    each(text, |c| {
        let turn = |first: u8| char::from((c as u8 - first + 13) % 26 + first);
        match c {
            'a'..='z' => turn(b'a'),
            'A'..='Z' => turn(b'A'),
            other => other,
        }
        .to_string()
    })
}

/// The number with one of its separators, or one between two groups, replaced.
fn broken_once(text: &str, by: &str, random: &mut Random) -> String {
    let digits = |place: usize| text.as_bytes()[place].is_ascii_digit();
    let places: Vec<_> =
        (1..text.len() - 1).filter(|place| !digits(*place) && digits(place - 1) && digits(place + 1)).collect();
    let Some(place) = places.get(random.below(places.len().max(1))) else {
        let (front, back) = text.split_at(text.len() / 2);
        return format!("{front}{by}{back}");
    };
    format!("{}{by}{}", &text[..*place], &text[place + 1..])
}

fn regroup(text: &str, marks: &[&str], random: &mut Random) -> String {
    let digits: Vec<_> = text.chars().filter(char::is_ascii_digit).collect();
    let lengths: &[usize] = match digits.len() {
        9 => &[3, 2, 4],
        10 => &[3, 3, 4],
        11 => &[1, 3, 3, 4],
        _ => &[4, 4, 4, 4],
    };
    let (mut out, mut place) = (String::new(), 0);
    for (index, length) in lengths.iter().enumerate() {
        if index > 0 {
            out.push_str(random.of(marks));
        }
        out.extend(&digits[place..place + length]);
        place += length;
    }
    out
}

pub(crate) type Disguise = fn(&str, &mut Random) -> String;

const ALL: &[EntityType] = &[
    EntityType::EmailAddress,
    EntityType::CreditCard,
    EntityType::UsSsn,
    EntityType::PhoneNumber,
    EntityType::IbanCode,
    EntityType::Secret,
    EntityType::Keyword,
];
const NUMBERS: &[EntityType] = &[EntityType::CreditCard, EntityType::UsSsn, EntityType::PhoneNumber];
const WITH_DIGITS: &[EntityType] =
    &[EntityType::CreditCard, EntityType::UsSsn, EntityType::PhoneNumber, EntityType::IbanCode];
const CARD_AND_SSN: &[EntityType] = &[EntityType::CreditCard, EntityType::UsSsn];
const HAN: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
const MAIL: &[EntityType] = &[EntityType::EmailAddress];
const MIRRORED: &[EntityType] = &[EntityType::Secret, EntityType::Keyword];
const ONE_BY_ONE: &[EntityType] = ALL;

const WORDS: &[EntityType] = &[EntityType::EmailAddress, EntityType::Secret];

/// The disguises: a name, the types that it fits, and how it is put on.
pub(crate) const DISGUISES: &[(&str, &[EntityType], Disguise)] = &[
    ("json \\u", ALL, |text, random| some(text, random, |c| format!("\\u{:04x}", c as u32))),
    ("json \\u all", ALL, |text, _| each(text, |c| format!("\\u{:04X}", c as u32))),
    ("json twice", ALL, |text, random| some(text, random, |c| format!("\\\\u{:04x}", c as u32))),
    ("\\x", ALL, |text, random| some(text, random, |c| format!("\\x{:02x}", c as u32))),
    ("\\u{}", ALL, |text, random| some(text, random, |c| format!("\\u{{{:x}}}", c as u32))),
    ("octal", ALL, |text, random| some(text, random, |c| format!("\\{:03o}", c as u32))),
    ("percent", ALL, |text, random| some(text, random, |c| format!("%{:02X}", c as u32))),
    ("percent all", ALL, |text, _| each(text, |c| format!("%{:02x}", c as u32))),
    ("percent twice", ALL, |text, random| some(text, random, |c| format!("%25{:02X}", c as u32))),
    ("html decimal", ALL, |text, random| some(text, random, |c| format!("&#{};", c as u32))),
    ("html hex all", ALL, |text, _| each(text, |c| format!("&#x{:x};", c as u32))),
    ("percent of html", ALL, |text, random| some(text, random, |c| format!("%26%23{}%3b", c as u32))),
    ("quoted-printable", ALL, |text, _| each(text, |c| format!("={:02X}", c as u32))),
    ("soft breaks", ALL, |text, random| {
        let place = 1 + random.below(text.len() - 1);
        format!("{}=\r\n{}", &text[..place], &text[place..])
    }),
    ("concatenated", ALL, |text, random| {
        let place = 1 + random.below(text.len() - 1);
        format!("\"{}\" + \"{}\"", &text[..place], &text[place..])
    }),
    ("base64", ALL, |text, _| base64(text.as_bytes())),
    ("base64 sentence", ALL, |text, _| base64(format!("hello, here it is: {text} and that is all").as_bytes())),
    ("base64url", ALL, |text, _| base64url(format!("{{\"value\":\"{text}\"}}").as_bytes())),
    ("base64 twice", ALL, |text, _| base64(base64(text.as_bytes()).as_bytes())),
    ("base64 of json", ALL, |text, random| base64(some(text, random, |c| format!("\\u{:04x}", c as u32)).as_bytes())),
    ("base64 wrapped", ALL, |text, _| {
        let whole = base64(format!("{}{text} and so on", "a long letter that goes on and on. ".repeat(4)).as_bytes());
        whole
            .as_bytes()
            .chunks(76)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect::<Vec<_>>()
            .join("\r\n")
    }),
    ("base64 utf-16le", ALL, |text, _| base64(&utf16(text, true))),
    ("base64 utf-16be", ALL, |text, _| base64(&utf16(text, false))),
    ("base64 behind binary", ALL, |text, random| {
        let mut bytes: Vec<u8> = (0..300).map(|_| random.below(256) as u8).collect();
        bytes.extend(format!(" this is text: {text} ").bytes());
        base64(&bytes)
    }),
    ("hex", ALL, |text, _| hex(text.as_bytes())),
    ("hex upper", ALL, |text, _| hex(text.as_bytes()).to_uppercase()),
    ("hex spaced", ALL, |text, _| text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")),
    ("codes", ALL, |text, _| text.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ")),
    ("codes in hex", ALL, |text, _| text.bytes().map(|byte| format!("{byte:#04x}")).collect::<Vec<_>>().join(",")),
    ("base64 in pieces", ALL, |text, random| pieces(&base64(format!("so: {text}").as_bytes()), random)),
    ("hex in pieces", ALL, |text, random| pieces(&hex(text.as_bytes()), random)),
    ("quoted-printable in part", WORDS, |text, random| some(text, random, |c| format!("={:02X}", c as u32))),
    ("comment within", WORDS, |text, random| within(text, "<!-- x -->", random)),
    ("line within", WORDS, |text, random| within(text, "\n  ", random)),
    ("utf-16le", ALL, |text, _| String::from_utf8(utf16(text, true)).unwrap()),
    ("utf-16be", ALL, |text, _| String::from_utf8(utf16(text, false)).unwrap()),
    ("zero width", ALL, |text, random| some(text, random, |c| format!("{c}\u{200b}"))),
    ("soft hyphen", ALL, |text, random| some(text, random, |c| format!("{c}\u{ad}"))),
    ("bidi", ALL, |text, random| some(text, random, |c| format!("\u{202d}{c}\u{202c}"))),
    ("variation", ALL, |text, random| some(text, random, |c| format!("{c}\u{fe0f}"))),
    ("tags", ALL, |text, random| some(text, random, |c| format!("{c}\u{e0041}"))),
    ("in tags", ALL, |text, _| each(text, |c| char::from_u32(0xe0000 + c as u32).unwrap().to_string())),
    ("digits far apart", NUMBERS, |text, _| {
        join(&text.chars().filter(char::is_ascii_digit).collect::<String>(), " - ")
    }),
    ("marks", ALL, |text, random| some(text, random, |c| format!("{c}\u{301}"))),
    ("look-alikes", ALL, |text, random| some(text, random, alike)),
    ("fullwidth", ALL, |text, _| each(text, fullwidth)),
    ("mathematical", ALL, |text, _| each(text, mathematical)),
    ("circled", ALL, |text, _| each(text, circled)),
    ("arabic-indic", WITH_DIGITS, |text, _| digits_of(text, 0x660)),
    ("devanagari", WITH_DIGITS, |text, _| digits_of(text, 0x966)),
    ("keycaps", WITH_DIGITS, |text, _| {
        each(text, |c| if c.is_ascii_digit() { format!("{c}\u{fe0f}\u{20e3}") } else { c.to_string() })
    }),
    ("spaced", ONE_BY_ONE, |text, _| join(text, " ")),
    ("dotted", ONE_BY_ONE, |text, _| join(text, ".")),
    ("dashed", ONE_BY_ONE, |text, _| join(text, "-")),
    ("slashed", ONE_BY_ONE, |text, _| join(text, "/")),
    ("line-broken", ONE_BY_ONE, |text, _| join(text, "\n")),
    ("digits spaced", NUMBERS, |text, _| join(&text.chars().filter(char::is_ascii_digit).collect::<String>(), " ")),
    ("digits dotted", NUMBERS, |text, _| join(&text.chars().filter(char::is_ascii_digit).collect::<String>(), ".")),
    ("groups slashed", NUMBERS, |text, random| regroup(text, &["/"], random)),
    ("groups mixed", NUMBERS, |text, random| regroup(text, &[" - ", "-", "_", "/", ". "], random)),
    ("groups broken", NUMBERS, |text, random| regroup(text, &["\n"], random)),
    ("groups over an indented line", NUMBERS, |text, random| broken_once(text, "\n        ", random)),
    ("groups over a tabbed line", NUMBERS, |text, random| broken_once(text, "\r\n\t", random)),
    ("groups over commented lines", NUMBERS, |text, random| broken_once(text, "\n# ", random)),
    ("groups over <br>", NUMBERS, |text, random| broken_once(text, "<br/>\n    ", random)),
    ("words", NUMBERS, |text, _| words(text)),
    ("words in capitals", NUMBERS, |text, _| words(text).to_uppercase()),
    ("[at]", MAIL, |text, _| text.replace('@', " [at] ").replace('.', " [dot] ")),
    ("(at)", MAIL, |text, _| text.replace('@', "(at)")),
    ("at dot", MAIL, |text, _| text.replace('@', " at ").replace('.', " dot ")),
    ("AT DOT", MAIL, |text, _| text.replace('@', " AT ").replace('.', " DOT ")),
    ("[.]", MAIL, |text, _| text.replace('.', "[.]")),
    ("(dot)", MAIL, |text, _| text.replace('.', " (dot) ")),
    ("spaces around", MAIL, |text, _| text.replace('@', " @ ").replace('.', " . ")),
    ("digits with commas", CARD_AND_SSN, |text, random| {
        join(&text.chars().filter(char::is_ascii_digit).collect::<String>(), [", ", ","][random.below(2)])
    }),
    ("two spaces", ONE_BY_ONE, |text, _| join(text, "  ")),
    ("letters for digits", CARD_AND_SSN, |text, _| {
        let (first, rest) = text.split_at(1);
        let rest = rest.replacen('0', "O", 2);
        format!("{first}{}", if rest.contains('O') { rest } else { rest.replacen('1', "l", 2) })
    }),
    ("han digits", CARD_AND_SSN, |text, _| {
        each(text, |c| c.to_digit(10).map_or(c, |digit| HAN[digit as usize]).to_string())
    }),
    ("base32", ALL, |text, _| base32(format!("so: {text}.").as_bytes())),
    ("base32 in small letters", ALL, |text, _| base32(format!("so: {text}.").as_bytes()).to_lowercase()),
    ("css", ALL, |text, random| some(text, random, |c| format!("\\{:06x}", c as u32))),
    ("#at#", MAIL, |text, random| {
        let mark = ["#", "*", "|", "~", "!"][random.below(5)];
        text.replace('@', &format!("{mark}at{mark}"))
    }),
    ("right to left", ALL, |text, _| format!("\u{202e}{}\u{202c}", text.chars().rev().collect::<String>())),
    ("rot13", MIRRORED, |text, _| rot13(text)),
    ("reversed", MIRRORED, |text, _| text.chars().rev().collect()),
];
