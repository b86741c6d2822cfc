// data_visualization: line, bar, area and pie as SVG, redrawn at the width it has, with the figures as a table for screen readers.
import { h, svg } from "./dom.js";

export const COLORS = ["#1264a3", "#e8912d", "#2eb67d", "#7b3f98", "#d1335b", "#5c6b7a"];
const DASHES = ["", "7 4", "2 4", "10 4 2 4", "4 2", "1 3"];
const HEIGHT = 240;

export function chartBlock(block) {
  const chart = block.chart;
  const canvas = h("div", { class: "chart-canvas", role: "img", "aria-label": describe(block) });
  const draw = () => {
    const width = Math.max(260, Math.min(680, canvas.clientWidth || 560));
    canvas.replaceChildren(chart.type === "pie" ? pie(chart, width) : plot(chart, width));
  };
  new ResizeObserver(draw).observe(canvas);
  draw();
  return h("figure", { class: "chart", dataset: { testid: "chart", kind: chart.type } },
    h("figcaption", {}, block.title), canvas, legend(chart), dataTable(block));
}

function describe(block) {
  const chart = block.chart;
  const names = (chart.segments || []).map((one) => one.label).concat((chart.series || []).map((one) => one.name));
  return `${chart.type} chart: ${block.title}. ${names.join(", ")}.`;
}

function legend(chart) {
  const names = (chart.segments || []).map((one) => one.label).concat((chart.series || []).map((one) => one.name));
  if (chart.type !== "pie" && names.length < 2) return null;
  const total = (chart.segments || []).reduce((sum, one) => sum + one.value, 0);
  return h("ul", { class: "legend", "aria-hidden": "true" }, names.map((name, n) => h("li", {},
    swatch(chart.type, n), name, total ? h("span", { class: "share" }, ` ${Math.round((chart.segments[n].value / total) * 100)}%`) : null)));
}

function swatch(kind, n) {
  const shape = kind === "line"
    ? svg("line", { x1: 0, y1: 6, x2: 20, y2: 6, stroke: COLORS[n], "stroke-width": 3, "stroke-dasharray": DASHES[n] })
    : svg("rect", { x: 4, y: 0, width: 12, height: 12, rx: 3, fill: COLORS[n] });
  return svg("svg", { width: 20, height: 12, viewBox: "0 0 20 12" }, shape);
}

function dataTable(block) {
  const chart = block.chart;
  const rows = chart.type === "pie"
    ? chart.segments.map((one) => [one.label, one.value])
    : chart.axis_config.categories.map((label) => [label, ...chart.series.map((one) => valueAt(one, label))]);
  const head = chart.type === "pie" ? ["", "Value"] : ["", ...chart.series.map((one) => one.name)];
  return h("div", { class: "sr-only" }, h("table", {}, h("caption", {}, block.title),
    h("thead", {}, h("tr", {}, head.map((one) => h("th", { scope: "col" }, one)))),
    h("tbody", {}, rows.map(([label, ...values]) => h("tr", {}, h("th", { scope: "row" }, label), values.map((one) => h("td", {}, String(one))))))));
}

const valueAt = (series, label) => series.data.find((point) => point.label === label)?.value ?? 0;

function plot(chart, width) {
  const labels = chart.axis_config.categories;
  const values = chart.series.map((one) => labels.map((label) => valueAt(one, label)));
  const ticks = niceTicks(Math.min(0, ...values.flat()), Math.max(0, ...values.flat()));
  const widest = Math.max(...ticks.map((one) => compact(one).length));
  const half = Math.max(labels[0].length, labels.at(-1).length) * 3.4;
  const left = Math.max(14 + widest * 7 + (chart.axis_config.y_label ? 18 : 0), half);
  const area = { left, right: width - Math.max(14, half), top: 12, bottom: HEIGHT - (chart.axis_config.x_label ? 46 : 28) };
  const y = (value) => area.bottom - ((value - ticks[0]) / (ticks.at(-1) - ticks[0])) * (area.bottom - area.top);
  const step = (area.right - area.left) / (chart.type === "bar" ? labels.length : Math.max(1, labels.length - 1));
  const x = (n) => area.left + step * (chart.type === "bar" ? n + 0.5 : n);
  const draw = { line: lines, area: areas, bar: bars }[chart.type];
  return svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, "aria-hidden": "true" },
    grid(ticks, area, y), xLabels(labels, area, x, step), axisTitles(chart.axis_config, area, width), draw(values, { x, y, step, labels, chart }));
}

