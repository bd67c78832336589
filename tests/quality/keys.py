"""Secrets of many kinds with random bodies, by the formats that their issuers document or print.

A form is text with classes in braces: {a16} is sixteen characters of class a. The classes: `a`
letters and digits, `l` small letters and digits, `u` capitals and digits, `h` hexadecimal, `d` digits, `w` base64url,
`b` base64, `s` capitals and digits 2-7. `{uuid}` is a UUID.
"""

import base64
import json
import re
import uuid

LOWER = "abcdefghijklmnopqrstuvwxyz"
UPPER = LOWER.upper()
DIGITS = "0123456789"
CLASSES = {"a": LOWER + UPPER + DIGITS, "l": LOWER + DIGITS, "u": UPPER + DIGITS, "h": "0123456789abcdef", "d": DIGITS,
           "w": LOWER + UPPER + DIGITS + "_-", "b": LOWER + UPPER + DIGITS + "+/", "s": UPPER + "234567"}

FORMS = {
    "1password": "ops_eyJ{w250}",
    "adafruit": "aio_{a28}",
    "age": "AGE-SECRET-KEY-1{bech58}",
    "airtable": "pat{a14}.{h64}",
    "alibaba": "LTAI{a20}",
    "anthropic": "sk-ant-api03-{w93}AA",
    "atlassian": "ATATT3xFfGF0{w180}",
    "aws-access-key": "AKIA{s16}",
    "aws-temporary-key": "ASIA{s16}",
    "azure-storage": "DefaultEndpointsProtocol=https;AccountName=store1;AccountKey={b86}==;EndpointSuffix=core.windows.net",
    "buildkite": "bkua_{h40}",
    "circleci": "CCIPAT_{a22}_{h40}",
    "clojars": "CLOJARS_{h60}",
    "contentful": "CFPAT-{w43}",
    "databricks": "dapi{h32}",
    "digitalocean": "dop_v1_{h64}",
    "discord-webhook": "https://discord.com/api/webhooks/{d18}/{w68}",
    "docker": "dckr_pat_{w27}",
    "doppler": "dp.pt.{a43}",
    "duffel": "duffel_live_{w43}",
    "dynatrace": "dt0c01.{u24}.{u64}",
    "easypost": "EZAK{a54}",
    "figma": "figd_{w40}",
    "flutterwave": "FLWSECK-{h32}-X",
    "frameio": "fio-u-{w64}",
    "github-app": "ghs_{a36}",
    "github-fine-grained": "github_pat_{a22}_{a59}",
    "github-oauth": "gho_{a36}",
    "github-pat": "ghp_{a36}",
    "github-refresh": "ghr_{a76}",
    "gitlab-pat": "glpat-{w20}",
    "gitlab-runner": "glrt-{w20}",
    "gitlab-trigger": "glptt-{h40}",
    "google-api": "AIza{w35}",
    "google-oauth-secret": "GOCSPX-{w28}",
    "grafana-cloud": "glc_eyJ{b80}",
    "grafana-service": "glsa_{a32}_{h8}",
    "groq": "gsk_{a52}",
    "hubspot": "pat-na1-{uuid}",
    "huggingface": "hf_{letters34}",
    "linear": "lin_api_{a40}",
    "mailgun": "key-{h32}",
    "mapbox-secret": "sk.eyJ{a80}.{w22}",
    "mongodb-url": "mongodb+srv://app:{a16}@cluster0.x1y2z.mongodb.net/prod",
    "mysql-url": "mysql://root:{a14}@10.2.3.4:3306/shop",
    "netlify": "nfp_{a36}",
    "new-relic": "NRAK-{u27}",
    "notion": "ntn_{d11}{a35}",
    "npm": "npm_{a36}",
    "openai-project": "sk-proj-{w74}T3BlbkFJ{w74}",
    "perplexity": "pplx-{a48}",
    "planetscale": "pscale_tkn_{w43}",
    "postgres-url": "postgres://svc:{a18}@db.internal:5432/orders",
    "postman": "PMAK-{h24}-{h34}",
    "prefect": "pnu_{l36}",
    "pulumi": "pul-{h40}",
    "pypi": "pypi-AgEIcHlwaS5vcmc{w80}",
    "readme": "rdme_{l70}",
    "redis-url": "redis://:{a20}@cache.prod.internal:6379/0",
    "replicate": "r8_{a37}",
    "rubygems": "rubygems_{h48}",
    "sendgrid": "SG.{w22}.{w43}",
    "sendinblue": "xkeysib-{h64}-{a16}",
    "shippo": "shippo_live_{h40}",
    "shopify": "shpat_{h32}",
    "slack-app": "xapp-1-A{u10}-{d13}-{h64}",
    "slack-bot": "xoxb-{d12}-{d13}-{a24}",
    "slack-user": "xoxp-{d12}-{d12}-{d13}-{h32}",
    "slack-webhook": "https://hooks.slack.com/services/T{u8}/B{u10}/{a24}",
    "sonarqube": "sqp_{h40}",
    "square": "sq0atp-{w22}",
    "stripe-live": "sk_live_{a24}",
    "stripe-restricted": "rk_live_{a24}",
    "stripe-webhook": "whsec_{a32}",
    "supabase": "sbp_{h40}",
    "tailscale": "tskey-auth-{a11}CNTRL-{a32}",
    "tavily": "tvly-{a32}",
    "telegram-bot": "{d10}:AA{w33}",
    "terraform": "{a14}.atlasv1.{w67}",
    "twilio-key": "SK{h32}",
    "vault": "hvs.{w95}",
    "xai": "xai-{a80}",
    "basic-auth-url": "https://deploy:{a16}@git.example.com/team/app.git",
}

