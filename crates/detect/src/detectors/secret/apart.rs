//! A password far from its name: a variable's default, the column of a table.
//!
//! Decided behind the word for a password.

use super::command::{chosen, word};
use crate::window::{BOUNDARY, Checked, NUMBER_BOUNDARY, Undecided, Window};

/// Bytes of white space before a block.
const GAP_BYTES_MAX: usize = 8;

/// Bytes between the word for a value and the value.
const DELIMITER_BYTES_MAX: usize = 8;

/// Bytes of a variable's block before its default.
const BLOCK_BYTES_MAX: usize = 128;

/// Bytes of a table's lines: the head before and behind the name, and the first row.
const HEAD_BYTES_MAX: usize = 56;
const ROW_BYTES_MAX: usize = 160;

/// Decides behind the word for a password, which ends at `end`.
pub(super) fn check(window: &Window<'_>, end: usize) -> Checked {
    let next = window.at(end)?;
    if matches!(next, b'"' | b'\'')
        && let Some(default) = default(window, end + 1)?
    {
        return assigned(window, default);
    }
    if matches!(next, b',' | b';' | b'\t' | b'\n' | b'\r' | b'"' | b'|' | b' ' | b'*' | b'`') {
        column(window, end)
    } else {
        Ok(None)
    }
}

/// Behind the word for a default in a variable's block: `variable "db_password" { default`.
fn default(window: &Window<'_>, start: usize) -> Result<Option<usize>, Undecided> {
    const WORD: &[u8] = b"default";
    let opening = start + window.run(start, GAP_BYTES_MAX, |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))?;
    if window.at(opening)? != b'{' {
        return Ok(None);
    }
    let in_block = |byte: u8| !matches!(byte, b'}' | BOUNDARY | NUMBER_BOUNDARY);
    let length = window.run(opening, BLOCK_BYTES_MAX, in_block)?;
    let place = memchr::memmem::find(window.slice(opening, opening + length), WORD);
    Ok(place.map(|place| opening + place + WORD.len()))
}

/// Decides at a value behind a delimiter that stands at `start`.
fn assigned(window: &Window<'_>, start: usize) -> Checked {
    let in_delimiter = |byte| matches!(byte, b'"' | b'\'' | b'\\' | b' ' | b':' | b'=' | b'>' | BOUNDARY);
    let length = window.run(start, DELIMITER_BYTES_MAX, in_delimiter)?;
    let delimiter = window.slice(start, start + length);
    if !delimiter.iter().any(|byte| matches!(byte, b':' | b'=' | b'>' | &BOUNDARY)) {
        return Ok(None);
    }
    let quoted = matches!(delimiter.last(), Some(b'"' | b'\''));
    Ok(chosen(window, word(window, start + length - usize::from(quoted))?, 2))
}

/// `user,password` above `admin,...`: the first row of a table.
fn column(window: &Window<'_>, end: usize) -> Checked {
    let before = window.slice(end.saturating_sub(HEAD_BYTES_MAX), end);
    let from = memchr::memrchr3(b'\n', BOUNDARY, NUMBER_BOUNDARY, before).map_or(0, |place| place + 1);
    let before = before.get(from..).unwrap_or_default();
    let behind = end + window.run(end, HEAD_BYTES_MAX, in_head)?;
    let head = window.slice(end, behind);
    let parts = |byte: &u8| before.contains(byte) || head.contains(byte);
    let Some(separator) = SEPARATORS.into_iter().find(parts) else { return Ok(None) };
    let in_line = |byte: u8| !matches!(byte, b'\n' | b'\r' | BOUNDARY | NUMBER_BOUNDARY);
    let line_end = |byte: u8| matches!(byte, b'\r' | b'\n');
    let mut row = behind + window.run(behind, 2, line_end)?;
    let names = trim_edges(window.slice(end - before.len(), behind), separator);
    let is_named = names.split(|byte| *byte == separator).all(|name| !name.trim_ascii().is_empty());
    if row == behind || !is_named || !before.iter().all(|byte| in_head(*byte)) {
        return Ok(None);
    }
    let ruler = window.run(row, ROW_BYTES_MAX, |byte| matches!(byte, b'|' | b'-' | b':' | b' ' | b'+'))?;
    if ruler > 0 && !in_line(window.at(row + ruler)?) {
        row += ruler + window.run(row + ruler, 2, line_end)?;
    }
    let length = window.run(row, ROW_BYTES_MAX, in_line)?;
    let text = window.slice(row, row + length);
    let count = |text: &[u8]| memchr::memchr_iter(separator, text).count();
    if length == ROW_BYTES_MAX || count(text) != count(before) + count(head) {
        return Ok(None);
    }
    let Some(field) = text.split(|byte| *byte == separator).nth(count(before)) else { return Ok(None) };
    let ahead: usize = text.split(|byte| *byte == separator).take(count(before)).map(|field| field.len() + 1).sum();
    let value = field.trim_ascii();
    let quoted = |quote: &[u8]| value.strip_prefix(quote).and_then(|value| value.strip_suffix(quote));
    let bare = quoted(b"\"").or_else(|| quoted(b"`")).unwrap_or(value);
    let start = row + ahead + field.len() - field.trim_ascii_start().len() + (value.len() - bare.len()) / 2;
    Ok(chosen(window, (start, start + bare.len()), 2))
}

