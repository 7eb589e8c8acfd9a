//! A row as the drawer over the rows asks for it.

use super::{form_of, part, shop, typed};
use crate::it::kit::{self, Browser};

const FIRST: &str = "/console/tables/public.orders/rows/1";

/// Sends a form as the drawer does.
async fn send_part(
    browser: &Browser,
    path: &str,
    fields: &[(String, String)],
) -> postern_testkit::Reply {
    let mut fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    fields.push(("form", browser.form.as_str()));
    let headers = [("hx-request", "true"), ("sec-fetch-site", "same-origin")];
    browser.post_with(path, &fields, &headers).await
}

#[tokio::test]
async fn a_part_of_a_row_is_the_drawer_and_a_page_is_none() {
    let (app, owner) = shop().await;
    let viewer = kit::admin(&app, &owner, "viewer").await;

    let page = owner.get(FIRST).await.expect_status(200).text;
    let drawer = part(&owner, FIRST).await;
    let seen = part(&viewer, FIRST).await;

    assert!(!page.contains("id=\"drawer-title\""), "{page}");
    assert!(!drawer.contains("<html"), "{drawer}");
    for piece in [
        "id=\"drawer-title\"",
        "data-close",
        "data-step=\"-1\"",
        "Save changes",
    ] {
        assert!(drawer.contains(piece), "{piece}: {drawer}");
    }
    assert!(seen.contains("data-close"), "{seen}");
    assert!(
        !seen.contains("Save changes") && !seen.contains("Delete row"),
        "{seen}"
    );
    assert_eq!(form_of(&page), form_of(&drawer));
    owner
        .get_part("/console/tables/public.orders/rows/99")
        .await
        .expect_status(404);
}

#[tokio::test]
async fn what_the_drawer_sends_comes_back_as_a_drawer() {
    let (app, owner) = shop().await;
    let shown = form_of(&part(&owner, FIRST).await);

    let mut mine = shown.clone();
    typed(&mut mine, "note", Some("<b>mine</b>"));
    let saved = send_part(&owner, FIRST, &mine).await.expect_status(303);
    let mut late = shown.clone();
    typed(&mut late, "note", Some("late"));
    let conflict = send_part(&owner, FIRST, &late)
        .await
        .expect_status(409)
        .text;
    let mut odd = shown;
    typed(&mut odd, "total_cents", Some("many"));
    let refused = send_part(&owner, FIRST, &odd).await.expect_status(400).text;

    let address = format!("{FIRST}?saved=1");
    assert_eq!(saved.header("location"), Some(address.as_str()));
    let after = part(&owner, &address).await;
    assert!(
        after.contains("Saved.") && !after.contains("<b>mine"),
        "{after}"
    );
    for page in [&conflict, &refused] {
        assert!(page.contains("id=\"drawer-title\""), "{page}");
        assert!(
            page.contains("role=\"alert\"") && !page.contains("<html"),
            "{page}"
        );
    }
    assert!(
        conflict.contains("Somebody else changed this row"),
        "{conflict}"
    );
    assert!(refused.contains("many"), "{refused}");
    drop(app);
}
