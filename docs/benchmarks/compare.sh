#!/usr/bin/env bash
# Times a step of udge and of PyTorch in turn, three rounds, and prints a row of docs/performance.md: medians, ratio, range of the rounds' ratios.
# PyTorch at its best: freed memory kept, channels_last, one shared forward pass, the same precision and norm as udge.
# The published program's way: a forward pass per loss term, contiguous layout, float32.
#
# usage:  docs/benchmarks/compare.sh MODE DEPTH WIDTH BATCH K [--precision bfloat16] [--norm batch]
# needs:  udge-examples/target/udge-examples.jar, and PyTorch for $PYTHON (Debian: python3-torch); nothing else may run
set -euo pipefail
mode=$1 depth=$2 width=$3 batch=$4 k=$5
shift 5
root=$(cd "$(dirname "$0")/../.." && pwd)
python=${PYTHON:-/usr/bin/python3}
network=(--mode "$mode" --depth "$depth" --width "$width" --batch "$batch" --k "$k")
published=()
for argument in "$@"; do case $argument in --norm | batch) published+=("$argument") ;; esac; done

ms() { sed -n 's/.*"step_ms": *\([0-9.]*\).*/\1/p' | tail -1; }
for _ in 1 2 3; do
  ours=$(java -jar "$root/udge-examples/target/udge-examples.jar" bench "${network[@]}" "$@" | ms)
  best=$("$python" "$root/docs/benchmarks/torch_baseline.py" "${network[@]}" --channels_last --shared_forward "$@" | ms)
  paper=$("$python" "$root/docs/benchmarks/torch_baseline.py" "${network[@]}" ${published[@]+"${published[@]}"} | ms)
  echo "$ours $best $paper"
done | awk -v mode="$mode" -v net="WRN-$depth-$width" -v batch="$batch" -v flags="$*" '
  function median(a, b, c) { return a > b ? (b > c ? b : (a > c ? c : a)) : (a > c ? a : (b > c ? c : b)) }
  function least(a, b, c) { m = a < b ? a : b; return m < c ? m : c }
  function most(a, b, c) { m = a > b ? a : b; return m > c ? m : c }
  { o[NR] = $1; b[NR] = $2; p[NR] = $3; r[NR] = $2 / $1; q[NR] = $3 / $1 }
  END {
    printf "| %s | %s | %s | %s | %.1f | %.1f | %.2f | %.2f to %.2f | %.1f | %.1f |\n", mode, net, batch,
      flags == "" ? "float32" : flags, median(o[1], o[2], o[3]), median(b[1], b[2], b[3]), median(r[1], r[2], r[3]),
      least(r[1], r[2], r[3]), most(r[1], r[2], r[3]), median(p[1], p[2], p[3]), median(q[1], q[2], q[3])
  }'
