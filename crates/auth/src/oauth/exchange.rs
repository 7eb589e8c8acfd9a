//! A provider's code for its tokens, and its tokens for what it says about the user.

use std::fmt;

use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::http::{HeaderName, HeaderValue};
use oauth2::{
    AccessToken, AuthType, AuthorizationCode, Client, ClientId, ClientSecret, PkceCodeVerifier,
    RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardRevocableToken, TokenResponse,
    TokenUrl,
};
use postern_base::Secret;
use postern_outbound::Request;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bad_callback;
use super::config::{EmailsList, Provider, TokenAuth};
use super::remote::{Metadata, failed};
use crate::{AuthService, Result};

/// Largest answer about a user.
const USERINFO_BYTES_MAX: usize = 128 * 1024;

/// A client whose answers are as lenient as providers make it necessary.
type TokenClient = Client<
    BasicErrorResponse,
    Tokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
>;

/// What the token endpoint answers. The type of the token and its scopes are not read: some
/// providers leave them out or write them their own way, and nothing here depends on them.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct Tokens {
    access_token: AccessToken,
    refresh_token: Option<RefreshToken>,
    id_token: Option<String>,
}

impl Tokens {
    pub(super) fn access(&self) -> &str {
        self.access_token.secret()
    }

    pub(super) fn refresh(&self) -> Option<&str> {
        self.refresh_token.as_ref().map(|it| it.secret().as_str())
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.id_token.as_deref()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Tokens")
    }
}

impl TokenResponse for Tokens {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &BasicTokenType::Bearer
    }

    fn expires_in(&self) -> Option<std::time::Duration> {
        None
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

impl AuthService {
    /// Buys tokens for a code.
    pub(super) async fn buy_tokens(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        code: String,
        verifier: String,
    ) -> Result<Tokens> {
        let address = metadata.token_endpoint.clone();
        let address = address.ok_or_else(|| failed("no token endpoint"))?;
        let auth = match provider.token_auth(metadata) {
            TokenAuth::Basic => AuthType::BasicAuth,
            TokenAuth::Body => AuthType::RequestBody,
        };
        let mut client = TokenClient::new(ClientId::new(provider.client_id().to_owned()))
            .set_auth_type(auth)
            .set_token_uri(TokenUrl::new(address).map_err(failed)?)
            .set_redirect_uri(RedirectUrl::new(self.callback_url()).map_err(failed)?);
        if let Some(secret) = &provider.secret {
            client = client.set_client_secret(ClientSecret::new(secret.expose().clone()));
        }
        let http = |request| self.outbound.call(request);
        client
            .exchange_code(AuthorizationCode::new(code))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier))
            .request_async(&http)
            .await
            .map_err(|error| match error {
                RequestTokenError::ServerResponse(answer) => {
                    // The code is the provider's word list; its description is not passed on.
                    tracing::warn!(
                        auth.provider = provider.name(), error = %answer.error().as_ref(),
                        "a provider refused a code"
                    );
                    bad_callback("Unable to exchange external code")
                }
                RequestTokenError::Request(error) => failed(error),
                // SECURITY: the rest may quote an answer that holds tokens.
                RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                    failed("the token endpoint's answer cannot be read")
                }
            })
    }

    /// Asks a provider about the user of an access token.
    pub(super) async fn userinfo(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        tokens: &Tokens,
    ) -> Result<Value> {
        let address = metadata.userinfo_endpoint.as_deref();
        let address = address.ok_or_else(|| failed("no userinfo endpoint"))?;
        let mut about = self.ask(provider, address, tokens).await?;
        if let Some(list) = &provider.emails {
            let emails = self.ask(provider, list.url, tokens).await?;
            add_primary_email(&mut about, &emails, list);
        }
        Ok(about)
    }

    async fn ask(&self, provider: &Provider, address: &str, tokens: &Tokens) -> Result<Value> {
        let token = Secret::new(tokens.access().to_owned());
        let mut request = Request::get(address)
            .accept_json()
            .response_bytes_max(USERINFO_BYTES_MAX)
            .bearer(&token)
            .map_err(failed)?;
        for (name, value) in provider.headers {
            request = request.header(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        let answer = self.outbound.request(request).await.map_err(failed)?;
        answer.success().map_err(failed)?.json().map_err(failed)
    }
}

/// Puts the primary address of a list where the standard claims have it; the user's own page may
/// show another one, of which nothing is known.
fn add_primary_email(about: &mut Value, emails: &Value, list: &EmailsList) {
    let Some(about) = about.as_object_mut() else {
        return;
    };
    let is_true = |entry: &Value, at: &str| entry.pointer(at) == Some(&Value::Bool(true));
    let entries = emails.pointer(list.list).and_then(Value::as_array);
    let primary = entries
        .into_iter()
        .flatten()
        .find(|entry| is_true(entry, list.primary));
    let email = primary.and_then(|it| it.pointer(list.email)).cloned();
    let is_verified = primary.is_some_and(|it| is_true(it, list.verified));
    about.insert("email".into(), email.unwrap_or_default());
    about.insert("email_verified".into(), Value::Bool(is_verified));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const LIST: EmailsList = EmailsList {
        url: "",
        list: "",
        email: "/email",
        primary: "/primary",
        verified: "/verified",
    };

    #[test]
    fn the_primary_address_counts_and_no_other() {
        let mut about = json!({ "id": 1, "email": "public@example.com", "email_verified": true });
        let emails = json!([
            { "email": "a@example.com", "primary": false, "verified": true },
            { "email": "b@example.com", "primary": true, "verified": "true" },
        ]);
        add_primary_email(&mut about, &emails, &LIST);
        let expected = json!({ "id": 1, "email": "b@example.com", "email_verified": false });
        assert_eq!(about, expected);
    }

    #[test]
    fn tokens_of_odd_providers_can_be_read() {
        let tokens: Tokens = serde_json::from_value(json!({
            "access_token": "a", "scope": ["a", "b"], "expires_in": "3600",
        }))
        .expect("tokens");
        assert_eq!(tokens.access(), "a");
        assert!(!format!("{tokens:?}").contains('a'.to_string().repeat(2).as_str()));
    }
}
