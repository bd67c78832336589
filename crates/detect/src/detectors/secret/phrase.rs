//! Passwords behind the word in prose and commands: `the password is ...`, `--password ...`,
//! `ENV DB_PASSWORD ...`.
//!
//! Behind a verb the value must have a digit or a sign; behind a mere space, where any word may follow,
//! it must be as mixed as only passwords are. Delimiters are the business of [`assign`](super::assign).

use super::assign::{self, Named, chosen};
use super::command::{self, call, device, line_before};
use super::link::{self, Joint};
use super::{form, letters, mnemonic, placeholder, shape::Shape};
use crate::text::alphanumeric;
use crate::window::{BOUNDARY, Checked, Match, NUMBER_BOUNDARY, Undecided, Window};

/// Part of `password` and `passwd`, in small letters and in capitals.
pub(crate) const WORDS: [&[u8]; 2] = [b"assw", b"ASSW"];

/// What is searched for: these, commands, and names of phrases that open a wallet.
pub(crate) const HEADS: [&[u8]; 7] =
    [WORDS[0], WORDS[1], CURL, SNMP, mnemonic::MNEMONIC, mnemonic::MNEMONIC_CAPITALS, mnemonic::PHRASE];

/// A command that takes a user and a password, of letters alone perhaps.
const CURL: &[u8] = b"curl";

/// A device's line with a community, of letters alone perhaps.
const SNMP: &[u8] = b"snmp";

/// Bytes of a head, behind which the word's ending stands.
pub(crate) const HEAD_BYTES: usize = 4;

/// Endings of the word.
const ENDINGS: [&[u8]; 3] = [b"ord", b"d", b"ort"];

/// Bytes of the shortest and the longest value.
const VALUE_BYTES_MIN: usize = 7;
const VALUE_BYTES_MAX: usize = 72;

/// How much more unlike words letters must be behind more words than a verb.
const LIKELIHOOD_STEP: i32 = 6;

