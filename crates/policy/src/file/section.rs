//! One table of the file: keys are taken out of it by type; what is left over is unknown.

use crate::problem::Collector;
use core::ops::{Range, RangeInclusive};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

type Text = (String, Range<usize>);

/// A table that is being read.
#[derive(Debug)]
pub(super) struct Section<'d> {
    what: String,
    table: &'d DeTable<'d>,
    span: Range<usize>,
    taken: Vec<String>,
}

impl<'d> Section<'d> {
    pub(super) fn new(what: impl Into<String>, table: &'d DeTable<'d>, span: Range<usize>) -> Self {
        Self { what: what.into(), table, span, taken: Vec::new() }
    }

    /// Where the table stands.
    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Where a key's value stands, or else the table.
    pub(super) fn span_of(&self, key: &str) -> Range<usize> {
        self.table.get(key).map_or_else(|| self.span(), Spanned::span)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// All keys, in the order of the file where the parser keeps it.
    pub(super) fn keys(&self) -> Vec<String> {
        self.table.keys().map(|key| key.get_ref().to_string()).collect()
    }

    pub(super) fn peek(&self, key: &str) -> Option<&'d DeValue<'d>> {
        self.table.get(key).map(Spanned::get_ref)
    }

    pub(super) fn take(&mut self, key: &str) -> Option<&'d Spanned<DeValue<'d>>> {
        self.taken.push(key.to_owned());
        self.table.get(key)
    }

    pub(super) fn text(&mut self, key: &str, problems: &mut Collector<'_>) -> Option<Text> {
        let value = self.take(key)?;
        let text = value.get_ref().as_str().filter(|text| !text.trim().is_empty());
        if text.is_none() {
            problems.add(value.span(), format!("{key} must be a text between quotes"));
        }
        text.map(|text| (text.to_owned(), value.span()))
    }

    pub(super) fn required_text(&mut self, key: &str, problems: &mut Collector<'_>) -> Option<Text> {
        self.require(key, problems);
        self.text(key, problems)
    }

    /// A word out of a list.
    pub(super) fn word<T: Copy>(&mut self, key: &str, words: &[(&str, T)], problems: &mut Collector<'_>) -> Option<T> {
        let value = self.take(key)?;
        let found = value.get_ref().as_str().and_then(|text| words.iter().find(|(word, _)| *word == text));
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            problems.add(value.span(), format!("{key} must be one of {}", known.join(", ")));
        }
        found.map(|(_, meaning)| *meaning)
    }

    pub(super) fn required_word<T: Copy>(
        &mut self,
        key: &str,
        words: &[(&str, T)],
        problems: &mut Collector<'_>,
    ) -> Option<T> {
        self.require(key, problems);
        self.word(key, words, problems)
    }

    pub(super) fn flag(&mut self, key: &str, problems: &mut Collector<'_>) -> Option<bool> {
        let value = self.take(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            problems.add(value.span(), format!("{key} must be true or false"));
        }
        flag
    }

    /// A part of one, as a percentage.
    pub(super) fn share(&mut self, key: &str, problems: &mut Collector<'_>) -> Option<u8> {
        let value = self.take(key)?;
        let float = value.get_ref().as_float().map(|float| float.as_str());
        let text = float.or_else(|| value.get_ref().as_integer().map(|integer| integer.as_str()));
        let number = text.and_then(|text| text.parse::<f64>().ok());
        let share = number.filter(|number| (0.0..=1.0).contains(number));
        if share.is_none() {
            problems.add(value.span(), format!("{key} must be a number from 0.0 to 1.0"));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 100")]
        share.map(|share| (share * 100.0).round() as u8)
    }

    pub(super) fn integer(
        &mut self,
        key: &str,
        range: RangeInclusive<u32>,
        problems: &mut Collector<'_>,
    ) -> Option<(u32, Range<usize>)> {
        let value = self.take(key)?;
        integer(value, key, range, problems).map(|number| (number, value.span()))
    }

    pub(super) fn integers(&mut self, key: &str, range: RangeInclusive<u32>, problems: &mut Collector<'_>) -> Vec<u32> {
        let Some(array) = self.array(key, problems) else { return Vec::new() };
        array.iter().filter_map(|value| integer(value, key, range.clone(), problems)).collect()
    }

    pub(super) fn texts(&mut self, key: &str, problems: &mut Collector<'_>) -> Vec<Text> {
        let Some(array) = self.array(key, problems) else { return Vec::new() };
        let text = |value: &Spanned<DeValue<'_>>| {
            let text = value.get_ref().as_str().filter(|text| !text.trim().is_empty());
            if text.is_none() {
                problems.add(value.span(), format!("{key} is a list of texts between quotes"));
            }
            text.map(|text| (text.to_owned(), value.span()))
        };
        array.iter().filter_map(text).collect()
    }

