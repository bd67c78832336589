//! What a finding is made of: type, detector, confidence, range.

use crate::view::ViewId;
use core::fmt;

/// Declares the types once: variant, name, what it is.
macro_rules! entity_types {
    ($($variant:ident $name:literal $doc:literal)*) => {
        /// What kind of thing was found; the names are those of Presidio where it has one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum EntityType {
            $(#[doc = $doc] $variant,)*
        }

        impl EntityType {
            /// All types, in the order of [`EntityType::index`].
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// The name in policies and records.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What it is, in a sentence.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$variant => $doc,)*
                }
            }
        }
    };
}

entity_types! {
    EmailAddress "EMAIL_ADDRESS" "An e-mail address."
    UsSsn "US_SSN" "A United States social security number."
    CreditCard "CREDIT_CARD" "A payment card number."
    IbanCode "IBAN_CODE" "An international bank account number."
    PhoneNumber "PHONE_NUMBER" "A telephone number."
    IpAddress "IP_ADDRESS" "An IPv4 or IPv6 address."
    Secret "SECRET" "An API key, token, private key or the like; the rule says which."
    Keyword "KEYWORD" "A term of one of the operator's lists; the rule is the list's name."
    MacAddress "MAC_ADDRESS" "A hardware address of a network interface (EUI-48, EUI-64)."
    Crypto "CRYPTO" "A Bitcoin or Ethereum address."
    DateOfBirth "DATE_OF_BIRTH" "A date that the text says is one of birth."
    GeoCoordinates "GEO_COORDINATES" "A pair of latitude and longitude."
    CardSecurityCode "CARD_SECURITY_CODE" "The security code of a payment card (CVV, CVC)."
    CardExpiry "CARD_EXPIRY" "The expiry date of a payment card."
    UsItin "US_ITIN" "A United States individual taxpayer identification number."
    UsEin "US_EIN" "A United States employer identification number."
    UsPassport "US_PASSPORT" "A United States passport number."
    UsDriverLicense "US_DRIVER_LICENSE" "A United States driver licence number."
    UsBankNumber "US_BANK_NUMBER" "A United States bank account number."
    AbaRoutingNumber "ABA_ROUTING_NUMBER" "A United States bank routing number."
    UsNpi "US_NPI" "A United States national provider identifier."
    UsDea "US_DEA" "A registration number of the United States Drug Enforcement Administration."
    UsMbi "US_MBI" "A United States Medicare beneficiary identifier."
    Vin "VIN" "A vehicle identification number."
    Imei "IMEI" "A mobile equipment identity."
    UkNhs "UK_NHS" "A number of the United Kingdom's National Health Service."
    UkNino "UK_NINO" "A United Kingdom national insurance number."
    CaSin "CA_SIN" "A Canadian social insurance number."
    AuTfn "AU_TFN" "An Australian tax file number."
    AuMedicare "AU_MEDICARE" "An Australian Medicare card number."
    AuAbn "AU_ABN" "An Australian business number."
    InAadhaar "IN_AADHAAR" "An Indian Aadhaar number."
    InPan "IN_PAN" "An Indian permanent account number."
    DeSteuerId "DE_STEUER_ID" "A German tax identification number."
    FrNir "FR_NIR" "A French social security number."
    EsNif "ES_NIF" "A Spanish tax identification number (DNI, NIE)."
    ItFiscalCode "IT_FISCAL_CODE" "An Italian fiscal code."
    NlBsn "NL_BSN" "A Dutch citizen service number."
    PlPesel "PL_PESEL" "A Polish personal identity number."
    FiHetu "FI_HETU" "A Finnish personal identity code."
    SePersonnummer "SE_PERSONNUMMER" "A Swedish personal identity number."
    BrCpf "BR_CPF" "A Brazilian taxpayer number of a person."
    BrCnpj "BR_CNPJ" "A Brazilian taxpayer number of a company."
    ZaId "ZA_ID" "A South African identity number."
    SgNricFin "SG_NRIC_FIN" "A Singaporean identity number."
    KrRrn "KR_RRN" "A Korean resident registration number."
    TrTckn "TR_TCKN" "A Turkish identity number."
    CnRic "CN_RIC" "A Chinese resident identity number."
    Person "PERSON" "The name of a person."
    Organization "ORGANIZATION" "The name of an organisation."
    Location "LOCATION" "The name of a place."
    StreetAddress "STREET_ADDRESS" "A postal address with a street."
    SourceCode "SOURCE_CODE" "Program text; the rule is the language it looks like."
    Confidential "CONFIDENTIAL" "A marking that says the text is not for outsiders."
    Fingerprint "FINGERPRINT" "Lines of the owner's own source code."
    Canary "CANARY" "A string that the owner planted to see it leave."
}

impl EntityType {
    /// How many types there are: the length of a counter array.
    pub const COUNT: usize = Self::ALL.len();

    /// The type of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|entity| entity.name() == name)
    }

    /// True for types that are found by likelihood: names and what is made of them. All others have a
    /// structure or a checksum, and far fewer false findings.
    #[must_use]
    pub const fn is_statistical(self) -> bool {
        matches!(self, Self::Person | Self::Organization | Self::Location | Self::StreetAddress)
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
    /// How the text was read in which it stands.
    pub view: ViewId,
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
