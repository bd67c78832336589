//! A reader of messages that shares nothing with ours: it splits text.

/// One message, its framing taken off.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) start: String,
    /// All but those that say the length.
    pub(super) fields: Vec<(String, String)>,
    pub(super) body: String,
    pub(super) trailers: Vec<(String, String)>,
}

/// The messages of `text`; panics if there is anything else.
pub(super) fn read(mut text: &str) -> Vec<Message> {
    let mut messages = Vec::new();
    while !text.is_empty() {
        let (head, rest) = text.split_once("\r\n\r\n").expect("a whole head");
        let (start, lines) = head.split_once("\r\n").unwrap_or((head, ""));
        let mut fields = lines_of(lines);
        let length = take(&mut fields, "content-length").map(|value| value.parse().expect("a length"));
        let coding = take(&mut fields, "transfer-encoding");
        let (body, trailers, rest) = match (length, coding.as_deref()) {
            (None, Some("chunked")) => chunks(rest),
            (length, None) => {
                let (body, rest) = rest.split_at(length.unwrap_or(0));
                (body.to_owned(), Vec::new(), rest)
            }
            other => panic!("two framings: {other:?}"),
        };
        messages.push(Message { start: start.to_owned(), fields, body, trailers });
        text = rest;
    }
    messages
}

fn chunks(mut rest: &str) -> (String, Vec<(String, String)>, &str) {
    let mut body = String::new();
    loop {
        let (line, behind) = rest.split_once("\r\n").expect("a size");
        let size = line.split(';').next().expect("a size");
        let size = usize::from_str_radix(size, 16).expect("hexadecimal");
        if size == 0 {
            if let Some(rest) = behind.strip_prefix("\r\n") {
                return (body, Vec::new(), rest);
            }
            let (trailers, rest) = behind.split_once("\r\n\r\n").expect("trailers");
            return (body, lines_of(trailers), rest);
        }
        body += &behind[..size];
        rest = behind[size..].strip_prefix("\r\n").expect("the end of a chunk");
    }
}

fn lines_of(text: &str) -> Vec<(String, String)> {
    let lines = text.split("\r\n").filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (name, value) = line.split_once(':').expect("a colon");
            (name.to_lowercase(), value.trim().to_owned())
        })
        .collect()
}

fn take(fields: &mut Vec<(String, String)>, name: &str) -> Option<String> {
    let place = fields.iter().position(|(field, _)| field == name)?;
    let value = fields.remove(place).1;
    assert!(fields.iter().all(|(field, _)| field != name), "{name} twice");
    Some(value)
}