/// What parts the fields of a table.
const SEPARATORS: [u8; 4] = [b'|', b',', b';', b'\t'];

/// Bytes of a table's head: names and what parts them.
const fn in_head(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b' ' | b'"' | b',' | b';' | b'\t' | b'|' | b'*' | b'`')
}

/// A line of a Markdown table without the bars at its ends.
fn trim_edges(line: &[u8], separator: u8) -> &[u8] {
    if separator != b'|' {
        return line;
    }
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"|").unwrap_or(line);
    line.strip_suffix(b"|").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use crate::detectors::testing::{find_all, passes};
    use crate::{DetectorSet, EntityType, Scanner};

    const TEXTS: [&str; 20] = [
        "- name: DB_PASSWORD\n  value: \"@\"",
        "        - name: DB_PASSWORD\n          value: @\n",
        "- name: \"db-password\"\r\n  value: '@'\r\n",
        "{\"name\":\"DB_PASSWORD\",\"value\":\"@\"}",
        "{\"name\": \"DB_PASSWORD\", \"value\": \"@\"}",
        "{\n  \"Name\": \"DbPassword\",\n  \"Value\": \"@\"\n}",
        "{\\\"name\\\":\\\"DB_PASSWORD\\\",\\\"value\\\":\\\"@\\\"}",
        "variable \"db_password\" {\n default = \"@\"\n}",
        "variable \"db_password\" {\n  type        = string\n  sensitive   = true\n  default     = \"@\"\n}",
        "<key>Password</key>\n<string>@</string>",
        "<name>db.password</name>\n  <value>@</value>",
        "user,password\nadmin,@",
        "user;password;mail\nadmin;@;a\n",
        "password,user\r\n@,admin\r\n",
        "\"user\",\"password\"\n\"admin\",\"@\"\n",
        "host\tuser\tpassword\na1\tadmin\t@\n",
        "| User | Password |\n|------|:--------:|\n| admin | @ |\n",
        "| **Password** | User |\r\n| --- | --- |\r\n| `@` | admin |\r\n",
        "user | password | host\n-----+----------+-----\nbob | @ | a1\n",
        "user | password | host\nbob | @ | a1\n",
    ];

    #[test]
    fn passwords_are_found_apart_from_their_names() {
        for text in TEXTS {
            for password in ["Tr0ub4dor&3xQ", "Xk29dkQ1zz", "kX9-fj2!m"] {
                let text = text.replace('@', password);
                let found: Vec<_> = find_all(&text).into_iter().map(|found| (found.0, found.1)).collect();
                assert_eq!(found, [("password-assignment".to_owned(), password.to_owned())], "{text}");
            }
        }
    }

    #[test]
    fn leaves_of_json_are_names_and_values() {
        let set = DetectorSet::builder().enable(EntityType::Secret).build().unwrap();
        let (mut scanner, mut found) = (Scanner::new(), Vec::new());
        for leaf in ["DB_PASSWORD", "value", "Xk29dkQ1zz"] {
            scanner.push(leaf.as_bytes());
            scanner.boundary();
            assert_eq!(scanner.scan(&set, &mut found), scanner.position());
        }
        assert_eq!(found.iter().map(|found| (found.start, found.end)).collect::<Vec<_>>(), [(18, 28)]);
    }

    #[test]
    fn names_without_a_value_of_their_own_pass() {
        passes(
            EntityType::Secret,
            &[
                "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef: db1x",
                "- name: DB_PASSWORD\n  value: $(DB_PASS1)",
                "- name: DB_PASSWORD\n  value: \"${DB_PASS1}\"",
                "- name: DB_PASSWORD\n- name: Xk29dkQ1zz",
                "{\"name\":\"DB_PASSWORD\",\"value\":\"<password1>\"}",
                "{\"name\":\"password\",\"type\":\"Xk29dkQ1zz\"}",
                "variable \"db_password\" {\n  type = string\n}\nvariable \"x\" {\n default = \"Xk29dkQ1zz\"\n}",
                "variable \"db_password\" {\n default = \"\"\n}",
                "user,password\nadmin,<password1>",
                "user,password\nadmin,Xk29dkQ1zz,3",
                "Enter your user, your password\nand the code, then Xk29dkQ1zz",
                "a line about a password\nXk29dkQ1zz",
                "    ChangePassword,\n    MsV1_0Generic,\n",
                "if password {\n  default_x2y3z4()\n}",
            ],
        );
    }
}
