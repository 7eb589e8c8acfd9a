//! From files to a bundle: `read → lower → bind → combine → lint → hash`.

use std::collections::HashMap;
use std::thread;

use postern_base::limits::POLICY_FILE_BYTES_MAX;
use postern_catalog::Catalog;

use crate::bind::{Binder, Table, guard_references};
use crate::file::{
    FunctionEntry, Node, RoleEntry, Shared, TableFile, parse_document, read_functions, read_shared,
    read_table,
};
use crate::lock::Lock;
use crate::predicate::Lowering;
use crate::report::{Report, Site};
use crate::roles::Roles;
use crate::scope_cycle::refuse_cycles;
use crate::{Bundle, Diagnostic, RuleRef, SourceFile, combine, functions, hash, lint};

/// The stack of the loading thread: the parser recurses as deep as its limit lets it, with frames
/// that unoptimised builds make large.
const STACK_BYTES: usize = 32 * 1024 * 1024;

/// A bundle and what its author should look at.
#[derive(Debug)]
pub struct Loaded {
    /// The bundle.
    pub bundle: Bundle,
    /// Findings that do not stand in its way.
    pub warnings: Vec<Diagnostic>,
}

/// Loads policy files against a catalogue.
///
/// `lock` is the text of `policy.lock`; without one `"*"` means all columns, with a warning.
///
/// # Errors
/// Returns every finding, warnings included, when any of them is an error: a bundle is whole or
/// not there at all.
pub fn load(
    files: &[SourceFile],
    catalog: &Catalog,
    lock: Option<&str>,
) -> Result<Loaded, Vec<Diagnostic>> {
    let result = thread::scope(|scope| {
        let loader = thread::Builder::new()
            .name("policy-load".into())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || load_here(files, catalog, lock));
        match loader.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => Some(result),
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => None,
        }
    });
    result.unwrap_or_else(|| {
        let mut report = Report::new(files);
        let start = Site {
            file: 0,
            span: 0..0,
        };
        let message = "the system gives no thread to load the policies with";
        report.error(
            &start,
            "no-thread",
            message,
            "raise the limit on processes, and try again",
        );
        Err(report.into_sorted())
    })
}

fn load_here(
    files: &[SourceFile],
    catalog: &Catalog,
    lock: Option<&str>,
) -> Result<Loaded, Vec<Diagnostic>> {
    let mut sources = files.to_vec();
    sources.extend(lock.map(|text| SourceFile {
        path: "policies/policy.lock".into(),
        text: text.into(),
    }));
    let mut report = Report::new(&sources);
    let lock = lock.and_then(|_| {
        let index = files.len();
        Some(Lock::parse(index, sources.get(index)?, &mut report))
    });
    let read = Files::read(files, &mut report);
    let bundle = build(&read, catalog, lock.as_ref(), &mut report);
    if report.has_errors() {
        return Err(report.into_sorted());
    }
    Ok(Loaded {
        bundle,
        warnings: report.into_sorted(),
    })
}

fn build(files: &Files, catalog: &Catalog, lock: Option<&Lock>, report: &mut Report<'_>) -> Bundle {
    let mut lowering = Lowering::new(catalog, &files.shared.predicates);
    lowering.check_named(report);
    let roles = Roles::new(&files.shared.roles, &mut lowering, report);
    let mut binder = Binder {
        catalog,
        roles: &roles,
        lock,
        lowering: &mut lowering,
    };
    let mut tables: Vec<Table<'_>> = files
        .tables
        .iter()
        .filter_map(|file| binder.bind(file, report))
        .collect();
    if files.shared.references_visible {
        guard_references(&mut tables);
    }
    refuse_cycles(&tables, report);
    let access: HashMap<_, _> = tables
        .iter()
        .map(|it| (it.relation.name.clone(), combine::combine(it, &roles)))
        .collect();
    // A rule that could not be read would only make the lints talk nonsense.
    let readable = !report.has_errors();
    for table in tables.iter().filter(|_| readable) {
        if let Some(access) = access.get(&table.relation.name) {
            lint::lint(table, access, &roles, catalog, report);
        }
    }
    let (functions, function_fragments) =
        functions::bind(&files.functions, catalog, &roles, &mut lowering, report);
    let mut fragments: Vec<_> = tables.iter().flat_map(|it| it.fragments(report)).collect();
    fragments.extend(function_fragments);
    let mut bundle = Bundle {
        hash: String::new(),
        tables: access,
        functions,
        fragments,
        rules: tables.iter().flat_map(Table::details).collect(),
        role_sites: role_sites(&files.shared.roles, report),
        roles: roles.into_definitions(),
    };
    bundle.hash = hash::hash(&bundle);
    bundle
}

