//! Tables that Supabase made: the columns that are enums there, and what may be empty in them.

use postern_base::Secret;
use postern_db::{Admin, support};
use postern_testkit::TestApp;
use serde_json::json;

use super::factor_kit::{challenge, lifted, methods, unenrol};
use super::kit::{PASSWORD, app, refresh, sign_in, sign_up, with_session};

/// The columns as Supabase has them, and a view that keeps them from being altered.
const AS_SUPABASE: &str = "
create type auth.aal_level as enum ('aal1', 'aal2', 'aal3');
create type auth.factor_type as enum ('totp', 'webauthn', 'phone');
create type auth.factor_status as enum ('unverified', 'verified');
alter table auth.sessions alter aal drop default, alter aal drop not null,
  alter aal type auth.aal_level using aal::auth.aal_level,
  alter refresh_token_counter drop default, alter refresh_token_counter drop not null;
alter table auth.mfa_factors
  alter factor_type type auth.factor_type using factor_type::auth.factor_type,
  alter status type auth.factor_status using status::auth.factor_status;
create view public.sure as
  select s.id from auth.sessions s join auth.mfa_factors f on f.user_id = s.user_id
  where s.aal >= 'aal2' and f.status = 'verified' and f.factor_type = 'totp';
update postern.support set fingerprint = 'made by somebody else';
";

/// What a start does that finds another version of our schema.
async fn install(app: &TestApp) {
    let url = Secret::new(app.database().url());
    let mut admin = Admin::connect(&url).await.expect("reachable");
    support::install(&mut admin).await.expect("installed");
}

#[tokio::test]
async fn columns_that_are_enums_are_written_and_read() {
    let app = app().migrations(AS_SUPABASE).start().await;
    let body = json!({ "email": "early@example.com", "password": PASSWORD });
    let before = app.anon().post("/auth/v1/signup", &body).send().await;

    install(&app).await;
    install(&app).await;

    before.expect_status(500);
    let session = sign_up(&app, "ann@example.com").await;
    let (factor, session) = lifted(&app, &session).await;
    let client = with_session(&app, &session);
    let codes = client.post("/auth/v1/factors/recovery-codes", &json!({}));
    let codes = codes.send().await.expect_status(200).json();
    let other = sign_in(&app, "ann@example.com").await;
    let code = json!({ "code": codes["codes"][0] });
    let by_code = with_session(&app, &other);
    let by_code = by_code.post("/auth/v1/factors/recovery-codes/verify", &code);
    let by_code = by_code.send().await.expect_status(200).json();
    let next = refresh(&app, &session["refresh_token"]).await;
    let next = next.expect_status(200).json();
    challenge(&with_session(&app, &next), &factor.id).await;
    let sql = app.sql().await;
    let sure = sql.query("select 1 from public.sure", &[]).await;
    let kinds = "select count(*) from pg_attribute a join pg_type t on t.oid = a.atttypid \
                 where t.typtype = 'e' and attname in ('aal', 'status', 'factor_type') \
                 and attrelid in ('auth.sessions'::regclass, 'auth.mfa_factors'::regclass)";
    let kinds = sql.query_one(kinds, &[]).await.expect("a count");

    assert_eq!(methods(&session), ["password", "totp"]);
    assert_eq!(methods(&by_code), ["mfa/recovery_code", "password"]);
    assert_eq!(sure.expect("rows").len(), 2, "what looks at them goes on");
    assert_eq!(kinds.get::<_, i64>(0), 3, "and nothing was altered");
    let gone = unenrol(&with_session(&app, &next), &factor.id).await;
    gone.expect_status(200);
}

#[tokio::test]
async fn a_session_of_supabase_without_a_level_is_of_one_factor() {
    let app = app().migrations(AS_SUPABASE).start().await;
    install(&app).await;
    let session = sign_up(&app, "ann@example.com").await;
    let (_, session) = lifted(&app, &session).await;
    let sql = app.sql().await;
    let empty = "update auth.sessions set aal = null, factor_id = null";
    sql.execute(empty, &[]).await.expect("emptied");

    let next = refresh(&app, &session["refresh_token"]).await;

    let next = next.expect_status(200).json();
    assert_eq!(super::kit::claims(&next)["aal"], "aal1");
}
