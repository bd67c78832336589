//! What a finding is made of: type, detector, confidence, range.

use core::fmt;

/// What kind of thing was found; the names are those of Presidio where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum EntityType {
    /// An e-mail address.
    EmailAddress,
    /// A United States social security number.
    UsSsn,
    /// A payment card number.
    CreditCard,
    /// An international bank account number.
    IbanCode,
    /// A telephone number.
    PhoneNumber,
    /// An IPv4 or IPv6 address.
    IpAddress,
    /// An API key, token, private key or the like; the rule says which.
    Secret,
    /// A term of one of the operator's lists; the rule is the list's name.
    Keyword,
}

impl EntityType {
    /// All types, in the order of [`EntityType::index`].
    pub const ALL: [Self; 8] = [
        Self::EmailAddress,
        Self::UsSsn,
        Self::CreditCard,
        Self::IbanCode,
        Self::PhoneNumber,
        Self::IpAddress,
        Self::Secret,
        Self::Keyword,
    ];

    /// How many types there are: the length of a counter array.
    pub const COUNT: usize = Self::ALL.len();

    /// The name in policies and records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EmailAddress => "EMAIL_ADDRESS",
            Self::UsSsn => "US_SSN",
            Self::CreditCard => "CREDIT_CARD",
            Self::IbanCode => "IBAN_CODE",
            Self::PhoneNumber => "PHONE_NUMBER",
            Self::IpAddress => "IP_ADDRESS",
            Self::Secret => "SECRET",
            Self::Keyword => "KEYWORD",
        }
    }

    /// The type of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|entity| entity.name() == name)
    }

    /// The type's place in [`EntityType::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for EntityType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Which rule of which detector found something: a small index, resolved by
/// [`DetectorSet::entity`](crate::DetectorSet::entity) and
/// [`DetectorSet::rule`](crate::DetectorSet::rule).
///
/// The built-in rules have the same index in every set; the operator's keyword lists follow them
/// in the order in which they were added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DetectorId(pub(crate) u16);

impl DetectorId {
    /// The index, below [`DetectorSet::detector_count`](crate::DetectorSet::detector_count).
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// How sure a detector is, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Confidence(u8);

impl Confidence {
    /// A confidence of `percent`; more than 100 counts as 100.
    #[must_use]
    pub const fn new(percent: u8) -> Self {
        Self(if percent > 100 { 100 } else { percent })
    }

    /// The value in percent.
    #[must_use]
    pub const fn percent(self) -> u8 {
        self.0
    }
}

/// A range of the stream that a detector recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Finding {
    /// Absolute offset of its first byte.
    pub start: u64,
    /// Absolute offset behind its last byte.
    pub end: u64,
    /// Which rule found it.
    pub detector: DetectorId,
    /// How sure it is.
    pub confidence: Confidence,
    /// True if the range goes on where the last finding of the same detector ended: one item,
    /// reported in pieces because it has no bounded length (a private key, a token).
    pub continued: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_found_by_its_name() {
        for (place, entity) in EntityType::ALL.into_iter().enumerate() {
            assert_eq!(EntityType::from_name(entity.name()), Some(entity));
            assert_eq!(entity.index(), place);
        }
        assert_eq!(EntityType::from_name("email_address"), None);
    }

    #[test]
    fn a_confidence_is_at_most_a_hundred_percent() {
        assert_eq!(Confidence::new(101).percent(), 100);
    }
}
