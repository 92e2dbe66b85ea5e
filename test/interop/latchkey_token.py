"""Latchkey tokens, version 1, as SPEC.md has them. Standard library only; written from SPEC.md alone."""

import base64
import hashlib
import hmac
import ipaddress
import re

MAX_TIME = 253402300799
OPERATIONS = {"d": "delete", "g": "get", "h": "head", "p": "put"}
HEADER_NAMES = {
    "cache-control",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
    "x-robots-tag",
}
RESTRICTED = r"[a-z0-9][a-z0-9!#$&\-^_.+]{0,126}"
TCHAR = r"[A-Za-z0-9!#$%&'*+.^_`|~-]"
QUOTED = r'"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*"'
CONTENT_TYPE = re.compile(
    rf"[ \t]*{RESTRICTED}/{RESTRICTED}[ \t]*(?:;[ \t]*(?:{TCHAR}+=(?:{TCHAR}+|{QUOTED}))?[ \t]*)*", re.I
)


class Refused(Exception):
    def __init__(self, code="invalid_signature"):
        super().__init__(code)
        self.code = code


def check(condition, code="invalid_signature"):
    if not condition:
        raise Refused(code)


def b64encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def b64decode(text):
    check(re.fullmatch(r"[A-Za-z0-9_-]+", text) and len(text) % 4 != 1)
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    check(b64encode(data) == text)
    return data


def utf8(data):
    try:
        return data.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Refused() from None


def has_control(text):
    return any(ord(c) < 0x20 or 0x7F <= ord(c) <= 0x9F for c in text)


# Section 5: how each value is read.


def decimal(low, high):
    def read(text):
        check(re.fullmatch(r"0|[1-9][0-9]{0,15}", text))
        check(low <= int(text) <= high)
        return int(text)

    return read


def one_of(*values):
    def read(text):
        check(text in values)
        return text == "1"

    return read


def encoded_text(limit):
    def read(text):
        data = b64decode(text)
        check(1 <= len(data) <= limit)
        return utf8(data)

    return read


def allowed_types(text):
    if text == "none":
        return []
    types = encoded_text(2048)(text).split(",")
    check(all(t == "*/*" or re.fullmatch(rf"{RESTRICTED}/(?:\*|{RESTRICTED})", t) for t in types))
    return types


def address_range(text):
    """A range as SPEC.md has it, or Refused: those of IPv6 that stand for IPv4 are IPv4."""
    check("%" not in text)
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        raise Refused() from None
    check("/" not in text or re.fullmatch(r"0|[1-9][0-9]*", text.partition("/")[2]))
    start = network.network_address
    if network.version == 6 and network.prefixlen >= 96 and start.ipv4_mapped:
        return ipaddress.ip_network((start.ipv4_mapped, network.prefixlen - 96))
    return network


def spelled(network):
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)


def allowed_addresses(text):
    entries = encoded_text(2048)(text).split(",")
    check(len(entries) <= 64 and all(one < other for one, other in zip(entries, entries[1:])))
    check(all(spelled(address_range(entry)) == entry for entry in entries))
    return entries


def within(network, networks):
    return any(network.version == other.version and network.subnet_of(other) for other in networks)


def intersect_addresses(one, other):
    ones, others = [address_range(entry) for entry in one], [address_range(entry) for entry in other]
    both = [n for n in ones if within(n, others)] + [n for n in others if within(n, ones)]
    return sorted({spelled(network) for network in both})


def address_allowed(address, entries):
    if address is None or "/" in address:
        return False
    try:
        return within(address_range(address), [address_range(entry) for entry in entries])
    except Refused:
        return False


def download(text):
    value = utf8(b64decode(text))
    check(value[:1] in ("a", "i") and value)
    name = value[1:]
    check(len(name) <= 255 and not has_control(name))
    result = {"disposition": "attachment" if value[0] == "a" else "inline"}
    if name:
        result["filename"] = name
    return result


def if_match(text):
    etag = encoded_text(256)(text)
    check(re.fullmatch(r'"[\x21\x23-\x7e]*"', etag))
    return etag


def response_headers(text):
    headers, last = {}, ""
    for line in encoded_text(2048)(text).split("\n"):
        name, colon, value = line.partition(": ")
        check(colon and name > last and name in HEADER_NAMES)
        check(re.fullmatch(r"[\x20-\x7e\xa1-\xff]+", value) and value == value.strip(" "))
        check(name != "content-type" or CONTENT_TYPE.fullmatch(value))
        headers[name] = value
        last = name
    return headers


def grant_id(text):
    check(len(b64decode(text)) == 12)
    return text


def pin(text):
    match = re.fullmatch(r"([A-Za-z0-9_.~-]{1,512})(?::(.*))?", utf8(b64decode(text)), re.S)
    check(match)
    if match[2] is None:
        return {"uploadId": match[1]}
    return {"uploadId": match[1], "partNumber": decimal(1, 10000)(match[2])}


def operations(text):
    check(re.fullmatch(r"d?g?h?p?", text) and text)
    return [OPERATIONS[c] for c in text]


