//! The auth service over HTTP against a real Postgres: flows, refusals, attacks.

#[path = "it/admin.rs"]
mod admin;
#[path = "it/admin_links.rs"]
mod admin_links;
#[path = "it/audit.rs"]
mod audit;
#[path = "it/authenticator.rs"]
mod authenticator;
#[path = "it/beside_supabase.rs"]
mod beside_supabase;
#[path = "it/captcha.rs"]
mod captcha;
#[path = "it/codes.rs"]
mod codes;
#[path = "it/crowds.rs"]
mod crowds;
#[path = "it/decline.rs"]
mod decline;
#[path = "it/factor_kit.rs"]
mod factor_kit;
#[path = "it/foundation.rs"]
mod foundation;
#[path = "it/hooks.rs"]
mod hooks;
#[path = "it/hooks_told.rs"]
mod hooks_told;
#[path = "it/import.rs"]
mod import;
#[path = "it/keys.rs"]
mod keys;
#[path = "it/kit.rs"]
mod kit;
#[path = "it/leaked.rs"]
mod leaked;
#[path = "it/limits.rs"]
mod limits;
#[path = "it/mfa.rs"]
mod mfa;
#[path = "it/mfa_attacks.rs"]
mod mfa_attacks;
#[path = "it/newcomers.rs"]
mod newcomers;
#[path = "it/not_offered.rs"]
mod not_offered;
#[path = "it/oauth.rs"]
mod oauth;
#[path = "it/oauth_hostile.rs"]
mod oauth_hostile;
#[path = "it/oauth_idp.rs"]
mod oauth_idp;
#[path = "it/oauth_linking.rs"]
mod oauth_linking;
#[path = "it/passkey_attacks.rs"]
mod passkey_attacks;
#[path = "it/passkey_kit.rs"]
mod passkey_kit;
#[path = "it/passkeys.rs"]
mod passkeys;
#[path = "it/pending.rs"]
mod pending;
#[path = "it/recovery_codes.rs"]
mod recovery_codes;
#[path = "it/reseal.rs"]
mod reseal;
#[path = "it/sessions.rs"]
mod sessions;
#[path = "it/sms.rs"]
mod sms;
#[path = "it/stub.rs"]
mod stub;
#[path = "it/unproved.rs"]
mod unproved;
#[path = "it/unproved_numbers.rs"]
mod unproved_numbers;
#[path = "it/user.rs"]
mod user;
#[path = "it/verify.rs"]
mod verify;
