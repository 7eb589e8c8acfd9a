"""Attacks a throw-away Postern with tools that others wrote, and tells what they found.

Started by `cargo xtask attack`, which starts the server and installs the tools.
"""

import argparse
import pathlib
import sys

import contract
import injection
import report
from project import Project


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--api", required=True, help="the address of the running server")
    parser.add_argument("--gateway", required=True, help="the postern binary, for its keys")
    parser.add_argument("--folder", required=True, help="the project that the server serves")
    parser.add_argument("--work", required=True, type=pathlib.Path, help="where logs go")
    parser.add_argument("--record", type=pathlib.Path, help="the document to write the table into")
    parser.add_argument("--seconds", type=int, default=60, help="the most that one attack takes")
    parser.add_argument("--only", choices=["schemathesis", "sqlmap"])
    options = parser.parse_args()

    options.work.mkdir(parents=True, exist_ok=True)
    project = Project(options.api, options.gateway, options.folder)
    rows = []
    # In this order: schemathesis takes its chances as a user, and then half of the data is gone.
    if options.only != "schemathesis":
        rows += injection.attack(project, options.work, options.seconds)
    if options.only != "sqlmap":
        rows += contract.attack(project, options.work, options.seconds)
    failed = [row for row in rows if not row.is_good]
    print(report.table(rows))
    if options.record:
        report.record(options.record, rows)
    for row in failed:
        print(f"FOUND: {row.tool}, {row.target}: {row.found}")
    print(f"{len(rows) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
