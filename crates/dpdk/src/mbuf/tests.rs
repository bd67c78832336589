//! The mbuf's arithmetic over plain memory, against a model; no EAL is needed for it.

use super::*;
use proptest::prelude::*;

const BUFFER_LEN: usize = 256;
const HEADROOM: usize = 64;

/// An mbuf that lies in plain memory and is never given back to a pool.
struct Plain {
    // The mbuf points into both.
    _header: Box<rte_mbuf>,
    _data: Box<[u8]>,
    mbuf: ManuallyDrop<Mbuf>,
}

impl Plain {
    fn holding(frame: &[u8]) -> Self {
        let mut header = Box::new(rte_mbuf::default());
        let mut data = vec![0xee; BUFFER_LEN].into_boxed_slice();
        let mut mbuf = ManuallyDrop::new(Mbuf(NonNull::from(&mut *header)));
        mbuf.set(field::BUF_ADDR, data.as_mut_ptr().cast());
        mbuf.set(field::BUF_LEN, u16::try_from(BUFFER_LEN).unwrap());
        mbuf.set(field::NB_SEGS, 1);
        mbuf.set_data(HEADROOM, 0);
        assert!(mbuf.extend(frame));
        Self { _header: header, _data: data, mbuf }
    }

    fn strip(&mut self, outer: Option<u16>, inner: Option<u16>) {
        let mut flags = 0;
        if let Some(control) = outer {
            self.mbuf.set(field::VLAN_TCI_OUTER, control);
            flags |= dpdk_sys::DPDK_SHIM_RX_QINQ | dpdk_sys::DPDK_SHIM_RX_QINQ_STRIPPED | dpdk_sys::DPDK_SHIM_RX_VLAN;
        }
        if let Some(control) = inner {
            self.mbuf.set(field::VLAN_TCI, control);
            flags |= dpdk_sys::DPDK_SHIM_RX_VLAN | dpdk_sys::DPDK_SHIM_RX_VLAN_STRIPPED;
        }
        self.mbuf.set(field::OL_FLAGS, flags);
    }
}

/// One call on a buffer.
#[derive(Clone, Debug)]
enum Step {
    Truncate(usize),
    TrimFront(usize),
    Prepend(Vec<u8>),
    Extend(Vec<u8>),
    Wipe,
}

fn step() -> impl Strategy<Value = Step> {
    let bytes = || proptest::collection::vec(any::<u8>(), 0..80);
    prop_oneof![
        (0_usize..200).prop_map(Step::Truncate),
        (0_usize..80).prop_map(Step::TrimFront),
        bytes().prop_map(Step::Prepend),
        bytes().prop_map(Step::Extend),
        Just(Step::Wipe),
    ]
}

/// The frame and the room in front of it, as plain values.
struct Model {
    headroom: usize,
    frame: Vec<u8>,
}

impl Model {
    fn apply(&mut self, step: &Step) -> bool {
        match step {
            Step::Truncate(len) => self.frame.truncate(*len),
            Step::TrimFront(count) => {
                let count = (*count).min(self.frame.len());
                self.headroom += count;
                self.frame.drain(..count);
            }
            Step::Prepend(bytes) => {
                if bytes.len() > self.headroom {
                    return false;
                }
                self.headroom -= bytes.len();
                self.frame.splice(..0, bytes.iter().copied());
            }
            Step::Extend(bytes) => {
                if self.headroom + self.frame.len() + bytes.len() > BUFFER_LEN {
                    return false;
                }
                self.frame.extend_from_slice(bytes);
            }
            Step::Wipe => self.frame.fill(0),
        }
        true
    }
}

fn apply(mbuf: &mut Mbuf, step: &Step) -> bool {
    match step {
        Step::Truncate(len) => mbuf.truncate(*len),
        Step::TrimFront(count) => mbuf.trim_front(*count),
        Step::Prepend(bytes) => {
            let Some(room) = mbuf.prepend(bytes.len()) else { return false };
            room.copy_from_slice(bytes);
        }
        Step::Extend(bytes) => return mbuf.extend(bytes),
        Step::Wipe => mbuf.wipe(),
    }
    true
}

proptest! {
    #[test]
    fn any_sequence_of_calls_does_what_the_model_does(
        frame in proptest::collection::vec(any::<u8>(), 0..=BUFFER_LEN - HEADROOM),
        steps in proptest::collection::vec(step(), 0..30),
    ) {
        let mut plain = Plain::holding(&frame);
        let mut model = Model { headroom: HEADROOM, frame };
        for step in &steps {
            prop_assert_eq!(apply(&mut plain.mbuf, step), model.apply(step), "{:?}", step);
            prop_assert_eq!(plain.mbuf.as_slice(), model.frame.as_slice());
            prop_assert_eq!(plain.mbuf.len(), model.frame.len());
            prop_assert_eq!(plain.mbuf.packet_len() as usize, model.frame.len());
            prop_assert_eq!(plain.mbuf.headroom(), model.headroom);
            prop_assert_eq!(plain.mbuf.tailroom(), BUFFER_LEN - model.headroom - model.frame.len());
        }
    }
}

#[test]
fn a_stripped_tag_is_put_back_where_it_was() {
    let mut plain = Plain::holding(b"ddddddssssss\x08\x00payload");
    plain.strip(None, Some(0x6007));
    assert!(vlan::is_stripped(plain.mbuf.flags()));
    assert!(plain.mbuf.restore_tags());
    assert_eq!(plain.mbuf.as_slice(), b"ddddddssssss\x81\x00\x60\x07\x08\x00payload");
    assert!(!vlan::is_stripped(plain.mbuf.flags()));
}

#[test]
fn two_stripped_tags_are_put_back_in_their_order() {
    let mut plain = Plain::holding(b"ddddddssssss\x08\x00payload");
    plain.strip(Some(5), Some(7));
    assert!(plain.mbuf.restore_tags());
    assert_eq!(plain.mbuf.as_slice(), b"ddddddssssss\x88\xa8\x00\x05\x81\x00\x00\x07\x08\x00payload");
}

#[test]
fn only_the_outer_tag_is_put_back_where_only_that_was_stripped() {
    let mut plain = Plain::holding(b"ddddddssssss\x81\x00\x00\x07\x08\x00payload");
    plain.strip(Some(5), None);
    assert!(plain.mbuf.restore_tags());
    assert_eq!(plain.mbuf.as_slice(), b"ddddddssssss\x88\xa8\x00\x05\x81\x00\x00\x07\x08\x00payload");
}

#[test]
fn a_frame_without_room_for_its_tag_is_left_as_it_is() {
    let mut plain = Plain::holding(b"ddddddssssss\x08\x00payload");
    assert!(plain.mbuf.prepend(HEADROOM - 3).is_some());
    plain.strip(None, Some(7));
    let before = plain.mbuf.as_slice().to_vec();
    assert!(!plain.mbuf.restore_tags());
    assert_eq!(plain.mbuf.as_slice(), before);
    let mut runt = Plain::holding(b"short");
    runt.strip(None, Some(7));
    assert!(!runt.mbuf.restore_tags());
    assert_eq!(runt.mbuf.as_slice(), b"short");
}
