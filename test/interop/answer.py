"""Reads one JSON request a line, writes one JSON answer a line: the Python side of interop.test.ts."""

import json
import sys

import latchkey_token as latchkey


def answer(request):
    if request["do"] == "verify":
        keys = {key["id"]: key["secret"].encode() for key in request["keys"]}
        given = {name: request[name] for name in ("token", "audience", "key", "operation", "now")}
        try:
            looked = {"address": request.get("address"), "revoked": request.get("isRevoked", False)}
            return {"code": "ok", "grant": latchkey.verify(keys=keys, **given, **looked)}
        except latchkey.Refused as refused:
            return {"code": refused.code}
    if request["do"] == "verify_route":
        keys = {key["id"]: key["secret"].encode() for key in request["keys"]}
        given = {name: request[name] for name in ("audience", "method", "now")}
        try:
            latchkey.verify_route(keys=keys, request_target=request["requestTarget"], **given)
            return {"code": "ok"}
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
    if request["do"] == "chain":
        links = request["chain"]
        secret, kid = request["secret"].encode(), request["kid"]
        tokens = [latchkey.mint(kid, secret, request["audience"], links[0]["text"], links[0]["covered"])]
        for link in links[1:]:
            delegation, signing = latchkey.delegate(tokens[-1])
            tokens.append(latchkey.presign(delegation, signing, link["text"], link["covered"]))
        macs = [latchkey.delegate(token)[1] for token in tokens]
        return {"macs": macs, "ids": [latchkey.counting_id(latchkey.b64decode(mac)) for mac in macs]}
    if request["do"] == "presign":
        given = (request[name] for name in ("delegationToken", "clientSigningToken", "text", "covered"))
        return {"token": latchkey.presign(*given)}
    if request["do"] == "narrow":
        return {"url": latchkey.narrow_url(request["url"], request["text"])}
    raise ValueError(request["do"])


sys.stdin.reconfigure(encoding="utf-8")
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))))
