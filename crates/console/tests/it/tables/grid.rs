//! The rows of a table.

use super::{keys, link, part, shop};
use crate::it::kit;

const ORDERS: &str = "/console/tables/public.orders";

#[tokio::test]
async fn cells_show_what_they_hold_and_not_a_megabyte_of_it() {
    let (_app, owner) = shop().await;

    let page = owner.get(ORDERS).await.expect_status(200).text;

    assert_eq!(keys(&page), ["1", "2", "3"]);
    assert!(page.contains("1–3 of 3"), "{page}");
    for seen in [
        "<i>null</i>",
        "\\xdeadbeef",
        "{&#34;a&#34;: 1}",
        "bigint · key",
    ] {
        assert!(page.contains(seen), "{seen}: {page}");
    }
    assert!(page.len() < 40_000, "{} bytes", page.len());
    assert!(page.contains(&"x".repeat(200)) && !page.contains(&"x".repeat(201)));
    let customers = part(&owner, "/console/tables/public.customers").await;
    assert!(customers.contains("<i>empty</i>"), "{customers}");
}

#[tokio::test]
async fn filters_sort_and_columns_stand_in_the_address() {
    let (_app, owner) = shop().await;

    let page = part(&owner, &format!("{ORDERS}?where=total_cents.gte.1000")).await;
    assert_eq!(keys(&page), ["1", "3"]);
    let page = part(&owner, &format!("{ORDERS}?where=note.is.null")).await;
    assert_eq!(keys(&page), ["2"]);
    let page = part(&owner, &format!("{ORDERS}?where=note.ilike.*FIR*")).await;
    assert_eq!(keys(&page), ["1"]);
    let page = part(
        &owner,
        &format!("{ORDERS}?where=id.in.(1,2)&where=id.neq.1"),
    )
    .await;
    assert_eq!(keys(&page), ["2"]);
    let page = part(&owner, &format!("{ORDERS}?order=total_cents.asc")).await;
    assert_eq!(keys(&page), ["2", "1", "3"]);
    assert!(page.contains("aria-sort=\"ascending\""), "{page}");
    let page = part(&owner, &format!("{ORDERS}?order=note.desc")).await;
    assert_eq!(keys(&page).len(), 3);
    let page = part(&owner, &format!("{ORDERS}?col=note")).await;
    assert_eq!(page.matches("<th scope=\"col\"").count(), 2, "{page}");
}

#[tokio::test]
async fn a_filter_on_a_column_that_is_gone_can_be_taken_out() {
    let (_app, owner) = shop().await;

    for broken in ["gone.eq.1", "note.nonsense.1", "gone", "note", ".eq.1"] {
        let page = part(&owner, &format!("{ORDERS}?where={broken}&order=gone.asc")).await;
        assert_eq!(keys(&page), ["1", "2", "3"], "{broken}");
        assert!(page.contains("there is no such column"), "{broken}: {page}");
    }
    let page = part(&owner, &format!("{ORDERS}?where=total_cents.eq.much")).await;
    assert!(
        page.contains("Invalid input syntax for type integer"),
        "{page}"
    );
    let page = owner
        .get(&format!("{ORDERS}?where=total_cents.eq.much"))
        .await;
    assert!(page.expect_status(400).text.contains("Remove all filters"));
}

