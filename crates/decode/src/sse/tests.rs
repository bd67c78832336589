use super::*;
use crate::Input;
use proptest::prelude::*;

/// An event, in a form that does not depend on how the bytes were split.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    data: Vec<u8>,
    event_type: Vec<u8>,
    dispatched: bool,
}

/// All that a stream came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Outcome {
    events: Vec<Seen>,
    /// Kind, offset and value of every byte shown.
    shown: Vec<(&'static str, u64, u8)>,
    error: Option<Error>,
}

impl Outcome {
    fn text(&self, kind: &str) -> String {
        let bytes = self.shown.iter().filter(|(of, ..)| *of == kind).map(|(.., byte)| *byte).collect();
        String::from_utf8(bytes).unwrap()
    }
}

fn feed(stream: &[u8], sizes: &[usize]) -> Outcome {
    let mut decoder = EventStream::new();
    let (mut outcome, mut data) = (Outcome::default(), Vec::new());
    let (mut at, mut rest, mut sizes) = (100, stream, sizes.iter().copied());
    let mut size = usize::MAX;
    let mut note = |event: Event<'_>, event_type: &[u8], outcome: &mut Outcome| {
        let mut show = |kind, at: u64, bytes: &[u8]| {
            assert!(!bytes.is_empty());
            outcome.shown.extend((at..).zip(bytes).map(|(at, byte)| (kind, at, *byte)));
        };
        match event {
            Event::Comment { at, bytes } => show("comment", at, bytes),
            Event::Name { at, bytes } => show("name", at, bytes),
            Event::Data { at, bytes } => {
                data.extend(bytes);
                show("data", at, bytes);
            }
            Event::DataJoin => data.push(b'\n'),
            Event::Field { name: FieldName::Event, at, bytes } => show("event", at, bytes),
            Event::Field { name: FieldName::Id, at, bytes } => show("id", at, bytes),
            Event::Field { name: FieldName::Retry, at, bytes } => show("retry", at, bytes),
            Event::Field { name: FieldName::Other, at, bytes } => show("other", at, bytes),
            Event::EventEnd { dispatched } => {
                let event = Seen { data: core::mem::take(&mut data), event_type: event_type.to_vec(), dispatched };
                outcome.events.push(event);
            }
        }
    };
    while !rest.is_empty() {
        size = sizes.next().unwrap_or(size).max(1).min(rest.len());
        let (piece, behind) = rest.split_at(size);
        let mut input = Input::new(at, piece);
        loop {
            match decoder.next(&mut input) {
                Ok(Some(event)) => note(event, decoder.event_type(), &mut outcome),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(decoder.next(&mut input), Err(error), "an error is final");
                    assert_eq!(decoder.handle_eof(), Err(error), "an error is final");
                    return Outcome { error: Some(error), ..outcome };
                }
            }
        }
        assert!(input.is_empty());
        at += piece.len() as u64;
        rest = behind;
    }
    if let Some(event) = decoder.handle_eof().unwrap() {
        note(event, decoder.event_type(), &mut outcome);
    }
    outcome
}

fn read(stream: &str) -> Outcome {
    let whole = feed(stream.as_bytes(), &[]);
    for size in 1..6 {
        assert_eq!(feed(stream.as_bytes(), &[size]), whole, "in pieces of {size}");
    }
    whole
}

/// What a receiver gets: type and data.
fn dispatched(stream: &str) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let events = read(stream).events.into_iter().filter(|event| event.dispatched);
    events.map(|event| (text(&event.event_type), text(&event.data))).collect()
}

fn messages(stream: &str) -> Vec<String> {
    dispatched(stream).into_iter().map(|(_, data)| data).collect()
}

#[test]
fn lines_of_data_are_joined_and_empty_lines_end_events() {
    assert_eq!(messages("data: a\n\ndata:b\n\n\n\ndata:  c\ndata\ndata:\ndata: d: e\n\n"), ["a", "b", " c\n\n\nd: e"]);
    assert_eq!(messages("data\n\n"), [""]);
    assert_eq!(messages("data\ndata\n\n"), ["\n"]);
    assert_eq!(messages("data: YHOO\ndata: +2\ndata: 10\n\n"), ["YHOO\n+2\n10"]);
    assert_eq!(messages(": only a comment\n\nid: 1\n\nx\n\n"), [""; 0]);
}

#[test]
fn every_line_end_counts() {
    for end in ["\n", "\r", "\r\n"] {
        let stream = ["data: a", "data: b", "", "data: c", "", ""].join(end);
        assert_eq!(messages(&stream), ["a\nb", "c"], "{end:?}");
    }
    assert_eq!(messages("data: a\r\ndata: b\n\rdata: c\r\r"), ["a\nb", "c"]);
    assert_eq!(messages("data: a\r\n\r\ndata: b\n\n"), ["a", "b"]);
}

