//! Tables and lists, whose cells are read behind the names of their columns.

use super::said;
use EntityType::{
    AbaRoutingNumber, CardSecurityCode, DateOfBirth, Secret, UsBankNumber, UsDriverLicense, UsEin, UsPassport, UsSsn,
};
use detect::EntityType;

#[test]
fn cells_are_read_behind_the_names_of_their_columns() {
    let row = |table: &str, expected: &[(EntityType, &str)]| {
        let found = said(table);
        let values = |found: &[(EntityType, String, String)]| {
            let personal = found.iter().filter(|(entity, ..)| *entity != EntityType::SourceCode);
            personal.map(|(entity, _, text)| (*entity, text.clone())).collect::<Vec<_>>()
        };
        let expected: Vec<_> = expected.iter().map(|(entity, text)| (*entity, (*text).to_owned())).collect();
        assert_eq!(values(&found), expected, "in {table:?}");
    };
    let last = [
        (UsSsn, "213444101"),
        (DateOfBirth, "1980-02-12"),
        (UsPassport, "A12345671"),
        (CardSecurityCode, "124"),
        (Secret, "Xk29dkQ1z1!"),
    ];
    let cells = last.map(|(_, cell)| cell);
    let far = "7,x,1,2,3,4\n".repeat(40);
    for (head, mark, ends) in [
        ("id,SSN,date_of_birth,passport,cvv,password\n", ",", ("7,", "\n")),
        ("id;ssn;dob;\"Passport No\";CVV2;\"DB Password\"\r\n", ";", ("\"a;b\";", "\r\n")),
        ("id\tSSN\tBirth date\tPassport\tCVC\tpwd\n", "\t", ("7\t", "\n")),
        (
            "| id | SSN | DOB | Passport | **CVV** | Password |\n|---|:---:|---|---|---|---|\n",
            " | ",
            ("| 7 | ", " |\n"),
        ),
        (" id | ssn | dob | passport | cvv | password\n----+-----+---\n", " | ", (" 7 | ", "\n")),
    ] {
        row(&format!("{head}{}{}{}", ends.0, cells.join(mark), ends.1), &last);
        let other = [ends.0, &["x", "y", "z", "1", "2"].join(mark), ends.1].concat().repeat(60);
        row(&format!("{head}{other}{}{}{}", ends.0, cells.join(mark), ends.1), &last);
    }
    row(&format!("id,SSN,dob,passport,cvv,password\n{far}7,213444101,a,b,c,d\n"), &[(UsSsn, "213444101")]);
    row("name,password\nAl,Sunshine#42", &[(Secret, "Sunshine#42")]);
    row("| name | password |\n|---|---|\n| Al | Sunshine#42 |", &[(Secret, "Sunshine#42")]);
    row(
        r#"{"content": "name,dob\nAl,1980-02-12\nBo,1981-03-13"}"#,
        &[(DateOfBirth, "1980-02-12"), (DateOfBirth, "1981-03-13")],
    );
    row("User: id,dob\n1,1980-02-12\n2,1981-03-13\n", &[(DateOfBirth, "1980-02-12"), (DateOfBirth, "1981-03-13")]);
    row("id,passport,\n1,A12345671,\n2,A12345672,\n", &[(UsPassport, "A12345671"), (UsPassport, "A12345672")]);
    row("id,passport\n\n1,A12345671\n\n2,A12345672\n", &[(UsPassport, "A12345671"), (UsPassport, "A12345672")]);
    let insert =
        "INSERT INTO c (id, dob, pass, email) VALUES (1, '1980-02-12', 'x', 'O''Hara'), (2,'1981-03-13','y','z');\n";
    row(&insert.repeat(2), &[(DateOfBirth, "1980-02-12"), (DateOfBirth, "1981-03-13")].repeat(2));
    row(
        "insert into c (id, dob)\nvalues\n (1, '1980-02-12'),\n (2, '1981-03-13');\n",
        &[(DateOfBirth, "1980-02-12"), (DateOfBirth, "1981-03-13")],
    );
    for table in [
        "NAME       SSN         DOB          AGE\nJane Roe   213444101   1980-02-12   44\nBo         213444102   1981-03-13   3\n",
        "        name        ssn         dob\n0   Jane Roe  213444101  1980-02-12\n1        Zoë  213444102  1981-03-13\n",
        "  status     name     city       ssn        dob\n0 closed Jane Roe   Berlin 213444101 1980-02-12\n\
         1   open       Bo New York 213444102 1981-03-13\n",
        "status  SSN       dob\n------- --------- ----------\nopen    213444101 1980-02-12\nclosed  213444102 1981-03-13\n",
        " id  ssn        dob\n---  ---------  ----------\n  1  213444101  1980-02-12\n  2  213444102  1981-03-13",
        "Customer number of the year before       Some other column of it       SSN        Date of birth\n\
         1                                        x                             213444101  1980-02-12\n\
         2                                                                      213444102  1981-03-13\n",
    ] {
        row(
            table,
            &[(UsSsn, "213444101"), (DateOfBirth, "1980-02-12"), (UsSsn, "213444102"), (DateOfBirth, "1981-03-13")],
        );
    }
    let drawn = "┌──────┬───────────┬────────────┐\n│ name ┆ ssn       │ dob        │\n╞══════╪═══════════╪════════════╡\n\
                 │ Zoë  ┆ 213444101 │ 1980-02-12 │\n│ Bo   ┆ 213444102 │ 1981-03-13 │\n└──────┴───────────┴────────────┘\n";
    row(drawn, &[(UsSsn, "213444101"), (DateOfBirth, "1980-02-12"), (UsSsn, "213444102"), (DateOfBirth, "1981-03-13")]);
    row(
        "> | name | ssn |\n> |---|---|\n> | Al | 213444101 |\n> | Bo | 213444102 |\n",
        &[(UsSsn, "213444101"), (UsSsn, "213444102")],
    );
    for list in [
        "Passport numbers: A12345671, B12345672",
        "- passports: A12345671, B12345672.\n",
        "{\"passports\": [\"A12345671\", \"B12345672\"]}",
        "passports = ['A12345671', 'B12345672']\n",
        "\t\t\"passports\": [\"A12345671\", \"B12345672\"],\n",
        "  \"passports\": [\n    \"A12345671\",\n    \"B12345672\"\n  ],\n  \"id\": \"C12345673\"\n",
        "passports = [\n  'A12345671',\n  'B12345672',\n]\nid = 'C12345673'\n",
        "SELECT * FROM t WHERE a = 1 AND t.passport_no IN ('A12345671', 'B12345672')",
        "SELECT * FROM customers_of_the_last_two_years WHERE passport_no IN ('A12345671', 'B12345672')",
        "Here are the passports:\nJane Roe: A12345671\nBo Roe - B12345672\n",
    ] {
        row(list, &[(UsPassport, "A12345671"), (UsPassport, "B12345672")]);
    }
    row(
        "\"passwords\": [\"Tiger#maple42\", \"Orbit!falcon17\"]",
        &[(Secret, "Tiger#maple42"), (Secret, "Orbit!falcon17")],
    );
    row("DOBs: 1980-02-12, 1981-03-13", &[(DateOfBirth, "1980-02-12"), (DateOfBirth, "1981-03-13")]);
    let html = "<table>\n <thead>\n  <tr>\n   <th style=\"border:1px\">Name</th>\n   <th><b>SSN</b></th>\n  </tr>\n </thead>\n \
                <tbody>\n  <tr>\n   <td>Jane</td>\n   <td>213444101</td>\n  </tr>\n  <TR><TD>Bo<TD>213444102</TR>\n</table>\n";
    row(html, &[(UsSsn, "213444101"), (UsSsn, "213444102")]);
    row(
        "<table><tr><th>SSN</th></tr><tr><td>213444101</td></tr><tr><td>213444102</td></tr></table> ",
        &[(UsSsn, "213444101"), (UsSsn, "213444102")],
    );
    for title in ["SSN", "SSN:", "**SSN:**", "# Social Security Numbers", "SSN:\n"] {
        row(
            &format!("{title}\n213444101\n2. 213444102\n- 213444103\n"),
            &[(UsSsn, "213444101"), (UsSsn, "213444102"), (UsSsn, "213444103")],
        );
    }
    // A line that is a head, too, adds its names; what the columns were called before is not forgotten.
    row("cvv,dob\nx,1980-02-12\nssn,name\n213444101,Al\n", &[(DateOfBirth, "1980-02-12"), (UsSsn, "213444101")]);
    row(
        "| CVV | City |\n|---|---|\n| n/a | Rome |\n\n| SSN | City |\n|---|---|\n| 213444101 | Rome |\n",
        &[(UsSsn, "213444101")],
    );
    row(
        "id,ssn\n1,213444101\nx,password\n2,213444102\n",
        &[(UsSsn, "213444101"), (UsSsn, "213444102"), (Secret, "213444102")],
    );
    row("CVVs:\nnone\nSSNs:\n213444101\n213444102\n", &[(UsSsn, "213444101"), (UsSsn, "213444102")]);
    let wide = format!("{}id\n{}1\n", "ssn,".repeat(24), "213444101,".repeat(24));
    row(&wide, &[(UsSsn, "213444101"); 20]);
    row("Passwords:\n- Sunshine#42\n- Tr0ub4dor&3\n", &[(Secret, "Sunshine#42"), (Secret, "Tr0ub4dor&3")]);
    row("note,ssn\n\"a\nb, c\nd\",213444101\ne,213444102\n", &[(UsSsn, "213444101"), (UsSsn, "213444102")]);
    row("id,ein,note\n17,94-2404110,new\n18,94-2404111,old", &[(UsEin, "94-2404110"), (UsEin, "94-2404111")]);
    row(
        "Bank accounts:\n- 123456780012\n- 123456780013\n",
        &[(UsBankNumber, "123456780012"), (UsBankNumber, "123456780013")],
    );
}

