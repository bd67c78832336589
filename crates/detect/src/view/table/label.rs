//! Names of columns that are read: of what is told by its name more than by its form.

use crate::context;
use crate::detectors::secret;
use crate::window::CONTEXT_BYTES;

/// Bytes that are kept of a name.
pub(super) const LABEL_BYTES_MAX: usize = 24;

/// Words in names, and the name under which detectors know what they say; as they stand, if there is no other. A word that
/// ends in `*` may go on.
#[rustfmt::skip]
const WORDS: &[(&[u8], &[u8])] = &[
    (b"password*", PASSWORD), (b"passwd*", PASSWORD), (b"passwort*", PASSWORD), (b"kennwort*", PASSWORD),
    (b"passphrase*", PASSWORD), (b"passcode*", PASSWORD), (b"pwd", PASSWORD), ("contraseñ*".as_bytes(), PASSWORD),
    (b"contrasen*", PASSWORD), (b"senha", PASSWORD), (b"senhas", PASSWORD), (b"mot de passe*", PASSWORD), (b"mdp", PASSWORD), (b"clave", PASSWORD),
    (b"palavra*", PASSWORD), (b"wachtwoord*", PASSWORD), ("hasło*".as_bytes(), PASSWORD), (b"haslo", PASSWORD),
    ("пароль*".as_bytes(), PASSWORD), ("密码".as_bytes(), PASSWORD), ("パスワード".as_bytes(), PASSWORD),
    (b"api key*", KEY), (b"apikey*", KEY), (b"access key*", KEY), (b"private key*", KEY), (b"secret", KEY), (b"secrets", KEY), (b"secretkey*", KEY),
    (b"token", KEY), (b"tokens", KEY), (b"encryption key*", KEY), (b"subscription key*", KEY), (b"psk", KEY),
    ("api-schlüssel*".as_bytes(), KEY), ("clé api*".as_bytes(), KEY), (b"chave api*", KEY),
    (b"ssn*", SSN), (b"social sec*", SSN), (b"sin", b"SIN"), (b"nas", b"SIN"),
    (b"ein", b"EIN"), (b"eins", b"EIN"), (b"fein", b"EIN"), (b"fed id*", b"EIN"), (b"employer id*", b"EIN"),
    (b"tin", b""), (b"itin*", b""), (b"tax i*", b""), (b"tax n*", b""), (b"tax f*", b""), (b"tax r*", b""), (b"tax p*", b""), (b"taxid*", b""), (b"taxn*", b""), (b"taxp*", b""), (b"vat", b""), (b"vat i*", b""), (b"vat n*", b""), (b"vat r*", b""), (b"vatid*", b""), (b"vatn*", b""),
    (b"passport*", PASSPORT), (b"reisepass*", PASSPORT), (b"passnummer*", PASSPORT), (b"passeport*", PASSPORT),
    (b"pasaporte*", PASSPORT), (b"passaport*", PASSPORT), (b"paspoort*", PASSPORT), (b"travel doc*", PASSPORT),
    (b"driver l*", LICENCE), (b"driver's l*", LICENCE), ("driver’s l*".as_bytes(), LICENCE), (b"drivers l*", LICENCE), (b"driverl*", LICENCE),
    (b"driversl*", LICENCE), (b"driving l*", LICENCE), (b"drivingl*", LICENCE), (b"license n*", LICENCE), (b"licence n*", LICENCE),
    (b"dl", LICENCE), (b"dln", LICENCE), (b"dlno*", LICENCE), (b"dlnum*", LICENCE), ("führerschein*".as_bytes(), LICENCE),
    (b"fuehrerschein*", LICENCE), (b"permis de*", LICENCE), (b"licencia de*", LICENCE), (b"patente", LICENCE), (b"cnh", LICENCE),
    (b"carta de cond*", LICENCE),
    (b"account n*", ACCOUNT), (b"account #*", ACCOUNT), (b"acct", ACCOUNT), (b"accts", ACCOUNT), (b"acctn*", ACCOUNT), (b"acc no*", ACCOUNT),
    (b"bank acc*", ACCOUNT), (b"checking acc*", ACCOUNT), (b"savings acc*", ACCOUNT), (b"kontonummer*", ACCOUNT), (b"konto*", ACCOUNT), (b"compte*", ACCOUNT), (b"cuenta*", ACCOUNT),
    (b"conta", ACCOUNT), (b"conto", ACCOUNT), (b"routing*", b"routing number"), (b"aba", b"routing number"),
    (b"cvv", CODE), (b"cvvs", CODE), (b"cvc", CODE), (b"cvcs", CODE), (b"csc", CODE), (b"cvn", CODE), (b"card code*", CODE), (b"card security*", CODE),
    ("prüfziffer*".as_bytes(), CODE), (b"cryptogramme*", CODE),
    (b"dob", BIRTH), (b"dobs", BIRTH), (b"birth*", BIRTH), (b"born", BIRTH), (b"bday", BIRTH), (b"geburt*", BIRTH), (b"geb", BIRTH), (b"gebdat*", BIRTH),
    (b"geboorte*", BIRTH), (b"naissance*", BIRTH), (b"nacimiento*", BIRTH), (b"fecha nac*", BIRTH), (b"nascimento*", BIRTH),
    (b"data nasc*", BIRTH), (b"nascita*", BIRTH),
    (b"card exp*", EXPIRY), (b"exp", EXPIRY), (b"exp date*", EXPIRY), (b"expiry*", EXPIRY),
    (b"phone*", PHONE), (b"tel", PHONE), (b"tel no*", PHONE), (b"telephone*", PHONE), (b"telefon*", PHONE),
    ("téléphone*".as_bytes(), PHONE), ("teléfono*".as_bytes(), PHONE), (b"mobile*", PHONE), (b"handy", PHONE), (b"handyn*", PHONE), (b"cell p*", PHONE),
    (b"cell n*", PHONE), (b"cellphone*", PHONE), (b"contact n*", PHONE), (b"fax", PHONE), (b"faxn*", PHONE), (b"gsm", PHONE), (b"mobil", PHONE), (b"mobiln*", PHONE), (b"mobilt*", PHONE),
    (b"telefoon*", PHONE), ("komórk*".as_bytes(), PHONE), ("电话".as_bytes(), PHONE), ("電話".as_bytes(), PHONE), ("手机".as_bytes(), PHONE), ("手機".as_bytes(), PHONE),
    (b"medicare*", b""), (b"mbi", b""), (b"npi", b""), (b"dea", b""), (b"nhs*", b""), (b"nino", b""),
    (b"national*", b""), (b"insurance n*", b""), (b"aadhaar*", b""), (b"pan", b""), (b"cpf", b""), (b"cnpj", b""),
    (b"nif", b""), (b"nie", b""), (b"dni", b""), (b"bsn", b""), (b"pesel", b""), (b"hetu", b""), (b"personnummer", b""),
    (b"tckn", b""), (b"kimlik", b""), (b"nric", b""), (b"rrn", b""), (b"imei", b""), (b"vin", b""), (b"lat", b"latitude"),
    (b"latitude", b""), (b"lon", b"longitude"), (b"lng", b"longitude"), (b"longitude", b""), (b"identity*", b""), (b"abn", b""), (b"tfn", b""),
    (b"npis", b"NPI"), (b"deas", b"DEA"), (b"mbis", b"MBI"), (b"vins", b"VIN"), (b"imeis", b"IMEI"), (b"ninos", b"NINO"),
    (b"sins", b"SIN"), (b"tfns", b"TFN"), (b"abns", b"ABN"), (b"pans", b"PAN"), (b"nirs", b"NIR"), (b"nifs", b"NIF"),
    (b"nies", b"NIE"), (b"dnis", b"DNI"), (b"bsns", b"BSN"), (b"pesels", b"PESEL"), (b"cpfs", b"CPF"), (b"cnpjs", b"CNPJ"),
    (b"tckns", b"TCKN"), (b"rrns", b"RRN"), (b"personnummers", b"personnummer"), (b"personnr*", b"personnummer"),
    (b"persnr", b"personnummer"), (b"pers.nr*", b"personnummer"), (b"pers nr*", b"personnummer"), (b"pnr", b"personnummer"),
    (b"personal n*", b"personnummer"), (b"personal id*", b"personnummer"),
    (b"ss no*", SSN), (b"ss number*", SSN), (b"soc sec*", SSN), (b"socsec*", SSN), (b"federal id*", b"EIN"),
    (b"msisdn", PHONE), (b"mob no*", PHONE), (b"whatsapp*", PHONE), (b"celular*", PHONE), ("móvil*".as_bytes(), PHONE),
    (b"caller id", PHONE), (b"beneficiary acc*", ACCOUNT), (b"deposit acc*", ACCOUNT),
    ("né le".as_bytes(), BIRTH), ("née le".as_bytes(), BIRTH), ("né(e) le".as_bytes(), BIRTH), (b"nato il", BIRTH), (b"nata il", BIRTH),
    (b"geb dat*", BIRTH), (b"gbdat", BIRTH), (b"fec nac*", BIRTH), (b"fecnac*", BIRTH), (b"fechanac*", BIRTH), (b"f nac*", BIRTH),
    (b"ddn", BIRTH), (b"date naiss*", BIRTH), (b"datenaiss*", BIRTH), (b"dtnasc*", BIRTH), (b"datanasc*", BIRTH), (b"data ur", BIRTH),
    (b"fodelse*", BIRTH), (b"foedsel*", BIRTH),
    ("födelse*".as_bytes(), BIRTH), (b"data urodz*", BIRTH), (b"dt nasc*", BIRTH), (b"aadhar*", b"aadhaar"), (b"adhar*", b"aadhaar"),
    (b"uidai*", b"aadhaar"), (b"rtn", b"routing number"), (b"rtns", b"routing number"), (b"abas", b"routing number"), (b"uid", b"aadhaar"), (b"burgerservice*", b"BSN"), (b"sofinummer*", b"BSN"),
    (b"social insurance*", b"SIN"), (b"pp no*", PASSPORT), (b"temp pw", PASSWORD), (b"admin pw", PASSWORD), (b"root pw", PASSWORD),
    (b"steuer*", b""), (b"codice fiscale", b""), (b"nir", b"NIR"), ("sécu*".as_bytes(), b"NIR"),
];
pub(super) const PASSWORD: &[u8] = b"password";
const KEY: &[u8] = b"api_key";
const SOME_KEY: &[u8] = b"service_name_key";
const PASSPORT: &[u8] = b"passport number";
const LICENCE: &[u8] = b"driver license";
const ACCOUNT: &[u8] = b"bank account number";
const CODE: &[u8] = b"cvv";
pub(super) const SSN: &[u8] = b"SSN";
pub(super) const BIRTH: &[u8] = b"date of birth";
const EXPIRY: &[u8] = b"card expiry";
const PHONE: &[u8] = b"phone";

