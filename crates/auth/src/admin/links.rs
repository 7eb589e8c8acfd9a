//! `POST /admin/generate_link`: what a mail would hold, for those who send mails of their own.

use postern_base::Secret;
use postern_base::codes::auth as codes;
use postern_db::own;
use postern_db::own::OwnTx;
use postern_mail::Address;
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{email_exists, invite::Invited};
use crate::proofs::Proof;
use crate::store::{Purpose, User};
use crate::wire::UserOut;
use crate::{AuthService, Context, Error, Result, metadata};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// Confirms a new account; makes it where there is none.
    Signup,
    /// Invites somebody; makes the account.
    Invite,
    /// Signs in; makes the account where there is none.
    MagicLink,
    /// Signs in somebody who forgot the password.
    Recovery,
    /// Lets an account go from its present address.
    EmailChangeCurrent,
    /// Proves the address that an account moves to.
    EmailChangeNew,
}

impl LinkKind {
    /// Reads the field `type`.
    ///
    /// # Errors
    /// When it is no kind of link.
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "signup" => Ok(Self::Signup),
            "invite" => Ok(Self::Invite),
            "magiclink" => Ok(Self::MagicLink),
            "recovery" => Ok(Self::Recovery),
            "email_change_current" => Ok(Self::EmailChangeCurrent),
            "email_change_new" => Ok(Self::EmailChangeNew),
            _ => Err(Error::invalid(
                "Invalid email action link type requested: use signup, invite, magiclink, \
                 recovery, email_change_current or email_change_new",
            )),
        }
    }

    fn purpose(self) -> Purpose {
        match self {
            Self::Signup => Purpose::Signup,
            Self::Invite => Purpose::Invite,
            Self::MagicLink => Purpose::MagicLink,
            Self::Recovery => Purpose::Recovery,
            Self::EmailChangeCurrent => Purpose::EmailChangeCurrent,
            Self::EmailChangeNew => Purpose::EmailChangeNew,
        }
    }
}

/// What a link is wanted for.
#[derive(Debug)]
pub struct LinkWish {
    /// The kind.
    pub kind: LinkKind,
    /// The account's address.
    pub email: Address,
    /// The address that the account moves to.
    pub new_email: Option<Address>,
    /// The password of a new account.
    pub password: Option<Secret<String>>,
    /// The metadata of a new account.
    pub data: Map<String, Value>,
}

/// The user, and beside it what a mail would hold.
#[derive(Debug, Serialize)]
pub struct LinkOut {
    #[serde(flatten)]
    user: UserOut,
    action_link: String,
    email_otp: String,
    hashed_token: String,
    verification_type: &'static str,
    redirect_to: String,
}

/// A link in the making.
struct Made {
    user: User,
    proof: Proof,
    ended: Vec<Uuid>,
}

impl AuthService {
    /// Makes a link and sends nothing.
    ///
    /// # Errors
    /// When there is no such user, or a confirmed one where a new one is asked for.
    pub async fn generate_link(&self, wish: LinkWish, context: &Context) -> Result<LinkOut> {
        let hash = self.link_password(&wish).await?;
        let tx = self.db.begin().await?;
        let existing = User::lock_by_email(&tx, wish.email.as_str()).await?;
        let made = match (wish.kind, existing) {
            (LinkKind::Invite, _) => self.invited(&tx, wish, context).await?,
            (LinkKind::Signup, existing) => {
                self.signed_up_by_link(&tx, existing, wish, hash, context)
                    .await?
            }
            // Whoever has no account yet gets one, and confirms it by the link.
            (LinkKind::MagicLink, None) => {
                self.signed_up_by_link(&tx, None, wish, None, context)
                    .await?
            }
            (_, None) => {
                return Err(Error::new(
                    &codes::USER_NOT_FOUND,
                    "User with this email not found",
                ));
            }
            (_, Some(user)) => self.linked(&tx, user, &wish, context).await?,
        };
        let kind = made.proof.stored.purpose.as_str();
        let traits = Map::from_iter([("type".into(), json!(kind))]);
        self.audit_admin(&tx, "link_generated", &made.user, traits, context)
            .await?;
        tx.commit().await?;
        self.revoke_here(&made.ended);
        let redirect_to = self.redirect_target(context.redirect_to.as_deref());
        Ok(LinkOut {
            user: self.user_out(&made.user).await?,
            action_link: self.proof_link(&made.proof, &redirect_to),
            email_otp: made.proof.code,
            hashed_token: made.proof.token,
            verification_type: kind,
            redirect_to,
        })
    }

