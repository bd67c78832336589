//! Keys of infrastructure, monitoring, identity and work tools; password hashes.

use super::{at_least, checked, exactly, parts, uuid};
use crate::detectors::secret::{Rule, crypt, is_random};
use crate::text::Class;
use crate::window::{Checked, Match, Rest, Window};

use Class::Alphanumeric as ALNUM;
use Class::Base64 as BASE64;
use Class::Crypt as CRYPT;
use Class::Dotted as DOTTED;
use Class::Hex as HEX;
use Class::Joined as JOINED;
use Class::Token as TOKEN;
use Class::Upper as UPPER;
use Class::Value as VALUE;
use Class::Word as WORD;

pub(super) const RULES: [Rule; 140] = [
    at_least("vault-service-token", "hashicorp", "hvs.", TOKEN, 24),
    at_least("vault-batch-token", "hashicorp", "hvb.", TOKEN, 100),
    at_least("databricks-token", "databricks", "dapi", HEX, 32),
    at_least("doppler-token", "doppler", "dp.pt.", ALNUM, 40),
    at_least("grafana-service-account-token", "grafana", "glsa_", WORD, 38),
    at_least("grafana-cloud-token", "grafana", "glc_", BASE64, 32),
    at_least("newrelic-user-key", "newrelic", "NRAK-", ALNUM, 27),
    at_least("sentry-organization-token", "sentry", "sntrys_", JOINED, 60),
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
    parts("dynatrace-token", "dynatrace", "dt0c01.", ALNUM, 24),
    at_least("onepassword-service-token", "onepassword", "ops_eyJ", TOKEN, 100),
    exactly("age-secret-key", "", "AGE-SECRET-KEY-1", UPPER, 58),
    at_least("vault-recovery-token", "hashicorp", "hvr.", TOKEN, 24),
    at_least("doppler-service-token", "doppler", "dp.st.", DOTTED, 40),
    at_least("doppler-cli-token", "doppler", "dp.ct.", ALNUM, 40),
    at_least("doppler-account-token", "doppler", "dp.sa.", ALNUM, 40),
    at_least("doppler-scim-token", "doppler", "dp.scim.", ALNUM, 40),
    at_least("doppler-audit-token", "doppler", "dp.audit.", ALNUM, 40),
    at_least("newrelic-insert-key", "newrelic", "NRII-", TOKEN, 24),
    at_least("newrelic-query-key", "newrelic", "NRIQ-", TOKEN, 24),
    at_least("newrelic-browser-key", "newrelic", "NRJS-", HEX, 19),
    at_least("newrelic-admin-key", "newrelic", "NRAA-", HEX, 27),
    at_least("newrelic-rest-key", "newrelic", "NRRA-", HEX, 42),
    at_least("sentry-integration-token", "sentry", "sntryi_", HEX, 64),
    at_least("honeycomb-ingest-key", "honeycomb", "hcaik_", ALNUM, 50),
    at_least("honeycomb-ingest-key-eu", "honeycomb", "hcbik_", ALNUM, 50),
    at_least("honeycomb-management-key", "honeycomb", "hcxmk_", ALNUM, 50),
    at_least("axiom-api-token", "axiom", "xaat-", TOKEN, 36),
    at_least("axiom-personal-token", "axiom", "xapt-", TOKEN, 36),
    at_least("posthog-personal-key", "posthog", "phx_", ALNUM, 40),
    at_least("posthog-secret-key", "posthog", "phs_", ALNUM, 40),
    uuid("wakatime-key", "wakatime", "waka_"),
    at_least("endor-labs-key", "endorlabs", "endr+", ALNUM, 16),
    uuid("launchdarkly-sdk-key", "launchdarkly", "sdk-"),
    uuid("launchdarkly-api-key", "launchdarkly", "api-"),
    uuid("launchdarkly-mobile-key", "launchdarkly", "mob-"),
    at_least("statsig-secret", "statsig", "secret-", ALNUM, 40),
    at_least("checkly-key", "checkly", "cu_", HEX, 32),
    at_least("pulumi-access-token", "pulumi", "pul_", HEX, 40),
    at_least("planetscale-oauth-token", "planetscale", "pscale_oauth_", TOKEN, 32),
    at_least("prefect-service-key", "prefect", "pnb_", ALNUM, 36),
    at_least("dbt-personal-token", "dbt", "dbtu_", TOKEN, 36),
    at_least("dbt-service-token", "dbt", "dbtc_", TOKEN, 36),
    at_least("linear-oauth-token", "linear", "lin_oauth_", ALNUM, 32),
    at_least("linear-webhook-secret", "linear", "lin_wh_", ALNUM, 32),
    at_least("figma-user-token", "figma", "figu_", TOKEN, 36),
    at_least("figma-oauth-token", "figma", "figo_", TOKEN, 36),
    at_least("hubspot-access-token", "hubspot", "pat-na1-", TOKEN, 36),
    at_least("hubspot-access-token-na2", "hubspot", "pat-na2-", TOKEN, 36),
    at_least("hubspot-access-token-eu", "hubspot", "pat-eu1-", TOKEN, 36),
    at_least("n8n-api-key", "n8n", "n8n_api_", TOKEN, 40),
    at_least("retool-token", "retool", "retool_", WORD, 26),
    at_least("cal-key", "cal", "cal_live_", HEX, 32),
    at_least("frameio-token", "frameio", "fio-u-", TOKEN, 64),
    at_least("defined-networking-key", "defined", "dnkey-", TOKEN, 40),
    at_least("inngest-signing-key", "inngest", "signkey-", TOKEN, 40),
    at_least("trigger-dev-key", "trigger", "tr_prod_", ALNUM, 20),
    at_least("trigger-dev-development-key", "trigger", "tr_dev_", ALNUM, 20),
    at_least("dub-key", "dub", "dub_", ALNUM, 24),
    at_least("stytch-secret", "stytch", "secret-live-", TOKEN, 36),
    at_least("stytch-test-secret", "stytch", "secret-test-", TOKEN, 36),
    at_least("ory-personal-token", "ory", "ory_pat_", ALNUM, 30),
    at_least("ory-access-token", "ory", "ory_at_", TOKEN, 40),
    at_least("ory-refresh-token", "ory", "ory_rt_", TOKEN, 40),
    at_least("ory-session-token", "ory", "ory_st_", ALNUM, 30),
    at_least("rootly-key", "rootly", "rootly_", HEX, 60),
    at_least("firehydrant-token", "firehydrant", "fhb-", HEX, 40),
    at_least("nightfall-key", "nightfall", "NF-", ALNUM, 32),
    parts("mapbox-secret-token", "mapbox", "sk.eyJ", TOKEN, 40),
    parts("dynatrace-service-token", "dynatrace", "dt0s16.", ALNUM, 24),
    at_least("jenkins-encrypted-secret", "jenkins", "{AQAAABAAAA", BASE64, 24),
    at_least("dependency-track-key", "dependency-track", "odt_", ALNUM, 32),
    at_least("buildkite-user-token", "buildkite", "bkua_", ALNUM, 40),
    at_least("flexport-token", "flexport", "shltm_", TOKEN, 40),
    at_least("alchemy-token", "alchemy", "alcht_", ALNUM, 30),
    at_least("scrapfly-key", "scrapfly", "scp-live-", HEX, 32),
    at_least("scrapfly-test-key", "scrapfly", "scp-test-", HEX, 32),
    at_least("apify-proxy-password", "apify", "apify_proxy_", ALNUM, 36),
    at_least("bannerbear-master-key", "bannerbear", "bb_ma_", HEX, 30),
    at_least("bannerbear-project-key", "bannerbear", "bb_pr_", HEX, 30),
    at_least("newrelic-browser-ingest-key", "newrelic", "NRBR-", HEX, 19),
    at_least("bitbucket-data-center-token", "atlassian", "BBDC-", BASE64, 44),
    at_least("teamwork-token", "teamwork", "tkn.v1_", BASE64, 60),
    at_least("ubidots-token", "ubidots", "BBFF-", ALNUM, 30),
    at_least("supernotes-key", "supernotes", "supernotes_sk-", ALNUM, 40),
    checked("cisco-pbkdf2-hash", "", "$8$", crypt::sha256, crypt::BYTES_MAX),
    checked("cisco-scrypt-hash", "", "$9$", crypt::sha256, crypt::BYTES_MAX),
    at_least("bcrypt-hash", "", "$2b$", CRYPT, 56),
    at_least("bcrypt-hash-a", "", "$2a$", CRYPT, 56),
    at_least("bcrypt-hash-y", "", "$2y$", CRYPT, 56),
    at_least("argon2-hash", "", "$argon2", CRYPT, 60),
    at_least("apache-password-hash", "", "$apr1$", CRYPT, 24),
    at_least("sha512-crypt-hash", "", "$6$", CRYPT, 90),
    checked("md5-crypt-hash", "", "$1$", crypt::md5, crypt::BYTES_MAX),
    checked("sha256-crypt-hash", "", "$5$", crypt::sha256, crypt::BYTES_MAX),
    checked("yescrypt-hash", "", "$y$", crypt::yescrypt, crypt::BYTES_MAX),
    checked("gost-yescrypt-hash", "", "$gy$", crypt::yescrypt, crypt::BYTES_MAX),
    exactly("phpass-hash", "", "$P$", CRYPT, 31),
    exactly("phpass-hash-of-phpbb", "", "$H$", CRYPT, 31),
    at_least("argon2-hash-of-django", "", "argon2$argon2", CRYPT, 60),
    at_least("aspnet-identity-hash", "microsoft", "AQAAAAEAACcQAAAAE", BASE64, 60),
    at_least("aspnet-identity-hash-of-core", "microsoft", "AQAAAAIAAYagAAAAE", BASE64, 60),
    at_least("one-time-password-export", "google", "otpauth-migration://offline?data=", VALUE, 20),
    at_least("salesforce-refresh-token", "salesforce", "5Aep861", DOTTED, 60),
    checked("salesforce-session-id", "salesforce", "00D", salesforce_session, SALESFORCE_BYTES),
    checked("terraform-cloud-token", "hashicorp", ".atlasv1.", terraform_cloud, TERRAFORM_BYTES),
    checked("vault-unseal-key", "hashicorp", "Unseal Key ", unseal_key, UNSEAL_BYTES),
    checked("clickup-token", "clickup", "pk_", clickup, CLICKUP_BYTES),
    at_least("docker-swarm-token", "docker", "SWMTKN-1-", TOKEN, 70),
    at_least("django-insecure-key", "django", "django-insecure-", VALUE, 20),
    checked("kerberos-tgs-hash", "", "$krb5tgs$", hash, HASH_BYTES),
    checked("kerberos-asrep-hash", "", "$krb5asrep$", hash, HASH_BYTES),
    checked("kerberos-preauthentication-hash", "", "$krb5pa$", hash, HASH_BYTES),
    at_least("pbkdf2-hash", "", "pbkdf2_sha", CRYPT, 50),
    checked("pbkdf2-hash-of-werkzeug", "", "pbkdf2:sha", hash, HASH_BYTES),
    at_least("pbkdf2-hash-of-passlib", "", "$pbkdf2-sha", CRYPT, 50),
    at_least("scrypt-hash", "", "$scrypt$", CRYPT, 50),
    checked("scrypt-hash-of-werkzeug", "", "scrypt:32768:", hash, HASH_BYTES),
    checked("scram-hash", "", "SCRAM-SHA-256$", hash, HASH_BYTES),
    at_least("ldap-password-hash", "", "{SSHA}", BASE64, 32),
    at_least("ldap-password-hash-512", "", "{SSHA512}", BASE64, 80),
    at_least("apify-token", "apify", "apify_api_", ALNUM, 36),
    at_least("snyk-access-token", "snyk", "snyk_uat.", DOTTED, 40),
    exactly("adobe-client-secret", "adobe", "p8e-", ALNUM, 32),
    at_least("sendinblue-shared-token", "sendinblue", "s-s4t2ud-", HEX, 64),
    at_least("unkey-root-key", "unkey", "unkey_", ALNUM, 20),
    at_least("open-vsx-token", "openvsx", "ovsxat_", TOKEN, 36),
];

