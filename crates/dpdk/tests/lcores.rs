//! Work on lcores: it runs there, its result comes back, and its panic ends the process.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use dpdk::{EalConfig, LcoreId};
use std::sync::mpsc;
use support::{config, dies_in_own_process, in_own_process};

/// EAL with two workers on the first CPU.
fn two_workers() -> dpdk::Eal {
    let lcores = EalConfig { extra_args: vec!["--lcores=0@0,1@0,2@0".to_owned()], ..config(&[]) };
    dpdk::Eal::init(&lcores).unwrap()
}

#[test]
fn work_runs_on_its_lcore_and_its_result_comes_back() {
    in_own_process("work_runs_on_its_lcore_and_its_result_comes_back", || {
        let eal = two_workers();
        let workers = eal.worker_lcores();
        assert_eq!(workers.iter().map(|lcore| lcore.index()).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(eal.main_lcore().id().index(), 0);
        for round in 0..100 {
            let running: Vec<_> = workers
                .iter()
                .map(|&lcore| eal.launch(lcore, move |here| (here.id(), lcore, round)).unwrap())
                .collect();
            for running in running {
                let (here, lcore, answer) = running.wait().unwrap();
                assert_eq!((here, answer), (lcore, round));
            }
        }
    });
}

#[test]
fn a_busy_lcore_and_the_main_one_are_refused() {
    in_own_process("a_busy_lcore_and_the_main_one_are_refused", || {
        let eal = two_workers();
        let lcore = eal.worker_lcores()[0];
        let (finish, wait) = mpsc::channel::<()>();
        let running = eal.launch(lcore, move |_| wait.recv().is_ok()).unwrap();
        let refused = eal.launch(lcore, |_| ()).unwrap_err();
        assert_eq!((refused.lcore, refused.cause.is_empty()), (lcore, false));
        let main: LcoreId = eal.main_lcore().id();
        assert_eq!(eal.launch(main, |_| ()).unwrap_err().lcore, main);
        finish.send(()).unwrap();
        assert_eq!(running.wait(), Some(true));
    });
}

#[test]
fn dropping_the_handle_waits_for_the_end_of_the_work() {
    in_own_process("dropping_the_handle_waits_for_the_end_of_the_work", || {
        let eal = two_workers();
        let (sender, receiver) = mpsc::channel();
        let work = move |_: &dpdk::Lcore| (0..1000).for_each(|number| sender.send(number).unwrap());
        drop(eal.launch(eal.worker_lcores()[0], work).unwrap());
        assert_eq!(receiver.try_iter().count(), 1000);
    });
}

#[test]
fn a_panic_on_an_lcore_ends_the_process() {
    let text = dies_in_own_process("a_panic_on_an_lcore_ends_the_process", || {
        let eal = two_workers();
        let _running = eal.launch(eal.worker_lcores()[0], |_| panic!("worker is broken"));
    });
    assert!(text.contains("worker is broken") || text.is_empty(), "{text}");
}
