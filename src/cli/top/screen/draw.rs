//! Where everything stands on the screen.

use crate::cli::top::text::{count, latency, percent, printable, short, span};
use crate::cli::top::view::{Lcore, Port, Tally, View};
use core::cell::Cell;
use management::snapshot::{AuditState, GatewayState, Rates};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Text};
use ratatui::widgets::Paragraph;

/// The smallest screen on which all of it fits.
pub(super) const COLUMNS_MIN: u16 = 80;
/// The same in lines.
pub(super) const LINES_MIN: u16 = 24;

/// Lcores that a page key moves.
pub(super) const LCORES_PAGE: usize = 8;

/// Lines of the lists at the bottom, at least: four modes and four verdicts under their headings.
const LISTS_LINES_MIN: usize = 10;

/// Most ports that are shown; a gateway has two.
const PORTS_MAX: usize = 2;

/// Most characters of a name in a list.
const NAME_CHARS: usize = 22;

/// All that is drawn.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    /// Nothing was ever answered if there is none.
    pub(super) view: Option<&'a View<'a>>,
    /// Why there is nothing new.
    pub(super) silence: Option<&'a str>,
    /// The first lcore that is shown; put right where fewer follow than fit.
    pub(super) first_lcore: &'a Cell<usize>,
    pub(super) has_colour: bool,
}

/// What a line means, which its colour says again.
#[derive(Clone, Copy)]
enum Tone {
    Plain,
    Title,
    Heading,
    Warning,
    Alarm,
}

