//! Traffic without end: conversations that are well formed and frames that are not, from a seed.
//!
//! Whatever comes of a seed comes of it again, so a failure is repeated by its seed and the number of
//! frames. Nothing here listens: what a gateway makes of the frames changes none of those behind.

mod noise;
mod spoil;
mod talk;
mod text;

use crate::{Ends, Random, Tcp, tagged, tcp};
use net::Side;
use std::collections::VecDeque;
use talk::{Talk, ends_of, tags_of};

/// Conversations at the same time.
const TALK_COUNT: usize = 64;
/// Client ports; each has its family, server port and tags, so that this many flows are all there are.
const PORT_COUNT: u16 = 4096;
const PORT_MIN: u16 = 20_000;

/// An endless stream of frames.
#[derive(Debug)]
pub struct Traffic {
    random: Random,
    talks: Vec<Talk>,
    next_port: u16,
    /// Frames that came of one and wait for their turn.
    waiting: VecDeque<(Side, Vec<u8>)>,
}

impl Traffic {
    /// The traffic of this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), talks: Vec::new(), next_port: 0, waiting: VecDeque::new() }
    }

    /// The next frame, and where it comes in. It is at least one byte long and fits an Ethernet of 1500
    /// bytes with two tags.
    pub fn next_frame(&mut self) -> (Side, Vec<u8>) {
        loop {
            if let Some(next) = self.waiting.pop_front() {
                return next;
            }
            if self.random.one_in(10) {
                self.waiting.extend(noise::frames(&mut self.random));
            } else {
                self.step();
            }
        }
    }

    /// A bare acknowledgement of every client port, for a gateway that has to look at each flow once more.
    pub fn farewells() -> impl Iterator<Item = (Side, Vec<u8>)> {
        (PORT_MIN..PORT_MIN + PORT_COUNT).map(|port| {
            let segment = Tcp { seq: 1, ack: Some(1), window: 65_000, ..Tcp::default() };
            (Side::Inside, framed(&ends_of(port), true, &segment))
        })
    }

    /// The next segment of some conversation.
    fn step(&mut self) {
        while self.talks.len() < TALK_COUNT {
            self.talks.push(Talk::new(PORT_MIN + self.next_port, &mut self.random));
            self.next_port = (self.next_port + 1) % PORT_COUNT;
        }
        let place = self.random.below(TALK_COUNT as u64) as usize;
        let Some((is_client, segment)) = self.talks[place].next_segment(&mut self.random) else {
            self.talks.swap_remove(place);
            return;
        };
        let ends = self.talks[place].ends;
        let side = if is_client { Side::Inside } else { Side::Outside };
        let frame = framed(&ends, is_client, &segment);
        match self.random.below(8) {
            0 => self.waiting.extend(spoil::spoiled(&frame, &mut self.random).into_iter().map(|frame| (side, frame))),
            1 => self.waiting.extend([(side, frame.clone()), (side, frame)]),
            _ => self.waiting.push_back((side, frame)),
        }
    }
}

/// The frame of a segment, with the tags of its flow.
fn framed(ends: &Ends, is_client: bool, segment: &Tcp) -> Vec<u8> {
    tagged(&tcp(ends, is_client, segment), tags_of(ends.client_port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_traffic_again_and_another_one_other_traffic() {
        let some = |seed| {
            let mut traffic = Traffic::new(seed);
            (0..20_000).map(|_| traffic.next_frame()).collect::<Vec<_>>()
        };
        let first = some(3);
        assert_eq!(first, some(3));
        assert_ne!(first, some(5));
        assert!(first.iter().all(|(_, frame)| (1..=1522).contains(&frame.len())));
        for side in Side::BOTH {
            assert!(first.iter().filter(|(from, _)| *from == side).count() > 4000);
        }
    }
}
