//! Deleting a user: what it says beforehand, what it leaves.

use super::{as_user, deeds};
use crate::it::kit;

const NOTES: &str = "create table public.notes (id int primary key, \
                     owner uuid references auth.users on delete restrict); \
                     create table public.likes (id int primary key, \
                     owner uuid references auth.users on delete cascade)";

#[tokio::test]
async fn a_deletion_says_what_hangs_on_the_user() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    app.sql().await.batch_execute(NOTES).await.expect("tables");
    let session = kit::user(&app, "ann@mail.example").await;
    let id = kit::id(&session);
    let user = format!("/console/users/{id}");
    let page = owner.get(&user).await.expect_status(200).text;
    assert!(
        page.contains("public.likes") && page.contains("rows are deleted too"),
        "{page}"
    );
    assert!(
        page.contains("public.notes") && page.contains("forbids it"),
        "{page}"
    );
    let insert = format!("insert into public.notes values (1, '{id}')");
    app.sql().await.batch_execute(&insert).await.expect("a row");
    let delete = format!("{user}/delete");

    let refused = owner
        .post(&delete, &[("how", "hard")])
        .await
        .expect_status(409);
    assert!(
        refused.text.contains("Rows of the project refer"),
        "{}",
        refused.text
    );
    owner.post(&delete, &[]).await.expect_status(400);
    as_user(&app, &session)
        .get("/auth/v1/user")
        .send()
        .await
        .expect_status(200);
    owner
        .post(&delete, &[("how", "soft")])
        .await
        .expect_status(303);

    let gone = as_user(&app, &session).get("/auth/v1/user").send().await;
    assert!(gone.status.is_client_error(), "{}", gone.text);
    let page = owner.get(&user).await.expect_status(200).text;
    assert!(
        page.contains("Deleted") && !page.contains("Delete this user"),
        "{page}"
    );
    assert_eq!(deeds(&app, "user_deleted", kit::OWNER).await, 1);
}

#[tokio::test]
async fn a_deletion_wants_a_fresh_proof() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let session = kit::user(&app, "ann@mail.example").await;
    let delete = format!("/console/users/{}/delete", kit::id(&session));
    app.advance(11 * 60);

    let reply = owner
        .post(&delete, &[("how", "hard")])
        .await
        .expect_status(303);

    assert!(
        reply
            .header("location")
            .expect("a place")
            .starts_with("/console/reauth")
    );
    assert_eq!(deeds(&app, "user_deleted", kit::OWNER).await, 0);
}
