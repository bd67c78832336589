use super::*;
use management::snapshot::{AuditState, Counts, Percentiles, PortSnapshot};
use management::{LcoreSnapshot, Snapshot};
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::KeyModifiers;

/// A terminal escape, a line end, a writing direction and wide letters.
const HOSTILE: &str = "\u{1b}[31m\u{1b}]0;x\u{7}\r\n\u{202e}\u{300}漢字漢字漢字漢字漢字漢字漢字漢字";

fn counts(prefix: &str, number: u64) -> Counts {
    (0..number).map(|index| (format!("{prefix}_{index}"), index + 1)).collect()
}

fn busy_look(lcores: u32) -> Look {
    let mut snapshot = Snapshot { gateway: "lab-1".into(), uptime_seconds: 90.0, ..Snapshot::default() };
    snapshot.lcores = (1..=lcores).map(|lcore| LcoreSnapshot { lcore, ..LcoreSnapshot::default() }).collect();
    for worker in &mut snapshot.lcores {
        worker.counters.rx_packets = 90_000_000;
        worker.counters.dropped = counts("reason", 30);
        worker.counters.blocked = counts("block", 30);
        worker.counters.flows = counts("mode", 4);
        worker.counters.verdicts = counts("verdict", 4);
    }
    snapshot.sum(Percentiles { p50: 1500, p99: 20_000, p999: 1_000_000 });
    let port = PortSnapshot { link_up: true, speed_mbps: 10_000, ..PortSnapshot::default() };
    snapshot.ports = [("inside".to_owned(), port), ("outside".to_owned(), PortSnapshot::default())].into();
    Look { at: Duration::from_secs(100), snapshot }
}

