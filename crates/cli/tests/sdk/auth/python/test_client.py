"""The Python client against the auth service; started by tests/python.test.mjs, one line a test."""

import json
import os
import time
import unittest
import urllib.request
import uuid

import jwt
import pyotp
from supabase import create_client
from supabase_auth.errors import AuthApiError, AuthWeakPasswordError

URL = os.environ["POSTERN_URL"]
KEYS = json.loads(os.environ["POSTERN_KEYS"])
AUTH = f"{URL}/auth/v1"
TEST_CODE = os.environ["POSTERN_TEST_CODE"]
TEST_PHONE = os.environ["POSTERN_TEST_PHONE"]


def client():
    return create_client(URL, KEYS["publishable"])


def admin():
    return create_client(URL, KEYS["secret"]).auth.admin


def new_person():
    return {"email": f"py-{uuid.uuid4().hex[:12]}@app.example", "password": f"Tr4ctor-violet-{uuid.uuid4().hex[:8]}"}


def confirmed():
    person = new_person()
    user = admin().create_user({**person, "email_confirm": True}).user
    return person, user


def signed_in():
    person, user = confirmed()
    app = client()
    session = app.auth.sign_in_with_password(person).session
    return person, user, app, session


def mail_to(address):
    """The newest mail, waited for: mails are sent after the answer."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{URL}/_dev/mailbox.json") as answer:
            listed = json.load(answer)
        mails = listed if isinstance(listed, list) else listed["messages"]
        found = [it for it in mails if address in it["to"]]
        if found:
            return max(found, key=lambda it: (it["at"], it["id"]))
        time.sleep(0.05)
    raise AssertionError(f"no mail to {address}")


class Client(unittest.TestCase):
    def refused(self, code, call, *given, kind=AuthApiError, **named):
        with self.assertRaises(kind) as caught:
            call(*given, **named)
        self.assertEqual(caught.exception.code, code)

    def test_sign_up_mails_a_code_that_verify_otp_takes(self):
        person, app = new_person(), client()
        answer = app.auth.sign_up(person)
        self.assertIsNone(answer.session)
        code = mail_to(person["email"])["code"]
        done = app.auth.verify_otp({"email": person["email"], "token": code, "type": "signup"})
        self.assertEqual(done.user.id, answer.user.id)

    def test_sign_up_refuses_a_weak_password(self):
        weak = {**new_person(), "password": "short"}
        self.refused("weak_password", client().auth.sign_up, weak, kind=AuthWeakPasswordError)

    def test_sign_in_with_password(self):
        _, user, _, session = signed_in()
        self.assertEqual(session.user.id, user.id)

    def test_sign_in_with_a_wrong_password_is_refused(self):
        person, _ = confirmed()
        wrong = {**person, "password": "a-wrong-password"}
        self.refused("invalid_credentials", client().auth.sign_in_with_password, wrong)

    def test_refresh_session(self):
        _, user, app, session = signed_in()
        fresh = app.auth.refresh_session().session
        self.assertNotEqual(fresh.refresh_token, session.refresh_token)
        self.assertEqual(fresh.user.id, user.id)

    def test_get_user(self):
        person, user, app, _ = signed_in()
        seen = app.auth.get_user().user
        self.assertEqual((seen.id, seen.email), (user.id, person["email"]))

    def test_get_claims(self):
        _, user, app, _ = signed_in()
        self.assertEqual(app.auth.get_claims()["claims"]["sub"], user.id)

    def test_update_user(self):
        _, _, app, _ = signed_in()
        self.assertEqual(app.auth.update_user({"data": {"nick": "Zo"}}).user.user_metadata["nick"], "Zo")

    def test_sign_out_ends_the_session(self):
        _, _, app, session = signed_in()
        app.auth.sign_out()
        self.refused("session_not_found", client().auth.get_user, session.access_token)

    def test_sign_in_with_otp_by_mail(self):
        person, user = confirmed()
        app = client()
        app.auth.sign_in_with_otp({"email": person["email"]})
        code = mail_to(person["email"])["code"]
        done = app.auth.verify_otp({"email": person["email"], "token": code, "type": "email"})
        self.assertEqual(done.session.user.id, user.id)

    def test_sign_in_with_otp_by_phone(self):
        app = client()
        app.auth.sign_in_with_otp({"phone": f"+{TEST_PHONE}"})
        done = app.auth.verify_otp({"phone": f"+{TEST_PHONE}", "token": TEST_CODE, "type": "sms"})
        self.assertEqual(done.session.user.phone, TEST_PHONE)

    def test_sign_in_anonymously(self):
        self.assertTrue(client().auth.sign_in_anonymously().user.is_anonymous)

    def test_mfa_with_pyotp(self):
        _, _, app, _ = signed_in()
        factor = app.auth.mfa.enroll({"factor_type": "totp", "friendly_name": "phone"})
        code = pyotp.TOTP(factor.totp.secret).now()
        app.auth.mfa.challenge_and_verify({"factor_id": factor.id, "code": code})
        self.assertEqual(app.auth.mfa.get_authenticator_assurance_level().current_level, "aal2")
        self.assertEqual([it.id for it in app.auth.mfa.list_factors().totp], [factor.id])

    def test_admin(self):
        service, person = admin(), new_person()
        user = service.create_user({**person, "email_confirm": True, "app_metadata": {"plan": "gold"}}).user
        self.assertEqual(service.get_user_by_id(user.id).user.app_metadata["plan"], "gold")
        self.assertIn(user.id, [it.id for it in service.list_users()])
        service.update_user_by_id(user.id, {"user_metadata": {"nick": "Zo"}})
        link = service.generate_link({"type": "recovery", "email": person["email"]})
        done = client().auth.verify_otp({"token_hash": link.properties.hashed_token, "type": "recovery"})
        self.assertEqual(done.user.user_metadata["nick"], "Zo")
        service.delete_user(user.id)
        self.refused("user_not_found", service.get_user_by_id, user.id)

    def test_tokens_are_verified_by_pyjwt_from_the_published_keys(self):
        _, user, _, session = signed_in()
        key = jwt.PyJWKClient(f"{AUTH}/.well-known/jwks.json").get_signing_key_from_jwt(session.access_token)
        claims = jwt.decode(session.access_token, key, algorithms=["ES256"], audience="authenticated", issuer=AUTH)
        self.assertEqual(claims["sub"], user.id)


if __name__ == "__main__":
    unittest.main()
