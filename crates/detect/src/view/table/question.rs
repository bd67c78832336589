//! What is asked in one line, or one message, and answered in the next: `What is your SSN?`, `It's 536904399`.
//!
//! The name of what is asked for is kept, as that of a column is, and written before the answer: what begins with the first
//! word that has a digit. Between the two may stand whose turn it is, and the names of a message's members. A question
//! that has no answer in the next few lines has none.

use super::cells::bare;
use super::{Column, label};
use crate::window::{BOUNDARY, CONTEXT_BYTES, NUMBER_BOUNDARY};
use core::ops::Range;

/// Lines between a question and its answer, and bytes of one that is no answer.
const LINES_MAX: u8 = 8;
const LINE_BYTES_MAX: usize = 24;
/// Bytes of what stands before an answer: `Customer service:`.
const SPEAKER_BYTES_MAX: usize = 24;
/// Bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 48;
/// Bytes between a question and its answer in one line of JSON: `"}, {"role": "assistant", "content": "`.
const JOINT_BYTES_MAX: usize = 64;
/// Bytes of the shortest password that has no name right before it.
const PASSWORD_BYTES_MIN: usize = 6;

/// Members of a message that hold what is said.
const SAID: [&[u8]; 6] = [b"content", b"text", b"message", b"value", b"parts", b"body"];
/// Words with which a sentence asks that is no question.
const REQUESTS: [&[u8]; 8] = [b"please ", b"enter ", b"provide ", b"give ", b"tell ", b"confirm ", b"type ", b"what "];

/// Words with which a sentence asks for no value: `Did you change the password?`, `Where is the key kept?`.
const OTHER_QUESTIONS: [&[u8]; 16] = [
    b"did ", b"is ", b"was ", b"are ", b"were ", b"has ", b"have ", b"had ", b"does ", b"should ", b"why ", b"where ",
    b"who ", b"how ", b"which ", b"forgot ",
];

/// What was asked last, if it waits for an answer.
#[derive(Debug, Default)]
pub(super) struct Question {
    asked: Option<Column>,
    /// Lines since then.
    lines: u8,
    /// The line before was the end of a leaf.
    is_behind_leaf: bool,
    /// The line before was a leaf by itself that names what is said.
    is_behind_name: bool,
}

impl Question {
    /// True if the next line may be the answer.
    pub(super) const fn is_open(&self) -> bool {
        self.asked.is_some()
    }

    /// Takes the next line, and whether it ends its leaf; returns what was asked for and where in the line it stands. A
    /// line that is too long may ask, too: what stands before its end says so.
    pub(super) fn read(&mut self, line: Option<&[u8]>, end: &[u8], is_last: bool) -> Option<(Column, Range<usize>)> {
        // In a leaf what parts it from the one before is no part of it.
        let lead = line.filter(|_| is_last || self.is_behind_leaf).map_or(0, lead);
        let line = line.and_then(|line| line.get(lead..));
        let answer = line.and_then(|line| self.answer(line, is_last));
        let answer = answer.map(|(column, range)| (column, range.start + lead..range.end + lead));
        if line.is_none() {
            *self = Self::default();
        }
        // A blank line asks nothing once more.
        let is_blank = line.is_some_and(|line| line.trim_ascii().is_empty());
        if let Some(column) = asked_at_end(end).filter(|_| !is_blank) {
            (self.asked, self.lines) = (Some(column), 0);
        }
        self.is_behind_name = self.is_behind_leaf && is_last && line.is_some_and(|line| SAID.contains(&line));
        self.is_behind_leaf = is_last;
        answer
    }

    fn answer(&mut self, line: &[u8], is_last: bool) -> Option<(Column, Range<usize>)> {
        self.asked.and_then(|column| match self.said(line, is_last) {
            Said::Answer(range) => {
                self.asked = None;
                value_in(line, range, &column).map(|range| (column, range))
            }
            Said::Nothing => {
                self.lines += 1;
                self.asked = self.asked.filter(|_| self.lines < LINES_MAX);
                None
            }
            Said::Other => {
                self.asked = None;
                None
            }
        })
    }

