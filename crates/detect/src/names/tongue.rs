//! Whether a line is written in another language than the tagger's, which is English: by the words that sentences are made
//! with.
//!
//! Elsewhere the tagger takes what it has not seen for a name: a noun of German, the verb that a sentence begins with. There a
//! name needs more than that, see [`Leaning::is_foreign`] and what asks it.

use super::word::{Case, Hash, Word};
use std::sync::LazyLock;

/// Words of English that say nothing by themselves.
#[rustfmt::skip]
const ENGLISH: &[&str] = &[
    "the", "of", "and", "to", "is", "for", "with", "that", "this", "you", "it", "are", "on", "be", "at", "by", "from", "have",
    "not", "has", "will", "your", "we", "they", "he", "she", "his", "her", "my", "our", "their", "can", "please",
    "would", "been", "were", "there", "which", "who", "what", "when", "how", "if", "but", "or", "all", "out", "up",
    "about", "its", "was", "an", "as", "me", "him", "them", "than", "into", "after", "new", "said",
];

/// Those of other languages, but for what is a word of English or part of names.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    // German
    "und", "ist", "nicht", "mit", "für", "auf", "ein", "eine", "einer", "eines", "einen", "einem", "dem", "sich",
    "wir", "sie", "ich", "wird", "werden", "auch", "bei", "nach", "wie", "oder", "zum", "zur", "über", "aus", "sind", "haben",
    "kann", "sollte", "bitte", "ihr", "unser", "unsere", "kein", "keine", "noch", "wenn", "vom", "im", "es", "zu", "seit",
    // French
    "les", "est", "une", "dans", "pour", "que", "qui", "ne", "pas", "vous", "nous", "avec", "ce", "cette", "sont",
    "être", "aux", "je", "où", "ont", "votre", "notre", "n'a", "c'est", "d'un", "d'une", "j'ai",
    "ces", "cet", "ils", "elles", "sans", "mais",
    // Spanish
    "en", "se", "su", "sus", "más", "pero", "como", "está", "están", "desde", "hasta", "cuando", "donde", "este", "esta",
    "nos", "para", "por", "unos", "muy", "también", "todavía",
    // Italian
    "gli", "che", "è", "non", "della", "dei", "nel", "nella", "alla", "sono", "questo", "questa", "più", "anche", "delle",
    "tuttavia", "dal", "sul", "nei",
    // Dutch
    "het", "een", "dat", "niet", "aan", "voor", "zijn", "ook", "nog", "naar", "uit", "deze", "dit", "wordt",
    "worden", "heeft", "zou", "ik", "wij", "jullie",
    // Polish and Czech
    "nie", "się", "że", "jak", "dla", "przez", "przy", "czy", "jeszcze", "są", "oraz", "jest", "tego", "która",
    "który", "proszę", "jako", "jsou", "není", "však", "který", "aby", "už",
    // Portuguese
    "uma", "não", "ao", "são", "isto", "ainda", "preciso", "você", "seu", "sua",
    "foi", "pela", "pelo", "também", "já", "neste", "nesta", "uns", "olá", "muito",
    // Swedish, Danish, Norwegian
    "och", "att", "det", "som", "är", "på", "av", "för", "till", "inte", "har", "ett", "denna", "detta", "varje", "og",
    "til", "ikke", "også", "fra", "skal", "jeg", "jag", "med", "blir", "eller", "från",
    // Finnish, Estonian
    "ei", "että", "oli", "mutta", "hän", "tämä", "ovat", "või", "seda",
    // Indonesian, Malay
    "yang", "dari", "untuk", "dengan", "ini", "itu", "pada", "tidak", "anda", "dapat", "akan", "atau", "karena", "jika",
    // Romanian, Turkish
    "și", "în", "cu", "sau", "pentru", "bir", "için", "ile", "olarak", "olan", "değil",
    // Russian, Ukrainian
    "и", "в", "на", "не", "что", "с", "по", "это", "как", "для", "из", "к", "от", "но", "у", "если", "за", "ещё", "он", "мы",
    "і", "що", "та", "до", "як", "це", "з",
];

/// More of them, which are words of English, names or parts of names as well: they make no line foreign.
#[rustfmt::skip]
const SHARED: &[&str] = &[
    "die", "des", "et", "le", "la", "au", "du", "una", "uno", "el", "un", "al", "lo", "los", "las", "sin", "son", "del",
    "com", "come", "ma", "si", "pro", "par", "hay", "per", "con", "di", "de", "der", "das", "os", "dos", "um", "dan", "nur",
    "elle", "ora", "op", "vi", "kan", "bu", "ve", "pe", "ser", "ja", "om", "sur", "kun", "na", "po", "od", "ha", "ou", "vid",
    "il", "em", "nu", "din",
];

