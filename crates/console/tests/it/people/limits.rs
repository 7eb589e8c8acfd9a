//! Who is held up by a limit, and letting them go on.

use postern_testkit::TestApp;
use serde_json::json;

use super::deeds;
use crate::it::kit;
use crate::it::kit::{Browser, OWNER, PASSWORD};

const ANN: &str = "ann@mail.example";

async fn limited() -> TestApp {
    kit::app()
        .setting("rates.enabled", "true")
        .setting("rates.account_failures_per_hour", "3")
        .start()
        .await
}

async fn try_password(app: &TestApp, password: &str) -> u16 {
    let body = json!({ "email": ANN, "password": password });
    let path = "/auth/v1/token?grant_type=password";
    app.anon().post(path, &body).send().await.status.as_u16()
}

async fn look(browser: &Browser, who: &str) -> String {
    let path = format!("/console/sign-in/limits?{}", kit::encoded(&[("who", who)]));
    browser.get(&path).await.expect_status(200).text
}

/// The line of a table that begins with these words.
fn line<'p>(page: &'p str, words: &str) -> &'p str {
    let start = format!("<th scope=\"row\">{words}</th>");
    let rest = page.rsplit_once(&start).expect("the line").1;
    rest.split("</tr>").next().unwrap_or_default()
}

#[tokio::test]
async fn limits_are_counted_by_class_and_lifted_for_one() {
    let app = limited().await;
    let owner = kit::owner(&app).await;
    kit::user(&app, ANN).await;
    let passwords = "Wrong passwords for one account";
    let before = owner.get("/console/sign-in/limits").await.text;
    assert!(line(&before, passwords).contains("nobody"), "{before}");
    for _ in 0..3 {
        assert_eq!(try_password(&app, "wrong-horse-battery").await, 400);
    }
    assert_eq!(try_password(&app, PASSWORD).await, 429);

    let page = look(&owner, "Ann@mail.example").await;

    assert!(page.contains("Held up for"), "{page}");
    let counted = line(&page, passwords);
    assert!(counted.contains("mark deny"), "{counted}");
    // Nobody else is, and what is no address at all is told.
    let other = look(&owner, "ben@mail.example").await;
    assert!(other.contains("Nothing is counted of ben@mail.example"));
    assert!(look(&owner, "<b>").await.contains("Give an e-mail address"));
    let network = look(&owner, "127.0.0.1").await;
    assert!(network.contains("more may follow"), "{network}");

    let lift = [("who", ANN)];
    let path = "/console/sign-in/limits/lift";
    let viewer = kit::admin(&app, &owner, "viewer").await;
    viewer.post(path, &lift).await.expect_status(403);
    assert_eq!(try_password(&app, PASSWORD).await, 429);
    owner.post(path, &lift).await.expect_status(303);
    assert_eq!(try_password(&app, PASSWORD).await, 200);
    assert_eq!(deeds(&app, "admin_limits_lifted", OWNER).await, 1);
}

#[tokio::test]
async fn a_limit_that_tells_a_known_network_apart_is_found_as_well() {
    let app = limited().await;
    let owner = kit::owner(&app).await;
    kit::user(&app, ANN).await;
    // From here on this network counts apart.
    assert_eq!(try_password(&app, PASSWORD).await, 200);
    for _ in 0..3 {
        assert_eq!(try_password(&app, "wrong-horse-battery").await, 400);
    }

    let page = look(&owner, ANN).await;
    assert!(page.contains("Held up for"), "{page}");
    assert!(page.contains("127.0.0.1"), "{page}");
    let lift = [("who", ANN)];
    owner
        .post("/console/sign-in/limits/lift", &lift)
        .await
        .expect_status(303);
    assert_eq!(try_password(&app, PASSWORD).await, 200);
}
