//! Model calls on kept connections, frame by frame, and a device that plays them.

use crate::{Conversation, Ends, Family, Random, Tcp};
use net::device::{Burst, Device, Received};
use net::heap::{HeapBuffer, HeapPool};
use net::{Side, Timestamp};

/// Length of a chat request's body, about.
pub const CHAT_BODY_BYTES: usize = 2048;
const SEGMENT_BYTES: usize = 1448;

/// A device that plays frames and throws away what it is sent.
#[derive(Debug)]
pub struct Player<'f> {
    frames: &'f [(Side, Vec<u8>)],
    next: usize,
    pool: HeapPool,
    now: Timestamp,
}

impl<'f> Player<'f> {
    /// A device that is about to play these frames, at one point in time.
    #[must_use]
    pub fn new(frames: &'f [(Side, Vec<u8>)], now: Timestamp) -> Self {
        Self { frames, next: 0, pool: HeapPool::new(), now }
    }

    /// Frames played so far.
    #[must_use]
    pub const fn played(&self) -> usize {
        self.next
    }

    /// Frames there are to play.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there is always something to play")]
    pub const fn len(&self) -> usize {
        self.frames.len()
    }

    /// True once all frames were played.
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        self.next >= self.frames.len()
    }
}

impl Device for Player<'_> {
    type Buffer = HeapBuffer;

    fn rx_burst(&mut self, side: Side, burst: &mut Burst<HeapBuffer>) -> Received {
        let start = burst.len();
        while let Some((from, frame)) = self.frames.get(self.next)
            && *from == side
            && !burst.is_full()
        {
            burst.push(self.pool.frame(frame).unwrap());
            self.next += 1;
        }
        Received::of(&burst[start..])
    }

    fn tx_burst(&mut self, _side: Side, burst: &mut Burst<HeapBuffer>) -> usize {
        let count = burst.len();
        burst.clear();
        count
    }

    fn alloc(&mut self) -> Option<HeapBuffer> {
        Some(self.pool.alloc())
    }

    fn alloc_jumbo(&mut self) -> Option<HeapBuffer> {
        Some(self.pool.alloc())
    }

    fn now(&mut self) -> Timestamp {
        self.now
    }

    fn buffers_in_use(&self) -> usize {
        self.pool.in_use()
    }
}

/// In which order the segments of requests come that are sent at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Each sender's segments one behind the other, as they leave it.
    BackToBack,
    /// The first segments of all senders, then the second ones: no burst brings a whole request.
    Interleaved,
}

/// Handshakes of all flows, then request by request of all flows.
#[must_use]
pub fn chats(flow_count: u16, request_count: usize, order: Order) -> Vec<(Side, Vec<u8>)> {
    let mut random = Random::new(1);
    let mut frames = Vec::new();
    let flows: Vec<Conversation> =
        (0..flow_count).map(|number| Conversation::new(Ends::new(Family::V4, 40_000 + number, 80))).collect();
    for flow in &flows {
        frames.push((Side::Inside, flow.syn()));
        frames.push((Side::Outside, flow.syn_ack()));
        frames.push((Side::Inside, flow.client_frame(&flow.from_client(0, b""))));
    }
    let (mut sent, mut got) = (0, 0);
    let answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 53\r\n\r\n{\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":34}}";
    for _ in 0..request_count {
        let request = request(&mut random);
        let answer_end = got + answer.len();
        let parts = request.len().div_ceil(SEGMENT_BYTES);
        let places = |outer: usize, inner: usize| (0..outer).flat_map(move |one| (0..inner).map(move |two| (one, two)));
        let order: Vec<(usize, usize)> = match order {
            Order::BackToBack => places(flows.len(), parts).collect(),
            Order::Interleaved => places(parts, flows.len()).map(|(part, flow)| (flow, part)).collect(),
        };
        for (flow, part) in order {
            let flow = &flows[flow];
            let at = part * SEGMENT_BYTES;
            let end = request.len().min(at + SEGMENT_BYTES);
            let segment = Tcp {
                ack: Some(flow.server_isn.wrapping_add(1 + got as u32)),
                ..flow.from_client((sent + at) as u32, &request[at..end])
            };
            frames.push((Side::Inside, flow.client_frame(&segment)));
        }
        sent += request.len();
        for flow in &flows {
            let segment = Tcp {
                ack: Some(flow.client_isn.wrapping_add(1 + sent as u32)),
                ..flow.from_server(got as u32, answer)
            };
            frames.push((Side::Outside, flow.server_frame(&segment)));
        }
        got = answer_end;
        for flow in &flows {
            let segment =
                Tcp { ack: Some(flow.server_isn.wrapping_add(1 + got as u32)), ..flow.from_client(sent as u32, b"") };
            frames.push((Side::Inside, flow.client_frame(&segment)));
        }
    }
    frames
}

/// A chat request of a few turns of prose.
fn request(random: &mut Random) -> Vec<u8> {
    const WORDS: [&str; 16] = [
        "please",
        "summarise",
        "the",
        "report",
        "from",
        "last",
        "week",
        "and",
        "list",
        "every",
        "open",
        "question",
        "with",
        "its",
        "owner,",
        "thanks.",
    ];
    let mut body = String::from(
        r#"{"model":"gpt-4o","temperature":0.2,"stream":false,"messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":""#,
    );
    while body.len() < CHAT_BODY_BYTES - 8 {
        body.push_str(WORDS[random.below(16) as usize]);
        body.push(' ');
    }
    body.push_str(r#""}]}"#);
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nUser-Agent: OpenAI/Python 1.50.0\r\nAccept: application/json\r\nAccept-Encoding: identity\r\nContent-Type: application/json\r\nAuthorization: Bearer token-of-mine\r\nX-Stainless-Lang: python\r\nConnection: keep-alive\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    (head + &body).into_bytes()
}
