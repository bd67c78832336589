//! Token counts of the providers' answers, whole and streamed, whether or not answers are read.

use super::lab::{Lab, REQUESTS, answer, both, request};
use crate::Rules;
use audit::UsageSource;

/// Input and output tokens and where they were read.
type Tokens = (Option<u64>, Option<u64>, Option<UsageSource>);

fn tokens(policy: &str, path: &str, body: &str, content_type: &str, answered: &str) -> Tokens {
    let mut lab = Lab::<Rules>::new(policy);
    lab.up(request("application/json", body).replace("/v1/chat/completions", path));
    lab.down(answer(content_type, answered));
    assert_eq!(lab.seen.blocked, None);
    assert_eq!(lab.seen.downstream, answer(content_type, answered).as_bytes());
    let last = lab.last();
    (last.tokens_in, last.tokens_out, last.usage_source)
}

fn assert_tokens(path: &str, is_streamed: bool, content_type: &str, answered: &str, expected: (u64, u64)) {
    let body = format!(r#"{{"model":"m","stream":{is_streamed},"messages":[]}}"#);
    let source = if is_streamed { UsageSource::Stream } else { UsageSource::Provider };
    for policy in [REQUESTS.to_owned(), both()] {
        let found = tokens(&policy, path, &body, content_type, answered);
        assert_eq!(found, (Some(expected.0), Some(expected.1), Some(source)), "{path} {answered}");
    }
}

#[test]
fn openai_states_its_usage_in_the_answer_or_in_the_last_event() {
    let whole = r#"{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"hi"}}],"usage":{"prompt_tokens":12,"completion_tokens":34,"total_tokens":46}}"#;
    assert_tokens("/v1/chat/completions", false, "application/json", whole, (12, 34));
    let stream = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}],\"usage\":null}\n\n\
                  data: {\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":34}}\n\ndata: [DONE]\n\n";
    assert_tokens("/v1/chat/completions", true, "text/event-stream", stream, (12, 34));
}

#[test]
fn anthropic_counts_cached_input_apart_and_corrects_its_output() {
    let whole = r#"{"type":"message","usage":{"input_tokens":10,"cache_creation_input_tokens":5,"cache_read_input_tokens":100,"output_tokens":25}}"#;
    assert_tokens("/v1/messages", false, "application/json", whole, (115, 25));
    let stream = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":10,\"output_tokens\":1}}}\n\n\
                  event: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":25}}\n\n";
    assert_tokens("/v1/messages", true, "text/event-stream", stream, (10, 25));
}

#[test]
fn gemini_counts_thoughts_as_output_and_states_usage_in_every_event() {
    let whole = r#"{"candidates":[],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":8,"thoughtsTokenCount":2,"totalTokenCount":17}}"#;
    let path = "/v1beta/models/gemini-2.0:generateContent";
    let body = r#"{"contents":[{"parts":[{"text":"hi"}]}]}"#;
    assert_eq!(
        tokens(REQUESTS, path, body, "application/json", whole),
        (Some(7), Some(10), Some(UsageSource::Provider))
    );
    let stream = "data: {\"usageMetadata\":{\"promptTokenCount\":7,\"candidatesTokenCount\":3}}\n\n\
                  data: {\"usageMetadata\":{\"promptTokenCount\":7,\"candidatesTokenCount\":9}}\n\n";
    let path = "/v1beta/models/gemini-2.0:streamGenerateContent";
    assert_eq!(
        tokens(REQUESTS, path, body, "text/event-stream", stream),
        (Some(7), Some(9), Some(UsageSource::Stream))
    );
    let array = "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"H\"}]}}],\"usageMetadata\":{\"promptTokenCount\":7,\"candidatesTokenCount\":1}}\n\
                 ,\r\n{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"i\"}]}}],\"usageMetadata\":{\"promptTokenCount\":7,\"candidatesTokenCount\":54,\"thoughtsTokenCount\":3}}]";
    assert_eq!(tokens(REQUESTS, path, body, "application/json", array), (Some(7), Some(57), Some(UsageSource::Stream)));
    assert_eq!(tokens(&both(), path, body, "application/json", array), (Some(7), Some(57), Some(UsageSource::Stream)));
}

