//! The keys of what stands in front of the auth service: limits, captchas, hooks, text messages.

use super::{Default, Key, Kind, POSITIVE, key};

/// What every hook's secrets are.
const SECRETS: &str = "What calls to it are signed with: `v1,whsec_…`, with `|` between several.";

/// Every key of the guards, in the order of the documentation.
pub(super) const KEYS: &[Key] = &[
    key(
        ("rates", "enabled"),
        Kind::Switch,
        Default::Switch(true),
        "Whether the limits of this section hold; switch them off in development only.",
    ),
    key(
        ("rates", "signup_per_5_min"),
        POSITIVE,
        Default::Number(30),
        "Sign-ups, codes and recoveries in five minutes from one network address.",
    ),
    key(
        ("rates", "verify_per_5_min"),
        POSITIVE,
        Default::Number(30),
        "Verifications in five minutes from one network address.",
    ),
    key(
        ("rates", "refresh_per_5_min"),
        POSITIVE,
        Default::Number(150),
        "Refreshes in five minutes from one network address.",
    ),
    key(
        ("rates", "sign_in_per_5_min"),
        POSITIVE,
        Default::Number(30),
        "Password sign-ins in five minutes from one network address.",
    ),
    key(
        ("rates", "anonymous_per_hour"),
        POSITIVE,
        Default::Number(30),
        "Anonymous sign-ins in an hour from one network address.",
    ),
    key(
        ("rates", "account_failures_per_hour"),
        POSITIVE,
        Default::Number(20),
        "Failed passwords and codes in an hour against one account, from anywhere.",
    ),
    key(
        ("rates", "mails_per_hour"),
        POSITIVE,
        Default::Number(30),
        "Mails in an hour to one address.",
    ),
    key(
        ("rates", "texts_per_hour"),
        POSITIVE,
        Default::Number(10),
        "Texts in an hour to one number.",
    ),
    key(
        ("sms", "test_codes"),
        Kind::TextList,
        Default::List(&[]),
        "Numbers that get no text, each with the code that is good for it: `15550100=123456`.",
    ),
    key(
        ("sms", "template"),
        Kind::Text,
        Default::Text("Your code for {site_name} is {code}"),
        "What a text says; `{code}` and `{site_name}` are filled in.",
    ),
    key(
        ("sms", "vendor"),
        Kind::Choice(&[
            "off",
            "twilio",
            "twilio-verify",
            "vonage",
            "messagebird",
            "http",
        ]),
        Default::Text("off"),
        "Who sends texts. `http` posts them as signed JSON to `sms.url`.",
    ),
    key(
        ("sms", "account"),
        Kind::Text,
        Default::Unset,
        "The account there: Twilio's account SID, Vonage's API key.",
    ),
    key(
        ("sms", "secret"),
        Kind::Secret,
        Default::Unset,
        "The secret there: Twilio's auth token, Vonage's API secret, MessageBird's access key; \
         for `http` the secrets that calls are signed with, as for hooks.",
    ),
    key(
        ("sms", "sender"),
        Kind::Text,
        Default::Unset,
        "Who sends: a number or name, the SID of Twilio's messaging service, the SID of the \
         service of Twilio Verify.",
    ),
    key(
        ("sms", "url"),
        Kind::Text,
        Default::Unset,
        "The address of the vendor's API, where it is not the usual one.",
    ),
    key(
        ("captcha", "provider"),
        Kind::Choice(&["off", "turnstile", "hcaptcha"]),
        Default::Text("off"),
        "Who tells people from programs at sign-ups, sign-ins, codes and recoveries.",
    ),
    key(
        ("captcha", "secret"),
        Kind::Secret,
        Default::Unset,
        "The secret key at that provider.",
    ),
    key(
        ("captcha", "verify_url"),
        Kind::Text,
        Default::Unset,
        "Where tokens are verified, where it is not the provider's usual address.",
    ),
    key(
        ("hooks", "custom_access_token"),
        Kind::Text,
        Default::Unset,
        "May add claims to an access token; who somebody is, the role and the times stay.",
    ),
    key(
        ("hooks", "custom_access_token_secrets"),
        Kind::Secret,
        Default::Unset,
        SECRETS,
    ),
    key(
        ("hooks", "send_email"),
        Kind::Text,
        Default::Unset,
        "Sends mails in the place of `[mail]`.",
    ),
    key(
        ("hooks", "send_email_secrets"),
        Kind::Secret,
        Default::Unset,
        SECRETS,
    ),
    key(
        ("hooks", "send_sms"),
        Kind::Text,
        Default::Unset,
        "Sends texts in the place of `sms.vendor`.",
    ),
    key(
        ("hooks", "send_sms_secrets"),
        Kind::Secret,
        Default::Unset,
        SECRETS,
    ),
    key(
        ("hooks", "password_verification_attempt"),
        Kind::Text,
        Default::Unset,
        "Hears of tries at passwords, and may refuse right ones.",
    ),
    key(
        ("hooks", "password_verification_attempt_secrets"),
        Kind::Secret,
        Default::Unset,
        SECRETS,
    ),
    key(
        ("hooks", "mfa_verification_attempt"),
        Kind::Text,
        Default::Unset,
        "Hears of tries at second factors, and may refuse right ones.",
    ),
    key(
        ("hooks", "mfa_verification_attempt_secrets"),
        Kind::Secret,
        Default::Unset,
        SECRETS,
    ),
    key(
        ("hooks", "before_user_created"),
        Kind::Text,
        Default::Unset,
        "May refuse a new user.",
    ),
    key(
        ("hooks", "before_user_created_secrets"),
        Kind::Secret,
        Default::Unset,
        SECRETS,
    ),
    key(
        ("hooks", "after_user_created"),
        Kind::Text,
        Default::Unset,
        "Hears of a new user; nobody waits for it.",
    ),
    key(
        ("hooks", "after_user_created_secrets"),
        Kind::Secret,
        Default::Unset,
        SECRETS,
    ),
    key(
        ("hooks", "before_sign_in"),
        Kind::Text,
        Default::Unset,
        "May refuse a sign-in of any method.",
    ),
    key(
        ("hooks", "before_sign_in_secrets"),
        Kind::Secret,
        Default::Unset,
        SECRETS,
    ),
    key(
        ("hooks", "before_token_refresh"),
        Kind::Text,
        Default::Unset,
        "May refuse a refresh.",
    ),
    key(
        ("hooks", "before_token_refresh_secrets"),
        Kind::Secret,
        Default::Unset,
        SECRETS,
    ),
];
