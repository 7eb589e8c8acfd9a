//! What is known about well-known providers, as data; the project's file overrides any of it.
//!
//! SECURITY: `trust` is `Never` wherever a provider does not promise to have verified addresses:
//! such an address must be proved by a mail before it counts.

use super::config::{EmailsList, Mapping, Protocol, TokenAuth, Trust};

/// What is known about a provider.
#[derive(Clone, Copy, Debug)]
pub(super) struct Preset {
    pub(super) names: &'static [&'static str],
    pub(super) protocol: Protocol,
    /// May hold `{tenant}`, which the file must then name.
    pub(super) issuer: Option<&'static str>,
    pub(super) authorize_url: Option<&'static str>,
    pub(super) token_url: Option<&'static str>,
    pub(super) userinfo_url: Option<&'static str>,
    pub(super) jwks_url: Option<&'static str>,
    pub(super) emails: Option<EmailsList>,
    pub(super) scopes: &'static [&'static str],
    pub(super) parameters: &'static [(&'static str, &'static str)],
    pub(super) headers: &'static [(&'static str, &'static str)],
    pub(super) token_auth: Option<TokenAuth>,
    pub(super) trust: Trust,
    pub(super) mapping: Mapping,
    /// Whether its `id_token`s repeat a nonce.
    pub(super) has_nonce: bool,
}

/// A provider that speaks OpenID Connect and needs nothing else.
pub(super) const OIDC: Preset = Preset {
    names: &[],
    protocol: Protocol::Oidc,
    issuer: None,
    authorize_url: None,
    token_url: None,
    userinfo_url: None,
    jwks_url: None,
    emails: None,
    scopes: &["openid", "email", "profile"],
    parameters: &[],
    headers: &[],
    token_auth: None,
    trust: Trust::Claim,
    mapping: Mapping::OIDC,
    has_nonce: true,
};

/// A provider that speaks OAuth 2.0 and tells about its user at an address of its own.
pub(super) const OAUTH: Preset = Preset {
    protocol: Protocol::OAuth,
    scopes: &[],
    trust: Trust::Never,
    ..OIDC
};

/// Finds what is known about a provider.
pub(super) fn find(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|it| it.names.contains(&name))
}