fn drawn(screen: &Screen, width: u16, height: u16, now: Duration) -> Vec<String> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let silence = screen.silence(now);
    let view = screen.latest.as_ref().map(|latest| View::between(screen.before.as_ref(), latest));
    let scene =
        Scene { view: view.as_ref(), silence: silence.as_deref(), first_lcore: &screen.first_lcore, has_colour: true };
    terminal.draw(|frame| scene.draw(frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let line = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    (0..height).map(|y| line(y).trim_end().to_owned()).collect()
}

fn screen(look: Look) -> Screen {
    let mut screen = Screen::new(Duration::from_secs(1), look.at);
    screen.take(Answer::Look(Box::new(look)));
    screen
}

fn has(lines: &[String], text: &str) -> bool {
    lines.iter().any(|line| line.contains(text))
}

#[test]
fn everything_fits_on_the_smallest_screen() {
    let look = busy_look(2);
    let lines = drawn(&screen(look.clone()), 80, 24, look.at);
    assert!(lines[0].starts_with("lab-1 starting, up 1m30s"), "{lines:#?}");
    for text in [
        "p50 1.50 us",
        "inside    up 10G",
        "outside   down",
        "audit     ready",
        "all       0%",
        "flows by mode",
        "verdicts ",
        "drops by reason",
        "blocks by reason",
        "q ends",
        "and 25 more",
        "1         0%",
        "2         0%",
    ] {
        assert!(has(&lines, text), "{text}: {lines:#?}");
    }
}

#[test]
fn no_line_is_cut_on_the_smallest_screen_while_figures_are_usual() {
    let mut look = busy_look(1);
    let total = &mut look.snapshot.total;
    (total.requests, total.held_mbufs) = (99_999, 99_999);
    total.latency_ns = Percentiles { p50: 99_900, p99: 99_900_000, p999: 999_000_000 };
    let audit = &mut look.snapshot.audit;
    (audit.records, audit.records_committed) = (9_999_999, 9_999_000);
    (audit.records_left, audit.sync_ns.p99) = (99_999, 99_900_000);
    let lines = drawn(&screen(look.clone()), 80, 24, look.at);
    assert!(has(&lines, "held 99999") && has(&lines, "sync 99.9 ms"), "{lines:#?}");
}

#[test]
fn more_lcores_than_fit_are_scrolled_through() {
    let mut screen = screen(busy_look(100));
    let at = Duration::from_secs(100);
    let lines = drawn(&screen, 80, 24, at);
    assert!(has(&lines, "0 lcores above, "), "{lines:#?}");
    screen.press(KeyCode::End.into());
    let lines = drawn(&screen, 80, 24, at);
    assert!(has(&lines, "lcores above, 0 below") && has(&lines, "100       0%"), "{lines:#?}");
    // What could not be scrolled any further does not have to be scrolled back.
    screen.press(KeyCode::Up.into());
    assert!(has(&drawn(&screen, 80, 24, at), "lcores above, 1 below"));
    screen.press(KeyCode::Home.into());
    screen.press(KeyCode::Down.into());
    assert!(has(&drawn(&screen, 80, 24, at), "1 lcores above"));
    assert!(has(&drawn(&screen, 80, 200, at), "100       0%"));
}

#[test]
fn a_screen_that_is_too_small_says_so() {
    let look = busy_look(1);
    for (width, height) in [(79, 24), (80, 23), (20, 5)] {
        let lines = drawn(&screen(look.clone()), width, height, look.at);
        assert!(lines.join(" ").contains("80x24"), "{lines:?}");
    }
    for (width, height) in [(1, 1), (0, 0), (3, 2)] {
        let _lines = drawn(&screen(look.clone()), width, height, look.at);
    }
}

#[test]
fn an_unprotected_gateway_and_a_full_audit_disk_cannot_be_overlooked() {
    let mut look = busy_look(1);
    look.snapshot.unprotected = true;
    look.snapshot.audit.state = AuditState::Full;
    look.snapshot.audit.detail = Some("no space left".to_owned());
    let lines = drawn(&screen(look.clone()), 80, 24, look.at);
    assert!(has(&lines, "UNPROTECTED") && has(&lines, "DISK FULL: no space left"), "{lines:#?}");
}

#[test]
fn a_gateway_that_went_away_leaves_its_last_figures_and_their_age() {
    let mut screen = screen(busy_look(1));
    screen.take(Answer::None("connection refused".to_owned()));
    let lines = drawn(&screen, 80, 24, Duration::from_secs(112));
    assert!(has(&lines, "no answer for 12 s: connection refused") && has(&lines, "lab-1"), "{lines:#?}");
    screen.take(Answer::Look(Box::new(busy_look(1))));
    assert!(!has(&drawn(&screen, 80, 24, Duration::from_secs(113)), "no answer"));
}

#[test]
fn a_gateway_that_hangs_is_noticed_while_its_answer_is_awaited() {
    let mut screen = screen(busy_look(1));
    screen.asked_at = Some(Duration::from_secs(101));
    assert_eq!(screen.silence(Duration::from_secs(102)), None);
    let silence = screen.silence(Duration::from_secs(110)).unwrap();
    assert!(silence.contains("no answer for 10 s") && silence.contains("silent"), "{silence}");
}

#[test]
fn hostile_names_and_figures_neither_break_out_nor_break_the_layout() {
    let mut look = busy_look(2);
    let snapshot = &mut look.snapshot;
    for text in [&mut snapshot.gateway, &mut snapshot.policy_version, &mut snapshot.version] {
        *text = HOSTILE.repeat(40);
    }
    snapshot.uptime_seconds = f64::MAX;
    snapshot.total.flows = [(HOSTILE.to_owned(), u64::MAX), (String::new(), u64::MAX)].into();
    snapshot.total.dropped = [(HOSTILE.repeat(9), u64::MAX)].into();
    snapshot.total.busy_ratio = f64::NAN;
    snapshot.total.rx_bytes = u64::MAX;
    snapshot.audit.detail = Some(HOSTILE.to_owned());
    let port = PortSnapshot { speed_mbps: u64::MAX, rx_errors: u64::MAX, tx_errors: 1, ..PortSnapshot::default() };
    snapshot.ports = (0..50).map(|index| (format!("{index}{HOSTILE}"), port.clone())).collect();
    let lines = drawn(&screen(look.clone()), 80, 24, look.at);
    assert!(!lines.iter().flat_map(|line| line.chars()).any(|c| c.is_control() || c > '\u{24f}'), "{lines:#?}");
    assert!(has(&lines, "q ends") && has(&lines, "verdicts"), "{lines:#?}");
}

#[test]
fn q_escape_and_control_c_end_and_other_keys_do_not() {
    let ends = |key: KeyEvent| {
        let mut screen = screen(busy_look(1));
        screen.handle(&Event::Key(key));
        screen.is_over
    };
    assert!(ends(KeyCode::Char('q').into()) && ends(KeyCode::Esc.into()));
    assert!(ends(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)));
    assert!(!ends(KeyCode::Char('c').into()) && !ends(KeyCode::Up.into()));
}
