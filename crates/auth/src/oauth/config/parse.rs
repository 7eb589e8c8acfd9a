//! From the text of `providers.toml` to providers, or to the line that is wrong.

use std::collections::BTreeMap;

use postern_base::Secret;
use serde::Deserialize;
use toml::Spanned;
use url::{Host, Url};

use super::{
    Claims, ConfigFault, Mapping, Metadata, NonceRule, Protocol, Provider, TENANT_ID, TokenAuth,
    Trust,
};
use crate::oauth::presets::{self, Preset};
use crate::settings::Allowed;

/// Longest name of a provider.
const NAME_BYTES_MAX: usize = 40;
/// Names that mean something else in identities.
const RESERVED: &[&str] = &["anonymous_users", "email", "phone", "sms", "web3"];
/// The tenant in which personal accounts live.
const CONSUMERS: &str = "9188040d-6c67-4b62-b112-36a304b66dad";

type Variable<'a> = &'a dyn Fn(&str) -> Option<Secret<String>>;

/// A table as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    enabled: Option<bool>,
    preset: Option<String>,
    client_id: Option<String>,
    client_ids: Option<Vec<String>>,
    secret: Option<String>,
    secret_env: Option<String>,
    issuer: Option<String>,
    tenant: Option<String>,
    authorize_url: Option<String>,
    token_url: Option<String>,
    userinfo_url: Option<String>,
    jwks_url: Option<String>,
    scopes: Option<Vec<String>>,
    parameters: Option<BTreeMap<String, String>>,
    token_auth: Option<TokenAuth>,
    skip_nonce: Option<bool>,
    email_verified: Option<Trust>,
    email_optional: Option<bool>,
    claims: Option<RawClaims>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClaims {
    sub: Option<String>,
    email: Option<String>,
    email_verified: Option<String>,
    name: Option<String>,
    user_name: Option<String>,
    picture: Option<String>,
}

/// Reads all tables.
pub(super) fn providers(
    text: &str,
    variable: Variable<'_>,
) -> Result<BTreeMap<String, Provider>, ConfigFault> {
    let tables: BTreeMap<Spanned<String>, Raw> = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |it| it.start);
        fault(text, at, error.message().to_owned())
    })?;
    let mut providers = BTreeMap::new();
    for (name, raw) in tables {
        let at = name.span().start;
        let name = name.into_inner();
        let provider = provider(&name, raw, variable)
            .map_err(|message| fault(text, at, format!("provider `{name}`: {message}")))?;
        providers.insert(name, provider);
    }
    Ok(providers)
}

fn fault(text: &str, at: usize, message: String) -> ConfigFault {
    let before = text.as_bytes().iter().take(at);
    let line = 1 + before.filter(|it| **it == b'\n').count();
    ConfigFault { line, message }
}

fn provider(name: &str, raw: Raw, variable: Variable<'_>) -> Result<Provider, String> {
    check_name(name)?;
    let preset = preset(name, &raw)?;
    let issuer = issuer(&raw, preset)?;
    let endpoints = endpoints(&raw, preset)?;
    let protocol = protocol(&raw, preset, issuer.as_deref(), &endpoints)?;
    let skips_nonce = raw.skip_nonce.unwrap_or(!preset.has_nonce);
    let provider = Provider {
        name: name.to_owned(),
        enabled: raw.enabled.unwrap_or(true).into(),
        protocol,
        client_ids: client_ids(&raw)?,
        secret: secret(&raw, variable)?,
        issuer,
        endpoints,
        emails: preset.emails.filter(|_| raw.userinfo_url.is_none()),
        scopes: raw.scopes.unwrap_or_else(|| owned(preset.scopes)),
        parameters: parameters(raw.parameters, preset)?,
        headers: preset.headers,
        token_auth: raw.token_auth.or(preset.token_auth),
        nonce: if skips_nonce {
            NonceRule::Skipped
        } else {
            NonceRule::Demanded
        },
        trust: raw.email_verified.unwrap_or(preset.trust),
        email_optional: Allowed::from(raw.email_optional.unwrap_or(false)),
        claims: claims(raw.claims.unwrap_or_default(), preset.mapping)?,
    };
    if provider.protocol == Protocol::Oidc && !provider.scopes.iter().any(|it| it == "openid") {
        return Err("`scopes` must hold `openid`".into());
    }
    Ok(provider)
}

fn check_name(name: &str) -> Result<(), String> {
    let is_fine = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || b"_-:".contains(&it);
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.bytes().all(is_fine) {
        return Err(format!(
            "a name is made of a-z, 0-9, `_`, `-` and `:`, up to {NAME_BYTES_MAX} of them"
        ));
    }
    if RESERVED.contains(&name) {
        return Err("the name is taken by another way to sign in".into());
    }
    Ok(())
}

fn preset(name: &str, raw: &Raw) -> Result<&'static Preset, String> {
    match &raw.preset {
        Some(preset) => {
            presets::find(preset).ok_or_else(|| format!("there is no preset `{preset}`"))
        }
        None => Ok(presets::find(name).unwrap_or(match raw.issuer {
            Some(_) => &presets::OIDC,
            None => &presets::OAUTH,
        })),
    }
}

