//! The policy files by what they speak of.

use std::collections::HashMap;

use postern_base::RelationName;
use postern_policy::governed;

use crate::backstage::PolicyFolder;
use crate::place::Place;

/// Which file speaks of which table.
#[derive(Default)]
pub(crate) struct FileNames {
    of_tables: HashMap<RelationName, String>,
    others: Vec<String>,
}

impl FileNames {
    /// Of the files of a folder.
    pub(crate) fn of(folder: &PolicyFolder) -> Self {
        let mut names = Self::default();
        for file in &folder.files {
            let name = file_name(&file.path).to_owned();
            match governed(file) {
                Some(relation) => {
                    names.of_tables.entry(relation).or_insert(name);
                }
                None => names.others.push(name),
            }
        }
        names
    }

    /// The file that speaks of a table.
    pub(crate) fn of_table(&self, relation: &RelationName) -> Option<&str> {
        self.of_tables.get(relation).map(String::as_str)
    }

    /// The files that speak of no table alone: roles, predicates, functions.
    pub(crate) fn others(&self) -> Vec<(String, Place)> {
        let others = self.others.iter();
        others
            .map(|it| (it.clone(), Place::Policy(it.clone(), "")))
            .collect()
    }
}

/// The last part of a path.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
