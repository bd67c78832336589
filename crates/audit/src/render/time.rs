use core::fmt;

const SECOND_NS: u64 = 1_000_000_000;
const DAY_SECONDS: u64 = 86_400;

/// Nanoseconds since the Unix epoch, shown as RFC 3339 in UTC: `2026-01-31T12:00:00.000000001Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rfc3339(pub u64);

impl fmt::Display for Rfc3339 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, nanos) = (self.0 / SECOND_NS, self.0 % SECOND_NS);
        let (year, month, day) = date(seconds / DAY_SECONDS);
        let second = seconds % DAY_SECONDS;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(formatter, "{year:04}-{month:02}-{day:02}")?;
        write!(formatter, "T{hour:02}:{minute:02}:{second:02}.{nanos:09}Z")
    }
}

/// Year, month and day of the month, `days` after 1970-01-01 (proleptic Gregorian calendar).
///
/// Years are counted from March, so that a leap day is the last of its year and the months before
/// it fall on a straight line: 153 days every five months.
const fn date(days: u64) -> (u64, u64, u64) {
    // 1970-01-01 is 719,468 days after 0000-03-01; 400 years have 146,097 days.
    let days = days + 719_468;
    let (cycle, day_of_cycle) = (days / 146_097, days % 146_097);
    // One day in 4 years less 1, more one in 100, less one in 400: what makes all years equal.
    let leap_days = day_of_cycle / 1460 - day_of_cycle / 36_524 + day_of_cycle / 146_096;
    let year_of_cycle = (day_of_cycle - leap_days) / 365;
    let year_start = 365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100;
    let day_of_year = day_of_cycle - year_start;
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = cycle * 400 + year_of_cycle + (month <= 2) as u64;
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The calendar, counted day by day.
    fn next(year: u64, month: u64, day: u64) -> (u64, u64, u64) {
        let is_leap = match year % 400 {
            0 => true,
            100 | 200 | 300 => false,
            _ => year.is_multiple_of(4),
        };
        let february = if is_leap { 29 } else { 28 };
        let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        match (month, day) {
            (12, 31) => (year + 1, 1, 1),
            (month, day) if day == lengths[month as usize - 1] => (year, month + 1, 1),
            (month, day) => (year, month, day + 1),
        }
    }

    #[test]
    fn every_day_of_six_centuries_follows_the_one_before() {
        let mut expected = (1970, 1, 1);
        for days in 0..220_000 {
            assert_eq!(date(days), expected, "day {days}");
            expected = next(expected.0, expected.1, expected.2);
        }
    }

    #[test]
    fn a_time_has_nine_digits_behind_the_second() {
        assert_eq!(Rfc3339(0).to_string(), "1970-01-01T00:00:00.000000000Z");
        let time = Rfc3339(1_709_210_096 * SECOND_NS + 7);
        assert_eq!(time.to_string(), "2024-02-29T12:34:56.000000007Z");
        assert_eq!(Rfc3339(u64::MAX).to_string(), "2554-07-21T23:34:33.709551615Z");
    }
}
