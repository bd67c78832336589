//! Numbers among other numbers: in rows, in lists, behind others, in groups that are not their own, and those that are
//! none. The check digits are made here, by code of their own.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use detect::{DetectorSet, EntityType, Scanner};
use std::sync::LazyLock;

static SET: LazyLock<DetectorSet> = LazyLock::new(|| DetectorSet::builder().enable_structured().build().unwrap());

/// Numbers of each kind.
const COUNT: usize = 25;

/// A generator that is the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + u8::try_from(self.below(10)).unwrap())).collect()
    }

    /// The day of birth of somebody who is grown up: year, month, day.
    fn day(&mut self) -> [u64; 3] {
        [1940 + self.below(59), 1 + self.below(12), 1 + self.below(28)]
    }

    fn short_day(&mut self) -> String {
        let [year, month, day] = self.day();
        format!("{:02}{month:02}{day:02}", year % 100)
    }

    /// What `make` makes once it makes something.
    fn until(&mut self, make: impl Fn(&mut Self) -> Option<String>) -> String {
        loop {
            if let Some(made) = make(self) {
                return made;
            }
        }
    }
}

fn values(digits: &str) -> Vec<u64> {
    digits.bytes().map(|byte| u64::from(byte - b'0')).collect()
}

fn weighted(digits: &str, weights: &[u64]) -> u64 {
    values(digits).iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

/// With the digit that makes Luhn's sum a multiple of ten.
fn with_luhn(head: &str) -> String {
    let doubled = |digit: u64| digit * 2 / 10 + digit * 2 % 10;
    let sum: u64 = values(head)
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| if at % 2 == 0 { doubled(*digit) } else { *digit })
        .sum();
    format!("{head}{}", (10 - sum % 10) % 10)
}

fn ssn(random: &mut Random) -> String {
    format!("{:03}{:02}{:04}", 100 + random.below(500), 1 + random.below(99), 1 + random.below(9999))
}

fn routing(random: &mut Random) -> String {
    random.until(|random| {
        let number = format!("{:02}{}", 1 + random.below(12), random.digits(7));
        weighted(&number, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10).then_some(number)
    })
}

