//! Names that need quotes, as Postgres itself sees it.

use super::workshop;
use crate::it::kit;

#[tokio::test]
async fn names_that_postgres_reserves_are_quoted() {
    let app = workshop().await;
    let owner = kit::owner(&app).await;
    let rows = app
        .sql()
        .await
        .query(
            "select word from pg_get_keywords() where catcode <> 'U'",
            &[],
        )
        .await
        .expect("the words");
    let words: Vec<String> = rows.iter().map(|it| it.get(0)).collect();
    assert!(words.len() > 100, "{words:?}");

    let mut fields = vec![("table".to_owned(), "order".to_owned())];
    for (place, word) in words.iter().enumerate() {
        fields.push((format!("c{place}.name"), word.clone()));
        fields.push((format!("c{place}.type"), "text".to_owned()));
    }
    let fields: Vec<_> = fields
        .iter()
        .map(|it| (it.0.as_str(), it.1.as_str()))
        .collect();
    let page = owner.post("/console/tables/new", &fields).await;
    let page = page.expect_status(200).text;

    for word in &words {
        assert!(page.contains(&format!("&#34;{word}&#34; text")), "{word}");
    }
    assert!(
        page.contains("create table public.&#34;order&#34;"),
        "{page}"
    );
}
