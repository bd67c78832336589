use core::fmt;
use core::ops::Range;

/// One thing that is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// Everything that is wrong with a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
pub struct Problems {
    list: Vec<Problem>,
}

impl Problems {
    /// The problems, in the order of their lines.
    #[must_use]
    pub fn list(&self) -> &[Problem] {
        &self.list
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.list.iter().enumerate() {
            write!(formatter, "{}{problem}", if position == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

/// Collects problems by their place in the text.
#[derive(Debug)]
pub(crate) struct Collector<'t> {
    text: &'t str,
    found: Vec<(usize, String)>,
    /// Lines that are no TOML, by their first bytes: what was made of them counts for nothing.
    broken: Vec<usize>,
}

impl<'t> Collector<'t> {
    pub(crate) const fn new(text: &'t str) -> Self {
        Self { text, found: Vec::new(), broken: Vec::new() }
    }

    /// Notes a mistake of syntax, of which one is told a line.
    pub(crate) fn add_syntax(&mut self, span: Range<usize>, message: impl Into<String>) {
        let line = self.line_start(span.start);
        if !self.broken.contains(&line) {
            self.add(span, message);
            self.broken.push(line);
        }
    }

    fn line_start(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or(self.text);
        before.rfind('\n').map_or(0, |newline| newline + 1)
    }

    pub(crate) fn add(&mut self, span: Range<usize>, message: impl Into<String>) {
        if !self.broken.contains(&self.line_start(span.start)) {
            self.found.push((span.start, message.into()));
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// What was collected, as an error if there is anything.
    pub(crate) fn finish(self) -> Result<(), Problems> {
        let list = self.list();
        if list.is_empty() { Ok(()) } else { Err(Problems { list }) }
    }

    /// What was collected, in the order of lines.
    pub(crate) fn list(mut self) -> Vec<Problem> {
        self.found.sort_by_key(|(at, _)| *at);
        self.found.dedup();
        let place = |(at, message): (usize, String)| {
            let before = self.text.get(..at).unwrap_or(self.text);
            let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
            Problem {
                line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
                column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
                message,
            }
        };
        self.found.into_iter().map(place).collect()
    }
}
