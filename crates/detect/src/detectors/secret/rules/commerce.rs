//! Keys of payment and commerce.

use super::{at_least, checked, exactly};
use crate::detectors::secret::{Rule, is_random};
use crate::text::Class;
use crate::window::{Checked, Match, Window};

use Class::Alphanumeric as ALNUM;
use Class::Base64 as BASE64;
use Class::Hex as HEX;
use Class::Token as TOKEN;
use Class::Word as WORD;

pub(super) const RULES: [Rule; 53] = [
    at_least("stripe-secret-key", "stripe", "sk_live_", ALNUM, 16),
    at_least("stripe-test-secret-key", "stripe", "sk_test_", ALNUM, 16),
    at_least("stripe-restricted-key", "stripe", "rk_live_", ALNUM, 16),
    at_least("stripe-test-restricted-key", "stripe", "rk_test_", ALNUM, 16),
    at_least("stripe-webhook-secret", "stripe", "whsec_", BASE64, 28),
    at_least("square-access-token", "square", "sq0atp-", TOKEN, 22),
    at_least("square-application-id", "square", "sq0idp-", TOKEN, 22),
    at_least("square-sandbox-secret", "square", "sandbox-sq0csb-", TOKEN, 40),
    at_least("fleetbase-key", "fleetbase", "flb_live_", ALNUM, 20),
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
    at_least("stripe-organization-key", "stripe", "sk_org_", WORD, 24),
    at_least("square-application-secret", "square", "sq0csb-", TOKEN, 40),
    at_least("shopify-user-token", "shopify", "shpua_", ALNUM, 32),
    at_least("shopify-partner-token", "shopify", "prtapi_", HEX, 32),
    at_least("shopify-cli-token", "shopify", "atkn_", TOKEN, 40),
    at_least("razorpay-test-key", "razorpay", "rzp_test_", ALNUM, 14),
    at_least("plaid-sandbox-token", "plaid", "access-sandbox-", TOKEN, 36),
    at_least("plaid-development-token", "plaid", "access-development-", TOKEN, 36),
    at_least("easypost-test-key", "easypost", "EZTK", ALNUM, 54),
    at_least("shippo-test-token", "shippo", "shippo_test_", HEX, 40),
    at_least("duffel-test-token", "duffel", "duffel_test_", TOKEN, 43),
    checked("mollie-key", "mollie", "live_", mollie_key, MOLLIE_BYTES + 1),
    checked("mollie-test-key", "mollie", "test_", mollie_key, MOLLIE_BYTES + 1),
    at_least("xendit-key", "xendit", "xnd_", WORD, 40),
    at_least("midtrans-key", "midtrans", "Mid-server-", TOKEN, 20),
    at_least("paddle-key", "paddle", "pdl_", WORD, 40),
    at_least("polar-token", "polar", "polar_", WORD, 36),
    at_least("brex-token", "brex", "bxt_", ALNUM, 36),
    at_least("mercury-token", "mercury", "mercury_production_", WORD, 30),
    checked("braintree-access-token", "braintree", "access_token$", braintree_token, BRAINTREE_BYTES),
    exactly("woocommerce-key", "woocommerce", "ck_", HEX, 40),
    exactly("woocommerce-secret", "woocommerce", "cs_", HEX, 40),
    at_least("settlemint-application-token", "settlemint", "sm_aat_", ALNUM, 16),
    at_least("settlemint-personal-token", "settlemint", "sm_pat_", ALNUM, 16),
    at_least("settlemint-service-token", "settlemint", "sm_sat_", ALNUM, 16),
    checked("twitch-stream-key", "twitch", "live_", stream_key, STREAM_KEY_BYTES),
    exactly("gocardless-token", "gocardless", "live_", TOKEN, 40),
    exactly("lob-live-key", "lob", "live_", HEX, 35),
    exactly("lob-test-key", "lob", "test_", HEX, 35),
    at_least("stripe-production-secret-key", "stripe", "sk_prod_", ALNUM, 16),
    at_least("stripe-production-restricted-key", "stripe", "rk_prod_", ALNUM, 16),
    at_least("checkout-sandbox-key", "checkout", "sk_sbox_", ALNUM, 27),
    at_least("mercado-pago-token", "mercadopago", "APP_USR-", TOKEN, 50),
];

/// Letters and digits of a key of Mollie.
const MOLLIE_BYTES: usize = 30;

/// Names of tests have the prefix and the length, but no digits.
fn mollie_key(window: &Window<'_>, start: usize, body: usize) -> Checked {
    let run = window.run(body, MOLLIE_BYTES + 1, |byte| ALNUM.holds(byte))?;
    let end = body + MOLLIE_BYTES;
    let key = window.slice(body, end);
    let accepted =
        run == MOLLIE_BYTES && window.at(end)? != b'_' && key.iter().any(u8::is_ascii_digit) && is_random(ALNUM, key);
    Ok(accepted.then_some(Match::new(start, end, 0, 95)))
}

/// Bytes behind `access_token$`: a environment's name, 16 and 32 characters with `$` between them.
const BRAINTREE_BYTES: usize = 64;

fn braintree_token(window: &Window<'_>, start: usize, body: usize) -> Checked {
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let name = window.run(body, 12, lower)?;
    let first = body + name + 1;
    if window.at(first - 1)? != b'$' || window.run(first, 17, lower)? != 16 || window.at(first + 16)? != b'$' {
        return Ok(None);
    }
    let second = first + 17;
    let accepted = window.run(second, 33, lower)? == 32;
    Ok(accepted.then_some(Match::new(start, second + 32, 0, 95)))
}

/// Digits of a channel's number at most, and characters behind it.
const STREAM_CHANNEL_BYTES_MAX: usize = 12;
const STREAM_REST_BYTES: usize = 30;
const STREAM_KEY_BYTES: usize = STREAM_CHANNEL_BYTES_MAX + STREAM_REST_BYTES + 2;

/// A channel's number, `_`, thirty letters and digits.
fn stream_key(window: &Window<'_>, start: usize, body: usize) -> Checked {
    let channel = window.run(body, STREAM_CHANNEL_BYTES_MAX, |byte| byte.is_ascii_digit())?;
    let rest = body + channel + 1;
    let accepted = channel > 0
        && window.at(rest - 1)? == b'_'
        && window.run(rest, STREAM_REST_BYTES + 1, |byte| WORD.holds(byte))? == STREAM_REST_BYTES
        && is_random(ALNUM, window.slice(rest, rest + STREAM_REST_BYTES));
    Ok(accepted.then_some(Match::new(start, rest + STREAM_REST_BYTES, 0, 95)))
}