/// Words in the names of columns that say something about such a value, and are not one.
#[rustfmt::skip]
const ABOUT: &[&[u8]] = &[
    b"count*", b"type*", b"status*", b"state", b"valid*", b"flag*", b"last4", b"last four", b"length*", b"len", b"policy*", b"hash*",
    b"algo*", b"created*", b"updated*", b"changed*", b"expires*", b"reset*", b"total*", b"used", b"usage", b"limit*", b"min", b"minimum", b"max",
    b"maximum", b"was", b"were",
    b"strength*", b"required", b"loss", b"rate", b"ratio", b"avg", b"mean",
];

/// Words of the longest name of a column, and of one that a full stop ends.
const NAME_WORDS_MAX: usize = 8;
const SENTENCE_WORDS_MIN: usize = 3;

/// Words in the names of columns beside which `pass` is a password.
const USERS: &[&[u8]] = &[b"user*", b"login*", b"account*", b"mail*", b"email*", b"e-mail*", b"host*", b"name"];

/// The words that begin as this text does, by its first three bytes; most texts begin as none.
fn begun(text: &[u8]) -> impl Iterator<Item = &'static (&'static [u8], &'static [u8])> {
    let head = head_of(text);
    let (place, bit) = head_bit(head);
    let from = if HEADS.get(place).is_some_and(|bits| bits & bit != 0) {
        ORDER.partition_point(|(other, _)| *other < head)
    } else {
        ORDER.len()
    };
    let same = ORDER.get(from..).unwrap_or_default().iter().take_while(move |(other, _)| *other == head);
    same.filter_map(|(_, place)| WORDS.get(usize::from(*place)))
}

