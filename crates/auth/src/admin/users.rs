//! Making, finding and changing users.

use postern_base::Secret;
use postern_db::own::OwnTx;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::change::Touched;
use super::{NewPassword, Page, PageWish, UserWish, email_exists, phone_exists, user_not_found};
use crate::identifier::Identifier;
use crate::signup::own_identity;
use crate::store::{Code, Identity, NewUser, Session, User};
use crate::wire::UserOut;
use crate::{AuthService, Context, Error, Result, metadata, service};

impl AuthService {
    /// Makes a user. The password is not judged, because a hash could not be either; the user
    /// hears of a weak one at the first sign-in.
    ///
    /// # Errors
    /// When neither address nor number is given, or one of them or the id is taken.
    pub async fn create_user(&self, wish: UserWish, context: &Context) -> Result<UserOut> {
        if wish.email.is_none() && wish.phone.is_none() {
            return Err(Error::invalid(
                "Cannot create a user without either an email or phone",
            ));
        }
        let hash = self.hash_of(wish.password.as_ref()).await?;
        let new = new_user(&wish, hash, context)?;
        let tx = self.db.begin().await?;
        let made = User::insert(&tx, new, context.now).await;
        let mut user = made.map_err(|error| taken(error, &wish))?;
        if wish.id.is_some() {
            // A user of this id may have been deleted before; gateways look again.
            User::tell_of(&tx, user.id).await?;
        }
        self.keep_own_identities(&tx, &mut user, context).await?;
        self.audit_admin(&tx, "user_signedup", &user, Map::new(), context)
            .await?;
        tx.commit().await?;
        self.after_user_created(&user, context);
        self.revocations().restore_user(user.id);
        self.ban_here(&user, context);
        self.user_out(&user).await
    }

    /// Makes a user with a password that must be as good as one that users choose themselves.
    ///
    /// # Errors
    /// When the password is weak, and as [`AuthService::create_user`].
    pub async fn create_user_with(
        &self,
        password: Secret<String>,
        mut wish: UserWish,
        context: &Context,
    ) -> Result<UserOut> {
        let account = wish.email.as_ref().map(|it| it.as_str());
        self.check_new_password(&password, account.unwrap_or_default())
            .await?;
        wish.password = Some(NewPassword::Plain(password));
        self.create_user(wish, context).await
    }

    /// Finds a user, also one that was deleted softly.
    ///
    /// # Errors
    /// When there is none.
    pub async fn show_user(&self, id: Uuid) -> Result<UserOut> {
        let user = User::find_any(&self.db, id).await?;
        self.user_out(&user.ok_or_else(user_not_found)?).await
    }

