//! Wrong usage in one line, as every other failure is told.

use crate::failure::Failure;
use crate::output;
use clap::error::ErrorKind;
use std::process::ExitCode;

/// Prints the help that was asked for, or what is wrong with the command line.
pub(crate) fn end(error: &clap::Error) -> ExitCode {
    let is_help = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    if !is_help {
        return Failure::usage(one_line(&error.render().to_string())).report();
    }
    if error.use_stderr() {
        let _unread = error.print();
        return ExitCode::from(2);
    }
    match output::end(error.print().map_err(Into::into), "cannot write to stdout") {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

/// `why; what to do` of clap's paragraphs: the error, tips, the usage, where help is.
fn one_line(text: &str) -> String {
    let mut paragraphs = text.split("\n\n").map(|paragraph| {
        let words: Vec<&str> = paragraph.split_whitespace().collect();
        words.join(" ")
    });
    let why = paragraphs.next().unwrap_or_default();
    let why = why.strip_prefix("error: ").unwrap_or(&why).to_owned();
    let (mut tip, mut command) = (None, "sovereign".to_owned());
    for paragraph in paragraphs {
        if let Some(found) = paragraph.strip_prefix("tip: ") {
            tip.get_or_insert_with(|| found.to_owned());
        } else if let Some(usage) = paragraph.strip_prefix("Usage: ") {
            let words = usage.split(' ').take_while(|word| word.starts_with(|first: char| first.is_ascii_lowercase()));
            command = words.collect::<Vec<_>>().join(" ");
        }
    }
    let tip = tip.map(|tip| format!("{tip}, or ")).unwrap_or_default();
    format!("{why}; {tip}see `{command} --help`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Arguments;
    use clap::Parser;

    fn line(arguments: &[&str]) -> String {
        let all = core::iter::once(&"sovereign").chain(arguments);
        one_line(&Arguments::try_parse_from(all).unwrap_err().render().to_string())
    }

    #[test]
    fn what_is_wrong_and_what_to_do_stand_in_one_line() {
        assert_eq!(line(&["fly"]), "unrecognized subcommand 'fly'; see `sovereign --help`");
        assert_eq!(
            line(&["config", "sho"]),
            "unrecognized subcommand 'sho'; a similar subcommand exists: 'show', or see `sovereign config --help`"
        );
        assert_eq!(
            line(&["replay"]),
            "the following required arguments were not provided: --policy <POLICY> <INPUT> <OUTPUT>; see `sovereign replay --help`"
        );
        for arguments in [&["scan", "--jsonl", "--redact"][..], &["inline", "--no-such"], &["status", "--wait", "x"]] {
            let line = line(arguments);
            assert!(!line.contains('\n') && line.contains("; ") && line.ends_with(" --help`"), "{line}");
        }
    }
}
