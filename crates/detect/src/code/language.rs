//! The languages that are told apart, and sets of them.

/// A set of languages, one bit each.
pub(super) type Languages = u32;

/// Declares the languages: constant, name of the rule, what a fence calls it.
macro_rules! languages {
    ($($constant:ident $name:literal [$($alias:literal)*])*) => {
        /// Names of the rules, in the order of the languages' indices.
        pub(crate) const NAMES: &[&str] = &[$($name),*];

        languages!(@bits 0usize; $($constant)*);

        /// The language that a fence names, by its index.
        fn of_alias(name: &str) -> Option<usize> {
            let mut index = 0;
            $(
                if [$name, $($alias),*].contains(&name) {
                    return Some(index);
                }
                index += 1;
            )*
            let _count = index;
            None
        }
    };
    (@bits $index:expr; $constant:ident $($rest:ident)*) => {
        pub(super) const $constant: Languages = 1 << ($index);
        languages!(@bits $index + 1usize; $($rest)*);
    };
    (@bits $index:expr;) => {
        /// How many languages there are.
        pub(super) const COUNT: usize = $index;
    };
}

languages! {
    RUST "rust" ["rs"]
    PYTHON "python" ["py" "python3"]
    JAVASCRIPT "javascript" ["js" "jsx" "mjs" "node"]
    TYPESCRIPT "typescript" ["ts" "tsx"]
    JAVA "java" []
    KOTLIN "kotlin" ["kt" "kts"]
    C "c" ["h"]
    CPP "cpp" ["c++" "cc" "cxx" "hpp"]
    CSHARP "csharp" ["cs" "c#"]
    GO "go" ["golang"]
    RUBY "ruby" ["rb"]
    PHP "php" []
    SWIFT "swift" []
    SCALA "scala" []
    SQL "sql" ["mysql" "postgresql" "plsql" "tsql"]
    SHELL "shell" ["sh" "bash" "zsh"]
    POWERSHELL "powershell" ["ps1" "pwsh"]
    PERL "perl" ["pl"]
    R "r" []
    LUA "lua" []
    HASKELL "haskell" ["hs"]
    HTML "html" ["htm" "vue" "svelte"]
    CSS "css" ["scss" "less"]
    OTHER "other" []
}

/// What stands behind the backticks of a fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fence {
    /// A language, by its index.
    Language(usize),
    /// No word: the lines have to tell.
    Unnamed,
    /// Data, output, configuration or a language that is not known.
    Other,
}

/// Reads a line as a fence (CommonMark 0.31, 4.5): three backticks or tildes, then a word.
pub(super) fn fence(line: &[u8]) -> Option<Fence> {
    let info = line.strip_prefix(b"```").or_else(|| line.strip_prefix(b"~~~"))?;
    let info = info.trim_ascii_start();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'#');
    let len = info.iter().position(|byte| !is_part(byte)).unwrap_or(info.len());
    let word = core::str::from_utf8(info.get(..len)?).ok()?;
    if info.contains(&b'`') {
        // A span of code in a sentence.
        return None;
    }
    if word.is_empty() {
        return Some(Fence::Unnamed);
    }
    let mut small = [0u8; 16];
    let small = small.get_mut(..len)?;
    small.copy_from_slice(word.as_bytes());
    small.make_ascii_lowercase();
    let known = core::str::from_utf8(small).ok().and_then(of_alias);
    Some(known.map_or(Fence::Other, Fence::Language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_a_bit_and_a_name_of_its_own() {
        assert_eq!(NAMES.len(), COUNT);
        assert_eq!((RUST, OTHER), (1, 1 << (COUNT - 1)));
        let mut names = NAMES.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), COUNT);
    }

    #[test]
    fn a_fence_names_its_language() {
        let of = |line: &str| fence(line.as_bytes());
        assert_eq!(of("```rust"), Some(Fence::Language(0)));
        assert_eq!(of("``` Python title=\"x\""), Some(Fence::Language(1)));
        assert_eq!(of("~~~C++"), Some(Fence::Language(7)));
        assert_eq!(of("```"), Some(Fence::Unnamed));
        assert_eq!(of("```json"), Some(Fence::Other));
        assert_eq!(of("```a-word-that-is-longer-than-any-language"), Some(Fence::Other));
        assert_eq!(of("```let x``` is code"), None);
        assert_eq!(of("text"), None);
    }
}
