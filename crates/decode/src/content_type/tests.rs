use super::*;
use proptest::prelude::*;

fn parse(value: &str) -> Result<ContentType<'_>, Error> {
    ContentType::parse(value.as_bytes())
}

#[test]
fn json_types_are_known_in_any_case_and_with_any_parameter() {
    for value in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"",
        "application/json ;\tcharset=utf8 ; x=\"a;b\\\"\"",
        "application/json;",
        "application/json; ;",
        "text/json",
        "application/problem+json",
        "application/vnd.api+JSON;v=1",
    ] {
        let content = parse(value).unwrap();
        assert!(content.is_json() && !content.is_ndjson() && !content.is_event_stream(), "{value}");
    }
    for value in
        ["application/jsonx", "application/xjson", "text/plain; x=\"application/json\"", "application/json-seq"]
    {
        assert!(!parse(value).unwrap().is_json(), "{value}");
    }
}

#[test]
fn streams_are_told_from_single_texts() {
    for value in ["application/x-ndjson", "application/jsonl; charset=utf-8", "application/stream+json"] {
        let content = parse(value).unwrap();
        assert!(content.is_ndjson() && !content.is_json(), "{value}");
    }
    let events = parse("text/event-stream; charset=utf-8").unwrap();
    assert!(events.is_event_stream() && !events.is_json());
    assert_eq!(events.essence(), b"text/event-stream");
}

#[test]
fn media_are_told_from_texts() {
    for value in ["video/mp4", "Audio/L16; rate=16000", "image/heic"] {
        assert!(parse(value).unwrap().is_media(), "{value}");
    }
    for value in ["image/svg+xml", "text/plain", "application/octet-stream", "imagery/x"] {
        assert!(!parse(value).unwrap().is_media(), "{value}");
    }
}

#[test]
fn character_sets_are_known_or_other() {
    let charset = |value: &str| parse(value).map(|content| content.charset());
    assert_eq!(charset("a/b"), Ok(Charset::Absent));
    assert_eq!(charset("a/b;charset=UTF-8"), Ok(Charset::Utf8));
    assert_eq!(charset("a/b;CHARSET=\"ut\\f-8\""), Ok(Charset::Utf8));
    assert_eq!(charset("a/b;charset=us-ascii"), Ok(Charset::UsAscii));
    assert_eq!(charset("a/b;charset=ISO-8859-1"), Ok(Charset::Latin1));
    assert_eq!(charset("a/b;charset=iso-8859-2"), Ok(Charset::Other));
    assert_eq!(charset("a/b;charset=utf-16"), Ok(Charset::Other));
    assert_eq!(charset("a/b;charset=utf-7"), Ok(Charset::Other));
    assert_eq!(charset("a/b;charset=\"\""), Ok(Charset::Other));
    assert_eq!(charset("a/b;charset=\"utf-8 \""), Ok(Charset::Other));
    assert_eq!(charset("a/b;charset=\"utf\\\\-8\""), Ok(Charset::Other));
    assert_eq!(charset("a/b;xcharset=utf-16"), Ok(Charset::Absent));
    assert_eq!(charset("a/b;charset=utf-8;charset=utf-8"), Err(Error::CharsetRepeated));
    assert_eq!(charset("a/b;charset=utf-16;x=y;Charset=utf-8"), Err(Error::CharsetRepeated));
}

#[test]
fn anything_else_is_refused() {
    for value in [
        "",
        "application",
        "application/",
        "/json",
        "application/json/x",
        "application /json",
        "application/ json",
        " application/json",
        "application/json, text/plain",
        "application/json charset=utf-8",
        "application/json; charset",
        "application/json; charset=",
        "application/json; charset =utf-8",
        "application/json; charset= utf-8",
        "application/json; =x",
        "text/plain; x=application/json",
        "application/json; charset=\"utf-8",
        "application/json; charset=\"utf-8\\",
        "application/json; charset=\"utf-8\\\"",
        "application/json; charset=\"a\"b",
        "application/json; charset=\"\u{1}\"",
        "application/j\u{e9}son",
        "application/json; charset='utf 8'",
    ] {
        assert_eq!(parse(value), Err(Error::Syntax), "{value:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let _ = ContentType::parse(&bytes);
    }

    #[test]
    fn what_was_emitted_is_read_back(kind in "[a-z]{1,9}", subtype in "[a-z+.-]{1,9}", text in "[ -~]{0,12}", space in "[ \t]{0,2}") {
        let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
        let value = format!("{kind}/{subtype}{space};{space}x=\"{quoted}\";charset=utf-8");
        let content = parse(&value).unwrap();
        let essence = format!("{kind}/{subtype}");
        prop_assert_eq!(content.essence(), essence.as_bytes());
        prop_assert_eq!(content.charset(), Charset::Utf8);
    }
}
