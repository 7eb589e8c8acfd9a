//! A client's own PKCE exchange (RFC 7636): challenge first, code later, verifier last.
//!
//! `postern.flows` keeps the challenge. Whatever proves the user (a mailed link, a provider)
//! issues the flow's code, once; the code and the verifier together are good for one session.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use postern_base::codes::auth as codes;
use postern_db::own;
use postern_db::own::OwnTx;
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::session::{SignIn, TokenPair};
use crate::store::{Aal, User};
use crate::{AuthService, Context, Error, Result};

/// Bounds of a challenge and a verifier in characters, as the RFC has them.
const CHALLENGE_CHARS: std::ops::RangeInclusive<usize> = 43..=128;

/// What a client asks for when it begins an exchange.
#[derive(Clone, Debug)]
pub struct Challenge {
    text: String,
}

impl Challenge {
    /// The challenge's text.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Reads the challenge of a request; none when the client does without.
    ///
    /// # Errors
    /// When the challenge has no proper form, or its method is not S256.
    pub fn parse(challenge: Option<&str>, method: Option<&str>) -> Result<Option<Self>> {
        let challenge = challenge.filter(|it| !it.is_empty());
        let method = method.filter(|it| !it.is_empty());
        let (challenge, method) = match (challenge, method) {
            (None, None) => return Ok(None),
            (Some(challenge), Some(method)) => (challenge, method),
            _ => {
                return Err(Error::invalid(
                    "PKCE flow requires both code_challenge and code_challenge_method",
                ));
            }
        };
        // SECURITY: `plain` would put the verifier itself into the first request.
        if !method.eq_ignore_ascii_case("s256") {
            return Err(Error::invalid("code_challenge_method must be s256"));
        }
        let is_fine = |it: char| it.is_ascii_alphanumeric() || "-._~".contains(it);
        if !CHALLENGE_CHARS.contains(&challenge.len()) || !challenge.chars().all(is_fine) {
            return Err(Error::invalid(
                "code challenge has to be between 43 and 128 characters of A-Z, a-z, 0-9, - . _ ~",
            ));
        }
        Ok(Some(Self {
            text: challenge.to_owned(),
        }))
    }
}

/// How the user was proved, as the flow remembers it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proved<'a> {
    /// The method for `amr`.
    pub(crate) method: &'a str,
    /// The provider, where one vouched.
    pub(crate) provider: Option<&'a str>,
    /// The provider's tokens as JSON, sealed.
    pub(crate) sealed_tokens: Option<&'a str>,
}

impl AuthService {
    /// Stores a challenge; its flow's code is issued later.
    pub(crate) async fn begin_flow(
        &self,
        tx: &OwnTx,
        challenge: &Challenge,
        method: &str,
        user: Option<Uuid>,
        now: OffsetDateTime,
    ) -> Result<Uuid> {
        let insert = own!(
            "insert into postern.flows (id, user_id, challenge, challenge_method, method, \
             created_at) values ($1, $2, $3, 's256', $4, $5)"
        );
        let id = Uuid::new_v4();
        tx.execute(insert, &[&id, &user, &challenge.text, &method, &now])
            .await?;
        Ok(id)
    }