/// Tables of two rows in forms that programs and people write; `@` and `#` are their values.
const TABLES: &[&str] = &[
    "COPY public.users (id, login, NAME) FROM stdin;\n1\tbo\t@\n2\tal\t#\n\\.\n",
    "CREATE TABLE `users` (\n  `id` int NOT NULL AUTO_INCREMENT,\n  `login` varchar(40) DEFAULT 'a,b',\n  `NAME` varchar(40),\n  \
     PRIMARY KEY (`id`)\n) ENGINE=InnoDB;\n\nINSERT INTO `users` VALUES (1,'bo\\'s','@'),(2,'al','#');\n",
    "CREATE TABLE users(id INTEGER PRIMARY KEY, login TEXT, NAME TEXT);\nINSERT INTO users VALUES(1,'bo','@');\n\
     INSERT INTO users VALUES(2,'al','#');\n",
    "||login||NAME||\n|bo|@|\n|al|#|\n",
    "{| class=\"wikitable\"\n! login !! NAME\n|-\n| bo || @\n|-\n| al || #\n|}\n",
    "\\begin{tabular}{ll}\nlogin & NAME \\\\\n\\hline\nbo & @ \\\\\nal & # \\\\\n\\end{tabular}\n",
    "{\"columns\":[\"id\",\"NAME\"],\"data\":[[1,\"@\"],[2,\"#\"]]}",
    "{\"header\": [\"id\", \"NAME\"], \"rows\": [[1, \"@\"], [2, \"#\"]]}\n",
    "{\"id\": [1, 2], \"NAME\": [\"@\", \"#\"]}",
    "data = {\"id\": [1, 2], \"NAME\": [\"@\", \"#\"]}\n",
    "| field | bo | al |\n|---|---|---|\n| login | a | b |\n| NAME | @ | # |\n",
    "login,bo,al\nNAME,@,#\nrole,a,b\n",
];

