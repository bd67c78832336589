//! Requests as client libraries make them, with a secret over two strings that a model or a server reads as one text.

use super::lab::{Lab, REQUESTS, request};
use crate::Rules;
use policy::Reason;

fn reason_of(body: &str) -> Option<Reason> {
    let mut lab = Lab::<Rules>::new(REQUESTS);
    let request = request("application/json", body);
    lab.up(&request);
    if lab.seen.blocked.is_none() {
        lab.assert_passed(request.as_bytes());
    }
    lab.seen.blocked
}

#[test]
fn a_secret_over_two_strings_that_a_model_reads_as_one_blocks_in_every_shape() {
    for (name, shape) in SHAPES {
        let with = |first: &str, second: &str| reason_of(&shape.replace("AA", first).replace("BB", second));
        for (first, second) in [
            ("536-90", "-4399"),
            ("my ssn is 536-", "90-4399"),
            ("card 4111 1111", " 1111 1111 "),
            (r"536\u002d90", "-4399"),
        ] {
            assert_eq!(with(first, second), Some(Reason::Finding), "{name}: {first}");
        }
        for (first, second) in [("hello", "there"), ("It is 12", "345 miles to 90"), ("write to bob", "@ noon")] {
            assert_eq!(with(first, second), None, "{name}: {first}");
        }
    }
}

