//! What the client sends.

use super::blank::{blanked, may_be_upgraded};
use super::field::{Scratch, read_fields, read_head};
use super::{Open, Output, Tap, Terminated, reason_of};
use crate::body::{Declared, Sink};
use crate::exchange::Engine;
use crate::facts::ClientNames;
use crate::{Event, Head, Mask, Pipeline, UnitId};
use core::str;
use decode::Input;
use decode::content_type::{Charset, ContentType};
use decode::http1::{self, BodyRest, FieldName, Method, RequestHead};
use llm::Call;
use net::{Direction, Timestamp};
use policy::{Keys, Reason};
use std::sync::Arc;

impl<P: Pipeline + Default> Tap<P> {
    /// Returns how many bytes were read: all, unless the tap stops behind each request.
    pub(super) fn handle_request(&mut self, engine: &mut Engine<P>, now: Timestamp, bytes: &[u8]) -> usize {
        let at = self.upstream.receive(bytes.len());
        let mut input = Input::new(at, bytes);
        loop {
            let mut is_last = false;
            let step = match self.requests.next(&mut input) {
                Ok(Some(event)) => {
                    is_last = event == http1::Event::End && self.terminated.is_some();
                    self.request_event(engine, now, event, input.at())
                }
                Ok(None) => break,
                Err(error) => Err(reason_of(error)),
            };
            if let Err(reason) = step {
                match self.requests.body_rest() {
                    Some(BodyRest::Length(left)) => self.upstream.end_message_at(input.at().saturating_add(left)),
                    None if self.requests.is_idle() => self.upstream.end_message_at(input.at()),
                    Some(BodyRest::Chunk(_) | BodyRest::UntilEof) | None => {}
                }
                self.fail(engine, now, Direction::Upstream, reason);
                return bytes.len();
            }
            if is_last {
                break;
            }
        }
        // A head or a trailer section is held until it is complete.
        self.upstream.set_section(self.requests.unfinished_section());
        self.upstream.leave(input.len());
        bytes.len() - input.len()
    }

    pub(super) fn handle_request_eof(&mut self, engine: &mut Engine<P>, now: Timestamp) {
        // A client may close its half between requests; inside one it has given it up.
        if self.requests.handle_eof().is_err() && !self.leave_answered(engine, now) {
            self.fail(engine, now, Direction::Upstream, Reason::Truncated);
        }
    }

    /// Who is answered need not send the rest of its request (RFC 9110 section 10.1.1, RFC 9112 section 9.5): what is there
    /// of it is decided and passes with the FIN. False if it cannot be decided, or is nothing that may pass.
    fn leave_answered(&mut self, engine: &mut Engine<P>, now: Timestamp) -> bool {
        let lane = &mut self.upstream;
        let Some(open) = self.open.back_mut().filter(|open| !open.is_sent && open.is_answered()) else { return false };
        if lane.is_within_token() {
            return false;
        }
        open.exchange.settle_now(engine, Direction::Upstream);
        if open.exchange.blocked().is_some() {
            return false;
        }
        open.exchange.note_bytes(Direction::Upstream, lane.received() - lane.message_start);
        lane.message_start = lane.received();
        open.is_sent = true;
        open.exchange.handle(engine, now, Direction::Downstream, Event::End);
        true
    }

    fn request_event(
        &mut self,
        engine: &mut Engine<P>,
        now: Timestamp,
        event: http1::Event<'_>,
        at: u64,
    ) -> Result<(), Reason> {
        if event == http1::Event::Head {
            return self.request_head(engine, now);
        }
        let Some(open) = self.open.back_mut() else { return Err(Reason::PipelineFailed) };
        let lane = &mut self.upstream;
        let mut sink = Sink {
            engine,
            exchange: &mut open.exchange,
            map: &mut lane.map,
            now,
            direction: Direction::Upstream,
            is_read: true,
        };
        if !matches!(event, http1::Event::ChunkExtension { .. })
            && let Some(extension) = lane.extension.take()
        {
            sink.event(Event::Aside(&extension));
            lane.extension.keep(extension);
        }
        match event {
            http1::Event::Body { at, bytes } => {
                let unread = lane.body.read(at, bytes, &mut sink)?;
                lane.set_unread(unread);
            }
            http1::Event::ChunkExtension { at, bytes } => lane.extension.push(at, bytes),
            http1::Event::Trailers => {
                lane.body.finish(&mut sink)?;
                read_fields(self.requests.trailers(), &mut self.scratch, &mut sink);
            }
            http1::Event::End => {
                lane.body.finish(&mut sink)?;
                sink.event(Event::UnitEnd(UnitId(0)));
                sink.event(Event::End);
                if open.exchange.blocked().is_none() {
                    open.exchange.note_bytes(Direction::Upstream, at - lane.message_start);
                    open.is_sent = true;
                    lane.message_start = at;
                    lane.set_unread(None);
                }
            }
            http1::Event::Head => {}
        }
        if open.is_sent && open.is_answered() {
            open.exchange.handle(engine, now, Direction::Downstream, Event::End);
        }
        open.exchange.blocked().map_or(Ok(()), Err)
    }

