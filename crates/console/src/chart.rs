//! Numbers over time: a table that everybody can read, which a script draws.
//!
//! Only what is not nothing stands in the table; the script knows the whole time from the
//! attributes around it, so that gaps are gaps.

use askama::Template;
use time::OffsetDateTime;

/// A table of numbers over time; print it with `{{ chart|safe }}`, and load `chart.js`.
#[derive(Template)]
#[template(path = "chart.html")]
pub(crate) struct Chart {
    /// What it shows.
    pub(crate) label: &'static str,
    /// The second in which the first slot begins.
    pub(crate) from: i64,
    /// How long a slot is, in seconds.
    pub(crate) step: i64,
    /// How many slots there are.
    pub(crate) slots: usize,
    pub(crate) series: Vec<Series>,
    /// The slots that hold something, the newest first.
    rows: Vec<Row>,
}

/// A column of the table.
pub(crate) struct Series {
    pub(crate) name: &'static str,
    /// Series of one plot share their axis.
    pub(crate) plot: &'static str,
    pub(crate) shape: Shape,
    /// The token of its colour.
    pub(crate) tint: &'static str,
}

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A bar from the ground up.
    Bars,
    /// A part of the bars before it.
    Part,
    /// A line.
    Line,
}

struct Row {
    slot: usize,
    at: Option<OffsetDateTime>,
    cells: Vec<Cell>,
}

/// A number, and how people read it; none where there is none.
pub(crate) type Cell = Option<(f64, String)>;

impl Chart {
    /// An empty chart of this time.
    pub(crate) fn new(label: &'static str, from: i64, step: i64) -> Self {
        Self {
            label,
            from,
            step,
            slots: 0,
            series: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// The same with a series more.
    pub(crate) fn with(mut self, name: &'static str, plot: &'static str, shape: Shape) -> Self {
        let tint = match self.series.iter().filter(|it| it.plot == plot).count() {
            0 => "accent",
            1 => "warn",
            _ => "deny",
        };
        self.series.push(Series {
            name,
            plot,
            shape,
            tint,
        });
        self
    }

    /// The next slot; one without a number is told of by its place alone.
    pub(crate) fn push(&mut self, cells: Vec<Cell>) {
        let slot = self.slots;
        self.slots += 1;
        if cells.iter().flatten().all(|(number, _)| *number == 0.0) {
            return;
        }
        let offset = i64::try_from(slot).unwrap_or_default() * self.step;
        let at = OffsetDateTime::from_unix_timestamp(self.from + offset).ok();
        self.rows.insert(0, Row { slot, at, cells });
    }

    /// Whether every slot is empty.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl Shape {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Bars => "bars",
            Self::Part => "part",
            Self::Line => "line",
        }
    }
}

/// A count.
pub(crate) fn count(number: u64) -> Cell {
    // Counts of an hour are far from where a float loses whole numbers.
    Some((number as f64, crate::bits::number(number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_slots_keep_their_place_and_have_no_row() {
        let mut chart = Chart::new("Requests", 60, 60).with("All", "requests", Shape::Bars);
        chart.push(vec![count(0)]);
        assert!(chart.is_empty());
        chart.push(vec![count(1200)]);

        let html = chart.render().unwrap();

        assert!(html.contains("slots=\"2\""), "{html}");
        assert_eq!(html.matches("data-slot").count(), 1, "{html}");
        assert!(html.contains("data-slot=\"1\""), "{html}");
        assert!(html.contains("data-value=\"1200\">1\u{202f}200<"), "{html}");
        assert!(html.contains("1970-01-01T00:02:00Z"), "{html}");
    }
}