/// With a text in the places of `AA` and `BB`.
#[rustfmt::skip]
const SHAPES: &[(&str, &str)] = &[
    ("openai responses input_text", r#"{"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":"AA"},{"type":"input_text","text":"BB"}]}]}"#),
    ("openai responses output parts", r#"{"model":"m","input":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"AA","annotations":[]},{"type":"output_text","text":"BB","annotations":[]}]}]}"#),
    ("openai responses items", r#"{"model":"m","input":[{"type":"input_text","text":"AA"},{"type":"input_text","text":"BB"}]}"#),
    ("openai reasoning summary", r#"{"model":"m","input":[{"type":"reasoning","id":"r","summary":[{"type":"summary_text","text":"AA"},{"type":"summary_text","text":"BB"}]}]}"#),
    ("openai function_call_output parts", r#"{"model":"m","input":[{"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"AA"},{"type":"input_text","text":"BB"}]}]}"#),
    ("openai chat refusal", r#"{"model":"m","messages":[{"role":"assistant","content":[{"type":"refusal","refusal":"AA"},{"type":"text","text":"BB"}]}]}"#),
    ("openai tool message", r#"{"model":"m","messages":[{"role":"tool","tool_call_id":"c","content":[{"type":"text","text":"AA"},{"type":"text","text":"BB"}]}]}"#),
    ("openai prediction", r#"{"model":"m","messages":[],"prediction":{"type":"content","content":[{"type":"text","text":"AA"},{"type":"text","text":"BB"}]}}"#),
    ("openai assistants thread", r#"{"assistant_id":"a","thread":{"messages":[{"role":"user","content":[{"type":"text","text":"AA"},{"type":"text","text":"BB"}]}]}}"#),
    ("openai realtime item", r#"{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"AA"},{"type":"input_text","text":"BB"}]}}"#),
    ("openai moderation", r#"{"model":"m","input":[{"type":"text","text":"AA"},{"type":"text","text":"BB"}]}"#),
    ("openai completions list", r#"{"model":"m","prompt":["AA","BB"]}"#),
    ("openai batch item", r#"{"requests":[{"custom_id":"1","params":{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"AA"},{"type":"text","text":"BB"}]}]}}]}"#),
    ("anthropic system", r#"{"model":"m","system":[{"type":"text","text":"AA"},{"type":"text","text":"BB"}],"messages":[]}"#),
    ("anthropic tool_result", r#"{"model":"m","messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"AA"},{"type":"text","text":"BB"}]}]}]}"#),
    ("anthropic document content", r#"{"model":"m","messages":[{"role":"user","content":[{"type":"document","source":{"type":"content","content":[{"type":"text","text":"AA"},{"type":"text","text":"BB"}]}}]}]}"#),
    ("anthropic search_result", r#"{"model":"m","messages":[{"role":"user","content":[{"type":"search_result","source":"https://a.example","title":"t","content":[{"type":"text","text":"AA"},{"type":"text","text":"BB"}],"citations":{"enabled":true}}]}]}"#),
    ("anthropic with citations", r#"{"model":"m","messages":[{"role":"assistant","content":[{"type":"text","text":"AA","citations":[{"type":"char_location","cited_text":"zz","document_index":0,"document_title":"t","start_char_index":0,"end_char_index":2}]},{"type":"text","text":"BB"}]}]}"#),
    ("anthropic citations first", r#"{"model":"m","messages":[{"role":"assistant","content":[{"type":"text","citations":[{"cited_text":"zz"}],"text":"AA"},{"type":"text","citations":[{"cited_text":"yy"}],"text":"BB"}]}]}"#),
    ("anthropic thinking between", r#"{"model":"m","messages":[{"role":"assistant","content":[{"type":"text","text":"AA"},{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"BB"}]}]}"#),
    ("gemini parts", r#"{"contents":[{"role":"user","parts":[{"text":"AA"},{"text":"BB"}]}]}"#),
    ("gemini parts with thought", r#"{"contents":[{"role":"model","parts":[{"text":"AA","thoughtSignature":"x"},{"text":"BB"}]}]}"#),
    ("gemini systemInstruction", r#"{"systemInstruction":{"parts":[{"text":"AA"},{"text":"BB"}]},"contents":[]}"#),
    ("gemini functionResponse", r#"{"contents":[{"role":"function","parts":[{"functionResponse":{"name":"f","response":{"content":[{"text":"AA"},{"text":"BB"}]}}}]}]}"#),
    ("gemini functionResponse list", r#"{"contents":[{"parts":[{"functionResponse":{"name":"f","response":{"result":["AA","BB"]}}}]}]}"#),
    ("gemini one content object", r#"{"contents":{"parts":[{"text":"AA"},{"text":"BB"}]}}"#),
    ("gemini batch embed", r#"{"requests":[{"model":"m","content":{"parts":[{"text":"AA"},{"text":"BB"}]}}]}"#),
    ("bedrock converse", r#"{"messages":[{"role":"user","content":[{"text":"AA"},{"text":"BB"}]}],"system":[{"text":"s"}]}"#),
    ("bedrock system", r#"{"system":[{"text":"AA"},{"text":"BB"}],"messages":[]}"#),
    ("bedrock guardContent", r#"{"messages":[{"role":"user","content":[{"guardContent":{"text":{"text":"AA","qualifiers":["query"]}}},{"guardContent":{"text":{"text":"BB"}}}]}]}"#),
    ("bedrock toolResult", r#"{"messages":[{"role":"user","content":[{"toolResult":{"toolUseId":"t","content":[{"text":"AA"},{"text":"BB"}],"status":"success"}}]}]}"#),
    ("cohere v2", r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"AA"},{"type":"text","text":"BB"}]}]}"#),
    ("cohere documents", r#"{"model":"m","documents":["AA","BB"],"messages":[]}"#),
    ("mistral chunks", r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"AA"},{"type":"text","text":"BB"}]}]}"#),
    ("mistral thinking", r#"{"model":"m","messages":[{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"AA"},{"type":"text","text":"BB"}]}]}]}"#),
    ("mistral ocr", r#"{"model":"m","messages":[{"role":"user","content":["AA","BB"]}]}"#),
    ("tgi inputs", r#"{"inputs":["AA","BB"]}"#),
    ("hf conversational", r#"{"inputs":{"past_user_inputs":["AA","BB"],"generated_responses":[],"text":"x"}}"#),
    ("hf inputs objects", r#"{"inputs":[{"text":"AA"},{"text":"BB"}]}"#),
    ("langserve", r#"{"input":{"messages":[{"type":"human","content":[{"type":"text","text":"AA"},{"type":"text","text":"BB"}]}]},"config":{}}"#),
    ("langserve ctor", r#"{"input":{"messages":[{"lc":1,"type":"constructor","id":["langchain","HumanMessage"],"kwargs":{"content":[{"type":"text","text":"AA"},{"type":"text","text":"BB"}]}}]}}"#),
    ("mcp call", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{"lines":["AA","BB"]}}}"#),
    ("mcp result", r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"AA"},{"type":"text","text":"BB"}]}}"#),
    ("mcp sampling", r#"{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{"messages":[{"role":"user","content":[{"type":"text","text":"AA"},{"type":"text","text":"BB"}]}]}}"#),
    ("mcp resources", r#"{"jsonrpc":"2.0","id":1,"result":{"contents":[{"uri":"a:b","text":"AA"},{"uri":"a:c","text":"BB"}]}}"#),
    ("graphql", r#"{"query":"mutation($m:[P!]!){ask(parts:$m){t}}","variables":{"m":[{"text":"AA"},{"text":"BB"}]}}"#),
    ("graphql input", r#"{"query":"q","variables":{"input":{"parts":[{"text":"AA"},{"text":"BB"}]}}}"#),
    ("vertex instances", r#"{"instances":[{"messages":[{"author":"user","content":[{"text":"AA"},{"text":"BB"}]}]}]}"#),
    ("vertex instances content", r#"{"instances":[{"content":"AA"},{"content":"BB"}]}"#),
    ("vercel ui message", r#"{"id":"c","messages":[{"id":"1","role":"user","parts":[{"type":"text","text":"AA"},{"type":"text","text":"BB"}]}]}"#),
    ("chatgpt web parts", r#"{"action":"next","messages":[{"author":{"role":"user"},"content":{"content_type":"text","parts":["AA","BB"]}}],"model":"auto"}"#),
    ("a2a", r#"{"jsonrpc":"2.0","method":"message/send","params":{"message":{"role":"user","parts":[{"kind":"text","text":"AA"},{"kind":"text","text":"BB"}]}}}"#),
    ("input_text key", r#"{"model":"m","messages":[{"role":"user","content":[{"type":"input_text","input_text":"AA"},{"type":"input_text","input_text":"BB"}]}]}"#),
    ("slack blocks", r#"{"blocks":[{"type":"section","text":{"type":"mrkdwn","text":"AA"}},{"type":"section","text":{"type":"mrkdwn","text":"BB"}}]}"#),
    ("rich text", r#"{"blocks":[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"AA"},{"type":"text","text":"BB","style":{"bold":true}}]}]}]}"#),
    ("prosemirror", r#"{"doc":{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"AA"},{"type":"text","marks":[{"type":"bold"}],"text":"BB"}]}]}}"#),
    ("chat with refusal null", r#"{"model":"m","messages":[{"role":"assistant","content":[{"type":"text","text":"AA","refusal":null},{"type":"text","text":"BB","refusal":null}]}]}"#),
    ("semantic kernel", r#"{"messages":[{"items":[{"$type":"TextContent","Text":"AA"},{"$type":"TextContent","Text":"BB"}]}]}"#),
    ("copilot studio", r#"{"activity":{"type":"message","attachments":[{"content":{"body":[{"type":"TextBlock","text":"AA"},{"type":"TextBlock","text":"BB"}]}}]}}"#),
];
