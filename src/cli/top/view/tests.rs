use super::*;
use management::LcoreSnapshot;
use proptest::prelude::*;

fn look(at: f64, uptime_seconds: f64, counters: Counters) -> Look {
    let lcores = vec![LcoreSnapshot { lcore: 1, counters: counters.clone() }];
    let snapshot = Snapshot { uptime_seconds, lcores, total: counters, ..Snapshot::default() };
    Look { at: Duration::from_secs_f64(at), snapshot }
}

fn counts(entries: &[(&str, u64)]) -> Counts {
    entries.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

fn requests(requests: u64) -> Counters {
    Counters { requests, ..Counters::default() }
}

#[test]
fn a_rate_is_what_happened_between_two_looks() {
    let (before, after) = (look(100.0, 50.0, requests(10)), look(102.0, 52.0, requests(30)));
    let view = View::between(Some(&before), &after);
    assert_eq!((view.total.requests, view.lcores[0].rates.requests, view.is_restarted), (10.0, 10.0, false));
}

#[test]
fn the_first_look_shows_the_average_since_the_start() {
    let view_of = look(100.0, 5.0, requests(10));
    assert_eq!(View::between(None, &view_of).total.requests, 2.0);
}

#[test]
fn a_gateway_started_anew_is_averaged_since_its_start_even_if_its_counters_are_ahead_already() {
    let before = look(100.0, 5.0, requests(10));
    for after in [look(160.0, 50.0, requests(500)), look(101.0, 0.5, requests(5))] {
        let view = View::between(Some(&before), &after);
        assert!(view.is_restarted);
        assert_eq!(view.total.requests, 10.0);
    }
}

#[test]
fn an_answer_that_was_late_is_no_restart() {
    let (before, after) = (look(100.0, 50.0, requests(10)), look(102.5, 51.0, requests(30)));
    assert!(!View::between(Some(&before), &after).is_restarted);
}

#[test]
fn counts_are_shown_busiest_first_and_without_zeros() {
    let with = |dropped| Counters { dropped, ..Counters::default() };
    let before = look(1.0, 1.0, with(counts(&[("old", 9), ("new", 0), ("idle", 2)])));
    let after = look(3.0, 3.0, with(counts(&[("old", 10), ("new", 4), ("idle", 2), ("none", 0)])));
    let view = View::between(Some(&before), &after);
    let rows: Vec<_> = view.dropped.iter().map(|tally| (tally.name, tally.total, tally.rate)).collect();
    assert_eq!(rows, [("new", 4, 2.0), ("old", 10, 0.5), ("idle", 2, 0.0)]);
}

#[test]
fn ports_and_workers_are_matched_by_name_and_number() {
    let mut before = look(1.0, 1.0, requests(0));
    let mut after = look(2.0, 2.0, requests(0));
    let port = |rx_missed, rx_no_mbuf| PortSnapshot { rx_missed, rx_no_mbuf, ..PortSnapshot::default() };
    before.snapshot.ports = [("b".to_owned(), port(1, 1))].into();
    after.snapshot.ports = [("a".to_owned(), port(0, 0)), ("b".to_owned(), port(4, 2))].into();
    let view = View::between(Some(&before), &after);
    assert_eq!((view.ports[0].missed, view.ports[1].missed, view.missed()), (0.0, 4.0, 4.0));
}

proptest! {
    #[test]
    fn no_rate_is_ever_negative_or_endless(
        values in prop::array::uniform8(0..u64::MAX / 4), times in prop::array::uniform4(0.0..1e9_f64),
    ) {
        let [a, b, c, d, e, f, g, h] = values;
        let counters = |requests, rx_packets, drops, busy_polls| Counters {
            requests, rx_packets, dropped: counts(&[("x", drops)]), busy_polls, ..Counters::default()
        };
        let before = look(times[0], times[1], counters(a, b, c, d));
        let after = look(times[2], times[3], counters(e, f, g, h));
        for before in [None, Some(&before)] {
            let view = View::between(before, &after);
            let rates = [view.total.requests, view.total.rx_mpps, view.total.bursts, view.total.dropped];
            let tallies = view.dropped.iter().map(|tally| tally.rate);
            for rate in rates.into_iter().chain(tallies) {
                prop_assert!(rate >= 0.0 && rate.is_finite(), "{rate}");
            }
        }
    }
}