/// The name under which detectors know what a column of this name holds, if it is one that is read.
pub(super) fn of(name: &[u8]) -> Option<&[u8]> {
    if name.len() > CONTEXT_BYTES {
        return None;
    }
    let is_key = || ends_in_key(name) && secret::assign::name::is_of_key(name);
    let Some((text, known)) = known_in(name) else { return is_key().then_some(SOME_KEY) };
    // Names of columns are no sentences.
    let words = context::words_of(name).count();
    if words > NAME_WORDS_MAX || (words > SENTENCE_WORDS_MIN && name.trim_ascii_end().ends_with(b".")) {
        return None;
    }
    if is_about(name) || is_title(text) {
        return None;
    }
    kept(text, known)
}

/// The name of what a sentence of at most [`CONTEXT_BYTES`] asks for, if it is one that is read.
pub(super) fn asked(sentence: &[u8]) -> Option<&[u8]> {
    let (text, known) = known_in(sentence)?;
    // Words of a sentence say less than those of a name: `the lat`, `exp`, `the state of Conta`.
    let is_read = !matches!(known, b"latitude" | b"longitude" | EXPIRY) && !is_about(sentence);
    is_read.then(|| kept(text, known)).flatten()
}

/// The first word of a name that says what it holds, and the name under which detectors know that.
fn known_in(name: &[u8]) -> Option<(&[u8], &'static [u8])> {
    context::words_of(name).find_map(|text| {
        let (word, known) = begun(text).find(|(word, _)| context::is_word(text, word))?;
        // `Tin`, `Ein`, `Pan`: names of other things, where they are no abbreviations.
        let is_name = word.len() == 3 && known.len() <= 3 && matches!(text, [b'A'..=b'Z', b'a'..=b'z', ..]);
        (!is_name).then_some((text, *known))
    })
}

