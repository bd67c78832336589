//! The words that postal addresses are made of, in small letters: kinds of streets in the languages
//! of Europe and the Americas, parts of houses, post boxes, and what looks like a street and is none.
//!
//! Facts from the postal authorities' rules of addressing (USPS publication 28, Royal Mail, La Poste
//! NF Z10-011, DIN 5008, the country pages of the Universal Postal Union) and ordinary dictionaries.

/// Kinds of streets that stand behind the name, as a word of their own, and whose small spelling is
/// taken for one too.
pub(super) const KIND_BEHIND: &[&str] = &[
    "allee",
    "avenue",
    "ave",
    "blvd",
    "boulevard",
    "cad",
    "caddesi",
    "crescent",
    "gade",
    "gasse",
    "gata",
    "gatan",
    "highway",
    "hwy",
    "katu",
    "laan",
    "lane",
    "parkway",
    "pkwy",
    "platz",
    "plein",
    "rd",
    "road",
    "sokak",
    "str",
    "straat",
    "strasse",
    "straße",
    "street",
    "turnpike",
    "utca",
    "útja",
    "vej",
    "vei",
    "veien",
    "vägen",
    "weg",
    "út",
    "u",
];

/// The same that are other words too: they count with a capital only, behind a capital.
pub(super) const KIND_BEHIND_CAPITAL: &[&str] = &[
    "alley",
    "av",
    "broadway",
    "cir",
    "circle",
    "close",
    "court",
    "cres",
    "ct",
    "damm",
    "dr",
    "drive",
    "esplanade",
    "gardens",
    "gdns",
    "green",
    "grove",
    "hill",
    "ln",
    "loop",
    "mews",
    "parade",
    "path",
    "pike",
    "pl",
    "place",
    "plaza",
    "quay",
    "ring",
    "row",
    "sq",
    "square",
    "st",
    "ter",
    "terrace",
    "torg",
    "trail",
    "ufer",
    "view",
    "walk",
    "way",
    "wharf",
];

/// Kinds of streets that stand before the name.
pub(super) const KIND_BEFORE: &[&str] = &[
    "alameda",
    "aleja",
    "allée",
    "av",
    "avda",
    "avenida",
    "avenue",
    "bd",
    "boulevard",
    "bulevar",
    "bulevardul",
    "calea",
    "calle",
    "camino",
    "carrer",
    "carrera",
    "chemin",
    "corso",
    "cours",
    "estrada",
    "impasse",
    "jalan",
    "jl",
    "largo",
    "náměstí",
    "passeig",
    "paseo",
    "piazza",
    "piazzale",
    "plac",
    "plaza",
    "praça",
    "praceta",
    "quai",
    "rambla",
    "ronda",
    "route",
    "rua",
    "rue",
    "strada",
    "square",
    "trg",
    "travessa",
    "třída",
    "ul",
    "ulica",
    "ulice",
    "via",
    "viale",
    "vicolo",
    "λεωφόρος",
    "οδός",
    "проспект",
    "пр",
    "улица",
    "ул",
    "вулиця",
    "r",
];

/// Ends of words that are streets' names.
pub(super) const KIND_WITHIN: &[&str] = &[
    "straße", "strasse", "str", "gasse", "gassl", "weg", "platz", "allee", "graben", "damm", "laan", "straat", "plein",
    "gracht", "dreef", "gade", "vej", "stræde", "straede", "vænget", "gatan", "gata", "vägen", "vagen", "gränd",
    "stigen", "vegen", "veien", "vegur", "braut", "katu", "ntie", "kuja", "polku", "utca", "ulica", "steenweg",
    "singel",
];

/// Words with such an end that are no streets.
pub(super) const NOT_WITHIN: &[&str] = &["brigade", "renegade", "norweg"];

/// Behind a kind of street: where on it.
pub(super) const DIRECTIONS: &[&str] =
    &["north", "south", "east", "west", "n", "s", "e", "w", "ne", "nw", "se", "sw", "upper", "lower"];

