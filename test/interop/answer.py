"""Reads one JSON request a line, writes one JSON answer a line: the Python side of interop.test.ts."""

import json
import sys

import latchkey_token as latchkey


def answer(request):
    if request["do"] == "verify":
        keys = {key["id"]: key["secret"].encode() for key in request["keys"]}
        given = {name: request[name] for name in ("token", "audience", "key", "operation", "now")}
        try:
            return {"code": "ok", "grant": latchkey.verify(keys=keys, **given)}
        except latchkey.Refused as refused:
            return {"code": refused.code}
    if request["do"] == "decode":
        return {"key": latchkey.decode_path(request["path"])}
    if request["do"] == "mint":
        secret = request["secret"].encode()
        blocks = request["blocks"]
        token = latchkey.mint(request["kid"], secret, request["audience"], blocks[0]["text"], blocks[0]["covered"])
        for block in blocks[1:]:
            token = latchkey.narrow(token, block["text"], block["covered"])
        return {"token": token}
    raise ValueError(request["do"])


sys.stdin.reconfigure(encoding="utf-8")
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))))
