//! The rows of one table: filtered, sorted, and page by page, all of it by the address alone.

pub(super) mod columns;
mod page;
pub(super) mod rows;
pub(super) mod sort;
pub(crate) mod wish;

use actix_web::http::StatusCode;
use askama::Template;
use postern_base::RelationName;
use postern_db::ColumnOutline;

use self::columns::{Chooser, Head};
use self::page::Foot;
use self::rows::Line;
use self::sort::{Term, Way};
use self::wish::Wish;
use super::filter::{Filter, OFFERED};
use super::frame::Frame;
use super::table::{Named, Table};
use super::{pick, row};
use crate::answer::{self, Answer, page, see_other};
use crate::chrome::{Chrome, Spot};
use crate::failure::Failure;
use crate::place::{Place, TablePage};
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "grid.html")]
struct Page {
    chrome: Chrome,
    frame: Frame,
    comment: Option<String>,
    has_key: bool,
    insert: Option<Place>,
    grid: Grid,
}

/// The form of a new filter.
struct NewFilter {
    action: Place,
    columns: Vec<String>,
    operators: Vec<(&'static str, &'static str)>,
    kept: Vec<(&'static str, String)>,
}

/// The part that htmx swaps.
#[derive(Template)]
#[template(path = "grid_part.html")]
struct Grid {
    name: RelationName,
    filter: NewFilter,
    chooser: Chooser,
    chips: Vec<Chip>,
    /// The columns that sort, where they are more than one or one of them is gone.
    sorts: Vec<Chip>,
    heads: Vec<Head>,
    lines: Vec<Line>,
    is_narrowed: bool,
    everything: String,
    refusal: Option<String>,
    foot: Foot,
    tools: Tools,
}

/// What can be done with the rows.
struct Tools {
    csv: String,
    json: String,
    /// What an editor may do; nothing for viewers and for rows without a key.
    change: Option<Change>,
}

/// What an editor may do with the rows.
struct Change {
    form_token: String,
    /// The address of the grid, where forms lead back to.
    here: String,
    edit: Place,
    set: Option<Place>,
    delete: Option<Place>,
}

impl Tools {
    fn of(visit: &Visit, table: &Table, wish: &Wish) -> Result<Self, Failure> {
        let relation = table.relation()?;
        let chrome = Chrome::new(visit, "", Spot::Tables);
        let place = |page| Place::Table(relation.name.clone(), page);
        let may_change = chrome.may_edit() && row::has_pages(relation);
        let change = may_change.then(|| Change {
            form_token: chrome.form_token,
            here: wish.address(),
            edit: place(TablePage::Edit),
            set: relation.updatable.then(|| place(TablePage::BulkSet)),
            delete: relation.deletable.then(|| place(TablePage::BulkDelete)),
        });
        Ok(Self {
            csv: wish.export("csv"),
            json: wish.export("json"),
            change: change.filter(|it| it.set.is_some() || it.delete.is_some()),
        })
    }
}

/// A filter that can be taken out.
struct Chip {
    column: String,
    word: String,
    value: String,
    is_whole: bool,
    without: String,
}

#[derive(Template)]
#[template(path = "grid_not_served.html")]
struct NotServed {
    chrome: Chrome,
    name: RelationName,
    columns: Vec<ColumnOutline>,
    schemas: String,
}

/// `GET /console/tables/{schema}.{table}`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let table = match Table::named(visit)? {
        Named::Served(table) => table,
        Named::Other(name) => return not_served(visit, name).await,
    };
    if visit.query.text("part") == "pick" {
        return pick::show(visit, &table).await;
    }
    let wish = Wish::read(&visit.query, &table)?;
    if visit.query.has("column") {
        return with_new_filter(visit, &table, wish);
    }
    if let Some(way) = Way::read(visit.query.text("way")) {
        let sort = wish.sort.with(visit.query.text("by"), way);
        return Ok(see_other(&wish.sorted(sort).address()));
    }
    let grid = grid(visit, &table, &wish).await?;
    let status = match &grid.refusal {
        Some(_) => StatusCode::BAD_REQUEST,
        None => StatusCode::OK,
    };
    if visit.wants_part() {
        // A status of failure would not be swapped; the part says what is wrong.
        return page(&grid);
    }
    let relation = table.relation()?;
    let chrome = Chrome::new(visit, table.name().to_string(), Spot::Tables)
        .below(Place::Tables, t!("tables.title"));
    let may_insert = chrome.may_edit() && relation.insertable;
    let shown = Page {
        insert: may_insert.then(|| Place::Table(table.name().clone(), TablePage::Insert)),
        chrome,
        frame: Frame::new(table.name(), &TablePage::Rows),
        comment: relation.comment.clone(),
        has_key: !relation.primary_key.is_empty(),
        grid,
    };
    answer::html(status, &shown)
}

