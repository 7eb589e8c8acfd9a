"""sqlmap on the addresses at which text of a client comes near a statement."""

import pathlib
import re
import sqlite3
import subprocess
import sys
import threading
import urllib.parse
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from report import Row

LEVEL = 3
RISK = 3
# Refusals are what we expect; anything else in this list would hide a 5xx.
REFUSALS = "400,401,403,404,406,409,415,416,422,429"


@dataclass
class Address:
    """Where to attack; `*` marks the places."""

    name: str
    path: str
    body: str | None = None
    who: str = "user"
    method: str | None = None
    headers: dict = field(default_factory=dict)


ADDRESSES = [
    Address("table filter", "/rest/v1/tasks?select=id,title&title=eq.a*"),
    Address("name of a filtered column", "/rest/v1/tasks?select=id&title*=eq.a"),
    Address("logic tree and list", "/rest/v1/tasks?or=(id.in.(1,2*),title.like.a*)"),
    Address("select, alias and cast", "/rest/v1/tasks?select=id,a*:title::text*"),
    Address("path into JSON", "/rest/v1/tasks?select=id,details-%3Ea*&details-%3E%3Eb*=eq.1"),
    Address("embedded table", "/rest/v1/tasks?select=id,projects!inner*(name*)&projects.name=eq.a*"),
    Address("order and window", "/rest/v1/tasks?order=title*.desc*&limit=1*&offset=0*"),
    Address("on_conflict and columns", "/rest/v1/labels?on_conflict=team_id,name*&columns=team_id,name,color*",
            '{"team_id":1,"name":"a*","color":"#64748b*"}', headers={"Prefer": "resolution=merge-duplicates"}),
    Address("written values", "/rest/v1/labels?id=eq.1*", '{"name":"a*","color":"#000000*"}',
            method="PATCH"),
    Address("function's arguments", "/rest/v1/rpc/complete_task", '{"task_id":"TASK*","note":"a*"}'),
    Address("rows of a function", "/rest/v1/rpc/my_dashboard?select=team_name*&order=team_name*&team_name=eq.a*"),
    Address("saved query", "/rest/v1/query/titles?project=1*&like=a*"),
    Address("preferences and ranges", "/rest/v1/tasks?select=id",
            headers={"Prefer": "count=exact*, timezone=UTC*", "Range": "0-1*",
                     "Accept-Profile": "public*"}),
    Address("keys and tokens", "/rest/v1/tasks?select=id", who="nobody",
            headers={"apikey": "a*", "Authorization": "Bearer a*"}),
    Address("sign-in", "/auth/v1/token?grant_type=password",
            '{"email":"amara@example.com*","password":"PASSWORD*"}', "anon"),
    Address("refresh", "/auth/v1/token?grant_type=refresh_token", '{"refresh_token":"a*"}', "anon"),
    Address("sign-up", "/auth/v1/signup",
            '{"email":"new@example.com*","password":"correct horse*","data":{"name":"a*"}}',
            "anon"),
    Address("recovery", "/auth/v1/recover", '{"email":"amara@example.com*"}', "anon"),
    Address("one-time codes", "/auth/v1/verify",
            '{"type":"email*","email":"amara@example.com*","token":"123456*"}', "anon"),
    Address("list of users", "/auth/v1/admin/users?page=1*&per_page=5*", who="admin"),
    Address("policy question", "/policy/v1/can",
            '{"table":"tasks*","verb":"update*","pk":{"id":"1*"},"columns":["title*"]}'),
]


