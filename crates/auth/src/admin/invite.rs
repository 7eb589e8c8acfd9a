//! `POST /invite`: somebody without an account gets one, and a mail that opens it.

use postern_db::own::OwnTx;
use postern_mail::{Address, MailKind};
use serde_json::{Map, Value};

use super::{email_exists, search};
use crate::identifier::Identifier;
use crate::proofs::Proof;
use crate::signup::provider_metadata;
use crate::store::{NewUser, Purpose, User};
use crate::wire::UserOut;
use crate::{AuthService, Context, Result, metadata};

/// Somebody who is invited, with the proof that lets them in.
pub(super) struct Invited {
    pub(super) user: User,
    pub(super) proof: Proof,
    pub(super) ended: Vec<uuid::Uuid>,
}

impl AuthService {
    /// Invites somebody by mail.
    ///
    /// # Errors
    /// When there is a confirmed user of that address.
    pub async fn invite(
        &self,
        email: &Address,
        data: Map<String, Value>,
        context: &Context,
    ) -> Result<UserOut> {
        let tx = self.db.begin().await?;
        let invited = self.invite_in(&tx, email, data, context).await?;
        let Invited { user, proof, ended } = invited;
        self.mail_proof(&tx, MailKind::Invite, &user, &proof, context)
            .await?;
        tx.commit().await?;
        self.revoke_here(&ended);
        self.outbox.wake();
        self.user_out(&user).await
    }

    /// The same without the mail, in the caller's transaction.
    pub(super) async fn invite_in(
        &self,
        tx: &OwnTx,
        email: &Address,
        data: Map<String, Value>,
        context: &Context,
    ) -> Result<Invited> {
        let mut ended = Vec::new();
        let mut user = match User::lock_by_email(tx, email.as_str()).await? {
            Some(user) if user.is_confirmed() => return Err(email_exists()),
            Some(mut user) => {
                // SECURITY: somebody else may have signed up with this address and wait for its
                // owner to confirm it (attack 22): what they put there goes.
                ended = self.adopt_unverified(tx, &mut user, context).await?;
                metadata::check_user(&data)?;
                user.user_metadata = data;
                self.keep_own_identities(tx, &mut user, context).await?;
                user
            }
            None => self.insert_unproved(tx, email, data, None, context).await?,
        };
        user.invited_at = Some(context.now);
        user.confirmation_sent_at = Some(context.now);
        user.save(tx, context.now).await?;
        let at = (None, context.now);
        let proof = self
            .make_proof(tx, user.id, Purpose::Invite, email.as_str(), at)
            .await?;
        self.audit_admin(tx, "user_invited", &user, Map::new(), context)
            .await?;
        Ok(Invited { user, proof, ended })
    }

    /// Makes a user whose address is not proved yet.
    pub(super) async fn insert_unproved(
        &self,
        tx: &OwnTx,
        email: &Address,
        data: Map<String, Value>,
        hash: Option<String>,
        context: &Context,
    ) -> Result<User> {
        metadata::check_user(&data)?;
        let new = NewUser {
            email: Some(email.as_str().into()),
            encrypted_password: hash,
            app_metadata: provider_metadata(&Identifier::Email(email.clone())),
            user_metadata: data,
            ..NewUser::default()
        };
        let made = User::insert(tx, new, context.now).await;
        let mut user = made.map_err(|error| match search::constraint(&error) {
            Some("users_email_partial_key") => email_exists(),
            _ => error,
        })?;
        self.keep_own_identities(tx, &mut user, context).await?;
        Ok(user)
    }
}
