//! Records on their way to the management core: before release, by credits.

use crate::config::RecordSync;
use crate::flow::Wait;
use crate::stats::Counters;
use audit::queue::{Credit, RecordSender};
use audit::{Record, RecordKind};
use net::Timestamp;
use policy::{Reason, Verdict};
use std::collections::VecDeque;

/// Last records that wait for a credit nobody reserved: flows and requests that were blocked before
/// they were admitted. While this many wait no new flow is opened.
const PENDING_COUNT_MAX: usize = 1024;

/// A worker's end of the audit log.
#[derive(Debug)]
pub(crate) struct Journal {
    sender: RecordSender,
    sync: RecordSync,
    pending: VecDeque<Record>,
}

impl Journal {
    pub(crate) fn new(sender: RecordSender, sync: RecordSync) -> Self {
        Self { sender, sync, pending: VecDeque::with_capacity(PENDING_COUNT_MAX) }
    }

    /// True if all records were handed over.
    pub(crate) fn is_idle(&self) -> bool {
        self.pending.is_empty() && self.sender.is_flushed()
    }

    /// True if the log can take what a new flow may have to say.
    pub(crate) fn can_open(&self) -> bool {
        self.pending.len() < PENDING_COUNT_MAX
    }

    /// Hands an `admit` record over and keeps a credit for the exchange's last record.
    ///
    /// Returns what the exchange has to wait for before a byte of it is released.
    pub(crate) fn admit(&mut self, record: &Record, credits: &mut Vec<Credit>) -> Option<Wait> {
        let Some([now, later]) = self.sender.try_reserve::<2>() else {
            return Some(Wait::Credit(Box::new(record.clone())));
        };
        credits.push(later);
        let ticket = self.sender.push(now, record.clone());
        match self.sync {
            RecordSync::Queued => None,
            RecordSync::Durable => Some(Wait::Commit(ticket)),
        }
    }

    /// True once what a flow waits for has come; it may then wait for what comes after that.
    pub(crate) fn go_on(&mut self, waiting: &mut Option<(Wait, Timestamp)>, credits: &mut Vec<Credit>) -> bool {
        let Some((wait, until)) = waiting.take() else { return false };
        if !self.is_over(&wait) {
            *waiting = Some((wait, until));
            return false;
        }
        if let Wait::Credit(record) = wait {
            *waiting = self.admit(&record, credits).map(|wait| (wait, until));
        }
        true
    }

    /// Hands a last record over.
    pub(crate) fn finish(&mut self, record: &Record, credits: &mut Vec<Credit>, counters: &mut Counters) {
        count(record, counters);
        let credit = credits.pop().or_else(|| self.sender.try_reserve::<1>().map(|[credit]| credit));
        match credit {
            Some(credit) => {
                self.sender.push(credit, record.clone());
            }
            None => self.pending.push_back(record.clone()),
        }
    }

    /// Gives back credits of a flow that is gone without having needed them.
    pub(crate) fn give_back(&mut self, credits: &mut Vec<Credit>) {
        for credit in credits.drain(..) {
            self.sender.give_back(credit);
        }
    }

    /// Pushes what waited; true if credits came since.
    pub(crate) fn poll(&mut self) -> bool {
        self.sender.flush();
        while !self.pending.is_empty()
            && let Some([credit]) = self.sender.try_reserve::<1>()
        {
            let Some(record) = self.pending.pop_front() else { break };
            self.sender.push(credit, record);
        }
        self.pending.is_empty() && self.sender.credits() > 1
    }

    /// True once a record that is waited for is kept.
    fn is_over(&self, wait: &Wait) -> bool {
        match wait {
            Wait::Credit(_) => self.pending.is_empty() && self.sender.credits() > 1,
            Wait::Commit(ticket) => self.sender.is_committed(*ticket),
        }
    }
}

fn count(record: &Record, counters: &mut Counters) {
    if record.kind == RecordKind::Admit {
        return;
    }
    if let Some(verdict) = counters.verdicts.get_mut(record.verdict.index()) {
        *verdict += 1;
    }
    if record.verdict == Verdict::Block
        && let Some(blocked) = record.reason.map(Reason::index).and_then(|index| counters.blocked.get_mut(index))
    {
        *blocked += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit::queue::channel;
    use core::num::NonZeroUsize;

    #[test]
    fn it_is_not_idle_while_a_record_waits_for_room() {
        let (mut senders, mut receiver) = channel(NonZeroUsize::MIN, NonZeroUsize::new(4).unwrap());
        let mut journal = Journal::new(senders.pop().unwrap(), RecordSync::Queued);
        assert!(journal.is_idle());
        journal.finish(&Record::blank(RecordKind::Final), &mut Vec::new(), &mut Counters::default());
        journal.poll();
        assert!(!journal.is_idle(), "there is no room in the log");
        receiver.grant_up_to(1);
        journal.poll();
        assert!(journal.is_idle());
        assert_eq!(receiver.drain(9, |_, _| ()), 1);
    }
}
