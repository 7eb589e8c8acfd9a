//! Codes and links that prove an address: making them, sending them, using them.
//!
//! Everything that is mailed holds both a code, to be typed where it was asked for, and a link,
//! which opens a page; only the page's button uses it (mail scanners follow links, attack 35).

use postern_base::codes::auth as codes;
use postern_db::own::OwnTx;
use postern_mail::MailKind;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::outbox::{EmailLetter, Letter, TextLetter};
use crate::store::{Code, Holder, Purpose, User};
use crate::{AuthService, Context, Error, Result};

/// Bytes of a link's token.
const TOKEN_BYTES: usize = 32;
/// What tokens of a PKCE exchange begin with; the clients look for it.
pub(crate) const PKCE_PREFIX: &str = "pkce_";

/// A code that was made just now; only here its text is known.
pub(crate) struct Proof {
    /// The short code.
    pub(crate) code: String,
    /// The link's token.
    pub(crate) token: String,
    /// What of it is stored.
    pub(crate) stored: Code,
}

impl AuthService {
    /// Makes and stores a code for an address or number of a user.
    pub(crate) async fn make_proof(
        &self,
        tx: &OwnTx,
        user: Uuid,
        purpose: Purpose,
        sent_to: &str,
        (flow, now): (Option<Uuid>, OffsetDateTime),
    ) -> Result<Proof> {
        let settings = &self.settings.codes;
        let code = self
            .test_code(sent_to)
            .unwrap_or_else(|| postern_vault::digits(&*self.random, settings.digits));
        let token = postern_vault::token::<TOKEN_BYTES>(&*self.random);
        let token = match flow {
            Some(_) => format!("{PKCE_PREFIX}{token}"),
            None => token,
        };
        let (code_secs, link_secs) = match purpose {
            Purpose::Invite => (settings.invite_secs, settings.invite_secs),
            _ if sent_to.contains('@') => (settings.email_code_secs, settings.email_link_secs),
            _ => (settings.sms_code_secs, settings.sms_code_secs),
        };
        let stored = Code {
            id: Uuid::new_v4(),
            user_id: user,
            purpose,
            sent_to: sent_to.into(),
            code_mac: self.code_mac(user, purpose, &code),
            token_mac: self.token_mac(&token),
            flow_id: flow,
            created_at: now,
            code_expires_at: now + Duration::seconds(code_secs),
            expires_at: now + Duration::seconds(link_secs),
        };
        stored.store(tx).await?;
        Ok(Proof {
            code,
            token,
            stored,
        })
    }

    /// Writes the mail that holds a proof.
    pub(crate) async fn mail_proof(
        &self,
        tx: &OwnTx,
        kind: MailKind,
        user: &User,
        proof: &Proof,
        context: &Context,
    ) -> Result<()> {
        let mut letter = self.letter(kind, user, &proof.stored.sent_to, context);
        let redirect_to = self.redirect_target(context.redirect_to.as_deref());
        // A nonce is typed into the app that asked for it; a link would have nothing to open.
        if proof.stored.purpose != Purpose::Reauthentication {
            letter.link = Some(self.proof_link(proof, &redirect_to));
            letter.token = Some(proof.token.clone());
        }
        letter.redirect_to = Some(redirect_to);
        letter.code = Some(proof.code.clone());
        let left = proof.stored.code_expires_at - context.now;
        letter.minutes = u32::try_from(left.whole_minutes().max(1)).ok();
        let letter = Letter::Email(Box::new(letter));
        self.outbox.write(tx, &letter, context.now).await
    }

    /// Writes the text message that holds a proof.
    pub(crate) async fn text_proof(
        &self,
        tx: &OwnTx,
        user: &User,
        proof: &Proof,
        channel: &str,
        context: &Context,
    ) -> Result<()> {
        if self.test_code(&proof.stored.sent_to).is_some() {
            return self.outbox.write(tx, &Letter::Decoy, context.now).await;
        }
        let letter = Letter::Text(TextLetter {
            user_id: Some(user.id),
            to: proof.stored.sent_to.clone(),
            code: proof.code.clone(),
            channel: channel.into(),
        });
        self.outbox.write(tx, &letter, context.now).await
    }

