//! Finding pages, tables, queries, policy files and users by a few letters, and the keys that
//! lead around.
//!
//! It is a page like any other; the script shows the same answers in a box over the page.

use askama::Template;
use postern_auth::admin::{Browse, Direction, Group, Order, PageWish};

use crate::answer::{Answer, page};
use crate::chrome::{Chrome, Spot};
use crate::failure::Failure;
use crate::place::{Place, SqlPlace, TablePage};
use crate::routes;
use crate::visit::Visit;

/// Most things of one kind.
const EACH_MAX: usize = 6;
/// Longest text that is looked for, in characters.
const CHARS_MAX: usize = 100;
/// Fewest characters that users are looked for by.
const USER_CHARS_MIN: usize = 2;

#[derive(Template)]
#[template(path = "palette.html")]
struct Page {
    chrome: Chrome,
    search: String,
    form: Place,
    found: Found,
}

#[derive(Template)]
#[template(path = "palette_found.html")]
struct Found {
    kinds: Vec<Kind>,
}

/// Things of one kind.
struct Kind {
    name: &'static str,
    things: Vec<Thing>,
}

struct Thing {
    icon: &'static str,
    label: String,
    hint: String,
    place: Place,
}

#[derive(Template)]
#[template(path = "keyboard.html")]
struct KeyboardPage {
    chrome: Chrome,
    keys: Keys,
}

/// The keys, in groups.
#[derive(Template)]
#[template(path = "keyboard_keys.html")]
struct Keys {
    groups: Vec<(&'static str, Vec<Stroke>)>,
}

/// Keys, one after the other or together, and what they do.
type Stroke = (Vec<&'static str>, &'static str);

/// `GET /console/palette?q=…`
pub(crate) async fn find(visit: &Visit) -> Answer {
    let search: String = visit
        .query
        .text("q")
        .trim()
        .chars()
        .take(CHARS_MAX)
        .collect();
    let found = Found {
        kinds: kinds(visit, &search).await?,
    };
    if visit.wants_part() {
        return page(&found);
    }
    page(&Page {
        chrome: Chrome::new(visit, t!("palette.title"), Spot::Elsewhere),
        search,
        form: Place::Palette,
        found,
    })
}

/// `GET /console/keyboard`
pub(crate) async fn keyboard(visit: &Visit) -> Answer {
    let chrome = Chrome::new(visit, t!("keyboard.title"), Spot::Elsewhere);
    let keys = Keys {
        groups: groups(&chrome),
    };
    if visit.wants_part() {
        return page(&keys);
    }
    page(&KeyboardPage { chrome, keys })
}

async fn kinds(visit: &Visit, search: &str) -> Result<Vec<Kind>, Failure> {
    let wanted = search.to_lowercase();
    let all = [
        (t!("palette.pages"), pages(visit, &wanted)),
        (t!("palette.tables"), tables(visit, &wanted)),
        (t!("palette.queries"), queries(visit, &wanted).await?),
        (t!("palette.policies"), policies(visit, &wanted).await),
        (t!("palette.users"), users(visit, search).await?),
    ];
    let kinds = all.into_iter().map(|(name, things)| Kind { name, things });
    Ok(kinds.filter(|it| !it.things.is_empty()).collect())
}

/// The pages of the rail; all of them where nothing is looked for.
fn pages(visit: &Visit, wanted: &str) -> Vec<Thing> {
    let chrome = Chrome::new(visit, "", Spot::Elsewhere);
    let mut things = Vec::new();
    for group in chrome.rail() {
        for link in group.links {
            if link.label.to_lowercase().contains(wanted) {
                things.push(Thing {
                    icon: link.icon,
                    label: link.label.to_owned(),
                    hint: group.name.unwrap_or_default().to_owned(),
                    place: link.place,
                });
            }
        }
    }
    things
}

fn tables(visit: &Visit, wanted: &str) -> Vec<Thing> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let snapshot = visit.console.rest.snapshot();
    let mut names: Vec<_> = snapshot
        .catalog
        .relations()
        .map(|it| it.name.clone())
        .filter(|it| it.to_string().to_lowercase().contains(wanted))
        .collect();
    // Names that begin like it come first.
    names.sort_by_key(|it| {
        let is_inside = !it.name.to_lowercase().starts_with(wanted);
        (is_inside, it.to_string())
    });
    let things = names.into_iter().take(EACH_MAX).map(|name| Thing {
        icon: "table",
        label: name.name.clone(),
        hint: name.schema.clone(),
        place: Place::Table(name, TablePage::Rows),
    });
    things.collect()
}

async fn queries(visit: &Visit, wanted: &str) -> Result<Vec<Thing>, Failure> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let snippets = visit.console.auth.snippets().await?;
    let found = snippets
        .into_iter()
        .filter(|it| it.name.to_lowercase().contains(wanted));
    let things = found.take(EACH_MAX).map(|it| Thing {
        icon: "sql",
        label: it.name,
        hint: t!("palette.saved_by", it.saved_by),
        place: Place::Sql(SqlPlace::Snippet(it.id)),
    });
    Ok(things.collect())
}

/// Policy files by their name; none where the folder cannot be read, which their own page tells.
async fn policies(visit: &Visit, wanted: &str) -> Vec<Thing> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let folder = visit.console.backstage.policy_files().await;
    let files = folder.map(|it| it.files).unwrap_or_default();
    let names = files.into_iter().filter_map(|it| {
        let name = it.path.rsplit(['/', '\\']).next()?.to_owned();
        name.to_lowercase().contains(wanted).then_some(name)
    });
    let things = names.take(EACH_MAX).map(|name| Thing {
        icon: "policy",
        label: name.clone(),
        hint: String::new(),
        place: of_file(name),
    });
    things.collect()
}

/// The page of a policy file where there is one, else that of all of them.
fn of_file(name: String) -> Place {
    match routes::all().any(|it| it.path == "/policies/{file}") {
        true => Place::Policy(name, ""),
        false => Place::Policies,
    }
}

async fn users(visit: &Visit, search: &str) -> Result<Vec<Thing>, Failure> {
    if search.chars().count() < USER_CHARS_MIN {
        return Ok(Vec::new());
    }
    let browse = Browse {
        search: search.to_owned(),
        page: PageWish::parse(None, Some("6"))?,
        group: Group::All,
        order: Order::Email,
        direction: Direction::Rising,
    };
    let auth = &visit.console.auth;
    let found = auth.browse_users(&browse, &visit.context).await?;
    let things = found.users.iter().take(EACH_MAX).map(|user| Thing {
        icon: "person",
        label: super::users::name(user),
        hint: String::new(),
        place: Place::User(user.id),
    });
    Ok(things.collect())
}

fn groups(chrome: &Chrome) -> Vec<(&'static str, Vec<Stroke>)> {
    let rail = chrome.rail();
    let links = rail.iter().flat_map(|it| &it.links);
    let go = links.filter_map(|it| Some((vec!["g", it.spot.letter()?], it.label)));
    vec![
        (
            t!("keyboard.everywhere"),
            vec![
                (vec!["Ctrl", "K"], t!("keyboard.find")),
                (vec!["?"], t!("keyboard.help")),
                (vec!["/"], t!("keyboard.search")),
                (vec!["Esc"], t!("keyboard.close")),
            ],
        ),
        (t!("keyboard.go"), go.collect()),
        (
            t!("keyboard.sql"),
            vec![(vec!["Ctrl", "Enter"], t!("keyboard.run"))],
        ),
    ]
}
