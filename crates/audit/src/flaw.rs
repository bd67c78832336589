use core::fmt;

/// The first place where a log is not what its gateway wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Flaw {
    /// Number of the segment (the one in its file name).
    pub segment: u64,
    /// Byte of the segment's file.
    pub offset: u64,
    /// The record that stands there, or would stand there next.
    pub seq: Option<u64>,
    /// What is wrong there.
    pub kind: FlawKind,
}

/// What can be wrong with a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlawKind {
    /// The directory holds no segment.
    #[error("there is no segment")]
    NoSegment,
    /// The file's length is not the one its header states.
    #[error("the file is {found} bytes long and was made with {expected}")]
    FileLength {
        /// Bytes according to the header.
        expected: u64,
        /// Bytes of the file.
        found: u64,
    },
    /// The file has no room for a header.
    #[error("the file is {0} bytes long: it holds no segment any more")]
    Short(usize),
    /// The file does not begin as a segment does.
    #[error("this is no segment of an audit log")]
    Magic,
    /// The segment is of a format that this reader does not read.
    #[error("the segment has format version {0}, which is not known here")]
    Version(u16),
    /// The header's checksum is wrong.
    #[error("the header's checksum is wrong")]
    HeaderChecksum,
    /// A header field that no gateway writes so.
    #[error("the header is malformed")]
    HeaderMalformed,
    /// The header's signature is not that of its key.
    #[error("the header's signature is wrong")]
    HeaderSignature,
    /// The file's name and its header give different numbers.
    #[error("the header says that this is segment {0}")]
    Renumbered(u64),
    /// The segment after another one has not the next number.
    #[error("segment {0} is missing")]
    SegmentMissing(u64),
    /// The log begins after its first segment.
    #[error("the segments before this one are missing")]
    EarlierMissing,
    /// The last segment says that another one follows.
    #[error("the segment is sealed, so at least one more followed it and is missing")]
    LaterMissing,
    /// Another segment follows, yet this one has no seal.
    #[error("the segment ends without a seal, though another one follows")]
    SealMissing,
    /// The segment is of another gateway than those before.
    #[error("the segment is of another gateway than the one before")]
    Gateway,
    /// The segment is signed by another key than those before.
    #[error("the segment is signed by another key than the one before")]
    KeyChanged,
    /// The log is signed by another key than the one that was asked for.
    #[error("the log is signed by another key than the expected one")]
    KeyUnexpected,
    /// The header does not follow from the end of the segment before.
    #[error("the segment does not continue the one before")]
    SegmentChain,
    /// An entry's length that no entry has here.
    #[error("an entry of {0} bytes cannot stand here")]
    EntryLength(u64),
    /// An entry's checksum is wrong.
    #[error("an entry's checksum is wrong")]
    EntryChecksum,
    /// An entry does not follow from the one before.
    #[error("an entry does not continue the chain: it or one before it was changed")]
    EntryChain,
    /// An entry of a kind that this format version does not have.
    #[error("an entry of unknown kind {0}")]
    EntryKind(u8),
    /// A field that is missing, repeated, misplaced or of a value that nobody writes.
    #[error("field {0} of an entry is missing, misplaced or malformed")]
    Field(u16),
    /// A record's number is not the next one.
    #[error("record {expected} is missing: this is {found}")]
    Seq {
        /// The number that comes next.
        expected: u64,
        /// The number that stands there.
        found: u64,
    },
    /// A mark names another count of records than there are.
    #[error("a mark counts {found} records where there are {expected}")]
    MarkRecords {
        /// Records in the log up to there.
        expected: u64,
        /// Records according to the mark.
        found: u64,
    },
    /// A mark names another head of the chain than the one before it.
    #[error("a mark names another head than the entry before it")]
    MarkHead,
    /// A mark says that bytes behind itself were on stable storage.
    #[error("a mark claims bytes that were not yet written")]
    MarkSynced,
    /// A mark's signature is wrong: something since the mark before was changed.
    #[error("a mark's signature is wrong: something since the mark before it was changed")]
    MarkSignature,
    /// An entry follows a clean close without the mark of a new run.
    #[error("an entry follows a clean close, though no new run began")]
    RunEnded,
    /// The last entries were never signed.
    #[error("{0} records at the end are not signed: written by a crash, or by somebody else")]
    UnsignedEnd(u64),
    /// The last entry was not written whole: what a crash leaves behind.
    #[error("the last entry is torn, as by a crash; starting the gateway repairs and records it")]
    Torn,
    /// Bytes that had been on stable storage are gone: no crash does that.
    #[error("bytes are damaged that were safely stored before: not by a crash")]
    Damaged,
    /// Bytes behind the last entry are not the zeros of preallocation.
    #[error("bytes behind the last entry are not zero")]
    NotZero,
    /// Entries stand where room is kept for the seal.
    #[error("entries reach into the room that is kept for the seal")]
    Overfull,
    /// No entry of the log has the anchor's hash.
    #[error("the anchor is not in the log: the log was replaced, started over or rolled back")]
    AnchorMissing,
}

impl fmt::Display for Flaw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "segment {}, byte {}", self.segment, self.offset)?;
        if let Some(seq) = self.seq {
            write!(formatter, ", record {seq}")?;
        }
        write!(formatter, ": {}", self.kind)
    }
}
