use crate::Provider;
use crate::provider::is_private_host;

/// What a model is asked for.
///
/// The names are those of the OpenTelemetry GenAI conventions as far as they have one, otherwise
/// in the same style.
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
    /// How many tokens a conversation has.
    CountTokens,
    /// Pictures.
    ImageGeneration,
    /// Text to speech.
    Speech,
    /// Speech to text.
    Transcription,
    /// Whether a text is harmful.
    Moderation,
    /// The order of documents by a question.
    Rerank,
    /// Many requests in one.
    Batch,
    /// A model of one's own.
    FineTuning,
    /// Files that other calls name.
    Files,
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
            Self::CountTokens => "count_tokens",
            Self::ImageGeneration => "image_generation",
            Self::Speech => "speech",
            Self::Transcription => "transcription",
            Self::Moderation => "moderation",
            Self::Rerank => "rerank",
            Self::Batch => "batch",
            Self::FineTuning => "fine_tuning",
            Self::Files => "files",
        }
    }
}

/// What host and path tell about a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Call<'a> {
    /// The label of who answers: by host, or on a private host by the dialect of the path.
    pub provider: Option<&'a str>,
    /// Whose dialect the path is.
    pub dialect: Option<Provider>,
    /// What is asked for.
    pub operation: Option<Operation>,
    /// The model, where the path names it, percent-encoded as it stands there.
    pub model: Option<&'a str>,
    /// The answer is streamed as far as the path tells.
    pub stream: bool,
}

/// Ends of paths, longest of a kind first.
const PATHS: [(&str, Provider, Operation); 21] = [
    ("/chat/completions", Provider::OpenAi, Operation::Chat),
    ("/v1/messages", Provider::Anthropic, Operation::Chat),
    ("/v1/complete", Provider::Anthropic, Operation::TextCompletion),
    ("/v1/responses", Provider::OpenAi, Operation::Chat),
    ("/openai/responses", Provider::OpenAi, Operation::Chat),
    ("/completions", Provider::OpenAi, Operation::TextCompletion),
    ("/embeddings", Provider::OpenAi, Operation::Embeddings),
    ("/messages/count_tokens", Provider::Anthropic, Operation::CountTokens),
    ("/messages/batches", Provider::Anthropic, Operation::Batch),
    ("/images/generations", Provider::OpenAi, Operation::ImageGeneration),
    ("/images/edits", Provider::OpenAi, Operation::ImageGeneration),
    ("/images/variations", Provider::OpenAi, Operation::ImageGeneration),
    ("/audio/speech", Provider::OpenAi, Operation::Speech),
    ("/audio/transcriptions", Provider::OpenAi, Operation::Transcription),
    ("/audio/translations", Provider::OpenAi, Operation::Transcription),
    ("/moderations", Provider::OpenAi, Operation::Moderation),
    ("/rerank", Provider::OpenAi, Operation::Rerank),
    ("/api/chat", Provider::Ollama, Operation::Chat),
    ("/api/generate", Provider::Ollama, Operation::TextCompletion),
    ("/api/embed", Provider::Ollama, Operation::Embeddings),
    ("/api/embeddings", Provider::Ollama, Operation::Embeddings),
];

/// Collections of OpenAI's API, by the segment behind those of [`ROOTS`].
const COLLECTIONS: [(&str, Operation); 5] = [
    ("files", Operation::Files),
    ("uploads", Operation::Files),
    ("batches", Operation::Batch),
    ("batch", Operation::Batch),
    ("fine_tuning", Operation::FineTuning),
];

/// Segments with which paths of OpenAI's API begin.
const ROOTS: [&str; 2] = ["openai", "v1"];

/// Methods that stand behind a model and a colon in Google's paths, and whether they stream.
const GOOGLE_METHODS: [(&str, Operation, bool); 9] = [
    ("generateContent", Operation::GenerateContent, false),
    ("streamGenerateContent", Operation::GenerateContent, true),
    ("embedContent", Operation::Embeddings, false),
    ("batchEmbedContents", Operation::Embeddings, false),
    ("batchGenerateContent", Operation::Batch, false),
    ("countTokens", Operation::CountTokens, false),
    // What others serve on Vertex AI, in their own dialects.
    ("rawPredict", Operation::Chat, false),
    ("streamRawPredict", Operation::Chat, true),
    ("generateMessage", Operation::Chat, false),
];

/// Methods that stand behind a model in Bedrock's paths, and whether they stream.
const BEDROCK_METHODS: [(&str, Operation, bool); 5] = [
    ("converse", Operation::Chat, false),
    ("converse-stream", Operation::Chat, true),
    ("invoke", Operation::Chat, false),
    ("invoke-with-response-stream", Operation::Chat, true),
    ("count-tokens", Operation::CountTokens, false),
];

impl<'a> Call<'a> {
    /// Reads host (without port) and path (without query). `named` is the label that the host has, if
    /// it is known.
    #[must_use]
    pub fn of(host: &str, path: &'a str, named: Option<&'a str>) -> Self {
        let mut call = Self::of_path(path);
        call.provider = named.or_else(|| Provider::of_host(host).map(Provider::name));
        if call.provider.is_none() && is_private_host(host) {
            call.provider = call.dialect.map(Provider::name);
        }
        call
    }

