"""Texts that look like personal data or secrets and are none; by kind."""

import base64
import hashlib
import uuid

import ids
import keys

HEX = "0123456789abcdef"


def hexes(r, count):
    return "".join(r.choice(HEX) for _ in range(count))


def bad_card(r):
    number = "4" + ids.digits(r, 14)
    right = int(ids.luhn_digit(number))
    return number + str((right + r.randint(1, 9)) % 10)


def isbn(r):
    head = "978" + ids.digits(r, 9)
    check = -sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(head)) % 10
    number = head + str(check)
    return r.choice([number, f"{number[:3]}-{number[3]}-{number[4:7]}-{number[7:12]}-{number[12]}"])


def isbn10(r):
    head = "0" + ids.digits(r, 8)
    check = -sum(int(d) * w for d, w in zip(head, range(10, 1, -1))) % 11
    return f"{head[0]}-{head[1:4]}-{head[4:]}-{'X' if check == 10 else check}"


def diff(r):
    return (f"diff --git a/src/a.rs b/src/a.rs\nindex {hexes(r, 7)}..{hexes(r, 7)} 100644\n--- a/src/a.rs\n+++ b/src/a.rs\n"
            f"@@ -{r.randint(1, 999)},7 +{r.randint(1, 999)},9 @@ fn f() {{\n-    let x = {ids.digits(r, 9)};\n"
            f"+    let x = {ids.digits(r, 10)};")


