// The shortcodes that apps use most; an unknown one stays as typed, as in Slack.
const NAMES = {
  "+1": "👍", "-1": "👎", thumbsup: "👍", thumbsdown: "👎", wave: "👋", pray: "🙏", clap: "👏", muscle: "💪", eyes: "👀",
  tada: "🎉", rocket: "🚀", fire: "🔥", sparkles: "✨", star: "⭐", bulb: "💡", bell: "🔔", no_bell: "🔕", zap: "⚡",
  white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️", x: "❌", heavy_multiplication_x: "✖️",
  warning: "⚠️", rotating_light: "🚨", no_entry: "⛔", no_entry_sign: "🚫", octagonal_sign: "🛑", exclamation: "❗",
  question: "❓", information_source: "ℹ️", red_circle: "🔴", large_red_circle: "🔴", large_orange_circle: "🟠",
  large_yellow_circle: "🟡", large_green_circle: "🟢", large_blue_circle: "🔵", white_circle: "⚪", black_circle: "⚫",
  moneybag: "💰", money_with_wings: "💸", dollar: "💵", credit_card: "💳", bank: "🏦", receipt: "🧾", coin: "🪙",
  chart_with_upwards_trend: "📈", chart_with_downwards_trend: "📉", bar_chart: "📊", calendar: "📅", date: "📅",
  spiral_calendar_pad: "🗓️", clock1: "🕐", hourglass: "⌛", hourglass_flowing_sand: "⏳", stopwatch: "⏱️", alarm_clock: "⏰",
  inbox_tray: "📥", outbox_tray: "📤", envelope: "✉️", email: "📧", phone: "☎️", telephone_receiver: "📞",
  memo: "📝", pencil: "✏️", pencil2: "✏️", clipboard: "📋", page_facing_up: "📄", file_folder: "📁", open_file_folder: "📂",
  paperclip: "📎", pushpin: "📌", link: "🔗", lock: "🔒", unlock: "🔓", key: "🔑", mag: "🔍", gear: "⚙️", wrench: "🔧",
  hammer: "🔨", broom: "🧹", recycle: "♻️", arrows_counterclockwise: "🔄", repeat: "🔁", arrow_up: "⬆️", arrow_down: "⬇️",
  arrow_right: "➡️", arrow_left: "⬅️", arrow_upper_right: "↗️", arrow_lower_right: "↘️", point_right: "👉", point_up: "☝️",
  house: "🏠", office: "🏢", department_store: "🏬", factory: "🏭", seedling: "🌱", coffee: "☕", bread: "🍞", tooth: "🦷",
  smile: "😄", slightly_smiling_face: "🙂", thinking_face: "🤔", sweat_smile: "😅", cry: "😢", relieved: "😌", sleeping: "😴",
  zzz: "💤", robot_face: "🤖", speech_balloon: "💬", thread: "🧵", handshake: "🤝", raised_hands: "🙌", ok_hand: "👌",
  heart: "❤️", "100": "💯", shield: "🛡️", scales: "⚖️", compass: "🧭", airplane: "✈️", package: "📦", truck: "🚚",
  first_place_medal: "🥇", trophy: "🏆", dart: "🎯", books: "📚", book: "📖", ledger: "📒", newspaper: "📰", wastebasket: "🗑️",
  large_green_square: "🟩", large_yellow_square: "🟨", large_red_square: "🟥", bust_in_silhouette: "👤", busts_in_silhouette: "👥",
};

