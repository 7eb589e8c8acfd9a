//! The tables, and the rows of one.

mod grid;
mod list;

use crate::it::kit;

/// A shop with all sorts of columns; two policies.
const SHOP: &str = "
    create table public.customers (id bigint generated always as identity primary key,
      name text not null, city text);
    create table public.orders (id bigint generated always as identity primary key,
      customer_id bigint references public.customers, total_cents integer not null,
      note text, extra jsonb, scan bytea, is_paid boolean not null default false);
    comment on table public.orders is 'What <b>customers</b> bought';
    create table public.secrets (id int primary key, word text);
    create table public.unkeyed (word text);
    create table public.\"odd.name, % / ü\" (\"order\" int primary key, \"a b\" text);
    create view public.paid as select id, total_cents from public.orders where is_paid;
    create schema back_office;
    create table back_office.ledger (id int primary key, amount numeric not null);
    insert into public.customers (name, city) values ('Ann', 'Graz'), ('Ben', null), ('', 'Wien');
    insert into public.orders (customer_id, total_cents, note, extra, scan) values
      (1, 1200, 'first', '{\"a\": 1}', '\\xdeadbeef'), (2, 900, null, null, null),
      (1, 5000, repeat('x', 1000000), null, null);
    insert into public.unkeyed values ('one'), ('two');
    insert into public.\"odd.name, % / ü\" values (1, 'x'), (2, 'y');
";

const POLICY: &str = "table = \"public.orders\"\n\n[columns.authenticated]\nselect = \"*\"\n\n\
    [[allow]]\nname = \"paid\"\nroles = [\"authenticated\"]\nfor = [\"select\"]\nwhere = \"is_paid\"\n";

async fn shop() -> (postern_testkit::TestApp, kit::Browser) {
    let app = kit::app().migrations(SHOP);
    let app = app.policy("public.orders.toml", POLICY).start().await;
    let owner = kit::owner(&app).await;
    (app, owner)
}

/// The text of a page, as a part of it comes.
async fn part(browser: &kit::Browser, path: &str) -> String {
    browser.get_part(path).await.expect_status(200).text
}

/// The first cell of each row.
fn keys(page: &str) -> Vec<String> {
    let rows = page.split("<th scope=\"row\"").skip(1);
    let text = |row: &str| {
        let cell = row.split_once("</th>").expect("a cell").0;
        let cell = cell.split_once('>').expect("its inside").1;
        let mut text = String::new();
        let mut is_tag = false;
        for letter in cell.chars() {
            match letter {
                '<' => is_tag = true,
                '>' => is_tag = false,
                letter if !is_tag => text.push(letter),
                _ => {}
            }
        }
        text.trim().to_owned()
    };
    rows.map(text).collect()
}

/// The address behind a link of this relation.
fn link(page: &str, rel: &str) -> String {
    let start = page.split_once(&format!("rel=\"{rel}\" href=\""));
    let rest = start.unwrap_or_else(|| panic!("no {rel} in {page}")).1;
    let address = rest.split('"').next().unwrap_or_default();
    address.replace("&amp;", "&").replace("&#38;", "&")
}