const PRESETS: &[Preset] = &[
    Preset {
        names: &["google"],
        issuer: Some("https://accounts.google.com"),
        ..OIDC
    },
    Preset {
        names: &["apple"],
        issuer: Some("https://appleid.apple.com"),
        scopes: &["openid", "email", "name"],
        // Apple sends names and addresses by a form alone.
        parameters: &[("response_mode", "form_post")],
        token_auth: Some(TokenAuth::Body),
        ..OIDC
    },
    Preset {
        names: &["azure", "microsoft"],
        issuer: Some("https://login.microsoftonline.com/{tenant}/v2.0"),
        // The address is what the tenant's administrator typed in, unless this claim says more.
        mapping: Mapping {
            email_verified: "/xms_edov",
            ..Mapping::OIDC
        },
        ..OIDC
    },
    Preset {
        names: &["gitlab"],
        issuer: Some("https://gitlab.com"),
        ..OIDC
    },
    Preset {
        names: &["linkedin_oidc", "linkedin"],
        issuer: Some("https://www.linkedin.com/oauth"),
        token_auth: Some(TokenAuth::Body),
        has_nonce: false,
        ..OIDC
    },
    Preset {
        names: &["slack_oidc", "slack"],
        issuer: Some("https://slack.com"),
        token_auth: Some(TokenAuth::Body),
        ..OIDC
    },
    Preset {
        names: &["twitch"],
        issuer: Some("https://id.twitch.tv/oauth2"),
        scopes: &["openid", "user:read:email"],
        parameters: &[(
            "claims",
            r#"{"id_token":{"email":null,"email_verified":null,"picture":null,"preferred_username":null}}"#,
        )],
        token_auth: Some(TokenAuth::Body),
        ..OIDC
    },
    Preset {
        names: &["keycloak"],
        ..OIDC
    },
    Preset {
        names: &["github"],
        issuer: Some("https://github.com/login/oauth"),
        authorize_url: Some("https://github.com/login/oauth/authorize"),
        token_url: Some("https://github.com/login/oauth/access_token"),
        userinfo_url: Some("https://api.github.com/user"),
        emails: Some(EmailsList {
            url: "https://api.github.com/user/emails",
            list: "",
            email: "/email",
            primary: "/primary",
            verified: "/verified",
        }),
        scopes: &["user:email"],
        headers: &[("user-agent", "postern")],
        trust: Trust::Claim,
        mapping: Mapping {
            sub: "/id",
            user_name: "/login",
            picture: "/avatar_url",
            ..Mapping::OIDC
        },
        ..OAUTH
    },
    Preset {
        names: &["bitbucket"],
        authorize_url: Some("https://bitbucket.org/site/oauth2/authorize"),
        token_url: Some("https://bitbucket.org/site/oauth2/access_token"),
        userinfo_url: Some("https://api.bitbucket.org/2.0/user"),
        emails: Some(EmailsList {
            url: "https://api.bitbucket.org/2.0/user/emails",
            list: "/values",
            email: "/email",
            primary: "/is_primary",
            verified: "/is_confirmed",
        }),
        scopes: &["account", "email"],
        trust: Trust::Claim,
        mapping: Mapping {
            sub: "/uuid",
            name: "/display_name",
            user_name: "/nickname",
            picture: "/links/avatar/href",
            ..Mapping::OIDC
        },
        ..OAUTH
    },
    Preset {
        names: &["facebook"],
        // The issuer and keys of "limited login", whose id_tokens apps send.
        issuer: Some("https://www.facebook.com"),
        jwks_url: Some("https://limited.facebook.com/.well-known/oauth/openid/jwks/"),
        authorize_url: Some("https://www.facebook.com/v21.0/dialog/oauth"),
        token_url: Some("https://graph.facebook.com/v21.0/oauth/access_token"),
        userinfo_url: Some("https://graph.facebook.com/v21.0/me?fields=id,name,email,picture"),
        scopes: &["email"],
        token_auth: Some(TokenAuth::Body),
        mapping: Mapping {
            sub: "/id",
            picture: "/picture/data/url",
            ..Mapping::OIDC
        },
        ..OAUTH
    },
    Preset {
        names: &["discord"],
        authorize_url: Some("https://discord.com/oauth2/authorize"),
        token_url: Some("https://discord.com/api/oauth2/token"),
        userinfo_url: Some("https://discord.com/api/users/@me"),
        scopes: &["identify", "email"],
        trust: Trust::Claim,
        mapping: Mapping {
            sub: "/id",
            email_verified: "/verified",
            name: "/global_name",
            user_name: "/username",
            ..Mapping::OIDC
        },
        ..OAUTH
    },
    Preset {
        names: &["spotify"],
        authorize_url: Some("https://accounts.spotify.com/authorize"),
        token_url: Some("https://accounts.spotify.com/api/token"),
        userinfo_url: Some("https://api.spotify.com/v1/me"),
        scopes: &["user-read-email"],
        mapping: Mapping {
            sub: "/id",
            name: "/display_name",
            picture: "/images/0/url",
            ..Mapping::OIDC
        },
        ..OAUTH
    },
    Preset {
        names: &["x"],
        authorize_url: Some("https://x.com/i/oauth2/authorize"),
        token_url: Some("https://api.x.com/2/oauth2/token"),
        userinfo_url: Some(
            "https://api.x.com/2/users/me?user.fields=confirmed_email,profile_image_url",
        ),
        scopes: &["users.read", "tweet.read", "users.email"],
        // The field holds an address that was confirmed, or is not there.
        trust: Trust::Always,
        mapping: Mapping {
            sub: "/data/id",
            email: "/data/confirmed_email",
            name: "/data/name",
            user_name: "/data/username",
            picture: "/data/profile_image_url",
            ..Mapping::OIDC
        },
        ..OAUTH
    },
    Preset {
        names: &["notion"],
        authorize_url: Some("https://api.notion.com/v1/oauth/authorize"),
        token_url: Some("https://api.notion.com/v1/oauth/token"),
        userinfo_url: Some("https://api.notion.com/v1/users/me"),
        parameters: &[("owner", "user")],
        headers: &[("notion-version", "2022-06-28")],
        mapping: Mapping {
            sub: "/bot/owner/user/id",
            email: "/bot/owner/user/person/email",
            name: "/bot/owner/user/name",
            picture: "/bot/owner/user/avatar_url",
            ..Mapping::OIDC
        },
        ..OAUTH
    },
    Preset {
        names: &["figma"],
        authorize_url: Some("https://www.figma.com/oauth"),
        token_url: Some("https://api.figma.com/v1/oauth/token"),
        userinfo_url: Some("https://api.figma.com/v1/me"),
        scopes: &["current_user:read"],
        mapping: Mapping {
            sub: "/id",
            name: "/handle",
            picture: "/img_url",
            ..Mapping::OIDC
        },
        ..OAUTH
    },
    Preset {
        names: &["zoom"],
        authorize_url: Some("https://zoom.us/oauth/authorize"),
        token_url: Some("https://zoom.us/oauth/token"),
        userinfo_url: Some("https://api.zoom.us/v2/users/me"),
        trust: Trust::One,
        mapping: Mapping {
            sub: "/id",
            email_verified: "/verified",
            name: "/display_name",
            picture: "/pic_url",
            ..Mapping::OIDC
        },
        ..OAUTH
    },
    Preset {
        names: &["kakao"],
        issuer: Some("https://kauth.kakao.com"),
        jwks_url: Some("https://kauth.kakao.com/.well-known/jwks.json"),
        authorize_url: Some("https://kauth.kakao.com/oauth/authorize"),
        token_url: Some("https://kauth.kakao.com/oauth/token"),
        userinfo_url: Some("https://kapi.kakao.com/v2/user/me"),
        scopes: &["account_email", "profile_image", "profile_nickname"],
        token_auth: Some(TokenAuth::Body),
        trust: Trust::Claim,
        mapping: Mapping {
            sub: "/id",
            email: "/kakao_account/email",
            email_verified: "/kakao_account/is_email_verified",
            name: "/kakao_account/profile/nickname",
            picture: "/kakao_account/profile/profile_image_url",
            ..Mapping::OIDC
        },
        ..OAUTH
    },
    Preset {
        names: &["workos"],
        authorize_url: Some("https://api.workos.com/sso/authorize"),
        token_url: Some("https://api.workos.com/sso/token"),
        userinfo_url: Some("https://api.workos.com/sso/profile"),
        token_auth: Some(TokenAuth::Body),
        mapping: Mapping {
            sub: "/id",
            name: "/first_name",
            ..Mapping::OIDC
        },
        ..OAUTH
    },
];
