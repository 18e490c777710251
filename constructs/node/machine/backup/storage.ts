/**
 * The buckets, by rclone: it knows the providers' ways, uploads in parts and tries each again.
 *
 * Keys go by a file that is in memory alone: an environment is read by every process of the same user. A failure is told
 * by its cause in one word, so that an alert can say what to mend.
 */
export const storagePy = String.raw`"""Objects in a bucket."""
import contextlib
import fcntl
import os
import re
import subprocess

# A part that was lost is sent again; an upload that stands still for a minute is given up.
RETRIES = os.environ.get("CACHETIER_RCLONE_RETRIES", "3")
STANDSTILL = os.environ.get("CACHETIER_RCLONE_STANDSTILL", "60s")
LIMITS = ["--contimeout", "15s", "--timeout", STANDSTILL, "--retries", RETRIES, "--low-level-retries", RETRIES, "--stats", "0"]
PARTS = ["--s3-chunk-size", "16M", "--s3-upload-concurrency", "4", "--s3-disable-checksum"]

CAUSES = (
    ("clock", ("RequestTimeTooSkewed", "RequestExpired")),
    ("wrong-region", ("AuthorizationHeaderMalformed", "the region", "IncorrectEndpoint", "IllegalLocationConstraint")),
    ("wrong-key", ("SignatureDoesNotMatch", "InvalidAccessKeyId", "InvalidAccessKey", "Unauthorized", "NotSignedUp")),
    ("bucket-gone", ("NoSuchBucket", "bucket does not exist", "InvalidBucketName")),
    ("bucket-full", ("QuotaExceeded", "StorageFull", "storage cap", "InsufficientStorage", "NotEnoughSpace", "XMinioStorageFull")),
    ("locked", ("ObjectLocked", "WORM", "object lock", "is locked", "retention", "ObjectLockedByBucketPolicy")),
    ("forbidden", ("AccessDenied", "403", "Forbidden")),
    ("certificate", ("x509", "certificate")),
    ("unreachable", ("dial tcp", "i/o timeout", "connection refused", "no such host", "deadline exceeded", "network is unreachable", "no route to host", "connection reset", "EOF", "TLS handshake timeout")),
)
MENDS = {
    "clock": "the clock of this node is wrong: see timedatectl",
    "wrong-region": "the region of the bucket is another: mend backup.to",
    "wrong-key": "the key is not accepted: give the right one in bucketKeys and deploy",
    "bucket-gone": "there is no such bucket: make it, or mend backup.to",
    "bucket-full": "the bucket takes no more: raise its limit, or keep fewer backups",
    "locked": "objects in it may not be deleted yet",
    "forbidden": "the key may not do this",
    "certificate": "its certificate is not accepted",
    "unreachable": "it cannot be reached from this node",
    "failed": "see the journal of the unit",
}


class Trouble(Exception):
    """The bucket did not do what it was to; says why, and the cause in one word."""

    def __init__(self, cause, says):
        super().__init__("%s (%s)" % (says, MENDS[cause]) if cause in MENDS else says)
        self.cause = cause


class Storage:
    def __init__(self, destination):
        self.destination = destination
        self.config = _in_memory(_config(destination))
        self.env = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": "/nonexistent",
            **{name: os.environ[name] for name in ("SSL_CERT_FILE", "HTTPS_PROXY", "NO_PROXY") if name in os.environ},
            # Newer S3 clients add checksum headers that B2 refuses with 400, and R2 in part.
            "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
            "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
        }

    def at(self, name=""):
        return "store:%s/%s" % (self.destination.place, name)

    def names(self, folder="", include="*"):
        """Names below a folder with their sizes, in order. None there is no failure; no bucket is."""
        done = self._run(["lsf", "--files-only", "--format", "sp", "--separator", " ", "--include", include, self.at(folder)])
        if done.returncode == 3 and self._has_bucket():
            return {}
        self._check(done, "%s cannot be listed" % self.destination.id)
        pairs = (line.split(" ", 1) for line in done.stdout.decode().splitlines())
        return {name: int(size) for size, name in sorted(pairs, key=lambda pair: pair[1])}

    def folders(self):
        done = self._run(["lsf", "--dirs-only", self.at()])
        if done.returncode == 3 and self._has_bucket():
            return []
        self._check(done, "%s cannot be listed" % self.destination.id)
        return sorted(line.rstrip("/") for line in done.stdout.decode().splitlines())

    def put(self, path, name):
        """Uploads a file; rclone looks whether all of it is there."""
        self._check(self._run(["copyto", *PARTS, path, self.at(name)]), "%s was not uploaded" % name)

    def upload(self, source, name):
        """Uploads what a pipe gives, whose length nobody knows."""
        with self._start(["rcat", *PARTS, self.at(name)], stdin=source) as child:
            _, said = child.communicate()
        self._check(subprocess.CompletedProcess([], child.returncode, b"", said), "%s was not uploaded" % name)

    def read(self, name):
        """The whole of a small object."""
        done = self._run(["cat", self.at(name)])
        self._check(done, "%s cannot be read" % name)
        if not done.stdout:
            raise Trouble("missing", "%s is not in the bucket" % name)
        return done.stdout

    def download(self, name):
        """A process that writes the object to its standard output; to be ended by finish."""
        child = self._start(["cat", self.at(name)], stdout=subprocess.PIPE)
        widen(child.stdout)
        return child

    def finish(self, child, name):
        said = child.stderr.read()
        child.wait()
        self._check(subprocess.CompletedProcess([], child.returncode, b"", said), "%s cannot be read" % name)

    def remove(self, *names):
        for name in names:
            self._check(self._run(["deletefile", self.at(name)]), "%s cannot be removed" % name)

    def purge(self, folder):
        self._check(self._run(["delete", self.at(folder)]), "%s cannot be removed" % folder)

    def _has_bucket(self):
        """To rclone, nothing under a name and no bucket are the same."""
        done = self._run(["lsf", "--max-depth", "1", "store:" + self.destination.bucket])
        if done.returncode == 3:
            raise Trouble("bucket-gone", "there is no bucket %s" % self.destination.bucket)
        return True

    def _run(self, args):
        with self._start(args, stdout=subprocess.PIPE) as child:
            out, said = child.communicate()
        return subprocess.CompletedProcess(args, child.returncode, out, said)

    def _start(self, args, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL):
        try:
            return subprocess.Popen(
                ["rclone", "--config=/proc/self/fd/%d" % self.config.fileno(), *LIMITS, *args],
                stdin=stdin,
                stdout=stdout,
                stderr=subprocess.PIPE,
                env=self.env,
                pass_fds=[self.config.fileno()],
            )
        except OSError as problem:
            raise Trouble("failed", "rclone does not start: %s" % problem) from None

    def _check(self, done, what):
        if done.returncode == 0:
            return
        said = done.stderr.decode("utf-8", "replace")
        cause = cause_of(said)
        if cause in ("forbidden", "failed"):
            # An upload begins with a question that is answered without a reason; a list is refused with one.
            listed = self._run(["lsf", "--max-depth", "1", self.at()])
            why = listed.stderr.decode("utf-8", "replace")
            if listed.returncode not in (0, 3) and cause_of(why) != "failed":
                said, cause = why, cause_of(why)
        said = said if said.strip() or done.returncode >= 0 else "rclone was ended by signal %d" % -done.returncode
        raise Trouble(cause, "%s: %s" % (what, last_word(said)))


def _config(destination):
    access, secret = destination.key
    values = {
        "type": "s3",
        "provider": "Cloudflare" if destination.provider == "r2" else "Other",
        "endpoint": destination.endpoint,
        "region": destination.region,
        "access_key_id": access,
        "secret_access_key": secret,
        "force_path_style": "true",
        # A key for one bucket may not ask whether the bucket exists.
        "no_check_bucket": "true",
    }
    return "[store]\n" + "".join("%s = %s\n" % pair for pair in values.items())


def _in_memory(text):
    """A file without a name; whoever inherits it opens it anew by its number, and reads it from the start."""
    file = os.fdopen(os.memfd_create("rclone.conf"), "w+")
    file.write(text)
    file.flush()
    return file


def widen(pipe):
    """Gigabytes go through it: the usual 64 KiB cost twice the time. Not every kernel allows more, and none needs it."""
    with contextlib.suppress(OSError, AttributeError):
        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, 1 << 20)


def cause_of(said):
    for cause, words in CAUSES:
        if any(word in said for word in words):
            return cause
    return "failed"


def last_word(said):
    """What rclone says last, without its time stamps and the request ids of the provider."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and "status code:" not in line and "Attempt " not in line]
    line = lines[-1] if lines else "no reason was given"
    return re.sub(r"^[\d/]+ [\d:]+ ((ERROR|NOTICE) *: *)?(Failed to \w+( with \d+ errors: last error was)?: )?", "", line)[:240]
`;