/// Bytes of an organization's number behind `00D`, of the shortest rest of a session behind `!`.
const SALESFORCE_ID_BYTES: usize = 15;
const SALESFORCE_REST_BYTES: usize = 60;
const SALESFORCE_BYTES: usize = SALESFORCE_ID_BYTES + 1 + SALESFORCE_REST_BYTES;

/// `00D`, twelve or fifteen letters and digits, `!`, the session.
fn salesforce_session(window: &Window<'_>, start: usize, body: usize) -> Checked {
    let id = window.run(body, SALESFORCE_ID_BYTES + 1, |byte| ALNUM.holds(byte))?;
    if !matches!(id, 12 | SALESFORCE_ID_BYTES) || window.at(body + id)? != b'!' {
        return Ok(None);
    }
    tail(window, start, body + id + 1, (DOTTED, SALESFORCE_REST_BYTES))
}

/// What follows, from `body` on, if there are at least so many bytes of a class.
fn tail(window: &Window<'_>, start: usize, body: usize, (class, bytes): (Class, usize)) -> Checked {
    let run = window.run(body, bytes, |byte| class.holds(byte))?;
    let accepted = run == bytes && is_random(class, window.slice(body, body + run));
    Ok(accepted.then_some(Match::new(start, body + run, 0, 95).followed_by(Rest::Class(class))))
}

