//! Any set of policy files, lock file, test file and saved query: refused with reasons, or a
//! bundle that every tool can work with.

#![no_main]

use libfuzzer_sys::fuzz_target;
use postern_fuzz::files::files;
use postern_fuzz::judge::judge;
use postern_fuzz::world::{World, caller};
use postern_policy::{SourceFile, describe, diff, load, lock_text, mutants, read_suite, saved};
use postern_query::{View, probes, rewrite_saved, saved_probe};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let all = files(&text);
    let (mut policies, mut lock) = (Vec::new(), None);
    for file in all {
        if file.path.ends_with(".sql") {
            check_saved(&file);
        } else if file.path.ends_with(".test.toml") {
            let _ = read_suite(&file);
        } else if file.path.ends_with("policy.lock") {
            lock = Some(file.text);
        } else {
            policies.push(file);
        }
    }
    check_bundle(&policies, lock.as_deref());
});

fn check_bundle(files: &[SourceFile], lock: Option<&str>) {
    let catalog = &World::get().catalog;
    lock_text(files, catalog);
    let Ok(loaded) = load(files, catalog, lock) else {
        return;
    };
    let bundle = loaded.bundle;
    for fragment in bundle.fragments() {
        assert!(!describe(&fragment.expr).is_empty());
    }
    let printed = probes(&bundle, catalog).expect("a loaded bundle prints");
    for (rule, probe) in &printed {
        let sql = probe.sql();
        let parameters = (1..=4).filter(|it| sql.contains(&format!("${it}"))).count();
        // A text of the file may hold NUL, which no statement can; preparing it fails then.
        if !sql.contains('\0')
            && let Err(why) = judge(sql, parameters)
        {
            panic!("{why}\n{rule:?}\n{sql}");
        }
    }
    assert!(diff(&bundle, &bundle).is_empty(), "differs from itself");
    for mutant in mutants(&bundle) {
        mutant.apply(&bundle);
    }
    let again = load(files, catalog, lock).expect("what loads once loads twice");
    assert_eq!(again.bundle.hash, bundle.hash);
}

fn check_saved(file: &SourceFile) {
    let world = World::get();
    let Ok(query) = saved::read_saved(file, &world.catalog, Some(&world.bundle), "public") else {
        return;
    };
    let identity = caller("user");
    let view = View::new(&world.catalog, &world.bundle, &identity).expect("a known role");
    let probe = saved_probe(&query, &view).expect("what can be read prints");
    if let Err(why) = judge(probe.sql(), 0) {
        panic!("{why}\n{}\n{}", file.text, probe.sql());
    }
    let arguments = query.params.iter().map(|_| Some("1".to_owned())).collect();
    if let Ok(statement) = rewrite_saved(&query, &view, &arguments, 100)
        && let Err(why) = judge(statement.sql(), statement.params().len())
    {
        panic!("{why}\n{}\n{}", file.text, statement.sql());
    }
}
