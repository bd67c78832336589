use super::*;
use crate::EntityType;
use crate::detectors::testing::{find_all, finds, passes};

const SECRET: EntityType = EntityType::Secret;

/// Characters without a pattern, enough for the longest shortest form.
fn body(class: Class, length: usize) -> String {
    let alphabet: Vec<char> =
        (0..=127u8).filter(|byte| class.holds(*byte) && byte.is_ascii_alphanumeric()).map(char::from).collect();
    (0..length).map(|place| alphabet[(place * place * 7 + place * 3 + 5) % alphabet.len()]).collect()
}

fn token(rule: &Rule) -> Option<String> {
    let prefix = core::str::from_utf8(rule.prefix).unwrap();
    match rule.body {
        Body::Exactly(class, length) | Body::AtLeast(class, length) | Body::Parts(class, length) => {
            Some(format!("{prefix}{}", body(class, length)))
        }
        Body::Checked(..) => None,
    }
}

#[test]
fn a_token_of_each_rule_is_found_whole_and_named() {
    for rule in &RULES {
        let Some(token) = token(rule) else { continue };
        let found = find_all(&format!("key=\"{token}\"; next"));
        assert!(
            found.iter().any(|(name, text, _)| name == rule.name && *text == token),
            "{token} of {} gave {found:?}",
            rule.name
        );
    }
}

#[test]
fn a_token_that_lacks_a_byte_or_stands_inside_a_word_passes() {
    for rule in &RULES {
        let Some(token) = token(rule) else { continue };
        let named = |text: &str| find_all(text).iter().any(|found| found.0 == rule.name);
        assert!(!named(&token[..token.len() - 1]), "short {token}");
        // What begins with a sign is part of a host or a path.
        let is_part = token.starts_with(['.', '/']);
        assert!(is_part || !named(&format!("x{token}")), "inside x{token}");
        assert!(named(&format!("\\n{token}")), "behind an escape \\n{token}");
    }
}

/// Keys of more than one part: the last is what is secret.
#[test]
fn a_token_in_parts_is_found_whole() {
    let upper = |seed: usize, bytes| body(Class::Upper, bytes + seed)[seed..].to_owned();
    let token = |seed: usize, bytes| body(Class::Alphanumeric, bytes + seed)[seed..].to_owned();
    for key in [
        format!("dt0c01.{}.{}", upper(0, 24), upper(3, 64)),
        format!("sntrys_eyJ{}=_7cU+L5{}", token(0, 100), token(3, 38)),
        format!("sk.eyJ1IjoiY29zcyIsImEiOiJjbDJ0bHYyeWEzMXcyOGhsM29jN2ZwaGNlIn0.{}", token(0, 22)),
        format!("sk.eyJ1IjoieSIsImEiOiJjbDJ0bHYyeWEzMXcyOGhsM29jIn0.{}", token(0, 22)),
        format!("glpat-{}.01.6u7cnoad7", token(0, 40)),
        format!("glrt-{}.01.6u7cnoad7", token(0, 27)),
        format!("AQ.Ab8{}", token(0, 44)),
    ] {
        for text in [format!("key {key}. Next"), format!("TOKEN={key}\n"), format!("{{\"k\": \"{key}\"}}")] {
            finds(SECRET, &text, &[&key]);
        }
    }
    let signature = "627d55e96f199f6b29ad5140beecf5a56467786c6bef9a4ce51ae5d2f04eaf74";
    finds(SECRET, &format!("https://b.example.com/k?X-Amz-Algorithm=AWS4&X-Amz-Signature={signature}"), &[signature]);
    finds(SECRET, &format!("https://b.example.com/k?X-Goog-Expires=9&X-Goog-Signature={signature}&a=b"), &[signature]);
    passes(SECRET, &["X-Amz-SignedHeaders=host", "X-Amz-Signature=<signature>", "dt0c01.short.token", "sk.eyJ1Ijoi"]);
}

#[test]
fn placeholders_pass() {
    for rule in &RULES {
        let prefix = core::str::from_utf8(rule.prefix).unwrap();
        for filler in ["x", "X", "*", "0", "A", "your-key-", "<key>"] {
            let text = format!("{prefix}{}", filler.repeat(120 / filler.len()));
            passes(SECRET, &[&text]);
        }
    }
}

