//! Properties: what is rebuilt from the tokens of any split is what another reader reads.

use super::*;
use proptest::prelude::*;
use serde_json::Value;

/// A JSON text whose strings are written with and without escapes.
fn text() -> impl Strategy<Value = String> {
    let space = || prop::sample::select(vec!["", "", "", " ", "\n", "\r\n\t "]);
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        "-?(0|[1-9][0-9]{0,6})(\\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?",
        string(),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        let list = prop::collection::vec((space(), inner.clone(), space()), 0..6);
        let array = list.prop_map(|parts| {
            let parts: Vec<_> =
                parts.into_iter().map(|(before, value, behind)| format!("{before}{value}{behind}")).collect();
            format!("[{}]", parts.join(","))
        });
        let members = prop::collection::vec((string(), space(), inner), 0..6);
        let object = members.prop_map(|parts| {
            let parts: Vec<_> =
                parts.into_iter().map(|(key, space, value)| format!("{space}{key}{space}:{space}{value}")).collect();
            format!("{{{}}}", parts.join(","))
        });
        prop_oneof![array, object]
    })
}

fn string() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[ !#-\\[\\]-~]{1,40}",
        2 => any::<char>().prop_map(|character| escape(character, true)),
        1 => any::<char>().prop_map(|character| escape(character, false)),
        1 => prop::sample::select(vec!["\\n", "\\/", "\\\"", "\\\\", "\\u0000", "\\b"]).prop_map(str::to_owned),
    ];
    prop::collection::vec(part, 0..5).prop_map(|parts| format!("\"{}\"", parts.concat()))
}

fn escape(character: char, always: bool) -> String {
    if always || character < ' ' || character == '"' || character == '\\' {
        character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    } else {
        character.to_string()
    }
}

/// Builds the value that a list of tokens stands for.
fn build(seen: &mut impl Iterator<Item = Seen>) -> Value {
    build_from(seen.next().unwrap(), seen)
}

fn build_from(first: Seen, seen: &mut impl Iterator<Item = Seen>) -> Value {
    match first {
        Seen::String { bytes, .. } => Value::String(String::from_utf8(bytes).unwrap()),
        Seen::Number { text, .. } => serde_json::from_str(&text).unwrap(),
        Seen::Plain(Token::True) => Value::Bool(true),
        Seen::Plain(Token::False) => Value::Bool(false),
        Seen::Plain(Token::Null) => Value::Null,
        Seen::Plain(Token::ArrayStart) => {
            let mut values = Vec::new();
            loop {
                let first = seen.next().unwrap();
                if first == Seen::Plain(Token::ArrayEnd) {
                    return Value::Array(values);
                }
                values.push(build_from(first, seen));
            }
        }
        Seen::Plain(Token::ObjectStart) => {
            let mut members = serde_json::Map::new();
            loop {
                match seen.next().unwrap() {
                    Seen::Plain(Token::ObjectEnd) => return Value::Object(members),
                    Seen::String { key: true, bytes, .. } => {
                        members.insert(String::from_utf8(bytes).unwrap(), build(seen));
                    }
                    other @ (Seen::Plain(_) | Seen::String { .. } | Seen::Number { .. }) => {
                        panic!("{other:?} is no key")
                    }
                }
            }
        }
        Seen::Plain(other) => panic!("{other:?} begins no value"),
    }
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![Just(vec![1]), prop::collection::vec(1..9_usize, 1..100), Just(vec![usize::MAX])]
}

fn scraps() -> impl Strategy<Value = Vec<u8>> {
    let scrap = prop::sample::select(vec![
        "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"k\":", "\\", "\\u", "\\ud83d", "\\ude00", "\\n", "0", "-", "1",
        ".", "e", "+", "true", "false", "null", "nul", " ", "\n", "\r", "é", "😀", "\u{feff}",
    ]);
    let noise = prop::collection::vec(any::<u8>(), 0..3);
    let part = prop_oneof![8 => scrap.prop_map(|text| text.as_bytes().to_vec()), 1 => noise];
    prop::collection::vec(part, 0..16).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn tokens_of_any_split_rebuild_what_another_reader_reads(text in text(), sizes in sizes(), gap in 0..9_u64) {
        let (seen, error) = feed(Tokenizer::new(), text.as_bytes(), &sizes, gap);
        prop_assert_eq!(error, None, "{}", text);
        let mut seen = seen.into_iter();
        let value = build(&mut seen);
        prop_assert_eq!(seen.collect::<Vec<_>>(), [Seen::Plain(Token::End)]);
        prop_assert_eq!(value, serde_json::from_str::<Value>(&text).unwrap());
    }

    #[test]
    fn every_byte_of_a_string_and_a_number_has_one_place(text in text(), sizes in sizes()) {
        let (seen, _) = feed(Tokenizer::new(), text.as_bytes(), &sizes, 0);
        let mut taken = 0;
        for seen in seen {
            let places: Vec<u64> = match seen {
                Seen::String { places, .. } => places.iter().flatten().flat_map(|(at, len)| *at..at + len).collect(),
                Seen::Number { at, .. } => at,
                Seen::Plain(_) => continue,
            };
            for place in places {
                prop_assert!(place >= taken, "{} stands in order", text);
                taken = place + 1;
            }
        }
    }

    #[test]
    fn any_bytes_are_survived_and_judged_as_another_reader_does(bytes in scraps()) {
        let (_, error) = read(&bytes);
        match serde_json::from_slice::<Value>(&bytes) {
            Ok(_) => prop_assert_eq!(error, None),
            // Lone surrogates and numbers beyond a double are of the grammar; the other reader minds.
            Err(other) => prop_assert!(
                error.is_some() || other.to_string().contains("surrogate") || other.to_string().contains("hex escape") || other.to_string().contains("out of range"),
                "{} is taken, but {}", bytes.escape_ascii(), other
            ),
        }
        read_with(Tokenizer::sequence(), &bytes);
    }
}
