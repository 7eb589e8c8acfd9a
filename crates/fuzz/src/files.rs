//! The text form of a set of policy files: each starts with a line `### name`.

use postern_policy::SourceFile;

/// The line that starts a file.
const MARK: &str = "### ";

/// Splits a text into files; what comes before the first mark is the shared file.
pub fn files(text: &str) -> Vec<SourceFile> {
    let mut files = vec![SourceFile {
        path: "policies/_shared.toml".into(),
        text: String::new(),
    }];
    for line in text.split_inclusive('\n') {
        match line.strip_prefix(MARK) {
            Some(name) => files.push(SourceFile {
                path: format!("policies/{}", name.trim_end()),
                text: String::new(),
            }),
            None => {
                if let Some(file) = files.last_mut() {
                    file.text.push_str(line);
                }
            }
        }
    }
    files.retain(|it| !it.text.is_empty());
    files
}
