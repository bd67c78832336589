//! Writes a request anew with its edits, every enclosing length mended.

use crate::{Cover, Mask};
use core::ops::Range;
use decode::Input;
use decode::http1::{Event, FieldName, Fields, Framing, RequestDecoder, RequestHead};
use policy::Masking;

/// Other bytes in the place of a range, as stream offsets.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    pub(super) range: Range<u64>,
    pub(super) with: With,
}

/// What stands there instead.
#[derive(Clone, Copy, Debug)]
pub(super) enum With {
    Nothing,
    Mask(Mask),
    Number(u64),
}

impl Edit {
    /// A finding is covered by one label, whatever pieces it stands in and however short it is; a
    /// mask is as long as what it covers.
    fn render(&self, out: &mut Vec<u8>) {
        match self.with {
            With::Nothing | With::Mask(Mask::Blank) => {}
            With::Mask(Mask::Finding { cover: Cover { masking: Masking::Mask, .. }, .. }) => {
                let len = usize::try_from(self.range.end - self.range.start).unwrap_or(0);
                out.resize(out.len() + len, b'*');
            }
            With::Mask(Mask::Finding { cover, offset: 0, .. }) => out.extend(cover.label().into_iter().flatten()),
            With::Mask(Mask::Finding { .. }) => {}
            With::Number(number) => out.extend_from_slice(number.to_string().as_bytes()),
        }
    }
}

/// A whole request, and what is to stand in it otherwise.
struct Source<'s> {
    at: u64,
    bytes: &'s [u8],
    /// In order, apart from one another.
    edits: Vec<Edit>,
}

/// The request `bytes`, whose first one stands at stream offset `at`, with `edits`; without its wish
/// for a 100 if `drops_expect` says so. `None` if it is no whole request.
///
/// A length is said anew. A chunked body stays one, chunk by chunk, without extensions; a chunk of
/// which nothing is left goes, its trailers stay.
pub(super) fn render(bytes: &[u8], at: u64, edits: &mut Vec<Edit>, drops_expect: bool) -> Option<Vec<u8>> {
    let mut decoder = RequestDecoder::new();
    let mut input = Input::new(at, bytes);
    let Event::Head = decoder.next(&mut input).ok()?? else { return None };
    let head = decoder.head()?;
    let mut source = Source { at, bytes, edits: core::mem::take(edits) };
    if drops_expect {
        source.drop_expect(head.fields());
    }
    source.sort();
    source.mend_length(&head);
    let mut out = Vec::with_capacity(bytes.len());
    source.copy(head.start()..head.end(), &mut out);
    if head.framing() == Framing::Chunked {
        source.chunks(&mut decoder, &mut input, &mut out)?;
    } else {
        source.copy(head.end()..at + bytes.len() as u64, &mut out);
    }
    Some(out)
}

impl Source<'_> {
    fn slice(&self, range: Range<u64>) -> &[u8] {
        let place = |at: u64| usize::try_from(at.saturating_sub(self.at)).unwrap_or(usize::MAX);
        self.bytes.get(place(range.start)..place(range.end)).unwrap_or_default()
    }

    fn end(&self) -> u64 {
        self.at + self.bytes.len() as u64
    }

    /// Findings of several readings may overlap: the first one keeps what both cover.
    fn sort(&mut self) {
        self.edits.sort_by_key(|edit| edit.range.start);
        let mut end = 0;
        self.edits.retain_mut(|edit| {
            edit.range.start = edit.range.start.max(end);
            end = end.max(edit.range.end);
            !edit.range.is_empty()
        });
    }

    /// Takes the lines of the Expect field out.
    fn drop_expect(&mut self, fields: Fields<'_>) {
        for field in fields.known(FieldName::Expect) {
            let line = self.slice(field.name_at..self.end());
            let len = memchr::memchr(b'\n', line).map_or(line.len(), |end| end + 1);
            let range = field.name_at..field.name_at + len as u64;
            self.edits.push(Edit { range, with: With::Nothing });
        }
    }

    /// Says the length of the body as its edits make it.
    fn mend_length(&mut self, head: &RequestHead<'_>) {
        let Framing::Length(length) = head.framing() else { return };
        let Some(field) = head.fields().known(FieldName::ContentLength).next() else { return };
        let mut rendered = Vec::new();
        let (mut added, mut removed) = (0, 0);
        for edit in self.edits.iter().filter(|edit| edit.range.start >= head.end()) {
            rendered.clear();
            edit.render(&mut rendered);
            added += rendered.len() as u64;
            removed += edit.range.end - edit.range.start;
        }
        if added != removed {
            let range = field.value_at..field.value_at + field.value.len() as u64;
            self.edits.push(Edit { range, with: With::Number((length + added).saturating_sub(removed)) });
            self.sort();
        }
    }

    fn chunks(&self, decoder: &mut RequestDecoder, input: &mut Input<'_>, out: &mut Vec<u8>) -> Option<()> {
        let mut chunk = Vec::new();
        loop {
            match decoder.next(input).ok()?? {
                Event::Body { at, bytes } => {
                    chunk.clear();
                    self.copy(at..at + bytes.len() as u64, &mut chunk);
                    if !chunk.is_empty() {
                        out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                        out.extend_from_slice(&chunk);
                        out.extend_from_slice(b"\r\n");
                    }
                }
                Event::ChunkExtension { .. } | Event::Trailers => {}
                Event::End => break,
                Event::Head => return None,
            }
        }
        out.extend_from_slice(b"0\r\n");
        let trailers = decoder.trailers();
        self.copy(trailers.start()..trailers.start() + trailers.bytes().len() as u64, out);
        Some(())
    }

    /// Copies a range with its edits.
    fn copy(&self, range: Range<u64>, out: &mut Vec<u8>) {
        let mut at = range.start;
        let first = self.edits.partition_point(|edit| edit.range.start < range.start);
        let edits = self.edits.get(first..).unwrap_or_default();
        for edit in edits.iter().take_while(|edit| edit.range.start < range.end) {
            out.extend_from_slice(self.slice(at..edit.range.start));
            edit.render(out);
            at = edit.range.end;
        }
        out.extend_from_slice(self.slice(at..range.end.max(at)));
    }
}
