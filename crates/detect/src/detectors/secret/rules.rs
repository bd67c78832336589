//! The table of secrets with a prefix. Facts come from the issuers' documents; where a length may
//! grow, the shortest documented one decides and the rest follows.
//!
//! Among rules of one prefix the first that accepts wins, so the special stands before the general.

use super::{Body, Rule, armour, jwt};
use crate::text::Class;
use crate::window::{Checked, Match, Rest, Window};

use Class::{Alphanumeric as ALNUM, Base64 as BASE64, Hex as HEX, Path as PATH, Token as TOKEN};
use Class::{Upper as UPPER, Word as WORD};

const fn exactly(
    name: &'static str,
    provider: &'static str,
    prefix: &'static str,
    class: Class,
    length: usize,
) -> Rule {
    Rule { name, provider, prefix: prefix.as_bytes(), head_offset: 0, body: Body::Exactly(class, length) }
}

const fn at_least(
    name: &'static str,
    provider: &'static str,
    prefix: &'static str,
    class: Class,
    length: usize,
) -> Rule {
    Rule { name, provider, prefix: prefix.as_bytes(), head_offset: 0, body: Body::AtLeast(class, length) }
}

const fn checked(
    name: &'static str,
    provider: &'static str,
    prefix: &'static str,
    check: fn(&Window<'_>, usize, usize) -> Checked,
    bytes_max: usize,
) -> Rule {
    Rule { name, provider, prefix: prefix.as_bytes(), head_offset: 0, body: Body::Checked(check, bytes_max) }
}

/// The same rule, searched by the bytes at `offset` of its prefix because its first ones are common
/// in text.
const fn searched_at(offset: usize, rule: Rule) -> Rule {
    Rule { head_offset: offset, ..rule }
}

/// All rules.
pub(crate) static RULES: &[Rule] = &[
    // Model providers.
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
    // Clouds.
    exactly("aws-access-key-id", "aws", "AKIA", UPPER, 16),
    exactly("aws-temporary-access-key-id", "aws", "ASIA", UPPER, 16),
    exactly("aws-bearer-token-id", "aws", "ABIA", UPPER, 16),
    exactly("aws-context-credential-id", "aws", "ACCA", UPPER, 16),
    at_least("aws-bedrock-api-key", "aws", "ABSK", BASE64, 100),
    at_least("google-api-key", "google", "AIza", TOKEN, 35),
    at_least("google-oauth-client-secret", "google", "GOCSPX-", TOKEN, 24),
    at_least("google-oauth-access-token", "google", "ya29.", TOKEN, 20),
    at_least("google-oauth-refresh-token", "google", "1//0", TOKEN, 36),
    searched_at(7, at_least("azure-storage-key", "azure", "AccountKey=", BASE64, 86)),
    searched_at(12, at_least("azure-shared-access-key", "azure", "SharedAccessKey=", BASE64, 43)),
    at_least("digitalocean-token", "digitalocean", "dop_v1_", HEX, 64),
    at_least("digitalocean-oauth-token", "digitalocean", "doo_v1_", HEX, 64),
    at_least("digitalocean-refresh-token", "digitalocean", "dor_v1_", HEX, 64),
    exactly("alibaba-access-key-id", "alibaba", "LTAI", ALNUM, 20),
    exactly("tencent-secret-id", "tencent", "AKID", ALNUM, 32),
    at_least("heroku-api-key", "heroku", "HRKU-", TOKEN, 36),
    at_least("flyio-token", "flyio", "fo1_", TOKEN, 40),
    at_least("cloudflare-origin-key", "cloudflare", "v1.0-", TOKEN, 100),
    at_least("netlify-token", "netlify", "nfp_", ALNUM, 36),
    at_least("supabase-token", "supabase", "sbp_", HEX, 40),
    at_least("supabase-secret-key", "supabase", "sb_secret_", TOKEN, 30),
    // Source code and packages.
    at_least("github-personal-token", "github", "ghp_", ALNUM, 36),
    at_least("github-oauth-token", "github", "gho_", ALNUM, 36),
    at_least("github-user-token", "github", "ghu_", ALNUM, 36),
    at_least("github-server-token", "github", "ghs_", ALNUM, 36),
    at_least("github-refresh-token", "github", "ghr_", ALNUM, 36),
    at_least("github-fine-grained-token", "github", "github_pat_", WORD, 60),
    at_least("gitlab-personal-token", "gitlab", "glpat-", TOKEN, 20),
    at_least("gitlab-deploy-token", "gitlab", "gldt-", TOKEN, 20),
    at_least("gitlab-runner-token", "gitlab", "glrt-", TOKEN, 20),
    at_least("gitlab-trigger-token", "gitlab", "glptt-", TOKEN, 40),
    at_least("gitlab-feed-token", "gitlab", "glft-", TOKEN, 20),
    at_least("gitlab-mail-token", "gitlab", "glimt-", TOKEN, 25),
    at_least("gitlab-agent-token", "gitlab", "glagent-", TOKEN, 50),
    at_least("gitlab-application-secret", "gitlab", "gloas-", TOKEN, 64),
    at_least("gitlab-scim-token", "gitlab", "glsoat-", TOKEN, 20),
    at_least("gitlab-job-token", "gitlab", "glcbt-", TOKEN, 20),
    at_least("gitlab-runner-registration-token", "gitlab", "GR1348941", TOKEN, 20),
    at_least("atlassian-api-token", "atlassian", "ATATT3", TOKEN, 80),
    at_least("bitbucket-app-password", "atlassian", "ATBB", ALNUM, 28),
    at_least("npm-token", "npm", "npm_", ALNUM, 36),
    at_least("pypi-token", "pypi", "pypi-AgE", TOKEN, 50),
    at_least("rubygems-key", "rubygems", "rubygems_", HEX, 48),
    at_least("clojars-token", "clojars", "CLOJARS_", HEX, 60),
    at_least("docker-token", "docker", "dckr_pat_", TOKEN, 27),
    at_least("docker-organization-token", "docker", "dckr_oat_", TOKEN, 27),
    at_least("circleci-token", "circleci", "CCIPAT_", WORD, 40),
    at_least("buildkite-token", "buildkite", "bkua_", HEX, 40),
    at_least("sonar-user-token", "sonar", "squ_", HEX, 40),
    at_least("sonar-project-token", "sonar", "sqp_", HEX, 40),
    at_least("sonar-analysis-token", "sonar", "sqa_", HEX, 40),
    at_least("jfrog-api-key", "jfrog", "AKCp", ALNUM, 60),
    searched_at(3, at_least("openshift-token", "openshift", "sha256~", TOKEN, 43)),
    // Payment and commerce.
    at_least("stripe-secret-key", "stripe", "sk_live_", ALNUM, 16),
    at_least("stripe-test-secret-key", "stripe", "sk_test_", ALNUM, 16),
    at_least("stripe-restricted-key", "stripe", "rk_live_", ALNUM, 16),
    at_least("stripe-test-restricted-key", "stripe", "rk_test_", ALNUM, 16),
    at_least("stripe-webhook-secret", "stripe", "whsec_", BASE64, 28),
    at_least("square-access-token", "square", "sq0atp-", TOKEN, 22),
    at_least("square-secret", "square", "sq0csp-", TOKEN, 40),
    at_least("shopify-access-token", "shopify", "shpat_", ALNUM, 32),
    at_least("shopify-custom-token", "shopify", "shpca_", ALNUM, 32),
    at_least("shopify-private-token", "shopify", "shppa_", ALNUM, 32),
    at_least("shopify-shared-secret", "shopify", "shpss_", ALNUM, 32),
    at_least("razorpay-key", "razorpay", "rzp_live_", ALNUM, 14),
    at_least("flutterwave-secret-key", "flutterwave", "FLWSECK", TOKEN, 32),
    at_least("plaid-access-token", "plaid", "access-production-", TOKEN, 36),
    at_least("easypost-key", "easypost", "EZAK", ALNUM, 54),
    at_least("shippo-token", "shippo", "shippo_live_", HEX, 40),
    at_least("duffel-token", "duffel", "duffel_live_", TOKEN, 43),
    // Chat and mail.
    at_least("slack-bot-token", "slack", "xoxb-", TOKEN, 24),
    at_least("slack-user-token", "slack", "xoxp-", TOKEN, 24),
    at_least("slack-workspace-token", "slack", "xoxa-", TOKEN, 24),
    at_least("slack-refresh-token", "slack", "xoxr-", TOKEN, 24),
    at_least("slack-legacy-token", "slack", "xoxs-", TOKEN, 24),
    at_least("slack-client-token", "slack", "xoxc-", TOKEN, 24),
    at_least("slack-cookie-token", "slack", "xoxd-", TOKEN, 24),
    at_least("slack-configuration-token", "slack", "xoxe-", TOKEN, 24),
    at_least("slack-app-token", "slack", "xapp-", TOKEN, 24),
    searched_at(4, at_least("slack-webhook", "slack", "hooks.slack.com/services/", PATH, 36)),
    searched_at(4, at_least("slack-workflow-webhook", "slack", "hooks.slack.com/workflows/", PATH, 36)),
    searched_at(4, at_least("slack-trigger-webhook", "slack", "hooks.slack.com/triggers/", PATH, 36)),
    searched_at(10, at_least("discord-webhook", "discord", "discord.com/api/webhooks/", PATH, 60)),
    checked("sendgrid-api-key", "sendgrid", "SG.", sendgrid_key, SENDGRID_KEY_BYTES),
    at_least("brevo-api-key", "brevo", "xkeysib-", TOKEN, 70),
    exactly("mailgun-key", "mailgun", "key-", HEX, 32),
    at_least("postman-api-key", "postman", "PMAK-", TOKEN, 50),
    // Infrastructure and tools.
    at_least("vault-service-token", "hashicorp", "hvs.", TOKEN, 24),
    at_least("vault-batch-token", "hashicorp", "hvb.", TOKEN, 100),
    at_least("databricks-token", "databricks", "dapi", HEX, 32),
    at_least("doppler-token", "doppler", "dp.pt.", ALNUM, 40),
    at_least("grafana-service-account-token", "grafana", "glsa_", WORD, 38),
    at_least("grafana-cloud-token", "grafana", "glc_", BASE64, 32),
    at_least("newrelic-user-key", "newrelic", "NRAK-", UPPER, 27),
    at_least("sentry-organization-token", "sentry", "sntrys_", BASE64, 60),
    at_least("sentry-user-token", "sentry", "sntryu_", HEX, 64),
    at_least("pulumi-token", "pulumi", "pul-", HEX, 40),
    at_least("planetscale-password", "planetscale", "pscale_pw_", TOKEN, 32),
    at_least("planetscale-token", "planetscale", "pscale_tkn_", TOKEN, 32),
    at_least("prefect-key", "prefect", "pnu_", ALNUM, 36),
    at_least("tailscale-key", "tailscale", "tskey-", TOKEN, 30),
    at_least("linear-api-key", "linear", "lin_api_", ALNUM, 32),
    at_least("notion-token", "notion", "ntn_", ALNUM, 40),
    at_least("notion-integration-secret", "notion", "secret_", ALNUM, 43),
    at_least("figma-token", "figma", "figd_", TOKEN, 36),
    at_least("typeform-token", "typeform", "tfp_", TOKEN, 40),
    at_least("readme-key", "readme", "rdme_", ALNUM, 60),
    at_least("contentful-token", "contentful", "CFPAT-", TOKEN, 40),
    at_least("adafruit-key", "adafruit", "aio_", ALNUM, 28),
    at_least("dynatrace-token", "dynatrace", "dt0c01.", ALNUM, 24),
    at_least("onepassword-service-token", "onepassword", "ops_eyJ", TOKEN, 100),
    exactly("age-secret-key", "", "AGE-SECRET-KEY-1", UPPER, 58),
    // Forms that anyone issues.
    searched_at(4, checked("pgp-private-key", "", "-----BEGIN PGP ", armour::check, armour::LABEL_BYTES_MAX + 6)),
    searched_at(4, checked("private-key", "", "-----BEGIN ", armour::check, armour::LABEL_BYTES_MAX + 6)),
    checked("jwt", "", "eyJ", jwt::check, jwt::HEADER_BYTES_MAX + 2),
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
        part.len() >= PLAIN_KEY_PART_BYTES_MIN && part.iter().any(u8::is_ascii_digit) && super::is_random(ALNUM, part)
    };
    let accepted = run >= PLAIN_KEY_BYTES_MIN && parts.into_iter().any(is_key);
    let found = Match::new(start, end, 0, 85).followed_by(Rest::Class(TOKEN));
    Ok(accepted.then_some(found))
}

/// Bytes behind `SG.`: 22, a dot, 43.
const SENDGRID_KEY_BYTES: usize = 66;

fn sendgrid_key(window: &Window<'_>, start: usize, body: usize) -> Checked {
    let token = |byte| TOKEN.holds(byte);
    let accepted =
        window.run(body, 23, token)? == 22 && window.at(body + 22)? == b'.' && window.run(body + 23, 43, token)? == 43;
    let found = Match::new(start, body + SENDGRID_KEY_BYTES, 0, 99);
    Ok(accepted.then_some(found.followed_by(Rest::Class(TOKEN))))
}
