//! Statements kept by shape, over HTTP: the second caller of a shape gets what is theirs.

use crate::kit::{ALICE, BOB, Project, anon, proven, service, user};

#[actix_web::test]
async fn callers_who_ask_the_same_get_their_own() {
    let project = Project::start().await;
    let path = "/notes?select=id,body&order=id";

    for _ in 0..3 {
        let of_alice = project.send(user(ALICE, "GET", path)).await;
        let of_bob = project.send(user(BOB, "GET", path)).await;
        let of_nobody = project.send(anon("GET", path)).await;
        let of_all = project.send(service("GET", path)).await;

        assert_eq!(of_alice.body, r#"[{"id":1,"body":"of alice"}]"#);
        assert_eq!(of_bob.body, r#"[{"id":2,"body":"of bob"}]"#);
        assert_eq!(of_nobody.status, 404, "{of_nobody:?}");
        assert_eq!(of_all.body.matches("\"id\"").count(), 2);
    }
}

#[actix_web::test]
async fn values_of_one_request_are_not_those_of_the_next() {
    let project = Project::start().await;
    for id in [1, 2, 15, 1, 99] {
        let path = format!("/items?select=id&id=eq.{id}&name=neq.x%20{id}");
        let reply = project.send(anon("GET", &path)).await;
        let expected = match id {
            99 => "[]".to_owned(),
            id => format!("[{{\"id\":{id}}}]"),
        };
        assert_eq!(reply.body, expected);
    }
    let wrong = project.send(anon("GET", "/items?select=id&id=eq.x&name=neq.y")).await;
    assert_eq!(wrong.status, 400, "{wrong:?}");
}

#[actix_web::test]
async fn a_known_shape_is_no_way_around_a_step_up() {
    let project = Project::start().await;
    let path = "/safes?select=id&order=id";

    let sure = project.send(proven("aal2", 10, "GET", path)).await;
    let unsure = project.send(user(ALICE, "GET", path)).await;
    let again = project.send(proven("aal2", 10, "GET", path)).await;

    assert_eq!((sure.status, again.status), (200, 200), "{sure:?}");
    assert!(matches!(unsure.status, 401 | 403), "{unsure:?}");
}
