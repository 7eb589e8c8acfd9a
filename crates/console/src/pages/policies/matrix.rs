//! Table by verb by role: who may do what, as the bundle in force says it.

use askama::Template;
use postern_auth::admin::{Page as ListPage, PageWish};
use postern_base::{RelationName, RoleName};
use postern_catalog::{Relation, RelationKind};
use postern_policy::{Bundle, Verb};
use postern_rest::{Enforce, Snapshot};

use super::cell::{Cell, Reach};
use super::files::FileNames;
use crate::answer::{Answer, page};
use crate::chrome::{Chrome, Spot};
use crate::failure::Failure;
use crate::form::address;
use crate::pages::pager::Pager;
use crate::place::Place;
use crate::visit::Visit;

/// Longest search, in characters.
const SEARCH_CHARS_MAX: usize = 200;
/// Tables on a page.
const TABLES_MAX: &str = "100";

#[derive(Template)]
#[template(path = "policies.html")]
struct Page {
    chrome: Chrome,
    search: String,
    shows: Vec<Choice>,
    roles: Vec<Choice>,
    kept: Vec<(&'static str, String)>,
    is_native: bool,
    others: Vec<(String, Place)>,
    /// Why the files cannot be read.
    unread: Option<String>,
    rows: Rows,
}

/// Something to choose.
struct Choice {
    label: String,
    address: String,
    is_current: bool,
}

#[derive(Template)]
#[template(path = "policies_rows.html")]
pub(crate) struct Rows {
    tables: Vec<Table>,
    is_narrowed: bool,
    has_tables: bool,
    may_edit: bool,
    /// The foot; none where there is one table.
    pager: Option<Pager>,
}

/// A table, with a line for each role.
struct Table {
    name: String,
    kind: Option<&'static str>,
    file: Option<(String, Place)>,
    /// Where a file for it is written.
    new: Place,
    lines: Vec<Line>,
}

/// What a role may do with the table.
struct Line {
    role: String,
    cells: Vec<Cell>,
}

/// Which tables are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Show {
    All,
    Anon,
    Some,
    Closed,
}

impl Show {
    const ALL: [Self; 4] = [Self::All, Self::Anon, Self::Some, Self::Closed];

    fn as_str(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Anon => "anon",
            Self::Some => "open",
            Self::Closed => "closed",
        }
    }

    fn parse(text: &str) -> Self {
        let found = Self::ALL.into_iter().find(|it| it.as_str() == text);
        found.unwrap_or(Self::All)
    }

    fn label(self) -> &'static str {
        match self {
            Self::All => t!("policies.show_all"),
            Self::Anon => t!("policies.show_anon"),
            Self::Some => t!("policies.show_open"),
            Self::Closed => t!("policies.show_closed"),
        }
    }

    /// Whether a table with these lines is shown.
    fn fits(self, table: &Table) -> bool {
        let open = |line: &Line| line.cells.iter().any(|it| it.reach != Reach::None);
        match self {
            Self::All => true,
            Self::Anon => table
                .lines
                .iter()
                .any(|it| it.role == RoleName::ANON && open(it)),
            Self::Some => table.lines.iter().any(open),
            Self::Closed => !table.lines.iter().any(open),
        }
    }
}

/// What the address asks for.
struct Wish {
    search: String,
    show: Show,
    role: Option<String>,
    page: PageWish,
}

impl Wish {
    fn read(visit: &Visit, roles: &[RoleName]) -> Result<Self, Failure> {
        let query = &visit.query;
        let search = query.text("q").trim().chars().take(SEARCH_CHARS_MAX);
        let role = query.text("role");
        let page = PageWish::parse(Some(query.text("page")), Some(TABLES_MAX));
        Ok(Self {
            search: search.collect(),
            show: Show::parse(query.text("show")),
            // A role that is gone narrows nothing: no saved address leads to an error.
            role: roles
                .iter()
                .find(|it| it.as_str() == role)
                .map(ToString::to_string),
            page: page.or_else(|_| PageWish::parse(None, Some(TABLES_MAX)))?,
        })
    }

    fn parameters(&self) -> [(&'static str, &str); 3] {
        [
            ("q", &self.search),
            ("show", self.show.as_str()),
            ("role", self.role.as_deref().unwrap_or_default()),
        ]
    }

    fn address(&self, show: Show, role: Option<&str>) -> String {
        let parameters = [
            ("q", self.search.as_str()),
            ("show", show.as_str()),
            ("role", role.unwrap_or_default()),
        ];
        address(&Place::Policies.to_string(), &parameters)
    }
}

/// `GET /console/policies`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let snapshot = visit.console.rest.snapshot();
    let roles = roles(&snapshot.bundle);
    let wish = Wish::read(visit, &roles)?;
    let read = visit.console.backstage.policy_files().await;
    let (files, unread) = match &read {
        Ok(folder) => (FileNames::of(folder), None),
        Err(message) => (FileNames::default(), Some(message.clone())),
    };
    let chrome = Chrome::new(visit, t!("policies.title"), Spot::Policies);
    let rows = rows(&wish, &snapshot, (&roles, &files), &chrome);
    if visit.wants_part() {
        return page(&rows);
    }
    let kept = wish.parameters().into_iter().skip(1);
    let kept = kept.filter(|(_, value)| !value.is_empty());
    page(&Page {
        shows: shows(&wish),
        roles: role_choices(&wish, &roles),
        kept: kept.map(|(name, value)| (name, value.to_owned())).collect(),
        is_native: visit.console.rest.settings().enforce == Enforce::Native,
        others: files.others(),
        unread,
        search: wish.search,
        chrome,
        rows,
    })
}

