//! From a SYN to plain text: each stage until it has to wait.

use super::flow::{HANDSHAKE_TIME_MAX, Terminated};
use super::stage::{Greeting, Relaying, Sessions, Stage};
use super::tcp::{Endpoint, Memory, Outcome, State};
use crate::context::Context;
use audit::{Interception, TlsVersion};
use engine::{FirstBytes, Relay, first_bytes};
use net::buffer::Buffer;
use net::device::Device;
use net::{Direction, Side};
use policy::{App, Opening, Reason, Ruling, ServerName};
use std::io;
use tls::client_hello::{ClientHello, HelloError, Progress, Reader};
use tls::mint::{Minted, Ticket};
use tls::session::alert_record;
use tls::{AlertDescription, CacheKey, HostName, Session, TlsError, Verdict};

/// What both sides of an intercepted flow may speak: what the engine reads.
const READABLE: [&[u8]; 1] = [b"http/1.1"];
/// First byte of a TLS record with a handshake message (RFC 8446 section 5.1).
const HANDSHAKE_RECORD: u8 = 22;

/// What came of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The flow is in another stage now, or there is more to do in this one.
    Again,
    /// Nothing more can be done with what has come.
    Wait,
    /// This poll has no time for it.
    Pause,
}

impl Terminated {
    /// Goes on as far as what has come allows; true if the next poll has more to do.
    pub(super) fn advance<B: Buffer, D: Device<Buffer = B>>(
        &mut self,
        context: &mut Context<B>,
        device: &mut D,
    ) -> bool {
        if let Some((side, outcome)) = self.broken() {
            self.handle_broken(side, outcome, context);
        }
        loop {
            let step = match &self.stage {
                Stage::Opening => self.open_both(context),
                Stage::First(_) => self.read_first(context),
                Stage::Server(..) => self.greet_server(context),
                Stage::Minting(..) => Step::Wait,
                Stage::Relay(_) => self.relay(context, device),
                Stage::Splice => self.splice(context),
                Stage::Closing => self.discard(context),
            };
            match step {
                Step::Again => {}
                Step::Wait => return false,
                Step::Pause => return true,
            }
        }
    }

    /// An end is gone: the other one is told in the same way.
    fn handle_broken<B: Buffer>(&mut self, side: Side, outcome: Outcome, context: &mut Context<B>) {
        let reason = match (&self.stage, side, outcome) {
            (Stage::Closing, ..) => return,
            (Stage::Opening, Side::Outside, Outcome::TimedOut) => Some(Reason::ServerSilent),
            (Stage::Opening, Side::Outside, _) => Some(Reason::ServerRefused),
            _ => None,
        };
        match reason {
            Some(reason) => self.record_block(reason, context),
            None => self.close_records(None, context),
        }
        self.abort(context);
    }

    fn open_both<B: Buffer>(&mut self, context: &mut Context<B>) -> Step {
        if self.server.state().is_synchronised() {
            self.client.allow(context.now);
        }
        if self.client.state().is_synchronised() {
            self.server.confirm();
            self.begin_reading(context);
            return Step::Again;
        }
        Step::Wait
    }

    fn read_first<B: Buffer>(&mut self, context: &mut Context<B>) -> Step {
        if self.server.readable_bytes() > 0 {
            self.block(Reason::ServerSpokeFirst, context);
            return Step::Again;
        }
        let Stage::First(reader) = &mut self.stage else { return Step::Wait };
        let bytes = self.client.readable();
        let Some(first) = bytes.first() else {
            if self.client.is_finished() || self.server.is_finished() {
                self.give_up(context);
                return Step::Again;
            }
            return Step::Wait;
        };
        if reader.raw().is_empty() && *first != HANDSHAKE_RECORD {
            return self.read_plain(context);
        }
        let (taken, hello) = match reader.read(bytes) {
            Ok(Progress::NeedMore) => (bytes.len(), None),
            Ok(Progress::Hello { hello, taken }) => (taken, Some(hello)),
            Err(error) => {
                self.block(reason_of_hello(error), context);
                return Step::Again;
            }
        };
        self.client.consume(&mut context.terminator.memory, taken);
        if let Some(hello) = hello {
            self.decide(hello, context);
        }
        Step::Again
    }