/// Bytes of a token's first part, and of the least of its last.
const TERRAFORM_ID_BYTES: usize = 14;
const TERRAFORM_BYTES: usize = 60;

/// Fourteen letters and digits, `.atlasv1.` and the rest, which is what is reported: what stands before the mark is too
/// common to be waited for.
fn terraform_cloud(window: &Window<'_>, start: usize, body: usize) -> Checked {
    let id = window.slice(start.saturating_sub(TERRAFORM_ID_BYTES), start);
    if id.len() != TERRAFORM_ID_BYTES || !id.iter().all(u8::is_ascii_alphanumeric) {
        return Ok(None);
    }
    tail(window, start, body, (TOKEN, TERRAFORM_BYTES))
}

/// A number, a colon and spaces, 32 or 33 bytes in base64 or hexadecimal.
const UNSEAL_LEAD_BYTES: usize = 8;
const UNSEAL_KEY_BYTES: usize = 43;
const UNSEAL_BYTES: usize = UNSEAL_LEAD_BYTES + UNSEAL_KEY_BYTES;

/// What `vault operator init` prints: `Unseal Key 1: ...`.
fn unseal_key(window: &Window<'_>, _start: usize, body: usize) -> Checked {
    let in_lead = |byte: u8| byte.is_ascii_digit() || matches!(byte, b':' | b' ');
    let number = window.run(body, 2, |byte| byte.is_ascii_digit())?;
    if number == 0 || window.at(body + number)? != b':' {
        return Ok(None);
    }
    let key = body
        + number
        + window.run(body + number, UNSEAL_LEAD_BYTES - 2, |byte| in_lead(byte) && !byte.is_ascii_digit())?;
    tail(window, key, key, (BASE64, UNSEAL_KEY_BYTES))
}

