//! Keys in the fields that the providers document: they pass to their own provider, and to nobody else.

use super::lab::{Lab, OPENAI_KEY, REQUESTS};
use crate::Rules;
use policy::Reason;

/// The rules that people have.
const SHIPPED: &str = include_str!("../../../../../etc/policy.toml");

/// What tells that a header's value is a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// Its own form, wherever it stands.
    Form,
    /// Its field, which is no place for keys elsewhere.
    Field,
    /// Nothing but a field in which everybody expects one.
    Nothing,
}

use Told::{Field, Form, Nothing};

/// Hosts, and the headers with which their documents have a client say who it is. In braces: so many random characters
/// of an alphabet, so many random bytes in base64 (`b`), or a web token with these claims (`jwt`).
const HEADERS: [(&str, &str, Told); 71] = [
    (
        "api.openai.com",
        "Authorization: Bearer sk-proj-{a74}T3BlbkFJ{a74}\nOpenAI-Organization: org-{a24}\nOpenAI-Project: proj_{a24}",
        Form,
    ),
    ("api.openai.com", "Authorization: Bearer sk-{a48}", Form),
    ("api.openai.com", "Authorization: Bearer sk-svcacct-{a74}T3BlbkFJ{a74}", Form),
    ("api.openai.com", "Authorization: Bearer sess-{a40}", Form),
    ("api.openai.com", "Authorization: Bearer ek_{h32}", Nothing),
    ("us.openai.azure.com", "api-key: {h32}", Nothing),
    ("us.openai.azure.com", "api-key: {a84}", Nothing),
    ("us.openai.azure.com", "api-key: {a52}JQQJ99{a26}", Form),
    ("us.openai.azure.com", "Authorization: Bearer {jwt:\"aud\":\"https://cognitiveservices.azure.com\"}", Form),
    ("us.cognitiveservices.azure.com", "Ocp-Apim-Subscription-Key: {h32}", Field),
    ("models.inference.ai.azure.com", "Authorization: Bearer ghp_{a36}", Form),
    ("models.github.ai", "Authorization: Bearer github_pat_{a22}_{a59}", Form),
    ("api.anthropic.com", "x-api-key: sk-ant-api03-{a93}AA\nanthropic-version: 2023-06-01", Form),
    ("api.anthropic.com", "Authorization: Bearer sk-ant-oat01-{a93}AA", Form),
    ("generativelanguage.googleapis.com", "x-goog-api-key: AIzaSy{a33}", Form),
    (
        "generativelanguage.googleapis.com",
        "Authorization: Bearer ya29.{a200}\nx-goog-user-project: my-proj-123456",
        Form,
    ),
    ("aiplatform.googleapis.com", "Authorization: Bearer ya29.{a200}", Form),
    ("us-east4-aiplatform.googleapis.com", "Authorization: Bearer ya29.{a200}", Form),
    (
        "bedrock-runtime.us-east-1.amazonaws.com",
        "X-Amz-Date: 20260101T000000Z\nX-Amz-Security-Token: {b500}\nAuthorization: AWS4-HMAC-SHA256 Credential=ASIA{u16}/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature={h64}\nX-Amz-Content-Sha256: {h64}",
        Form,
    ),
    ("bedrock-runtime.us-east-1.amazonaws.com", "X-Amz-Security-Token: {b500}", Field),
    (
        "bedrock-runtime.us-east-1.amazonaws.com",
        "X-Amz-Date: 20260101T000000Z\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIA{u16}/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature={h64}",
        Form,
    ),
    ("bedrock-runtime.us-east-1.amazonaws.com", "Authorization: Bearer bedrock-api-key-{b96}", Form),
    ("bedrock-runtime.us-east-1.amazonaws.com", "Authorization: Bearer ABSK{b96}", Form),
    (
        "runtime.sagemaker.us-east-1.amazonaws.com",
        "Authorization: AWS4-HMAC-SHA256 Credential=AKIA{u16}/20260101/us-east-1/sagemaker/aws4_request, SignedHeaders=host;x-amz-date, Signature={h64}",
        Form,
    ),
    ("api.mistral.ai", "Authorization: Bearer {a32}", Nothing),
    ("api.cohere.com", "Authorization: Bearer {a40}", Nothing),
    ("api.groq.com", "Authorization: Bearer gsk_{a52}", Form),
    ("api.together.xyz", "Authorization: Bearer {h64}", Nothing),
    ("api.fireworks.ai", "Authorization: Bearer fw_{a24}", Form),
    ("api.deepseek.com", "Authorization: Bearer sk-{h32}", Nothing),
    ("api.x.ai", "Authorization: Bearer xai-{a80}", Form),
    ("api.perplexity.ai", "Authorization: Bearer pplx-{a48}", Form),
    ("router.huggingface.co", "Authorization: Bearer hf_{l34}", Form),
    ("api.replicate.com", "Authorization: Bearer r8_{a37}", Form),
    ("api.replicate.com", "Authorization: Token r8_{a37}", Form),
    ("openrouter.ai", "Authorization: Bearer sk-or-v1-{h64}\nHTTP-Referer: https://my.app\nX-Title: My App", Form),
    ("api.cerebras.ai", "Authorization: Bearer csk-{a48}", Form),
    ("integrate.api.nvidia.com", "Authorization: Bearer nvapi-{a64}", Form),
    ("api.ai21.com", "Authorization: Bearer {a32}", Nothing),
    ("api.voyageai.com", "Authorization: Bearer pa-{a43}", Form),
    ("api.jina.ai", "Authorization: Bearer jina_{h32}{a28}", Form),
    ("api.stability.ai", "Authorization: Bearer sk-{a48}", Nothing),
    ("api.elevenlabs.io", "xi-api-key: sk_{h48}", Form),
    ("api.elevenlabs.io", "xi-api-key: {h32}", Field),
    ("api.assemblyai.com", "Authorization: {h32}", Nothing),
    ("api.deepgram.com", "Authorization: Token {h40}", Nothing),
    ("api.cartesia.ai", "X-API-Key: sk_car_{a22}", Nothing),
    ("api.moonshot.cn", "Authorization: Bearer sk-{a48}", Nothing),
    ("open.bigmodel.cn", "Authorization: Bearer {h32}.{a16}", Nothing),
    ("open.bigmodel.cn", "Authorization: Bearer {jwt:\"api_key\":\"{h32}\",\"exp\":1,\"timestamp\":1}", Form),
    ("dashscope.aliyuncs.com", "Authorization: Bearer sk-{h32}", Nothing),
    ("api.siliconflow.cn", "Authorization: Bearer sk-{m48}", Nothing),
    (
        "hunyuan.tencentcloudapi.com",
        "Authorization: TC3-HMAC-SHA256 Credential=AKID{a32}/2026-01-01/hunyuan/tc3_request, SignedHeaders=content-type;host, Signature={h64}",
        Form,
    ),
    (
        "api.minimax.chat",
        "Authorization: Bearer {jwt:\"GroupName\":\"x\",\"SubjectID\":\"1700000000000000000\",\"Mail\":\"a@b.com\"}",
        Form,
    ),
    (
        "api.githubcopilot.com",
        "Authorization: Bearer tid={h32};exp=1700000000;sku=copilot_for_business_seat;st=dotcom;chat=1;8kp=1;ip=203.0.113.7;asn=AS3320:{h64}\neditor-version: vscode/1.95.0\nvscode-machineid: {h64}",
        Nothing,
    ),
    ("api.githubcopilot.com", "Authorization: Bearer gho_{a36}", Form),
    ("api2.cursor.sh", "Authorization: Bearer {jwt:\"sub\":\"auth0|user\"}\nx-cursor-checksum: {a64}/{h64}", Form),
    (
        "chatgpt.com",
        "Authorization: Bearer {jwt:\"email\":\"joe.user@corp.com\",\"sub\":\"user\"}\nCookie: __Secure-next-auth.session-token.0={a400}; oai-did=0a1b2c3d-4e5f-6789-abcd-ef0123456789; _ga=GA1.1.1234567890.1700000000; cf_clearance={a43}-1700000000-1.2.1.1-{a300}\nOAI-Device-Id: 0a1b2c3d-4e5f-6789-abcd-ef0123456789\nOpenAI-Sentinel-Proof-Token: gAAAAAB{b300}",
        Form,
    ),
    (
        "claude.ai",
        "Cookie: sessionKey=sk-ant-sid01-{a86}-{a6}AA; lastActiveOrg=0a1b2c3d-4e5f-6789-abcd-ef0123456789",
        Form,
    ),
    (
        "gemini.google.com",
        "Cookie: SID=g.a000{a140}; __Secure-1PSID=g.a000{a140}; SAPISID={a34}; NID=511={a200}\nAuthorization: SAPISIDHASH 1700000000_{h40}",
        Nothing,
    ),
    ("huggingface.co", "Cookie: token={a80}; aws-waf-token=0a1b2c3d-4e5f-6789-abcd-ef0123456789:{a12}:{b150}", Field),
    (
        "us-south.ml.cloud.ibm.com",
        "Authorization: Bearer {jwt:\"iam_id\":\"IBMid-1\",\"email\":\"joe@corp.com\",\"sub\":\"joe@corp.com\"}",
        Form,
    ),
    ("api.poe.com", "Authorization: Bearer {a43}", Nothing),
    (
        "gateway.ai.cloudflare.com",
        "Authorization: Bearer sk-proj-{a74}T3BlbkFJ{a74}\ncf-aig-authorization: Bearer {a40}",
        Form,
    ),
    ("gateway.ai.cloudflare.com", "cf-aig-authorization: Bearer {a40}", Field),
    (
        "oai.helicone.ai",
        "Authorization: Bearer sk-proj-{a74}T3BlbkFJ{a74}\nHelicone-Auth: Bearer sk-helicone-{a30}",
        Form,
    ),
    ("anthropic.helicone.ai", "x-api-key: sk-ant-api03-{a93}AA\nHelicone-Auth: Bearer sk-helicone-{a30}", Form),
    ("ai-gateway.vercel.sh", "Authorization: Bearer vck_{a60}", Form),
    (
        "ai-gateway.vercel.sh",
        "Authorization: Bearer {jwt:\"iss\":\"https://oidc.vercel.com/team\",\"sub\":\"owner:x\"}",
        Form,
    ),
    ("api.deepgram.com", "Authorization: Bearer {jwt:\"exp\":1}", Form),
    (
        "api.edenai.run",
        "Authorization: Bearer {jwt:\"user_id\":\"0a1b2c3d-4e5f-6789-abcd-ef0123456789\",\"type\":\"api_token\"}",
        Form,
    ),
];