READERS = {
    "a": allowed_types,
    "b": allowed_addresses,
    "c": decimal(0, 31536000),
    "d": download,
    "e": decimal(0, MAX_TIME),
    "f": if_match,
    "g": decimal(0, MAX_TIME),
    "h": response_headers,
    "i": grant_id,
    "l": decimal(1, 2**53 - 1),
    "m": decimal(0, 2**53 - 1),
    "n": decimal(0, MAX_TIME),
    "o": operations,
    "p": decimal(0, 1023),
    "q": one_of("1"),
    "r": one_of("1"),
    "s": encoded_text(256),
    "t": pin,
    "u": encoded_text(2048),
    "v": one_of("0", "1"),
    "w": one_of("0", "1"),
    "x": one_of("0", "1"),
    "y": decimal(1, 604800),
    "z": one_of("1"),
}


def read_block(text):
    fields, last = {}, ""
    for field in text.split("~"):
        letter, value = field[:1], field[1:]
        check(letter in READERS and letter > last and value)
        fields[letter] = READERS[letter](value)
        last = letter
    return fields


# Section 6.


def covered(fields, key):
    data = key.encode("utf-8")
    if "p" not in fields:
        return data
    length = fields["p"]
    check(length == 0 or (length < len(data) and data[length - 1 : length] == b"/"))
    return data[:length]


def sign(secret, message):
    return hmac.new(secret, message, hashlib.sha256).digest()


def first_mac(secret, audience, kid, block, part):
    return sign(secret, b"\n".join([b"latchkey1", audience.encode(), f"{kid}.{block}".encode(), part]))


def next_mac(mac, block, part):
    return sign(mac, block.encode() + b"\n" + part)