#[test]
fn gemini_counts_thoughts_without_an_answer_and_what_tools_brought() {
    let whole = r#"{"usageMetadata":{"promptTokenCount":10,"thoughtsTokenCount":50,"toolUsePromptTokenCount":300,"totalTokenCount":360}}"#;
    assert_tokens("/v1beta/models/m:generateContent", false, "application/json", whole, (310, 50));
}

#[test]
fn usage_is_read_from_json_under_another_type() {
    let whole = r#"{"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":34}}"#;
    for media in ["text/plain", "text/plain; charset=utf-8", "application/octet-stream"] {
        assert_tokens("/v1/chat/completions", false, media, whole, (12, 34));
    }
}

#[test]
fn anthropics_input_is_that_of_the_start_though_the_end_says_none() {
    let stream = "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":10,\"cache_read_input_tokens\":5,\"output_tokens\":1}}}\n\n\
                  data: {\"type\":\"message_delta\",\"usage\":{\"input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":25}}\n\n";
    assert_tokens("/v1/messages", true, "text/event-stream", stream, (15, 25));
}

#[test]
fn ollama_streams_unless_told_otherwise() {
    let line = r#"{"model":"m","message":{"content":"hi"},"done":true,"prompt_eval_count":26,"eval_count":298}"#;
    for (body, source) in [
        (r#"{"model":"m","messages":[]}"#, UsageSource::Stream),
        (r#"{"model":"m","stream":true,"messages":[]}"#, UsageSource::Stream),
        (r#"{"model":"m","stream":false,"messages":[]}"#, UsageSource::Provider),
    ] {
        let found = tokens(REQUESTS, "/api/chat", body, "application/x-ndjson", line);
        assert_eq!(found, (Some(26), Some(298), Some(source)), "{body}");
    }
}

#[test]
fn ollama_states_its_usage_at_the_top_of_the_last_line() {
    let whole = r#"{"model":"m","message":{"role":"assistant","content":"hi"},"done":true,"prompt_eval_count":26,"eval_count":298}"#;
    assert_tokens("/api/chat", false, "application/json", whole, (26, 298));
    let stream = format!("{{\"model\":\"m\",\"message\":{{\"content\":\"hi\"}},\"done\":false}}\n{whole}\n");
    assert_tokens("/api/chat", true, "application/x-ndjson", &stream, (26, 298));
}

#[test]
fn numbers_that_only_look_like_usage_are_not_counted() {
    let answered = r#"{"choices":[{"message":{"content":"{\"usage\":{\"prompt_tokens\":1}}"}}],"data":{"deep":{"deeper":{"prompt_tokens":5}}}}"#;
    let found = tokens(
        REQUESTS,
        "/v1/chat/completions",
        r#"{"messages":[],"usage":{"prompt_tokens":9}}"#,
        "application/json",
        answered,
    );
    assert_eq!(found, (None, None, None));
}

/// What a model may say in places that are no text: arguments of its calls, what tools answered.
const SAID: &str = r#""usage":{"prompt_tokens":7,"input_tokens":7,"promptTokenCount":7,"completion_tokens":7,"output_tokens":7,"candidatesTokenCount":7,"prompt_eval_count":7,"eval_count":7}"#;

#[test]
fn usage_counts_only_where_the_dialect_has_it() {
    let details = r#""prompt_tokens_details":{"cached_tokens":4,"prompt_tokens":99},"completion_tokens_details":{"completion_tokens":98}"#;
    let openai = format!(r#""usage":{{"prompt_tokens":11,"completion_tokens":12,{details}}}"#);
    let choices = format!(
        r#""choices":[{{"message":{{"content":"x","tool_calls":[{{"function":{{"arguments":{{{SAID}}}}}}}]}},{SAID}}}]"#
    );
    for whole in [format!("{{{openai},{choices},\"meta\":{{{SAID}}}}}"), format!("{{{choices},{openai}}}")] {
        assert_tokens("/v1/chat/completions", false, "application/json", &whole, (11, 12));
    }
    let chunk = format!(
        "data: {{{openai},\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"a\",{SAID}}}}}]}}\n\ndata: [DONE]\n\n"
    );
    assert_tokens("/v1/chat/completions", true, "text/event-stream", &chunk, (11, 12));
    let groq = format!("data: {{{choices},\"x_groq\":{{\"id\":\"r\",{openai}}}}}\n\n");
    assert_tokens("/v1/chat/completions", true, "text/event-stream", &groq, (11, 12));
    let response = r#"data: {"type":"response.completed","response":{"usage":{"input_tokens":31,"output_tokens":32,"output_tokens_details":{"output_tokens":5}},"output":[{"SAID"}]}}"#;
    let response = response.replace("\"SAID\"", SAID) + "\n\n";
    assert_tokens("/v1/responses", true, "text/event-stream", &response, (31, 32));
    let cohere = r#"{"message":{},"usage":{"billed_units":{"input_tokens":5,"output_tokens":6},"tokens":{"input_tokens":71,"output_tokens":72},"cached":{"input_tokens":1}}}"#;
    assert_tokens("/v2/chat", false, "application/json", cohere, (71, 72));
    let block = format!(r#"{{"type":"tool_use","input":{{{SAID}}}}}"#);
    let whole = format!(r#"{{"type":"message","usage":{{"input_tokens":43,"output_tokens":44}},"content":[{block}]}}"#);
    assert_tokens("/v1/messages", false, "application/json", &whole, (43, 44));
    let stream = format!(
        "data: {{\"type\":\"message_start\",\"message\":{{\"usage\":{{\"input_tokens\":41,\"output_tokens\":1}}}}}}\n\n\
         data: {{\"type\":\"content_block_start\",\"content_block\":{block}}}\n\n\
         data: {{\"type\":\"message_delta\",\"delta\":{{}},\"usage\":{{\"output_tokens\":42}}}}\n\n"
    );
    assert_tokens("/v1/messages", true, "text/event-stream", &stream, (41, 42));
    let gemini = format!(
        r#"{{"usageMetadata":{{"promptTokenCount":51,"candidatesTokenCount":52,"promptTokensDetails":[{{"promptTokenCount":9}}]}},"candidates":[{{"content":{{"parts":[{{"functionCall":{{"args":{{{SAID}}}}}}}]}}}}]}}"#
    );
    assert_tokens("/v1beta/models/m:generateContent", false, "application/json", &gemini, (51, 52));
    let array = format!("[{gemini},{gemini}]");
    assert_tokens("/v1beta/models/m:streamGenerateContent", true, "application/json", &array, (51, 52));
    let ollama = format!(
        r#"{{"done":true,"prompt_eval_count":61,"eval_count":62,"message":{{"tool_calls":[{{{SAID}}}],"eval_count":7}}}}"#
    );
    assert_tokens("/api/chat", false, "application/json", &ollama, (61, 62));
}

#[test]
fn a_count_that_cannot_be_is_unknown_and_no_other_takes_its_place() {
    for wrong in ["-1", "99999999999999999999999", "1e40", "0.5"] {
        let answered = format!(
            r#"{{"usage":{{"prompt_tokens":3,"prompt_tokens":{wrong},"completion_tokens":12}},"choices":[{{{SAID}}}]}}"#
        );
        let found = tokens(REQUESTS, "/v1/chat/completions", r#"{"messages":[]}"#, "application/json", &answered);
        assert_eq!(found, (None, Some(12), Some(UsageSource::Provider)), "{wrong}");
    }
}

#[test]
fn bedrock_counts_cached_input_apart() {
    let whole = r#"{"output":{"message":{"role":"assistant","content":[{"text":"hi"}]}},"usage":{"inputTokens":30,"cacheReadInputTokens":7,"cacheWriteInputTokens":3,"outputTokens":40,"totalTokens":80}}"#;
    assert_tokens("/model/m/converse", false, "application/json", whole, (40, 40));
}

#[test]
fn no_count_is_negative_or_too_large() {
    let answered = r#"{"usage":{"prompt_tokens":-5,"completion_tokens":1e20}}"#;
    let found = tokens(REQUESTS, "/v1/chat/completions", r#"{"messages":[]}"#, "application/json", answered);
    assert_eq!(found, (None, None, None));
}
