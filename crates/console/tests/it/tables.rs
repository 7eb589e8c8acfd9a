//! The tables, and the rows of one.

mod api;
mod bulk;
mod drawer;
mod export;
mod grid;
mod list;
mod row;

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

/// The fields that a row's page would send, as a browser sends them unchanged.
fn form_of(page: &str) -> Vec<(String, String)> {
    let inside = page.split_once("class=\"form record\"").expect("a form").1;
    let inside = inside.split_once("</form>").expect("its end").0;
    let attribute = |tag: &str, name: &str| {
        let rest = tag.split_once(&format!(" {name}=\""))?.1;
        Some(unescaped(rest.split('"').next()?))
    };
    let mut fields = Vec::new();
    for piece in inside.split('<').skip(1) {
        let tag = piece.split('>').next().unwrap_or_default();
        let Some(name) = attribute(tag, "name") else {
            continue;
        };
        let text = piece.split_once('>').map_or("", |it| it.1);
        if name == "q" || name == "form" || name == "here" {
            continue;
        }
        if tag.starts_with("textarea") {
            let text = text.strip_prefix('\n').unwrap_or(text);
            fields.push((name, unescaped(text).replace('\n', "\r\n")));
        } else if tag.starts_with("select") {
            let rest = inside.split_once(tag).expect("the select").1;
            let rest = rest.split_once("</select>").expect("its end").0;
            let chosen = rest.split_once("<option selected>").map_or("", |it| it.1);
            fields.push((
                name,
                chosen.split('<').next().unwrap_or_default().to_owned(),
            ));
        } else if !tag.contains("checkbox") || tag.contains(" checked") {
            fields.push((name, attribute(tag, "value").unwrap_or_default()));
        }
    }
    fields
}

fn unescaped(text: &str) -> String {
    let pairs = [
        ("&#34;", "\""),
        ("&#38;", "&"),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
    ];
    let text = pairs
        .iter()
        .fold(text.to_owned(), |it, (from, to)| it.replace(from, to));
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

/// Sets one field of a form; `None` says that it holds nothing.
fn typed(fields: &mut Vec<(String, String)>, column: &str, value: Option<&str>) {
    fields.retain(|(name, _)| *name != format!("n.{column}"));
    match value {
        None => fields.push((format!("n.{column}"), "1".to_owned())),
        Some(text) => {
            fields.retain(|(name, _)| *name != format!("v.{column}"));
            fields.push((format!("v.{column}"), text.to_owned()));
        }
    }
}

async fn send(
    browser: &kit::Browser,
    path: &str,
    fields: &[(String, String)],
) -> postern_testkit::Reply {
    let fields: Vec<_> = fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    browser.post(path, &fields).await
}
