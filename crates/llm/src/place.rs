//! Where in a text token counts and settings stand: the same names elsewhere are a user's, a model's or a tool's words.

/// What a key may lead to, on the way to counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The counts of the answer.
    Usage,
    /// What has them in an event: Anthropic's `message_start`, OpenAI's `response.completed`, Cohere's `message-end`, Groq's
    /// last chunk.
    Wrapper,
    /// The counts within the counts, as Cohere has them beside those that are billed.
    Tokens,
    /// The settings of a request that has them apart: Ollama's, Gemini's.
    Settings,
    /// Something else.
    Other,
}

impl Step {
    pub(crate) fn of(key: &[u8]) -> Self {
        match key {
            b"usage" | b"usageMetadata" => Self::Usage,
            b"message" | b"response" | b"delta" | b"x_groq" => Self::Wrapper,
            b"tokens" => Self::Tokens,
            b"options" | b"generationConfig" | b"generation_config" => Self::Settings,
            _ => Self::Other,
        }
    }
}

/// What a container is, on the way to counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The array that an answer of several elements is.
    Elements,
    /// The answer, an element or an event of it.
    Top,
    /// An object in it that may have counts.
    Wrapper,
    /// The counts.
    Usage,
    /// An object of settings.
    Settings,
    /// Another object, without counts below.
    Object,
    /// Another array, without counts below.
    Array,
}

impl Place {
    /// The place of a text as such.
    pub(crate) const fn root(is_array: bool) -> Self {
        if is_array { Self::Elements } else { Self::Top }
    }

    /// The place of a container that begins here, under a key that is this step.
    pub(crate) const fn below(self, step: Step, is_array: bool) -> Self {
        match (self, step) {
            _ if is_array => Self::Array,
            (Self::Elements, _) => Self::Top,
            (Self::Top | Self::Wrapper, Step::Usage) | (Self::Usage, Step::Tokens) => Self::Usage,
            (Self::Top, Step::Wrapper) => Self::Wrapper,
            (Self::Top, Step::Settings) => Self::Settings,
            _ => Self::Object,
        }
    }

    pub(crate) const fn is_array(self) -> bool {
        matches!(self, Self::Elements | Self::Array)
    }
}
