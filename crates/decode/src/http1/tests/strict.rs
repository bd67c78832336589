//! What must be refused, and by which rule.

use super::*;

fn refused(stream: &str) -> Error {
    let outcome = requests(stream);
    outcome.error.unwrap_or_else(|| panic!("{stream:?} was taken: {:?}", outcome.seen))
}

fn with_fields(fields: &str) -> Result<Framing, Error> {
    let outcome = requests(&format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n"));
    match (outcome.error, outcome.seen.first()) {
        (Some(error), _) => Err(error),
        (None, Some(Seen::Head { framing, .. })) => Ok(*framing),
        (None, other) => panic!("{fields:?}: {other:?}"),
    }
}

fn chunked(body: &str) -> Outcome {
    requests(&format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{body}"))
}

fn refused_chunks(body: &str) -> Error {
    chunked(body).error.unwrap_or_else(|| panic!("{body:?} was taken"))
}

#[test]
fn a_request_line_has_one_form() {
    for (line, error) in [
        ("GET  / HTTP/1.1", Error::TargetSyntax),
        (" GET / HTTP/1.1", Error::MethodSyntax),
        ("GET\t/ HTTP/1.1", Error::MethodSyntax),
        ("GET /  HTTP/1.1", Error::Version),
        ("GET /\tHTTP/1.1", Error::TargetSyntax),
        ("GET / HTTP/1.1 ", Error::Version),
        ("GET /a b HTTP/1.1", Error::Version),
        ("GET /\u{1} HTTP/1.1", Error::TargetSyntax),
        ("GET /\u{7f} HTTP/1.1", Error::TargetSyntax),
        ("GET /\u{e9} HTTP/1.1", Error::TargetSyntax),
        ("GET /\0 HTTP/1.1", Error::TargetSyntax),
        ("GET /", Error::Version),
        ("GET", Error::MethodSyntax),
        ("GET ", Error::TargetSyntax),
        ("GET / ", Error::Version),
        ("GET / HTTP/0.9", Error::Version),
        ("GET / HTTP/1.2", Error::Version),
        ("GET / HTTP/1.10", Error::Version),
        ("GET / HTTP/01.1", Error::Version),
        ("GET / HTTP/2.0", Error::Version),
        ("GET / http/1.1", Error::Version),
        ("GET / HTTP/1,1", Error::Version),
        ("get / HTTP/1.1", Error::MethodCase),
        ("Connect a:1 HTTP/1.1", Error::MethodCase),
        ("G\u{e9}T / HTTP/1.1", Error::MethodSyntax),
        ("FROBNICATE / HTTP/1.1", Error::MethodUnknown),
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", Error::MethodUnknown),
        ("GET * HTTP/1.1", Error::TargetForm),
        ("GET a HTTP/1.1", Error::TargetForm),
        ("GET /#a HTTP/1.1", Error::TargetForm),
        ("CONNECT / HTTP/1.1", Error::TargetForm),
        ("PRI * HTTP/2.0", Error::Http2Preface),
        ("PRI * HTTP/1.1", Error::MethodUnknown),
        ("\u{16}\u{3}\u{1}", Error::TlsRecord),
    ] {
        assert_eq!(refused(&format!("{line}\r\nHost: a\r\n\r\n")), error, "{line:?}");
    }
}

#[test]
fn empty_lines_before_a_request_are_refused() {
    assert_eq!(refused("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), Error::EmptyLine);
    assert_eq!(refused("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), Error::EmptyLine);
    assert_eq!(refused("GET / HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET / HTTP/1.1\r\n"), Error::EmptyLine);
}

#[test]
fn a_bare_cr_or_lf_is_refused_wherever_it_stands() {
    for (stream, error) in [
        ("GET / HTTP/1.1\nHost: a\r\n\r\n", Error::BareLf),
        ("GET / HTTP/1.1\rHost: a\r\n\r\n", Error::BareCr),
        ("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", Error::BareCr),
        ("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", Error::BareLf),
        ("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", Error::BareCr),
        ("GET / HTTP/1.1\r\nX:\nHost: a\r\n\r\n", Error::BareLf),
        ("GET / HTTP/1.1\r\nX:\rHost: a\r\n\r\n", Error::BareCr),
        ("GET / HTTP/1.1\r\nX: \t\nHost: a\r\n\r\n", Error::BareLf),
        ("GET / HTTP/1.1\r\nHost: a\r\n\n", Error::BareLf),
        ("GET / HTTP/1.1\r\nHost: a\r\n\rX", Error::BareCr),
        ("GET / HTTP/1.1\r\nX\n: a\r\n\r\n", Error::FieldName),
        ("GET / HTTP/1.1\r\nX\r: a\r\n\r\n", Error::FieldName),
        ("GET /\nHTTP/1.1\r\n", Error::Version),
    ] {
        assert_eq!(refused(stream), error, "{stream:?}");
    }
}

#[test]
fn field_lines_have_one_form() {
    for (line, error) in [
        (" X: folded", Error::ObsFold),
        ("\tX: folded", Error::ObsFold),
        ("X: a\r\n b", Error::ObsFold),
        ("X: a\r\n\t", Error::ObsFold),
        ("X : a", Error::FieldName),
        ("X\t: a", Error::FieldName),
        (": a", Error::FieldName),
        ("X", Error::FieldName),
        ("X Y: a", Error::FieldName),
        ("X\u{e9}: a", Error::FieldName),
        ("X(: a", Error::FieldName),
        ("X\0: a", Error::FieldName),
        ("X: a\0b", Error::FieldValue),
        ("X: \u{b}", Error::FieldValue),
        ("X: \u{c}a", Error::FieldValue),
        ("X: a\u{7f}", Error::FieldValue),
        ("X: a\u{1b}[c", Error::FieldValue),
    ] {
        assert_eq!(with_fields(&format!("{line}\r\n")), Err(error), "{line:?}");
    }
    assert_eq!(with_fields("X:\r\nY: \t \r\nZ:a\tb \u{e9} \"\r\n"), Ok(Framing::None));
}

#[test]
fn a_length_is_said_once_and_plainly() {
    assert_eq!(with_fields("Content-Length: 0\r\n"), Ok(Framing::Length(0)));
    for (fields, error) in [
        ("Content-Length: 5\r\nContent-Length: 5\r\n", Error::ContentLengthRepeated),
        ("Content-Length: 5\r\nContent-Length: 6\r\n", Error::ContentLengthRepeated),
        ("Content-Length: 5\r\ncontent-LENGTH: 5\r\n", Error::ContentLengthRepeated),
        ("Content-Length: 5, 5\r\n", Error::ContentLength),
        ("Content-Length: +5\r\n", Error::ContentLength),
        ("Content-Length: -5\r\n", Error::ContentLength),
        ("Content-Length: -0\r\n", Error::ContentLength),
        ("Content-Length: 0x5\r\n", Error::ContentLength),
        ("Content-Length: 05\r\n", Error::ContentLength),
        ("Content-Length: 5 5\r\n", Error::ContentLength),
        ("Content-Length: \"5\"\r\n", Error::ContentLength),
        ("Content-Length:\r\n", Error::ContentLength),
        ("Content-Length: 18446744073709551621\r\n", Error::ContentLengthTooLarge),
        ("Content-Length: 9223372036854775808\r\n", Error::ContentLengthTooLarge),
        ("Content_Length: 5\r\n", Error::FramingLookalike),
        ("content_Encoding: deflate\r\n", Error::FramingLookalike),
        ("Connection: content-length\r\n", Error::ConnectionOption),
    ] {
        assert_eq!(with_fields(fields), Err(error), "{fields:?}");
    }
}

#[test]
fn chunked_is_the_only_coding_and_stands_alone() {
    for (fields, error) in [
        ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", Error::LengthAndCoding),
        ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", Error::LengthAndCoding),
        ("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", Error::LengthAndCoding),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", Error::TransferEncodingRepeated),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", Error::TransferEncodingRepeated),
        ("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", Error::TransferEncoding),
        ("Transfer-Encoding: identity\r\n", Error::TransferEncoding),
        ("Transfer-Encoding: gzip, chunked\r\n", Error::TransferEncoding),
        ("Transfer-Encoding: chunked, chunked\r\n", Error::TransferEncoding),
        ("Transfer-Encoding: chunked,\r\n", Error::TransferEncoding),
        ("Transfer-Encoding: ,chunked\r\n", Error::TransferEncoding),
        ("Transfer-Encoding: chunked;q=1\r\n", Error::TransferEncoding),
        ("Transfer-Encoding: xchunked\r\n", Error::TransferEncoding),
        ("Transfer-Encoding: chunkedx\r\n", Error::TransferEncoding),
        ("Transfer-Encoding: \"chunked\"\r\n", Error::TransferEncoding),
        ("Transfer-Encoding: 'chunked'\r\n", Error::TransferEncoding),
        ("Transfer-Encoding: \u{b}chunked\r\n", Error::FieldValue),
        ("Transfer-Encoding: chun\u{e9}ked\r\n", Error::TransferEncoding),
        ("Transfer-Encoding: ch\tunked\r\n", Error::TransferEncoding),
        ("Transfer-Encoding:\r\n", Error::TransferEncoding),
        ("Transfer-Encoding\r\n: chunked\r\n", Error::FieldName),
        ("Transfer-Encoding : chunked\r\n", Error::FieldName),
        ("Transfer-Encoding:\r\n chunked\r\n", Error::TransferEncoding),
        (" Transfer-Encoding: chunked\r\n", Error::ObsFold),
        ("X: a\nTransfer-Encoding: chunked\r\n", Error::BareLf),
        ("Transfer_Encoding: chunked\r\n", Error::FramingLookalike),
        ("Transfer-Encoding\0: chunked\r\n", Error::FieldName),
        ("Connection: close, Transfer-Encoding\r\n", Error::ConnectionOption),
    ] {
        assert_eq!(with_fields(fields), Err(error), "{fields:?}");
    }
    let old = "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(refused(old), Error::TransferEncodingVersion);
    for spelling in ["chunked", "Chunked", "CHUNKED \t", "\tchunked"] {
        let complete =
            requests(&format!("POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding:{spelling}\r\n\r\n0\r\n\r\n"));
        assert_eq!((complete.error, complete.ends()), (None, 1), "{spelling:?}");
    }
}

#[test]
fn smuggled_requests_are_never_events() {
    let streams = [
        // Content-Length first, Transfer-Encoding second, and the other way round.
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 13\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /evil HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n8\r\nGET /evil HTTP/1.1\r\nHost: a\r\n\r\n0\r\n\r\n",
        // A coding that one receiver knows and another does not.
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: cow\r\n\r\n0\r\n\r\nGET /evil HTTP/1.1\r\nHost: a\r\n\r\n",
        // A request hidden behind a bare LF.
        "GET / HTTP/1.1\r\nHost: a\r\nX: b\n\nGET /evil HTTP/1.1\r\nHost: a\r\n\r\n",
        // A request behind the last one of the connection.
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /evil HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: a\r\n\r\nGET /evil HTTP/1.1\r\nHost: a\r\n\r\n",
    ];
    for stream in streams {
        let outcome = requests(stream);
        assert!(outcome.error.is_some(), "{stream:?}");
        assert!(!format!("{:?}", outcome.seen).contains("evil"), "{stream:?}");
    }
}

#[test]
fn host_is_there_once_and_agrees_with_the_target() {
    for (stream, error) in [
        ("GET / HTTP/1.1\r\n\r\n", Error::HostMissing),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", Error::HostRepeated),
        ("GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", Error::HostRepeated),
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n", Error::Host),
        ("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", Error::Host),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", Error::Host),
        ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", Error::Host),
        ("GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n", Error::Host),
        ("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", Error::HostMismatch),
        ("GET http://a:80/ HTTP/1.1\r\nHost: a\r\n\r\n", Error::HostMismatch),
        ("GET http://a@b/ HTTP/1.1\r\nHost: a\r\n\r\n", Error::TargetForm),
        ("GET http://b/ HTTP/1.1\r\n\r\n", Error::HostMissing),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: Host\r\n\r\n", Error::ConnectionOption),
    ] {
        assert_eq!(refused(stream), error, "{stream:?}");
    }
    assert_eq!(requests("GET http://A/x HTTP/1.1\r\nHost: a\r\n\r\n").ends(), 1);
    assert_eq!(requests("GET / HTTP/1.0\r\n\r\n").ends(), 1);
}

#[test]
fn a_chunk_size_has_one_form() {
    for (body, error) in [
        ("\r\n", Error::ChunkSize),
        ("-1\r\n", Error::ChunkSize),
        ("+1\r\na\r\n", Error::ChunkSize),
        ("0x1\r\na\r\n", Error::ChunkSize),
        (" 1\r\na\r\n", Error::ChunkSize),
        ("1 \r\na\r\n", Error::ChunkSize),
        ("1\t\r\na\r\n", Error::ChunkSize),
        ("1 ;x\r\na\r\n", Error::ChunkSize),
        ("g\r\n", Error::ChunkSize),
        ("1_0\r\n", Error::ChunkSize),
        (";x\r\n", Error::ChunkSize),
        ("1\na\r\n", Error::BareLf),
        ("1\ra\r\n", Error::BareCr),
        ("1\r\r\n", Error::BareCr),
        ("00000000000000001\r\na\r\n", Error::ChunkSizeTooLarge),
        ("10000000000000001\r\na\r\n", Error::ChunkSizeTooLarge),
        ("8000000000000000\r\n", Error::ChunkSizeTooLarge),
        ("ffffffffffffffff\r\n", Error::ChunkSizeTooLarge),
        ("1\r\nab\r\n", Error::ChunkEnd),
        ("1\r\na\n", Error::ChunkEnd),
        ("1\r\na\r\r\n", Error::ChunkEnd),
        ("2\r\na\r\n0\r\n\r\n", Error::ChunkEnd),
        ("0\r\nGET / HTTP/1.1\r\n", Error::FieldName),
        ("0\r\n\n", Error::BareLf),
        ("0\r\n\r0", Error::BareCr),
    ] {
        assert_eq!(refused_chunks(body), error, "{body:?}");
    }
    let padded = chunked("0000000000000001\r\na\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n000\r\n\r\n");
    assert_eq!(padded.bodies(), ["aabcdefghijklmnopqrstuvwxyz"]);
    assert_eq!(padded.ends(), 1);
}

#[test]
fn chunk_extensions_are_strict_and_bounded() {
    for (extension, error) in [
        (";", Error::ChunkExtension),
        (";;", Error::ChunkExtension),
        ("; a", Error::ChunkExtension),
        (";a ", Error::ChunkExtension),
        (";a=", Error::ChunkExtension),
        (";a =b", Error::ChunkExtension),
        (";a=\"", Error::ChunkExtension),
        (";a=\"b\"c", Error::ChunkExtension),
        (";a=\"\u{1}\"", Error::ChunkExtension),
        (";a=\"\\\u{1}\"", Error::ChunkExtension),
        (";a=b=c", Error::ChunkExtension),
        (";a\nb", Error::BareLf),
        (";a=\"\n\"", Error::BareLf),
        (";a\rb", Error::BareCr),
    ] {
        assert_eq!(refused_chunks(&format!("1{extension}\r\na\r\n0\r\n\r\n")), error, "{extension:?}");
    }
    let long = "b".repeat(CHUNK_EXTENSION_BYTES_MAX as usize - 2);
    assert_eq!(chunked(&format!("1;a={long}\r\na\r\n0\r\n\r\n")).ends(), 1);
    assert_eq!(refused_chunks(&format!("1;a={long}b\r\na\r\n0\r\n\r\n")), Error::ChunkExtensionTooLong);
    assert_eq!(refused_chunks(&"1;a\r\na\r\n".repeat(5000)), Error::ChunkExtensionTooLong);
}

#[test]
fn trailers_are_strict_and_bounded() {
    for (trailers, error) in [
        ("Content-Length: 5\r\n", Error::TrailerField),
        ("transfer-encoding: chunked\r\n", Error::TrailerField),
        ("Host: a\r\n", Error::TrailerField),
        ("AUTHORIZATION: x\r\n", Error::TrailerField),
        ("Content-Encoding: gzip\r\n", Error::TrailerField),
        ("X : a\r\n", Error::FieldName),
        ("X: a\r\n b\r\n", Error::ObsFold),
        ("X: a\n", Error::BareLf),
        ("X: \0\r\n", Error::FieldValue),
    ] {
        assert_eq!(refused_chunks(&format!("0\r\n{trailers}\r\n")), error, "{trailers:?}");
    }
    let long = "a".repeat(TRAILER_BYTES_MAX - "X:\r\n\r\n".len());
    assert_eq!(chunked(&format!("0\r\nX:{long}\r\n\r\n")).ends(), 1);
    assert_eq!(refused_chunks(&format!("0\r\nX:{long}a\r\n\r\n")), Error::TrailersTooLong);
    assert_eq!(refused_chunks(&format!("0\r\n{}\r\n", "X:\r\n".repeat(FIELD_COUNT_MAX + 1))), Error::FieldCount);
}

#[test]
fn heads_are_bounded_in_bytes_and_fields() {
    let line = "GET / HTTP/1.1\r\nHost: a\r\n";
    let room = HEAD_BYTES_MAX - line.len() - "X:\r\n\r\n".len();
    assert_eq!(requests(&format!("{line}X:{}\r\n\r\n", "a".repeat(room))).ends(), 1);
    assert_eq!(refused(&format!("{line}X:{}\r\n\r\n", "a".repeat(room + 1))), Error::HeadTooLong);
    assert_eq!(refused(&format!("GET /{} HTTP/1.1\r\n", "a".repeat(HEAD_BYTES_MAX))), Error::HeadTooLong);
    assert_eq!(requests(&format!("{line}{}\r\n", "X:\r\n".repeat(FIELD_COUNT_MAX - 1))).ends(), 1);
    assert_eq!(refused(&format!("{line}{}\r\n", "X:\r\n".repeat(FIELD_COUNT_MAX))), Error::FieldCount);
}

#[test]
fn status_lines_have_one_form() {
    for (line, error) in [
        ("HTTP/1.1 200", Error::Status),
        ("HTTP/1.1  200 OK", Error::Status),
        ("HTTP/1.1 20 OK", Error::Status),
        ("HTTP/1.1 2000 OK", Error::Status),
        ("HTTP/1.1 099 OK", Error::Status),
        ("HTTP/1.1 600 OK", Error::Status),
        ("HTTP/1.1 2x0 OK", Error::Status),
        ("HTTP/1.1\t200 OK", Error::Version),
        ("HTTP/2 200", Error::Version),
        ("HTTP/0.9 200 OK", Error::Version),
        ("ICY 200 OK", Error::Version),
        ("HTTP/1.1 200 O\u{1}K", Error::ReasonPhrase),
        ("", Error::EmptyLine),
    ] {
        assert_eq!(responses(&[], &format!("{line}\r\n\r\n")).error, Some(error), "{line:?}");
    }
    assert_eq!(responses(&[], "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n").ends(), 1);
    assert_eq!(responses(&[], "HTTP/1.1 200 a\tb \u{e9}\r\nContent-Length: 0\r\n\r\n").ends(), 1);
}

#[test]
fn responses_without_a_body_must_not_announce_one() {
    for head in [
        "HTTP/1.1 204 x\r\nContent-Length: 1",
        "HTTP/1.1 204 x\r\nTransfer-Encoding: chunked",
        "HTTP/1.1 100 x\r\nContent-Length: 1",
    ] {
        assert_eq!(responses(&[], &format!("{head}\r\n\r\n")).error, Some(Error::BodyNotAllowed), "{head:?}");
    }
    let contradiction = "HTTP/1.1 304 x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(responses(&[], contradiction).error, Some(Error::LengthAndCoding));
}

#[test]
fn every_error_is_of_a_class() {
    assert_eq!(Error::BareLf.kind(), ErrorKind::Syntax);
    assert_eq!(Error::LengthAndCoding.kind(), ErrorKind::Framing);
    assert_eq!(Error::FieldCount.kind(), ErrorKind::HeadTooLong);
    assert_eq!(Error::Connect.kind(), ErrorKind::Tunnel);
    assert_eq!(Error::TlsRecord.kind(), ErrorKind::ProtocolSwitch);
    assert_eq!(Error::Unrequested.kind(), ErrorKind::Unrequested);
    assert_eq!(Error::Truncated.kind(), ErrorKind::Truncated);
    assert_eq!(Error::Gap.kind(), ErrorKind::Caller);
}