#[tokio::test]
async fn several_columns_sort_one_behind_the_other() {
    let app = kit::app().migrations(PEOPLE).start().await;
    let owner = kit::owner(&app).await;
    const PATH: &str = "/console/tables/public.people";

    let page = part(&owner, &format!("{PATH}?sort=city.asc,born.desc&size=100")).await;
    assert_eq!(keys(&page), ["4", "2", "3", "1"]);
    assert_eq!(page.matches("aria-sort=").count(), 1, "{page}");
    assert!(page.contains("1<span class=\"unseen\">, upwards"), "{page}");
    assert!(
        page.contains("2<span class=\"unseen\">, downwards"),
        "{page}"
    );
    // A click sorts by one alone, with shift it comes behind, goes down, and goes.
    let head = |sort: &str| format!("{PATH}?sort={sort}");
    for also in [
        "city.asc%2Cborn.desc%2Cid.asc",
        "city.desc%2Cborn.desc",
        "city.asc",
    ] {
        let also = format!("data-also=\"{}\"", head(also));
        assert!(page.contains(&also), "{also}: {page}");
    }
    assert!(
        page.contains(&format!("href=\"{}\"", head("city.asc"))),
        "{page}"
    );
    let form = format!("{PATH}?sort=city.asc&by=born&way=desc");
    let reply = owner.get(&form).await.expect_status(303);
    let onward = reply.header("location").expect("a place");
    assert_eq!(onward, head("city.asc%2Cborn.desc"));

    // What is gone sorts nothing and can be taken out; the rest holds.
    let page = part(&owner, &head("gone.asc,city.desc,born.odd")).await;
    assert_eq!(keys(&page), ["1", "2", "3", "4"]);
    assert_eq!(page.matches("there is no such column").count(), 2, "{page}");
    let without = format!("href=\"{}\"", head("city.desc%2Cborn.odd"));
    assert!(page.contains(&without), "{page}");
    let odd = part(&owner, &head("a\\,b.asc")).await;
    assert_eq!(keys(&odd), ["2", "3", "1", "4"]);
}

/// Two cities, years that are the same, and a column whose name has a comma.
const PEOPLE: &str = "
    create table public.people (
        id bigint primary key, city text not null, born integer not null, \"a,b\" integer not null
    );
    insert into public.people values
        (1, 'Wien', 1990, 3), (2, 'Graz', 1980, 1), (3, 'Graz', 1980, 2), (4, 'Graz', 1999, 4);
";

#[tokio::test]
async fn pages_of_several_columns_lead_on_and_back() {
    let rows = "insert into public.people select n, case when n % 3 = 0 then 'Graz' else 'Wien' \
        end, n % 7, n from generate_series(5, 604) n;";
    let app = kit::app()
        .migrations(&format!("{PEOPLE}{rows}"))
        .start()
        .await;
    let owner = kit::owner(&app).await;
    let ordered = "select p.id::text from public.people p order by city desc, born, p.id desc";
    let expected = app.sql().await.query(ordered, &[]).await.expect("rows");
    let expected: Vec<String> = expected.iter().map(|it| it.get(0)).collect();

    let mut path = Some("/console/tables/public.people?sort=city.desc,born.asc,id.desc".to_owned());
    let (mut seen, mut last) = (Vec::new(), String::new());
    while let Some(here) = path {
        let page = part(&owner, &here).await;
        seen.extend(keys(&page));
        let is_last = !page.contains("rel=\"next\"");
        path = (!is_last).then(|| link(&page, "next"));
        last = page;
    }
    assert_eq!(seen, expected);
    let before = link(&last, "prev");
    assert!(before.contains("before="), "{before}");
    let page = part(&owner, &before).await;
    let end = expected.len() - keys(&last).len();
    assert_eq!(keys(&page), expected[end - 100..end]);
}

#[tokio::test]
async fn the_form_of_a_filter_leads_to_its_address() {
    let (_app, owner) = shop().await;

    let path = format!("{ORDERS}?where=id.gt.0&column=note&operator=ilike&value=fi");
    let reply = owner.get(&path).await.expect_status(303);

    let place = format!("{ORDERS}?where=id.gt.0&where=note.ilike.*fi*");
    assert_eq!(reply.header("location"), Some(place.as_str()));
    let path = format!("{ORDERS}?column=note&operator=not.is.null&value=");
    let reply = owner.get(&path).await.expect_status(303);
    let place = format!("{ORDERS}?where=note.not.is.null");
    assert_eq!(reply.header("location"), Some(place.as_str()));
}

#[tokio::test]
async fn names_of_any_letters_are_names() {
    let (_app, owner) = shop().await;
    let path = "/console/tables/public.odd.name,%20%25%20%2F%20%C3%BC";

    let page = part(&owner, &format!("{path}?where=order.gt.1&order=order.desc")).await;

    assert_eq!(keys(&page), ["2"]);
    let list = part(&owner, "/console/tables?q=odd").await;
    assert!(list.contains(path), "{list}");
}

