//! All issuers' names, joined from the tables by field. A kind is one line.
//!
//! Facts come from the issuers' documents: letters and length of what they hand out.

use super::{Form, Kind, content, hosting, messages, models, services};

pub(super) const UUID: Form = Form::Uuid;

pub(super) const fn hex(from: usize, to: usize) -> Form {
    Form::Hex(from, to)
}

pub(super) const fn alnum(from: usize, to: usize) -> Form {
    Form::Alphanumeric(from, to)
}

pub(super) const fn token(from: usize, to: usize) -> Form {
    Form::Token(from, to)
}

pub(super) const fn kind(name: &'static str, provider: &'static str, word: &'static str, form: Form) -> Kind {
    Kind { name, provider, word: word.as_bytes(), form, is_common: false }
}

const FIELDS: [&[Kind]; 6] =
    [&hosting::KINDS, &messages::KINDS, &models::KINDS, &content::KINDS, &services::KINDS, &services::COMMON];

/// All kinds.
pub(crate) static KINDS: [Kind; super::super::joined_len(&FIELDS)] = super::super::joined(&FIELDS);
