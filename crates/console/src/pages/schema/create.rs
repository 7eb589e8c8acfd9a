//! A new table.

use postern_catalog::Catalog;

use super::build::{self, Came, MayDestroy, Step};
use super::draft::Draft;
use super::fields::{Fields, Page, Panel};
use super::plan::{self, Lists, Plan};
use crate::answer::Answer;
use crate::chrome::{Chrome, Spot};
use crate::form::Form;
use crate::place::Place;
use crate::visit::Visit;

/// `GET /console/tables/new`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let draft = draft(visit, &visit.query);
    answer(visit, draft, Step::Look).await
}

/// `POST /console/tables/new`
pub(crate) async fn act(visit: &Visit) -> Answer {
    let mut draft = draft(visit, &visit.form);
    let step = Step::of(visit);
    draft.grow(step);
    answer(visit, draft, step).await
}

/// What a form says, or what most tables begin with.
fn draft(visit: &Visit, form: &Form) -> Draft {
    let schemas = &visit.console.rest.settings().schemas;
    let wished = form.text("schema");
    let usual = schemas.first().map_or("public", |it| it);
    let schema = schemas.iter().find(|it| *it == wished);
    let schema = schema.map_or(usual, |it| it);
    match form.has("c0.name") {
        true => Draft {
            schema: schema.to_owned(),
            ..Draft::default()
        }
        .with(form),
        false => Draft::new(schema).with(form),
    }
}

async fn answer(visit: &Visit, draft: Draft, step: Step) -> Answer {
    let (types, targets) = build::lists(visit).await?;
    let lists = Lists {
        types: &types,
        targets: &targets,
    };
    let schemas = &visit.console.rest.settings().schemas;
    let catalog = &visit.console.rest.snapshot().catalog;
    let taken = is_taken(&draft, catalog);
    let mut plan = plan::create(&draft, &lists, schemas, taken);
    if step == Step::Look && draft.table.is_empty() && !visit.form.has("table") {
        // Nobody has begun: what is missing is no mistake yet.
        plan = Plan::default();
    }
    let came = build::act(visit, step, &plan, &draft.name(), MayDestroy::No).await?;
    let notice = match came {
        Came::Done(response) => return Ok(response),
        Came::Told(notice) => Some(notice),
        Came::Nothing => None,
    };
    let status = build::status(notice.as_ref());
    let mut difference = draft.difference(&Draft::default());
    difference.retain(|(name, _)| name != "gone");
    let action = Place::NewTable;
    let panel = Panel::of(visit, (&action, &action), &difference, (plan, notice));
    if visit.wants_part() {
        return build::shown(&panel, status);
    }
    let fields = Fields {
        schemas: schemas.clone(),
        ..Fields::of(draft, &action, &Place::Tables, &lists)
    };
    let page = Page {
        chrome: Chrome::new(visit, t!("ddl.new_title"), Spot::Tables)
            .below(Place::Tables, t!("tables.title")),
        fields,
        panel,
    };
    build::shown(&page, status)
}

fn is_taken(draft: &Draft, catalog: &Catalog) -> bool {
    catalog.relation(&draft.name()).is_some()
}
