// Numbers: written as the reader writes them, and as slider places.

// Gives write(value, digits): "0,50" in Turkish. Without digits: three that matter.
export function numberWriter(language) {
  const kept = new Map();
  return (value, digits) => {
    if (!Number.isFinite(value)) return String(value).replace("Infinity", "∞");
    if (!kept.has(digits)) kept.set(digits, new Intl.NumberFormat(language, written(digits)));
    const text = kept.get(digits).format(value);
    return /[1-9]/.test(text) ? text : text.replace("-", "");
  };
}

function written(digits) {
  if (digits === undefined) return { maximumSignificantDigits: 3, useGrouping: false };
  return { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false };
}

// Gives write(share): "%4,2" in Turkish, "4.2%" in English.
export function percentWriter(language) {
  const format = new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return (share) => (Number.isFinite(share) ? format.format(share) : String(share));
}

export function clampTo(value, least, most) {
  return Math.min(Math.max(value, least), most);
}

// The nearest value that a range control can take.
export function snapped(value, control) {
  const { least, most, step, log } = control;
  if (!step) return clampTo(value, least, most);
  const from = log ? 0 : least;
  const near = from + Math.round((value - from) / step) * step;
  return clampTo(Number(near.toPrecision(12)), least, most);
}

// A logarithmic slider has places from 0 to PLACES; the same way on it is the same factor.
export const PLACES = 200;

export function placeOf(value, control) {
  const { least, most, log } = control;
  return log ? (PLACES * Math.log(value / least)) / Math.log(most / least) : value;
}

export function valueAt(place, control) {
  const { least, most, log } = control;
  return snapped(log ? least * (most / least) ** (place / PLACES) : place, control);
}

// What a value from anywhere (a link, a model) becomes: one that the control can have, or null.
export function allowed(value, control) {
  const number = Number(value);
  if (value === null || value === "" || !Number.isFinite(number)) return null;
  if (control.kind === "range") return clampTo(number, control.least, control.most);
  const last = control.kind === "flag" ? 1 : control.options.length - 1;
  return Number.isInteger(number) && number >= 0 && number <= last ? number : null;
}
