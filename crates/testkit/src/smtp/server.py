"""A mail server for tests: aiosmtpd on a free loopback port, one JSON line per mail.

The first line tells the port and the certificate authority. It ends when standard input closes.
Addressees decide what happens: refused@ is refused for good, later@ is put off, slow@ hangs.
"""

import asyncio
import json
import logging
import ssl
import sys
import warnings

import trustme
from aiosmtpd.smtp import SMTP, AuthResult

# Clients that hang up in the middle are what some tests are about.
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

MODE, USER, PASSWORD = sys.argv[1:4]


def say(line):
    print(json.dumps(line), flush=True)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.partition("@")[0]
        if name == "refused":
            return "550 5.1.1 no such mailbox"
        if name == "later":
            return "451 4.3.0 try again later"
        if name == "slow":
            await asyncio.sleep(60)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        login = session.auth_data
        say(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "user": login.login.decode() if login else None,
                "encrypted": MODE == "tls" or session.ssl is not None,
                "greeting": session.host_name,
                "raw": envelope.original_content.decode("utf-8", "replace"),
            }
        )
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    right = data.login == USER.encode() and data.password == PASSWORD.encode()
    return AuthResult(success=right, handled=False, auth_data=data)


async def main():
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)

    def session():
        return SMTP(
            Handler(),
            enable_SMTPUTF8=True,
            tls_context=context if MODE == "starttls" else None,
            require_starttls=MODE == "starttls",
            authenticator=authenticate,
            auth_required=MODE != "plain",
            auth_require_tls=MODE == "starttls",
            loop=loop,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        session, "127.0.0.1", 0, ssl=context if MODE == "tls" else None
    )
    pem = authority.cert_pem.bytes().decode()
    say({"port": server.sockets[0].getsockname()[1], "authority": pem})
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
