"""Clients that write, read, delete and list the same keys at once, over restarts and kill -9, see one
store that does one thing after the other."""
import hashlib
import os
import random
import threading
import time
import unittest

import botocore.exceptions

from linearizable import INFINITY, Operation, explain
from store import Store

ROUNDS = int(os.environ.get("WALRUS_LINEARIZABLE_ROUNDS", "4"))
CLIENTS = 5
KEYS = ["a", "b", "c"]
LOST = (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError)


class Checker(unittest.TestCase):
    """The checker itself says no where it must."""

    def refuse(self, *history):
        self.assertIsNotNone(explain([Operation(*op) for op in history]))

    def accept(self, *history):
        self.assertIsNone(explain([Operation(*op) for op in history]))

    def test_a_write_that_is_lost(self):
        self.refuse((0, 1, "put", "k", 1), (2, 3, "get", "k", None))
        self.refuse((0, 1, "put", "k", 1), (2, 3, "list", None, {}))

    def test_an_old_value_after_a_new_one(self):
        self.refuse((0, 1, "put", "k", 1), (2, 9, "put", "k", 2), (3, 4, "get", "k", 2), (5, 6, "get", "k", 1))
        self.accept((0, 1, "put", "k", 1), (2, 9, "put", "k", 2), (3, 4, "get", "k", 1), (5, 6, "get", "k", 2))

    def test_a_value_that_nobody_wrote_or_that_was_deleted(self):
        self.refuse((0, 1, "get", "k", 7))
        self.refuse((0, 1, "put", "k", 1), (2, 3, "delete", "k", None), (4, 5, "get", "k", 1))
        self.accept((0, 1, "put", "k", 1), (2, 5, "delete", "k", None), (3, 4, "get", "k", 1))

    def test_a_listing_of_two_moments(self):
        self.refuse((0, 1, "put", "k", 1), (2, 3, "put", "l", 2), (0, 9, "list", None, {"l": 2}))
        self.accept((0, 1, "put", "k", 1), (2, 3, "put", "l", 2), (0, 9, "list", None, {"k": 1}))

    def test_what_never_answered_may_have_been_or_not(self):
        self.accept((0, INFINITY, "put", "k", 1), (2, 3, "get", "k", None), (4, 5, "get", "k", 1))
        self.accept((0, INFINITY, "put", "k", 1), (2, 3, "get", "k", None))
        self.refuse((0, INFINITY, "put", "k", 1), (2, 3, "get", "k", 1), (4, 5, "get", "k", None))
        self.accept((0, 1, "put", "k", 1), (2, INFINITY, "delete", "k", None), (4, 5, "get", "k", None))


class Client(threading.Thread):
    """Does one thing after the other until the store dies or it is told to stop."""

    def __init__(self, store):
        super().__init__()
        self.client, self.chance = store.client(), random.Random()
        self.history, self.going = [], True

    def run(self):
        while self.going:
            kind = self.chance.choice(["put", "put", "get", "get", "delete", "list"])
            key = self.chance.choice(KEYS)
            value = None
            if kind == "put":
                # Some lie in packs and some in files.
                body = os.urandom(16) + bytes(self.chance.choice([0, 4000, 100000]))
                value = hashlib.md5(body).hexdigest()
            called = time.monotonic()
            try:
                if kind == "put":
                    self.client.put_object(Bucket="one", Key=key, Body=body)
                elif kind == "delete":
                    self.client.delete_object(Bucket="one", Key=key)
                elif kind == "get":
                    value = self.read(key)
                else:
                    listed = self.client.list_objects_v2(Bucket="one").get("Contents", [])
                    value = {o["Key"]: o["ETag"].strip('"') for o in listed}
            except LOST:
                if kind in ("put", "delete"):
                    self.history.append(Operation(called, INFINITY, kind, key, value))
                return
            self.history.append(Operation(called, time.monotonic(), kind, key if kind != "list" else None, value))

    def read(self, key):
        try:
            body = self.client.get_object(Bucket="one", Key=key)["Body"].read()
        except self.client.exceptions.NoSuchKey:
            return None
        return hashlib.md5(body).hexdigest()


class Linearizable(unittest.TestCase):
    def setUp(self):
        self.store = Store("--pack-mib", "1", "--pack-collection-s", "1")
        self.addCleanup(self.store.close)
        self.store.client().create_bucket(Bucket="one")

    def test_one_thing_after_the_other_over_kills(self):
        history = []
        chance = random.Random()
        for _ in range(ROUNDS):
            clients = [Client(self.store) for _ in range(CLIENTS)]
            for client in clients:
                client.start()
            time.sleep(chance.uniform(0.5, 2))
            self.store.kill()
            for client in clients:
                client.going = False
                client.join()
                history += client.history
            self.store.start()
        reads = [op for op in history if op.kind in ("get", "list")]
        self.assertGreater(len(reads), 10, "too little was read to say anything")
        self.assertIsNone(explain(history), "no order explains what was seen")


if __name__ == "__main__":
    unittest.main()
