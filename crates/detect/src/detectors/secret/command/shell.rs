//! Commands of a shell and of a database, and calls: what stands behind an option or in a place of its own.

use super::{
    Head, SIZE_DIGITS_MAX, behind_spaces, call, chosen, codes, has, head, is_chosen, is_name, line_before, made, user,
    word,
};
use crate::detectors::secret::assign::{self, Named, chosen::is_seed, name};
use crate::detectors::secret::{form, link, phrase, shape::Shape};
use crate::text::{Class, alphanumeric};
use crate::window::{BOUNDARY, Checked, Match, NUMBER_BOUNDARY, Undecided, Window};

/// Names and options of commands that take a password.
pub(super) const HEADS: [Head; 186] = [
    head(" -u ", user),
    head("-user", user),
    head("mysql", mysql),
    head("sshpass ", sshpass),
    head("redis-cli ", redis),
    head(" login ", login),
    head("pass:", passin),
    head("echo ", echo),
    head("sqlplus ", sqlplus),
    head("ldap", ldap),
    head("bindpw ", line_end),
    head("rootpw ", line_end),
    head("requirepass ", line_end),
    head("assphrase ", stated),
    head(" pw is ", said),
    head("asscode is ", user::mixed),
    head("SecureString ", secure_string),
    head("Credential(", call::pair),
    head("storepass ", option),
    head("keypass ", option),
    head(":5432:", pgpass),
    head(":*:*:", pgpass),
    head("7z ", archive),
    head("rar a ", archive),
    head("zip ", zip),
    head("mongo", mongo),
    head("mosquitto_", mosquitto),
    head("ipmitool ", ipmitool),
    head("useradd ", useradd),
    head("openssl ", openssl),
    head(" -pw ", line_end),
    head(" -U ", share_user),
    head(" /p:", desktop),
    head("net user ", windows_user),
    head("net use ", drive),
    head("add_user ", second),
    head("change_password ", second),
    head("wpa_passphrase ", second),
    head("htpasswd -", htpasswd),
    head("chpasswd", chpasswd),
    head(".py ", target),
    head("/password: ", user::account),
    head("/Password: ", user::account),
    head("/pass: ", user::account),
    head("/pw: ", user::account),
    head("/pwd: ", user::account),
    head("/passwd: ", user::account),
    head("/Passwort: ", user::account),
    head("login: ", user::account),
    head("ogin is ", user::account),
    head("reds are ", user::account),
    head("redentials are ", user::account),
    head("ogins are ", user::account),
    head(" pw ", loosely_said),
    head("pwd ", loosely_stated),
    head("WIFI:", network),
    head("\"d\":", key_parameter),
    head("'d':", key_parameter),
    head("reds: ", user::account),
    head("redentials: ", user::account),
    head("ENV ", environment),
    head("variable \"", variable),
    head("|| '", fallback),
    head("|| \"", fallback),
    head("?? '", fallback),
    head("?? \"", fallback),
    head("--pass ", line_end),
    head("--pwd ", line_end),
    head("sqlcmd ", sql_server),
    head("bcp ", sql_server),
    head("#define ", call::define),
    head(": PSK ", call::quoted),
    head("assword è ", said),
    head("IDENTIFIED ", call::identified),
    head("identified ", call::identified),
    head("auth=(", call::pair),
    head("auth = (", call::pair),
    head("jwt.sign(", call::pair),
    head("jwt.verify(", call::pair),
    head("jwt.encode(", call::pair),
    head("jwt.decode(", call::pair),
    head("2FA ", seed),
    head("2fa ", seed),
    head("MFA ", seed),
    head("TOTP ", seed),
    head("master.key", file_of_key),
    head("admin:", user::of_user),
    head("root:", user::of_user),
    head(" p: ", user::letter),
    head(" pass ", user::passed),
    head("asicAuth(", call::pair),
    head("etworkCredential(", call::pair),
    head("getConnection(", call::last),
    head(" PDO(", call::last),
    head(".login(", call::pair),
    head(":thin:", thin),
    head(" /rp ", line_end),
    head("--token ", bootstrap_token),
    head("o installation:", first_password),
    head("root@localhost: ", line_end),
    head("\"k\":", symmetric_key),
    head("de passe est ", said),
    head("achtwoord is ", said),
    head("ennwort ist ", said),
    head("eslo je ", said),
    head("asło to ", said),
    head("senord är ", said),
    head("assordet er ", said),
    head("alasanani on ", said),
    head("arola este ", said),
    head("ifrem ", said),
    head("khẩu là ", said),
    head("sandinya adalah ", said),
    head("비밀번호는 ", said),
    head("ароль - ", said),
    head("mdp est ", said),
    head("ña es ", said),
    head("senha é ", said),
    head("密码：", said),
    head("密码是", said),
    head("密碼：", said),
    head("ワード：", said),
    head("ワードは", said),
    head("Credentials(", call::pair),
    head("dAuthentication(", call::pair),
    head("create_user(", call::third),
    head("create_superuser(", call::third),
    head("WiFi.begin(", call::pair),
    head("Sequelize(", call::last),
    head("ethers.Wallet(", made::wallet_key),
    head("entials.basic(", call::pair),
    head("username_pw_set(", call::pair),
    head("yagmail.SMTP(", call::pair),
    head("Fernet(", call::key),
    head("AES.new(", call::key),
    head("hmac.new(", call::key),
    head("SecretKeySpec(", call::key),
    head("createHmac(", call::second_key),
    head("ipheriv(", call::second_key),
    head("hash_hmac(", call::third_key),
    head("openssl_encrypt(", call::third_key),
    head("lainAuth(", call::last),
    head("ssh.connect(", call::session),
    head("->connect(", call::database),
    head("ycopg2.connect(", call::last),
    head("Oracle.connect(", call::pair),
    head("covery Key", made::recovery_key),
    head("covery key", made::recovery_key),
    head("covery codes", codes::recovery),
    head("WiFi key: ", loosely_said),
    head(".azurewebsites.net/", made::function_key),
    head("bcrypt.", call::hashed),
    head("authPriv ", privacy),
    head(": EAP ", call::quoted),
    head(": XAUTH ", call::quoted),
    head("auth_pass ", line_end),
    head("Key Content ", key_content),
    head("expdp ", connection),
    head("http -a ", user),
    head("impacket-", impacket),
    head("PASS ", user::pass_line),
    head(" LOGIN ", user::imap),
    head("AUTH PLAIN ", super::encoded),
    head("UGFzc3dvcmQ6", user::asked),
    head("mdp:", loosely_said),
    head("mdp :", loosely_said),
    head("mdp=", loosely_said),
    head("clave: ", loosely_said),
    head("clave es ", said),
    head("ennwort ", loosely_said),
    head("de passe ", loosely_said),
    head("senordet är ", said),
    head("passe é ", said),
    head("Schlüssel: ", key_said),
    head("zwerkschlüssel: ", key_said),
    head("dentifiants : ", user::account),
    head("dentifiants: ", user::account),
    head("gangsdaten: ", user::account),
    head("this key: ", seed),
    head("Login: ", user::account),
    head("creds ", user::account),
    head(" -y hmac-", made::transaction_key),
    head("validationKey=", made::machine_key),
    head("encrypt = ", made::gossip_key),
    head("laravel_session=", made::cookie),
    head(".AspNetCore.", made::framework_cookie),
];