    /// The hash of a sign-up's password, after a look at its strength.
    async fn link_password(&self, wish: &LinkWish) -> Result<Option<String>> {
        if wish.kind != LinkKind::Signup {
            return Ok(None);
        }
        let missing = || Error::invalid("Signup requires a valid password");
        let password = wish.password.as_ref().ok_or_else(missing)?;
        self.check_new_password(password, wish.email.as_str())
            .await?;
        Ok(Some(self.passwords.hash(password).await?))
    }

    async fn invited(&self, tx: &OwnTx, wish: LinkWish, context: &Context) -> Result<Made> {
        let invited = self.invite_in(tx, &wish.email, wish.data, context).await?;
        let Invited { user, proof, ended } = invited;
        Ok(Made { user, proof, ended })
    }

    async fn signed_up_by_link(
        &self,
        tx: &OwnTx,
        existing: Option<User>,
        wish: LinkWish,
        hash: Option<String>,
        context: &Context,
    ) -> Result<Made> {
        let mut ended = Vec::new();
        let mut user = match existing {
            Some(user) if user.is_confirmed() => return Err(email_exists()),
            Some(mut user) => {
                // SECURITY: what whoever signed up before put there goes: the address was not
                // proved (attack 22).
                ended = self.adopt_unverified(tx, &mut user, context).await?;
                metadata::check_user(&wish.data)?;
                user.user_metadata = wish.data;
                user.encrypted_password = hash;
                self.keep_own_identities(tx, &mut user, context).await?;
                user
            }
            None => {
                self.insert_unproved(tx, &wish.email, wish.data, hash, context)
                    .await?
            }
        };
        user.confirmation_sent_at = Some(context.now);
        user.save(tx, context.now).await?;
        let at = (None, context.now);
        let proof = self
            .make_proof(tx, user.id, Purpose::Signup, wish.email.as_str(), at)
            .await?;
        Ok(Made { user, proof, ended })
    }

    /// A link for an account that is there.
    async fn linked(
        &self,
        tx: &OwnTx,
        mut user: User,
        wish: &LinkWish,
        context: &Context,
    ) -> Result<Made> {
        let mut sent_to = wish.email.as_str();
        match wish.kind {
            LinkKind::EmailChangeCurrent | LinkKind::EmailChangeNew => {
                let new = self
                    .begin_email_change(tx, &mut user, wish, context)
                    .await?;
                if wish.kind == LinkKind::EmailChangeNew {
                    sent_to = new.as_str();
                }
            }
            _ => user.recovery_sent_at = Some(context.now),
        }
        user.save(tx, context.now).await?;
        let at = (None, context.now);
        let proof = self
            .make_proof(tx, user.id, wish.kind.purpose(), sent_to, at)
            .await?;
        Ok(Made {
            user,
            proof,
            ended: Vec::new(),
        })
    }

    async fn begin_email_change<'a>(
        &self,
        tx: &OwnTx,
        user: &mut User,
        wish: &'a LinkWish,
        context: &Context,
    ) -> Result<&'a Address> {
        let missing = || Error::invalid("The new email address is missing: set new_email");
        let new = wish.new_email.as_ref().ok_or_else(missing)?;
        let is_double = self.settings.signup.double_email_change.is_yes();
        if wish.kind == LinkKind::EmailChangeCurrent && !is_double {
            return Err(Error::invalid(
                "Changes of address are not confirmed at the current address here",
            ));
        }
        if User::has_email(tx, new.as_str()).await? {
            return Err(email_exists());
        }
        if user.email_change.as_deref() != Some(new.as_str()) {
            // Half of a change to another address must not count for this one.
            let void = own!(
                "delete from postern.codes where user_id = $1 \
                 and purpose in ('email_change_current', 'email_change_new')"
            );
            tx.execute(void, &[&user.id]).await?;
            user.email_change = Some(new.as_str().into());
            user.email_change_confirm_status = 0;
        }
        user.email_change_sent_at = Some(context.now);
        Ok(new)
    }
}
