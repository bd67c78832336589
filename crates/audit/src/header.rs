use crate::chain::ChainHash;
use crate::format::{FORMAT_VERSION, GATEWAY_BYTES_MAX, HEADER_BYTES, MAGIC, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN};
use crate::key::{HEADER_LABEL, PublicKey, SIGNATURE_BYTES, sign};
use crate::{Flaw, FlawKind, Text};
use ed25519_dalek::SigningKey;

/// Bytes of the header that are signed.
const SIGNED_BYTES: usize = HEADER_BYTES - SIGNATURE_BYTES - CHECKSUM_BYTES;

/// Bytes of the header's checksum, its last field.
const CHECKSUM_BYTES: usize = 4;

/// Reserved bytes before the signature.
const RESERVED_BYTES: usize = SIGNED_BYTES - 116 - GATEWAY_BYTES_MAX;

/// The greatest number of a segment or of its first record: counting on from there never overflows.
const NUMBER_MAX: u64 = u64::MAX / 2;

/// What a segment says of itself before its first entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Bytes of the segment's file, this header included.
    pub segment_bytes: u64,
    /// The segment's number; a log begins with 1.
    pub segment: u64,
    /// Number of the first record that the segment has or will have; a log begins with 1.
    pub first_seq: u64,
    /// When the segment was begun, nanoseconds since the Unix epoch.
    pub created_unix_ns: u64,
    /// The chain's value at the end of the segment before; zero for the first.
    pub previous: ChainHash,
    /// The key that signs this header and every mark of the segment.
    pub key: PublicKey,
    /// The gateway that writes the log.
    pub gateway: Text<GATEWAY_BYTES_MAX>,
}

/// A header and what its bytes prove.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignedHeader {
    pub(crate) header: Header,
    /// The chain's value after the header.
    pub(crate) head: ChainHash,
    /// The hash that the signature is over.
    signed: ChainHash,
    signature: [u8; SIGNATURE_BYTES],
}

impl SignedHeader {
    /// Reads the header at the front of a segment: everything but its signature is checked.
    pub(crate) fn parse(segment: &[u8]) -> Result<Self, FlawKind> {
        let Some(bytes) = segment.first_chunk::<HEADER_BYTES>() else {
            return Err(FlawKind::Short(segment.len()));
        };
        check_version(bytes)?;
        let (summed, checksum) = split_last::<CHECKSUM_BYTES>(bytes)?;
        if crc32c::crc32c(summed) != u32::from_le_bytes(checksum) {
            return Err(FlawKind::HeaderChecksum);
        }
        let (body, signature) = split_last::<SIGNATURE_BYTES>(summed)?;
        let header = Header::parse_body(body)?;
        let signed = header.previous.after(body);
        Ok(Self { header, head: header.previous.after(summed), signed, signature })
    }

    /// True if the header's signature is that of the key it names.
    pub(crate) fn is_signed(&self) -> bool {
        self.header.key.has_signed(HEADER_LABEL, &self.signed, &self.signature)
    }
}

impl Header {
    /// Reads the header of a segment and checks it, its signature included.
    ///
    /// # Errors
    ///
    /// The first thing about it that is wrong.
    pub fn parse(segment: &[u8]) -> Result<Self, FlawKind> {
        let signed = SignedHeader::parse(segment)?;
        if signed.is_signed() { Ok(signed.header) } else { Err(FlawKind::HeaderSignature) }
    }

    /// Appends the header's bytes to `out` and returns the chain's value after them.
    pub(crate) fn emit(&self, key: &SigningKey, out: &mut Vec<u8>) -> ChainHash {
        let start = out.len();
        self.emit_body(out);
        let signed = self.previous.after(out.get(start..).unwrap_or_default());
        out.extend_from_slice(&sign(key, HEADER_LABEL, &signed));
        let summed = out.get(start..).unwrap_or_default();
        let head = self.previous.after(summed);
        let checksum = crc32c::crc32c(summed);
        out.extend_from_slice(&checksum.to_le_bytes());
        head
    }

