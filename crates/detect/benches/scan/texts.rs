//! The texts that are measured: each the same in every run.

/// Bytes of each text; it fits into the second cache, as a message does.
const TEXT_BYTES: usize = 256 * 1024;

/// Texts made to cost as much as possible, as the unit that is repeated.
pub(crate) const WORST: &[&str] = &[
    "@",
    "a@a.",
    "0",
    "1 ",
    "1.1.",
    "123-45-",
    "4111 1111 1111 1112 ",
    "0490 75 40 81 ",
    "(415) ",
    "GB82 WEST ",
    ":",
    "a:b-",
    "::1.2.3.4:",
    "a1 ",
    "A1B2C3D4E5F6G7H8I ",
    "=",
    "token=",
    "key:",
    "password=\"a1!",
    "token=a1B2c3D4e5F6g7H8 ",
    "api_key = 4f1c9a02-7be3-4d58-9c6e-0b1f2a3d4c5e\n",
    "a1b2c3d4e5f6a1b2c3d4 ",
    "twilio key a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4 ",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n",
    "://a:b1c2@c ",
    "password is a1b2!",
    "\",\"token",
    "sk-",
    "eyJ",
    "AKIA",
    "-----BEGIN ",
    "heroku ",
    "ssn 12 ",
    "CONFIDENTIAL ",
    "let frobnicated = frobnicate(value);\n",
];

const WORDS: &str = "the of and to a in is that it for was on are as with they be at one have this from or had by not \
    word but what some we can out other were all there when up use your how said an each she which do their time if \
    will way about many then them write would like so these her long make thing see him two has look more day could \
    go come did number sound no most people my over know water than call first who may down side been now find any new \
    work part take get place made live where after back little only round man year came show every good me give our \
    under name very through just form sentence great think say help low line differ turn cause much mean before move \
    right boy old too same tell does set three want air well also play small end put home read hand port large spell \
    add even land here must big high such follow act why ask men change went light kind off need house picture try us \
    again animal point mother world near build self earth father release password engine token account meeting card";

const CODE: &[&str] = &[
    "    let mut cursor = progress.cursor;\n",
    "    while let Some(place) = self.next(text, cursor) {\n",
    "        match self.decide(window, place) {\n            Err(start) => return start,\n            Ok(None) => cursor += 1,\n        }\n",
    "    if (key in cache) { return cache[key]; } // token: see the parser\n",
    "    \"name\": \"value\", \"count\": 12, \"ratio\": 0.75,\n",
    "for (int i = 0; i < length; ++i) { total += values[i] * 31; }\n",
    "def handle(self, request, *args, **kwargs):\n    return self.render(request.user_id, status=200)\n",
    "const handler = async (event) => { await queue.push({ id: event.id, at: Date.now() }); };\n\n",
    "# Returns the number of bytes that were read, or -1 at the end.\n",
];

/// Numbers from a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit
    }

    fn of<'a>(&mut self, items: &[&'a str]) -> &'a str {
        items.get(self.below(items.len())).copied().unwrap_or_default()
    }
}

/// The texts of every day.
pub(crate) fn usual() -> [(&'static str, Vec<u8>); 5] {
    [
        ("prose", filled(paragraph)),
        ("chat: words, code and base64 in JSON", chat()),
        ("source code", filled(code)),
        ("logs, dense with numbers", filled(log)),
        ("base64", filled(base64)),
    ]
}

/// Bodies of chat requests.
pub(crate) fn chat() -> Vec<u8> {
    filled(|text, random| {
        text.push_str("{\"role\":\"user\",\"content\":\"");
        let mut content = String::new();
        match random.below(10) {
            0..5 => paragraph(&mut content, random),
            5..8 => code(&mut content, random),
            _ => base64(&mut content, random),
        }
        text.push_str(&content.replace('"', "\\\"").replace('\n', "\\n"));
        text.push_str("\"},");
    })
}

/// Terms of one to three words that no text has.
pub(crate) fn terms(count: usize) -> Vec<String> {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut random = Random(7);
    let term = |place| format!("{} {}x{place}", random.of(&words), random.of(&words));
    (0..count).map(term).collect()
}

/// A unit as often as fits.
pub(crate) fn repeated(unit: &str) -> Vec<u8> {
    unit.repeat(TEXT_BYTES / unit.len()).into_bytes()
}

/// Parts in a row until there is enough of them.
fn filled(mut part: impl FnMut(&mut String, &mut Random)) -> Vec<u8> {
    let (mut text, mut random) = (String::new(), Random(1));
    while text.len() < TEXT_BYTES {
        part(&mut text, &mut random);
    }
    text.into_bytes()
}

fn paragraph(text: &mut String, random: &mut Random) {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    for _ in 0..3 + random.below(5) {
        let mut capital = true;
        for _ in 0..5 + random.below(14) {
            let word = random.of(&words);
            let (first, rest) = word.split_at(1);
            text.push_str(if capital { "" } else { " " });
            text.push_str(&if capital { first.to_uppercase() } else { first.to_owned() });
            text.push_str(rest);
            capital = random.below(60) == 0;
            match random.below(90) {
                0 => text.push_str(&format!(" {}", random.below(2100))),
                1 => text.push_str(&format!(" {}:{:02}", random.below(24), random.below(60))),
                2..8 => text.push(','),
                _ => {}
            }
        }
        text.push_str(random.of(&[". ", ". ", ". ", "? ", ": "]));
    }
    text.push_str("Thank you.\n\n");
}

fn code(text: &mut String, random: &mut Random) {
    for _ in 0..12 {
        text.push_str(random.of(CODE));
    }
}

fn log(text: &mut String, random: &mut Random) {
    text.push_str(&format!(
        "2026-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z {} 1{}.{}.{}.{} worker[{}]: order {} took {} ms, {} bytes, id {:08x}\n",
        1 + random.below(12),
        1 + random.below(28),
        random.below(24),
        random.below(60),
        random.below(60),
        random.below(1000),
        random.of(&["INFO", "WARN", "DEBUG"]),
        random.below(9),
        random.below(256),
        random.below(256),
        random.below(256),
        random.below(32768),
        random.below(100_000_000),
        random.below(3000),
        random.below(1_000_000),
        random.below(1 << 31),
    ));
}

fn base64(text: &mut String, random: &mut Random) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    text.extend((0..500).filter_map(|_| ALPHABET.get(random.below(64)).map(|byte| char::from(*byte))));
    text.push('\n');
}
