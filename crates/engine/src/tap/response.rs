//! What the server answers.

use super::field::{read_answer, read_fields};
use super::stops::Unit;
use super::{Tap, reason_of};
use crate::body::{BodyKind, Sink};
use crate::exchange::Engine;
use crate::{Event, Head, Pipeline, UnitId};
use decode::Input;
use decode::content_type::{Charset, ContentType};
use decode::http1::{self, FieldName, ResponseHead};
use net::{Direction, Timestamp};
use policy::Reason;

/// Status of an answer that changes the protocol of the connection.
const SWITCHING_PROTOCOLS: u16 = 101;

impl<P: Pipeline + Default> Tap<P> {
    pub(super) fn handle_response(&mut self, engine: &mut Engine<P>, now: Timestamp, bytes: &[u8]) {
        let at = self.downstream.receive(bytes.len());
        let mut input = Input::new(at, bytes);
        loop {
            self.expect_next();
            let step = match self.responses.next(&mut input) {
                Ok(Some(event)) => self.response_event(engine, now, event, input.at()),
                Ok(None) => break,
                Err(error) => {
                    if self.open.iter().all(|open| open.is_answered()) {
                        self.complete(engine, now);
                    }
                    Err(reason_of(error))
                }
            };
            if let Err(reason) = step {
                self.fail(engine, now, Direction::Downstream, reason);
                return;
            }
        }
        self.downstream.set_section(self.responses.unfinished_section());
    }

    pub(super) fn handle_response_eof(&mut self, engine: &mut Engine<P>, now: Timestamp) {
        let step = match self.responses.handle_eof() {
            Ok(Some(event)) => {
                let at = self.downstream.received();
                self.response_event(engine, now, event, at)
            }
            Ok(None) => Ok(()),
            // A truncated answer stays one: the client sees the same end, and what could have become a match is none.
            Err(_) => {
                self.downstream.set_unread(None);
                self.settle_end(engine);
                Ok(())
            }
        };
        match (step, &mut self.terminated) {
            (Ok(()), Some(terminated)) => terminated.stops.end(),
            (Ok(()), None) => {}
            (Err(reason), _) => self.fail(engine, now, Direction::Downstream, reason),
        }
    }

    /// Tells the decoder to which request the next answer belongs.
    fn expect_next(&mut self) {
        if !self.responses.is_idle() || self.responses.is_expecting() {
            return;
        }
        if let Some(open) = self.open.iter().find(|open| !open.is_answered()) {
            self.responses.expect(open.method);
        }
    }

    fn response_event(
        &mut self,
        engine: &mut Engine<P>,
        now: Timestamp,
        event: http1::Event<'_>,
        at: u64,
    ) -> Result<(), Reason> {
        let Some(open) = self.open.iter_mut().find(|open| !open.is_answered()) else {
            return Err(Reason::ProtocolSwitch);
        };
        let is_read = open.exchange.policy().reads_responses();
        let lane = &mut self.downstream;
        if event == http1::Event::Head {
            lane.set_unread(None);
        }
        let mut sink = Sink {
            engine,
            exchange: &mut open.exchange,
            map: &mut lane.map,
            now,
            direction: Direction::Downstream,
            is_read,
        };
        if !matches!(event, http1::Event::ChunkExtension { .. })
            && let Some(extension) = lane.extension.take()
        {
            sink.event(Event::Aside(&extension));
            lane.extension.keep(extension);
        }
        match event {
            http1::Event::Head => {
                let Some(head) = self.responses.head() else { return Err(Reason::PipelineFailed) };
                sink.exchange.set_read(Direction::Downstream, is_read);
                if head.status() == SWITCHING_PROTOCOLS {
                    return Err(Reason::ProtocolSwitch);
                }
                read_answer(&head, &mut self.scratch, &mut sink);
                if head.is_interim() {
                    if let Some(terminated) = &mut self.terminated {
                        terminated.note_interim(&head);
                    }
                    sink.exchange.note_bytes(Direction::Downstream, head.end() - lane.message_start);
                    lane.message_start = head.end();
                    return Ok(());
                }
                let [_, start] = &mut open.starts;
                *start = head.start();
                let is_lines = sink.exchange.is_streamed_in_lines();
                let is_stream = sink.exchange.is_streamed();
                sink.event(Event::Head(&Head::Answer { status: head.status() }));
                let kind = body_of(&head, is_read, is_lines)?;
                lane.body.begin_answer(kind, is_stream, sink.exchange.is_model_call());
                if let Some(terminated) = &mut self.terminated {
                    let unit = Unit::of(kind).filter(|_| is_read);
                    terminated.stops.begin(unit, head.end(), self.responses.body_rest());
                }
            }
            http1::Event::Body { at, bytes } => {
                if let Some(terminated) = &mut self.terminated {
                    terminated.stops.read(at, bytes, self.responses.body_rest());
                }
                let unread = match lane.body.read(at, bytes, &mut sink) {
                    Ok(unread) => unread,
                    Err(reason) if is_read => return Err(reason),
                    // Nobody reads it, and what was hoped for of it is not there.
                    Err(_) => {
                        lane.body.begin_answer(BodyKind::Text, false, false);
                        None
                    }
                };
                lane.set_unread(unread.filter(|_| is_read));
            }
            http1::Event::ChunkExtension { at, bytes } => lane.extension.push(at, bytes),
            http1::Event::Trailers => {
                lane.body.finish(&mut sink)?;
                read_fields(self.responses.trailers(), &mut self.scratch, &mut sink);
            }
            http1::Event::End => {
                lane.body.finish(&mut sink)?;
                sink.event(Event::UnitEnd(UnitId(0)));
                if let Some(reason) = open.exchange.blocked() {
                    return Err(reason);
                }
                open.exchange.note_bytes(Direction::Downstream, at - lane.message_start);
                lane.message_start = at;
                lane.set_unread(None);
                if let Some(terminated) = &mut self.terminated {
                    terminated.stops.end();
                }
                open.answer_end = Some(at);
                if open.is_sent {
                    open.exchange.handle(engine, now, Direction::Downstream, Event::End);
                }
            }
        }
        match open.exchange.blocked() {
            Some(reason) => Err(reason),
            None => Ok(()),
        }
    }
}

/// How the body of an answer is to be read.
///
/// Of ISO-8859-1, in which servers write their error pages, what is ASCII is read.
/// One that is to be read and is compressed is a block. One that nobody reads is still followed for
/// the provider's token counts, where they can be read.
fn body_of(head: &ResponseHead<'_>, is_read: bool, is_lines: bool) -> Result<BodyKind, Reason> {
    let fields = head.fields();
    if fields.known(FieldName::ContentEncoding).any(|field| !field.value.eq_ignore_ascii_case(b"identity")) {
        return if is_read { Err(Reason::ContentEncoding) } else { Ok(BodyKind::Text) };
    }
    let named = fields.known(FieldName::ContentType).next().filter(|field| !field.value.is_empty());
    let content_type = match named.map(|field| ContentType::parse(field.value)) {
        None => return Ok(BodyKind::of(None)),
        Some(Ok(content_type)) => content_type,
        Some(Err(_)) if is_read => return Err(Reason::HttpSyntax),
        Some(Err(_)) => return Ok(BodyKind::Text),
    };
    if is_read && content_type.charset() == Charset::Other {
        return Err(Reason::Charset);
    }
    let kind = BodyKind::of(Some(&content_type));
    // Ollama streams lines of JSON under this name, whatever its request asked for.
    Ok(if kind == BodyKind::Json && is_lines { BodyKind::JsonLines } else { kind })
}
