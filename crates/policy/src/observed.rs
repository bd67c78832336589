//! At which addresses protected names were seen.

use crate::ServerName;
use core::net::IpAddr;
use core::time::Duration;
use std::collections::{BTreeMap, HashMap};

/// Addresses that are remembered: a busy network meets a few thousand of all providers together,
/// and each takes about 200 bytes.
const ADDRESS_COUNT_MAX: usize = 16_384;

/// How long an address counts after it was last seen: clouds hand addresses on.
const ADDRESS_TIME_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// The addresses of servers that proved, by a certificate that was verified, to be what a
/// protected name stands for.
///
/// A forwarded name must not lead to one of them: a client that writes another name into its
/// ClientHello would pass by inspection. What is full forgets the address that was seen longest
/// ago. Whose table it is, one worker's or all of theirs, is the host's affair; time is given as the
/// time since any moment that stays the same.
#[derive(Debug, Default)]
pub struct ObservedAddresses {
    by_address: HashMap<IpAddr, Observed>,
    /// Addresses by the turn in which they were last seen.
    by_turn: BTreeMap<u64, IpAddr>,
    turn: u64,
}

#[derive(Debug)]
struct Observed {
    name: ServerName,
    at: Duration,
    turn: u64,
}

impl ObservedAddresses {
    /// None seen yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A server at `address` proved to be `name`.
    pub fn insert(&mut self, address: IpAddr, name: &ServerName, now: Duration) {
        self.turn += 1;
        let seen = Observed { name: name.clone(), at: now, turn: self.turn };
        let address = address.to_canonical();
        if let Some(before) = self.by_address.insert(address, seen) {
            self.by_turn.remove(&before.turn);
        }
        self.by_turn.insert(self.turn, address);
        if self.by_turn.len() > ADDRESS_COUNT_MAX
            && let Some((_, oldest)) = self.by_turn.pop_first()
        {
            self.by_address.remove(&oldest);
        }
    }

    /// The name that a server at `address` last proved to be, if that is not too long ago.
    #[must_use]
    pub fn name_at(&self, address: IpAddr, now: Duration) -> Option<&ServerName> {
        let seen = self.by_address.get(&address.to_canonical())?;
        (now.saturating_sub(seen.at) <= ADDRESS_TIME_MAX).then_some(&seen.name)
    }

    /// How many addresses are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_address.len()
    }

    /// True if none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_address.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Duration = Duration::from_secs(1_000_000);

    fn name(text: &str) -> ServerName {
        ServerName::try_from(text).unwrap()
    }

    fn address(number: u32) -> IpAddr {
        IpAddr::from(number.to_be_bytes())
    }

    #[test]
    fn the_newest_name_of_an_address_counts_until_its_time_is_over() {
        let mut observed = ObservedAddresses::new();
        observed.insert(address(1), &name("api.openai.com"), NOW);
        observed.insert(address(1), &name("api.anthropic.com"), NOW);
        assert_eq!(observed.len(), 1);
        assert_eq!(observed.name_at(address(1), NOW + ADDRESS_TIME_MAX), Some(&name("api.anthropic.com")));
        assert_eq!(observed.name_at(address(1), NOW + ADDRESS_TIME_MAX + Duration::from_nanos(1)), None);
        assert_eq!(observed.name_at(address(2), NOW), None);
    }

    #[test]
    fn an_address_of_ipv4_is_the_same_written_as_ipv6() {
        let mut observed = ObservedAddresses::new();
        observed.insert("::ffff:192.0.2.1".parse().unwrap(), &name("api.openai.com"), NOW);
        assert!(observed.name_at("192.0.2.1".parse().unwrap(), NOW).is_some());
    }

    #[test]
    fn what_is_full_forgets_the_address_seen_longest_ago() {
        let mut observed = ObservedAddresses::new();
        let api = name("api.openai.com");
        let full = u32::try_from(ADDRESS_COUNT_MAX).unwrap();
        (0..full).for_each(|number| observed.insert(address(number), &api, NOW));
        observed.insert(address(0), &api, NOW);
        observed.insert(address(full), &api, NOW);
        assert_eq!(observed.len(), ADDRESS_COUNT_MAX);
        assert!(observed.name_at(address(0), NOW).is_some(), "seen again");
        assert!(observed.name_at(address(1), NOW).is_none(), "seen longest ago");
        assert!(observed.name_at(address(full), NOW).is_some());
    }

    proptest! {
        #[test]
        fn both_indices_hold_the_same_addresses(numbers in prop::collection::vec(0u32..20, 0..100)) {
            let mut observed = ObservedAddresses::new();
            for number in &numbers {
                observed.insert(address(*number), &name("api.openai.com"), NOW);
            }
            prop_assert_eq!(observed.by_turn.len(), observed.by_address.len());
            for (turn, address) in &observed.by_turn {
                prop_assert_eq!(observed.by_address[address].turn, *turn);
            }
        }
    }
}
