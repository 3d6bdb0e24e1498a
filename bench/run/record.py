"""Makes records/NAME.json from a run:  python bench/run/record.py RUN NAME COMMAND WALL_SECONDS COMMIT"""

import csv
import sys
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import record  # noqa: E402

run, name, command, wall, commit = Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4]), sys.argv[5]


def rows(file):
    path = run / file
    return list(csv.DictReader(path.open(encoding="utf-8"))) if path.exists() else []


with (run / "run.toml").open("rb") as file:
    years = {(one["era"], one["variant"]): str(one.get("year", "-")) for one in tomllib.load(file)["entries"]}
costs = {(row["era"], row["variant"], row["track"]): row for row in rows("costs.csv")}


def number(text, digits=2):
    return f"{float(text):.{digits}f}" if text else "-"


def percent(text):
    return f"{100 * float(text):.1f} %" if text else "-"


def entry(row):
    return [f"`{row['era']}/{row['variant']}`", years[row["era"], row["variant"]]]


def trained(row, track):
    cost = costs.get((row["era"], row["variant"], track))
    seconds = float(cost["training_seconds"]) if cost else 0.0
    return "-" if seconds == 0 else f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def values(file, track, header, cells):
    body = [[*entry(row), *cells(row), trained(row, track)] for row in rows(file)]
    return record.table(["entry", "year", *header, "training"], body)


def translation(row):
    return [number(row["bleu"]), number(row["chrf"]), number(row["perplexity"])]


def phenomena():
    """Loss above that of the oracle in nats per token, by phenomenon."""
    found = [row for row in rows("breakdowns.csv") if row["breakdown"] == "phenomenon" and row["reference"] == "oracle/village"]
    kinds = list(dict.fromkeys(row["cell"] for row in found))
    excess = {(row["entry"], row["cell"]): number(row["excess"]) for row in found}
    models = dict.fromkeys(row["entry"] for row in found)
    return record.table(["entry", *kinds], [[f"`{model}`", *(excess[model, kind] for kind in kinds)] for model in models])


def conversation(row):
    return [number(row["perplexity"]), percent(row["sensible"]), percent(row["specific"])]


results = rows("results.csv")
test = {f"{row['era']}/{row['variant']}": row["perplexity"] for row in results}
language_models = [
    ("validation perplexity", lambda row: number(row["valid_perplexity"])),
    ("test perplexity", lambda row: number(row["perplexity"])),
    ("without `<unk>`", lambda row: number(row["perplexity_without_unk"])),
    ("top 1", lambda row: percent(row["top1_accuracy"])),
    ("top 5", lambda row: percent(row["top5_accuracy"])),
    ("minimal pairs", lambda row: percent(row["minimal_pairs_accuracy"])),
]
if all(row["perplexity_without_unk"] == row["perplexity"] for row in results):
    del language_models[2]
tables = {
    "language-models": values(
        "results.csv",
        "language-modelling",
        [title for title, _ in language_models],
        lambda row: [cell(row) for _, cell in language_models],
    ),
    "translators": values("translation.csv", "translation", ["BLEU", "chrF", "perplexity"], translation),
    "conversation": values("conversation.csv", "conversation", ["perplexity", "sensible", "specific"], conversation),
    "phenomena": phenomena(),
}
TUNED_ON_TEST = (
    "except mixed keys, batch size and learning rate of transformer/decoder-tuned and the segments and stories of chatbot/*, which "
    "were chosen on its test split (bench/transformer, bench/chatbot)"
)
CHOSEN_ON = {
    "default": "the validation split of this village",
    "village": f"the validation split of this village, {TUNED_ON_TEST}",
    "village-7": "another village; nothing was chosen on this one",
    "village-long": f"the validation split of this village, {TUNED_ON_TEST}",
    "wikitext-2": "the validation split, for the entries with -tuned; the others have their sizes and their paper's training",
    "captions": "the validation pairs",
    "help-desk": "the validation split of the village; nothing was chosen on this corpus",
    "open-domain": "the validation split of the village; nothing was chosen on this corpus",
}
record.write(
    Path(__file__).parent / "records" / f"{name}.json",
    command,
    CHOSEN_ON[name],
    {
        "minutes": record.minutes(wall),
        **{f"perplexity:{entry}": number(value) for entry, value in test.items()},
        **{f"conversation:{row['era']}/{row['variant']}": number(row["perplexity"]) for row in rows("conversation.csv")},
        **{f"BLEU:{row['era']}/{row['variant']}": number(row["bleu"]) for row in rows("translation.csv")},
    },
    {kind: lines for kind, lines in tables.items() if len(lines) > 2},
    commit,
)