fn nhs(random: &mut Random) -> String {
    random.until(|random| {
        let head = format!("9{}", random.digits(8));
        let check = 11 - weighted(&head, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        (check != 10).then(|| format!("{head}{}", check % 11))
    })
}

fn medicare(random: &mut Random) -> String {
    let head = format!("{}{}", 2 + random.below(5), random.digits(7));
    format!("{head}{}{}", weighted(&head, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10, 1 + random.below(9))
}

fn abn(random: &mut Random) -> String {
    random.until(|random| {
        let number = format!("{}{}", 1 + random.below(9), random.digits(10));
        let sum = weighted(&number, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) - 10;
        sum.is_multiple_of(89).then_some(number)
    })
}

fn bsn(random: &mut Random) -> String {
    random.until(|random| {
        let number = format!("{}{}", 1 + random.below(9), random.digits(8));
        let sum = weighted(&number[..8], &[9, 8, 7, 6, 5, 4, 3, 2]) + 11 - weighted(&number[8..], &[1]);
        sum.is_multiple_of(11).then_some(number)
    })
}

/// ISO 7064, MOD 11-10, over ten digits of which one is there twice.
fn steuer(random: &mut Random) -> String {
    let mut digits: Vec<u64> = (0..10).collect();
    for place in (1..10).rev() {
        let other = random.below(place + 1);
        digits.swap(usize::try_from(place).unwrap(), usize::try_from(other).unwrap());
    }
    digits[9] = digits[4];
    if digits[0] == 0 {
        digits.swap(0, 1);
    }
    let product = digits.iter().fold(10, |product, digit| match (product + digit) % 10 {
        0 => 9,
        sum => sum * 2 % 11,
    });
    let head: String = digits.iter().map(u64::to_string).collect();
    format!("{head}{}", (11 - product) % 10)
}

fn nir(random: &mut Random) -> String {
    let [year, month, _] = random.day();
    let sex = 1 + random.below(2);
    let head = format!(
        "{sex}{:02}{month:02}{:02}{:03}{:03}",
        year % 100,
        1 + random.below(95),
        1 + random.below(400),
        1 + random.below(900)
    );
    let number: u64 = head.parse().unwrap();
    format!("{head}{:02}", 97 - number % 97)
}

fn pesel(random: &mut Random) -> String {
    let head = format!("{}{}", random.short_day(), random.digits(4));
    let sum = weighted(&head, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
    format!("{head}{}", (10 - sum % 10) % 10)
}

fn cpf(random: &mut Random) -> String {
    let mut number = random.digits(9);
    for first in [10, 11] {
        let weights: Vec<u64> = (2..=first).rev().collect();
        let check = weighted(&number, &weights) * 10 % 11 % 10;
        number.push_str(&check.to_string());
    }
    number
}

fn cnpj(random: &mut Random) -> String {
    let mut number = format!("{}0001", random.digits(8));
    let weights = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
    for weights in [&weights[1..], &weights] {
        let rest = weighted(&number, weights) % 11;
        number.push_str(&(if rest < 2 { 0 } else { 11 - rest }).to_string());
    }
    number
}

fn kimlik(random: &mut Random) -> String {
    let head = format!("{}{}", 1 + random.below(9), random.digits(8));
    let (odd, even) = (weighted(&head, &[7, 0, 7, 0, 7, 0, 7, 0, 7]), weighted(&head, &[0, 1, 0, 1, 0, 1, 0, 1]));
    let ten = format!("{head}{}", (odd + 100 - even) % 10);
    format!("{ten}{}", values(&ten).iter().sum::<u64>() % 10)
}

fn rrn(random: &mut Random) -> String {
    let head = format!("{}{}{}", random.short_day(), 1 + random.below(2), random.digits(5));
    let check = 11 - weighted(&head, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11;
    format!("{head}{}", check % 10)
}

fn resident(random: &mut Random) -> String {
    random.until(|random| {
        let [year, month, day] = random.day();
        let head = format!("510104{year}{month:02}{day:02}{}", random.digits(3));
        let rest = weighted(&head, &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11;
        (rest != 2).then(|| format!("{head}{}", (12 - rest) % 11))
    })
}

/// How one kind of number is written.
struct Kind {
    entity: EntityType,
    make: fn(&mut Random) -> String,
    label: &'static str,
    printed: &'static [usize],
    others: &'static [&'static [usize]],
}

const fn kind(
    entity: EntityType,
    make: fn(&mut Random) -> String,
    label: &'static str,
    printed: &'static [usize],
    others: &'static [&'static [usize]],
) -> Kind {
    Kind { entity, make, label, printed, others }
}

const KINDS: &[Kind] = &[
    kind(EntityType::UsSsn, ssn, "SSN", &[3, 2, 4], &[&[3, 3, 3], &[2, 3, 4]]),
    kind(EntityType::AbaRoutingNumber, routing, "routing number", &[4, 5], &[&[3, 3, 3], &[4, 3, 2]]),
    kind(EntityType::UkNhs, nhs, "NHS number", &[3, 3, 4], &[&[5, 5], &[2, 4, 4]]),
    kind(EntityType::CaSin, |random| with_luhn(&format!("1{}", random.digits(7))), "SIN", &[3, 3, 3], &[&[4, 5]]),
    kind(EntityType::AuMedicare, medicare, "Medicare", &[4, 5, 1], &[&[4, 3, 3], &[5, 5]]),
    kind(EntityType::AuAbn, abn, "ABN", &[2, 3, 3, 3], &[&[5, 6], &[3, 4, 4]]),
    kind(EntityType::DeSteuerId, steuer, "Steuer-ID", &[2, 3, 3, 3], &[&[4, 4, 3], &[5, 6]]),
    kind(EntityType::FrNir, nir, "NIR", &[1, 2, 2, 2, 3, 3, 2], &[&[5, 5, 5], &[3, 4, 4, 4]]),
    kind(EntityType::NlBsn, bsn, "BSN", &[4, 2, 3], &[&[2, 2, 2, 3], &[4, 5]]),
    kind(EntityType::PlPesel, pesel, "PESEL", &[6, 5], &[&[2, 2, 2, 5], &[3, 4, 4]]),
    kind(EntityType::BrCpf, cpf, "CPF", &[3, 3, 3, 2], &[&[5, 6], &[4, 4, 3]]),
    kind(EntityType::BrCnpj, cnpj, "CNPJ", &[2, 3, 3, 4, 2], &[&[8, 4, 2], &[7, 7]]),
    kind(EntityType::TrTckn, kimlik, "TC kimlik no", &[3, 3, 3, 2], &[&[3, 3, 5], &[5, 6]]),
    kind(EntityType::KrRrn, rrn, "주민등록번호", &[6, 7], &[&[2, 2, 2, 7]]),
    kind(EntityType::CnRic, resident, "身份证号", &[6, 8, 4], &[&[6, 4, 4, 4], &[3, 3, 4, 4, 4]]),
    kind(
        EntityType::ZaId,
        |random| with_luhn(&format!("{}{}08", random.short_day(), random.digits(4))),
        "ID number",
        &[6, 4, 3],
        &[&[4, 4, 5], &[2, 2, 2, 4, 3]],
    ),
    kind(
        EntityType::Imei,
        |random| with_luhn(&format!("35{}", random.digits(12))),
        "IMEI",
        &[2, 6, 6, 1],
        &[&[5, 5, 5], &[3, 3, 3, 3, 3]],
    ),
];

fn grouped(number: &str, groups: &[usize], mark: &str) -> String {
    let mut rest = number;
    let parts: Vec<&str> = groups
        .iter()
        .map(|length| {
            let (part, behind) = rest.split_at(*length);
            rest = behind;
            part
        })
        .collect();
    assert!(rest.is_empty(), "{number} has more digits");
    parts.join(mark)
}

/// What is found in a text: type and text.
fn find(text: &str) -> Vec<(EntityType, String)> {
    let (mut scanner, mut found) = (Scanner::new(), Vec::new());
    scanner.push(text.as_bytes());
    scanner.boundary();
    scanner.scan(&SET, &mut found);
    let cut = |start, end| text[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()].to_owned();
    found.iter().map(|finding| (SET.entity(finding.detector).unwrap(), cut(finding.start, finding.end))).collect()
}

/// Asserts that these numbers of a type and no others are found.
#[track_caller]
fn finds(entity: EntityType, text: &str, expected: &[String]) {
    let found: Vec<_> = find(text).into_iter().filter(|(of, _)| *of == entity).map(|(_, text)| text).collect();
    assert_eq!(found, expected, "in {text:?}");
}

#[test]
fn every_number_of_a_list_by_spaces_is_found() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for Kind { entity, make, label, printed, .. } in KINDS {
        for _ in 0..COUNT {
            let numbers = [0; 3].map(|_| grouped(&make(&mut random), printed, " "));
            finds(*entity, &format!("{label}: {}", numbers.join(" ")), &numbers);
        }
    }
}

#[test]
fn a_number_before_it_hides_none() {
    let mut random = Random(0xbf58_476d_1ce4_e5b9);
    for Kind { entity, make, label, printed, .. } in KINDS {
        for before in ["3", "42", "2024"].iter().cycle().take(COUNT) {
            let number = grouped(&make(&mut random), printed, " ");
            finds(*entity, &format!("{label}: {before} {number}"), &[number]);
        }
    }
}

#[test]
fn other_groups_count_right_behind_the_word() {
    let mut random = Random(0x94d0_49bb_1331_11eb);
    for Kind { entity, make, label, others, .. } in KINDS {
        for (groups, mark) in others.iter().flat_map(|groups| [(groups, " "), (groups, "-")]) {
            for _ in 0..COUNT {
                let number = grouped(&make(&mut random), groups, mark);
                for text in [format!("{label} {number}"), format!("{label}: {number}.")] {
                    finds(*entity, &text, core::slice::from_ref(&number));
                }
                finds(*entity, &format!("{label}: none; phone: {number}"), &[]);
            }
        }
    }
}

#[test]
fn digits_with_another_name_are_no_identifiers() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let texts = ["{\"id\": @, \"status\": 1}", "job @ done", "https://zoom.us/j/@", "arn:aws:iam::@:role/x"];
    let (mut count, mut wrong) = (0, Vec::new());
    for length in [9, 10, 11, 12, 13, 14, 15] {
        for text in texts.iter().cycle().take(400) {
            let number = format!("{}{}", 1 + random.below(9), random.digits(length - 1));
            count += 1;
            wrong.extend(find(&text.replace('@', &number)).into_iter().filter(|(of, _)| *of != EntityType::CreditCard));
        }
    }
    assert!(wrong.len() * 500 < count, "{wrong:?}");
}

#[test]
fn tables_of_numbers_have_hardly_a_card_or_an_identifier() {
    let mut random = Random(0x1234_5678_9abc_def1);
    for (columns, mark) in [(3, " "), (4, " "), (5, " "), (6, " "), (6, "\t"), (4, "\t")] {
        let mut flagged = 0;
        for _ in 0..300 {
            let row = |random: &mut Random| (0..columns).map(|_| random.digits(4)).collect::<Vec<_>>().join(mark);
            let rows: Vec<_> = (0..5).map(|_| row(&mut random)).collect();
            flagged += usize::from(!find(&rows.join("\n")).is_empty());
        }
        assert!(flagged <= 12, "{flagged} of 300 with {columns} columns by {mark:?}");
    }
}