    /// What a line below a question is.
    fn said(&self, line: &[u8], is_last: bool) -> Said {
        let text = bare(line, 0..line.len());
        let words = line.get(text.clone()).unwrap_or_default();
        if words.iter().all(|byte| matches!(byte, b'{' | b'}' | b'[' | b']' | b',')) {
            return Said::Nothing;
        }
        let has_digit =
            |range: &Range<usize>| line.get(range.clone()).is_some_and(|text| text.iter().any(u8::is_ascii_digit));
        if self.is_behind_leaf {
            return match self.is_behind_name {
                true if has_digit(&text) => Said::Answer(text),
                _ if is_last && line.len() <= LINE_BYTES_MAX => Said::Nothing,
                _ => Said::Other,
            };
        }
        let answer = match member(line, &text) {
            Some((name, said)) if SAID.contains(&name) => said,
            Some(_) => return Said::Nothing,
            None => behind_speaker(line, text),
        };
        match has_digit(&answer) {
            true => Said::Answer(answer),
            false if answer.len() <= LINE_BYTES_MAX => Said::Nothing,
            false => Said::Other,
        }
    }
}

/// Bytes of what stands between two strings of JSON that a line begins with.
fn lead(line: &[u8]) -> usize {
    let is_between = |byte: &u8| matches!(*byte, b'{' | b'}' | b'[' | b']' | b',' | b':' | b'"' | b' ');
    line.iter().take_while(|byte| is_between(byte)).count()
}

/// What a line below a question may be.
enum Said {
    Answer(Range<usize>),
    /// Whose turn it is, the name of a member, a blank.
    Nothing,
    Other,
}

/// True if a line may end with a question, by its last bytes or its first word.
pub(super) fn may_ask(line: &[u8]) -> bool {
    // A string of JSON ends with quotes and a comma.
    match line {
        [.., b'?'] | [.., b'?', b'"' | b'*' | b'\r'] | [.., b'?', b'"', _] => true,
        [.., b'.' | b':'] => line.len() <= 2 * CONTEXT_BYTES && requests(line),
        _ => false,
    }
}

fn requests(sentence: &[u8]) -> bool {
    let text = sentence.trim_ascii_start();
    REQUESTS.iter().any(|word| super::begins(text, word))
}

/// What the last sentence asks for of a line that ends a text, of which so many bytes are kept as stand before any.
fn asked_at_end(text: &[u8]) -> Option<Column> {
    let near = text.get(text.len().saturating_sub(CONTEXT_BYTES)..).unwrap_or(text);
    let text = near.trim_ascii_end();
    let text = text.strip_suffix(b",").unwrap_or(text);
    let text = text.strip_suffix(b"\"").unwrap_or(text);
    let text = text.strip_suffix(b"**").unwrap_or(text);
    let (mark, text) = text.split_last().filter(|(mark, _)| matches!(mark, b'?' | b'.' | b':'))?;
    let ends_line = |byte: &u8| matches!(*byte, b'\n' | BOUNDARY | NUMBER_BOUNDARY);
    let start = text.iter().rposition(ends_line).map(|place| place + 1);
    let line = text.get(start.unwrap_or(0)..)?;
    let ends_sentence = |pair: &[u8]| matches!(pair, [b'.' | b'!' | b'?' | b':' | b'"', b' ' | b'A'..=b'Z']);
    let behind = line.windows(2).rposition(ends_sentence).map(|place| place + 1);
    let sentence = line.get(behind.unwrap_or(0)..)?;
    // A sentence in the middle of which the text begins has no first word.
    let is_whole = behind.or(start).is_some() || near.len() < CONTEXT_BYTES;
    if *mark != b'?' && !(is_whole && requests(sentence)) {
        return None;
    }
    // `What is a CVV?`
    let explains =
        [b" is a ".as_slice(), b" is an ", b" are "].iter().any(|word| memchr::memmem::find(sentence, word).is_some());
    if explains || OTHER_QUESTIONS.iter().any(|word| super::begins(sentence.trim_ascii_start(), word)) {
        return None;
    }
    Column::new(0, label::asked(sentence)?)
}

/// The questions and their answers in one line of JSON: `"...?"}, {"role": "user", "content": "..."`.
pub(super) fn in_json(line: &[u8]) -> impl Iterator<Item = (Column, Range<usize>)> {
    let is_json = matches!(line.first(), Some(b'{' | b'['));
    let ends = is_json.then(|| memchr::memchr2_iter(b'?', b'.', line)).into_iter().flatten();
    ends.filter_map(|end| {
        let joint = line.get(end + 1..)?;
        if !joint.starts_with(b"\"") {
            return None;
        }
        let column = asked_at_end(line.get(..=end)?)?;
        let near = joint.get(..JOINT_BYTES_MAX).unwrap_or(joint);
        let name = SAID.iter().filter_map(|name| name_end(near, name)).min()?;
        let start = end + 1 + name + near.get(name..)?.iter().position(|byte| *byte == b'"')? + 1;
        let length = memchr::memchr(b'"', line.get(start..)?)?;
        value_in(line, start..start + length, &column).map(|range| (column, range))
    })
}

