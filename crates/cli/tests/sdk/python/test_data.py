"""The Python client against the data API; started by tests/python.test.mjs, one line a test."""

import json
import os
import unittest

from postgrest import APIError
from postgrest.types import CountMethod, ReturnMethod
from supabase import ClientOptions, create_client

URL = os.environ["POSTERN_URL"]
KEYS = json.loads(os.environ["POSTERN_KEYS"])


def client(key=None, token=None, schema="public"):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return create_client(
        URL, key or KEYS["publishable"], options=ClientOptions(schema=schema, headers=headers)
    ).postgrest


class OpenTables(unittest.TestCase):
    def setUp(self):
        self.db = client()

    def rows(self, query):
        return query.execute().data

    def refused(self, query, code):
        with self.assertRaises(APIError) as caught:
            query.execute()
        self.assertEqual(caught.exception.code, code)

    def test_filters_order_and_range(self):
        films = self.db.from_("films").select("title").gte("year", 1995).order("year", desc=True)
        self.assertEqual([it["title"] for it in self.rows(films.range(1, 2))], ["Flare", "Echo"])

    def test_or_and_not_and_in(self):
        either = self.db.from_("films").select("id").or_("year.eq.1990,title.eq.Echo").order("id")
        self.assertEqual(self.rows(either), [{"id": 1}, {"id": 3}])
        others = self.db.from_("films").select("id").not_.in_("id", [1, 2, 3]).order("id")
        self.assertEqual(self.rows(others), [{"id": 4}, {"id": 5}])

    def test_like_any_of(self):
        films = self.db.from_("films").select("id").like_any_of("title", "Fl%,Ec%").order("id")
        self.assertEqual(self.rows(films), [{"id": 3}, {"id": 4}])

    def test_counts(self):
        for method in (CountMethod.exact, CountMethod.estimated):
            answer = self.db.from_("films").select("id", count=method).limit(2).execute()
            self.assertEqual((len(answer.data), answer.count), (2, 5))
        head = self.db.from_("films").select("id", count=CountMethod.exact, head=True).execute()
        self.assertEqual(head.count, 5)

    def test_embeds_spreads_and_computed_columns(self):
        film = self.db.from_("films").select(
            "label,directors!director_id(name),...film_details(tagline),screenings(count())"
        )
        self.assertEqual(
            self.rows(film.eq("id", 1).single()),
            {
                "label": "Dawn (1990)",
                "directors": {"name": "Ava"},
                "tagline": "It begins",
                "screenings": [{"count": 2}],
            },
        )

    def test_inner_and_null_filtering(self):
        shown = self.db.from_("films").select("id,screenings!inner()").order("id")
        self.assertEqual(self.rows(shown), [{"id": 1}, {"id": 2}, {"id": 3}])
        unseen = self.db.from_("films").select("id,screenings()").is_("screenings", "null")
        self.assertEqual(self.rows(unseen.order("id")), [{"id": 4}, {"id": 5}])

    def test_csv_and_one_row_or_none(self):
        films = self.db.from_("films").select("id,title").eq("id", 1)
        self.assertEqual(self.rows(films.csv()), "id,title\n1,Dawn")
        self.assertIsNone(self.db.from_("films").select("id").eq("id", -1).maybe_single().execute())
        self.refused(self.db.from_("films").select("id").single(), "PGRST116")

    def test_explain(self):
        plan = self.db.from_("films").select("id").explain().execute()
        self.assertIn("cost=", str(plan))

    def test_writes_upserts_and_deletes(self):
        stocks = self.db.from_("stocks")
        self.addCleanup(lambda: stocks.delete().like("sku", "py%").execute())
        made = self.rows(stocks.insert([{"sku": "py1", "quantity": 1}, {"sku": "py2", "quantity": 2}]))
        self.assertEqual([it["sku"] for it in made], ["py1", "py2"])
        self.refused(stocks.insert({"sku": "py1"}), "23505")
        merged = self.rows(stocks.upsert({"sku": "py1", "quantity": 9}, on_conflict="sku"))
        self.assertEqual(merged[0]["quantity"], 9)
        left = self.rows(stocks.upsert({"sku": "py1"}, ignore_duplicates=True))
        self.assertEqual(left, [])
        quiet = stocks.update({"quantity": 3}, returning=ReturnMethod.minimal).eq("sku", "py2")
        self.assertEqual(self.rows(quiet), [])
        self.refused(stocks.delete().like("sku", "py%").max_affected(1), "PGRST124")
        self.assertEqual(len(self.rows(stocks.delete().like("sku", "py%").max_affected(2))), 2)

    def test_functions(self):
        self.assertEqual(self.rows(self.db.rpc("add", {"a": 1, "b": 2})), 3)
        since = self.db.rpc("films_since", {"since": 2000}).select("id").eq("title", "Echo")
        self.assertEqual(self.rows(since), [{"id": 3}])
        self.assertEqual(self.rows(self.db.rpc("add", {"a": "1"}, get=True)), 11)
        self.refused(self.db.rpc("nothere", {}), "PGRST202")

    def test_unknown_tables_and_columns(self):
        self.refused(self.db.from_("filmz").select("*"), "PGRST205")
        self.refused(self.db.from_("films").select("nothere"), "42703")


class GuardedTables(unittest.TestCase):
    def setUp(self):
        self.alice = client(token=os.environ["POSTERN_ALICE"], schema="guarded")
        self.bob = client(token=os.environ["POSTERN_BOB"], schema="guarded")

    def test_everybody_sees_their_own(self):
        for db, shift in ((self.alice, 0), (self.bob, 100)):
            rows = db.from_("films").select("id,screenings(id)").order("id").limit(1).execute().data
            self.assertEqual(rows[0]["id"], 1 + shift)
            ids = sorted(it["id"] for it in rows[0]["screenings"])
            self.assertEqual(ids, [1 + shift, 2 + shift])

    def test_a_hidden_column_is_like_a_missing_one(self):
        said = []
        for column in ("secret", "sekrut"):
            with self.assertRaises(APIError) as caught:
                self.alice.from_("films").select(column).execute()
            said.append(caught.exception.message.replace("secret", "sekrut"))
        self.assertEqual(said[0], said[1])


if __name__ == "__main__":
    unittest.main()
