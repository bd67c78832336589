//! Records as lines: JSON for programs, aligned text for people.
//!
//! Whatever stands in a segment, a line stays one line and shows what it holds: characters that a
//! terminal obeys, or that reorder or hide others, are written as escapes.

mod json;
mod text;
mod time;

use crate::Finding;
use core::fmt;

pub use json::{to_json, write_json};
pub use text::{TEXT_COLUMNS, to_text, write_text};
pub use time::Rfc3339;

/// The title line of the text log.
pub const TITLE: &str = "Watch Me: Cloud Sovereign Audit Trail";

/// A finding's type as every command shows it: a word of a list of keywords is of that list's type.
struct TypeName<'a>(&'a Finding);

impl fmt::Display for TypeName<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { entity, rule, .. } = self.0;
        match entity.as_str() {
            "KEYWORD" if !rule.is_empty() => write!(formatter, "KEYWORD:{}", rule.as_str()),
            other => formatter.write_str(other),
        }
    }
}

/// True for characters that must not reach a terminal as they are.
///
/// Beside control characters these are the format characters (Unicode category Cf) that reorder,
/// hide or join text, line and paragraph separators, and tags.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests;
