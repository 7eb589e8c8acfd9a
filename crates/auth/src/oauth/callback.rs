//! `GET` and `POST /callback`: a browser comes back from a provider.
//!
//! Whatever goes wrong is told to the app by a redirect, once it is known which app it was.

use postern_db::own::OwnTx;
use serde::Deserialize;
use serde_json::Value;

use super::account::{Found, needs_verification};
use super::bad_callback;
use super::config::{Protocol, Provider};
use super::exchange::Tokens;
use super::journey::{Away, Journey, Stage, bad_state};
use super::newcomer::Welcome;
use super::profile::Profile;
use super::remote::Metadata;
use crate::flows::Proved;
use crate::id_token::{ExpectedNonce, by_provider};
use crate::identities::PendingLink;
use crate::landing::{self, Reader};
use crate::store::User;
use crate::{AuthService, Challenge, Context, Error, Result};
use postern_base::codes::auth as codes;

/// Longest code that a provider may send.
const CODE_BYTES_MAX: usize = 4096;
/// Longest description that is passed on.
const DESCRIPTION_CHARS_MAX: usize = 200;

/// What a provider sends back through the browser.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Answer {
    state: Option<String>,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
    /// Apple tells the name here, at the first sign-in alone.
    user: Option<String>,
}

/// Where the browser goes next.
#[derive(Clone, Debug)]
pub struct Landing {
    /// An address of the app.
    pub url: String,
}

/// What came of a journey.
struct Arrival {
    profile: Profile,
    tokens: Tokens,
}

impl AuthService {
    /// Ends a journey. `cookie` is what ties the browser to it.
    pub async fn land(&self, answer: Answer, cookie: Option<&str>, context: &Context) -> Landing {
        let state = answer.state.as_deref().unwrap_or_default();
        // SECURITY: as long as nothing is known of the app, the site hears of it.
        let site = (self.settings.site_url.clone(), Reader::Query);
        let ((target, reader), landed) = match self.take_journey(state, context.now).await {
            Err(error) => (site, Err(error)),
            Ok(journey) => match self.check_browser(&journey, cookie) {
                Err(error) => (site, Err(error)),
                Ok(away) => {
                    let place = (journey.redirect_to.clone(), journey.reader());
                    (place, self.finish(journey, away, answer, context).await)
                }
            },
        };
        let url = landed.unwrap_or_else(|error| {
            if let Some(inner) = error.inner() {
                tracing::error!(
                    request.id = context.request_id, error = %inner,
                    "a sign-in through a provider failed inside"
                );
            }
            landing::with_error(&target, &error, reader)
        });
        Landing { url }
    }

    /// The browser that comes back must be the one that left (attack 25).
    fn check_browser(&self, journey: &Journey, cookie: Option<&str>) -> Result<Away> {
        let Stage::Away(away) = &journey.stage else {
            return Err(bad_state());
        };
        let mac = self.browser_mac(cookie.unwrap_or_default());
        if cookie.is_none() || !postern_vault::same(&mac, &away.browser_mac) {
            return Err(bad_state());
        }
        Ok(away.clone())
    }

    async fn finish(
        &self,
        journey: Journey,
        away: Away,
        answer: Answer,
        context: &Context,
    ) -> Result<String> {
        let provider = self.provider(&journey.provider)?;
        let metadata = self.metadata(provider, context.now).await?;
        check_sender(provider, &metadata, &answer)?;
        let arrival = self
            .arrive(provider, &metadata, (away, answer), context)
            .await?;
        match journey.challenge.as_deref() {
            Some(text) => {
                let challenge = Challenge::parse(Some(text), Some("s256"))?;
                let challenge = challenge.ok_or_else(bad_state)?;
                let code = self.issue(provider, &journey, (&arrival, &challenge), context);
                Ok(landing::with_code(&journey.redirect_to, &code.await?))
            }
            None => {
                let (profile, tokens) = (&arrival.profile, &arrival.tokens);
                let mut pair = match journey.link_to {
                    None => self.enter(provider, profile, context).await?,
                    Some(by) => {
                        let by = (by.user, by.session);
                        self.link_and_enter(provider, profile, by, context).await?
                    }
                };
                pair.provider_token = Some(tokens.access().to_owned());
                pair.provider_refresh_token = tokens.refresh().map(str::to_owned);
                Ok(landing::with_session(&journey.redirect_to, &pair, None))
            }
        }
    }

    /// Exchanges the code and learns who it is.
    async fn arrive(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        (away, answer): (Away, Answer),
        context: &Context,
    ) -> Result<Arrival> {
        let code = answer
            .code
            .filter(|it| !it.is_empty() && it.len() <= CODE_BYTES_MAX);
        let code = code.ok_or_else(|| bad_callback("OAuth code is missing"))?;
        let tokens = self
            .buy_tokens(provider, metadata, code, away.verifier)
            .await?;
        let about = match provider.protocol {
            Protocol::OAuth => self.userinfo(provider, metadata, &tokens).await?,
            Protocol::Oidc => {
                let nonce = match &away.nonce {
                    Some(nonce) => ExpectedNonce::Exactly(nonce),
                    None => ExpectedNonce::Any,
                };
                self.id_claims(provider, metadata, (&tokens, nonce), context)
                    .await?
            }
        };
        let mut profile = Profile::read(provider, &about)?;
        if let Some(user) = &answer.user {
            profile.add_name(&name_beside(user));
        }
        Ok(Arrival { profile, tokens })
    }

