//! Keys of chat, mail and telephony.

use super::{at_least, checked, exactly, searched_at};
use crate::detectors::secret::{Rule, is_random};
use crate::text::Class;
use crate::window::{Checked, Match, Rest, Window};

use Class::Alphanumeric as ALNUM;
use Class::Dotted as DOTTED;
use Class::Hex as HEX;
use Class::Path as PATH;
use Class::Token as TOKEN;
use Class::Upper as UPPER;
use Class::Webhook as WEBHOOK;

pub(super) const RULES: [Rule; 38] = [
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
    at_least("slack-workflow-token", "slack", "xwfp-", TOKEN, 24),
    at_least("slack-rotating-token", "slack", "xoxe.xox", TOKEN, 40),
    searched_at(19, at_least("outlook-webhook", "microsoft", "outlook.office.com/webhook/", WEBHOOK, 70)),
    searched_at(6, at_least("tines-webhook", "tines", ".tines.com/webhook/", PATH, 64)),
    searched_at(24, at_least("teams-webhook", "microsoft", "webhook.office.com/webhookb2/", WEBHOOK, 70)),
    searched_at(6, at_least("zapier-webhook", "zapier", "hooks.zapier.com/hooks/catch/", PATH, 12)),
    searched_at(13, at_least("discord-app-webhook", "discord", "discordapp.com/api/webhooks/", PATH, 60)),
    at_least("brevo-smtp-key", "brevo", "xsmtpsib-", TOKEN, 70),
    at_least("mailersend-token", "mailersend", "mlsn.", HEX, 64),
    exactly("mandrill-key", "mailchimp", "md-", TOKEN, 22),
    checked("resend-api-key", "resend", "re_", resend_key, RESEND_BYTES),
    exactly("klaviyo-private-key", "klaviyo", "pk_", HEX, 34),
    at_least("onesignal-app-key", "onesignal", "os_v2_app_", ALNUM, 60),
    at_least("onesignal-organization-key", "onesignal", "os_v2_org_", ALNUM, 60),
    at_least("pubnub-secret-key", "pubnub", "sec-c-", TOKEN, 36),
    at_least("pubnub-publish-key", "pubnub", "pub-c-", TOKEN, 36),
    at_least("courier-key", "courier", "pk_prod_", UPPER, 24),
    exactly("mattermost-webhook", "mattermost", "/hooks/", ALNUM, 26),
    at_least("make-webhook", "make", ".make.com/", ALNUM, 28),
    searched_at(4, at_least("ifttt-webhook-key", "ifttt", "/with/key/", TOKEN, 20)),
    at_least("linkedin-client-secret", "linkedin", "WPL_AP", DOTTED, 20),
];

/// Bytes behind `SG.`: 22, a dot, 43.
const SENDGRID_KEY_BYTES: usize = 66;

fn sendgrid_key(window: &Window<'_>, start: usize, body: usize) -> Checked {
    let token = |byte| TOKEN.holds(byte);
    let accepted =
        window.run(body, 23, token)? == 22 && window.at(body + 22)? == b'.' && window.run(body + 23, 43, token)? == 43;
    let found = Match::new(start, body + SENDGRID_KEY_BYTES, 0, 99);
    Ok(accepted.then_some(found.followed_by(Rest::Class(TOKEN))))
}

/// Bytes behind `re_`: 8, an underscore, 24.
const RESEND_BYTES: usize = 34;

fn resend_key(window: &Window<'_>, start: usize, body: usize) -> Checked {
    let alnum = |byte| ALNUM.holds(byte);
    let accepted =
        window.run(body, 9, alnum)? == 8 && window.at(body + 8)? == b'_' && window.run(body + 9, 25, alnum)? == 24;
    let end = body + 33;
    let accepted = accepted && is_random(ALNUM, window.slice(body, end));
    Ok(accepted.then_some(Match::new(start, end, 0, 95)))
}
