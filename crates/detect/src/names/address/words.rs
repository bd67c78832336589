//! The words that postal addresses are made of, in small letters: kinds of streets in the languages
//! of Europe and the Americas, parts of houses, post boxes, and what looks like a street and is none.
//!
//! Facts from the postal authorities' rules of addressing (USPS publication 28, Royal Mail, La Poste
//! NF Z10-011, DIN 5008, the country pages of the Universal Postal Union) and ordinary dictionaries.

use crate::names::model::kind;
use crate::names::word::{Case, Word, measure};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Kinds of streets that stand behind the name, as a word of their own, and whose small spelling is
/// taken for one too.
const KIND_BEHIND: &[&str] = &[
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
    "náměstí",
    "nábřeží",
    "weg",
    "út",
    "u",
];

/// The same that are other words too: they count with a capital only, behind a capital.
const KIND_BEHIND_CAPITAL: &[&str] = &[
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
    "torget",
    "trail",
    "ufer",
    "view",
    "walk",
    "way",
    "wharf",
];

/// The other suffixes of USPS publication 28, appendix C1, and some of the Royal Mail's. Most are words of their own or parts of
/// names, so they count before a part of a house, a postal code behind a place or the like only.
#[rustfmt::skip]
const KIND_TAILED: &[&str] = &[
    "alleys", "annex", "annx", "arc", "arcade", "avenues", "bayou", "bch", "beach", "bend", "bg", "bgs", "blf",
    "blfs", "bluff", "bluffs", "bnd", "bottom", "boulevards", "br", "branch", "brg", "bridge", "brk", "brks", "brook",
    "brooks", "btm", "burg", "burgs", "byp", "bypass", "byu", "camp", "canyon", "cape", "causeway", "center",
    "centers", "centre", "centres", "chase", "chowk", "circles", "cirs", "clb", "clf", "clfs", "cliff", "cliffs",
    "club", "cmn", "cmns", "common", "commons", "cor", "corner", "corners", "cors", "course", "courts", "cove",
    "coves", "cp", "cpe", "creek", "crest", "crk", "crossing", "crossroad", "crossroads", "crse", "crst", "cswy",
    "ctr", "ctrs", "cts", "curv", "curve", "cv", "cvs", "cyn", "dale", "dam", "divide", "dl", "dm", "drives", "drove",
    "drs", "dv", "est", "estate", "estates", "ests", "expressway", "expy", "ext", "extension", "extensions", "exts",
    "fall", "falls", "ferry", "field", "fields", "flat", "flats", "fld", "flds", "fls", "flts", "ford", "fords",
    "forest", "forge", "forges", "fork", "forks", "fort", "frd", "frds", "freeway", "frg", "frgs", "frk", "frks",
    "frst", "fry", "ft", "fwy", "garden", "gateway", "ganj", "gdn", "glen", "glens", "gln", "glns", "greens", "grns",
    "groves", "grvs", "gtwy", "harbor", "harbors", "harbour", "haven", "hbr", "hbrs", "heights", "hills", "hls",
    "hollow", "holw", "hts", "hvn", "inlet", "inlt", "is", "island", "islands", "isle", "isles", "iss", "jct", "jcts",
    "junction", "junctions", "key", "keys", "knl", "knls", "knoll", "knolls", "ky", "kys", "lake", "lakes", "land",
    "landing", "lanes", "lck", "lcks", "ldg", "lea", "lee", "lf", "lgt", "lgts", "light", "lights", "lk", "lks",
    "lndg", "lock", "locks", "lodge", "mall", "manor", "manors", "marg", "mdw", "mdws", "meadow", "meadows", "mill",
    "mills", "mission", "ml", "mls", "mnr", "mnrs", "motorway", "mount", "mountain", "mountains", "msn", "mt", "mtn",
    "mtns", "mtwy", "nagar", "nck", "neck", "opas", "orch", "orchard", "oval", "overpass", "ovl", "park", "parks",
    "parkways", "pass", "passage", "paths", "pikes", "pine", "pines", "plain", "plains", "plazas", "pln", "plns",
    "pne", "pnes", "point", "points", "port", "ports", "pr", "prairie", "prt", "prts", "psge", "pt", "pts", "radial",
    "radl", "ramp", "ranch", "rapid", "rapids", "rdg", "rdgs", "rds", "reach", "rest", "ridge", "ridges", "rise",
    "riv", "river", "rnch", "roads", "rpd", "rpds", "rst", "rue", "run", "shl", "shls", "shoal", "shoals", "shore",
    "shores", "shr", "shrs", "skwy", "skyway", "smt", "spg", "spgs", "spring", "springs", "spur", "spurs", "sqs",
    "squares", "sta", "station", "stra", "stravenue", "stream", "streets", "strm", "sts", "summit", "throughway",
    "trace", "track", "trafficway", "trailer", "trails", "trak", "trce", "trfy", "trl", "trlr", "trwy", "tunl",
    "tunnel", "un", "underpass", "union", "unions", "uns", "upas", "vale", "valley", "valleys", "via", "viaduct",
    "views", "village", "villages", "villas", "ville", "vis", "vista", "vl", "vlg", "vlgs", "vly", "vlys", "vws",
    "walks", "wall", "ways", "well", "wells", "wl", "wls", "wynd", "xing", "xrd", "xrds", "yard",
];