    /// Issues the code of a flow for a user who was proved; the code is a UUID, as the clients
    /// expect it.
    ///
    /// # Errors
    /// When the flow is gone, was used, or its code was issued before.
    pub(crate) async fn issue_code(
        &self,
        tx: &OwnTx,
        flow: Uuid,
        user: Uuid,
        proved: Proved<'_>,
        now: OffsetDateTime,
    ) -> Result<String> {
        let update = own!(
            "update postern.flows set user_id = $2, code_mac = $3, method = $4, provider = $5, \
             provider_tokens = $6, issued_at = $7 where id = $1 and code_mac is null \
             and (user_id is null or user_id = $2)"
        );
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes);
        let code = uuid::Builder::from_random_bytes(bytes)
            .into_uuid()
            .to_string();
        let mac = self.flow_mac(&code);
        let touched = tx
            .execute(
                update,
                &[
                    &flow,
                    &user,
                    &mac,
                    &proved.method,
                    &proved.provider,
                    &proved.sealed_tokens,
                    &now,
                ],
            )
            .await?;
        if touched == 0 {
            return Err(flow_not_found());
        }
        Ok(code)
    }

    /// `grant_type=pkce`: a code and its verifier for a session, once.
    ///
    /// # Errors
    /// When the code is unknown or used, too old, or the verifier is another one's.
    pub async fn exchange_code(
        &self,
        code: &str,
        verifier: &str,
        context: &Context,
    ) -> Result<TokenPair> {
        // SECURITY: deleted before it is looked at, by a statement of its own, whatever comes of
        // it: of a hundred parallel uses one sees the row, a wrong verifier has no second try,
        // and no lock on the row is held while the user's is waited for.
        let take = own!(
            "delete from postern.flows where code_mac = $1 \
             returning id, user_id, challenge, method, provider, provider_tokens, pending_link, \
             issued_at"
        );
        let row = self.db.query_opt(take, &[&self.flow_mac(code)]).await?;
        let row = row.ok_or_else(flow_not_found)?;
        let issued_at: Option<OffsetDateTime> = row.get("issued_at");
        let limit = Duration::seconds(self.settings.codes.flow_secs);
        let challenge: String = row.get("challenge");
        if issued_at.is_none_or(|it| context.now - it > limit) {
            let message = "invalid flow state, flow state has expired";
            return Err(Error::new(&codes::FLOW_STATE_EXPIRED, message));
        }
        if !verifies(&challenge, verifier) {
            let message = "code challenge does not match previously saved code verifier";
            return Err(Error::new(&codes::BAD_CODE_VERIFIER, message));
        }
        let user: Option<Uuid> = row.get("user_id");
        let tx = self.db.begin().await?;
        let user = User::lock(&tx, user.ok_or_else(flow_not_found)?).await?;
        let mut user = user.ok_or_else(flow_not_found)?;
        if let Some(sealed) = row.get::<_, Option<String>>("pending_link") {
            user = self
                .finish_link(&tx, row.get("id"), &sealed, context)
                .await?;
        }
        let (method, provider): (String, Option<String>) = (row.get("method"), row.get("provider"));
        let how = SignIn {
            method: &method,
            provider: provider.as_deref(),
            aal: Aal::Aal1,
        };
        let begun = self.begin_session(&tx, user, &how, context).await?;
        self.audit(&tx, "login", &begun.user, context).await?;
        tx.commit().await?;
        let mut pair = self.token_pair(begun, context).await?;
        if let Some(sealed) = row.get::<_, Option<String>>("provider_tokens") {
            let tokens = self.open_provider_tokens(&sealed)?;
            (pair.provider_token, pair.provider_refresh_token) = tokens;
        }
        Ok(pair)
    }

    /// Seals the provider's tokens for the time between callback and exchange.
    pub(crate) fn seal_provider_tokens(
        &self,
        access: Option<&str>,
        refresh: Option<&str>,
    ) -> String {
        let text = serde_json::json!([access, refresh]).to_string();
        self.vault.seal("flows|provider_tokens", text.as_bytes())
    }

    fn open_provider_tokens(&self, sealed: &str) -> Result<(Option<String>, Option<String>)> {
        let opened = self.vault.open("flows|provider_tokens", sealed)?;
        serde_json::from_slice(opened.expose())
            .map_err(|error| Error::internal("The provider's tokens cannot be read", error))
    }

    fn flow_mac(&self, code: &str) -> Vec<u8> {
        self.vault.mac("flow", code.as_bytes()).to_vec()
    }
}

fn verifies(challenge: &str, verifier: &str) -> bool {
    let expected = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    // COMPAT(supabase-js 2): the challenge comes without padding; others may send it.
    let challenge = challenge.trim_end_matches('=');
    CHALLENGE_CHARS.contains(&verifier.len())
        && postern_vault::same(expected.as_bytes(), challenge.as_bytes())
}

fn flow_not_found() -> Error {
    Error::new(
        &codes::FLOW_STATE_NOT_FOUND,
        "invalid flow state, no valid flow state found",
    )
}
