//! A statement of our own cannot name a user's table: the compiler reads it.

fn main() {
    let _ = postern_db::own!("select * from public.notes");
}