/// True for a name that says something about such a value.
fn is_about(name: &[u8]) -> bool {
    context::words_of(name).any(|text| ABOUT.iter().any(|word| context::is_word(text, word)))
}

/// Words behind `born` in the name of a date.
const BORN_JOINTS: &[&[u8]] = &[b"on", b"at", b"in", b"date*", b"day", b"year", b"where", b"when", b"name"];

/// True for `Born to run`.
fn is_title(text: &[u8]) -> bool {
    let joins = |word: &[u8]| BORN_JOINTS.iter().any(|joint| context::is_word(word, joint));
    context::is_word(text, b"born") && context::words_of(text).nth(1).is_some_and(|word| !joins(word))
}

/// The name that detectors know, else as it stands.
fn kept<'n>(text: &'n [u8], known: &'static [u8]) -> Option<&'n [u8]> {
    if known.is_empty() { text.get(..text.len().min(LABEL_BYTES_MAX)) } else { Some(known) }
}

/// True for the name of passwords, and of keys.
pub(super) fn is_secret(label: &[u8]) -> bool {
    matches!(label, PASSWORD | KEY | SOME_KEY)
}

/// True for `acme_key`, `acmeKey`.
fn ends_in_key(name: &[u8]) -> bool {
    matches!(name.trim_ascii_end(), [.., b'_' | b'-' | b'a'..=b'z', b'k' | b'K', b'e' | b'E', b'y' | b'Y'])
}

/// True for what few digits say: what is printed beside a card's number.
pub(super) fn is_short(label: &[u8]) -> bool {
    matches!(label, CODE | EXPIRY)
}

/// True for a name that ends in `pass`, which may be anything: `db_pass`, `Pass`.
pub(super) fn is_pass(name: &[u8]) -> bool {
    let Some((head, word)) = name.split_at_checked(name.len().saturating_sub(4)) else { return false };
    word.eq_ignore_ascii_case(b"pass") && !head.last().is_some_and(u8::is_ascii_alphabetic)
}

/// True for the name of a column of users.
pub(super) fn is_user(name: &[u8]) -> bool {
    name.len() <= CONTEXT_BYTES
        && context::words_of(name).any(|text| USERS.iter().any(|word| context::is_word(text, word)))
}

/// The heads of all words, a bit each: most other words are told from them by these.
static HEADS: [u64; 512] = heads();

/// The head of each word, and its place, in the order of the heads.
static ORDER: [(u16, u16); WORDS.len()] = order();

#[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
const fn heads() -> [u64; 512] {
    let mut heads = [0; 512];
    let mut rest = WORDS;
    while let [(word, _), tail @ ..] = rest {
        let (place, bit) = head_bit(head_of(word));
        heads[place] |= bit;
        rest = tail;
    }
    heads
}

