//! What stands in texts and is no name: numbers, dates, addresses, words, identifiers, products.

use crate::lists::Names;
use crate::random::Random;

/// Small words between a given name and a surname.
pub(super) const PARTICLES: &[&str] =
    &["de", "van", "von", "van der", "de la", "da", "dos", "di", "del", "bin", "al", "le", "den", "ter", "O'"];

/// What stands behind companies' names.
pub(super) const COMPANY_SUFFIXES: &[&str] = &[
    "Inc",
    "Inc.",
    "LLC",
    "Ltd",
    "Ltd.",
    "Limited",
    "GmbH",
    "AG",
    "KG",
    "SE",
    "S.A.",
    "SA",
    "SARL",
    "SpA",
    "S.r.l.",
    "BV",
    "NV",
    "AB",
    "A/S",
    "Oy",
    "Sp. z o.o.",
    "Corp",
    "Corp.",
    "Corporation",
    "Group",
    "Holdings",
    "PLC",
    "Pty Ltd",
    "Co.",
    "& Co",
    "and Sons",
    "Kft",
];

/// What a place gives its name to.
pub(super) const INSTITUTIONS: &[&str] = &[
    "Bank",
    "University",
    "Hospital",
    "Airlines",
    "Museum",
    "City Council",
    "Police Department",
    "College",
    "United",
    "School",
    "Church",
    "Institute",
    "Ministry",
    "Times",
    "Chamber",
    "Court",
];

/// Trades in companies' names.
pub(super) const TRADES: &[&str] = &[
    "Consulting",
    "Partners",
    "Software",
    "Systems",
    "Solutions",
    "Media",
    "Motors",
    "Foods",
    "Logistics",
    "Capital",
    "Energy",
    "Pharma",
    "Insurance",
    "Technologies",
    "Industries",
    "Studios",
    "Records",
    "Associates",
    "Analytics",
    "Labs",
    "Research",
    "Ventures",
    "Health",
];

/// Companies and institutions that everyone knows.
pub(super) const BRANDS: &[&str] = &[
    "Microsoft",
    "Google",
    "Apple",
    "Amazon",
    "IBM",
    "Oracle",
    "Intel",
    "Nvidia",
    "Siemens",
    "Bosch",
    "SAP",
    "Volkswagen",
    "BMW",
    "Toyota",
    "Honda",
    "Samsung",
    "Sony",
    "Nokia",
    "Ericsson",
    "Philips",
    "Shell",
    "BP",
    "Total",
    "Nestlé",
    "Unilever",
    "Walmart",
    "Target",
    "IKEA",
    "Tesla",
    "Ford",
    "Boeing",
    "Airbus",
    "Lufthansa",
    "Ryanair",
    "Deutsche Bank",
    "HSBC",
    "Barclays",
    "Goldman Sachs",
    "JPMorgan",
    "Visa",
    "Mastercard",
    "PayPal",
    "Netflix",
    "Spotify",
    "Disney",
    "Warner Bros",
    "BBC",
    "CNN",
    "Reuters",
    "The New York Times",
    "NASA",
    "FBI",
    "United Nations",
    "NATO",
    "European Union",
    "Red Cross",
    "FC Barcelona",
    "Manchester United",
    "Harvard",
    "Oxford University",
    "MIT",
    "OpenAI",
    "Anthropic",
    "Meta",
    "Facebook",
    "Twitter",
    "Uber",
    "Airbnb",
    "DHL",
    "FedEx",
    "UPS",
    "Vodafone",
    "Verizon",
    "AT&T",
];

const MODELS: &[&str] = &[
    "GPT-4",
    "gpt-4o-mini",
    "GPT-3.5 Turbo",
    "Claude 3 Opus",
    "claude-3-5-sonnet",
    "Gemini 1.5 Pro",
    "Llama 3",
    "Mistral Large",
    "Mixtral",
    "Command R+",
    "Phi-3",
    "Qwen2",
    "DeepSeek",
    "Grok",
    "Stable Diffusion",
    "Whisper",
    "o1-preview",
    "BERT",
    "Claude Sonnet 4",
];

const PRODUCTS: &[&str] = &[
    "Photoshop",
    "Visual Studio Code",
    "Excel",
    "PowerPoint",
    "Outlook",
    "Gmail",
    "iPhone",
    "MacBook Pro",
    "Galaxy",
    "Kindle",
    "PlayStation",
    "Ubuntu",
    "Debian",
    "Fedora",
    "Apache",
    "Nginx",
    "Jenkins",
    "Grafana",
    "Prometheus",
    "Elasticsearch",
    "Kafka",
    "Django",
    "Flask",
    "React",
    "Angular",
    "Vue",
    "Spring Boot",
    "Jupyter",
    "Jira",
    "Slack",
    "Postman",
    "Maven",
    "Gradle",
    "Hadoop",
    "Cassandra",
    "Mongo",
    "Athena",
    "Julia",
    "Ruby",
    "Perl",
    "Haskell",
    "Pascal",
    "Ada",
    "Eiffel",
    "Crystal",
    "Tomcat",
    "Hudson",
    "Travis",
    "Selenium",
    "Cucumber",
];

