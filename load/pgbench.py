"""The limit on PostgreSQL: pgbench runs the server's SQL, prepared, on as many connections."""

import re
import subprocess
import time
from statistics import mean

from wrk import CONNECTIONS, THREADS

# Must match what the server sets on its connections, in src/adapters/persistence/postgres.
OPTIONS = "-c plan_cache_mode=force_generic_plan"
# New connections plan and compile, which those of the server have done long before: the first
# seconds do not count.
WARM_UP_SECONDS = 2


def runs_per_second(postgres, script, file, seconds):
    """Returns how often per second PostgreSQL completes a script.

    Without a BEGIN each statement commits on its own, as it does for the server.
    """
    file.write_text(script.text())
    constants = {**script.constants, "now": int(time.time() * 1000)}
    definitions = [f"--define={name}={value}" for name, value in constants.items()]
    duration = WARM_UP_SECONDS + seconds + 1  # pgbench may not report the last second
    counts = [f"--client={CONNECTIONS}", f"--jobs={THREADS}", f"--time={duration}", "--progress=1"]
    arguments = ["--protocol=prepared", "--no-vacuum", *counts, *definitions, f"--file={file}"]
    output = postgres.program("pgbench", arguments, duration + 60, stderr=subprocess.STDOUT, options=OPTIONS)
    rates = [float(rate) for rate in re.findall(r"^progress: .*? ([\d.]+) tps", output, re.MULTILINE)]
    return mean(rates[WARM_UP_SECONDS : WARM_UP_SECONDS + seconds])