/// Options before a command's first argument.
const OPTIONS_MAX: usize = 3;

/// Bytes of a line in which an option is looked for.
const OPTIONS_BYTES_MAX: usize = 64;

/// Behind the first of these options in the rest of the line.
pub(super) fn behind_option(window: &Window<'_>, start: usize, options: &[&[u8]]) -> Result<Option<usize>, Undecided> {
    let in_line = |byte: u8| !matches!(byte, b'\n' | b'\r' | BOUNDARY | NUMBER_BOUNDARY);
    let length = window.run(start, OPTIONS_BYTES_MAX, in_line)?;
    let line = window.slice(start, start + length);
    let place = |option: &&[u8]| memchr::memmem::find(line, option).map(|place| start + place + option.len());
    Ok(options.iter().filter_map(place).min())
}

/// `curl -u admin:...`, `--user=admin:...`, `-u admin -p ...`, `lftp -u admin,...`. Elsewhere the two may be a user and a group.
fn user(window: &Window<'_>, start: usize) -> Checked {
    let start = if window.at(start)? == b'=' { start + 1 } else { behind_spaces(window, start)? };
    let (start, end) = word(window, start)?;
    let text = window.slice(start, end);
    let line = line_before(window, start);
    let is_request = has(line, b"curl") || has(line, b"http");
    let sorts = if is_request { 2 } else { 3 };
    // A token needs no user.
    let colon =
        memchr::memchr(b':', text).or_else(|| if has(line, b"lftp") { memchr::memchr(b',', text) } else { None });
    let Some(colon) = colon.filter(|colon| *colon > 0 || is_request) else {
        return behind_sorts(window, end, &[b" -p "], 3);
    };
    if colon + 1 == text.len() && colon > 0 && matches!(window.at(end)?, b'"' | b'\'') {
        return Ok(chosen(window, word(window, end)?, sorts));
    }
    // Two colons in a row are of an address.
    if text.get(colon + 1) == Some(&b':') {
        return Ok(None);
    }
    Ok(chosen(window, (start + colon + 1, end), sorts))
}

