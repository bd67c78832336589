use crate::LeafId;
use llm::Call;

/// The leaves of a request's head that records quote: what is found there is not to be quoted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeadLeaves {
    /// The path as it stands.
    pub path: LeafId,
    /// The target with its escapes decoded, if it has any.
    pub decoded: Option<LeafId>,
    /// The host, if one is named.
    pub host: Option<LeafId>,
}

/// The head of a request or an answer, apart from the protocol that carried it.
#[derive(Clone, Copy, Debug)]
pub enum Head<'a> {
    /// A request.
    Request {
        /// Method, or what stands for one.
        method: &'a str,
        /// Path without its query.
        path: &'a str,
        /// Host that the client named.
        host: &'a str,
        /// What host and path say about a model call.
        call: Call<'a>,
        /// Where path and host were read.
        leaves: HeadLeaves,
    },
    /// An answer that is not interim.
    Answer {
        /// Status.
        status: u16,
    },
}
