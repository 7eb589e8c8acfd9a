"""The attacked project: its keys, a signed-in user, and its API description."""

import copy
import json
import os
import subprocess
import urllib.error
import urllib.request

USER = "amara@example.com"
USER_ID = "a0000000-0000-4000-8000-000000000001"
# Statuses that any operation may answer with; the description has PostgREST's shape, which lists
# successes only.
REFUSALS = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "416"]
SUCCESSES = ["200", "201", "204", "206"]


class Project:
    """A running server and those who may use it."""

    def __init__(self, api, gateway, folder):
        self.api = api
        environment = {k: v for k, v in os.environ.items() if not k.startswith("POSTERN_")}
        keys = subprocess.check_output([gateway, "keys", "--json"], cwd=folder, env=environment)
        keys = json.loads(keys)
        self.publishable = keys["publishable"]
        self.secret = keys["secret"]
        self.password = keys["demo_password"]
        self.anon = {"apikey": self.publishable}
        self.user = {**self.anon, "Authorization": f"Bearer {self.signed_in()}"}
        _, tasks = self.ask("GET", f"/rest/v1/tasks?select=id&assignee_id=eq.{USER_ID}", self.user)
        self.task = json.loads(tasks)[0]["id"]
        self.admin = {"apikey": self.secret, "Authorization": f"Bearer {self.secret}"}

    def ask(self, method, path, headers, body=None):
        """The status and the text of an answer."""
        request = urllib.request.Request(self.api + path, method=method, headers=headers)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()

    def signed_in(self):
        """The access token of a user."""
        body = {"email": USER, "password": self.password}
        path = "/auth/v1/token?grant_type=password"
        status, text = self.ask("POST", path, self.anon, body)
        assert status == 200, text
        return json.loads(text)["access_token"]

    def document(self, headers):
        """The description that this caller gets, as it is."""
        accept = {**headers, "Accept": "application/openapi+json"}
        status, text = self.ask("GET", "/rest/v1/", accept)
        assert status == 200, text
        return json.loads(text)


def operations(document):
    """Every path and verb of a description."""
    for path, verbs in document["paths"].items():
        for verb in verbs:
            yield path, verb


def completed(document):
    """The description with what its version of OpenAPI or its shape cannot say.

    Without this every refusal would be an undocumented status, and every NULL a wrong type.
    """
    document = copy.deepcopy(document)
    for path, verb in operations(document):
        responses = document["paths"][path][verb]["responses"]
        for status in REFUSALS + SUCCESSES:
            responses.setdefault(status, {"description": "see the guide"})
    for definition in document["definitions"].values():
        required = definition.get("required", [])
        for name, column in definition["properties"].items():
            if name not in required:
                column["x-nullable"] = True
    return document


def as_seen_by_others(ours, theirs):
    """Our description with the columns that they may see: all operations, their answers."""
    document = completed(ours)
    document["definitions"].update(completed(theirs)["definitions"])
    return document


def only_for_users(ours, theirs):
    """The operations that the anonymous description does not have."""
    known = set(operations(theirs))
    return [it for it in operations(ours) if it not in known]
