//! Which way a flow goes: first by its addresses and ports, then by its first bytes. What is no TCP passes or does not.
//!
//! The first rule that matches wins; the default, and what is essential to a network, are for what no rule names. What a rule asks of the first bytes (`app`, `sni`) is not known
//! at a flow's first packet; then [`Route`] says what has to be read before anything passes, and
//! [`Ruling`] is the answer once it was.

use crate::shipped::is_ech_public_name;
use crate::{App, Ech, FlowFacts, FlowRule, Mode, ObservedAddresses, Policy, Protocol, Reason, ServerName};
use core::time::Duration;

/// Port of HTTP/3 where a rule names no ports.
const QUIC_PORT: u16 = 443;

/// What to do with the first packet of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// The mode is certain.
    Mode(Mode),
    /// Only the first bytes can tell, and whatever they tell can be kept from outside: read them
    /// before anything passes on, then ask [`Policy::mode_of_app`].
    FirstBytes,
    /// Only the first bytes can tell, and the flow may have to be terminated: it is terminated until
    /// [`Policy::ruling`] has decided by its ClientHello, or by what it is instead.
    Hello,
}

/// What becomes of what is no TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// It passes, whatever it is.
    Free,
    /// It passes if it is essential to a network, and no further.
    Essential,
    /// It does not pass: a rule names it.
    Barred,
}

/// What the first bytes of a flow showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening<'a> {
    app: App,
    name: Option<&'a ServerName>,
    has_ech: bool,
}

/// What is done with a terminated flow whose first bytes are known.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// Passed on untouched from here on: the two connections become a splice.
    Forward,
    /// Ended on both sides and opened.
    Terminate,
    /// Not passed on.
    Block(Reason),
}

impl<'a> Opening<'a> {
    /// A ClientHello with this name, if it has one, and perhaps the extension for an encrypted one.
    #[must_use]
    pub const fn tls(name: Option<&'a ServerName>, has_ech: bool) -> Self {
        Self { app: App::Tls, name, has_ech }
    }

    /// First bytes of which only the protocol is known.
    #[must_use]
    pub const fn of(app: App) -> Self {
        Self { app, name: None, has_ech: false }
    }
}

impl Ruling {
    /// The mode that the flow is in from here on.
    #[must_use]
    pub const fn mode(self) -> Mode {
        match self {
            Self::Forward => Mode::Forward,
            Self::Terminate => Mode::Terminate,
            Self::Block(_) => Mode::Block,
        }
    }
}

impl Policy {
    /// How the first segment of a TCP flow is to be treated.
    #[must_use]
    pub fn route(&self, facts: &FlowFacts) -> Route {
        match self.candidates(facts).next() {
            None => Route::Mode(self.default),
            Some(rule) if !rule.is_conditional() => Route::Mode(rule.mode),
            Some(_) if self.needs_hello(facts) => Route::Hello,
            Some(_) => Route::FirstBytes,
        }
    }

    /// What becomes of a datagram or frame that is no TCP.
    ///
    /// A rule that reads what it matches speaks of TCP: it lets nothing else pass, nor does it take away what is
    /// essential, which a rule behind it may still block. QUIC would go past rules that open TLS or read its name, so UDP
    /// to their flows passes only where a rule says so of UDP itself.
    #[must_use]
    pub fn leave(&self, facts: &FlowFacts) -> Leave {
        let is_udp = facts.protocol == Protocol::UDP;
        let tcp = FlowFacts { protocol: Protocol::TCP, ..*facts };
        let (mut is_read, mut is_read_in_tcp) = (false, false);
        for rule in &self.flows {
            if rule.matches(facts) {
                let is_meant = rule.protocol == Some(Protocol::UDP) || !is_read_in_tcp;
                match rule.mode {
                    Mode::Block => return Leave::Barred,
                    Mode::Forward if is_meant && !is_read => return Leave::Free,
                    Mode::Forward => return Leave::Essential,
                    Mode::Inspect | Mode::Terminate => is_read = true,
                }
            }
            let has_quic = is_udp && (!rule.ports.is_empty() || facts.port == QUIC_PORT);
            is_read_in_tcp |= has_quic && rule.needs_hello() && rule.matches(&tcp);
        }
        let is_free = self.default == Mode::Forward && !is_read && !is_read_in_tcp;
        if is_free { Leave::Free } else { Leave::Essential }
    }

    /// The mode of a flow that was routed [`Route::FirstBytes`], and nothing of it answered so far.
    #[must_use]
    pub fn mode_of_app(&self, facts: &FlowFacts, app: App) -> Mode {
        if self.candidates(facts).any(FlowRule::asks_for_name) {
            return if app == App::Tls { Mode::Terminate } else { Mode::Block };
        }
        self.mode_of(self.first_match(facts, &Opening::of(app)))
    }

