//! A table's file bound to the catalogue: names checked, texts lowered, roles resolved.

use indexmap::IndexMap;
use postern_base::RoleName;
use postern_catalog::{Catalog, Generated, Relation};

use crate::bundle::{Expects, Fragment, Owner};
use crate::columns::{Grants, Sources};
use crate::file::{RuleEntry, RuleKind, TableFile};
use crate::lock::Lock;
use crate::predicate::{Context, Lowering, near, unknown_column};
use crate::report::{Report, Spanned};
use crate::roles::Roles;
use crate::{Assurance, Expr, Mask, Preset, RuleRef, Truth, Verb};

/// What binding works with.
#[derive(Debug)]
pub(crate) struct Binder<'a, 'b> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) roles: &'b Roles,
    pub(crate) lock: Option<&'b Lock>,
    pub(crate) lowering: &'b mut Lowering<'a>,
}

/// A bound table.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    pub(crate) file: &'a TableFile,
    pub(crate) relation: &'a Relation,
    pub(crate) rules: Vec<Rule<'a>>,
    pub(crate) grants: Grants,
    /// By the role that the mask is written for.
    pub(crate) masks: Vec<(RoleName, String, Mask)>,
    pub(crate) presets: Vec<(Verb, String, Preset)>,
    pub(crate) references: Vec<String>,
    /// The lock does not fit: nobody may do anything.
    pub(crate) closed: bool,
}

/// A bound rule.
#[derive(Clone, Debug)]
pub(crate) struct Rule<'a> {
    pub(crate) entry: &'a RuleEntry,
    /// The roles that it names; `None` stands for all.
    pub(crate) roles: Option<Vec<RoleName>>,
    /// What must be TRUE of the existing row.
    pub(crate) condition: Expr,
    /// What must be TRUE of the new row.
    pub(crate) check: Expr,
    pub(crate) reference: RuleRef,
}

impl Rule<'_> {
    /// What the rule demands of the caller's sign-in.
    pub(crate) fn assurance(&self) -> Option<Assurance> {
        self.entry.assurance
    }

    /// Whether it speaks of the verb, for a role with this chain of inheritance.
    pub(crate) fn applies(&self, chain: &[RoleName], verb: Verb) -> bool {
        let named = |roles: &Vec<RoleName>| chain.iter().any(|it| roles.contains(it));
        self.entry.covers(verb) && self.roles.as_ref().is_none_or(named)
    }
}

impl<'a> Binder<'a, '_> {
    /// Binds a file; `None` where its table does not exist.
    pub(crate) fn bind(
        &mut self,
        file: &'a TableFile,
        report: &mut Report<'_>,
    ) -> Option<Table<'a>> {
        let relation = self.relation(file, report)?;
        let rules = file
            .rules
            .iter()
            .filter_map(|entry| self.rule(entry, relation, report))
            .collect();
        let (grants, closed) =
            Grants::new(file, relation, self.catalog, self.roles, self.lock, report);
        self.check_limits(file, report);
        Some(Table {
            file,
            relation,
            rules,
            grants,
            masks: self.masks(file, relation, report),
            presets: self.presets(file, relation, report),
            references: references(file, relation, report),
            closed,
        })
    }

    fn relation(&self, file: &TableFile, report: &mut Report<'_>) -> Option<&'a Relation> {
        let name = &file.table.value;
        let relation = self.catalog.relation(name);
        if relation.is_none() {
            let names: Vec<_> = self
                .catalog
                .relations()
                .map(|it| it.name.to_string())
                .collect();
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            report.error(
                &file.table.site,
                "unknown-table",
                format!("unknown table `{name}`"),
                near(&name.to_string(), &names, "tables are"),
            );
        }
        relation
    }

    fn rule(
        &mut self,
        entry: &'a RuleEntry,
        relation: &Relation,
        report: &mut Report<'_>,
    ) -> Option<Rule<'a>> {
        let roles = entry.roles.as_ref().map(|names| {
            names
                .iter()
                .filter_map(|it| self.roles.find(it, report))
                .collect()
        });
        let context = Context {
            row: Some(relation),
            function: None,
            native: entry.native,
            as_caller: entry.as_caller,
        };
        let mut lower = |sql: &Option<Spanned<String>>| match sql {
            Some(sql) => self.lowering.lower(sql, context, report).map(Some),
            None => Some(None),
        };
        let (condition, check) = (lower(&entry.condition), lower(&entry.check));
        let condition = condition?.unwrap_or(Expr::Bool(true));
        let condition = match entry.kind {
            RuleKind::Allow | RuleKind::Require => condition,
            // NULL denies: only what is known not to be the case may pass.
            RuleKind::Deny => Expr::Is {
                expr: Box::new(condition),
                truth: Truth::False,
                negated: false,
            },
        };
        Some(Rule {
            entry,
            roles,
            check: check?.unwrap_or_else(|| condition.clone()),
            condition,
            reference: RuleRef {
                kind: entry.kind.key(),
                name: entry.name.clone(),
                file: report.path(entry.site.file).to_owned(),
                line: report.line(&entry.site),
            },
        })
    }

    fn masks(
        &mut self,
        file: &TableFile,
        relation: &Relation,
        report: &mut Report<'_>,
    ) -> Vec<(RoleName, String, Mask)> {
        let context = Context {
            row: Some(relation),
            ..Context::default()
        };
        let mut masks = Vec::new();
        for entry in &file.masks {
            let role = self.roles.find(&entry.role, report);
            let known = column_exists(&entry.column, relation, report);
            let unless = match &entry.unless {
                Some(sql) => self.lowering.lower(sql, context, report),
                None => Some(Expr::Bool(false)),
            };
            let value = self.lowering.lower(&entry.value, context, report);
            if let (Some(role), true, Some(unless), Some(value)) = (role, known, unless, value) {
                masks.push((role, entry.column.value.clone(), Mask { unless, value }));
            }
        }
        masks
    }

    fn presets(
        &mut self,
        file: &TableFile,
        relation: &Relation,
        report: &mut Report<'_>,
    ) -> Vec<(Verb, String, Preset)> {
        let mut presets = Vec::new();
        for entry in &file.presets {
            let known = column_exists(&entry.column, relation, report)
                && writable(&entry.column, relation, report);
            // An update's preset reads the row as it was; an insert has no row to read yet.
            let context = Context {
                row: (entry.verb == Verb::Update).then_some(relation),
                ..Context::default()
            };
            let value = self.lowering.lower(&entry.value, context, report);
            if let (true, Some(value)) = (known, value) {
                let on_conflict = entry.on_conflict;
                let preset = Preset { value, on_conflict };
                presets.push((entry.verb, entry.column.value.clone(), preset));
            }
        }
        presets
    }

    fn check_limits(&self, file: &TableFile, report: &mut Report<'_>) {
        for entry in &file.limits {
            self.roles.find(&entry.role, report);
        }
    }
}

