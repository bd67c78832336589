"""What people and programs put around a value: sentences, chat, tickets, JSON, CSV, log lines, code.

A template has {name} for the words that introduce the value and {} for the value.
"""

import json

PROSE = [
    "Hi, my {name} is {}, please update it.",
    "{name}: {}",
    "The customer's {name} ({}) was on the form.",
    "Can you check {name} {} for me?",
    "I think the {name} we have on file, {}, is wrong.",
    "{name} {}\nThanks,\nDana",
    "Please use {name} {} from now on; the old one is closed.",
    "Meine {name} lautet {}.",
    "Bonjour, voici mon {name} : {}. Merci !",
    "Hola, mi {name} es {}. ¡Gracias!",
    "lol ok so {name} = {} dont share",
    "Ticket #4411\nFrom: Support\n\n> {name}: {}\n\nWe will call back.",
    "- {name}: {}\n- status: open",
    "| {name} | {} |",
]

PROGRAMS = [
    '{{"user": "dana", "{key}": "{}", "active": true}}',
    '{{"{key}":"{}"}}',
    "id,{key},note\n17,{},new",
    "2024-05-06T07:08:09Z INFO api {key}={} status=200",
    '{key} = "{}"  # from the form',
    "<{key}>{}</{key}>",
    "UPDATE users SET {key} = '{}' WHERE id = 17;",
    "{key}: {}",
]

# Telephone numbers come after words such as "call me at", too, and without any.
PHONE_PROSE = [
    "{name} {}", "{name}: {}", "You can reach us, {name} {}, from nine to five.", "{name} {} - thanks!",
    "Please {name} {} if anything is wrong.", "Anna Berg\n12 Mill Lane\n{name}: {}\nanna@example.com",
    "Sorry I missed you. {name} {} any time.", "> {name} {}\nok, noted", "{name} {} (ask for Sam)",
    "Our {name}: {}; e-mail: info@example.com",
]
PHONE_PROGRAMS = [
    '{{"name": "Anna", "phone": "{}"}}', '{{"contact":{{"mobile":"{}","fax":null}}}}', "name,phone\nAnna,{}",
    "2024-05-06 07:08:09 sms to={} queued", 'user.telephone = "{}"', "TEL;TYPE=CELL:{}", "<tel>{}</tel>",
    '<a href="tel:{}">call us</a>',
]
PHONE_BARE = ["{}", "Anna: {}", "ok it's {} :)", "Write down {}, then come back.", "Anna Berg, {}, Mill Lane 12"]


# Addresses that templates mention beside the value: they are to be found, too.
MENTIONED = ["anna@example.com", "info@example.com"]


def put(template, value, name="", type_name="", kind=""):
    """A labelled text."""
    key = name.lower().replace(" ", "_").replace(".", "").replace("'", "")
    marked = template.format("\0", name=name, key=key)
    start = marked.index("\0")
    text = marked.replace("\0", value)
    record = {"text": text, "spans": [{"start": start, "end": start + len(value), "type": type_name}]}
    for address in MENTIONED:
        if (place := text.find(address)) >= 0 and address not in value:
            record["spans"].append({"start": place, "end": place + len(address), "type": "EMAIL_ADDRESS"})
    if kind:
        record["kind"] = kind
    return record


def around(r, name, value, type_name, kind=""):
    return put(r.choice(PROSE if r.random() < 0.6 else PROGRAMS), value, name, type_name, kind)


def line(record):
    return json.dumps(record, ensure_ascii=False) + "\n"