/// Where the value of a member of this name begins.
fn name_end(text: &[u8], name: &[u8]) -> Option<usize> {
    let place = memchr::memmem::find(text, name)?;
    let end = place + name.len();
    let is_name = text.get(..place)?.ends_with(b"\"") && text.get(end..)?.starts_with(b"\":");
    is_name.then_some(end + 2)
}

/// The name and the value of a member of JSON that stands in a line of its own.
fn member<'l>(line: &'l [u8], text: &Range<usize>) -> Option<(&'l [u8], Range<usize>)> {
    if !line.trim_ascii_start().starts_with(b"\"") {
        return None;
    }
    let words = line.get(text.clone())?;
    let end = memchr::memchr(b'"', words)?;
    words
        .get(end + 1..)?
        .starts_with(b":")
        .then(|| (words.get(..end).unwrap_or_default(), text.start + end + 2..text.end))
}

/// What stands behind the name of who says it, if one stands before it.
fn behind_speaker(line: &[u8], text: Range<usize>) -> Range<usize> {
    let words = line.get(text.clone()).unwrap_or_default();
    let head = words.get(..SPEAKER_BYTES_MAX).unwrap_or(words);
    let mark = memchr::memchr2(b':', b'>', head).filter(|mark| !head.iter().take(*mark).any(u8::is_ascii_digit));
    mark.map_or(text.start, |mark| text.start + mark + 1)..text.end
}

/// What in an answer is asked for: from the first word on that has a digit, of a password this word alone.
fn value_in(line: &[u8], range: Range<usize>, column: &Column) -> Option<Range<usize>> {
    let text = line.get(range.clone())?;
    let is_between = |byte: &u8| matches!(byte, b' ' | b'\t' | b'"' | b'`' | b'\'');
    let is_password = column.is_secret();
    let mut before: Option<Range<usize>> = None;
    let mut from = 0;
    while from < text.len() {
        let rest = text.get(from..)?;
        let length = rest.iter().position(is_between).unwrap_or(rest.len());
        let word = rest.get(..length)?;
        let has_digit = word.iter().any(u8::is_ascii_digit);
        let has_letter = || word.iter().any(u8::is_ascii_alphabetic);
        if has_digit && is_password && has_letter() {
            let kept = word.trim_ascii_end();
            let kept = kept.strip_suffix(b".").or_else(|| kept.strip_suffix(b",")).unwrap_or(kept);
            let behind = rest.get(length..).unwrap_or_default();
            let is_answer = !is_prompt(text) && ends_answer(behind);
            return (is_answer && kept.len() >= PASSWORD_BYTES_MIN)
                .then(|| range.start + from..range.start + from + kept.len());
        }
        if has_digit && !is_password {
            // `May 8, 1983`
            let start = before.filter(|_| column.is_birth()).map_or(from, |word| word.start);
            let end = text.len().min(start + ANSWER_BYTES_MAX);
            return Some(range.start + start..range.start + end);
        }
        before = Some(from..from + length).filter(|_| is_month(word));
        from += length + 1;
    }
    None
}

/// True for what may stand behind a password that is an answer: nothing, or thanks.
fn ends_answer(behind: &[u8]) -> bool {
    const THANKS: [&[u8]; 6] = [b"thanks", b"thank you", b"thx", b"please", b"pls", b"ok"];
    let is_mark = |byte: &u8| !byte.is_ascii_alphanumeric();
    let words = behind.iter().position(|byte| !is_mark(byte)).and_then(|place| behind.get(place..));
    words.is_none_or(|words| THANKS.iter().any(|word| super::begins(words, word)))
}

/// True for a line of a shell: `$ docker run`, `root@host:~# ls`.
fn is_prompt(text: &[u8]) -> bool {
    let is_begun = [b"$ ".as_slice(), b"# ", b"% ", b"> "].iter().any(|prompt| text.starts_with(prompt));
    is_begun
        || [b":~".as_slice(), b"]$ ", b"]# ", b"$ ", b"# "]
            .iter()
            .any(|mark| memchr::memmem::find(text, mark).is_some())
}

