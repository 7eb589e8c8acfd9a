//! Where the tables of a map stand: a layered drawing of each group of tables that hang together.
//!
//! Tables that are referred to stand to the left of those that refer to them. The same tables give
//! the same drawing; nothing is measured, and nothing is left to chance.

mod place;

#[cfg(test)]
mod tests;

pub(crate) use place::lay_out;

/// Width of a table.
pub(crate) const WIDTH: i32 = 232;
/// Height of a table's name.
pub(crate) const HEAD: i32 = 30;
/// Height of a column.
pub(crate) const LINE: i32 = 20;
/// Room below the last column.
pub(crate) const FOOT: i32 = 6;
/// Room between two layers, for the lines.
const ASIDE: i32 = 72;
/// Room between two tables of a layer, and between groups.
const BELOW: i32 = 24;
/// How wide a drawing of many groups becomes before the next row of groups.
const SHELF: i32 = 1500;

/// A table, as far as its place goes.
#[derive(Clone, Debug)]
pub(crate) struct Entity {
    /// How many lines it has below its name.
    pub(crate) lines: usize,
    /// Its references: the line that refers, if it is shown, and the table that is meant.
    pub(crate) targets: Vec<(Option<usize>, usize)>,
}

/// Where a table stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) height: i32,
}

/// A line from a table to what it refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// The path, as SVG writes it.
    pub(crate) path: String,
}

/// A drawing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Drawing {
    pub(crate) width: i32,
    pub(crate) height: i32,
    /// In the order of the tables.
    pub(crate) spots: Vec<Spot>,
    pub(crate) lines: Vec<Line>,
}

/// A length as SVG counts it; no table has so many columns that it would not fit.
fn length(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX / 1000)
}

impl Entity {
    fn height(&self) -> i32 {
        HEAD + length(self.lines) * LINE + if self.lines > 0 { FOOT } else { 0 }
    }
}

impl Drawing {
    /// Draws the lines between tables that have their places.
    fn connect(&mut self, entities: &[Entity]) {
        for (from, entity) in entities.iter().enumerate() {
            for (line, to) in &entity.targets {
                let path = self.path((from, *line), *to);
                self.lines.push(Line {
                    from,
                    to: *to,
                    path,
                });
            }
        }
    }

    /// From the side of a column to the name of the table that it refers to.
    fn path(&self, (from, line): (usize, Option<usize>), to: usize) -> String {
        let (start, end) = (self.spots[from], self.spots[to]);
        let below = line.map_or(HEAD / 2, |it| HEAD + length(it) * LINE + LINE / 2);
        let (y1, y2) = (start.y + below, end.y + HEAD / 2);
        if end.x < start.x {
            let (x1, x2) = (start.x, end.x + WIDTH);
            let middle = (x1 - x2) / 2;
            return format!(
                "M{x1} {y1}C{} {y1} {} {y2} {x2} {y2}",
                x1 - middle,
                x2 + middle
            );
        }
        // Of the same layer, or a way round: out to the right, and back from there.
        let (x1, x2) = (start.x + WIDTH, end.x + WIDTH);
        let out = x1.max(x2) + ASIDE / 2;
        format!("M{x1} {y1}C{out} {y1} {out} {y2} {x2} {y2}")
    }
}