function grid(ticks, area, y) {
  return ticks.map((tick) => svg("g", {},
    svg("line", { x1: area.left, x2: area.right, y1: y(tick), y2: y(tick), stroke: tick === 0 ? "#868686" : "#e4e4e4" }),
    svgText(compact(tick), { x: area.left - 8, y: y(tick) + 4, "text-anchor": "end" })));
}

function xLabels(labels, area, x, step) {
  const longest = Math.max(...labels.map((one) => one.length)) * 6.6 + 10;
  const every = Math.max(1, Math.ceil(longest / step));
  return labels.map((label, n) => n % every ? null : svgText(label, { x: x(n), y: area.bottom + 18, "text-anchor": "middle" }));
}

function axisTitles(axis, area, width) {
  const middle = (area.top + area.bottom) / 2;
  return [
    axis.x_label && svgText(axis.x_label, { x: (area.left + width) / 2, y: HEIGHT - 6, "text-anchor": "middle", class: "axis-title" }),
    axis.y_label && svgText(axis.y_label, { x: 12, y: middle, "text-anchor": "middle", class: "axis-title", transform: `rotate(-90 12 ${middle})` }),
  ];
}

function lines(values, at) {
  return values.map((row, n) => svg("g", {},
    svg("polyline", { points: points(row, at), fill: "none", stroke: COLORS[n], "stroke-width": 2.5, "stroke-linejoin": "round", "stroke-dasharray": DASHES[n] }),
    row.map((value, m) => svg("circle", { cx: at.x(m), cy: at.y(value), r: 3.5, fill: "#fff", stroke: COLORS[n], "stroke-width": 2 }, title(at, n, m, value)))));
}

function areas(values, at) {
  const base = at.y(0);
  return values.map((row, n) => svg("g", {},
    svg("polygon", { points: `${at.x(0)},${base} ${points(row, at)} ${at.x(row.length - 1)},${base}`, fill: COLORS[n], "fill-opacity": 0.22 }),
    lines([row], at)[0].firstChild && svg("polyline", { points: points(row, at), fill: "none", stroke: COLORS[n], "stroke-width": 2.5, "stroke-dasharray": DASHES[n] }),
    row.map((value, m) => svg("circle", { cx: at.x(m), cy: at.y(value), r: 6, fill: "transparent" }, title(at, n, m, value)))));
}

function bars(values, at) {
  const group = Math.min(64, at.step * 0.72);
  const each = group / values.length;
  return values.map((row, n) => row.map((value, m) => {
    const top = Math.min(at.y(value), at.y(0));
    return svg("rect", { x: at.x(m) - group / 2 + n * each + 1, y: top, width: Math.max(2, each - 2), height: Math.max(1, Math.abs(at.y(value) - at.y(0))), rx: 2, fill: COLORS[n] }, title(at, n, m, value));
  }));
}

function title(at, n, m, value) {
  return svg("title", {}, `${at.chart.series[n].name}, ${at.labels[m]}: ${value.toLocaleString("en-US")}`);
}

const points = (row, at) => row.map((value, m) => `${at.x(m)},${at.y(value)}`).join(" ");

function pie(chart, width) {
  const total = chart.segments.reduce((sum, one) => sum + one.value, 0);
  const [cx, cy, r] = [width / 2, HEIGHT / 2, HEIGHT / 2 - 14];
  let turn = -Math.PI / 2;
  const slices = chart.segments.map((one, n) => {
    const from = turn;
    turn += (one.value / total) * Math.PI * 2;
    const label = svg("title", {}, `${one.label}: ${one.value.toLocaleString("en-US")}`);
    if (chart.segments.length === 1) return svg("circle", { cx, cy, r, fill: COLORS[0] }, label);
    const arc = [from, turn].map((angle) => `${cx + r * Math.cos(angle)} ${cy + r * Math.sin(angle)}`);
    const large = turn - from > Math.PI ? 1 : 0;
    return svg("path", { d: `M${cx} ${cy}L${arc[0]}A${r} ${r} 0 ${large} 1 ${arc[1]}Z`, fill: COLORS[n], stroke: "#fff", "stroke-width": 2 }, label);
  });
  return svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, "aria-hidden": "true" }, slices);
}

function svgText(content, props) {
  return svg("text", props, content);
}

export function niceTicks(low, high) {
  const span = high - low || 1;
  const raw = span / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= raw);
  const first = Math.floor(low / step) * step;
  const ticks = [];
  for (let tick = first; tick < high + step * 0.999; tick += step) ticks.push(Number(tick.toPrecision(12)));
  return ticks;
}

function compact(value) {
  return new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 }).format(value).replace("-", "−");
}
