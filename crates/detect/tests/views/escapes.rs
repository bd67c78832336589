//! Escapes where they stand, what hides between them, and where a text ends in the middle of one.

use super::{finds, read, said};
use EntityType::{CreditCard, EmailAddress, Secret, UsSsn};
use detect::EntityType;
use proptest::prelude::*;

#[test]
fn escapes_are_read_where_they_stand() {
    finds(r"mail jane\u0040example.com now", &[(EmailAddress, "json", r"jane\u0040example.com")]);
    finds("?m=jane%40example.com&x=1", &[(EmailAddress, "percent", "jane%40example.com")]);
    finds("a jane&#64;example&period;com b", &[(EmailAddress, "html", "jane&#64;example&period;com")]);
    finds("a jane=40exam=\r\nple.com b", &[(EmailAddress, "quoted-printable", "jane=40exam=\r\nple.com")]);
    finds(r"x \x35\x33\x36-90-4399 y", &[(UsSsn, "json", r"\x35\x33\x36-90-4399")]);
    finds("a = \"4111\" + \"11111111\" + \"1111\"", &[(CreditCard, "concatenated", "4111\" + \"11111111\" + \"1111")]);
}

#[test]
fn a_text_is_decided_at_its_end_whatever_it_ends_in() {
    for text in [
        "why does \"foo<!--",
        "a<!-- x",
        "a<!-- x-",
        "a<!-- x --",
        "1<br",
        "1<br /",
        "<td",
        "a<b x=",
        "\u{1b}]0;",
        "536-\"",
    ] {
        finds(text, &[]);
    }
}

#[test]
fn what_a_view_leaves_out_or_joins_is_read_by_itself_first() {
    for (before, value, behind) in [
        ("<p><a href=\"mailto:", "bob%40examplecorp.com", "\">mail</a></p>"),
        ("<p><a href=\"mailto:", "bob&#64;examplecorp.com", "\">mail</a></p>"),
        ("x<span class=\"", r"536-\u00390-4399", "\">y"),
        ("<tr><td title=\"", "５３６-９０-４３９９", "\">x</td></tr>"),
        ("<td title=\"{&quot;password&quot;: &quot;", "Zx9kd83hDq!7", "&quot;}\">x</td>"),
        ("foo<!-- password&#61;", "Zx9kd83hDq!7", " -->bar"),
        ("<p><!-- ", "５３６-９０-４３９９", " --></p>"),
        ("<p><!-- \0 ", "５３６-９０-４３９９", " --></p>"),
        ("foo<!-- ", r"\u0041KIAQYLPMN5HHHFPZAM2", " -->bar"),
        ("x = \"id\" + \"", r"\u0041KIAQYLPMN5HHHFPZAM2", "\""),
        ("x = \"", r"AKIAQYLPMN5HHHFPZAM\u0032", "\" + \"id\""),
        ("import (\n\t\"fmt\"\n\t\"", "５３６-９０-４３９９", "\"\n)"),
        ("", "536-<b title=\"%41\">90-4399", "</b>"),
        ("", "\\u0041\" + \"\\u004b\" + \"IAQYLPMN5HHHFPZAM2", "\""),
    ] {
        let text = format!("{before}{value}{behind}");
        let whole: Vec<_> = said(&text).into_iter().filter(|(_, _, found)| found.contains(value)).collect();
        assert_eq!(whole.len(), 1, "in {text:?}: {whole:?}");
    }
}

#[test]
fn what_is_plain_at_first_is_read_wherever_the_last_escape_stands() {
    let words = "the same name on the list of things that we need to check again and again ".repeat(8);
    for between in (240..520).step_by(3) {
        let text = format!(r"Q&amp;A {} AKIAQYLPMN5HHHFPZA\u004d2 ok", &words[..between]);
        assert!(said(&text).iter().any(|(entity, ..)| *entity == Secret), "{between} bytes behind");
    }
}

#[test]
fn what_a_terminal_and_markdown_show_is_read() {
    finds("\x1b[31m536-90-4399\x1b[0m", &[(UsSsn, "unicode", "536-90-4399")]);
    finds("4111\x1b[0m1111\x1b[K11111111", &[(CreditCard, "unicode", "4111\x1b[0m1111\x1b[K11111111")]);
    let key = "Zk3vT9xQw2LmN8bR5cY7dF1gH4jK6pS0aUeIoXyV";
    for text in
        [format!(r"\u001b[32msk-proj-{key}\u001b[0m"), format!("\x1b[1msk-proj-{key}"), format!(r"sk\-proj\-{key}")]
    {
        let found = said(&text);
        assert!(found.iter().any(|(entity, _, _)| *entity == Secret), "{text} {found:?}");
    }
    finds(r"jane\@acme.com", &[(EmailAddress, "json", r"jane\@acme.com")]);
    finds("536-90-<b>4399</b>", &[(UsSsn, "html", "536-90-<b>4399")]);
    let spans = "<span>536</span>-<span class=\"x\">90</span>-<span>4399</span>";
    finds(&format!("<p>{spans}</p>"), &[(UsSsn, "html", &spans[6..spans.len() - 7])]);
    finds("to jane<span>@</span>acme.com now", &[(EmailAddress, "html", "jane<span>@</span>acme.com")]);
    finds("to jane@**acme**.com now", &[(EmailAddress, "html", "jane@**acme**.com")]);
    finds("a<td>536</td>-<td>90</td>-4399 and 2 ** 3, x<b", &[]);
}

proptest! {
    /// Nothing waits for what comes behind the end of a leaf: a request would not go on.
    #[test]
    fn every_text_is_decided_at_its_end(
        words in prop::collection::vec(prop::sample::select(vec![
            "<!--", "-->", "--", "<br", "<b", "<td ", "</tr", ">", "<", "\"", "'", " + ", "\\", "\\u00", "\\x4", "\\0", "\\40 ",
            "%", "%4", "%u00", "&", "&#", "&#x4", "&amp", "=", "=4", "=\r", "= \t", "*", "**", "+", "a=b+", "@", "\u{1b}", "\u{1b}[",
            "\u{1b}]0;", "\0", "\u{1}", "\u{7f}", "5", "536-90-", "a", "ab", " ", "\n", "\r\n", "é", "５", "\u{200b}", "４３",
            "bXkgc3NuIGlzIDUzNi05MC00Mzk5", "3533", "35 33 36 ", "5 3 6 ", "\u{e0131}", "\u{e0041}", "\u{202e}", "one two ",
            "(at)", "//", "-- ", "# ", "key: ", "|", "\t", ",", ";", "{", "[", "//\n", "password=", "/", "x=y", "amFuZUBleGFtcGxl",
        ]), 0..12),
    ) {
        read(words.concat().as_bytes());
    }
}
