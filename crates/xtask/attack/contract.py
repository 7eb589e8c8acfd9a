"""schemathesis on the data API's own description, as nobody and as a user."""

import csv
import json
import pathlib
import re
import subprocess
import sys

from project import as_seen_by_others, completed, only_for_users
from report import Row

# Failures that are the dialect's or the tool's, each with its reason.
KNOWN = pathlib.Path(__file__).with_name("known.csv")
SEED = 1
EXAMPLES = 40


def attack(project, work, seconds):
    """Runs all of it; a row for each run."""
    ours, theirs = project.document(project.user), project.document(project.anon)
    runs = [
        # Nobody tries what users are told of, too: what is denied must be denied in order.
        ("anonymous", as_seen_by_others(ours, theirs), project.anon),
        ("signed in", completed(ours), project.user),
    ]
    rows = [run(project, work, seconds, *it) for it in runs]
    return [*rows, ignored_auth(project, only_for_users(ours, theirs))]


def ignored_auth(project, operations):
    """The tool's check of that name, with our answers: what is hidden is answered as missing.

    Every operation that users alone are told of, asked without a token and with a broken one.
    """
    broken = {**project.anon, "Authorization": project.user["Authorization"][:-4] + "AAAA"}
    passed, requests = [], 0
    for path, verb in operations:
        body = None if verb in ("get", "delete") else {}
        for headers in (project.anon, broken, {}):
            status, _ = project.ask(verb.upper(), f"/rest/v1{path}", headers, body)
            requests += 1
            if status not in (401, 403, 404):
                passed.append(f"{verb.upper()} {path} answers {status}")
    found = "; ".join(passed) or f"all {len(operations)} operations refused"
    return Row("schemathesis' `ignored_auth`, by hand", "without the token", requests, found,
               is_good=not passed)


def run(project, work, seconds, name, document, headers):
    """One run of the tool."""
    folder = work / f"schemathesis-{name.replace(' ', '-')}"
    folder.mkdir(parents=True, exist_ok=True)
    schema, report = folder / "openapi.json", folder / "report.json"
    schema.write_text(json.dumps(document))
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(schema)]
    command += ["--url", f"{project.api}/rest/v1", "--checks", "all"]
    command += ["--exclude-checks", "ignored_auth"]
    command += ["--phases", "coverage,fuzzing", "--max-examples", str(EXAMPLES)]
    command += ["--continue-on-failure", "--seed", str(SEED), "--max-time", str(seconds)]
    command += ["--request-timeout", "30", "--no-color", "--suppress-health-check", "all"]
    command += ["--report", "json", "--report-json-path", str(report)]
    for key, value in headers.items():
        command += ["-H", f"{key}: {value}"]
    print(f"schemathesis, {name} …", flush=True)
    with (folder / "output.log").open("w") as log:
        subprocess.run(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, check=False)
    if not report.is_file():
        found = f"no report; see {folder / 'output.log'}"
        return Row("schemathesis", name, 0, found, is_good=False)
    return judged(name, json.loads(report.read_text()))


def judged(name, report):
    """What the report says beyond what is known."""
    with KNOWN.open(newline="") as file:
        known = list(csv.DictReader(file))
    new, reasons, all_of_them = [], {}, 0
    for failure in report["failures"]:
        for operation in failure["operations"]:
            all_of_them += 1
            reason = next((it["reason"] for it in known if matches(it, failure, operation)), None)
            if reason is None:
                new.append(f"{failure['code']} {failure['title']}: {operation}")
            else:
                reasons[failure["code"]] = f"{failure['title'].lower()}: {reason}"
    new += [f"error: {it}" for it in report["errors"]]
    requests = report["test_cases"]["generated"]
    tested = report["operations"]["tested"]
    found = f"{tested} operations, {all_of_them} reports known to be none"
    if new:
        found = "; ".join(new)
    done = ". ".join(text[:1].upper() + text[1:] for _, text in sorted(reasons.items()))
    is_good = not new and requests > 0
    return Row("schemathesis", name, requests, found, done, is_good)


def matches(known, failure, operation):
    """Whether a failure is one that is known."""
    return known["code"] == failure["code"] and re.fullmatch(known["operations"], operation)
