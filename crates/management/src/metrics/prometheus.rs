//! From OpenMetrics 1.0 to Prometheus' text format 0.0.4.
//!
//! Values and labels are written the same in both. What differs stands in the lines before them:
//! there are no units and there is no end mark, a family bears the name of its values (`_total` of
//! counters, `_info` of facts), and facts are gauges.

/// The same metrics in the other format.
pub(super) fn from_openmetrics(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // A family's HELP comes before its TYPE, which tells what the family is called.
    let mut help = None;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            help = rest.split_once(' ').map(|(_, help)| help);
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            let (suffix, kind) = match kind {
                "counter" => ("_total", "counter"),
                "info" => ("_info", "gauge"),
                "unknown" => ("", "untyped"),
                other => ("", other),
            };
            if let Some(help) = help.take() {
                push(&mut out, &["# HELP ", name, suffix, " ", help]);
            }
            push(&mut out, &["# TYPE ", name, suffix, " ", kind]);
        } else if !line.starts_with('#') {
            push(&mut out, &[line]);
        }
    }
    out
}

fn push(out: &mut String, parts: &[&str]) {
    out.extend(parts.iter().copied());
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_bear_the_names_of_their_values() {
        let text = "# HELP a_seconds How long.\n# TYPE a_seconds counter\n# UNIT a_seconds seconds\n\
                    a_seconds_total{x=\"# EOF\"} 1\n# HELP b Facts.\n# TYPE b info\nb_info{v=\"1\"} 1\n\
                    # HELP c Now.\n# TYPE c gauge\nc 2.5\n# EOF\n";
        let expected = "# HELP a_seconds_total How long.\n# TYPE a_seconds_total counter\n\
                        a_seconds_total{x=\"# EOF\"} 1\n# HELP b_info Facts.\n# TYPE b_info gauge\nb_info{v=\"1\"} 1\n\
                        # HELP c Now.\n# TYPE c gauge\nc 2.5\n";
        assert_eq!(from_openmetrics(text), expected);
    }
}