/// `mysql -u root -p...`: no space stands before the password. `mysqli('host', 'root', '...')`.
fn mysql(window: &Window<'_>, start: usize) -> Checked {
    /// Bytes of what the name of a command goes on with: `dump`, `import`.
    const TAIL_BYTES_MAX: usize = 12;
    const CONNECT: &[u8] = b".connect(";
    let start = start + window.run(start, TAIL_BYTES_MAX, |byte| byte.is_ascii_lowercase() || byte == b'_')?;
    if window.at(start)? == b'(' {
        return call::last(window, start + 1);
    }
    if window.starts_with(start, CONNECT)? {
        return call::last(window, start + CONNECT.len());
    }
    if window.at(start)? != b' ' {
        return Ok(None);
    }
    let Some(start) = behind_option(window, start, &[b" -p"])? else { return Ok(None) };
    let (start, end) = word(window, start)?;
    let text = window.slice(start, end);
    if is_number(text) {
        return Ok(Some(Match::new(start, end, form::PASSWORD, super::PERCENT)));
    }
    Ok(chosen(window, (start, end), 2).filter(|_| !text.starts_with(b"ort")))
}

/// Bytes of the name of a variable.
const NAME_BYTES_MAX: usize = 64;

fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// What the name before a place calls its value, if it tells; names with the word itself are looked at behind that.
fn named(window: &Window<'_>, delimiter: usize) -> Option<Named> {
    const WORD_BYTES_MAX: usize = 16;
    let word = window.slice(delimiter.saturating_sub(WORD_BYTES_MAX), delimiter);
    if phrase::WORDS.iter().any(|head| has(word, head)) {
        return None;
    }
    if name::may_end(window.text(), delimiter) { name::read(window, delimiter) } else { None }
}

/// `ENV NAME value` of a Dockerfile.
fn environment(window: &Window<'_>, start: usize) -> Checked {
    let end = start + window.run(start, NAME_BYTES_MAX, in_name)?;
    let is_line = line_before(window, start).trim_ascii_start() == b"ENV ";
    if !is_line || window.at(end)? != b' ' {
        return Ok(None);
    }
    named(window, end).map_or(Ok(None), |named| assign::check(window, end, named))
}

/// `variable "name" { ... default = "..." }` of Terraform.
fn variable(window: &Window<'_>, start: usize) -> Checked {
    let end = start + window.run(start, NAME_BYTES_MAX, in_name)?;
    let Some(sign) = link::default_sign(window, end)? else { return Ok(None) };
    named(window, end).map_or(Ok(None), |named| assign::check(window, sign, named))
}

/// `x.NAME || '...'`: what a program takes without the variable.
fn fallback(window: &Window<'_>, start: usize) -> Checked {
    const OPERATOR_BYTES: usize = b"|| '".len();
    let Some(named) = named(window, start - OPERATOR_BYTES) else { return Ok(None) };
    assign::check(window, start - 2, named)
}

/// `sqlcmd -S host -U sa -P ...`, `bcp t out f -U sa -P ...`.
fn sql_server(window: &Window<'_>, start: usize) -> Checked {
    behind(window, start.saturating_sub(1), &[b" -P "])
}

/// `sshpass -p ...`, with a space or without.
fn sshpass(window: &Window<'_>, start: usize) -> Checked {
    behind(window, start.saturating_sub(1), &[b" -p"])
}

/// `redis-cli -a ...`.
fn redis(window: &Window<'_>, start: usize) -> Checked {
    behind(window, start.saturating_sub(1), &[b" -a ", b" --pass "])
}

/// `sqlplus -S scott/...@orcl`.
fn sqlplus(window: &Window<'_>, start: usize) -> Checked {
    let (mut start, mut end) = word(window, behind_spaces(window, start)?)?;
    for _ in 0..OPTIONS_MAX {
        if window.slice(start, end).first() != Some(&b'-') {
            break;
        }
        (start, end) = word(window, behind_spaces(window, end)?)?;
    }
    let text = window.slice(start, end);
    let Some(slash) = memchr::memchr(b'/', text).filter(|slash| *slash > 0) else { return Ok(None) };
    let end = memchr::memrchr(b'@', text).map_or(end, |at| start + at);
    Ok(chosen(window, (start + slash + 1, end), 2))
}

