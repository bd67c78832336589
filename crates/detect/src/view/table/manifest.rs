//! Secrets of Kubernetes: the values below `data:` of an object whose kind is `Secret`, whatever their names are.
//!
//! Programs print the data before the kind. So values in base64 are kept, up to [`PENDING_BYTES_MAX`], until the kind is
//! known.

use core::ops::Range;

/// Bytes of data that are kept.
const PENDING_BYTES_MAX: u64 = 1024;
/// Bytes of the shortest value.
const VALUE_BYTES_MIN: usize = 8;

/// Names of values that open nothing.
const HARMLESS: [&[u8]; 12] = [
    b"user",
    b"username",
    b"host",
    b"hostname",
    b"port",
    b"database",
    b"dbname",
    b"namespace",
    b"ca.crt",
    b"tls.crt",
    b"server",
    b"name",
];

/// Where in an object the lines stand.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Manifest {
    is_secret: bool,
    /// The kind was said in the line before.
    is_new: bool,
    is_in_data: bool,
    /// The first line of data whose kind is not known.
    pending: Option<u64>,
}

/// What a line of an object says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Nothing,
    /// It is an entry of a secret's data.
    Entry,
    /// All lines from here on are entries.
    Entries(u64),
}

impl Manifest {
    /// True in data: its lines are read as a whole.
    pub(super) const fn is_open(&self) -> bool {
        self.is_in_data
    }

    /// True if the next line may be part of a secret, or say that what was before is one.
    pub(super) const fn waits(&self) -> bool {
        self.is_in_data || self.pending.is_some()
    }

    /// The first byte that is still needed.
    pub(super) const fn pending(&self) -> Option<u64> {
        self.pending
    }

    /// Takes the next line, which begins at `start`.
    pub(super) fn read(&mut self, line: &[u8], start: u64) -> Said {
        match line.first() {
            Some(b' ') if self.is_in_data => return self.read_entry(line, start),
            Some(b'a' | b'd' | b'k' | b's' | b'-') => {}
            Some(b' ' | b'\t') => return Said::Nothing,
            _ => {
                self.is_in_data = false;
                return Said::Nothing;
            }
        }
        self.is_in_data = false;
        let is_new = core::mem::take(&mut self.is_new);
        match line.trim_ascii_end() {
            b"kind: Secret" => {
                (self.is_secret, self.is_new) = (true, true);
                return self.pending.take().map_or(Said::Nothing, Said::Entries);
            }
            b"data:" | b"stringData:" => {
                self.is_in_data = true;
                self.pending = (!self.is_secret).then_some(start + line.len() as u64 + 1);
            }
            text if text.starts_with(b"---")
                || text.starts_with(b"kind: ")
                || (text.starts_with(b"apiVersion: ") && !is_new) =>
            {
                *self = Self::default();
            }
            _ => {}
        }
        Said::Nothing
    }

    fn read_entry(&mut self, line: &[u8], start: u64) -> Said {
        if self.is_secret {
            return Said::Entry;
        }
        let is_kept = self.pending.is_some_and(|first| start + line.len() as u64 <= first + PENDING_BYTES_MAX);
        let in_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        if !is_kept || !entry(line).is_some_and(|value| line.get(value).unwrap_or_default().iter().all(in_base64)) {
            *self = Self::default();
        }
        Said::Nothing
    }
}

/// Where the value of an entry stands in its line.
fn entry(line: &[u8]) -> Option<Range<usize>> {
    let colon = memchr::memchr(b':', line)?;
    let value = line.get(colon + 1..)?.strip_prefix(b" ")?;
    let text = value.trim_ascii();
    let start = colon + 2 + value.len() - value.trim_ascii_start().len();
    (!text.is_empty()).then_some(start..start + text.len())
}

/// The same of a value that may open something.
pub(super) fn value(line: &[u8]) -> Option<Range<usize>> {
    let value = entry(line).filter(|value| value.len() >= VALUE_BYTES_MIN)?;
    let name = line.get(..memchr::memchr(b':', line)?)?.trim_ascii();
    (!HARMLESS.iter().any(|known| name.eq_ignore_ascii_case(known))).then_some(value)
}
