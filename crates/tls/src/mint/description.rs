//! What people are told of an authority.

use super::authority::date;
use crate::certificate::{self, LeafFacts};
use crate::roots;
use core::fmt;

/// Who an authority is. Shown as lines: subject, validity, fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Its name.
    pub subject: String,
    /// Its validity and fingerprint.
    pub facts: LeafFacts,
}

impl Description {
    /// What the first certificate of a PEM file says of itself; nothing if there is none.
    #[must_use]
    pub fn read(pem: &[u8]) -> Option<Self> {
        let certificates = roots::certificates(pem).ok()?;
        let der = certificates.first()?;
        let certificate = certificate::parse(der)?;
        Some(Self { subject: certificate.subject().to_string(), facts: LeafFacts::of(&certificate, der) })
    }
}

impl fmt::Display for Description {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A name may hold anything.
        writeln!(formatter, "subject      {}", self.subject.escape_debug())?;
        writeln!(formatter, "valid from   {}", Utc(self.facts.not_before))?;
        writeln!(formatter, "valid until  {}", Utc(self.facts.not_after))?;
        // As `openssl x509 -fingerprint -sha256` and browsers write it.
        write!(formatter, "sha256       ")?;
        for (index, byte) in self.facts.sha256.iter().enumerate() {
            write!(formatter, "{}{byte:02X}", if index == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

/// Seconds since 1970 as a date and a time of day.
struct Utc(u64);

impl fmt::Display for Utc {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(date) = date(self.0) else { return formatter.write_str("never") };
        let (hour, minute, second) = date.to_hms();
        let (year, month, day) = date.to_calendar_date();
        write!(formatter, "{year:04}-{:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC", u8::from(month))
    }
}