#[test]
fn tables_of_programs_and_people_are_read() {
    for table in TABLES {
        for (name, entity, [first, second]) in [
            ("ssn", UsSsn, ["213444101", "213444102"]),
            ("birth_date", DateOfBirth, ["1980-02-12", "1981-03-13"]),
            ("password", Secret, ["Tr0ub4dor&3", "CxtWzphTnTRt"]),
        ] {
            let first = if table.contains('&') { first.replace('&', "$") } else { first.to_owned() };
            let text = table.replace("NAME", name).replace('@', &first).replace('#', second);
            let found: Vec<_> =
                said(&text).into_iter().filter(|found| found.0 == entity).map(|found| found.2).collect();
            assert_eq!(found, [first.as_str(), second], "in {text}");
        }
    }
}

#[test]
fn rows_of_a_long_statement_are_read_to_its_end() {
    let rows = |open, close| {
        let row =
            |row: usize| format!("{open}{row},'a long remark about it, (and more)','{}'{close}", 213_444_101 + row);
        (0..200).map(row).collect::<Vec<_>>().join(",")
    };
    let made = "CREATE TABLE t (\n  id int,\n  note text,\n  ssn char(9)\n);\n";
    for text in [
        format!("INSERT INTO t (id, note, ssn) VALUES {};\n", rows('(', ')')),
        format!("{made}INSERT INTO t VALUES {};\n", rows('(', ')')),
        format!("{{\"columns\":[\"id\",\"note\",\"ssn\"],\"data\":[{}]}}", rows('[', ']').replace('\'', "\"")),
    ] {
        assert_eq!(said(&text).iter().filter(|found| found.0 == UsSsn).count(), 200, "{}", &text[..80]);
    }
}

