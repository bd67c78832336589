//! What is taken, what is refused, and by which rule.

use super::*;

fn error(text: &str) -> Option<Error> {
    read(text.as_bytes()).1
}

/// The strings in `text` and where their characters stand.
fn strings(text: &str) -> Vec<(String, Places)> {
    let (seen, error) = read(text.as_bytes());
    assert_eq!(error, None, "{text}");
    let string = |seen| match seen {
        Seen::String { bytes, places, .. } => Some((String::from_utf8(bytes).unwrap(), places)),
        Seen::Plain(_) | Seen::Number { .. } => None,
    };
    seen.into_iter().filter_map(string).collect()
}

#[test]
fn each_malformed_text_is_refused_by_its_rule() {
    for (text, expected) in [
        ("", Error::Truncated),
        ("  ", Error::Truncated),
        ("[", Error::Truncated),
        ("{\"a\":", Error::Truncated),
        ("\"a", Error::Truncated),
        ("\"a\\", Error::Truncated),
        ("\"\\ud83d", Error::Truncated),
        ("tru", Error::Truncated),
        ("-", Error::Truncated),
        ("1e", Error::Truncated),
        ("[1,]", Error::Value),
        ("[,1]", Error::Value),
        ("{\"a\":}", Error::Value),
        ("]", Error::Value),
        ("NaN", Error::Value),
        ("Infinity", Error::Value),
        ("+1", Error::Value),
        (".5", Error::Value),
        ("'a'", Error::Value),
        ("// a\n1", Error::Value),
        ("\u{a0}1", Error::Value),
        ("{\"a\":1,}", Error::Key),
        ("{,}", Error::Key),
        ("{a:1}", Error::Key),
        ("{1:1}", Error::Key),
        ("{\"a\" 1}", Error::Colon),
        ("{\"a\",1}", Error::Colon),
        ("[1 2]", Error::CommaOrClose),
        ("[1}", Error::CommaOrClose),
        ("{\"a\":1]", Error::CommaOrClose),
        ("[truefalse]", Error::CommaOrClose),
        ("[1/**/]", Error::CommaOrClose),
        ("{} {}", Error::TrailingBytes),
        ("1 2", Error::TrailingBytes),
        ("{},", Error::TrailingBytes),
        ("\u{feff}{}", Error::ByteOrderMark),
        ("01", Error::Number),
        ("-x", Error::Number),
        ("[1.]", Error::Number),
        ("1.2.3", Error::Number),
        ("True", Error::Value),
        ("tRue", Error::Literal),
        ("nul1", Error::Literal),
        ("\"a\nb\"", Error::ControlCharacter),
        ("\"\0\"", Error::ControlCharacter),
        ("\"\u{1f}\"", Error::ControlCharacter),
        ("\"\\x41\"", Error::Escape),
        ("\"\\'\"", Error::Escape),
        ("\"\\\n\"", Error::Escape),
        ("\"\\U0041\"", Error::Escape),
        ("\"\\u004\"", Error::EscapeDigits),
        ("\"\\u+041\"", Error::EscapeDigits),
        ("\"\\ud83d\\u00zz\"", Error::EscapeDigits),
        ("\"\\ud83d\\x\"", Error::Escape),
    ] {
        assert_eq!(error(text), Some(expected), "{text:?}");
    }
}

