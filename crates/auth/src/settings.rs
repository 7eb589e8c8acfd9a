//! The operator's choices about signing in; `server` fills them from the configuration.

mod guards;

use postern_http::TrustedProxies;
use postern_password::Params;
use postern_password::strength::Rules;

use crate::oauth::Providers;

pub use guards::{Captcha, Hooks, Sms, SmsVendor, SmsVendorKind};

/// A switch with its meaning in the field's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// It may be done.
    Yes,
    /// It is refused.
    No,
}

impl Allowed {
    /// Whether it may be done.
    pub fn is_yes(self) -> bool {
        self == Self::Yes
    }
}

impl From<bool> for Allowed {
    fn from(on: bool) -> Self {
        if on { Self::Yes } else { Self::No }
    }
}

/// Everything that can be chosen.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the gateway is reached from outside, without a trailing slash; links in mails and the
    /// `iss` of tokens are made of it, never of what a request says.
    pub external_url: String,
    /// The app's own address: where users are led by default.
    pub site_url: String,
    /// The app's name in mails and on pages.
    pub site_name: String,
    /// Further addresses that users may be led to; `*` and `**` are globs.
    pub redirect_urls: Vec<String>,
    /// Who may sign up and how.
    pub signup: Signup,
    /// Passwords.
    pub password: PasswordSettings,
    /// Sessions and tokens.
    pub sessions: Sessions,
    /// Codes and links.
    pub codes: Codes,
    /// Factors and passkeys.
    pub factors: Factors,
    /// Text messages.
    pub sms: Sms,
    /// Limits on how often.
    pub limits: Limits,
    /// The identity providers of the project's file.
    pub providers: Providers,
    /// Who tells people from programs; nobody by default.
    pub captcha: Option<Captcha>,
    /// The project's hooks.
    pub hooks: Hooks,
}

/// Who may sign up and how.
#[derive(Clone, Debug)]
pub struct Signup {
    /// Whether new users may be made by themselves at all.
    pub new_users: Allowed,
    /// Whether addresses and passwords sign in.
    pub email: Allowed,
    /// Whether numbers sign in.
    pub phone: Allowed,
    /// Whether users without any proof are made.
    pub anonymous: Allowed,
    /// Whether a new address counts as proved.
    pub email_autoconfirm: Allowed,
    /// Whether a new number counts as proved.
    pub phone_autoconfirm: Allowed,
    /// Whether signed-in users may link further identities.
    pub manual_linking: Allowed,
    /// Whether a change of address must be confirmed at both addresses.
    pub double_email_change: Allowed,
}

/// Passwords.
#[derive(Clone, Debug)]
pub struct PasswordSettings {
    /// The cost of a hash.
    pub params: Params,
    /// How many hashes run at once.
    pub slots: usize,
    /// What a new password must be.
    pub rules: Rules,
    /// Whether a change needs a sign-in of the last day, or a nonce.
    pub reauthentication: Allowed,
    /// Whether a change needs the current password.
    pub current_password: Allowed,
    /// Whether new passwords are looked up among leaked ones.
    pub leaked_check: LeakedCheck,
}

/// Whether new passwords are looked up among leaked ones, and what an unreachable list means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeakedCheck {
    /// The offline list alone.
    Off,
    /// Asked for by k-anonymity; an unreachable list lets the password pass.
    FailOpen {
        /// The address before the five characters.
        url: String,
    },
    /// Asked for by k-anonymity; an unreachable list refuses the password.
    FailClosed {
        /// The address before the five characters.
        url: String,
    },
}

/// Sessions and tokens.
#[derive(Clone, Debug)]
pub struct Sessions {
    /// How long an access token lives, in seconds.
    pub access_token_secs: i64,
    /// How long the refresh token before the current one is answered with the current one.
    pub reuse_interval_secs: i64,
    /// How long a session lives, whatever happens; none means without end.
    pub timebox_secs: Option<i64>,
    /// How long a session lives without a refresh.
    pub inactivity_secs: Option<i64>,
    /// Whether a sign-in ends the user's other sessions.
    pub single_per_user: Allowed,
    /// Whether tokens may travel in a fragment to clients that do not ask for PKCE.
    pub implicit_flow: Allowed,
}

/// Codes and links.
#[derive(Clone, Debug)]
pub struct Codes {
    /// Digits of a code.
    pub digits: usize,
    /// How long a mailed code is good, in seconds.
    pub email_code_secs: i64,
    /// How long a mailed link is good, in seconds.
    pub email_link_secs: i64,
    /// How long an invitation is good, in seconds.
    pub invite_secs: i64,
    /// How long a texted code is good, in seconds.
    pub sms_code_secs: i64,
    /// The pause between two mails to one address, in seconds.
    pub email_pause_secs: i64,
    /// The pause between two texts to one number, in seconds.
    pub sms_pause_secs: i64,
    /// How long a PKCE exchange may take, in seconds.
    pub flow_secs: i64,
}

