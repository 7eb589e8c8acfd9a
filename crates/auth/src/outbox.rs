//! Letters and texts: written in the transaction that makes the code, sent after it.
//!
//! A letter survives a crash, and a slow mail server delays no answer, so that the time of an
//! answer does not tell whether there was anybody to write to. A request that has nobody to write
//! to leaves a decoy, which costs the database the same. What a letter says is sealed.

mod post;
mod worker;

use std::fmt::Display;
use std::sync::Arc;

use postern_base::Clock;
use postern_db::own;
use postern_db::own::{OwnDb, OwnTx};
use postern_mail::MailKind;
use postern_vault::Vault;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use tokio::sync::Notify;
use uuid::Uuid;

pub use post::{Delivery, Post, TextSender};
pub use worker::{Carrier, Undeliverable};

use crate::{Error, Result};

/// Something to be sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Letter {
    /// A mail.
    Email(Box<EmailLetter>),
    /// A text message.
    Text(TextLetter),
    /// Nothing: stands where a letter would have stood for somebody who exists.
    Decoy,
}

/// What a mail is made of when it is sent.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct EmailLetter {
    /// The kind's name; see [`MailKind`].
    pub kind: String,
    /// Whom it is about, for hooks.
    pub user_id: Option<Uuid>,
    /// Where it goes.
    pub to: String,
    /// The reader's languages, best first.
    pub languages: Vec<String>,
    /// The account's address.
    pub email: String,
    /// The address that the account moves to.
    pub new_email: Option<String>,
    /// The number in question.
    pub phone: Option<String>,
    /// The provider in question.
    pub provider: Option<String>,
    /// The factor in question.
    pub factor: Option<String>,
    /// The code.
    pub code: Option<String>,
    /// The link's token, for hooks that build links of their own.
    pub token: Option<String>,
    /// The link.
    pub link: Option<String>,
    /// How long the code is good.
    pub minutes: Option<u32>,
    /// Where the user is led afterwards.
    pub redirect_to: Option<String>,
    /// What the client calls itself.
    pub device: Option<String>,
    /// The user's metadata.
    pub data: Map<String, Value>,
}

/// What a text message is made of.
#[derive(Clone, Serialize, Deserialize)]
pub struct TextLetter {
    /// Whom it is about, for hooks.
    pub user_id: Option<Uuid>,
    /// The number, without the plus sign.
    pub to: String,
    /// The code.
    pub code: String,
    /// `sms` or `whatsapp`.
    pub channel: String,
}

/// Says nothing of codes and links.
impl std::fmt::Debug for EmailLetter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("EmailLetter")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for TextLetter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TextLetter")
    }
}

impl EmailLetter {
    /// Begins a letter of a kind.
    pub fn new(kind: MailKind, to: &str) -> Self {
        Self {
            kind: kind.as_str().into(),
            to: to.into(),
            email: to.into(),
            ..Self::default()
        }
    }
}

/// The table of letters; cheap to clone.
#[derive(Clone)]
pub struct Outbox(Arc<Inner>);

struct Inner {
    db: OwnDb,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    written: Notify,
}

impl Outbox {
    /// Makes the outbox; [`Self::deliver`] empties it.
    pub fn new(db: OwnDb, vault: Arc<Vault>, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner {
            db,
            vault,
            clock,
            written: Notify::new(),
        }))
    }

    /// Writes a letter in the caller's transaction; call [`Self::wake`] after the commit.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write(&self, tx: &OwnTx, letter: &Letter, now: OffsetDateTime) -> Result<()> {
        let insert = own!(
            "insert into postern.outbox (id, channel, sealed, next_at, created_at) \
             values ($1, $2, $3, $4, $4)"
        );
        // Ids of this kind sort by time: letters of one second leave in their order.
        let id = Uuid::now_v7();
        let text = serde_json::to_vec(letter)
            .map_err(|error| Error::internal("The letter could not be written", error))?;
        let sealed = self.0.vault.seal(&context_of(id), &text);
        tx.execute(insert, &[&id, &letter.channel(), &sealed, &now])
            .await?;
        Ok(())
    }

    /// Wakes the worker.
    pub fn wake(&self) {
        self.0.written.notify_one();
    }
}

impl Letter {
    fn channel(&self) -> &'static str {
        match self {
            Self::Email(_) => "email",
            Self::Text(_) => "sms",
            Self::Decoy => "none",
        }
    }
}

/// Where a letter is sealed for.
pub(crate) fn context_of(id: impl Display) -> String {
    format!("outbox|sealed|{id}")
}
