// The markdown block: the small part of standard Markdown that Slack renders.
import { h } from "./dom.js";
import { emojify } from "./emoji.js";
import { link } from "./mrkdwn.js";

export function markdown(text) {
  const root = h("div", { class: "markdown" });
  for (const part of text.split(/\n{2,}/)) root.append(...blockOf(part));
  return root;
}

function blockOf(part) {
  const rows = part.split("\n");
  if (rows[0].startsWith("```")) return [h("pre", {}, rows.slice(1).join("\n").replace(/\n?```$/, ""))];
  const heading = rows[0].match(/^(#{1,6}) (.*)$/);
  if (heading) return [h(`h${Math.min(6, heading[1].length + 2)}`, {}, spans(heading[2])), ...(rows.length > 1 ? blockOf(rows.slice(1).join("\n")) : [])];
  if (rows.every((row) => /^[-*] /.test(row))) return [h("ul", {}, rows.map((row) => h("li", {}, spans(row.slice(2)))))];
  if (rows.every((row) => /^\d+\. /.test(row))) return [h("ol", {}, rows.map((row) => h("li", {}, spans(row.replace(/^\d+\. /, "")))))];
  if (rows.every((row) => row.startsWith(">"))) return [h("blockquote", {}, rows.map((row) => h("div", {}, spans(row.replace(/^> ?/, "")))))];
  return [h("p", {}, rows.flatMap((row, n) => [n ? h("br") : null, ...spans(row)]))];
}

function spans(text) {
  const found = text.match(/\*\*(.+?)\*\*|__(.+?)__|\*(.+?)\*|_(.+?)_|~~(.+?)~~|`([^`]+)`|\[([^\]]+)\]\((https?:[^)\s]+)\)/);
  if (!found) return emojify(text);
  const [all, strong, strong2, em, em2, strike, code, label, url] = found;
  const before = text.slice(0, found.index);
  const after = text.slice(found.index + all.length);
  let node;
  if (strong || strong2) node = h("strong", {}, spans(strong || strong2));
  else if (em || em2) node = h("em", {}, spans(em || em2));
  else if (strike) node = h("s", {}, spans(strike));
  else if (code) node = h("code", {}, code);
  else node = link(url, label);
  return [...emojify(before), node, ...(after ? spans(after) : [])];
}
