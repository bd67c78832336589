use super::*;
use crate::testing::{
    BYTES, CLOCK, Disk, borders, config, forge, key, longest_record, mend_header, record, small_log, tiny_log,
};
use crate::{LogEnd, Report, Verifier, VerifyOptions};
use proptest::prelude::*;

fn recover_first(bytes: &[u8]) -> Result<Recovered, Flaw> {
    recover(1, bytes, config(), key())
}

fn resumed(bytes: &[u8]) -> Resumed {
    match recover_first(bytes) {
        Ok(Recovered::Open(resumed)) => resumed,
        other => panic!("{other:?}"),
    }
}

fn verified(bytes: &[u8]) -> Report {
    Verifier::new(VerifyOptions::default()).last_segment(1, bytes).unwrap()
}

/// Opens the segment again as the management core does: mark, zeros.
fn reopen(bytes: &mut [u8]) -> SegmentWriter {
    let resumed = resumed(bytes);
    let (start, torn) = (resumed.position() as usize, resumed.torn());
    let mut out = Vec::new();
    let Opened::Here(writer) = resumed.open(CLOCK.unix_ns, &mut out) else {
        panic!("there is room for a run");
    };
    bytes[start..start + out.len()].copy_from_slice(&out);
    if let Some(torn) = torn {
        let left = torn.behind(writer.position());
        bytes[left.start as usize..left.end as usize].fill(0);
    }
    writer
}

/// How many of the entries of [`small_log`] that end at or before `cut` are records.
fn records_before(cut: usize) -> u64 {
    let is_record = [false, true, true, false, true, true, false, false];
    let ends = borders(&small_log()).into_iter().skip(1);
    ends.zip(is_record).filter(|(end, is_record)| *is_record && *end <= cut).count() as u64
}

#[test]
fn a_cut_at_any_byte_loses_nothing_that_was_whole_before_it() {
    let whole = tiny_log();
    let borders = borders(&whole);
    let records_before = |cut: usize| [2, 4].iter().filter(|end| borders[**end] <= cut).count();
    for cut in HEADER_BYTES..=borders[4] {
        let mut bytes = whole.clone();
        bytes[cut..].fill(0);
        let resumed = resumed(&bytes);
        let last_whole = borders.iter().rev().find(|border| **border <= cut).copied().unwrap();
        assert_eq!(resumed.position(), last_whole as u64, "cut at {cut}");
        let records = records_before(cut) as u64;
        assert_eq!(resumed.writer.next_seq(), records + 1, "cut at {cut}");
        let torn_end = bytes[..cut].iter().rposition(|byte| *byte != 0).unwrap() + 1;
        let torn_bytes = torn_end.saturating_sub(last_whole) as u64;
        assert_eq!(resumed.torn().map_or(0, |torn| torn.bytes), torn_bytes, "cut at {cut}");
    }
}

#[test]
fn a_log_goes_on_after_any_cut_and_its_proof_tells_of_it() {
    let whole = small_log();
    for cut in (HEADER_BYTES..1500).step_by(37) {
        let mut bytes = whole.clone();
        bytes[cut..].fill(0);
        let torn = resumed(&bytes).torn().map_or(0, |torn| torn.bytes);
        reopen(&mut bytes);
        let report = verified(&bytes);
        assert_eq!((report.records, report.cut_bytes), (records_before(cut), torn), "cut {cut}");
        assert_eq!(report.end, LogEnd::Open);
    }
}

#[test]
fn records_that_nothing_signed_are_kept_and_the_next_mark_says_so() {
    let mut disk = Disk::create(config(), key());
    disk.commit(&[record(1)]);
    disk.append(&[record(2), record(3)]);
    let mut bytes = disk.bytes;
    assert_eq!(resumed(&bytes).unsigned_records(), 2);
    reopen(&mut bytes);
    let report = verified(&bytes);
    assert_eq!((report.records, report.adopted_records, report.runs), (3, 2, 2));
}

