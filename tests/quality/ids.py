"""Numbers of people, accounts and things, made by the rules of those who issue them.

Each function takes a random.Random and gives one valid number as it is written; TYPES names the
type, the words that introduce it, and the function. Nothing here is shared with the detectors: the
two read the same public rules and check each other.
"""

import hashlib

DIGITS = "0123456789"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def digits(r, count):
    return "".join(r.choice(DIGITS) for _ in range(count))


def upper(r, count):
    return "".join(r.choice(UPPER) for _ in range(count))


def grouped(r, text, sizes, marks=" -"):
    """The text in groups of these sizes, or as it stands."""
    mark = r.choice(["", *marks])
    parts, at = [], 0
    for size in sizes:
        parts.append(text[at:at + size])
        at += size
    return mark.join(parts)


def luhn_digit(head):
    total = 0
    for place, digit in enumerate(reversed(head)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def weighted(text, weights):
    return sum(int(digit) * weight for digit, weight in zip(text, weights))


def date(r, first=1940, last=2006):
    return r.randint(first, last), r.randint(1, 12), r.randint(1, 28)


def retry(make):
    """A function that tries again while `make` gives None."""
    def made(r):
        while (number := make(r)) is None:
            pass
        return number
    return made


# Payment: ISO/IEC 7812-1 for cards, ISO 13616 for accounts.

ISSUERS = [("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15), ("37", 15), ("6011", 16),
           ("65", 16), ("36", 14), ("3528", 16), ("3589", 16), ("62", 16)]


def card(r):
    prefix, length = r.choice(ISSUERS)
    head = prefix + digits(r, length - 1 - len(prefix))
    sizes = {16: [4, 4, 4, 4], 15: [4, 6, 5], 14: [4, 6, 4]}[length]
    return grouped(r, head + luhn_digit(head), sizes)


# Country: the basic account number, # a digit, @ a capital. Those with check digits of their own follow.
ACCOUNTS = {"DE": "#" * 18, "GB": "@@@@" + "#" * 14, "NL": "@@@@" + "#" * 10, "CH": "#" * 17, "AT": "#" * 16,
            "IE": "@@@@" + "#" * 14, "LU": "#" * 16, "DK": "#" * 14, "LT": "#" * 16, "LV": "@@@@" + "#" * 13,
            "SA": "#" * 20, "AE": "#" * 19, "RO": "@@@@" + "#" * 16, "GR": "#" * 23, "SE": "#" * 20,
            "BG": "@@@@" + "#" * 14, "CY": "#" * 24, "MT": "@@@@" + "#" * 23, "IL": "#" * 19, "GI": "@@@@" + "#" * 15}


def spanish(r):
    bank, account = digits(r, 8), digits(r, 10)
    check = [-weighted(text, [4, 8, 5, 10, 9, 7, 3, 6]) % 11 if len(text) == 8 else
             -weighted(text, [1, 2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 for text in (bank, account)]
    return bank + "".join("1" if digit == 10 else str(digit) for digit in check) + account


def belgian(r):
    head = digits(r, 10)
    return head + f"{int(head) % 97 or 97:02}"


def french(r):
    bank, branch, account = digits(r, 5), digits(r, 5), digits(r, 11)
    return bank + branch + account + f"{97 - (89 * int(bank) + 15 * int(branch) + 3 * int(account)) % 97:02}"


def polish(r):
    """Bank code of eight digits, the last of which checks the others."""
    bank = digits(r, 7)
    return bank + str(-weighted(bank, [3, 9, 7, 1, 3, 9, 7]) % 10) + digits(r, 16)


def norwegian(r):
    """Ten digits and one modulo 11, which some have no digit for."""
    while True:
        head = digits(r, 10)
        check = -weighted(head, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
        if check < 10:
            return head + str(check)


def finnish(r):
    head = digits(r, 13)
    return head + luhn_digit(head)


def one_modulo_97(length):
    """Accounts whose last two digits make the whole 1 modulo 97."""
    def made(r):
        head = digits(r, length - 2)
        return head + f"{98 - int(head) * 100 % 97:02}"
    return made


def iban(r):
    special = {"ES": spanish, "BE": belgian, "FR": french, "MC": french, "PL": polish, "NO": norwegian, "FI": finnish,
               "PT": one_modulo_97(21), "SI": one_modulo_97(15), "RS": one_modulo_97(18), "ME": one_modulo_97(18),
               "MK": one_modulo_97(15), "BA": one_modulo_97(16)}
    country = r.choice(sorted(set(ACCOUNTS) | set(special)))
    if country in special:
        account = special[country](r)
    else:
        account = "".join({"#": digits, "@": upper}[kind](r, 1) for kind in ACCOUNTS[country])
    value = int("".join(str(int(letter, 36)) for letter in account + country + "00"))
    number = f"{country}{98 - value % 97:02}{account}"
    if r.random() < 0.5:
        return number
    return " ".join(number[at:at + 4] for at in range(0, len(number), 4))


# United States.


def ssn(r):
    area = r.choice([n for n in range(1, 900) if n != 666])
    return f"{area:03}-{r.randint(1, 99):02}-{r.randint(1, 9999):04}"


def itin(r):
    group = r.choice([*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)])
    return f"9{r.randint(0, 99):02}-{group}-{digits(r, 4)}"


def ein(r):
    prefix = r.choice(["01", "10", "12", "20", "26", "30", "35", "45", "52", "61", "74", "82", "91", "98"])
    return f"{prefix}-{digits(r, 7)}"


def us_passport(r):
    return r.choice([digits(r, 9), upper(r, 1) + digits(r, 8)])


def us_licence(r):
    """California, New York, Florida, Texas, Illinois."""
    return r.choice([upper(r, 1) + digits(r, 7), digits(r, 9), upper(r, 1) + digits(r, 12), digits(r, 8),
                     f"{upper(r, 1)}{digits(r, 3)}-{digits(r, 4)}-{digits(r, 4)}"])


def routing(r):
    head = f"{r.choice([*range(1, 13), *range(21, 33), *range(61, 73)]):02}{digits(r, 6)}"
    return head + str(-weighted(head, [3, 7, 1] * 3) % 10)


def us_account(r):
    return digits(r, r.choice([8, 9, 10, 12]))


def npi(r):
    head = r.choice("12") + digits(r, 8)
    return head + luhn_digit("80840" + head)


def dea(r):
    head = digits(r, 6)
    check = weighted(head, [1, 2, 1, 2, 1, 2]) % 10
    return r.choice("ABFGMPR") + upper(r, 1) + head + str(check)


def mbi(r):
    letters = "ACDEFGHJKMNPQRTUVWXY"
    kinds = {"C": "123456789", "A": letters, "N": DIGITS, "X": letters + DIGITS}
    number = "".join(r.choice(kinds[kind]) for kind in "CAXNAXNAANN")
    return number if r.random() < 0.5 else f"{number[:4]}-{number[4:7]}-{number[7:]}"


# Things.


def vin(r):
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
    values = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9]))
    values.update((digit, int(digit)) for digit in DIGITS)
    text = r.choice(["1HG", "1FT", "2T1", "3VW", "5YJ", "JH4", "WBA"])
    text += "".join(r.choice(letters + DIGITS) for _ in range(5)) + "0"
    text += r.choice("ABCDEFGHJKLMNPRSTVWXY123456789") + r.choice(letters + DIGITS) + digits(r, 6)
    check = sum(values[c] * w for c, w in zip(text, [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2])) % 11
    return text[:8] + ("X" if check == 10 else str(check)) + text[9:]


def imei(r):
    head = r.choice(["35", "86", "01"]) + digits(r, 12)
    return head + luhn_digit(head)


# Other countries.


@retry
def nhs(r):
    head = r.choice("4679") + digits(r, 8)
    check = -weighted(head, range(10, 1, -1)) % 11
    return None if check == 10 else grouped(r, head + str(check), [3, 3, 4])


@retry
def nino(r):
    prefix = r.choice("ABCEGHJKLMNOPRSTWXYZ") + r.choice("ABCEGHJKLMNPRSTWXYZ")
    if prefix in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ"):
        return None
    return grouped(r, prefix + digits(r, 6) + r.choice("ABCD"), [2, 2, 2, 2, 1], " ")


def sin(r):
    head = r.choice("1234567") + digits(r, 7)
    return grouped(r, head + luhn_digit(head), [3, 3, 3])


@retry
def tfn(r):
    head = r.choice("123456789") + digits(r, 7)
    check = [d for d in range(10) if (weighted(head, [1, 4, 3, 7, 5, 8, 6, 9]) + 10 * d) % 11 == 0]
    return grouped(r, head + str(check[0]), [3, 3, 3], " ") if check else None


def medicare(r):
    head = r.choice("23456") + digits(r, 7)
    number = head + str(weighted(head, [1, 3, 7, 9, 1, 3, 7, 9]) % 10) + r.choice("123456789")
    return grouped(r, number, [4, 5, 1], " ")


@retry
def abn(r):
    tail = digits(r, 9)
    for head in range(11, 100):
        if (weighted(f"{head - 10:02}{tail}", [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19])) % 89 == 0:
            return grouped(r, f"{head}{tail}", [2, 3, 3, 3], " ")
    return None


def verhoeff_digit(head):
    """Verhoeff 1969: products in the dihedral group of ten elements."""
    def product(a, b):
        if a < 5:
            return (a + b) % 5 if b < 5 else 5 + (a + b - 5) % 5
        return 5 + (a - 5 - b) % 5 if b < 5 else (a - b) % 5
    start = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
    check = 0
    for place, digit in enumerate(reversed(head), start=1):
        value = int(digit)
        for _ in range(place % 8):
            value = start[value]
        check = product(check, value)
    return str(next(d for d in range(10) if product(check, d) == 0))


def aadhaar(r):
    head = r.choice("23456789") + digits(r, 10)
    return grouped(r, head + verhoeff_digit(head), [4, 4, 4])


def pan(r):
    return upper(r, 3) + r.choice("PCHFATB") + upper(r, 1) + f"{r.randint(1, 9999):04}" + upper(r, 1)


def steuer_id(r):
    """Ten digits, one of them there twice and one missing, and a check digit by ISO 7064 MOD 11,10."""
    chosen = r.sample(DIGITS, 9)
    head = chosen + [r.choice(chosen)]
    while True:
        r.shuffle(head)
        if head[0] != "0":
            break
    carry = 10
    for digit in head:
        carry = ((int(digit) + carry) % 10 or 10) * 2 % 11
    number = "".join(head) + str((11 - carry) % 10)
    return grouped(r, number, [2, 3, 3, 3], " ")


def nir(r):
    year, month, _ = date(r)
    head = f"{r.choice('12')}{year % 100:02}{month:02}{r.randint(1, 95):02}{r.randint(1, 990):03}{r.randint(1, 999):03}"
    if head[5:7] == "20":
        head = head[:5] + "75" + head[7:]
    return grouped(r, head + f"{97 - int(head) % 97:02}", [1, 2, 2, 2, 3, 3, 2], " ")


def nif(r):
    letters = "TRWAGMYFPDXBNJZSQVHLCKE"
    if r.random() < 0.5:
        number = digits(r, 8)
        return number + r.choice(["", "-"]) + letters[int(number) % 23]
    kind, number = r.randint(0, 2), digits(r, 7)
    return "XYZ"[kind] + number + letters[int(f"{kind}{number}") % 23]


def codice_fiscale(r):
    odd = dict(zip(DIGITS + UPPER, [1, 0, 5, 7, 9, 13, 15, 17, 19, 21] + [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]))
    year, _, day = date(r)
    consonants = "BCDFGLMNPRSTVZ"
    head = "".join(r.choice(consonants) for _ in range(6)) + f"{year % 100:02}" + r.choice("ABCDEHLMPRST")
    head += f"{day + r.choice([0, 40]):02}" + r.choice("ABCDEFGHIL") + digits(r, 3)
    total = sum(odd[c] if place % 2 == 0 else int(c, 36) - (10 if c.isalpha() else 0) for place, c in enumerate(head))
    return head + UPPER[total % 26]


@retry
def bsn(r):
    head = r.choice("123456789") + digits(r, 7)
    check = weighted(head, range(9, 1, -1)) % 11
    return None if check == 10 else head + str(check)


def pesel(r):
    year, month, day = date(r)
    head = f"{year % 100:02}{month + (20 if year >= 2000 else 0):02}{day:02}{digits(r, 4)}"
    return head + str(-weighted(head, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)


def hetu(r):
    year, month, day = date(r)
    day_text, individual = f"{day:02}{month:02}{year % 100:02}", f"{r.randint(2, 899):03}"
    check = "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(day_text + individual) % 31]
    return f"{day_text}{'A' if year >= 2000 else '-'}{individual}{check}"


def personnummer(r):
    year, month, day = date(r)
    head = f"{year % 100:02}{month:02}{day:02}{digits(r, 3)}"
    number = f"{head[:6]}-{head[6:]}{luhn_digit(head)}"
    return number if r.random() < 0.5 else f"{year // 100}{number}"


def eleven_digit(head, weights):
    rest = weighted(head, weights) % 11
    return "0" if rest < 2 else str(11 - rest)


def cpf(r):
    head = digits(r, 9)
    head += eleven_digit(head, range(10, 1, -1))
    head += eleven_digit(head, range(11, 1, -1))
    return f"{head[:3]}.{head[3:6]}.{head[6:9]}-{head[9:]}" if r.random() < 0.7 else head


def cnpj(r):
    head = digits(r, 8) + "0001"
    head += eleven_digit(head, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])
    head += eleven_digit(head, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])
    return f"{head[:2]}.{head[2:5]}.{head[5:8]}/{head[8:12]}-{head[12:]}" if r.random() < 0.7 else head


