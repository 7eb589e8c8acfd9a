//! A signed-in user's identities: one more way to sign in, or one less.

use postern_base::codes::auth as codes;
use postern_db::own;
use postern_db::own::OwnTx;
use postern_mail::MailKind;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id_token::by_provider;
use crate::mfa::Locked;
use crate::oauth::{Profile, Provider};
use crate::session::TokenPair;
use crate::store::{Identity, Session, User};
use crate::{AuthService, Caller, Context, Error, Result};

/// Where somebody has a second factor, or a passkey, and did not use it.
const NOT_LIFTED: &str = "AAL2 session is required to change identities";

/// A link that waits for the exchange of its code.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PendingLink {
    pub(crate) user: Uuid,
    pub(crate) session: Uuid,
    pub(crate) profile: Profile,
}

impl AuthService {
    /// Refuses a link where linking by hand is switched off.
    pub(crate) fn check_manual_linking(&self) -> Result<()> {
        if self.settings.signup.manual_linking.is_yes() {
            return Ok(());
        }
        Err(Error::new(
            &codes::MANUAL_LINKING_DISABLED,
            "Manual linking is disabled",
        ))
    }

    /// Links a profile to the user of a session and begins a session by it.
    ///
    /// # Errors
    /// When the identity is somebody's, or the session has ended.
    pub(crate) async fn link_and_enter(
        &self,
        provider: &Provider,
        profile: &Profile,
        (user, session): (Uuid, Uuid),
        context: &Context,
    ) -> Result<TokenPair> {
        let tx = self.db.begin().await?;
        let user = self.link(&tx, profile, (user, session), context).await?;
        let begun = self
            .begin_session(&tx, user, &by_provider(provider), context)
            .await?;
        tx.commit().await?;
        self.outbox.wake();
        self.token_pair(begun, context).await
    }

    /// Links a profile to the user of a session that must still be alive.
    pub(crate) async fn link(
        &self,
        tx: &OwnTx,
        profile: &Profile,
        (user, session): (Uuid, Uuid),
        context: &Context,
    ) -> Result<User> {
        let gone = || Error::new(&codes::SESSION_NOT_FOUND, "The session has ended meanwhile");
        let user = User::lock(tx, user).await?.ok_or_else(gone)?;
        let session = Session::lock(tx, session).await?;
        let session = session.filter(|it| it.user_id == user.id);
        let session = session.ok_or_else(gone)?;
        self.check_ban(&user, context.now)?;
        // A way to sign in must not come or go by a stolen session of one factor (attack 20).
        let locked = Locked { user, session };
        self.check_lifted(tx, &locked, NOT_LIFTED).await?;
        let mut user = locked.user;
        let known = Identity::find(tx, &profile.provider, &profile.sub).await?;
        if known.is_some() {
            return Err(crate::oauth::already_linked());
        }
        take_address(tx, &mut user, profile, context).await?;
        user.is_anonymous = false;
        self.add_identity(tx, &mut user, profile, context).await?;
        Ok(user)
    }

    /// Keeps a link that waits for its code's exchange.
    pub(crate) async fn keep_link(
        &self,
        tx: &OwnTx,
        flow: Uuid,
        pending: &PendingLink,
    ) -> Result<()> {
        let update = own!("update postern.flows set pending_link = $2 where id = $1");
        let text = serde_json::to_vec(pending)
            .map_err(|error| Error::internal("The link could not be stored", error))?;
        let sealed = self.vault.seal(&context_of(flow), &text);
        tx.execute(update, &[&flow, &sealed]).await?;
        Ok(())
    }

    /// Links what waited for the exchange.
    pub(crate) async fn finish_link(
        &self,
        tx: &OwnTx,
        flow: Uuid,
        sealed: &str,
        context: &Context,
    ) -> Result<User> {
        let text = self.vault.open(&context_of(flow), sealed)?;
        let pending: PendingLink = serde_json::from_slice(text.expose())
            .map_err(|error| Error::internal("The stored link cannot be read", error))?;
        let by = (pending.user, pending.session);
        self.link(tx, &pending.profile, by, context).await
    }