/// `ldapsearch -x -D cn=admin -w ...`.
fn ldap(window: &Window<'_>, start: usize) -> Checked {
    behind(window, start, &[b" -w "])
}

/// `bindpw ...` of a configuration.
pub(super) fn line_end(window: &Window<'_>, start: usize) -> Checked {
    Ok(chosen(window, word(window, behind_spaces(window, start)?)?, 2))
}

/// `the passphrase is ...`, `passphrase ...`.
fn stated(window: &Window<'_>, start: usize) -> Checked {
    let value = user::behind_verb(window, start)?;
    if value > start { user::mixed(window, value) } else { line_end(window, start) }
}

/// `keytool -storepass ...`.
fn option(window: &Window<'_>, start: usize) -> Checked {
    if has(line_before(window, start), b"-") { line_end(window, start) } else { Ok(None) }
}

/// `localhost:5432:database:user:...`, a line of a file of passwords (PostgreSQL, libpq-pgpass).
fn pgpass(window: &Window<'_>, start: usize) -> Checked {
    /// Bytes of the names of a database and a user.
    const NAMES_BYTES_MAX: usize = 64;
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'*' | b':');
    let length = window.run(start, NAMES_BYTES_MAX, in_name)?;
    let names = window.slice(start, start + length);
    // Behind `host:*:*:` stands the user alone.
    let colons = if window.slice(0, start).ends_with(b":*:*:") { 0 } else { 1 };
    let Some(colon) = memchr::memchr_iter(b':', names).nth(colons) else { return Ok(None) };
    Ok(chosen(window, word(window, start + colon + 1)?, 2))
}

/// `docker login -u a -p ...`, `machine host login a password ...` (netrc).
fn login(window: &Window<'_>, start: usize) -> Checked {
    behind(window, start.saturating_sub(1), &[b" -p ", b" password "])
}

/// `le mot de passe est ...`, `la contraseña es ...`, `パスワード：...`.
fn said(window: &Window<'_>, start: usize) -> Checked {
    let (start, end) = word(window, behind_spaces(window, start)?)?;
    // Some languages write on without a space.
    let foreign = window.slice(start, end).iter().position(|byte| !byte.is_ascii());
    Ok(chosen(window, (start, foreign.map_or(end, |length| start + length)), 2))
}

/// `pw ...`: any word may follow.
fn loosely_said(window: &Window<'_>, start: usize) -> Checked {
    Ok(chosen(window, word(window, behind_spaces(window, start)?)?, 3))
}

/// `pwd is ...`, `pwd ...`.
fn loosely_stated(window: &Window<'_>, start: usize) -> Checked {
    let value = user::behind_verb(window, start)?;
    if value > start { user::mixed(window, value) } else { loosely_said(window, start) }
}

/// The same where the name of a thing may stand, or what a password is like: `Argon2-hashed`.
fn unnamed(window: &Window<'_>, start: usize) -> Checked {
    let is_thing = |found: &Match| is_name(window.slice(found.start, found.end), SIZE_DIGITS_MAX);
    Ok(loosely_said(window, start)?.filter(|found| !is_thing(found)))
}

/// `Schlüssel: ...`: of doors, of ciphers and of products, too, and those have names.
fn key_said(window: &Window<'_>, start: usize) -> Checked {
    // Routers come with keys of twenty digits.
    const DIGITS: usize = 20;
    let line = line_before(window, start);
    let is_of_network = [b"WLAN".as_slice(), b"WPA", b"zwerk"].iter().any(|word| has(line, word));
    let digits = window.run(start, DIGITS + 1, |byte| byte.is_ascii_digit())?;
    if is_of_network && digits == DIGITS && Shape::of(window.slice(start, start + digits)).distinct >= 5 {
        return Ok(Some(Match::new(start, start + digits, form::PASSWORD, super::PERCENT)));
    }
    if is_of_network { loosely_said(window, start) } else { unnamed(window, start) }
}

