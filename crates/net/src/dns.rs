//! DNS answers on their way to a client (RFC 1035 section 4): what they offer for encrypted ClientHellos is taken out.
//!
//! Service bindings (HTTPS and SVCB records, RFC 9460) carry the keys of encrypted ClientHellos as parameter 5. A client
//! that has none sends its ClientHello in the clear. The parameter's place stays and its bytes are zeroed, under a
//! number that is for private use and that clients pass over: so no length changes, and no name that is
//! compressed by a pointer (RFC 1035 section 4.1.4) moves.

/// Bytes before the questions.
const HEADER_BYTES: usize = 12;
/// The bit of an answer in the first byte of flags, and that of one that was cut.
const FLAG_RESPONSE: u8 = 0x80;
const FLAG_TRUNCATED: u8 = 0x02;
/// Bytes of the longest name (RFC 1035 section 3.1).
const NAME_BYTES_MAX: usize = 255;
/// Bytes behind a question's name, and behind a record's, up to its data.
const QUESTION_BYTES: usize = 4;
const RECORD_BYTES: usize = 10;
/// Types of records with service parameters (RFC 9460 section 14.1).
const SERVICE_TYPES: [u16; 2] = [64, 65];
/// Service parameters (RFC 9460 section 14.3.2): those that a client must know, and the configuration of
/// encrypted ClientHellos.
const KEY_MANDATORY: u16 = 0;
const KEY_ECH: u16 = 5;
/// The first key for private use.
const KEY_PRIVATE: u16 = 65280;
/// Bytes of a parameter's key and length.
const PARAMETER_BYTES: usize = 4;

/// A message that contradicts itself: clients could read it in more than one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the DNS message contradicts itself")]
pub struct Malformed;

/// Takes what is for encrypted ClientHellos out of an answer; returns how many parameters that were.
///
/// `message` is what a datagram to the client carries. Questions, and what is no DNS header, stay as they are.
///
/// # Errors
/// The message cannot be read to its end. What was read before is changed.
pub fn remove_ech(message: &mut [u8]) -> Result<usize, Malformed> {
    let Some([_, _, flags, _, counts @ ..]) = message.first_chunk::<HEADER_BYTES>() else { return Ok(0) };
    if flags & FLAG_RESPONSE == 0 {
        return Ok(0);
    }
    let is_truncated = flags & FLAG_TRUNCATED != 0;
    let [questions, answers, authorities, additional] = [0, 2, 4, 6].map(|at| u16_at(counts, at).unwrap_or(0));
    let mut at = HEADER_BYTES;
    for _ in 0..questions {
        at = skip_name(message, at).ok_or(Malformed)? + QUESTION_BYTES;
    }
    let mut removed = 0;
    let records = usize::from(answers) + usize::from(authorities) + usize::from(additional);
    for _ in 0..records {
        let Some((kind, data, end)) = record(message, at) else {
            // A server cuts where it likes; what is cut is no record.
            return if is_truncated { Ok(removed) } else { Err(Malformed) };
        };
        if SERVICE_TYPES.contains(&kind) {
            let data = message.get_mut(data..end).ok_or(Malformed)?;
            removed += remove_from_binding(data)?;
        }
        at = end;
    }
    Ok(removed)
}

/// Type of the record at `at`, where its data begin, and where they end.
fn record(message: &[u8], at: usize) -> Option<(u16, usize, usize)> {
    let fixed = skip_name(message, at)?;
    let data = fixed + RECORD_BYTES;
    let length = u16_at(message, data - 2)?;
    let end = data + usize::from(length);
    (end <= message.len()).then_some((u16_at(message, fixed)?, data, end))
}

/// Behind the name at `at`: labels, and a pointer or the root at their end.
fn skip_name(message: &[u8], at: usize) -> Option<usize> {
    let mut place = at;
    while place - at < NAME_BYTES_MAX {
        match *message.get(place)? {
            0 => return Some(place + 1),
            length @ 1..=0x3f => place += 1 + usize::from(length),
            0xc0..=0xff => return message.get(place + 1).map(|_| place + 2),
            0x40..=0xbf => return None,
        }
    }
    None
}