impl Scene<'_> {
    pub(super) fn draw(&self, frame: &mut Frame<'_>) {
        let area = frame.area();
        if area.width < COLUMNS_MIN || area.height < LINES_MIN {
            let text = format!(
                "sovereign top needs {COLUMNS_MIN}x{LINES_MIN}; this is {}x{}. q ends.",
                area.width, area.height
            );
            frame.render_widget(Paragraph::new(text).wrap(ratatui::widgets::Wrap { trim: true }), area);
            return;
        }
        let Some(view) = self.view else {
            let text = self.silence.unwrap_or("waiting for the gateway");
            frame.render_widget(Paragraph::new(printable(text, 200)), area);
            return;
        };
        let top = self.top(view, usize::from(area.width), usize::from(area.height));
        let used = u16::try_from(top.len()).unwrap_or(area.height).min(area.height - 1);
        frame.render_widget(Paragraph::new(Text::from(top)), Rect { height: used, ..area });
        self.lists(view, frame, Rect { y: used, height: area.height - 1 - used, ..area });
        let keys =
            self.line("q ends   arrows: lcores   p50, p99, p99.9: rx to tx since the start; sync: p99", Tone::Heading);
        frame.render_widget(Paragraph::new(keys), Rect { y: area.height - 1, height: 1, ..area });
    }

    /// Everything above the lists.
    fn top(&self, view: &View<'_>, columns: usize, lines: usize) -> Vec<Line<'static>> {
        let mut top = vec![self.line(title(view), Tone::Title)];
        if let Some(silence) = self.silence {
            top.push(self.line(printable(silence, columns), Tone::Alarm));
        }
        if view.snapshot.unprotected {
            top.push(self.line("UNPROTECTED: unknown TCP traffic passes", Tone::Alarm));
        }
        top.push(self.line(summary(view), Tone::Plain));
        top.push(self.audit(view, columns));
        top.push(self.line(port_heading(), Tone::Heading));
        top.extend(view.ports.iter().take(PORTS_MAX).map(|port| self.port(port)));
        top.push(self.line(lcore_heading(), Tone::Heading));
        let total = &view.snapshot.total;
        top.push(self.line(lcore_line("all", total.busy_ratio, &view.total, total.latency_ns.p99), Tone::Plain));
        // One line is the keys'.
        let room = lines.saturating_sub(top.len() + LISTS_LINES_MIN + 1);
        top.extend(self.lcores(&view.lcores, room));
        top
    }

    /// As many lcores as there is room for, and how many there are besides.
    fn lcores(&self, lcores: &[Lcore<'_>], room: usize) -> Vec<Line<'static>> {
        let shown = if lcores.len() <= room { room } else { room.saturating_sub(1) };
        let first = self.first_lcore.get().min(lcores.len().saturating_sub(shown));
        self.first_lcore.set(first);
        let rows = lcores.iter().skip(first).take(shown).map(|lcore| {
            let counters = lcore.counters;
            let name = lcore.lcore.to_string();
            self.line(lcore_line(&name, counters.busy_ratio, &lcore.rates, counters.latency_ns.p99), Tone::Plain)
        });
        let mut rows: Vec<Line<'static>> = rows.collect();
        if lcores.len() > shown && room > 0 {
            let below = lcores.len().saturating_sub(first + shown);
            rows.push(self.line(format!("      {first} lcores above, {below} below"), Tone::Heading));
        }
        rows
    }

    fn port(&self, port: &Port<'_>) -> Line<'static> {
        let rates = &port.rates;
        let link = match (port.port.link_up, port.port.speed_mbps) {
            (false, _) => "down".to_owned(),
            (true, 0) => "up".to_owned(),
            (true, mbps) => format!("up {}", bit_rate(mbps)),
        };
        let errors = port.port.rx_errors.saturating_add(port.port.tx_errors);
        let missed = port.port.rx_missed.saturating_add(port.port.rx_no_mbuf);
        let cells = [rates.rx_mpps, rates.rx_gbps, rates.tx_mpps, rates.tx_gbps, port.missed].map(short);
        let text = port_line(&printable(port.name, 9), &link, &cells, &count(missed), &count(errors));
        let tone = match (port.port.link_up, port.missed > 0.0) {
            (false, _) => Tone::Alarm,
            (true, true) => Tone::Warning,
            (true, false) => Tone::Plain,
        };
        self.line(text, tone)
    }

    fn audit(&self, view: &View<'_>, columns: usize) -> Line<'static> {
        let audit = &view.snapshot.audit;
        let (state, tone) = match audit.state {
            AuditState::Ready => ("ready", Tone::Plain),
            AuditState::Low => ("LOW ON DISK", Tone::Warning),
            AuditState::Full => ("DISK FULL", Tone::Alarm),
            AuditState::Failed => ("FAILED", Tone::Alarm),
        };
        let text = match &audit.detail {
            Some(detail) => format!("audit     {state}: {}", printable(detail, columns)),
            None => format!(
                "audit     {state}  {} records ({}/s)  {} unsynced  room {}  sync {}",
                count(audit.records),
                short(view.audit_records),
                count(audit.records.saturating_sub(audit.records_committed)),
                count(audit.records_left),
                latency(audit.sync_ns.p99),
            ),
        };
        self.line(text, tone)
    }

    /// Flows and verdicts on the left, drops and blocks on the right.
    fn lists(&self, view: &View<'_>, frame: &mut Frame<'_>, area: Rect) {
        let half = area.width / 2;
        let left = [("flows by mode", view.flows.as_slice()), ("verdicts", &view.verdicts)];
        let right = [("drops by reason", view.dropped.as_slice()), ("blocks by reason", &view.blocked)];
        let places = [Rect { width: half - 1, ..area }, Rect { x: area.x + half, width: area.width - half, ..area }];
        for (lists, place) in [left, right].into_iter().zip(places) {
            let lines = self.column(lists, usize::from(place.height));
            frame.render_widget(Paragraph::new(Text::from(lines)), place);
        }
    }

    /// Two lists, one below the other; the first may take what the second does not need.
    fn column(&self, lists: [(&str, &[Tally<'_>]); 2], room: usize) -> Vec<Line<'static>> {
        let [(upper_title, upper), (lower_title, lower)] = lists;
        // A list is its heading, and a line that says "none" if it is empty.
        let need = |list: &[Tally<'_>]| 1 + list.len().max(1);
        let upper_room = room.saturating_sub(need(lower)).max(room.div_ceil(2));
        let mut lines = self.list(upper_title, upper, upper_room);
        let lower_room = room.saturating_sub(lines.len());
        lines.extend(self.list(lower_title, lower, lower_room));
        lines
    }

    fn list(&self, title: &str, tallies: &[Tally<'_>], room: usize) -> Vec<Line<'static>> {
        let mut lines = vec![self.line(format!("{title:NAME_CHARS$} {:>6} {:>7}", "count", "/s"), Tone::Heading)];
        let room = room.saturating_sub(1);
        let shown = if tallies.len() <= room { room } else { room.saturating_sub(1) };
        let rows = tallies.iter().take(shown).map(|tally| {
            let Tally { name, total, rate } = tally;
            let name = printable(name, NAME_CHARS);
            self.line(format!("{name:NAME_CHARS$} {:>6} {:>7}", count(*total), short(*rate)), Tone::Plain)
        });
        lines.extend(rows);
        if tallies.is_empty() {
            lines.push(self.line("none", Tone::Plain));
        } else if tallies.len() > shown {
            lines.push(self.line(format!("and {} more", tallies.len() - shown), Tone::Plain));
        }
        lines
    }

    fn line(&self, text: impl Into<String>, tone: Tone) -> Line<'static> {
        let colour = |colour| if self.has_colour { Style::new().fg(colour) } else { Style::new() };
        let style = match tone {
            Tone::Plain => Style::new(),
            Tone::Title => Style::new().add_modifier(Modifier::BOLD),
            Tone::Heading => colour(Color::Cyan).add_modifier(Modifier::BOLD),
            Tone::Warning => colour(Color::Yellow).add_modifier(Modifier::BOLD),
            Tone::Alarm => colour(Color::Red).add_modifier(Modifier::BOLD | Modifier::REVERSED),
        };
        Line::styled(text.into(), style)
    }
}

fn title(view: &View<'_>) -> String {
    let snapshot = view.snapshot;
    let state = match snapshot.state {
        GatewayState::Starting => "starting",
        GatewayState::Ready => "ready",
        GatewayState::Stopping => "stopping",
    };
    format!(
        "{} {state}, up {}{}   policy {}   sovereign {}",
        printable(&snapshot.gateway, 20),
        span(snapshot.uptime_seconds),
        if view.is_restarted { " (restarted)" } else { "" },
        printable(&snapshot.policy_version, 20),
        printable(&snapshot.version, 48),
    )
}

fn summary(view: &View<'_>) -> String {
    let total = &view.snapshot.total;
    let at = total.latency_ns;
    format!(
        "requests  {} ({}/s)  p50 {}  p99 {}  p99.9 {}  held {}",
        count(total.requests),
        short(view.total.requests),
        latency(at.p50),
        latency(at.p99),
        latency(at.p999),
        count(total.held_mbufs),
    )
}

fn port_heading() -> String {
    let cells = ["rx Mpps", "rx Gb/s", "tx Mpps", "tx Gb/s", "miss/s"].map(str::to_owned);
    port_line("port", "link", &cells, "missed", "errors")
}

fn port_line(name: &str, link: &str, cells: &[String; 5], missed: &str, errors: &str) -> String {
    let [rx_mpps, rx_gbps, tx_mpps, tx_gbps, miss_rate] = cells;
    format!("{name:9} {link:8} {rx_mpps:>8}{rx_gbps:>8}{tx_mpps:>8}{tx_gbps:>8}{miss_rate:>8}{missed:>8}{errors:>8}")
}

fn lcore_heading() -> String {
    lcore_cells("lcore", "busy", ["bursts/s", "rx Mpps", "rx Gb/s", "tx Mpps", "tx Gb/s", "req/s", "drop/s", "p99"])
}

fn lcore_line(name: &str, busy_ratio: f64, rates: &Rates, p99: u64) -> String {
    let Rates { bursts, rx_mpps, rx_gbps, tx_mpps, tx_gbps, requests, dropped, .. } = *rates;
    let [bursts, rx_mpps, rx_gbps, tx_mpps, tx_gbps, requests, dropped] =
        [bursts, rx_mpps, rx_gbps, tx_mpps, tx_gbps, requests, dropped].map(short);
    let p99 = latency(p99);
    lcore_cells(
        name,
        &percent(busy_ratio),
        [&bursts, &rx_mpps, &rx_gbps, &tx_mpps, &tx_gbps, &requests, &dropped, &p99],
    )
}

fn lcore_cells(name: &str, busy: &str, cells: [&str; 8]) -> String {
    let [bursts, rx_mpps, rx_gbps, tx_mpps, tx_gbps, requests, dropped, p99] = cells;
    format!(
        "{name:6}{busy:>6}{bursts:>10}{rx_mpps:>8}{rx_gbps:>8}{tx_mpps:>8}{tx_gbps:>8}{requests:>8}{dropped:>8}{p99:>9}"
    )
}

/// A link's speed.
fn bit_rate(mbps: u64) -> String {
    if mbps.is_multiple_of(1000) { format!("{}G", count(mbps / 1000)) } else { format!("{}M", count(mbps)) }
}