#[test]
fn types_are_told_and_the_last_one_counts() {
    let stream = "event: add\ndata: 1\n\ndata: 2\n\nevent: a\nevent: b\ndata: 3\n\nevent: c\n\ndata: 4\n\n";
    let text = |text: &str| text.to_owned();
    let expected = [(text("add"), text("1")), (text(""), text("2")), (text("b"), text("3")), (text(""), text("4"))];
    assert_eq!(dispatched(stream), expected);
}

#[test]
fn names_are_exact() {
    assert_eq!(messages("Data: a\ndatax: b\n data: c\ndata : d\ndat: e\n\n"), [""; 0]);
    assert_eq!(read("Data: a\ndatax: b\n data: c\nda:ta\n\n").text("other"), "abcta");
}

#[test]
fn all_text_is_shown_with_its_place() {
    let stream = ": hello\nid: 7\nretry:  10\nevent:x\nfoo: bar\ndata: {}\n\n";
    let outcome = read(stream);
    assert_eq!(outcome.text("comment"), " hello");
    assert_eq!(outcome.text("id"), "7");
    assert_eq!(outcome.text("retry"), " 10");
    assert_eq!(outcome.text("event"), "x");
    assert_eq!(outcome.text("other"), "bar");
    assert_eq!(outcome.text("name"), "idretryeventfoodata");
    for (_, at, byte) in &outcome.shown {
        assert_eq!(stream.as_bytes()[usize::try_from(*at).unwrap() - 100], *byte);
    }
}

#[test]
fn one_byte_order_mark_is_no_part_of_the_first_name() {
    assert_eq!(messages("\u{feff}data: a\n\n"), ["a"]);
    assert_eq!(messages("\u{feff}\u{feff}data: a\n\n"), [""; 0]);
    assert_eq!(messages("data: a\n\n\u{feff}data: b\n\n"), ["a"]);
    assert_eq!(read("\u{feff}: c\n").text("comment"), " c");
    for size in [1, 2, 9] {
        let broken = feed(b"\xef\xbbdata: a\n\n", &[size]);
        assert_eq!(broken.events, [Seen::default()]);
        let name: Vec<u8> = broken.shown.iter().filter(|(kind, ..)| *kind == "name").map(|(.., byte)| *byte).collect();
        assert_eq!(name, b"\xef\xbbdata");
    }
}

#[test]
fn an_event_that_the_stream_cuts_off_is_not_dispatched() {
    for stream in ["data: a", "data: a\n", "data: a\r", "data: a\nid: 1\n"] {
        let outcome = read(stream);
        assert_eq!(outcome.events.len(), 1, "{stream:?}");
        assert!(!outcome.events[0].dispatched, "{stream:?}");
    }
    assert_eq!(read("data: a\n\n").events.len(), 1);
    assert_eq!(read("").events.len(), 0);
}

#[test]
fn event_types_are_bounded() {
    let longest = "t".repeat(EVENT_TYPE_BYTES_MAX);
    assert_eq!(dispatched(&format!("event: {longest}\ndata\n\n")), [(longest.clone(), String::new())]);
    assert_eq!(read(&format!("event: {longest}t\ndata\n\n")).error, Some(Error::EventTypeTooLong));
    let others = "t".repeat(100_000);
    assert_eq!(feed(format!("{others}: {others}\nid: {others}\n: {others}\n\n").as_bytes(), &[999]).error, None);
}

/// The standard's algorithm on a whole stream, line by line.
fn oracle(stream: &str) -> Vec<(String, String)> {
    let stream = stream.strip_prefix('\u{feff}').unwrap_or(stream);
    let stream = stream.replace("\r\n", "\n").replace('\r', "\n");
    let Some((lines, _rest)) = stream.rsplit_once('\n') else { return Vec::new() };
    let (mut data, mut kind, mut events) = (String::new(), String::new(), Vec::new());
    for line in lines.split('\n') {
        if line.is_empty() {
            if let Some(data) = data.strip_suffix('\n') {
                events.push((kind.clone(), data.to_owned()));
            }
            (data, kind) = (String::new(), String::new());
            continue;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => data += &format!("{value}\n"),
            "event" => kind = value.to_owned(),
            _ => {}
        }
    }
    events
}

fn streams() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "data", "data:", "data: ", "data: x", "event: e", "event", "id: 1", "retry", ":", ": c", " ", "x", "é",
        "\u{feff}", "\n", "\n", "\r", "\r\n", "\n\n", "\r\r",
    ]);
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_split_is_read_as_the_standard_reads_the_whole(stream in streams(), sizes in prop::collection::vec(1..5_usize, 1..80)) {
        prop_assert_eq!(dispatched(&stream), oracle(&stream));
        prop_assert_eq!(feed(stream.as_bytes(), &sizes), feed(stream.as_bytes(), &[]));
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..64), size in 1..9_usize) {
        prop_assert_eq!(feed(&bytes, &[size]), feed(&bytes, &[]));
    }
}