    /// A page of users, the newest first; `filter` is a part of an address or number, or an id.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_users(&self, wish: PageWish, filter: Option<&str>) -> Result<Page<UserOut>> {
        let filter = filter.filter(|it| !it.is_empty());
        let (users, total) = User::page(&self.db, filter, wish).await?;
        let ids: Vec<_> = users.iter().map(|it| it.id).collect();
        let identities = Identity::of_users(&self.db, &ids).await?;
        let items = users.iter().map(|user| {
            let own = identities.get(&user.id).map_or(&[][..], Vec::as_slice);
            UserOut::new(user, own, &[])
        });
        Ok(Page {
            items: items.collect(),
            total,
            wish,
        })
    }

    /// Changes a user. Whoever was signed in with what was replaced is out.
    ///
    /// # Errors
    /// When there is no such user, an address is taken, or the password is weak.
    pub async fn update_user(
        &self,
        id: Uuid,
        wish: UserWish,
        context: &Context,
    ) -> Result<UserOut> {
        self.check_given_password(id, &wish).await?;
        let hash = self.hash_of(wish.password.as_ref()).await?;
        let tx = self.db.begin().await?;
        service::tell_time(&tx, context.now).await?;
        let user = User::lock(&tx, id).await?;
        let mut user = user.ok_or_else(user_not_found)?;
        let touched = wish.apply(&mut user, hash, context.now)?;
        let saved = user.save(&tx, context.now).await;
        saved.map_err(|error| taken(error, &wish))?;
        if wish.email.is_some() || wish.phone.is_some() || wish.email_confirm || wish.phone_confirm
        {
            self.keep_own_identities(&tx, &mut user, context).await?;
        }
        let ended = if touched.credentials {
            Code::void_all(&tx, id).await?;
            Session::end_all(&tx, id, None).await?
        } else {
            Vec::new()
        };
        let traits = Map::from_iter([("changes".into(), json!(touched.changes))]);
        self.audit_admin(&tx, "user_modified", &user, traits, context)
            .await?;
        tx.commit().await?;
        self.revoke_here(&ended);
        self.enforce_here(&user, &touched, context);
        user.updated_at = context.now;
        self.user_out(&user).await
    }

    /// Puts a change in force for tokens that are out already.
    fn enforce_here(&self, user: &User, touched: &Touched, context: &Context) {
        if touched.claims {
            let second = context.now.unix_timestamp();
            self.revocations().outdate_user(user.id, second);
        }
        if touched.ban && !user.is_banned(context.now) {
            self.revocations().restore_user(user.id);
        }
        self.ban_here(user, context);
    }

    /// Keeps a banned user out for as long as the ban lasts.
    fn ban_here(&self, user: &User, context: &Context) {
        if let Some(until) = user.banned_until.filter(|until| *until > context.now) {
            let until = until.unix_timestamp();
            self.revocations().revoke_user_until(user.id, until);
        }
    }

    async fn check_given_password(&self, id: Uuid, wish: &UserWish) -> Result<()> {
        let Some(NewPassword::Plain(password)) = &wish.password else {
            return Ok(());
        };
        let user = User::find(&self.db, id).await?;
        let user = user.ok_or_else(user_not_found)?;
        let account = wish.email.as_ref().map(|it| it.as_str());
        let account = account.or(user.email.as_deref()).unwrap_or_default();
        self.check_new_password(password, account).await
    }

    /// Brings the identities `email` and `phone` of a user, and the list of providers, in line
    /// with the row. Tokens go on with another list, see `postern.user_changed`.
    pub(super) async fn keep_own_identities(
        &self,
        tx: &OwnTx,
        user: &mut User,
        context: &Context,
    ) -> Result<()> {
        let known = Identity::of_user_in(tx, user.id).await?;
        for (identifier, is_confirmed) in own_identifiers(user)? {
            let wanted = own_identity(user, &identifier, is_confirmed);
            match known.iter().find(|it| it.provider == wanted.provider) {
                None => Identity::link(tx, wanted, context.now).await?,
                Some(known) => {
                    let mut data = known.data.clone();
                    let field = wanted.provider.as_str();
                    let proof = format!("{field}_verified");
                    data.insert(field.into(), json!(identifier.as_str()));
                    data.insert(proof, json!(is_confirmed));
                    if data != known.data {
                        Identity::rewrite(tx, known.id, data, context.now).await?;
                    }
                }
            }
        }
        let mut providers: Vec<String> = Vec::new();
        let mut identities = Identity::of_user_in(tx, user.id).await?;
        identities.sort_by(|a, b| (a.created_at, &a.provider).cmp(&(b.created_at, &b.provider)));
        for identity in identities {
            if !providers.contains(&identity.provider) {
                providers.push(identity.provider);
            }
        }
        let before = user.app_metadata.clone();
        if let Some(first) = providers.first()
            && !user.app_metadata.contains_key("provider")
        {
            user.app_metadata.insert("provider".into(), json!(first));
        }
        user.app_metadata
            .insert("providers".into(), json!(providers));
        if before != user.app_metadata {
            user.save(tx, context.now).await?;
        }
        Ok(())
    }
}

fn own_identifiers(user: &User) -> Result<Vec<(Identifier, bool)>> {
    let mut found = Vec::new();
    if let Some(email) = &user.email {
        let identifier = Identifier::parse(Some(email), None)?;
        found.push((identifier, user.has_proved_email()));
    }
    if let Some(phone) = &user.phone {
        let identifier = Identifier::parse(None, Some(phone))?;
        found.push((identifier, user.has_proved_phone()));
    }
    Ok(found)
}

fn new_user(wish: &UserWish, hash: Option<String>, context: &Context) -> Result<NewUser> {
    let user_metadata = wish.user_metadata.clone().unwrap_or_default();
    metadata::check_user(&user_metadata)?;
    let mut app_metadata = wish.app_metadata.clone().unwrap_or_default();
    metadata::check_app(&app_metadata)?;
    let provider = if wish.email.is_some() {
        "email"
    } else {
        "phone"
    };
    app_metadata.insert("provider".into(), Value::from(provider));
    Ok(NewUser {
        id: wish.id,
        role: wish.role.clone(),
        email: wish.email.as_ref().map(|it| it.as_str().into()),
        phone: wish.phone.as_ref().map(|it| it.as_str().into()),
        encrypted_password: hash,
        email_confirmed_at: (wish.email_confirm && wish.email.is_some()).then_some(context.now),
        phone_confirmed_at: (wish.phone_confirm && wish.phone.is_some()).then_some(context.now),
        app_metadata,
        user_metadata,
        banned_until: wish.ban.and_then(|it| it.until(context.now)),
        is_anonymous: false,
        is_email_unproved: false,
        is_phone_unproved: false,
    })
}

/// Names what is taken; the holder of the secret key may know.
fn taken(error: Error, wish: &UserWish) -> Error {
    match super::search::constraint(&error) {
        Some("users_email_partial_key") => email_exists(),
        Some("users_phone_key") => phone_exists(),
        Some("users_pkey") if wish.id.is_some() => Error::new(
            &postern_base::codes::auth::USER_ALREADY_EXISTS,
            "A user with this id exists",
        ),
        _ => error,
    }
}