/// Draws values (Marsaglia, "Xorshift RNGs").
struct Generator(u64);

impl Generator {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn text(&mut self, alphabet: &[u8], count: usize) -> String {
        (0..count).map(|_| char::from(alphabet[(self.next() >> 32) as usize % alphabet.len()])).collect()
    }

    /// A template with values drawn for what stands in braces.
    fn fill(&mut self, template: &str) -> String {
        let Some((front, rest)) = template.split_once('{') else { return template.to_owned() };
        let (mut depth, mut end) = (1, 0);
        for (place, character) in rest.char_indices() {
            depth = depth + usize::from(character == '{') - usize::from(character == '}');
            if depth == 0 {
                end = place;
                break;
            }
        }
        let value = self.draw(&rest[..end]);
        format!("{front}{value}{}", self.fill(&rest[end + 1..]))
    }

    fn draw(&mut self, what: &str) -> String {
        if let Some(claims) = what.strip_prefix("jwt:") {
            let header = format!(r#"{{"alg":"RS256","typ":"JWT","kid":"{}"}}"#, self.text(ALNUM, 20));
            let payload = format!("{{{}}}", self.fill(claims));
            let signature: Vec<u8> = (0..256).map(|_| self.next() as u8).collect();
            return [header.as_bytes(), payload.as_bytes(), &signature].map(|part| base64(part, true)).join(".");
        }
        let (kind, count) = what.split_at(1);
        let count = count.parse().unwrap();
        match kind {
            "a" => self.text(ALNUM, count),
            "h" => self.text(b"0123456789abcdef", count),
            "l" => self.text(&ALNUM[10..], count),
            "m" => self.text(&ALNUM[36..], count),
            "u" => self.text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", count),
            "b" => base64(&(0..count).map(|_| self.next() as u8).collect::<Vec<_>>(), false),
            _ => panic!("{what}"),
        }
    }
}

const ALNUM: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// RFC 4648 section 4, or section 5 without padding.
fn base64(bytes: &[u8], is_for_urls: bool) -> String {
    let digits: Vec<u8> = ALNUM[10..].iter().chain(&ALNUM[..10]).copied().collect();
    let others = if is_for_urls { ['-', '_'] } else { ['+', '/'] };
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0, |word, byte| word << 8 | usize::from(*byte)) << (8 * (3 - chunk.len()));
        let of = |place: usize| word >> (18 - 6 * place) & 63;
        out.extend(
            (0..=chunk.len()).map(|place| digits.get(of(place)).map_or(others[of(place) & 1], |d| char::from(*d))),
        );
        out.extend((chunk.len()..3).filter(|_| !is_for_urls).map(|_| '='));
    }
    out
}

