//! Every kernel against a plain loop.

use super::*;
use crate::named::ENDING_BYTES;
use proptest::prelude::*;

fn masks_plain(block: &[u8; BLOCK_BYTES]) -> Masks {
    let bits = |holds: &dyn Fn(u8) -> bool| {
        block.iter().enumerate().fold(0, |bits, (place, byte)| bits | u64::from(holds(*byte)) << place)
    };
    Masks {
        digit: bits(&|byte| byte.is_ascii_digit()),
        letter: bits(&|byte| byte.is_ascii_alphabetic()),
        at: bits(&|byte| byte == b'@'),
        colon: bits(&|byte| byte == b':'),
        dash: bits(&|byte| byte == b'-'),
        underscore: bits(&|byte| byte == b'_'),
        dot: bits(&|byte| byte == b'.'),
        comma: bits(&|byte| byte == b','),
        equals: bits(&|byte| byte == b'='),
        token: bits(&|byte| byte.is_ascii_alphanumeric() || b"$+,-./=_~".contains(&byte)),
        line_end: bits(&|byte| matches!(byte, b'\n' | 0xfe | 0xff)),
        mark: bits(&|byte| crate::block::Kind::holds(crate::block::Mark, byte)),
        unnamed: bits(&|byte| crate::block::Kind::holds(crate::block::Unnamed, byte)),
        escaping: bits(&|byte| crate::block::Kind::holds(crate::block::Escaping, byte)),
        assigning: block.iter().enumerate().fold(0, |bits, (place, byte)| {
            let before = place.checked_sub(1).map(|before| block[before]);
            let assigns = match byte {
                b'=' | b':' => true,
                b',' => before.is_none_or(|byte| byte == b'"' || byte == b'\''),
                b'>' | &BOUNDARY => before.is_none_or(|byte| byte.is_ascii_alphabetic() || byte & 0xc0 == 0x80),
                _ => false,
            };
            bits | u64::from(assigns) << place
        }),
    }
}

type Fill = fn(&[[u8; BLOCK_BYTES]], usize, &mut [Group]);

fn kernels() -> Vec<Fill> {
    let mut kernels: Vec<Fill> = vec![fill, fill_portable];
    #[cfg(target_arch = "x86_64")]
    {
        if x86::Avx512::detect().is_some() {
            kernels.push(|blocks, first, groups| x86::Avx512::detect().unwrap().fill(blocks, first, groups));
        }
        if x86::Avx2::detect().is_some() {
            kernels.push(|blocks, first, groups| x86::Avx2::detect().unwrap().fill(blocks, first, groups));
        }
    }
    kernels
}

fn check(blocks: &[[u8; BLOCK_BYTES]], first: usize) {
    for kernel in kernels() {
        let mut groups = vec![Group { at: [7; LANE_COUNT], ..Group::NONE }; (first + blocks.len()).div_ceil(8)];
        kernel(blocks, first, &mut groups);
        for number in 0..groups.len() * LANE_COUNT {
            let expected = number.checked_sub(first).and_then(|place| blocks.get(place)).map(masks_plain);
            let masks = groups[number / LANE_COUNT].block(number);
            assert_eq!(masks, expected.unwrap_or(Masks { at: 7, ..Masks::default() }));
            let block = number.checked_sub(first).and_then(|place| blocks.get(place));
            for (place, byte) in block.iter().flat_map(|block| block.iter().enumerate()) {
                assert_eq!(masks.slash() >> place & 1 == 1, *byte == b'/');
                assert!(*byte != b'+' || masks.may_have_plus());
            }
        }
    }
}

type Keep = fn(&[u8], usize, &Endings, &mut [Group]);

fn keepers() -> Vec<Keep> {
    let mut kernels: Vec<Keep> = vec![keep_named, |text, first, _, groups| {
        keep_each(text, first, groups, |named| (u64::MAX, beyond_ascii(named)));
    }];
    #[cfg(target_arch = "x86_64")]
    if x86::Avx2::detect().is_some() {
        kernels
            .push(|text, first, endings, groups| x86::Avx2::detect().unwrap().keep_named(text, first, endings, groups));
    }
    kernels
}

/// Places of what assigns behind a name with one of these endings and a gap, byte by byte.
fn named_plain(text: &[u8], endings: &[[u8; ENDING_BYTES]]) -> Vec<usize> {
    let in_gap = |byte: &u8| byte.is_ascii() && !byte.is_ascii_alphabetic();
    let is_named = |place: &usize| {
        let head = &text[..*place];
        let name = &head[..head.len() - head.iter().rev().take_while(|byte| in_gap(byte)).count()];
        endings.iter().any(|ending| name.iter().rev().take(ENDING_BYTES).eq(ending))
    };
    (0..text.len()).filter(|place| matches!(text[*place], b'=' | b':')).filter(is_named).collect()
}