/// The roles that policies speak of, the weakest first.
pub(crate) fn roles(bundle: &Bundle) -> Vec<RoleName> {
    let usual = [RoleName::ANON, RoleName::AUTHENTICATED].map(RoleName::new);
    let defined = bundle.roles().map(|(name, _)| name.clone());
    let defined = defined.filter(|it| !usual.contains(it));
    usual.iter().cloned().chain(defined).collect()
}

fn shows(wish: &Wish) -> Vec<Choice> {
    let choice = |show: Show| Choice {
        label: show.label().to_owned(),
        address: wish.address(show, wish.role.as_deref()),
        is_current: show == wish.show,
    };
    Show::ALL.into_iter().map(choice).collect()
}

fn role_choices(wish: &Wish, roles: &[RoleName]) -> Vec<Choice> {
    let every = Choice {
        label: t!("policies.every_role").to_owned(),
        address: wish.address(wish.show, None),
        is_current: wish.role.is_none(),
    };
    let one = |role: &RoleName| Choice {
        label: role.to_string(),
        address: wish.address(wish.show, Some(role.as_str())),
        is_current: wish.role.as_deref() == Some(role.as_str()),
    };
    std::iter::once(every)
        .chain(roles.iter().map(one))
        .collect()
}

fn rows(
    wish: &Wish,
    snapshot: &Snapshot,
    (roles, files): (&[RoleName], &FileNames),
    chrome: &Chrome,
) -> Rows {
    let wanted = wish.search.to_lowercase();
    let found = |it: &&Relation| it.name.to_string().to_lowercase().contains(&wanted);
    let mut relations: Vec<_> = snapshot.catalog.relations().filter(found).collect();
    relations.sort_by(|one, other| one.name.cmp(&other.name));
    let has_role = |it: &&RoleName| wish.role.as_deref().is_none_or(|role| role == it.as_str());
    let roles: Vec<_> = roles.iter().filter(has_role).cloned().collect();
    let tables = relations.into_iter();
    let tables = tables.map(|it| table(it, &snapshot.bundle, &roles, files));
    let tables: Vec<_> = tables.filter(|it| wish.show.fits(it)).collect();
    let total = tables.len();
    let per_page = usize::try_from(wish.page.per_page()).unwrap_or(1);
    let before = usize::try_from(wish.page.number() - 1).unwrap_or(0) * per_page;
    let list = ListPage {
        items: tables.into_iter().skip(before).take(per_page).collect(),
        total: i64::try_from(total).unwrap_or(i64::MAX),
        wish: wish.page,
    };
    let path = Place::Policies.to_string();
    Rows {
        pager: Some(Pager::new(&list, &path, &wish.parameters(), "#rows")),
        tables: list.items,
        is_narrowed: wish.parameters().iter().any(|(_, it)| !it.is_empty()),
        has_tables: snapshot.catalog.relations().next().is_some(),
        may_edit: chrome.may_edit(),
    }
}

/// The lines of one table, and the name of its file, be it there or not.
pub(crate) async fn one(visit: &Visit, name: &RelationName, chrome: &Chrome) -> (Rows, String) {
    let snapshot = visit.console.rest.snapshot();
    let read = visit.console.backstage.policy_files().await;
    let files = read.as_ref().map(FileNames::of).unwrap_or_default();
    let roles = roles(&snapshot.bundle);
    let relation = snapshot.catalog.relation(name);
    let tables: Vec<_> = relation
        .map(|it| table(it, &snapshot.bundle, &roles, &files))
        .into_iter()
        .collect();
    let file = files.of_table(name).map(ToOwned::to_owned);
    let rows = Rows {
        tables,
        is_narrowed: false,
        has_tables: true,
        may_edit: chrome.may_edit(),
        pager: None,
    };
    (rows, file.unwrap_or_else(|| format!("{name}.toml")))
}

fn table(relation: &Relation, bundle: &Bundle, roles: &[RoleName], files: &FileNames) -> Table {
    let line = |role: &RoleName| Line {
        role: role.to_string(),
        cells: Verb::ALL
            .into_iter()
            .map(|verb| {
                let access = bundle.access(&relation.name, role, verb);
                Cell::of(relation, role, verb, access)
            })
            .collect(),
    };
    let name = relation.name.to_string();
    let file = files.of_table(&relation.name);
    Table {
        kind: match relation.kind {
            RelationKind::Table | RelationKind::Partitioned => None,
            RelationKind::View => Some(t!("policies.view")),
            RelationKind::MaterializedView => Some(t!("policies.materialized")),
            RelationKind::Foreign => Some(t!("policies.foreign")),
        },
        lines: match file {
            Some(_) => roles.iter().map(line).collect(),
            None => Vec::new(),
        },
        new: Place::Policy(format!("{name}.toml"), ""),
        file: file.map(|it| (it.to_owned(), Place::Policy(it.to_owned(), ""))),
        name,
    }
}
