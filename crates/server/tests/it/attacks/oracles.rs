//! Plans, estimates and statistics: what Postgres knows of rows that the caller may not see.

use serde_json::json;

use super::super::leaks::world::{ALICE, MARKER, World, same, world};

/// Makes a distribution that only statistics of hidden rows could tell of.
async fn skewed() -> World {
    let world = world().await;
    let sql = "insert into public.records (owner_id, title, code, amount)
                 select 'b0b00000-0000-4000-8000-000000000002', 'BOBS ' || n, 'S' || n, 'common'
                 from generate_series(1, 3000) n;
               analyze public.records;";
    let filled = world.app.sql().await.batch_execute(sql).await;
    filled.expect("rows and statistics");
    world
}

#[tokio::test]
async fn attack_49_plans_and_estimates_tell_nothing_of_hidden_rows() {
    let world = skewed().await;
    for filter in [
        "amount=eq.common",
        "title=like.BOBS*",
        "id=gt.1000",
        "code=eq.S7",
    ] {
        for count in ["exact", "planned", "estimated"] {
            let path = format!("/rest/v1/records?select=id&{filter}");
            let request = world.alice.get(&path).prefer(&format!("count={count}"));
            let reply = request.send().await;
            assert_eq!(
                reply.header("content-range"),
                Some("*/0"),
                "{filter} {count}"
            );
        }
    }
    for options in [
        "",
        "; options=analyze",
        "; options=verbose|settings|buffers",
    ] {
        for kind in ["json", "text"] {
            let plan = format!("application/vnd.pgrst.plan+{kind}{options}");
            let path = "/rest/v1/records?select=id&amount=eq.common";
            let hidden = world.alice.get(path).header("accept", &plan).send().await;
            assert_eq!(hidden.status.as_u16(), 406, "{plan}: {}", hidden.text);
            let path = "/rest/v1/records?select=id&amount=eq.uncommon";
            same(
                &hidden,
                &world.alice.get(path).header("accept", &plan).send().await,
            );
            let service = world
                .app
                .service()
                .get(path)
                .header("accept", &plan)
                .send()
                .await;
            assert_eq!(service.status.as_u16(), 406, "plans are off for everybody");
        }
    }
}

#[tokio::test]
async fn attack_49_a_key_that_is_taken_by_a_hidden_row_says_no_more_than_that() {
    let world = world().await;
    let attempt = async |code: &str, verb: &str| {
        let body = json!({ "title": "t", "code": code });
        match verb {
            "insert" => world.insert("records", &body).await,
            "update" => world.update("records?id=eq.1", &body).await,
            _ => {
                let request = world.alice.post("/rest/v1/records?on_conflict=id", &body);
                request.prefer("resolution=merge-duplicates").send().await
            }
        }
    };
    for verb in ["insert", "update", "upsert"] {
        let (hidden, own) = (attempt("B1", verb).await, attempt("A2", verb).await);
        // That the key is taken is said, as under row-level security; whose it is, is not.
        same(&hidden, &own);
        assert_eq!(hidden.json()["code"], json!("23505"));
        for word in [MARKER, "B1", "b0b00000", "Failing row", "Key ("] {
            assert!(!hidden.text.contains(word), "{verb}: {}", hidden.text);
        }
    }
}

/// Most common values and histograms would name values of hidden rows.
#[tokio::test]
async fn attack_55_statistics_of_the_planner_are_out_of_reach() {
    let world = skewed().await;
    let alice = world.app.user(ALICE);
    for name in [
        "pg_stats",
        "pg_statistic",
        "pg_stats_ext",
        "pg_stat_user_tables",
        "pg_class",
    ] {
        for profile in ["public", "pg_catalog", "information_schema"] {
            let ask = async |name: &str| {
                let request = alice.get(&format!("/rest/v1/{name}"));
                request.header("accept-profile", profile).send().await
            };
            let reply = ask(name).await;
            assert!(
                matches!(reply.status.as_u16(), 404 | 406),
                "{name}: {}",
                reply.text
            );
            assert!(!reply.text.contains(MARKER), "{}", reply.text);
            let same_length = "x".repeat(name.len());
            let missing = ask(&same_length).await;
            assert_eq!(reply.text.replace(name, &same_length), missing.text);
        }
        let embedded = world.read(&format!("records?select=id,{name}(*)")).await;
        assert_eq!(embedded.status.as_u16(), 400, "{}", embedded.text);
    }
    // A policy file cannot open them by mistake, and a saved query cannot read them.
    let query = "-- roles: authenticated\nselect s.most_common_vals from pg_stats s";
    let with_query = super::super::leaks::world::described().file("queries/stats.sql", query);
    let refused = with_query
        .try_start()
        .await
        .err()
        .map(|it| format!("{it:#}"));
    assert!(refused.is_some_and(|it| it.contains("queries/stats.sql")));
}
