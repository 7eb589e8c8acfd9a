//! What every drawing keeps to.

use super::*;

fn table(lines: usize, targets: &[usize]) -> Entity {
    let targets = targets.iter().enumerate();
    Entity {
        lines,
        targets: targets.map(|(line, to)| (Some(line), *to)).collect(),
    }
}

/// No two tables overlap, and all of it is inside.
fn check(drawing: &Drawing) {
    for (index, spot) in drawing.spots.iter().enumerate() {
        assert!(spot.x >= 0 && spot.y >= 0, "{spot:?}");
        assert!(spot.x + WIDTH <= drawing.width, "{spot:?}");
        assert!(spot.y + spot.height <= drawing.height, "{spot:?}");
        for other in &drawing.spots[index + 1..] {
            let is_beside = spot.x + WIDTH <= other.x || other.x + WIDTH <= spot.x;
            let is_above = spot.y + spot.height <= other.y || other.y + other.height <= spot.y;
            assert!(is_beside || is_above, "{spot:?} {other:?}");
        }
    }
}

#[test]
fn what_is_referred_to_stands_to_the_left() {
    let tables = [table(3, &[1]), table(4, &[2]), table(2, &[]), table(1, &[])];

    let drawing = lay_out(&tables);

    check(&drawing);
    assert!(drawing.spots[2].x < drawing.spots[1].x);
    assert!(drawing.spots[1].x < drawing.spots[0].x);
    assert_eq!(drawing.lines.len(), 2);
    assert_eq!((drawing.lines[0].from, drawing.lines[0].to), (0, 1));
    assert_eq!(drawing.spots[0].height, HEAD + 3 * LINE + FOOT);
}

#[test]
fn circles_and_tables_that_refer_to_themselves_have_a_place() {
    let tables = [
        table(1, &[1]),
        table(1, &[2]),
        table(1, &[0]),
        table(2, &[3]),
    ];

    let drawing = lay_out(&tables);

    check(&drawing);
    assert_eq!(drawing.lines.len(), 4);
    assert!(drawing.lines.iter().all(|it| it.path.starts_with('M')));
}

#[test]
fn the_same_tables_give_the_same_drawing() {
    let tables: Vec<_> = (0..40)
        .map(|it| table(it % 7, &[(it * 7 + 3) % 40, (it * 5) % 40]))
        .collect();

    assert_eq!(lay_out(&tables), lay_out(&tables.clone()));
    check(&lay_out(&tables));
}

#[test]
fn many_tables_and_long_chains_are_no_trouble() {
    let chain: Vec<_> = (0..3000_usize)
        .map(|it| match it {
            0 => table(1, &[]),
            it => table(1, &[it - 1]),
        })
        .collect();
    let alone: Vec<_> = (0..500).map(|_| table(8, &[])).collect();

    assert_eq!(lay_out(&chain).lines.len(), 2999);
    check(&lay_out(&alone));
    assert!(lay_out(&alone).width < SHELF + 2 * WIDTH);
    assert_eq!(lay_out(&[]), Drawing::default());
}
