//! Progress bars: on a terminal, not in a pipe.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, BufRead, IsTerminal, Read};

/// A bar over so many bytes, hidden unless stderr is a terminal.
pub(crate) fn bytes(total: u64) -> ProgressBar {
    bar(total, "{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
}

/// A bar over so many things.
pub(crate) fn items(total: u64) -> ProgressBar {
    bar(total, "{bar:40} {pos}/{len} {eta}")
}

fn bar(total: u64, template: &str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(template);
    ProgressBar::new(total).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// A reader that moves a bar.
#[derive(Debug)]
pub(crate) struct Progress<R> {
    inner: R,
    bar: ProgressBar,
}

impl<R> Progress<R> {
    pub(crate) const fn new(inner: R, bar: ProgressBar) -> Self {
        Self { inner, bar }
    }
}

impl<R: Read> Read for Progress<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bar.inc(count as u64);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Progress<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.bar.inc(count as u64);
        self.inner.consume(count);
    }
}

impl<R> Drop for Progress<R> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
