"""Benchmark hnswlib up to a recall of 0.99, its memory, and the exact search of faiss.

    python peer_hnswlib.py BASE.npy QUERIES.npy [--k 10] [--m 16] [--ef-construction 200]

Like peer_ann.py, with values of ef above 256: queries without an answer in the base need more. Building uses
two threads; searching uses one thread, one query at a time. Prints one JSON object on each line; `resident_mb`
is the growth of this process after the index is built and its input dropped.
"""
import argparse
import ctypes
import gc
import json
import time

import faiss
import hnswlib
import numpy as np

ap = argparse.ArgumentParser()
ap.add_argument("base")
ap.add_argument("queries")
ap.add_argument("--k", type=int, default=10)
ap.add_argument("--m", type=int, default=16)
ap.add_argument("--ef-construction", type=int, default=200)
a = ap.parse_args()


def resident_mb():
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    line = next(line for line in open("/proc/self/status") if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024 / 1e6


def say(peer, **kw):
    print(json.dumps({"peer": peer, "n": n, "dim": d, **kw}), flush=True)


Q = np.load(a.queries).astype("f4")
before = resident_mb()
X = np.load(a.base).astype("f4")
n, d = X.shape
h = hnswlib.Index("ip", d)
h.init_index(n, M=a.m, ef_construction=a.ef_construction)
h.set_num_threads(2)
start = time.perf_counter()
h.add_items(X)
build = time.perf_counter() - start
del X
say("hnswlib", build_s=round(build, 2), resident_mb=round(resident_mb() - before, 1))

X = np.load(a.base).astype("f4")
flat = faiss.IndexFlatIP(d)
flat.add(X)
del X
_, G = flat.search(Q, a.k)
faiss.omp_set_num_threads(1)
times = []
for q in Q[:100]:
    start = time.perf_counter()
    flat.search(q[None], a.k)
    times.append(time.perf_counter() - start)
say("faiss-flat", scan_ms=round(sorted(times)[len(times) // 2] * 1e3, 3))
del flat

h.set_num_threads(1)
for ef in (16, 32, 64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072):
    h.set_ef(max(ef, a.k))
    start = time.perf_counter()
    found = [h.knn_query(q[None], a.k)[0][0] for q in Q]
    seconds = time.perf_counter() - start
    hits = sum(len(set(map(int, r)) & set(map(int, g))) for r, g in zip(found, G))
    recall = hits / G.size
    say("hnswlib", ef=ef, recall=round(recall, 4), qps=round(len(Q) / seconds, 1))
    if recall >= 0.993:
        break
