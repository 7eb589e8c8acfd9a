//! Statements as the caller's own role: what a connection rests in, and what is refused.

use super::*;
use crate::config::Passthrough;

pub(super) async fn bench(name: &str, schema: &str) -> Bench {
    let tune = |it: &mut DbConfig| {
        it.session_connections = 1;
        it.passthrough = Some(Passthrough {
            resting_role: "anon".into(),
            complaints: Complaints::Whole,
        });
    };
    Bench::with(name, schema, tune).await
}

async fn as_role(bench: &Bench, role: Option<&str>, body: &str) -> Result<Answer, Error> {
    let (identity, route) = (user(), Route::Fast);
    bench
        .as_caller(&identity, route, Mode::ReadWrite, body, &[], role)
        .await
}

/// Who a connection is when no transaction is under way.
async fn resting_role(bench: &Bench) -> String {
    let natives = bench.db.natives().expect("native sessions");
    let lease = natives.acquire().await.expect("a session");
    let row = lease.client.query_one("select current_user::text", &[]);
    let role = row.await.expect("an answer").get(0);
    lease.give_back();
    role
}

#[tokio::test]
async fn attack_53_a_connection_rests_in_the_anonymous_role_whatever_a_request_did() {
    let schema = "create function public.turn() returns text language plpgsql as $$ begin
         perform set_config('role', 'none', false); return current_user; end $$";
    let bench = bench("resting", schema).await;
    assert_eq!(resting_role(&bench).await, "anon");

    let who = as_role(&bench, Some("authenticated"), "current_user").await;
    assert_eq!(body(who).as_deref(), Some("authenticated"));
    assert_eq!(resting_role(&bench).await, "anon");

    let turned = as_role(&bench, Some("authenticated"), "public.turn()").await;
    assert!(turned.is_ok(), "{turned:?}");
    assert_eq!(resting_role(&bench).await, "anon");

    let failed = as_role(&bench, Some("authenticated"), "1 / (select 0)").await;
    assert_eq!(code(failed), "22012");
    assert_eq!(resting_role(&bench).await, "anon");

    let refused = as_role(&bench, Some("postern_gateway"), "current_user").await;
    assert_eq!(code(refused), "42501");
    assert_eq!(resting_role(&bench).await, "anon");
}

#[tokio::test]
async fn attack_53_a_statement_without_a_role_does_not_run() {
    let bench = bench("no_role", "").await;

    let refused = as_role(&bench, None, "current_user").await;

    assert!(matches!(refused, Err(Error::Shape { .. })), "{refused:?}");
}
