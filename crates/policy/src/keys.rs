//! Whose keys a provider takes: data, by the label that `data/ai-hosts.txt` or a policy's `[providers]` give a host.
//!
//! A key is at its place only at a host of whoever handed it out. A label without a line of its own
//! takes the keys of the issuer that detectors call by the same name, in the usual fields, and
//! nothing else. A line says what is otherwise, from the provider's documents: other issuers, single
//! kinds of an issuer who hands out many, fields and cookies beside the usual ones.
//!
//! JSON web tokens say nothing of who took them in, so they are listed as a kind only where the
//! documents have the API take them. Where anybody may put up a host of his own under a provider's
//! name (`none`), or a gateway sends what it gets to wherever a request says, no keys but its own
//! are taken.

use detect::provider;

/// What a provider takes as proof of who asks.
#[derive(Debug, PartialEq, Eq)]
pub struct Keys {
    label: &'static str,
    /// Whose keys; the label itself is one of them only if it stands here.
    issuers: &'static [&'static str],
    /// Kinds of keys of others, by the names of their rules.
    kinds: &'static [&'static str],
    /// Fields beside those in which everybody expects a key.
    fields: &'static [&'static str],
    /// Cookies that are one.
    cookies: &'static [&'static str],
}

impl Keys {
    /// What the provider with this label takes.
    #[must_use]
    pub fn of(label: &str) -> &'static Self {
        let place = TABLE.binary_search_by(|entry| entry.label.cmp(label));
        place.ok().and_then(|place| TABLE.get(place)).unwrap_or(&USUAL)
    }

    /// True if the provider with this label takes keys that a detector's rule finds.
    #[must_use]
    pub fn take(&self, label: &str, rule: &str) -> bool {
        let issuer = provider(rule);
        let is_own = self.label.is_empty() && issuer == Some(label);
        is_own || issuer.is_some_and(|issuer| self.issuers.contains(&issuer)) || self.kinds.contains(&rule)
    }

    /// True if a key may stand in the field of this name, beside those in which everybody expects one.
    #[must_use]
    pub fn are_in_field(&self, name: &[u8]) -> bool {
        self.fields.iter().any(|field| name.eq_ignore_ascii_case(field.as_bytes()))
    }

    /// The names of cookies that are keys.
    #[must_use]
    pub const fn cookies(&self) -> &'static [&'static str] {
        self.cookies
    }
}

/// Keys of one form that many hand out: `sk-` and nothing more. Detectors count them as OpenAI's.
const PLAIN: &str = "sk-api-key";
/// JSON web tokens.
const JWT: &str = "jwt";

/// What stands behind a label without a line.
static USUAL: Keys = Keys { label: "", issuers: &[], kinds: &[], fields: &[], cookies: &[] };

const AWS_SIGNATURES: &[&str] = &["aws-access-key-id", "aws-temporary-access-key-id"];
const AWS_FIELDS: &[&str] = &["x-amz-security-token"];
const GOOGLE: &[&str] = &["google-api-key", "gemini-api-key", "google-oauth-access-token"];

const fn takes(label: &'static str, issuers: &'static [&'static str], kinds: &'static [&'static str]) -> Keys {
    Keys { label, issuers, kinds, fields: &[], cookies: &[] }
}

const fn in_fields(fields: &'static [&'static str], keys: Keys) -> Keys {
    Keys { fields, ..keys }
}

const fn in_cookies(cookies: &'static [&'static str], keys: Keys) -> Keys {
    Keys { cookies, ..keys }
}

