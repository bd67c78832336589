//! Passwords behind the word in prose and commands: `the password is ...`, `--password ...`,
//! `ENV DB_PASSWORD ...`.
//!
//! Behind a verb the value must have a digit or a sign; behind a mere space, where any word may follow,
//! it must be as mixed as only passwords are. Delimiters are the business of [`assign`](super::assign).

use super::command::{call, device, line_before};
use super::link::{self, Joint};
use super::{form, letters, placeholder, shape::Shape};
use crate::text::alphanumeric;
use crate::window::{BOUNDARY, Checked, Match, NUMBER_BOUNDARY, Undecided, Window};

/// What is searched for: part of `password` and `passwd`, in small letters and in capitals.
pub(crate) const HEADS: [&[u8]; 2] = [b"assw", b"ASSW"];

/// Bytes of a head, behind which the word's ending stands.
pub(crate) const HEAD_BYTES: usize = 4;

/// Endings of the word.
const ENDINGS: [&[u8]; 3] = [b"ord", b"d", b"ort"];

/// Bytes of the shortest and the longest value.
const VALUE_BYTES_MIN: usize = 7;
const VALUE_BYTES_MAX: usize = 72;

/// Decides behind a head, at `ending`.
pub(crate) fn check(window: &Window<'_>, ending: usize) -> Checked {
    if !window.before(ending - HEAD_BYTES).eq_ignore_ascii_case(&b'p') {
        return Ok(None);
    }
    let Some(end) = word_end(window, ending)? else { return Ok(None) };
    if window.at(end)? == b'(' {
        return call::quoted(window, end + 1);
    }
    if window.at(end)? == b' ' {
        let is_form = device::is_form(window, end + 1)?;
        // What stands before is looked at last: prose speaks of passwords, too.
        let found = device::value(window, end + 1)?;
        if is_form || (found.is_some() && device::is_line(window, end)) {
            return Ok(found);
        }
    }
    for way in link::WAYS {
        if let Some((start, joint)) = way(window, end)?
            && let Some(found) = value(window, end, start, joint)?
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Decides at a value that begins at `start` and is joined like this to the word that ends at `word_end`.
fn value(window: &Window<'_>, word_end: usize, start: usize, joint: Joint) -> Checked {
    let length = window.run(start, VALUE_BYTES_MAX + 1, in_value)?;
    let sorts = match joint {
        Joint::Firm => 2,
        Joint::Loose => 3,
        Joint::Line { announced } => {
            let is_alone = matches!(window.at(start + length)?, b'\n' | b'\r' | BOUNDARY | NUMBER_BOUNDARY);
            if !is_alone || !(announced || link::is_title(line_before(window, word_end))) {
                return Ok(None);
            }
            if announced { 2 } else { 3 }
        }
    };
    let text = window.slice(start, start + length);
    // A sentence's full stop is no part of it.
    let text = text.strip_suffix(b".").unwrap_or(text);
    let accepted = (VALUE_BYTES_MIN..=VALUE_BYTES_MAX).contains(&text.len()) && is_password(text, sorts);
    Ok(accepted.then_some(Match::new(start, start + text.len(), form::PASSWORD, 75)))
}

/// The end of the word whose ending stands here; digits may follow it.
fn word_end(window: &Window<'_>, ending: usize) -> Result<Option<usize>, Undecided> {
    for word in ENDINGS {
        let mut place = 0;
        while word
            .get(place)
            .is_some_and(|byte| window.at(ending + place).is_ok_and(|at| at.eq_ignore_ascii_case(byte)))
        {
            place += 1;
        }
        let end = ending + place;
        let next = window.at(end)?;
        if place == word.len() {
            return Ok((!alphanumeric(next)).then_some(end));
        }
    }
    Ok(None)
}

fn in_value(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'"' | b'\'' | b'`' | b'<' | b'>' | b'{' | b'}' | b'[' | b']' | b'\\' | b',' | b'/' | b':' | b';' | b'|'
        )
}

/// True for a mixture of at least so many sorts of characters, a digit among them.
fn is_password(text: &[u8], sorts_min: usize) -> bool {
    let shape = Shape::of(text);
    let signs = text.iter().filter(|byte| is_sign(**byte)).count();
    let sorts = [shape.lowers, shape.uppers, shape.digits, signs].into_iter().filter(|count| *count > 0).count();
    let is_drawn = || shape.uppers > 0 && letters::are_drawn(text, &shape);
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    let unpadded = text.get(..text.len() - padding).unwrap_or_default();
    // A parenthesis that closes belongs to a call.
    let joined = unpadded.iter().any(|byte| matches!(byte, b')' | b'=' | b'.'));
    (sorts >= sorts_min && (shape.digits > 0 || (signs > 0 && letters::are_unlike_words(text, &shape)) || is_drawn()))
        && shape.letters() > 0
        && shape.distinct >= 5
        && !joined
        && !placeholder::begins_like_code(text)
        && !placeholder::names_itself(text)
        && !placeholder::is_placeholder(text)
        && (shape.digits >= 2 || !text.contains(&b'_'))
        && !ends_in_word(text)
}

/// True for `md5-hashed`: how passwords are kept.
fn ends_in_word(text: &[u8]) -> bool {
    /// Letters of the shortest such word.
    const WORD_BYTES_MIN: usize = 6;
    let word = text.iter().rposition(|byte| *byte == b'-').and_then(|dash| text.get(dash + 1..)).unwrap_or_default();
    word.len() >= WORD_BYTES_MIN && word.iter().all(u8::is_ascii_lowercase)
}

const fn is_sign(byte: u8) -> bool {
    matches!(byte, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'+' | b'~' | b'?')
}

#[cfg(test)]
mod tests {
    use crate::EntityType;
    use crate::detectors::testing::{find_all, passes};

    #[test]
    fn passwords_are_found_behind_the_word() {
        for (text, password) in [
            ("My password is hunter22, do not tell.", "hunter22"),
            ("the password was \"kX9-fj2!m\".", "kX9-fj2!m"),
            ("Set the Password to Tr0ub4dor&3.", "Tr0ub4dor&3"),
            ("mysql --password Zx81Kd93mQ -u root", "Zx81Kd93mQ"),
            ("Das Passwort ist Xk29dkQ1zz.", "Xk29dkQ1zz"),
            ("Das Passwort lautet \"Xk29dkQ1zz\"", "Xk29dkQ1zz"),
            ("ENV DB_PASSWORD kX9fj2Lm81", "kX9fj2Lm81"),
            ("key=\"DB_PASSWORD\" value=\"kX9fj2Lm81\"", "kX9fj2Lm81"),
        ] {
            let found: Vec<_> = find_all(text).into_iter().map(|found| (found.0, found.1)).collect();
            assert_eq!(found, [("password-assignment".to_owned(), password.to_owned())], "{text}");
        }
    }

    #[test]
    fn prose_about_passwords_passes() {
        passes(
            EntityType::Secret,
            &[
                "the password is required",
                "a password is stored in utf8mb4",
                "das Passwort ist 8stellig_",
                "getPassword()",
                "password of 8-20 characters",
                "the password to use",
                "Password reset v2.0.1",
                "--password $PASS1",
                "--password <Password1>",
                "passwords2 Zx81Kd93mQ",
                "the password is set_by_user1",
                "password hashing Argon2id",
            ],
        );
    }
}
