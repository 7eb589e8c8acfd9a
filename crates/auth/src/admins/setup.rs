//! The first admin, made by the console's set-up page; there is never a second time.

use std::sync::Arc;

use postern_base::Secret;
use postern_base::codes::auth as codes;
use postern_db::own;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Admin, AdminRole, Admins, check};
use crate::identifier::parse_email;
use crate::{AuthService, Context, Error, Result};

impl AuthService {
    /// The people who run the project, in the hands of whoever asks through the console.
    pub fn admins(&self, asked_by: &Context) -> Admins {
        Admins {
            db: self.db.clone(),
            vault: Arc::clone(&self.vault),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            params: self.settings.password.params,
            asked_by: Some(asked_by.clone()),
        }
    }

    /// Whether somebody runs the project yet; banned ones count, so that a ban opens no set-up.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn has_admins(&self) -> Result<bool> {
        let any = own!("select 1 from postern.admins limit 1");
        Ok(self.db.query_opt(any, &[]).await?.is_some())
    }
}

impl Admins {
    /// Makes the first admin, an owner.
    ///
    /// SECURITY: whether there are others is asked under the lock that all changes of owners
    /// take, so that of two set-ups at once one fails (attack 79).
    ///
    /// # Errors
    /// When there is an admin already, the address is none, or the password is weak.
    pub async fn set_up(&self, email: &str, password: Secret<String>) -> Result<Admin> {
        let email = parse_email(email)?.as_str().to_owned();
        check(&password, &email)?;
        let hash = self.hash(password).await?;
        let now: OffsetDateTime = crate::service::now(&*self.clock);
        let tx = self.begin_alone().await?;
        let insert = own!(
            "insert into postern.admins (id, email, role, password_hash, created_at) \
             select $1, $2, $3, $4, $5 where not exists (select 1 from postern.admins) \
             returning *"
        );
        let role = AdminRole::Owner.as_str();
        let id = Uuid::new_v4();
        let row = tx
            .query_opt(insert, &[&id, &email, &role, &hash, &now])
            .await?;
        let admin = row.as_ref().map(Admin::from_row);
        let admin = admin
            .ok_or_else(|| Error::new(&codes::EMAIL_EXISTS, "The project is set up already"))?;
        self.note(&tx, "admin_set_up", &admin, now).await?;
        tx.commit().await?;
        Ok(admin)
    }
}