#[test]
fn a_patient_of_hl7_has_a_birth_and_a_number() {
    let segment = "PID|1||12345^^^HOSP||DOE^JANE^A||19800212|F|||12 MAIN ST^^SPRINGFIELD^IL^62701||(217)555-0143||||||213444101|\n";
    let found = said(segment);
    for expected in [(DateOfBirth, "19800212"), (UsSsn, "213444101")] {
        assert!(found.iter().any(|found| (found.0, found.2.as_str()) == expected), "{found:?}");
    }
}

#[test]
fn relatives_guarantors_and_insured_of_hl7_have_a_birth() {
    let gaps = |count: usize| "|".repeat(count);
    for text in [
        format!("IN1|1|PLAN|INS|ACME{}DOE^JANE|SELF|19800212|1 MAIN ST\n", gaps(12)),
        format!("NK1|1|DOE^JOHN|SPO{}F|M|19800212|\n", gaps(11)),
        format!("GT1|1||DOE^JANE{}19800212|F\n", gaps(5)),
    ] {
        let found = said(&text);
        assert!(found.iter().any(|found| (found.0, found.2.as_str()) == (DateOfBirth, "19800212")), "{text} {found:?}");
    }
    for text in [
        format!("IN1|1|PLAN|INS|ACME{}20200212|20300212|\n", gaps(8)),
        "IN2|1|PLAN|INS|ACME||||||||||||DOE^JANE|SELF|19800212|\n".to_owned(),
    ] {
        let found = said(&text);
        assert!(found.iter().all(|found| found.0 != DateOfBirth), "{text} {found:?}");
    }
}

