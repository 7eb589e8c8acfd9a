//! A browser's journey to a provider and back, kept sealed under the MAC of its state.

use postern_base::codes::auth as codes;
use postern_db::own;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::landing::Reader;
use crate::{AuthService, Error, Result};

/// How long a journey may take, in seconds.
pub(super) const SECS_MAX: i64 = 600;
/// Bytes of a state and of what ties a browser to its journeys.
pub(super) const TOKEN_BYTES: usize = 32;
/// Characters of such a token as text.
const TOKEN_CHARS: usize = 43;

/// What is remembered while the browser is away.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Journey {
    /// What the state is good for.
    pub(super) stage: Stage,
    /// The provider's name.
    pub(super) provider: String,
    /// Where the user is led afterwards; it was allowed at the start.
    pub(super) redirect_to: String,
    /// The client's own PKCE challenge.
    pub(super) challenge: Option<String>,
    /// Scopes beyond the configured ones.
    pub(super) scopes: Vec<String>,
    /// Parameters that clients may pass on to the provider.
    pub(super) parameters: Vec<(String, String)>,
    /// Whose account the identity is linked to.
    pub(super) link_to: Option<Linker>,
}

/// What a state is good for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Stage {
    /// To leave: a browser without a bearer token begins a link that was asked for with one.
    Ticket,
    /// To come back.
    Away(Away),
}

/// What the return is checked against.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Away {
    /// Our own PKCE verifier.
    pub(super) verifier: String,
    /// What the `id_token` must repeat.
    pub(super) nonce: Option<String>,
    /// The MAC of the browser's cookie.
    pub(super) browser_mac: Vec<u8>,
}

/// Who asked for a link, in which session.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Linker {
    /// The user.
    pub(super) user: Uuid,
    /// The session; the link is off when it has ended meanwhile.
    pub(super) session: Uuid,
}

/// Says nothing of verifier and nonce.
impl std::fmt::Debug for Away {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Away")
    }
}

impl Journey {
    /// Where the client looks for its answer.
    pub(super) fn reader(&self) -> Reader {
        match self.challenge {
            Some(_) => Reader::Query,
            None => Reader::Fragment,
        }
    }
}

impl AuthService {
    /// Stores a journey and returns its state. What has expired goes at the same time.
    pub(super) async fn store_journey(
        &self,
        journey: &Journey,
        now: OffsetDateTime,
    ) -> Result<String> {
        let insert = own!(
            "with swept as (delete from postern.provider_flows where id in (select id from \
             postern.provider_flows where expires_at < $5 limit 20 for update skip locked)) \
             insert into postern.provider_flows (id, state_mac, provider, sealed, created_at, \
             expires_at) values ($1, $2, $3, $4, $5, $6)"
        );
        let state = postern_vault::token::<TOKEN_BYTES>(&*self.random);
        let id = Uuid::new_v4();
        let text = serde_json::to_vec(journey)
            .map_err(|error| Error::internal("The sign-in could not be stored", error))?;
        let sealed = self.vault.seal(&context_of(id), &text);
        let expires_at = now + Duration::seconds(SECS_MAX);
        let mac = self.state_mac(&state);
        self.db
            .execute(
                insert,
                &[&id, &mac, &journey.provider, &sealed, &now, &expires_at],
            )
            .await?;
        Ok(state)
    }

    /// Takes the journey of a state, once.
    ///
    /// # Errors
    /// When there is none (any more): of a hundred at once, one gets it (attack 26).
    pub(super) async fn take_journey(&self, state: &str, now: OffsetDateTime) -> Result<Journey> {
        if !is_token(state) {
            return Err(bad_state());
        }
        let take = own!(
            "delete from postern.provider_flows where state_mac = $1 \
             returning id, sealed, expires_at"
        );
        let row = self.db.query_opt(take, &[&self.state_mac(state)]).await?;
        let row = row.ok_or_else(bad_state)?;
        if row.get::<_, OffsetDateTime>("expires_at") <= now {
            return Err(bad_state());
        }
        let sealed: String = row.get("sealed");
        let text = self.vault.open(&context_of(row.get("id")), &sealed)?;
        serde_json::from_slice(text.expose())
            .map_err(|error| Error::internal("The stored sign-in cannot be read", error))
    }

    /// What of a browser's cookie is kept.
    pub(super) fn browser_mac(&self, cookie: &str) -> Vec<u8> {
        self.vault
            .mac("journey-browser", cookie.as_bytes())
            .to_vec()
    }

    fn state_mac(&self, state: &str) -> Vec<u8> {
        self.vault.mac("journey-state", state.as_bytes()).to_vec()
    }
}

/// Whether a text has the form of our tokens.
pub(super) fn is_token(text: &str) -> bool {
    let is_fine = |it: u8| it.is_ascii_alphanumeric() || it == b'-' || it == b'_';
    text.len() == TOKEN_CHARS && text.bytes().all(is_fine)
}

/// The one answer to whatever is wrong with a state.
pub(super) fn bad_state() -> Error {
    Error::new(&codes::BAD_OAUTH_STATE, "OAuth callback with invalid state")
}

fn context_of(id: Uuid) -> String {
    format!("provider_flows|sealed|{id}")
}
