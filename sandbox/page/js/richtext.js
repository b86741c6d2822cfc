// rich_text blocks: nothing in them is parsed, every element says what it is.
import { h } from "./dom.js";
import { emojify } from "./emoji.js";
import { channelLink, link, mention } from "./mrkdwn.js";
import { nameOf, state } from "./state.js";
import { formatDateToken } from "./time.js";

const BUILDERS = { rich_text_section: section, rich_text_list: list, rich_text_quote: quote, rich_text_preformatted: preformatted };

export function richText(block) {
  return h("div", { class: "rich" }, block.elements.map((part) => BUILDERS[part.type]?.(part)));
}

function section(part) {
  return h("div", { class: "rich-section" }, part.elements.map(piece));
}

function quote(part) {
  return h("blockquote", {}, part.elements.map(piece));
}

function preformatted(part) {
  return h("pre", {}, part.elements.map(piece));
}

function list(part) {
  const items = part.elements.map((one) => h("li", {}, one.elements.map(piece)));
  return h(part.style === "ordered" ? "ol" : "ul", { style: `margin-left:${(part.indent || 0) * 24}px` }, items);
}

function piece(element) {
  if (element.type === "text") return styled(element.text, element.style);
  if (element.type === "link") return styled(link(element.url, element.text || element.url), element.style);
  if (element.type === "emoji") return emojify(`:${element.name}:`);
  if (element.type === "user") return mention(`@${nameOf(element.user_id)}`, element.user_id === state.as);
  if (element.type === "channel") return channelLink(element.channel_id, "");
  if (element.type === "broadcast") return mention(`@${element.range}`, true);
  if (element.type === "date") return formatDateToken(element.timestamp, element.format) || element.fallback || "";
  return "";
}

function styled(content, style = {}) {
  let node = typeof content === "string" ? document.createTextNode(content) : content;
  for (const [key, tag] of [["code", "code"], ["strike", "s"], ["italic", "em"], ["bold", "strong"]]) {
    if (style[key]) node = h(tag, {}, node);
  }
  return node;
}
