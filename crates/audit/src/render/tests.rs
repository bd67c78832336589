use super::*;
use crate::record_codec;
use crate::testing::{CLOCK, any_record, longest_record, record};
use crate::{ChainHash, FlawKind, RecordKind, StoredRecord, entry};
use policy::{Reason, Verdict};
use proptest::prelude::*;

fn stored(record: &crate::Record) -> StoredRecord {
    let mut out = Vec::new();
    let ts = CLOCK.unix_ns_at(record.at);
    record_codec::emit(record, 7, ts, &ChainHash::ZERO, &mut out);
    let raw = entry::split(&out, out.len() as u64).unwrap().unwrap();
    record_codec::parse(record.kind, &raw).unwrap()
}

#[test]
fn a_record_is_one_json_object_under_the_names_that_scripts_rely_on() {
    let line = to_json(&stored(&record(3)), "lab-1");
    assert_eq!(
        line,
        concat!(
            r#"{"seq":7,"ts":"2026-01-01T00:00:00.000000003Z","gateway":"lab-1","kind":"admit","#,
            r#""exchange":3,"silo":"10.0.0.0/8","user":"10.0.0.1","client_ip":"10.0.0.1","#,
            r#""client_port":40000,"server_ip":"192.0.2.1","server_port":443,"#,
            r#""server_name":"api.openai.com","method":"POST","path":"/v1/chat/completions","#,
            r#""provider":"openai","operation":"chat","model":"gpt-4o","credential":null,"#,
            r#""stream":true,"status":0,"tokens_in":null,"tokens_out":null,"usage_source":null,"#,
            r#""latency_ns":0,"overhead_ns":0,"queue_ns":0,"handshake_ns":0,"scan_ns":0,"#,
            r#""rewrite_ns":0,"verdict":"allow","reason":null,"findings":[],"#,
            r#""request_bytes":512,"response_bytes":0,"policy_version":"lab-1","#,
            r#""interception":null,"tls_version_client":null,"tls_version_server":null,"#,
            r#""cipher":null,"certificate":null}"#
        )
    );
}

#[test]
fn findings_are_counted_by_type_and_rule() {
    let mut record = longest_record();
    record.verdict = Verdict::Block;
    record.reason = Some(Reason::Finding);
    let value: serde_json::Value = serde_json::from_str(&to_json(&stored(&record), "lab-1")).unwrap();
    assert_eq!(value["findings"].as_array().unwrap().len(), 8);
    assert_eq!(value["findings"][0]["type"], "E".repeat(24));
    assert_eq!(value["findings"][0]["rule"], "r".repeat(32));
    assert_eq!(value["findings"][0]["count"], u32::MAX);
    assert_eq!(value["credential"], "ff".repeat(16));
    assert_eq!(value["usage_source"], "stream");
    assert_eq!(value["reason"], "finding");
    assert_eq!(value["client_ip"], "2001:db8::1");
}

#[test]
fn the_text_line_shows_the_fields_that_are_there() {
    assert_eq!(
        to_text(&stored(&record(3))),
        "2026-01-01T00:00:00.000000003Z 7          admit allow   -      10.0.0.1:40000        \
         192.0.2.1:443         host=api.openai.com method=POST path=/v1/chat/completions \
         provider=openai operation=chat model=gpt-4o silo=10.0.0.0/8 user=10.0.0.1 policy=lab-1 \
         stream request_bytes=512 exchange=3"
    );
}

