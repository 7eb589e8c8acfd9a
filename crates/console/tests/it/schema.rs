//! What tables are made of, how that is changed, and how rows come in.

mod alter;
mod create;
mod import;
mod map;
mod shape;
mod structure;
mod words;

use std::time::{Duration, Instant};

use postern_testkit::{TestApp, TestAppBuilder};

use crate::it::kit;

/// A shop with everything that a structure can have.
const SHOP: &str = "
    create table public.customers (
        id bigint generated always as identity primary key,
        email text not null unique,
        name text
    );
    comment on table public.customers is 'Whoever has <bought> something';
    create type public.mood as enum ('good', 'bad');
    create table public.orders (
        id bigint generated always as identity primary key,
        customer_id bigint not null references public.customers (id) on delete cascade,
        total_cents integer not null default 0 check (total_cents >= 0),
        note varchar(20),
        state mood,
        doubled integer generated always as (total_cents * 2) stored,
        placed_at timestamptz not null default now()
    );
    create index orders_late on public.orders (placed_at desc) where total_cents > 100;
    comment on column public.orders.note is 'For the <packer>';
    create function public.touch() returns trigger language plpgsql as
        'begin new.placed_at := now(); return new; end';
    create trigger touch_it before update on public.orders
        for each row execute function public.touch();
";

/// A server on the shop.
fn shop() -> TestAppBuilder {
    kit::app().migrations(SHOP)
}

/// A server on the shop that writes migrations, as `postern dev` does.
async fn workshop() -> TestApp {
    shop().develops().start().await
}

/// The names of the files in the folder of the migrations, hidden ones included.
fn migrations(app: &TestApp) -> Vec<String> {
    let entries = std::fs::read_dir(app.folder().join("migrations"));
    let entries = entries.into_iter().flatten().flatten();
    let names = entries.map(|it| it.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// Looks at a page until it says something.
async fn until_it_says(browser: &kit::Browser, path: &str, words: &str) -> String {
    let begun = Instant::now();
    loop {
        let text = browser.get(path).await.text;
        if text.contains(words) {
            return text;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{words}: {text}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The SQL that a page shows, as a browser would send it back.
fn shown(page: &str) -> String {
    let rest = page
        .split_once("name=\"shown\" value=\"")
        .expect("the SQL")
        .1;
    let text = rest.split_once('"').expect("an end").0;
    text.replace("&#39;", "'")
        .replace("&#34;", "\"")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&")
        .replace('\n', "\r\n")
}
