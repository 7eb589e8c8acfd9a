//! How apps read and write the rows of one table: lines in the language of each client.

mod subject;

use askama::Template;
use postern_base::RoleName;
use postern_catalog::{Generated, Relation};
use postern_policy::Verb;
use postern_rest::{Enforce, OpenApi};

use self::subject::{Audience, Subjects};
use super::frame::Frame;
use super::table::Table;
use crate::answer::{Answer, page};
use crate::chrome::{Chrome, Spot};
use crate::form::address;
use crate::pages::policies::cell::Cell;
use crate::place::{Place, TablePage};
use crate::snippets::sample::Kind;
use crate::snippets::{Language, Site, Step};
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "table_api.html")]
struct Page {
    chrome: Chrome,
    frame: Frame,
    languages: Vec<Choice>,
    language: Language,
    connect: Option<String>,
    blocks: Vec<Block>,
    /// Whether requests can name the table.
    is_addressable: bool,
    /// Whether there is a key to show.
    has_key: bool,
    keys: Place,
    /// The schema that requests must name.
    schema: Option<String>,
    sight: Sight,
    policies: Place,
    columns: Vec<Line>,
    /// Where the API describes itself.
    openapi: Option<String>,
    site: Site,
}

/// A language to choose.
struct Choice {
    label: &'static str,
    address: String,
    is_current: bool,
}

/// One snippet.
struct Block {
    id: &'static str,
    title: String,
    audience: Audience,
    /// None where this client cannot say the names.
    text: Option<String>,
}

/// Who may do what.
enum Sight {
    /// The database alone decides.
    Database,
    /// A line for each verb: what `anon` may, and what `authenticated` may.
    Policies(Vec<(&'static str, [Cell; 2])>),
}

/// A column as the API has it.
struct Line {
    name: String,
    ty: String,
    kind: &'static str,
    marks: Vec<&'static str>,
    comment: String,
}

/// `GET /console/tables/{table}/api`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let table = Table::of(visit)?;
    let relation = table.relation()?;
    let language = Language::parse(visit.query.text("in"));
    let settings = visit.console.rest.settings();
    let site = site(visit);
    let subjects = Subjects::new(&table, settings);
    let blocks = Step::ALL.into_iter().filter_map(|step| {
        let (audience, subject) = subjects.of(step)?;
        Some(Block {
            id: id(step),
            title: title(step, subject.neighbour.as_ref().map(|it| it.table.as_str())),
            audience,
            text: language.write(step, subject, &site),
        })
    });
    let name = &relation.name;
    let tab = |part| Place::Table(name.clone(), TablePage::Tab(part));
    let schema = settings.schemas.first().filter(|it| **it != name.schema);
    let is_described = settings.openapi != OpenApi::Disabled && schema.is_none();
    page(&Page {
        chrome: Chrome::new(visit, name.name.as_str(), Spot::Tables)
            .below(Place::Tables, t!("tables.title")),
        frame: Frame::new(name, &TablePage::Tab("api")),
        languages: languages(&tab("api"), language),
        connect: language.connect(&site),
        blocks: blocks.collect(),
        is_addressable: subjects.is_addressable(),
        has_key: !visit.console.settings.publishable_keys.is_empty(),
        keys: Place::Keys,
        schema: schema.map(|_| name.schema.clone()),
        sight: Sight::of(&table, settings.enforce),
        policies: tab("policies"),
        columns: relation
            .columns
            .iter()
            .map(|it| Line::of(it, relation))
            .collect(),
        openapi: is_described.then(|| format!("{}{}/", site.address, settings.base_path)),
        language,
        site,
    })
}

/// Where apps find the server, and what they carry.
pub(crate) fn site(visit: &Visit) -> Site {
    let settings = &visit.console.settings;
    let key = settings.publishable_keys.first();
    Site {
        address: settings
            .external_url
            .as_str()
            .trim_end_matches('/')
            .to_owned(),
        key: key.map_or_else(|| "YOUR_PUBLISHABLE_KEY".to_owned(), Clone::clone),
    }
}

fn languages(here: &Place, current: Language) -> Vec<Choice> {
    let here = here.to_string();
    let choice = |it: Language| Choice {
        label: it.label(),
        address: address(&here, &[("in", it.as_str())]),
        is_current: it == current,
    };
    Language::ALL.into_iter().map(choice).collect()
}

fn id(step: Step) -> &'static str {
    match step {
        Step::List => "list",
        Step::One => "one",
        Step::Embed => "embed",
        Step::Insert => "insert",
        Step::Update => "update",
        Step::Delete => "delete",
    }
}

fn title(step: Step, neighbour: Option<&str>) -> String {
    match step {
        Step::List => t!("table_api.list").to_owned(),
        Step::One => t!("table_api.one").to_owned(),
        Step::Embed => t!("table_api.embed", neighbour.unwrap_or_default()),
        Step::Insert => t!("table_api.insert").to_owned(),
        Step::Update => t!("table_api.update").to_owned(),
        Step::Delete => t!("table_api.delete").to_owned(),
    }
}

impl Sight {
    fn of(table: &Table, enforce: Enforce) -> Self {
        let (snapshot, Ok(relation)) = (table.snapshot(), table.relation()) else {
            return Self::Policies(Vec::new());
        };
        if enforce == Enforce::Native {
            return Self::Database;
        }
        let line = |verb: Verb| {
            let cell = |role| {
                let role = RoleName::new(role);
                let access = snapshot.bundle.access(table.name(), &role, verb);
                Cell::of(relation, &role, verb, access)
            };
            (
                verb.as_str(),
                [RoleName::ANON, RoleName::AUTHENTICATED].map(cell),
            )
        };
        Self::Policies(Verb::ALL.into_iter().map(line).collect())
    }
}

impl Line {
    fn of(column: &postern_catalog::Column, relation: &Relation) -> Self {
        let mut marks = Vec::new();
        if relation.primary_key.contains(&column.name) {
            marks.push(t!("grid.key"));
        }
        match (column.generated, column.nullable, &column.default) {
            (Generated::Stored | Generated::IdentityAlways, ..) => {
                marks.push(t!("table_api.read_only"));
            }
            (Generated::No, false, None) => marks.push(t!("table_api.required")),
            (_, true, _) => marks.push(t!("grid.nullable")),
            _ => {}
        }
        Self {
            name: column.name.clone(),
            ty: column.ty.sql.clone(),
            kind: match Kind::of(&column.ty) {
                Kind::Text => t!("table_api.text"),
                Kind::Number => t!("table_api.number"),
                Kind::Boolean => t!("table_api.boolean"),
                Kind::Array => t!("table_api.array"),
                Kind::Json => t!("table_api.json"),
            },
            marks,
            comment: column.comment.clone().unwrap_or_default(),
        }
    }
}
