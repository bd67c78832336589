//! What a client speaks, by its first bytes.

use decode::http1::{self, Classified};
use policy::App;

/// What the first bytes of a client's stream say it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstBytes {
    /// Too few to say.
    NeedMore,
    /// This.
    Of(App),
}

/// Reads the first bytes of a client's stream.
#[must_use]
pub fn first_bytes(bytes: &[u8]) -> FirstBytes {
    FirstBytes::Of(match http1::classify(bytes) {
        Classified::NeedMore => return FirstBytes::NeedMore,
        Classified::Http1 => App::Http1,
        Classified::Http2Preface => App::Http2,
        Classified::Tls => App::Tls,
        Classified::Unknown => App::Unknown,
    })
}
