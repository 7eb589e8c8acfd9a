//! The attacks on signing in, the data API and the server: each has a test that is named after it.
//!
//! `docs/security/attacks.csv` lists them. The table is complete, and every line of it names an
//! attack for which the tree holds a function `attack_NN_…`; what is not offered is tested to be
//! absent.

use std::collections::BTreeSet;

use super::Finding;
use crate::workspace::SourceFile;

/// The list, from the root.
const LIST: &str = "docs/security/attacks.csv";
/// What test functions begin with; two digits follow.
const PREFIX: &str = "fn attack_";
/// The attacks on signing in, on the data API, and on the server as such; those between are on
/// parts that do not exist yet.
const NUMBERS: [std::ops::RangeInclusive<u32>; 2] = [1..=59, 69..=75];
/// What the last column may say.
const STATES: &[&str] = &["tested", "\"not offered\""];

/// Checks the list against the tests of the tree.
pub(super) fn check(files: &[SourceFile], findings: &mut Vec<Finding>) {
    let Some(list) = files.iter().find(|it| it.path == LIST) else {
        findings.push(Finding::failure(LIST, 0, "the list of attacks is missing"));
        return;
    };
    let tested: BTreeSet<u32> = files
        .iter()
        .filter(|it| it.has_extension("rs"))
        .flat_map(|it| tests_in(&it.text))
        .collect();
    let mut listed = BTreeSet::new();
    for (index, row) in list.text.lines().enumerate().skip(1) {
        let number = row.split(',').next().and_then(|it| it.parse().ok());
        let state = row.rsplit(',').next().unwrap_or_default();
        let fault = match number {
            None => "begin the row with a number".to_owned(),
            Some(number) if !listed.insert(number) => format!("{number} is there twice"),
            Some(number) if !tested.contains(&number) => {
                format!("no test is called `attack_{number:02}_…`; write one")
            }
            Some(_) if !STATES.contains(&state) => format!("`{state}` is none of {STATES:?}"),
            Some(_) => continue,
        };
        findings.push(Finding::failure(LIST, index + 1, fault));
    }
    for number in NUMBERS
        .into_iter()
        .flatten()
        .filter(|it| !listed.contains(it))
    {
        let fault = format!("attack {number} is not listed");
        findings.push(Finding::failure(LIST, 0, fault));
    }
}

/// The numbers of the tests that a text declares.
fn tests_in(text: &str) -> impl Iterator<Item = u32> {
    text.split(PREFIX).skip(1).filter_map(|rest| {
        let (number, name) = rest.split_once('_')?;
        let is_named = name.starts_with(|it: char| it.is_ascii_lowercase());
        (number.len() == 2 && is_named).then(|| number.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(rows: &str, source: &str) -> Vec<String> {
        let file = |path: &str, text: String| SourceFile {
            path: path.into(),
            text,
        };
        let files = [
            file(LIST, format!("number,attack,state\n{rows}")),
            file("crates/a/tests/it.rs", source.to_owned()),
        ];
        let mut findings = Vec::new();
        check(&files, &mut findings);
        let here = |it: &Finding| it.line > 0;
        findings
            .into_iter()
            .filter(here)
            .map(|it| it.message)
            .collect()
    }

    #[test]
    fn a_row_needs_a_test_of_its_number() {
        let source = ["async ", "fn attack_", "07_a_thing() {}"].concat();

        assert_eq!(faults("7,\"A, b\",tested\n", &source), [""; 0]);
        assert_eq!(
            faults("8,A,tested\n", &source),
            ["no test is called `attack_08_…`; write one"]
        );
        assert_eq!(
            faults("7,A,tested\n7,A,tested\n", &source),
            ["7 is there twice"]
        );
        assert_eq!(faults("7,A,done\n", &source).len(), 1);
    }
}
