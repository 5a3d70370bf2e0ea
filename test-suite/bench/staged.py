"""Prints what staged has measured as a Markdown table: SCRATCH ROWS RUNS HEAP VERSION."""
import csv, json, os, statistics, sys

scratch, rows, runs, heap, version = sys.argv[1:]
times = {}
memory = {}
with open(f"{scratch}/times") as file:
    for line in csv.DictReader(file, delimiter="\t"):
        what = line["case"], line["way"]
        times.setdefault(what, []).append(float(line["seconds"]))
        if line["heap"]:
            memory.setdefault(what, []).append((int(line["resident"]), int(line["heap"])))

LIMITS = {"csv": 0.6, "parquet": 0.6, "text": 0.5, "uuid": 0.35}
AGAINST = {"script": "the script", "concurrently": "`CONCURRENTLY`"}


def span(xs):
    return f"{statistics.median(xs):.2f} ({min(xs):.2f} to {max(xs):.2f})"


print(f"pgbench_accounts, {int(rows):,} rows, {runs} runs, heap {heap}, PostgreSQL {version}; seconds: median (least to most)\n")
print("| what | seconds | ratio | limit | MB resident | MB of heap |")
print("| --- | --- | --- | --- | --- | --- |")
for (case, way), seconds in times.items():
    base = next((it for it in AGAINST if (case, it) in times), None)
    ratio = limit = ""
    if base and way != base:
        paired = statistics.median(a / b for a, b in zip(seconds, times[case, base]))
        ratio = f"{paired:.2f} × {AGAINST[base]}"
        limit = LIMITS[case] if way in ("sync", "auto") else ""
    used = memory.get((case, way))
    resident, live = (max(it[i] for it in used) for i in (0, 1)) if used else ("", "")
    print(f"| {case}: {AGAINST.get(way, way)} | {span(seconds)} | {ratio} | {limit} | {resident} | {live} |")
for case in ("text", "uuid"):
    path = f"{scratch}/{case}-auto.json"
    if os.path.exists(path):
        view = json.load(open(path))
        print(f"\n{case}: {view['merge']['way']}, because {view['merge']['why']}")