/// What a kernel makes of words, whatever it runs on.
struct Sums<'a> {
    words: [[u64; LANE_COUNT]; 2],
    by: usize,
    lanes: &'a mut Vec<u8>,
}

impl Kernel for Sums<'_> {
    fn run<O: Octet>(self) {
        let [one, other] = self.words.each_ref().map(O::of);
        let mut see = |octet: O| {
            // Every bit of every lane.
            self.lanes.extend((0..64).map(|bit| octet.and(O::splat(1 << bit)).nonzero()));
        };
        see(one.and(other));
        see(one.or(other));
        see(one.without(other));
        see(one.shl(self.by));
        see(one.shr(self.by));
        see(one.ahead(other, self.by));
        see(one.ones().plus(other));
        see(one.behind(other));
        see(one.after(other));
        see(O::of(&one.words()));
        see(one.only(self.words[1][0].to_le_bytes()[0]));
        self.lanes.extend([0, 1, 5, 64].map(|least| one.ones().at_least(least)));
    }
}

#[test]
fn every_byte_is_what_it_is_at_every_place() {
    for shift in 0..64u8 {
        let blocks = [0u8, 64, 128, 192]
            .map(|base| core::array::from_fn(|place| base + (u8::try_from(place).unwrap() + shift) % 64));
        check(&blocks, usize::from(shift) % LANE_COUNT);
    }
}

type Search = fn(&[u8], usize, &[Table], &mut Vec<Candidate>);

/// Which of a place's buckets have a byte, by its halves or by six bits; and how many places are looked at.
type Select = (fn(&Place, u8) -> u8, usize);

fn by_halves(place: &Place, byte: u8) -> u8 {
    let byte = usize::from(fold(byte));
    place.low[byte % 16] & place.high[byte / 16]
}

fn by_six(place: &Place, byte: u8) -> u8 {
    place.six.0[usize::from(byte) % 64]
}

fn searches() -> Vec<(Search, Select)> {
    let mut kernels: Vec<(Search, Select)> = vec![(candidates_portable, (by_halves, HALVED_BYTES))];
    #[cfg(target_arch = "x86_64")]
    {
        if x86::Avx512::detect().is_some() {
            kernels.push((
                |text, blocks, tables, out| x86::Avx512::detect().unwrap().candidates(text, blocks, tables, out),
                (by_six, HEAD_BYTES),
            ));
        }
        if x86::Avx2::detect().is_some() {
            kernels.push((
                |text, blocks, tables, out| x86::Avx2::detect().unwrap().candidates(text, blocks, tables, out),
                (by_halves, HALVED_BYTES),
            ));
        }
    }
    kernels
}

/// What the tables select, byte by byte.
fn candidates_plain(text: &[u8], blocks: usize, tables: &[Table], (select, looked): Select) -> Vec<Candidate> {
    let mut expected = Vec::new();
    for place in 0..blocks * BLOCK_BYTES {
        for (number, Table(places)) in (0..).zip(tables) {
            let select = |buckets, (place, byte): (&Place, &u8)| buckets & select(place, *byte);
            let buckets = places[..looked].iter().zip(&text[place..]).fold(u8::MAX, select);
            if buckets != 0 {
                expected.push(Candidate { place: u16::try_from(place).unwrap(), table: number, buckets });
            }
        }
    }
    expected
}

#[test]
fn a_byte_selects_its_bucket_whatever_its_case() {
    for byte in 0..=u8::MAX {
        let mut table = Table::default();
        table.add(&[fold(byte)], 3);
        for other in 0..=u8::MAX {
            let is_there = fold(other) == fold(byte);
            assert_eq!(by_halves(&table.0[0], other), u8::from(is_there) << 3, "{byte} {other}");
            let six = by_six(&table.0[0], other);
            assert!(six == 1 << 3 || !is_there && six == 0, "{byte} {other}");
            let letters = byte.is_ascii_alphabetic() && other.is_ascii_alphabetic();
            assert!(!letters || is_there == (six != 0), "{byte} {other}");
        }
    }
}

