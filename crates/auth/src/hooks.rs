//! Places where the project has a say: what is called there may add, change or refuse.

use serde_json::{Map, Value};

use crate::identifier::Identifier;
use crate::store::User;
use crate::{AuthService, Context, Result};

impl AuthService {
    /// Lets the project refuse a new user.
    pub(crate) async fn before_user_created(
        &self,
        _identifier: &Identifier,
        _data: &Map<String, Value>,
        _context: &Context,
    ) -> Result<()> {
        Ok(())
    }

    /// Lets the project refuse a sign-in whose password was right.
    pub(crate) async fn check_verified_password(
        &self,
        _user: &User,
        _context: &Context,
    ) -> Result<()> {
        Ok(())
    }

    /// Lets the project add claims to an access token.
    pub(crate) async fn customised(
        &self,
        claims: Map<String, Value>,
        _user: &User,
        _context: &Context,
    ) -> Result<Map<String, Value>> {
        Ok(claims)
    }
}
