//! A user's second factors in an admin's hands.

use postern_base::codes::auth as codes;
use postern_db::own;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::user_not_found;
use crate::identifier::Phone;
use crate::store::{Factor, FactorKind, Session, User};
use crate::{AuthService, Context, Error, Result, service};

/// What an admin wants a factor to be; what is absent stays.
#[derive(Debug, Default)]
pub struct FactorWish {
    /// What the user calls it.
    pub friendly_name: Option<String>,
    /// The number of a phone factor.
    pub phone: Option<Phone>,
}

impl AuthService {
    /// A user's factors.
    ///
    /// # Errors
    /// When there is no such user.
    pub async fn list_factors(&self, user: Uuid) -> Result<Vec<Value>> {
        self.find_live(user).await?;
        let factors = Factor::of_user(&self.db, user).await?;
        Ok(factors.iter().map(Factor::to_wire).collect())
    }

    /// Takes a factor away. Sessions that it had lifted end (attack 20): what they were sure of
    /// is no longer true.
    ///
    /// # Errors
    /// When the user has no such factor.
    pub async fn delete_factor(&self, user: Uuid, id: Uuid, context: &Context) -> Result<Value> {
        let tx = self.db.begin().await?;
        service::tell_time(&tx, context.now).await?;
        let owner = User::lock(&tx, user).await?.ok_or_else(user_not_found)?;
        let factor = Factor::delete(&tx, user, id).await?;
        let factor = factor.ok_or_else(factor_not_found)?;
        let ended = if factor.is_verified {
            end_lifted(&tx, user).await?
        } else {
            Vec::new()
        };
        let traits = factor_traits(&factor);
        self.audit_admin(&tx, "factor_deleted", &owner, traits, context)
            .await?;
        tx.commit().await?;
        self.revoke_here(&ended);
        Ok(factor.to_wire())
    }

    /// Renames a factor, or gives a phone factor another number.
    ///
    /// # Errors
    /// When the user has no such factor, or another one of that name.
    pub async fn update_factor(
        &self,
        user: Uuid,
        id: Uuid,
        wish: FactorWish,
        context: &Context,
    ) -> Result<Value> {
        let tx = self.db.begin().await?;
        service::tell_time(&tx, context.now).await?;
        let owner = User::lock(&tx, user).await?.ok_or_else(user_not_found)?;
        let factors = Factor::of_locked_user(&tx, user).await?;
        let found = factors.into_iter().find(|it| it.id == id);
        let mut factor = found.ok_or_else(factor_not_found)?;
        let mut ended = Vec::new();
        if let Some(phone) = wish.phone {
            if factor.kind != FactorKind::Phone {
                return Err(Error::invalid("Only a phone factor has a phone number"));
            }
            // Whoever was let in by the former number need not have this one.
            ended = end_lifted(&tx, user).await?;
            factor.phone = Some(phone.as_str().into());
        }
        if let Some(name) = wish.friendly_name {
            factor.friendly_name = Some(name);
        }
        factor.updated_at = context.now;
        let update = own!(
            "update auth.mfa_factors set friendly_name = $2, phone = $3, updated_at = $4 \
             where id = $1"
        );
        let changed = tx
            .execute(
                update,
                &[&id, &factor.friendly_name, &factor.phone, &context.now],
            )
            .await
            .map_err(Error::from);
        changed.map_err(name_conflict)?;
        let traits = factor_traits(&factor);
        self.audit_admin(&tx, "factor_updated", &owner, traits, context)
            .await?;
        tx.commit().await?;
        self.revoke_here(&ended);
        Ok(factor.to_wire())
    }

    /// Makes sure that there is a user who was not deleted.
    pub(super) async fn find_live(&self, user: Uuid) -> Result<User> {
        User::find(&self.db, user).await?.ok_or_else(user_not_found)
    }
}

/// Ends the sessions that a second factor lifted.
async fn end_lifted(tx: &postern_db::own::OwnTx, user: Uuid) -> Result<Vec<Uuid>> {
    let lifted = own!("select id from auth.sessions where user_id = $1 and aal::text <> 'aal1'");
    let mut ended = Vec::new();
    for row in tx.query(lifted, &[&user]).await? {
        ended.extend(Session::end(tx, row.get("id")).await?);
    }
    Ok(ended)
}

fn factor_traits(factor: &Factor) -> Map<String, Value> {
    Map::from_iter([
        ("factor_id".into(), json!(factor.id)),
        ("factor_type".into(), json!(factor.kind.as_str())),
    ])
}

fn factor_not_found() -> Error {
    Error::new(&codes::MFA_FACTOR_NOT_FOUND, "Factor not found")
}

fn name_conflict(error: Error) -> Error {
    match super::search::constraint(&error) {
        Some("mfa_factors_user_friendly_name_unique") => Error::new(
            &codes::MFA_FACTOR_NAME_CONFLICT,
            "A factor with this name exists",
        ),
        _ => error,
    }
}
