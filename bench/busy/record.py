"""Makes records/waiting.json from lines WAITING, ENTRY, alone or busy, SECONDS:  python bench/busy/record.py FILE"""

import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import record  # noqa: E402

times = {}
for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
    way, entry, load, seconds = line.split("\t")
    times.setdefault((way, entry), {}).setdefault(load, []).append(float(seconds))
PROGRAM, LIBGOMP = "as the program does", "GOMP_SPINCOUNT=300000"


def median(way, entry, load):
    return statistics.median(times[way, entry][load])


lines, figures = [], {}
for (way, entry), loads in times.items():
    alone, busy = median(way, entry, "alone"), median(way, entry, "busy")
    spread = [f"{min(loads[load]):.1f} to {max(loads[load]):.1f}" for load in ("alone", "busy")]
    lines.append([f"`{entry}`, {way}", f"{alone:.1f} ({spread[0]})", f"{busy:.1f} ({spread[1]})", f"{busy / alone:.2f}"])
    if way == PROGRAM:
        figures[f"{entry}-busy"] = f"{busy / alone:.2f}"
        figures[f"{entry}-alone"] = f"{alone / median(LIBGOMP, entry, 'alone'):.2f}"
        figures[f"{entry}-libgomp-busy"] = f"{median(LIBGOMP, entry, 'busy') / median(LIBGOMP, entry, 'alone'):.2f}"
record.write(
    Path(__file__).parent / "records" / "waiting.json",
    "bench/busy/records.sh WORK",
    "nothing: training on 40,000 tokens is timed",
    figures=figures,
    tables={"waiting": record.table(["training", "seconds alone", "seconds beside two busy processes", "ratio"], lines)},
    conditions="medians of three turns with minimum and maximum; two cores; equal priority",
)
