/// The fields whose meaning somebody behind the decoder asks for, told apart once, when the line
/// is read. Case does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is called as its field is")]
pub enum FieldName {
    AcceptEncoding,
    ApiKey,
    Authorization,
    Connection,
    ContentEncoding,
    ContentLength,
    ContentType,
    Expect,
    Host,
    KeepAlive,
    ProxyAuthorization,
    SecWebSocketKey,
    Te,
    Trailer,
    TransferEncoding,
    Upgrade,
    XApiKey,
    XGoogApiKey,
    /// Any other one.
    #[default]
    Other,
}

impl FieldName {
    /// The field of this name, which is a token.
    #[must_use]
    pub fn of(name: &[u8]) -> Self {
        // Length and first letter leave one candidate at most: most names meet none.
        let (spelled, candidate) = match (name.len(), name.first().map(u8::to_ascii_lowercase)) {
            (2, Some(b't')) => ("te", Self::Te),
            (4, Some(b'h')) => ("host", Self::Host),
            (6, Some(b'e')) => ("expect", Self::Expect),
            (7, Some(b'a')) => ("api-key", Self::ApiKey),
            (7, Some(b't')) => ("trailer", Self::Trailer),
            (7, Some(b'u')) => ("upgrade", Self::Upgrade),
            (9, Some(b'x')) => ("x-api-key", Self::XApiKey),
            (10, Some(b'c')) => ("connection", Self::Connection),
            (10, Some(b'k')) => ("keep-alive", Self::KeepAlive),
            (12, Some(b'c')) => ("content-type", Self::ContentType),
            (13, Some(b'a')) => ("authorization", Self::Authorization),
            (14, Some(b'c')) => ("content-length", Self::ContentLength),
            (14, Some(b'x')) => ("x-goog-api-key", Self::XGoogApiKey),
            (15, Some(b'a')) => ("accept-encoding", Self::AcceptEncoding),
            (16, Some(b'c')) => ("content-encoding", Self::ContentEncoding),
            (17, Some(b's')) => ("sec-websocket-key", Self::SecWebSocketKey),
            (17, Some(b't')) => ("transfer-encoding", Self::TransferEncoding),
            (19, Some(b'p')) => ("proxy-authorization", Self::ProxyAuthorization),
            _ => return Self::Other,
        };
        // Letters, digits and hyphens differ from what stands in the list by that bit only, and no
        // other character of a token does. Without an early end this is vector code.
        let same =
            name.iter().zip(spelled.as_bytes()).fold(true, |same, (byte, spelled)| same & (byte | 0x20 == *spelled));
        if same { candidate } else { Self::Other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [(&str, FieldName); 18] = [
        ("accept-encoding", FieldName::AcceptEncoding),
        ("api-key", FieldName::ApiKey),
        ("authorization", FieldName::Authorization),
        ("connection", FieldName::Connection),
        ("content-encoding", FieldName::ContentEncoding),
        ("content-length", FieldName::ContentLength),
        ("content-type", FieldName::ContentType),
        ("expect", FieldName::Expect),
        ("host", FieldName::Host),
        ("keep-alive", FieldName::KeepAlive),
        ("proxy-authorization", FieldName::ProxyAuthorization),
        ("sec-websocket-key", FieldName::SecWebSocketKey),
        ("te", FieldName::Te),
        ("trailer", FieldName::Trailer),
        ("transfer-encoding", FieldName::TransferEncoding),
        ("upgrade", FieldName::Upgrade),
        ("x-api-key", FieldName::XApiKey),
        ("x-goog-api-key", FieldName::XGoogApiKey),
    ];

    #[test]
    fn each_name_is_known_in_any_case_and_nothing_like_it() {
        for (name, known) in NAMES {
            assert_eq!(FieldName::of(name.as_bytes()), known);
            assert_eq!(FieldName::of(name.to_ascii_uppercase().as_bytes()), known);
            assert_eq!(FieldName::of(format!("{name}s").as_bytes()), FieldName::Other);
            for other in (0..=0xff).filter(|byte| crate::token::is_token(*byte)) {
                for place in 0..name.len() {
                    let mut changed = name.as_bytes().to_vec();
                    changed[place] = other;
                    let expected = if changed.eq_ignore_ascii_case(name.as_bytes()) { known } else { FieldName::Other };
                    assert_eq!(FieldName::of(&changed), expected, "{changed:?}");
                }
            }
        }
        assert_eq!(FieldName::of(b""), FieldName::Other);
    }
}