/// Kinds of streets of English, whose number stands before the name: behind it may stand a year, or a count.
const KIND_ENGLISH: &[&str] = &[
    "avenue", "ave", "blvd", "circle", "close", "court", "crescent", "ct", "dr", "drive", "gardens", "green", "grove",
    "highway", "hill", "hwy", "lane", "ln", "loop", "mews", "parade", "parkway", "path", "pike", "pl", "place", "quay",
    "rd", "road", "row", "sq", "square", "st", "street", "terrace", "trail", "view", "walk", "way", "wharf",
];

/// Kinds of streets before the name that are words of English, too: a small word such as `de` joins them to it.
const KIND_BEFORE_JOINED: &[&str] = &[
    "laan",
    "place",
    "passage",
    "promenade",
    "esplanade",
    "villa",
    "cour",
    "parc",
    "hameau",
    "cité",
    "port",
    "pont",
    "parvis",
    "sente",
    "sentier",
    "clos",
    "domaine",
    "galerie",
    "montée",
    "faubourg",
    "traverse",
    "voie",
    "venelle",
];

/// Short forms of kinds before the name that are other words without their stop.
#[rustfmt::skip]
pub(super) const KIND_STOPPED: &[&str] = &[
    "al", "os", "pl", "pza", "plza", "ctra", "crta", "trav", "urb",
    "nám", "nam", "tř", "nábř", "nabr", "sídl", "bul",
];
/// The same that are other words even so: a small word such as `de` joins them to the name.
pub(super) const KIND_STOPPED_JOINED: &[&str] = &["pl", "imp", "ch", "pass", "all", "rte", "sq", "lg", "pç", "pc"];
/// Letters around the stop of Italy's short forms: `P.zza`.
pub(super) const KIND_ITALIAN: &[(&str, &[&str])] = &[
    ("p", &["zza", "za", "le", "tta"]),
    ("v", &["le", "lo"]),
    ("c", &["so", "da"]),
    ("l", &["go", "mare"]),
    ("s", &["da"]),
];