#[test]
fn a_clean_log_is_gone_on_with_and_nothing_is_cut() {
    let mut bytes = small_log();
    assert_eq!(resumed(&bytes).torn(), None);
    reopen(&mut bytes);
    let report = verified(&bytes);
    assert_eq!((report.records, report.cut_bytes, report.runs), (4, 0, 2));
}

#[test]
fn garbage_behind_a_partial_entry_is_cut_to_its_last_byte() {
    let mut bytes = small_log();
    let borders = borders(&bytes);
    let place = borders[6];
    bytes[place..].fill(0);
    bytes[place] = 200;
    bytes[place + 30..3000].fill(0xa5);
    let torn = resumed(&bytes).torn();
    assert_eq!(torn, Some(Torn { offset: place as u64, bytes: (3000 - place) as u64 }));
    reopen(&mut bytes);
    assert_eq!(verified(&bytes).cut_bytes, (3000 - place) as u64);
}

/// Two groups that were written and never synced: a power cut keeps their pages in any order.
fn unsynced_groups() -> (Vec<u8>, Vec<usize>) {
    let mut disk = Disk::create(config(), key());
    disk.commit(&[record(1)]);
    let synced = disk.writer.position();
    disk.append(&[record(2)]);
    let mut out = Vec::new();
    let place = disk.writer.position() as usize;
    disk.writer.checkpoint(CLOCK.unix_ns, &mut out);
    disk.writer.append(&record(3), &CLOCK, &mut out).unwrap();
    disk.writer.checkpoint(CLOCK.unix_ns, &mut out);
    disk.bytes[place..place + out.len()].copy_from_slice(&out);
    let borders = borders(&disk.bytes).into_iter().filter(|place| *place as u64 >= synced);
    let borders = borders.collect();
    (disk.bytes, borders)
}

#[test]
fn a_hole_before_signed_marks_that_were_never_synced_is_a_torn_end() {
    let (whole, borders) = unsynced_groups();
    let end = borders[borders.len() - 1];
    for hole in borders.windows(2).take(3) {
        let mut bytes = whole.clone();
        bytes[hole[0]..hole[1]].fill(0);
        let torn = resumed(&bytes).torn().unwrap();
        assert_eq!((torn.offset, torn.offset + torn.bytes), (hole[0] as u64, end as u64));
        reopen(&mut bytes);
        assert!(verified(&bytes).cut_bytes > 0);
    }
}

#[test]
fn a_hole_in_what_was_synced_is_damage_and_nothing_is_cut() {
    let whole = small_log();
    let borders = borders(&whole);
    // All but the last two marks: what follows them never said that they were safe.
    for entry in borders.windows(2).take(borders.len() - 4) {
        for change in [0, 8, entry[1] - entry[0] - 1] {
            let mut bytes = whole.clone();
            bytes[entry[0] + change] ^= 0x10;
            let flaw = recover_first(&bytes).unwrap_err();
            assert_eq!((flaw.offset, flaw.kind), (entry[0] as u64, FlawKind::Damaged));
        }
        let mut bytes = whole.clone();
        bytes[entry[0]..entry[1]].fill(0);
        assert_eq!(recover_first(&bytes).unwrap_err().kind, FlawKind::Damaged);
    }
}

#[test]
fn what_is_whole_and_yet_wrong_is_never_cut() {
    let edits: [fn(&mut Vec<Vec<u8>>); 3] = [
        |entries| entries[2][20] ^= 1,
        |entries| drop(entries.remove(2)),
        |entries| {
            let record = entries[1].clone();
            entries.push(record);
        },
    ];
    for edit in edits {
        assert!(recover_first(&forge(&small_log(), edit)).is_err());
    }
    let mut bytes = small_log();
    let borders = borders(&bytes);
    let (first, second) = (borders[1]..borders[2], borders[2]..borders[3]);
    let swapped = [&bytes[second], &bytes[first]].concat();
    bytes[borders[1]..borders[3]].copy_from_slice(&swapped);
    assert_eq!(recover_first(&bytes).unwrap_err().kind, FlawKind::EntryChain);
}