    /// The claims of the `id_token`, with those of the userinfo endpoint where the token does not
    /// tell the address.
    async fn id_claims(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        (tokens, nonce): (&Tokens, ExpectedNonce<'_>),
        context: &Context,
    ) -> Result<Value> {
        let token = tokens
            .id()
            .ok_or_else(|| bad_callback("The provider sent no id_token"))?;
        let expected = (nonce, Some(tokens.access()));
        let mut claims = self
            .verify_id_token(provider, token, expected, context.now)
            .await?;
        let has_email = claims.pointer(&provider.claims.email).is_some();
        if has_email || metadata.userinfo_endpoint.is_none() {
            return Ok(claims);
        }
        let more = self.userinfo(provider, metadata, tokens).await?;
        // Another subject means another user (OpenID Connect Core, section 5.3.2).
        if more.get("sub") != claims.get("sub") {
            return Err(bad_callback(
                "The provider's answers are about different users",
            ));
        }
        if let (Some(claims), Value::Object(more)) = (claims.as_object_mut(), more) {
            for (name, value) in more {
                claims.entry(name).or_insert(value);
            }
        }
        Ok(claims)
    }

    /// Issues the code of the client's own exchange. A link waits for the exchange: only the
    /// client that asked for it has the verifier, so that nobody else's identity can be linked
    /// by sending them the address.
    async fn issue(
        &self,
        provider: &Provider,
        journey: &Journey,
        (arrival, challenge): (&Arrival, &Challenge),
        context: &Context,
    ) -> Result<String> {
        let profile = &arrival.profile;
        let welcome = match journey.link_to {
            Some(_) => Welcome::NotAsked,
            None => self.welcome(profile, context).await?,
        };
        let tx = self.db.begin().await?;
        let (user, ended) = match journey.link_to {
            Some(by) => (self.linker(&tx, by.user).await?, Vec::new()),
            None => match self.find_or_make(&tx, profile, welcome, context).await? {
                Found::Proved(user, ended) => (*user, ended),
                Found::Unproved => {
                    tx.commit().await?;
                    self.outbox.wake();
                    return Err(needs_verification(provider));
                }
            },
        };
        self.check_ban(&user, context.now)?;
        let how = by_provider(provider);
        let flow = self
            .begin_flow(&tx, challenge, how.method, Some(user.id), context.now)
            .await?;
        let tokens = &arrival.tokens;
        let sealed = self.seal_provider_tokens(Some(tokens.access()), tokens.refresh());
        let proved = Proved {
            method: how.method,
            provider: how.provider,
            sealed_tokens: Some(&sealed),
        };
        let code = self
            .issue_code(&tx, flow, user.id, proved, context.now)
            .await?;
        if let Some(by) = journey.link_to {
            let pending = PendingLink {
                user: by.user,
                session: by.session,
                profile: profile.clone(),
            };
            self.keep_link(&tx, flow, &pending).await?;
        }
        tx.commit().await?;
        self.outbox.wake();
        self.revoke_here(&ended);
        if user.created_at == context.now {
            self.after_user_created(&user, context);
        }
        Ok(code)
    }

    async fn linker(&self, tx: &OwnTx, user: uuid::Uuid) -> Result<User> {
        let user = User::lock(tx, user).await?;
        user.ok_or_else(|| Error::new(&codes::USER_NOT_FOUND, "User not found"))
    }
}

/// The answer must come from the provider that was asked (RFC 9207), and be no refusal.
fn check_sender(provider: &Provider, metadata: &Metadata, answer: &Answer) -> Result<()> {
    let is_always_named = metadata.authorization_response_iss_parameter_supported;
    match (&answer.iss, &provider.issuer) {
        (Some(named), Some(issuer)) if named == issuer => {}
        // Of a provider with many tenants each names itself; the id_token is checked for that.
        (Some(_), Some(issuer)) if issuer.contains("{tenantid}") => {}
        (Some(_), _) => return Err(bad_callback("The answer is another provider's")),
        (None, _) if is_always_named => {
            return Err(bad_callback("The answer does not say whose it is"));
        }
        (None, _) => {}
    }
    match &answer.error {
        None => Ok(()),
        Some(error) => Err(refused(error, answer.error_description.as_deref())),
    }
}

/// What the provider says in place of a code.
fn refused(error: &str, description: Option<&str>) -> Error {
    let plain = |text: &str| -> String {
        let text = text.chars().filter(|it| !it.is_control());
        text.take(DESCRIPTION_CHARS_MAX).collect()
    };
    let message = plain(description.unwrap_or(error));
    let refusal = Error::new(&codes::BAD_OAUTH_CALLBACK, message);
    match error {
        // Somebody who said no is no malfunction.
        "access_denied" | "user_cancelled_authorize" | "user_cancelled_login" => {
            refusal.with_status(403)
        }
        "server_error" | "temporarily_unavailable" => refusal.with_status(503),
        _ => refusal,
    }
}

/// The name in Apple's `user` parameter.
fn name_beside(user: &str) -> String {
    let user: Value = serde_json::from_str(user).unwrap_or_default();
    let part = |at: &str| user.pointer(at).and_then(Value::as_str).unwrap_or_default();
    let name = format!("{} {}", part("/name/firstName"), part("/name/lastName"));
    name.trim().to_owned()
}
