"""Results as a table, and the table in its document."""

import datetime
from dataclasses import dataclass
from importlib.metadata import version

# What stands before it in the document is written by hand.
MARK = "<!-- Written by `cargo xtask attack --record`. -->\n"


@dataclass
class Row:
    """One attack."""

    tool: str
    target: str
    requests: int
    found: str
    done: str = ""
    is_good: bool = True


def table(rows):
    """The rows as Markdown."""
    lines = ["| tool | target | requests | found | what was done |", "|---|---|---:|---|---|"]
    for row in rows:
        cells = [row.tool, row.target, str(row.requests), row.found, row.done or "—"]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def record(path, rows):
    """Writes the table below the mark."""
    by_hand = path.read_text().split(MARK)[0]
    today = datetime.date.today().isoformat()
    tools = ", ".join(f"{tool} {version(tool)}" for tool in ["schemathesis", "sqlmap"])
    total = sum(row.requests for row in rows)
    text = f"{by_hand}{MARK}\nRun on {today} with {tools}: {total} requests.\n\n{table(rows)}"
    path.write_text(text)