#[test]
fn what_is_no_row_of_a_table_passes() {
    let far = "some words that stand between the two and more of them to be far enough away from the name";
    for text in [
        format!("id,ssn\n\n\n{}7,213444101\n", format!("{far}\n").repeat(3)),
        "pass\nLogin2024\n".to_owned(),
        "Pass,Price\nEpic2025,900\n".to_owned(),
        "Metal,Tin,Zinc\n2020,523456781,2\n".to_owned(),
        "account,env\n123456789012,prod\n".to_owned(),
        format!("id,ssn\n{}7,213444101\n", format!("{far}\n").repeat(5)),
        format!("id,ssn\n{}7,213444101\n", format!("1,2,3 {far}\n").repeat(5)),
        format!("id,size\n{far}, 1\n7,213444101\n"),
        format!("ssn  id   other\n{}x    213444101   1\n", "1    2    3\n".repeat(30)),
        format!("CREATE TABLE t (id int, ssn char(9));\n-- {far}\nINSERT INTO t VALUES (1, 2, '213444101');\n"),
        format!("CREATE INDEX ssn ON t (ssn, id);\n-- {far}\nINSERT INTO t VALUES ('213444101', 2);\n"),
        format!("COPY t (id, ssn) TO stdout;\n-- {far}\n1\t213444101\n"),
        "private_key, x1, Ed25519PublicKeyForm,\n".to_owned(),
        "    (private_key, Ed25519PublicKeyForm)\n".to_owned(),
        "x = ExtendedFloat {\n    mant: 9223372036854775808,\n    exp: -1138,\n};\n".to_owned(),
        "passwords, tokens, and keys, 12 of them\n".to_owned(),
        format!("a haslo ndaiddnina  hissnhn\n{}shdtuahlhso\n", "words\n".repeat(5)),
        "senhaniutls o  a\nshdtuahlhso\n".to_owned(),
        "\tthe description of the passphrase\n\tLOCATE02\n".to_owned(),
        "password\tO\nhunter22x\tO\n".to_owned(),
        "acctually\tnow\n1921-2010\tx\n".to_owned(),
        "Secretary\tteam\n@501Awani\tx\n".to_owned(),
        "http://t.co/cvv\tx\n2009\tx\n".to_owned(),
    ] {
        assert_eq!(said(&text), [], "in {text:?}");
    }
}

#[test]
fn columns_are_known_by_the_shorter_names_as_well() {
    for (name, entity, [first, second]) in [
        ("dl_no", UsDriverLicense, ["D7383358", "K7383359"]),
        ("license_number", UsDriverLicense, ["D7383358", "K7383359"]),
        ("Checking Account", UsBankNumber, ["4412907733", "5512907734"]),
        ("SSN/TIN", UsSsn, ["213444101", "213444102"]),
        ("ss_number", UsSsn, ["213444101", "213444102"]),
        ("rtn", AbaRoutingNumber, ["047625147", "111000025"]),
    ] {
        for text in [
            format!("id,name,{name},city\n1,Anna Bell,{first},Bonn\n2,Bo Ek,{second},Ulm\n"),
            format!("id\tname\t{name}\n1\tAnna Bell\t{first}\n2\tBo Ek\t{second}\n"),
            format!("| id | {name} |\n|---|---|\n| 1 | {first} |\n| 2 | {second} |\n"),
        ] {
            let found: Vec<_> =
                said(&text).into_iter().filter(|found| found.0 == entity).map(|found| found.2).collect();
            assert_eq!(found, [first, second], "in {text}");
        }
    }
    let list = said("RTNs to be checked:\n  - 047625147\n  - 111000025\n");
    assert_eq!(list.iter().filter(|found| found.0 == AbaRoutingNumber).count(), 2, "{list:?}");
}

#[test]
fn what_is_indented_below_a_word_is_no_column_of_it() {
    let notes = "\t* a/b.c (c): Ask twice for the\n\tpassphrase.\n\tSPR532.\n\t* g13/g13tuple.c (d): New.\n\n\tBE11.\n";
    assert_eq!(said(notes), []);
    // Rows without a name, numbered or empty, may stand before a column.
    for table in [
        "\tpassword\n0\tXk29dkQ1z1!\n1\tzT7$$pQ93k\n",
        "\tpassword\n\tXk29dkQ1z1!\n\tzT7$$pQ93k\n",
        ",password\n,Xk29dkQ1z1!\n,zT7$$pQ93k\n",
        ";Passwort\n;Xk29dkQ1z1!\n;zT7$$pQ93k\n",
    ] {
        let found = said(table);
        assert_eq!(found.iter().filter(|(entity, ..)| *entity == Secret).count(), 2, "{table} {found:?}");
    }
}

