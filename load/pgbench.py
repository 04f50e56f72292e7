"""The limit: pgbench runs the SQL of the server, prepared, from as many connections as the server has clients."""

import re
import subprocess
import time
from statistics import mean

from wrk import CONNECTIONS, THREADS

# As the server sets it for its sessions; see adapters/persistence/postgres/connect.rs.
OPTIONS = "-c plan_cache_mode=force_generic_plan"


# New connections plan and compile what the server's have long done: the first seconds do not count.
WARM_UP_SECONDS = 2


def per_second(postgres, script, file, seconds):
    """How often a second PostgreSQL does all that is in a script. What has no BEGIN commits each statement, as it does for the server."""
    file.write_text(script.text())
    constants = {**script.constants, "now": int(time.time() * 1000)}
    definitions = [f"--define={name}={value}" for name, value in constants.items()]
    duration = WARM_UP_SECONDS + seconds + 1  # it may end without a word about the last second
    counts = [f"--client={CONNECTIONS}", f"--jobs={THREADS}", f"--time={duration}", "--progress=1"]
    arguments = ["--protocol=prepared", "--no-vacuum", *counts, *definitions, f"--file={file}"]
    output = postgres.program("pgbench", arguments, duration + 60, stderr=subprocess.STDOUT, options=OPTIONS)
    rates = [float(rate) for rate in re.findall(r"^progress: .*? ([\d.]+) tps", output, re.MULTILINE)]
    return mean(rates[WARM_UP_SECONDS : WARM_UP_SECONDS + seconds])
