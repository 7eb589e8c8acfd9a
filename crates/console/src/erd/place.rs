//! Layers of tables, and groups of them side by side.

use std::collections::BTreeMap;

use super::{ASIDE, BELOW, Drawing, Entity, SHELF, Spot, WIDTH, length};

/// Places the tables; what stands first in the list stands first in the drawing.
pub(crate) fn lay_out(entities: &[Entity]) -> Drawing {
    let ranks = ranks(entities);
    let mut drawing = Drawing {
        spots: vec![
            Spot {
                x: 0,
                y: 0,
                height: 0
            };
            entities.len()
        ],
        ..Drawing::default()
    };
    let mut shelf = Shelf::default();
    for group in groups(entities) {
        let spots = place_group(&group, entities, &ranks);
        let width = spots.iter().map(|it| it.1.x + WIDTH).max().unwrap_or(0);
        let bottom = |it: &(usize, Spot)| it.1.y + it.1.height;
        let height = spots.iter().map(bottom).max().unwrap_or(0);
        let (left, top) = shelf.put(width, height);
        for (index, spot) in spots {
            drawing.spots[index] = Spot {
                x: left + spot.x,
                y: top + spot.y,
                ..spot
            };
        }
        // The lines that go round need the room at the side.
        drawing.width = drawing.width.max(left + width + ASIDE);
        drawing.height = drawing.height.max(top + height + BELOW);
    }
    drawing.connect(entities);
    drawing
}

/// Rows of groups, as books stand on shelves.
struct Shelf {
    x: i32,
    y: i32,
    height: i32,
}

impl Default for Shelf {
    fn default() -> Self {
        Self {
            x: BELOW,
            y: BELOW,
            height: 0,
        }
    }
}

impl Shelf {
    fn put(&mut self, width: i32, height: i32) -> (i32, i32) {
        if self.x > BELOW && self.x + width > SHELF {
            self.x = BELOW;
            self.y += self.height + BELOW;
            self.height = 0;
        }
        let place = (self.x, self.y);
        self.x += width + ASIDE;
        self.height = self.height.max(height);
        place
    }
}

/// The tables that hang together, the largest groups first.
fn groups(entities: &[Entity]) -> Vec<Vec<usize>> {
    let mut beside = vec![Vec::new(); entities.len()];
    for (from, entity) in entities.iter().enumerate() {
        for (_, to) in &entity.targets {
            beside[from].push(*to);
            beside[*to].push(from);
        }
    }
    let mut is_seen = vec![false; entities.len()];
    let mut groups = Vec::new();
    for first in 0..entities.len() {
        if is_seen[first] {
            continue;
        }
        is_seen[first] = true;
        let mut group = vec![first];
        let mut next = 0;
        while let Some(at) = group.get(next).copied() {
            next += 1;
            for other in &beside[at] {
                if !is_seen[*other] {
                    is_seen[*other] = true;
                    group.push(*other);
                }
            }
        }
        group.sort_unstable();
        groups.push(group);
    }
    // The sort keeps the order of equals.
    groups.sort_by_key(|it| std::cmp::Reverse(it.len()));
    groups
}

/// How many tables stand to the left of each at least; a circle is cut where it is found.
fn ranks(entities: &[Entity]) -> Vec<usize> {
    let mut ranks: Vec<Option<usize>> = vec![None; entities.len()];
    let mut is_open = vec![false; entities.len()];
    for first in 0..entities.len() {
        // By hand instead of by recursion: a chain of tables may be long.
        let mut path = vec![first];
        while let Some(at) = path.last().copied() {
            if ranks[at].is_some() {
                path.pop();
                continue;
            }
            is_open[at] = true;
            let others = entities[at].targets.iter().map(|it| it.1);
            let waits = |it: &usize| ranks[*it].is_none() && !is_open[*it];
            if let Some(other) = others.clone().find(waits) {
                path.push(other);
                continue;
            }
            ranks[at] = Some(
                others
                    .filter_map(|it| Some(ranks[it]? + 1))
                    .max()
                    .unwrap_or(0),
            );
            is_open[at] = false;
            path.pop();
        }
    }
    ranks.into_iter().flatten().collect()
}

/// The places of one group, from its own corner on.
fn place_group(group: &[usize], entities: &[Entity], ranks: &[usize]) -> Vec<(usize, Spot)> {
    let mut layers: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in group {
        layers.entry(ranks[*index]).or_default().push(*index);
    }
    let mut middles: BTreeMap<usize, i32> = BTreeMap::new();
    let mut spots = Vec::with_capacity(group.len());
    for (column, layer) in layers.values_mut().enumerate() {
        // Beside the middle of what it refers to, so that few lines cross.
        layer.sort_by_key(|index| (wanted(&entities[*index], &middles), *index));
        let mut y = 0;
        for index in layer.iter() {
            let height = entities[*index].height();
            let x = length(column) * (WIDTH + ASIDE);
            spots.push((*index, Spot { x, y, height }));
            middles.insert(*index, y + height / 2);
            y += height + BELOW;
        }
    }
    spots
}

/// The height that a table would like to stand at.
fn wanted(entity: &Entity, middles: &BTreeMap<usize, i32>) -> i32 {
    let heights = entity.targets.iter().filter_map(|it| middles.get(&it.1));
    let (sum, count) = heights.fold((0, 0), |(sum, count), it| (sum + it, count + 1));
    if count == 0 { i32::MAX } else { sum / count }
}
