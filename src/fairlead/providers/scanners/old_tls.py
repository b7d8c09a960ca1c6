"""Does a server still speak TLS 1.0 or 1.1? RFC 8996 took both out of use."""

import socket
import ssl
import warnings

HTTPS_PORT = 443
# OpenSSL itself refuses them on its usual level; the question is what the server does.
_ANY_CIPHER = "DEFAULT:@SECLEVEL=0"


def speaks_old_tls(host: str, port: int, limit_s: float) -> bool:
    """Tell whether a handshake of TLS 1.1 or less succeeds; nothing is sent over it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers(_ANY_CIPHER)
    with warnings.catch_warnings():
        # To ask for them is deprecated, and is what this is for.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        with (
            socket.create_connection((host, port), limit_s) as connection,
            context.wrap_socket(connection, server_hostname=host),
        ):
            return True
    except OSError:
        return False
