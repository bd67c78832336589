//! The TCP options that endpoints speak: MSS, window scale, SACK and timestamps.

use super::arrival::Arrival;
use arrayvec::ArrayVec;
use net::frame::Version;
use net::tcp::Seq;

const END: u8 = 0;
const NOP: u8 = 1;
const MSS: u8 = 2;
const WINDOW_SCALE: u8 = 3;
const SACK_PERMITTED: u8 = 4;
const SACK: u8 = 5;
const TIMESTAMPS: u8 = 8;

/// The most bytes of options that a TCP header has room for.
pub(super) const OPTION_BYTES_MAX: usize = 40;
/// Bytes of the timestamps option with its padding.
pub(super) const TIMESTAMPS_BYTES: usize = 12;
/// Blocks of a SACK option: four fit without timestamps, three with them.
pub(super) const SACK_BLOCK_COUNT_MAX: usize = 4;
/// What an end that announces no MSS takes (RFC 9293 section 3.7.1).
const MSS_DEFAULT_V4: u16 = 536;
const MSS_DEFAULT_V6: u16 = 1220;
/// No segment is made smaller than this: a peer that asks for less would cost more headers than bytes.
const MSS_MIN: u16 = 64;

/// Options of a header, encoded.
pub(super) type Encoded = ArrayVec<u8, OPTION_BYTES_MAX>;
/// Ranges of sequence numbers.
pub(super) type Blocks = ArrayVec<(Seq, Seq), SACK_BLOCK_COUNT_MAX>;

/// What a SYN offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The largest payload its sender takes.
    pub mss: u16,
    /// Shift of its window, where it scales.
    pub window_scale: Option<u8>,
    /// Selective acknowledgements.
    pub sack: bool,
    /// Timestamps.
    pub timestamps: bool,
}

impl Offer {
    /// What the SYN or SYN-ACK of `arrival` offers.
    #[must_use]
    pub fn of(arrival: &Arrival<'_>) -> Self {
        let mut offer = Self {
            mss: if arrival.datagram.version == Version::V4 { MSS_DEFAULT_V4 } else { MSS_DEFAULT_V6 },
            window_scale: arrival.segment.options.window_scale,
            sack: false,
            timestamps: arrival.segment.options.timestamps.is_some(),
        };
        for_each(arrival.options(), |kind, body| match (kind, body) {
            (MSS, [high, low]) => offer.mss = u16::from_be_bytes([*high, *low]).max(MSS_MIN),
            (SACK_PERMITTED, []) => offer.sack = true,
            _ => {}
        });
        offer
    }
}

/// The SACK blocks among `options`, as they stand.
pub(super) fn sack_blocks(options: &[u8]) -> Blocks {
    let mut blocks = Blocks::new();
    // What nearly every segment carries has none.
    if options.len() <= TIMESTAMPS_BYTES && !options.contains(&SACK) {
        return blocks;
    }
    for_each(options, |kind, body| {
        if kind == SACK {
            for edges in body.as_chunks::<8>().0 {
                let [a, b, c, d, e, f, g, h] = *edges;
                let block = (Seq(u32::from_be_bytes([a, b, c, d])), Seq(u32::from_be_bytes([e, f, g, h])));
                let _ = blocks.try_push(block);
            }
        }
    });
    blocks
}

fn for_each(options: &[u8], mut read: impl FnMut(u8, &[u8])) {
    let mut rest = options;
    loop {
        rest = match rest {
            [] | [END, ..] | [_] => return,
            [NOP, tail @ ..] => tail,
            [kind, length, ..] => {
                let Some(body) = rest.get(2..usize::from(*length)) else { return };
                read(*kind, body);
                rest.get(usize::from(*length)..).unwrap_or_default()
            }
        }
    }
}

/// Options of a SYN or SYN-ACK with this offer.
pub(super) fn of_syn(offer: &Offer, timestamps: Option<(u32, u32)>) -> Encoded {
    let [high, low] = offer.mss.to_be_bytes();
    let mut encoded = Encoded::from_iter([MSS, 4, high, low]);
    if offer.sack {
        encoded.extend([NOP, NOP, SACK_PERMITTED, 2]);
    }
    if let Some(shift) = offer.window_scale {
        encoded.extend([NOP, WINDOW_SCALE, 3, shift]);
    }
    push_timestamps(&mut encoded, timestamps);
    encoded
}

/// Options of any other segment: as many blocks as fit.
pub(super) fn of_segment(timestamps: Option<(u32, u32)>, blocks: &[(Seq, Seq)]) -> Encoded {
    let mut encoded = Encoded::new();
    push_timestamps(&mut encoded, timestamps);
    let count = blocks.len().min((OPTION_BYTES_MAX - encoded.len() - 4) / 8);
    if count > 0 {
        #[expect(clippy::cast_possible_truncation, reason = "at most four blocks")]
        encoded.extend([NOP, NOP, SACK, 2 + 8 * count as u8]);
        for (start, end) in blocks.iter().take(count) {
            encoded.extend(start.0.to_be_bytes());
            encoded.extend(end.0.to_be_bytes());
        }
    }
    encoded
}

fn push_timestamps(encoded: &mut Encoded, timestamps: Option<(u32, u32)>) {
    if let Some((value, echo)) = timestamps {
        encoded.extend([NOP, NOP, TIMESTAMPS, 10]);
        encoded.extend(value.to_be_bytes());
        encoded.extend(echo.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn blocks_come_back_as_they_were_written(
            edges in prop::collection::vec((any::<u32>(), any::<u32>()), 0..6), stamps in any::<Option<(u32, u32)>>(),
        ) {
            let blocks: Vec<(Seq, Seq)> = edges.into_iter().map(|(a, b)| (Seq(a), Seq(b))).collect();
            let encoded = of_segment(stamps, &blocks);
            prop_assert_eq!(encoded.len() % 4, 0);
            let fit = blocks.len().min(if stamps.is_some() { 3 } else { 4 });
            prop_assert_eq!(&sack_blocks(&encoded)[..], &blocks[..fit]);
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert!(sack_blocks(&bytes).len() <= SACK_BLOCK_COUNT_MAX);
        }
    }
}