impl Table<'_> {
    /// The masks of a role: its own, else those that its columns come with.
    pub(crate) fn masks_of(&self, sources: &Sources) -> IndexMap<String, Mask> {
        let mut masks = IndexMap::new();
        for source in sources.roles() {
            for (_, column, mask) in self.masks.iter().filter(|(role, ..)| role == source) {
                masks.entry(column.clone()).or_insert_with(|| mask.clone());
            }
        }
        masks
    }

    /// Every lowered text, for type checks against the live database.
    pub(crate) fn fragments(&self, report: &Report<'_>) -> Vec<Fragment> {
        let owner = || Owner::Relation(self.relation.name.clone());
        let mut fragments = Vec::new();
        for rule in self.rules.iter().filter(|it| it.assurance().is_none()) {
            let mut add = |expr: &Expr| {
                fragments.push(Fragment {
                    rule: rule.reference.clone(),
                    owner: owner(),
                    expects: Expects::Condition,
                    expr: expr.clone(),
                });
            };
            add(&rule.condition);
            if rule.entry.check.is_some() {
                add(&rule.check);
            }
        }
        let path = report.path(self.file.table.site.file);
        let named = |kind, column: &str| RuleRef {
            kind,
            name: column.to_owned(),
            file: path.to_owned(),
            line: report.line(&self.file.table.site),
        };
        let mut add = |kind, column: &str, expects, expr: &Expr| {
            fragments.push(Fragment {
                rule: named(kind, column),
                owner: owner(),
                expects,
                expr: expr.clone(),
            });
        };
        for (_, column, mask) in &self.masks {
            add("mask", column, Expects::Condition, &mask.unless);
            add("mask", column, Expects::Column(column.clone()), &mask.value);
        }
        for (_, column, preset) in &self.presets {
            add(
                "preset",
                column,
                Expects::Column(column.clone()),
                &preset.value,
            );
        }
        fragments
    }
}

/// Whether the relation has the column; else reports it.
pub(crate) fn column_exists(
    column: &Spanned<String>,
    relation: &Relation,
    report: &mut Report<'_>,
) -> bool {
    if relation.column(&column.value).is_some() {
        return true;
    }
    let (code, message, help) = unknown_column(&column.value, relation);
    report.error(&column.site, code, message, help);
    false
}

/// Whether a client or a preset can give the column a value; else reports it.
pub(crate) fn writable(
    column: &Spanned<String>,
    relation: &Relation,
    report: &mut Report<'_>,
) -> bool {
    match relation.column(&column.value).map(|it| it.generated) {
        Some(Generated::Stored | Generated::IdentityAlways) => {
            let message = format!("column `{}` is generated by the database", column.value);
            report.error(&column.site, "generated-column", message, "leave it out");
            false
        }
        _ => true,
    }
}

fn references(file: &TableFile, relation: &Relation, report: &mut Report<'_>) -> Vec<String> {
    let mut columns = Vec::new();
    for entry in &file.references {
        let column = &entry.column;
        if !column_exists(column, relation, report) {
            continue;
        }
        let is_key = |it: &postern_catalog::ForeignKey| it.columns.contains(&column.value);
        if !relation.foreign_keys.iter().any(is_key) {
            let message = format!("column `{}` is in no foreign key", column.value);
            let help = "only a foreign key refers to a row that could be visible";
            report.error(&column.site, "no-foreign-key", message, help);
        } else if entry.visible {
            columns.push(column.value.clone());
        }
    }
    columns
}

/// Guards every foreign key that a project's `[defaults]` cover: those towards a table with a
/// policy file, unless the file says otherwise or a preset decides the value.
pub(crate) fn guard_references(tables: &mut [Table<'_>]) {
    let governed: Vec<_> = tables.iter().map(|it| it.relation.name.clone()).collect();
    for table in tables {
        let spoken: Vec<_> = table
            .file
            .references
            .iter()
            .map(|it| &it.column.value)
            .collect();
        let keys = table.relation.foreign_keys.iter();
        for column in keys
            .filter(|it| governed.contains(&it.target))
            .flat_map(|it| &it.columns)
        {
            let is_preset = table.presets.iter().any(|(_, name, _)| name == column);
            if !is_preset && !spoken.contains(&column) && !table.references.contains(column) {
                table.references.push(column.clone());
            }
        }
    }
}
