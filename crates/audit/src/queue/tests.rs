use super::*;
use crate::testing::record;
use proptest::prelude::*;
use std::collections::VecDeque;
use std::thread;

fn queue(workers: usize, capacity: usize) -> (Vec<RecordSender>, RecordReceiver) {
    channel(NonZeroUsize::new(workers).unwrap(), NonZeroUsize::new(capacity).unwrap())
}

#[test]
fn without_a_credit_nothing_can_be_pushed() {
    let (mut senders, mut receiver) = queue(1, 8);
    let sender = &mut senders[0];
    assert!(sender.try_reserve::<1>().is_none());
    assert_eq!(receiver.grant_up_to(1), 1);
    assert!(sender.try_reserve::<2>().is_none(), "an exchange takes both or none");
    let [credit] = sender.try_reserve().unwrap();
    assert_eq!((sender.credits(), sender.credits_held()), (0, 1));
    sender.give_back(credit);
    assert_eq!((sender.credits(), sender.credits_held()), (1, 0));
}

#[test]
fn nothing_is_admitted_once_nothing_is_recorded_any_more() {
    let (mut senders, mut receiver) = queue(2, 8);
    receiver.grant_up_to(8);
    let [credit] = senders[0].try_reserve().unwrap();
    receiver.end();
    for sender in &mut senders {
        assert_eq!(sender.credits(), 0);
        assert!(sender.try_reserve::<1>().is_none());
    }
    // What was admitted before has its last record.
    senders[0].push(credit, record(1));
    assert_eq!(receiver.drain(8, |_, _| ()), 1);
    receiver.grant_up_to(8);
    assert_eq!(senders[0].credits(), 0);
}

#[test]
fn a_ticket_is_committed_with_its_record_and_not_before() {
    let (mut senders, mut receiver) = queue(2, 8);
    receiver.grant_up_to(8);
    let [first, second] = senders[1].try_reserve().unwrap();
    let first = senders[1].push(first, record(1));
    assert_eq!(receiver.drain(8, |worker, _| assert_eq!(worker, 1)), 1);
    let second = senders[1].push(second, record(2));
    assert!(!senders[1].is_committed(first));
    receiver.commit();
    assert!(senders[1].is_committed(first));
    assert!(!senders[1].is_committed(second));
    assert_eq!(senders[0].committed(), 0);
}

#[test]
fn what_finds_the_ring_full_follows_in_its_order() {
    let (mut senders, mut receiver) = queue(1, 4);
    assert_eq!(receiver.grant_up_to(100), 100, "credits are room on disk, not slots");
    let mut sender = senders.pop().unwrap();
    for number in 0..10 {
        let [credit] = sender.try_reserve().unwrap();
        assert_eq!(sender.push(credit, record(number)).number(), number + 1);
    }
    let mut seen = Vec::new();
    while seen.len() < 9 {
        receiver.drain(3, |_, record| seen.push(record.exchange));
        sender.flush();
    }
    // The last ones are not lost with their worker.
    let [credit] = sender.try_reserve().unwrap();
    sender.push(credit, record(10));
    drop(sender);
    receiver.drain(9, |_, record| seen.push(record.exchange));
    assert_eq!(seen, (0..=10).collect::<Vec<_>>());
    assert!(receiver.is_finished());
}

#[test]
fn an_idle_worker_does_not_gather_the_credits_of_a_busy_one() {
    let (mut senders, mut receiver) = queue(2, 64);
    for _ in 0..100 {
        receiver.grant_up_to(20);
        assert_eq!(senders[0].credits(), 10);
        for credit in senders[0].try_reserve::<10>().unwrap() {
            senders[0].push(credit, record(0));
        }
        receiver.drain(usize::MAX, |_, _| ());
    }
    assert_eq!(senders[1].credits(), 10);
}

#[test]
fn workers_take_turns_at_being_drained() {
    let (mut senders, mut receiver) = queue(2, 8);
    receiver.grant_up_to(16);
    for sender in &mut senders {
        for credit in sender.try_reserve::<8>().unwrap() {
            sender.push(credit, record(0));
        }
    }
    let mut counts = [0; 2];
    receiver.drain(6, |worker, _| counts[worker] += 1);
    assert_eq!(counts, [3, 3]);
}

#[test]
fn the_queue_is_finished_when_all_workers_are_gone_and_nothing_waits() {
    let (mut senders, mut receiver) = queue(2, 8);
    receiver.grant_up_to(8);
    let [credit] = senders[0].try_reserve().unwrap();
    senders[0].push(credit, record(1));
    assert!(!receiver.is_finished());
    drop(senders);
    assert!(!receiver.is_finished(), "a record waits");
    receiver.drain(8, |_, _| ());
    assert!(receiver.is_finished());
}