#[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
const fn order() -> [(u16, u16); WORDS.len()] {
    assert!(WORDS.len() <= 1 << 16, "two bytes say a word's place");
    let mut order = [(0, 0); WORDS.len()];
    let mut count = 0;
    while count < order.len() {
        let word = WORDS[count].0;
        let head = head_of(word);
        let mut place = count;
        while place > 0 && order[place - 1].0 > head {
            order[place] = order[place - 1];
            place -= 1;
        }
        #[expect(clippy::cast_possible_truncation, reason = "asserted above")]
        {
            order[place] = (head, count as u16);
        }
        count += 1;
    }
    order
}

/// Five bits of each of the first three bytes, which are alike for capitals and small letters, and for what stands
/// between two words or behind the last.
const fn head_of(text: &[u8]) -> u16 {
    match *text {
        [first, second, third, ..] => bits_of(first) << 10 | bits_of(second) << 5 | bits_of(third),
        [first, second] => bits_of(first) << 10 | bits_of(second) << 5 | bits_of(b' '),
        _ => 0,
    }
}

const fn bits_of(byte: u8) -> u16 {
    (if matches!(byte, b'_' | b'-') { b' ' } else { byte }) as u16 & 31
}

/// Where the bit of a head stands.
const fn head_bit(head: u16) -> (usize, u64) {
    (head as usize >> 6, 1 << (head & 63))
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn names_of_columns_are_known_in_all_spellings() {
        for (name, known) in [
            ("Passport No", "passport number"),
            ("passport_no", "passport number"),
            ("Reisepassnummer", "passport number"),
            ("DoB", "date of birth"),
            ("birthDate", "date of birth"),
            ("Born", "date of birth"),
            ("Born on", "date of birth"),
            ("born_at", "date of birth"),
            ("Geburtsdatum", "date of birth"),
            ("fecha_nac", "date of birth"),
            ("accountNumber", "bank account number"),
            ("Acct #", "bank account number"),
            ("Kontonummer", "bank account number"),
            ("SSN", "SSN"),
            ("employee_ssn", "SSN"),
            ("Social Security Number", "SSN"),
            ("EIN", "EIN"),
            ("ein", "EIN"),
            ("CVV2", "cvv"),
            ("card_exp", "card expiry"),
            ("Mot de passe", "password"),
            ("userPassword", "password"),
            ("Passwords", "password"),
            ("API key", "api_key"),
            ("Führerscheinnummer", "driver license"),
            ("Driver's licence", "driver license"),
            ("CPF", "CPF"),
            ("Tax ID", "Tax ID"),
            ("пароль", "password"),
            ("密码", "password"),
            ("N° sécu", "NIR"),
            ("dl_no", "driver license"),
            ("dl", "driver license"),
            ("ss_number", "SSN"),
            ("SSN/TIN", "SSN"),
            ("license_number", "driver license"),
            ("driverLicenseNo", "driver license"),
            ("driving licence", "driver license"),
            ("Checking Account", "bank account number"),
            ("acct_num", "bank account number"),
            ("Pers.nr", "personnummer"),
            ("pnr", "personnummer"),
            ("personal_number", "personnummer"),
            ("NAS", "SIN"),
            ("UID", "aadhaar"),
            ("电话", "phone"),
            ("Fax", "phone"),
            ("GSM", "phone"),
            ("mobil", "phone"),
            ("Telefoon", "phone"),
            ("RTNs to be checked", "routing number"),
            ("CVV2", "cvv"),
        ] {
            assert_eq!(of(name.as_bytes()).map(String::from_utf8_lossy).as_deref(), Some(known), "{name}");
        }
    }

    #[test]
    fn names_of_other_columns_are_left() {
        for name in [
            "id",
            "name",
            "account",
            "account_type",
            "token_count",
            "total_tokens",
            "ssn_count",
            "password_changed",
            "He was born to lead",
            "Born to run",
            "an Apple ID and password.",
            "Tin",
            "Ein",
            "Pan",
            "Social",
            "Cell",
            "license",
            "expires",
            "Compass",
            "passing",
            "security code",
            "min password length",
            "the terminal driver",
            "driver_id",
            "acctually",
            "Secretary",
            "tokenizer",
            "taxonomy",
            "cvnugZDjjZ",
            "social studies",
        ] {
            assert_eq!(of(name.as_bytes()), None, "{name}");
        }
    }
}