    /// `DELETE /user/identities/{id}`: one way to sign in less. Other sessions end: whoever used
    /// that way is out as well.
    ///
    /// # Errors
    /// When it is the last one, or not the caller's.
    pub async fn unlink_identity(
        &self,
        caller: &Caller,
        id: Uuid,
        context: &Context,
    ) -> Result<()> {
        let tx = self.db.begin().await?;
        let locked = self.lock_caller(&tx, caller).await?;
        self.check_lifted(&tx, &locked, NOT_LIFTED).await?;
        let mut user = locked.user;
        let before = user.clone();
        let gone = take_away(&tx, &mut user, id).await?;
        self.save_providers(&tx, &mut user, context).await?;
        let ended = Session::end_all(&tx, user.id, Some(caller.session.id)).await?;
        self.audit(&tx, "identity_unlinked", &user, context).await?;
        let about = (&before, gone.provider.as_str());
        self.notify_of_identity(&tx, MailKind::IdentityUnlinked, about, context)
            .await?;
        tx.commit().await?;
        self.outbox.wake();
        self.revoke_here(&ended);
        Ok(())
    }
}

/// Gives a user without an address the one that the provider has verified, if nobody has it.
async fn take_address(
    tx: &OwnTx,
    user: &mut User,
    profile: &Profile,
    context: &Context,
) -> Result<()> {
    let email = profile
        .email
        .as_deref()
        .filter(|_| profile.is_email_verified);
    if let (None, Some(email)) = (&user.email, email)
        && !User::has_email(tx, email).await?
    {
        user.email = Some(email.to_owned());
        user.email_confirmed_at = Some(context.now);
        user.is_email_unproved = false;
    }
    Ok(())
}

/// Takes an identity from a user whose row is locked, and what it stood for; the caller writes
/// the row.
///
/// # Errors
/// When the user has no such identity, or no other.
pub(crate) async fn take_away(tx: &OwnTx, user: &mut User, id: Uuid) -> Result<Identity> {
    let missing = || Error::new(&codes::IDENTITY_NOT_FOUND, "Identity doesn't exist");
    let mut identities = Identity::of_user_in(tx, user.id).await?;
    let at = identities
        .iter()
        .position(|it| it.id == id)
        .ok_or_else(missing)?;
    if identities.len() == 1 {
        return Err(Error::new(
            &codes::SINGLE_IDENTITY_NOT_DELETABLE,
            "User must have at least 1 identity after unlinking",
        ));
    }
    let gone = identities.remove(at);
    Identity::unlink(tx, id).await?;
    forget(tx, user, &gone, &identities).await?;
    Ok(gone)
}

/// Takes from a user what the unlinked identity stood for.
async fn forget(tx: &OwnTx, user: &mut User, gone: &Identity, left: &[Identity]) -> Result<()> {
    match gone.provider.as_str() {
        "phone" => {
            user.phone = None;
            user.phone_confirmed_at = None;
            user.is_phone_unproved = false;
        }
        // The password signs in with the address.
        "email" => user.encrypted_password = None,
        _ => {}
    }
    let is_vouched = |it: &Identity| it.provider == "email" || it.email == user.email;
    if user.email.is_none() || left.iter().any(is_vouched) {
        return Ok(());
    }
    let is_verified =
        |it: &&Identity| it.data.get("email_verified") == Some(&serde_json::Value::Bool(true));
    let next = left
        .iter()
        .filter(is_verified)
        .find_map(|it| it.email.clone());
    if let Some(next) = &next
        && User::has_email(tx, next).await?
    {
        return Err(Error::new(
            &codes::EMAIL_CONFLICT_IDENTITY_NOT_DELETABLE,
            "Unable to unlink identity due to email conflict",
        ));
    }
    if next.is_none() {
        user.email_confirmed_at = None;
        user.encrypted_password = None;
    }
    user.email = next;
    user.is_email_unproved = false;
    Ok(())
}

fn context_of(flow: Uuid) -> String {
    format!("flows|pending_link|{flow}")
}