def attack(project, work, seconds):
    """Attacks every address; first a page that is open to it, so that silence means something."""
    folder = work / "sqlmap"
    folder.mkdir(parents=True, exist_ok=True)
    rows = [control(folder, seconds)]
    callers = {"user": project.user, "anon": project.anon, "admin": project.admin, "nobody": {}}
    for number, address in enumerate(ADDRESSES):
        headers = {**callers[address.who], **address.headers}
        if address.body:
            address.body = address.body.replace("PASSWORD", project.password)
            address.body = address.body.replace("TASK", str(project.task))
        result = run(folder, f"{number:02}", project.api, address, headers, seconds)
        found = []
        if result.is_open:
            found.append(f"injectable, see {result.log}")
        if result.errors:
            found.append(f"server errors: {result.errors}")
        if result.requests == 0:
            found.append(f"the tool sent nothing, see {result.log}")
        rows.append(Row("sqlmap", address.name, result.requests, "; ".join(found) or "nothing",
                        is_good=not found))
    status, text = project.ask("GET", "/health/ready", {})
    rows.append(Row("—", "the server afterwards", 1, "it answers" if status == 200 else text,
                    is_good=status == 200))
    return rows


@dataclass
class Result:
    """What one run of the tool said."""

    is_open: bool
    errors: str
    requests: int
    log: object


def run(folder, number, base, address, headers, seconds):
    """Runs the tool on one address, for as long as it may take."""
    log, traffic = folder / f"{number}.log", folder / f"{number}.traffic"
    traffic.unlink(missing_ok=True)
    tool = str(pathlib.Path(sys.executable).with_name("sqlmap"))
    command = [tool, "--batch", "--flush-session", "--disable-coloring"]
    command += ["--output-dir", str(folder / "state"), "-u", base + address.path]
    command += ["--level", str(LEVEL), "--risk", str(RISK), "--threads", "4", "--timeout", "20"]
    command += ["--ignore-code", REFUSALS, "-t", str(traffic), "--time-sec", "3"]
    if number != "control":
        # The kind of database is no secret, and the others' tricks would use up the time.
        command += ["--dbms", "PostgreSQL"]
    if address.body is not None:
        command += ["--data", address.body]
        headers = {**headers, "Content-Type": "application/json"}
    if address.method:
        command += ["--method", address.method]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    print(f"sqlmap, {address.name} …", flush=True)
    with log.open("w") as output:
        try:
            subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output,
                           stderr=subprocess.STDOUT, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            output.write("\nended: its time is up\n")
    return judged(log, traffic)


def judged(log, traffic):
    """Reads the tool's output and the traffic that it wrote down."""
    text = log.read_text(errors="replace")
    sent = traffic.read_text(errors="replace") if traffic.is_file() else ""
    errors = re.findall(r"^(5\d\d) \(.*?\) - \d+ times", text, re.MULTILINE)
    errors += re.findall(r"^HTTP response \[#\d+\] \((5\d\d) ", sent, re.MULTILINE)
    counted = {code: errors.count(code) for code in sorted(set(errors))}
    return Result(
        is_open="identified the following injection point" in text,
        errors=", ".join(f"{code} ({times} times)" for code, times in counted.items()),
        requests=len(re.findall(r"^HTTP request \[#\d+\]", sent, re.MULTILINE)),
        log=log,
    )


def control(folder, seconds):
    """A page of ours that puts its parameter into a statement: the tool must see through it."""
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.execute("create table t (id integer, name text)")
    database.executemany("insert into t values (?, ?)", [(1, "a"), (2, "b")])
    lock = threading.Lock()

    class Open(BaseHTTPRequestHandler):
        """Answers with the rows of the number in the address."""

        def do_GET(self):  # noqa: N802, the name is the library's
            """Asks the database, carelessly."""
            number = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query).get("id", [""])
            try:
                with lock:
                    rows = database.execute(f"select name from t where id = {number[0]}").fetchall()
                status, text = 200, repr(rows)
            except sqlite3.Error as error:
                status, text = 400, str(error)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Open)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_address[1]}"
    result = run(folder, "control", base, Address("control", "/?id=1"), {}, seconds)
    server.shutdown()
    found = "injectable, as it is" if result.is_open else "nothing, so the tool is blind here"
    return Row("sqlmap", "a page that is open on purpose", result.requests, found,
               is_good=result.is_open)