proptest! {
    #[test]
    fn every_kernel_selects_what_a_plain_loop_does(
        text in prop_oneof![
            prop::collection::vec(any::<u8>(), WINDOW_BYTES..400),
            prop::collection::vec(b'a'..=b'd', WINDOW_BYTES..400),
        ],
        heads in prop::collection::vec(prop_oneof!["[a-d]{2,4}", "[a-zé]{2,4}"], 1..40),
    ) {
        let mut tables = vec![Table::default(); heads.len().div_ceil(2 * BUCKET_COUNT)];
        for (place, head) in heads.iter().enumerate() {
            let count = tables.len();
            let head: Vec<u8> = head.bytes().take(HEAD_BYTES).map(fold).collect();
            tables[place % count].add(&head, place / count % BUCKET_COUNT);
        }
        let blocks = (text.len() - (HEAD_BYTES - 1)) / BLOCK_BYTES;
        for (kernel, select) in searches() {
            let expected = candidates_plain(&text, blocks, &tables, select);
            let mut found = Vec::new();
            // Blocks that are not there are passed over.
            kernel(&text, blocks + 1, &tables, &mut found);
            found.sort_unstable_by_key(|candidate: &Candidate| (candidate.place, candidate.table));
            prop_assert_eq!(&found, &expected);
        }
    }

    #[test]
    fn every_kernel_gives_the_masks_of_a_plain_loop(
        blocks in prop::collection::vec(any::<[u8; 64]>(), 0..20), first in 0..LANE_COUNT,
    ) {
        check(&blocks, first);
    }

    #[test]
    fn every_kernel_keeps_what_assigns_behind_a_name(
        text in prop::collection::vec(prop_oneof![4 => b'a'..=b'c', 2 => prop::sample::select(b"=: \"_1".as_slice()),
            1 => any::<u8>()], 0..500),
        endings in prop::collection::vec(prop::array::uniform4(b'a'..=b'c'), 1..8), first in 0usize..3,
    ) {
        let mut table = Endings::NONE;
        for (bucket, ending) in endings.iter().enumerate() {
            ending.iter().enumerate().for_each(|(place, byte)| table.add(place, *byte, bucket));
        }
        let mut filled = vec![Group::NONE; text.len().div_ceil(LANE_COUNT * BLOCK_BYTES)];
        for (number, bytes) in text.chunks(BLOCK_BYTES).enumerate() {
            let mut block = [0x80; BLOCK_BYTES];
            block[..bytes.len()].copy_from_slice(bytes);
            fill(&[block], number % LANE_COUNT, &mut filled[number / LANE_COUNT..]);
        }
        let assigns = |groups: &[Group], place: usize| {
            let number = place / BLOCK_BYTES;
            groups[number / LANE_COUNT].block(number).assigning >> (place % BLOCK_BYTES) & 1 == 1
        };
        for (number, keep) in keepers().into_iter().enumerate() {
            let mut groups = filled.clone();
            keep(&text, first, &table, &mut groups);
            let named = named_plain(&text, &endings);
            prop_assert!(named.iter().all(|place| assigns(&groups, *place)));
            let mut kept = (0..text.len()).filter(|place| assigns(&groups, *place));
            prop_assert!(kept.all(|place| assigns(&filled, place)));
            // Each bucket has one ending: what is looked up by seven bits is left out but for these.
            #[cfg(target_arch = "x86_64")]
            if x86::Avx512::detect().is_some() && number == 0 && text.is_ascii() {
                let told = (first + 1) * BLOCK_BYTES..text.len();
                let mut kept = told.filter(|place| matches!(text[*place], b'=' | b':') && assigns(&groups, *place));
                prop_assert!(kept.all(|place| named.contains(&place)));
            }
        }
    }

    #[test]
    fn base64_is_decoded_as_by_a_plain_loop(
        characters in any::<[u8; 64]>(), alphabet in prop::collection::vec(prop::sample::select(
            b"ABYZabyz0189+/-_".as_slice()), 64), other in prop::option::of(0usize..64),
    ) {
        let mut run: [u8; 64] = alphabet.try_into().unwrap();
        if let Some(other) = other {
            run[other] = characters[other];
        }
        for characters in [run, characters] {
            let (bytes, length) = base64(&characters);
            let (expected, expected_length) = base64_portable(&characters);
            prop_assert_eq!(length, expected_length);
            prop_assert_eq!(&bytes[..length / 4 * 3], &expected[..length / 4 * 3]);
        }
    }

    #[test]
    fn words_in_registers_are_words(words: [[u64; LANE_COUNT]; 2], by in 1usize..64) {
        let mut lanes: [Vec<u8>; 3] = Default::default();
        let [best, wide, plain] = &mut lanes;
        run(Sums { words, by, lanes: best });
        Sums { words, by, lanes: plain }.run::<[u64; LANE_COUNT]>();
        #[cfg(target_arch = "x86_64")]
        if x86::Avx2::detect().is_some() {
            x86::Avx2::detect().unwrap().run(Sums { words, by, lanes: wide });
            prop_assert_eq!(&*wide, &*plain);
        }
        prop_assert_eq!(&*best, &*plain);
    }
}
