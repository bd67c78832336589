//! Keys of clouds, hosting and databases.

use super::{at_least, checked, exactly, searched_at, uuid};
use crate::detectors::secret::{Rule, is_random};
use crate::text::{Class, digit};
use crate::window::{Checked, Match, Window};

use Class::Alphanumeric as ALNUM;
use Class::Base64 as BASE64;
use Class::Hex as HEX;
use Class::Path as PATH;
use Class::Token as TOKEN;
use Class::Upper as UPPER;
use Class::Word as WORD;

pub(super) const RULES: [Rule; 62] = [
    exactly("aws-access-key-id", "aws", "AKIA", UPPER, 16),
    exactly("aws-temporary-access-key-id", "aws", "ASIA", UPPER, 16),
    exactly("aws-bearer-token-id", "aws", "ABIA", UPPER, 16),
    exactly("aws-context-credential-id", "aws", "ACCA", UPPER, 16),
    at_least("aws-bedrock-api-key", "aws", "ABSK", BASE64, 100),
    at_least("google-api-key", "google", "AIza", TOKEN, 35),
    at_least("google-authorization-key", "google", "AQ.Ab8", TOKEN, 40),
    at_least("google-oauth-client-secret", "google", "GOCSPX-", TOKEN, 24),
    at_least("google-oauth-access-token", "google", "ya29.", TOKEN, 20),
    at_least("google-oauth-refresh-token", "google", "1//0", TOKEN, 36),
    searched_at(7, at_least("azure-storage-key", "azure", "AccountKey=", BASE64, 86)),
    searched_at(12, at_least("azure-shared-access-key", "azure", "SharedAccessKey=", BASE64, 43)),
    checked("azure-client-secret", "azure", "Q~", azure_secret, AZURE_SECRET_BYTES),
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
    at_least("aws-bedrock-short-lived-key", "aws", "bedrock-api-key-", BASE64, 100),
    at_least("cloudflare-user-token", "cloudflare", "cfut_", ALNUM, 40),
    at_least("cloudflare-account-token", "cloudflare", "cfat_", ALNUM, 40),
    at_least("cloudflare-global-key", "cloudflare", "cfk_", ALNUM, 40),
    at_least("flyio-macaroon", "flyio", "fm2_", BASE64, 100),
    at_least("flyio-root-macaroon", "flyio", "fm1r_", BASE64, 100),
    at_least("flyio-access-macaroon", "flyio", "fm1a_", BASE64, 100),
    at_least("render-api-key", "render", "rnd_", ALNUM, 24),
    at_least("netlify-cli-token", "netlify", "nfc_", ALNUM, 36),
    at_least("netlify-oauth-token", "netlify", "nfo_", ALNUM, 36),
    at_least("netlify-user-token", "netlify", "nfu_", ALNUM, 36),
    at_least("vercel-personal-token", "vercel", "vcp_", ALNUM, 24),
    at_least("vercel-integration-token", "vercel", "vci_", ALNUM, 24),
    at_least("vercel-app-token", "vercel", "vca_", ALNUM, 24),
    at_least("vercel-refresh-token", "vercel", "vcr_", ALNUM, 24),
    at_least("vercel-blob-token", "vercel", "vercel_blob_rw_", WORD, 30),
    at_least("deno-token", "deno", "ddp_", ALNUM, 36),
    at_least("deno-organization-token", "deno", "ddo_", ALNUM, 36),
    at_least("neon-api-key", "neon", "napi_", ALNUM, 60),
    at_least("mongodb-service-account-secret", "mongodb", "mdb_sa_sk_", TOKEN, 36),
    at_least("baidu-api-key", "baidu", "bce-v3/ALTAK-", PATH, 40),
    at_least("akamai-token", "akamai", "akab-", TOKEN, 30),
    at_least("xata-key", "xata", "xau_", ALNUM, 32),
    at_least("scalingo-token", "scalingo", "tk-us-", TOKEN, 48),
    at_least("yandex-oauth-token", "yandex", "y0_", TOKEN, 50),
    at_least("yandex-cookie-token", "yandex", "y1_", TOKEN, 50),
    at_least("cockroach-api-key", "cockroach", "CCDB1_", WORD, 50),
    at_least("materialize-app-password", "materialize", "mzp_", HEX, 64),
    at_least("tigris-access-key-id", "tigris", "tid_", TOKEN, 30),
    at_least("tigris-secret-key", "tigris", "tsec_", TOKEN, 40),
    at_least("astra-token", "datastax", "AstraCS:", ALNUM, 20),
    exactly("aws-appsync-key", "aws", "da2-", ALNUM, 26),
    uuid("aws-marketplace-token", "aws", "amzn.mws."),
    exactly("infura-url", "infura", "infura.io/v3/", HEX, 32),
    exactly("infura-socket-url", "infura", "infura.io/ws/v3/", HEX, 32),
    searched_at(3, at_least("alchemy-url", "alchemy", "alchemy.com/v2/", TOKEN, 30)),
    searched_at(3, at_least("alchemy-api-url", "alchemy", "alchemyapi.io/v2/", TOKEN, 30)),
    at_least("quicknode-url", "quicknode", ".quiknode.pro/", HEX, 40),
];

/// Bytes behind `Q~` in the secret of an application of Azure: 34, or 31 of an older one.
const AZURE_SECRET_BYTES: usize = 35;
const AZURE_SECRET_BYTES_MIN: usize = 31;

/// Three characters, a digit, `Q~` and the rest, which is what is reported: what stands before the mark
/// is too common to be waited for.
fn azure_secret(window: &Window<'_>, start: usize, body: usize) -> Checked {
    let in_secret = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'~' | b'-');
    let run = window.run(body, AZURE_SECRET_BYTES, in_secret)?;
    let end = body + run;
    let before = window.slice(start.saturating_sub(4), start);
    let accepted = (AZURE_SECRET_BYTES_MIN..AZURE_SECRET_BYTES).contains(&run)
        && before.len() == 4
        && before.iter().all(|byte| in_secret(*byte))
        && before.last().is_some_and(|byte| digit(*byte))
        && is_random(Class::Alphanumeric, window.slice(body, end));
    Ok(accepted.then_some(Match::new(start, end, 0, 95)))
}