/// `WIFI:T:WPA;S:name;P:...;;`, what a code of squares says of a network.
fn network(window: &Window<'_>, start: usize) -> Checked {
    let in_code = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    let length = window.run(start, OPTIONS_BYTES_MAX, in_code)?;
    let text = window.slice(start, start + length);
    let place =
        if text.starts_with(b"P:") { Some(2) } else { memchr::memmem::find(text, b";P:").map(|place| place + 3) };
    let Some(start) = place.map(|place| start + place) else { return Ok(None) };
    let length = window.run(start, OPTIONS_BYTES_MAX, |byte| in_code(byte) && byte != b';')?;
    Ok(if window.at(start + length)? == b';' { chosen(window, (start, start + length), 2) } else { None })
}

/// Characters of base64url that the private numbers of keys have: 32 and 48 bytes, 66 of P-521 and of RSA 128 to 512
/// (RFC 7518 section 6, RFC 8037).
const KEY_PARAMETER_BYTES: [usize; 6] = [43, 64, 88, 171, 342, 683];

/// `{"kty":"EC",...,"d":"..."}`: the private number of a JSON Web Key.
fn key_parameter(window: &Window<'_>, start: usize) -> Checked {
    let opening = behind_spaces(window, start)?;
    let quote = window.at(opening)?;
    if !matches!(quote, b'"' | b'\'') {
        return Ok(None);
    }
    let start = opening + 1;
    let length = window.run(start, KEY_PARAMETER_BYTES[5] + 1, |byte| Class::Token.holds(byte))?;
    let is_number = KEY_PARAMETER_BYTES.contains(&length)
        && window.at(start + length)? == quote
        && Shape::of(window.slice(start, start + KEY_PARAMETER_BYTES[0])).is_mixed();
    Ok(is_number.then_some(Match::new(start, start + length, form::SECRET, super::PERCENT)))
}

/// `"kty": "oct", "k": "..."`, before or behind (RFC 7518 section 6.4).
fn symmetric_key(window: &Window<'_>, start: usize) -> Checked {
    const TYPE: &[u8] = b"\"oct\"";
    let in_line = |byte: u8| !matches!(byte, b'\n' | b'\r' | b'}' | BOUNDARY | NUMBER_BOUNDARY);
    let length = window.run(start, OPTIONS_BYTES_MAX, in_line)?;
    let is_known = has(line_before(window, start), TYPE) || has(window.slice(start, start + length), TYPE);
    if is_known { key_parameter(window, start) } else { Ok(None) }
}

/// `jdbc:oracle:thin:scott/...@host:1521/service`.
fn thin(window: &Window<'_>, start: usize) -> Checked {
    let (start, end) = word(window, start)?;
    let text = window.slice(start, end);
    let (Some(slash), Some(at)) = (memchr::memchr(b'/', text), memchr::memrchr(b'@', text)) else { return Ok(None) };
    Ok(if slash > 0 && slash < at { chosen(window, (start + slash + 1, start + at), 2) } else { None })
}

/// `kubeadm join --token abcdef.0123456789abcdef`: six and sixteen small letters and digits.
fn bootstrap_token(window: &Window<'_>, start: usize) -> Checked {
    const ID_BYTES: usize = 6;
    const SECRET_BYTES: usize = 16;
    let in_token = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let start = behind_spaces(window, start)?;
    let secret = start + ID_BYTES + 1;
    let accepted = window.run(start, ID_BYTES, in_token)? == ID_BYTES
        && window.at(secret - 1)? == b'.'
        && window.run(secret, SECRET_BYTES + 1, in_token)? == SECRET_BYTES
        && Shape::of(window.slice(secret, secret + SECRET_BYTES)).is_random();
    Ok(accepted.then_some(Match::new(start, secret + SECRET_BYTES, form::SECRET, super::PERCENT)))
}

/// What Jenkins prints before it is set up: `... to proceed to installation:`, 32 hexadecimal digits in a line below.
fn first_password(window: &Window<'_>, start: usize) -> Checked {
    const PASSWORD_BYTES: usize = 32;
    let start = start + window.run(start, OPTIONS_BYTES_MAX, |byte| byte.is_ascii_whitespace())?;
    let accepted = window.run(start, PASSWORD_BYTES + 1, |byte| Class::Hex.holds(byte))? == PASSWORD_BYTES
        && Shape::of(window.slice(start, start + PASSWORD_BYTES)).is_random();
    Ok(accepted.then_some(Match::new(start, start + PASSWORD_BYTES, form::PASSWORD, super::PERCENT)))
}