#[test]
fn a_segment_without_its_header_is_refused() {
    let mut by_half = vec![0; BYTES as usize];
    assert_eq!(recover_first(&by_half).unwrap_err().kind, FlawKind::Magic);
    assert_eq!(recover_first(b"").unwrap_err().kind, FlawKind::Short(0));
    by_half[..100].copy_from_slice(&small_log()[..100]);
    assert_eq!(recover_first(&by_half).unwrap_err().kind, FlawKind::HeaderChecksum);
}

#[test]
fn a_broken_header_before_what_was_synced_is_damage() {
    let mut bytes = small_log();
    bytes[20] ^= 1;
    assert_eq!(recover_first(&bytes).unwrap_err().kind, FlawKind::HeaderChecksum);
    bytes[..HEADER_BYTES].fill(0);
    assert_eq!(recover_first(&bytes).unwrap_err().kind, FlawKind::Magic);
}

#[test]
fn the_segment_of_another_is_refused() {
    let bytes = small_log();
    let kind = |number, config, key| recover(number, &bytes, config, key).unwrap_err().kind;
    let other_key = SigningKey::from_bytes(&[1; 32]);
    assert_eq!(kind(1, config(), other_key), FlawKind::KeyUnexpected);
    let other = LogConfig::new("lab-2", BYTES, 0).unwrap();
    assert_eq!(kind(1, other, key()), FlawKind::Gateway);
    assert_eq!(kind(2, config(), key()), FlawKind::Renumbered(1));
    let mut edited = bytes.clone();
    edited[40] ^= 1;
    mend_header(&mut edited);
    assert!(recover_first(&edited).is_err());
}

fn next_after(recovered: Recovered) -> (Sealed, Option<Torn>) {
    let Recovered::Sealed { sealed, torn } = recovered else { panic!("{recovered:?}") };
    (sealed, torn)
}

fn start_next(sealed: Sealed) -> Vec<u8> {
    let mut second = Vec::new();
    let _ = sealed.start_next(CLOCK.unix_ns, &mut second);
    second.resize(BYTES as usize, 0);
    second
}

#[test]
fn a_crash_between_seal_and_next_segment_is_gone_on_from() {
    let mut disk = Disk::create(config(), key());
    disk.commit(&[record(1)]);
    let (_, first) = disk.rotate();
    let (sealed, torn) = next_after(recover_first(&first).unwrap());
    assert_eq!((sealed.next_segment(), torn), (2, None));
    let second = start_next(sealed);
    let mut verifier = Verifier::new(VerifyOptions::default());
    verifier.segment(1, &first).unwrap();
    let report = verifier.last_segment(2, &second).unwrap();
    assert_eq!((report.records, report.runs), (1, 2));
}

#[test]
fn garbage_behind_a_seal_is_cut_and_the_next_segment_tells_of_it() {
    let mut disk = Disk::create(config(), key());
    disk.commit(&[record(1)]);
    let (_, mut first) = disk.rotate();
    let end = *borders(&first).last().unwrap();
    first[end..end + 10].fill(7);
    let (sealed, torn) = next_after(recover_first(&first).unwrap());
    assert_eq!(torn, Some(Torn { offset: end as u64, bytes: 10 }));
    first[end..].fill(0);
    let second = start_next(sealed);
    let mut verifier = Verifier::new(VerifyOptions::default());
    verifier.segment(1, &first).unwrap();
    assert_eq!(verifier.last_segment(2, &second).unwrap().cut_bytes, 10);
}

#[test]
fn a_segment_without_room_for_a_run_is_sealed_and_the_run_begins_with_the_next() {
    let mut disk = Disk::create(config(), key());
    while disk.writer.records_left() > 0 {
        disk.commit(&[longest_record()]);
    }
    disk.bytes[disk.writer.position() as usize] = 99;
    let mut first = disk.bytes;
    let resumed = resumed(&first);
    let start = resumed.position() as usize;
    let mut out = Vec::new();
    let Opened::Next(sealed) = resumed.open(CLOCK.unix_ns, &mut out) else {
        panic!("there is no room for a run");
    };
    first[start..start + out.len()].copy_from_slice(&out);
    let second = start_next(sealed);
    let mut verifier = Verifier::new(VerifyOptions::default());
    verifier.segment(1, &first).unwrap();
    let report = verifier.last_segment(2, &second).unwrap();
    assert_eq!((report.cut_bytes, report.runs), (1, 2));
}