#[tokio::test]
async fn pages_follow_each_other_in_any_order() {
    let rows = "create table public.n (id int primary key, twin int not null, hole int);
        insert into public.n select g, g / 3, nullif(g % 7, 0) from generate_series(1, 250) g;
        create table public.bare (word text);
        insert into public.bare select g::text from generate_series(1, 250) g";
    let app = kit::app().migrations(rows).start().await;
    let owner = kit::owner(&app).await;

    for order in ["", "?order=twin.desc", "?order=twin.asc", "?order=hole.asc"] {
        let mut page = part(&owner, &format!("/console/tables/public.n{order}")).await;
        let mut seen = keys(&page);
        assert!(page.contains("1–100 of 250"), "{page}");
        for count in ["101–200 of 250", "201–250 of 250"] {
            page = part(&owner, &link(&page, "next")).await;
            assert!(page.contains(count), "{order} {count}: {page}");
            seen.extend(keys(&page));
        }
        assert!(!page.contains("rel=\"next\""), "{page}");
        let before = part(&owner, &link(&page, "prev")).await;
        assert_eq!(keys(&before), seen[100..200], "{order}");
        let first = part(&owner, &link(&before, "prev")).await;
        assert_eq!(keys(&first), seen[..100], "{order}");
        if order != "?order=hole.asc" {
            let last = part(&owner, &link(&first, "last")).await;
            assert_eq!(keys(&last), seen[150..], "{order}");
            assert!(last.contains("151–250 of 250"), "{last}");
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 250, "{order}");
    }
    let page = part(&owner, "/console/tables/public.bare").await;
    let page = part(&owner, &link(&page, "next")).await;
    assert!(page.contains("101–200 of 250"), "{page}");
}

#[tokio::test]
async fn a_million_rows_answer_on_any_page_and_behind_a_filter() {
    let rows = "create table public.big (id int primary key, word text not null);
        insert into public.big select g, md5(g::text) from generate_series(1, 1000000) g;
        analyze public.big";
    let app = kit::app().migrations(rows).start().await;
    let owner = kit::owner(&app).await;
    let path = "/console/tables/public.big";

    for (address, first) in [
        (path.to_owned(), "1"),
        (format!("{path}?after=900000&at=900000"), "900001"),
        (format!("{path}?end=1"), "999901"),
        (format!("{path}?page=9001"), "900001"),
        (
            format!("{path}?where=word.eq.c4ca4238a0b923820dcc509a6f75849b"),
            "1",
        ),
        (format!("{path}?where=id.gt.999990"), "999991"),
    ] {
        let started = std::time::Instant::now();
        let page = part(&owner, &address).await;
        println!("{address}: {:?}", started.elapsed());
        assert_eq!(
            keys(&page).first().map(String::as_str),
            Some(first),
            "{address}"
        );
    }
    let page = part(&owner, path).await;
    assert!(
        page.contains("1–100 of ≈ 1\u{202f}000\u{202f}000"),
        "{page}"
    );
}

#[tokio::test]
async fn two_hundred_columns_are_shown_and_chosen() {
    let columns: Vec<_> = (0..200)
        .map(|it| format!("c{it} int default {it}"))
        .collect();
    let table = format!(
        "create table public.wide (id int primary key, {}); insert into public.wide (id) values (1)",
        columns.join(", ")
    );
    let app = kit::app().migrations(&table).start().await;
    let owner = kit::owner(&app).await;

    let page = part(&owner, "/console/tables/public.wide").await;
    assert_eq!(page.matches("<th scope=\"col\"").count(), 200);
    let page = part(&owner, "/console/tables/public.wide?col=c199&col=gone").await;
    assert_eq!(page.matches("<th scope=\"col\"").count(), 2);
    assert!(page.contains(">199<"), "{page}");
}

#[tokio::test]
async fn rows_without_a_key_and_of_views_are_read() {
    let (_app, owner) = shop().await;

    let page = owner.get("/console/tables/public.unkeyed").await;
    let page = page.expect_status(200).text;
    assert!(page.contains("has no primary key"), "{page}");
    assert_eq!(keys(&page), ["one", "two"]);
    owner
        .get("/console/tables/public.paid")
        .await
        .expect_status(200);
}
