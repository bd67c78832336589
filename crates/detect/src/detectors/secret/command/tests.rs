use crate::EntityType;
use crate::detectors::testing::{find_all, passes};

const SECRET: EntityType = EntityType::Secret;
const PASSWORDS: [&str; 3] = ["Tr0ub4dor&3xQ", "Xk29dkQ1zz", "kX9-fj2!m"];

/// Asserts that each password is found where `@` stands in each text.
#[track_caller]
fn finds_in(texts: &[&str], passwords: &[&str]) {
    let missed = |text: &str, password: &str| {
        let text = text.replace('@', password);
        let is_missed = !find_all(&text).iter().any(|found| found.1 == password);
        is_missed.then(|| format!("{text}: {:?}", find_all(&text)))
    };
    let missed: Vec<_> =
        texts.iter().flat_map(|text| passwords.iter().filter_map(|password| missed(text, password))).collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn passwords_are_found_behind_users_and_short_words() {
    finds_in(
        &["u: ada p: @", "ssh ada@host, pass @", "login ada pass @", "use admin:@ to log in", "log in with (root:@)"],
        &["of46dXsx!4", "Sw!z-XQ0Rw", "lYzLbXtj!4"],
    );
    passes(
        SECRET,
        &[
            "x: 1 p: of46dXsx!4",
            "we pass Http2Stream on",
            "they pass 12 tests",
            "Tests pass IE8+Win7@x64",
            "Values must pass Test#123Abc on",
            "root:x:0:0:root:/root:/bin/bash",
            "admin: see section 4.2B!",
            "//admin:8080/Status1!",
        ],
    );
}

#[test]
fn seeds_of_one_time_passwords_and_files_of_keys_are_found() {
    finds_in(
        &["2FA secret key @", "Enter this key: @", "TOTP setup: @", "MFA seed = @\n"],
        &["33LW TG5B I7PJ RVR2 IVD3 HRIS EVOE C2C3", "33LW TG5B I7PJ RVR2"],
    );
    finds_in(&["config/master.key:\n@", "`config/master.key`\n\n```\n@\n```"], &["3495ca773c08ffe03b9a5d4944a6519b"]);
    finds_in(
        &["jwt.sign(payload, '@')", "jwt.verify(token, \"@\")", "IDENTIFIED BY @"],
        &["OkBRySqJC5RNKFZNALi1cmW1z4ggDRRB"],
    );
    finds_in(&["jdbc:oracle:thin:app/@//db.internal:1521/x"], &[]);
    let oracle = "jdbc:oracle:thin:app/qYpaNeNjJLaq@//db.internal:1521/x";
    assert!(find_all(oracle).iter().any(|found| found.1 == "qYpaNeNjJLaq"));
    passes(
        SECRET,
        &[
            "2FA CODE SENT AT 2026",
            "press this key: F12 twice",
            "2FA secret key THIS TEXT HAS ONLY WORD 2222",
            "config/master.key:\n00000000000000000000000000000000",
            "jwt.sign(payload, process.env.KEY2)",
            "jwt.verify(token, 'your-secret-1')",
            "IDENTIFIED BY THE2 users",
        ],
    );
}

#[test]
fn passwords_of_network_devices_are_found() {
    finds_in(
        &[
            "enable secret @",
            "hostname r1\nenable secret 0 @\n",
            "R1(config)# enable secret @",
            "enable password @",
            "enable password level 15 @",
            "username admin privilege 15 secret @",
            "username admin privilege 15 secret 0 @",
            "username admin password 0 @",
            "username admin password @ encrypted privilege 15",
            "snmp-server community @ RW",
            "set snmp community @ authorization read-only",
            "snmp-server user u g v3 auth sha @ priv aes 128 x",
            "snmp-server user u g v3 auth sha x1 priv aes 128 @",
            "snmp-server user u g v3 auth sha-256 @ priv aes-128 x",
            "snmp-server user u g v3 auth md5 x1 priv des @",
            "crypto isakmp key @ address 10.0.0.1",
            "crypto isakmp key 0 @ address 10.0.0.1",
            "tacacs-server key @",
            "tacacs-server host 10.0.0.1 key @",
            "radius-server key @",
            "radius-server host 10.0.0.1 auth-port 1812 acct-port 1813 key @",
            " key-string @",
            " neighbor 10.0.0.1 password @",
            " ip ospf message-digest-key 1 md5 @",
            " ip ospf authentication-key @",
            " ppp chap password @",
            " wpa-psk ascii 0 @",
            " security wpa akm psk set-key ascii 0 @",
            " pre-shared-key local @",
            " ikev1 pre-shared-key @",
            "ntp authentication-key 1 md5 @ 7",
        ],
        &PASSWORDS,
    );
}

#[test]
fn cipher_texts_of_network_devices_are_found() {
    for (line, secret) in [
        ("enable password 7 @", "08351F1B1D431516475E"),
        ("line vty 0 4\n password 7 @\n login", "08351F1B1D431516475E"),
        ("username admin password 7 @", "0822455D0A16"),
        ("tacacs-server key 7 @", "08351F1B1D431516475E"),
        ("radius server ISE\n key 7 @", "08351F1B1D431516475E"),
        ("enable secret 9 @", "$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM"),
        ("enable secret 8 @", "$8$dsYGNam3K1SIJO$7nv/35M/qr6t.dVc7UY9zrJDWRVqncHub1PE9UlMQFs"),
        ("enable secret 5 @", "$1$mERr$hx5rVt7rPNoS4wqbXKX7m0"),
        ("authentication-key \"@\"; ## SECRET-DATA", "$9$LfMX7-dVwaJDk.fzAu0OBIRSKM8X7-ds"),
        ("set security ike policy p pre-shared-key ascii-text \"@\"", "$9$LfMX7-dVwaJDk.fzAu0OBIRSKM8X7-ds"),
    ] {
        finds_in(&[line], &[secret]);
    }
}

#[test]
fn configurations_without_passwords_pass() {
    passes(
        SECRET,
        &[
            "enable secret <password>",
            "enable secret $ENABLE_SECRET1",
            "enable secret {{ enable_secret1 }}",
            "enable secret scanning for 2 repositories",
            "enable password level 15",
            "snmp-server community public RO",
            "snmp-server community private RW 10",
            "the snmp community of version 2c is documented",
            "snmp-server user u g v3 auth sha <auth> priv aes 128 <priv>",
            "tacacs-server key *****",
            "tacacs-server host 10.0.0.1",
            "radius-server host 10.0.0.1 auth-port 1812 acct-port 1813",
            "crypto isakmp key ${PSK1} address 10.0.0.1",
            "the authentication-key of 32 bytes",
            "ip ospf message-digest-key 1 md5",
            "press key 7 twice",
            "key 7 of 10",
            "service password-encryption",
            "password 7 days before",
            "change the password 5 times in 30 days",
            "username admin1 privilege 15",
            "the community site v2beta",
            "the secret of 2fa tokens",
        ],
    );
}

#[test]
fn passwords_of_commands_are_found() {
    finds_in(
        &[
            "curl -u admin:@ https://a.io/x",
            "curl -X POST -u 'admin:@' https://a.io/x",
            "curl --user admin:@ https://a.io",
            "curl --user=admin:@ https://a.io",
            "curl --user kevin:'@' https://a.io",
            "curl -u \":@\" https://a.io",
            "new NetworkCredential(\"joe\", \"@\")",
            "curl --proxy-user admin:@ https://a.io",
            "mysql -u root -p@",
            "mysql -uroot -p'@' shop",
            "mysqldump --password=@ shop",
            "mysqldump -h db -u root -p@ shop > d.sql",
            "sshpass -p @ ssh root@10.0.0.1",
            "sshpass -p'@' ssh a",
            "redis-cli -a @ ping",
            "redis-cli -h 10.0.0.5 -p 6379 -a @",
            "docker login -u a -p @",
            "docker login registry.acme.io -u a -p @",
            "psql \"host=db user=app password=@\"",
            "openssl rsa -in k.pem -passin pass:@",
            "echo 'root:@' | chpasswd",
            "echo \"root:@\" | sudo chpasswd",
            "echo '@' | passwd --stdin root",
            "echo @ | sudo -S ls",
            "CREATE USER app IDENTIFIED BY '@';",
            "ALTER USER scott IDENTIFIED BY @;",
            "sqlcmd -S db01 -U sa -P @ -Q \"select 1\"",
            "bcp app.dbo.t out t.csv -S db01 -U sa -P @ -c",
            "#define WIFI_PASS \"@\"",
            "10.0.0.1 10.0.0.2 : PSK \"@\"",
            "La password è @",
            "mysqli_connect(\"localhost\", \"app\", \"@\", \"shop\")",
            "pymysql.connect(\"db01\", \"app\", \"@\", \"shop\")",
            "create user app identified by '@'",
            "ALTER USER app IDENTIFIED WITH mysql_native_password BY '@'",
            "ALTER USER app WITH PASSWORD '@';",
            "ds.setPassword(\"@\");",
            "requests.get(url, auth=(\"admin\",\"@\"))",
            "requests.get(url, auth=('admin', '@'))",
            "HTTPBasicAuth('admin', '@')",
            "DriverManager.getConnection(url, \"root\", \"@\")",
            "new NetworkCredential(\"bob\", \"@\")",
            "bindpw @",
            "rootpw @",
            "requirepass @",
            "gpg --passphrase @ -d f",
            "the root pw is @",
            "ConvertTo-SecureString \"@\" -AsPlainText -Force",
            "keytool -list -keystore a.jks -storepass @",
            "keytool -genkey -keypass @ -alias a",
            "ldapsearch -x -D cn=admin,dc=acme -w @ -b dc=acme",
            "7z a -p@ backup.7z docs/",
            "7z x backup.7z -p'@'",
            "rar a -hp@ backup.rar docs",
            "unzip -P @ backup.zip",
            "zip -r -P '@' backup.zip docs",
            "mongosh --host db1 -u root -p @",
            "mongodump -u root -p '@' --out d",
            "mosquitto_pub -h broker -u a -P @ -t x",
            "ipmitool -I lanplus -H 10.0.0.9 -U ADMIN -P @ power status",
            "useradd -m -p @ bob",
            "openssl enc -aes-256-cbc -k @ -in a",
            "plink -ssh bob@10.0.0.9 -pw @",
            "smbclient //srv/share -U bob%@",
            "rpcclient -U 'bob%@' 10.0.0.9",
            "xfreerdp /v:10.0.0.9 /u:bob /p:@",
            "net user bob @ /add",
            "C:\\> net user bob @ /add /domain",
            "wpa_passphrase homenet \"@\"",
            "htpasswd -bc /etc/nginx/.htpasswd bob @",
            "htpasswd -b .htpasswd bob '@'",
            "chpasswd <<< \"root:@\"",
            "echo '@' | vncpasswd -f > p",
            "user/password: bob / @",
            "login/pw: bob:@",
            "crackmapexec smb 10.0.0.9 -u bob -p '@'",
        ],
        &PASSWORDS,
    );
}

#[test]
fn passwords_beside_their_user_are_found() {
    finds_in(
        &[
            "localhost:5432:shop:bob:@",
            "10.0.0.5:*:*:bob:@",
            "sqlplus -S scott/@ as sysdba",
            "login: bob / @",
            "creds: bob:@",
            "Credentials: bob@acme.io / @",
        ],
        &["Xk29dkQ1zz"],
    );
    passes(
        SECRET,
        &[
            "postgres://db:5432/shop",
            "listening on 0.0.0.0:5432: 12 clients",
            "login: see chapter 2/section3",
            "login: bob",
            "sqlplus /nolog",
            "ldapadd -f file1.ldif",
            "the keypass of v2",
            "keytool -storepass env:KS1",
            "a passphrase of 8 words",
        ],
    );
}

#[test]
fn passwords_that_ask_for_more_are_found() {
    for line in [
        "psexec.py corp/bob:kX9-fJ2!m@10.0.0.9",
        "net use Z: \\\\srv\\share kX9-fJ2!m /user:bob",
        "net use \\\\srv\\share /user:corp\\bob kX9-fJ2!m",
        "rabbitmqctl add_user bob kX9-fJ2!m",
        "rabbitmqctl change_password bob 'kX9-fJ2!m'",
    ] {
        assert!(find_all(line).iter().any(|found| found.1 == "kX9-fJ2!m"), "{line}: {:?}", find_all(line));
    }
}

#[test]
fn commands_without_passwords_pass() {
    passes(
        SECRET,
        &[
            "curl -u admin:$PASS1 https://a.io",
            "curl -u \"$USER:$PASS1\" https://a.io",
            "curl -u admin:<password1> https://a.io",
            "curl -u admin https://a.io/v2",
            "docker run -u 1000:1000 a1",
            "ncat -u ff02::1234%tap0",
            "docker run -u node1:staff2 a",
            "mysql -u root -p shop2",
            "mysql -u root -p\"$MYSQL_PASS1\"",
            "mysql -h db --port3306 -port3306",
            "apt install mysql-server-8.0 php-p8x",
            "docker run mysql:5.7 -p 3306:3306",
            "sshpass -p \"$PASS1\" ssh a",
            "sshpass -e ssh host1",
            "redis-cli -a $REDIS_PASS1",
            "redis-cli -h 10.0.0.5 -p 6379",
            "docker login -u a -p $TOKEN1",
            "docker login -u a -p ${{ secrets.TOKEN1 }}",
            "openssl rsa -passin pass:$PASS1",
            "boarding pass: AB12cd34",
            "tests pass:12ab34c",
            "the login page of v2 -p port2",
            "echo hello2 world",
            "echo \"$PASS1\" | sudo -S ls",
            "echo user1 | tee file2",
            "echo 'root:${PASS1}' | chpasswd",
            "IDENTIFIED BY '<password1>'",
            "identified by the id 12ab34",
            "user.setPassword(password1)",
            "getPassword(\"user1\")".replace("user1", "user").as_str(),
            "setPassword(encoder.encode(\"x1\"))",
            "auth=(user, password1)",
            "auth=(\"user\", os.environ[\"PASS1\"])",
            "getConnection(url, user, pass1)",
            "-p PASSWORD, --password PASSWORD  the password (default 8 characters)",
            "from passlib.hash import sha256_crypt",
            "unzip -p archive1.zip data2.json",
            "gzip -9 file1 -Prev2",
            "7z a -p$PASS1 x.7z",
            "7z a archive2.7z -path1",
            "docker run -d mongo:4.4 -p web1:27017",
            "docker run -u node -p 8080:80 web1",
            "the mongo docs -p page2b",
            "msbuild app.sln /v:m /p:Configuration=Release2",
            "internet user bob123 posted",
            "the net use of v2ray",
            "git log -U 10%a1",
            "def add_user name1 view2b",
            "htpasswd -c /etc/nginx/.htpasswd bob",
            "python run.py src/a1:b2@main",
            "python get.py http://a:80/x1@v2b",
            "user/password: see page 12b",
            "-u bob1 -p 22",
        ],
    );
}

#[test]
fn passwords_of_sentences_in_other_languages_are_found() {
    finds_in(
        &[
            "le mot de passe est @.",
            "la contraseña es @",
            "a senha é @",
            "密码：@",
            "密碼：@",
            "密码是 @",
            "パスワード：@",
            "パスワードは@です",
        ],
        &["Xk29dkQ1zz"],
    );
    passes(
        SECRET,
        &[
            "le mot de passe est de 8 lettres",
            "la niña es 2da",
            "la contraseña es de 8 letras",
            "密码：8位",
            "パスワード：8文字以上",
        ],
    );
}

#[test]
fn passwords_at_their_place_in_a_call_are_found() {
    finds_in(
        &[
            "$db = new mysqli('localhost', 'shop', '@', 'orders');",
            "mysql_connect(\"db1\", \"root\", \"@\");",
            "$pdo = new PDO($dsn, 'shop', '@');",
            "server.login(\"bob\", \"@\")",
        ],
        &["Tr0ub4dor&3xQ", "kX9-fj2!m"],
    );
    passes(
        SECRET,
        &["client.login(user, token2)", "page.login(\"bob\", {\"timeout\": 30})", "new mysqli($host, $user, $pass1)"],
    );
}

#[test]
fn what_prose_and_codes_say_of_a_password_is_found() {
    finds_in(
        &["user is bob, pw @", "the creds are bob / @", "WIFI:T:WPA;S:office net;P:@;;", "WIFI:P:@;T:WPA;S:x;;"],
        &["Tr0ub4dor&3xQ", "kX9-fj2!m"],
    );
    finds_in(
        &[
            "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"x\",\"d\":\"@\"}",
            "{\"kty\": \"OKP\", \"d\": \"@\", \"x\": \"x\"}",
        ],
        &["nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"],
    );
    passes(
        SECRET,
        &[
            "WIFI:T:nopass;S:guest2024;;",
            "{\"d\": \"2024-01-02\"}",
            "{\"d\": \"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A1\"}",
            "{\"d\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
            "the pw is fine, 12 of them",
            "cd x && pwd /home/bob1",
        ],
    );
}

#[test]
fn passwords_of_constructors_and_calls_are_found() {
    finds_in(
        &[
            "new UsernamePasswordCredentials(\"bob\", \"@\")",
            "new PasswordAuthentication(\"bob\", \"@\")",
            "smtp.PlainAuth(\"\", \"bob\", \"@\", \"smtp.x.io\")",
            "new Sequelize(\"crm\", \"app\", \"@\", {host: \"db\"})",
            "DBI->connect(\"dbi:mysql:crm\", \"app\", \"@\")",
            "cx_Oracle.connect(\"hr\", \"@\", \"PROD\")",
            "psycopg2.connect(\"crm\", \"app\", \"@\", \"db\")",
            "ssh.connect('h1', 22, 'root', '@')",
            "User.objects.create_user('bob', 'bob', '@')",
            "WiFi.begin(\"HomeNet\", \"@\");",
            "bcrypt.hashpw(b'@', bcrypt.gensalt())",
            "await bcrypt.hash(\"@\", 10)",
            "UPDATE users SET password = MD5('@') WHERE id=7;",
            "UPDATE users SET password = SHA1('@')",
            "var pw string = \"@\"",
            "password := []byte(\"@\")",
            "password <- \"@\"",
            "password_hash(\"@\", PASSWORD_DEFAULT)",
            "ConvertTo-SecureString -String \"@\" -AsPlainText -Force",
        ],
        &PASSWORDS,
    );
    finds_in(&["signInWithEmailAndPassword(auth, email, \"@\")"], &["Tr0ub4dor&3xQ", "kX9-fj2!m"]);
    passes(
        SECRET,
        &[
            "new PasswordAuthentication(user, password1)",
            "new UsernamePasswordCredentials(\"bob\", env.PASS1)",
            "socket.connect('10.0.0.1', 8080)",
            "ssh.connect('h1', 22, 'root', key_file2)",
            "emitter.connect(\"clicked\", \"on_button2_clicked\", 3)",
            "create_user('bob', 'bob', password1)",
            "create_user('bob', 'bob', 'admin12')",
            "bcrypt.hash(password1, 10)",
            "bcrypt.compare(password1, user2.hash)",
            "SET password = MD5(CONCAT(salt1, pw2))",
            "resetPassword(user, \"step12\")",
            "signInWithEmailAndPassword(auth, email, password1)",
            "password <- get_password2()",
            "password_hash($password1, PASSWORD_DEFAULT)",
        ],
    );
}

#[test]
fn passwords_that_tests_type_are_found() {
    finds_in(
        &[
            "cy.get('#password').type('@')",
            "cy.get('[data-test=\"password-input\"]').type('@')",
            "page.fill('#password', '@')",
            "driver.find_element(By.ID, 'password').send_keys('@')",
            "fill_in 'Password', with: '@'",
            "When I fill in \"Password\" with \"@\"",
            "await page.getByLabel('Password').fill('@')",
            "child.expect('Password:')\nchild.sendline('@')",
            "password.equals(\"@\")",
            "$(\"#password\").val(\"@\");",
        ],
        &PASSWORDS,
    );
    passes(
        SECRET,
        &[
            "cy.get('#password').type('{enter}')",
            "cy.get('#password').type(user.password2)",
            "cy.get('#password').should('have.attr', 'type2x')",
            "page.getByLabel('Password').fill('password123')",
            "document.getElementById('password').setAttribute('type', 'text2x')",
            "fill_in 'Password', with: user.password1",
            "$('#password').addClass('is-invalid2')",
            "password.equals(other1)",
            "child.expect('Password:')\nchild.sendline(password1)",
        ],
    );
}

#[test]
fn passwords_behind_other_members_are_found() {
    finds_in(
        &[
            "{\"key\":\"password\",\"type\":\"text\",\"value\":\"@\"}",
            "{\"key\": \"password\", \"enabled\": true,\n \"value\": \"@\"}",
            "{\"id\":\"password\",\"type\":\"CONCEALED\",\"purpose\":\"PASSWORD\",\"value\":\"@\"}",
            "<input type=\"password\" name=\"password\" class=\"form-control\" value=\"@\">",
            "<input type=\"password\" name=\"user_pass\" id=\"pw\" value=\"@\">",
            "<input name=\"pw\" value=\"@\">",
            "[\"password\"]=>\n  string(10) \"@\"",
            "s:8:\"password\";s:10:\"@\";",
            "password_new=@",
            "PASSWORD_ADMIN=@",
            "{\"password_new\":\"@\"}",
            "{\"passwort_neu\":\"@\"}",
        ],
        &PASSWORDS,
    );
    passes(
        SECRET,
        &[
            "{\"key\":\"password\",\"type\":\"text\",\"value\":\"{{password1}}\"}",
            "{\"name\":\"password\",\"type\":\"string\",\"value\":\"\"}",
            "{\"key\":\"password\",\"type\":\"text\"},{\"key\":\"x\",\"value\":\"Xk29dkQ1zz\"}",
            "<input type=\"password\" name=\"password\" value=\"\"><input name=\"q\" value=\"Xk29dkQ1zz\">",
            "<input type=\"password\" placeholder=\"Min8chars\" id=\"p2\">",
            "[\"password\"]=>\n  NULL\n  [\"x\"]=>\n string(10) \"Xk29dkQ1zz\"",
            "s:8:\"password\";s:0:\"\";",
            "password_new=$PASS1",
            "password_policy=Xk29dkQ1zz",
            "password_admin == other1",
        ],
    );
}

#[test]
fn passwords_of_further_tools_are_found() {
    finds_in(
        &[
            "set psksecret @",
            "set system root-authentication plain-text-password-value @",
            "local-user admin password cipher @",
            "rocommunity @",
            "snmpwalk -v2c -c @ h1 system",
            "snmpwalk -v3 -u mon -l authPriv -a SHA -A @ -x AES h1",
            "snmpwalk -v3 -u mon -l authPriv -a SHA -x AES -X @ h1",
            "bob : EAP \"@\"",
            "auth_pass @",
            "    Key Content            : @",
            "http -a bob:@ https://x.io",
            "echo @ | kinit bob",
            "USER bob\nPASS @",
            "USER bob\r\nPASS @\r\n",
            "a1 LOGIN bob @",
        ],
        &["Xk29dkQ1zz"],
    );
    for (text, secret) in [
        ("expdp system/Tr0ub4dor&3xQ@PROD full=y", "Tr0ub4dor&3xQ"),
        ("impacket-psexec CORP/bob:kX9-fj2!m@h1", "kX9-fj2!m"),
        ("mysql -u root -p48219374 crm", "48219374"),
        ("AUTH LOGIN\n334 VXNlcm5hbWU6\nYm9i\n334 UGFzc3dvcmQ6\nRmFsY29uNzcheA==", "RmFsY29uNzcheA=="),
        ("AUTH PLAIN AGJvYgBGYWxjb243NyF4", "AGJvYgBGYWxjb243NyF4"),
        ("userPassword:: RmFsY29uNzcheA==", "RmFsY29uNzcheA=="),
    ] {
        assert!(find_all(text).iter().any(|found| found.1 == secret), "{text}: {:?}", find_all(text));
    }
    passes(
        SECRET,
        &[
            "the secret psksecret of v2",
            "rocommunity public",
            "snmpwalk -v2c -c public h1 system2",
            "auth_pass $PASS1",
            "sys/kernel2@x",
            "http -a $USER:$PASS1 https://x.io",
            "PASS test_1 in 2s\nPASS test_2 in 3s",
            "FAIL x\nPASS Xk29dkQ1zz",
            "CREATE ROLE app1 LOGIN CREATEDB role2",
            "mysql -u root -p3306",
            "AUTH PLAIN LOGIN CRAM2",
            "userPassword:: e1NTSEF9",
        ],
    );
}

#[test]
fn passwords_are_found_behind_words_of_other_languages() {
    finds_in(
        &[
            "clave: @",
            "usuario: bob clave: @",
            "la clave es @",
            "mdp : @",
            "mdp: @",
            "mot de passe @",
            "Kennwort @",
            "Lösenordet är @",
            "A palavra-passe é @",
            "WLAN-Schlüssel: @",
            "WiFi key: @",
            "Passwort wurde auf @ geändert",
            "das Passwort ist jetzt @",
            "password has been reset to @",
            "Password (8+ chars): @",
            "creds bob/@",
            "Zugangsdaten: bob / @",
            "Identifiants : bob / @",
            "Login: bob / @",
        ],
        &["Tr0ub4dor&3xQ", "kX9-fJ2!m"],
    );
    passes(
        SECRET,
        &[
            "Passwort wurde auf deutsch geändert, 2 Mal",
            "la clave es la 2da parte",
            "palabras clave: SEO, 2024",
            "le mot de passe doit avoir 8 caractères",
            "Kennwort mit 8 Zeichen",
            "the password has been reset to something longer than 12",
            "the password was changed to something longer",
            "{\"password\": \"Passwort\"}",
            "Login: bob",
            "Zugangsdaten: siehe Seite 12",
            "the mdp: 12 of them",
            "Schlüssel: 12 Stück",
            "hundreds 12/24",
        ],
    );
}

#[test]
fn hashes_and_codes_of_machines_are_found() {
    for (text, secret) in [
        ("bob:@:19700:0:::", "$gy$j9T$xAGfmnKOUddP6if36tJpds$sca93DmCUw9GRnFJLQOsVKoMU7Q9T7Nj28qa87tF8hO"),
        ("hash: @", "$P$B9D53pjnF0F6MW0sZT4hRbkfGtjXqT1"),
        ("hash: @", "$H$99D53pjnF0F6MW0sZT4hRbkfGtjXqTj"),
        (
            "x = @",
            "argon2$argon2id$v=19$m=102400,t=2,p=8$KCL+we8bXCATiA7CDQgMxw$KTb8E/Zr57wN8POn3HtLIQq0u/0rtkQ62WeryiDHY1s",
        ),
        (
            "\"PasswordHash\":\"@\"",
            "AQAAAAEAACcQAAAAE30WuKqGKHltKHvbSftYWah7ZEG59AQdaFv58FX46Z3Hjs8llyFaQE55ipwtBoSDDQUX",
        ),
        ("{\"password_hash\":\"@\"}", "e1c2fbbb540ba620de14db35d1ca5f6a8194d41b"),
        ("Recovery Key:\n@", "436073-087934-619366-498949-162536-517407-197307-409937"),
        ("GitHub recovery codes:\n@", "db646-eae68\n13eb6-06c2e"),
        ("nsupdate -y hmac-sha256:k1:@", "w9PdLN4lj+QAJ//3/6ZZVZXV8xc8QVRsUj5F0EQ9Peo="),
        ("algorithm hmac-sha256; secret \"@\";", "PTwzRQ9TLLFoZrLkzZhrHyIvraSy/UydL/wBiTrRdPo="),
        ("encrypt = \"@\"", "W8cnbCcZNMJpO2HJ1dgqF6qKIPuYvx/+Dk8YS9O/kvY="),
        ("new ethers.Wallet('0x@')", "bbc9b3f436120444a100a86f4ad33d9f09ce6d2125aa903d3935ae1ab9043937"),
        ("https://fn.azurewebsites.net/api/x?code=@", "wUaAyIDDtlNBPBcI22EWDK33s_1aQJbgO4m_RDVgTL7ccXOkPhLE1Q=="),
        (
            "<machineKey validationKey=\"@\" validation=\"SHA1\"/>",
            "7EEB8A1EC9332A30A983694D1B428F3E50E86C2C5F2CA9635310F88053FC3FCDCEAB11B9D49FC08F",
        ),
        ("Cookie: laravel_session=@", "eyJpdiI6Ik5pTmhqUTJ4V0ZrV2lQYm9hZkE9PSIsInZhbHVlIjoiQ3FhZ"),
        (
            "Cookie: .AspNetCore.Identity.Application=@",
            "CfDJ8W7IseaTtAm2EBGalJRwg5wU7Wy1s66eKr8RmCT6Pd1-1A0dxLjd8441eaCU0R",
        ),
        ("otpauth-migration://offline?data=@", "CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xl"),
    ] {
        let text = text.replacen('@', secret, 1);
        assert!(find_all(&text).iter().any(|found| found.1.contains(secret)), "{text}: {:?}", find_all(&text));
    }
    passes(
        SECRET,
        &[
            ".AspNetCore.Antiforgery.9TtSrW0hzOs=CfDJ8W7IseaTtAm2EBGalJRwg5wU7Wy1s66eKr8RmCT6Pd1-1A0dxLjd8441eaCU0R",
            "using Microsoft.AspNetCore.Mvc; // v2",
            "Recovery Key:\n111111-222222-333333-444444-555555-666666-777777-888881",
            "recovery codes:\nfirst-12345 words",
            "encrypt = \"true2\"",
            "new ethers.Wallet('0x0000000000000000000000000000000000000000000000000000000000000000')",
            "https://fn.azurewebsites.net/api/x?code=200",
            "password_hash: sha256",
            "cost $P$ and $H$9 and $gy$1",
        ],
    );
}

#[test]
fn long_cookies_keys_and_lists_of_codes_are_found_to_their_ends() {
    let part = "CfDJ8W7IseaTtAm2EBGalJRwg5wU7Wy1s66eKr8RmCT6Pd1-1A0dxLjd8441eaCU0R";
    let codes: Vec<_> = (0..40).map(|code| format!("{:05x}-{:05x}", code * 7919 + 4096, code * 6007 + 4099)).collect();
    for (text, secret) in [
        ("Cookie: .AspNetCore.Cookies=@; path=/", part.repeat(30)),
        ("Cookie: .AspNetCore.Identity.Application=@", part.repeat(9)),
        ("Cookie: .AspNetCore.Cookies=chunks-2; .AspNetCore.CookiesC1=@; x=y", part.repeat(60)),
        ("Cookie: laravel_session=@%3D%3D;", part.repeat(5)),
        ("Cookie: JSESSIONID=@; x=y", "9F8A7B6C5D4E3F2A1B0C9D8E7F6A5B4C".repeat(20)),
        ("GET https://fn1.azurewebsites.net/api/x?code=@==&name=bob", part.repeat(3)),
        ("nsupdate -y hmac-sha512:k1:@==", part.replace('-', "+").repeat(2)),
        ("GitHub recovery codes:\n@\n\nKeep them.", codes.join("\n")),
        ("Recovery codes:\n@", codes.join("\n- ")),
    ] {
        let found = find_all(&text.replace('@', &secret));
        let is_whole = |found: &(String, String, u8)| found.1.trim_end_matches(['=', '%', '3', 'D']) == secret;
        assert!(found.iter().any(is_whole), "{text}: {found:?}");
    }
}

#[test]
fn names_of_things_are_no_passwords() {
    passes(
        SECRET,
        &[
            "$('#password').val('Step-83')",
            "page.fill('#password', 'Enter-12')",
            "cy.get('#password').type('text_field_12')",
            "expect(field.password).equals('sha256-abc12')",
            "{\"key\": \"password\", \"type\": \"text\", \"value\": \"required|min:8\"}",
            "<input type=\"password\" class=\"x\" value=\"Label-12\">",
            "Login: GitHub/Gitlab-15",
            "creds vault/Kv2-Path",
            "creds: AWS/IAM-Role1",
            "USER anonymous\nPASS accepted-230",
            "USER ftp\nPASS Accepted1",
            "srv1 LOGIN bob session42",
            "Credentials(\"bob\", \"arn:aws:iam::123:user/x1\")",
            "snmpwalk -c x1.yml host",
            "Schlüssel: AES-256",
            "Schlüssel: Haus12-Keller",
            "Schlüssel: Zimmer-12b",
            "password_hash: d41d8cd98f00b204e9800998ecf8427e",
            "token: d41d8cd98f00b204e9800998ecf8427e",
            "\"password_hash\":\"da39a3ee5e6b4b0d3255bfef95601890afd80709\"",
            "Guest:501:aad3b435b51404eeaad3b435b51404ee:31d6cfe0d16ae931b73c59d7e0c089c0:::",
            "<field name=\"password\" type=\"char\" value=\"varchar(72)\"/>",
            "\"password\": \"varchar(72)\"",
            "passphrase is required1",
            "the passphrase is Argon2-hashed",
            "pwd is PWD_HOME2",
            "Passwort für den Server ist falsch: Fehler401",
            "AES.new(key_v2, AES.MODE_CBC)",
            "createHmac('sha256', process.env.KEY_V2)",
            "Fernet('your-key-goes-here-1')",
            "the second pass is O(n^2) in 12 steps",
            "the password is this that with them in 12 lines",
        ],
    );
    finds_in(
        &["$('#password').val('@')", "page.fill('#password','@')", "Login: bob/@", "creds ops/@", "a1 LOGIN bob @"],
        &["Sommer2024!", "Rock&Roll7", "Tr0ub4dor&3xQ"],
    );
    finds_in(&["Login: bob/@", "creds ops/@"], &["Tiger-2024", "winter-coffee-13"]);
}

#[test]
fn keys_in_calls_and_answers_between_two_lines_are_found() {
    finds_in(
        &["AES.new(b'@', AES.MODE_CBC)", "createHmac('sha256', '@')", "hash_hmac('sha256', $data, \"@\")"],
        &["q8Wz2Lm5Xv9Kp3Rt"],
    );
    finds_in(&["Fernet(b'@')"], &["3q2x7wQx9LmZ0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sTU="]);
    finds_in(
        &[
            "USER bob\n331 Please specify the password.\nPASS @\n",
            "pwd is @ btw",
            "the pass is @",
            "ENV['DB_PASS'] ||= '@'",
        ],
        &["Ftp!Boat9", "zQ4!mmPx"],
    );
    finds_in(
        &[
            "expect \"password:\"\nsend \"@\\r\"",
            "expect \"*?assword:*\" { send -- \"@\\r\" }",
            "lftp -u bob,@ ftp.acme.io",
            "'password' => bcrypt('@'),",
            "password=make_password('@')",
            "Credentials.basic(\"bob\", \"@\")",
            "client.username_pw_set('bob', '@')",
            "zip.setpassword(b'@')",
            "Netzwerkschlüssel: @",
            "the passcode is @",
            "the passphrase is @",
            "Passwort für den Server: @",
            "Passwort zum Drucker ist @",
        ],
        &["Ftp!Boat9x", "zQ4!mmPx"],
    );
    finds_in(&["WLAN-Schlüssel: @"], &["48291047385610293847"]);
    finds_in(&["my gmail app password is @, why?"], &["zbqk wmtr ylpa vdne"]);
}
