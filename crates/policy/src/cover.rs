//! Which flow rules leave nothing for others: what a rule matches, another one may match already.

use crate::flow::IpVersion;
use crate::shipped::AI_LIST;
use crate::{FlowRule, Mode, Network, Protocol};

impl FlowRule {
    /// True if this rule matches every TCP connection over this version of IP, whatever it carries.
    pub(crate) fn matches_all_tcp(&self, version: IpVersion) -> bool {
        let all = |networks: &[Network]| networks.is_empty() || networks.iter().any(|it| it.covers_all(version));
        matches!(self.protocol, None | Some(Protocol::TCP))
            && self.version.is_none_or(|own| own == version)
            && self.ports.is_empty()
            && all(&self.networks)
            && all(&self.clients)
            && self.vlan.is_empty()
            && !self.is_conditional()
    }

    /// True if this rule matches whatever there is, named or not.
    pub(crate) const fn matches_everything(&self) -> bool {
        self.protocol.is_none()
            && self.version.is_none()
            && self.ports.is_empty()
            && self.networks.is_empty()
            && self.clients.is_empty()
            && self.vlan.is_empty()
            && self.sni.is_empty()
            && self.app.is_empty()
    }

    /// True if this rule certainly matches every flow that `other` matches: behind it, `other` is
    /// never asked.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let asks_tcp = other.protocol == Some(Protocol::TCP) || other.is_conditional();
        // A rule that reads leaves what is no TCP to those behind it that block.
        let leaves_some = self.reads() && other.mode == Mode::Block && !asks_tcp;
        let protocol = self
            .protocol
            .is_none_or(|protocol| other.protocol == Some(protocol) || protocol == Protocol::TCP && asks_tcp);
        protocol
            && !leaves_some
            && self.version.is_none_or(|version| other.version == Some(version))
            && all_within(&self.networks, &other.networks, Network::covers)
            && all_within(&self.clients, &other.clients, Network::covers)
            && all_within(&self.vlan, &other.vlan, |one, other| one == other)
            && all_within(&self.app, &other.app, |one, other| one == other)
            && all_within(&self.sni, &other.sni, |one, other| stands_for_all_of(one, other))
            // The longest lists are looked at last.
            && (self.ports == other.ports || all_within(&self.ports, &other.ports, |one, other| one == other))
    }
}

/// True if what `other` lists lies within what `own` does; an empty list is everything.
fn all_within<T>(own: &[T], other: &[T], covers: impl Fn(&T, &T) -> bool) -> bool {
    own.is_empty() || !other.is_empty() && other.iter().all(|other| own.iter().any(|own| covers(own, other)))
}

/// True if every name that the pattern `other` stands for is one that `pattern` does.
fn stands_for_all_of(pattern: &str, other: &str) -> bool {
    if pattern == "*" || pattern.eq_ignore_ascii_case(other) {
        return true;
    }
    // `*.example.org` stands for names below it, and so for all below those.
    let Some(suffix) = pattern.strip_prefix('*').filter(|suffix| suffix.starts_with('.')) else { return false };
    let start = other.len().saturating_sub(suffix.len());
    other != AI_LIST && start > 0 && other.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(suffix))
}