def verify(token, audience, keys, key, operation, now, address=None, revoked=False):
    """The grant of a token, or Refused. `keys` maps ids to secrets, `now` is in milliseconds.

    `revoked`: what the caller found, having looked.
    """
    check(len(token) <= 4096)
    kid, *blocks, mac = token.split(".") if token.count(".") >= 2 else ("", "", "")
    check(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", kid) and 1 <= len(blocks) <= 8)
    check(len(mac) == 43)
    given = b64decode(mac)
    parsed = [read_block(block) for block in blocks]
    check("e" in parsed[0] and "o" in parsed[0])
    check("g" not in parsed[0] or "i" in parsed[0])
    overridable = True
    for at, fields in enumerate(parsed):
        check("y" not in fields or "l" in fields)
        if at > 0:
            check(not fields.keys() & {"g", "s", "u"})
            check(overridable or not fields.keys() & {"c", "d", "h"})
        overridable = overridable and fields.get("x", False)
    check(is_key(key))
    check(kid in keys)
    parts = [covered(fields, key) for fields in parsed]
    macs = [first_mac(keys[kid], audience, kid, blocks[0], parts[0])]
    for block, part in zip(blocks[1:], parts[1:]):
        macs.append(next_mac(macs[-1], block, part))
    check(hmac.compare_digest(macs[-1], given))
    grant = effective(kid, parsed, parts, key)
    grant["downloadLimits"] = download_limits(parsed, macs)
    check(now < grant["expiresAt"] * 1000, "expired")
    check(now >= grant.get("notBefore", 0) * 1000, "not_yet_valid")
    check(not revoked, "revoked")
    check(operation in grant["operations"])
    if "allowedAddresses" in grant:
        check(address_allowed(address, grant["allowedAddresses"]), "address_not_allowed")
    return grant


def counting_id(mac):
    return b64encode(sign(mac, b"latchkey1 download id"))[:22]


def download_limits(blocks, macs):
    limits, end = [], MAX_TIME
    for fields, mac in zip(blocks, macs):
        end = min(end, fields.get("e", end))
        if "l" in fields:
            limit = {"id": counting_id(mac), "limit": fields["l"], "expiresAt": end}
            limits.append({**limit, "resumeWindow": fields["y"]} if "y" in fields else limit)
    return limits


def ids(blocks):
    found, path, end = [], "", MAX_TIME
    for at, fields in enumerate(blocks):
        end = min(end, fields.get("e", end))
        if "i" in fields:
            path = fields["i"] if at == 0 else path + "." + fields["i"]
            found.append({"id": path, "expiresAt": end})
    return found


def effective(kid, blocks, parts, key):
    first = blocks[0]
    grant = {
        "kid": kid,
        "operations": first["o"],
        "expiresAt": first["e"],
        "scope": {"key": key},
        "addRandomSuffix": False,
        "visibility": "public" if first.get("v") else "private",
    }
    if all("p" in fields for fields in blocks):
        grant["scope"] = {"prefix": max(parts, key=len).decode("utf-8")}
    grant["ids"] = ids(blocks)
    create, replace, remove = True, "any" if first.get("w") or "f" in first else "none", "any"
    for fields in blocks:
        if "a" in fields:
            old = grant.get("allowedTypes")
            grant["allowedTypes"] = fields["a"] if old is None else intersect(old, fields["a"])
        if "b" in fields:
            old = grant.get("allowedAddresses")
            grant["allowedAddresses"] = fields["b"] if old is None else intersect_addresses(old, fields["b"])
        grant["operations"] = [o for o in grant["operations"] if o in fields.get("o", grant["operations"])]
        grant["expiresAt"] = min(grant["expiresAt"], fields.get("e", MAX_TIME))
        if "m" in fields:
            grant["maxSize"] = min(grant.get("maxSize", fields["m"]), fields["m"])
        if "n" in fields:
            grant["notBefore"] = max(grant.get("notBefore", 0), fields["n"])
        if "f" in fields:
            create = False
            replace = narrow_version(replace, fields["f"])
            remove = narrow_version(remove, fields["f"])
        if "q" in fields or fields.get("w") is False:
            replace = "none"
        if "t" in fields:
            if grant.get("pin", fields["t"]) in (fields["t"], {"uploadId": fields["t"]["uploadId"]}):
                grant["pin"] = fields["t"]
            else:
                grant["operations"] = []
        if "r" in fields:
            grant["addRandomSuffix"] = True
        if "z" in fields:
            grant["confirm"] = True
        if fields.get("v") is False:
            grant["visibility"] = "private"
        if "g" in fields:
            grant["issuedAt"] = fields["g"]
        named = {"c": "cacheControlMaxAge", "d": "download", "h": "responseHeaders"}
        for letter, name in {**named, "s": "subject", "u": "payload"}.items():
            if letter in fields:
                grant[name] = fields[letter]
    grant["write"] = {"create": create, "replace": replace}
    grant["remove"] = remove
    return grant


def narrow_version(rule, etag):
    return {"etag": etag} if rule == "any" or rule == {"etag": etag} else "none"


def type_allowed(pattern, patterns):
    return any(p in ("*/*", pattern) or (p.endswith("/*") and pattern.startswith(p[:-1])) for p in patterns)


def intersect(one, other):
    both = [t for t in one if type_allowed(t, other)]
    for t in other:
        if type_allowed(t, one) and t not in both:
            both.append(t)
    return both


# Section 7.


def is_key(text):
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    if not 1 <= len(data) <= 1024 or has_control(text) or "\\" in text:
        return False
    return not any(segment in ("", ".", "..") for segment in text.split("/"))


def decode_path(path):
    """The key that a raw path names, or None."""
    if not re.fullmatch(r"/(?:[!\x22$&->@-~]|%[0-9A-Fa-f]{2})*", path) or re.search("%(2f|5c)", path, re.I):
        return None
    data = re.sub(rb"%(..)", lambda match: bytes([int(match[1], 16)]), path[1:].encode("ascii"))
    try:
        text = data.decode("utf-8", "strict")
    except UnicodeDecodeError:
        return None
    return text if is_key(text) else None


# Sections 3 and 4.


def mint(kid, secret, audience, block, part):
    return f"{kid}.{block}.{b64encode(first_mac(secret, audience, kid, block, part.encode()))}"


def narrow(token, block, part):
    head, _, mac = token.rpartition(".")
    return f"{head}.{block}.{b64encode(next_mac(b64decode(mac), block, part.encode()))}"


def delegate(token):
    """The two parts of a token: what it allows, and what to sign with."""
    head, _, mac = token.rpartition(".")
    return head, mac


def presign(delegation_token, client_signing_token, block, part):
    return narrow(f"{delegation_token}.{client_signing_token}", block, part)


def narrow_url(url, block):
    """The URL with a block more, which has `p0`: so it covers nothing, and leaves the scope as it is."""
    check("p0" in block.split("~"))
    return re.sub(r"(?<=[?&]token=)[^&#]*", lambda match: narrow(match[0], block, ""), url, count=1)


# Section 7.2.

ROUTE_PATH = re.compile(r"/(?!/)(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*")
ROUTE_QUERY = re.compile(r"(?:[A-Za-z0-9\-._~!$&()*+,;=:@/?\[\]]|%[0-9A-Fa-f]{2})+")


def is_token_parameter(parameter):
    name = parameter.partition("=")[0].encode("utf-8")
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes([int(match[1], 16)]), name) == b"token"


def is_target(target):
    path, mark, query = target.partition("?")
    if len(target) > 4096 or not ROUTE_PATH.fullmatch(path):
        return False
    if any(segment.lower().replace("%2e", ".") in (".", "..") for segment in path.split("/")):
        return False
    if not mark:
        return True
    return bool(ROUTE_QUERY.fullmatch(query)) and not any(map(is_token_parameter, query.split("&")))


def verify_route(*, keys, audience, method, request_target, now):
    raw = re.sub(r"^https?://[^/?#]*", "", request_target, flags=re.I)
    path, _, query = raw.partition("?")
    *others, last = query.split("&")
    check(any(map(is_token_parameter, [*others, last])), "token_required")
    check(last.startswith("token="))
    target = path + "?" + "&".join(others) if others else path
    check(is_target(target))
    key = b64encode(hashlib.sha256(f"{method} {target}".encode("ascii")).digest())
    token = last.removeprefix("token=")
    grant = verify(keys=keys, audience=f"{audience}#routes", token=token, key=key, operation="get", now=now)
    check("key" in grant["scope"])
    check(not grant["downloadLimits"] and "pin" not in grant)
    return grant
