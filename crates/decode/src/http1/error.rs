use thiserror::Error;

/// The rule that a message broke.
///
/// After an error nothing more of the connection can be read with certainty: the decoder repeats
/// the error for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Error {
    /// An empty line where a start line should stand.
    #[error("an empty line before the start line")]
    EmptyLine,
    /// The method is followed by something other than one space, or is empty.
    #[error("the method is not a token and one space")]
    MethodSyntax,
    /// The method is not in the registry.
    #[error("the method is unknown")]
    MethodUnknown,
    /// The method is a known one in lower or mixed case.
    #[error("the method is not in upper case")]
    MethodCase,
    /// The request target is empty, holds a byte that is not visible ASCII, or is followed by
    /// something other than one space.
    #[error("the request target is not visible ASCII and one space")]
    TargetSyntax,
    /// The request target is in none of the four forms, or in one that its method does not allow
    /// (RFC 9112 section 3.2).
    #[error("the request target has no form that its method allows")]
    TargetForm,
    /// The start line does not say exactly HTTP/1.0 or HTTP/1.1.
    #[error("the version is neither HTTP/1.0 nor HTTP/1.1")]
    Version,
    /// The status is not three digits from 100 to 599 between single spaces.
    #[error("the status is not three digits from 100 to 599 and one space")]
    Status,
    /// The reason phrase holds a control character.
    #[error("the reason phrase holds a control character")]
    ReasonPhrase,
    /// A CR that is not followed by LF.
    #[error("a CR without its LF")]
    BareCr,
    /// An LF without a CR before it.
    #[error("an LF without its CR")]
    BareLf,
    /// A field line that begins with white space (RFC 9112 section 5.2).
    #[error("a field line begins with white space")]
    ObsFold,
    /// A field name that is empty, no token, or has white space before its colon.
    #[error("a field name is not a token and a colon")]
    FieldName,
    /// A field value with a control character.
    #[error("a field value holds a control character")]
    FieldValue,
    /// A field that may stand once stands twice.
    #[error("a field that may stand once is repeated")]
    FieldRepeated,
    /// An HTTP/1.1 request without a Host field.
    #[error("the Host field is missing")]
    HostMissing,
    /// More than one Host field.
    #[error("the Host field is repeated")]
    HostRepeated,
    /// A Host that is no name or address with an optional port.
    #[error("the Host field is not a host and an optional port")]
    Host,
    /// A target in absolute form that names another host than the Host field.
    #[error("the request target and the Host field disagree")]
    HostMismatch,
    /// The head is longer than [`HEAD_BYTES_MAX`](super::HEAD_BYTES_MAX).
    #[error("the head is too long")]
    HeadTooLong,
    /// More fields than [`FIELD_COUNT_MAX`](super::FIELD_COUNT_MAX).
    #[error("too many fields")]
    FieldCount,
    /// The trailer section is longer than [`TRAILER_BYTES_MAX`](super::TRAILER_BYTES_MAX).
    #[error("the trailer section is too long")]
    TrailersTooLong,
    /// More bytes of chunk extensions than
    /// [`CHUNK_EXTENSION_BYTES_MAX`](super::CHUNK_EXTENSION_BYTES_MAX).
    #[error("the chunk extensions are too long")]
    ChunkExtensionTooLong,
    /// A Content-Length that is not all digits, or has a leading zero.
    #[error("the Content-Length is not a plain decimal number")]
    ContentLength,
    /// A Content-Length above [`BODY_BYTES_MAX`](super::BODY_BYTES_MAX).
    #[error("the Content-Length is too large")]
    ContentLengthTooLarge,
    /// More than one Content-Length, even if they agree.
    #[error("the Content-Length is repeated")]
    ContentLengthRepeated,
    /// Content-Length and Transfer-Encoding in one message.
    #[error("Content-Length and Transfer-Encoding together")]
    LengthAndCoding,
    /// A Transfer-Encoding that is not exactly `chunked`.
    #[error("the Transfer-Encoding is not exactly chunked")]
    TransferEncoding,
    /// More than one Transfer-Encoding field.
    #[error("the Transfer-Encoding is repeated")]
    TransferEncodingRepeated,
    /// A Transfer-Encoding in an HTTP/1.0 message.
    #[error("a Transfer-Encoding in HTTP/1.0")]
    TransferEncodingVersion,
    /// A field name that becomes a framing field where `_` is read as `-`.
    #[error("a field name that imitates a framing field")]
    FramingLookalike,
    /// A Connection field that would make a proxy take a framing field away.
    #[error("the Connection field names a framing field")]
    ConnectionOption,
    /// A body is announced by a response that has none (1xx, 204).
    #[error("a response without a body announces one")]
    BodyNotAllowed,
    /// A chunk size that is not plain hexadecimal digits.
    #[error("a chunk size is not plain hexadecimal digits")]
    ChunkSize,
    /// A chunk size of more than 16 digits or above [`BODY_BYTES_MAX`](super::BODY_BYTES_MAX).
    #[error("a chunk size is too large")]
    ChunkSizeTooLarge,
    /// A chunk extension that is not `;name`, `;name=token` or `;name="string"`.
    #[error("a chunk extension is malformed")]
    ChunkExtension,
    /// Chunk data that is not followed by CRLF.
    #[error("chunk data is not followed by CRLF")]
    ChunkEnd,
    /// A trailer field that must not stand there (RFC 9110 section 6.5.1).
    #[error("a field that is not allowed in trailers")]
    TrailerField,
    /// Bytes behind a message that was the connection's last.
    #[error("bytes after the last message of the connection")]
    AfterClose,
    /// A request with the method CONNECT: what follows it is no longer HTTP.
    #[error("a CONNECT request")]
    Connect,
    /// An answer (101, or 2xx to CONNECT) behind which the connection is no longer HTTP.
    #[error("the server switches protocols")]
    SwitchingProtocols,
    /// An HTTP/2 connection preface.
    #[error("an HTTP/2 preface on an HTTP/1 connection")]
    Http2Preface,
    /// A TLS record.
    #[error("a TLS record on an HTTP/1 connection")]
    TlsRecord,
    /// Bytes of a response that nobody asked for.
    #[error("a response without a request")]
    Unrequested,
    /// The connection ended inside a message.
    #[error("the connection ended inside a message")]
    Truncated,
    /// The caller's fault: a piece does not begin where the last one was left.
    #[error("a gap between two pieces of the stream")]
    Gap,
}

