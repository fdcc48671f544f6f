#!/bin/sh
# Trains every recipe in recipes/laptop and prints a table of the results. Runs that are done are kept: run it again to go on.
# Usage, from anywhere: recipes/run-laptop.sh DATA [OUT] [further flags of train]
set -eu
[ $# -ge 1 ] || { echo "usage: $0 DATA [OUT] [FLAGS]" >&2; exit 2; }
data=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
out=runs/laptop
if [ $# -ge 1 ]; then
  out=$1
  shift
fi
jar=${UDGE_JAR:-$here/../udge-examples/target/udge-examples.jar}
[ -f "$jar" ] || { echo "$jar does not exist: build it with mvn package -DskipTests, or set UDGE_JAR" >&2; exit 1; }
mkdir -p "$out"
failed=0
for recipe in "$here"/laptop/*.args; do
  name=$(basename "$recipe" .args)
  log=$out/$name.log
  grep -qs '^result: ' "$log" && continue
  echo "$name" >&2
  java -jar "$jar" train "@$recipe" --data_root "$data" --log_dir "$out/$name" "$@" > "$log.part" && mv "$log.part" "$log" || failed=1
done
echo "| recipe | accuracy | NLL | Brier | ECE15 |"
echo "|---|---|---|---|---|"
for recipe in "$here"/laptop/*.args; do
  name=$(basename "$recipe" .args)
  sed -n 's/^test ([0-9]* images): accuracy \([0-9.]*\), NLL \([0-9.]*\), Brier \([0-9.]*\), ECE15 \([0-9.]*\),.*/| '"$name"' | \1 | \2 | \3 | \4 |/p' \
      "$out/$name.log" 2>/dev/null || echo "| $name | not run | | | |"
done
exit $failed
