"""What the Milvus stores of LangChain and LlamaIndex make of the gateway: one line of JSON a step."""
import hashlib
import json
import logging
import os
import sys
import warnings

os.environ.setdefault("GRPC_VERBOSITY", "NONE")
warnings.filterwarnings("ignore")

from langchain_core.documents import Document  # noqa: E402
from langchain_core.embeddings import Embeddings  # noqa: E402
from langchain_milvus import Milvus  # noqa: E402
from llama_index.core.schema import TextNode  # noqa: E402
from llama_index.core.vector_stores.types import VectorStoreQuery  # noqa: E402
from llama_index.vector_stores.milvus import MilvusVectorStore  # noqa: E402

logging.disable(logging.CRITICAL)
uri, ca, keys = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
dimension = 8


def vector(text):
    """The same for the same text, and another for another."""
    return [byte / 255 for byte in hashlib.sha256(text.encode()).digest()[:dimension]]


class Hashes(Embeddings):
    def embed_documents(self, texts):
        return [vector(text) for text in texts]

    def embed_query(self, text):
        return vector(text)


def step(name, act):
    try:
        told = {"ok": act()}
    except Exception as error:  # noqa: BLE001
        code = error.code() if callable(getattr(error, "code", None)) else getattr(error, "code", None)
        told = {"error": getattr(code, "name", code), "says": str(error)}
    print(json.dumps({"step": name, **told}, default=str), flush=True)


class LangChain:
    collection = "lang"

    def __init__(self, role):
        self.store = Milvus(
            Hashes(),
            collection_name=self.collection,
            connection_args={"uri": uri, "token": keys[role], "server_pem_path": ca},
            index_params={"index_type": "FLAT", "metric_type": "L2"},
            consistency_level="Strong",
            auto_id=True,
        )

    def insert(self, text):
        return len(self.store.add_documents([Document(page_content=text)]))

    def search(self, text):
        return self.store.similarity_search(text, k=1)[0].page_content


class LlamaIndex:
    collection = "llama"

    def __init__(self, role):
        self.store = MilvusVectorStore(
            uri=uri,
            token=keys[role],
            collection_name=self.collection,
            dim=dimension,
            index_config={"index_type": "FLAT", "metric_type": "L2"},
            similarity_metric="L2",
            consistency_level="Strong",
            use_async_client=False,
            server_pem_path=ca,
        )

    def insert(self, text):
        return len(self.store.add([TextNode(text=text, embedding=vector(text))]))

    def search(self, text):
        asked = VectorStoreQuery(query_embedding=vector(text), similarity_top_k=1)
        return self.store.query(asked).nodes[0].get_content()


for name, kind in (("langchain", LangChain), ("llamaindex", LlamaIndex)):
    for role in ("m", "rw", "r"):
        opened = []
        step(f"{name} {role}: start", lambda: opened.append(kind(role)))
        if not opened:
            continue
        store = opened[0]
        text = f"written by {role}"
        step(f"{name} {role}: insert", lambda: store.insert(text))
        step(f"{name} {role}: search", lambda: store.search("written by m"))
