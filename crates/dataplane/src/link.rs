//! Whose MAC addresses and tags a side's frames carry.
//!
//! Each side stands in for the other end: its frames have the link header of the frames that came from there, as if
//! they had been passed on. A router that is called by a shared address and sends from its own (VRRP, RFC 9568) is
//! so called as its hosts call it, whichever router has the address. An end whose own address changes is answered
//! there, too, before the other one has heard of it.

use net::tcp::LinkHeader;

/// Two MAC addresses.
const MACS_BYTES: usize = 12;

/// The link headers of one side of a flow.
#[derive(Clone, Debug, Default)]
pub(crate) struct Link {
    /// What is sent to the peer; empty if nothing is known.
    to_peer: LinkHeader,
    /// What the peer sent last; empty if it has sent nothing.
    from_peer: LinkHeader,
    /// What the other end sent last.
    passed: LinkHeader,
}

impl Link {
    /// Of the side toward which a frame with this link header goes.
    pub(crate) fn passing(link: &[u8]) -> Self {
        Self { to_peer: same_way(link), from_peer: LinkHeader::new(), passed: same_way(link) }
    }

    /// Of the side from which it came.
    pub(crate) fn answering(link: &[u8]) -> Self {
        Self { to_peer: way_back(link), from_peer: same_way(link), passed: way_back(link) }
    }

    pub(crate) fn to_peer(&self) -> &[u8] {
        &self.to_peer
    }

    pub(crate) const fn heard(&self) -> &LinkHeader {
        &self.from_peer
    }

    /// The peer sent a frame. Other addresses than before are its new ones, if it was called by those it had.
    pub(crate) fn hear(&mut self, link: &[u8]) {
        if self.from_peer == *link {
            return;
        }
        let is_elsewhere = self.from_peer.get(..MACS_BYTES) != link.get(..MACS_BYTES);
        if self.to_peer.is_empty() {
            self.to_peer = way_back(link);
        } else if is_elsewhere && is_way_back(&self.to_peer, &self.from_peer) {
            let back = way_back(link);
            self.to_peer.iter_mut().zip(back).take(MACS_BYTES).for_each(|(byte, new)| *byte = new);
        }
        self.from_peer = same_way(link);
    }

    /// The other end sent a frame to this side's peer; nothing, if it is not known what it had.
    pub(crate) fn pass(&mut self, link: &[u8]) {
        if self.passed != *link && !link.is_empty() {
            self.passed = same_way(link);
            self.to_peer = same_way(link);
        }
    }

    /// Nothing is known any more.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// The link header as it stands.
fn same_way(link: &[u8]) -> LinkHeader {
    LinkHeader::try_from(link).unwrap_or_default()
}

/// The link header of an answer: both MAC addresses change places.
fn way_back(link: &[u8]) -> LinkHeader {
    let mut back = same_way(link);
    if let Some(macs) = back.get_mut(..MACS_BYTES) {
        macs.rotate_left(MACS_BYTES / 2);
    }
    back
}

/// True if `back` answers frames with the header `link`.
fn is_way_back(back: &[u8], link: &[u8]) -> bool {
    let half = MACS_BYTES / 2;
    back.get(..half) == link.get(half..MACS_BYTES)
        && back.get(half..MACS_BYTES) == link.get(..half)
        && back.get(MACS_BYTES..) == link.get(MACS_BYTES..)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: [u8; 6] = [0x81, 0, 0, 7, 8, 0];

    fn link(from: u8, to: u8) -> LinkHeader {
        same_way(&[&[2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from], &TAG[..]].concat())
    }

    #[test]
    fn an_answer_goes_back_with_the_same_tags() {
        assert_eq!(Link::answering(&link(1, 9)).to_peer(), &link(9, 1)[..]);
        assert_eq!(Link::passing(&link(1, 9)).to_peer(), &link(1, 9)[..]);
    }

    #[test]
    fn what_nobody_has_passed_yet_goes_the_way_back() {
        let mut side = Link::default();
        side.hear(&link(1, 9));
        assert_eq!(side.to_peer(), &link(9, 1)[..]);
        side.pass(&[]);
        assert_eq!(side.to_peer(), &link(9, 1)[..]);
        side.pass(&link(20, 1));
        assert_eq!(side.to_peer(), &link(20, 1)[..]);
    }

    #[test]
    fn a_peer_that_moved_is_answered_where_it_is() {
        let mut side = Link::passing(&link(1, 9));
        side.hear(&link(9, 1));
        side.hear(&link(8, 1));
        assert_eq!(side.to_peer(), &link(1, 8)[..]);
        // The other end has not heard of it yet, and then it has.
        side.pass(&link(1, 9));
        assert_eq!(side.to_peer(), &link(1, 8)[..]);
        side.pass(&link(1, 8));
        assert_eq!(side.to_peer(), &link(1, 8)[..]);
    }

    #[test]
    fn what_the_other_end_calls_the_peer_counts() {
        let mut side = Link::passing(&link(1, 9));
        side.pass(&link(1, 8));
        assert_eq!(side.to_peer(), &link(1, 8)[..]);
        side.pass(&link(3, 8));
        assert_eq!(side.to_peer(), &link(3, 8)[..]);
    }

    #[test]
    fn a_router_is_called_by_its_shared_address_whatever_it_sends_from() {
        const SHARED: u8 = 0xfe;
        let mut side = Link::passing(&link(1, SHARED));
        for own in [20, 21, 22] {
            side.hear(&link(own, 1));
            assert_eq!(side.to_peer(), &link(1, SHARED)[..]);
        }
        // Toward the host frames come from whoever sent them.
        let mut side = Link::answering(&link(1, SHARED));
        side.pass(&link(20, 1));
        assert_eq!(side.to_peer(), &link(20, 1)[..]);
    }

    #[test]
    fn tags_are_those_of_the_other_end() {
        let mut side = Link::passing(&link(1, 9));
        let mut urgent = link(9, 1);
        urgent[14] = 0xe0;
        side.hear(&urgent);
        assert_eq!(side.to_peer(), &link(1, 9)[..]);
        let mut urgent = link(1, 9);
        urgent[14] = 0xe0;
        side.pass(&urgent);
        side.hear(&link(8, 1));
        assert_eq!(side.to_peer()[..], [&[2, 0, 0, 0, 0, 8, 2, 0, 0, 0, 0, 1], &[0x81, 0, 0xe0, 7, 8, 0][..]].concat());
    }
}