#[test]
fn lines_of_a_program_are_no_table() {
    let line = |name: &str, value: &str| format!("#define {name:<32} \"{value}\"\n");
    let names = [("LN_userPassword", "userPassword"), ("SN_md2", "RSA-MD2"), ("LN_pkcs8Bag", "pkcs8ShroudedKeyBag")];
    let text: String = names.iter().map(|(name, value)| line(name, value)).collect();
    assert!(said(&text).iter().all(|(entity, ..)| *entity != Secret), "{:?}", said(&text));
}

#[test]
fn keys_of_vendors_are_found_in_columns() {
    for key in ["9fQ2xLm7Vt4Rb8Zk1Wp6Yd3H", "3f9a1c7be2d84605f1a9c3e7b5d28046"] {
        for table in [format!("name,acme_key\nbob,{key}\n"), format!("| id | acmeKey |\n|---|---|\n| 1 | {key} |\n")] {
            let found: Vec<_> =
                said(&table).into_iter().filter(|found| found.0 == Secret).map(|found| found.2).collect();
            assert_eq!(found, [key], "in {table:?}");
        }
        assert!(said(&format!("name,cache_key\nbob,{key}\n")).iter().all(|found| found.0 != Secret), "{key}");
    }
}

#[test]
fn fields_of_forms_are_read_behind_the_names_in_their_headers() {
    let form = |name: &str, value: &str| {
        let part = |name: &str, value: &str| {
            format!(
                "--x7\r\nContent-Disposition: form-data; name={name}\r\nContent-Type: text/plain\r\n\r\n{value}\r\n"
            )
        };
        [part("\"user\"", "bob"), part(name, value), "--x7--\r\n".to_owned()].concat()
    };
    for (name, value, entity) in [
        ("\"password\"", "Xk39!vQz7#pLm2wT", Secret),
        ("api_key", "Xk39vQz7pLm2wTb6dQ", Secret),
        ("\"db_pass\"", "Sunshine#42", Secret),
        ("\"dob\"", "1980-02-12", DateOfBirth),
    ] {
        let found: Vec<_> = said(&form(name, value)).into_iter().map(|(entity, _, text)| (entity, text)).collect();
        assert_eq!(found, [(entity, value.to_owned())], "{name}");
    }
    assert_eq!(said(&form("\"comment\"", "Xk39!vQz7#pLm2wT")), []);
}

#[test]
fn the_data_of_a_secret_of_kubernetes_is_found_whatever_its_names_are() {
    let found = |text: &str| {
        let found = said(text).into_iter().filter(|found| found.0 == Secret);
        found.map(|found| found.2).collect::<Vec<_>>()
    };
    let (dsn, conf) = ("Y29ycmVjdC1Ib3JzZTl4", "OWZRMnhMbTdWdDRSYjhaazFXcDZZZDNIOWZRMnhMbTdWdDRSYjhaazFXcDZZZDNI");
    let data = format!("data:\n  username: YXBwdXNlcg==\n  dsn: {dsn}\n  conf: {conf}\n");
    let meta = "metadata:\n  name: db-1\n";
    assert_eq!(found(&format!("apiVersion: v1\nkind: Secret\n{meta}type: Opaque\n{data}")), [dsn, conf]);
    assert_eq!(found(&format!("apiVersion: v1\n{data}kind: Secret\n{meta}")), [dsn, conf]);
    assert_eq!(found("kind: Secret\napiVersion: v1\nstringData:\n  x: Tr4il-Mix77x\n"), ["Tr4il-Mix77x"]);
    for kind in ["ConfigMap", "SecretProviderClass"] {
        assert_eq!(found(&format!("apiVersion: v1\nkind: {kind}\n{meta}{data}")), [""; 0], "{kind}");
        assert_eq!(found(&format!("apiVersion: v1\n{data}kind: {kind}\n{meta}")), [""; 0], "{kind}");
    }
    assert_eq!(found(&format!("kind: Secret\n---\n{data}")), [""; 0]);
}

