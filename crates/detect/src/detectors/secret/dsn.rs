//! Passwords of data source names that have no scheme: `app:...@tcp(db:3306)/prod` (the MySQL driver of Go).
//!
//! Decided at the `@` before the protocol. The match lies before what is searched for, so the search holds what may be
//! a password at the end of the text: [`password_start`].

use super::command;
use crate::window::{Match, Window};

/// What is searched for: the protocol of nearly all such names.
pub(crate) const MARK: &[u8] = b"@tcp(";

/// Bytes of the longest password, with a part of the mark that may stand behind it.
const PASSWORD_BYTES_MAX: usize = 72;

/// Bytes before the end of a text in which one begins that may be a password.
pub(crate) const REACH_BYTES: usize = PASSWORD_BYTES_MAX + MARK.len();

/// The password before the mark at `at`, if there is a user before it.
pub(crate) fn check(window: &Window<'_>, at: usize) -> Option<Match> {
    let start = password_start(window.text(), at)?;
    let user = window.before(start - 1);
    let is_named = user.is_ascii_alphanumeric() || matches!(user, b'_' | b'-' | b'}' | b'.');
    if is_named { command::chosen(window, (start, at), 2) } else { None }
}

/// The start of what may be a password and ends at `end`: behind the last colon, with no space or quote between.
pub(crate) fn password_start(text: &[u8], end: usize) -> Option<usize> {
    let near = text.get(end.saturating_sub(REACH_BYTES)..end)?;
    let ends = |byte: &u8| !byte.is_ascii_graphic() || matches!(byte, b':' | b'"' | b'\'' | b'`');
    let before = near.iter().rposition(ends)?;
    (near.get(before) == Some(&b':')).then(|| end - (near.len() - before - 1))
}

#[cfg(test)]
mod tests {
    use crate::EntityType;
    use crate::detectors::testing::{finds, passes};

    #[test]
    fn the_password_of_a_name_without_a_scheme_is_found() {
        for password in ["Xk29dkQ1zz", "kX9-fj2!m", "p@Xk29dkQ1", "Tr0ub4dor&3xQ"] {
            for (head, tail) in [
                ("app:", "@tcp(db:3306)/prod?parseTime=true"),
                ("sql.Open(\"mysql\", \"app:", "@tcp(db)/x\")"),
                ("DSN=app:", "@tcp(10.0.0.1:3306)/"),
            ] {
                finds(EntityType::Secret, &format!("{head}{password}{tail}"), &[password]);
            }
        }
    }

    #[test]
    fn names_without_a_password_pass() {
        passes(
            EntityType::Secret,
            &[
                "app:@tcp(db:3306)/prod",
                "app@tcp(db2:3306)/prod",
                "user:password@tcp(localhost:5555)/dbname",
                "%s:%s@tcp(%s:3306)/x1",
                "app:${DB_PASS1}@tcp(db)/x",
                "app:$DB_PASS1@tcp(db)/x",
                "at 12:30b4 @tcp(db)",
                "x:a1b2c3d4@udp(db)",
            ],
        );
    }
}
