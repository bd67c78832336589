//! Keys of model providers and of tools around them.

use super::{at_least, checked, exactly};
use crate::detectors::secret::{Rule, is_random};
use crate::text::Class;
use crate::window::{Checked, Match, Rest, Window};

use Class::Alphanumeric as ALNUM;
use Class::Hex as HEX;
use Class::Token as TOKEN;
use Class::Word as WORD;

pub(super) const RULES: [Rule; 46] = [
    at_least("helicone-api-key", "helicone", "sk-helicone-", TOKEN, 24),
    at_least("anthropic-api-key", "anthropic", "sk-ant-api", TOKEN, 24),
    at_least("anthropic-admin-key", "anthropic", "sk-ant-admin", TOKEN, 24),
    at_least("anthropic-oauth-token", "anthropic", "sk-ant-o", TOKEN, 24),
    at_least("anthropic-key", "anthropic", "sk-ant-", TOKEN, 20),
    at_least("openai-project-key", "openai", "sk-proj-", TOKEN, 20),
    at_least("openai-service-account-key", "openai", "sk-svcacct-", TOKEN, 20),
    at_least("openai-admin-key", "openai", "sk-admin-", TOKEN, 20),
    at_least("openrouter-api-key", "openrouter", "sk-or-v1-", HEX, 32),
    at_least("langfuse-secret-key", "langfuse", "sk-lf-", TOKEN, 36),
    checked("openai-api-key", "openai", "sk-", openai_key, OPENAI_KEY_BYTES),
    checked("sk-api-key", "openai", "sk-", plain_key, PLAIN_KEY_WINDOW_BYTES),
    at_least("groq-api-key", "groq", "gsk_", ALNUM, 40),
    at_least("xai-api-key", "xai", "xai-", ALNUM, 64),
    at_least("perplexity-api-key", "perplexity", "pplx-", ALNUM, 40),
    at_least("huggingface-token", "huggingface", "hf_", ALNUM, 30),
    at_least("huggingface-organization-token", "huggingface", "api_org_", ALNUM, 30),
    at_least("replicate-token", "replicate", "r8_", ALNUM, 36),
    at_least("fireworks-api-key", "fireworks", "fw_", ALNUM, 24),
    at_least("cerebras-api-key", "cerebras", "csk-", ALNUM, 40),
    at_least("nvidia-api-key", "nvidia", "nvapi-", TOKEN, 60),
    at_least("langsmith-key", "langchain", "lsv2_", WORD, 40),
    at_least("tavily-api-key", "tavily", "tvly-", TOKEN, 28),
    at_least("pinecone-api-key", "pinecone", "pcsk_", WORD, 50),
    at_least("elevenlabs-api-key", "elevenlabs", "sk_", HEX, 48),
    at_least("openai-session-token", "openai", "sess-", ALNUM, 40),
    at_least("anyscale-key", "anyscale", "esecret_", ALNUM, 24),
    exactly("modal-token-id", "modal", "ak-", ALNUM, 22),
    exactly("modal-token-secret", "modal", "as-", ALNUM, 22),
    at_least("jina-api-key", "jina", "jina_", TOKEN, 50),
    at_least("voyage-api-key", "voyage", "pa-", TOKEN, 43),
    at_least("llamacloud-api-key", "llamaindex", "llx-", ALNUM, 32),
    at_least("firecrawl-api-key", "firecrawl", "fc-", HEX, 32),
    at_least("e2b-api-key", "e2b", "e2b_", HEX, 40),
    at_least("browserbase-api-key", "browserbase", "bb_live_", TOKEN, 20),
    at_least("runpod-key", "runpod", "rpa_", ALNUM, 40),
    at_least("wandb-key", "wandb", "wandb_v1_", WORD, 40),
    at_least("cursor-api-key", "cursor", "key_", HEX, 64),
    at_least("vercel-ai-gateway-key", "vercel", "vck_", ALNUM, 24),
    at_least("chroma-api-key", "chroma", "ck-", ALNUM, 40),
    at_least("mem0-api-key", "mem0", "m0-", ALNUM, 40),
    at_least("friendli-token", "friendli", "flp_", ALNUM, 40),
    at_least("logfire-token", "pydantic", "pylf_v1_", WORD, 40),
    at_least("phoenix-api-key", "arize", "ak-", TOKEN, 60),
    at_least("luma-api-key", "luma", "luma-", TOKEN, 60),
    at_least("together-key", "together", "tgp_v1_", TOKEN, 40),
];

/// Bytes behind `sk-` in which the mark of OpenAI's older keys stands.
const OPENAI_KEY_BYTES: usize = 48;

/// `sk-`, 20 characters, `T3BlbkFJ` ("OpenAI" in base64), 20 characters.
fn openai_key(window: &Window<'_>, start: usize, body: usize) -> Checked {
    let marked = window.run(body, 20, |byte| ALNUM.holds(byte))? == 20
        && window.starts_with(body + 20, b"T3BlbkFJ")?
        && window.run(body + 28, 20, |byte| ALNUM.holds(byte))? == 20;
    let found = Match::new(start, body + OPENAI_KEY_BYTES, 0, 99);
    Ok(marked.then_some(found.followed_by(Rest::Class(TOKEN))))
}

/// Bytes behind `sk-` that decide whether a key without further marks is one.
const PLAIN_KEY_WINDOW_BYTES: usize = 48;
const PLAIN_KEY_BYTES_MIN: usize = 20;
/// Letters and digits without a break that no hyphenated name has.
const PLAIN_KEY_PART_BYTES_MIN: usize = 16;

/// `sk-` and a run of at least 20 that has an unbroken part of letters and digits; class names such
/// as `sk-fading-circle-container-element` have none.
fn plain_key(window: &Window<'_>, start: usize, body: usize) -> Checked {
    if matches!(window.before(start), b'-' | b'_') {
        return Ok(None);
    }
    let run = window.run(body, PLAIN_KEY_WINDOW_BYTES, |byte| TOKEN.holds(byte))?;
    let end = body + run;
    let parts = window.slice(body, end).split(|byte| matches!(byte, b'-' | b'_'));
    let is_key = |part: &[u8]| {
        part.len() >= PLAIN_KEY_PART_BYTES_MIN && part.iter().any(u8::is_ascii_digit) && is_random(ALNUM, part)
    };
    let accepted = run >= PLAIN_KEY_BYTES_MIN && parts.into_iter().any(is_key);
    let found = Match::new(start, end, 0, 85).followed_by(Rest::Class(TOKEN));
    Ok(accepted.then_some(found))
}
