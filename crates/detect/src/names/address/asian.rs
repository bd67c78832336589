//! Addresses of China, Japan and Korea: from the largest place to the number of the house, without a tail behind.
//!
//! Facts from the Universal Postal Union's country pages: China and Japan write all in one word, `北京市朝阳区建国路88号`,
//! `東京都千代田区丸の内1-1-1`; Korea in words, of which the last is a road's before the number: `서울특별시 강남구 테헤란로 152`.

/// Bytes of the longest address.
const BYTES_MAX: usize = 160;
/// Bytes of a building's name and the number of a room.
const BUILDING_BYTES_MAX: usize = 60;
/// Digits of a house's number.
const NUMBER_DIGITS_MAX: usize = 5;

/// Prefectures of Japan (ISO 3166-2:JP).
#[rustfmt::skip]
const PREFECTURES: [&str; 47] = [
    "北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県", "栃木県", "群馬県", "埼玉県", "千葉県",
    "東京都", "神奈川県", "新潟県", "富山県", "石川県", "福井県", "山梨県", "長野県", "岐阜県", "静岡県", "愛知県", "三重県",
    "滋賀県", "京都府", "大阪府", "兵庫県", "奈良県", "和歌山県", "鳥取県", "島根県", "岡山県", "広島県", "山口県", "徳島県",
    "香川県", "愛媛県", "高知県", "福岡県", "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県", "鹿児島県", "沖縄県",
];

/// The address that stands in the word of `text` that begins at `start`, or begins with it: its first and last offset.
pub(super) fn find(text: &[u8], start: usize) -> Option<(usize, usize)> {
    let rest = text.get(start..)?;
    if !matches!(rest.first(), Some(0xe3..=0xed)) {
        return None;
    }
    let rest = rest.get(..BYTES_MAX).unwrap_or(rest);
    let rest = rest.utf8_chunks().next().map(|chunk| chunk.valid()).unwrap_or_default();
    let (from, to) = match rest.chars().next()? {
        '가'..='힣' => korean(rest).map(|end| (0, end))?,
        _ => match japanese(word(rest)) {
            Some((from, to)) => (from, to + building(rest.get(to..).unwrap_or_default())),
            None => chinese(word(rest))?,
        },
    };
    Some((start + from, start + to))
}

