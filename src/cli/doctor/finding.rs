//! What a check found.

use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Pass,
    /// The gateway runs, but slower or less safely, or it could not be looked at.
    Warn,
    /// The gateway does not run.
    Fail,
}

/// What a check found; a fix stands wherever something is to be mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) check: &'static str,
    pub(super) outcome: Outcome,
    pub(super) detail: String,
    /// The command that mends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fix: Option<String>,
}

impl Finding {
    pub(super) fn pass(check: &'static str, detail: impl Into<String>) -> Self {
        Self { check, outcome: Outcome::Pass, detail: detail.into(), fix: None }
    }

    pub(super) fn warn(check: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, outcome: Outcome::Warn, detail: detail.into(), fix: Some(fix.into()) }
    }

    pub(super) fn fail(check: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, outcome: Outcome::Fail, detail: detail.into(), fix: Some(fix.into()) }
    }

    /// A failure where the gateway needs it, a warning where it may.
    pub(super) fn missing(check: &'static str, need: Need, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        match need {
            Need::Sure => Self::fail(check, detail, fix),
            Need::Unknown => Self::warn(check, detail, fix),
            Need::None => Self::pass(check, format!("{}; not needed by the configured ports", detail.into())),
        }
    }
}

/// Whether the configured ports need something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Sure,
    /// No port is configured yet.
    Unknown,
    None,
}

/// A word of a shell command that means nothing but itself.
pub(super) fn quote(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:,=@%+".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// The command that puts parameters on the kernel's boot line, Debian's way.
pub(super) fn boot_line(parameters: &str) -> String {
    format!(
        "sudo sed -i 's/^GRUB_CMDLINE_LINUX=\"/&{parameters} /' /etc/default/grub && sudo update-grub && sudo reboot"
    )
}
