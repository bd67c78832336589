/// Token counts as a provider states them.
///
/// Later figures replace earlier ones: the last `usage` of a stream counts. Input includes cached tokens and those of
/// tools, whichever way the provider counts: Anthropic and Gemini state them apart, OpenAI within.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    input: Figure,
    cached: [Figure; 2],
    tools: Figure,
    output: Figure,
    thoughts: Figure,
}

/// A figure, as far as it was stated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Figure {
    #[default]
    Unstated,
    /// Stated as something that no count is.
    Unknown,
    Tokens(u64),
}

/// Which figure a number of the answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageField {
    /// Input tokens.
    Input,
    /// Input tokens written to the cache, counted apart.
    CacheWritten,
    /// Input tokens read from the cache, counted apart.
    CacheRead,
    /// Input tokens that tools brought, counted apart.
    Tools,
    /// Output tokens.
    Output,
    /// Output tokens spent on reasoning, counted apart.
    Thoughts,
}

impl Usage {
    /// Takes note of a figure; one that is stated and cannot be is unknown, whatever was stated before.
    pub fn set(&mut self, field: UsageField, tokens: Option<u64>) {
        let [written, read] = &mut self.cached;
        let (figure, is_input) = match field {
            UsageField::Input => (&mut self.input, true),
            UsageField::CacheWritten => (written, true),
            UsageField::CacheRead => (read, true),
            UsageField::Tools => (&mut self.tools, true),
            UsageField::Output => (&mut self.output, false),
            UsageField::Thoughts => (&mut self.thoughts, false),
        };
        // A stream that has stated its input at the start may end with a count of nothing.
        if is_input && tokens == Some(0) && *figure != Figure::Unstated {
            return;
        }
        *figure = tokens.map_or(Figure::Unknown, Figure::Tokens);
    }

    /// Input tokens, cached ones and those of tools included.
    #[must_use]
    pub fn tokens_in(&self) -> Option<u64> {
        let [written, read] = self.cached;
        sum(&[self.input, written, read, self.tools])
    }

    /// Output tokens, reasoning included.
    #[must_use]
    pub fn tokens_out(&self) -> Option<u64> {
        sum(&[self.output, self.thoughts])
    }

    /// True once any figure was stated that is one.
    #[must_use]
    pub fn is_known(&self) -> bool {
        let Self { input, cached: [written, read], tools, output, thoughts } = self;
        [input, written, read, tools, output, thoughts].into_iter().any(|figure| matches!(figure, Figure::Tokens(_)))
    }
}

/// The sum of what was stated, if anything was and none of it is unknown.
fn sum(figures: &[Figure]) -> Option<u64> {
    figures.iter().try_fold(None, |sum: Option<u64>, figure| match figure {
        Figure::Unstated => Some(sum),
        Figure::Unknown => None,
        Figure::Tokens(tokens) => Some(Some(sum.unwrap_or(0).saturating_add(*tokens))),
    })?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_tokens_count_as_input_and_the_last_figure_wins() {
        let mut usage = Usage::default();
        assert!(!usage.is_known());
        usage.set(UsageField::Input, Some(10));
        usage.set(UsageField::CacheRead, Some(100));
        usage.set(UsageField::Output, Some(1));
        usage.set(UsageField::Output, Some(25));
        assert_eq!((usage.tokens_in(), usage.tokens_out()), (Some(110), Some(25)));
        usage.set(UsageField::Input, None);
        assert_eq!((usage.tokens_in(), usage.tokens_out()), (None, Some(25)));
    }

    #[test]
    fn what_is_counted_apart_counts_alone() {
        let mut usage = Usage::default();
        usage.set(UsageField::Input, Some(10));
        usage.set(UsageField::Tools, Some(300));
        assert_eq!((usage.tokens_in(), usage.tokens_out()), (Some(310), None));
        usage.set(UsageField::Thoughts, Some(50));
        assert_eq!(usage.tokens_out(), Some(50));
        usage.set(UsageField::Thoughts, None);
        assert_eq!(usage.tokens_out(), None);
    }

    #[test]
    fn a_later_input_of_nothing_takes_nothing_away() {
        let mut usage = Usage::default();
        usage.set(UsageField::Input, Some(0));
        usage.set(UsageField::Input, Some(10));
        usage.set(UsageField::Input, Some(0));
        usage.set(UsageField::Output, Some(7));
        usage.set(UsageField::Output, Some(0));
        assert_eq!((usage.tokens_in(), usage.tokens_out()), (Some(10), Some(0)));
    }
}
