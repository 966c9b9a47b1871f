"""Verifies an audit log without the gateway: verify.py DIR [PUBLIC-KEY.pem [CHECKPOINTS]]"""
import gzip, hashlib, io, itertools, json, os, re, sys
from base64 import b64decode, b64encode
def opened(path): return open(path, "rb") if os.path.exists(path) else gzip.open(path + ".gz")
def verify(r, key):  # a C2SP checkpoint as a signed note: 4 bytes of key id, then the signature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey as Key
    assert r["key"] == key, "signed by a key that was not in force"
    text = f'{r["origin"]}\n{r["seq"] - 1}\n{b64encode(bytes.fromhex(r["prev"])).decode()}\n'
    text += f'time {r["time"]}\nsegment {r["segment"]}\n'
    text = (text + (f'next-key {r["nextKey"]}\n' if "nextKey" in r else "")).encode()
    Key.from_public_bytes(b64decode(key)).verify(b64decode(r["signature"])[4:], text)
    return r.get("nextKey", key)
fault = rb'.*"kind":"fault",.*"segment":"([^"]+)","bytes":(\d+),.*"carried":(\d+),'
(where, pem, copy), held, start = (sys.argv[1:] + [None, None])[:3], {}, {}
trusted = b64encode(b64decode(open(pem).read().split("-----")[2])[-32:]).decode() if pem else None
notes = re.findall(r"^\S+/(w\d+)\n(\d+)\n(\S{44})$", open(copy or os.devnull).read(), re.M)
for w, n, root in notes: held.setdefault((w, int(n)), set()).add(b64decode(root).hex())
names = filter(None, (re.match(r"(w\d+)-(\d+)\.jsonl", n) for n in os.listdir(where)))
found = sorted({(m[1], int(m[2]), os.path.join(where, m[0])) for m in names})
for writer, group in itertools.groupby(found, lambda segment: segment[0]):
    paths, counts, key, seq, sealed = [path for _, _, path in group], {}, trusted, None, False
    for i, path in enumerate(paths):  # a fault record tells how much of an earlier segment counts
        m = re.match(fault, (f := opened(path)).readline())
        if m and sum(l[-1:] == b"\n" for l in itertools.islice(f, int(m[3]))) < int(m[3]):
            counts[path] = 0
        elif m and (failed := os.path.join(where, m[1].decode())) in paths[:i]:
            counts |= dict.fromkeys(paths[paths.index(failed):i], 0) | {failed: int(m[2])}
    for path, line in ((p, l) for p in paths for l in io.BytesIO(opened(p).read(counts.get(p, -1)))):
        try:
            r = json.loads(line)
            if seq is None: seq, prev = gap = start[writer] = r["seq"] - 1, r["prev"]
            assert (r["writer"], r["seq"], r["prev"]) == (writer, seq + 1, prev), "out of place"
            if key and r["kind"] == "checkpoint": key, sealed = verify(r, key), True
            if gap in ((0, "0" * 64), (r.get("lastSeq"), r.get("lastHash"))): gap = None
            seq, prev = seq + 1, hashlib.sha256(line).hexdigest()
            assert held.pop((writer, seq), {prev}) == {prev}, "a checkpoint held elsewhere differs"
        except Exception as e: sys.exit(f"{path}, record {(seq or 0) + 1}: {e!r}")
    if gap or (trusted and not sealed): sys.exit(f"{writer}: its beginning or its seals are gone")
cut = [at for at in held if at[1] > start.get(at[0], (0,))[0]]
sys.exit(f"records are missing: {cut or where}" if cut or not found else print("the log stands"))
