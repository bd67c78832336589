//! The flow table: open addressing over a slab, all memory taken at start.

use super::FlowKey;
use crate::device::BURST_SIZE;
use core::hash::BuildHasher;
use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;

/// Slots a look-up may visit. At a load of one half, linear probing exceeds this only under a
/// deliberate collision attack; then the insertion fails, which is a block.
const PROBE_MAX: usize = 128;
const EMPTY: u32 = u32::MAX;
/// Slots that are used as long as they are enough: 256 KiB, which stay in a second cache. Once half of them are
/// taken, all are used: one pause of a good half of a millisecond in a table's life.
const FEW_SLOTS: usize = 1 << 15;

/// A flow's place in the table: valid until the flow is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FlowId(u32);

impl FlowId {
    /// The place as an index below the table's capacity.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    pub(super) const fn number(self) -> u32 {
        self.0
    }

    pub(super) const fn from_index(index: u32) -> Self {
        Self(index)
    }
}

/// No place for another flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the flow table is full")]
pub struct TableFull;

#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u32,
    entry: u32,
}

/// The key and the first 24 bytes of the value lie in one cache line.
#[derive(Debug)]
#[repr(C, align(64))]
struct Entry<T> {
    key: FlowKey,
    value: T,
}

/// Flows by key, at most a fixed number of them.
///
/// Removal shifts the cluster back instead of leaving tombstones, so a long-lived table never needs
/// a rehash and no look-up slows down with age.
#[derive(Debug)]
pub struct FlowTable<T> {
    slots: Box<[Slot]>,
    entries: Box<[Option<Entry<T>>]>,
    free: Vec<u32>,
    /// The slots in use, less one.
    mask: usize,
    state: SeedableRandomState,
    changes: u64,
}

impl<T> FlowTable<T> {
    /// A table for at most `flow_count_max` flows; `seed` keeps collisions unpredictable.
    #[must_use]
    pub fn new(flow_count_max: u32, seed: u64) -> Self {
        Self::with_few_slots(flow_count_max, seed, FEW_SLOTS)
    }

    fn with_few_slots(flow_count_max: u32, seed: u64, few_slots: usize) -> Self {
        let capacity = flow_count_max.min(u32::MAX / 4);
        let slot_count = (capacity as usize * 2).next_power_of_two().max(PROBE_MAX * 2);
        Self {
            slots: vec![Slot { hash: 0, entry: EMPTY }; slot_count].into_boxed_slice(),
            entries: (0..capacity).map(|_| None).collect(),
            free: (0..capacity).rev().collect(),
            mask: slot_count.min(few_slots) - 1,
            state: SeedableRandomState::with_seed(seed, SharedSeed::global_fixed()),
            changes: 0,
        }
    }