    /// A list of texts, or one alone.
    pub(super) fn text_or_texts(&mut self, key: &str, problems: &mut Collector<'_>) -> Vec<Text> {
        if matches!(self.peek(key), Some(DeValue::String(_))) {
            return self.text(key, problems).into_iter().collect();
        }
        self.texts(key, problems)
    }

    pub(super) fn table(&mut self, key: &str, problems: &mut Collector<'_>) -> Option<Self> {
        let value = self.take(key)?;
        let table = value.get_ref().as_table();
        if table.is_none() {
            problems.add(value.span(), format!("{key} must be a table"));
        }
        table.map(|table| Self::new(format!("{key} of {}", self.what), table, value.span()))
    }

    /// Reports every key that nobody took.
    pub(super) fn finish(self, problems: &mut Collector<'_>) {
        for key in self.table.keys() {
            if self.taken.iter().any(|taken| taken == key.get_ref()) {
                continue;
            }
            let mut known: Vec<&str> = self.taken.iter().map(String::as_str).collect();
            known.sort_unstable();
            known.dedup();
            let message = format!("unknown key \"{}\" in {}; known are {}", key.get_ref(), self.what, known.join(", "));
            problems.add(key.span(), message);
        }
    }

    fn array(&mut self, key: &str, problems: &mut Collector<'_>) -> Option<&'d DeArray<'d>> {
        let value = self.take(key)?;
        let array = value.get_ref().as_array();
        if array.is_none() {
            problems.add(value.span(), format!("{key} must be a list in square brackets"));
        }
        array
    }

    fn require(&self, key: &str, problems: &mut Collector<'_>) {
        if !self.has(key) {
            problems.add(self.span(), format!("{key} is missing in {}", self.what));
        }
    }
}

/// The tables of a `[[name]]` list.
pub(super) fn tables<'d>(
    value: Option<&'d Spanned<DeValue<'d>>>,
    what: &str,
    problems: &mut Collector<'_>,
) -> Vec<Section<'d>> {
    let Some(value) = value else { return Vec::new() };
    let Some(array) = value.get_ref().as_array() else {
        problems.add(value.span(), format!("write {what} with two brackets"));
        return Vec::new();
    };
    let section = |value: &'d Spanned<DeValue<'d>>| {
        let table = value.get_ref().as_table();
        if table.is_none() {
            problems.add(value.span(), format!("{what} must be a table"));
        }
        table.map(|table| Section::new(what, table, value.span()))
    };
    array.iter().filter_map(section).collect()
}

fn integer(
    value: &Spanned<DeValue<'_>>,
    key: &str,
    range: RangeInclusive<u32>,
    problems: &mut Collector<'_>,
) -> Option<u32> {
    let number = value.get_ref().as_integer().and_then(|number| {
        u32::from_str_radix(number.as_str(), number.radix()).ok().filter(|number| range.contains(number))
    });
    if number.is_none() {
        problems.add(value.span(), format!("{key} must be a whole number from {} to {}", range.start(), range.end()));
    }
    number
}
