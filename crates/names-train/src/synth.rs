//! Texts that are made up: templates of our own, filled with names of many cultures.
//!
//! A template's slots are words in braces ([`Writer::fill`] knows them); `\n` is a line's end, `\t`
//! a tabulator, `\b` the end of a leaf. Some names are cut from two others, and some are hidden from
//! the gazetteer, so that the tagger learns to do without it.

mod fillers;

use crate::document::{Document, Kind};
use crate::lists::Names;
use crate::random::Random;
use fillers::{Filler, capitalised};

/// Templates by their part of all texts, of a hundred.
const TEMPLATES: &[(usize, &str)] = &[
    (40, include_str!("../templates/english.txt")),
    (22, include_str!("../templates/forms.txt")),
    (10, include_str!("../templates/languages.txt")),
    (28, include_str!("../templates/negative.txt")),
];
/// Of a hundred names, so many are of the English-speaking culture.
const ENGLISH_PERCENT: usize = 35;
/// Of a hundred names, so many are cut from two others.
const BLENDED_PERCENT: usize = 15;
/// Of a hundred names, so many are hidden from the gazetteer.
const HIDDEN_PERCENT: usize = 25;
/// Of a hundred texts, so many are in small letters, and so many in capitals.
const LOWER_PERCENT: usize = 20;
const UPPER_PERCENT: usize = 4;

/// Makes so many texts.
#[must_use]
pub fn documents(names: &Names, count: usize, seed: u64) -> Vec<Document> {
    let templates: Vec<(usize, Vec<&str>)> =
        TEMPLATES.iter().map(|(part, text)| (*part, text.lines().filter(|line| !line.is_empty()).collect())).collect();
    let mut random = Random::new(seed ^ 0x005e_ed0f_7e47);
    (0..count).map(|_| document(names, &templates, &mut random)).collect()
}

fn document(names: &Names, templates: &[(usize, Vec<&str>)], random: &mut Random) -> Document {
    let mut writer = Writer { names, random, made: Document::default(), last: None };
    let parts = if writer.random.percent(70) { 1 } else { 2 + writer.random.below(2) };
    for part in 0..parts {
        if part > 0 {
            writer.made.push(if writer.random.percent(50) { " " } else { "\n" });
        }
        if let Some(template) = choose(templates, writer.random) {
            writer.fill(template);
        }
    }
    let made = writer.made;
    match random.below(100) {
        draw if draw < LOWER_PERCENT => made.recased(false),
        draw if draw < LOWER_PERCENT + UPPER_PERCENT => made.recased(true),
        _ => made,
    }
}

fn choose<'a>(templates: &[(usize, Vec<&'a str>)], random: &mut Random) -> Option<&'a str> {
    let mut draw = random.below(templates.iter().map(|group| group.0).sum());
    for (part, group) in templates {
        if draw < *part {
            return random.pick(group);
        }
        draw -= part;
    }
    None
}

/// Fills templates.
struct Writer<'a> {
    names: &'a Names,
    random: &'a mut Random,
    made: Document,
    /// The last person's name, of which mail addresses are made.
    last: Option<String>,
}

