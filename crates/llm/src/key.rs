/// The object keys that carry meaning in the formats known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Model,
    Stream,
    /// A key whose presence at the top makes a request a model call.
    Prompt,
    /// The same, where what stands under it may be parts of one message as well as messages.
    Items,
    /// A key whose value is a piece of running text, or the parts of one.
    Text,
    /// The same in an answer, under which requests have anything.
    Reply,
    /// A key under which the parts of one message stand.
    Parts,
    /// What a part has around its text, as Bedrock has it for text that is to be checked.
    Around,
    /// The pieces of a tool call's arguments.
    Arguments,
    /// The pieces of a model's reasoning.
    Reasoning,
    /// A token of an answer, beside its likelihood.
    Token,
    Index,
    TokensIn,
    /// The same as Ollama has it, at the top of its answer.
    EvaluatedIn,
    CacheWritten,
    CacheRead,
    /// Input that tools brought, as Gemini has it apart.
    ToolTokens,
    TokensOut,
    EvaluatedOut,
    Thoughts,
    /// A count of tokens that is a limit or a sum.
    Count,
    /// A prompt as numbers of tokens.
    TokenIds,
    /// A conversation so far as such numbers, at the top.
    Context,
    /// What makes an answer come out the same again: any number.
    Seed,
    /// A moment or a time taken, which an answer states.
    Time,
    /// What kind of part an object is.
    Kind,
    /// What names a line of a file of requests.
    Batch,
    /// The place of an element, as programs write arrays of bytes: `{"0": 83, "1": 83}`.
    Place,
    Other,
}

/// Longest key that can be one of those above, in bytes.
pub(crate) const KEY_BYTES_MAX: usize = 28;

/// The names of pieces of running text, and that of what a text is where it is an object.
const TEXTS: [&[u8]; 7] = [b"content", b"text", b"delta", b"response", b"refusal", b"input_text", b"value"];

/// A bit for each of these names, in whatever case; none of another.
pub(crate) fn text_bit(name: &[u8]) -> u8 {
    TEXTS.iter().position(|text| text.eq_ignore_ascii_case(name)).map_or(0, |place| 1 << place)
}

impl Key {
    /// A key of a request in whatever case: readers written in Go take it so. Only those are told that say more of what
    /// is to be read; numbers of tokens, as Ollama has them, behind the name of a model.
    pub(crate) fn of_any_case(name: &[u8], is_behind_model: bool) -> Self {
        let key = Self::of(name);
        let mut lower = [0; KEY_BYTES_MAX];
        let Some(lower) = lower.get_mut(..name.len()) else { return key };
        if key != Self::Other || !name.iter().any(u8::is_ascii_uppercase) {
            return key;
        }
        lower.copy_from_slice(name);
        lower.make_ascii_lowercase();
        let lower = Self::of(lower);
        let is_read = matches!(lower, Self::Model | Self::Stream | Self::Text | Self::Reply | Self::Parts)
            || lower == Self::Context && is_behind_model;
        if is_read { lower } else { key }
    }

    /// True for a name of running text.
    pub(crate) const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Reply)
    }

    pub(crate) fn of(name: &[u8]) -> Self {
        match name {
            b"model" | b"modelVersion" => Self::Model,
            b"stream" => Self::Stream,
            b"messages" | b"prompt" => Self::Prompt,
            b"contents" | b"input" => Self::Items,
            b"prompt_token_ids" | b"input_ids" => Self::TokenIds,
            b"context" => Self::Context,
            b"content" | b"text" | b"input_text" => Self::Text,
            b"delta" | b"response" | b"refusal" => Self::Reply,
            b"parts" | b"system" => Self::Parts,
            b"guardContent" => Self::Around,
            b"arguments" | b"partial_json" => Self::Arguments,
            b"reasoning_content" | b"reasoning" | b"thinking" => Self::Reasoning,
            b"token" => Self::Token,
            b"index" | b"output_index" | b"content_index" => Self::Index,
            b"prompt_tokens" | b"input_tokens" | b"inputTokens" | b"promptTokenCount" | b"promptTokens" => {
                Self::TokensIn
            }
            b"prompt_eval_count" => Self::EvaluatedIn,
            b"cache_creation_input_tokens" | b"cacheWriteInputTokens" => Self::CacheWritten,
            b"cache_read_input_tokens" | b"cacheReadInputTokens" => Self::CacheRead,
            b"toolUsePromptTokenCount" => Self::ToolTokens,
            b"completion_tokens"
            | b"output_tokens"
            | b"outputTokens"
            | b"candidatesTokenCount"
            | b"completionTokens" => Self::TokensOut,
            b"eval_count" => Self::EvaluatedOut,
            b"thoughtsTokenCount" => Self::Thoughts,
            b"seed" => Self::Seed,
            b"type" => Self::Kind,
            b"custom_id" => Self::Batch,
            b"created"
            | b"created_at"
            | b"total_duration"
            | b"load_duration"
            | b"prompt_eval_duration"
            | b"eval_duration" => Self::Time,
            b"max_tokens"
            | b"max_completion_tokens"
            | b"max_output_tokens"
            | b"total_tokens"
            | b"totalTokens"
            | b"totalTokenCount"
            | b"maxTokens"
            | b"budget_tokens"
            | b"num_ctx"
            | b"num_predict"
            | b"maxOutputTokens" => Self::Count,
            [b'0'..=b'9', rest @ ..] if rest.iter().all(u8::is_ascii_digit) => Self::Place,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_text_has_a_bit_of_its_own() {
        assert!(TEXTS.iter().all(|name| *name == b"value" || Key::of(name).is_text()));
        assert_eq!(TEXTS.iter().fold(0, |bits, name| bits | text_bit(name)).count_ones() as usize, TEXTS.len());
        assert_eq!(text_bit(b"Text"), text_bit(b"text"));
    }
}
