"""Makes records/pytorch.json from the folder that records.sh fills:  python bench/training-speed/record.py FOLDER TORCH_VERSION"""

import re
import sys
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import record  # noqa: E402

folder, version = Path(sys.argv[1]), sys.argv[2]
TURNS = 5
MODELS = {"lstm": "LSTM", "decoder": "decoder", "translator": "translator"}
LINE = re.compile(r": (\d+) tokens/s, ([\d.]+) M parameters")


def measured(model, precision, program):
    """Tokens per second of each turn, and the number of parameters in millions."""
    texts = [(folder / f"{model}-{precision}-{program}-{turn}").read_text() for turn in range(1, TURNS + 1)]
    found = [LINE.search(text) for text in texts]
    return [int(match[1]) for match in found], found[0][2]


def spread(rates):
    return f"{median(rates):,.0f} ({min(rates):,.0f} to {max(rates):,.0f})"


lines, figures = [], {}
for precision in ("f32", "bf16"):
    for model, title in MODELS.items():
        if not (folder / f"{model}-{precision}-eras-1").exists():
            continue
        ours, parameters = measured(model, precision, "eras")
        cells = [f"{title}, {precision}", parameters, spread(ours)]
        for program in ("eager", "compiled"):
            theirs, own = measured(model, precision, program)
            if own != parameters:
                raise SystemExit(f"{model}: Eras trains {parameters} M parameters, PyTorch {own} M: not the same model")
            # Turns lie next to each other in time, so their ratios are compared.
            ratio = median(a / b for a, b in zip(ours, theirs))
            cells += [spread(theirs), f"{ratio:.2f}"]
            figures[f"{model}-{precision}-{program}"] = f"{ratio:.2f}"
        lines.append(cells)
header = ["model", "M parameters", "Eras, tokens per second", f"PyTorch {version}, eager", "Eras / eager", "compiled", "Eras / compiled"]
record.write(
    Path(__file__).parent / "records" / "pytorch.json",
    "bench/training-speed/records.sh WORK",
    "nothing: sizes are fixed, tokens are random",
    figures=figures,
    tables={"pytorch": record.table(header, lines)},
    conditions="medians of five turns with minimum and maximum; three warm-up steps; compilation not included; all threads; same malloc settings",
)
