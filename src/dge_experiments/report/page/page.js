"use strict";
(async () => {
  /* The colours of the figures as they are on a dark page; the first is that of the text. */
  const DARK = { "#101418": "#e7ecf1", "#0072B2": "#56b4e9", "#D55E00": "#f5894a", "#009E73": "#3cc9a3",
    "#CC79A7": "#e59cc4", "#B8860B": "#e0b040", "#7A5195": "#b793dc", "#8A939C": "#9fabb6" };
  const unpack = (id) => {
    const packed = Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0));
    return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
  };
  const [plotly, data] = await Promise.all(["plotly", "charts"].map(unpack));
  const library = document.createElement("script");
  library.textContent = plotly;
  document.head.append(library);
  const { shared, charts } = JSON.parse(data);
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const PRINTED = 320; // pixels a figure is wide, two to a row of A4 or Letter, and high at most
  let printing = false;

  const dark = () => !printing && (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const unshare = (node) => {
    if (Array.isArray(node)) return node.map(unshare);
    if (node === null || typeof node !== "object") return node;
    if ("$" in node) return shared[node.$];
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, unshare(value)]));
  };
  const webgl = (() => {
    try { return Boolean(document.createElement("canvas").getContext("webgl")); } catch { return false; }
  })();

  /* Figures: drawn when they come near, in the page's colours. */
  const figures = charts.map(unshare);
  figures.forEach((figure) => figure.data.forEach((trace) => {
    if (trace.type === "scattergl" && !webgl) trace.type = "scatter";
  }));
  const plots = figures.map((_, k) => document.getElementById(`chart-${k}`));
  const drawn = new Set();
  const inked = (node) => {
    if (!dark()) return node;
    if (typeof node === "string") return DARK[node] ?? node;
    if (node === null || typeof node !== "object" || ArrayBuffer.isView(node)) return node;
    if (Array.isArray(node)) return node.length > 50 ? node : node.map(inked);
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, inked(value)]));
  };
  const themed = (layout) => {
    const [ink, grid, card] = dark() ? ["#e7ecf1", "#2f3843", "#151a21"] : ["#1b1f24", "#e3e7eb", "#ffffff"];
    const axis = { gridcolor: grid, zerolinecolor: grid, linecolor: grid, automargin: true, ticks: "", title: { font: { size: 13 } } };
    const template = { layout: {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: "system-ui, -apple-system, Segoe UI, Roboto, sans-serif", size: 13, color: ink },
      xaxis: axis, yaxis: { ...axis, ticklabelstandoff: 5 }, hoverlabel: { bgcolor: card, bordercolor: grid, font: { color: ink } },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: ink, activecolor: ink },
    } };
    return { ...inked(layout), template, ...(printing ? { width: PRINTED, height: Math.min(layout.height, PRINTED) } : {}) };
  };
  const saved = (k) => {
    const title = plots[k].closest("article")?.querySelector("h3")?.textContent ?? plots[k].id;
    return { format: "svg", filename: title.trim().replace(/[^\w.-]+/g, "-") };
  };
  const draw = (k) => {
    const { data, layout } = figures[k];
    drawn.add(k);
    return Plotly.react(plots[k], data.map((trace) => trace.type === "heatmap" ? trace : inked(trace)), themed(layout),
      { responsive: true, displaylogo: false, modeBarButtons: [["toImage"]], toImageButtonOptions: saved(k) });
  };
  const redraw = () => drawn.forEach(draw);
  const near = new IntersectionObserver((entries) => entries.forEach(({ isIntersecting, target }) => {
    if (isIntersecting) { near.unobserve(target); draw(plots.indexOf(target)); }
  }), { rootMargin: "400px" });
  plots.forEach((plot) => near.observe(plot));
  performance.mark("figures");
  system.addEventListener("change", redraw);
  document.getElementById("theme").addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    redraw();
  });
  addEventListener("beforeprint", () => {
    printing = true;
    plots.forEach((_, k) => draw(k));
  });
  addEventListener("afterprint", () => { printing = false; redraw(); });

  /* Tables wider than their place fade out on the side where there is more. */
  const fade = (box) => box.classList.toggle("beyond", box.scrollLeft + box.clientWidth < box.scrollWidth - 2);
  const sized = new ResizeObserver((entries) => entries.forEach(({ target }) => fade(target)));
  document.querySelectorAll(".scroll").forEach((box) => {
    sized.observe(box);
    box.addEventListener("scroll", () => fade(box), { passive: true });
  });

  /* Tables: sorted by a column's button, numbers by value. */
  document.querySelectorAll("table.sortable").forEach((table) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => head.firstElementChild.addEventListener("click", () => {
      const body = table.tBodies[0];
      const number = head.classList.contains("number");
      const was = head.getAttribute("aria-sort");
      const down = was ? was === "ascending" : number;
      heads.forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[column].dataset.key;
      const order = (a, b) => number ? Number(key(a)) - Number(key(b)) : key(a).localeCompare(key(b));
      const rows = [...body.rows];
      const empty = rows.filter((row) => key(row) === "");
      const full = rows.filter((row) => key(row) !== "").sort((a, b) => down ? order(b, a) : order(a, b));
      body.append(...full, ...empty);
    }));
  });

  /* Genes: found by a part of their name, marked in every figure of genes, kept in every table of genes. */
  const search = document.getElementById("gene-search");
  if (!search) return;
  const MOST = 50;
  const plain = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
  const values = (array) => {
    if (!array || !array.bdata) return array;
    const bytes = Uint8Array.from(atob(array.bdata), (c) => c.charCodeAt(0));
    return new ({ f4: Float32Array, f8: Float64Array, i1: Int8Array, i2: Int16Array, i4: Int32Array })[array.dtype](bytes.buffer);
  };
  const clouds = figures.map((figure, k) => [figure, k]).filter(([figure]) => figure.layout.meta?.genes);
  const find = (words, figure) => figure.data.filter((trace) => trace.meta === "all").flatMap((trace) => {
    const [x, y] = [values(trace.x), values(trace.y)];
    return trace.text.flatMap((name, i) =>
      words.some((word) => plain(name).toLowerCase().includes(word)) ? [{ name, x: x[i], y: y[i], label: trace.name, numbers: trace.customdata[i] }] : []);
  });
  const shown = (number) => number === null ? "–" : Math.abs(number) >= 0.001 || number === 0 ? number.toFixed(3) : number.toExponential(1);
  const cells = (row, tag, texts, numeric) => texts.forEach((text) => {
    const made = document.createElement(tag);
    made.textContent = text;
    made.classList.toggle("number", numeric);
    row.append(made);
  });
  const look = () => {
    const words = search.value.toLowerCase().split(/[\s,;]+/).filter(Boolean);
    let first = [];
    clouds.forEach(([figure, k], n) => {
      const found = words.length ? find(words, figure) : [];
      if (n === 0) first = found;
      const mark = figure.data[figure.data.length - 1];
      const some = found.slice(0, MOST);
      Object.assign(mark, { x: some.map((g) => g.x), y: some.map((g) => g.y), text: some.map((g) => g.name),
        customdata: some.map((g) => g.numbers),
        mode: some.length <= 12 ? "markers+text" : "markers", showlegend: some.length > 0 });
      if (drawn.has(k)) draw(k);
    });
    document.querySelectorAll("table.genes tbody tr").forEach((row) => {
      const name = row.cells[0].textContent.toLowerCase();
      row.hidden = words.length > 0 && !words.some((word) => name.includes(word));
    });
    const list = document.getElementById("gene-found");
    list.replaceChildren();
    list.hidden = !first.length;
    document.getElementById("gene-count").textContent = !words.length ? "" :
      `${first.length} found${first.length > MOST ? `; the first ${MOST} are marked` : ""}`;
    if (!first.length) return;
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    cells(head, "th", ["gene", "class"], false);
    cells(head, "th", clouds[0][0].layout.meta.genes, true);
    const body = table.createTBody();
    first.slice(0, MOST).forEach((gene) => {
      const row = body.insertRow();
      cells(row, "th", [plain(gene.name)], false);
      cells(row, "td", [plain(gene.label)], false);
      cells(row, "td", gene.numbers.map(shown), true);
    });
    list.append(table);
  };
  let waiting = 0;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(look, 150); });
})();