const TITLES: &[&str] = &[
    "Mr.",
    "Mrs.",
    "Ms.",
    "Mr",
    "Mrs",
    "Ms",
    "Miss",
    "Dr.",
    "Dr",
    "Prof.",
    "Professor",
    "Herr",
    "Frau",
    "Mme",
    "M.",
    "Señor",
    "Sir",
];

const MONTHS: &[&str] = &[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: &[&str] = &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const DOMAINS: &[&str] = &["example.com", "mail.example", "corp.example.org", "web.example.de", "firm.example.co.uk"];
const UNITS: &[&str] = &["Apt.", "Apt", "Suite", "Unit", "Flat", "Floor", "#", "Room"];
const STREET_TYPES: &[&str] =
    &["Street", "St", "St.", "Avenue", "Ave", "Road", "Rd", "Lane", "Drive", "Blvd", "Court", "Way", "Place", "Square"];

const VERBS: &[&str] = &[
    "called",
    "visited",
    "married",
    "hired",
    "fired",
    "sued",
    "praised",
    "thanked",
    "met",
    "helped",
    "invited",
    "left",
    "blamed",
    "texted",
    "emailed",
    "phoned",
    "hugged",
    "followed",
    "interviewed",
    "paid",
    "owes",
    "knows",
    "likes",
    "hates",
    "trusts",
    "saw",
    "beat",
    "replaced",
    "joined",
    "shouted at",
    "wrote to",
    "talked to",
    "smiled at",
    "waved to",
    "lied to",
    "worked for",
    "worked with",
    "argued with",
    "agreed with",
    "reported to",
    "apologised to",
    "showed",
    "told",
    "asked",
    "gave",
    "sent",
    "sold",
    "taught",
    "gave the keys to",
];
const DEEDS: &[&str] = &[
    "laughed",
    "agreed",
    "said",
    "left early",
    "is late",
    "is sick",
    "was born",
    "died",
    "retired",
    "resigned",
    "won",
    "lost",
    "smiled",
    "called again",
    "will be there",
    "has arrived",
    "is here",
    "is on holiday",
    "works from home",
    "began to sing",
    "started the car",
    "is very nice",
    "is a good person",
    "is reliable",
    "is my friend",
    "is from abroad",
    "has to go",
    "can't come",
    "couldn't sleep",
    "studied law",
    "writes novels",
    "plays the piano",
    "signed the lease",
    "was injured",
    "was influenced by jazz",
    "lives alone",
    "spoke first",
    "grew up here",
    "just has to wait",
    "will speak at the conference",
    "is the guardian",
    "needs a new card",
];
const WORKS: &[&str] = &[
    "novel",
    "film",
    "album",
    "song",
    "case",
    "report",
    "theory",
    "theorem",
    "method",
    "family",
    "house",
    "account",
    "file",
    "interview",
    "concert",
    "show",
    "project",
    "contract",
    "wedding",
    "collection",
    "biography",
    "trilogy",
    "era",
    "years",
    "daughter",
    "son",
    "brother",
    "paper",
    "book",
    "speech",
    "letter",
    "lecture",
    "debate",
    "deal",
    "team",
    "car",
    "number",
    "office",
    "birthday",
    "appointment",
];

/// Draws what is no name.
pub(super) struct Filler<'a> {
    pub(super) names: &'a Names,
    pub(super) random: &'a mut Random,
    /// The last person, whose mail address may follow.
    pub(super) person: Option<&'a str>,
}