def za_id(r):
    year, month, day = date(r)
    head = f"{year % 100:02}{month:02}{day:02}{digits(r, 4)}{r.choice('01')}8"
    return head + luhn_digit(head)


def nric(r):
    kind, number = r.choice("STFG"), digits(r, 7)
    total = weighted(number, [2, 7, 6, 5, 4, 3, 2]) + (4 if kind in "TG" else 0)
    return kind + number + ("JZIHGFEDCBA" if kind in "ST" else "XWUTRQPNMLK")[total % 11]


def rrn(r):
    year, month, day = date(r)
    head = f"{year % 100:02}{month:02}{day:02}{r.choice('34' if year >= 2000 else '12')}"
    head += f"{r.randint(0, 95):02}{digits(r, 3)}"
    check = (11 - weighted(head, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11) % 10
    return f"{head[:6]}-{head[6:]}{check}"


def tckn(r):
    head = r.choice("123456789") + digits(r, 8)
    odd, even = sum(map(int, head[0::2])), sum(map(int, head[1::2]))
    head += str((7 * odd - even) % 10)
    return head + str(sum(map(int, head)) % 10)


def cn_ric(r):
    year, month, day = date(r)
    area = r.choice(["110101", "310104", "440305", "510107", "330106", "420102", "610103"])
    head = f"{area}{year}{month:02}{day:02}{digits(r, 3)}"
    return head + "10X98765432"[weighted(head, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11]


# Coins: base58check and BIP 173; Ethereum in lower case, which carries no checksum (EIP-55).

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def base58check(payload):
    payload += hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    value, text = int.from_bytes(payload, "big"), ""
    while value:
        value, rest = divmod(value, 58)
        text = BASE58[rest] + text
    return "1" * (len(payload) - len(payload.lstrip(b"\0"))) + text


def bech32(prefix, version, program, constant):
    values, bits, held = [version], 0, 0
    for byte in program:
        held, bits = held << 8 | byte, bits + 8
        while bits >= 5:
            bits -= 5
            values.append(held >> bits & 31)
    if bits:
        values.append(held << 5 - bits & 31)

    def polymod(values):
        check = 1
        for value in values:
            top = check >> 25
            check = (check & 0x1FFFFFF) << 5 ^ value
            for place, generator in enumerate([0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3]):
                check ^= generator if top >> place & 1 else 0
        return check

    head = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = polymod(head + values + [0] * 6) ^ constant
    values += [check >> 5 * (5 - place) & 31 for place in range(6)]
    return f"{prefix}1" + "".join(BECH32[value] for value in values)


def crypto(r):
    return r.choice([
        lambda: base58check(b"\x00" + r.randbytes(20)),
        lambda: base58check(b"\x05" + r.randbytes(20)),
        lambda: bech32("bc", 0, r.randbytes(20), 1),
        lambda: bech32("bc", 1, r.randbytes(32), 0x2BC830A3),
        lambda: "0x" + r.randbytes(20).hex(),
    ])()


# Type: the words that introduce it, and how it is made.
TYPES = {
    "CREDIT_CARD": (["card number", "credit card", "Kreditkarte", "carte", "cc"], card),
    "IBAN_CODE": (["IBAN", "account", "Konto", "compte"], iban),
    "US_SSN": (["SSN", "social security number", "Social Security No."], ssn),
    "US_ITIN": (["ITIN", "individual taxpayer identification number"], itin),
    "US_EIN": (["EIN", "employer identification number", "Federal Tax ID"], ein),
    "US_PASSPORT": (["passport number", "US passport", "passport no."], us_passport),
    "US_DRIVER_LICENSE": (["driver's license", "driver license number", "DL"], us_licence),
    "US_BANK_NUMBER": (["bank account number", "checking account", "account number"], us_account),
    "ABA_ROUTING_NUMBER": (["routing number", "ABA", "RTN"], routing),
    "US_NPI": (["NPI", "national provider identifier"], npi),
    "US_DEA": (["DEA number", "DEA registration"], dea),
    "US_MBI": (["MBI", "Medicare number", "Medicare beneficiary identifier"], mbi),
    "VIN": (["VIN", "vehicle identification number", "chassis"], vin),
    "IMEI": (["IMEI", "device IMEI"], imei),
    "UK_NHS": (["NHS number", "NHS no."], nhs),
    "UK_NINO": (["NI number", "National Insurance number", "NINO"], nino),
    "CA_SIN": (["SIN", "social insurance number", "NAS"], sin),
    "AU_TFN": (["TFN", "tax file number"], tfn),
    "AU_MEDICARE": (["Medicare card", "Medicare number"], medicare),
    "AU_ABN": (["ABN", "Australian Business Number"], abn),
    "IN_AADHAAR": (["Aadhaar", "Aadhaar number", "UIDAI"], aadhaar),
    "IN_PAN": (["PAN", "permanent account number", "PAN card"], pan),
    "DE_STEUER_ID": (["Steuer-ID", "Steueridentifikationsnummer", "IdNr."], steuer_id),
    "FR_NIR": (["numéro de sécurité sociale", "NIR", "n° sécu"], nir),
    "ES_NIF": (["DNI", "NIE", "NIF"], nif),
    "IT_FISCAL_CODE": (["codice fiscale", "C.F."], codice_fiscale),
    "NL_BSN": (["BSN", "burgerservicenummer"], bsn),
    "PL_PESEL": (["PESEL", "numer PESEL"], pesel),
    "FI_HETU": (["henkilötunnus", "hetu"], hetu),
    "SE_PERSONNUMMER": (["personnummer", "pnr"], personnummer),
    "BR_CPF": (["CPF", "CPF do cliente"], cpf),
    "BR_CNPJ": (["CNPJ", "CNPJ da empresa"], cnpj),
    "ZA_ID": (["South African ID", "ID number", "SA ID"], za_id),
    "SG_NRIC_FIN": (["NRIC", "FIN", "NRIC no."], nric),
    "KR_RRN": (["주민등록번호", "RRN", "resident registration number"], rrn),
    "TR_TCKN": (["TC kimlik no", "TCKN", "T.C. Kimlik"], tckn),
    "CN_RIC": (["身份证号", "身份证", "resident identity card"], cn_ric),
    "CRYPTO": (["wallet", "BTC address", "send coins to", "deposit address"], crypto),
}
