// Slack's mrkdwn. Tokens in <…> are read from the raw text, and entities are decoded only afterwards:
// "&lt;!channel&gt;" is therefore shown as written and never becomes a mention.
import { h } from "./dom.js";
import { emojify, withEmoji } from "./emoji.js";
import { channelById, nameOf, state } from "./state.js";
import { formatDateToken } from "./time.js";

const OPEN = "\uE000";
const CLOSE = "\uE001";
const MARKS = { "*": "strong", _: "em", "~": "s" };

export const decode = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export function mrkdwn(text, { verbatim = false } = {}) {
  const pieces = text.split(/```([\s\S]+?)```/);
  const root = h("span", { class: "mrkdwn" });
  pieces.forEach((piece, n) => {
    if (n % 2) root.append(h("pre", {}, codeText(piece.replace(/^\n|\n$/g, ""))));
    else if (piece) root.append(...lines(piece.replace(n ? /^\n/ : /^$/, ""), verbatim));
  });
  return root;
}

// A plain_text object: no markup at all, emoji shortcodes only.
export const plain = (text, emoji = true) => (emoji ? emojify(text) : text);

// The same where only a string will do: options of a select, titles, labels.
export const plainString = withEmoji;

export function textObject(object) {
  if (!object) return "";
  if (object.type === "mrkdwn") return mrkdwn(object.text, object);
  return plain(object.text, object.emoji !== false);
}

function lines(text, verbatim) {
  const nodes = [];
  let quote = null;
  const rows = text.split("\n");
  rows.forEach((row, n) => {
    const quoted = row.match(/^(?:&gt;|>) ?(.*)$/);
    if (quoted) {
      if (!quote) nodes.push((quote = h("blockquote", {})));
      else quote.append(h("br"));
      quote.append(...inline(quoted[1], verbatim));
      return;
    }
    const afterQuote = quote !== null;
    quote = null;
    if (n && !afterQuote) nodes.push(h("br"));
    nodes.push(...inline(row, verbatim));
  });
  return nodes;
}

// Tokens and code spans are taken out first, so that *bold* may reach across them.
function inline(row, verbatim) {
  const kept = [];
  const keep = (node) => `${OPEN}${kept.push(node) - 1}${CLOSE}`;
  const marked = row
    .replace(/`([^`]+)`/g, (_, code) => keep(h("code", {}, codeText(code))))
    .replace(/<([^<>]+)>/g, (_, token) => keep(tokenNode(token)));
  return format(marked, kept, verbatim);
}

function format(text, kept, verbatim) {
  const found = text.match(/(^|[\s([{"'.,:;!?—–-]|[\uE001])([*_~])(?=\S)(.*?\S)\2(?=$|[\s)\]}"'.,:;!?—–-]|[\uE000])/u);
  if (!found) return restore(text, kept, verbatim);
  const start = found.index + found[1].length;
  return [
    ...restore(text.slice(0, start), kept, verbatim),
    h(MARKS[found[2]], {}, format(found[3], kept, verbatim)),
    ...format(text.slice(start + found[3].length + 2), kept, verbatim),
  ];
}

function restore(text, kept, verbatim) {
  return text.split(/\uE000(\d+)\uE001/).flatMap((piece, n) => {
    if (n % 2) return [kept[Number(piece)]];
    return piece ? words(piece, verbatim) : [];
  });
}

function words(text, verbatim) {
  if (verbatim) return emojify(decode(text));
  return text.split(/(https?:\/\/[^\s]+[^\s.,;:!?)])/).flatMap((piece, n) => {
    const shown = decode(piece);
    return n % 2 ? [link(shown, shown)] : emojify(shown);
  });
}

function codeText(code) {
  return code.split(/<([^<>]+)>/).map((piece, n) => {
    if (n % 2 === 0) return decode(piece);
    const [target, label] = piece.split("|");
    return decode(label || target);
  });
}

function tokenNode(token) {
  const bar = token.indexOf("|");
  const target = bar < 0 ? token : token.slice(0, bar);
  const label = bar < 0 ? "" : decode(token.slice(bar + 1));
  if (target[0] === "@") return mention(`@${nameOf(target.slice(1))}`, target.slice(1) === state.as);
  if (target[0] === "#") return channelLink(target.slice(1), label);
  if (target[0] === "!") return special(target.slice(1), label);
  if (/^(https?|mailto|tel|slack):/.test(target)) return link(decode(target), emojify(label || decode(target)));
  return decode(`<${token}>`);
}

export function mention(text, loud) {
  return h("span", { class: loud ? "mention loud" : "mention" }, text);
}

export function channelLink(id, label) {
  const found = channelById(id);
  return h("span", { class: "mention" }, `#${found ? found.name : label || id}`);
}

function special(command, label) {
  if (["here", "channel", "everyone"].includes(command)) return mention(`@${command}`, true);
  if (command.startsWith("date^")) return dateNode(command.split("^"), label);
  if (command.startsWith("subteam^")) return mention(label || "@group", false);
  return label ? label : decode(`<!${command}>`);
}

function dateNode([, seconds, pattern, url], fallback) {
  const shown = formatDateToken(Number(seconds), pattern) || fallback;
  return url ? link(decode(url), shown) : h("time", { datetime: new Date(seconds * 1000).toISOString() }, shown);
}

export function link(url, label) {
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label);
}
