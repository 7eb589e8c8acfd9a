//! What holds in the tables at any moment, also while no server runs.

use tokio_postgres::Client;

/// What must not be there, and a statement that counts it.
const NEVER: &[(&str, &str)] = &[
    (
        "users without an identity",
        "select count(*) from auth.users u where not is_anonymous
         and not exists (select from auth.identities i where i.user_id = u.id)",
    ),
    (
        "users and identities that disagree about the proof",
        "select count(*) from auth.users u join auth.identities i on i.user_id = u.id
         where (i.identity_data ->> 'email_verified')::bool <> (u.email_confirmed_at is not null)",
    ),
    (
        "confirmed users whose code is still good",
        "select count(*) from auth.users u where email_confirmed_at is not null
         and exists (select from postern.codes c where c.user_id = u.id and purpose = 'signup')",
    ),
    (
        "unconfirmed users who can never be confirmed",
        "select count(*) from auth.users u where email_confirmed_at is null
         and not exists (select from postern.codes c where c.user_id = u.id)",
    ),
    (
        "sessions of unconfirmed users",
        "select count(*) from auth.sessions s join auth.users u on u.id = s.user_id
         where u.email_confirmed_at is null",
    ),
    (
        "sessions without a method",
        "select count(*) from auth.sessions s
         where not exists (select from auth.mfa_amr_claims a where a.session_id = s.id)",
    ),
    (
        "users without exactly one entry of their sign-up",
        "select count(*) from auth.users u where 1 <> (select count(*)
         from auth.audit_log_entries a where payload ->> 'actor_id' = u.id::text
         and payload ->> 'action' = 'user_signedup')",
    ),
    (
        "entries of users who are not there",
        "select count(*) from auth.audit_log_entries a where not exists
         (select from auth.users u where u.id::text = a.payload ->> 'actor_id')",
    ),
    (
        "users with more sessions than sign-ins in the log",
        "select count(*) from auth.users u
         where (select count(*) from auth.sessions s where s.user_id = u.id)
         > (select count(*) from auth.audit_log_entries a
            where payload ->> 'actor_id' = u.id::text and payload ->> 'action' = 'login')",
    ),
    (
        "sessions whose refreshes are not in the log",
        "select count(*) from auth.users u
         where (select coalesce(sum(refresh_token_counter), 0) from auth.sessions s
                where s.user_id = u.id)
         > (select count(*) from auth.audit_log_entries a where payload ->> 'actor_id' = u.id::text
            and payload ->> 'action' = 'token_refreshed')",
    ),
];

/// Fails with the first thing that must not be there.
pub(super) async fn hold(sql: &Client) {
    for (what, count) in NEVER {
        let count: i64 = sql.query_one(*count, &[]).await.unwrap().get(0);
        assert_eq!(count, 0, "there are {count} {what}");
    }
}

/// A user as the table has them.
pub(super) struct Row {
    pub(super) is_confirmed: bool,
}

pub(super) async fn find(sql: &Client, email: &str) -> Option<Row> {
    let find = "select email_confirmed_at is not null from auth.users where email = $1";
    let row = sql.query_opt(find, &[&email]).await.unwrap()?;
    Some(Row {
        is_confirmed: row.get(0),
    })
}
