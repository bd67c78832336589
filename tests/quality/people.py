"""How people and machines are reached and described: addresses of mail, networks and places, dates of birth."""

import ipaddress

NAMES = ["anna", "ben", "chen", "diego", "elif", "farid", "greta", "hugo", "ines", "jonas", "kofi", "lena", "mei",
         "noor", "olga", "priya", "quinn", "rosa", "sam", "tomas", "uma", "viktor", "wanda", "yusuf", "zoe"]
SURNAMES = ["berg", "costa", "dubois", "evans", "fischer", "garcia", "hansen", "ito", "jansen", "kowalski", "lopez",
            "muller", "nguyen", "okafor", "petrov", "rossi", "silva", "tanaka", "ullah", "virtanen", "wang", "young"]
DOMAINS = ["example.com", "mail.example.org", "acme-corp.co.uk", "uni-beispiel.de", "startup.io", "dept.gov.au",
           "shop.example.fr", "correo.com.mx", "empresa.com.br", "firma.pl", "a.b.c.example.net", "agency.museum",
           "studio.photography", "xn--bcher-kva.example", "x.ai", "163.com"]
IDN = ["jörg@bücher.de", "почта@пример.рф", "用户@例子.广告", "josé@correo.es", "info@münchen.de", "χρήστης@παράδειγμα.ελ"]
WORDS_OF_BIRTH = ["date of birth", "DOB", "born", "birthday", "Geburtsdatum", "geboren am", "né le", "fecha de nacimiento"]


def email(r):
    first, last = r.choice(NAMES), r.choice(SURNAMES)
    if r.random() < 0.08:
        return r.choice(IDN)
    local = r.choice([f"{first}.{last}", f"{first}_{last}{r.randint(1, 99)}", f"{first[0]}{last}", f"{first}+news",
                      f"{first}.{last}+tag-{r.randint(1, 9)}", f"{first}-{last}", f"{last}%home", f"o'{last}",
                      f"{first.title()}.{last.title()}", str(r.randint(10**8, 10**9))])
    return f"{local}@{r.choice(DOMAINS)}"


def ip(r):
    if r.random() < 0.6:
        address = ".".join(str(r.randint(1, 254)) for _ in range(4))
        return address + (f"/{r.randint(8, 32)}" if r.random() < 0.1 else "")
    address = ipaddress.IPv6Address(r.choice([0x20010DB8, 0x2A000000, 0xFE800000]) << 96 | r.getrandbits(r.choice([16, 64, 96])))
    return r.choice([str(address), address.exploded, str(address).upper()])


def mac(r):
    pairs = [f"{r.randint(0, 255):02x}" for _ in range(6)]
    text = r.choice([":".join(pairs), "-".join(pairs), ".".join(a + b for a, b in zip(pairs[::2], pairs[1::2]))])
    return r.choice([text, text.upper()])


def birth(r):
    year, month, day = r.randint(1935, 2010), r.randint(1, 12), r.randint(1, 28)
    months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
              "November", "December"]
    return r.choice([f"{year}-{month:02}-{day:02}", f"{day:02}.{month:02}.{year}", f"{month:02}/{day:02}/{year}",
                     f"{months[month - 1]} {day}, {year}", f"{day} {months[month - 1]} {year}"])


def coordinates(r):
    latitude, longitude = r.uniform(-70, 70), r.uniform(-180, 180)
    return f"{latitude:.{r.randint(4, 6)}f}, {longitude:.{r.randint(4, 6)}f}"


def security_code(r):
    return f"{r.randint(0, 999):03}"


def expiry(r):
    return f"{r.randint(1, 12):02}/{r.choice([r.randint(26, 34), r.randint(2026, 2034)])}"


TYPES = {
    "EMAIL_ADDRESS": (["e-mail", "mail", "contact", "Adresse", "correo"], email),
    "IP_ADDRESS": (["IP", "address", "host", "peer", "client"], ip),
    "MAC_ADDRESS": (["MAC", "hwaddr", "ether", "bssid"], mac),
    "DATE_OF_BIRTH": (WORDS_OF_BIRTH, birth),
    "GEO_COORDINATES": (["coordinates", "lat/long", "location", "GPS"], coordinates),
    "CARD_SECURITY_CODE": (["CVV", "CVC", "security code"], security_code),
    "CARD_EXPIRY": (["expires", "exp. date", "valid thru"], expiry),
}