    /// The mode of a flow whose name in TLS is known: [`Self::ruling`] without its reason, and
    /// without regard to an encrypted ClientHello.
    #[must_use]
    pub fn mode_of_name(&self, facts: &FlowFacts, app: App, name: Option<&ServerName>) -> Mode {
        self.ruling(facts, &Opening { app, name, has_ech: false }).mode()
    }

    /// What is done with a flow that was routed [`Route::Hello`] or to be terminated, once its first
    /// bytes are known.
    ///
    /// A rule that would inspect it is kept by terminating it, which promises more. Where some rule
    /// that may match asks for the name in TLS, what is not TLS or has no name is blocked, whatever
    /// the other rules say. Before a flow is forwarded by its name, [`Self::forwards`] is asked, too.
    pub fn ruling(&self, facts: &FlowFacts, opening: &Opening<'_>) -> Ruling {
        if self.candidates(facts).any(FlowRule::asks_for_name) {
            if opening.app != App::Tls {
                return Ruling::Block(Reason::TlsRequired);
            }
            if opening.name.is_none() {
                return Ruling::Block(Reason::SniMissing);
            }
        }
        let rule = self.first_match(facts, opening);
        if opening.name.is_some_and(|name| is_hidden(name, rule)) {
            return Ruling::Block(Reason::EchBlocked);
        }
        match self.mode_of(rule) {
            Mode::Block => Ruling::Block(Reason::PolicyBlocked),
            Mode::Forward if opening.has_ech => forward_hidden(rule),
            Mode::Forward => Ruling::Forward,
            Mode::Inspect if opening.app == App::Tls => Ruling::Block(Reason::ProtocolUnknown),
            Mode::Inspect | Mode::Terminate => terminate(opening),
        }
    }

    /// May a flow of these addresses be forwarded by this name?
    ///
    /// `now` is on the clock of `observed`.
    ///
    /// # Errors
    /// [`Reason::ForwardedNameProtected`] if another name, one that is terminated for such flows,
    /// was seen at the server's address.
    pub fn forwards(
        &self,
        facts: &FlowFacts,
        name: &ServerName,
        observed: &ObservedAddresses,
        now: Duration,
    ) -> Result<(), Reason> {
        let seen = facts.server.and_then(|server| observed.name_at(server, now)).filter(|seen| *seen != name);
        let is_protected = |seen| self.mode_of_name(facts, App::Tls, Some(seen)) == Mode::Terminate;
        if seen.is_some_and(is_protected) { Err(Reason::ForwardedNameProtected) } else { Ok(()) }
    }

    /// True if flows may have to be terminated: the host needs a certificate authority.
    #[must_use]
    pub fn terminates(&self) -> bool {
        self.flows.iter().any(FlowRule::needs_hello)
    }

    /// The rules that a flow's first packet leaves possible: up to the first that asks no more.
    fn candidates(&self, facts: &FlowFacts) -> impl Iterator<Item = &FlowRule> {
        let mut is_settled = false;
        let matching = self.flows.iter().filter(move |rule| rule.matches(facts));
        matching.take_while(move |rule| !core::mem::replace(&mut is_settled, !rule.is_conditional()))
    }

    fn first_match(&self, facts: &FlowFacts, opening: &Opening<'_>) -> Option<&FlowRule> {
        self.candidates(facts).find(|rule| rule.matches_opening(opening.app, opening.name))
    }

    fn mode_of(&self, rule: Option<&FlowRule>) -> Mode {
        rule.map_or(self.default, |rule| rule.mode)
    }

    /// True if the flow has to be terminated at least until its first bytes are known.
    fn needs_hello(&self, facts: &FlowFacts) -> bool {
        self.candidates(facts).any(FlowRule::needs_hello)
    }
}

/// True for the public name of encrypted ClientHellos, unless the rule names it in so many words.
fn is_hidden(name: &ServerName, rule: Option<&FlowRule>) -> bool {
    let is_written_out = |rule: &FlowRule| rule.sni.iter().any(|text| text.eq_ignore_ascii_case(name.as_str()));
    is_ech_public_name(name.as_str()) && !rule.is_some_and(is_written_out)
}

/// A flow that would be forwarded and may hide its true name.
fn forward_hidden(rule: Option<&FlowRule>) -> Ruling {
    match rule.map_or(Ech::default(), |rule| rule.ech) {
        Ech::Intercept => Ruling::Terminate,
        Ech::Block => Ruling::Block(Reason::EchBlocked),
        Ech::Bypass => Ruling::Forward,
    }
}

/// A flow is terminated if the engine reads what it carries, and if its certificate can be minted.
const fn terminate(opening: &Opening<'_>) -> Ruling {
    match (opening.app, opening.name) {
        (App::Unknown, _) => Ruling::Block(Reason::ProtocolUnknown),
        (App::Tls, None) => Ruling::Block(Reason::SniMissing),
        _ => Ruling::Terminate,
    }
}