#[test]
fn a_card_in_cells_of_its_own_is_read() {
    let found = |text: &str| {
        let cards = said(text).into_iter().filter(|found| found.0 == EntityType::CreditCard);
        cards.count()
    };
    let row = |cells: [&str; 4]| format!("<tr><td>{}</td></tr>\n", cells.join("</td><td>"));
    let card = row(["4111", "1111", "1111", "1111"]);
    assert_eq!(found(&format!("<table>\n{card}</table>\n")), 1);
    assert_eq!(found("<tr><td>Card</td><td>4111</td>\n<td>1111</td>\n<td>1111</td><td>1111</td></tr>"), 1);
    assert_eq!(found(&format!("<table>{}{card}{}</table>", row(["2019"; 4]), row(["2020"; 4]))), 0);
    assert_eq!(found("<tr><td>4111</td><td>1111</td><td>1111</td><td>1111</td><td>7</td></tr>\n"), 0);
}

#[test]
fn a_value_does_not_go_on_in_the_setting_below_it() {
    for (text, expected) in [
        (
            "SAS=sv=2022-11-02&sig=AKqO7AtlNPnrzqbPk0UqN5k2ZYgN0YbNWb1cX0KkQz%3D\nNODE_ENV=production\n",
            "AKqO7AtlNPnrzqbPk0UqN5k2ZYgN0YbNWb1cX0KkQz",
        ),
        ("api_key=k3Jd9x0Qpl5m2Nv8Zx81Kd93=\nNODE_ENV=production\n", "k3Jd9x0Qpl5m2Nv8Zx81Kd93"),
        ("spring.app.password=Berlin724@\nspring.app.name=demo\n", "Berlin724@"),
        ("app.password: Berlin724@\napp.name: demo\n", "Berlin724@"),
    ] {
        for (entity, view, found) in said(text) {
            assert!(entity == Secret && found.trim_end_matches('=') == expected, "{text} gave {found} in {view}");
        }
    }
}

#[test]
fn what_one_message_asks_for_is_found_in_the_next() {
    let asked = |question: &str, answer: &str, expected: (EntityType, &str)| {
        let plain = format!("Assistant: {question}\nUser: {answer}");
        let json = format!(
            "{{\"messages\":[{{\"role\":\"assistant\",\"content\":\"{question}\"}},{{\"role\":\"user\",\"content\":\"{answer}\"}}]}}"
        );
        let lines = json.replace('{', "{\n  ").replace(',', ",\n  ").replace('}', "\n}");
        let leaves = format!(
            "role\u{fffd}assistant\u{fffd}content\u{fffd}{question}\u{fffd}role\u{fffd}user\u{fffd}content\u{fffd}{answer}"
        );
        for text in [plain, json, lines] {
            let found = said(&text);
            let has = found.iter().any(|(entity, _, text)| *entity == expected.0 && text == expected.1);
            assert!(has, "{text}: {found:?}");
        }
        let mut reader = detect::Reader::new();
        for leaf in leaves.split('\u{fffd}') {
            reader.push(leaf.as_bytes());
            reader.boundary();
        }
        let mut found = Vec::new();
        reader.scan(&super::SET, &mut found);
        let has = found.iter().any(|finding| super::SET.entity(finding.detector) == Some(expected.0));
        assert!(has, "leaves of {question}: {found:?}");
    };
    asked("What is your date of birth?", "8 May 1983", (DateOfBirth, "8 May 1983"));
    asked("Thanks! And your date of birth?", "its 10/15/1936 thanks", (DateOfBirth, "10/15/1936"));
    asked("What is the CVV on the back of the card?", "its 712 thanks", (CardSecurityCode, "712"));
    asked("Could you please give me the password?", "It's A2b35cN6v#4", (Secret, "A2b35cN6v#4"));
    asked("Please confirm your social security number.", "sure, 536904399", (UsSsn, "536904399"));
    asked("What is your bank account number?", "45484758 I think", (UsBankNumber, "45484758"));
    asked("And your driver's license number?", "R6126103", (UsDriverLicense, "R6126103"));
    asked("What is your EIN?", "Yes: 12-3456789.", (UsEin, "12-3456789"));
    asked("What is your phone number?", "ok here you go 2015557420", (EntityType::PhoneNumber, "2015557420"));
}