#[test]
fn documented_examples_that_do_not_say_so_are_flagged() {
    passes(SECRET, &["AKIAIOSFODNN7EXAMPLE", "aws_access_key_id = AKIAI44QH8DHBEXAMPLE", "ASIAIOSFODNN7EXAMPLE"]);
    finds(SECRET, "AKIAIOSFODNN7EXAMPLF", &["AKIAIOSFODNN7EXAMPLF"]);
    finds(SECRET, "sk_test_4eC39HqLyjWDarjtT1zdp7dc", &["sk_test_4eC39HqLyjWDarjtT1zdp7dc"]);
}

#[test]
fn keys_that_begin_with_sk_are_told_apart() {
    let random = body(Class::Alphanumeric, 48);
    let old = format!("sk-{}T3BlbkFJ{}", &random[..20], &random[20..40]);
    for (key, rule, issuer) in [
        (old, "openai-api-key", "openai"),
        (format!("sk-proj-{random}"), "openai-project-key", "openai"),
        (format!("sk-ant-api03-{random}-AA"), "anthropic-api-key", "anthropic"),
        (format!("sk-{}", &random[..32]), "sk-api-key", "openai"),
        (format!("sk-test-{}", &random[..24]), "sk-api-key", "openai"),
    ] {
        assert_eq!(classify_secret(key.as_bytes()), Some(rule), "{key}");
        assert_eq!(classify_secret(format!("Bearer {key}").as_bytes()), Some(rule));
        assert_eq!(provider(rule), Some(issuer));
        finds(SECRET, &format!("key {key}."), &[&key]);
    }
    passes(SECRET, &["sk-fading-circle-container-element-2", "task-0123456789abcdef0123", "sk-learn"]);
}

#[test]
fn what_is_no_credential_has_no_rule() {
    assert_eq!(classify_secret(b""), None);
    assert_eq!(classify_secret(b"Bearer hello"), None);
    assert_eq!(classify_secret(b"pk_live_51HqLyjWDarjtT1zdp7dc4eC39"), None);
    assert_eq!(provider("jwt"), None);
    assert_eq!(provider("no-such-rule"), None);
    assert_eq!(provider("github-personal-token"), Some("github"));
}

#[test]
fn a_prefix_with_a_sign_of_its_own_is_no_part_of_other_base64() {
    let token = format!("hf_{}", "nCpEvZPLSTYElEVFiIkwHyGWqYbzUFjcRW");
    for text in [format!("+{token}"), format!("https://x.io/a/{token}/b"), format!("backup {token}.txt")] {
        finds(SECRET, &text, &[&token]);
    }
}