/// Factors and passkeys.
#[derive(Clone, Debug)]
pub struct Factors {
    /// Whether TOTP factors are offered.
    pub totp: Allowed,
    /// Whether phone factors are offered.
    pub phone: Allowed,
    /// Whether WebAuthn factors are offered.
    pub webauthn: Allowed,
    /// Whether recovery codes stand in for a lost factor.
    pub recovery_codes: Allowed,
    /// Whether passkeys sign in.
    pub passkeys: Allowed,
    /// Whether a challenge may be answered from another address than it was asked for from.
    pub other_address: Allowed,
    /// Most factors, and most passkeys, of one user.
    pub per_user_max: usize,
    /// How long a challenge is good, in seconds.
    pub challenge_secs: i64,
    /// The relying party's id; the host of `site_url` when absent.
    pub rp_id: Option<String>,
    /// The relying party's name; `site_name` when absent.
    pub rp_name: Option<String>,
    /// Origins that ceremonies may come from; the origin of `site_url` when empty.
    pub rp_origins: Vec<String>,
}

/// How often each class of request may be made; each is a burst and a window.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Whether limits hold at all; `postern dev` may switch them off.
    pub on: Allowed,
    /// Sign-ups, codes and recoveries in five minutes, each address.
    pub signup_per_5_min: u32,
    /// Verifications in five minutes, each address.
    pub verify_per_5_min: u32,
    /// Refreshes in five minutes, each address.
    pub refresh_per_5_min: u32,
    /// Password sign-ins in five minutes, each address.
    pub sign_in_per_5_min: u32,
    /// Anonymous sign-ins in an hour, each address.
    pub anonymous_per_hour: u32,
    /// Failed sign-ins and codes in an hour, each account.
    pub account_failures_per_hour: u32,
    /// Mails in an hour, each destination.
    pub mails_per_hour: u32,
    /// Texts in an hour, each destination.
    pub texts_per_hour: u32,
    /// Proxies whose word about the client's address counts.
    pub trusted_proxies: TrustedProxies,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            external_url: "http://127.0.0.1:8000".into(),
            site_url: "http://localhost:3000".into(),
            site_name: "Postern".into(),
            redirect_urls: Vec::new(),
            signup: Signup {
                new_users: Allowed::Yes,
                email: Allowed::Yes,
                phone: Allowed::No,
                anonymous: Allowed::No,
                email_autoconfirm: Allowed::No,
                phone_autoconfirm: Allowed::No,
                manual_linking: Allowed::No,
                double_email_change: Allowed::Yes,
            },
            password: PasswordSettings {
                params: Params::default(),
                slots: 1,
                rules: Rules::default(),
                reauthentication: Allowed::No,
                current_password: Allowed::No,
                leaked_check: LeakedCheck::Off,
            },
            sessions: Sessions {
                access_token_secs: 3600,
                reuse_interval_secs: 10,
                timebox_secs: None,
                inactivity_secs: None,
                single_per_user: Allowed::No,
                implicit_flow: Allowed::Yes,
            },
            codes: Codes {
                digits: 6,
                email_code_secs: 600,
                email_link_secs: 3600,
                invite_secs: 7 * 24 * 3600,
                sms_code_secs: 300,
                email_pause_secs: 60,
                sms_pause_secs: 60,
                flow_secs: 600,
            },
            factors: Factors {
                totp: Allowed::Yes,
                phone: Allowed::No,
                webauthn: Allowed::Yes,
                recovery_codes: Allowed::Yes,
                passkeys: Allowed::Yes,
                other_address: Allowed::No,
                per_user_max: 10,
                challenge_secs: 300,
                rp_id: None,
                rp_name: None,
                rp_origins: Vec::new(),
            },
            sms: Sms::default(),
            providers: Providers::default(),
            limits: Limits {
                on: Allowed::Yes,
                signup_per_5_min: 30,
                verify_per_5_min: 30,
                refresh_per_5_min: 150,
                sign_in_per_5_min: 30,
                anonymous_per_hour: 30,
                account_failures_per_hour: 20,
                mails_per_hour: 30,
                texts_per_hour: 10,
                trusted_proxies: TrustedProxies::default(),
            },
            captcha: None,
            hooks: Hooks::default(),
        }
    }
}