/// True for a word that begins as the name of a month does in English.
fn is_month(word: &[u8]) -> bool {
    const MONTHS: [&[u8; 3]; 12] =
        [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
    word.first_chunk::<3>().is_some_and(|head| MONTHS.iter().any(|month| month.eq_ignore_ascii_case(head)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read as an answer in lines of a text, or in leaves.
    fn answer<'t>(lines: &[&'t str], are_leaves: bool) -> Option<&'t str> {
        let mut question = Question::default();
        let read = |line: &&'t str| {
            let bytes = line.as_bytes();
            question.read(Some(bytes), bytes, are_leaves).map(|(_, range)| &line[range])
        };
        lines.iter().find_map(read)
    }

    #[test]
    fn the_answer_to_a_question_is_read_in_the_next_turn() {
        for (lines, expected) in [
            (&["Assistant: What is the CVV on the back of the card?", "User: its 712 thanks"][..], "712 thanks"),
            (&["Could you please give me the password?", "User: It's A2b35cN6v#4"], "A2b35cN6v#4"),
            (&["What is your date of birth?", "", "**User:** May 8, 1983"], "May 8, 1983"),
            (&["Please confirm your SSN.", "ok here you go 536904399"], "536904399"),
            (
                &[
                    "  \"content\": \"What is your SSN?\"",
                    "},",
                    "{",
                    "\"role\": \"user\",",
                    "\"content\": \"536904399\"",
                ],
                "536904399",
            ),
        ] {
            assert_eq!(answer(lines, false), Some(expected), "{lines:?}");
        }
        let joined = ["What is your date of birth?", "},{\"role", ":\"user", ",\"content", ":\"8 May 1983"];
        assert_eq!(answer(&joined, true), Some("8 May 1983"));
        let leaves = ["What is your date of birth?", "role", "user", "content", "8 May 1983"];
        assert_eq!(answer(&leaves, true), Some("8 May 1983"));
    }

    #[test]
    fn what_is_no_answer_is_not_read() {
        for lines in [
            &["What is your name?", "User: 536904399"][..],
            &["What is your SSN?", "I would rather not say that to a machine", "536904399"],
            &["Is your password valid?", "yes, hunter22"],
            &["Did you change the password?", "Yes, in commit 3f2a9bc1d"],
            &["Ok. Where is the API key kept?", "see vault2-prod-eu"],
            &["Enter password: ", "root@host1:~# ls"],
            &["Please enter your password.", "node18 and npm9 needed"],
            &["Please enter your password.", "OAuth2Client is used"],
            &["Forgot password?", "Copyright2024 Acme"],
            &["What is the password?", "$ docker run postgres16"],
            &["What is a CVV?", "712 of them"],
            &["What's the account number?", "", "", "", "", "", "", "", "", "", "", "45484758"],
            &["I know your SSN.", "536904399"],
            &["What is the password?", "I have 3 of them"],
        ] {
            assert_eq!(answer(lines, false), None, "{lines:?}");
        }
        assert_eq!(answer(&["What is your SSN?", "id", "536904399"], true), None);
    }

    #[test]
    fn a_line_that_is_too_long_asks_by_its_end() {
        let mut question = Question::default();
        assert!(question.read(None, b"of all that. What is your passport number?", false).is_none());
        assert!(question.read(Some(b"C03005988"), b"number?\nC03005988", false).is_some());
        assert!(question.read(None, b"What is your passport number?\nNo", false).is_none() && !question.is_open());
    }

    #[test]
    fn one_line_of_json_has_questions_and_answers() {
        let line =
            br#"[{"role":"assistant","content":"What is your EIN?"},{"role":"user","content":"It's 12-3456789"}]"#;
        let found: Vec<_> = in_json(line).map(|(_, range)| line.get(range).unwrap()).collect();
        assert_eq!(found, [b"12-3456789"]);
        let line = br#"{"content":"Please confirm your CVV."},{"role":"user","content":"sure, 712"}"#;
        let found: Vec<_> = in_json(line).map(|(_, range)| line.get(range).unwrap()).collect();
        assert_eq!(found, [b"712"]);
        assert_eq!(in_json(br#"{"a":"What is your EIN?","b":"12-3456789"}"#).count(), 0);
    }
}
