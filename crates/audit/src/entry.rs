//! Entries: `length, kind, fields, chain hash, checksum`.
//!
//! The checksum finds what was written by half, the hash what was changed on purpose.

use crate::format::{ENTRY_BYTES_MAX, ENTRY_BYTES_MIN, ENTRY_HEAD_BYTES, ENTRY_TRAILER_BYTES};
use crate::{ChainHash, FlawKind};

/// Begins an entry at the end of `out` and returns where that is; its length comes with [`finish`].
pub(crate) fn begin(kind: u8, out: &mut Vec<u8>) -> usize {
    let start = out.len();
    out.extend_from_slice(&[0, 0, 0, 0, kind, 0, 0, 0]);
    start
}

/// States the length of the entry that begins at `start`, `missing` bytes of which are to come.
pub(crate) fn state_length(out: &mut [u8], start: usize, missing: usize) {
    let len = out.len() + missing - start;
    #[expect(clippy::cast_possible_truncation, reason = "an entry is far shorter than 4 GiB")]
    let len = len as u32;
    if let Some(room) = out.get_mut(start..start + 4) {
        room.copy_from_slice(&len.to_le_bytes());
    }
}

/// Ends the entry that begins at `start`: states its length, chains it to `head` and adds the
/// checksum. Returns the new head.
pub(crate) fn finish(out: &mut Vec<u8>, start: usize, head: &ChainHash) -> ChainHash {
    state_length(out, start, ENTRY_TRAILER_BYTES);
    let head = head.after(out.get(start..).unwrap_or_default());
    out.extend_from_slice(head.as_bytes());
    let checksum = crc32c::crc32c(out.get(start..).unwrap_or_default());
    out.extend_from_slice(&checksum.to_le_bytes());
    head
}

/// An entry as it stands in a segment, its checksum found right.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawEntry<'a> {
    /// Bytes of the whole entry.
    pub(crate) len: u64,
    pub(crate) kind: u8,
    /// The entry without its hash and checksum: what the chain runs over.
    pub(crate) chained: &'a [u8],
    /// Its fields.
    pub(crate) fields: &'a [u8],
    /// The chain's value after it, as it claims.
    pub(crate) hash: ChainHash,
}

/// Reads the entry at the front of `window`; `None` if a length of zero says that there is none.
///
/// `room` is how many bytes the segment still has from there, of which `window` shows all or at
/// least [`ENTRY_BYTES_MAX`].
pub(crate) fn split<'a>(window: &'a [u8], room: u64) -> Result<Option<RawEntry<'a>>, FlawKind> {
    let Some(len) = window.first_chunk::<4>() else {
        let blank = window.iter().all(|byte| *byte == 0);
        return if blank { Ok(None) } else { Err(FlawKind::NotZero) };
    };
    let len = u32::from_le_bytes(*len);
    if len == 0 {
        return Ok(None);
    }
    let claimed = u64::from(len);
    let bytes = usize::try_from(len).ok().filter(|len| possible(*len) && claimed <= room);
    let entry = bytes.and_then(|len| window.get(..len)).ok_or(FlawKind::EntryLength(claimed))?;
    let parts = split_parts(entry).ok_or(FlawKind::EntryLength(claimed))?;
    if crc32c::crc32c(parts.summed) != u32::from_le_bytes(*parts.checksum) {
        return Err(FlawKind::EntryChecksum);
    }
    let [kind, 0, 0, 0] = *parts.kind else { return Err(FlawKind::EntryKind(parts.kind[0])) };
    let hash = ChainHash::from_bytes(*parts.hash);
    Ok(Some(RawEntry { len: claimed, kind, chained: parts.chained, fields: parts.fields, hash }))
}

const fn possible(len: usize) -> bool {
    len >= ENTRY_BYTES_MIN && len <= ENTRY_BYTES_MAX
}

struct Parts<'a> {
    kind: &'a [u8; 4],
    fields: &'a [u8],
    chained: &'a [u8],
    hash: &'a [u8; 32],
    summed: &'a [u8],
    checksum: &'a [u8; 4],
}

fn split_parts(entry: &[u8]) -> Option<Parts<'_>> {
    let (summed, checksum) = entry.split_last_chunk::<4>()?;
    let (chained, hash) = summed.split_last_chunk::<32>()?;
    let (head, fields) = chained.split_first_chunk::<ENTRY_HEAD_BYTES>()?;
    let kind = head.last_chunk::<4>()?;
    Some(Parts { kind, fields, chained, hash, summed, checksum })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Vec<u8> {
        let mut out = Vec::new();
        let start = begin(3, &mut out);
        out.extend_from_slice(b"fields");
        finish(&mut out, start, &ChainHash::ZERO);
        out
    }

    #[test]
    fn an_entry_is_read_back_and_names_the_chain_after_it() {
        let out = entry();
        let read = split(&out, out.len() as u64).unwrap().unwrap();
        assert_eq!((read.kind, read.fields, read.len), (3, &b"fields"[..], out.len() as u64));
        assert_eq!(read.hash, ChainHash::ZERO.after(read.chained));
    }

    #[test]
    fn any_flipped_bit_and_any_cut_is_seen() {
        let whole = entry();
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(split(&bytes, bytes.len() as u64).is_err(), "bit {bit}");
        }
        for cut in 4..whole.len() {
            assert!(split(&whole[..cut], cut as u64).is_err(), "cut {cut}");
        }
    }

    #[test]
    fn a_length_cannot_point_out_of_the_segment() {
        let whole = entry();
        assert!(split(&whole, whole.len() as u64 - 1).is_err());
        for len in [1, 43, 65_537, u32::MAX] {
            let mut bytes = whole.clone();
            bytes[..4].copy_from_slice(&len.to_le_bytes());
            assert_eq!(split(&bytes, 1 << 40).unwrap_err(), FlawKind::EntryLength(len.into()));
        }
    }
}