    /// What is no TLS is decided by its first bytes, which stay where they are.
    fn read_plain<B: Buffer>(&mut self, context: &mut Context<B>) -> Step {
        let app = match first_bytes(self.client.readable()) {
            FirstBytes::NeedMore if self.client.is_finished() => App::Unknown,
            FirstBytes::NeedMore => return Step::Wait,
            FirstBytes::Of(app) => app,
        };
        self.shown = Some((app, false));
        match context.engine.policy().ruling(&self.facts, &Opening::of(app)) {
            Ruling::Forward => self.begin_splice(&[], context),
            Ruling::Terminate if app == App::Http1 => {
                self.account.interception = Some(Interception::Plain);
                let relay = Relay::new(self.peers, None);
                self.stage = Stage::Relay(Box::new(Relaying::new(relay, None)));
                self.settle(context);
                self.deadline = None;
            }
            Ruling::Terminate => self.block(Reason::ProtocolUnknown, context),
            Ruling::Block(reason) => self.block(reason, context),
        }
        Step::Again
    }

    /// The ClientHello is there: the policy decides by its name.
    fn decide<B: Buffer>(&mut self, hello: Box<ClientHello>, context: &mut Context<B>) {
        let Stage::First(reader) = core::mem::replace(&mut self.stage, Stage::First(Reader::new())) else { return };
        let raw = reader.into_raw();
        let name = hello.host.as_ref().and_then(|host| ServerName::try_from(host.as_str()).ok());
        self.account.name.clone_from(&name);
        let newest =
            hello.versions.iter().filter_map(|code| TlsVersion::from_code(*code)).max_by_key(|version| version.code());
        self.account.client_version = newest.or_else(|| TlsVersion::from_code(hello.legacy_version));
        self.shown = Some((App::Tls, hello.has_ech));
        let opening = Opening::tls(name.as_ref(), hello.has_ech);
        match (context.engine.policy().ruling(&self.facts, &opening), name) {
            (Ruling::Forward, Some(name)) => {
                let now = core::time::Duration::from_nanos(context.now.as_nanos());
                match context.engine.policy().forwards(&self.facts, &name, &context.terminator.observed, now) {
                    Ok(()) => self.begin_splice(&raw, context),
                    Err(reason) => self.block(reason, context),
                }
            }
            (Ruling::Forward, None) => self.begin_splice(&raw, context),
            (Ruling::Block(reason), _) => self.block(reason, context),
            (Ruling::Terminate, None) => self.block(Reason::SniMissing, context),
            (Ruling::Terminate, Some(name)) => self.intercept(Greeting { raw, hello, name }, context),
        }
    }

    /// Begins the session with the server.
    fn intercept<B: Buffer>(&mut self, greeting: Greeting, context: &mut Context<B>) {
        self.account.interception = Some(Interception::Intercepted);
        if !greeting.hello.accepts_modern() {
            return self.block(Reason::TlsVersion, context);
        }
        let Ok(offer) = greeting.hello.offer(&READABLE) else { return self.block(Reason::Alpn, context) };
        let key = Self::cache_key(context);
        let Some(interception) = &mut context.terminator.interception else {
            return self.block(Reason::TerminateUnavailable, context);
        };
        let host = HostName::try_from(greeting.name.as_str()).ok();
        let session = host.and_then(|host| interception.upstream.connect(key, &host, offer).ok());
        let Some(session) = session else { return self.block(Reason::HandshakeFailed, context) };
        self.stage = Stage::Server(Box::new(greeting), Box::new(session));
        self.deadline = Some(context.now.after(HANDSHAKE_TIME_MAX));
    }

    /// One tenant so far; its sessions end with its policy.
    fn cache_key<B: Buffer>(context: &Context<B>) -> CacheKey {
        CacheKey { tenant: 0, policy: context.generation.into() }
    }

    fn greet_server<B: Buffer>(&mut self, context: &mut Context<B>) -> Step {
        let Stage::Server(_, session) = &mut self.stage else { return Step::Wait };
        flush(&mut **session, &mut self.server, &mut context.terminator.memory);
        if !self.server.readable().is_empty() && session.is_handshaking() {
            if !context.terminator.take_step() {
                return Step::Pause;
            }
            let result = session.read_tls(self.server.readable());
            flush(&mut **session, &mut self.server, &mut context.terminator.memory);
            return match result {
                Ok(taken) => {
                    self.server.consume(&mut context.terminator.memory, taken);
                    if taken == 0 { Step::Wait } else { Step::Again }
                }
                Err(error) => {
                    self.account.note_server(session);
                    self.block(reason_of_server(&error), context);
                    Step::Again
                }
            };
        }
        if !session.is_handshaking() && session.verdict() == Some(Verdict::Valid) {
            return self.ask_for_certificate(context);
        }
        if self.server.is_finished() {
            self.block(Reason::HandshakeFailed, context);
            return Step::Again;
        }
        if self.client.is_finished() {
            self.give_up(context);
            return Step::Again;
        }
        Step::Wait
    }