    fn of_path(path: &'a str) -> Self {
        if let Some((model, method)) = google(path) {
            let (operation, stream) = method_of(&GOOGLE_METHODS, method);
            return Self { provider: None, dialect: Some(Provider::Gemini), operation, model: Some(model), stream };
        }
        if let Some((model, method)) = bedrock(path) {
            let (operation, stream) = method_of(&BEDROCK_METHODS, method);
            return Self { operation, model: Some(model), stream, ..Self::default() };
        }
        let Some((_, dialect, operation)) = PATHS.iter().find(|(end, ..)| path.ends_with(end)) else {
            return Self { operation: collection(path), ..Self::default() };
        };
        // Ollama streams unless a request says otherwise.
        let stream = *dialect == Provider::Ollama && *operation != Operation::Embeddings;
        let model = azure_deployment(path);
        Self { dialect: Some(*dialect), operation: Some(*operation), model, stream, ..Self::default() }
    }
}

fn method_of(methods: &[(&str, Operation, bool)], method: &str) -> (Option<Operation>, bool) {
    let known = methods.iter().find(|(name, ..)| *name == method);
    known.map_or((None, false), |(_, operation, stream)| (Some(*operation), *stream))
}

/// Model and method of `/v1beta/models/MODEL:METHOD`.
fn google(path: &str) -> Option<(&str, &str)> {
    let (_, tail) = path.rsplit_once("/models/")?;
    let (model, method) = tail.split_once(':')?;
    (!model.is_empty() && !method.contains('/')).then_some((model, method))
}

/// Model and method of `/model/MODEL/METHOD`.
fn bedrock(path: &str) -> Option<(&str, &str)> {
    let (model, method) = path.strip_prefix("/model/")?.rsplit_once('/')?;
    (!model.is_empty()).then_some((model, method))
}

/// The model of `/openai/deployments/MODEL/...`, as its operator calls it.
fn azure_deployment(path: &str) -> Option<&str> {
    let (model, _) = path.strip_prefix("/openai/deployments/")?.split_once('/')?;
    (!model.is_empty()).then_some(model)
}

/// What `/v1/files/...` and the like is about.
fn collection(path: &str) -> Option<Operation> {
    let behind = path.strip_prefix('/')?;
    let (root, rest) = behind.split_once('/').filter(|(root, _)| ROOTS.contains(root))?;
    let rest = rest.strip_prefix("v1/").filter(|_| root == "openai").unwrap_or(rest);
    let segment = rest.split('/').next()?;
    COLLECTIONS.iter().find(|(name, _)| *name == segment).map(|(_, operation)| *operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_dialect_and_operation() {
        let call = Call::of("10.0.0.2", "/v1/chat/completions", None);
        assert_eq!((call.provider, call.operation), (Some("openai"), Some(Operation::Chat)));
        let call = Call::of("api.anthropic.com", "/v1/messages", None);
        assert_eq!((call.provider, call.operation), (Some("anthropic"), Some(Operation::Chat)));
        let call =
            Call::of("generativelanguage.googleapis.com", "/v1beta/models/gemini-2.0:streamGenerateContent", None);
        assert_eq!((call.model, call.stream), (Some("gemini-2.0"), true));
    }

    #[test]
    fn every_path_of_the_apis_has_its_operation() {
        for (path, operation) in [
            ("/v1/images/generations", "image_generation"),
            ("/v1/moderations", "moderation"),
            ("/v1/audio/speech", "speech"),
            ("/v1/audio/transcriptions", "transcription"),
            ("/v1/embeddings", "embeddings"),
            ("/v1/messages/count_tokens", "count_tokens"),
            ("/v1/messages/batches", "batch"),
            ("/v1/responses", "chat"),
            ("/openai/v1/responses", "chat"),
            ("/v1/completions", "text_completion"),
            ("/v1/batches", "batch"),
            ("/v1/files/file-1/content", "files"),
            ("/openai/files", "files"),
            ("/openai/v1/batches/batch_1", "batch"),
            ("/v1/fine_tuning/jobs", "fine_tuning"),
            ("/v2/rerank", "rerank"),
            ("/v1beta/models/gemini-2.0:countTokens", "count_tokens"),
            ("/v1/projects/p/locations/l/publishers/anthropic/models/claude-3:rawPredict", "chat"),
            ("/openai/deployments/my-gpt/chat/completions", "chat"),
            ("/openai/deployments/my-ada/embeddings", "embeddings"),
            ("/api/chat", "chat"),
        ] {
            assert_eq!(Call::of_path(path).operation.map(Operation::name), Some(operation), "{path}");
        }
        for path in ["/", "/telemetry", "/v1/models", "/files", "/v1/filesystem", "/model/a/b", "/v1beta/models/m:x"] {
            assert_eq!(Call::of_path(path).operation, None, "{path}");
        }
    }

    #[test]
    fn paths_of_clouds_name_the_model() {
        for (path, model, stream) in [
            (
                "/model/anthropic.claude-3-sonnet-20240229-v1%3A0/converse",
                "anthropic.claude-3-sonnet-20240229-v1%3A0",
                false,
            ),
            (
                "/model/arn:aws:bedrock:us-east-1:1:inference-profile/us.x/invoke",
                "arn:aws:bedrock:us-east-1:1:inference-profile/us.x",
                false,
            ),
            ("/model/m/invoke-with-response-stream", "m", true),
            ("/model/m/converse-stream", "m", true),
            ("/openai/deployments/my-gpt/chat/completions", "my-gpt", false),
        ] {
            let call = Call::of_path(path);
            assert_eq!((call.model, call.stream), (Some(model), stream), "{path}");
        }
        assert_eq!(Call::of_path("/openai/deployments//chat/completions").model, None);
    }

    #[test]
    fn a_public_host_is_no_provider_because_of_its_path() {
        let call = Call::of("evil.example.com", "/v1/chat/completions", None);
        assert_eq!((call.provider, call.dialect), (None, Some(Provider::OpenAi)));
        let named = Call::of("llm.example.com", "/v1/chat/completions", Some("groq"));
        assert_eq!((named.provider, named.dialect), (Some("groq"), Some(Provider::OpenAi)));
    }
}