    fn emit_body(&self, out: &mut Vec<u8>) {
        let gateway = self.gateway.as_str().as_bytes();
        #[expect(clippy::cast_possible_truncation, reason = "a gateway id has at most 64 bytes")]
        let gateway_len = gateway.len() as u16;
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
        out.extend_from_slice(&[0; 6]);
        for number in [self.segment_bytes, self.segment, self.first_seq, self.created_unix_ns] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(self.previous.as_bytes());
        out.extend_from_slice(self.key.as_bytes());
        out.extend_from_slice(&gateway_len.to_le_bytes());
        out.extend_from_slice(&[0; 2]);
        out.extend_from_slice(gateway);
        out.extend(core::iter::repeat_n(0, GATEWAY_BYTES_MAX - gateway.len() + RESERVED_BYTES));
    }

    fn parse_body(body: &[u8]) -> Result<Self, FlawKind> {
        let mut rest = body;
        let _magic: [u8; 8] = take(&mut rest)?;
        let _version: [u8; 2] = take(&mut rest)?;
        let reserved: [u8; 6] = take(&mut rest)?;
        let header = Self {
            segment_bytes: u64::from_le_bytes(take(&mut rest)?),
            segment: u64::from_le_bytes(take(&mut rest)?),
            first_seq: u64::from_le_bytes(take(&mut rest)?),
            created_unix_ns: u64::from_le_bytes(take(&mut rest)?),
            previous: ChainHash::from_bytes(take(&mut rest)?),
            key: PublicKey::from_bytes(take(&mut rest)?),
            gateway: take_gateway(&mut rest)?,
        };
        let blank = reserved == [0; 6] && rest.iter().all(|byte| *byte == 0);
        if blank && header.is_possible() { Ok(header) } else { Err(FlawKind::HeaderMalformed) }
    }

    fn is_possible(&self) -> bool {
        let first = self.segment == 1;
        (SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX).contains(&self.segment_bytes)
            && (1..=NUMBER_MAX).contains(&self.segment)
            && (1..=NUMBER_MAX).contains(&self.first_seq)
            && first == (self.previous == ChainHash::ZERO)
            && (!first || self.first_seq == 1)
    }
}

/// What is wrong with a header that its key did not sign.
pub(crate) const fn header_flaw(signed: &SignedHeader) -> Flaw {
    let segment = signed.header.segment;
    let seq = Some(signed.header.first_seq);
    Flaw { segment, offset: 0, seq, kind: FlawKind::HeaderSignature }
}

/// Magic and version come first: of another version nothing else is where it is here.
fn check_version(mut bytes: &[u8]) -> Result<(), FlawKind> {
    if take(&mut bytes)? != MAGIC {
        return Err(FlawKind::Magic);
    }
    let version = u16::from_le_bytes(take(&mut bytes)?);
    if version == FORMAT_VERSION { Ok(()) } else { Err(FlawKind::Version(version)) }
}

fn take_gateway(rest: &mut &[u8]) -> Result<Text<GATEWAY_BYTES_MAX>, FlawKind> {
    let len = usize::from(u16::from_le_bytes(take(rest)?));
    let reserved: [u8; 2] = take(rest)?;
    let bytes: [u8; GATEWAY_BYTES_MAX] = take(rest)?;
    let (name, padding) = bytes.split_at_checked(len).ok_or(FlawKind::HeaderMalformed)?;
    let blank = reserved == [0; 2] && padding.iter().all(|byte| *byte == 0);
    Text::from_stored(name).filter(|_| blank).ok_or(FlawKind::HeaderMalformed)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], FlawKind> {
    let (taken, left) = rest.split_first_chunk::<N>().ok_or(FlawKind::HeaderMalformed)?;
    *rest = left;
    Ok(*taken)
}

fn split_last<const N: usize>(bytes: &[u8]) -> Result<(&[u8], [u8; N]), FlawKind> {
    let (rest, last) = bytes.split_last_chunk::<N>().ok_or(FlawKind::HeaderMalformed)?;
    Ok((rest, *last))
}