/// Kinds with a structure that their own check reads, and the places in which passwords and keys are usual.
#[test]
fn what_has_a_place_or_a_structure_of_its_own_is_found() {
    let examples = [
        (
            "salesforce-session-id",
            "00Dyvok56yK5SsJ!AQJXbFc4ttOvGhpe3KBjU8qcpmswgIOCdx3hMZsnl0c_YDckrj6Z2Jdb7Pwrifnq0k1mEC3U605kJBFJWPWL4kBvBdCx8EiE",
            "00Dyvok56yK5SsJ!AQJXbFc4ttOvGhpe3KBjU8qcpmswgIOCdx3hMZsnl0c_YDckrj6Z2Jdb7Pwrifnq0k1mEC3U605kJBFJWPWL4kBvBdCx8EiE",
        ),
        (
            "vault-unseal-key",
            "Unseal Key 1: /XMyjNs/KZExHmmfi+e3J91JJ3758D1UfAs5H3iydjpi",
            "/XMyjNs/KZExHmmfi+e3J91JJ3758D1UfAs5H3iydjpi",
        ),
        (
            "vault-unseal-key",
            "Unseal Key 2: 3e6fcb8b05445d21b6c9948c738d9cf73fe7f5f927ffc106dfab5d075c40c07807",
            "3e6fcb8b05445d21b6c9948c738d9cf73fe7f5f927ffc106dfab5d075c40c07807",
        ),
        ("secret-assignment", "kubeadm join 10.0.0.1:6443 --token ylc7u6.l5e8cmxlr5f2btgt", "ylc7u6.l5e8cmxlr5f2btgt"),
        (
            "k3s-token",
            "K10c2aeb522bcb5e585220a9aa061d30488b5fcf88570816a99898922894c0b7bde::server:d71619b05fd2f13ce22028edc8142ccb",
            "K10c2aeb522bcb5e585220a9aa061d30488b5fcf88570816a99898922894c0b7bde::server:d71619b05fd2f13ce22028edc8142ccb",
        ),
        (
            "k3s-token",
            "K10f6b2596588ff27750228a754845b0f2223b4268b72492525e768f692bdfbefbc::node:9430e49dfe4fa72b239987a60ed2e73d",
            "K10f6b2596588ff27750228a754845b0f2223b4268b72492525e768f692bdfbefbc::node:9430e49dfe4fa72b239987a60ed2e73d",
        ),
        (
            "terraform-cloud-token",
            "jzOiJ8gbXCMpmA.atlasv1.RZE17LJYe3MzSxvePZh8g81Jv4r53oE9clysNghTeU7RGPVDiAdb3Zbk6qau_Ygnlq7",
            ".atlasv1.RZE17LJYe3MzSxvePZh8g81Jv4r53oE9clysNghTeU7RGPVDiAdb3Zbk6qau_Ygnlq7",
        ),
        (
            "authorization-header",
            "Authorization: SSWS 00yAxnXruglwecpZQjHHhxSJ5p75SEL4aie381RzHc",
            "00yAxnXruglwecpZQjHHhxSJ5p75SEL4aie381RzHc",
        ),
        (
            "authorization-header",
            "Authorization: GenieKey 80e4857e-55f6-2248-46e3-8971e5ae9d13",
            "80e4857e-55f6-2248-46e3-8971e5ae9d13",
        ),
        (
            "authorization-header",
            "Authorization: Splunk d7800b08-eaa6-6a2b-7614-6c8a6b5c29ef",
            "d7800b08-eaa6-6a2b-7614-6c8a6b5c29ef",
        ),
        (
            "clickup-token",
            "pk_95171692_207A9F9Z9DGSEIFQMNN142GQHROJP0W5",
            "pk_95171692_207A9F9Z9DGSEIFQMNN142GQHROJP0W5",
        ),
        ("asana-token", "1/4973932452761746:2021d6eb785fcc6d29d8076dbc3c7e71", "2021d6eb785fcc6d29d8076dbc3c7e71"),
        (
            "asana-token",
            "2/7896233324668997/4633817995457157:7dd9072646cd5e5953bc6fe40039aa54",
            "7dd9072646cd5e5953bc6fe40039aa54",
        ),
        (
            "bitcoin-compressed-private-key",
            "KzTgy7EmMFV14CXhrxC46sYSRVJJ65yy2gRWatfUwPvwnxfbcR9W",
            "KzTgy7EmMFV14CXhrxC46sYSRVJJ65yy2gRWatfUwPvwnxfbcR9W",
        ),
        (
            "secret-assignment",
            "{\"kty\": \"oct\", \"k\": \"W7ZhJ-Qpv65kj46CAn2Abpa08IlKoxFhlQnvrPNxWDK\", \"alg\": \"HS256\"}",
            "W7ZhJ-Qpv65kj46CAn2Abpa08IlKoxFhlQnvrPNxWDK",
        ),
        (
            "ntlm-dump",
            "Administrator:500:aad3b435b51404eeaad3b435b51404ee:ff9cb896cbef82c0e2820011740718e3:::",
            "ff9cb896cbef82c0e2820011740718e3",
        ),
        (
            "kerberos-tgs-hash",
            "$krb5tgs$23$*svc$CORP.LOCAL$http/web*$cdb6335a9ae9059d11fbab23c9c611eb$35a91b3dc14285319a511522a195a73d5a57d1142edc7fdfc17716d5feeb82555e8f7dc3d288aa6e931e3ac66a9b97809c299ca6d548df45891d4305d4209c6e6e685a0a509dc5f982127721d32ee71542280345b7b27363343c4f968fe0b79e2decb3e8",
            "$krb5tgs$23$*svc$CORP.LOCAL$http/web*$cdb6335a9ae9059d11fbab23c9c611eb$35a91b3dc14285319a511522a195a73d5a57d1142edc7fdfc17716d5feeb82555e8f7dc3d288aa6e931e3ac66a9b97809c299ca6d548df45891d4305d4209c6e6e685a0a509dc5f982127721d32ee71542280345b7b27363343c4f968fe0b79e2decb3e8",
        ),
        (
            "kerberos-asrep-hash",
            "$krb5asrep$23$bob@CORP.LOCAL:a62f9765d08ea4717cdc5af108cdfa0d$f338b35859493130764d7db26b4d0d6f277cacf8a592053975c2f014e7d441756a93b148875f9d52a77d3fda0d730ccccb87",
            "$krb5asrep$23$bob@CORP.LOCAL:a62f9765d08ea4717cdc5af108cdfa0d$f338b35859493130764d7db26b4d0d6f277cacf8a592053975c2f014e7d441756a93b148875f9d52a77d3fda0d730ccccb87",
        ),
        (
            "netntlm-response",
            "bob::CORP:ae2d7fce36565bbd:e76d56f95632ab1e08588adf84284cba:0101000000000000",
            "e76d56f95632ab1e08588adf84284cba",
        ),
        (
            "pbkdf2-hash",
            "pbkdf2_sha256$600000$kKnOrO242pCy3Ro67WKlZk$GOzRFCGyJQYABHQJqD0kOpU6MUT7FyhI9lWjKxtR/Fs=",
            "pbkdf2_sha256$600000$kKnOrO242pCy3Ro67WKlZk$GOzRFCGyJQYABHQJqD0kOpU6MUT7FyhI9lWjKxtR/Fs=",
        ),
        (
            "mysql-password-hash",
            "*B4991B13434F6D6E6A0C0590A1BE371991753499",
            "B4991B13434F6D6E6A0C0590A1BE371991753499",
        ),
        (
            "scram-hash",
            "SCRAM-SHA-256$4096:LTDz4xcgC88V/KyRRVuUTw==$9NasZpumJ+7maPCC+SHntEstOm2ATBcYutSWGqAUnk8=:Nf2t80TjPRZ1x7zq/j5tF3TruRf3lp0Z578++T8w5bg=",
            "SCRAM-SHA-256$4096:LTDz4xcgC88V/KyRRVuUTw==$9NasZpumJ+7maPCC+SHntEstOm2ATBcYutSWGqAUnk8=:Nf2t80TjPRZ1x7zq/j5tF3TruRf3lp0Z578++T8w5bg=",
        ),
        (
            "openvpn-static-key",
            "-----BEGIN OpenVPN Static key V1-----\n7d1d3bf72474c6cf37c24d510500ec91\n-----END OpenVPN Static key V1-----",
            "-----BEGIN OpenVPN Static key V1-----\n7d1d3bf72474c6cf37c24d510500ec91\n-----END OpenVPN Static key V1-----",
        ),
        ("password-assignment", "machine api.corp.io login bob password ey6m5s0yo741lm", "ey6m5s0yo741lm"),
        (
            "secret-assignment",
            "SECRET_KEY = 'django-insecure-3kz0h)vya+$+f@gmm2g(w11b%0p)soo2s9(!i=njq_e*sg^_rz'",
            "django-insecure-3kz0h)vya+$+f@gmm2g(w11b%0p)soo2s9(!i=njq_e*sg^_rz",
        ),
        (
            "secret-assignment",
            "define('AUTH_KEY', 'f+!}Im.7MPDwV> !^Po0Vt=M$FQjzzQHqq-)!=>otZ9MG2&]hGx?)SO6z_O,PB:4');",
            "f+!}Im.7MPDwV> !^Po0Vt=M$FQjzzQHqq-)!=>otZ9MG2&]hGx?)SO6z_O,PB:4",
        ),
        ("password-assignment", "chpasswd:\n  list: |\n    root:qc3Nm6KPRRV7", "qc3Nm6KPRRV7"),
        (
            "password-assignment",
            "<AdministratorPassword><Value>jt0C8EiYas7gotDVXC7xxKlKn90=</Value></AdministratorPassword>",
            "jt0C8EiYas7gotDVXC7xxKlKn90=",
        ),
        (
            "password-assignment",
            "Please use the following password to proceed to installation:\n\n835b6f71b19da69e72ca63c280cee42b\n",
            "835b6f71b19da69e72ca63c280cee42b",
        ),
        ("password-assignment", "A temporary password is generated for root@localhost: kjTOcA0KMGeo", "kjTOcA0KMGeo"),
        (
            "twitch-stream-key",
            "live_145321918_YDagv3Ei9J13V5vA1XqETnNb6qmiao",
            "live_145321918_YDagv3Ei9J13V5vA1XqETnNb6qmiao",
        ),
        ("facebook-app-token", "554949411947431|soxNSiABjtPyskahB3PvBtG5Ehz", "soxNSiABjtPyskahB3PvBtG5Ehz"),
        (
            "fal-key",
            "fal-key 741c825f-e728-5b8b-bb45-eac4017ed048:d285e5002131be114b243c8f1f7befec",
            "d285e5002131be114b243c8f1f7befec",
        ),
        ("authorization-header", "Authorization: 96d67246f2061aacb0c9d7667cb2aab8", "96d67246f2061aacb0c9d7667cb2aab8"),
        ("secret-assignment", "Cookie: sessionid=gxl1k318gezqg2ytifc58fvd7ek5i4gr", "gxl1k318gezqg2ytifc58fvd7ek5i4gr"),
        (
            "password-assignment",
            "secret \"$9$08JOMh5FTMpFGIykf07dNrqNA259-B\"; ## SECRET-DATA",
            "$9$08JOMh5FTMpFGIykf07dNrqNA259-B",
        ),
        (
            "password-assignment",
            "set password ENC QM6TgXFmP+c/n/mzq3e4kV0bdQaNcriOYQuiOKGRowgXgCq8XmIf9A==",
            "QM6TgXFmP+c/n/mzq3e4kV0bdQaNcriOYQuiOKGRowgXgCq8XmIf9A==",
        ),
        ("password-assignment", "schtasks /create /ru CORP\\svc /rp tw9v17klfNUq", "tw9v17klfNUq"),
        (
            "mattermost-webhook",
            "https://chat.corp.io/hooks/qr17gsmf23q5rfzz2gn6hg1mv5",
            "/hooks/qr17gsmf23q5rfzz2gn6hg1mv5",
        ),
        (
            "make-webhook",
            "https://hook.eu1.make.com/kfww84lswubbsldssltjn1kfb6gbqjui",
            ".make.com/kfww84lswubbsldssltjn1kfb6gbqjui",
        ),
        (
            "alchemy-url",
            "https://eth-mainnet.g.alchemy.com/v2/wowVAg19kDNS15UvmexyeGnH55V2phRR",
            "alchemy.com/v2/wowVAg19kDNS15UvmexyeGnH55V2phRR",
        ),
        (
            "password-assignment",
            "pass = Tc7VogDt1120sXetBZD_4SXCnoPI5YgtjPTM5G6H7ED",
            "Tc7VogDt1120sXetBZD_4SXCnoPI5YgtjPTM5G6H7ED",
        ),
        ("secret-assignment", "api_key = \"SmgMlzMfwUwCIcQPsu5B\"", "SmgMlzMfwUwCIcQPsu5B"),
        ("secret-assignment", "my api key is SmgMlzMfwUwCIcQPsu5BabQz", "SmgMlzMfwUwCIcQPsu5BabQz"),
        (
            "secret-assignment",
            "client.setApiKey(\"c54cb4408a58e9703726accff4a95d92aabbccdd\");",
            "c54cb4408a58e9703726accff4a95d92aabbccdd",
        ),
        (
            "secret-assignment",
            "deploy --token 37c688920fa94d8252bb5e0e5a520bdc54c6f720",
            "37c688920fa94d8252bb5e0e5a520bdc54c6f720",
        ),
        ("password-assignment", "Dim password As String = \"hunter2!\"", "hunter2!"),
        ("password-assignment", "Het wachtwoord is Tr0ub4dor&3", "Tr0ub4dor&3"),
        ("password-assignment", "비밀번호는 Tr0ub4dor&3입니다", "Tr0ub4dor&3"),
        ("password-assignment", "jdbc:oracle:thin:scott/p7qsnXRDcj@db.corp:1521/ORCL", "p7qsnXRDcj"),
    ];
    for (rule, text, value) in examples {
        for text in [text.to_owned(), format!("can you help?\n{text}\nit fails with 401")] {
            let found = find_all(&text);
            assert!(found.iter().any(|found| found.0 == rule && found.1 == value), "{text}: {found:?}");
        }
    }
}