# Shapes that say nothing alone: the key's name does.
ASSIGNED = {
    "aws-secret": ["aws_secret_access_key = {b40}", "AWS_SECRET_ACCESS_KEY={b40}"],
    "password": ['password = "{p14}"', "DB_PASSWORD={p16}", "passwd: {p12}", '"password": "{p15}"'],
    "api-key": ['api_key = "{a32}"', "API_KEY={h40}", "X-Api-Key: {a36}", '"client_secret": "{a40}"'],
    "bearer": ["Authorization: Bearer {a40}"],
}

PEM_KINDS = ["RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY",
             "DSA PRIVATE KEY"]


def body(r, kind):
    if kind == "uuid":
        return str(uuid.UUID(int=r.getrandbits(128), version=4))
    name, count = re.fullmatch(r"([a-z]+?)(\d+)", kind).groups()
    if name == "letters":
        return "".join(r.choice(LOWER + UPPER) for _ in range(int(count)))
    if name == "bech":
        return "".join(r.choice("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L") for _ in range(int(count)))
    if name == "p":
        text = [r.choice(LOWER), r.choice(UPPER), r.choice(DIGITS), r.choice("!#%*+-")]
        text += [r.choice(CLASSES["a"] + "!#%*+-") for _ in range(int(count) - 4)]
        r.shuffle(text)
        return "".join(text)
    return "".join(r.choice(CLASSES[name]) for _ in range(int(count)))


def fill(r, form):
    return re.sub(r"\{([a-z]+\d*)\}", lambda found: body(r, found[1]), form)


def pem(r):
    kind = r.choice(PEM_KINDS)
    text = base64.b64encode(r.randbytes(r.choice([120, 600, 1190]))).decode()
    lines = "\n".join(text[at:at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----"


def jwt(r):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    head = part({"alg": "HS256", "typ": "JWT"})
    claims = part({"sub": str(r.randint(1, 10**6)), "iat": r.randint(1_600_000_000, 1_800_000_000)})
    return f"{head}.{claims}.{body(r, 'w43')}"


def secrets(r):
    """Pairs of kind and text, each kind once."""
    for kind in sorted(FORMS):
        yield kind, fill(r, FORMS[kind])
    for kind in sorted(ASSIGNED):
        yield kind, fill(r, r.choice(ASSIGNED[kind]))
    yield "pem", pem(r)
    yield "jwt", jwt(r)