/// The same for the data of one service binding: priority, target, parameters (RFC 9460 section 2.2).
fn remove_from_binding(data: &mut [u8]) -> Result<usize, Malformed> {
    let parameters = skip_name(data, 2).ok_or(Malformed)?;
    let data = data.get_mut(parameters..).ok_or(Malformed)?;
    let mut last_key = KEY_PRIVATE - 1;
    let mut at = 0;
    while at < data.len() {
        let (key, end) = parameter(data, at).ok_or(Malformed)?;
        last_key = last_key.max(key);
        at = end;
    }
    let (mut removed, mut kept) = (0, data.len());
    at = 0;
    while at < kept {
        let (key, end) = parameter(data, at).ok_or(Malformed)?;
        let value = data.get_mut(at + PARAMETER_BYTES..end).ok_or(Malformed)?;
        if key == KEY_MANDATORY {
            remove_from_list(value);
        }
        if key != KEY_ECH {
            at = end;
            continue;
        }
        value.fill(0);
        last_key = last_key.saturating_add(1);
        data.get_mut(at..at + 2).ok_or(Malformed)?.copy_from_slice(&last_key.to_be_bytes());
        // Keys ascend: it moves behind those that stay.
        data.get_mut(at..).ok_or(Malformed)?.rotate_left(end - at);
        kept -= end - at;
        removed += 1;
    }
    Ok(removed)
}

/// The key of the parameter at `at`, and where it ends.
fn parameter(data: &[u8], at: usize) -> Option<(u16, usize)> {
    let end = at + PARAMETER_BYTES + usize::from(u16_at(data, at + 2)?);
    (end <= data.len()).then_some((u16_at(data, at)?, end))
}