/// The same without what makes the difference.
#[test]
fn what_lacks_a_part_of_its_structure_passes() {
    passes(
        SECRET,
        &[
            "00D2x and !AQ",
            "Unseal Key 1 of 3 is with the operator: ask",
            "kubeadm join --token abcdef.abcdefghijklmnop",
            "x.atlasv1.y",
            "pk_1_ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF",
            "12/2021d6eb785fcc6d29d8076dbc3c7e71",
            "KzTgy7EmMFV14CXhrxC46sYSRVJJ65yy2gRWatfUwPvwnxfbcR9X",
            "{\"k\": \"W7ZhJ-Qpv65kj46CAn2Abpa08IlKoxFhlQnvrPNxWDK\"}",
            "Cookie: sessionid=",
            "log: sessionid=gxl1k318gezqg2ytifc58fvd7ek5i4gr",
            "/hooks/useAuthentication/index",
            "https://docs.make.com/scenarios/getting-started-with-webhooks",
            "to proceed to installation: see the manual",
            "$9$ and $8$",
            "commit token 37c688920fa94d8252bb5e0e5a520bdc54c6f720",
            "api_key = \"getUserNameFromDatabase\"",
            "setToken(\"getUserNameFromTheDatabase\")",
            "live_update_of_the_dashboard_for_tenants_2_b",
            "define('AUTH_KEY', 'put your unique phrase here and make it at least 40 bytes');",
        ],
    );
}