/// The address with the filter that a form asks for.
fn with_new_filter(visit: &Visit, table: &Table, mut wish: Wish) -> Answer {
    let query = &visit.query;
    let (column, operator) = (query.text("column"), query.text("operator"));
    if let Some(raw) = Filter::offered(column, operator, query.text("value")) {
        wish.add_filter(&raw, table.relation()?);
    }
    Ok(see_other(&wish.first_page().address()))
}

async fn grid(visit: &Visit, table: &Table, wish: &Wish) -> Result<Grid, Failure> {
    let found = rows::find(visit, table, wish).await;
    let (lines, foot, refusal) = match found {
        Ok((lines, foot)) => (lines, foot, None),
        Err(refusal) if refusal.cause.is_some() => return Err(Failure::Data(refusal)),
        Err(refusal) => (Vec::new(), Foot::default(), Some(refusal.text())),
    };
    Ok(Grid {
        name: table.name().clone(),
        filter: NewFilter {
            action: Place::Table(table.name().clone(), TablePage::Rows),
            columns: table.columns()?.iter().map(|it| it.name.clone()).collect(),
            operators: OFFERED.to_vec(),
            kept: wish.kept(),
        },
        chooser: Chooser::new(table, wish)?,
        chips: wish.filters.iter().map(|it| chip(it, wish)).collect(),
        sorts: sorts(wish),
        heads: columns::heads(table, wish)?,
        lines,
        is_narrowed: !wish.filters.is_empty(),
        everything: wish.without_filters().address(),
        refusal,
        foot,
        tools: Tools::of(visit, table, wish)?,
    })
}

fn chip(filter: &Filter, wish: &Wish) -> Chip {
    let (word, value) = filter.words();
    Chip {
        column: filter.column.clone(),
        word,
        value: value.to_owned(),
        is_whole: filter.is_whole,
        without: wish.without(&filter.raw).address(),
    }
}

/// The order as chips; one column that sorts says so in its head.
fn sorts(wish: &Wish) -> Vec<Chip> {
    let all = wish.sort.all();
    let is_plain = all.len() == 1 && all[0].way.is_some();
    let chip = |it: &Term| Chip {
        column: it.column.clone(),
        word: match it.way {
            Some(Way::Falling) => t!("grid.falling").to_owned(),
            Some(Way::Rising) => t!("grid.rising").to_owned(),
            None => String::new(),
        },
        value: String::new(),
        is_whole: it.way.is_some(),
        without: wish.sorted(wish.sort.without(&it.column)).address(),
    };
    all.iter().filter(|_| !is_plain).map(chip).collect()
}

/// What can be told of a table that the data API does not serve: its columns, and the way out.
async fn not_served(visit: &Visit, name: RelationName) -> Answer {
    let columns = visit.console.db.columns_of(&name).await?;
    if columns.is_empty() {
        return Err(Failure::Missing);
    }
    let mut schemas = visit.console.rest.settings().schemas.clone();
    schemas.push(name.schema.clone());
    page(&NotServed {
        chrome: Chrome::new(visit, name.to_string(), Spot::Tables)
            .below(Place::Tables, t!("tables.title")),
        schemas: format!("{schemas:?}"),
        name,
        columns,
    })
}