#[derive(Clone, Debug)]
enum Step {
    Grant(u64),
    Reserve(usize),
    GiveBack(usize),
    Push(usize),
    Drain(usize),
    Commit,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0u64..20).prop_map(Step::Grant),
        (0usize..3).prop_map(Step::Reserve),
        (0usize..3).prop_map(Step::GiveBack),
        (0usize..3).prop_map(Step::Push),
        (0usize..10).prop_map(Step::Drain),
        Just(Step::Commit),
    ]
}

proptest! {
    /// The model is three plain queues of numbers.
    #[test]
    fn any_order_of_calls_keeps_every_record_and_its_place(
        steps in proptest::collection::vec(any_step(), 0..200)
    ) {
        let (mut senders, mut receiver) = queue(3, 5);
        let mut credits: [Vec<Credit>; 3] = Default::default();
        let mut model: [VecDeque<u64>; 3] = Default::default();
        let mut taken = [0u64; 3];
        let mut pushed = 0;
        for step in steps {
            match step {
                Step::Grant(records) => {
                    let before = receiver.outstanding();
                    let granted = receiver.grant_up_to(records);
                    prop_assert_eq!(receiver.outstanding(), before + granted);
                    prop_assert!(receiver.outstanding() <= records.max(before));
                }
                Step::Reserve(worker) => {
                    credits[worker].extend(senders[worker].try_reserve::<2>().into_iter().flatten());
                }
                Step::GiveBack(worker) => {
                    if let Some(credit) = credits[worker].pop() {
                        senders[worker].give_back(credit);
                    }
                }
                Step::Push(worker) => {
                    if let Some(credit) = credits[worker].pop() {
                        senders[worker].push(credit, record(pushed));
                        model[worker].push_back(pushed);
                        pushed += 1;
                    }
                }
                Step::Drain(max) => {
                    for sender in &mut senders {
                        sender.flush();
                    }
                    let waiting: usize = model.iter().map(|records| records.len().min(5)).sum();
                    let mut drained = Vec::new();
                    let count = receiver.drain(max, |worker, record| {
                        drained.push((worker, record.exchange));
                    });
                    prop_assert_eq!(count, waiting.min(max));
                    for (worker, exchange) in drained {
                        prop_assert_eq!(model[worker].pop_front(), Some(exchange));
                        taken[worker] += 1;
                    }
                }
                Step::Commit => {
                    receiver.commit();
                    for (sender, taken) in senders.iter().zip(taken) {
                        prop_assert_eq!(sender.committed(), taken);
                    }
                }
            }
            for (sender, credits) in senders.iter().zip(&credits) {
                prop_assert_eq!(sender.credits_held(), credits.len() as u64);
            }
        }
    }
}

/// Pushes `count` records as exchanges of two, waiting for credits; every third gives one back.
fn work(mut sender: RecordSender, worker: u64, count: u64) {
    let mut next = 0;
    while next < count {
        let Some([admit, last]) = sender.try_reserve() else {
            thread::yield_now();
            continue;
        };
        let ticket = sender.push(admit, record(worker << 32 | next));
        assert_eq!(ticket.number(), next + 1);
        next += 1;
        if next % 3 == 0 || next == count {
            sender.give_back(last);
            while next % 100 == 0 && !sender.is_committed(ticket) {
                sender.flush();
                thread::yield_now();
            }
        } else {
            sender.push(last, record(worker << 32 | next));
            next += 1;
        }
    }
    assert_eq!(sender.credits_held(), 0);
    while !sender.flush() {
        thread::yield_now();
    }
}

#[test]
fn real_threads_lose_nothing_keep_their_order_and_never_exceed_their_credits() {
    const WORKERS: usize = 2;
    const COUNT: u64 = 30_000;
    const SPACE: u64 = 24;
    let (senders, mut receiver) = queue(WORKERS, 16);
    thread::scope(|scope| {
        for (worker, sender) in senders.into_iter().enumerate() {
            scope.spawn(move || work(sender, worker as u64, COUNT));
        }
        let mut next = [0u64; WORKERS];
        let (mut granted, mut drained) = (0, 0u64);
        while !receiver.is_finished() {
            granted += receiver.grant_up_to(SPACE);
            let count = receiver.drain(7, |worker, record| {
                assert_eq!(record.exchange, (worker as u64) << 32 | next[worker]);
                next[worker] += 1;
            });
            drained += count as u64;
            assert!(drained <= granted, "more was pushed than granted");
            assert!(granted - drained <= SPACE);
            receiver.commit();
            if count == 0 {
                thread::yield_now();
            }
        }
        assert_eq!(next, [COUNT; WORKERS]);
    });
}