/// What stands before the name of somebody whom it is polite to name.
#[rustfmt::skip]
const TITLES: &[&str] = &[
    "herr", "herrn", "frau", "dr", "prof", "señor", "señora", "sr", "sra", "don", "doña", "monsieur", "madame", "mademoiselle",
    "mme", "mlle", "m", "signor", "signora", "sig", "dott", "pan", "pani", "panu", "pana", "meneer", "mevrouw", "dhr", "mevr",
    "senhor", "senhora", "herra", "rouva", "hr", "fr", "fru", "bapak", "ibu", "pak", "bu", "господин", "госпожа", "mr", "mrs", "ms",
    "hallo", "hola", "bonjour", "ciao", "olá", "cześć", "hej", "lieber", "liebe", "cher", "chère", "caro", "cara", "beste",
    "estimado", "estimada", "querido", "querida", "prezado", "prezada", "kära",
];

/// Lines whose leaning counts: so much is what was read before worth, at the most.
const LEANING_MAX: i8 = 4;

/// Sorted hashes of words.
static WORDS: LazyLock<[Vec<u64>; 4]> = LazyLock::new(|| [ENGLISH, OTHERS, SHARED, TITLES].map(hashes));

fn hashes(words: &[&str]) -> Vec<u64> {
    let hash = |word: &&str| word.bytes().fold(Hash::new(), Hash::byte).0;
    let mut hashes: Vec<u64> = words.iter().map(hash).collect();
    hashes.sort_unstable();
    hashes
}

/// True if a word is one that sentences of other languages are made with.
pub(super) fn is_common(word: &Word) -> bool {
    let [_, others, shared, _] = &*WORDS;
    [others, shared].iter().any(|words| words.binary_search(&word.hash).is_ok())
}

/// True if a word is one of somebody's address.
pub(super) fn is_title(word: &Word) -> bool {
    let [.., titles] = &*WORDS;
    titles.binary_search(&word.hash).is_ok()
}

/// What the lines so far are written in: above zero, another language.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Leaning(i8);

impl Leaning {
    /// What it is with a line of these words, too.
    pub(super) fn with(self, text: &[u8], words: &[Word]) -> Self {
        let [english, others, ..] = &*WORDS;
        let weigh = |word: &Word| match word.case {
            Case::Lower | Case::Title | Case::Upper if english.binary_search(&word.hash).is_ok() => -1,
            Case::Lower => i32::from(others.binary_search(&word.hash).is_ok() || is_accented(text, word)),
            Case::None | Case::Title | Case::Initial | Case::Upper | Case::Mixed | Case::Digits | Case::Code => 0,
        };
        let sum: i32 = words.iter().map(weigh).sum();
        // A line decides more than those before it.
        let sum = (i32::from(self.0) / 2 + 2 * sum).clamp(-i32::from(LEANING_MAX), i32::from(LEANING_MAX));
        Self(i8::try_from(sum).unwrap_or(0))
    }

    pub(super) const fn is_foreign(self) -> bool {
        self.0 > 0
    }
}

/// True for a word of Latin letters, some of which are beyond ASCII.
fn is_accented(text: &[u8], word: &Word) -> bool {
    let bytes = text.get(usize::from(word.start)..usize::from(word.end)).unwrap_or_default();
    bytes.iter().any(u8::is_ascii_alphabetic) && !bytes.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::super::model::Model;
    use super::super::word;
    use super::*;

    fn leaning(before: Leaning, text: &str) -> Leaning {
        let mut words = Vec::new();
        word::read(text.as_bytes(), &Model::shipped().unwrap().gazetteer, &mut words);
        before.with(text.as_bytes(), &words)
    }

    #[test]
    fn lines_lean_to_what_they_are_written_in() {
        for text in [
            "Am Anfang sollte man die Festplatte partitionieren.",
            "Le client n'a pas encore payé la facture.",
            "Olá, preciso de ajuda com o relatório.",
            "Dzień dobry, proszę o pomoc.",
            "Это означает, что настройка завершена.",
        ] {
            assert!(leaning(Leaning::default(), text).is_foreign(), "{text}");
        }
        for text in [
            "Please ask Carlos de la Cruz about the résumé.",
            "Jane Roe",
            "She met Ludwig van der Berg in the café.",
            "to: jane, cc: pan",
            "Dan Brown",
            "Una Stubbs, Per Hansen, Elle Woods",
            "Name: Xochitl de la Cruz",
            "Akash Rao, akash@example.com",
            "Her son may come",
        ] {
            assert!(!leaning(Leaning::default(), text).is_foreign(), "{text}");
        }
        let german = leaning(Leaning::default(), "Das ist nicht richtig.");
        assert!(leaning(german, "Abschnitt 4").is_foreign());
        assert!(!leaning(german, "This is the end.").is_foreign());
    }
}
