//! The addresses below which users and admins are changed.

use std::fmt;

use uuid::Uuid;

use crate::pages::sign_in::Section;

/// An address of the pages of users and admins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum People {
    NewUser,
    Invite,
    UserSession(Uuid),
    UserIdentity(Uuid),
    UserFactor(Uuid),
    UserPasskey(Uuid),
    UserMetadata(Uuid),
    UserLink(Uuid),
    UserLinkShown(Uuid),
    UserDelete(Uuid),
    UserImpersonate(Uuid),
    Account,
    AccountPassword,
    AccountSessionEnd,
    AccountTotp,
    AccountTotpConfirm,
    AccountPasskey,
    AccountPasskeyConfirm,
    AccountFactorRemove,
    AccountCodes,
    AdminReset,
    LoginSecond,
    LoginPasskey,
    LoginPasskeyConfirm,
    ReauthPasskey,
    ReauthPasskeyConfirm,
    SignIn(Section),
    MailPreview,
    LimitsLift,
    ProviderCheck,
    HookTry,
}

impl fmt::Display for People {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = |out: &mut fmt::Formatter<'_>, id: &Uuid, rest: &str| {
            write!(out, "/console/users/{id}/{rest}")
        };
        match self {
            Self::NewUser => out.write_str("/console/users/new"),
            Self::Invite => out.write_str("/console/users/invite"),
            Self::Account => out.write_str("/console/account"),
            Self::AccountPassword => out.write_str("/console/account/password"),
            Self::AccountSessionEnd => out.write_str("/console/account/session/end"),
            Self::AccountTotp => out.write_str("/console/account/totp"),
            Self::AccountTotpConfirm => out.write_str("/console/account/totp/confirm"),
            Self::AccountPasskey => out.write_str("/console/account/passkey"),
            Self::AccountPasskeyConfirm => out.write_str("/console/account/passkey/confirm"),
            Self::AccountFactorRemove => out.write_str("/console/account/factor/remove"),
            Self::AccountCodes => out.write_str("/console/account/codes"),
            Self::AdminReset => out.write_str("/console/settings/admins/reset"),
            Self::LoginSecond => out.write_str("/console/login/second"),
            Self::LoginPasskey => out.write_str("/console/login/passkey"),
            Self::LoginPasskeyConfirm => out.write_str("/console/login/passkey/confirm"),
            Self::ReauthPasskey => out.write_str("/console/reauth/passkey"),
            Self::ReauthPasskeyConfirm => out.write_str("/console/reauth/passkey/confirm"),
            Self::SignIn(section) => write!(out, "/console/sign-in/{}", section.as_str()),
            Self::MailPreview => out.write_str("/console/sign-in/templates/preview"),
            Self::LimitsLift => out.write_str("/console/sign-in/limits/lift"),
            Self::ProviderCheck => out.write_str("/console/sign-in/providers/check"),
            Self::HookTry => out.write_str("/console/sign-in/hooks/try"),
            Self::UserSession(id) => user(out, id, "session/end"),
            Self::UserIdentity(id) => user(out, id, "identity/unlink"),
            Self::UserFactor(id) => user(out, id, "factor/remove"),
            Self::UserPasskey(id) => user(out, id, "passkey/remove"),
            Self::UserMetadata(id) => user(out, id, "metadata"),
            Self::UserLink(id) => user(out, id, "link"),
            Self::UserLinkShown(id) => user(out, id, "link/show"),
            Self::UserImpersonate(id) => user(out, id, "impersonate"),
            Self::UserDelete(id) => user(out, id, "delete"),
        }
    }
}
