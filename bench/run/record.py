"""Makes records/CORPUS.json from a run:  python bench/run/record.py RUN CORPUS WALL_SECONDS COMMIT"""

import csv
import sys
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import record  # noqa: E402

run, corpus, wall, commit = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), sys.argv[4]


def rows(name):
    path = run / name
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


def values(name, track, header, cells):
    body = [[*entry(row), *cells(row), trained(row, track)] for row in rows(name)]
    return record.table(["entry", "year", *header, "training"], body)


def translation(row):
    return [number(row["bleu"]), number(row["chrf"]), number(row["perplexity"])]


def conversation(row):
    return [number(row["perplexity"]), percent(row["sensible"]), percent(row["specific"])]


results = rows("results.csv")
test = {f"{row['era']}/{row['variant']}": row["perplexity"] for row in results}
tables = {
    "language-models": values(
        "results.csv",
        "language-modelling",
        ["validation perplexity", "test perplexity", "top 1", "top 5", "minimal pairs"],
        lambda row: [
            number(row["valid_perplexity"]),
            number(row["perplexity"]),
            percent(row["top1_accuracy"]),
            percent(row["top5_accuracy"]),
            percent(row["minimal_pairs_accuracy"]),
        ],
    ),
    "translators": values("translation.csv", "translation", ["BLEU", "chrF", "perplexity"], translation),
    "conversation": values("conversation.csv", "conversation", ["perplexity", "sensible", "specific"], conversation),
}
chosen_on = {
    "village": "the validation split of this village, except mixed keys, batch size and learning rate of transformer/decoder-tuned and "
    "the segments and stories of chatbot/*, which were chosen on its test split (bench/transformer, bench/chatbot)",
    "village-7": "another village; nothing was chosen on this one",
}
record.write(
    Path(__file__).parent / "records" / f"{corpus}.json",
    f"eras run --corpus {corpus}",
    chosen_on[corpus],
    {"minutes": record.minutes(wall), **{f"perplexity:{name}": number(value) for name, value in test.items()}},
    tables,
    commit,
)
