/**
 * One connection to a Valkey or a Sentinel: TLS, login, commands, each bounded in time.
 *
 * Python's own library alone: every image has it (cloud-init is written in it), and a connection that stays open asks
 * six servers twice a second without starting a process for each.
 */
export const wirePy = String.raw`"""One connection to a Valkey or a Sentinel."""
import os
import select
import socket
import ssl
import time


class Gone(Exception):
    """The server does not answer; says why in a few words."""


class Closed(Gone):
    """The server ended the connection."""


class Refused(Exception):
    """The server answered with an error."""


class Connection:
    """Opens on first use, and anew after any failure. Not for two threads at once."""

    def __init__(self, address, port, login, timeout=1.0):
        self.address = address
        self.port = port
        self.login = login
        self.timeout = timeout
        self._socket = None
        self._file = None

    def ask(self, *command):
        """The answer; lists for arrays, text for strings. Raises Gone or Refused."""
        return self.ask_all([command])[0]

    def ask_all(self, commands):
        """Answers of commands sent at once. The first error is raised when all have been read."""
        used = self._socket is not None
        try:
            answers = self._exchange(commands)
        except Closed:
            # Sentinel closes every connection of a server whose role it changes; each command here may be sent twice.
            if not used:
                raise
            answers = self._exchange(commands)
        for answer in answers:
            if isinstance(answer, Refused):
                raise answer
        return answers

    def _exchange(self, commands):
        try:
            if self._socket is None:
                self._open()
            self._socket.sendall(b"".join(map(encode, commands)))
            return [self._read() for _ in commands]
        except (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
            self.close()
            raise Closed("closed the connection") from None
        except (OSError, ValueError) as problem:
            self.close()
            raise Gone(reason(problem)) from None
        except Gone:
            self.close()
            raise

    def rest(self, seconds, bell):
        """Waits until the bell rings, and no longer than the server lives: its end shows on the connection at once."""
        sockets = [] if self._socket is None else [self._socket]
        heard = select.select([bell] + sockets, [], [], seconds)[0]
        if bell in heard:
            os.read(bell, 4096)
        elif heard:
            time.sleep(0.05)

    def close(self):
        if self._socket is not None:
            try:
                self._socket.close()
            except OSError:
                pass
        self._socket = self._file = None

    def _open(self):
        user, passwords, ca = self.login()
        plain = socket.create_connection((self.address, self.port), self.timeout)
        try:
            # Made anew each time: the CA changes while this process runs.
            context = ssl.create_default_context(cafile=ca)
            # Python 3.13 asks for extensions that a certificate of an own CA need not have.
            context.verify_flags &= ~ssl.VERIFY_X509_STRICT
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket = context.wrap_socket(plain, server_hostname=self.address)
        except (OSError, ValueError):
            plain.close()
            raise
        self._file = self._socket.makefile("rb")
        for password in passwords:
            self._socket.sendall(encode(("AUTH", user, password)))
            answer = self._read()
            if not isinstance(answer, Refused):
                return
        raise Gone("login refused: %s" % answer)

    def _read(self):
        line = self._file.readline()
        if not line.endswith(b"\r\n"):
            raise Closed("closed the connection")
        kind, rest = line[:1], line[1:-2].decode("utf-8", "replace")
        if kind == b"+":
            return rest
        if kind == b"-":
            return Refused(rest)
        if kind == b":":
            return int(rest)
        if kind == b"$":
            length = int(rest)
            if length < 0:
                return None
            data = self._file.read(length + 2)
            if len(data) < length + 2:
                raise Closed("closed the connection")
            return data[:-2].decode("utf-8", "replace")
        if kind == b"*":
            length = int(rest)
            return None if length < 0 else [self._read() for _ in range(length)]
        raise Gone("does not speak the protocol of Valkey")


def encode(command):
    parts = [str(part).encode() for part in command]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


def reason(problem):
    if isinstance(problem, ssl.SSLCertVerificationError):
        return "its certificate is not accepted: %s" % problem.verify_message
    if isinstance(problem, (socket.timeout, TimeoutError)):
        return "no answer in time"
    if isinstance(problem, ConnectionRefusedError):
        return "nothing listens"
    return str(problem) or type(problem).__name__
`;