#[test]
fn strings_are_utf8_throughout() {
    for bytes in [
        &b"\"\x80\""[..],
        b"\"\xc0\xaf\"",
        b"\"\xc1\xbf\"",
        b"\"\xe0\x80\xaf\"",
        b"\"\xed\xa0\x80\"",
        b"\"\xed\xbf\xbf\"",
        b"\"\xf0\x80\x80\xaf\"",
        b"\"\xf4\x90\x80\x80\"",
        b"\"\xf5\x80\x80\x80\"",
        b"\"\xff\"",
        b"\"\xe2\x82\"",
        b"\"abc\xe2\x82\\n\"",
        b"\"abcdefghijklmnopqrstuvwxyz\xe2\x82z\"",
        b"\"\xc3\n\"",
        b"\"\xe2\x82\xc3\xa9\"",
    ] {
        assert_eq!(read(bytes).1, Some(Error::Utf8), "{}", bytes.escape_ascii());
    }
    let (text, _) = strings("\"\u{7f}\u{80}\u{7ff}\u{800}\u{fffd}\u{ffff}\u{10000}\u{10ffff}é€😀\"").remove(0);
    assert_eq!(text, "\u{7f}\u{80}\u{7ff}\u{800}\u{fffd}\u{ffff}\u{10000}\u{10ffff}é€😀");
}

