"""The stories' vocabulary as qdrant-client says it: JSON lines in, JSON lines out."""

import json
import os
import sys
import warnings
from urllib.parse import urlsplit

connection = json.loads(sys.argv[1])
os.environ["GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"] = connection["ca"]
warnings.simplefilter("ignore")

import grpc  # noqa: E402: it reads the environment
import numpy  # noqa: E402
from qdrant_client import QdrantClient, models  # noqa: E402
from qdrant_client.http.exceptions import UnexpectedResponse  # noqa: E402

http = urlsplit(connection["http"])


def client_for(key):
    return QdrantClient(
        host=http.hostname,
        port=http.port,
        grpc_port=urlsplit(connection["grpc"]).port,
        https=True,
        api_key=key,
        prefer_grpc=connection["preferGrpc"],
        verify=connection["ca"],
        check_compatibility=False,
        timeout=60,
    )


def vector(id, size):
    """As `vectorOf` of vocabulary.ts."""
    at = numpy.arange(1, size + 1, dtype=numpy.uint64) * 0x85EBCA6B & 0xFFFFFFFF
    mixed = at ^ ((id + 1) * 0x9E3779B1 & 0xFFFFFFFF)
    mixed = (mixed ^ (mixed >> 15)) * 0x2C1B3C6D & 0xFFFFFFFF
    thousandths = ((mixed >> 16) % 2001).astype(int) - 1000
    return (thousandths / 1000).tolist()


def only(parity):
    if parity is None:
        return None
    match = models.MatchValue(value=parity)
    return models.Filter(must=[models.FieldCondition(key="parity", match=match)])


def point(id, size, text):
    payload = {"parity": "odd" if id % 2 else "even"}
    if text is not None:
        payload["text"] = text
    return models.PointStruct(id=id, vector=vector(id, size), payload=payload)


def given(alias, collection):
    create = models.CreateAlias(alias_name=alias, collection_name=collection)
    return models.CreateAliasOperation(create_alias=create)


def taken(alias):
    return models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias))


class Driver:
    def __init__(self, key):
        self.client = client_for(key)

    def create(self, collection, size=768):
        params = models.VectorParams(size=size, distance=models.Distance.COSINE)
        return self.client.create_collection(collection, vectors_config=params)

    def exists(self, collection):
        return self.client.collection_exists(collection)

    def describe(self, collection):
        return self.client.get_collection(collection).points_count

    def collections(self):
        return sorted(each.name for each in self.client.get_collections().collections)

    def upsert(self, collection, first, count, size=768, text=None):
        points = [point(id, size, text) for id in range(first, first + count)]
        self.client.upsert(collection, points, wait=True)
        return True

    def search(self, collection, like, limit, size=768, parity=None):
        found = self.client.query_points(
            collection,
            query=vector(like, size),
            limit=limit,
            query_filter=only(parity),
            with_payload=False,
        )
        return [{"id": each.id, "score": each.score} for each in found.points]

    def scroll(self, collection, limit, offset=None):
        points, following = self.client.scroll(
            collection, limit=limit, offset=offset, with_payload=False
        )
        return {"ids": [each.id for each in points], "next": following}

    def count(self, collection, parity=None):
        return self.client.count(collection, count_filter=only(parity), exact=True).count

    def deletePoints(self, collection, parity):
        selector = models.FilterSelector(filter=only(parity))
        self.client.delete(collection, points_selector=selector, wait=True)
        return True

    def alias(self, alias, collection):
        return self.client.update_collection_aliases([given(alias, collection)])

    def swap(self, alias, collection):
        return self.client.update_collection_aliases([taken(alias), given(alias, collection)])

    def aliases(self):
        listed = self.client.get_aliases().aliases
        return sorted(f"{each.alias_name}={each.collection_name}" for each in listed)

    def unalias(self, alias):
        return self.client.update_collection_aliases([taken(alias)])

    def snapshot(self, collection):
        return self.client.create_snapshot(collection, wait=True).name

    def snapshots(self, collection):
        return [each.name for each in self.client.list_snapshots(collection)]

    def deleteSnapshot(self, collection, snapshot):
        self.client.delete_snapshot(collection, snapshot, wait=True)
        return True

    def drop(self, collection):
        return self.client.delete_collection(collection)


def told(error):
    shown = {"name": type(error).__name__, "message": str(error)}
    if isinstance(error, UnexpectedResponse):
        fields = error.headers
        shown["status"] = error.status_code
        shown["body"] = error.content.decode()
    elif isinstance(error, grpc.RpcError):
        fields = dict(error.trailing_metadata() or [])
        fields |= dict(error.initial_metadata() or [])
        shown["name"] = "RpcError"
        shown["message"] = error.details()
        shown["code"] = error.code().value[0]
    else:
        return shown
    shown["refusal"] = fields.get("x-vectorgate-refusal")
    shown["request"] = fields.get("x-request-id")
    return shown


drivers = {}
for line in sys.stdin:
    asked = json.loads(line)
    key = asked["key"]
    if key not in drivers:
        drivers[key] = Driver(key)
    try:
        answer = {"ok": getattr(drivers[key], asked["call"])(**asked["args"])}
    except Exception as error:  # every exception is an answer
        answer = {"error": told(error)}
    print(json.dumps({"id": asked["id"], **answer}), flush=True)