/// `2FA secret key 33LW TG5B ...`: a seed in base32, in groups of four.
fn seed(window: &Window<'_>, start: usize) -> Checked {
    const WORDS_BYTES_MAX: usize = 32;
    const GROUPS_MAX: usize = 16;
    const GROUPS_MIN: usize = 4;
    const GROUP_BYTES: usize = 4;
    let in_words = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b' ' | b':' | b'=' | b'`' | b'"' | b'\'');
    let start = start + window.run(start, WORDS_BYTES_MAX, in_words)?;
    let in_seed = |byte: u8| matches!(byte, b'A'..=b'Z' | b'2'..=b'7');
    let (mut end, mut groups, mut seed) = (start, 0, [0; GROUPS_MAX * GROUP_BYTES]);
    while groups < GROUPS_MAX {
        let at = if groups > 0 && window.at(end)? == b' ' { end + 1 } else { end };
        if (groups > 0 && at == end) || window.run(at, GROUP_BYTES + 1, in_seed)? != GROUP_BYTES {
            break;
        }
        end = at + GROUP_BYTES;
        if let Some(slot) = seed.get_mut(groups * GROUP_BYTES..(groups + 1) * GROUP_BYTES) {
            slot.copy_from_slice(window.slice(at, end));
        }
        groups += 1;
    }
    let accepted = groups >= GROUPS_MIN
        && !alphanumeric(window.at(end)?)
        && is_seed(seed.get(..groups * GROUP_BYTES).unwrap_or_default());
    Ok(accepted.then_some(Match::new(start, end, form::SECRET, super::PERCENT)))
}

/// `config/master.key:`, 32 hexadecimal digits in the next line.
fn file_of_key(window: &Window<'_>, start: usize) -> Checked {
    const KEY_BYTES: usize = 32;
    const GAP_BYTES_MAX: usize = 16;
    let in_gap = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b':' | b'`' | b'"' | b'\'' | b'=' | b'*');
    let start = start + window.run(start, GAP_BYTES_MAX, in_gap)?;
    let accepted = window.run(start, KEY_BYTES + 1, |byte| Class::Hex.holds(byte))? == KEY_BYTES
        && !alphanumeric(window.at(start + KEY_BYTES)?)
        && Shape::of(window.slice(start, start + KEY_BYTES)).is_random();
    Ok(accepted.then_some(Match::new(start, start + KEY_BYTES, form::SECRET, super::PERCENT)))
}

/// `openssl ... -passin pass:...`.
fn passin(window: &Window<'_>, start: usize) -> Checked {
    let is_option = has(line_before(window, start), b"-pass");
    Ok(if is_option { chosen(window, word(window, start)?, 2) } else { None })
}

fn behind(window: &Window<'_>, start: usize, options: &[&[u8]]) -> Checked {
    behind_sorts(window, start, options, 2)
}

/// The word behind the first of these options, if it is one of at least so many sorts of characters.
fn behind_sorts(window: &Window<'_>, start: usize, options: &[&[u8]], sorts: usize) -> Checked {
    let Some(start) = behind_option(window, start, options)? else { return Ok(None) };
    let start = behind_spaces(window, start)?;
    Ok(chosen(window, word(window, start)?, sorts))
}

/// `7z a -p... x.7z`, `rar a -hp... x.rar`: no space stands before the password.
fn archive(window: &Window<'_>, start: usize) -> Checked {
    let Some(start) = behind_option(window, start.saturating_sub(1), &[b" -p", b" -hp"])? else { return Ok(None) };
    Ok(chosen(window, word(window, start)?, 2))
}

/// `unzip -P ... x.zip`.
fn zip(window: &Window<'_>, start: usize) -> Checked {
    behind(window, start.saturating_sub(1), &[b" -P "])
}

/// `mongosh -u root -p ...`, `mongodump`; without a user the option is another's.
fn mongo(window: &Window<'_>, start: usize) -> Checked {
    if behind_option(window, start, &[b" -u"])?.is_none() { Ok(None) } else { behind(window, start, &[b" -p "]) }
}

/// `mosquitto_pub -u a -P ...`.
fn mosquitto(window: &Window<'_>, start: usize) -> Checked {
    behind(window, start, &[b" -P ", b" --pw "])
}

/// `ipmitool -H host -U admin -P ...`.
fn ipmitool(window: &Window<'_>, start: usize) -> Checked {
    behind(window, start.saturating_sub(1), &[b" -P "])
}

/// `useradd -m -p ... bob`.
fn useradd(window: &Window<'_>, start: usize) -> Checked {
    behind(window, start.saturating_sub(1), &[b" -p "])
}

/// `openssl enc -aes-256-cbc -k ...`.
fn openssl(window: &Window<'_>, start: usize) -> Checked {
    behind(window, start.saturating_sub(1), &[b" -k "])
}

