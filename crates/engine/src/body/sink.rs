//! Hands leaves to an exchange and notes where they stand on the wire.

use crate::exchange::{Engine, Exchange};
use crate::tap::WireMap;
use crate::{Event, Inlaid, LeafId, LeafKind, Pipeline, WholeLeaf};
use decode::Span;
use llm::Join;
use net::{Direction, Timestamp};

/// Where leaves of one direction go.
pub(crate) struct Sink<'s, P> {
    pub(crate) engine: &'s mut Engine<P>,
    pub(crate) exchange: &'s mut Exchange<P>,
    pub(crate) map: &'s mut WireMap,
    pub(crate) now: Timestamp,
    pub(crate) direction: Direction,
    /// False if nothing of this direction is read: structure is followed, text is not handed on.
    pub(crate) is_read: bool,
}

impl<P: Pipeline> Sink<'_, P> {
    /// Begins a leaf.
    pub(crate) fn begin(&mut self, kind: LeafKind, join: Option<Join>) {
        self.map.begin(kind, join);
    }

    /// Text of the leaf that stands on the wire as it is.
    pub(crate) fn literal(&mut self, at: u64, bytes: &[u8]) {
        self.text(at, bytes, false);
    }

    /// The same of text that is known to be UTF-8 without a backslash.
    pub(crate) fn plain(&mut self, at: u64, bytes: &[u8]) {
        self.text(at, bytes, true);
    }

    fn text(&mut self, at: u64, bytes: &[u8], is_plain: bool) {
        if self.is_read && !bytes.is_empty() {
            let id = self.map.literal(at, bytes.len());
            self.leaf(id, bytes, is_plain, false);
        }
    }

    /// Text of the leaf that stands on the wire as something else.
    pub(crate) fn escape(&mut self, text: &[u8], spans: impl Iterator<Item = Span>) {
        if self.is_read {
            let id = self.map.escape(text.len(), spans);
            self.leaf(id, text, false, false);
        }
    }

    /// Text that stands nowhere: another reading of bytes that cannot be edited.
    pub(crate) fn reading_of(&mut self, kind: LeafKind, text: &[u8]) {
        if self.is_read {
            self.begin(kind, None);
            let id = self.map.leaf();
            self.leaf(id, text, kind == LeafKind::Number, true);
        }
    }

    /// The leaf ends.
    pub(crate) fn end(&mut self) {
        if self.is_read {
            let id = self.map.leaf();
            self.leaf(id, &[], true, true);
        }
    }

    /// A leaf that is here whole, stands on the wire as it is, and is UTF-8 without a backslash.
    pub(crate) fn whole(&mut self, kind: LeafKind, join: Option<Join>, at: u64, bytes: &[u8]) {
        self.begin(kind, join);
        if self.is_read {
            let id = self.map.literal(at, bytes.len());
            self.leaf(id, bytes, true, true);
        }
    }

    /// Leaves that are here whole and stand in one text, which begins at `at` on the wire.
    pub(crate) fn leaves(&mut self, at: u64, text: &[u8], leaves: &[WholeLeaf], is_plain: bool) {
        if !self.is_read || leaves.is_empty() {
            return;
        }
        let first = LeafId(self.map.leaf().0 + 1);
        for leaf in leaves {
            self.map.begin(leaf.kind, None);
            self.map.literal(at + leaf.start as u64, leaf.end - leaf.start);
        }
        self.event(Event::Leaves { first, text, leaves, is_plain });
    }

    /// The leaf that ended last is the name of a model.
    pub(crate) fn model(&mut self, name: &str) {
        let leaf = self.map.leaf();
        self.event(Event::Model { leaf, name });
    }

    /// Hands on what is no text.
    pub(crate) fn event(&mut self, event: Event<'_>) {
        self.exchange.handle(self.engine, self.now, self.direction, event);
    }

    /// A character that the number at these bytes stands for.
    pub(crate) fn character(&mut self, join: Join, span: Span, character: u8) {
        if self.is_read {
            self.begin(LeafKind::Number, None);
            let id = self.map.escape(1, core::iter::once(span));
            self.event(Event::Character { id, join, text: &[character] });
        }
    }

    /// Text within what was handed on of the open leaf, which is joined to other such.
    pub(crate) fn inlaid(&mut self, inlaid: Inlaid<'_>) {
        if self.is_read {
            let (id, (kind, _)) = (self.map.leaf(), self.map.open());
            self.event(Event::Inlaid { id, kind, inlaid });
        }
    }

    /// Nothing more is joined to anything.
    pub(crate) fn end_joins(&mut self) {
        for join in Join::ALL {
            self.event(Event::JoinEnd(join));
        }
    }

    fn leaf(&mut self, id: LeafId, text: &[u8], is_plain: bool, last: bool) {
        let (kind, join) = self.map.open();
        self.event(Event::Leaf { id, kind, join, text, is_plain, last });
    }
}
