//! What stands around every page of one table: its tabs.
//!
//! A tab is there when its page is: the table of routes says so, and whoever mounts
//! `/tables/{table}/structure`, `/api` or `/policies` has a tab without a word here.

use askama::Template;
use postern_base::RelationName;

use crate::place::{Place, TablePage};
use crate::routes::{self, Verb};

/// The tabs beside the rows: the last part of the address, and what it is called.
const TABS: [(&str, &str); 3] = [
    ("structure", t!("frame_table.structure")),
    ("api", t!("frame_table.api")),
    ("policies", t!("frame_table.policies")),
];

/// The tabs of one table; print it with `{{ frame|safe }}` at the top of the page.
#[derive(Template)]
#[template(path = "table_frame.html")]
pub(crate) struct Frame {
    name: RelationName,
    tabs: Vec<Tab>,
}

struct Tab {
    place: Place,
    label: &'static str,
    is_current: bool,
}

impl Frame {
    /// The tabs of a table; `current` is the page that is shown.
    pub(crate) fn new(name: &RelationName, current: &TablePage) -> Self {
        let tab = |page: TablePage, label| Tab {
            is_current: page == *current,
            place: Place::Table(name.clone(), page),
            label,
        };
        let there = TABS.iter().filter(|(part, _)| is_mounted(part));
        let beside = there.map(|(part, label)| tab(TablePage::Tab(part), label));
        let mut tabs = vec![tab(TablePage::Rows, t!("frame_table.rows"))];
        tabs.extend(beside);
        Self {
            name: name.clone(),
            tabs,
        }
    }
}

fn is_mounted(part: &str) -> bool {
    let path = format!("/tables/{{table}}/{part}");
    routes::all().any(|row| row.verb == Verb::Get && row.path == path)
}
