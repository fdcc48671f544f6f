/** The report's page: reads the controls, draws what Runs works out, keeps the view in the address. */
(() => {
  "use strict";

  const LIGHT = ["#2f6fde", "#e07b00", "#1a9850", "#d1382f", "#8250df", "#8c5a3c", "#d6409f", "#6e7781", "#9a8700", "#0f8f9e"];
  const DARK = ["#6ea8ff", "#ffab4a", "#5cd08a", "#ff7b72", "#bc8cff", "#d2a98a", "#ff85c8", "#a8b1bb", "#d9c84a", "#4fd1de"];
  const DASHES = [[], [7, 4], [2, 3]];
  const CHECKS = ["logX", "logY", "bars", "traces", "soFar", "dropNaN"];
  const SELECTS = ["x", "center", "direction", "best", "bestOver", "by"];
  const REFRESH_MILLISECONDS = 3000;
  const CHART_HEIGHT = 300;

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const at = (id) => document.getElementById(id);

  let report = { runs: [], problems: [], made: "", live: false };
  let given = Runs.fromHash(location.hash);
  let view = given;
  let plots = [];
  let frame = 0;

  // Small tools

  function element(tag, properties = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name === "class") {
        made.className = value;
      } else if (name.startsWith("aria-")) {
        made.setAttribute(name, value);
      } else {
        made[name] = value;
      }
    }
    made.append(...children);
    return made;
  }

  function colors() {
    const style = getComputedStyle(document.documentElement);
    const named = (name) => style.getPropertyValue(name).trim();
    const palette = dark.matches ? DARK : LIGHT;
    return {
      ink: named("--ink"),
      soft: named("--soft"),
      line: named("--line"),
      paper: named("--card"),
      of: (number) => palette[number % palette.length],
    };
  }

  function faint(color, share) {
    return color + Math.round(share * 255).toString(16).padStart(2, "0");
  }

  function options(select, values, selected, texts = values) {
    select.replaceChildren(
      ...values.map((value, i) => element("option", { value, textContent: texts[i], selected: value === selected }))
    );
  }

  function download(name, type, content) {
    const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
    const link = element("a", { href: url, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }

  function fileName(text) {
    return text.replace(/[^A-Za-z0-9.=-]+/g, "_").slice(0, 100);
  }

  // The view

  function change(changes) {
    given = { ...given, ...changes };
    const hash = Runs.toHash(given);
    history.replaceState(null, "", hash === "" ? location.pathname + location.search : "#" + hash);
    schedule();
  }

  function schedule() {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(render);
  }

  function toggled(list, value) {
    return list.includes(value) ? list.filter((each) => each !== value) : [...list, value];
  }

  // Controls

  /** Chips of what is chosen, and a list of what else there is. */
  function picker(id, title, chosen, all, most, onChange) {
    const rest = all.filter((name) => !chosen.includes(name));
    const add = element("select", { disabled: chosen.length >= most || rest.length === 0 });
    options(add, ["", ...rest], "", ["add \u2026", ...rest]);
    add.setAttribute("aria-label", "Add to: " + title);
    add.addEventListener("change", () => onChange([...chosen, add.value]));
    const chips = chosen.map((name) => chip(name, () => onChange(chosen.filter((each) => each !== name))));
    at(id).replaceChildren(
      element("span", { class: "label", textContent: title }),
      element("ul", { class: "chips" }, ...chips),
      add
    );
  }

  function chip(text, onRemove) {
    const remove = element("button", { type: "button", textContent: "\u00d7", "aria-label": "Remove " + text });
    remove.addEventListener("click", onRemove);
    return element("li", { class: "chip" }, element("span", { textContent: text }), remove);
  }

  function drawControls(differing) {
    const names = Runs.columns(report.runs);
    const keys = [...differing.keys()];
    options(at("x"), [...names, Runs.ROW], view.x, [...names, "row number"]);
    picker("y", "Up", view.y, names, Infinity, (y) => change({ y }));
    picker("series", "A series per value of", view.series, keys, Runs.MOST_KEYS, (series) => change({ series, off: [] }));
    picker("figures", "A figure per value of", view.figures, keys, Runs.MOST_KEYS, (figures) => change({ figures }));
    options(at("bestOver"), ["", ...keys], view.bestOver, ["choose \u2026", ...keys]);
    at("best-over-label").hidden = view.best !== "setting";
    CHECKS.forEach((id) => (at(id).checked = view[id]));
    SELECTS.forEach((id) => (at(id).value = view[id]));
    at("smooth").value = view.smooth;
    at("smooth-text").textContent = view.smooth.toFixed(2);
    if (document.activeElement !== at("metrics")) {
      at("metrics").value = view.metrics;
    }
    const key = differing.has(at("filter-key").value) ? at("filter-key").value : keys[0];
    const value = at("filter-value").value;
    options(at("filter-key"), keys, key);
    options(at("filter-value"), differing.get(key) ?? [], value);
    at("filter-add").disabled = keys.length === 0;
    const filters = ["only", "not"].flatMap((kind) =>
      view[kind].map((pair) =>
        chip(`${pair[0]} ${kind === "only" ? "is" : "is not"} ${pair[1]}`, () =>
          change({ [kind]: view[kind].filter((each) => each[0] !== pair[0] || each[1] !== pair[1]) })
        )
      )
    );
    const hidden = view.hidden.map((name) => chip("without " + name, () => change({ hidden: toggled(view.hidden, name) })));
    at("filters").replaceChildren(...filters, ...hidden);
    at("reset-zoom").hidden = view.zoom === null;
  }

  function listen() {
    CHECKS.forEach((id) => at(id).addEventListener("change", () => change({ [id]: at(id).checked })));
    SELECTS.forEach((id) =>
      at(id).addEventListener("change", () => change(id === "x" ? { x: at(id).value, zoom: null } : { [id]: at(id).value }))
    );
    at("smooth").addEventListener("input", () => change({ smooth: Number(at("smooth").value) }));
    at("metrics").addEventListener("input", () => change({ metrics: at("metrics").value }));
    at("at").addEventListener("input", () => change({ at: at("at").value }));
    at("filter-key").addEventListener("change", schedule);
    at("filter-add").addEventListener("click", () => {
      const kind = at("filter-kind").value;
      const pair = [at("filter-key").value, at("filter-value").value];
      if (!view[kind].some((each) => each[0] === pair[0] && each[1] === pair[1])) {
        change({ [kind]: [...view[kind], pair] });
      }
    });
    at("form").addEventListener("submit", (event) => event.preventDefault());
    at("reset").addEventListener("click", () => change({ ...Runs.VIEW }));
    at("reset-zoom").addEventListener("click", () => change({ zoom: null }));
    at("finals-csv").addEventListener("click", () =>
      download("final-values.csv", "text/csv", Runs.finalsCsv(Runs.finals(report.runs, view), view.center))
    );
    at("settings-csv").addEventListener("click", () => download("settings.csv", "text/csv", settingsCsv()));
    addEventListener("hashchange", () => {
      given = Runs.fromHash(location.hash);
      schedule();
    });
    dark.addEventListener("change", schedule);
    let width = innerWidth;
    addEventListener("resize", () => {
      // Phones change the height while they scroll.
      if (innerWidth !== width) {
        width = innerWidth;
        schedule();
      }
    });
    if (matchMedia("(max-width: 800px)").matches) {
      at("controls").open = false;
    }
  }

  // Charts

  function drawCharts() {
    plots.forEach((plot) => plot.destroy());
    plots = [];
    const paint = colors();
    const figures = Runs.figures(report.runs, view);
    const pending = [];
    const cards = figures.map((figure) => {
      const card = element("div", { class: "figure" });
      if (view.figures.length > 0) {
        card.append(element("h3", { textContent: `${figure.label} (${count(figure.runs.length, "run")})` }));
      }
      for (const yName of view.y) {
        const chart = Runs.chart(report.runs, figure, view, yName);
        const place = element("div", { class: "plot" });
        const legend = element("ul", { class: "legend" });
        card.append(element("div", { class: "chart" }, chartHead(chart), place, legend, eventList(chart)));
        pending.push({ chart, place, legend });
      }
      return card;
    });
    at("charts").replaceChildren(...cards);
    if (figures.length === 0 || view.y.length === 0) {
      const text = report.runs.length === 0 ? "No runs yet." : figures.length === 0 ? "No run passes the filters." : "Nothing to draw: these runs have single results only, listed below.";
      at("charts").replaceChildren(element("p", { class: "figure empty", textContent: text }));
      return;
    }
    pending.forEach(({ chart, place, legend }) => {
      const values = drawLegend(chart, legend, paint);
      if (view.bars) {
        drawBars(chart, place, paint);
      } else {
        drawLines(chart, place, values, paint);
      }
    });
  }

  function count(n, noun) {
    return `${n} ${noun}${n === 1 ? "" : "s"}`;
  }

  function chartHead(chart) {
    const svgButton = element("button", { type: "button", textContent: "SVG" });
    const pngButton = element("button", { type: "button", textContent: "PNG" });
    const name = fileName(Runs.heading(chart));
    svgButton.addEventListener("click", () => download(name + ".svg", "image/svg+xml", picture(chart)));
    pngButton.addEventListener("click", () => png(picture(chart)).then((blob) => download(name + ".png", "image/png", blob)));
    return element(
      "div",
      { class: "chart-head" },
      element("h3", { textContent: chart.y }),
      element("div", { class: "row" }, svgButton, pngButton)
    );
  }

  function picture(chart) {
    return Runs.svg(chart, view, colors(), { width: 820, height: 420 });
  }

  function png(svg) {
    return new Promise((resolve, reject) => {
      const image = new Image();
      image.onload = () => {
        const canvas = element("canvas", { width: image.width * 2, height: image.height * 2 });
        canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
        canvas.toBlob(resolve, "image/png");
      };
      image.onerror = () => reject(new Error("the chart cannot be drawn as PNG"));
      image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg);
    });
  }

  function eventList(chart) {
    const events = chart.series.filter((each) => !each.off).flatMap((each) => each.events);
    return element(
      "ul",
      { class: "events", hidden: events.length === 0 },
      ...events.map((event) => element("li", { textContent: `${event.run}: ${event.text}` }))
    );
  }

  /** Buttons that switch series on and off; returns where each series' value under the pointer is shown. */
  function drawLegend(chart, legend, paint) {
    return chart.series.map((series) => {
      const swatch = element("span", { class: "swatch" });
      swatch.style.background = paint.of(series.color);
      const value = element("span", { class: "value" });
      const button = element(
        "button",
        {
          type: "button",
          title: series.runs.map((run) => run.name).join("\n"),
          "aria-pressed": String(!series.off),
        },
        swatch,
        element("span", {}, series.label + " ", element("span", { class: "count", textContent: `(n = ${series.runs.length})` })),
        value
      );
      button.addEventListener("click", () => change({ off: toggled(view.off, series.key) }));
      legend.append(element("li", {}, button));
      return value;
    });
  }

  function drawBars(chart, place, paint) {
    const size = { width: Math.max(260, place.clientWidth), height: CHART_HEIGHT, plain: true };
    const text = Runs.svg(chart, view, paint, size);
    const image = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    place.replaceChildren(document.importNode(image, true));
  }

  function drawLines(chart, place, values, paint) {
    const tables = [];
    const series = [{}];
    const bands = [];
    const shownBy = new Map();
    const add = (table, lines) => {
      const x = table.x.filter((value) => !view.logX || value > 0);
      const keep = (ys) => (x.length === table.x.length ? ys : ys.filter((_, i) => table.x[i] > 0));
      tables.push([x, ...lines.map((line) => keep(line.y))]);
      series.push(...lines.map((line) => line.look));
    };
    for (const [number, each] of chart.series.entries()) {
      if (each.off) {
        continue;
      }
      const stroke = paint.of(each.color);
      const dash = DASHES[Math.floor(each.color / LIGHT.length) % DASHES.length];
      const thin = (share) => ({ stroke: faint(stroke, share), width: 1, points: { show: false } });
      each.traces.forEach((trace) => add(trace, [{ y: trace.y, look: thin(0.4) }]));
      if (each.raw !== null) {
        add(each.raw, [{ y: each.raw.mid, look: thin(0.3) }]);
      }
      const bound = { stroke: "transparent", width: 0, points: { show: false } };
      const first = series.length;
      const line = { y: each.curve.mid, look: { stroke, width: 2, dash, label: each.label } };
      if (each.runs.length > 1) {
        add(each.curve, [{ y: each.curve.hi, look: bound }, { y: each.curve.lo, look: bound }, line]);
        bands.push({ series: [first, first + 1], fill: faint(stroke, 0.15) });
        shownBy.set(first + 2, values[number]);
      } else {
        add(each.curve, [line]);
        shownBy.set(first, values[number]);
      }
    }
    if (tables.length === 0 || tables.every((table) => table[0].length === 0 || table.slice(1).every((ys) => ys.every((y) => y === null)))) {
      place.replaceChildren(element("p", { class: "empty", textContent: tables.length === 0 ? "All series are switched off." : "These runs have no values to draw." }));
      return;
    }
    const axis = { stroke: paint.soft, grid: { stroke: paint.line, width: 1 }, ticks: { stroke: paint.line, width: 1 }, font: "12px system-ui, sans-serif" };
    const plot = new uPlot(
      {
        width: Math.max(200, place.clientWidth),
        height: CHART_HEIGHT,
        scales: { x: { time: false, distr: view.logX ? 3 : 1, range: exactly }, y: { distr: view.logY ? 3 : 1 } },
        legend: { show: false },
        cursor: {
          sync: { key: "x", setSeries: false },
          drag: { x: true, y: false, setScale: false },
          bind: { dblclick: () => () => change({ zoom: null }) },
          points: { size: (u, i) => (shownBy.has(i) ? 8 : 0) },
        },
        series,
        bands,
        axes: [
          { ...axis, filter: view.logX ? roundOnes : undefined, label: chart.x === Runs.ROW ? "row" : chart.x, labelFont: axis.font, labelSize: 22, size: 34 },
          { ...axis, size: yAxisSize },
        ],
        hooks: {
          setSelect: [(u) => zoom(u)],
          setCursor: [(u) => showValues(u, shownBy)],
          draw: [(u) => drawEvents(u, chart, paint)],
        },
      },
      uPlot.join(tables),
      place
    );
    if (view.zoom !== null) {
      plot.setScale("x", { min: view.zoom[0], max: view.zoom[1] });
    }
    plots.push(plot);
  }

  /** 1, 2, 5, 10, 20, ... of the marks of a logarithmic axis. */
  function roundOnes(u, marks) {
    return marks.map((mark) => (/^[125]/.test(mark.toExponential(6)) && /^.\.0+e/.test(mark.toExponential(6)) ? mark : null));
  }

  /** From the first to the last value; uPlot would widen logarithmic axes to powers of ten. */
  function exactly(u, min, max) {
    return min === max && min !== null ? (view.logX ? [min / 2, max * 2] : [min - 1, max + 1]) : [min, max];
  }

  /** As wide as the longest label. */
  function yAxisSize(u, labels) {
    return Math.max(40, 16 + 7 * Math.max(0, ...(labels ?? []).map((label) => (label ?? "").length)));
  }

  function zoom(u) {
    if (u.select.width > 2) {
      change({ zoom: [u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x")] });
    }
  }

  function showValues(u, shownBy) {
    const { idx } = u.cursor;
    for (const [i, place] of shownBy) {
      const y = typeof idx === "number" && u.cursor.left >= 0 ? u.data[i][idx] : undefined;
      place.textContent = typeof y === "number" ? `${Runs.format(y)} at ${Runs.format(u.data[0][idx])}` : "";
    }
  }

  function drawEvents(u, chart, paint) {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const series of chart.series.filter((each) => !each.off)) {
      ctx.strokeStyle = paint.of(series.color);
      ctx.fillStyle = paint.of(series.color);
      ctx.lineWidth = 2 * devicePixelRatio;
      ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
      for (const event of series.events) {
        const x = Math.round(u.valToPos(event.x, "x", true));
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
        ctx.beginPath();
        ctx.moveTo(x - 5 * devicePixelRatio, bbox.top);
        ctx.lineTo(x + 5 * devicePixelRatio, bbox.top);
        ctx.lineTo(x, bbox.top + 8 * devicePixelRatio);
        ctx.fill();
      }
    }
    ctx.restore();
  }

  // Tables

  function drawFinals() {
    const table = Runs.finals(report.runs, view);
    const same = table.columns.every(({ runs }) => runs.length === table.columns[0].runs.length);
    const head = table.columns.map(({ label, runs }) =>
      element(
        "th",
        { title: [label, ...runs.map((run) => run.name)].join("\n") },
        ...label.split(", ").map((part) => element("div", { textContent: part })),
        element("div", { class: "soft", textContent: `n = ${runs.length}` })
      )
    );
    const rows = table.rows.map(({ name, cells, best }) =>
      element(
        "tr",
        {},
        element("th", { textContent: name }),
        ...cells.map((cell, i) =>
          element("td", {
            class: i === best ? "best" : "",
            textContent: Runs.formatStatistics(cell, view.center) + missing(cell, table.columns[i].runs.length, same),
          })
        )
      )
    );
    at("finals").replaceChildren(
      element("thead", {}, element("tr", {}, element("th", { textContent: centerName() }), ...head)),
      element("tbody", {}, ...rows)
    );
    at("finals-section").hidden = report.runs.length === 0;
  }

  function missing(cell, n) {
    return cell !== undefined && cell.n < n ? ` (n = ${cell.n})` : "";
  }

  function centerName() {
    const select = at("center");
    return select.options[select.selectedIndex].textContent;
  }

  function settingsRows(differing) {
    const keys = [...differing.keys()];
    return {
      keys,
      rows: report.runs.map((run) => ({ run, cells: keys.map((key) => Runs.setting(run, key)) })),
    };
  }

  function settingsCsv() {
    const { keys, rows } = settingsRows(Runs.differing(report.runs));
    return Runs.csv([["run", ...keys], ...rows.map(({ run, cells }) => [run.name, ...cells])]);
  }

  function drawSettings(differing) {
    const { keys, rows } = settingsRows(differing);
    const shown = new Set(Runs.select(report.runs, view));
    const body = rows.map(({ run, cells }) => {
      const box = element("input", { type: "checkbox", checked: !view.hidden.includes(run.name) });
      box.addEventListener("change", () => change({ hidden: toggled(view.hidden, run.name) }));
      const name = element("label", { class: "check" }, box, element("span", { textContent: run.name }));
      const row = element(
        "tr",
        {},
        element("th", {}, name),
        element("td", { class: "text", textContent: state(run, shown) }),
        ...cells.map((cell) => element("td", { class: "text", textContent: cell }))
      );
      return row;
    });
    at("settings").replaceChildren(
      element(
        "thead",
        {},
        element("tr", {}, ...["run", "state", ...keys].map((key) => element("th", { textContent: key })))
      ),
      element("tbody", {}, ...body)
    );
    at("settings-section").hidden = report.runs.length === 0;
  }

  function state(run, shown) {
    const rows = run.data.length === 0 ? 0 : run.data[0].length;
    const words = [rows === 0 ? "results only" : count(rows, "row")];
    if (run.continues.length > 0) {
      words.push("continues " + run.continues.join(", "));
    }
    if (run.events.length > 0) {
      words.push(count(run.events.length, "divergence event"));
    }
    if (run.columns.some((name) => Runs.hasGap(run, name))) {
      words.push("has NaN");
    }
    if (!shown.has(run)) {
      words.push("filtered out");
    }
    return words.join(", ");
  }

  // Pictures

  function drawPictures() {
    const runs = Runs.select(report.runs, view).filter((run) => run.pictures.length > 0);
    const numbers = runs.flatMap((run) => run.pictures.map((each) => each.number)).filter((n) => n !== null);
    const last = Math.max(0, ...numbers);
    const until = view.at === "" ? last : Math.min(last, Number(view.at) || 0);
    at("pictures-section").hidden = runs.length === 0;
    at("at-label").hidden = new Set(numbers).size < 2;
    at("at").max = last;
    at("at").value = until;
    at("at-text").textContent = until;
    const kinds = [...new Set(runs.flatMap((run) => run.pictures.map((each) => each.kind)))].sort(byInterest);
    at("pictures").replaceChildren(
      ...kinds.flatMap((kind) => [
        element("h3", { textContent: kind }),
        element("div", { class: "gallery" }, ...runs.flatMap((run) => pictureOf(run, kind, until))),
      ])
    );
  }

  /** The pictures of training curves last: the charts above show the same. */
  function byInterest(a, b) {
    return Number(a === "training") - Number(b === "training") || Runs.compare(a, b);
  }

  /** Of a kind with several pictures the last until then. */
  function pictureOf(run, kind, until) {
    const some = run.pictures.filter((each) => each.kind === kind);
    const chosen = some.findLast((each) => each.number === null || each.number <= until) ?? some[0];
    if (chosen === undefined) {
      return [];
    }
    const text = chosen.number === null ? run.name : `${run.name}, ${chosen.number}`;
    const button = element("button", { type: "button", title: "Enlarge" }, element("img", { src: chosen.source, alt: `${kind} of ${text}`, loading: "lazy" }));
    button.addEventListener("click", () => {
      at("viewer-image").src = chosen.source;
      at("viewer-image").alt = `${kind} of ${text}`;
      at("viewer-text").textContent = `${kind}: ${text}`;
      at("viewer").showModal();
    });
    return [element("figure", {}, button, element("figcaption", { textContent: text }))];
  }

  // All of it

  function drawSummary() {
    const shown = Runs.select(report.runs, view).length;
    const all = count(report.runs.length, "run");
    const series = Runs.group(Runs.select(report.runs, view), view.series).length;
    at("summary").textContent =
      (shown === report.runs.length ? all : `${shown} of ${all}`) +
      `, ${series} series` +
      (report.problems.length > 0 ? `, ${count(report.problems.length, "broken file")}` : "");
    at("problems-section").hidden = report.problems.length === 0;
    at("problems").replaceChildren(
      ...report.problems.map((problem) => element("li", { textContent: `${problem.file}: ${problem.reason}` }))
    );
    at("made").textContent = report.made;
  }

  function render() {
    view = Runs.complete(given, report.runs);
    const differing = Runs.differing(report.runs);
    drawControls(differing);
    drawSummary();
    drawCharts();
    drawFinals();
    drawSettings(differing);
    drawPictures();
    document.documentElement.dataset.drawn = String(Number(document.documentElement.dataset.drawn ?? 0) + 1);
  }

  async function refresh(known) {
    let tag = known;
    try {
      const answer = await fetch("data.json", { headers: tag === "" ? {} : { "If-None-Match": tag }, cache: "no-store" });
      if (answer.status === 200) {
        report = await answer.json();
        tag = answer.headers.get("ETag") ?? "";
        render();
      } else if (answer.status !== 304) {
        throw new Error("status " + answer.status);
      }
      at("live").classList.remove("lost");
      at("live-text").textContent = "live";
    } catch {
      at("live").classList.add("lost");
      at("live-text").textContent = "no connection";
    }
    setTimeout(() => refresh(tag), REFRESH_MILLISECONDS);
  }

  listen();
  report = JSON.parse(at("report").textContent);
  if (report.live) {
    at("live").hidden = false;
    refresh("");
  } else {
    render();
  }
})();