    /// The server is who it should be: a certificate for the client is made.
    fn ask_for_certificate<B: Buffer>(&mut self, context: &mut Context<B>) -> Step {
        let Some(id) = self.id else { return Step::Wait };
        let Stage::Server(greeting, session) = core::mem::replace(&mut self.stage, Stage::Closing) else {
            return Step::Wait;
        };
        self.account.note_server(&session);
        let now = core::time::Duration::from_nanos(context.now.as_nanos());
        context.terminator.observed.insert(self.peers.server.ip(), &greeting.name, now);
        let host = HostName::try_from(greeting.name.as_str());
        let ticket = context.terminator.ask(id);
        self.ticket = Some(ticket);
        let is_asked = match (host, session.leaf(), &mut context.terminator.interception) {
            (Ok(host), Some(leaf), Some(interception)) => {
                interception.minter.request(ticket, &host, leaf, interception.clock.unix_secs()).is_ok()
            }
            _ => false,
        };
        self.stage = Stage::Minting(greeting, session);
        if !is_asked {
            self.block(Reason::HandshakeLimit, context);
            return Step::Again;
        }
        Step::Wait
    }

    /// The certificate is there: the client is answered.
    pub(crate) fn handle_minted<B: Buffer>(
        &mut self,
        ticket: Ticket,
        minted: Option<Minted>,
        context: &mut Context<B>,
    ) {
        if self.ticket != Some(ticket) {
            return;
        }
        self.ticket = None;
        let Stage::Minting(greeting, server) = core::mem::replace(&mut self.stage, Stage::Closing) else { return };
        let alpn = server.facts().alpn;
        let key = Self::cache_key(context);
        let client = match (&mut context.terminator.interception, &minted) {
            (Some(interception), Some(minted)) => interception.downstream.accept(key, minted, alpn.as_deref()).ok(),
            _ => None,
        };
        let Some(mut client) = client else {
            self.stage = Stage::Minting(greeting, server);
            return self.block(Reason::HandshakeFailed, context);
        };
        let mut rest = greeting.raw.as_slice();
        let mut result = Ok(0);
        while !rest.is_empty() {
            result = client.read_tls(rest);
            match result {
                Ok(taken) if taken > 0 => rest = rest.get(taken..).unwrap_or_default(),
                Ok(_) | Err(_) => break,
            }
        }
        flush(&mut client, &mut self.client, &mut context.terminator.memory);
        let relay = Relay::new(self.peers, Some(greeting.name.as_str()));
        let sessions = Sessions { client, server: *server };
        self.stage = Stage::Relay(Box::new(Relaying::new(relay, Some(sessions))));
        self.deadline = Some(context.now.after(HANDSHAKE_TIME_MAX));
        if result.is_err() {
            self.fail_client(context);
        }
    }

    /// The flow is passed on as it is, beginning with what was read of it.
    fn begin_splice<B: Buffer>(&mut self, raw: &[u8], context: &mut Context<B>) {
        self.settle(context);
        self.deadline = None;
        self.stage = Stage::Splice;
        self.record_bypass(context);
        if let Some(bypass) = &mut self.account.bypass {
            bypass.record.request_bytes += raw.len() as u64;
        }
        // A ClientHello is shorter than what any endpoint takes at once.
        if self.server.send(&mut context.terminator.memory, raw) < raw.len() {
            self.block(Reason::HoldMemory, context);
        }
    }

    fn splice<B: Buffer>(&mut self, context: &mut Context<B>) -> Step {
        let memory = &mut context.terminator.memory;
        let bypass = &mut self.account.bypass;
        pass(&mut self.client, &mut self.server, memory, |bytes| {
            if let Some(bypass) = bypass {
                bypass.record.request_bytes += bytes.len() as u64;
            }
        });
        pass(&mut self.server, &mut self.client, memory, |bytes| {
            if let Some(bypass) = bypass {
                bypass.note_answer(bytes);
            }
        });
        let is_over = |end: &Endpoint| end.is_finished() && end.readable_bytes() == 0;
        if is_over(&self.client) && is_over(&self.server) {
            self.close_bypass(context);
        }
        Step::Wait
    }

    /// What still comes is for nobody.
    fn discard<B: Buffer>(&mut self, context: &mut Context<B>) -> Step {
        for endpoint in [&mut self.client, &mut self.server] {
            while endpoint.readable_bytes() > 0 {
                let count = endpoint.readable().len();
                endpoint.consume(&mut context.terminator.memory, count);
            }
        }
        self.note_delivered(context.now);
        Step::Wait
    }