fn post(host: &str, path: &str, headers: &str, body: &str) -> String {
    let headers: String = headers.lines().map(|header| format!("{header}\r\n")).collect();
    format!("POST {path} HTTP/1.1\r\n{headers}Host: {host}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn reason_of(request: &str) -> Option<Reason> {
    let mut lab = Lab::<Rules>::new(SHIPPED);
    lab.up(request);
    assert!(lab.seen.blocked.is_some() || lab.seen.upstream == request.as_bytes(), "changed: {request}");
    lab.seen.blocked
}

const SEEDS: u64 = 4;

fn each_header(check: impl Fn(&str, &str, Told)) {
    for seed in 1..=SEEDS {
        for (host, template, told) in HEADERS {
            check(host, &Generator(seed << 8).fill(template), told);
        }
    }
}

#[test]
fn every_provider_gets_its_own_keys_where_it_documents_them() {
    let mut failed = Vec::new();
    for seed in 1..=SEEDS {
        for (host, template, _) in HEADERS {
            let headers = Generator(seed << 8).fill(template);
            if let Some(reason) = reason_of(&post(host, "/v1/chat/completions", &headers, "{\"a\":\"hi\"}")) {
                failed.push(format!("{host} {template}: {reason:?}"));
            }
        }
    }
    assert!(failed.is_empty(), "{}:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn nobody_gets_the_keys_of_others() {
    const OTHERS: [&str; 6] = [
        "api.openai.com",
        "api.anthropic.com",
        "someone.openai.azure.com",
        "api.mistral.ai",
        "anybody.hf.space",
        "evil.example.com",
    ];
    each_header(|host, headers, told| {
        for other in OTHERS.iter().filter(|other| told != Nothing && !is_same(host, other)) {
            let is_azures = other.ends_with("azure.com") && headers.contains("Bearer eyJ");
            let reason = reason_of(&post(other, "/v1/chat/completions", headers, "{}"));
            assert!(is_azures || reason.is_some(), "{other} {headers}");
            let is_usual = ["authorization:", "x-api-key:"].iter().any(|name| headers.to_lowercase().starts_with(name));
            if told == Form && is_usual && !is_azures {
                assert_eq!(reason, Some(Reason::CredentialForeign), "{other} {headers}");
            }
        }
    });
}

/// True for hosts that take the same keys as far as these are told apart.
fn is_same(host: &str, other: &str) -> bool {
    let families = [
        &["openai.com", "chatgpt.com", "helicone", "cloudflare"][..],
        &["anthropic", "claude", "helicone"],
        &["azure.com"],
    ];
    families.iter().any(|family| [host, other].iter().all(|host| family.iter().any(|name| host.contains(name))))
}

#[test]
fn a_key_is_no_credential_of_its_provider_in_other_places() {
    each_header(|host, headers, told| {
        let key = headers.lines().find_map(|header| header.split_once(": ")).unwrap().1;
        if told != Form || ["X-Amz", "Cookie"].iter().any(|name| headers.starts_with(name)) {
            return;
        }
        let token = key.rsplit_once(' ').map_or(key, |(_, token)| token);
        let token = if key.contains("Credential=") { key } else { token };
        for request in [
            post(host, "/v1/chat/completions", "X-Note: 1", &format!("{{\"a\":\"{token}\"}}")),
            post(host, &format!("/v1/x?a={}", token.replace(' ', "%20")), "X-Note: 1", "{}"),
            post(host, "/v1/chat/completions", &format!("X-Note: {token}"), "{}"),
            post(host, "/v1/chat/completions", &format!("{headers}\nX-Note: {token}"), "{}"),
        ] {
            assert_eq!(reason_of(&request), Some(Reason::Finding), "{request}");
        }
    });
}

#[test]
fn a_key_in_the_path_of_its_own_provider_is_found() {
    for (host, key) in
        [("api.groq.com", "gsk_{a52}"), ("api.x.ai", "xai-{a80}"), ("chatgpt.com", "{jwt:\"sub\":\"u\"}")]
    {
        let path = format!("/v1/x/{}", Generator(7).fill(key));
        assert_eq!(reason_of(&post(host, &path, "X-Note: 1", "{}")), Some(Reason::Finding), "{host}");
    }
}

#[test]
fn a_key_in_the_query_passes_as_in_a_field() {
    let (google, groq) = (Generator(7).fill("AIzaSy{a33}"), Generator(7).fill("gsk_{a52}"));
    let to = |host: &str, key: &str| reason_of(&post(host, &format!("/v1/x?alt=sse&key={key}"), "X-Note: 1", "{}"));
    assert_eq!(to("generativelanguage.googleapis.com", &google), None);
    assert_eq!(to("generativelanguage.googleapis.com", &groq), Some(Reason::CredentialForeign));
    assert_eq!(to("api.groq.com", &google), Some(Reason::CredentialForeign));
}

#[test]
fn an_openai_key_does_not_pass_to_resources_of_azure() {
    for header in [format!("Authorization: Bearer {OPENAI_KEY}"), format!("api-key: {OPENAI_KEY}")] {
        for host in ["us.openai.azure.com", "us.openai.azure.us", "us.services.ai.azure.com"] {
            assert_eq!(reason_of(&post(host, "/v1/x", &header, "{}")), Some(Reason::CredentialForeign), "{host}");
        }
    }
}

#[test]
fn hosts_that_a_policy_names_take_their_providers_keys() {
    let policy = format!("{REQUESTS}\n[providers]\ngroq = [\"llm.example.org\"]\nsnowflake = [\"sf.example.org\"]\n");
    let mut values = Generator(7);
    let (groq, jwt) = (values.fill("gsk_{a52}"), values.fill("{jwt:\"iss\":\"x\"}"));
    for (host, key, is_taken) in [
        ("llm.example.org", &groq, true),
        ("llm.example.org:8443", &groq, true),
        ("sf.example.org", &groq, false),
        ("sf.example.org", &jwt, true),
        ("llm.example.org", &jwt, false),
        ("other.example.org", &groq, false),
    ] {
        let mut lab = Lab::<Rules>::new(&policy);
        lab.up(post(host, "/v1/x", &format!("Authorization: Bearer {key}"), "{}"));
        assert_eq!(lab.seen.blocked, (!is_taken).then_some(Reason::CredentialForeign), "{host} {key}");
    }
}

#[test]
fn a_cookie_is_a_key_once_and_under_its_own_name() {
    let key = Generator(7).fill("sk-ant-sid01-{a86}-{a6}AA");
    let with = |cookies: &str| reason_of(&post("claude.ai", "/x", &format!("Cookie: {cookies}"), "{}"));
    assert_eq!(with(&format!("a=b; sessionKey={key}; c=d")), None);
    assert_eq!(with(&format!("a=b; sessionKey={key}")), None);
    assert_eq!(with(&format!("sessionKey={key}")), None);
    assert!(with(&format!("other={key}")).is_some());
    assert!(with(&format!("sessionKey={key}; sessionKey={key}")).is_some());
    assert!(with(&format!("sessionKey={key}\nCookie: sessionKey={key}")).is_some());
    assert!(with(&format!("sessionKey={key} {OPENAI_KEY}")).is_some());
    assert!(with(&format!("sessionKey={OPENAI_KEY}")).is_some());
    assert!(with("sessionKey=x; note=536-90-4399").is_some());
    assert!(with("note=536-90-4399; sessionKey=x").is_some());
    let elsewhere = post("api.groq.com", "/x", &format!("Cookie: sessionKey={key}"), "{}");
    assert!(reason_of(&elsewhere).is_some());
}

#[test]
fn the_host_of_a_request_is_known_behind_cookies() {
    let mut lab = Lab::<Rules>::new(&REQUESTS.replace("\"alert\"", "\"block\""));
    let request = "GET / HTTP/1.1\r\nCookie: a=b; sessionKey=x; c=d\r\nHost: 10.2.0.2\r\n\r\n";
    lab.up(request);
    lab.assert_passed(request.as_bytes());
}

#[test]
fn what_an_issuer_wrote_into_its_token_is_left_as_it_is_and_what_stands_beside_it_is_not() {
    let token = Generator(7).fill("{jwt:\"email\":\"joe.user@corp.com\"}");
    let with = |value: &str| {
        let mut lab = Lab::<Rules>::new(SHIPPED);
        let request = post("us.openai.azure.com", "/x", &format!("Authorization: Bearer {value}"), "{}");
        lab.up(&request);
        (lab.seen.blocked, lab.seen.upstream == request.as_bytes())
    };
    assert_eq!(with(&token), (None, true));
    assert_eq!(with(&format!("{token} joe.user@corp.com")), (None, false), "masked");
    assert_eq!(with(&format!("{token} 536-90-4399")).0, Some(Reason::CredentialForeign));
    let worse = Generator(7).fill("{jwt:\"ssn\":\"536-90-4399\"}");
    assert_eq!(with(&worse).0, Some(Reason::CredentialForeign));
}

#[test]
fn the_key_of_a_websocket_is_no_secret() {
    for seed in 1..=64 {
        let fields = "Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: ";
        let request = |value: &str| post("api.openai.com", "/v1/realtime", &format!("{fields}{value}"), "");
        let mut values = Generator(seed << 8);
        assert_eq!(reason_of(&request(&values.fill("{b16}"))), Some(Reason::HttpTunnel));
        let other = values.fill("{a40}");
        assert!(matches!(reason_of(&request(&other)), Some(Reason::Finding | Reason::HttpTunnel)));
        assert_eq!(reason_of(&request(OPENAI_KEY)), Some(Reason::Finding));
    }
}
