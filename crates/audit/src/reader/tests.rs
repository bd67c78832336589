use super::*;
use crate::format::{HEADER_BYTES, MARK_BYTES_MAX, RECORD_BYTES_MAX};
use crate::testing::{BYTES, CLOCK, Disk, any_record, config, key, longest_record, record, small_log};
use crate::{LogConfig, SegmentFull};
use net::Timestamp;
use proptest::prelude::*;

fn entries(number: u64, bytes: &[u8]) -> Vec<Entry> {
    SegmentReader::new(number, bytes).unwrap().map(Result::unwrap).collect()
}

fn records(number: u64, bytes: &[u8]) -> Vec<StoredRecord> {
    let record = |entry| match entry {
        Entry::Record(stored) => Some(stored),
        Entry::Mark(_) => None,
    };
    entries(number, bytes).into_iter().filter_map(record).collect()
}

#[test]
fn a_log_tells_its_story_in_order() {
    let kinds: Vec<_> = entries(1, &small_log())
        .into_iter()
        .map(|entry| match entry {
            Entry::Record(stored) => format!("record {}", stored.seq),
            Entry::Mark(signed) => format!("{:?} {}", signed.mark.kind, signed.mark.records),
        })
        .collect();
    assert_eq!(
        kinds,
        ["Opened 0", "record 1", "record 2", "Checkpoint 2", "record 3", "record 4", "Checkpoint 4", "Closed 4"]
    );
}

#[test]
fn every_mark_is_signed_by_the_key_in_the_header() {
    let bytes = small_log();
    let reader = SegmentReader::new(1, &bytes).unwrap();
    let key = reader.header().key;
    for entry in reader {
        if let Entry::Mark(signed) = entry.unwrap() {
            assert!(signed.is_signed_by(&key));
        }
    }
}

#[test]
fn the_longest_record_takes_exactly_the_most_bytes() {
    let mut disk = Disk::create(config(), key());
    let before = disk.writer.position();
    disk.append(&[longest_record()]);
    let longest = policy::Reason::ALL.iter().map(|reason| reason.name().len()).max().unwrap();
    let slack = crate::format::REASON_BYTES_MAX - longest;
    assert_eq!(disk.writer.position() - before, (RECORD_BYTES_MAX - slack) as u64);
}

#[test]
fn a_segment_takes_as_many_records_as_it_promised_and_still_has_room_for_its_end() {
    let config = LogConfig::new("lab-1", 64 << 10, 0).unwrap();
    let mut disk = Disk::create(config, key());
    let promised = disk.writer.records_left();
    assert_eq!(promised, crate::records_per_segment(64 << 10));
    for _ in 0..promised {
        disk.commit(&[longest_record()]);
    }
    while disk.writer.records_left() > 0 {
        disk.commit(&[longest_record()]);
    }
    let mut out = Vec::new();
    let full = disk.writer.append(&record(1), &CLOCK, &mut out);
    assert_eq!((full, out.len()), (Err(SegmentFull), 0));
    assert!(disk.writer.position() + 2 * MARK_BYTES_MAX as u64 <= 64 << 10);
}

#[test]
fn a_checkpoint_comes_by_itself_after_as_many_records_as_configured() {
    let config = LogConfig::new("lab-1", 64 << 10, 3).unwrap();
    let mut disk = Disk::create(config, key());
    disk.append(&[(); 7].map(|()| record(1)));
    let marks = |entry: &Entry| matches!(entry, Entry::Mark(_));
    let places: Vec<_> = entries(1, &disk.bytes).iter().map(marks).collect();
    let (mark, record) = (true, false);
    assert_eq!(places, [mark, record, record, record, mark, record, record, record, mark, record]);
}

#[test]
fn a_checkpoint_over_nothing_is_not_written() {
    let mut disk = Disk::create(config(), key());
    let mut out = Vec::new();
    disk.writer.checkpoint(CLOCK.unix_ns, &mut out);
    assert!(out.is_empty());
}