impl Filler<'_> {
    /// A text for a slot; `None` if there is none of that name.
    pub(super) fn text(&mut self, slot: &str) -> Option<String> {
        let text = match slot {
            "title" => self.of(TITLES),
            "job" => self.job(),
            "coin" => self.coined(),
            "Coin" => capitalised(&self.coined()),
            "Job" => capitalised(&self.job()),
            "v" => self.of(VERBS),
            "did" => self.of(DEEDS),
            "work" => self.of(WORKS),
            "street" => self.street(),
            "zip" => self.digits(5),
            "mail" => self.mail(),
            "phone" => self.phone(),
            "num" => self.number(),
            "date" => self.date(),
            "time" => format!("{:02}:{:02}", self.random.below(24), self.random.below(60)),
            "word" => self.word(),
            "Word" => capitalised(&self.word()),
            "words" => self.words(false),
            "Words" => self.words(true),
            "ident" => self.identifier('_', false),
            "Ident" => self.identifier(' ', true),
            "IDENT" => self.identifier('_', false).to_uppercase(),
            "ver" => format!("{}.{}.{}", self.random.below(12), self.random.below(30), self.random.below(20)),
            "model" => self.of(MODELS),
            "prod" => self.of(PRODUCTS),
            "file" => {
                format!("src/{}.{}", self.identifier('_', false), self.of(&["rs", "py", "c", "ts", "go", "md", "yaml"]))
            }
            "url" => format!("https://{}/{}", self.of(DOMAINS), self.identifier('-', false)),
            "id" => self.id(),
            _ => return None,
        };
        Some(text)
    }

    fn of(&mut self, choices: &[&str]) -> String {
        self.random.pick(choices).unwrap_or_default().to_owned()
    }

    fn from(&mut self, list: &[String]) -> String {
        list.get(self.random.below(list.len().max(1))).cloned().unwrap_or_default()
    }

    fn word(&mut self) -> String {
        let names = self.names;
        self.from(&names.words)
    }

    /// A word of a trade that is in no list: parts of two words.
    fn coined(&mut self) -> String {
        let (one, other) = (self.word(), self.word());
        let head = one.chars().take(2 + self.random.below(3));
        let skipped = other.chars().count() / 2;
        head.chain(other.chars().skip(skipped).take(1 + self.random.below(4))).collect()
    }

    fn words(&mut self, title: bool) -> String {
        let count = 2 + self.random.below(4);
        let words: Vec<String> = (0..count)
            .map(|place| {
                let small = self.of(&["the", "of", "a", "is", "for", "with", "to", "and", "in", "on", "that", "this"]);
                let word = if place % 2 == 1 && self.random.percent(50) { small } else { self.word() };
                if title && word.len() > 3 { capitalised(&word) } else { word }
            })
            .collect();
        words.join(" ")
    }

    fn job(&mut self) -> String {
        let names = self.names;
        let extra = [
            "Software Engineer",
            "sales manager",
            "nurse",
            "teacher",
            "Head of Marketing",
            "lawyer",
            "accountant",
            "plumber",
            "CEO",
            "CFO",
        ];
        if self.random.percent(50) { self.of(&extra) } else { self.from(&names.jobs) }
    }

    fn identifier(&mut self, joint: char, humps: bool) -> String {
        let count = 1 + self.random.below(3);
        let words: Vec<String> =
            (0..count).map(|_| self.word()).map(|word| if humps { capitalised(&word) } else { word }).collect();
        words.join(&if humps { String::new() } else { joint.to_string() })
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + u8::try_from(self.random.below(10)).unwrap_or(0))).collect()
    }

    fn number(&mut self) -> String {
        let count = 1 + self.random.below(4);
        self.digits(count)
    }

    fn id(&mut self) -> String {
        match self.random.below(4) {
            0 => format!("{}-{}", self.of(&["ORD", "INV", "TKT", "A", "X"]), self.digits(6)),
            1 => self.digits(16),
            2 => (0..16)
                .filter_map(|_| self.random.pick(&["a", "b", "c", "d", "e", "f", "0", "1", "2", "3", "7", "9"]))
                .collect(),
            _ => self.digits(8),
        }
    }

    fn phone(&mut self) -> String {
        match self.random.below(3) {
            0 => format!("+{} {} {}", self.digits(2), self.digits(3), self.digits(6)),
            1 => format!("({}) {}-{}", self.digits(3), self.digits(3), self.digits(4)),
            _ => format!("{} {} {}", self.digits(3), self.digits(3), self.digits(3)),
        }
    }

    fn date(&mut self) -> String {
        let (day, year) = (1 + self.random.below(28), 1950 + self.random.below(80));
        match self.random.below(6) {
            0 => format!("{year}-{:02}-{day:02}", 1 + self.random.below(12)),
            1 => format!("{} {day}, {year}", self.of(MONTHS)),
            2 => format!("{day} {} {year}", self.of(MONTHS)),
            3 => self.of(DAYS),
            4 => self.of(MONTHS),
            _ => format!("{day}/{}/{year}", 1 + self.random.below(12)),
        }
    }

    fn mail(&mut self) -> String {
        let domain = self.of(DOMAINS);
        let Some(person) = self.person else { return format!("{}@{domain}", self.word()) };
        let parts: Vec<String> =
            person.to_lowercase().split([' ', '.']).filter(|part| part.len() > 1).map(str::to_owned).collect();
        let joint = self.of(&[".", "", "_"]);
        format!("{}@{domain}", parts.join(&joint))
    }

    fn street(&mut self) -> String {
        let names = self.names;
        let name = self.from(&names.streets);
        let number = self.number();
        let other = format!("{} {}", capitalised(&self.word()), self.of(STREET_TYPES));
        let mut street = match self.random.below(5) {
            0 => format!("{number} {other}"),
            1 => format!("{number} {name}"),
            2 => format!("{number} {} {number}", self.from(&names.streets)),
            3 => format!("{number} {} {}", names_of(self), self.of(STREET_TYPES)),
            _ => format!("{name} {number}"),
        };
        if self.random.percent(30) {
            street = format!("{street}{}{} {}", self.of(&[" ", ", ", "\n"]), self.of(UNITS), self.digits(3));
        }
        street
    }
}

/// A surname, as streets have.
fn names_of(filler: &mut Filler<'_>) -> String {
    let names = filler.names;
    let Some(culture) = names.cultures.get(names.english) else { return String::new() };
    filler.from(&culture.last)
}

/// With a capital first.
pub(super) fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