/// Where the defined roles stand.
fn role_sites(entries: &[RoleEntry], report: &Report<'_>) -> Vec<RuleRef> {
    let site = |entry: &RoleEntry| RuleRef {
        kind: "role",
        name: entry.name.value.to_string(),
        file: report.path(entry.name.site.file).to_owned(),
        line: report.line(&entry.name.site),
    };
    entries.iter().map(site).collect()
}

/// The files by kind.
#[derive(Default)]
struct Files {
    shared: Shared,
    tables: Vec<TableFile>,
    functions: Vec<FunctionEntry>,
}

impl Files {
    fn read(sources: &[SourceFile], report: &mut Report<'_>) -> Self {
        let mut files = Self::default();
        // In the order of their paths, so that aliases and hashes do not depend on the caller's.
        let mut ordered: Vec<_> = sources.iter().enumerate().collect();
        ordered.sort_by_key(|(_, source)| source.path.as_str());
        for (index, source) in ordered {
            files.read_one(index, source, report);
        }
        files.refuse_duplicates(report);
        files
    }

    fn read_one(&mut self, index: usize, source: &SourceFile, report: &mut Report<'_>) {
        let name = source.path.rsplit(['/', '\\']).next().unwrap_or_default();
        if !name.ends_with(".toml") || name.ends_with(".test.toml") {
            return;
        }
        let start = Site {
            file: index,
            span: 0..0,
        };
        if source.text.len() > POLICY_FILE_BYTES_MAX {
            let message = format!("the file is larger than {POLICY_FILE_BYTES_MAX} bytes");
            report.error(
                &start,
                "file-limit",
                message,
                "split it, one file for each table",
            );
            return;
        }
        let Some(root) = parse_document(index, source, report) else {
            return;
        };
        match name {
            "_shared.toml" => {
                let shared = read_shared(&root, report);
                self.shared.predicates.extend(shared.predicates);
                self.shared.roles.extend(shared.roles);
                self.shared.references_visible |= shared.references_visible;
            }
            "functions.toml" => self.functions.extend(read_functions(&root, report)),
            _ if name == "realtime.channels.toml" || holds_channels(&root) => report.warning(
                &start,
                "not-enforced",
                "channel rules are not enforced yet",
                "nobody can join a channel until they are",
            ),
            _ => self.tables.extend(read_table(&root, report)),
        }
    }

    fn refuse_duplicates(&self, report: &mut Report<'_>) {
        let mut tables = HashMap::new();
        for file in &self.tables {
            if let Some(first) = tables.insert(&file.table.value, &file.table.site) {
                let message = format!("table `{}` has two files", file.table.value);
                let help = format!("the other one is {}", report.path(first.file));
                report.error(&file.table.site, "duplicate", message, help);
            }
        }
        let predicates = self.shared.predicates.iter();
        let roles = self.shared.roles.iter();
        let names = predicates
            .map(|it| (format!("predicate `{}`", it.name.value), &it.name.site))
            .chain(roles.map(|it| (format!("role `{}`", it.name.value), &it.name.site)));
        let mut seen = HashMap::new();
        for (name, site) in names {
            if seen.insert(name.clone(), site).is_some() {
                report.error(
                    site,
                    "duplicate",
                    format!("{name} is defined twice"),
                    "remove one",
                );
            }
        }
    }
}

fn holds_channels(root: &Node) -> bool {
    match &root.content {
        crate::file::Content::Table(entries) => entries.iter().any(|it| it.key == "channel"),
        _ => false,
    }
}
