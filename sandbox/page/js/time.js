// Times as Slack writes them, in the time zone of the person who looks.
import { state } from "./state.js";

const DAY = 86_400_000;

function formatter(options) {
  return new Intl.DateTimeFormat("en-US", { timeZone: state.session?.me.tz, ...options });
}

export const millis = (ts) => Number(ts) * 1000;
export const clockTime = (ms) => formatter({ hour: "numeric", minute: "2-digit" }).format(ms).replace("\u202f", " ");
export const dayKey = (ms) => formatter({ year: "numeric", month: "2-digit", day: "2-digit" }).format(ms);
export const fullTime = (ms) => formatter({ dateStyle: "full", timeStyle: "short" }).format(ms);

export function dayName(ms) {
  return relativeDay(ms, true) || `${formatter({ weekday: "long", month: "long" }).format(ms)} ${ordinal(ms)}`;
}

function relativeDay(ms, capital) {
  const names = capital ? ["Today", "Yesterday", "Tomorrow"] : ["today", "yesterday", "tomorrow"];
  return [Date.now(), Date.now() - DAY, Date.now() + DAY].map((one, n) => dayKey(one) === dayKey(ms) && names[n]).find(Boolean);
}

function ordinal(ms) {
  const day = Number(formatter({ day: "numeric" }).format(ms));
  const tail = day % 10 === 1 && day !== 11 ? "st" : day % 10 === 2 && day !== 12 ? "nd" : day % 10 === 3 && day !== 13 ? "rd" : "th";
  return `${day}${tail}`;
}

export function ago(ms) {
  const minutes = Math.round((Date.now() - ms) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} minute${minutes === 1 ? "" : "s"} ago`;
  const hours = Math.round(minutes / 60);
  if (hours < 24) return `${hours} hour${hours === 1 ? "" : "s"} ago`;
  const days = Math.round(hours / 24);
  return `${days} day${days === 1 ? "" : "s"} ago`;
}

const TOKENS = {
  date_num: (ms) => new Intl.DateTimeFormat("en-CA", { timeZone: state.session?.me.tz }).format(ms),
  date: (ms) => `${formatter({ month: "long" }).format(ms)} ${ordinal(ms)}, ${formatter({ year: "numeric" }).format(ms)}`,
  date_short: (ms) => formatter({ month: "short", day: "numeric", year: "numeric" }).format(ms),
  date_long: (ms) => `${formatter({ weekday: "long", month: "long" }).format(ms)} ${ordinal(ms)}, ${formatter({ year: "numeric" }).format(ms)}`,
  time: clockTime,
  time_secs: (ms) => formatter({ hour: "numeric", minute: "2-digit", second: "2-digit" }).format(ms),
  ago,
};

export function formatDateToken(seconds, pattern) {
  if (!Number.isFinite(seconds)) return "";
  const ms = seconds * 1000;
  return (pattern || "{date}").replace(/\{(\w+)\}/g, (all, name) => {
    if (name.endsWith("_pretty")) return relativeDay(ms, false) || TOKENS[name.slice(0, -7)](ms);
    return TOKENS[name] ? TOKENS[name](ms) : all;
  });
}
