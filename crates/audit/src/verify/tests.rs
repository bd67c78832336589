use super::*;
use crate::LogConfig;
use crate::format::HEADER_BYTES;
use crate::testing::{BYTES, CLOCK, Disk, borders, config, forge, key, mend_header, record, small_log};
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use std::sync::LazyLock;

/// A closed log of three segments with two records each.
fn log(config: LogConfig, key: SigningKey) -> Vec<Vec<u8>> {
    let mut disk = Disk::create(config, key);
    let mut segments = Vec::new();
    for number in 0..3 {
        disk.commit(&[record(number * 2 + 1)]);
        disk.commit(&[record(number * 2 + 2)]);
        if number < 2 {
            let (next, sealed) = disk.rotate();
            segments.push(sealed);
            disk = next;
        }
    }
    segments.push(disk.close());
    segments
}

/// The log that most tests change.
static LOG: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| log(config(), key()));

fn verify_numbered(segments: &[(u64, &[u8])], options: &VerifyOptions) -> Result<Report, Flaw> {
    let segments = segments.iter().map(|(number, bytes)| Ok((*number, *bytes)));
    verify(segments, options).map_err(|error| match error {
        VerifyError::Flaw(flaw) => flaw,
        VerifyError::Read(error) => panic!("{error}"),
    })
}

fn verify_with(segments: &[Vec<u8>], options: &VerifyOptions) -> Result<Report, Flaw> {
    let numbered: Vec<_> = (1..).zip(segments.iter().map(Vec::as_slice)).collect();
    verify_numbered(&numbered, options)
}

fn flaw_of(segments: &[Vec<u8>]) -> Flaw {
    verify_with(segments, &VerifyOptions::default()).unwrap_err()
}

fn changed(place: usize, change: impl FnOnce(&mut Vec<u8>)) -> Vec<Vec<u8>> {
    let mut segments = LOG.clone();
    change(&mut segments[place]);
    segments
}

fn with_anchor(anchor: ChainHash) -> VerifyOptions {
    VerifyOptions { anchor: Some(anchor), ..VerifyOptions::default() }
}

#[test]
fn a_log_as_it_was_written_is_proved_and_described() {
    let report = verify_with(&LOG, &VerifyOptions::default()).unwrap();
    assert_eq!((report.segments, report.first_segment), (3, 1));
    assert_eq!((report.records, report.first_seq), (6, 1));
    assert_eq!((report.checkpoints, report.runs), (1 + 3 * 2 + 3, 1));
    assert_eq!((report.cut_bytes, report.adopted_records), (0, 0));
    assert_eq!((report.gateway.as_str(), report.end), ("lab-1", LogEnd::Closed));
    assert_eq!(report.key, PublicKey::of(&key()));
    assert_eq!((report.anchor_records, report.last_mark_unix_ns), (None, CLOCK.unix_ns));
}

