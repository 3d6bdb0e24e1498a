"""Makes records/village.json from the output of `eras ablate --json`:  python bench/ablations/record.py COMMAND COMMIT FILE..."""

import json
import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import record  # noqa: E402

command, commit, files = sys.argv[1], sys.argv[2], sys.argv[3:]


def mean(values):
    return sum(values) / len(values)


def error(values):
    center = mean(values)
    return math.sqrt(sum((value - center) ** 2 for value in values) / (len(values) - 1) / len(values))


def line(name, year, losses, base):
    gains = [without - loss for without, loss in zip(base, losses)]
    gain = "-" if losses is base else f"{mean(gains):+.3f} ± {error(gains):.3f}"
    return [name, str(year), f"{math.exp(mean(losses)):.2f}", gain]


tables, ablations = {}, [one for file in files for one in json.loads(Path(file).read_text(encoding="utf-8"))]
for one in ablations:
    tuned, faithful, base = one["tuned"], one["faithful"], one["without"]
    lines = [line(f"none: `{faithful['era']}/{faithful['variant']}`", faithful["year"], base, base)]
    for alone in one["alone"]:
        idea = alone["idea"]
        lines.append(line(f"{idea['name']} ({idea['source']})", idea["year"], alone["losses"], base))
    lines.append(line(f"all: `{tuned['era']}/{tuned['variant']}`", tuned["year"], one["together"], base))
    header = ["borrowed idea", "year", "validation perplexity", "gain, nats per token"]
    tables[f"{tuned['era']}/{tuned['variant']}"] = record.table(header, lines)
record.write(
    Path(__file__).parent / "records" / "village.json",
    command,
    "the validation split of the village, on which the losses are measured; the test split was not used",
    tables=tables,
    commit=commit,
    seeds=ablations[0]["seeds"],
)