    /// Writes a mail that only tells what happened.
    pub(crate) async fn mail_notice(
        &self,
        tx: &OwnTx,
        letter: EmailLetter,
        context: &Context,
    ) -> Result<()> {
        let letter = Letter::Email(Box::new(letter));
        self.outbox.write(tx, &letter, context.now).await
    }

    /// A letter to a user, with what every template may want.
    pub(crate) fn letter(
        &self,
        kind: MailKind,
        user: &User,
        to: &str,
        context: &Context,
    ) -> EmailLetter {
        let own = user.user_metadata.get("locale").and_then(|it| it.as_str());
        let own = own.map(String::from);
        EmailLetter {
            user_id: Some(user.id),
            email: user.email.clone().unwrap_or_else(|| to.into()),
            new_email: user.email_change.clone(),
            languages: own.into_iter().chain(context.languages.clone()).collect(),
            data: user.user_metadata.clone(),
            device: (!context.user_agent.is_empty()).then(|| context.user_agent.clone()),
            ..EmailLetter::new(kind, to)
        }
    }

    /// The link of a proof, on our own page.
    pub(crate) fn proof_link(&self, proof: &Proof, redirect_to: &str) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("token", &proof.token)
            .append_pair("type", proof.stored.purpose.wire_type())
            .append_pair("redirect_to", redirect_to)
            .finish();
        self.own_url(&format!("verify?{query}"))
    }

    /// Finds a code that was typed; each try is counted, and only the right one returns. The
    /// caller consumes it in the transaction of what it is good for.
    ///
    /// # Errors
    /// [`codes::OTP_EXPIRED`] for whatever is wrong with it.
    pub(crate) async fn find_typed(
        &self,
        holder: Holder<'_>,
        purposes: &[Purpose],
        typed: &str,
        now: OffsetDateTime,
    ) -> Result<Code> {
        let live = Code::attempt(&self.db, holder, purposes, now).await?;
        let mut found = None;
        for code in live {
            let mac = self.code_mac(code.user_id, code.purpose, typed);
            if postern_vault::same(&mac, &code.code_mac) {
                found = Some(code);
            }
        }
        found.ok_or_else(expired)
    }

    /// Finds the code of a link's token.
    ///
    /// # Errors
    /// [`codes::OTP_EXPIRED`] for whatever is wrong with it.
    pub(crate) async fn find_linked(&self, token: &str, now: OffsetDateTime) -> Result<Code> {
        let mac = self.token_mac(token);
        let found = Code::find_by_token(&self.db, &mac, now).await?;
        found.ok_or_else(link_expired)
    }

    /// A code is bound to its user and purpose, so that it fits nothing else.
    fn code_mac(&self, user: Uuid, purpose: Purpose, code: &str) -> Vec<u8> {
        let message = format!("{user}|{}|{code}", purpose.as_str());
        self.vault.mac("code", message.as_bytes()).to_vec()
    }

    fn token_mac(&self, token: &str) -> Vec<u8> {
        self.vault.mac("link", token.as_bytes()).to_vec()
    }
}

impl Purpose {
    /// The `type` of a link.
    pub fn wire_type(self) -> &'static str {
        match self {
            Self::EmailChangeCurrent | Self::EmailChangeNew => "email_change",
            other => other.as_str(),
        }
    }
}

/// The one answer to whatever is wrong with a link.
pub(crate) fn link_expired() -> Error {
    Error::new(&codes::OTP_EXPIRED, "Email link is invalid or has expired")
}

/// The one answer to whatever is wrong with a code.
pub(crate) fn expired() -> Error {
    Error::new(&codes::OTP_EXPIRED, "Token has expired or is invalid")
}
