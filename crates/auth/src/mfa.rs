//! Second factors.

use serde_json::Value;
use uuid::Uuid;

use crate::store::{Factor, User};
use crate::{AuthService, Result};

impl AuthService {
    /// The factors of a user, as the clients read them.
    pub(crate) async fn factors_of(&self, user: Uuid) -> Result<Vec<Value>> {
        let factors = Factor::of_user(&self.db, user).await?;
        Ok(factors.iter().map(Factor::to_wire).collect())
    }

    /// Whether a user has a factor that counts, so that grave changes need a session that was
    /// lifted by one.
    pub(crate) async fn has_verified_factor(&self, user: &User) -> Result<bool> {
        Factor::any_verified(&self.db, user.id).await
    }
}
