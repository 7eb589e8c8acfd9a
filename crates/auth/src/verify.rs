//! `POST /verify` and the pages behind links: a proof for a session.
//!
//! The user's row is locked before the code is used up, so that of a hundred uses at once exactly
//! one goes on (attack 15), and all that the proof changes is one transaction with it.

mod confirm;
mod decline;
mod moves;
mod shown;

use postern_db::own::OwnTx;
use uuid::Uuid;

pub(crate) use confirm::{CURRENT_DONE, NEW_DONE};
pub(crate) use moves::{Mover, email_exists, phone_exists};
pub use shown::{Fields, Kind, Shown};

use crate::flows::Proved;
use crate::landing;
use crate::limits::Tried;
use crate::proofs::{expired, link_expired};
use crate::session::{Begun, SignIn, TokenPair};
use crate::store::{Code, Holder, Purpose, User};
use crate::{AuthService, Context, Error, Result};

/// What the first half of a change of address is answered with.
const OTHER_HALF: &str =
    "Confirmation link accepted. Please proceed to confirm link sent to the other email";
/// What a link's page is answered with where tokens may not travel in addresses.
const NO_SESSION: &str = "Confirmed. Sign in to go on";

/// What a proof is answered with.
#[derive(Debug)]
pub enum Verified {
    /// A session.
    In(Box<TokenPair>),
    /// A message: the other address has to confirm as well.
    Half(&'static str),
}

/// What the page behind a link asks.
#[derive(Debug)]
pub struct Asked {
    /// What the link is for.
    pub purpose: Purpose,
    /// Whose mailbox it was sent to.
    pub sent_to: String,
}

/// Who asks for what comes of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
    /// A client, which takes tokens.
    Client,
    /// A browser, which is led on.
    Browser,
}

/// What came of a proof, inside the database.
enum Outcome {
    Begun(Box<Begun>),
    Code(String),
    Nothing(&'static str),
}

/// What a proof changed, beside letting somebody in.
#[derive(Default)]
pub(crate) struct Change {
    /// Sessions that ended.
    pub(crate) ended: Vec<Uuid>,
    /// Whether the other address has to confirm as well.
    pub(crate) is_half: bool,
}

impl AuthService {
    /// Takes a proof from a client.
    ///
    /// # Errors
    /// `otp_expired` for whatever is wrong with it; a ban only after it was right.
    pub async fn verify(&self, shown: &Shown, context: &Context) -> Result<Verified> {
        let code = self.find_shown(shown, context).await?;
        match self.prove(&code, Asker::Client, context).await? {
            Outcome::Begun(begun) => {
                let pair = self.token_pair(*begun, context).await?;
                Ok(Verified::In(Box::new(pair)))
            }
            Outcome::Nothing(message) => Ok(Verified::Half(message)),
            Outcome::Code(_) => Err(Error::internal(
                "The exchange has no client",
                "a code was issued to a client that takes tokens",
            )),
        }
    }

    /// Looks at a link without using it: what its page is about.
    ///
    /// # Errors
    /// `otp_expired` for whatever is wrong with it.
    pub async fn look_at_link(&self, kind: Kind, token: &str, context: &Context) -> Result<Asked> {
        let token = token.to_owned();
        let shown = Shown::Token { kind, token };
        let code = self.find_shown(&shown, context).await?;
        Ok(Asked {
            purpose: code.purpose,
            sent_to: code.sent_to,
        })
    }

    /// Uses a link that was confirmed on its page, and says where the browser goes on to.
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub async fn follow_link(&self, kind: Kind, token: &str, context: &Context) -> Result<String> {
        let token = token.to_owned();
        let code = self
            .find_shown(&Shown::Token { kind, token }, context)
            .await?;
        let target = self.redirect_target(context.redirect_to.as_deref());
        let wire_type = code.purpose.wire_type();
        match self.prove(&code, Asker::Browser, context).await? {
            Outcome::Begun(begun) => {
                let pair = self.token_pair(*begun, context).await?;
                Ok(landing::with_session(&target, &pair, Some(wire_type)))
            }
            Outcome::Code(code) => Ok(landing::with_code(&target, &code)),
            Outcome::Nothing(message) => Ok(landing::with_message(&target, message)),
        }
    }

    async fn find_shown(&self, shown: &Shown, context: &Context) -> Result<Code> {
        match shown {
            Shown::Code {
                kind,
                sent_to,
                code,
            } => {
                let counted = self.count_try(Tried::Code, sent_to, context).await?;
                let holder = Holder::Address(sent_to.as_str());
                let found = self
                    .find_typed(holder, kind.purposes(), code, context.now)
                    .await?;
                self.proved(counted, context).await?;
                Ok(found)
            }
            Shown::Token { kind, token } => {
                let code = self.find_linked(token, context.now).await?;
                if kind.purposes().contains(&code.purpose) {
                    Ok(code)
                } else {
                    Err(link_expired())
                }
            }
        }
    }

    /// Uses a code up, and does what it is for.
    async fn prove(&self, code: &Code, asker: Asker, context: &Context) -> Result<Outcome> {
        let tx = self.db.begin().await?;
        let user = User::lock(&tx, code.user_id).await?;
        let mut user = user.ok_or_else(expired)?;
        if !code.consume(&tx).await? {
            return Err(expired());
        }
        if let Err(banned) = self.check_ban(&user, context.now) {
            // Used up all the same: what was shown once is good for nothing later.
            tx.commit().await?;
            return Err(banned);
        }
        let change = self.confirm(&tx, &mut user, code, context).await?;
        let outcome = if change.is_half {
            Outcome::Nothing(OTHER_HALF)
        } else {
            self.let_in(&tx, user, code, asker, context).await?
        };
        tx.commit().await?;
        self.outbox.wake();
        self.revoke_here(&change.ended);
        Ok(outcome)
    }

    /// Lets in whoever gave the proof, in the way that was asked for.
    async fn let_in(
        &self,
        tx: &OwnTx,
        user: User,
        code: &Code,
        asker: Asker,
        context: &Context,
    ) -> Result<Outcome> {
        let method = code.purpose.method();
        self.audit(tx, "login", &user, context).await?;
        match (asker, code.flow_id) {
            (Asker::Browser, Some(flow)) => {
                let proved = Proved {
                    method,
                    provider: None,
                    sealed_tokens: None,
                };
                let code = self.issue_code(tx, flow, user.id, proved, context.now);
                Ok(Outcome::Code(code.await?))
            }
            (Asker::Browser, None) if !self.settings.sessions.implicit_flow.is_yes() => {
                Ok(Outcome::Nothing(NO_SESSION))
            }
            _ => {
                let how = SignIn::by(method);
                let begun = self.begin_session(tx, user, &how, context).await?;
                Ok(Outcome::Begun(Box::new(begun)))
            }
        }
    }
}
