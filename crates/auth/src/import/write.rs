//! Writing a person: made anew, or brought up to the file.

use postern_db::own::OwnTx;
use serde_json::json;
use time::OffsetDateTime;

use super::fields::for_ever;
use super::person::{Person, PersonIdentity};
use super::{Mode, Outcome, people};
use crate::metadata;
use crate::store::User;
use crate::{Result, store};

/// Writes a person. The inner refusal is the record's fault, the outer one the database's.
pub(super) async fn person(
    tx: &OwnTx,
    person: &Person,
    mode: Mode,
    now: OffsetDateTime,
) -> Result<Result<Outcome, String>> {
    let identities = identities(person);
    let providers: Vec<_> = identities.iter().map(|it| it.provider.as_str()).collect();
    if people::insert(tx, person, &providers, now).await? {
        for identity in &identities {
            if !people::link(tx, identity, now).await? {
                let provider = &identity.provider;
                return Ok(Err(taken(tx, person, provider).await?));
            }
        }
        return Ok(Ok(Outcome::Created));
    }
    match User::lock_any(tx, person.id).await? {
        None => Ok(Err(
            "another user has the e-mail address or phone number".into()
        )),
        Some(user) if mode != Mode::Add && user.deleted_at.is_none() => {
            update(tx, user, person, now).await.map(Ok)
        }
        Some(_) => Ok(Ok(Outcome::Unchanged)),
    }
}

/// Takes back a person one of whose identities is somebody else's.
async fn taken(tx: &OwnTx, person: &Person, provider: &str) -> Result<String> {
    User::delete(tx, person.id).await?;
    Ok(format!("another user has its identity at `{provider}`"))
}

/// Links an identity of a file of its own.
pub(super) async fn late_identity(
    tx: &OwnTx,
    identity: &PersonIdentity,
    now: OffsetDateTime,
) -> Result<Result<Outcome, String>> {
    let Some(mut user) = User::lock_any(tx, identity.user).await? else {
        return Ok(Err("there is no user of its `user_id`".into()));
    };
    let known = store::Identity::find(tx, &identity.provider, &identity.subject).await?;
    match known {
        Some(known) if known.user_id == user.id => Ok(Ok(Outcome::Unchanged)),
        Some(_) => Ok(Err("another user has it".into())),
        None => {
            people::link(tx, identity, now).await?;
            let providers = user.app_metadata.entry("providers").or_insert(json!([]));
            if let Some(list) = providers.as_array_mut()
                && !list.contains(&json!(identity.provider))
            {
                list.push(json!(identity.provider));
                user.save(tx, now).await?;
            }
            Ok(Ok(Outcome::Created))
        }
    }
}

/// Brings a user up to the file. The password stays: it may have been changed here since.
async fn update(
    tx: &OwnTx,
    mut user: User,
    person: &Person,
    now: OffsetDateTime,
) -> Result<Outcome> {
    let before = snapshot(&user);
    if person.email.is_some() {
        user.email.clone_from(&person.email);
    }
    if person.phone.is_some() {
        user.phone.clone_from(&person.phone);
    }
    user.email_confirmed_at = user.email_confirmed_at.or(person.email_confirmed_at);
    // The file is the operator's, whose word stands for a proof, unless it is our own and says no.
    user.is_email_unproved &= person.email_confirmed_at.is_none() || person.is_email_unproved;
    user.is_phone_unproved &= person.phone_confirmed_at.is_none() || person.is_phone_unproved;
    user.phone_confirmed_at = user.phone_confirmed_at.or(person.phone_confirmed_at);
    user.encrypted_password = user.encrypted_password.or_else(|| person.hash.clone());
    user.role.clone_from(&person.role);
    if person.is_banned && !user.is_banned(now) {
        user.banned_until = Some(for_ever(now));
    } else if person.banned_until.is_some() {
        // A ban of the file is taken over, none of here is lifted.
        user.banned_until = person.banned_until;
    }
    metadata::merge(&mut user.user_metadata, person.user_metadata.clone());
    let mut app_metadata = person.app_metadata.clone();
    // These tell of identities, which may have been linked here since.
    app_metadata.shift_remove("provider");
    app_metadata.shift_remove("providers");
    metadata::merge(&mut user.app_metadata, app_metadata);
    let mut is_changed = snapshot(&user) != before;
    if is_changed {
        user.save(tx, now).await?;
    }
    for identity in identities(person) {
        is_changed |= people::link(tx, &identity, now).await?;
    }
    Ok(if is_changed {
        Outcome::Updated
    } else {
        Outcome::Unchanged
    })
}

/// Everything of a user that an update may touch.
fn snapshot(user: &User) -> serde_json::Value {
    json!([
        user.email,
        user.phone,
        user.email_confirmed_at.map(OffsetDateTime::unix_timestamp),
        user.is_email_unproved,
        user.is_phone_unproved,
        user.phone_confirmed_at.map(OffsetDateTime::unix_timestamp),
        user.encrypted_password,
        user.role,
        user.banned_until.map(OffsetDateTime::unix_timestamp),
        user.user_metadata,
        user.app_metadata
    ])
}

/// The identities of a person: those of the file, and those of address and number.
fn identities(person: &Person) -> Vec<PersonIdentity> {
    let mut all = person.identities.clone();
    let own = [
        ("email", &person.email, person.email_confirmed_at),
        ("phone", &person.phone, person.phone_confirmed_at),
    ];
    for (provider, address, proved) in own {
        let Some(address) = address else { continue };
        // An account of a provider alone has an address, and no way in by it.
        let has_way_in = person.hash.is_some() || person.identities.is_empty();
        let is_there = all.iter().any(|it| it.provider == provider);
        if is_there || !(has_way_in || provider == "phone") || person.is_sso {
            continue;
        }
        let data = json!({
            "sub": person.id,
            provider: address,
            (format!("{provider}_verified")): proved.is_some(),
        });
        all.push(PersonIdentity {
            user: person.id,
            provider: provider.into(),
            subject: person.id.to_string(),
            data: data.as_object().cloned().unwrap_or_default(),
            last_sign_in_at: None,
            created_at: person.created_at,
        });
    }
    all
}
