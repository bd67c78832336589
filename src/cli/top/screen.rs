//! The full screen: keys, the clock, and the terminal that is given back however this ends.

mod draw;
mod keys;

use super::asker::{Answer, Asker};
use super::monotonic;
use super::view::{Look, View};
use core::cell::Cell;
use core::mem::ManuallyDrop;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use draw::Scene;
use keys::Keys;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::io::{self, Stdout};
use std::panic;
use std::sync::Arc;

/// How long keys are waited for before answers and signals are looked at again.
const TICK: Duration = Duration::from_millis(100);

/// How often the screen is drawn where nothing happens: the age of what is shown grows.
const REDRAW: Duration = Duration::from_secs(1);

/// How much later than expected an answer may be before the screen says so.
const SILENCE_TIME_MAX: Duration = Duration::from_secs(2);

/// Shows the gateway until a key or a signal ends it, or the terminal is gone.
pub(super) fn run(asker: &Asker, interval: Duration) -> io::Result<()> {
    let is_over = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&is_over))?;
    }
    let _taken = Taken::take()?;
    // Its end would tell stderr, with a panic, what could not be told to the terminal; the cursor is given back with it.
    let mut terminal = ManuallyDrop::new(Terminal::new(CrosstermBackend::new(io::stdout()))?);
    let keys = Keys::start()?;
    let mut screen = Screen::new(interval, monotonic());
    while !is_over.load(Ordering::Relaxed) && !screen.is_over {
        screen.step(asker, monotonic());
        if screen.is_stale(monotonic()) {
            match screen.draw(&mut terminal, monotonic()) {
                Err(_) if keys.is_gone() => break,
                drawn => drawn?,
            }
        }
        match keys.wait(TICK) {
            Ok(Some(event)) => screen.handle(&event),
            Ok(None) => {}
            Err(keys::Gone) => break,
        }
    }
    Ok(())
}

/// The terminal while it is ours; gives it back when dropped and, as a panic may end the process at
/// once, before a panic's message too.
struct Taken;

impl Taken {
    fn take() -> io::Result<Self> {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            give_back();
            report(panic);
        }));
        enable_raw_mode()?;
        let taken = Self;
        execute!(io::stdout(), EnterAlternateScreen, Hide)?;
        Ok(taken)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        give_back();
    }
}

fn give_back() {
    // Where the terminal is gone there is nothing to give back.
    let _ = execute!(io::stdout(), Show, LeaveAlternateScreen);
    let _ = disable_raw_mode();
}

/// What is known and what the reader chose.
struct Screen {
    interval: Duration,
    before: Option<Look>,
    latest: Option<Look>,
    /// Why the last question has no answer.
    failure: Option<String>,
    asked_at: Option<Duration>,
    ask_next_at: Duration,
    drawn_at: Option<Duration>,
    first_lcore: Cell<usize>,
    has_colour: bool,
    is_over: bool,
}

impl Screen {
    fn new(interval: Duration, now: Duration) -> Self {
        Self {
            interval,
            before: None,
            latest: None,
            failure: None,
            asked_at: None,
            ask_next_at: now,
            drawn_at: None,
            first_lcore: Cell::new(0),
            has_colour: std::env::var_os("NO_COLOR").is_none(),
            is_over: false,
        }
    }

    /// Takes what was answered and asks when it is time to.
    fn step(&mut self, asker: &Asker, now: Duration) {
        if self.asked_at.is_some()
            && let Some(answer) = asker.wait(Duration::ZERO)
        {
            self.asked_at = None;
            self.take(answer);
        }
        if self.asked_at.is_none() && now >= self.ask_next_at {
            self.ask_next_at = now.max(self.ask_next_at + self.interval);
            self.asked_at = Some(now);
            asker.ask();
        }
    }

    fn take(&mut self, answer: Answer) {
        match answer {
            Answer::Look(look) => {
                self.before = self.latest.replace(*look);
                self.failure = None;
            }
            Answer::None(why) => self.failure = Some(why),
        }
        self.drawn_at = None;
    }

    fn handle(&mut self, event: &Event) {
        self.drawn_at = None;
        if let Event::Key(key) = event
            && key.kind != KeyEventKind::Release
        {
            self.press(*key);
        }
    }

    fn press(&mut self, key: KeyEvent) {
        let lcores = self.latest.as_ref().map_or(0, |look| look.snapshot.lcores.len());
        let (first, last) = (self.first_lcore.get(), lcores.saturating_sub(1));
        let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
        #[expect(clippy::wildcard_enum_match_arm, reason = "other keys do nothing")]
        let first = match key.code {
            KeyCode::Char('c') if is_control => return self.is_over = true,
            KeyCode::Char('q') | KeyCode::Esc => return self.is_over = true,
            KeyCode::Up | KeyCode::Char('k') => first.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => first + 1,
            KeyCode::PageUp => first.saturating_sub(draw::LCORES_PAGE),
            KeyCode::PageDown => first + draw::LCORES_PAGE,
            KeyCode::Home => 0,
            KeyCode::End => last,
            _ => first,
        };
        self.first_lcore.set(first.min(last));
    }

    fn is_stale(&self, now: Duration) -> bool {
        self.drawn_at.is_none_or(|drawn_at| now.saturating_sub(drawn_at) >= REDRAW)
    }

    fn draw(&mut self, terminal: &mut Terminal<CrosstermBackend<Stdout>>, now: Duration) -> io::Result<()> {
        self.drawn_at = Some(now);
        let silence = self.silence(now);
        let view = self.latest.as_ref().map(|latest| View::between(self.before.as_ref(), latest));
        let scene = Scene {
            view: view.as_ref(),
            silence: silence.as_deref(),
            first_lcore: &self.first_lcore,
            has_colour: self.has_colour,
        };
        terminal.draw(|frame| scene.draw(frame)).map(drop)
    }

    /// Why nothing new is shown, if that is so.
    fn silence(&self, now: Duration) -> Option<String> {
        let is_late = self.asked_at.is_some_and(|asked_at| now.saturating_sub(asked_at) > SILENCE_TIME_MAX);
        let why = match &self.failure {
            Some(why) => why.as_str(),
            None if is_late => "the gateway is connected but silent",
            None => return None,
        };
        let age = self.latest.as_ref().map(|look| now.saturating_sub(look.at).as_secs());
        Some(age.map_or_else(|| format!("no answer: {why}"), |age| format!("no answer for {age} s: {why}")))
    }
}

#[cfg(test)]
mod tests;
