//! The three forms of a request.

use postern_base::RelationName;
use serde_json::json;

use super::*;

fn line(text: &str) -> String {
    Pasted::parse(text).expect("it is one").line()
}

#[test]
fn a_request_line_keeps_its_parameters() {
    let pasted = Pasted::parse("patch /rest/v1/notes?id=eq.4&select=id\n{\"body\": \"x\"}");
    let pasted = pasted.expect("it is one");

    assert_eq!(pasted.verb(), Verb::Update);
    assert_eq!(pasted.line(), "PATCH /rest/v1/notes?id=eq.4&select=id");
    assert_eq!(pasted.body, Some(json!({ "body": "x" })));
}

#[test]
fn a_curl_command_is_its_method_address_and_body() {
    let get = "curl 'https://x.example/rest/v1/notes?select=*&done=is.true' \\\n  \
               -H \"apikey: k\" -H 'Authorization: Bearer t'";
    assert_eq!(line(get), "GET /rest/v1/notes?select=*&done=is.true");
    let post = "curl -X POST --data '{\"body\": \"it'\\''s\"}' http://localhost/rest/v1/notes";
    let post = Pasted::parse(post).expect("it is one");
    assert_eq!(post.body, Some(json!({ "body": "it's" })));
    assert_eq!(post.verb(), Verb::Insert);
    assert_eq!(
        line("curl http://h/rest/v1/notes -d '{}'"),
        "POST /rest/v1/notes"
    );
}

#[test]
fn a_chain_of_the_client_is_its_request() {
    let chain = "const { data, error } = await supabase\n  .from('notes')\n  \
                 .select('id, body, author:users(name)')\n  .eq('owner_id', \"7f\")\n  \
                 .in('state', ['open', 'a,b'])\n  .order('id', { ascending: false })\n  \
                 .limit(10);";
    assert_eq!(
        line(chain),
        "GET /rest/v1/notes?select=id,body,author:users(name)&owner_id=eq.7f\
         &state=in.(open,\"a,b\")&order=id.desc&limit=10"
    );
    let update = "await supabase.from(\"notes\").update({ body: 'x', done: true, })\
                  .eq('id', 4).select()";
    let update = Pasted::parse(update).expect("it is one");
    assert_eq!(update.verb(), Verb::Update);
    assert_eq!(update.body, Some(json!({ "body": "x", "done": true })));
    assert_eq!(update.line(), "PATCH /rest/v1/notes?id=eq.4&select=*");
    assert_eq!(
        line("db.from('n').delete().match({ a: 1, b: 'x' }).not('c', 'is', null)"),
        "DELETE /rest/v1/n?a=eq.1&b=eq.x&c=not.is.null"
    );
    assert_eq!(
        line("db.from('n').select().range(10, 19).single()"),
        "GET /rest/v1/n?select=*&offset=10&limit=10"
    );
}

#[test]
fn every_filter_of_the_client_is_one_of_the_address() {
    for (step, parameter) in [
        (".neq('a', 1)", "a=neq.1"),
        (".likeAnyOf('a', ['x%', 'y%'])", "a=like(any).{x%25,y%25}"),
        (".ilikeAllOf('a', ['x%'])", "a=ilike(all).{x%25}"),
        (".regexIMatch('a', '^b')", "a=imatch.^b"),
        (".isDistinct('a', null)", "a=isdistinct.null"),
        (".notIn('a', [1, 2])", "a=not.in.(1,2)"),
        (".contains('tags', ['x', 'y z'])", "tags=cs.{x,\"y%20z\"}"),
        (".contains('meta', { a: 1 })", "meta=cs.{\"a\":1}"),
        (".rangeGte('during', '[1,2)')", "during=nxl.[1,2)"),
        (
            ".textSearch('b', 'fat cat', { type: 'websearch', config: 'english' })",
            "b=wfts(english).fat%20cat",
        ),
        (
            ".or('a.eq.1,and(b.gt.2,c.is.null)')",
            "or=(a.eq.1,and(b.gt.2,c.is.null))",
        ),
        (
            ".or('x.eq.1', { referencedTable: 'tags' })",
            "tags.or=(x.eq.1)",
        ),
        (".filter('a->>b', 'eq', 'c')", "a->>b=eq.c"),
        (
            ".order('a', { ascending: false, nullsFirst: true })",
            "order=a.desc.nullsfirst",
        ),
        (".limit(3, { referencedTable: 'tags' })", "tags.limit=3"),
    ] {
        let chain = format!("db.from('n').select(){step}");
        assert_eq!(
            line(&chain),
            format!("GET /rest/v1/n?select=*&{parameter}"),
            "{step}"
        );
    }
}

#[test]
fn headers_and_options_come_along() {
    let curl = "curl -XPOST --url=http://h/rest/v1/n -H 'Prefer: resolution=merge-duplicates' \
                -H 'Content-Profile: app' --json '[{\"a\": 1}]'";
    let curl = Pasted::parse(curl).expect("it is one");
    assert_eq!(curl.prefer, ["resolution=merge-duplicates"]);
    assert_eq!(curl.relation("public"), RelationName::new("app", "n"));
    assert_eq!(curl.rows().expect("rows").len(), 1);
    let get = "curl -G http://h/rest/v1/n -d 'a=gte.2' -d limit=3 -H 'apikey: k'";
    assert_eq!(line(get), "GET /rest/v1/n?a=gte.2&limit=3");
    assert_eq!(line("curl -I 'http://h/rest/v1/n'"), "HEAD /rest/v1/n");

    let chain = "db.schema('app').from('n').upsert([{ a: 1 }, { b: 2 }], { onConflict: 'a' })\
                 .select()";
    let chain = Pasted::parse(chain).expect("it is one");
    assert_eq!(
        chain.prefer,
        ["resolution=merge-duplicates", "return=representation"]
    );
    assert_eq!(chain.schema.as_deref(), Some("app"));
    assert_eq!(
        chain.line(),
        "POST /rest/v1/n?columns=\"a\",\"b\"&on_conflict=a&select=*"
    );

    let message = "PATCH /rest/v1/n?id=eq.1\nPrefer: return=minimal\nAccept-Profile: app\n\n\
                   {\"a\": \"b: c\"}";
    let message = Pasted::parse(message).expect("it is one");
    assert_eq!(message.prefer, ["return=minimal"]);
    assert_eq!(message.body, Some(json!({ "a": "b: c" })));
    assert_eq!(message.schema.as_deref(), Some("app"));
}

#[test]
fn what_cannot_be_read_is_refused_and_named() {
    for (text, named) in [
        ("", "no request"),
        ("SELECT 1", "no request"),
        ("curl https://x.example/auth/v1/user", "no request"),
        ("db.from('n').explode(1)", "explode"),
        ("db.from(table).select()", "table"),
        ("db.from('n')", "select"),
        ("db.from('n').select().eq('a', someValue)", "someValue"),
        ("db.from('n').insert({ a: f(x) })", "f"),
        ("GET /rest/v1/rpc/f", "functions"),
        ("POST /rest/v1/n\n{", "JSON"),
        ("curl 'http://h/rest/v1/n", "quote"),
        ("curl -d @rows.json http://h/rest/v1/n", "file"),
    ] {
        let error = Pasted::parse(text).expect_err(text).to_string();
        assert!(error.contains(named), "{text}: {error}");
    }
}