/// The class of an [`enum@Error`]: what the log calls it and what is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// A message that is not well-formed.
    Syntax,
    /// A message whose end, or whose place on the connection, has two readings.
    Framing,
    /// A head, a trailer section or chunk extensions above their limit.
    HeadTooLong,
    /// The connection becomes a tunnel for another protocol.
    Tunnel,
    /// Another protocol on a connection that was HTTP/1.
    ProtocolSwitch,
    /// The server speaks before it was asked.
    Unrequested,
    /// The connection ended inside a message.
    Truncated,
    /// The caller's fault, not the peer's.
    Caller,
}

impl Error {
    /// The class of the error.
    #[must_use]
    pub const fn kind(self) -> ErrorKind {
        match self {
            Self::EmptyLine
            | Self::MethodSyntax
            | Self::MethodUnknown
            | Self::MethodCase
            | Self::TargetSyntax
            | Self::TargetForm
            | Self::Status
            | Self::ReasonPhrase
            | Self::BareCr
            | Self::BareLf
            | Self::ObsFold
            | Self::FieldName
            | Self::FieldValue
            | Self::FieldRepeated
            | Self::HostMissing
            | Self::HostRepeated
            | Self::Host
            | Self::HostMismatch => ErrorKind::Syntax,
            Self::Version
            | Self::ContentLength
            | Self::ContentLengthTooLarge
            | Self::ContentLengthRepeated
            | Self::LengthAndCoding
            | Self::TransferEncoding
            | Self::TransferEncodingRepeated
            | Self::TransferEncodingVersion
            | Self::FramingLookalike
            | Self::ConnectionOption
            | Self::BodyNotAllowed
            | Self::ChunkSize
            | Self::ChunkSizeTooLarge
            | Self::ChunkExtension
            | Self::ChunkEnd
            | Self::TrailerField
            | Self::AfterClose => ErrorKind::Framing,
            Self::HeadTooLong | Self::FieldCount | Self::TrailersTooLong | Self::ChunkExtensionTooLong => {
                ErrorKind::HeadTooLong
            }
            Self::Connect | Self::SwitchingProtocols => ErrorKind::Tunnel,
            Self::Http2Preface | Self::TlsRecord => ErrorKind::ProtocolSwitch,
            Self::Unrequested => ErrorKind::Unrequested,
            Self::Truncated => ErrorKind::Truncated,
            Self::Gap => ErrorKind::Caller,
        }
    }
}
