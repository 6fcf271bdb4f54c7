"""Makes the files to commit of a finished run: weights in fp16, and what is claimed of them.

    .venv/bin/python -m language_model.training.publish --work /tmp/language-model

Writes language_model/weights/, but for the model card. All losses are of the fp16 weights.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save

from language_model.config import ModelConfig
from language_model.evaluate import mean_loss
from language_model.load import CONFIG, SUMS, TENSORS, TOKENIZER, WEIGHTS, load
from language_model.tokenizer import BLANK_LINE
from language_model.training import corpus

RECORD, EXCERPT = "record.json", "held_out_excerpt.txt"
EXCERPT_OF, EXCERPT_PARAGRAPHS = "twelfth_night", slice(40, 140)


def write_model(work: Path, folder: Path) -> None:
    """Write the weights in fp16, the tokenizer, the shape, and the sums of all three."""
    state = torch.load(work / "checkpoint.pt", weights_only=True)["model"]
    half = {name: x.half().contiguous() for name, x in state.items()}
    (folder / TENSORS).write_bytes(save(half))
    (folder / TOKENIZER).write_bytes((work / TOKENIZER).read_bytes())
    config = json.dumps(asdict(ModelConfig()), indent=4)
    (folder / CONFIG).write_text(config + "\n", encoding="utf-8")
    sums = [
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
        for name in (CONFIG, TENSORS, TOKENIZER)
    ]
    (folder / SUMS).write_text("".join(sums), encoding="utf-8")


def excerpt(work: Path) -> str:
    """Give some pages of a held-out play."""
    parts = corpus.read_works(corpus.fetch(work))[EXCERPT_OF]
    return BLANK_LINE.join(parts[EXCERPT_PARAGRAPHS]) + "\n"


def measure(work: Path, folder: Path) -> dict[str, object]:
    """Measure the loss on the held-out plays and on the excerpt, and add the run's own log."""
    model, tokenizer = load(folder)
    held_out = np.load(work / "held_out.npy").astype(np.int64)
    loss = mean_loss(model, torch.from_numpy(held_out))
    pages = torch.tensor(tokenizer.encode((folder / EXCERPT).read_text("utf-8"), bos=True))
    rows = [json.loads(line) for line in (work / "log.jsonl").read_text("utf-8").splitlines()]
    characters = len(tokenizer.decode(held_out.tolist()))
    return {
        "parameters": sum(x.numel() for x in model.parameters()),
        "held_out_tokens": len(held_out),
        "held_out_characters": characters,
        "nats_per_token": round(loss, 4),
        "nats_per_character": round(loss * (len(held_out) - 1) / characters, 4),
        "excerpt_nats_per_token": round(mean_loss(model, pages), 4),
        "steps": rows[-1]["step"],
        "cpu_seconds": rows[-1]["cpu_seconds"],
        "curve": rows,
    }


def main() -> None:
    """Publish the run in a work folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="the folder of train.py")
    parser.add_argument("--to", type=Path, default=WEIGHTS, help="where the files go")
    wanted = parser.parse_args()
    torch.set_num_threads(1)
    wanted.to.mkdir(parents=True, exist_ok=True)
    write_model(wanted.work, wanted.to)
    (wanted.to / EXCERPT).write_text(excerpt(wanted.work), encoding="utf-8")
    record = measure(wanted.work, wanted.to)
    (wanted.to / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({name: value for name, value in record.items() if name != "curve"}, indent=1))


if __name__ == "__main__":
    main()
