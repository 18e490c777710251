/**
 * Encryption before anything leaves the node, by age to public keys: whoever holds one of the private keys opens a
 * backup with age alone, without Cachetier.
 *
 * Anyone can encrypt to a public key, so what describes a backup also carries a seal that only the holder of the tier's
 * key can make: a key of the bucket alone is not enough to slip another's data into a restore.
 */
export const sealingPy = String.raw`"""Encryption, and the seal of what describes a backup."""
import concurrent.futures
import contextlib
import hashlib
import hmac
import json
import os
import subprocess
import tempfile

from storage import widen

BLOCK = 1 << 20


class Unsealed(Exception):
    """What was read cannot be trusted or not be read at all; says why."""

    def __init__(self, cause, says):
        super().__init__(says)
        self.cause = cause


class Digest:
    """SHA-256 of what passes by, beside the reading and writing of it."""

    def __init__(self):
        self.sum = hashlib.sha256()
        self.beside = concurrent.futures.ThreadPoolExecutor(1)
        self.last = None

    def update(self, block):
        self.wait()
        self.last = self.beside.submit(self.sum.update, block)

    def wait(self):
        if self.last:
            self.last.result()

    def hexdigest(self):
        self.wait()
        self.beside.shutdown()
        return self.sum.hexdigest()


@contextlib.contextmanager
def recipients_file(given):
    with _temporary("\n".join(given.recipients) + "\n") as path:
        yield path


@contextlib.contextmanager
def encrypting(given, stdout):
    """The standard input of age; what is written there comes out of stdout as ciphertext."""
    with recipients_file(given) as path:
        child = _start(["-e", "-R", path], stdin=subprocess.PIPE, stdout=stdout)
        widen(child.stdin)
        try:
            yield child.stdin
            child.stdin.close()
            said = child.stderr.read().decode("utf-8", "replace")
            if child.wait() != 0:
                raise Unsealed("failed", "age did not encrypt: " + said.strip())
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()


@contextlib.contextmanager
def decrypting(given, stdin):
    """The plain text of a ciphertext that stdin gives; the end of the block fails where anything was altered or cut."""
    with contextlib.ExitStack() as stack:
        keys = [stack.enter_context(_temporary(identity.strip() + "\n")) for identity in given.identities]
        child = _start(["-d", *(word for path in keys for word in ("-i", path))], stdin=stdin, stdout=subprocess.PIPE)
        widen(child.stdout)
        try:
            yield child.stdout
            said = child.stderr.read().decode("utf-8", "replace").strip()
            if child.wait() != 0:
                raise Unsealed(*why(said))
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()


def why(said):
    if "no identity matched" in said or "incorrect identity" in said:
        return "wrong-encryption-key", "none of the keys given opens this backup"
    if "unexpected EOF" in said or "failed to decrypt and authenticate" in said or "intro" in said or "header" in said:
        return "altered", "the object is cut short or was altered: " + said.splitlines()[0]
    return "failed", "age: " + (said.splitlines() or ["no reason was given"])[0]


def sealed(given, values):
    """JSON of a description with its seal."""
    return json.dumps(dict(values, seal=_seal(given.identities[0], values)), sort_keys=True).encode() + b"\n"


def unseal(given, text, what):
    """The description, where one of the keys has sealed it."""
    try:
        values = json.loads(text)
        seal = values.pop("seal")
    except (ValueError, KeyError, AttributeError):
        raise Unsealed("altered", "%s is no description of a backup" % what) from None
    if not any(hmac.compare_digest(_seal(identity, values), str(seal)) for identity in given.identities):
        raise Unsealed("wrong-encryption-key", "%s was not sealed by any of the keys given, or was altered" % what)
    return values


def _seal(identity, values):
    key = hashlib.sha256(b"cachetier backup seal\n" + identity.strip().encode()).digest()
    return hmac.new(key, json.dumps(values, sort_keys=True).encode(), hashlib.sha256).hexdigest()


@contextlib.contextmanager
def _temporary(text):
    handle, path = tempfile.mkstemp(prefix="cachetier-", dir=os.environ.get("RUNTIME_DIRECTORY"))
    try:
        os.write(handle, text.encode())
        os.close(handle)
        yield path
    finally:
        os.unlink(path)


def _start(args, **streams):
    try:
        return subprocess.Popen(["age", *args], stderr=subprocess.PIPE, **streams)
    except OSError as problem:
        raise Unsealed("failed", "age does not start: %s" % problem) from None
`;
