# Parts of the benchmarks, sourced by them: a scratch cluster, and a `sync` that is timed. Before: root, scale, keep.

say() { echo "$*" >&2; }

# All that a benchmark makes is under $scratch, and goes with it. As root the servers run as another user.
scratch=$(mktemp -d)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
as() { "$@"; }
if [ "$(id -u)" = 0 ]; then
  as() { setpriv --reuid="$server_user" --regid="$server_user" --clear-groups --reset-env "$@"; }
  server_user=$(getent passwd postgres >/dev/null && echo postgres || echo nobody)
  chown "$server_user" "$scratch"
fi
finish() {
  [ ! -d "$scratch/data" ] || as "$bin/pg_ctl" -D "$scratch/data" -m immediate stop >/dev/null 2>&1 || true
  [ -n "$keep" ] && say "kept: $scratch" || rm -rf "$scratch"
}
trap finish EXIT

# $bin: the programs of an installed Postgres, or those of PG_BIN.
installed_postgres() { # programs that it must have
  local program
  bin=${PG_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)}
  for program in initdb "$@"; do
    [ -x "$bin/$program" ] || {
      say "no Postgres with $program found: install postgresql and postgresql-contrib, or set PG_BIN"
      exit 2
    }
  done
}

# $bin: those of the Postgres that comes with Tidemark, or of PG_BIN.
embedded_postgres() {
  bin=${PG_BIN:-$scratch/postgres/bin}
  [ -z "${PG_BIN:-}" ] || return 0
  mkdir -p "$scratch/postgres"
  python3 - "$root"/launcher/target/lib/embedded-postgres-binaries-"$(uname -s | tr A-Z a-z)"-*.jar "$scratch/postgres" <<'PYTHON'
import glob, io, platform, sys, tarfile, zipfile
jars, folder = sys.argv[1:-1], sys.argv[-1]
arm = platform.machine() in ("aarch64", "arm64")
jar = next(jar for jar in jars if ("arm64" in jar) == arm and "alpine" not in jar)
with zipfile.ZipFile(jar) as packed:
    name = next(name for name in packed.namelist() if name.endswith(".txz"))
    with tarfile.open(fileobj=io.BytesIO(packed.read(name)), mode="r:xz") as tar:
        tar.extractall(folder)
PYTHON
  chmod -R a+rX "$scratch/postgres"
}

# Both databases in one cluster, so that servers and client share the machine on either side of a ratio.
start_cluster() {
  cd "$scratch"
  as "$bin/initdb" -D "$scratch/data" -U bench --auth=trust --locale=C --encoding=UTF8 >/dev/null
  as "$bin/pg_ctl" -D "$scratch/data" -w -l "$scratch/log" \
    -o "-p $port -k $scratch -c shared_buffers=3GB -c max_wal_size=8GB -c checkpoint_timeout=1h" start >/dev/null
  psql=$(ls "$bin/psql" 2>/dev/null || command -v psql) || { say "psql is needed"; exit 2; }
  sql postgres "CREATE DATABASE source"
  sql postgres "CREATE DATABASE home"
}
sql() { "$psql" -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U bench -d "$1" -At -c "$2"; }

now() { date +%s%N; }
seconds() { python3 -c 'import sys; print("%.2f" % ((int(sys.argv[2]) - int(sys.argv[1])) / 1e9))' "$1" "$2"; }

# Refreshes a table of $scratch/bench.yaml: seconds from the request to the end, start-up of the process aside,
# the number of changes, and what the process took: MB resident at most, MB of heap in use after a collection at most.
sync() {
  TIDEMARK_JAVA_OPTS="-Xmx${heap:-256m} -Xlog:gc:file=$scratch/gc.log ${TIDEMARK_JAVA_OPTS:-}" \
    python3 - "$root/tidemark" "$scratch" "$1" <<'PYTHON'
import json, re, resource, subprocess, sys
from datetime import datetime
tidemark, scratch, table = sys.argv[1:]
with open(f"{scratch}/sync.log", "a") as log:
    done = subprocess.run([tidemark, "sync", "-f", f"{scratch}/bench.yaml", table, "--json"],
                          stdout=subprocess.PIPE, stderr=log)
view = json.loads(done.stdout or '{"state": "none: see sync.log"}')
if view.get("state") != "SUCCEEDED":
    sys.exit(f"{table}: {json.dumps(view)}")
json.dump(view, open(f"{scratch}/{table}.json", "w"))
time = lambda name: datetime.fromisoformat(view[name].replace("Z", "")[:26])
rows = view["rows"]
after = [int(mb) for mb in re.findall(r"->(\d+)M\(", open(f"{scratch}/gc.log").read())]
print("%.2f %d %d %d" % ((time("finishedAt") - time("requestedAt")).total_seconds(),
                         rows["inserted"] + rows["updated"] + rows["deleted"],
                         resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, max(after, default=0)))
PYTHON
}
# The seconds out of what sync printed; $2: how many changes it must have found.
expect() {
  local took changes
  read -r took changes _ <<<"$1"
  [ "$changes" = "$2" ] || { say "expected $2 changes, got: $1"; exit 1; }
  echo "$took"
}