/// Decides behind a head, at `ending`.
pub(crate) fn check(window: &Window<'_>, ending: usize) -> Checked {
    if window.slice(ending - HEAD_BYTES, ending) == CURL {
        return command::lettered(window, ending);
    }
    if window.slice(ending - HEAD_BYTES, ending) == SNMP {
        return device::lettered(window, ending);
    }
    let head = window.slice(ending - HEAD_BYTES, ending);
    if [mnemonic::MNEMONIC, mnemonic::MNEMONIC_CAPITALS, mnemonic::PHRASE].contains(&head) {
        return mnemonic::check(window, ending, head);
    }
    // Scripts that wait for the word leave its initial open: `expect "*assword:"`.
    let initial = window.before(ending - HEAD_BYTES);
    if !initial.eq_ignore_ascii_case(&b'p') && !matches!(initial, b'"' | b'*' | b'?' | b']') {
        return Ok(None);
    }
    let Some(end) = word_end(window, ending)? else { return Ok(None) };
    if window.at(end)? == b'(' {
        return call::of_password(window, end + 1);
    }
    if let Some(found) = named_further(window, end)? {
        return Ok(Some(found));
    }
    if window.at(end)? == b' ' {
        let is_form = device::is_form(window, end + 1)?;
        // What stands before is looked at last: prose speaks of passwords, too.
        let found = device::value(window, end + 1)?;
        if is_form || (found.is_some() && device::is_line(window, end)) {
            return Ok(found);
        }
    }
    for way in link::WAYS {
        if let Some((start, joint)) = way(window, end)?
            && let Some(found) = value(window, end, start, joint)?
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// What names of passwords go on with: which of several it is.
const FURTHER: [&[u8]; 16] = [
    b"new", b"old", b"current", b"admin", b"root", b"user", b"db", b"app", b"neu", b"alt", b"temp", b"default",
    b"master", b"plain", b"clear", b"initial",
];

/// Bytes of the longest of them, and of those of a hash in hexadecimal.
const FURTHER_BYTES_MAX: usize = 8;
const HASH_BYTES: [usize; 5] = [32, 40, 56, 64, 128];

/// `password_new=...`, `PASSWORD_ADMIN=...`, `password_hash": "..."`: names that go on behind the word; and what other
/// notations put behind it.
fn named_further(window: &Window<'_>, end: usize) -> Checked {
    match window.at(end)? {
        b'_' => {}
        b'-' if window.starts_with(end, b"-value ")? => return device::value(window, end + b"-value ".len()),
        b':' if window.starts_with(end, b":: ")? => return command::encoded(window, end + b":: ".len()),
        _ => return Ok(None),
    }
    let length = window.run(end + 1, FURTHER_BYTES_MAX + 1, |byte| byte.is_ascii_alphabetic())?;
    let name_end = end + 1 + length;
    let name = window.slice(end + 1, name_end);
    let is_hash = name.eq_ignore_ascii_case(b"hash");
    if is_hash && window.at(name_end)? == b'(' {
        return call::quoted(window, name_end + 1);
    }
    if !is_hash && !FURTHER.iter().any(|further| name.eq_ignore_ascii_case(further)) {
        return Ok(None);
    }
    let in_gap = |byte: u8| matches!(byte, b' ' | b'"' | b'\'' | b'\\' | b']');
    let delimiter = name_end + window.run(name_end, 4, in_gap)?;
    if !matches!(window.at(delimiter)?, b'=' | b':') || matches!(window.at(delimiter + 1)?, b'=' | b':') {
        return Ok(None);
    }
    if !is_hash {
        return assign::check(window, delimiter, Named::Password);
    }
    let start = delimiter + 1 + window.run(delimiter + 1, 4, in_gap)?;
    let length = window.run(start, HASH_BYTES[4] + 1, |byte| byte.is_ascii_hexdigit())?;
    let text = window.slice(start, start + length);
    let accepted =
        HASH_BYTES.contains(&length) && !alphanumeric(window.at(start + length)?) && Shape::of(text).is_random();
    let accepted = accepted && !placeholder::is_digest_of_nothing(text);
    Ok(accepted.then_some(Match::new(start, start + length, form::PASSWORD, 75)))
}

/// Decides at a value that begins at `start` and is joined like this to the word that ends at `word_end`.
fn value(window: &Window<'_>, word_end: usize, start: usize, joint: Joint) -> Checked {
    if joint == Joint::Quoted {
        return assign::check(window, start - 1, Named::Password);
    }
    if joint == Joint::Said
        && let Some(found) = of_application(window, start)?
    {
        return Ok(Some(found));
    }
    let length = window.run(start, VALUE_BYTES_MAX + 1, in_value)?;
    let sorts = match joint {
        Joint::Firm | Joint::Said | Joint::Quoted => 2,
        Joint::Loose | Joint::Owned | Joint::Enclosed => 3,
        Joint::Line { announced } => {
            let is_alone = matches!(window.at(start + length)?, b'\n' | b'\r' | BOUNDARY | NUMBER_BOUNDARY);
            if !is_alone || !(announced || link::is_title(line_before(window, word_end))) {
                return Ok(None);
            }
            if announced { 2 } else { 3 }
        }
    };
    let text = window.slice(start, start + length);
    let text = if joint == Joint::Enclosed {
        match memchr::memchr(b')', text) {
            Some(close) => text.get(..close).unwrap_or_default(),
            None if window.at(start + length)? != window.before(start) => return Ok(None),
            None => text,
        }
    } else {
        // A sentence's full stop is no part of it.
        text.strip_suffix(b".").unwrap_or(text)
    };
    let quote = window.before(start);
    let is_quoted = matches!(quote, b'"' | b'\'' | b'`') && window.at(start + length)? == quote;
    if joint == Joint::Said && is_quoted && is_word(text) && !is_condition(line_before(window, word_end)) {
        return Ok(Some(Match::new(start, start + text.len(), form::PASSWORD, 65)));
    }
    let is_told = joint == Joint::Loose && (is_quoted || is_command(line_before(window, word_end)));
    if is_of_letters(text, joint, is_told) && !is_condition(line_before(window, word_end)) {
        return Ok(Some(Match::new(start, start + text.len(), form::PASSWORD, 65)));
    }
    let accepted = (VALUE_BYTES_MIN..=VALUE_BYTES_MAX).contains(&text.len()) && is_password(text, sorts);
    Ok(accepted.then_some(Match::new(start, start + text.len(), form::PASSWORD, 75)))
}

/// Sixteen small letters in groups of four that no words are: what Google makes for one application.
fn of_application(window: &Window<'_>, start: usize) -> Checked {
    const GROUPS: usize = 4;
    const GROUP_BYTES: usize = 4;
    const BYTES: usize = GROUPS * (GROUP_BYTES + 1) - 1;
    let in_groups = |byte: u8| byte.is_ascii_lowercase() || byte == b' ';
    if window.run(start, BYTES, in_groups)? != BYTES || alphanumeric(window.at(start + BYTES)?) {
        return Ok(None);
    }
    let mut letters = [0; GROUPS * GROUP_BYTES];
    let groups = window.slice(start, start + BYTES).split(|byte| *byte == b' ');
    let mut count = 0;
    for (room, group) in letters.chunks_exact_mut(GROUP_BYTES).zip(groups) {
        if group.len() != GROUP_BYTES {
            return Ok(None);
        }
        room.copy_from_slice(group);
        count += 1;
    }
    let accepted = count == GROUPS && chosen::is_drawn(&letters, chosen::UNLIKE);
    Ok(accepted.then_some(Match::new(start, start + BYTES, form::PASSWORD, 75)))
}

/// True for words and a number, for a password that many choose, and for small letters that were drawn, where a value is
/// joined to the word by more than a space.
fn is_of_letters(text: &[u8], joint: Joint, is_told: bool) -> bool {
    let likelihood_max = match joint {
        Joint::Said | Joint::Firm => chosen::UNLIKE,
        Joint::Owned => chosen::UNLIKE - LIKELIHOOD_STEP,
        Joint::Loose => return is_told && chosen::is_words_and_number(text),
        Joint::Quoted | Joint::Enclosed | Joint::Line { .. } => return false,
    };
    chosen::is_drawn(text, likelihood_max)
        || chosen::is_words_and_number(text)
        || (joint != Joint::Firm && chosen::is_common(text))
}

/// True for a line of a command or a file in which a password follows the word: `nmcli ... password`, `login ... password`.
fn is_command(line: &[u8]) -> bool {
    [b"nmcli ".as_slice(), b" login "].iter().any(|word| memchr::memmem::find(line, word).is_some())
}

/// The end of the word whose ending stands here; digits may follow it.
fn word_end(window: &Window<'_>, ending: usize) -> Result<Option<usize>, Undecided> {
    for word in ENDINGS {
        let mut place = 0;
        while word
            .get(place)
            .is_some_and(|byte| window.at(ending + place).is_ok_and(|at| at.eq_ignore_ascii_case(byte)))
        {
            place += 1;
        }
        let end = ending + place;
        let next = window.at(end)?;
        if place == word.len() {
            return Ok((!alphanumeric(next)).then_some(end));
        }
    }
    Ok(None)
}

fn in_value(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'"' | b'\'' | b'`' | b'<' | b'>' | b'{' | b'}' | b'[' | b']' | b'\\' | b',' | b'/' | b':' | b';' | b'|'
        )
}

/// True for a mixture of at least so many sorts of characters, a digit among them.
fn is_password(text: &[u8], sorts_min: usize) -> bool {
    let shape = Shape::of(text);
    let signs = text.iter().filter(|byte| is_sign(**byte)).count();
    let sorts = [shape.lowers, shape.uppers, shape.digits, signs].into_iter().filter(|count| *count > 0).count();
    let is_drawn = || shape.uppers > 0 && letters::are_drawn(text, &shape);
    if letters::are_unlike_names(text, &shape, letters::ODDS_OF_WORD) {
        return !placeholder::names_itself(text) && !placeholder::is_placeholder(text);
    }
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    let unpadded = text.get(..text.len() - padding).unwrap_or_default();
    // A parenthesis that closes belongs to a call.
    let joined = unpadded.iter().any(|byte| matches!(byte, b')' | b'.'))
        || (unpadded.contains(&b'=') && !is_sign_within(unpadded, &shape, signs));
    (sorts >= sorts_min && (shape.digits > 0 || (signs > 0 && letters::are_unlike_words(text, &shape)) || is_drawn()))
        && shape.letters() > 0
        && shape.distinct >= 5
        && !joined
        && !placeholder::begins_like_code(text)
        && !placeholder::names_itself(text)
        && !placeholder::is_placeholder(text)
        && (shape.digits >= 2 || signs > 0 || !text.contains(&b'_'))
        && !ends_in_word(text)
}

/// True for a `=` that is one of a password's signs: others are there or what stands before it is no name, and all of it is
/// mixed.
fn is_sign_within(text: &[u8], shape: &Shape, signs: usize) -> bool {
    let head = text.split(|byte| *byte == b'=').next().unwrap_or_default();
    let is_name = signs == 0 && head.len() > 1 && {
        let head_shape = Shape::of(head);
        head.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
            && (head_shape.digits == 0 || head_shape.changes <= 1)
    };
    !is_name && shape.lowers > 0 && shape.uppers > 0 && shape.digits > 0
}

/// Letters of a password that is a word.
const WORD_BYTES_MIN: usize = 6;
const WORD_BYTES_MAX: usize = 24;

/// Words between quotes that say what a password is like, and not what it is; and endings of such words.
const LIKENESSES: [&[u8]; 44] = [
    b"required",
    b"optional",
    b"invalid",
    b"incorrect",
    b"correct",
    b"strong",
    b"stronger",
    b"secure",
    b"insecure",
    b"missing",
    b"hidden",
    b"unknown",
    b"weaker",
    b"simple",
    b"complex",
    b"random",
    b"common",
    b"unique",
    b"default",
    b"private",
    b"public",
    b"wrong",
    b"string",
    b"shared",
    b"static",
    b"plaintext",
    b"cleartext",
    b"readonly",
    b"always",
    b"unset",
    b"not set",
    b"nothing",
    b"enough",
    b"system",
    b"number",
    b"something",
    b"anything",
    b"whatever",
    b"present",
    b"absent",
    b"already",
    b"master",
    b"account",
    b"username",
];
const LIKENESS_ENDS: [&[u8]; 7] = [b"ed", b"able", b"ible", b"ive", b"less", b"en", b"ord"];

/// True for letters that are a word, or look like one, and say nothing of passwords.
fn is_word(text: &[u8]) -> bool {
    let rest = text.get(1..).unwrap_or_default();
    (WORD_BYTES_MIN..=WORD_BYTES_MAX).contains(&text.len())
        && text.first().is_some_and(u8::is_ascii_alphabetic)
        && rest.iter().all(u8::is_ascii_lowercase)
        && !LIKENESSES.iter().any(|word| text.eq_ignore_ascii_case(word))
        && !LIKENESS_ENDS.iter().any(|end| text.ends_with(end))
        && !placeholder::begins_like_code(text)
        && !placeholder::names_itself(text)
        && !placeholder::is_placeholder(text)
}

/// True for a line that asks what a password is.
fn is_condition(line: &[u8]) -> bool {
    [b"if ".as_slice(), b"If ", b"when", b"When", b"whether", b"unless", b"until", b"ssert", b"rror", b"aise"]
        .iter()
        .any(|word| memchr::memmem::find(line, word).is_some())
}

/// True for `md5-hashed`: how passwords are kept.
fn ends_in_word(text: &[u8]) -> bool {
    let word = text.iter().rposition(|byte| *byte == b'-').and_then(|dash| text.get(dash + 1..)).unwrap_or_default();
    word.len() >= WORD_BYTES_MIN && word.iter().all(u8::is_ascii_lowercase)
}

const fn is_sign(byte: u8) -> bool {
    matches!(byte, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'+' | b'~' | b'?')
}

#[cfg(test)]
mod tests {
    use crate::EntityType;
    use crate::detectors::testing::{find_all, passes};

    #[test]
    fn passwords_are_found_behind_the_word() {
        for (text, password) in [
            ("My password is hunter22, do not tell.", "hunter22"),
            ("the password was \"kX9-fj2!m\".", "kX9-fj2!m"),
            ("Set the Password to Tr0ub4dor&3.", "Tr0ub4dor&3"),
            ("mysql --password Zx81Kd93mQ -u root", "Zx81Kd93mQ"),
            ("Das Passwort ist Xk29dkQ1zz.", "Xk29dkQ1zz"),
            ("Das Passwort lautet \"Xk29dkQ1zz\"", "Xk29dkQ1zz"),
            ("ENV DB_PASSWORD kX9fj2Lm81", "kX9fj2Lm81"),
            ("ENV DB_PASSWORD SBiycGtNPVTffzH", "SBiycGtNPVTffzH"),
            ("I use DB_PASSWORD HxRL_eRrhaTrfkwaN here", "HxRL_eRrhaTrfkwaN"),
            ("mysql --password 25bjN-IlNpsy-hTWu -u root", "25bjN-IlNpsy-hTWu"),
            ("key=\"DB_PASSWORD\" value=\"kX9fj2Lm81\"", "kX9fj2Lm81"),
            ("my password is bytvlbxmi", "bytvlbxmi"),
            ("my password is winter-coffee-13.", "winter-coffee-13"),
            ("my password is iloveyou", "iloveyou"),
            ("the password for the vpn is letmein", "letmein"),
            ("CREATE USER app WITH PASSWORD 'orange-tiger-83';", "orange-tiger-83"),
            ("the password for the vpn is winter-coffee-13", "winter-coffee-13"),
            ("the password for the vpn is rvlnwcenqx", "rvlnwcenqx"),
            ("my password is LynT^5Y=NQkO", "LynT^5Y=NQkO"),
            ("the password for the vpn is BC+=Xw4er4", "BC+=Xw4er4"),
            ("wifi password Y2G4N=acJDKaE9etr for the guests", "Y2G4N=acJDKaE9etr"),
            ("nmcli dev wifi connect home password dragon-coffee-39", "dragon-coffee-39"),
            ("machine x\n user octo\n password w7=UG^h6M1-pf", "w7=UG^h6M1-pf"),
            ("machine x user octo password dv-o8rc_+F", "dv-o8rc_+F"),
            ("password changed yesterday -> 0nD9B3aI4#4", "0nD9B3aI4#4"),
            ("snmp-server community UGcShXjwOVDk RO", "UGcShXjwOVDk"),
        ] {
            let found: Vec<_> = find_all(text).into_iter().map(|found| (found.0, found.1)).collect();
            assert_eq!(found, [("password-assignment".to_owned(), password.to_owned())], "{text}");
        }
    }

    #[test]
    fn a_word_between_quotes_is_one_where_a_verb_says_so() {
        for (text, password) in [
            ("the password is \"centipede\"", "centipede"),
            ("My password was 'Butterfly'.", "Butterfly"),
            ("Das Passwort lautet \"schmetterling\"", "schmetterling"),
            ("curl -u admin:centipede https://intra.example.com/", "centipede"),
            ("curl -s --user bob:wombattery https://intra.example.com/", "wombattery"),
        ] {
            let found: Vec<_> = find_all(text).into_iter().map(|found| (found.0, found.1)).collect();
            assert_eq!(found, [("password-assignment".to_owned(), password.to_owned())], "{text}");
        }
        passes(
            EntityType::Secret,
            &[
                "the password is centipede",
                "the password is \"required\"",
                "the password is 'unset'",
                "if the password is \"centipede\", refuse it",
                "assert password is \"centipede\"",
                "the password is \"centipede",
                "curl -u user:password https://intra.example.com/",
                "curl -u bob:bob https://intra.example.com/",
                "curl -u admin:changeme https://intra.example.com/",
                "curl -u $USER:$TOKEN https://intra.example.com/",
            ],
        );
    }

    #[test]
    fn prose_about_passwords_passes() {
        passes(
            EntityType::Secret,
            &[
                "the password is required",
                "a password is stored in utf8mb4",
                "das Passwort ist 8stellig_",
                "getPassword()",
                "password of 8-20 characters",
                "the password to use",
                "Password reset v2.0.1",
                "--password $PASS1",
                "--password <Password1>",
                "passwords2 Zx81Kd93mQ",
                "the password is readonly",
                "the password field-order-12 of forms",
                "the password for users is optional",
                "the password user_id=5Aab",
                "if the password is bytvlbxmi",
                "password changed by the admin -> see below",
                "snmp-server community public RO",
                "echo -n ROOT_PASSWORD | sha256sum",
                "grep password | base64",
                "pass show PASSWORD | md5sum -d",
                "snmp-server community private RO",
                "snmp-server community monitoring RO",
                "the password is set_by_user1",
                "password hashing Argon2id",
                "the DB_PASSWORD MySQLDatabase",
            ],
        );
    }
}
