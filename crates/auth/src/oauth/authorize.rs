//! `GET /authorize`: a browser leaves for a provider.

use oauth2::basic::BasicClient;
use oauth2::{
    AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
};
use postern_base::codes::auth as codes;
use url::form_urlencoded;

use super::config::Provider;
use super::journey::{self, Away, Journey, Linker, Stage, TOKEN_BYTES};
use super::remote::{Metadata, failed};
use crate::{AuthService, Caller, Challenge, Context, Error, Result};

/// What clients may pass on to a provider; all else is ours to say.
const PASSED_ON: &[&str] = &[
    "access_type",
    "acr_values",
    "connection",
    "display",
    "domain_hint",
    "hd",
    "kc_idp_hint",
    "login_hint",
    "max_age",
    "organization",
    "prompt",
    "screen_hint",
    "ui_locales",
];
/// Longest value that is passed on, and most scopes that are added.
const VALUE_BYTES_MAX: usize = 500;
const SCOPES_MAX: usize = 50;

/// What a client asks for when a browser leaves.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    provider: String,
    ticket: Option<String>,
    scopes: Vec<String>,
    challenge: Option<Challenge>,
    parameters: Vec<(String, String)>,
    /// Whether the address is wanted in place of a redirect.
    pub wants_address: bool,
}

/// Where a browser goes, and the cookie that ties it to its way back.
#[derive(Clone, Debug)]
pub struct Departure {
    /// The provider's address.
    pub url: String,
    /// The value of the cookie.
    pub cookie: String,
}

impl Wish {
    /// Reads the parameters of an address; of two of one name the first counts.
    ///
    /// # Errors
    /// When the PKCE challenge has no proper form.
    pub fn parse(query: &str) -> Result<Self> {
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let get = |name: &str| {
            let found = pairs.iter().find(|(it, _)| it == name);
            found
                .map(|(_, value)| value.as_str())
                .filter(|it| !it.is_empty())
        };
        let is_passed_on = |name: &str| PASSED_ON.contains(&name);
        Ok(Self {
            provider: get("provider").unwrap_or_default().to_owned(),
            ticket: get("ticket").map(str::to_owned),
            scopes: scopes(get("scopes").unwrap_or_default()),
            challenge: Challenge::parse(get("code_challenge"), get("code_challenge_method"))?,
            wants_address: get("skip_http_redirect") == Some("true"),
            parameters: pairs
                .iter()
                .filter(|(name, value)| is_passed_on(name) && value.len() <= VALUE_BYTES_MAX)
                .cloned()
                .collect(),
        })
    }
}

impl AuthService {
    /// Refuses a wish for a provider that there is not, before anything else is done for it.
    ///
    /// # Errors
    /// When there is none of that name, or it is switched off.
    pub fn knows_provider(&self, wish: &Wish) -> Result<()> {
        self.provider(&wish.provider).map(drop)
    }

    /// Sends a browser to a provider. `cookie` is the one that it has from an earlier journey.
    ///
    /// # Errors
    /// When there is no such provider, or the provider cannot be reached.
    pub async fn depart(
        &self,
        wish: Wish,
        cookie: Option<&str>,
        context: &Context,
    ) -> Result<Departure> {
        let provider = self.provider(&wish.provider)?;
        let journey = match &wish.ticket {
            Some(ticket) => {
                let journey = self.take_journey(ticket, context.now).await?;
                let is_ours = matches!(journey.stage, Stage::Ticket);
                if !is_ours || journey.provider != provider.name {
                    return Err(journey::bad_state());
                }
                journey
            }
            None => self.journey(wish, None, context)?,
        };
        self.leave(provider, journey, cookie, context).await
    }

