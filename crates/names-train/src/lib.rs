//! Trains the model of names that `detect` ships: corpora, made-up texts, and a linear chain.
//!
//! In go labelled corpora and lists of names, out comes one file. It is the same for the same input
//! and seed. The words and features are those of `detect` itself.
//!
//! Not here: the tagger. This crate is no part of the program.
#![forbid(unsafe_code)]

pub mod corpus;
pub mod crf;
pub mod document;
mod lists;
mod random;
pub mod score;
mod synth;
pub mod train;

pub use lists::Names;
pub use synth::documents;
