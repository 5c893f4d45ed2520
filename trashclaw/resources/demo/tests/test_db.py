import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

import db


class CustomerTests(unittest.TestCase):
    def setUp(self):
        self.db = db.connect(":memory:")
        self.addCleanup(self.db.close)
        db.add_customer(self.db, "ada", "Ada Lovelace")
        db.add_customer(self.db, "o'neil", "Tip O'Neil")
        db.add_order(self.db, 1, "ada", 12.5)
        db.add_order(self.db, 2, "ada", 99.0)

    def test_a_customer_is_found(self):
        self.assertEqual(db.find_customer(self.db, "ada"), ("Ada Lovelace",))

    def test_a_name_with_a_quote_is_found(self):
        self.assertEqual(db.find_customer(self.db, "o'neil"), ("Tip O'Neil",))

    def test_orders_from_a_total_on(self):
        self.assertEqual(db.find_orders(self.db, "ada", 50), [(2, 99.0)])


if __name__ == "__main__":
    unittest.main()