    /// Begins a link for a signed-in user: the address at which their browser leaves.
    ///
    /// The address is one of ours, because a page of another origin that asked for it could not
    /// set the cookie.
    ///
    /// # Errors
    /// When linking is switched off, or there is no such provider.
    pub async fn begin_link(
        &self,
        caller: &Caller,
        wish: Wish,
        context: &Context,
    ) -> Result<String> {
        self.check_manual_linking()?;
        let provider = self.provider(&wish.provider)?;
        let linker = Linker {
            user: caller.user.id,
            session: caller.session.id,
        };
        let journey = self.journey(wish, Some(linker), context)?;
        let ticket = self.store_journey(&journey, context.now).await?;
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("provider", &provider.name)
            .append_pair("ticket", &ticket)
            .finish();
        Ok(self.own_url(&format!("authorize?{query}")))
    }

    fn journey(&self, wish: Wish, link_to: Option<Linker>, context: &Context) -> Result<Journey> {
        if wish.challenge.is_none() && !self.settings.sessions.implicit_flow.is_yes() {
            return Err(Error::new(
                &codes::FEATURE_DISABLED,
                "The implicit flow is switched off: send a code_challenge",
            ));
        }
        Ok(Journey {
            stage: Stage::Ticket,
            provider: wish.provider,
            redirect_to: self.redirect_target(context.redirect_to.as_deref()),
            challenge: wish.challenge.map(|it| it.as_str().to_owned()),
            scopes: wish.scopes,
            parameters: wish.parameters,
            link_to,
        })
    }

    async fn leave(
        &self,
        provider: &Provider,
        mut journey: Journey,
        cookie: Option<&str>,
        context: &Context,
    ) -> Result<Departure> {
        let metadata = self.metadata(provider, context.now).await?;
        let token = || postern_vault::token::<TOKEN_BYTES>(&*self.random);
        // A browser with two journeys at once keeps one cookie for both.
        let cookie = cookie.filter(|it| journey::is_token(it));
        let cookie = cookie.map_or_else(token, str::to_owned);
        let away = Away {
            verifier: token(),
            nonce: provider.wants_nonce().then(token),
            browser_mac: self.browser_mac(&cookie),
        };
        journey.stage = Stage::Away(away.clone());
        let state = self.store_journey(&journey, context.now).await?;
        let url = self.provider_url(provider, &metadata, &journey, (&away, state))?;
        Ok(Departure { url, cookie })
    }

    fn provider_url(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        journey: &Journey,
        (away, state): (&Away, String),
    ) -> Result<String> {
        let address = metadata.authorization_endpoint.clone();
        let address = address.ok_or_else(|| failed("no authorization endpoint"))?;
        let client = BasicClient::new(ClientId::new(provider.client_id().to_owned()))
            .set_auth_uri(AuthUrl::new(address).map_err(failed)?)
            .set_redirect_uri(RedirectUrl::new(self.callback_url()).map_err(failed)?);
        let verifier = PkceCodeVerifier::new(away.verifier.clone());
        let scopes = provider.scopes.iter().chain(&journey.scopes);
        let mut request = client
            .authorize_url(|| CsrfToken::new(state))
            .add_scopes(scopes.map(|it| Scope::new(it.clone())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        let is_fixed = |name: &str| provider.parameters.iter().any(|(it, _)| it == name);
        let wished = journey
            .parameters
            .iter()
            .filter(|(name, _)| !is_fixed(name));
        for (name, value) in provider.parameters.iter().chain(wished) {
            request = request.add_extra_param(name.clone(), value.clone());
        }
        if let Some(nonce) = &away.nonce {
            request = request.add_extra_param("nonce", nonce.clone());
        }
        let (url, _) = request.url();
        Ok(url.into())
    }
}

fn scopes(text: &str) -> Vec<String> {
    let is_fine = |it: &str| {
        // The characters of a scope as RFC 6749, section 3.3, has them.
        it.bytes()
            .all(|it| it.is_ascii_graphic() && it != b'"' && it != b'\\')
    };
    text.split_whitespace()
        .filter(|it| it.len() <= VALUE_BYTES_MAX && is_fine(it))
        .take(SCOPES_MAX)
        .map(str::to_owned)
        .collect()
}