/// `smbclient //server/share -U bob%...`.
fn share_user(window: &Window<'_>, start: usize) -> Checked {
    let (start, end) = word(window, behind_spaces(window, start)?)?;
    let Some(percent) = memchr::memchr(b'%', window.slice(start, end)).filter(|place| *place > 0) else {
        return Ok(None);
    };
    Ok(chosen(window, (start + percent + 1, end), 2))
}

/// `xfreerdp /v:host /u:bob /p:...`.
fn desktop(window: &Window<'_>, start: usize) -> Checked {
    Ok(if has(line_before(window, start), b"rdp") { chosen(window, word(window, start)?, 2) } else { None })
}

/// `net user bob ... /add`.
fn windows_user(window: &Window<'_>, start: usize) -> Checked {
    if alphanumeric(window.before(start - b"net user ".len())) { Ok(None) } else { nth(window, start, 1, 2) }
}

/// `rabbitmqctl add_user bob ...`, `wpa_passphrase network ...`. The words are names in programs, too.
fn second(window: &Window<'_>, start: usize) -> Checked {
    nth(window, start, 1, 3)
}

/// `htpasswd -bc file bob ...`: the third word behind the options.
fn htpasswd(window: &Window<'_>, start: usize) -> Checked {
    // Of the options only those with `b` have the password in the line.
    let options = window.run(start, OPTIONS_BYTES_MAX, |byte| byte.is_ascii_alphanumeric())?;
    if window.slice(start, start + options).contains(&b'b') { nth(window, start + options, 2, 2) } else { Ok(None) }
}

/// The word behind so many others, if it is one of at least so many sorts of characters.
pub(super) fn nth(window: &Window<'_>, start: usize, others: usize, sorts: usize) -> Checked {
    let mut at = start;
    for _ in 0..others {
        let (begin, end) = word(window, behind_spaces(window, at)?)?;
        let is_quoted = matches!(window.at(end)?, b'"' | b'\'' | b'`');
        if begin == end {
            return Ok(None);
        }
        at = end + usize::from(is_quoted);
    }
    Ok(chosen(window, word(window, behind_spaces(window, at)?)?, sorts))
}

/// `net use Z: \\server\share ... /user:bob`, the password before or behind the user.
fn drive(window: &Window<'_>, start: usize) -> Checked {
    let in_line = |byte: u8| !matches!(byte, b'\n' | b'\r' | BOUNDARY | NUMBER_BOUNDARY);
    let length = window.run(start, OPTIONS_BYTES_MAX, in_line)?;
    let mut at = start;
    for part in window.slice(start, start + length).split(|byte| *byte == b' ') {
        let is_other = matches!(part, [b'\\' | b'/', ..] | [.., b':'] | []);
        if !is_other && let Some(found) = chosen(window, word(window, at)?, 3) {
            return Ok(Some(found));
        }
        at += part.len() + 1;
    }
    Ok(None)
}

/// `chpasswd <<< "root:..."`.
fn chpasswd(window: &Window<'_>, start: usize) -> Checked {
    let start =
        if window.at(start)? == b':' { list_entry(window, start)? } else { behind_option(window, start, &[b"<<<"])? };
    let Some(start) = start else { return Ok(None) };
    let (start, end) = word(window, behind_spaces(window, start)?)?;
    let Some(colon) = memchr::memchr(b':', window.slice(start, end)) else { return Ok(None) };
    Ok(chosen(window, (start + colon + 1, end), 2))
}

/// `chpasswd:`, `list: |` and the first entry of the list, in lines of their own (cloud-init).
fn list_entry(window: &Window<'_>, start: usize) -> Result<Option<usize>, Undecided> {
    let in_list = |byte: u8| !matches!(byte, BOUNDARY | NUMBER_BOUNDARY);
    let length = window.run(start, OPTIONS_BYTES_MAX, in_list)?;
    let text = window.slice(start, start + length);
    let Some(list) = memchr::memmem::find(text, b"list: |") else { return Ok(None) };
    let rest = text.get(list..).unwrap_or_default();
    let Some(line) = memchr::memchr(b'\n', rest) else { return Ok(None) };
    let indent = rest.get(line + 1..).unwrap_or_default().iter().take_while(|byte| **byte == b' ').count();
    Ok(Some(start + list + line + 1 + indent))
}