#[test]
fn runs_that_only_begin_and_end_never_overfill_a_segment() {
    let mut bytes = small_log();
    loop {
        let before = resumed(&bytes);
        let start = before.position() as usize;
        let mut out = Vec::new();
        let opened = before.open(CLOCK.unix_ns, &mut out);
        let is_sealed = match opened {
            Opened::Here(writer) => {
                writer.close(CLOCK.unix_ns, &mut out);
                false
            }
            Opened::Next(_) => true,
        };
        bytes[start..start + out.len()].copy_from_slice(&out);
        if is_sealed {
            break;
        }
    }
    assert_eq!(Verifier::new(VerifyOptions::default()).segment(1, &bytes), Ok(()));
}

#[test]
fn a_crash_during_recovery_is_recovered_from() {
    let mut bytes = small_log();
    let borders = borders(&bytes);
    let place = borders[6];
    bytes[place..].fill(0);
    bytes[place + 50..3000].fill(0xa5);
    // The mark reached the disk, the zeros behind it did not.
    let mut out = Vec::new();
    let _ = resumed(&bytes).open(CLOCK.unix_ns, &mut out);
    bytes[place..place + out.len()].copy_from_slice(&out);
    let torn = resumed(&bytes).torn().unwrap();
    assert_eq!(torn.offset, (place + out.len()) as u64);
    reopen(&mut bytes);
    assert_eq!(verified(&bytes).runs, 3);
}

#[test]
fn entries_in_the_room_of_the_seal_are_refused() {
    let mut disk = Disk::create(config(), key());
    disk.commit(&[record(1)]);
    let crowded = forge(&disk.bytes, |entries| {
        let record = entries[1].clone();
        let room = BYTES as usize - HEADER_BYTES - entries.len() * 184 - record.len() - 36;
        let mut seq = 1u8;
        for _ in 0..room / (record.len() + 36) {
            let mut next = record.clone();
            seq += 1;
            next[12] = seq;
            entries.push(next);
        }
        // Fill up with one field that nobody knows.
        let used: usize = entries.iter().map(|entry| entry.len() + 36).sum();
        let left = BYTES as usize - HEADER_BYTES - used - 20;
        let last = entries.last_mut().unwrap();
        last.extend_from_slice(&40u16.to_le_bytes());
        last.extend_from_slice(&(left as u16 - 4).to_le_bytes());
        last.resize(last.len() + left - 4, 0);
    });
    assert_eq!(recover_first(&crowded).unwrap_err().kind, FlawKind::Overfull);
}

proptest! {
    // Each case signs and verifies several times, which takes milliseconds without optimisation.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_stands_behind_the_last_sync_is_recovered_from_or_refused(
        noise in proptest::collection::vec(any::<u8>(), 1..400), place in 0usize..6500,
    ) {
        let mut bytes = small_log();
        let end = *borders(&bytes).last().unwrap();
        let start = end + place;
        let stop = (start + noise.len()).min(bytes.len());
        bytes[start.min(stop)..stop].copy_from_slice(&noise[..stop - start.min(stop)]);
        let resumed = resumed(&bytes);
        prop_assert_eq!(resumed.position(), end as u64);
        prop_assert_eq!(resumed.writer.next_seq(), 5);
        reopen(&mut bytes);
        prop_assert_eq!(verified(&bytes).records, 4);
    }

    #[test]
    fn no_bytes_make_recovery_panic(
        noise in proptest::collection::vec(any::<u8>(), 0..600), place in 0usize..4096,
        len in 0usize..9000,
    ) {
        let mut bytes = small_log();
        let end = (place + noise.len()).min(bytes.len());
        bytes[place..end].copy_from_slice(&noise[..end - place]);
        mend_header(&mut bytes);
        bytes.resize(len, 0);
        let _ = recover_first(&bytes);
    }
}
