//! The lists of names, by culture, and what the tagger's gazetteer is made of.

use detect::training::{Lists, kind};
use std::collections::BTreeMap;
use std::path::Path;

/// Given names and surnames of one culture.
#[derive(Debug, Default)]
pub(crate) struct Culture {
    pub(crate) first: Vec<String>,
    pub(crate) last: Vec<String>,
}

/// All lists.
#[derive(Debug)]
pub struct Names {
    pub(crate) cultures: Vec<Culture>,
    /// The place of the English-speaking culture.
    pub(crate) english: usize,
    pub(crate) cities: Vec<String>,
    pub(crate) regions: Vec<String>,
    pub(crate) streets: Vec<String>,
    pub(crate) jobs: Vec<String>,
    pub(crate) words: Vec<String>,
    /// Words by the number of their cluster.
    pub(crate) clusters: Vec<(u16, Vec<String>)>,
}

/// Bytes of a word of English below which it says little: `an`, `ed`.
const WORD_BYTES_MIN: usize = 2;

type Sections = BTreeMap<String, Vec<String>>;

impl Names {
    /// Reads the lists in `folder`.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn read(folder: &Path) -> std::io::Result<Self> {
        let list = |name: &str| sections(&folder.join(name));
        let flat = |sections: Sections| sections.into_values().flatten().collect::<Vec<_>>();
        let (first, mut last) = (list("first.txt")?, list("last.txt")?);
        last.entry("en".to_owned()).or_default().extend(flat(list("census.txt")?));
        let both = first.into_iter().filter_map(|(culture, first)| {
            let last = last.remove(&culture)?;
            Some((culture, Culture { first, last }))
        });
        let (tags, cultures): (Vec<_>, Vec<_>) = both.unzip();
        let english = tags.iter().position(|tag| tag == "en").unwrap_or(0);
        let mut regions = flat(list("country.txt")?);
        regions.extend(flat(list("state.txt")?).into_iter().filter(|name| name.len() > 3));
        let (cities, streets) = (flat(list("city.txt")?), flat(list("street.txt")?));
        let (jobs, words) = (flat(list("job.txt")?), flat(list("word.txt")?));
        let numbered = |(number, words): (String, Vec<String>)| Some((number.parse().ok()?, words));
        let clusters = list("cluster.txt")?.into_iter().filter_map(numbered).collect();
        Ok(Self { cultures, english, cities, regions, streets, jobs, words, clusters })
    }

    /// What the tagger knows of words.
    #[must_use]
    pub fn gazetteer(&self) -> Lists {
        let of =
            |names: &'_ [String], kind: u16| names.iter().map(move |name| (name.clone(), kind)).collect::<Vec<_>>();
        let mut known = Vec::new();
        for culture in &self.cultures {
            known.extend(of(&culture.first, kind::FIRST));
            known.extend(of(&culture.last, kind::LAST));
        }
        known.extend(of(&self.cities, kind::CITY));
        known.extend(of(&self.regions, kind::REGION));
        known.extend(of(&self.words, kind::COMMON).into_iter().filter(|(word, _)| word.len() >= WORD_BYTES_MIN));
        let clusters =
            self.clusters.iter().flat_map(|(number, words)| words.iter().map(|word| (word.as_str(), *number)));
        Lists::new(known.iter().map(|(name, kind)| (name.as_str(), *kind)), clusters)
    }
}

/// The sections of a list: a line `# x` begins that of x.
fn sections(file: &Path) -> std::io::Result<Sections> {
    let mut sections = Sections::new();
    let mut section = String::new();
    for line in std::fs::read_to_string(file)?.lines() {
        match line.strip_prefix("# ") {
            Some(name) => name.clone_into(&mut section),
            None => sections.entry(section.clone()).or_default().push(line.to_owned()),
        }
    }
    Ok(sections)
}