/// `psexec.py domain/bob:...@host`.
fn target(window: &Window<'_>, start: usize) -> Checked {
    let (start, end) = word(window, behind_spaces(window, start)?)?;
    let text = window.slice(start, end);
    let (Some(colon), Some(at)) = (memchr::memchr(b':', text), memchr::memrchr(b'@', text)) else { return Ok(None) };
    let is_target = memchr::memchr(b'/', text).is_some_and(|slash| slash < colon) && colon < at;
    let is_address = text.get(..colon).is_some_and(|head| head.ends_with(b"://") || head.starts_with(b"http"));
    Ok(if is_target && !is_address { chosen(window, (start + colon + 1, start + at), 2) } else { None })
}

/// Commands that read a user and a password, or a password alone.
const READERS: [(&[u8], bool); 8] = [
    (b"chpasswd", true),
    (b"passwd --stdin", false),
    (b"| passwd", false),
    (b"vncpasswd", false),
    (b"cryptsetup", false),
    (b"sudo -S", false),
    (b"--password-stdin", false),
    (b"kinit", false),
];

/// `echo 'root:...' | chpasswd`.
fn echo(window: &Window<'_>, start: usize) -> Checked {
    let mut start = start;
    for option in [b"-n ", b"-e "] {
        start += if window.starts_with(start, option)? { option.len() } else { 0 };
    }
    let (start, end) = word(window, start)?;
    if !is_chosen(window.slice(start, end), 2) {
        return Ok(None);
    }
    let in_line = |byte: u8| !matches!(byte, b'\n' | b'\r' | BOUNDARY | NUMBER_BOUNDARY);
    let length = window.run(end, OPTIONS_BYTES_MAX, in_line)?;
    let rest = window.slice(end, end + length);
    let Some((_, has_user)) = READERS.iter().find(|(reader, _)| has(rest, reader)) else { return Ok(None) };
    if !has(rest, b"|") {
        return Ok(None);
    }
    let text = window.slice(start, end);
    let colon = memchr::memchr(b':', text).filter(|_| *has_user);
    let start = colon.map_or(start, |colon| start + colon + 1);
    let accepted = alphanumeric(text.first().copied().unwrap_or(0)) && is_chosen(window.slice(start, end), 2);
    Ok(accepted.then_some(Match::new(start, end, form::PASSWORD, super::PERCENT)))
}

/// True for a password of digits alone, which are no port.
fn is_number(text: &[u8]) -> bool {
    const DIGITS_MIN: usize = 6;
    const DIGITS_MAX: usize = 16;
    const DISTINCT_MIN: usize = 4;
    (DIGITS_MIN..=DIGITS_MAX).contains(&text.len())
        && text.iter().all(u8::is_ascii_digit)
        && Shape::of(text).distinct >= DISTINCT_MIN
}

/// `ConvertTo-SecureString -String "..."`.
fn secure_string(window: &Window<'_>, start: usize) -> Checked {
    const OPTION: &[u8] = b"-String ";
    call::quoted(window, if window.starts_with(start, OPTION)? { start + OPTION.len() } else { start })
}

/// `snmpwalk -v3 -l authPriv -a SHA -A ... -x AES -X ...`: the second of the two.
fn privacy(window: &Window<'_>, start: usize) -> Checked {
    behind(window, start.saturating_sub(1), &[b" -X "])
}

/// `Key Content            : ...`, what Windows prints of a network.
fn key_content(window: &Window<'_>, start: usize) -> Checked {
    let colon = behind_spaces(window, start)?;
    if window.at(colon)? == b':' { line_end(window, colon + 1) } else { Ok(None) }
}

/// `expdp system/...@PROD`.
fn connection(window: &Window<'_>, start: usize) -> Checked {
    let (start, end) = word(window, behind_spaces(window, start)?)?;
    let text = window.slice(start, end);
    let (Some(slash), Some(at)) = (memchr::memchr(b'/', text), memchr::memrchr(b'@', text)) else { return Ok(None) };
    let is_user =
        |user: &[u8]| !user.is_empty() && user.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let accepted = slash < at && is_user(text.get(..slash).unwrap_or_default());
    Ok(if accepted { chosen(window, (start + slash + 1, start + at), 2) } else { None })
}

/// `impacket-psexec domain/bob:...@host`.
fn impacket(window: &Window<'_>, start: usize) -> Checked {
    const NAME_BYTES_MAX: usize = 16;
    let end = start + window.run(start, NAME_BYTES_MAX, |byte| byte.is_ascii_alphanumeric())?;
    if window.at(end)? == b' ' { target(window, end) } else { Ok(None) }
}
