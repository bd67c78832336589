//! The stages of the worker's way, each alone over the same frames.

use crate::{thread_seconds, warm_frames};
use core::hint::black_box;
use core::time::Duration;
use decode::http1::{Event, RequestDecoder, ResponseDecoder};
use decode::json::Tokenizer;
use decode::{Input, http1::Method};
use net::flow::{FlowId, FlowKey, FlowTable, TimerWheel, Tuple};
use net::fragment::Meta;
use net::frame::{Datagram, Frame, Network};
use net::heap::HeapPool;
use net::tcp::{Accepted, Arrival, Chunks, Connection, Flags, Inserted, Segment, transport_checksum_is_valid};
use net::{Direction, Side, Timestamp};
use std::collections::HashMap;

type Frames = [(Side, Vec<u8>)];

/// Runs `step` over the frames and measures those behind the warm-up.
fn timed(frames: &Frames, mut step: impl FnMut(usize)) -> f64 {
    let warm = warm_frames(frames);
    (0..warm).for_each(&mut step);
    let start = thread_seconds();
    (warm..frames.len()).for_each(&mut step);
    thread_seconds() - start
}

fn parsed(frame: &[u8]) -> (Datagram, Segment) {
    let Ok(Frame { network: Network::Ip(datagram), .. }) = Frame::parse(frame) else { panic!("a TCP frame") };
    let segment = Segment::parse(frame, &datagram).unwrap();
    (datagram, segment)
}

/// Headers and checksums.
pub(crate) fn parse(frames: &Frames) -> f64 {
    timed(frames, |at| {
        let frame = &frames[at].1;
        let (datagram, segment) = parsed(frame);
        black_box((transport_checksum_is_valid(frame, &datagram), segment));
    })
}

/// The flow of each frame, and its timer.
pub(crate) fn flow(frames: &Frames) -> f64 {
    let keys: Vec<(Tuple, Side)> = frames
        .iter()
        .map(|(side, frame)| {
            let (datagram, segment) = parsed(frame);
            let tuple = Tuple {
                source: datagram.source,
                destination: datagram.destination,
                source_port: segment.source_port,
                destination_port: segment.destination_port,
                protocol: datagram.protocol,
                vlan: net::frame::VlanTags::default(),
            };
            (tuple, *side)
        })
        .collect();
    let now = Timestamp::from_nanos(1);
    let mut table = FlowTable::<u64>::new(1024, 7);
    let mut timers = TimerWheel::new(table.capacity(), now);
    timed(frames, |at| {
        let (tuple, side) = &keys[at];
        let key = FlowKey::new(tuple, *side);
        let id: FlowId = table.find(&key).unwrap_or_else(|| table.insert(key, 0).unwrap());
        timers.set(id, now.after(Duration::from_secs(7500)));
        black_box((id, &table));
    })
}

/// Connections and streams, everything released at once.
pub(crate) fn reassembly(frames: &Frames) -> f64 {
    let pool = HeapPool::new();
    let mut chunks = Chunks::new(16 << 20);
    let limits = dataplane::Config::default().stream;
    let mut connections = Vec::new();
    let mut numbers = HashMap::new();
    let packets: Vec<_> = frames
        .iter()
        .map(|(side, frame)| {
            let (datagram, segment) = parsed(frame);
            let port = if *side == Side::Inside { segment.source_port } else { segment.destination_port };
            let next = numbers.len();
            let number = *numbers.entry(port).or_insert(next);
            if number == connections.len() {
                connections.push(Connection::open(Direction::Upstream, &segment));
            }
            (datagram, segment, side.direction(), number)
        })
        .collect();
    // Buffers come and go in the other stages, too: what is measured is lent before.
    let mut spares: Vec<_> = frames.iter().map(|_| None).collect();
    let warm = warm_frames(frames);
    let mut step = |at: usize, frame| {
        let (datagram, segment, direction, number) = packets[at];
        let connection = &mut connections[number];
        let Ok(Accepted::Segment(start)) = connection.accept(direction, &segment, &mut chunks) else { return };
        let meta = Meta { received_at: Timestamp::from_nanos(1), pieces: None };
        let stream = connection.stream_mut(direction);
        let inserted = stream.insert(frame, Arrival { datagram, segment, start, meta }, &limits, &chunks);
        if let Inserted::Held(new) = inserted {
            while let Some(released) = stream.release(new.end, &mut chunks, || None) {
                black_box(&released);
            }
        }
    };
    assert!(packets[0].1.flags.any(Flags::SYN));
    let mut spent = 0.0;
    for from in (0..frames.len()).step_by(64) {
        let some = from..frames.len().min(from + 64);
        for at in some.clone() {
            spares[at] = pool.frame(&frames[at].1);
        }
        let start = thread_seconds_fine();
        some.clone().for_each(|at| step(at, spares[at].take().unwrap()));
        if from >= warm {
            spent += thread_seconds_fine() - start;
        }
    }
    spent
}

/// A clock for pieces that are too short for the scheduler's.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn thread_seconds_fine() -> f64 {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}

/// Requests and answers, read without anybody to hand them to.
pub(crate) fn decode(frames: &Frames) -> f64 {
    let mut numbers = HashMap::new();
    let pieces: Vec<_> = frames
        .iter()
        .map(|(side, frame)| {
            let (_, segment) = parsed(frame);
            let port = if *side == Side::Inside { segment.source_port } else { segment.destination_port };
            let next = numbers.len();
            let number = *numbers.entry(port).or_insert(next);
            (number, side.direction(), &frame[segment.payload..segment.end])
        })
        .collect();
    let reader = || (RequestDecoder::new(), ResponseDecoder::new(), Tokenizer::new(), [0u64; 2]);
    let mut readers: Vec<_> = numbers.iter().map(|_| reader()).collect();
    timed(frames, |at| {
        let (number, direction, bytes) = pieces[at];
        let (requests, responses, json, received) = &mut readers[number];
        let received = &mut received[direction.index()];
        let mut input = Input::new(*received, bytes);
        *received += bytes.len() as u64;
        if direction == Direction::Downstream && !bytes.is_empty() {
            responses.expect(Method::Post);
        }
        loop {
            let event = match direction {
                Direction::Upstream => requests.next(&mut input).unwrap(),
                Direction::Downstream => responses.next(&mut input).unwrap(),
            };
            match event {
                Some(Event::Head) => *json = Tokenizer::new(),
                Some(Event::Body { at, bytes }) => {
                    let mut body = Input::new(at, bytes);
                    while let Some(token) = json.next(&mut body).unwrap() {
                        black_box(&token);
                    }
                }
                Some(_) => {}
                None => break,
            }
        }
    })
}
