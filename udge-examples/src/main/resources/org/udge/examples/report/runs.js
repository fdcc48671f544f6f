/**
 * What the report knows about runs: curves, groups, statistics, the view and its address, CSV and SVG.
 * Pure functions: no document, no dependencies, nothing kept between calls.
 *
 * A run is {name, folder, settings: {name: text}, columns: [name], data: [[cell]], metrics: {name: number},
 * events: [{step, text}], pictures: [...]}. A cell is a number, null where nothing was written, or a text where
 * what was written is not a finite number: the first is left out of a curve, the second is a gap in it.
 */
const Runs = (() => {
  "use strict";

  /** Settings that tell repetitions of one experiment apart: never grouped by unless asked to. */
  const REPETITION = /^(.*[._-])?(seed|log_?dir|id|name|exp_name|folder|load_path|continues)$/i;
  const STEPS = ["steps", "step", "iteration", "Iteration", "itr", "global_step", "epoch", "Epoch"];
  const SMALLER = /loss|nll|ece|mce|brier|error|fpr|distance|entropy|perplexity|seconds/i;
  const LARGER = /accuracy|auroc|aupr|auc|return|reward|success|precision|recall|f1/i;
  const ROW = "row";
  const MOST_KEYS = 5;
  const MOST_POINTS = 1001;
  const MISSING = "\u2014";

  const VIEW = Object.freeze({
    x: "",
    y: [],
    figures: [],
    series: null,
    only: [],
    not: [],
    hidden: [],
    off: [],
    center: "mean-sd",
    traces: false,
    smooth: 0,
    best: "all",
    bestOver: "",
    by: "final",
    direction: "auto",
    soFar: false,
    dropNaN: false,
    logX: false,
    logY: false,
    bars: false,
    zoom: null,
    metrics: "",
    at: "",
  });

  const compare = new Intl.Collator("en", { numeric: true }).compare;

  // Settings and columns

  /** Text of a run's setting; a dash where it has none. */
  function setting(run, key) {
    return Object.hasOwn(run.settings, key) ? run.settings[key] : MISSING;
  }

  /** The settings that differ between runs, each with its values in order. */
  function differing(runs) {
    const keys = new Set(runs.flatMap((run) => Object.keys(run.settings)));
    const result = new Map();
    for (const key of [...keys].sort(compare)) {
      const values = [...new Set(runs.map((run) => setting(run, key)))].sort(compare);
      if (values.length > 1) {
        result.set(key, values);
      }
    }
    return result;
  }

  /** The settings to tell series apart by at first: those of fewest values, no seeds or names. */
  function defaultSeries(all) {
    const drawn = all.filter((run) => run.columns.length > 0);
    const runs = drawn.length > 0 ? drawn : all;
    const keys = [...differing(runs)].filter(
      ([key, values]) => !REPETITION.test(key) && (values.length < runs.length || runs.length <= 12)
    );
    const fewest = keys.sort((a, b) => a[1].length - b[1].length).slice(0, MOST_KEYS);
    return fewest.map(([key]) => key).sort(compare);
  }

  /** All columns of numbers, in the order of the runs' files. */
  function columns(runs) {
    return [...new Set(runs.flatMap((run) => run.columns))];
  }

  function defaultX(names) {
    return STEPS.find((name) => names.includes(name)) ?? ROW;
  }

  function defaultY(names) {
    const others = names.filter((name) => !STEPS.includes(name) && name !== "seconds");
    const wanted = ["loss", "validation/accuracy"].filter((name) => others.includes(name));
    return wanted.length > 0 ? wanted : others.slice(0, 1);
  }

  /** A view with what was left open chosen for these runs. */
  function complete(view, runs) {
    const names = columns(runs);
    const known = view.y.filter((name) => names.includes(name));
    return {
      ...view,
      x: view.x === ROW || names.includes(view.x) ? view.x : defaultX(names),
      y: known.length > 0 ? known : defaultY(names),
      series: (view.series ?? defaultSeries(runs)).slice(0, MOST_KEYS),
      figures: view.figures.slice(0, MOST_KEYS),
    };
  }

  /** Whether smaller values of this name are better. */
  function smallerIsBetter(name, direction) {
    return direction === "auto" ? SMALLER.test(name) && !LARGER.test(name) : direction === "lowest";
  }

  /** As {@link smallerIsBetter}, and undefined where a name says neither. */
  function knownDirection(name, direction) {
    return direction !== "auto" || SMALLER.test(name) || LARGER.test(name)
      ? smallerIsBetter(name, direction)
      : undefined;
  }

  // Selection and groups

  function passes(run, view) {
    const by = new Map();
    for (const [key, value] of view.only) {
      by.set(key, [...(by.get(key) ?? []), value]);
    }
    return (
      !view.hidden.includes(run.name) &&
      [...by].every(([key, values]) => values.includes(setting(run, key))) &&
      view.not.every(([key, value]) => setting(run, key) !== value) &&
      !(view.dropNaN && view.y.some((name) => hasGap(run, name)))
    );
  }

  function select(runs, view) {
    return runs.filter((run) => passes(run, view));
  }

  function hasGap(run, name) {
    const column = run.data[run.columns.indexOf(name)];
    return column !== undefined && column.some((cell) => typeof cell === "string");
  }

  /** Runs by the values of some settings: [{label, values, runs}], in order. */
  function group(runs, keys) {
    const groups = new Map();
    for (const run of runs) {
      const values = keys.map((key) => setting(run, key));
      const id = JSON.stringify(values);
      if (!groups.has(id)) {
        const label = keys.map((key, i) => `${key}=${values[i]}`).join(", ") || "all runs";
        groups.set(id, { label, values, runs: [] });
      }
      groups.get(id).runs.push(run);
    }
    return [...groups.values()].sort((a, b) => compare(a.label, b.label));
  }

  // Curves

  /** A run's y against its x, in order of x: {x: [number], y: [number or null]}. */
  function curve(run, xName, yName) {
    const ys = run.data[run.columns.indexOf(yName)];
    const xs = run.data[run.columns.indexOf(xName)];
    if (ys === undefined || (xs === undefined && xName !== ROW)) {
      return { x: [], y: [] };
    }
    const points = [];
    for (let i = 0; i < ys.length; i++) {
      const x = xName === ROW ? i : xs[i];
      if (typeof x === "number" && ys[i] !== null) {
        points.push([x, typeof ys[i] === "number" ? ys[i] : null]);
      }
    }
    if (points.some((point, i) => i > 0 && point[0] < points[i - 1][0])) {
      points.sort((a, b) => a[0] - b[0]);
    }
    return { x: points.map((point) => point[0]), y: points.map((point) => point[1]) };
  }

  /** The best value until each point. */
  function bestSoFar({ x, y }, smaller) {
    let best = null;
    const values = y.map((value) => {
      if (value !== null && (best === null || (smaller ? value < best : value > best))) {
        best = value;
      }
      return best;
    });
    return { x, y: values };
  }

  /** Exponential moving average, unbiased at the beginning; gaps stay. The weight is that of the past, in [0, 1). */
  function smooth({ x, y }, weight) {
    if (weight === 0) {
      return { x, y };
    }
    let sum = 0;
    let mass = 0;
    const values = y.map((value) => {
      if (value === null) {
        return null;
      }
      sum = weight * sum + (1 - weight) * value;
      mass = weight * mass + (1 - weight);
      return sum / mass;
    });
    return { x, y: values };
  }

  function finalValue({ y }) {
    return y.findLast((value) => value !== null);
  }

  function bestValue({ y }, smaller) {
    const values = y.filter((value) => value !== null);
    return values.length === 0
      ? undefined
      : values.reduce((a, b) => ((smaller ? b < a : b > a) ? b : a));
  }

  /** The value at x between the points beside it; null in a gap, undefined outside of the curve. */
  function valueAt({ x, y }, at, from = { i: 0 }) {
    if (x.length === 0 || at < x[0] || at > x[x.length - 1]) {
      return undefined;
    }
    while (from.i + 1 < x.length && x[from.i + 1] <= at) {
      from.i++;
    }
    const i = from.i;
    if (x[i] === at || i + 1 === x.length) {
      return y[i];
    }
    if (y[i] === null || y[i + 1] === null) {
      return null;
    }
    return y[i] + ((y[i + 1] - y[i]) * (at - x[i])) / (x[i + 1] - x[i]);
  }

  /** Where curves are compared: at all their x, or, of too many, at evenly spaced ones. */
  function grid(curves, log) {
    const all = [...new Set(curves.flatMap((each) => each.x))].sort((a, b) => a - b);
    if (all.length <= MOST_POINTS) {
      return all;
    }
    const first = log ? (all.find((x) => x > 0) ?? 1) : all[0];
    const last = all[all.length - 1];
    return Array.from({ length: MOST_POINTS }, (_, i) => {
      const share = i / (MOST_POINTS - 1);
      return i === MOST_POINTS - 1
        ? last
        : log
          ? first * Math.pow(last / first, share)
          : first + (last - first) * share;
    });
  }

  /** Center and spread of numbers: {mid, lo, hi, n}. The deviation divides by n - 1. */
  function statistics(values, center) {
    const n = values.length;
    if (n === 0) {
      return undefined;
    }
    if (center === "median") {
      const sorted = [...values].sort((a, b) => a - b);
      return { mid: quantile(sorted, 0.5), lo: quantile(sorted, 0.25), hi: quantile(sorted, 0.75), n };
    }
    const mean = values.reduce((a, b) => a + b, 0) / n;
    const variance =
      n === 1 ? 0 : values.reduce((sum, v) => sum + (v - mean) * (v - mean), 0) / (n - 1);
    const spread = Math.sqrt(center === "mean-se" ? variance / n : variance);
    return { mid: mean, lo: mean - spread, hi: mean + spread, n };
  }

  /** Between the order statistics, linearly, as NumPy's default. */
  function quantile(sorted, q) {
    const at = q * (sorted.length - 1);
    const below = Math.floor(at);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
  }

  /** A curve at other x; null outside of it. */
  function resample(each, xs) {
    const place = { i: 0 };
    return { x: xs, y: xs.map((x) => valueAt(each, x, place) ?? null) };
  }

  /** Curves as one with its spread, aligned at some x: {x, mid, lo, hi}; null where no curve has a value. */
  function summarize(curves, center, x) {
    const result = { x, mid: [], lo: [], hi: [] };
    const places = curves.map(() => ({ i: 0 }));
    for (const at of x) {
      const values = [];
      curves.forEach((each, k) => {
        const value = valueAt(each, at, places[k]);
        if (typeof value === "number") {
          values.push(value);
        }
      });
      const found = statistics(values, center);
      result.mid.push(found?.mid ?? null);
      result.lo.push(found?.lo ?? null);
      result.hi.push(found?.hi ?? null);
    }
    return result;
  }

  // What is drawn

  function prepared(run, view, yName) {
    const raw = curve(run, view.x, yName);
    return view.soFar ? bestSoFar(raw, smallerIsBetter(yName, view.direction)) : raw;
  }

  /** What a run is judged by; undefined where it has no such values. */
  function judged(run, view, yName) {
    const values = curve(run, view.x, yName);
    return view.by === "best" || view.soFar
      ? bestValue(values, smallerIsBetter(yName, view.direction))
      : finalValue(values);
  }

  function bestOf(candidates, scoreOf, smaller) {
    const scored = candidates
      .map((candidate) => ({ candidate, score: scoreOf(candidate) }))
      .filter(({ score }) => score !== undefined);
    return scored.length === 0
      ? undefined
      : scored.reduce((a, b) => ((smaller ? b.score < a.score : b.score > a.score) ? b : a)).candidate;
  }

  /** The runs of a series that are wanted: all, the best one, or those of the best value of a setting. */
  function wanted(series, view, yName) {
    const smaller = smallerIsBetter(yName, view.direction);
    if (view.best === "run") {
      const best = bestOf(series.runs, (run) => judged(run, view, yName), smaller);
      return best === undefined ? series : { ...series, runs: [best], label: `${series.label} (${best.name})` };
    }
    if (view.best === "setting" && view.bestOver !== "") {
      const mean = (some) => {
        const values = some.runs.map((run) => judged(run, view, yName)).filter((v) => v !== undefined);
        return statistics(values, "mean-sd")?.mid;
      };
      const best = bestOf(group(series.runs, [view.bestOver]), mean, smaller);
      return best === undefined ? series : { ...series, runs: best.runs, label: `${series.label} (${best.label})` };
    }
    return series;
  }

  /** The figures of a view: [{label, runs}]. */
  function figures(runs, view) {
    return group(select(runs, view), view.figures);
  }

  /**
   * A chart of one y: {title, x, y, series: [{key, label, color, runs, curve, raw, traces, events}], bars: [...]}.
   * The color is a number: that of the series among all series of all figures, so that it is the same in each.
   */
  function chart(all, figure, view, yName) {
    const order = group(select(all, view), view.series).map((each) => each.label);
    const positive = ({ x, y }) => ({
      x,
      y: y.map((value, i) => (value === null || (view.logY && value <= 0) || (view.logX && x[i] <= 0) ? null : value)),
    });
    const groups = group(figure.runs, view.series).map((each) => {
      const best = wanted(each, view, yName);
      const some = { ...best, runs: best.runs.filter((run) => run.columns.includes(yName)) };
      return { each, some, curves: some.runs.map((run) => positive(prepared(run, view, yName))) };
    }).filter(({ some }) => some.runs.length > 0);
    // Of many x, as of seconds, that no two runs share, all series are drawn at the same few.
    const shared = grid(groups.flatMap(({ curves }) => curves), view.logX);
    const few = shared.length !== MOST_POINTS;
    const series = groups.map(({ each, some, curves }) => {
      const smoothed = curves.map((one) => smooth(one, view.smooth));
      const x = few ? grid(curves, view.logX) : shared;
      const summary = summarize(smoothed, view.center, x);
      if (view.logY) {
        summary.lo = summary.lo.map((value, i) => (value !== null && value <= 0 ? summary.mid[i] : value));
      }
      const values = some.runs.map((run) => judged(run, view, yName)).filter((v) => v !== undefined);
      return {
        key: each.label,
        label: some.label,
        color: order.indexOf(each.label),
        runs: some.runs,
        off: view.off.includes(each.label),
        curve: summary,
        raw: view.smooth > 0 ? summarize(curves, view.center, x) : null,
        traces: view.traces
          ? smoothed.map((one, i) => ({ name: some.runs[i].name, ...(few ? one : resample(one, shared)) }))
          : [],
        events: some.runs.flatMap((run) => eventsOf(run, view.x)),
        value: statistics(values, view.center),
      };
    });
    return { title: figure.label, x: view.x, y: yName, series };
  }

  /** A run's events with their place on the x axis: that of the first row at or after the step. */
  function eventsOf(run, xName) {
    const steps = run.columns.find((name) => ["steps", "step", "global_step"].includes(name));
    return run.events.flatMap((event) => {
      if (typeof event.step !== "number") {
        return [];
      }
      const named = { step: event.step, text: event.text, run: run.name };
      if (steps === undefined || xName === steps) {
        return [{ ...named, x: event.step }];
      }
      const places = curve(run, steps, xName);
      const exact = valueAt(places, event.step);
      const x = typeof exact === "number" ? exact : xName === ROW ? undefined : (places.y.find((v, i) => places.x[i] >= event.step) ?? finalValue(places));
      return typeof x === "number" ? [{ ...named, x }] : [];
    });
  }

  /** Final values and single results of each series: {columns: [{label, n}], rows: [{name, cells, best}]}. */
  function finals(runs, view) {
    const groups = group(select(runs, view), [...new Set([...view.figures, ...view.series])]);
    const columnsOf = view.y.map((name) => ({ name, of: (run) => judged(run, view, name) }));
    const singles = [...new Set(groups.flatMap((each) => each.runs.flatMap((run) => Object.keys(run.metrics))))];
    const results = singles
      .sort(compare)
      .map((name) => ({ name: view.y.includes(name) ? `${name} (result)` : name, of: (run) => run.metrics[name] }));
    const words = view.metrics.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = [...columnsOf, ...results]
      .filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)))
      .map(({ name, of }) => {
        const cells = groups.map((each) =>
          statistics(each.runs.map(of).filter((value) => typeof value === "number"), view.center)
        );
        return { name, cells, best: bestCell(cells, knownDirection(name, view.direction)) };
      })
      .filter(({ cells }) => cells.some((cell) => cell !== undefined));
    return { columns: groups.map((each) => ({ label: each.label, runs: each.runs })), rows };
  }

  function bestCell(cells, smaller) {
    const present = cells.filter((cell) => cell !== undefined);
    if (smaller === undefined || present.length < 2) {
      return -1;
    }
    return cells.indexOf(bestOf(present, (cell) => cell.mid, smaller));
  }

  // Numbers and texts

  /** Four significant digits; with a power of ten where that is shorter. */
  function format(value) {
    if (value === undefined || value === null || !Number.isFinite(value)) {
      return MISSING;
    }
    const size = Math.abs(value);
    if (size !== 0 && (size >= 1e6 || size < 1e-4)) {
      return value.toExponential(3).replace("e+", "e");
    }
    return Number.isInteger(value) && size < 1e6 ? String(value) : value.toPrecision(size >= 1e4 ? 6 : 4);
  }

  /** "0.9790 ± 0.0021", or the median with its quartiles. */
  function formatStatistics(cell, center) {
    if (cell === undefined) {
      return MISSING;
    }
    if (cell.n === 1) {
      return format(cell.mid);
    }
    return center === "median"
      ? `${format(cell.mid)} [${format(cell.lo)}, ${format(cell.hi)}]`
      : `${format(cell.mid)} \u00b1 ${spreadText(cell.hi - cell.mid, cell.mid)}`;
  }

  /** A spread with as many decimals as its mean. */
  function spreadText(spread, mean) {
    const text = format(mean);
    const decimals = text.includes("e") || !text.includes(".") ? -1 : text.split(".")[1].length;
    return decimals < 0 ? format(spread) : spread.toFixed(decimals);
  }

  /** Rows of texts and numbers as CSV. A text that a spreadsheet would take for a formula gets an apostrophe. */
  function csv(rows) {
    const cell = (value) => {
      if (typeof value === "number") {
        return String(Number(value.toPrecision(12)));
      }
      const text = /^[=+\-@\t\r]/.test(value ?? "") ? `'${value}` : (value ?? "");
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
  }

  function finalsCsv(table, center) {
    const spread = center === "median" ? ["lower quartile", "upper quartile"] : [center === "mean-se" ? "standard error" : "deviation"];
    const head = ["series", "metric", center === "median" ? "median" : "mean", ...spread, "n", "runs"];
    const rows = table.rows.flatMap(({ name, cells }) =>
      cells.flatMap((cell, i) => {
        if (cell === undefined) {
          return [];
        }
        const { label, runs } = table.columns[i];
        const around = center === "median" ? [cell.lo, cell.hi] : [cell.hi - cell.mid];
        return [[label, name, cell.mid, ...around, cell.n, runs.map((run) => run.name).join(" ")]];
      })
    );
    return csv([head, ...rows]);
  }

  // The view and the address

  const LISTS = ["y", "figures", "series", "hidden", "off"];
  const PAIRS = ["only", "not"];

  /** The part of an address after "#": what differs from the default view. */
  function toHash(view) {
    const words = new URLSearchParams();
    for (const [name, initial] of Object.entries(VIEW)) {
      const value = view[name];
      if (LISTS.includes(name)) {
        if (value !== null && value.length === 0 && initial === null) {
          words.append(name, "");
        }
        (value ?? []).forEach((each) => words.append(name, each));
      } else if (PAIRS.includes(name)) {
        value.forEach((pair) => words.append(name, JSON.stringify(pair)));
      } else if (name === "zoom") {
        if (value !== null) {
          words.append(name, value.join(" "));
        }
      } else if (value !== initial) {
        words.append(name, String(value));
      }
    }
    return words.toString();
  }

  /** The view of an address; what it cannot mean is left at its default. */
  function fromHash(hash) {
    const words = new URLSearchParams(hash.replace(/^#/, ""));
    const view = { ...VIEW };
    for (const [name, initial] of Object.entries(VIEW)) {
      const values = words.getAll(name);
      if (values.length === 0) {
        continue;
      }
      if (LISTS.includes(name)) {
        view[name] = values.filter((value) => value !== "");
      } else if (PAIRS.includes(name)) {
        view[name] = values.map(pair).filter(Boolean);
      } else if (name === "zoom") {
        const numbers = values[0].split(" ").map(Number);
        view.zoom = numbers.length === 2 && numbers.every(Number.isFinite) && numbers[0] < numbers[1] ? numbers : null;
      } else if (typeof initial === "boolean") {
        view[name] = values[0] === "true";
      } else if (typeof initial === "number") {
        const number = Number(values[0]);
        view[name] = number >= 0 && number < 1 ? number : initial;
      } else if (!(name in CHOICES) || CHOICES[name].includes(values[0])) {
        view[name] = values[0];
      }
    }
    return view;
  }

  const CHOICES = {
    center: ["mean-sd", "mean-se", "median"],
    best: ["all", "run", "setting"],
    by: ["final", "best"],
    direction: ["auto", "lowest", "highest"],
  };

  function pair(text) {
    try {
      const value = JSON.parse(text);
      return Array.isArray(value) && value.length === 2 && value.every((v) => typeof v === "string") ? value : null;
    } catch {
      return null;
    }
  }

  // SVG

  /** Round numbers that divide a range: 1, 2 or 5 times a power of ten, or, of a logarithmic axis, powers of ten. */
  function ticks(lo, hi, count, log) {
    if (log) {
      const powers = [];
      for (let e = Math.ceil(Math.log10(lo)); e <= Math.log10(hi); e++) {
        powers.push(Math.pow(10, e));
      }
      if (powers.length >= 2) {
        return powers;
      }
    }
    const rough = (hi - lo) / count;
    const power = Math.pow(10, Math.floor(Math.log10(rough)));
    const step = [1, 2, 5, 10].map((m) => m * power).find((each) => each >= rough);
    const result = [];
    for (let i = Math.ceil(lo / step); i * step <= hi + step * 1e-9; i++) {
      result.push(Number((i * step).toPrecision(12)));
    }
    return result;
  }

  function escaped(text) {
    return String(text)
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;");
  }

  /** Least and greatest of numbers, with some room; widened where they are one. */
  function range(values, log) {
    let lo = Infinity;
    let hi = -Infinity;
    for (const value of values) {
      if (value !== null && Number.isFinite(value) && (!log || value > 0)) {
        lo = Math.min(lo, value);
        hi = Math.max(hi, value);
      }
    }
    if (lo > hi) {
      return log ? [1, 10] : [0, 1];
    }
    if (log) {
      return lo === hi ? [lo / 2, hi * 2] : [lo / Math.pow(hi / lo, 0.05), hi * Math.pow(hi / lo, 0.05)];
    }
    const room = lo === hi ? Math.abs(lo) * 0.1 || 1 : (hi - lo) * 0.05;
    return [lo - room, hi + room];
  }

  /**
   * A chart as a picture that needs nothing else. Colors: {ink, soft, line, paper, of(number)}; size: {width, height},
   * and plain: true where heading and legend are beside it already.
   */
  function svg(chart, view, colors, size) {
    const { width } = size;
    const shown = chart.series.filter((each) => !each.off);
    const plain = size.plain === true;
    const plot = { left: 64, top: plain ? 12 : 34, right: width - 16, bottom: size.height - (view.bars ? 28 : 46) };
    const height = size.height + (plain ? 0 : 18 * shown.length + 8);
    const parts = [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
      `<rect width="${width}" height="${height}" fill="${colors.paper}"/>`,
    ];
    if (!plain) {
      parts.push(
        `<text x="${plot.left}" y="20" font-size="14" font-weight="600" fill="${colors.ink}">${escaped(heading(chart))}</text>`
      );
    }
    parts.push(...(view.bars ? barParts(shown, colors, plot) : lineParts(shown, view, colors, plot)));
    parts.push(
      `<rect x="${plot.left}" y="${plot.top}" width="${plot.right - plot.left}" height="${plot.bottom - plot.top}" fill="none" stroke="${colors.line}"/>`,
      `<text x="${(plot.left + plot.right) / 2}" y="${plot.bottom + 36}" text-anchor="middle" fill="${colors.soft}">${escaped(view.bars ? "" : chart.x)}</text>`
    );
    (plain ? [] : shown).forEach((each, i) => {
      const y = size.height + 6 + 18 * i;
      parts.push(
        `<rect x="${plot.left}" y="${y - 9}" width="14" height="10" rx="2" fill="${colors.of(each.color)}"/>`,
        `<text x="${plot.left + 20}" y="${y}" fill="${colors.ink}">${escaped(`${each.label} (n = ${each.runs.length})`)}</text>`
      );
    });
    parts.push("</svg>");
    return parts.join("\n");
  }

  function heading(chart) {
    return chart.title === "all runs" ? chart.y : `${chart.y} \u2014 ${chart.title}`;
  }

  function scale(lo, hi, from, to, log) {
    const at = log ? Math.log10 : (value) => value;
    return (value) => from + ((at(value) - at(lo)) / (at(hi) - at(lo))) * (to - from);
  }

  function yAxis(lo, hi, log, colors, plot) {
    const y = scale(lo, hi, plot.bottom, plot.top, log);
    const parts = ticks(lo, hi, 5, log).map(
      (tick) =>
        `<line x1="${plot.left}" x2="${plot.right}" y1="${round(y(tick))}" y2="${round(y(tick))}" stroke="${colors.line}" stroke-width="0.5"/>` +
        `<text x="${plot.left - 6}" y="${round(y(tick) + 4)}" text-anchor="end" fill="${colors.soft}">${tickText(tick)}</text>`
    );
    return { y, parts };
  }

  function tickText(value) {
    const size = Math.abs(value);
    return size !== 0 && (size >= 1e5 || size < 1e-3)
      ? value.toExponential().replace("e+", "e")
      : String(value);
  }

  function round(value) {
    return Math.round(value * 100) / 100;
  }

  function lineParts(shown, view, colors, plot) {
    const inside = (x) => view.zoom === null || (x >= view.zoom[0] && x <= view.zoom[1]);
    const xs = shown.flatMap((each) => each.curve.x.filter((x) => !view.logX || x > 0));
    const [left, right] = view.zoom ?? (xs.length > 0 ? extremes(xs) : [0, 1]);
    const ys = shown.flatMap((each) => [
      ...each.curve.lo.filter((_, i) => inside(each.curve.x[i])),
      ...each.curve.hi.filter((_, i) => inside(each.curve.x[i])),
      ...each.traces.flatMap((trace) => trace.y.filter((_, i) => inside(trace.x[i]))),
    ]);
    const [lo, hi] = range(ys, view.logY);
    const x = scale(left, right, plot.left, plot.right, view.logX);
    const axis = yAxis(lo, hi, view.logY, colors, plot);
    const parts = [...axis.parts];
    for (const tick of ticks(left, right, 6, view.logX)) {
      parts.push(
        `<line x1="${round(x(tick))}" x2="${round(x(tick))}" y1="${plot.top}" y2="${plot.bottom}" stroke="${colors.line}" stroke-width="0.5"/>` +
          `<text x="${round(x(tick))}" y="${plot.bottom + 18}" text-anchor="middle" fill="${colors.soft}">${tickText(tick)}</text>`
      );
    }
    parts.push(
      `<clipPath id="plot"><rect x="${plot.left}" y="${plot.top}" width="${plot.right - plot.left}" height="${plot.bottom - plot.top}"/></clipPath><g clip-path="url(#plot)">`
    );
    const line = (curveX, curveY, color, strokeWidth, opacity) =>
      pieces(curveX, curveY, view.logX).map(
        (piece) =>
          `<polyline points="${piece.map((i) => `${round(x(curveX[i]))},${round(axis.y(curveY[i]))}`).join(" ")}" fill="none" stroke="${color}" stroke-width="${strokeWidth}" stroke-opacity="${opacity}" stroke-linejoin="round" stroke-linecap="round"/>`
      );
    for (const each of shown) {
      const color = colors.of(each.color);
      const { curve: own } = each;
      for (const piece of each.runs.length > 1 ? pieces(own.x, own.mid, view.logX) : []) {
        const up = piece.map((i) => `${round(x(own.x[i]))},${round(axis.y(own.hi[i]))}`);
        const down = piece.map((i) => `${round(x(own.x[i]))},${round(axis.y(own.lo[i]))}`).reverse();
        parts.push(`<polygon points="${[...up, ...down].join(" ")}" fill="${color}" fill-opacity="0.15"/>`);
      }
      each.traces.forEach((trace) => parts.push(...line(trace.x, trace.y, color, 1, 0.35)));
      if (each.raw !== null) {
        parts.push(...line(each.raw.x, each.raw.mid, color, 1, 0.3));
      }
      parts.push(...line(own.x, own.mid, color, 2, 1));
      for (const event of each.events) {
        parts.push(
          `<line x1="${round(x(event.x))}" x2="${round(x(event.x))}" y1="${plot.top}" y2="${plot.bottom}" stroke="${color}" stroke-dasharray="4 3"><title>${escaped(event.text)}</title></line>`
        );
      }
    }
    parts.push("</g>");
    return parts;
  }

  function extremes(values) {
    let lo = Infinity;
    let hi = -Infinity;
    for (const value of values) {
      lo = Math.min(lo, value);
      hi = Math.max(hi, value);
    }
    return lo === hi ? [lo - 1, hi + 1] : [lo, hi];
  }

  /** The runs of indices between gaps. */
  function pieces(xs, ys, logX) {
    const result = [];
    let piece = [];
    ys.forEach((value, i) => {
      if (value === null || (logX && xs[i] <= 0)) {
        if (piece.length > 0) {
          result.push(piece);
        }
        piece = [];
      } else {
        piece.push(i);
      }
    });
    return piece.length > 0 ? [...result, piece] : result;
  }

  function barParts(shown, colors, plot) {
    const bars = shown.filter((each) => each.value !== undefined);
    const values = bars.flatMap(({ value }) => [value.lo, value.hi]);
    const least = Math.min(0, ...values);
    const most = Math.max(0, ...values);
    const room = (most - least) * 0.08 || 1;
    const axis = yAxis(least < 0 ? least - room : 0, most > 0 ? most + room : 0, false, colors, plot);
    const slot = (plot.right - plot.left) / Math.max(1, bars.length);
    const width = Math.min(64, slot * 0.6);
    const parts = [...axis.parts];
    bars.forEach((each, i) => {
      const middle = plot.left + slot * (i + 0.5);
      const { mid, lo, hi, n } = each.value;
      const [top, bottom] = [Math.min(axis.y(mid), axis.y(0)), Math.max(axis.y(mid), axis.y(0))];
      parts.push(
        `<rect class="bar" x="${round(middle - width / 2)}" y="${round(top)}" width="${round(width)}" height="${round(bottom - top)}" rx="3" fill="${colors.of(each.color)}"><title>${escaped(`${each.label}: ${format(mid)}, n = ${n}`)}</title></rect>`
      );
      if (n > 1) {
        parts.push(
          `<path class="whisker" d="M${round(middle)} ${round(axis.y(lo))}V${round(axis.y(hi))}M${round(middle - 7)} ${round(axis.y(lo))}h14M${round(middle - 7)} ${round(axis.y(hi))}h14" stroke="${colors.ink}" stroke-width="1.5" fill="none"/>`
        );
      }
      parts.push(
        `<text x="${round(middle)}" y="${plot.bottom + 18}" text-anchor="middle" fill="${colors.soft}">${escaped(format(mid))}</text>`
      );
    });
    return parts;
  }

  return Object.freeze({
    MISSING,
    MOST_KEYS,
    ROW,
    VIEW,
    bestSoFar,
    bestValue,
    chart,
    columns,
    compare,
    complete,
    csv,
    curve,
    differing,
    figures,
    finalValue,
    finals,
    finalsCsv,
    format,
    formatStatistics,
    fromHash,
    grid,
    group,
    hasGap,
    heading,
    quantile,
    select,
    setting,
    smallerIsBetter,
    smooth,
    statistics,
    summarize,
    svg,
    ticks,
    toHash,
    valueAt,
  });
})();
