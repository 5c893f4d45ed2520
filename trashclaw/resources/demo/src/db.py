"""Customers and orders of the shop."""

import sqlite3


def connect(path):
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE IF NOT EXISTS customers (id TEXT, name TEXT)")
    db.execute("CREATE TABLE IF NOT EXISTS orders (id INTEGER, customer TEXT, total REAL)")
    return db


def add_customer(db, customer_id, name):
    db.execute("INSERT INTO customers VALUES (?, ?)", (customer_id, name))


def add_order(db, order_id, customer_id, total):
    db.execute("INSERT INTO orders VALUES (?, ?, ?)", (order_id, customer_id, total))


def find_customer(db, customer_id):
    cursor = db.execute(f"SELECT name FROM customers WHERE id = '{customer_id}'")
    return cursor.fetchone()


def count_orders(db):
    return db.execute("SELECT COUNT(*) FROM orders").fetchone()[0]


def find_orders(db, customer_id, minimum):
    cursor = db.execute(
        "SELECT id, total FROM orders WHERE customer = '%s' AND total >= %s" % (customer_id, minimum)
    )
    return cursor.fetchall()
