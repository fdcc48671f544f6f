#!/usr/bin/env bash
# Times a training step alone, and beside one busy process, for several lengths of OpenMP's spinning. Prints rows of docs/performance.md:
# medians of three rounds, milliseconds, and their ratios to the step that runs alone with OpenMP's own default (GOMP_SPINCOUNT=300000).
#
# usage:  docs/benchmarks/beside_load.sh [MODE DEPTH WIDTH BATCH [COUNT...]]
#         COUNT: values of GOMP_SPINCOUNT, or "udge" for what udge sets where the user has set nothing
# needs:  udge-examples/target/udge-examples.jar; Linux; nothing else may run
set -euo pipefail
mode=${1:-ce} depth=${2:-10} width=${3:-1} batch=${4:-64}
[ $# -gt 4 ] && counts=("${@:5}") || counts=(300000 10000 1000 udge)
root=$(cd "$(dirname "$0")/../.." && pwd)

step() { # COUNT
  local count=(env "GOMP_SPINCOUNT=$1")
  [ "$1" = udge ] && count=(env)
  "${count[@]}" java -jar "$root/udge-examples/target/udge-examples.jar" bench --mode "$mode" --depth "$depth" --width "$width" --batch "$batch" \
    --steps 30 | sed -n 's/.*"step_ms": *\([0-9.]*\).*/\1/p'
}
busy=
trap '[ -z "$busy" ] || kill "$busy"' EXIT
for round in 1 2 3; do
  for count in "${counts[@]}"; do
    echo "$count alone $(step "$count")"
    sh -c 'while :; do :; done' &
    busy=$!
    echo "$count beside $(step "$count")"
    kill "$busy"
    wait "$busy" 2>/dev/null || true
    busy=
  done
done | awk '
  function median(key,    a, n, i, j, t) {
    n = split(all[key], a, " ")
    for (i = 1; i <= n; i++) for (j = i + 1; j <= n; j++) if (a[j] + 0 < a[i] + 0) { t = a[i]; a[i] = a[j]; a[j] = t }
    return a[int((n + 1) / 2)]
  }
  { all[$1 " " $2] = all[$1 " " $2] " " $3; if (!($1 in seen)) { seen[$1] = 1; order[++n] = $1 } }
  END {
    base = median(order[1] " alone")
    for (i = 1; i <= n; i++) {
      alone = median(order[i] " alone"); beside = median(order[i] " beside")
      printf "| %s | %.1f | %.2f | %.1f | %.1f |\n", order[i], alone, alone / base, beside, beside / base
    }
  }'