    /// An end has closed before anything was agreed: so does the other.
    fn give_up<B: Buffer>(&mut self, context: &mut Context<B>) {
        self.linger(context);
        self.client.shutdown();
        self.server.shutdown();
    }

    /// Nothing more passes on this flow.
    pub(super) fn block<B: Buffer>(&mut self, reason: Reason, context: &mut Context<B>) {
        let speaks_tls = self.speaks_tls();
        match &mut self.stage {
            Stage::Closing => {}
            Stage::Relay(relaying) => {
                relaying.relay.handle_block(&mut context.engine, context.now, Direction::Upstream, reason);
            }
            Stage::First(_) | Stage::Server(..) | Stage::Minting(..) if speaks_tls => {
                self.record_block(reason, context);
                let alert = alert_record(alert_of(reason));
                let is_told = self.client.send(&mut context.terminator.memory, &alert) == alert.len();
                self.server.abort(&mut context.terminator.memory);
                if is_told && self.client.state() != State::Closed {
                    self.linger(context);
                    self.client.shutdown();
                } else {
                    self.abort(context);
                }
            }
            Stage::Opening | Stage::First(_) | Stage::Server(..) | Stage::Minting(..) | Stage::Splice => {
                self.record_block(reason, context);
                self.abort(context);
            }
        }
    }

    /// True if the client has sent part of a TLS record.
    fn speaks_tls(&self) -> bool {
        let Stage::First(reader) = &self.stage else { return true };
        !reader.raw().is_empty() || self.account.client_version.is_some()
    }
}

/// Moves bytes from one end to the other, and its end; `note` sees them.
fn pass(from: &mut Endpoint, to: &mut Endpoint, memory: &mut Memory, mut note: impl FnMut(&[u8])) {
    loop {
        let readable = from.readable();
        let taken = to.send(memory, readable);
        if taken == 0 {
            break;
        }
        note(readable.get(..taken).unwrap_or(readable));
        from.consume(memory, taken);
    }
    if from.is_finished() && from.readable_bytes() == 0 {
        to.shutdown();
    }
}

/// Moves what a session has to say to its endpoint, as far as there is room.
pub(super) fn flush<S: Session + ?Sized>(session: &mut S, endpoint: &mut Endpoint, memory: &mut Memory) {
    session.write_tls(&mut Outlet { endpoint, memory });
}

/// Where a session's records go.
struct Outlet<'a> {
    endpoint: &'a mut Endpoint,
    memory: &'a mut Memory,
}

impl io::Write for Outlet<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(self.endpoint.send(self.memory, bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const fn reason_of_hello(error: HelloError) -> Reason {
    match error {
        HelloError::NotTls | HelloError::NotClientHello => Reason::TlsRequired,
        HelloError::Sslv2 => Reason::TlsVersion,
        HelloError::TooLong
        | HelloError::Malformed
        | HelloError::Repeated
        | HelloError::NameCount
        | HelloError::Name(_) => Reason::TlsHello,
    }
}

pub(super) fn reason_of_server(error: &TlsError) -> Reason {
    let TlsError::Refused(verdict) = error else { return Reason::HandshakeFailed };
    match verdict {
        Verdict::Expired | Verdict::NotYetValid => Reason::CertificateExpired,
        Verdict::WrongHost => Reason::CertificateName,
        Verdict::SelfSigned | Verdict::UnknownIssuer => Reason::CertificateUnknownIssuer,
        Verdict::WeakSignature => Reason::CertificateWeak,
        Verdict::ClientCertificateWanted => Reason::ClientCertificateWanted,
        Verdict::VersionTooOld => Reason::TlsVersion,
        Verdict::BadSignature | Verdict::Revoked | Verdict::WrongPurpose | Verdict::BadEncoding => {
            Reason::CertificateOther
        }
        Verdict::Valid | Verdict::Missing | Verdict::Other => Reason::CertificateOther,
    }
}

/// What a client is told before it has a session.
#[expect(clippy::wildcard_enum_match_arm, reason = "what has no alert of its own was not allowed")]
const fn alert_of(reason: Reason) -> AlertDescription {
    match reason {
        Reason::TlsVersion => AlertDescription::ProtocolVersion,
        Reason::SniMissing | Reason::TlsHello => AlertDescription::UnrecognisedName,
        Reason::Alpn => AlertDescription::NoApplicationProtocol,
        Reason::CertificateExpired
        | Reason::CertificateName
        | Reason::CertificateUnknownIssuer
        | Reason::CertificateWeak
        | Reason::CertificateOther => AlertDescription::BadCertificate,
        Reason::HandshakeFailed | Reason::HandshakeLimit => AlertDescription::HandshakeFailure,
        _ => AlertDescription::AccessDenied,
    }
}