/// Kinds of streets that stand before the name.
const KIND_BEFORE: &[&str] = &[
    "acceso",
    "borgo",
    "callejón",
    "callejon",
    "canale",
    "stretto",
    "ladeira",
    "viaduto",
    "cañada",
    "contrada",
    "cuesta",
    "glorieta",
    "incrocio",
    "lungomare",
    "pasadizo",
    "pasaje",
    "piazzetta",
    "rione",
    "rotonda",
    "salita",
    "urbanización",
    "vial",
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
    "ampliación",
    "andador",
    "calzada",
    "cerrada",
    "circunvalación",
    "diagonal",
    "periférico",
    "privada",
    "prolongación",
    "viaducto",
    "beco",
    "condomínio",
    "loteamento",
    "rodovia",
    "viela",
    "nábřeží",
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
const KIND_WITHIN: &[&str] = &[
    "boulevard",
    "straße",
    "strasse",
    "str",
    "gasse",
    "gassl",
    "weg",
    "platz",
    "allee",
    "graben",
    "damm",
    "laan",
    "straat",
    "plein",
    "gracht",
    "dreef",
    "gade",
    "vej",
    "stræde",
    "straede",
    "vænget",
    "gatan",
    "gata",
    "vägen",
    "vagen",
    "gränd",
    "stigen",
    "vegen",
    "veien",
    "vegur",
    "braut",
    "katu",
    "ntie",
    "kuja",
    "polku",
    "utca",
    "ulica",
    "steenweg",
    "singel",
];

/// Words with such an end that are no streets.
#[rustfmt::skip]
const NOT_WITHIN: &[&str] = &[
    "brigade", "renegade", "norweg",
    "tabellenplatz", "startplatz", "listenplatz", "rangplatz", "podestplatz", "podiumsplatz", "sitzplatz", "stehplatz",
    "stellplatz", "steckplatz", "speicherplatz", "sendeplatz", "studienplatz", "ausbildungsplatz", "arbeitsplatz",
    "praktikumsplatz", "liegeplatz", "fensterplatz", "gangplatz", "spielerplatz",
    "bremsweg", "federweg", "verfahrweg", "arbeitsweg", "rückweg", "hinweg", "umweg", "anfahrtsweg", "laufweg", "rechtsweg",
];

/// Behind a kind of street: where on it.
const DIRECTIONS: &[&str] =
    &["north", "south", "east", "west", "n", "s", "e", "w", "ne", "nw", "se", "sw", "upper", "lower"];

/// Small words within the names of streets and towns.
const JOINING: &[&str] = &[
    "de", "la", "le", "les", "los", "las", "el", "des", "du", "do", "da", "dos", "das", "del", "della", "delle", "di",
    "d", "l", "der", "den", "die", "am", "an", "im", "in", "auf", "van", "von", "of", "the", "ter", "ten", "y", "e",
    "och", "og", "sur", "sous", "aux", "à", "a", "en", "bei", "aan", "nad", "pod",
];

/// Parts of a house, before their number.
const UNITS: &[&str] = &[
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
    "studio",
    "penthouse",
    "trlr",
    "spc",
    "hangar",
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
    "puerta",
    "planta",
    "portal",
    "escalera",
    "edif",
    "edificio",
    "apartamento",
    "bloco",
    "lok",
    "stiege",
    "tür",
];

/// Words for a post box, before its number; `po` needs `box` behind it.
const POST_BOXES: &[&str] = &["postfach", "postbus", "postboks", "postbox", "apartado", "pobox"];

/// Words with a number behind them that are no streets.
const NUMBERED: &[&str] = &[
    "law",
    "laws",
    "act",
    "apollo",
    "abs",
    "art",
    "article",
    "artikel",
    "artículo",
    "articolo",
    "artigo",
    "boeing",
    "bus",
    "chapter",
    "copyright",
    "exit",
    "figure",
    "interstate",
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
    "rfc",
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

/// Units behind the number of what is no house.
pub(super) const UNITS_OF_LENGTH: &[&str] =
    &["km", "cm", "mm", "min", "minuten", "minutes", "meter", "metres", "meters", "stunden", "uhr"];

/// Units of areas behind `square`.
pub(super) const SQUARED: &[&str] =
    &["metre", "metres", "meter", "meters", "feet", "foot", "kilometres", "kilometers", "miles", "inches", "yards"];

/// Words before an address, which make what is less like one to one.
const CUES: &[&str] = &[
    "address", "adresse", "lives", "live", "lived", "living", "located", "resides", "residing", "return", "sent",
    "deliver", "ship", "off", "enter", "side",
];

/// Between a cue and the address.
const CUE_JOINTS: &[&str] = &["at", "on", "to", "in", "is", "of"];

/// Before a year.
const YEARLY: &[&str] = &["in", "since", "of", "until", "from", "by", "during", "the"];

/// Where mail of the United States' forces goes: the post office and the region behind the unit.
pub(super) const MILITARY_OFFICES: &[&str] = &["apo", "fpo", "dpo"];
/// Regions of the forces' mail.
pub(super) const MILITARY_REGIONS: &[&str] = &["aa", "ae", "ap"];
/// What a unit's or ship's address begins with.
const MILITARY_UNITS: &[&str] = &["psc", "unit", "cmr", "uss", "usns", "uscgc", "usnv", "usav", "usnm"];

/// What a word may be in an address: bits, for it may be several things.
pub(super) mod sort {
    /// One of [`KIND_BEHIND`](super::KIND_BEHIND).
    pub(in super::super) const BEHIND: u16 = 1;
    /// One of [`KIND_BEHIND_CAPITAL`](super::KIND_BEHIND_CAPITAL).
    pub(in super::super) const BEHIND_CAPITAL: u16 = 1 << 1;
    /// One of [`KIND_BEFORE`](super::KIND_BEFORE).
    pub(in super::super) const BEFORE: u16 = 1 << 2;
    /// A word that ends as [`KIND_WITHIN`](super::KIND_WITHIN) says.
    pub(in super::super) const WITHIN: u16 = 1 << 3;
    /// One of [`DIRECTIONS`](super::DIRECTIONS).
    pub(in super::super) const DIRECTION: u16 = 1 << 4;
    /// One of [`JOINING`](super::JOINING).
    pub(in super::super) const JOINING: u16 = 1 << 5;
    /// One of [`UNITS`](super::UNITS).
    pub(in super::super) const UNIT: u16 = 1 << 6;
    /// One of [`POST_BOXES`](super::POST_BOXES).
    pub(in super::super) const POST_BOX: u16 = 1 << 7;
    /// One of [`NUMBERED`](super::NUMBERED).
    pub(in super::super) const NUMBERED: u16 = 1 << 8;
    /// One of [`CUES`](super::CUES).
    pub(in super::super) const CUE: u16 = 1 << 9;
    /// One of [`CUE_JOINTS`](super::CUE_JOINTS).
    pub(in super::super) const CUE_JOINT: u16 = 1 << 10;
    /// One of [`MILITARY_UNITS`](super::MILITARY_UNITS).
    pub(in super::super) const FORCES: u16 = 1 << 11;
    /// One of [`YEARLY`](super::YEARLY).
    pub(in super::super) const YEARLY: u16 = 1 << 12;
    /// One of [`KIND_TAILED`](super::KIND_TAILED).
    pub(in super::super) const TAILED: u16 = 1 << 13;
    /// One of [`KIND_ENGLISH`](super::KIND_ENGLISH).
    pub(in super::super) const ENGLISH: u16 = 1 << 15;
    /// One of [`KIND_BEFORE_JOINED`](super::KIND_BEFORE_JOINED).
    pub(in super::super) const BEFORE_JOINED: u16 = 1 << 14;
}

const SORTS: &[(u16, &[&str])] = &[
    (sort::BEHIND, KIND_BEHIND),
    (sort::BEHIND_CAPITAL, KIND_BEHIND_CAPITAL),
    (sort::BEFORE, KIND_BEFORE),
    (sort::DIRECTION, DIRECTIONS),
    (sort::JOINING, JOINING),
    (sort::UNIT, UNITS),
    (sort::POST_BOX, POST_BOXES),
    (sort::NUMBERED, NUMBERED),
    (sort::CUE, CUES),
    (sort::CUE_JOINT, CUE_JOINTS),
    (sort::FORCES, MILITARY_UNITS),
    (sort::YEARLY, YEARLY),
    (sort::TAILED, KIND_TAILED),
    (sort::BEFORE_JOINED, KIND_BEFORE_JOINED),
    (sort::ENGLISH, KIND_ENGLISH),
];

/// Every listed word's hash and what it is, in order.
static LISTED: LazyLock<Vec<(u64, u16)>> = LazyLock::new(|| {
    let mut listed: BTreeMap<u64, u16> = BTreeMap::new();
    for (sort, words) in SORTS {
        for word in *words {
            *listed.entry(measure(word.as_bytes()).hash).or_default() |= sort;
        }
    }
    listed.into_iter().collect()
});

/// Bytes of the longest listed word, about: longer ones need no look.
const LISTED_BYTES_MAX: usize = 16;

/// What a word may be.
pub(super) fn sorts(word: &Word, bytes: &[u8]) -> u16 {
    if bytes.len() > LISTED_BYTES_MAX && word.case == Case::Lower {
        return 0;
    }
    let place = LISTED.binary_search_by_key(&word.hash, |listed| listed.0);
    let listed = place.ok().and_then(|place| LISTED.get(place)).map_or(0, |listed| listed.1);
    // No street is a common word of English.
    let may_hold = word.kinds & kind::COMMON == 0 && !matches!(word.case, Case::Digits | Case::Code);
    listed | if may_hold && is_kind_within(bytes) { sort::WITHIN } else { 0 }
}

/// True if `list` holds `word`, whatever the size of its ASCII letters.
pub(super) fn holds(list: &[&str], word: &[u8]) -> bool {
    list.iter().any(|listed| word.eq_ignore_ascii_case(listed.as_bytes()))
}

/// True if a word ends as a street's name does, and is long enough to have a name before it.
fn is_kind_within(word: &[u8]) -> bool {
    /// Bytes of the shortest name before the kind.
    const STEM_BYTES_MIN: usize = 2;
    let ends = |kind: &&str| {
        let start = word.len().checked_sub(kind.len()).filter(|stem| *stem >= STEM_BYTES_MIN);
        start.and_then(|start| word.get(start..)).is_some_and(|end| is_same(end, kind))
    };
    KIND_WITHIN.iter().any(ends) && !holds(NOT_WITHIN, word)
}

/// True if the end of a word is `small`, in small letters or capitals.
fn is_same(end: &[u8], small: &str) -> bool {
    if end.eq_ignore_ascii_case(small.as_bytes()) {
        return true;
    }
    if small.is_ascii() {
        return false;
    }
    core::str::from_utf8(end).is_ok_and(|end| end.chars().flat_map(char::to_lowercase).eq(small.chars()))
}
