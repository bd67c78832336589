/// Token counts as a provider states them.
///
/// Later figures replace earlier ones: the last `usage` of a stream counts. Input includes cached
/// tokens, whichever way the provider counts: Anthropic states them apart, OpenAI within.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    input: Option<u64>,
    cached: [Option<u64>; 2],
    output: Option<u64>,
    thoughts: Option<u64>,
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
    /// Output tokens.
    Output,
    /// Output tokens spent on reasoning, counted apart.
    Thoughts,
}

impl Usage {
    /// Takes note of a figure; one that is stated and cannot be is unknown, whatever was stated before.
    pub const fn set(&mut self, field: UsageField, tokens: Option<u64>) {
        let [written, read] = &mut self.cached;
        match field {
            UsageField::Input => self.input = tokens,
            UsageField::CacheWritten => *written = tokens,
            UsageField::CacheRead => *read = tokens,
            UsageField::Output => self.output = tokens,
            UsageField::Thoughts => self.thoughts = tokens,
        }
    }

    /// Input tokens, cached ones included.
    #[must_use]
    pub fn tokens_in(&self) -> Option<u64> {
        let cached: u64 = self.cached.iter().flatten().fold(0, |sum, tokens| sum.saturating_add(*tokens));
        self.input.map(|input| input.saturating_add(cached))
    }

    /// Output tokens, reasoning included.
    #[must_use]
    pub fn tokens_out(&self) -> Option<u64> {
        self.output.map(|output| output.saturating_add(self.thoughts.unwrap_or(0)))
    }

    /// True once any figure was stated.
    #[must_use]
    pub fn is_known(&self) -> bool {
        *self != Self::default()
    }
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
}