#[test]
fn encoding_allocates_nothing_once_the_buffer_has_grown() {
    let mut disk = Disk::create(LogConfig::new("lab-1", 1 << 20, 2).unwrap(), key());
    let mut out = Vec::with_capacity(RECORD_BYTES_MAX + MARK_BYTES_MAX);
    let capacity = out.capacity();
    for _ in 0..100 {
        disk.writer.append(&longest_record(), &CLOCK, &mut out).unwrap();
        out.clear();
    }
    assert_eq!(out.capacity(), capacity);
}

#[test]
fn a_cursor_follows_a_segment_while_it_grows() {
    let mut disk = Disk::create(config(), key());
    let (_, mut cursor) = Cursor::begin(&disk.bytes[..HEADER_BYTES]).unwrap();
    let mut seen = 0;
    for group in 0..3 {
        disk.commit(&[record(group)]);
        let window = |cursor: &Cursor| disk.bytes[cursor.offset() as usize..].to_vec();
        while let Some(entry) = cursor.read(&window(&cursor)).unwrap() {
            seen += u64::from(matches!(entry, Entry::Record(_)));
        }
        assert_eq!((seen, cursor.next_seq()), (group + 1, group + 2));
    }
    assert_eq!(cursor.head(), disk.writer.head());
}

#[test]
fn a_sealed_segment_is_followed_by_one_that_counts_on() {
    let mut disk = Disk::create(config(), key());
    disk.commit(&[record(1), record(2)]);
    let (mut second, first) = disk.rotate();
    second.commit(&[record(3)]);
    assert_eq!(records(1, &first).len(), 2);
    assert_eq!(records(2, &second.bytes)[0].seq, 3);
    assert_eq!(second.writer.segment(), 2);
}

#[test]
fn a_segment_under_another_name_or_of_another_length_is_refused() {
    let bytes = small_log();
    let flaw = SegmentReader::new(2, &bytes).unwrap_err();
    assert_eq!(flaw.kind, FlawKind::Renumbered(1));
    let flaw = SegmentReader::new(1, &bytes[..4000]).unwrap_err();
    assert_eq!(flaw.kind, FlawKind::FileLength { expected: BYTES, found: 4000 });
    let flaw = SegmentReader::new(1, b"").unwrap_err();
    assert_eq!(flaw.kind, FlawKind::Short(0));
}

proptest! {
    #[test]
    fn any_record_comes_back_as_it_was_written(record in any_record()) {
        let mut disk = Disk::create(config(), key());
        disk.commit(std::slice::from_ref(&record));
        let stored = records(1, &disk.bytes).remove(0);
        prop_assert_eq!((stored.seq, stored.unknown.is_empty()), (1, true));
        prop_assert_eq!(stored.ts_unix_ns, CLOCK.unix_ns_at(record.at));
        let at = Timestamp::from_nanos(stored.ts_unix_ns);
        prop_assert_eq!(stored.record, crate::Record { at, ..record });
    }

    #[test]
    fn no_bytes_make_the_reader_panic_or_go_on_for_ever(
        noise in proptest::collection::vec(any::<u8>(), 0..300), place in 0usize..4096,
    ) {
        let mut bytes = small_log();
        let end = (place + noise.len()).min(bytes.len());
        bytes[place..end].copy_from_slice(&noise[..end - place]);
        if let Ok(reader) = SegmentReader::new(1, &bytes) {
            prop_assert!(reader.count() < bytes.len());
        }
    }

    /// Framing and checksums are made right, so that the fields themselves are reached.
    #[test]
    fn no_fields_make_the_reader_panic(
        kind in 0u8..24, fields in proptest::collection::vec(
            (0u16..70, proptest::collection::vec(any::<u8>(), 0..40)), 0..20,
        ),
    ) {
        let mut out = Vec::new();
        let start = crate::entry::begin(kind, &mut out);
        for (tag, value) in fields {
            crate::field::FieldWriter::new(&mut out).bytes(tag, &value);
        }
        let bytes = small_log();
        let (_, mut cursor) = Cursor::begin(&bytes).unwrap();
        crate::entry::finish(&mut out, start, &cursor.head());
        let _ = cursor.read(&out);
    }
}
