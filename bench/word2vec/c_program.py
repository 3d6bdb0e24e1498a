"""Runs the C program and prints its training speed in wall-clock time, not including the counting of words.

    c_program.py WORD2VEC OPTIONS...

The program's own figure, also printed, is words per CPU time of all threads, including line ends.
"""

import re
import subprocess
import sys
import time

program = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)
threads = int(sys.argv[sys.argv.index("-threads") + 1])
output, began = b"", None
while chunk := program.stdout.read1():
    output += chunk
    if began is None and b"Progress" in output:
        began = time.perf_counter()
    last = time.perf_counter()
if program.wait() or began is None:
    sys.exit(f"{sys.argv[1]} failed: {output.decode(errors='replace')}")
words = int(re.search(rb"Words in train file: (\d+)", output)[1])
own = re.findall(rb"Words/thread/sec: ([\d.]+k)", output)[-1].decode()
print(f"train {last - began:.1f} s, {words / (last - began) / threads:.0f} words per thread and second by the clock, "
      f"{own} by its own figure")