/// A client that must know encrypted ClientHellos must know what is no more: it goes without the record.
fn remove_from_list(keys: &mut [u8]) {
    let (pairs, _) = keys.as_chunks_mut::<2>();
    let Some(place) = pairs.iter().position(|pair| *pair == KEY_ECH.to_be_bytes()) else { return };
    let Some(rest) = pairs.get_mut(place..) else { return };
    rest.rotate_left(1);
    if let Some(last) = rest.last_mut() {
        *last = KEY_PRIVATE.to_be_bytes();
    }
    remove_from_list(keys);
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.first_chunk().map(|word| u16::from_be_bytes(*word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Parameters = Vec<(u16, Vec<u8>)>;

    fn name(text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        for label in text.split('.').filter(|label| !label.is_empty()) {
            bytes.push(label.len() as u8);
            bytes.extend(label.as_bytes());
        }
        bytes.push(0);
        bytes
    }

    fn binding(parameters: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let mut data = vec![0, 1];
        data.extend(name("svc.example.com"));
        for (key, value) in parameters {
            data.extend(key.to_be_bytes());
            data.extend((value.len() as u16).to_be_bytes());
            data.extend(value);
        }
        data
    }

    /// An answer with these records; each has the question's name by a pointer.
    fn message(flags: u8, records: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let mut message = vec![0xab, 0xcd, flags, 0, 0, 1, 0, records.len() as u8, 0, 0, 0, 0];
        message.extend(name("example.com"));
        message.extend([0, 65, 0, 1]);
        for (kind, data) in records {
            message.extend([0xc0, 12]);
            message.extend(kind.to_be_bytes());
            message.extend([0, 1, 0, 0, 1, 44]);
            message.extend((data.len() as u16).to_be_bytes());
            message.extend(data);
        }
        message
    }

    /// The parameters of all service bindings, read from the back: by what [`message`] is known to hold before them.
    fn parameters(message: &[u8], records: &[(u16, Vec<u8>)]) -> Vec<Parameters> {
        let mut at = HEADER_BYTES + name("example.com").len() + 4;
        let mut all = Vec::new();
        for (kind, data) in records {
            at += 12;
            if matches!(kind, 64 | 65) {
                let mut rest = &message[at + 2 + name("svc.example.com").len()..at + data.len()];
                let mut found = Vec::new();
                while let [a, b, c, d, tail @ ..] = rest {
                    let (value, tail) = tail.split_at(usize::from(u16::from_be_bytes([*c, *d])));
                    found.push((u16::from_be_bytes([*a, *b]), value.to_vec()));
                    rest = tail;
                }
                all.push(found);
            }
            at += data.len();
        }
        all
    }

    fn usual() -> Parameters {
        vec![
            (1, b"\x02h3\x02h2".to_vec()),
            (4, vec![192, 0, 2, 1]),
            (5, vec![0xfe, 0x0d, 1, 2, 3]),
            (6, vec![0x20; 16]),
        ]
    }

    #[test]
    fn what_is_for_encrypted_hellos_is_gone_and_the_rest_stays() {
        for kind in SERVICE_TYPES {
            let records = [(1, vec![192, 0, 2, 9]), (kind, binding(&usual())), (28, vec![9; 16])];
            let mut answer = message(0x81, &records);
            let before = answer.clone();
            assert_eq!(remove_ech(&mut answer), Ok(1));
            let expected = vec![usual()[0].clone(), usual()[1].clone(), usual()[3].clone(), (65280, vec![0; 5])];
            assert_eq!(parameters(&answer, &records), [expected]);
            assert_eq!(answer.len(), before.len());
            assert_eq!(answer[..50], before[..50]);
            assert_eq!(answer[answer.len() - 28..], before[before.len() - 28..]);
            assert_eq!(remove_ech(&mut answer), Ok(0), "once is enough");
        }
    }

    #[test]
    fn a_client_that_must_know_it_goes_without() {
        let records = [(65, binding(&[(0, vec![0, 1, 0, 5]), (1, b"\x02h2".to_vec()), (5, vec![1; 8])]))];
        let mut answer = message(0x80, &records);
        assert_eq!(remove_ech(&mut answer), Ok(1));
        let expected = vec![(0, vec![0, 1, 0xff, 0]), (1, b"\x02h2".to_vec()), (65280, vec![0; 8])];
        assert_eq!(parameters(&answer, &records), [expected]);
    }

    #[test]
    fn keys_ascend_whatever_is_there() {
        let records = [(65, binding(&[(5, vec![1]), (5, vec![2]), (65300, vec![3])]))];
        let mut answer = message(0x80, &records);
        assert_eq!(remove_ech(&mut answer), Ok(2));
        let [found] = &parameters(&answer, &records)[..] else { panic!() };
        assert_eq!(found.iter().map(|parameter| parameter.0).collect::<Vec<_>>(), [65300, 65301, 65302]);
    }

    #[test]
    fn questions_and_other_datagrams_stay() {
        let mut question = message(0x01, &[(65, binding(&usual()))]);
        let before = question.clone();
        assert_eq!(remove_ech(&mut question), Ok(0));
        assert_eq!(question, before);
        assert_eq!(remove_ech(&mut [0x80; 11]), Ok(0));
    }

    #[test]
    fn what_ends_early_is_malformed_unless_it_says_so() {
        let whole = message(0x80, &[(1, vec![1; 4]), (65, binding(&usual()))]);
        for length in HEADER_BYTES..whole.len() {
            let mut cut = whole[..length].to_vec();
            assert_eq!(remove_ech(&mut cut), Err(Malformed), "{length}");
        }
        let mut cut = whole[..whole.len() - 1].to_vec();
        cut[2] |= FLAG_TRUNCATED;
        assert_eq!(remove_ech(&mut cut), Ok(0));
        let mut inner = binding(&usual());
        inner.pop();
        assert_eq!(remove_ech(&mut message(0x80, &[(65, inner)])), Err(Malformed));
    }

    proptest! {
        #[test]
        fn no_record_keeps_it(
            lists in prop::collection::vec(
                (prop::sample::select(vec![1u16, 16, 64, 65]), prop::collection::vec((0u16..8, prop::collection::vec(any::<u8>(), 0..9)), 0..6)),
                0..5,
            ),
        ) {
            let records: Vec<_> = lists.iter().map(|(kind, list)| (*kind, binding(list))).collect();
            let mut answer = message(0x80, &records);
            let length = answer.len();
            let service = |kind: u16| matches!(kind, 64 | 65);
            let count = |kind, list: &Parameters| if service(kind) { list.iter().filter(|one| one.0 == 5).count() } else { 0 };
            let expected: usize = lists.iter().map(|(kind, list)| count(*kind, list)).sum();
            prop_assert_eq!(remove_ech(&mut answer), Ok(expected));
            prop_assert_eq!(answer.len(), length);
            let kept = lists.iter().filter(|(kind, _)| service(*kind)).map(|(_, list)| list);
            for (found, list) in parameters(&answer, &records).iter().zip(kept) {
                prop_assert!(found.iter().all(|one| one.0 != 5));
                let others = |list: &Parameters| -> Parameters {
                    list.iter().filter(|one| !matches!(one.0, 0 | 5) && one.0 < 65280).cloned().collect()
                };
                prop_assert_eq!(others(found), others(list));
            }
        }

        #[test]
        fn no_bytes_make_it_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200), flags in any::<u8>()) {
            if let Some(byte) = bytes.get_mut(2) {
                *byte = flags | FLAG_RESPONSE;
            }
            let length = bytes.len();
            let _outcome = remove_ech(&mut bytes);
            prop_assert_eq!(bytes.len(), length);
        }
    }
}
