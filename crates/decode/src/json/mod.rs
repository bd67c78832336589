//! JSON texts (RFC 8259), read strictly and as a stream.
//!
//! [`Tokenizer`] turns bytes that arrive in any pieces into [`Token`]s. Strings and numbers come as
//! the pieces in which they arrived, borrowed and with their place on the wire; escapes come
//! decoded, with every wire range they took, so that an edit can cover whole escapes.
//!
//! Strict means: no comments, trailing commas, leading zeros or byte order mark, UTF-8 throughout,
//! one value a text. What receivers do read differently although the grammar allows it is left to
//! the caller, who sees it all: duplicate keys, numbers of any size, lone surrogates.
//!
//! What it does not do: build values, compare keys, or convert numbers.

mod error;
mod escape;
mod literal;
mod number;
mod token;
mod tokenizer;
mod utf8;

pub use error::{Error, ErrorKind};
pub use escape::Spans;
pub use token::{Container, Token};
pub use tokenizer::Tokenizer;

/// How deep objects and arrays may be nested. Receivers stop at 64 to 1,000 levels; a request to a
/// model has about ten. One bit a level is kept.
pub const JSON_DEPTH_MAX: u32 = u128::BITS;

#[cfg(test)]
mod tests;
