"""Benchmark ONNX Runtime without sorting: batches of 32 in the order of the texts, padded to the longest.

    python peer_padded.py MODEL_DIR ONNX_PREFIX TEXTS [--max-len 256] [--threads 2] [--limit 2000]

Has the arguments, texts, tokens and JSON line of peer_encode.py, which sorts by length first. Embedding libraries
do not sort: fastembed pads like this (batches of 256), Chroma pads every text to 256 tokens.
"""
import argparse
import json
import time

NAME = "ort-fp32-padded"
QUERY = "how does mean pooling turn tokens into a sentence vector"
BATCH = 32

ap = argparse.ArgumentParser()
ap.add_argument("model_dir")
ap.add_argument("onnx_prefix")
ap.add_argument("texts")
ap.add_argument("--max-len", type=int, default=256)
ap.add_argument("--threads", type=int, default=2)
ap.add_argument("--limit", type=int, default=2000)
a = ap.parse_args()


def measure():
    import numpy as np
    import onnxruntime as ort
    from tokenizers import Tokenizer

    tok = Tokenizer.from_file(a.model_dir + "/tokenizer.json")
    tok.no_padding()
    tok.enable_truncation(a.max_len)
    lines = open(a.texts, encoding="utf8", errors="replace")
    texts = [line.rstrip("\n") for line in lines if line.strip()][: a.limit]

    start = time.perf_counter()
    options = ort.SessionOptions()
    options.intra_op_num_threads = a.threads
    options.log_severity_level = 3
    session = ort.InferenceSession(a.onnx_prefix + "-fp32.onnx", options, providers=["CPUExecutionProvider"])
    load = time.perf_counter() - start
    names = {i.name for i in session.get_inputs()}

    def states(batch):
        ids = np.zeros((len(batch), max(map(len, batch))), np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        return session.run(None, {k: v for k, v in feed.items() if k in names})[0], mask

    query = [tok.encode(QUERY).ids]
    states(query)
    latencies = []
    for _ in range(40):
        start = time.perf_counter()
        states(query)
        latencies.append(time.perf_counter() - start)

    tokens, start = 0, time.perf_counter()
    for first in range(0, len(texts), BATCH):
        batch = [e.ids for e in tok.encode_batch(texts[first: first + BATCH])]
        tokens += sum(map(len, batch))
        h, mask = states(batch)
        v = (h * mask[:, :, None]).sum(1) / mask.sum(1)[:, None]
        v /= np.linalg.norm(v, axis=1, keepdims=True)
    seconds = time.perf_counter() - start
    return {"tokens_per_s": round(tokens / seconds), "texts_per_s": round(len(texts) / seconds, 1),
            "query_ms": round(sorted(latencies)[len(latencies) // 2] * 1e3, 2), "load_ms": round(load * 1e3)}


try:
    figures = measure()
except Exception as e:  # a peer that cannot run here says so, as in peer_encode.py
    figures = {"error": str(e)[:200]}
print(json.dumps({"peer": NAME, **figures}), flush=True)