#[test]
fn any_flipped_bit_of_a_segment_is_found() {
    let first = &LOG[0];
    let mut bytes = first.clone();
    for bit in 0..bytes.len() * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        let mut verifier = Verifier::new(VerifyOptions::default());
        assert!(verifier.segment(1, &bytes).is_err(), "bit {bit}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    assert_eq!(&bytes, first);
    assert_eq!(Verifier::new(VerifyOptions::default()).segment(1, &bytes), Ok(()));
}

#[test]
fn a_flipped_bit_in_any_byte_of_the_last_segment_is_found_where_it_is() {
    let mut disk = Disk::create(config(), key());
    disk.commit(&[record(1)]);
    let mut bytes = disk.close();
    let borders = borders(&bytes);
    let end = borders[borders.len() - 1];
    for place in 0..bytes.len() {
        let bit = 1 << (place % 8);
        bytes[place] ^= bit;
        let flaw = Verifier::new(VerifyOptions::default()).last_segment(1, &bytes).unwrap_err();
        let entry = borders.iter().rev().find(|border| **border <= place);
        let expected = match entry {
            None => 0,
            // The first bytes behind the end are where a length would stand.
            Some(entry) if *entry == end && place >= end + 4 => place,
            Some(entry) => *entry,
        };
        assert_eq!(flaw.offset, expected as u64, "byte {place}: {flaw}");
        bytes[place] ^= bit;
    }
}

proptest! {
    #[test]
    fn flipped_bits_anywhere_in_a_log_are_found(
        bits in proptest::collection::btree_set(0..3 * BYTES as usize * 8, 1..4)
    ) {
        let mut segments = LOG.clone();
        for bit in bits {
            segments[bit / 8 / BYTES as usize][bit / 8 % BYTES as usize] ^= 1 << (bit % 8);
        }
        prop_assert!(verify_with(&segments, &VerifyOptions::default()).is_err());
    }

    #[test]
    fn no_bytes_make_verify_panic(
        noise in proptest::collection::vec(any::<u8>(), 0..600), place in 0usize..4096,
        len in 0usize..9000,
    ) {
        let mut bytes = small_log();
        let end = (place + noise.len()).min(bytes.len());
        bytes[place..end].copy_from_slice(&noise[..end - place]);
        mend_header(&mut bytes);
        bytes.resize(len, 0);
        let _ = Verifier::new(VerifyOptions::default()).last_segment(1, &bytes);
    }
}

#[test]
fn a_record_that_is_cut_out_is_missed() {
    let segments = changed(0, |bytes| {
        let borders = borders(bytes);
        let record = borders[1]..borders[2];
        bytes.extend(core::iter::repeat_n(0, record.len()));
        bytes.drain(record);
    });
    assert_eq!(flaw_of(&segments).kind, FlawKind::EntryChain);
}

#[test]
fn a_record_that_is_overwritten_with_zeros_is_missed() {
    let segments = changed(2, |bytes| {
        let borders = borders(bytes);
        bytes[borders[0]..borders[1]].fill(0);
    });
    let flaw = flaw_of(&segments);
    assert_eq!((flaw.segment, flaw.kind), (3, FlawKind::Damaged));
}

#[test]
fn a_forger_without_the_key_who_mends_all_hashes_fails_at_the_next_signature() {
    // Entries: opened, record 1, checkpoint, record 2, checkpoint, closed.
    let mark = |bytes: &[u8], entry: usize| borders(bytes)[entry] as u64;
    let changed_path = |entries: &mut Vec<Vec<u8>>| {
        let path = entries[3].windows(4).position(|window| window == b"/v1/").unwrap();
        entries[3][path + 1] = b'w';
    };
    let segments = changed(0, |bytes| *bytes = forge(bytes, changed_path));
    let flaw = flaw_of(&segments);
    assert_eq!(flaw.kind, FlawKind::MarkSignature);
    assert_eq!(flaw.offset, mark(&segments[0], 4), "the mark right behind the change");

    let segments = changed(0, |bytes| *bytes = forge(bytes, |_| ()));
    assert_eq!(segments, *LOG, "an honest segment is mended to itself");
}

#[test]
fn a_forger_can_neither_remove_nor_swap_nor_double_records() {
    let removed = forge(&LOG[0], |entries| drop(entries.remove(1)));
    let swapped = forge(&LOG[0], |entries| entries.swap(1, 3));
    let doubled = forge(&LOG[0], |entries| entries.insert(1, entries[1].clone()));
    for segment in [removed, swapped, doubled] {
        let flaw = flaw_of(&[segment, LOG[1].clone(), LOG[2].clone()]);
        let by_number = matches!(flaw.kind, FlawKind::Seq { .. } | FlawKind::MarkRecords { .. });
        assert!(by_number, "{flaw}");
    }
}

#[test]
fn a_forger_can_take_marks_away_only_until_the_next_one() {
    let segments = changed(0, |bytes| *bytes = forge(bytes, |entries| drop(entries.remove(2))));
    assert_eq!(flaw_of(&segments).kind, FlawKind::MarkSynced, "it knows of more bytes");
    let segments = changed(0, |bytes| *bytes = forge(bytes, |entries| drop(entries.remove(4))));
    assert_eq!(flaw_of(&segments).kind, FlawKind::MarkSynced);
    let segments = changed(2, |bytes| *bytes = forge(bytes, |entries| drop(entries.pop())));
    let report = verify_with(&segments, &VerifyOptions::default()).unwrap();
    assert_eq!(report.end, LogEnd::Open, "the end of a log can be cut at a mark");
}

#[test]
fn records_behind_the_last_signature_are_not_believed() {
    let mut disk = Disk::create(config(), key());
    disk.commit(&[record(1)]);
    disk.append(&[record(2), record(3)]);
    let flaw = flaw_of(&[disk.bytes.clone()]);
    assert_eq!((flaw.kind, flaw.seq), (FlawKind::UnsignedEnd(2), Some(2)));

    // Behind a clean close not even a crash can have left any.
    let forged = forge(&small_log(), |entries| {
        let mut fifth = entries[1].clone();
        fifth[12] = 5;
        entries.push(fifth);
    });
    assert_eq!(flaw_of(&[forged]).kind, FlawKind::RunEnded);
}

#[test]
fn a_missing_segment_is_missed_wherever_it_was() {
    let [first, second, third] = [&LOG[0], &LOG[1], &LOG[2]].map(Vec::as_slice);
    let kind = |segments: &[(u64, &[u8])]| verify_numbered(segments, &VerifyOptions::default()).unwrap_err().kind;
    assert_eq!(kind(&[]), FlawKind::NoSegment);
    assert_eq!(kind(&[(2, second), (3, third)]), FlawKind::EarlierMissing);
    assert_eq!(kind(&[(1, first), (3, third)]), FlawKind::SegmentMissing(2));
    assert_eq!(kind(&[(1, first), (2, second)]), FlawKind::LaterMissing);
    assert_eq!(kind(&[(1, first), (2, third)]), FlawKind::Renumbered(3));
    assert_eq!(kind(&[(1, second), (2, third)]), FlawKind::Renumbered(2));
    assert_eq!(kind(&[(1, first), (3, third), (2, second)]), FlawKind::SegmentMissing(2));
}

#[test]
fn a_part_of_a_log_is_proved_only_where_a_part_was_asked_for() {
    let [first, second, third] = [&LOG[0], &LOG[1], &LOG[2]].map(Vec::as_slice);
    let latest = VerifyOptions { extent: Extent::Latest, ..VerifyOptions::default() };
    let report = verify_numbered(&[(2, second), (3, third)], &latest).unwrap();
    assert_eq!((report.first_segment, report.first_seq, report.records), (2, 3, 4));
    let flaw = verify_numbered(&[(2, second)], &latest).unwrap_err();
    assert_eq!(flaw.kind, FlawKind::LaterMissing);
    let part = VerifyOptions { extent: Extent::Part, ..VerifyOptions::default() };
    let report = verify_numbered(&[(1, first), (2, second)], &part).unwrap();
    assert_eq!((report.records, report.end), (4, LogEnd::Sealed));
}

#[test]
fn a_segment_of_another_log_does_not_fit() {
    let other_gateway = LogConfig::new("lab-2", BYTES, 0).unwrap();
    let other_size = LogConfig::new("lab-1", BYTES + 512, 0).unwrap();
    let other_key = SigningKey::from_bytes(&[0x43; 32]);
    let cases = [
        (log(other_gateway, key()), FlawKind::Gateway),
        (log(config(), other_key), FlawKind::KeyChanged),
        (log(other_size, key()), FlawKind::SegmentChain),
    ];
    for (other, expected) in cases {
        let flaw = flaw_of(&[LOG[0].clone(), other[1].clone(), LOG[2].clone()]);
        assert_eq!((flaw.segment, flaw.kind), (2, expected));
        let flaw = flaw_of(&[other[0].clone(), LOG[1].clone(), LOG[2].clone()]);
        assert_eq!((flaw.segment, flaw.kind), (2, expected));
    }
}

#[test]
fn a_segment_that_lost_its_seal_is_found() {
    let segments = changed(0, |bytes| {
        let borders = borders(bytes);
        bytes[borders[borders.len() - 2]..].fill(0);
    });
    assert_eq!(flaw_of(&segments).kind, FlawKind::SealMissing);
}

#[test]
fn bytes_behind_the_end_of_any_segment_are_found() {
    for place in 0..3 {
        let segments = changed(place, |bytes| bytes[4000] = 1);
        let flaw = flaw_of(&segments);
        assert_eq!((flaw.segment, flaw.offset), (place as u64 + 1, 4000));
        assert_eq!(flaw.kind, FlawKind::NotZero);
    }
}

#[test]
fn a_file_that_was_cut_or_made_longer_is_found() {
    for len in [BYTES - 1, BYTES + 1, 100, 0] {
        let segments = changed(1, |bytes| bytes.resize(len as usize, 0));
        let flaw = flaw_of(&segments);
        assert!(matches!(flaw.kind, FlawKind::FileLength { .. } | FlawKind::Short(_)), "{flaw}");
    }
}

#[test]
fn a_header_cannot_be_edited() {
    // Segment size, number, first record, time, previous end, key, gateway, reserved, signature.
    for place in [16, 24, 32, 40, 48, 80, 112, 117, 200, 450] {
        for number in 0..3 {
            let segments = changed(number, |bytes| bytes[place] ^= 1);
            assert_eq!(flaw_of(&segments).kind, FlawKind::HeaderChecksum);
            let segments = changed(number, |bytes| {
                bytes[place] ^= 1;
                mend_header(bytes);
            });
            assert!(verify_with(&segments, &VerifyOptions::default()).is_err(), "byte {place}");
        }
    }
    let segments = changed(0, |bytes| bytes[8] = 2);
    assert_eq!(flaw_of(&segments).kind, FlawKind::Version(2));
    let segments = changed(0, |bytes| bytes[0] = b's');
    assert_eq!(flaw_of(&segments).kind, FlawKind::Magic);
}

#[test]
fn a_header_edited_before_anything_was_signed_behind_it_is_found() {
    let mut disk = Disk::create(config(), key());
    disk.commit(&[record(1)]);
    let (fresh, first) = disk.rotate();
    let mut second = fresh.bytes;
    assert!(verify_with(&[first.clone(), second.clone()], &VerifyOptions::default()).is_ok());
    second[40] ^= 1;
    mend_header(&mut second);
    let flaw = flaw_of(&[first, second]);
    assert_eq!((flaw.segment, flaw.kind), (2, FlawKind::HeaderSignature));
}

#[test]
fn whoever_has_another_key_is_found_by_the_fingerprint_only() {
    let forged = log(config(), SigningKey::from_bytes(&[0x66; 32]));
    assert!(verify_with(&forged, &VerifyOptions::default()).is_ok());
    let options = VerifyOptions { key: Some(PublicKey::of(&key())), ..VerifyOptions::default() };
    assert!(verify_with(&LOG, &options).is_ok());
    assert_eq!(verify_with(&forged, &options).unwrap_err().kind, FlawKind::KeyUnexpected);
}

#[test]
fn a_log_that_was_rolled_back_or_started_over_is_found_by_the_anchor_only() {
    let mut disk = Disk::create(config(), key());
    disk.commit(&[record(1)]);
    let older = disk.bytes.clone();
    let old_anchor = disk.writer.head();
    disk.commit(&[record(2)]);
    let anchor = disk.writer.head();
    let whole = disk.close();

    let report = verify_with(core::slice::from_ref(&older), &VerifyOptions::default()).unwrap();
    assert_eq!((report.end, report.records, report.head), (LogEnd::Open, 1, old_anchor));
    let flaw = verify_with(&[older], &with_anchor(anchor)).unwrap_err();
    assert_eq!(flaw.kind, FlawKind::AnchorMissing);
    let mut again = Disk::create(config(), key());
    again.commit(&[record(8), record(9)]);
    let flaw = verify_with(&[again.close()], &with_anchor(anchor)).unwrap_err();
    assert_eq!(flaw.kind, FlawKind::AnchorMissing);

    for (anchor, records) in [(old_anchor, 1), (anchor, 2)] {
        let report = verify_with(core::slice::from_ref(&whole), &with_anchor(anchor)).unwrap();
        assert_eq!(report.anchor_records, Some(records));
    }
}

#[test]
fn the_head_that_one_proof_prints_anchors_the_next() {
    let report = verify_with(&LOG, &VerifyOptions::default()).unwrap();
    let again = verify_with(&LOG, &with_anchor(report.head)).unwrap();
    assert_eq!(again.anchor_records, Some(6));
}

#[test]
fn a_segment_that_cannot_be_read_is_no_proof() {
    let failing = [Err(io::Error::other("disk"))];
    let error = verify::<&[u8]>(failing, &VerifyOptions::default()).unwrap_err();
    assert!(matches!(error, VerifyError::Read(_)));
}

#[test]
fn a_flaw_says_where_it_is() {
    let segments = changed(1, |bytes| bytes[HEADER_BYTES + 20] ^= 1);
    assert_eq!(flaw_of(&segments).to_string(), "segment 2, byte 512, record 3: an entry's checksum is wrong");
}
