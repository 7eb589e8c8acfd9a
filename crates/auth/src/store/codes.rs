//! `postern.codes`: what was sent to prove an address, kept as MACs only.
//!
//! A mail holds two proofs of one row: a short code, bound to the user and its purpose, and a
//! link's long token. Using either removes the row, so that each is good once; a code that was
//! guessed at too often is dead.

use postern_db::own;
use postern_db::own::{OwnDb, OwnTx, Row};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::Result;

/// How often one code may be tried.
pub const ATTEMPTS_MAX: i32 = 5;

/// What a code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Confirms a new account's address.
    Signup,
    /// Accepts an invitation.
    Invite,
    /// Signs in.
    MagicLink,
    /// Signs in somebody who forgot the password.
    Recovery,
    /// Lets an account go from its present address.
    EmailChangeCurrent,
    /// Proves the address that an account moves to.
    EmailChangeNew,
    /// Proves a number, and signs in.
    Sms,
    /// Proves the number that an account moves to.
    PhoneChange,
    /// Proves presence once more.
    Reauthentication,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: &[Self] = &[
        Self::Signup,
        Self::Invite,
        Self::MagicLink,
        Self::Recovery,
        Self::EmailChangeCurrent,
        Self::EmailChangeNew,
        Self::Sms,
        Self::PhoneChange,
        Self::Reauthentication,
    ];

    /// As the table spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signup => "signup",
            Self::Invite => "invite",
            Self::MagicLink => "magiclink",
            Self::Recovery => "recovery",
            Self::EmailChangeCurrent => "email_change_current",
            Self::EmailChangeNew => "email_change_new",
            Self::Sms => "sms",
            Self::PhoneChange => "phone_change",
            Self::Reauthentication => "reauthentication",
        }
    }

    /// Reads what the table spells.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str() == text)
    }
}

/// By what codes are found that somebody types.
#[derive(Clone, Copy, Debug)]
pub enum Holder<'a> {
    /// Whom they let in.
    User(Uuid),
    /// The address or number that they were sent to, whoever they let in.
    Address(&'a str),
}

/// A code that was sent.
#[derive(Clone, Debug)]
pub struct Code {
    /// The row.
    pub id: Uuid,
    /// Whom it lets in.
    pub user_id: Uuid,
    /// What it is for.
    pub purpose: Purpose,
    /// The address or number that it was sent to.
    pub sent_to: String,
    /// The MAC of the short code.
    pub code_mac: Vec<u8>,
    /// The MAC of the link's token.
    pub token_mac: Vec<u8>,
    /// The client's PKCE exchange that asked for it.
    pub flow_id: Option<Uuid>,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// How long the short code is good.
    pub code_expires_at: OffsetDateTime,
    /// How long the link is good.
    pub expires_at: OffsetDateTime,
}

impl Code {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            id: row.get("id"),
            user_id: row.get("user_id"),
            purpose: Purpose::parse(row.get("purpose"))?,
            sent_to: row.get("sent_to"),
            code_mac: row.get("code_mac"),
            token_mac: row.get("token_mac"),
            flow_id: row.get("flow_id"),
            created_at: row.get("created_at"),
            code_expires_at: row.get("code_expires_at"),
            expires_at: row.get("expires_at"),
        })
    }

    /// Stores a code; an older one of the same user and purpose is void from now on.
    pub async fn store(&self, tx: &OwnTx) -> Result<()> {
        let upsert = own!(
            "insert into postern.codes (id, user_id, purpose, sent_to, code_mac, token_mac, \
             flow_id, created_at, code_expires_at, expires_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             on conflict (user_id, purpose) do update set id = excluded.id, \
             sent_to = excluded.sent_to, code_mac = excluded.code_mac, \
             token_mac = excluded.token_mac, attempts = 0, flow_id = excluded.flow_id, \
             created_at = excluded.created_at, code_expires_at = excluded.code_expires_at, \
             expires_at = excluded.expires_at"
        );
        tx.execute(
            upsert,
            &[
                &self.id,
                &self.user_id,
                &self.purpose.as_str(),
                &self.sent_to,
                &self.code_mac,
                &self.token_mac,
                &self.flow_id,
                &self.created_at,
                &self.code_expires_at,
                &self.expires_at,
            ],
        )
        .await?;
        Ok(())
    }

    /// Counts an attempt at each live code of these purposes, and returns them.
    ///
    /// The count is committed before the code is compared, so that a hundred attempts at once
    /// are a hundred attempts.
    pub async fn attempt(
        db: &OwnDb,
        holder: Holder<'_>,
        purposes: &[Purpose],
        now: OffsetDateTime,
    ) -> Result<Vec<Self>> {
        let update = own!(
            "update postern.codes set attempts = attempts + 1 \
             where (user_id = $1 or sent_to = $2) and purpose = any($3) \
             and code_expires_at > $4 and attempts < $5 returning *"
        );
        let (user, sent_to) = match holder {
            Holder::User(user) => (Some(user), None),
            Holder::Address(address) => (None, Some(address)),
        };
        let purposes: Vec<_> = purposes.iter().map(|it| it.as_str()).collect();
        let rows = db
            .query(update, &[&user, &sent_to, &purposes, &now, &ATTEMPTS_MAX])
            .await?;
        Ok(rows.iter().filter_map(Self::from_row).collect())
    }

    /// Finds the live code of a link's token.
    pub async fn find_by_token(
        db: &OwnDb,
        token_mac: &[u8],
        now: OffsetDateTime,
    ) -> Result<Option<Self>> {
        let found = own!("select * from postern.codes where token_mac = $1 and expires_at > $2");
        let row = db.query_opt(found, &[&token_mac, &now]).await?;
        Ok(row.as_ref().and_then(Self::from_row))
    }

    /// Uses the code up; of many at once exactly one gets `true`.
    pub async fn consume(&self, tx: &OwnTx) -> Result<bool> {
        let delete = own!("delete from postern.codes where id = $1 and token_mac = $2");
        Ok(tx.execute(delete, &[&self.id, &self.token_mac]).await? == 1)
    }

    /// Voids the code of one purpose.
    pub async fn void(tx: &OwnTx, user: Uuid, purpose: Purpose) -> Result<()> {
        let delete = own!("delete from postern.codes where user_id = $1 and purpose = $2");
        tx.execute(delete, &[&user, &purpose.as_str()]).await?;
        Ok(())
    }

    /// Voids all codes of a user: what was sent before a password or address changed must not
    /// let anybody in afterwards.
    pub async fn void_all(tx: &OwnTx, user: Uuid) -> Result<()> {
        let delete = own!("delete from postern.codes where user_id = $1");
        tx.execute(delete, &[&user]).await?;
        Ok(())
    }
}