def public_key(r):
    body = base64.b64encode(r.randbytes(294)).decode()
    lines = "\n".join(body[at:at + 64] for at in range(0, len(body), 64))
    return r.choice([f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----",
                     "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + keys.body(r, "b43") + " dana",
                     f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----"])


KINDS = {
    "uuid": lambda r: r.choice(["request id {}", '{{"id": "{}"}}', "{}", "GET /v1/items/{} 200"]).format(
        uuid.UUID(int=r.getrandbits(128), version=4)),
    "hash": lambda r: r.choice(["sha256: {}", "commit {}", "{}  archive.tar.gz", '"integrity": "{}"']).format(
        r.choice([hashlib.sha1, hashlib.sha256, hashlib.md5])(r.randbytes(8)).hexdigest()),
    "integrity": lambda r: "sha512-" + base64.b64encode(r.randbytes(64)).decode(),
    "base64-image": lambda r: "![x](data:image/png;base64,iVBORw0KGgo" + base64.b64encode(r.randbytes(600)).decode() + ")",
    "order": lambda r: r.choice(["order #{}", "Order number {}", "Bestellung {}", "invoice {}", "tracking {}",
                                 "PO-{}", "case {}"]).format(r.choice([
                                     ids.digits(r, 8), ids.digits(r, 10), ids.digits(r, 12),
                                     f"{ids.digits(r, 3)}-{ids.digits(r, 7)}-{ids.digits(r, 7)}",
                                     f"{ids.digits(r, 4)}-{ids.digits(r, 4)}"])),
    "version": lambda r: r.choice(["version {}", "v{}", "Chrome/{}", "pip install x=={}", "upgraded to release {}"]).format(
        ".".join(str(r.randint(0, 40)) for _ in range(r.choice([3, 4])))),
    "card-not-luhn": lambda r: r.choice(["number {}", "{}", "id={}"]).format(bad_card(r)),
    "public-key": public_key,
    "placeholder": lambda r: r.choice([
        'api_key = "YOUR_API_KEY"', "password = ${DB_PASSWORD}", "token: <your-token-here>", "AKIAXXXXXXXXXXXXXXXX",
        "sk-xxxxxxxxxxxxxxxxxxxxxxxx", 'password: "changeme"', "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "export SECRET=$(vault read -field=x secret/y)", "password=os.environ['PW']", "Bearer {{ access_token }}",
        "phone: xxx-xxx-xxxx", "SSN: XXX-XX-XXXX", "card **** **** **** 1234", "IBAN: DE00 0000 0000 0000 0000 00",
        "postgres://user:password@localhost/db", 'secret = "********"', "call 000-000-0000"]),
    "timestamp": lambda r: r.choice(["at {}", "ts={}", '"created": {}', "{}", "updated {} by cron"]).format(r.choice([
        str(r.randint(1_500_000_000, 1_800_000_000)), str(r.randint(1_500_000_000_000, 1_800_000_000_000)),
        f"2024-0{r.randint(1, 9)}-1{r.randint(0, 9)} 10:{r.randint(10, 59)}:{r.randint(10, 59)}.{ids.digits(r, 3)}",
        f"2024-0{r.randint(1, 9)}-1{r.randint(0, 9)}T10:{r.randint(10, 59)}:00Z",
        f"1{r.randint(0, 9)}/0{r.randint(1, 9)}/2024 0{r.randint(1, 9)}:30", f"202403{r.randint(10, 28)}1{r.randint(0, 9)}3000",
        f"0{r.randint(1, 9)}.1{r.randint(0, 2)}.2023"])),
    "isbn": lambda r: r.choice(["ISBN {}", "isbn: {}", "see {}"]).format(r.choice([isbn, isbn10])(r)),
    "ean": lambda r: r.choice(["EAN {}", "barcode {}", "gtin,{}"]).format(
        (lambda head: head + str(-sum(int(d) * (3 if p % 2 else 1) for p, d in enumerate(head)) % 10))(
            r.choice(["40", "50", "00", "87"]) + ids.digits(r, 10))),
    "git-diff": diff,
    "decimals": lambda r: r.choice([
        f"scale({r.uniform(0, 9):.6f}, {r.uniform(0, 9):.6f})", f"loss {r.uniform(0, 3):.8f} acc {r.uniform(0, 1):.7f}",
        f"[{r.uniform(-1, 1):.7f}, {r.uniform(-1, 1):.7f}, {r.uniform(-1, 1):.7f}]",
        f"{r.randint(1, 9)},{ids.digits(r, 3)},{ids.digits(r, 3)}.{ids.digits(r, 2)} EUR"]),
    "dump": lambda r: "00000{}0: ".format(r.randint(100, 999)) + " ".join(ids.digits(r, 2) for _ in range(16)),
    "table": lambda r: "\n".join(" ".join(ids.digits(r, r.choice([1, 2, 3, 4])).rjust(5) for _ in range(6)) for _ in range(3)),
    "constants": lambda r: r.choice([
        f"const MASK: u32 = {r.randint(10**9, 4 * 10**9)};", f"#define CALL_ID {ids.digits(r, 9)}",
        f"static int table[] = {{ {ids.digits(r, 3)}, {ids.digits(r, 3)}, {ids.digits(r, 4)} }};",
        f"return {r.randint(10**15, 10**16)}L;", f"seed = {ids.digits(r, 10)}", f"retry in {ids.digits(r, 7)} ms"]),
    "path": lambda r: r.choice([
        f"/var/lib/{hexes(r, 12)}/{ids.digits(r, 8)}.log", f"s3://bucket/2024/05/06/{ids.digits(r, 10)}",
        f"https://example.com/p/{ids.digits(r, 9)}?page=2", f"img_{ids.digits(r, 8)}_{ids.digits(r, 6)}.jpg",
        "std::iter::once(a)::next", "git@github.com:org/repo.git", "import { x } from '@scope/pkg'", "icon@2x.png",
        "react@18.2.0", "@media (min-width: 640px)"]),
    "oid": lambda r: "1.3.6.1.4.1." + ".".join(str(r.randint(1, 9999)) for _ in range(3)),
    "time": lambda r: f"{r.randint(10, 23)}:{r.randint(10, 59)}:{r.randint(10, 59)} - {r.randint(1, 99)}%",
    "slug": lambda r: f"run-{ids.digits(r, 8)}-{hexes(r, 5)}",
}
