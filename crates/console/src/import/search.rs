//! Finds the lines that the database refuses, by trying rows and taking them back.
//!
//! Rows that are bad by themselves are found by halves: a half that goes through holds none. Rows
//! that are bad beside others (the same key twice) are found by the shortest beginning of the file
//! that is refused: its last row is one. Where rows may refer to rows of the same table, a part of
//! the file may be refused and the whole be fine, so nothing is searched there.

use std::time::{Duration, Instant};

use super::send::{End, Row, Sender};
use super::{BAD_MAX, Bad, Import, State};
use crate::refusal::Refusal;

/// How long to search; what was found until then is told.
const SEARCH_MAX: Duration = Duration::from_secs(60);

/// What a search came to.
pub(super) struct Search<'a> {
    sender: &'a Sender<'a>,
    import: &'a Import,
    columns: Vec<&'a str>,
    since: Instant,
    before: usize,
    pub(super) found: Vec<Bad>,
    /// Whether there may be more.
    pub(super) has_more: bool,
}

impl<'a> Search<'a> {
    /// A search that begins now; `before` lines were found to be bad already.
    pub(super) fn new(
        sender: &'a Sender<'a>,
        import: &'a Import,
        columns: Vec<&'a str>,
        before: usize,
    ) -> Self {
        Self {
            sender,
            import,
            columns,
            since: Instant::now(),
            before,
            found: Vec::new(),
            has_more: false,
        }
    }

    /// Finds what is wrong with rows that were refused together; the error is a failure that no
    /// line is the reason of.
    pub(super) async fn run(&mut self, rows: &[Row]) -> Result<(), Refusal> {
        let all: Vec<&Row> = rows.iter().collect();
        self.by_halves(&all).await?;
        while !self.is_over() {
            let good = self.good(&all);
            let Err(refusal) = self.sender.send(&good, End::Undone).await else {
                return Ok(());
            };
            if !is_about_rows(&refusal) {
                return Err(refusal);
            }
            self.last_of_beginning(&good, refusal).await?;
        }
        self.has_more = true;
        Ok(())
    }

    /// The rows that nothing was found wrong with.
    fn good<'r>(&self, rows: &[&'r Row]) -> Vec<&'r Row> {
        let is_bad = |line| self.found.iter().any(|it| it.line == line);
        rows.iter().copied().filter(|it| !is_bad(it.line)).collect()
    }

    fn is_over(&self) -> bool {
        self.before + self.found.len() >= BAD_MAX || self.since.elapsed() > SEARCH_MAX
    }

    /// Looks at parts of the file, smaller and smaller; a stack, because a future cannot be made
    /// of itself.
    async fn by_halves(&mut self, rows: &[&Row]) -> Result<(), Refusal> {
        let mut parts = vec![rows];
        while let Some(part) = parts.pop() {
            if self.is_over() {
                self.has_more = true;
                return Ok(());
            }
            let Err(refusal) = self.sender.send(part, End::Undone).await else {
                continue;
            };
            if !is_about_rows(&refusal) {
                return Err(refusal);
            }
            match part {
                [] => {}
                [row] => self.add(row, &refusal),
                _ => {
                    let (first, second) = part.split_at(part.len() / 2);
                    // The first half is looked at first: lines come in their order.
                    parts.extend([second, first]);
                }
            }
        }
        Ok(())
    }

    /// Finds the shortest beginning that is refused.
    async fn last_of_beginning(&mut self, rows: &[&Row], refusal: Refusal) -> Result<(), Refusal> {
        let (mut fine, mut refused) = (0, rows.len());
        let mut reason = refusal;
        while refused - fine > 1 {
            let middle = fine.midpoint(refused);
            match self.sender.send(&rows[..middle], End::Undone).await {
                Ok(()) => fine = middle,
                Err(refusal) if is_about_rows(&refusal) => {
                    refused = middle;
                    reason = refusal;
                }
                Err(refusal) => return Err(refusal),
            }
        }
        if let Some(row) = rows.get(refused - 1) {
            self.add(row, &reason);
        }
        Ok(())
    }

    fn add(&mut self, row: &Row, refusal: &Refusal) {
        let quoted = |name: &&str| refusal.message.contains(&format!("\"{name}\""));
        let column = self.columns.iter().copied().find(|it| quoted(it));
        self.found.push(Bad {
            line: row.line,
            column: column.unwrap_or_default().to_owned(),
            reason: refusal.text(),
        });
        let found = self.before + self.found.len();
        self.import.enter(State::Searching { found });
    }
}

/// Whether the database found fault with a value (class 22), a constraint (class 23), or had a
/// function say so (class P0); all else is no line's doing.
pub(super) fn is_about_rows(refusal: &Refusal) -> bool {
    refusal.cause.is_none()
        && refusal.code.len() == 5
        && ["22", "23", "P0"]
            .iter()
            .any(|it| refusal.code.starts_with(it))
}
