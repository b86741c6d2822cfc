// table and data_table: real tables, the first row as heading.
import { h } from "./dom.js";
import { richText } from "./richtext.js";

export function tableBlock(block) {
  return frame(block.rows, block.column_settings || []);
}

export function dataTableBlock(block) {
  const [head, ...body] = block.rows;
  const size = block.page_size || 5;
  const pages = Math.max(1, Math.ceil(body.length / size));
  const holder = h("div", { class: "data-table", dataset: { testid: "data-table" } });
  const show = (page) => {
    const rows = [head, ...body.slice(page * size, (page + 1) * size)];
    holder.replaceChildren(h("div", { class: "table-caption" }, block.caption), frame(rows, [], block.caption), pager(page, pages, show));
  };
  show(0);
  return holder;
}

function pager(page, pages, show) {
  if (pages < 2) return "";
  const button = (label, to, off) => h("button", { type: "button", class: "button small", disabled: off, onclick: () => show(to) }, label);
  return h("div", { class: "pager" }, button("Previous", page - 1, page === 0),
    h("span", {}, `Page ${page + 1} of ${pages}`), button("Next", page + 1, page === pages - 1));
}

function frame(rows, settings, caption) {
  const [head, ...body] = rows;
  const numeric = head.map((_, n) => body.length > 0 && body.every((row) => row[n]?.type === "raw_number"));
  const style = (n) => {
    const setting = settings[n] || {};
    const align = setting.align || (numeric[n] ? "right" : "left");
    return `text-align:${align}${setting.is_wrapped ? ";white-space:normal" : ""}`;
  };
  return h("div", { class: "table-frame", tabindex: "0", role: "region", "aria-label": caption || "Table" },
    h("table", { class: "table", dataset: { testid: "table" } },
      h("thead", {}, h("tr", {}, head.map((one, n) => h("th", { scope: "col", style: style(n) }, cell(one))))),
      h("tbody", {}, body.map((row) => h("tr", {}, row.map((one, n) => h("td", { style: style(n) }, cell(one))))))));
}

function cell(one) {
  return one.type === "rich_text" ? richText(one) : one.text;
}