/// What an address in one word consists of, from the beginning of a text on.
fn word(text: &str) -> &str {
    let end = text.find(|character| !in_word(character)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn in_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || is_hyphen(character) || matches!(character, '々' | 'ぁ'..='ヿ' | '㐀'..='鿿')
}

const fn is_hyphen(character: char) -> bool {
    matches!(character, '-' | '−' | '－' | '‐')
}

/// A prefecture, a town or ward, and the number of a block: `丸の内1-1-1`, `本町2丁目3番4号`.
fn japanese(text: &str) -> Option<(usize, usize)> {
    let start = PREFECTURES.iter().filter_map(|name| text.find(name)).min()?;
    let behind = text.get(start..)?;
    let digit = behind.find(|character: char| character.is_ascii_digit())?;
    let town = behind.get(..digit)?;
    let has_town = town.chars().skip(2).any(|character| matches!(character, '市' | '区' | '町' | '村' | '郡'));
    let number = behind.get(digit..)?;
    let in_number = |character: char| {
        character.is_ascii_digit() || is_hyphen(character) || "丁目番地号条線東西南北".contains(character)
    };
    let length = number.find(|character| !in_number(character)).unwrap_or(number.len());
    let number = number.get(..length)?;
    let number = number.trim_end_matches(|character| is_hyphen(character) || "条線東西南北".contains(character));
    let is_block = number.contains(is_hyphen) || number.contains(['丁', '番', '号']);
    (has_town && is_block).then_some((start, start + digit + number.len()))
}

/// Bytes of the building and the room behind a space: ` シティ丸の内305`.
fn building(text: &str) -> usize {
    let name = text.strip_prefix([' ', '\u{3000}']).map(word).unwrap_or_default();
    let is_named =
        name.starts_with(|character: char| !character.is_ascii()) && name.ends_with(|c: char| c.is_ascii_digit());
    if is_named && name.len() <= BUILDING_BYTES_MAX { text.find(name).unwrap_or(0) + name.len() } else { 0 }
}

/// A province or a town, a road, and the number of a house: `建国路88号`.
fn chinese(text: &str) -> Option<(usize, usize)> {
    let digit = text.find(|character: char| character.is_ascii_digit())?;
    let (head, number) = text.split_at_checked(digit)?;
    let place = head.find(['省', '市', '区', '區', '县', '縣'])?;
    let road = head.chars().next_back()?;
    if !"路街道巷弄里村段".contains(road) || place + '市'.len_utf8() >= digit {
        return None;
    }
    let digits = number.find(|character: char| !character.is_ascii_digit())?;
    let sign = number.get(digits..)?.chars().next().filter(|sign| matches!(sign, '号' | '號'))?;
    if digits > NUMBER_DIGITS_MAX {
        return None;
    }
    // A part of the house: `2号楼301室`.
    let house = digits + sign.len_utf8();
    let in_part = |character: char| character.is_ascii_digit() || "楼樓栋幢单元室层層座号".contains(character);
    let rest = number.get(house..)?;
    let part = rest.get(..rest.find(|character| !in_part(character)).unwrap_or(rest.len()))?;
    let part = part.trim_end_matches(|character: char| character.is_ascii_digit());
    Some((place_start(head, place), digit + house + part.len()))
}

/// Where the name begins of the place whose kind stands at `kind`: three characters before it at the most, none of which
/// joins a sentence.
fn place_start(text: &str, kind: usize) -> usize {
    const NAME_CHARACTERS_MAX: usize = 4;
    let name = text.get(..kind).unwrap_or_default().char_indices().rev().take(NAME_CHARACTERS_MAX);
    name.take_while(|(_, character)| !"在是于於为為址到住位寄至从從的:".contains(*character))
        .last()
        .map_or(kind, |(at, _)| at)
}

/// Places in words of their own, a road, and a number: `강남구 테헤란로 152`.
fn korean(text: &str) -> Option<usize> {
    const WORDS_MAX: usize = 6;
    let ends = |word: &str, kinds: &[char]| word.ends_with(kinds) && word.chars().count() > 1;
    let (mut places, mut at) = (0, 0);
    for word in text.split(' ').take(WORDS_MAX) {
        let end = at + word.len();
        if ends(word, &['시', '도', '구', '군', '읍', '면']) {
            places += 1;
        } else if ends(word, &['로', '길', '동', '리']) && places > 0 {
            let number = text.get(end..)?.strip_prefix(' ')?;
            let in_number = |character: char| character.is_ascii_digit() || character == '-';
            let length = number.find(|character| !in_number(character)).unwrap_or(number.len());
            let quarter = number.get(length..).map_or(0, quarter);
            return is_house(number, length).then_some(end + 1 + length + quarter);
        } else {
            return None;
        }
        at = end + 1;
    }
    None
}

/// Bytes of the quarter behind the number: ` (역삼동)`.
fn quarter(text: &str) -> usize {
    let Some(inner) = text.strip_prefix(" (").and_then(|rest| rest.split(')').next()) else { return 0 };
    let is_name = inner.len() <= BUILDING_BYTES_MAX && inner.starts_with(|character| matches!(character, '가'..='힣'));
    if is_name && text.len() > inner.len() + 2 { inner.len() + 3 } else { 0 }
}

/// True for a number of so many bytes that nothing continues.
fn is_house(text: &str, length: usize) -> bool {
    let (number, behind) = text.split_at_checked(length).unwrap_or_default();
    let is_apart = behind.chars().next().is_none_or(|next| !next.is_alphanumeric());
    number.starts_with(|character: char| character.is_ascii_digit())
        && !number.ends_with('-')
        && number.split('-').all(|part| (1..=NUMBER_DIGITS_MAX).contains(&part.len()))
        && is_apart
}
