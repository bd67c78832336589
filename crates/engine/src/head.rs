use llm::Call;

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
    },
    /// An answer that is not interim.
    Answer {
        /// Status.
        status: u16,
    },
}
