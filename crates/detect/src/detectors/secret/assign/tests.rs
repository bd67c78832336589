use crate::EntityType;
use crate::detectors::secret::placeholder;
use crate::detectors::testing::{find_all, passes};
use crate::{DetectorSet, Scanner};

const SECRET: EntityType = EntityType::Secret;
const KEY: &str = "k3Jd9x0Qpl5m2Nv8Zx81Kd93";

fn found(text: &str) -> Vec<(String, String)> {
    let ours = |rule: &str| matches!(rule, "password-assignment" | "secret-assignment" | "authorization-header");
    find_all(text).into_iter().filter(|found| ours(&found.0)).map(|found| (found.0, found.1)).collect()
}

#[test]
fn values_of_all_shapes_are_found() {
    for (text, value) in [
        ("<acmeToken>\n    k3Jd9x0Qpl5m2Nv8Zx81Kd93\n</acmeToken>", "k3Jd9x0Qpl5m2Nv8Zx81Kd93"),
        ("<api_key>\r\n\tk3Jd9x0Qpl5m2Nv8Zx81Kd93\r\n</api_key>", "k3Jd9x0Qpl5m2Nv8Zx81Kd93"),
        ("FOO_TOKEN=k3J=d9x0_Qpl5m2Nv8Zx8", "k3J=d9x0_Qpl5m2Nv8Zx8"),
        ("password: _5A5O(1KVu", "_5A5O(1KVu"),
        ("password: $&Kyg&5!8#", "$&Kyg&5!8#"),
        ("password: mgi0Sfbw((", "mgi0Sfbw(("),
        ("client_secret = \"q2zjmxgkewvqtgp5\"", "q2zjmxgkewvqtgp5"),
        ("'clientSecret' : 'Ujvuf-h6dalwGKvvLh_8Nq0K'", "Ujvuf-h6dalwGKvvLh_8Nq0K"),
        ("username=jdoe&password=monkey1987&remember=1", "monkey1987"),
        ("username=jdoe&password=Rock&Roll77&user[keep]=1", "Rock&Roll77"),
        ("{\"password\":\"Spa\u{df}2019!\"}", "Spa\u{df}2019!"),
        ("\"password\": \"\u{141}\u{f3}d\u{17a}2019!\"", "\u{141}\u{f3}d\u{17a}2019!"),
        ("password: \u{41b}\u{435}\u{442}\u{43e}2024!", "\u{41b}\u{435}\u{442}\u{43e}2024!"),
        ("DB_PASSWORD=Katze.Banana1855", "Katze.Banana1855"),
        ("db_password = \"97A5mA_k<Ht6rv_u\"", "97A5mA_k<Ht6rv_u"),
        ("{\"password\":\"kT9mW2{qL5v#\"}", "kT9mW2{qL5v#"),
        ("{\"password\":\"b^zg!u5JwGyq<,=8d7g(\"}", "b^zg!u5JwGyq<,=8d7g("),
        ("DB_PASSWORD=4)9x,GmTq7ZbKw\n", "4)9x,GmTq7ZbKw"),
        ("password: kT9|mW2#qL5v\n", "kT9|mW2#qL5v"),
        ("user[password]=Falcon77!x&user[password_confirmation]=Falcon77!x", "Falcon77!x"),
        ("{\"password\":\"Password2024!\"}", "Password2024!"),
        ("DB_PASSWORD=Rockabc&Roll2=x7\n", "Rockabc&Roll2"),
        ("export DB_PASSWORD=Ab1&xYz9Qw=Q7!\n", "Ab1&xYz9Qw=Q7!"),
        ("db_password=Rock1&Roll2=x7", "Rock1&Roll2"),
        ("password:?Hunter2!x9", "?Hunter2!x9"),
        ("\"password\": \"required|Hunter2!x9\"", "required|Hunter2!x9"),
        ("password: Sommer.2024Sonne77", "Sommer.2024Sonne77"),
        ("{\"password\":\"my_dog_2019\"}", "my_dog_2019"),
        ("password = 'Haus-am-See-12'", "Haus-am-See-12"),
        ("DB_PASSWORD=my_dog_2019\n", "my_dog_2019"),
        ("password: Haus-am-See-12\n", "Haus-am-See-12"),
        ("<password>my_dog_2019</password>", "my_dog_2019"),
        ("<password>Falcon_77xQ</password>", "Falcon_77xQ"),
        ("<password>4:9xGmTq7ZbKw</password>", "4:9xGmTq7ZbKw"),
        ("<password>4(9xGmTq7ZbKw</password>", "4(9xGmTq7ZbKw"),
        ("DB_PASSWORD=4)9xGmTq7ZbKw\n", "4)9xGmTq7ZbKw"),
        ("{\"password\":\"kT9mW2{qL5v\"}", "kT9mW2{qL5v"),
        ("{\"password\":\"kT9 mW2#qL5v\"}", "kT9 mW2#qL5v"),
        (r#"{"password":"kT9\"mW2#qL5v"}"#, r#"kT9\"mW2#qL5v"#),
        (r#"{"password":"kT9\\mW2#qL5v","x":1}"#, r"kT9\\mW2#qL5v"),
        (r"password = 'kT9\'mW2#qL5v'", r"kT9\'mW2#qL5v"),
    ] {
        assert!(found(text).iter().any(|(_, found)| found == value), "{text} gave {:?}", found(text));
    }
    passes(
        SECRET,
        &[
            "<token>\n  <name>access</name>\n</token>",
            "<password>\n  must have digits 0 to 9\n</password>",
            "token=abc=def=ghi",
            "password: getenv(DB_PASS1)",
            "client_secret = \"productionsecret1\"",
            "\"password\": \"user_field_12\"",
            "'password' => 'form-input-22'",
            "password: get_field_12()",
            "the password my_dog_2019",
            "if password == my_dog_2019:",
            "password=step_two_34",
            "\"password\": \"scram-sha-256\"",
            "<password>field_2</password>",
            "<password>user_pass_12</password>",
            r#""password": "C:\\keys\\Pw1.txt""#,
            r#""password": "^(\\d+Ab1)$""#,
            r#""password": "first\nsecond2A""#,
            "password: @@DB_PASS@@",
            "password=@DB_PASS1@",
            "{\"password\":\"$env:DB_PASS\"}",
            "password: ENC[AES256_GCM,data:aGVsbG8gd29ybGQh,iv:q5P0aFz8Hk2mXx3YcQqv0w==,tag:Zm9vYmFyYmF6cXV4,type:str]",
        ],
    );
}

#[test]
fn a_long_token_may_have_a_row_of_one_character() {
    for row in ["//////////", "AAAAAAAAAA"] {
        let token =
            format!("IQoJb3JpZ2luX2VjEPr{row}wEaCXVzLWVhc3QtMSJGMEQCIHx7Qm2kP9vLw3TzR5sYb8NcXaUeGdKjFhMnBvCxZaSd");
        for text in [
            format!("AWS_SESSION_TOKEN={token}\n"),
            format!("aws_session_token = {token}\n"),
            format!("\"SessionToken\": \"{token}\""),
        ] {
            assert_eq!(found(&text), [("secret-assignment".to_owned(), token.clone())], "{text}");
        }
    }
    passes(SECRET, &["token = \"k3Jd90000000000Qpl5m2N\"", "API_KEY=AAAAA-BBBBB-CCCCC-DDDDD-1a2B3"]);
}

#[test]
fn passwords_that_were_drawn_may_have_marks_of_names_or_letters_alone() {
    for password in
        ["ob9_yRg_8nYPn4", "XuZNogv_kMruWapOH", "25bjN-IlNpsy-hTWu", "Xk9_fQ2m-Lw8z", "BarudWKsuHNDyZ", "-LLN9tgY-Wg"]
    {
        for text in [
            "DB_PASSWORD: \"@\"",
            "{\"smtp_pass\": \"@\"}",
            "password=@",
            "passwd=\"@\"",
            "Database=crm;User ID=sa;Password=@;Encrypt=True;",
            "DB_PASSWORD=@\n",
        ] {
            let expected = [("password-assignment".to_owned(), password.to_owned())];
            assert_eq!(found(&text.replace('@', password)), expected, "{text}");
        }
    }
    passes(
        SECRET,
        &[
            "f(password=PKCS12_parse)",
            "f(password=Model_v2_Final)",
            "password=eu-west-1A",
            "f(password=getUserPassV2_Old)",
            "passwd=\"X-Request-Id\"",
        ],
    );
}

#[test]
fn what_a_user_passes_is_told_from_what_a_test_does() {
    for text in ["user=bob pass=@", "login bob pass: @", "PASS: @", "PASS=@", "user bob, pass = @"] {
        let expected = [("password-assignment".to_owned(), "HxRL_eRrhaTrfkwaN".to_owned())];
        assert_eq!(found(&text.replace('@', "HxRL_eRrhaTrfkwaN")), expected, "{text}");
    }
    assert_eq!(found("user=bob pass=Tr0ub4dor3x").len(), 1, "as chosen as it may be");
    passes(
        SECRET,
        &[
            "PASS: libc26_v2\nFAIL: libc27",
            "=== PASS: nptl/tst-mutex8",
            "--- PASS: TestReader_1 (0.00s)",
            "PASS: ld-elf/shared2",
            "PASS: g++.dg/template2.C",
            "boarding pass: XK29DK",
            " * @APSK_16:\t16-APSK modulation",
            "QPSK_2: 4x_oversampled",
        ],
    );
}

#[test]
fn a_key_of_something_has_to_look_like_one() {
    for text in [
        "acme_key = \"tQZ7uJr9DTPOgNJqG4To36rUawpjQYUR\"",
        "weatherKey: 2afddb813193eb9d3b5bd99bf5d834cd",
        "export STATION-KEY=grevetn5owrs1ybhxtcen0ibvg2mi85x",
    ] {
        assert_eq!(find_all(text).len(), 1, "{text}");
    }
    passes(
        EntityType::Secret,
        &[
            "key = \"tQZ7uJr9DTPOgNJqG4To36rUawpjQYUR\"",
            "{\"Key\":\"logs/2024/05/12/app-7f9c8b6d5f-x7k2p.log.gz\"}",
            "{\"LastEvaluatedKey\":\"2afddb813193eb9d3b5bd99bf5d834cd\"}",
            "a/token.py,sha256=seNsmcch9OEHXYirh8Ool7w8xDhfNTbLj5rHAC-gc_o,6184",
            "cache_key = \"2afddb813193eb9d3b5bd99bf5d834cd\"",
            "primaryKey: 2afddb813193eb9d3b5bd99bf5d834cd",
            "turkey: tQZ7uJr9DTPOgNJqG4To36rUawpjQYUR",
            "order_key = 4f1c9a02-7be3-4d58-9c6e-0b1f2a3d4c5e",
            "nid_key = self.lib.NID_pbe_WithSHA1And3_Key",
        ],
    );
}

#[test]
fn keys_are_found_behind_names_in_every_language() {
    for text in [
        "api_key = \"@\"",
        "apiKey: '@',",
        "export ACME_TOKEN=@\n",
        "{\"client_secret\": \"@\"}",
        "{\\\"client_secret\\\": \\\"@\\\"}",
        "const token: string = \"@\";",
        "var acmeToken string = \"@\"",
        "acmeToken := `@`",
        "$config['secret'] => '@',",
        "System.setProperty(\"ACME_TOKEN\", \"@\")",
        "<apiToken>@</apiToken>",
        "acme.api.key: @",
        "X-Api-Key: @",
        "ACME_TOKEN ::= \"@\"",
        "ACME_SECRET ?= @",
        "token=@&next=1",
        "let api_key: &str = \"@\";",
        "if (token == \"@\")",
        "APP_KEY=base64:@",
        "Cookie: a=b; PHPSESSID=@; c=d",
    ] {
        let key = KEY;
        assert_eq!(found(&text.replace('@', key)), [("secret-assignment".into(), key.into())], "{text}");
    }
}

#[test]
fn secrets_that_people_chose_are_found_behind_names_of_keys() {
    for text in ["jwt_secret: @", "SIGNING_SECRET=@\n", "MASTER_KEY = @", "{\"encryption_key\": \"@\"}"] {
        let key = "Vk9#tqLm2x!w";
        assert_eq!(found(&text.replace('@', key)), [("secret-assignment".into(), key.into())], "{text}");
    }
}

#[test]
fn passwords_are_found_behind_names() {
    for text in [
        "password = \"@\"",
        "\"password\": \"@\"",
        "DB_PASSWORD=@",
        "Server=db;User Id=sa;Password=@;Encrypt=yes",
        "Driver={x};Uid=a;Pwd=@;",
        "define('DB_PASSWORD', '@');",
        "passwd: @",
        "**Password:** @",
        "smtp_pass: @",
        "redis_pass=@",
        "<password>@</password>",
        "CREATE LOGIN app WITH PASSWORD = N'@';",
        "<password><![CDATA[@]]></password>",
        "<пароль>@</пароль>",
        "let password = Some(\"@\");",
        "password: String::from(\"@\"),",
        "val password = Optional.of(\"@\")",
        "const dbPassword = process.env.DB_PASSWORD ?? '@';",
        "password = os.environ.get('DB_PASSWORD') or '@'",
        "password = os.getenv(\"DB_PASSWORD\", \"@\")",
        "PASSWORD=${DB_PASSWORD:-@}",
        "'password' => env('DB_PASSWORD', '@'),",
        "'password' => getenv('DB_PASSWORD') ?: '@',",
        "String password = System.getenv().getOrDefault(\"DB_PASSWORD\", \"@\");",
        "password: <%= ENV['DB_PASSWORD'] || '@' %>",
    ] {
        for password in ["Tr0ub4dor&3", "hunter2", "kX9-fj2!m", "QRqUvASlIZiyzV", "zLCwtx-dvhzJM-w1jiZp", "Test1234!"] {
            let expected = [("password-assignment".to_owned(), password.to_owned())];
            assert_eq!(found(&text.replace('@', password)), expected, "{text}");
        }
    }
}

#[test]
fn passwords_of_letters_digits_or_words_are_found_where_something_marks_them_as_values() {
    for (text, password) in [
        ("DB_PASSWORD=@\n", "nBUbHoWCKxFJowRzWD"),
        ("export DB_PASSWORD=@\n", "8kQrPTsDSuFEhbty"),
        ("db:\n  password: @\n  port: 5432", "Dragon_88x"),
        ("password = \"@\"", "correct horse battery staple"),
        ("password: @\n", "cactus-rocket-dolphin-marble"),
        ("\"password\": \"@\"", "Cactus-Rocket-Dolphin-Marble"),
        ("password = \"@\"", "kqzvbnxwjtrp"),
        ("password = '@'", "780482774"),
        ("PIN_PASSWORD=@\n", "780482774"),
        ("the password is @.", "ZkHaAy$jYDLg"),
        ("my password is @", "CxtWzphTnTRt"),
    ] {
        assert_eq!(found(&text.replace('@', password)), [("password-assignment".into(), password.into())], "{text}");
    }
}

#[test]
fn words_and_a_number_are_a_password_behind_its_name() {
    for text in [
        "DB_PASSWORD=@\n",
        "password: @",
        "\"password\": \"@\"",
        "spring.datasource.password=@",
        "User Id=sa;Password=@;",
        "<password>@</password>",
        "--password=@",
        "password = '@'",
        "login: ada\npassword: @",
        "pw: @",
    ] {
        for password in ["winter-coffee-13", "berlin-tiger-66"] {
            let expected = [("password-assignment".to_owned(), password.to_owned())];
            assert_eq!(found(&text.replace('@', password)), expected, "{text}");
        }
    }
    passes(SECRET, &["password=us-east-12", "password: field-required-10", "\"password\": \"prod-database-01\""]);
}

#[test]
fn letters_alone_are_a_password_where_only_a_value_may_stand() {
    for (text, password) in [
        ("DB_PASSWORD=@\n", "correcthorsebatterystaple"),
        ("      - MYSQL_PASSWORD=@\n", "wombattery"),
        ("spring.datasource.password=@\n", "wombattery"),
        ("User Id=sa;Password=@;Encrypt=True", "wombattery"),
        ("login: ada\npassword: @\n", "wombattery"),
        ("\"password\": \"@\"", "iloveyou"),
        ("\"password\": \"@\"", "football7"),
        ("password: @", "bytvlbxmi"),
        ("\"password\": \"@\"", "gikgrfmn"),
        ("<password>@</password>", "kmqzvbnxw"),
    ] {
        assert_eq!(found(&text.replace('@', password)), [("password-assignment".into(), password.into())], "{text}");
    }
    passes(
        SECRET,
        &[
            "DB_PASSWORD=required\n",
            "DB_PASSWORD=password\n",
            "password=wachtwoord\n",
            "    password=passphrase,\n    user=name)",
            "    password=candidate\n)",
            "f(password=wombattery)",
            "PWD=workspace\n",
            "error.password=mismatch\n",
            "hint_password=mindestens\n",
            "label.password=palavra\n",
            "password: cmd.extend(['--batch', '--fd'])",
            "password: wombattery",
            "username: string\npassword: string\n",
            "username: Benutzername\npassword: Passwort\n",
            "username: required\npassword: required\n",
            "user: hashed\npassword: encrypted\n",
            "\"password\": \"wombattery\"",
            "\"password\": \"required\"",
        ],
    );
}

#[test]
fn a_password_may_have_signs_that_assign() {
    for (text, password) in [
        ("DB_PASSWORD=@\n", "my=W=MEl6#zlS"),
        ("ADMIN_PASSWORD=@\n", "t#Wo-Ax=TqNV2^66ci"),
        ("pw: @", "KdOQW@=5lUN"),
        ("pw: @\n", "Kd:OQW@5lUN"),
        ("User Id=sa;Password=@;", "8=JBKjm8FewMeI2aVm"),
        ("<password>@</password>", "yMoV!==nomNS4-6"),
        ("temp password = @ please change it", "x1smI5bgF=0_xbn"),
        ("jdbc:postgresql://db/app?user=app&password=@", "uqlbZ@6hS=hrs"),
    ] {
        assert_eq!(
            found(&text.replace('@', password).replace("W%", "W@")),
            [("password-assignment".into(), password.into())],
            "{text}"
        );
    }
    assert_eq!(found("password=Hunter22x&User=Bob1x"), [("password-assignment".into(), "Hunter22x".into())]);
    passes(SECRET, &["password=user=name", "password: std::String1", "password: app:db:name"]);
}

#[test]
fn seeds_and_keys_in_base64_are_found_behind_their_names() {
    for (text, key, rule) in [
        ("TOTP secret: @", "CGMOIVJFZAAREXTW", "secret-assignment"),
        ("//npm.example.com/:_password=@\n", "NFkqSCFoTmQ/cEZE", "password-assignment"),
    ] {
        assert_eq!(found(&text.replace('@', key)), [(rule.into(), key.into())], "{text}");
    }
    passes(SECRET, &["//npm.example.com/:_password=Some/PathOfNames\n", "secret: INTERNATIONALIZE"]);
}

#[test]
fn passwords_are_found_behind_names_of_other_languages() {
    for name in
        ["pw: ", "pwd: ", "contraseña: ", "senha: ", "пароль: ", "密码: ", "wachtwoord: ", "hasło: ", "lösenord: "]
    {
        for password in ["Tr0ub4dor&3xQ", "Xk29dkQ1zz", "$tr0ngP@ss!"] {
            let expected = [("password-assignment".to_owned(), password.to_owned())];
            assert_eq!(found(&format!("{name}{password}")), expected, "{name}");
            assert_eq!(found(&format!("x\n {name}{password}\n")), expected, "{name}");
        }
    }
    assert_eq!(found("ssid=a\npsk=Xk29dkQ1zz\n"), [("password-assignment".into(), "Xk29dkQ1zz".into())]);
    assert_eq!(found("{\"пароль\": \"Xk29dkQ1zz\"}"), [("password-assignment".into(), "Xk29dkQ1zz".into())]);
}

#[test]
fn credentials_of_requests_are_found_behind_their_scheme() {
    for text in ["Authorization: Bearer @", "-H \"authorization: bearer @\"", "'Authorization': 'Token @'"] {
        assert_eq!(found(&text.replace('@', KEY)), [("authorization-header".into(), KEY.into())], "{text}");
    }
    let basic = "dXNlcjpzM2NyM3RQYXNzdzByZA==";
    assert_eq!(found(&format!("Authorization: Basic {basic}")), [("authorization-header".into(), basic.into())]);
    // A user and a chosen password, whatever they look like in base64.
    let chosen = "Ym9iOlJpdmVyQDIwMjM=";
    assert_eq!(found(&format!("Authorization: Basic {chosen}")), [("authorization-header".into(), chosen.into())]);
    assert_eq!(found("Authorization: Basic dXNlcjpwYXNzd29yZA=="), [], "user:password");
}

#[test]
fn the_key_of_a_json_member_names_its_value() {
    let set = DetectorSet::builder().enable(SECRET).build().unwrap();
    let (mut scanner, mut found) = (Scanner::new(), Vec::new());
    for leaf in ["db_password", "Tr0ub4dor&3"] {
        scanner.push(leaf.as_bytes());
        scanner.boundary();
    }
    scanner.scan(&set, &mut found);
    assert_eq!(found.len(), 1);
    assert_eq!(set.rule(found[0].detector), Some("password-assignment"));
    assert_eq!((found[0].start, found[0].end), (12, 23));
}

#[test]
fn a_key_with_a_rule_of_its_own_is_reported_once() {
    for text in [
        "token = \"ghp_0123456789abcdefghijABCDEFGHIJ012345\"",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYqv4Tz8Ls0W",
        "access_token: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    ] {
        assert_eq!(find_all(text).len(), 1, "{:?}", find_all(text));
    }
}

#[test]
fn a_long_value_is_reported_to_its_end() {
    let key = KEY.repeat(12);
    assert_eq!(found(&format!("secret=\"{key}\"")), [("secret-assignment".into(), key)]);
}

#[test]
fn what_is_no_secret_passes() {
    passes(
        SECRET,
        &[
            "password = os.environ[\"DB_PASS1\"]",
            "password = getpass.getpass(prompt1)",
            "password: process.env.DB_PASS1",
            "password: string",
            "password: String,",
            "password=\"changeme123\"",
            "password = \"<your-password-1>\"",
            "password: ${DB_PASSWORD_1}",
            "password = 780482774",
            "passwd=nobody",
            "passwd=compat",
            "'password' => 'required|min:8|max:72',",
            "username=jdoe&password=false&remember=1",
            "\"password\": \"Größe\"",
            "\"password\": \"至少8位字符12\"",
            "password=Config.value12",
            "MYSQL_PASSWORD: ${MYSQL_PASSWORD:?missing}",
            "password=get(Config.DB1)[0]",
            "password: Map<String,Value1>",
            "password: ${Vault:db#Pass1}",
            "\"password\": \"^(?=.*[A-Z])(?=.*\\d).{8,}$\"",
            "\"password\": \"Password1234!\"",
            "\"password\": \"Password123!\"",
            "MAX_PASSWORD=twelve",
            "show_password=toggling",
            "confirm.password=confirmar",
            "password: \"12345678\"",
            "password: \"Please enter it here\"",
            "password: \"Passwort bitte hier eingeben\"",
            "password: \"at least eight characters long\"",
            "password: vault-prod-database-password",
            "password = setUserNameOnTheForm",
            "f(password=user_pass_22)",
            "password = user_22",
            "password: Some(password2)",
            "password = hash(\"abc123!\")",
            "password = prompt(\"Pass 1 of 2:\")",
            "<password><![CDATA[changeme]]></password>",
            "the password is set_by_user1",
            "password: {{ vault.password1 }}",
            "password: \"Password1 is required\"",
            "password: null",
            "pw: ${PW1}",
            "pw = getpw1(x)",
            "pw: string",
            "psk=<psk1>",
            "password = $myPass1",
            "password=$DB_PASS1@host",
            "password: $env1.pass!",
            "пароль: должен быть 8 символов",
            "contraseña: string",
            "password: ********",
            "password = self.password2",
            "pass => $self->{x1},",
            "\"md5\", \"password\", \"scram-sha-256\"",
            "passwd\t1:4.13+dfsg1-1+deb12u1",
            "password = setUserNameOnForm",
            "password_file: /run/secrets/db_password1",
            "password: /run/secrets/db1",
            "password: must be 8-20 characters",
            "api_key = \"YOUR_API_KEY_123456\"",
            "api_key = get_api_key_v2(\"prod1\")",
            "token = \"xxxxxxxxxxxxxxxxxxxxxxxx\"",
            "token: Token::Identifier2",
            "secret_name = \"prod/db/credentials-v2\"",
            "public_key = \"k3Jd9x0Qpl5m2Nv8Zx81Kd93\"",
            "PublicKeyToken=b77a5c561934e089",
            "nextPageToken: \"k3Jd9x0Qpl5m2Nv8Zx81Kd93\"",
            "primary_key: \"k3Jd9x0Qpl5m2Nv8Zx81Kd93\"",
            "token_type: bearer",
            "secret: arn:aws:secretsmanager:us-east-1:123456789012:secret:x-a1b2c3",
            "auth: 2019-06-01T12:30:00Z",
            "apiKey: config.services.maps1.apiKey2",
            "isAuth = endpoint.properties?.authSchemes?.[0]?.name",
            "disableS3SessionAuth: config?.disableS3SessionAuth1 ?? load(x)",
            "access_key: application-settings-2-level-3",
            "sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ],
    );
}

#[test]
fn leaves_that_are_pushed_with_what_is_between_them_are_name_and_value() {
    const KEY: &str = "k3Jd9x0Qpl5m2Nv8Zx81Kd93";
    let set = DetectorSet::builder().enable(EntityType::Secret).build().unwrap();
    let count = |text: &str, leaves: &[&str]| {
        let (mut scanner, mut found) = (Scanner::new(), Vec::new());
        scanner.push(text.as_bytes());
        scanner.part(0, leaves.iter().map(|leaf| text.find(leaf).unwrap() + leaf.len()));
        scanner.boundary();
        scanner.scan(&set, &mut found);
        found.len()
    };
    assert_eq!(count(&format!("api_key\": \"{KEY}\""), &["api_key", KEY]), 1);
    assert_eq!(count(&format!("api_key\" :\n  \"{KEY}\""), &["api_key", KEY]), 1);
    assert_eq!(count(&format!("X-Auth-Token: {KEY}\r"), &["X-Auth-Token", KEY]), 1);
    assert_eq!(count(&format!("note\": \"{KEY}\""), &["note", KEY]), 0);
}

#[test]
fn keys_of_anything_are_found_wherever_they_are_named() {
    for text in [
        "services:\n  billing:\n    acme_key: @\n",
        "deploy --acme-key @ -v",
        "FROM alpine\nENV ACME_KEY @\nRUN true",
        "#define ACME_KEY \"@\"",
        "const key = process.env.ACME_KEY || '@';",
        "const key = process.env.ACME_KEY ?? \"@\";",
        "variable \"acme_key\" {\n  type = string\n  default = \"@\"\n}",
        "{\"name\": \"ACME_KEY\", \"value\": \"@\"}",
        "{\"value\": \"@\", \"name\": \"ACME_KEY\"}",
        "{\\\"value\\\": \\\"@\\\", \\\"name\\\": \\\"ACME_KEY\\\"}",
        "<add value=\"@\" key=\"AcmeKey\"/>",
        "<acme_key type=\"string\">@</acme_key>",
        "API key (@)",
        "| acme_key | @ |",
        "API_KEY_prod=@",
        "acme_key_staging: @",
    ] {
        for key in [KEY, "3f9a1c7be2d84605f1a9c3e7b5d28046"] {
            let expected = [("secret-assignment".to_owned(), key.to_owned())];
            assert_eq!(found(&text.replace('@', key)), expected, "{text}");
        }
    }
    passes(
        SECRET,
        &[
            "run --cache-key 3f9a1c7be2d84605f1a9c3e7b5d28046",
            "ENV CACHE_KEY 3f9a1c7be2d84605f1a9c3e7b5d28046",
            "#define SORT_KEY \"3f9a1c7be2d84605f1a9c3e7b5d28046\"",
            "x.cacheKey || '3f9a1c7be2d84605f1a9c3e7b5d28046'",
            "{\"value\": \"3f9a1c7be2d84605f1a9c3e7b5d28046\", \"name\": \"etag\"}",
            "{\"value\": \"required_field_1\", \"name\": \"password\", \"value\": \"\"}",
            "the sort_key (3f9a1c7be2d84605f1a9c3e7b5d28046)",
            "checksum/secret: 3f9a1c7be2d84605f1a9c3e7b5d280463f9a1c7be2d84605f1a9c3e7b5d28046",
            "existingSecret: pg-8f3a9c1b2d7e6f50",
            "StartingToken: eyJOZXh0VG9rZW4iOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAxfQ",
            "LockToken: 1d8a9c3e-7b5d-4280-9635-1a2b3c4d5e6f",
        ],
    );
}

#[test]
fn passwords_are_found_however_they_are_written_down() {
    for text in [
        "ENV DB_PASS @\n",
        "ENV DB_PWD @",
        "const pw = process.env.DB_PWD || '@'",
        "variable \"db_pass\" { default = \"@\" }",
        "{\"value\": \"@\", \"name\": \"DB_PASSWORD\"}",
        "{\"value\":\"@\",\"key\":\"db_password\"}",
        "<Password xsi:type=\"xsd:string\">@</Password>",
        "the password (@) works",
        "DB_PASSWORD_prod=@",
        "password_dev: @\n",
        "deploy --pass @ -v",
    ] {
        for password in ["Tr0ub4dor&3", "kX9-fj2!m", "kX9fj2Lm81"] {
            let expected = [("password-assignment".to_owned(), password.to_owned())];
            assert_eq!(found(&text.replace('@', password)), expected, "{text}");
        }
    }
}

#[test]
fn a_key_that_jenkins_sealed_is_found_with_its_braces() {
    let key = "{AQAAABAAAAAwqLLzcfHiS7hzXQ6Nd8Q2yZr8mVfXK0YwTn3P5uBcAfk=}";
    for name in ["secret", "password", "passphrase", "apiToken"] {
        let text = format!("<{name}>{key}</{name}>");
        assert_eq!(found(&text), [("secret-assignment".to_owned(), key.to_owned())], "{text}");
    }
    passes(SECRET, &["<secret>{AQAA}</secret>", "<password>{AQAAsecret}</password>"]);
}

#[test]
fn bytes_that_are_no_text_are_no_value() {
    let found = |text: &[u8]| {
        let set = DetectorSet::builder().enable(EntityType::Secret).build().unwrap();
        let (mut scanner, mut found) = (Scanner::new(), Vec::new());
        scanner.push(text);
        scanner.boundary();
        scanner.scan(&set, &mut found);
        found.len()
    };
    assert_eq!(found(b"\x07{\x9e\xc1~pwd \xf9W2h\xf2^\x18\xc4q\x919\xe2\xde\x06\xd26\xb4 x"), 0);
    assert_eq!(found(b"\x07{~ pwd: W2h^q9\x0626xZ x"), 1);
    for text in ["Gr\u{fc}n\u{1}".as_bytes(), b"Gr\xfcn"] {
        assert!(!placeholder::is_binary(text), "it may be text");
    }
}
