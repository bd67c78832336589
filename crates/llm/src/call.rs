use crate::Provider;
use crate::provider::is_private_host;

/// What a model is asked for; the names are those of the OpenTelemetry GenAI conventions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A conversation.
    Chat,
    /// Continuation of one prompt.
    TextCompletion,
    /// Gemini's generateContent.
    GenerateContent,
    /// Vectors of texts.
    Embeddings,
}

impl Operation {
    /// The label in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::TextCompletion => "text_completion",
            Self::GenerateContent => "generate_content",
            Self::Embeddings => "embeddings",
        }
    }
}

/// What host and path tell about a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Call<'a> {
    /// Who answers: by host, or on a private host by the dialect of the path.
    pub provider: Option<Provider>,
    /// Whose dialect the path is.
    pub dialect: Option<Provider>,
    /// What is asked for.
    pub operation: Option<Operation>,
    /// The model, where the path names it.
    pub model: Option<&'a str>,
    /// The answer is streamed as far as the path tells.
    pub stream: bool,
}

/// Ends of paths, longest of a kind first.
const PATHS: [(&str, Provider, Operation); 9] = [
    ("/chat/completions", Provider::OpenAi, Operation::Chat),
    ("/v1/messages", Provider::Anthropic, Operation::Chat),
    ("/v1/complete", Provider::Anthropic, Operation::TextCompletion),
    ("/v1/responses", Provider::OpenAi, Operation::Chat),
    ("/completions", Provider::OpenAi, Operation::TextCompletion),
    ("/embeddings", Provider::OpenAi, Operation::Embeddings),
    ("/api/chat", Provider::Ollama, Operation::Chat),
    ("/api/generate", Provider::Ollama, Operation::TextCompletion),
    ("/api/embed", Provider::Ollama, Operation::Embeddings),
];

impl<'a> Call<'a> {
    /// Reads host and path (without query). `named` is the provider that the operator gave the
    /// host, if any.
    #[must_use]
    pub fn of(host: &str, path: &'a str, named: Option<Provider>) -> Self {
        let mut call = Self::of_path(path);
        let host = host
            .rsplit_once(':')
            .filter(|(_, port)| port.bytes().all(|digit| digit.is_ascii_digit()))
            .map_or(host, |(host, _)| host);
        call.provider = named.or_else(|| Provider::of_host(host));
        if call.provider.is_none() && is_private_host(host) {
            call.provider = call.dialect;
        }
        call
    }

    fn of_path(path: &'a str) -> Self {
        if let Some((model, method)) = gemini(path) {
            let stream = method == "streamGenerateContent";
            let operation = match method {
                "generateContent" | "streamGenerateContent" => Some(Operation::GenerateContent),
                "embedContent" | "batchEmbedContents" => Some(Operation::Embeddings),
                _ => None,
            };
            return Self { provider: None, dialect: Some(Provider::Gemini), operation, model: Some(model), stream };
        }
        let Some((_, dialect, operation)) = PATHS.iter().find(|(end, ..)| path.ends_with(end)) else {
            return Self::default();
        };
        // Ollama streams unless a request says otherwise.
        let stream = *dialect == Provider::Ollama && *operation != Operation::Embeddings;
        Self { dialect: Some(*dialect), operation: Some(*operation), stream, ..Self::default() }
    }
}

/// Model and method of `/v1beta/models/MODEL:METHOD`.
fn gemini(path: &str) -> Option<(&str, &str)> {
    let (_, tail) = path.rsplit_once("/models/")?;
    let (model, method) = tail.split_once(':')?;
    (!model.is_empty() && !method.contains('/')).then_some((model, method))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_dialect_and_operation() {
        let call = Call::of("10.0.0.2:8000", "/v1/chat/completions", None);
        assert_eq!((call.provider, call.operation), (Some(Provider::OpenAi), Some(Operation::Chat)));
        let call = Call::of("api.anthropic.com", "/v1/messages", None);
        assert_eq!((call.provider, call.operation), (Some(Provider::Anthropic), Some(Operation::Chat)));
        let call =
            Call::of("generativelanguage.googleapis.com", "/v1beta/models/gemini-2.0:streamGenerateContent", None);
        assert_eq!((call.model, call.stream), (Some("gemini-2.0"), true));
    }

    #[test]
    fn a_public_host_is_no_provider_because_of_its_path() {
        let call = Call::of("evil.example.com", "/v1/chat/completions", None);
        assert_eq!((call.provider, call.dialect), (None, Some(Provider::OpenAi)));
        let named = Call::of("llm.example.com", "/v1/chat/completions", Some(Provider::OpenAi));
        assert_eq!(named.provider, Some(Provider::OpenAi));
    }
}
