//! Figures and names as short text.

/// Text from the gateway as a terminal may show it: at most `max` characters, all of them one
/// column wide, none of which moves the cursor, changes colours or turns the writing direction.
pub(super) fn printable(text: &str, max: usize) -> String {
    let is_plain = |c: char| c.is_ascii_graphic() || c == ' ' || (c < '\u{250}' && c.is_alphanumeric());
    let mut shown: String = text.chars().take(max).map(|c| if is_plain(c) { c } else { '?' }).collect();
    if text.chars().nth(max).is_some() {
        shown.pop();
        shown.push('~');
    }
    shown
}

/// A count in at most six characters: exact below 100000.
pub(super) fn count(count: u64) -> String {
    if count < 100_000 {
        return count.to_string();
    }
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let value = count as f64;
    short(value)
}

/// A value in at most six characters, with three significant digits or more.
pub(super) fn short(value: f64) -> String {
    const UNITS: [&str; 7] = ["", "k", "M", "G", "T", "P", "E"];
    if !value.is_finite() || value < 0.0 {
        return "-".to_owned();
    }
    if value < 99_999.5 {
        return digits(value);
    }
    let mut scaled = value;
    for unit in UNITS {
        if scaled < 999.5 {
            return format!("{}{unit}", digits(scaled));
        }
        scaled /= 1000.0;
    }
    ">999E".to_owned()
}

fn digits(value: f64) -> String {
    match value {
        0.0 => "0".to_owned(),
        _ if value < 9.995 => format!("{value:.2}"),
        _ if value < 99.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// A share as a percentage.
pub(super) fn percent(ratio: f64) -> String {
    if ratio.is_finite() { format!("{:.0}%", ratio.clamp(0.0, 1.0) * 100.0) } else { "-".to_owned() }
}

/// A latency with its unit.
pub(super) fn latency(nanos: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let value = nanos as f64;
    match nanos {
        0..1000 => format!("{nanos} ns"),
        1000..1_000_000 => format!("{} us", digits(value / 1e3)),
        1_000_000..1_000_000_000 => format!("{} ms", digits(value / 1e6)),
        _ => format!("{} s", short(value / 1e9)),
    }
}

/// How long something has lasted, in its two largest units.
pub(super) fn span(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return "-".to_owned();
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
    let seconds = seconds as u64;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{minutes}m{:02}s", seconds % 60),
        3600..86_400 => format!("{hours}h{:02}m", minutes % 60),
        _ if days < 10_000 => format!("{days}d{:02}h", hours % 24),
        _ => ">9999d".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn figures_keep_three_digits_and_stay_short() {
        let figures =
            [(0.0, "0"), (0.004, "0.00"), (1.234, "1.23"), (12.34, "12.3"), (99.96, "100"), (99_999.0, "99999")];
        for (value, text) in figures {
            assert_eq!(short(value), text);
        }
        assert_eq!((short(123_456.0), short(1_234_567.0)), ("123k".to_owned(), "1.23M".to_owned()));
        assert_eq!((short(f64::NAN), short(-1.0), short(f64::INFINITY)), ("-".into(), "-".into(), "-".into()));
        assert_eq!((count(99_999), count(u64::MAX), short(1e300)), ("99999".into(), "18.4E".into(), ">999E".into()));
    }

    #[test]
    fn times_have_units() {
        let latencies = [999, 1000, 45_600, 1_234_000, 2_000_000_000].map(latency);
        assert_eq!(latencies, ["999 ns", "1.00 us", "45.6 us", "1.23 ms", "2.00 s"]);
        let spans = [0.9, 61.0, 3_700.0, 90_000.0, 1e300, -1.0].map(span);
        assert_eq!(spans, ["0s", "1m01s", "1h01m", "1d01h", ">9999d", "-"]);
        assert_eq!((percent(0.456), percent(7.0), percent(f64::NAN)), ("46%".into(), "100%".into(), "-".into()));
    }

    #[test]
    fn names_cannot_drive_the_terminal() {
        assert_eq!(printable("lab-1 büro", 20), "lab-1 büro");
        assert_eq!(printable("\u{1b}[2J\u{7}\r\n\u{202e}a\u{300}\u{9b}漢", 20), "?[2J????a???");
        assert_eq!(printable("0123456789", 5), "0123~");
    }

    proptest! {
        #[test]
        fn whatever_the_value_a_figure_has_six_characters_at_most(value in any::<f64>(), whole in any::<u64>()) {
            prop_assert!(short(value).len() <= 6, "{}", short(value));
            prop_assert!(count(whole).len() <= 6, "{}", count(whole));
            prop_assert!(latency(whole).len() <= 8, "{}", latency(whole));
            prop_assert!(span(value).len() <= 8, "{}", span(value));
        }

        #[test]
        fn whatever_the_text_nothing_but_plain_characters_is_shown(text in any::<String>(), max in 1_usize..40) {
            let shown = printable(&text, max);
            prop_assert!(shown.chars().count() <= max);
            prop_assert!(!shown.chars().any(char::is_control));
        }
    }
}
