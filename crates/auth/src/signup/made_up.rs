//! The user that a sign-up for a taken address is answered with.

use postern_db::own;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{NewAccount, new_user, own_identity};
use crate::store::{Identity, NewUser, User};
use crate::wire::UserOut;
use crate::{AuthService, Context, Error, Result};

impl AuthService {
    /// A user who looks in every field like one that was made just now, and is nobody.
    ///
    /// SECURITY: Supabase answers without identities here, by which apps, and everybody else,
    /// learn that the address is taken. The metadata goes through the database, because `jsonb`
    /// keeps names in an order of its own and numbers in another spelling, which would tell as
    /// well; that is also the statement that reads a new user's identities (attack 38).
    pub(super) async fn made_up(&self, account: &NewAccount, context: &Context) -> Result<UserOut> {
        let mut user = nobody(
            new_user(account, String::new(), false, context),
            context.now,
        );
        let identity = own_identity(&user, &account.identifier, false);
        let keep = own!("select $1::jsonb as own, $2::jsonb as identity");
        let own = Value::Object(std::mem::take(&mut user.user_metadata));
        let data = Value::Object(identity.data);
        let kept = self.db.query_opt(keep, &[&own, &data]).await?;
        let kept = kept.ok_or_else(|| Error::internal("Nothing was kept", "no row"))?;
        user.user_metadata = object(kept.get("own"));
        let identity = Identity {
            id: Uuid::new_v4(),
            provider_id: identity.provider_id,
            user_id: user.id,
            data: object(kept.get("identity")),
            provider: identity.provider,
            last_sign_in_at: Some(context.now),
            created_at: context.now,
            updated_at: context.now,
            email: user.email.clone(),
        };
        Ok(UserOut::new(&user, &[identity], &[]))
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// A user of whom no table knows.
fn nobody(new: NewUser, now: OffsetDateTime) -> User {
    User {
        id: Uuid::new_v4(),
        aud: "authenticated".into(),
        role: "authenticated".into(),
        email: new.email,
        phone: new.phone,
        encrypted_password: None,
        email_confirmed_at: None,
        phone_confirmed_at: None,
        confirmed_at: None,
        invited_at: None,
        confirmation_sent_at: Some(now),
        recovery_sent_at: None,
        email_change_sent_at: None,
        phone_change_sent_at: None,
        reauthentication_sent_at: None,
        email_change: None,
        email_change_confirm_status: 0,
        phone_change: None,
        last_sign_in_at: None,
        app_metadata: new.app_metadata,
        user_metadata: new.user_metadata,
        created_at: now,
        updated_at: now,
        banned_until: None,
        deleted_at: None,
        is_anonymous: false,
        is_email_unproved: false,
        is_phone_unproved: false,
    }
}