#[test]
fn what_tls_was_and_where_time_went_is_shown() {
    let mut record = longest_record();
    (record.queue_ns, record.handshake_ns, record.scan_ns, record.rewrite_ns) = (1_000, 2_000_000, 3_000, 4_000);
    let stored = stored(&record);
    let line = to_text(&stored);
    let tls = " interception=intercepted tls_client=1.2 tls_server=1.3 certificate=valid \
               cipher=TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 ";
    assert!(line.contains(tls), "{line}");
    assert!(line.contains(" queue=0.001ms handshake=2.000ms scan=0.003ms rewrite=0.004ms "), "{line}");
    let value: serde_json::Value = serde_json::from_str(&to_json(&stored, "g")).unwrap();
    assert_eq!((&value["interception"], &value["certificate"]), (&"intercepted".into(), &"valid".into()));
    assert_eq!((&value["tls_version_client"], &value["tls_version_server"]), (&"1.2".into(), &"1.3".into()));
    assert_eq!(value["cipher"], "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
    assert_eq!((&value["handshake_ns"], &value["rewrite_ns"]), (&2_000_000.into(), &4_000.into()));
}

#[test]
fn a_word_of_a_later_version_is_kept_and_a_field_of_wrong_size_is_a_flaw() {
    for (tag, value) in [(28, &[4_u8][..]), (29, &[5, 3]), (30, &[0, 3]), (32, &[13])] {
        assert_eq!(with_field(tag, value).unwrap().unknown.iter().collect::<Vec<_>>(), [(tag, value)]);
        assert_eq!(with_field(tag, &[0; 3]), Err(FlawKind::Field(tag)));
    }
    for tag in 31..=36 {
        assert_eq!(with_field(tag, &[0; 5]), Err(FlawKind::Field(tag)));
    }
}

#[test]
fn the_columns_stand_under_their_titles() {
    let line = to_text(&stored(&record(3)));
    let columns = [
        ("TIME", "2026"),
        ("SEQ", "7"),
        ("KIND", "admit"),
        ("VERDICT", "allow"),
        ("STATUS", "-"),
        ("CLIENT", "10.0.0.1"),
        ("SERVER", "192.0.2.1"),
        ("DETAILS", "host="),
    ];
    for (title, value) in columns {
        let place = TEXT_COLUMNS.find(title).unwrap();
        assert!(line[place..].starts_with(value), "{title}");
    }
}

#[test]
fn a_value_cannot_pass_for_another_field_of_the_text_line() {
    let mut record = record(3);
    record.model = crate::Text::new("gpt verdict=allow\" x");
    record.path = crate::Text::new("/a\u{202e}b\u{200b}");
    let line = to_text(&stored(&record));
    assert!(line.contains(r#" model="gpt verdict=allow\" x" "#), "{line}");
    assert!(line.contains(r#" path="/a\u{202e}b\u{200b}" "#), "{line}");
}

#[test]
fn hidden_characters_are_escaped_in_json_and_still_mean_the_same() {
    let mut record = record(3);
    record.path = crate::Text::new("/a\u{202e}b\u{e0041}é");
    let line = to_json(&stored(&record), "lab\u{1b}[31m");
    assert!(line.contains("/a\\u202eb\\udb40\\udc41é"), "{line}");
    assert!(line.contains("lab\\u001b[31m"), "{line}");
    let value: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(value["path"], record.path.as_str());
}

/// Writes a record with one field put in by hand, as a later or a hostile writer may.
fn with_field(tag: u16, value: &[u8]) -> Result<StoredRecord, FlawKind> {
    let mut record = record(3);
    record.policy_version = crate::Text::EMPTY;
    let mut out = Vec::new();
    record_codec::emit(&record, 7, 0, &ChainHash::ZERO, &mut out);
    out.truncate(out.len() - 36);
    crate::field::FieldWriter::new(&mut out).bytes(tag, value);
    entry::finish(&mut out, 0, &ChainHash::ZERO);
    let raw = entry::split(&out, out.len() as u64).unwrap().unwrap();
    record_codec::parse(RecordKind::Admit, &raw)
}

#[test]
fn fields_of_a_later_version_are_kept_and_shown() {
    let stored = with_field(40, b"\x1b[2J").unwrap();
    assert_eq!(stored.unknown.iter().collect::<Vec<_>>(), [(40, &b"\x1b[2J"[..])]);
    assert!(to_json(&stored, "lab-1").ends_with(r#","unknown":{"40":"1b5b324a"}}"#));
}

#[test]
fn a_text_that_no_gateway_writes_is_malformed_and_never_shown() {
    for text in [&b"\x1b[2J"[..], b"\xff", b"", &[b'x'; 49]] {
        assert_eq!(with_field(27, text), Err(FlawKind::Field(27)));
    }
    assert!(with_field(27, b"lab-2").is_ok());
}

proptest! {
    #[test]
    fn no_line_holds_a_character_that_a_terminal_obeys(record in any_record()) {
        let stored = stored(&record);
        for line in [to_json(&stored, "g"), to_text(&stored)] {
            prop_assert!(!line.chars().any(is_hidden), "{line:?}");
        }
    }

    #[test]
    fn json_says_what_the_record_says(record in any_record()) {
        let stored = stored(&record);
        let value: serde_json::Value = serde_json::from_str(&to_json(&stored, "g")).unwrap();
        prop_assert_eq!(&value["path"], record.path.as_str());
        prop_assert_eq!(&value["model"], record.model.as_str());
        prop_assert_eq!(value["tokens_in"].as_u64(), record.tokens_in);
        prop_assert_eq!(value["latency_ns"].as_u64(), Some(record.latency_ns));
        prop_assert_eq!(value["verdict"].as_str(), Some(record.verdict.name()));
        prop_assert_eq!(value["reason"].as_str(), record.reason.map(Reason::name));
        prop_assert_eq!(value["findings"].as_array().unwrap().len(), record.findings.len());
    }
}
