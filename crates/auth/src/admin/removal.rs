//! Deleting users: for good, or softly.
//!
//! A soft deletion keeps the row for foreign keys that lead to it, and forgets the person: address
//! and number become MACs, so that they are free again and cannot be read, everything that lets
//! somebody in goes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use postern_base::codes::auth as codes;
use postern_db::own;
use postern_db::own::OwnTx;
use serde_json::{Map, json};
use uuid::Uuid;

use super::user_not_found;
use crate::store::{Code, Factor, Identity, Session, User};
use crate::{AuthService, Context, Error, Result, service};

/// How a user is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// The row goes, and what refers to it goes with it or forbids it.
    Hard,
    /// The row stays and says nothing any more.
    Soft,
}

/// A table of the project whose rows name their user.
#[derive(Clone, Debug)]
pub struct Tied {
    /// The table, with its schema.
    pub table: String,
    /// What happens to its rows when the user's row goes.
    pub tie: Tie,
}

/// What a foreign key says about the end of what it leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// The rows go as well.
    Go,
    /// The rows stay and name nobody any more.
    Stay,
    /// The rows forbid it.
    Forbid,
}

impl AuthService {
    /// What of the project hangs on users, for whoever is about to delete one.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn tied_to_users(&self) -> Result<Vec<Tied>> {
        let found = own!(
            "select n.nspname || '.' || c.relname as name, k.confdeltype::text as on_delete \
             from pg_catalog.pg_constraint k \
             join pg_catalog.pg_class c on c.oid = k.conrelid \
             join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
             where k.contype = 'f' and k.confrelid = 'auth.users'::regclass \
             and n.nspname not in ('auth', 'postern') and k.conparentid = 0 order by 1"
        );
        let rows = self.db.query(found, &[]).await?;
        let tie = |on_delete: &str| match on_delete {
            "c" => Tie::Go,
            "n" | "d" => Tie::Stay,
            _ => Tie::Forbid,
        };
        let tied = rows.iter().map(|row| Tied {
            table: row.get("name"),
            tie: tie(row.get("on_delete")),
        });
        Ok(tied.collect())
    }

    /// Deletes a user; their tokens are refused from the next call on.
    ///
    /// # Errors
    /// When there is no such user, or rows of the project forbid it.
    pub async fn delete_user(&self, id: Uuid, removal: Removal, context: &Context) -> Result<()> {
        let tx = self.db.begin().await?;
        service::tell_time(&tx, context.now).await?;
        let user = User::lock_any(&tx, id).await?;
        let user = user.ok_or_else(user_not_found)?;
        if removal == Removal::Soft && user.deleted_at.is_some() {
            return Ok(());
        }
        let ended = Session::end_all(&tx, id, None).await?;
        let how = match removal {
            Removal::Hard => "hard",
            Removal::Soft => "soft",
        };
        let traits = Map::from_iter([("removal".into(), json!(how))]);
        self.audit_admin(&tx, "user_deleted", &user, traits, context)
            .await?;
        match removal {
            Removal::Hard => User::delete(&tx, id).await.map_err(forbidden)?,
            Removal::Soft => self.forget(&tx, user, context).await?,
        }
        // Constraints may be checked as late as now.
        tx.commit().await.map_err(|error| forbidden(error.into()))?;
        self.revoke_here(&ended);
        self.revocations().revoke_user(id);
        Ok(())
    }

    async fn forget(&self, tx: &OwnTx, mut user: User, context: &Context) -> Result<()> {
        let id = user.id;
        Identity::unlink_all(tx, id).await?;
        Factor::delete_all(tx, id).await?;
        Code::void_all(tx, id).await?;
        let passkeys = own!("delete from auth.webauthn_credentials where user_id = $1");
        tx.execute(passkeys, &[&id]).await?;
        let blurred = |text: Option<String>| text.map(|it| self.blurred(id, &it));
        user.email = blurred(user.email);
        user.phone = blurred(user.phone);
        user.email_change = None;
        user.phone_change = None;
        user.encrypted_password = None;
        user.user_metadata = Map::new();
        user.app_metadata = Map::new();
        user.deleted_at = Some(context.now);
        user.save(tx, context.now).await
    }

    /// SECURITY: keyed, because addresses can be guessed and an ordinary hash of one be compared.
    fn blurred(&self, user: Uuid, text: &str) -> String {
        let mac = self
            .vault
            .mac("deleted", format!("{user}|{text}").as_bytes());
        URL_SAFE_NO_PAD.encode(mac)
    }
}

/// Says so when rows of the project refer to the user.
fn forbidden(error: Error) -> Error {
    let refused = error
        .inner()
        .and_then(|inner| inner.downcast_ref::<postern_db::Error>())
        .and_then(postern_db::Error::refused);
    // Foreign keys, with and without `on delete restrict`.
    let Some(("23503" | "23001", _)) = refused else {
        return error;
    };
    let name = super::search::constraint(&error).unwrap_or_default();
    let message = format!(
        "Rows of the project refer to the user (constraint {name}): delete them, give the \
         constraint `on delete`, or delete the user softly"
    );
    Error::new(&codes::CONFLICT, message)
}