// Drawn by hand, so that states look alike on machines without a colour emoji font.
const disc = (color) => `<circle cx="10" cy="10" r="8" fill="${color}"/>`;
const tile = (color, mark) => `<rect x="1.5" y="1.5" width="17" height="17" rx="4" fill="${color}"/>${mark}`;
const stroke = (path, color = "#fff") => `<path d="${path}" fill="none" stroke="${color}" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/>`;
const triangle = `<path d="M10 2.2 18.6 17.4H1.4Z" fill="#f2b632" stroke="#f2b632" stroke-width="1.6" stroke-linejoin="round"/>${stroke("M10 7.6v4.6", "#4a3300")}<circle cx="10" cy="15" r="1.4" fill="#4a3300"/>`;
const trend = (path, color) => `<rect x="1.5" y="1.5" width="17" height="17" rx="3" fill="#f4f4f4" stroke="#d0d0d0"/>${stroke(path, color)}`;
const DRAWN = {
  "✅": tile("#2eb67d", stroke("M5.5 10.5 8.7 13.6 14.6 6.8")), "✔️": stroke("M4 10.8 8.2 15 16 5.4", "#2eb67d"), "☑️": tile("#3d7fc4", stroke("M5.5 10.5 8.7 13.6 14.6 6.8")),
  "❌": stroke("M4.5 4.5 15.5 15.5M15.5 4.5 4.5 15.5", "#d1335b"), "✖️": stroke("M5 5 15 15M15 5 5 15", "#5c6b7a"), "⚠️": triangle, "⚠": triangle,
  "🚨": `<path d="M4.5 15V11a5.5 5.5 0 0 1 11 0v4Z" fill="#d1335b"/><rect x="2.5" y="15" width="15" height="3" rx="1.2" fill="#5c6b7a"/>`,
  "⛔": `${disc("#d1335b")}<rect x="5" y="8.6" width="10" height="2.8" rx="1" fill="#fff"/>`, "🚫": `<circle cx="10" cy="10" r="7" fill="none" stroke="#d1335b" stroke-width="2.4"/>${stroke("M5.2 5.2 14.8 14.8", "#d1335b")}`,
  "ℹ️": `${disc("#3d7fc4")}<circle cx="10" cy="6.4" r="1.3" fill="#fff"/>${stroke("M10 9.6v4.4")}`,
  "🔴": disc("#d1335b"), "🟠": disc("#e8912d"), "🟡": disc("#f2c744"), "🟢": disc("#2eb67d"), "🔵": disc("#3d7fc4"), "⚪": disc("#d5d8dc"), "⚫": disc("#2b2b2b"),
  "📈": trend("M4.5 14 8.5 10 11 12.2 15.5 6.5", "#2eb67d"), "📉": trend("M4.5 6.5 8.5 10.5 11 8.4 15.5 14", "#d1335b"),
  "📊": `<rect x="2.5" y="9" width="4" height="8.5" rx="1" fill="#3d7fc4"/><rect x="8" y="3" width="4" height="14.5" rx="1" fill="#2eb67d"/><rect x="13.5" y="6.5" width="4" height="11" rx="1" fill="#e8912d"/>`,
  "⏳": `<path d="M5 2.5h10M5 17.5h10M6 3c0 5 8 5 8 14M14 3c0 5-8 5-8 14" fill="none" stroke="#8a6a2f" stroke-width="1.8" stroke-linecap="round"/>`, "🔄": stroke("M15.5 8A6 6 0 1 0 16 11.5M15.8 3.8V8h-4.2", "#3d7fc4"),
  "🔔": `<path d="M10 2.5a5 5 0 0 1 5 5c0 4.5 1.7 5.6 1.7 6.8H3.3c0-1.2 1.7-2.3 1.7-6.8a5 5 0 0 1 5-5Z" fill="#f2b632"/><circle cx="10" cy="16.4" r="1.8" fill="#c98f14"/>`,
  "🔒": `<rect x="4" y="9" width="12" height="9" rx="2" fill="#e8b23a"/><path d="M6.5 9V6.5a3.5 3.5 0 0 1 7 0V9" fill="none" stroke="#8f979f" stroke-width="2"/>`,
  "🎉": `<path d="M3 17.5 7 7l6 6Z" fill="#f2b632"/><g fill="#d1335b"><circle cx="13" cy="4" r="1.4"/><circle cx="16.5" cy="9" r="1.4"/></g><g fill="#3d7fc4"><circle cx="9" cy="3" r="1.2"/><circle cx="16.8" cy="4.2" r="1.1"/><circle cx="15" cy="13.4" r="1.1"/></g>`,
  "📅": `<rect x="2.5" y="3.5" width="15" height="14" rx="2.5" fill="#fff" stroke="#8f979f"/><path d="M2.5 8V6a2.5 2.5 0 0 1 2.5-2.5h10A2.5 2.5 0 0 1 17.5 6v2Z" fill="#d1335b"/>${stroke("M6.5 12h7M6.5 15h4", "#8f979f").replace("2.6", "1.4")}`,
  "💬": `<path d="M3 4.5h14v9H9l-4 3.5v-3.5H3Z" fill="none" stroke="#616061" stroke-width="1.6" stroke-linejoin="round"/>`,
  "👁": `<path d="M1.8 10S5 4.6 10 4.6 18.2 10 18.2 10 15 15.4 10 15.4 1.8 10 1.8 10Z" fill="none" stroke="#616061" stroke-width="1.6"/><circle cx="10" cy="10" r="2.6" fill="#616061"/>`,
};
const DRAWABLE = new RegExp(Object.keys(DRAWN).sort((a, b) => b.length - a.length).join("|"), "u");

export function icon(character, label = "") {
  const node = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  node.setAttribute("viewBox", "0 0 20 20");
  node.setAttribute("class", "emoji");
  node.setAttribute(label ? "aria-label" : "aria-hidden", label || "true");
  if (label) node.setAttribute("role", "img");
  node.innerHTML = DRAWN[character];
  return node;
}

// Text with shortcodes and emoji as nodes: drawn ones as pictures, others as characters.
export function emojify(text) {
  const nodes = [];
  let rest = withEmoji(text);
  for (let found = rest.match(DRAWABLE); found; found = rest.match(DRAWABLE)) {
    if (found.index) nodes.push(rest.slice(0, found.index));
    nodes.push(icon(found[0], nameOf(found[0])));
    rest = rest.slice(found.index + found[0].length);
  }
  if (rest) nodes.push(rest);
  return nodes;
}

const nameOf = (character) => (Object.entries(NAMES).find(([, one]) => one === character)?.[0] || "symbol").replaceAll("_", " ");

export const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (all, name) => NAMES[name] || all);
