//! Whose an isolation is, and how the interface was before it.
//!
//! Both stand in the ingress filter itself, as constants that its program loads and never uses: so they last as long as
//! what they describe, through a crash too, and go with the interface.

use super::link;
use super::sysctl::{self, Before};
use rustix::io::Errno;
use std::fs;

/// A program of classic BPF that marks begin with: `SOVE`.
const MAGIC: u32 = u32::from_be_bytes(*b"SOVE");
/// A setting that this kernel does not have.
const ABSENT: u32 = u32::MAX;
/// Numbers before those of the settings.
const FIXED: usize = 6;

/// A process, told apart from later ones of the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: u32,
    /// When it was started, in clock ticks since the system was (`proc_pid_stat(5)`).
    started_at: u64,
}

/// What an isolation notes of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) owner: Process,
    /// The queueing discipline was not there before.
    pub(super) made_qdisc: bool,
    /// The link's flags, and the settings, as they were.
    pub(super) flags: link::Flags,
    pub(super) settings: Before,
}

impl Process {
    /// This one.
    pub(super) fn own() -> Result<Self, Errno> {
        Self::find(std::process::id()).ok_or(Errno::SRCH)
    }

    /// The running process of this number.
    fn find(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name, in parentheses, may hold anything; behind it come the state and the numbers from field 4 on.
        let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
        let is_running = !matches!(fields.next()?, "Z" | "X");
        let started_at = fields.nth(18)?.parse().ok()?;
        is_running.then_some(Self { pid, started_at })
    }

    /// True if it still runs.
    pub(super) fn is_running(self) -> bool {
        Self::find(self.pid) == Some(self)
    }
}

impl Mark {
    /// The numbers that stand for it.
    pub(super) fn numbers(&self) -> Vec<u32> {
        let [high, low] = [self.owner.started_at >> 32, self.owner.started_at & 0xffff_ffff];
        let half = |half: u64| u32::try_from(half).unwrap_or(0);
        let fixed: [u32; FIXED] =
            [MAGIC, self.owner.pid, half(high), half(low), self.made_qdisc.into(), self.flags.bits()];
        fixed.into_iter().chain(self.settings.iter().map(|value| value.unwrap_or(ABSENT))).collect()
    }

    /// The mark in such numbers; `None` if they are none of ours.
    pub(super) fn of(numbers: &[u32]) -> Option<Self> {
        let (&[magic, pid, high, low, made_qdisc, flags], settings) = numbers.split_first_chunk::<FIXED>()?;
        let settings: &[u32; sysctl::COUNT] = settings.try_into().ok()?;
        let mark = Self {
            owner: Process { pid, started_at: u64::from(high) << 32 | u64::from(low) },
            made_qdisc: made_qdisc != 0,
            flags: link::Flags::of(flags),
            settings: settings.map(|value| (value != ABSENT).then_some(value)),
        };
        (magic == MAGIC).then_some(mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn this_process_runs_and_no_earlier_one_of_its_number() {
        let own = Process::own().unwrap();
        assert!(own.is_running());
        assert!(!Process { started_at: own.started_at - 1, ..own }.is_running());
        assert!(!Process { pid: u32::MAX, ..own }.is_running());
    }

    proptest! {
        #[test]
        fn a_mark_reads_back_as_it_was_written(
            pid: u32, started_at: u64, made_qdisc: bool, flags: u32,
            settings in proptest::array::uniform10(proptest::option::of(0..ABSENT)),
        ) {
            let owner = Process { pid, started_at };
            let mark = Mark { owner, made_qdisc, flags: link::Flags::of(flags), settings };
            let numbers = mark.numbers();
            prop_assert_eq!(Mark::of(&numbers), Some(mark));
            prop_assert_eq!(Mark::of(&numbers[1..]), None);
            prop_assert_eq!(Mark::of(&numbers[..numbers.len() - 1]), None);
        }
    }
}
