//! The keys of the auth service: who may sign in, how, and how often.

use super::{Default, Key, Kind, MILLISECONDS, key};

const SECONDS: Kind = Kind::Number {
    min: 0,
    max: 10 * 365 * 86_400,
};
const SECONDS_1: Kind = Kind::Number {
    min: 1,
    max: 10 * 365 * 86_400,
};
const PORT: Kind = Kind::Number {
    min: 1,
    max: 65_535,
};

const fn switch(path: (&'static str, &'static str), on: bool, meaning: &'static str) -> Key {
    key(path, Kind::Switch, Default::Switch(on), meaning)
}

const fn seconds(path: (&'static str, &'static str), number: u64, meaning: &'static str) -> Key {
    key(path, SECONDS, Default::Number(number), meaning)
}

/// Every key of the auth service, in the order of the documentation.
pub(super) const KEYS: &[Key] = &[
    key(
        ("api", "external_url"),
        Kind::Text,
        Default::Unset,
        "Where the server is reached from outside, such as `https://api.example.com`; links in \
         mails and the `iss` of tokens are made of it. By default host and port of this section.",
    ),
    key(
        ("api", "trusted_proxies"),
        Kind::TextList,
        Default::List(&[]),
        "Addresses and networks of proxies whose `X-Forwarded-For` tells the client's address.",
    ),
    switch(
        ("auth", "enabled"),
        true,
        "Whether `/auth/v1` is served. It needs `keys.master_key`; without one it stays off.",
    ),
    key(
        ("auth", "database_url"),
        Kind::Secret,
        Default::Unset,
        "The database login of the auth service, with rights to the schemas `auth` and `postern`; \
         `database.url` without one.",
    ),
    key(
        ("auth", "database_connections"),
        Kind::Number { min: 1, max: 1000 },
        Default::Number(8),
        "Most database connections of the auth service.",
    ),
    key(
        ("auth", "site_url"),
        Kind::Text,
        Default::Text("http://localhost:3000"),
        "The app's own address: users are led there after a sign-in unless another allowed \
         address is asked for.",
    ),
    key(
        ("auth", "site_name"),
        Kind::Text,
        Default::Text("Postern"),
        "The app's name in mails and on pages.",
    ),
    key(
        ("auth", "redirect_urls"),
        Kind::TextList,
        Default::List(&[]),
        "Further addresses that users may be led to, such as `myapp://callback`; `*` stands for \
         a path segment or the first label of a host, `**` for any rest of a path.",
    ),
    key(
        ("auth", "providers_file"),
        Kind::Text,
        Default::Text("providers.toml"),
        "The project's identity providers, a table each; see docs/providers.md. A file that \
         cannot be understood refuses the start.",
    ),
    key(
        ("auth", "signing_algorithm"),
        Kind::Choice(&["ES256", "EdDSA"]),
        Default::Text("ES256"),
        "What new signing keys are for.",
    ),
    key(
        ("keys", "master_key"),
        Kind::Secret,
        Default::Unset,
        "32 bytes as hex or base64 (`openssl rand -hex 32`): seals what the auth service keeps \
         secret in the database. Without it nothing of that can be read again.",
    ),
    key(
        ("keys", "older_master_keys"),
        Kind::SecretList,
        Default::List(&[]),
        "Master keys of before, which still open what they sealed.",
    ),
    switch(
        ("signup", "enabled"),
        true,
        "Whether new users may sign up by themselves.",
    ),
    switch(
        ("signup", "email"),
        true,
        "Whether e-mail addresses sign in.",
    ),
    switch(("signup", "phone"), false, "Whether phone numbers sign in."),
    switch(
        ("signup", "anonymous"),
        false,
        "Whether users without any proof are made (`signInAnonymously`).",
    ),
    switch(
        ("signup", "email_autoconfirm"),
        false,
        "Whether a new address signs in without a mail. It stays unproved until its owner opens \
         one.",
    ),
    switch(
        ("signup", "phone_autoconfirm"),
        false,
        "Whether a new number signs in without a text. It stays unproved until its owner types a code.",
    ),
    switch(
        ("signup", "manual_linking"),
        false,
        "Whether signed-in users may link further identities (`linkIdentity`).",
    ),
    switch(
        ("signup", "double_email_change"),
        true,
        "Whether a change of address must be confirmed at both addresses.",
    ),
    key(
        ("passwords", "min_chars"),
        Kind::Number { min: 6, max: 128 },
        Default::Number(8),
        "Fewest characters of a new password.",
    ),
    key(
        ("passwords", "required_characters"),
        Kind::Text,
        Default::Unset,
        "Character classes that a new password must hold, as Supabase writes them. Better leave \
         it: such rules make passwords worse.",
    ),
    key(
        ("passwords", "memory_kib"),
        Kind::Number {
            min: 64,
            max: 262_144,
        },
        Default::Number(19_456),
        "Memory of one Argon2id hash in KiB.",
    ),
    key(
        ("passwords", "passes"),
        Kind::Number { min: 1, max: 16 },
        Default::Number(2),
        "Passes of one Argon2id hash.",
    ),
    key(
        ("passwords", "slots"),
        Kind::Number { min: 0, max: 256 },
        Default::Number(0),
        "How many hashes run at once; 0 takes half of the processors.",
    ),
    switch(
        ("passwords", "reauthentication"),
        false,
        "Whether changing a password needs a sign-in of the last day or a nonce.",
    ),
    switch(
        ("passwords", "require_current"),
        false,
        "Whether changing a password needs the current one.",
    ),
    key(
        ("passwords", "leaked_check"),
        Kind::Choice(&["off", "fail-open", "fail-closed"]),
        Default::Text("off"),
        "Whether new passwords are looked up among leaked ones, five characters of a hash at a \
         time, and whether an unreachable list lets them pass.",
    ),
    key(
        ("passwords", "leaked_url"),
        Kind::Text,
        Default::Unset,
        "The address of that list, before the five characters.",
    ),
    key(
        ("sessions", "access_token_secs"),
        Kind::Number {
            min: 30,
            max: 86_400,
        },
        Default::Number(3600),
        "How long an access token lives.",
    ),
    seconds(
        ("sessions", "reuse_interval_secs"),
        10,
        "How long the refresh token before the current one is answered without suspicion.",
    ),
    seconds(
        ("sessions", "timebox_secs"),
        0,
        "How long a session lives, whatever happens; 0 is without end.",
    ),
    seconds(
        ("sessions", "inactivity_secs"),
        0,
        "How long a session lives without a refresh; 0 is without end.",
    ),
    switch(
        ("sessions", "single_per_user"),
        false,
        "Whether a sign-in ends the user's other sessions.",
    ),
    switch(
        ("sessions", "implicit_flow"),
        true,
        "Whether tokens may travel in an address's fragment to apps that do not ask for PKCE.",
    ),
    key(
        ("codes", "digits"),
        Kind::Number { min: 6, max: 10 },
        Default::Number(6),
        "Digits of a mailed or texted code.",
    ),
    key(
        ("codes", "email_code_secs"),
        SECONDS_1,
        Default::Number(600),
        "How long a mailed code is good.",
    ),
    key(
        ("codes", "email_link_secs"),
        SECONDS_1,
        Default::Number(3600),
        "How long a mailed link is good.",
    ),
    key(
        ("codes", "invite_secs"),
        SECONDS_1,
        Default::Number(7 * 86_400),
        "How long an invitation is good.",
    ),
    key(
        ("codes", "sms_code_secs"),
        SECONDS_1,
        Default::Number(300),
        "How long a texted code is good.",
    ),
    seconds(
        ("codes", "email_pause_secs"),
        60,
        "The pause between two mails to one account.",
    ),
    seconds(
        ("codes", "sms_pause_secs"),
        60,
        "The pause between two texts to one account.",
    ),
    switch(
        ("factors", "totp"),
        true,
        "Whether TOTP factors are offered.",
    ),
    switch(
        ("factors", "phone"),
        false,
        "Whether phone factors are offered.",
    ),
    switch(
        ("factors", "webauthn"),
        true,
        "Whether WebAuthn factors are offered.",
    ),
    switch(
        ("factors", "recovery_codes"),
        true,
        "Whether recovery codes stand in for a lost factor.",
    ),
    switch(("factors", "passkeys"), true, "Whether passkeys sign in."),
    switch(
        ("factors", "other_address"),
        false,
        "Whether a challenge may be answered from another address than asked for from.",
    ),
    key(
        ("factors", "per_user_max"),
        Kind::Number { min: 1, max: 100 },
        Default::Number(10),
        "Most factors, and most passkeys, of one user.",
    ),
    key(
        ("factors", "challenge_secs"),
        SECONDS_1,
        Default::Number(300),
        "How long a challenge is good.",
    ),
    key(
        ("factors", "rp_id"),
        Kind::Text,
        Default::Unset,
        "The relying party's id of passkeys: a domain. By default the host of `auth.site_url`.",
    ),
    key(
        ("factors", "rp_name"),
        Kind::Text,
        Default::Unset,
        "The relying party's name; `auth.site_name` by default.",
    ),
    key(
        ("factors", "rp_origins"),
        Kind::TextList,
        Default::List(&[]),
        "Origins that passkeys may be used from; the origin of `auth.site_url` by default.",
    ),
    key(
        ("mail", "transport"),
        Kind::Choice(&["off", "smtp", "dev"]),
        Default::Text("off"),
        "Where mails go: nowhere, to a mail server, or into the mailbox of `postern dev`, which \
         shows them at `/_dev/mailbox`.",
    ),
    key(
        ("mail", "host"),
        Kind::Text,
        Default::Unset,
        "The mail server.",
    ),
    key(("mail", "port"), PORT, Default::Number(587), "Its port."),
    key(
        ("mail", "user"),
        Kind::Text,
        Default::Unset,
        "The user to sign in to it as.",
    ),
    key(
        ("mail", "password"),
        Kind::Secret,
        Default::Unset,
        "That user's password.",
    ),
    key(
        ("mail", "security"),
        Kind::Choice(&["starttls", "tls", "none"]),
        Default::Text("starttls"),
        "How the connection is encrypted.",
    ),
    key(
        ("mail", "from"),
        Kind::Text,
        Default::Unset,
        "The sender's address.",
    ),
    key(
        ("mail", "from_name"),
        Kind::Text,
        Default::Unset,
        "The sender's name.",
    ),
    key(
        ("mail", "templates_dir"),
        Kind::Text,
        Default::Text("mail"),
        "The folder of the project's own mail templates; see docs/mail-templates.md.",
    ),
    key(
        ("mail", "timeout_ms"),
        MILLISECONDS,
        Default::Number(15_000),
        "How long sending one mail may take.",
    ),
    key(
        ("outbound", "allow"),
        Kind::TextList,
        Default::List(&[]),
        "Private hosts (`host` or `host:port`) and networks that the server may call, for \
         providers and hooks inside of your network.",
    ),
];