    fn request_head(&mut self, engine: &mut Engine<P>, now: Timestamp) -> Result<(), Reason> {
        if self.open.len() >= engine.limits.pipeline_depth_max {
            return Err(Reason::HttpPipeline);
        }
        let Some(head) = self.requests.head() else { return Err(Reason::PipelineFailed) };
        let names = self.names.get_or_insert_with(|| ClientNames::of(self.peers.client.ip()));
        let mut open = Open {
            exchange: engine.open(&self.peers, names, now),
            method: head.method(),
            is_sent: false,
            answer_end: None,
            starts: [head.start(), 0],
            is_parked: [false; 2],
        };
        let lane = &mut self.upstream;
        lane.set_unread(None);
        let mut sink = Sink {
            engine,
            exchange: &mut open.exchange,
            map: &mut lane.map,
            now,
            direction: Direction::Upstream,
            is_read: true,
        };
        let terminated = self.terminated.as_deref();
        let server_name = terminated.and_then(Terminated::server_name);
        describe(&head, server_name, &mut self.scratch, &mut sink);
        let is_meant = terminated.is_none_or(|terminated| terminated.is_meant(&head));
        let body = if is_meant { body_of(&head) } else { Err(Reason::HostMismatch) };
        if let Ok(declared) = body {
            lane.body.begin_request(declared);
        }
        open.exchange.handle(engine, now, Direction::Upstream, Event::UnitStart(UnitId(0)));
        self.outputs.extend(blanked(head.fields()).map(|range| {
            let direction = Direction::Upstream;
            Output::Edit { direction, range, mask: Mask::Blank }
        }));
        self.open.push_back(open);
        self.request_count += 1;
        body.map(|_| ())
    }
}

/// Tells an exchange of its head: what it is, and everything that stands in it.
/// A connection's own server name goes over what the request calls it.
fn describe<P: Pipeline>(
    head: &RequestHead<'_>,
    server_name: Option<&str>,
    scratch: &mut Scratch,
    sink: &mut Sink<'_, P>,
) {
    let target = head.target();
    let host = head.fields().known(FieldName::Host).next().map_or(&[][..], |field| field.value);
    let host = server_name.unwrap_or_else(|| str::from_utf8(host).unwrap_or_default());
    let path = target.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default();
    let path = str::from_utf8(path).unwrap_or_default();
    let policy = Arc::clone(sink.exchange.policy());
    let host_name = without_port(host);
    let named = policy.provider_of_host(host_name);
    let call = Call::of(host_name, path, named.map(|named| named.label));
    let keys = named.map(|named| named.keys).or_else(|| call.provider.map(Keys::of));
    sink.exchange.set_recipient(call.provider.zip(keys));
    let leaves = read_head(head, keys, scratch, sink);
    let head = Head::Request { method: head.method().as_str(), path, host, call, leaves };
    sink.event(Event::Head(&head));
}

fn without_port(host: &str) -> &str {
    let is_port = |port: &str| port.bytes().all(|digit| digit.is_ascii_digit());
    host.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(host, |(host, _)| host)
}

/// What the body is said to be.
fn body_of(head: &RequestHead<'_>) -> Result<Declared, Reason> {
    let fields = head.fields();
    if matches!(head.method(), Method::Connect | Method::Trace) || !may_be_upgraded(fields) {
        return Err(Reason::HttpTunnel);
    }
    if fields.known(FieldName::ContentEncoding).any(|field| !field.value.eq_ignore_ascii_case(b"identity")) {
        return Err(Reason::ContentEncoding);
    }
    let mut types = fields.known(FieldName::ContentType);
    let (first, more) = (types.next(), types.next());
    if more.is_some() {
        return Err(Reason::HttpSyntax);
    }
    let Some(field) = first else { return Ok(Declared::of(None)) };
    let content_type = ContentType::parse(field.value).map_err(|_| Reason::HttpSyntax)?;
    if matches!(content_type.charset(), Charset::Latin1 | Charset::Other) {
        return Err(Reason::Charset);
    }
    Ok(Declared::of(Some(&content_type)))
}
