//! Names: a header, a question, records (RFC 1035 section 4.1), to the last byte.

use super::{Sender, is_blank, u16_at};

/// Bytes of the header, and of a question and a record behind their names.
const HEADER_BYTES: usize = 12;
const QUESTION_BYTES: usize = 4;
const RECORD_BYTES: usize = 10;
/// Bytes of a name, and of a label (section 2.3.4).
const NAME_BYTES_MAX: usize = 255;
const LABEL_BYTES_MAX: u8 = 63;
/// Bytes of the longest question (section 2.3.4): what an OPT record may announce is for answers.
const QUERY_BYTES_MAX: usize = 512;
/// What the flags hold: an answer, the kind of question, a message that was cut, a bit that stays zero.
const FLAG_RESPONSE: u16 = 0x8000;
const OPCODE: u16 = 0x7800;
const FLAG_TRUNCATED: u16 = 0x0200;
const FLAG_ZERO: u16 = 0x0040;
const RESPONSE_CODE: u16 = 0x000f;
/// The pseudo record of extensions (RFC 6891 section 6.1.2), and the option that is nothing but zeros (RFC 7830).
const TYPE_OPT: u16 = 41;
const OPTION_PADDING: u16 = 12;

/// The numbers of a header: flags, then how many questions, answers, authorities and additional records there are.
type Header = [u16; 5];

/// True if `message` is a question, sent by a client, or the answer to one, sent by a server.
pub(super) fn has_form(message: &[u8], sender: Sender) -> bool {
    let Some(header) = header(message) else { return false };
    let [flags, ..] = header;
    let is_standard = flags & (OPCODE | FLAG_ZERO) == 0;
    is_standard
        && match sender {
            Sender::Client => is_query(message, &header),
            Sender::Server => flags & FLAG_RESPONSE != 0 && is_answer(message, &header),
        }
}

fn header(message: &[u8]) -> Option<Header> {
    let numbers = [2, 4, 6, 8, 10].map(|at| u16_at(message, at));
    let [Some(a), Some(b), Some(c), Some(d), Some(e)] = numbers else { return None };
    Some([a, b, c, d, e])
}

/// One question, no record but one for extensions, nothing behind.
fn is_query(message: &[u8], &[flags, questions, answers, authorities, additional]: &Header) -> bool {
    let is_one = flags & (FLAG_RESPONSE | FLAG_TRUNCATED | RESPONSE_CODE) == 0
        && [questions, answers, authorities] == [1, 0, 0]
        && message.len() <= QUERY_BYTES_MAX;
    let Some(end) = question(message, HEADER_BYTES) else { return false };
    is_one
        && match additional {
            0 => end == message.len(),
            1 => message.get(end..).is_some_and(is_extension),
            _ => false,
        }
}

/// True if `record` is one OPT record, its options well formed, to the last byte.
fn is_extension(record: &[u8]) -> bool {
    let Some((&[0, a, b, _, _, _, _, _, _, c, d], mut options)) = record.split_first_chunk() else { return false };
    let [kind, length] = [[a, b], [c, d]].map(u16::from_be_bytes);
    if kind != TYPE_OPT || usize::from(length) != options.len() {
        return false;
    }
    while let (Some(code), Some(length)) = (u16_at(options, 0), u16_at(options, 2)) {
        let Some((value, rest)) = options.get(4..).and_then(|rest| rest.split_at_checked(length.into())) else {
            return false;
        };
        if code == OPTION_PADDING && !is_blank(value) {
            return false;
        }
        options = rest;
    }
    options.is_empty()
}

/// At most one question, then as many records as the header says, and nothing behind. What a server cut says so.
fn is_answer(message: &[u8], &[flags, questions, counts @ ..]: &Header) -> bool {
    let records = counts.iter().map(|count| usize::from(*count)).sum();
    let end = match questions {
        0 => Some(HEADER_BYTES),
        1 => question(message, HEADER_BYTES),
        _ => None,
    };
    let Some(mut at) = end else { return false };
    for _ in 0..records {
        match record(message, at) {
            Some(end) => at = end,
            None => return flags & FLAG_TRUNCATED != 0,
        }
    }
    at == message.len()
}

/// Behind the question at `at`: a name in full, type and class.
fn question(message: &[u8], at: usize) -> Option<usize> {
    let end = name(message, at).filter(|(_, is_in_full)| *is_in_full)?.0 + QUESTION_BYTES;
    (end <= message.len()).then_some(end)
}

/// Behind the record at `at`.
fn record(message: &[u8], at: usize) -> Option<usize> {
    let data = name(message, at)?.0 + RECORD_BYTES;
    let end = data + usize::from(u16_at(message, data - 2)?);
    (end <= message.len()).then_some(end)
}

/// Behind the name at `at`, and whether it stands there in full rather than ending in a pointer to what came before it
/// (section 4.1.4).
fn name(message: &[u8], at: usize) -> Option<(usize, bool)> {
    let mut place = at;
    while place - at < NAME_BYTES_MAX {
        match *message.get(place)? {
            0 => return Some((place + 1, true)),
            length @ 1..=LABEL_BYTES_MAX => place += 1 + usize::from(length),
            0xc0.. => {
                let target = usize::from(u16_at(message, place)? & 0x3fff);
                return (HEADER_BYTES..at.max(HEADER_BYTES + 1)).contains(&target).then_some((place + 2, false));
            }
            _ => return None,
        }
    }
    None
}
