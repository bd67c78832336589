use super::framing::{Framing, Version};
use super::request::RequestLine;
use super::response::StatusLine;
use super::section::Section;
use super::{Fields, Method};
use crate::Span;
use core::fmt;

macro_rules! head {
    ($name:ident) => {
        impl<'a> $name<'a> {
            /// The stream offset of the head's first byte.
            #[must_use]
            pub const fn start(&self) -> u64 {
                self.section.start()
            }

            /// The length of the head with its empty line, in bytes.
            #[must_use]
            pub fn len(&self) -> usize {
                self.section.bytes().len()
            }

            /// False: a head is at least a start line.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.section.bytes().is_empty()
            }

            /// The stream offset behind the head: of the first byte of the body.
            #[must_use]
            pub fn end(&self) -> u64 {
                Span { at: self.start(), len: self.len() as u64 }.end()
            }

            /// The head as it stands on the wire, with its empty line.
            #[must_use]
            pub fn bytes(&self) -> &'a [u8] {
                self.section.bytes()
            }

            /// All fields in their order.
            #[must_use]
            pub const fn fields(&self) -> Fields<'a> {
                Fields::new(self.section)
            }

            /// How the end of the message is found.
            #[must_use]
            pub const fn framing(&self) -> Framing {
                self.framing
            }

            /// False if this message is the last one of the connection.
            #[must_use]
            pub const fn is_persistent(&self) -> bool {
                self.persistent
            }
        }

        impl fmt::Debug for $name<'_> {
            /// Shows what says how the message is framed; values may be secrets.
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter
                    .debug_struct(stringify!($name))
                    .field("section", self.section)
                    .field("framing", &self.framing)
                    .field("persistent", &self.persistent)
                    .finish()
            }
        }
    };
}

/// A complete request head, borrowed from its decoder.
#[derive(Clone, Copy)]
pub struct RequestHead<'a> {
    pub(super) section: &'a Section,
    pub(super) line: &'a RequestLine,
    pub(super) framing: Framing,
    pub(super) persistent: bool,
}

head!(RequestHead);

impl<'a> RequestHead<'a> {
    /// The method.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.line.method
    }

    /// The request target as it stands on the wire: visible ASCII.
    #[must_use]
    pub fn target(&self) -> &'a [u8] {
        self.section.slice(self.line.target.0, self.line.target.1)
    }

    /// The stream offset of the request target.
    #[must_use]
    pub fn target_at(&self) -> u64 {
        self.section.start().saturating_add(u64::from(self.line.target.0))
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> Version {
        super::decoder::StartLine::version(self.line)
    }
}

/// A complete response head, borrowed from its decoder.
#[derive(Clone, Copy)]
pub struct ResponseHead<'a> {
    pub(super) section: &'a Section,
    pub(super) line: &'a StatusLine,
    pub(super) framing: Framing,
    pub(super) persistent: bool,
}

head!(ResponseHead);

impl<'a> ResponseHead<'a> {
    /// The status code, from 100 to 599.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.line.status
    }

    /// The reason phrase, which may be empty; bytes from 0x80 on are possible.
    #[must_use]
    pub fn reason(&self) -> &'a [u8] {
        self.section.slice(self.line.reason.0, self.line.reason.1)
    }

    /// The stream offset of the reason phrase.
    #[must_use]
    pub fn reason_at(&self) -> u64 {
        self.section.start().saturating_add(u64::from(self.line.reason.0))
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> Version {
        super::decoder::StartLine::version(self.line)
    }

    /// True for an interim response (1xx but 101): the final one is still to come.
    #[must_use]
    pub fn is_interim(&self) -> bool {
        self.framing == Framing::Interim
    }
}
