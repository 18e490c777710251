/**
 * When the certificates of a node run out, as its servers show them: what lies on the disk may not be what they took.
 */
export const certificatesPy = String.raw`"""When the certificates of this node run out."""
import socket
import ssl

# One that has run out is to be told as such, and not as a connection that fails (X509_V_FLAG_NO_CHECK_TIME).
NO_CHECK_TIME = 0x200000


def expiries(settings, known):
    """Seconds since 1970 by what they are of: valkey, sentinel, ca. What does not answer keeps what is known of it."""
    own = settings.own
    ports = {"valkey": own.valkey_port, "sentinel": own.sentinel_port if len(settings.nodes) > 1 else None}
    found = dict(known)
    for of, port in ports.items():
        if port is not None:
            try:
                found[of], found["ca"] = shown(own.address, port, settings.ca)
            except (OSError, ValueError, KeyError):
                continue
    return found


def shown(address, port, ca):
    """When the certificate that a server shows runs out, and when the last CA does that may have signed it."""
    context = ssl.create_default_context(cafile=ca)
    context.verify_flags = (context.verify_flags & ~ssl.VERIFY_X509_STRICT) | NO_CHECK_TIME
    with socket.create_connection((address, port), 5) as plain:
        with context.wrap_socket(plain, server_hostname=address) as connection:
            leaf = connection.getpeercert()
    return until(leaf), max(until(each) for each in context.get_ca_certs())


def until(certificate):
    return ssl.cert_time_to_seconds(certificate["notAfter"])
`;