/// Digits of a user's number, and characters behind it.
const CLICKUP_USER_BYTES_MAX: usize = 10;
const CLICKUP_KEY_BYTES: usize = 32;
const CLICKUP_BYTES: usize = CLICKUP_USER_BYTES_MAX + CLICKUP_KEY_BYTES + 2;

/// A user's number, `_`, 32 capitals and digits.
fn clickup(window: &Window<'_>, start: usize, body: usize) -> Checked {
    let user = window.run(body, CLICKUP_USER_BYTES_MAX, |byte| byte.is_ascii_digit())?;
    let key = body + user + 1;
    if user == 0
        || window.at(key - 1)? != b'_'
        || window.run(key, CLICKUP_KEY_BYTES + 1, |byte| WORD.holds(byte))? != CLICKUP_KEY_BYTES
    {
        return Ok(None);
    }
    if !window.slice(key, key + CLICKUP_KEY_BYTES).iter().any(u8::is_ascii_digit) {
        return Ok(None);
    }
    tail(window, start, key, (UPPER, CLICKUP_KEY_BYTES))
}

/// Bytes of the shortest hash with what belongs to it, and of the row of letters and digits that begins soon.
const HASH_BYTES: usize = 60;
const HASH_ROW_BYTES: usize = 16;
const HASH_LEAD_BYTES_MAX: usize = 40;

/// A hash, with names, parameters and a salt before it. What is searched passes over text without long rows of letters
/// and digits, so one of them begins soon.
fn hash(window: &Window<'_>, start: usize, body: usize) -> Checked {
    let run = window.run(body, HASH_BYTES, |byte| VALUE.holds(byte))?;
    let lead = window.slice(body, body + HASH_LEAD_BYTES_MAX.min(run));
    let has_row = lead.split(|byte| !in_row(*byte)).any(|row| row.len() >= HASH_ROW_BYTES);
    if has_row { tail(window, start, body, (VALUE, HASH_BYTES)) } else { Ok(None) }
}

/// What a row is made of.
fn in_row(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"$/.-_~+=,".contains(&byte)
}
