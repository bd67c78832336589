"""The same values, written so that a search for the plain text does not see them."""

import base64
import codecs
import html
import json
import urllib.parse

import ids
import keys
import people
import phones

CONFUSABLES = str.maketrans({"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "x": "х"})
FULLWIDTH = {ord(c): ord(c) - 0x20 + 0xFF00 for c in "0123456789"}
ARABIC = {ord(c): 0x660 + int(c) for c in "0123456789"}

# Kind: the types it can be done to, and how.
VALUES = {
    "EMAIL_ADDRESS": lambda r: f"{r.choice(people.NAMES)}.{r.choice(people.SURNAMES)}@{r.choice(people.DOMAINS[:9])}",
    "CREDIT_CARD": lambda r: ids.card(r).replace(" ", "").replace("-", ""),
    "US_SSN": ids.ssn,
    "PHONE_NUMBER": lambda r: phones.fill(r, "+1 (415) %##-####"),
    "SECRET": lambda r: keys.fill(r, keys.FORMS[r.choice(["aws-access-key", "github-pat", "slack-bot", "stripe-live"])]),
}
NUMBERS = ["CREDIT_CARD", "US_SSN", "PHONE_NUMBER"]
ALL = sorted(VALUES)


def unicode_escapes(text):
    return "".join(f"\\u{ord(c):04x}" for c in text)


KINDS = {
    "json": (ALL, lambda t: json.dumps({"m": "\0" + unicode_escapes(t) + "\0"}).replace("\\\\", "\\").replace("\\u0000", "\0")),
    "json-nested": (ALL, lambda t: '{"m": "{\\"x\\": \\"\0' + unicode_escapes(t).replace("\\", "\\\\") + '\0\\"}"}'),
    "percent": (ALL, lambda t: "q=\0" + "".join(f"%{b:02X}" for b in t.encode()) + "\0"),
    "percent-marks": (ALL, lambda t: "q=\0" + urllib.parse.quote(t, safe="") + "\0"),
    "html-decimal": (ALL, lambda t: "<p>\0" + "".join(f"&#{ord(c)};" for c in t) + "\0</p>"),
    "html-hex": (ALL, lambda t: "<p>\0" + "".join(f"&#x{ord(c):x};" for c in t) + "\0</p>"),
    "html-at": (["EMAIL_ADDRESS"], lambda t: "<p>\0" + html.escape(t).replace("@", "&commat;").replace(".", "&period;") + "\0</p>"),
    "base64": (ALL, lambda t: "decode \0" + base64.b64encode(f"here is {t} for you".encode()).decode() + "\0"),
    "base64url": (ALL, lambda t: "decode \0" + base64.urlsafe_b64encode(f"data: {t} ok".encode()).decode().rstrip("=") + "\0"),
    "hex": (ALL, lambda t: "decode \0" + f"it is {t} ok".encode().hex() + "\0"),
    "utf16-base64": (ALL, lambda t: "decode \0" + base64.b64encode(f"it is {t} ok".encode("utf-16-le")).decode() + "\0"),
    "quoted-printable": (ALL, lambda t: "x \0" + "".join(f"={b:02X}" for b in t.encode()) + "\0 y"),
    "quoted-printable-break": (["EMAIL_ADDRESS", "SECRET"], lambda t: f"x \0{t[:7]}=\n{t[7:]}\0 y"),
    "fullwidth": (NUMBERS, lambda t: f"it is \0{t.translate(FULLWIDTH)}\0 ok"),
    "arabic-digits": (NUMBERS, lambda t: f"it is \0{t.translate(ARABIC)}\0 ok"),
    "zero-width": (ALL, lambda t: "it is \0" + "\u200b".join(t) + "\0 ok"),
    "soft-hyphen": (ALL, lambda t: f"it is \0{t[:4]}\u00ad{t[4:]}\0 ok"),
    "bidi": (ALL, lambda t: f"it is \0{t[:5]}\u202c{t[5:]}\0 ok"),
    "confusables": (["SECRET"], lambda t: f"it is \0{t.translate(CONFUSABLES)}\0 ok"),
    "spaced-digits": (["CREDIT_CARD", "US_SSN"], lambda t: "card ssn \0" + " ".join(c for c in t if c.isdigit()) + "\0 ok"),
    "dotted-digits": (["CREDIT_CARD"], lambda t: "card \0" + ".".join(t) + "\0 ok"),
    "broken-digits": (["CREDIT_CARD"], lambda t: f"card \0{t[:8]}\n{t[8:]}\0 ok"),
    "at-dot": (["EMAIL_ADDRESS"], lambda t: "mail \0" + t.replace("@", " [at] ").replace(".", " (dot) ") + "\0 ok"),
    "at-dot-words": (["EMAIL_ADDRESS"], lambda t: "mail \0" + t.replace("@", " at ").replace(".", " dot ") + "\0 ok"),
    "rot13": (["SECRET"], lambda t: f"rot13 \0{codecs.encode(t, 'rot13')}\0 ok"),
    "reversed": (["SECRET"], lambda t: f"reversed \0{t[::-1]}\0 ok"),
}


def evasions(r, each):
    for kind, (types, write) in sorted(KINDS.items()):
        for place in range(each):
            type_name = types[place % len(types)]
            before, value, after = write(VALUES[type_name](r)).split("\0")
            start = len(before)
            yield {"text": before + value + after, "kind": kind,
                   "spans": [{"start": start, "end": start + len(value), "type": type_name}]}
