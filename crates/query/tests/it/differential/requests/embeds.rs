//! Random select lists: casts, paths, and embeds up to four deep.

use postern_query::request::Method;
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

use super::super::tables::{Column, Far, Table, Ty, table_of};
use super::{Draft, key_of};

/// How deep embeds go at most.
const DEPTH_MAX: usize = 4;

/// A select list in the making.
pub(super) struct Selection {
    /// How deep the embeds of this list may go.
    depth: usize,
    /// Numbers that keep output names apart.
    names: usize,
    /// Embeds still to be made, so that no request grows without bound.
    left: usize,
    /// Filters, orders and limits of embeds.
    pub(super) extra: Vec<String>,
}

impl Selection {
    pub(super) fn new(random: &mut StdRng) -> Self {
        let depth = [0, 0, 1, 1, 1, 2, 2, 3, 4]
            .choose(random)
            .copied()
            .unwrap_or(0);
        Self {
            depth,
            names: 0,
            left: 5,
            extra: Vec::new(),
        }
    }

    /// The list of a node; `path` is where it stands.
    pub(super) fn list(
        &mut self,
        random: &mut StdRng,
        draft: &Draft<'_>,
        table: &'static Table,
        path: &str,
    ) -> String {
        let mut parts = self.columns(random, draft, table);
        let deep = path.split('.').filter(|it| !it.is_empty()).count();
        // A mask is a view on the native side, which only reads go through.
        let may_embed = draft.method == Method::Get || !draft.world.is_masked();
        if deep < self.depth.min(DEPTH_MAX) && may_embed {
            let count = if random.random_bool(0.25) { 2 } else { 1 };
            for far in table.far.choose_multiple(random, count) {
                if self.left > 0 {
                    self.left -= 1;
                    parts.push(self.embed(random, draft, far, path));
                }
            }
        }
        parts.join(",")
    }

    fn columns(
        &mut self,
        random: &mut StdRng,
        draft: &Draft<'_>,
        table: &'static Table,
    ) -> Vec<String> {
        let mut columns = draft.columns(random, table, "select");
        columns.retain(|_| random.random_bool(0.6));
        let mut parts: Vec<_> = columns.iter().map(|it| self.column(random, it)).collect();
        if parts.is_empty() {
            parts.push(table.columns[0].name.to_owned());
        }
        parts
    }

    fn column(&mut self, random: &mut StdRng, column: &Column) -> String {
        let name = column.name;
        if !random.random_bool(0.12) {
            return name.to_owned();
        }
        self.names += 1;
        let alias = format!("c{}", self.names);
        let casts: &[&str] = match column.ty {
            Ty::Int => &["::text", "::int8", "::numeric"],
            Ty::Text => &["::int", "::varchar", "::bpchar"],
            Ty::Jsonb => &["->>k", "->k", "->>n::int", "::text"],
            Ty::Place => &["->>x", "->y", "::text"],
            Ty::Tags => &["->0", "::text"],
            Ty::Uuid | Ty::Bool | Ty::Mood | Ty::Price | Ty::Span | Ty::Label => &["::text"],
        };
        let cast = casts.choose(random).copied().unwrap_or_default();
        format!("{alias}:{name}{cast}")
    }

    fn embed(&mut self, random: &mut StdRng, draft: &Draft<'_>, far: &Far, path: &str) -> String {
        let table = table_of(far.table);
        let spread = random.random_bool(0.2);
        let inner = if random.random_bool(0.35) {
            "!inner"
        } else {
            ""
        };
        self.names += 1;
        let (prefix, name) = match (spread, random.random_bool(0.3)) {
            (true, _) => ("...".to_owned(), far.table.to_owned()),
            (false, true) => (format!("e{}:", self.names), format!("e{}", self.names)),
            (false, false) => (String::new(), far.table.to_owned()),
        };
        let here = format!("{path}{name}.");
        let shown = if spread {
            self.spread_list(random, draft, table)
        } else {
            self.list(random, draft, table, &here)
        };
        if random.random_bool(if inner.is_empty() { 0.3 } else { 0.7 }) {
            self.extra.extend(draft.filter(random, table, &here));
        }
        if !far.to_one && !spread && random.random_bool(0.15) {
            let limit = random.random_range(0..4);
            self.extra
                .push(format!("{here}order={}&{here}limit={limit}", key_of(table)));
        }
        format!("{prefix}{}{inner}({shown})", far.table)
    }

    /// Columns of a spread, each under a name that no other output has.
    fn spread_list(
        &mut self,
        random: &mut StdRng,
        draft: &Draft<'_>,
        table: &'static Table,
    ) -> String {
        let columns = draft.columns(random, table, "select");
        let chosen: Vec<_> = columns
            .choose_multiple(random, 2)
            .map(|it| {
                self.names += 1;
                let cast = if it.ty == Ty::Text && random.random_bool(0.2) {
                    "::int"
                } else {
                    ""
                };
                format!("s{}:{}{cast}", self.names, it.name)
            })
            .collect();
        if chosen.is_empty() {
            "id".to_owned()
        } else {
            chosen.join(",")
        }
    }
}

/// An embed that shows nothing, and a condition on whether it has a match.
pub(super) fn matches(random: &mut StdRng, table: &Table) -> (String, String) {
    let far = table.far.choose(random).map_or("items", |it| it.table);
    let filters = [
        "m=is.null",
        "m=not.is.null",
        "or=(m.is.null,m.not.is.null)",
        "not.and=(m.not.is.null)",
    ];
    let filter = filters.choose(random).copied().unwrap_or_default();
    (format!("m:{far}()"), filter.to_owned())
}