impl Writer<'_> {
    /// Appends a template, its slots filled; what is in braces and no slot stays as it is.
    fn fill(&mut self, template: &str) {
        let template = template.replace("\\n", "\n").replace("\\t", "\t");
        let mut rest = template.as_str();
        while let Some(open) = rest.find(['{', '\\']) {
            let (text, behind) = rest.split_at(open);
            self.made.push(text);
            if let Some(behind) = behind.strip_prefix("\\b") {
                self.made.text.push(0xff);
                rest = behind;
                continue;
            }
            let slot = behind.strip_prefix('{').and_then(|behind| behind.split_once('}')).map_or("", |parts| parts.0);
            if self.slot(slot) {
                rest = behind.get(slot.len() + 2..).unwrap_or_default();
            } else {
                let (mark, behind) = behind.split_at(1);
                self.made.push(mark);
                rest = behind;
            }
        }
        self.made.push(rest);
    }

    /// Fills one slot; false if there is none of that name.
    fn slot(&mut self, slot: &str) -> bool {
        match slot {
            "p" => self.person(),
            "n" => self.full_name(),
            "f" => self.one_name(true),
            "l" => self.one_name(false),
            "o" => self.organization(),
            "c" => self.place(true),
            "g" => self.place(false),
            _ => return self.filler(slot),
        }
        true
    }

    fn filler(&mut self, slot: &str) -> bool {
        let mut filler = Filler { names: self.names, random: &mut *self.random, person: self.last.as_deref() };
        let Some(text) = filler.text(slot) else { return false };
        self.made.push(&text);
        true
    }

    fn person(&mut self) {
        match self.random.below(10) {
            0..=2 => self.one_name(true),
            3..=4 => self.one_name(false),
            _ => self.full_name(),
        }
    }

    fn draw_culture(&mut self) -> usize {
        if self.random.percent(ENGLISH_PERCENT) {
            self.names.english
        } else {
            self.random.below(self.names.cultures.len())
        }
    }

    fn one_name(&mut self, first: bool) {
        let culture = self.draw_culture();
        let name = self.name(culture, first);
        self.push_person(&name);
    }

    fn full_name(&mut self) {
        let culture = self.draw_culture();
        let (first, last) = (self.name(culture, true), self.name(culture, false));
        let initial = self.name(culture, true).chars().next().unwrap_or('A');
        let name = match self.random.below(20) {
            0..=1 => format!("{first} {initial}. {last}"),
            2 => format!("{initial}. {last}"),
            3 => format!("{first} {} {last}", self.name(culture, true)),
            4 => format!("{first} {last}-{}", self.name(culture, false)),
            5 => format!("{first} {} {last}", self.random.pick(fillers::PARTICLES).unwrap_or("de")),
            6 => format!("{first} {initial} {last}"),
            7 => format!(
                "{first} {last} {}",
                self.random.pick(&["Jr.", "Sr.", "III", "PhD", "MD", "II"]).unwrap_or("Jr.")
            ),
            8 => format!("{last} {first}"),
            _ => format!("{first} {last}"),
        };
        self.push_person(&name);
    }

    fn push_person(&mut self, name: &str) {
        let is_hidden = self.random.percent(HIDDEN_PERCENT);
        let end =
            [" Jr.", " Sr.", " III", " PhD", " MD", " II"].into_iter().find_map(|suffix| name.strip_suffix(suffix));
        self.made.push_name(end.unwrap_or(name), Kind::Person, is_hidden);
        self.made.push(end.and_then(|end| name.get(end.len()..)).unwrap_or_default());
        self.last = Some(name.to_owned());
    }

    fn name(&mut self, culture: usize, first: bool) -> String {
        let names = self.names;
        let Some(culture) = names.cultures.get(culture) else { return String::new() };
        let list = if first { &culture.first } else { &culture.last };
        let draw = |random: &mut Random| list.get(random.below(list.len().max(1))).cloned().unwrap_or_default();
        let one = draw(self.random);
        if !self.random.percent(BLENDED_PERCENT) || one.contains([' ', '-']) {
            return one;
        }
        blend(&one, &draw(self.random))
    }

    fn organization(&mut self) {
        let name = self.organization_name();
        let is_hidden = self.random.percent(HIDDEN_PERCENT);
        self.made.push_name(&name, Kind::Organization, is_hidden);
    }

    fn organization_name(&mut self) -> String {
        let culture = self.draw_culture();
        let last = |writer: &mut Self| writer.name(culture, false);
        let suffix = self.random.pick(fillers::COMPANY_SUFFIXES).unwrap_or("Inc");
        match self.random.below(16) {
            0 => format!("{} {suffix}", last(self)),
            1 => format!("{}, {} and {}", last(self), last(self), last(self)),
            2 => format!("{} & {}", last(self), last(self)),
            3 => format!("{}-{}", last(self), last(self)),
            4 => format!("{} {}", self.place_name(true), self.random.pick(fillers::INSTITUTIONS).unwrap_or("Bank")),
            5 => format!("{} of {}", self.random.pick(fillers::INSTITUTIONS).unwrap_or("Bank"), self.place_name(true)),
            6..=7 => self.random.pick(fillers::BRANDS).unwrap_or("Siemens").to_owned(),
            8 => format!("{} {suffix}", self.random.pick(fillers::BRANDS).unwrap_or("Siemens")),
            9 => (0..3 + self.random.below(2))
                .filter_map(|_| self.random.pick(&["A", "B", "C", "E", "F", "I", "M", "N", "S", "T", "U"]))
                .collect(),
            10..=11 => self.coined(),
            12 => format!("{} {suffix}", self.coined()),
            13 => format!("{} {} {suffix}", self.word(), self.word()),
            14 => format!("{} {}", last(self), self.random.pick(fillers::TRADES).unwrap_or("Partners")),
            _ => format!("{} {}", self.word(), self.random.pick(fillers::TRADES).unwrap_or("Partners")),
        }
    }

    /// A name as young companies have: two words in one.
    fn coined(&mut self) -> String {
        let (one, other) = (self.word(), self.word().to_lowercase());
        let short = |word: &str| word.chars().take(6).collect::<String>();
        format!("{}{}", short(&one), short(&other))
    }

    fn word(&mut self) -> String {
        let words = &self.names.words;
        capitalised(words.get(self.random.below(words.len().max(1))).map_or("data", String::as_str))
    }

    fn place(&mut self, city: bool) {
        let name = self.place_name(city);
        let is_hidden = self.random.percent(HIDDEN_PERCENT);
        self.made.push_name(&name, Kind::Location, is_hidden);
    }

    fn place_name(&mut self, city: bool) -> String {
        let list = if city { &self.names.cities } else { &self.names.regions };
        list.get(self.random.below(list.len().max(1))).cloned().unwrap_or_default()
    }
}

/// The head of one name and the tail of another: a name that sounds like both and is in no list.
fn blend(one: &str, other: &str) -> String {
    let head = one.chars().take(one.chars().count().div_ceil(2));
    let count = other.chars().count();
    head.chain(other.chars().skip(count / 2)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::Culture;

    #[test]
    fn what_is_no_slot_stays_as_it_is() {
        let names = Names {
            cultures: vec![Culture { first: vec!["Jane".to_owned()], last: vec!["Doe".to_owned()] }],
            english: 0,
            cities: vec![],
            regions: vec![],
            streets: vec![],
            jobs: vec![],
            words: vec![],
            clusters: vec![],
        };
        let mut random = Random::new(1);
        let mut writer = Writer { names: &names, random: &mut random, made: Document::default(), last: None };
        writer.fill("{\"a\": {x}, \\b\\n{f}}");
        let text = String::from_utf8_lossy(&writer.made.text).into_owned();
        assert!(text.starts_with("{\"a\": {x}, \u{fffd}\n") && text.ends_with('}'), "{text:?}");
        assert_eq!(writer.made.spans.len(), 1);
    }
}