#[test]
fn escapes_are_decoded_and_keep_their_places() {
    let (text, places) = strings(r#""a\"\\\/\b\f\n\r\t\u0040\u00E9z""#).remove(0);
    assert_eq!(text, "a\"\\/\u{8}\u{c}\n\r\t@\u{e9}z");
    let starts: Vec<_> = places.iter().map(|ranges| ranges[0]).collect();
    let expected: Vec<(u64, u64)> =
        vec![(1, 1), (2, 2), (4, 2), (6, 2), (8, 2), (10, 2), (12, 2), (14, 2), (16, 2), (18, 6), (24, 6), (30, 1)];
    assert_eq!(starts, expected);
}

#[test]
fn surrogates_join_in_pairs_only() {
    let lengths = |text: &str| {
        let (string, places) = strings(text).remove(0);
        let lengths: Vec<u64> = places.iter().map(|ranges| ranges.iter().map(|range| range.1).sum()).collect();
        (string, lengths)
    };
    let lone = "\u{fffd}";
    assert_eq!(lengths(r#""\ud83d\ude00""#), ("😀".into(), vec![12]));
    assert_eq!(lengths(r#""\uD83D\uDE00x""#), ("😀x".into(), vec![12, 1]));
    assert_eq!(lengths(r#""\ud83d""#), (lone.into(), vec![6]));
    assert_eq!(lengths(r#""\ude00""#), (lone.into(), vec![6]));
    assert_eq!(lengths(r#""\ud83dx""#), (format!("{lone}x"), vec![6, 1]));
    assert_eq!(lengths(r#""\ud83d\n""#), (format!("{lone}\n"), vec![6, 2]));
    assert_eq!(lengths(r#""\ud83d\"""#), (format!("{lone}\""), vec![6, 2]));
    assert_eq!(lengths(r#""\ud83d\u0041""#), (format!("{lone}A"), vec![6, 6]));
    assert_eq!(lengths(r#""\ude00\ud83d""#), (format!("{lone}{lone}"), vec![6, 6]));
    assert_eq!(lengths(r#""\ud83d\ud83d\ude00""#), (format!("{lone}😀"), vec![6, 12]));
    assert_eq!(lengths(r#""\ud83d\ud83d\ud83dx""#), (format!("{lone}{lone}{lone}x"), vec![6, 6, 6, 1]));
    assert_eq!(lengths(r#""\ud83d\ud83d\n\ud83d""#), (format!("{lone}{lone}\n{lone}"), vec![6, 6, 2, 6]));
}

#[test]
fn an_escape_that_is_cut_has_a_range_for_each_part() {
    let (seen, error) = feed(Tokenizer::new(), br#""\ud83d\ude00\n""#, &[4, 5, 100], 1000);
    assert_eq!(error, None);
    let Seen::String { places, bytes, .. } = &seen[0] else { panic!("{seen:?}") };
    assert_eq!(places, &[vec![(1, 3), (1004, 5), (2009, 4)], vec![(2013, 2)]]);
    assert_eq!(core::str::from_utf8(bytes), Ok("😀\n"));

    let (seen, _) = feed(Tokenizer::new(), br#""\ud83d\ude00""#, &[1], 7);
    let Seen::String { places, .. } = &seen[0] else { panic!("{seen:?}") };
    assert_eq!(places[0], (1..13).map(|place| (place * 8, 1)).collect::<Vec<_>>());
}

#[test]
fn an_escape_that_is_scattered_too_far_is_refused() {
    assert_eq!(feed(Tokenizer::new(), br#""\n""#, &[2, 2], u64::from(u32::MAX)).1, None);
    assert_eq!(feed(Tokenizer::new(), br#""\n""#, &[2, 2], 1 << 32).1, Some(Error::EscapeScattered));
}

#[test]
fn keys_depth_and_container_are_told() {
    let mut tokenizer = Tokenizer::new();
    let mut input = Input::new(0, br#"{"k":["v",{}]}"#);
    let mut told = Vec::new();
    loop {
        let before = (tokenizer.depth(), tokenizer.container());
        match tokenizer.next(&mut input).unwrap() {
            Some(token) => told.push((before, token)),
            None => break,
        }
    }
    use Container::{Array, Object};
    let top = Container::None;
    let whole = |key, at, text: &'static str| Token::WholeString { key, at, bytes: text.as_bytes() };
    assert_eq!(
        told,
        [
            ((0, top), Token::ObjectStart),
            ((1, Object), whole(true, 2, "k")),
            ((1, Object), Token::ArrayStart),
            ((2, Array), whole(false, 7, "v")),
            ((2, Array), Token::ObjectStart),
            ((3, Object), Token::ObjectEnd),
            ((2, Array), Token::ArrayEnd),
            ((1, Object), Token::ObjectEnd),
            ((0, top), Token::End),
        ]
    );
}

#[test]
fn nesting_is_bounded_and_every_level_is_remembered() {
    let depth = JSON_DEPTH_MAX as usize;
    let mixed = |depth: usize| {
        let open: String = (0..depth).map(|level| if level % 3 == 0 { "{\"a\":" } else { "[" }).collect();
        let close: String = (0..depth).rev().map(|level| if level % 3 == 0 { "}" } else { "]" }).collect();
        format!("{open}1{close}")
    };
    assert_eq!(error(&mixed(depth)), None);
    assert_eq!(error(&mixed(depth + 1)), Some(Error::Depth));
    assert_eq!(Error::Depth.kind(), ErrorKind::Depth);
    assert_eq!(error(&"[".repeat(100_000)), Some(Error::Depth));
    let siblings = format!("[{}[]]", "[[]],".repeat(10_000));
    assert_eq!(error(&siblings), None);
}

#[test]
fn a_sequence_has_one_value_a_line() {
    let values = |text: &str| {
        let (seen, error) = read_with(Tokenizer::sequence(), text.as_bytes());
        (seen.iter().filter(|seen| **seen == Seen::Plain(Token::End)).count(), error)
    };
    assert_eq!(values(""), (0, None));
    assert_eq!(values("\n \r\n"), (0, None));
    assert_eq!(values("{\"a\": 1}\n\n [2] \r\n\"x\"\ntrue\n4"), (5, None));
    assert_eq!(values("1\n2\n"), (2, None));
    assert_eq!(values("{} {}"), (1, Some(Error::SameLine)));
    assert_eq!(values("{}{}"), (1, Some(Error::SameLine)));
    assert_eq!(values("{}\r{}"), (1, Some(Error::SameLine)));
    assert_eq!(values("{\n}"), (0, Some(Error::LineEnd)));
    assert_eq!(values("[1,\r2]"), (0, Some(Error::LineEnd)));
    assert_eq!(values("{}\n{"), (1, Some(Error::Truncated)));
    assert_eq!(values("{}\n]"), (1, Some(Error::Value)));
    assert_eq!(values("{}\n\u{feff}{}"), (1, Some(Error::ByteOrderMark)));
}