/// Small words within the names of streets and towns.
pub(super) const JOINING: &[&str] = &[
    "de", "la", "le", "les", "los", "las", "el", "des", "du", "do", "da", "dos", "das", "del", "della", "delle", "di",
    "d", "l", "der", "den", "die", "am", "an", "im", "in", "auf", "van", "von", "of", "the", "ter", "ten", "y", "e",
    "och", "og", "sur", "sous", "aux", "à", "a",
];

/// Parts of a house, before their number.
pub(super) const UNITS: &[&str] = &[
    "apt",
    "apartment",
    "suite",
    "ste",
    "unit",
    "flat",
    "floor",
    "fl",
    "room",
    "rm",
    "bldg",
    "building",
    "appartement",
    "appt",
    "wohnung",
    "lgh",
    "piso",
    "apto",
    "depto",
    "interno",
    "etage",
    "bus",
    "boîte",
    "box",
];

/// Words for a post box, before its number; `po` needs `box` behind it.
pub(super) const POST_BOXES: &[&str] = &["postfach", "postbus", "postboks", "postbox", "apartado", "pobox"];

/// Words with a number behind them that are no streets.
pub(super) const NUMBERED: &[&str] = &[
    "apollo",
    "article",
    "boeing",
    "bus",
    "chapter",
    "figure",
    "flight",
    "formula",
    "gate",
    "group",
    "highway",
    "http",
    "iphone",
    "issue",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "level",
    "line",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "no",
    "number",
    "order",
    "page",
    "part",
    "phase",
    "platform",
    "python",
    "room",
    "route",
    "rule",
    "season",
    "section",
    "step",
    "table",
    "task",
    "team",
    "terminal",
    "type",
    "version",
    "volume",
    "week",
    "windows",
    "year",
];

/// Words before an address, which make what is less like one to one.
pub(super) const CUES: &[&str] = &[
    "address", "adresse", "lives", "live", "lived", "living", "located", "resides", "residing", "return", "sent",
    "deliver", "ship", "off", "enter", "side",
];

/// Between a cue and the address.
pub(super) const CUE_JOINTS: &[&str] = &["at", "on", "to", "in", "is", "of"];

/// Where mail of the United States' forces goes: the post office and the region behind the unit.
pub(super) const MILITARY_OFFICES: &[&str] = &["apo", "fpo", "dpo"];
/// Regions of the forces' mail.
pub(super) const MILITARY_REGIONS: &[&str] = &["aa", "ae", "ap"];
/// What a unit's or ship's address begins with.
pub(super) const MILITARY_UNITS: &[&str] = &["psc", "unit", "cmr", "uss", "usns", "uscgc", "usnv", "usav", "usnm"];

/// True if `list` holds `word`, whatever its letters' size.
pub(super) fn holds(list: &[&str], word: &[u8]) -> bool {
    list.iter().any(|listed| is_same(word, listed))
}

/// True if a word ends as a street's name does, and is long enough to have a name before it.
pub(super) fn is_kind_within(word: &[u8]) -> bool {
    /// Bytes of the shortest name before the kind.
    const STEM_BYTES_MIN: usize = 2;
    let ends = |kind: &&str| {
        let start = word.len().checked_sub(kind.len()).filter(|stem| *stem >= STEM_BYTES_MIN);
        start.and_then(|start| word.get(start..)).is_some_and(|end| is_same(end, kind))
    };
    KIND_WITHIN.iter().any(ends) && !holds(NOT_WITHIN, word)
}

/// True if a word is `small`, written in small letters, in capitals or both.
fn is_same(word: &[u8], small: &str) -> bool {
    if word.eq_ignore_ascii_case(small.as_bytes()) {
        return true;
    }
    if small.is_ascii() || word.len() != small.len() {
        return false;
    }
    core::str::from_utf8(word).is_ok_and(|word| word.chars().flat_map(char::to_lowercase).eq(small.chars()))
}
