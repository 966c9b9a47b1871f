"""What pymilvus makes of the gateway: one line of JSON for each step, its outcome and how long it took."""
import json
import logging
import random
import sys
import time

from pymilvus import DataType, MilvusClient

logging.disable(logging.CRITICAL)
uri, ca, keys = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
rows = 10_000


def client(name, database=""):
    return MilvusClient(uri=uri, token=keys.get(name, name), server_pem_path=ca, db_name=database)


def step(name, act):
    began = time.monotonic()
    try:
        told = {"ok": act()}
    except Exception as error:  # noqa: BLE001
        code = error.code() if callable(getattr(error, "code", None)) else getattr(error, "code", None)
        told = {"error": getattr(code, "name", code), "says": str(error)}
    told["seconds"] = time.monotonic() - began
    print(json.dumps({"step": name, **told}, default=str), flush=True)


def vector():
    return [random.random() for _ in range(8)]


def create():
    schema = admin.create_schema(auto_id=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=8)
    admin.create_collection("books", schema=schema)


def index():
    params = admin.prepare_index_params()
    params.add_index("vector", index_type="FLAT", metric_type="L2")
    admin.create_index("books", params)


def search(who, name="books"):
    return len(who.search(name, [vector()], limit=3, consistency_level="Strong")[0])


admin = client("admin")
data = [{"id": id, "vector": vector()} for id in range(rows)]
step("create", create)
step("insert", lambda: admin.insert("books", data)["insert_count"])
step("index", index)
step("load", lambda: admin.load_collection("books"))
step("search", lambda: search(admin))
step("query", lambda: len(admin.query("books", filter="id < 3", consistency_level="Strong")))
step("alias", lambda: admin.create_alias("books", "library"))
step("search by alias", lambda: search(admin, "library"))
step("describe alias", lambda: admin.describe_alias("library")["collection_name"])
step("drop alias", lambda: admin.drop_alias("library"))
step("create database", lambda: admin.create_database("hr"))
step("list databases", lambda: sorted(admin.list_databases()))

reader = client("r")
step("r: list", lambda: reader.list_collections())
step("r: search", lambda: search(reader))
step("r: insert", lambda: reader.insert("books", data[:1]))
step("r: drop", lambda: reader.drop_collection("books"))
step("r: search another", lambda: search(reader, "secret"))
step("r: another database", lambda: client("r", "hr").list_collections())
writer = client("rw")
step("rw: insert", lambda: writer.insert("books", data[:1])["insert_count"])
step("rw: drop", lambda: writer.drop_collection("books"))
limited = client("few")
while_permitted = lambda: [limited.insert("books", data[:1]) for _ in range(12)]
step("few: insert", while_permitted)
step("nobody", lambda: client("").list_collections())
step("wrong", lambda: client("root:Milvus").list_collections())
step("drop database", lambda: admin.drop_database("hr"))
step("drop", lambda: admin.drop_collection("books"))
step("list", lambda: admin.list_collections())
