//! One conversation: a handshake, what both ends say cut into segments, an end or none.

use super::text;
use crate::{Ends, Family, Random, Tcp};
use std::collections::VecDeque;

const SEGMENT_BYTES_MAX: u64 = 1400;

/// A connection that goes its way whatever becomes of its segments.
#[derive(Debug)]
pub(super) struct Talk {
    pub(super) ends: Ends,
    isns: [u32; 2],
    /// Bytes said so far, of the client and of the server.
    said: [u32; 2],
    segments: VecDeque<(bool, Tcp)>,
    turns_left: u64,
}

/// Addresses, ports and tags belong to the client's port.
pub(super) const fn ends_of(port: u16) -> Ends {
    let family = if port.is_multiple_of(3) { Family::V6 } else { Family::V4 };
    let server_port = match port % 16 {
        0 => 22,
        1 => 443,
        2..6 => 8080,
        _ => 80,
    };
    Ends::new(family, port, server_port)
}

pub(super) const fn tags_of(port: u16) -> &'static [(u16, u16)] {
    match port % 32 {
        7 => &[(0x8100, 7)],
        8 => &[(0x88a8, 8), (0x8100, 9)],
        _ => &[],
    }
}

impl Talk {
    pub(super) fn new(port: u16, random: &mut Random) -> Self {
        let isns = [random.next_u64() as u32, random.next_u64() as u32];
        let mut talk =
            Self { ends: ends_of(port), isns, said: [0; 2], segments: VecDeque::new(), turns_left: random.below(5) };
        let [client, server] = isns;
        let base = Tcp { window: 65_000, ..Tcp::default() };
        if !random.one_in(50) {
            talk.segments.push_back((true, Tcp { seq: client, syn: true, ..base.clone() }));
        }
        if !random.one_in(50) {
            let ack = Some(client.wrapping_add(1));
            talk.segments.push_back((false, Tcp { seq: server, ack, syn: true, ..base }));
        }
        talk.say(true, &[], random);
        talk
    }

    /// The next segment and whether it is the client's; `None` once the conversation is over.
    pub(super) fn next_segment(&mut self, random: &mut Random) -> Option<(bool, Tcp)> {
        if self.segments.is_empty() && self.turns_left > 0 {
            self.turns_left -= 1;
            self.turn(random);
        }
        self.segments.pop_front()
    }

    fn turn(&mut self, random: &mut Random) {
        let first = self.segments.len();
        let (request, answer) = text::exchange(random);
        self.say(true, &request, random);
        self.say(false, &answer, random);
        self.say(true, &[], random);
        // On their way: lost, overtaken, or said again in other words.
        match random.below(12) {
            0 => {
                // It comes once everything behind it is there; now and then it does not.
                let lost = random.below(self.segments.len() as u64) as usize;
                let segment = self.segments.remove(lost);
                self.segments.extend(segment.filter(|_| !random.one_in(10)));
            }
            1 => {
                let count = (self.segments.len() - first) as u64;
                let (one, two) = (first + random.below(count) as usize, first + random.below(count) as usize);
                self.segments.swap(one, two);
            }
            2 => {
                let mut again = self.segments[first].clone();
                if let Some(byte) = again.1.payload.last_mut() {
                    *byte ^= 1;
                }
                again.1.seq = again.1.seq.wrapping_sub(random.below(3) as u32);
                self.segments.push_back(again);
            }
            _ => {}
        }
        if self.turns_left == 0 {
            self.end(random);
        }
    }

    /// Bytes of one end in segments of any length; a bare acknowledgement if there are none.
    fn say(&mut self, is_client: bool, bytes: &[u8], random: &mut Random) {
        let mut rest = bytes;
        loop {
            let longest = if random.one_in(4) { 40 } else { SEGMENT_BYTES_MAX };
            let (payload, behind) = rest.split_at(rest.len().min(1 + random.below(longest) as usize));
            let segment = self.segment(is_client, payload);
            self.said[usize::from(!is_client)] += payload.len() as u32;
            self.segments.push_back((is_client, segment));
            rest = behind;
            if rest.is_empty() {
                return;
            }
        }
    }

    /// A segment that goes on where its end stopped.
    fn segment(&self, is_client: bool, payload: &[u8]) -> Tcp {
        let (own, other) = if is_client { (0, 1) } else { (1, 0) };
        Tcp {
            seq: self.isns[own].wrapping_add(1).wrapping_add(self.said[own]),
            ack: Some(self.isns[other].wrapping_add(1).wrapping_add(self.said[other])),
            window: 65_000,
            payload: payload.to_vec(),
            ..Tcp::default()
        }
    }

    fn end(&mut self, random: &mut Random) {
        match random.below(8) {
            // Nobody says goodbye.
            0 => {}
            1 => self.segments.push_back((true, Tcp { rst: true, ..self.segment(true, &[]) })),
            2 => self.segments.push_back((false, Tcp { rst: true, ..self.segment(false, &[]) })),
            3 => self.segments.push_back((true, Tcp { fin: true, ..self.segment(true, &[]) })),
            _ => {
                for is_client in [true, false] {
                    let fin = Tcp { fin: true, ..self.segment(is_client, &[]) };
                    self.segments.push_back((is_client, fin));
                    self.said[usize::from(!is_client)] += 1;
                }
                self.say(true, &[], random);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::framed;
    use super::*;
    use crate::parse_tcp;

    #[test]
    fn frames_of_a_conversation_are_good_ones() {
        let mut random = Random::new(9);
        for port in 20_000..20_200 {
            let mut talk = Talk::new(port, &mut random);
            while let Some((is_client, segment)) = talk.next_segment(&mut random) {
                assert_eq!(parse_tcp(&framed(&talk.ends, is_client, &segment)), Some(segment));
            }
        }
    }
}