    /// Flows in the table.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    /// True if there is no flow.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The most flows it can hold.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.entries.len()
    }

    /// How often a flow was added or taken out: what was found stays true as long as this does.
    #[must_use]
    #[inline]
    pub const fn changes(&self) -> u64 {
        self.changes
    }

    /// The flow of `key`.
    #[must_use]
    #[inline]
    pub fn find(&self, key: &FlowKey) -> Option<FlowId> {
        self.find_hashed(key, self.hash(key))
    }

    /// The flows of the keys of a burst, each at the place of its key.
    ///
    /// All slots are read before any entry is, and all entries before any key is compared: these reads
    /// do not depend on each other, so the processor waits for memory twice a burst, not twice a key.
    pub fn find_burst(&self, keys: &[Option<FlowKey>], found: &mut Vec<Option<FlowId>>) {
        found.clear();
        for keys in keys.chunks(BURST_SIZE) {
            let mut hashes = [0; BURST_SIZE];
            for (hash, key) in hashes.iter_mut().zip(keys) {
                *hash = key.as_ref().map_or(0, |key| self.hash(key));
            }
            let mut entries = [EMPTY; BURST_SIZE];
            for (entry, hash) in entries.iter_mut().zip(&hashes) {
                // Nearly every key that is there is at home.
                let home = self.slots.get(*hash as usize & self.mask).filter(|slot| slot.hash == *hash);
                *entry = home.map_or(EMPTY, |slot| slot.entry);
            }
            let is_there = |entry: &&u32| self.key_of(**entry).is_some();
            core::hint::black_box(entries.iter().filter(is_there).count());
            let find = |((key, hash), entry): ((&Option<FlowKey>, &u32), &u32)| {
                let key = key.as_ref()?;
                if self.key_of(*entry) == Some(key) { Some(FlowId(*entry)) } else { self.find_hashed(key, *hash) }
            };
            found.extend(keys.iter().zip(&hashes).zip(&entries).map(find));
        }
    }

    #[inline]
    fn find_hashed(&self, key: &FlowKey, hash: u32) -> Option<FlowId> {
        let mut at = hash as usize & self.mask;
        for _ in 0..PROBE_MAX {
            let slot = self.slots.get(at)?;
            if slot.entry == EMPTY {
                return None;
            }
            if slot.hash == hash && self.key_of(slot.entry) == Some(key) {
                return Some(FlowId(slot.entry));
            }
            at = (at + 1) & self.mask;
        }
        None
    }

    /// Adds a flow; the caller has looked that `key` is not there yet.
    ///
    /// # Errors
    /// [`TableFull`] if all places are taken, or too many keys collide.
    pub fn insert(&mut self, key: FlowKey, value: T) -> Result<FlowId, TableFull> {
        debug_assert!(self.find(&key).is_none(), "a key is inserted once");
        if self.len() > self.mask / 2 && self.mask + 1 < self.slots.len() {
            self.use_all_slots();
        }
        let hash = self.hash(&key);
        let entry = *self.free.last().ok_or(TableFull)?;
        self.take_slot(Slot { hash, entry })?;
        self.free.pop();
        self.changes += 1;
        if let Some(place) = self.entries.get_mut(entry as usize) {
            *place = Some(Entry { key, value });
        }
        Ok(FlowId(entry))
    }

    /// Puts a slot into the first empty place from its home on.
    fn take_slot(&mut self, slot: Slot) -> Result<(), TableFull> {
        let at = (0..PROBE_MAX)
            .map(|step| (slot.hash as usize + step) & self.mask)
            .find(|at| self.slots.get(*at).is_some_and(|slot| slot.entry == EMPTY))
            .ok_or(TableFull)?;
        if let Some(place) = self.slots.get_mut(at) {
            *place = slot;
        }
        Ok(())
    }

    /// Spreads the flows over all slots.
    fn use_all_slots(&mut self) {
        self.mask = self.slots.len() - 1;
        self.slots.fill(Slot { hash: 0, entry: EMPTY });
        for entry in 0..u32::try_from(self.entries.len()).unwrap_or(EMPTY) {
            if let Some(hash) = self.key_of(entry).map(|key| self.hash(key)) {
                // At most a quarter of the slots is taken: there is a place.
                let placed = self.take_slot(Slot { hash, entry });
                debug_assert!(placed.is_ok(), "a flow without a slot is found by nobody, and times out");
            }
        }
    }

    /// Takes a flow out.
    pub fn remove(&mut self, id: FlowId) -> Option<T> {
        let entry = self.entries.get_mut(id.index())?.take()?;
        self.changes += 1;
        let hash = self.hash(&entry.key);
        let at = (0..PROBE_MAX)
            .map(|step| (hash as usize + step) & self.mask)
            .find(|at| self.slots.get(*at).is_some_and(|slot| slot.entry == id.0));
        if let Some(at) = at {
            self.close_gap(at);
        }
        self.free.push(id.0);
        Some(entry.value)
    }

    /// The key of a flow.
    #[must_use]
    pub fn key(&self, id: FlowId) -> Option<&FlowKey> {
        self.key_of(id.0)
    }

    /// A flow's value.
    #[must_use]
    #[inline]
    pub fn get(&self, id: FlowId) -> Option<&T> {
        self.entries.get(id.index())?.as_ref().map(|entry| &entry.value)
    }

    /// A flow's value, to be changed.
    #[must_use]
    #[inline]
    pub fn get_mut(&mut self, id: FlowId) -> Option<&mut T> {
        self.entries.get_mut(id.index())?.as_mut().map(|entry| &mut entry.value)
    }

    /// All flows, in no order.
    pub fn ids(&self) -> impl Iterator<Item = FlowId> + '_ {
        (0u32..).zip(self.entries.iter()).filter(|(_, entry)| entry.is_some()).map(|(index, _)| FlowId(index))
    }

    fn key_of(&self, entry: u32) -> Option<&FlowKey> {
        self.entries.get(entry as usize)?.as_ref().map(|entry| &entry.key)
    }

    #[inline]
    fn hash(&self, key: &FlowKey) -> u32 {
        let hash = self.state.hash_one(key);
        #[expect(clippy::cast_possible_truncation, reason = "the halves are folded into 32 bits")]
        {
            (hash ^ (hash >> 32)) as u32
        }
    }

    /// Moves the members of the cluster behind `gap` that may stand earlier (Knuth 6.4, R).
    fn close_gap(&mut self, mut gap: usize) {
        let mut at = gap;
        loop {
            at = (at + 1) & self.mask;
            let Some(slot) = self.slots.get(at).copied() else { return };
            let home = slot.hash as usize & self.mask;
            let from_home = at.wrapping_sub(home) & self.mask;
            let from_gap = at.wrapping_sub(gap) & self.mask;
            if slot.entry != EMPTY && from_home < from_gap {
                continue;
            }
            if let Some(place) = self.slots.get_mut(gap) {
                *place = slot;
            }
            if slot.entry == EMPTY {
                return;
            }
            gap = at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Side;
    use crate::flow::Tuple;
    use crate::frame::VlanTags;
    use core::net::IpAddr;
    use proptest::prelude::*;
    use std::collections::HashMap;

    fn key(number: u16) -> FlowKey {
        let address: IpAddr = [10, 0, 0, 1].into();
        let tuple = Tuple {
            source: address.into(),
            destination: address.into(),
            source_port: number,
            destination_port: 80,
            protocol: 6,
            vlan: VlanTags::default(),
        };
        FlowKey::new(&tuple, Side::Inside)
    }

    #[test]
    fn a_burst_of_keys_finds_what_each_of_them_does() {
        let mut table = FlowTable::new(100, 7);
        for number in (0..200).step_by(2) {
            table.insert(key(number), ()).unwrap();
        }
        let keys: Vec<_> = (0..210).map(|number| (number % 7 != 3).then(|| key(number))).collect();
        let mut found = vec![None];
        for count in [0, 1, 31, 32, 33, 210] {
            table.find_burst(&keys[..count], &mut found);
            let one_by_one: Vec<_> = keys[..count].iter().map(|key| table.find(key.as_ref()?)).collect();
            assert_eq!(found, one_by_one);
        }
    }

    #[test]
    fn both_directions_of_a_flow_have_one_key() {
        let there = Tuple {
            source: IpAddr::from([10, 0, 0, 1]).into(),
            destination: IpAddr::from([10, 0, 0, 2]).into(),
            source_port: 4000,
            destination_port: 80,
            protocol: 6,
            vlan: VlanTags::default(),
        };
        let back = Tuple {
            source: there.destination,
            destination: there.source,
            source_port: 80,
            destination_port: 4000,
            ..there
        };
        assert_eq!(FlowKey::new(&there, Side::Inside), FlowKey::new(&back, Side::Outside));
        assert_ne!(FlowKey::new(&there, Side::Inside), FlowKey::new(&back, Side::Inside));
    }

    #[test]
    fn a_full_table_refuses_and_takes_again_after_a_removal() {
        let mut table = FlowTable::new(4, 1);
        let ids: Vec<_> = (0..4).map(|number| table.insert(key(number), number).unwrap()).collect();
        assert_eq!(table.insert(key(9), 9), Err(TableFull));
        assert_eq!(table.remove(ids[2]), Some(2));
        assert_eq!(table.remove(ids[2]), None);
        assert!(table.insert(key(9), 9).is_ok());
        assert_eq!(table.len(), table.capacity());
    }

    proptest! {
        #[test]
        fn the_table_behaves_as_a_map(
            steps in proptest::collection::vec((proptest::bool::weighted(0.8), 0u16..500), 1..1500), seed: u64,
        ) {
            // Half of 256 slots are taken before all 1,024 are used.
            let mut table = FlowTable::with_few_slots(400, seed, 256);
            let mut oracle = HashMap::new();
            for (insert, number) in steps {
                let found = table.find(&key(number));
                prop_assert_eq!(found.is_some(), oracle.contains_key(&number));
                match (insert, found) {
                    (true, None) => {
                        let inserted = table.insert(key(number), number);
                        prop_assert_eq!(inserted.is_ok(), oracle.len() < 400);
                        if inserted.is_ok() {
                            oracle.insert(number, ());
                        }
                    }
                    (false, Some(id)) => {
                        prop_assert_eq!(table.remove(id), Some(number));
                        oracle.remove(&number);
                    }
                    _ => {}
                }
                prop_assert_eq!(table.len(), oracle.len());
            }
            for number in oracle.keys() {
                let id = table.find(&key(*number)).unwrap();
                prop_assert_eq!(table.get(id), Some(number));
            }
        }
    }
}
