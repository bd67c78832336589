//! From the text of a `sovereign.toml` to a configuration and everything that is wrong with it.
//!
//! Serde stops at the first mistake. So the entry that it stopped at is taken out of the document
//! and the rest is read again, until nothing is left that it stops at.

use super::{Config, Problem};
use core::ops::Range;
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

/// Problems that are told of one file.
const PROBLEM_COUNT_MAX: usize = 100;

/// Reads what can be read, and lists the problems in the order of their lines.
pub(super) fn parse(name: &str, text: &str) -> (Config, Vec<String>) {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut found: Vec<(usize, String, String)> = Vec::new();
    let line = |at: usize| line_and_column(text, at).0;
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        if !found.iter().any(|(other, ..)| line(*other) == line(at)) {
            found.push((at, error.message().to_owned(), "correct it there".to_owned()));
        }
    }
    // What was made of a line that is no TOML counts for nothing.
    let broken: Vec<usize> = found.iter().map(|(at, ..)| line(*at)).collect();
    let (config, mistakes) = read(document.clone());
    found.extend(mistakes.into_iter().filter(|(at, ..)| !broken.contains(&line(*at))));
    for Problem { key, why, advice } in config.problems() {
        // What stands nowhere is a default, and those are good.
        if let Some(at) = place_of(&document, key) {
            found.push((at, why, advice));
        }
    }
    found.sort_by_key(|(at, ..)| *at);
    let lines = found.into_iter().take(PROBLEM_COUNT_MAX).map(|(at, why, advice)| {
        let (line, column) = line_and_column(text, at);
        let why = why.replace('\n', " ");
        format!("unusable configuration: {why} ({name}:{line}:{column}); {advice}")
    });
    let mut lines: Vec<String> = lines.collect();
    lines.dedup();
    (config, lines)
}

type Mistake = (usize, String, String);

/// The configuration without the entries that cannot be read, and why they cannot.
fn read(mut document: Spanned<DeTable<'_>>) -> (Config, Vec<Mistake>) {
    let mut mistakes = Vec::new();
    loop {
        let error = match Config::deserialize(Deserializer::from(document.clone())) {
            Ok(config) => return (config, mistakes),
            Err(error) => error,
        };
        let span = error.span().unwrap_or(0..0);
        let removed = remove(document.get_mut(), &span);
        let message = match &removed {
            // An unknown key is named in the message.
            Some(key) if !error.message().starts_with("unknown field") => format!("{key}: {}", error.message()),
            _ => error.message().to_owned(),
        };
        let advice = "`sovereign config show` prints every key and its default";
        mistakes.push((span.start, message, advice.to_owned()));
        if removed.is_none() {
            return (Config::default(), mistakes);
        }
    }
}

/// Takes out the innermost entry that a place lies in; returns its name. (The span of a table with a
/// header of its own is its header's.)
fn remove(table: &mut DeTable<'_>, place: &Range<usize>) -> Option<String> {
    let is_at = |span: Range<usize>| span.start <= place.start && place.end <= span.end;
    for (key, value) in table.iter_mut() {
        if let DeValue::Table(inner) = value.get_mut()
            && let Some(inner) = remove(inner, place)
        {
            return Some(format!("{}.{inner}", key.get_ref()));
        }
    }
    let (key, _) = table.iter().find(|(key, value)| is_at(key.span()) || is_at(value.span()))?;
    let name = key.get_ref().to_string();
    table.remove(name.as_str()).map(|_| name)
}

/// Where the value of `section.key` stands.
fn place_of(document: &Spanned<DeTable<'_>>, key: &str) -> Option<usize> {
    let (section, key) = key.split_once('.')?;
    let value = document.get_ref().get(section)?.get_ref().as_table()?.get(key)?;
    Some(value.span().start)
}

/// Line and column of a byte, both from 1.
fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before.get(line_start..).unwrap_or_default().chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        parse("f", text).1
    }

    #[test]
    fn every_problem_is_told_with_its_place_in_the_order_of_lines() {
        let text = "[gateway]\nid = \"a b\"\ncolour = 1\n[dataplane]\nlcores = \"one\"\nmbuf_count = 7\nhugepages = \"4K\"\n\
                    [audit]\nsync = \"50\"\nsegment_bytes = 1\n[admin]\nmetrics = \"192.0.2.1:80\"\n[nosuch]\nx = 1\n";
        let found = problems(text);
        let places = ["2:6", "3:1", "5:10", "6:14", "7:13", "9:8", "10:17", "12:11", "13:2"];
        assert_eq!(found.len(), places.len(), "{found:#?}");
        for (line, place) in found.iter().zip(places) {
            assert!(line.contains(&format!("(f:{place}); ")), "{place}: {line}");
            assert!(line.starts_with("unusable configuration: "), "{line}");
        }
        assert!(found[2].contains("dataplane.lcores"), "{}", found[2]);
    }

    #[test]
    fn what_can_be_read_is_read() {
        let (config, found) =
            parse("f", "[gateway]\nid = \"box-7\"\n[dataplane]\nlcores = [1, 2]\nflow_count_max = -1\n");
        assert_eq!((config.gateway.id.as_str(), config.dataplane.lcores.as_slice()), ("box-7", &[1, 2][..]));
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn impossible_values_are_told() {
        let cases = [
            ("[dataplane]\nlcores = []", "2:10"),
            ("[dataplane]\nlcores = [1, 1]", "2:10"),
            ("[dataplane]\nmbuf_count = 16777217", "2:14"),
            ("[audit]\nsegment_bytes = 2147483648", "2:17"),
            ("[gateway]\nid = \"\"", "2:6"),
            ("[ports]\ninside = \"net_null0\"\noutside = \"net_null0\"", "3:11"),
            ("[admin]\nsocket = \"\"", "2:10"),
            ("[tls]\nca_key = \"/etc/ca.key\"", "2:10"),
            ("[tls]\nca_key = \"pkcs11:token=x\"", "2:10"),
            ("[tls]\nca_key = \"file:\"", "2:10"),
            ("[tls]\nca_cert = \"\"", "2:11"),
            ("[tls.clients]\ncolour = 1", "2:1"),
            ("gateway = 7", "1:11"),
            ("[gateway]\nid = \"a\"\nid = \"b\"", "3:1"),
            ("[gateway", "1:9"),
        ];
        for (text, place) in cases {
            let found = problems(text);
            assert!(found.len() == 1 && found[0].contains(&format!("f:{place}")), "{text}: {found:?}");
        }
        assert!(problems("[admin]\nmetrics = \"192.0.2.1:80\"\nmetrics_public = true").is_empty());
    }
}