#[test]
fn what_nobody_asked_for_is_not_found() {
    for text in [
        "Did you find the ticket?\nUser: 45484758",
        "What is your bank account number?\nI do not have one, I only have a ticket with a number on it\n45484758",
        "Is the password valid?\nyes, version A2b35cN6v4",
        "Your CVV is safe.\nUser: 712 thanks",
    ] {
        assert_eq!(said(text), [], "{text}");
    }
}

#[test]
fn a_head_may_stand_behind_a_sentence() {
    for (table, entity, value) in [
        ("Convert to JSON: id,AccountNumber,status\n488,119632565147,closed", UsBankNumber, "119632565147"),
        ("Hi! | id | passport_number | status |\n|---|---|---|\n| 7 | 574485913 | ok |", UsPassport, "574485913"),
        ("Hi! id;ssn;name\n7;536904399;Fern\n", UsSsn, "536904399"),
        ("Hi! INSERT INTO customers (id, acct_no) VALUES (1589, '2848523464');", UsBankNumber, "2848523464"),
        ("Hi! {\"columns\": [\"id\", \"acct_no\"], \"rows\": [[\"7\", \"2848523464\"]]}", UsBankNumber, "2848523464"),
        ("Please make a table: id\tcvv\tname\n7\t712\tFern\n", CardSecurityCode, "712"),
        ("Convert to JSON: id    ssn   name\n7  536904399  Fern\n", UsSsn, "536904399"),
    ] {
        let found = said(table);
        let has = found.iter().any(|(other, _, text)| *other == entity && text == value);
        assert!(has, "{table}: {found:?}");
    }
    for text in ["Note: the cvv, the id\nseen 712, 7 and more", "Hi! the cvv, the key, the door\n712 7 ok"] {
        assert_eq!(said(text), [], "{text}");
    }
}

#[test]
fn cells_that_spaces_part_are_told_by_their_number() {
    for table in [
        "   id  name  ssn        amount\n0  12  Fern  536904399  9.50\n1  7  Blue  536904399  1.50\n",
        "id                name              ssn               amount\n12  Fern  536904399  9.50\n",
        "NAME    ssn         AGE\nfern-1  536904399   5d\n",
    ] {
        let found = said(table);
        assert!(found.iter().any(|(entity, _, text)| *entity == UsSsn && text == "536904399"), "{table}: {found:?}");
    }
    for table in ["id  cvv  amount  name\n12  Fern  712\n", "id  cvv  amount\n712  12  7.50\n"] {
        assert_eq!(said(table), [], "{table}");
    }
}

#[test]
fn questions_and_tables_behind_sentences_are_read_alike_however_they_come() {
    let long =
        "It is a long way to what is asked for here, and most of what stands before says nothing of it. ".repeat(12);
    let messages = |question: &str, answer: &str| {
        ["role", "assistant", "content", question, "role", "user", "content", answer]
            .map(|leaf| leaf.as_bytes().to_vec())
    };
    let asked = format!("{long}What is your bank account number?");
    for leaves in [
        vec![format!("{asked}\nUser: 45484758\nAnd your CVV?\n\nits 712 thanks").into_bytes()],
        messages(&asked, "it is 45484758 I think").to_vec(),
        messages("Please confirm the number of your driver's license.", "sure, R6126103").to_vec(),
        vec![b"Convert this to a table, please: it has what we need\nHi! id,AccountNumber,ssn\n488,119632565147,536904399".to_vec()],
        vec![format!("Hi! INSERT INTO customers (id, acct_no) VALUES (1589, '2848523464'), {}", "(1, '2848523465'), ".repeat(90)).into_bytes()],
        vec![b"I see: id  ssn  name  amount\n7  536904399  Fern  1.50\n8  536904398  Blue  2.50\n".to_vec()],
    ] {
        let whole = super::scan_whole(&leaves);
        assert!(!whole.is_empty());
        for sizes in [&[1][..], &[3, 7], &[63], &[64, 1], &[200]] {
            assert_eq!(super::scan_split(&leaves, sizes), whole, "{sizes:?} of {}", String::from_utf8_lossy(&leaves.concat()));
        }
    }
}