/// In the order of their labels.
static TABLE: [Keys; 46] = [
    in_fields(AWS_FIELDS, takes("amazonq", &[], AWS_SIGNATURES)),
    in_cookies(&["sessionKey"], takes("anthropic", &["anthropic"], &[])),
    // A resource has keys of its own and takes tokens of Entra. Anybody can open one.
    in_fields(
        &["ocp-apim-subscription-key"],
        takes(
            "azure",
            &[],
            &[
                "azure-openai-key",
                "azure-openai-hex-key",
                "azure-cognitive-key",
                "azure-subscription-key",
                "azure-token-key",
                JWT,
            ],
        ),
    ),
    takes("baichuan", &[], &[PLAIN]),
    takes("baidu", &["baidu", "qianfan"], &[]),
    in_fields(
        AWS_FIELDS,
        takes(
            "bedrock",
            &[],
            &["aws-access-key-id", "aws-temporary-access-key-id", "aws-bedrock-api-key", "aws-bedrock-short-lived-key"],
        ),
    ),
    in_fields(&["x-key"], takes("bfl", &["bfl"], &[])),
    // Behind api.openai.com's own name, and with tokens of its sessions and of what its pages prove.
    in_fields(
        &["openai-sentinel-proof-token", "openai-sentinel-chat-requirements-token", "openai-sentinel-turnstile-token"],
        in_cookies(
            &[
                "__Secure-next-auth.session-token",
                "__Secure-next-auth.session-token.0",
                "__Secure-next-auth.session-token.1",
            ],
            takes("chatgpt", &["openai"], &[JWT]),
        ),
    ),
    // Its gateway takes the key of whom it sends a request on to: those of the three whose clients know no other field.
    in_fields(
        &["cf-aig-authorization"],
        takes("cloudflare", &["cloudflare", "openai", "anthropic"], &["google-api-key", "gemini-api-key"]),
    ),
    takes(
        "copilot",
        &[],
        &["github-oauth-token", "github-user-token", "github-personal-token", "github-fine-grained-token"],
    ),
    takes("cursor", &["cursor"], &[JWT]),
    takes("databricks", &["databricks"], &[JWT]),
    takes("deepgram", &["deepgram"], &[JWT]),
    takes("deepseek", &["deepseek"], &[PLAIN]),
    takes("digitalocean", &[], &[PLAIN]),
    takes("edenai", &[], &[JWT, PLAIN]),
    in_fields(&["xi-api-key"], takes("elevenlabs", &["elevenlabs"], &[])),
    takes("gemini", &[], GOOGLE),
    takes("gigachat", &[], &[JWT]),
    takes(
        "github",
        &[],
        &[
            "github-personal-token",
            "github-fine-grained-token",
            "github-oauth-token",
            "github-user-token",
            "github-server-token",
        ],
    ),
    takes("google", &[], GOOGLE),
    in_fields(&["helicone-auth"], takes("helicone", &["helicone"], &[])),
    in_fields(&["helicone-auth"], takes("helicone-claude", &["helicone", "anthropic"], &[])),
    in_fields(&["helicone-auth"], takes("helicone-openai", &["helicone", "openai"], &[])),
    in_cookies(&["token", "aws-waf-token"], takes("huggingface", &["huggingface"], &[])),
    in_fields(&["x-hume-api-key"], takes("hume", &["hume"], &[])),
    takes("hunyuan", &[], &["tencent-secret-id", PLAIN]),
    takes("hyperbolic", &[], &[JWT]),
    takes("litellm", &["litellm"], &[PLAIN]),
    takes("microsoft", &[], &[JWT]),
    takes("minimax", &["minimax"], &[JWT, PLAIN]),
    takes("moonshot", &["moonshot"], &[PLAIN]),
    takes("nebius", &[], &[JWT]),
    takes("none", &[], &[]),
    takes("ollama", &["ollama"], &[PLAIN]),
    takes("opencode", &[], &[PLAIN]),
    in_fields(&["x-portkey-api-key"], takes("portkey", &["portkey"], &[])),
    takes("qwen", &["dashscope"], &[PLAIN]),
    in_fields(AWS_FIELDS, takes("sagemaker", &[], AWS_SIGNATURES)),
    takes("siliconflow", &[], &[PLAIN]),
    takes("snowflake", &["snowflake"], &[JWT]),
    takes("stability", &["stability"], &[PLAIN]),
    takes("stepfun", &[], &[PLAIN]),
    takes("vercel", &[], &["vercel-ai-gateway-key", JWT]),
    takes("watsonx", &[], &[JWT]),
    takes("zhipu", &["zhipu"], &[JWT]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai_hosts;
    use detect::is_unmarked;
    use std::collections::HashSet;

    fn taken(label: &str, rule: &str) -> bool {
        Keys::of(label).take(label, rule)
    }

    #[test]
    fn the_table_is_in_order_and_names_what_there_is() {
        assert!(TABLE.is_sorted_by(|one, next| one.label < next.label));
        let set = detect::DetectorSet::builder().enable(detect::EntityType::Secret).build().unwrap();
        let rules: HashSet<_> = set.ids().filter_map(|id| set.rule(id)).collect();
        for entry in &TABLE {
            assert!(entry.label.len() <= 16, "records cut {}", entry.label);
            for kind in entry.kinds {
                assert!(rules.contains(kind), "{kind} of {}", entry.label);
            }
            for field in entry.fields {
                assert_eq!(*field, field.to_ascii_lowercase());
            }
        }
        // Of those that no list of hosts has, an operator may give the label to his own.
        let own = ["databricks", "litellm", "snowflake"];
        for entry in TABLE.iter().filter(|entry| !own.contains(&entry.label)) {
            assert!(ai_hosts().iter().any(|host| *host.keys == *entry), "{} has no host", entry.label);
        }
    }

    #[test]
    fn a_label_without_a_line_takes_its_own_issuers_keys_and_no_others() {
        for (label, rule) in [("groq", "groq-api-key"), ("xai", "xai-api-key"), ("openai", "openai-project-key")] {
            assert!(taken(label, rule));
            for other in ["anthropic", "azure", "cerebras", "none", "openrouter", "", "?"] {
                assert!(!taken(other, rule), "{rule} of {other}");
            }
        }
        assert!(taken("openai", "sk-api-key") && taken("stability", "sk-api-key") && !taken("groq", "sk-api-key"));
    }

    #[test]
    fn what_anybody_may_issue_is_taken_where_it_is_listed() {
        for label in ["azure", "chatgpt", "minimax", "watsonx", "zhipu"] {
            assert!(taken(label, "jwt"), "{label}");
        }
        for label in ["openai", "anthropic", "gemini", "groq", "bedrock", "github", "huggingface", "", "jwt"] {
            assert!(!taken(label, "jwt"), "{label}");
        }
        for rule in ["private-key", "password-assignment", "url-credentials"] {
            let taker = ai_hosts().iter().find(|host| host.keys.take(host.provider, rule));
            assert_eq!(taker, None, "{rule}");
        }
        assert!(!ai_hosts().iter().any(|host| host.keys.take(host.provider, "secret-assignment")));
        assert!(is_unmarked("secret-assignment"), "what nobody marked is nobody's");
    }

    #[test]
    fn of_a_clouds_keys_those_for_models_are_taken() {
        assert!(taken("bedrock", "aws-access-key-id") && taken("bedrock", "aws-bedrock-api-key"));
        assert!(!taken("bedrock", "aws-secret-access-key") && !taken("sagemaker", "aws-bedrock-api-key"));
        assert!(taken("azure", "azure-openai-key"));
        for rule in ["azure-storage-key", "azure-client-secret", "openai-project-key", "openai-api-key", "sk-api-key"] {
            assert!(!taken("azure", rule), "{rule}");
        }
        assert!(taken("gemini", "google-oauth-access-token") && !taken("gemini", "google-oauth-refresh-token"));
        assert!(taken("github", "github-personal-token") && !taken("github", "github-refresh-token"));
    }
}