/// The issuer, with the tenant at its place.
fn issuer(raw: &Raw, preset: &Preset) -> Result<Option<String>, String> {
    let issuer = raw
        .issuer
        .clone()
        .or_else(|| preset.issuer.map(str::to_owned));
    let Some(issuer) = issuer else {
        return Ok(None);
    };
    let issuer = if issuer.contains("{tenant}") {
        let tenant = raw.tenant.as_deref();
        let tenant = tenant.ok_or("`tenant` is missing: an id, `consumers` or `common`")?;
        let id = match tenant {
            "common" | "organizations" => TENANT_ID.to_owned(),
            "consumers" => CONSUMERS.to_owned(),
            id => {
                let id: Result<uuid::Uuid, _> = id.parse();
                id.map_err(|_| "`tenant` must be an id, `consumers` or `common`")?
                    .to_string()
            }
        };
        issuer.replace("{tenant}", &id)
    } else {
        if raw.tenant.is_some() {
            return Err("`tenant` has no place in the issuer".into());
        }
        issuer
    };
    check_url("issuer", &issuer.replace(TENANT_ID, CONSUMERS))?;
    Ok(Some(issuer))
}

fn endpoints(raw: &Raw, preset: &Preset) -> Result<Metadata, String> {
    // Whoever names another issuer speaks of another server, where the preset's addresses are
    // a stranger's.
    let is_same = raw.issuer.is_none();
    let pick = |field: &str, own: &Option<String>, known: Option<&str>| {
        let known = known.filter(|_| is_same).map(str::to_owned);
        let url = own.clone().or(known);
        if let Some(url) = &url {
            check_url(field, url)?;
        }
        Ok::<_, String>(url)
    };
    Ok(Metadata {
        issuer: None,
        authorization_endpoint: pick("authorize_url", &raw.authorize_url, preset.authorize_url)?,
        token_endpoint: pick("token_url", &raw.token_url, preset.token_url)?,
        userinfo_endpoint: pick("userinfo_url", &raw.userinfo_url, preset.userinfo_url)?,
        jwks_uri: pick("jwks_url", &raw.jwks_url, preset.jwks_url)?,
        authorization_response_iss_parameter_supported: false,
        token_endpoint_auth_methods_supported: Vec::new(),
    })
}

fn protocol(
    raw: &Raw,
    preset: &Preset,
    issuer: Option<&str>,
    at: &Metadata,
) -> Result<Protocol, String> {
    if preset.protocol == Protocol::Oidc || raw.issuer.is_some() {
        issuer.ok_or("`issuer` is missing")?;
        return Ok(Protocol::Oidc);
    }
    let has_all = at.authorization_endpoint.is_some()
        && at.token_endpoint.is_some()
        && at.userinfo_endpoint.is_some();
    if !has_all {
        return Err(
            "either `issuer` is needed, or `authorize_url`, `token_url` and `userinfo_url`".into(),
        );
    }
    Ok(Protocol::OAuth)
}

fn client_ids(raw: &Raw) -> Result<Vec<String>, String> {
    let ids: Vec<_> = raw
        .client_id
        .iter()
        .chain(raw.client_ids.iter().flatten())
        .map(|it| it.trim().to_owned())
        .collect();
    if ids.is_empty() || ids.iter().any(String::is_empty) {
        return Err("`client_id` is missing".into());
    }
    Ok(ids)
}

fn secret(raw: &Raw, variable: Variable<'_>) -> Result<Option<Secret<String>>, String> {
    match (&raw.secret, &raw.secret_env) {
        (Some(_), Some(_)) => Err("`secret` and `secret_env` exclude each other".into()),
        (Some(secret), None) if secret.trim().is_empty() => Err("`secret` is empty".into()),
        (Some(secret), None) => Ok(Some(Secret::new(secret.clone()))),
        (None, Some(name)) => variable(name)
            .filter(|it| !it.expose().is_empty())
            .map(Some)
            .ok_or_else(|| format!("the environment has no `{name}`, which `secret_env` names")),
        (None, None) => Ok(None),
    }
}

/// What is always sent along; what we say ourselves cannot be changed.
fn parameters(
    own: Option<BTreeMap<String, String>>,
    preset: &Preset,
) -> Result<Vec<(String, String)>, String> {
    const OURS: &[&str] = &[
        "client_id",
        "code_challenge",
        "code_challenge_method",
        "nonce",
        "redirect_uri",
        "response_type",
        "scope",
        "state",
    ];
    let own = own.unwrap_or_default();
    if let Some(name) = own.keys().find(|it| OURS.contains(&it.as_str())) {
        return Err(format!("`parameters` cannot set `{name}`"));
    }
    let known = preset.parameters.iter();
    let known = known.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let mut all: BTreeMap<_, _> = known.collect();
    all.extend(own);
    Ok(all.into_iter().collect())
}

fn claims(own: RawClaims, known: Mapping) -> Result<Claims, String> {
    let pick = |own: Option<String>, known: &str| match own {
        Some(pointer) if !pointer.starts_with('/') => Err(format!(
            "`{pointer}` in `claims` must be a path such as `/data/id`"
        )),
        Some(pointer) => Ok(pointer),
        None => Ok(known.to_owned()),
    };
    Ok(Claims {
        sub: pick(own.sub, known.sub)?,
        email: pick(own.email, known.email)?,
        email_verified: pick(own.email_verified, known.email_verified)?,
        name: pick(own.name, known.name)?,
        user_name: pick(own.user_name, known.user_name)?,
        picture: pick(own.picture, known.picture)?,
    })
}

/// Addresses are https; plain http is for a provider on this machine, in development.
fn check_url(field: &str, url: &str) -> Result<(), String> {
    let parsed = Url::parse(url).map_err(|_| format!("`{field}` is no absolute URL"))?;
    let is_local = match parsed.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let is_fine = parsed.scheme() == "https" || (parsed.scheme() == "http" && is_local);
    if !is_fine || !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(format!("`{field}` must be an https address"));
    }
    if parsed.fragment().is_some() {
        return Err(format!("`{field}` must not have a fragment"));
    }
    Ok(())
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|it| (*it).to_owned()).collect()
}
