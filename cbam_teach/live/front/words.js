// The words of the figure, in the reader's language, as they came with it.

// Gives say(key, values): the text of "live.ui." + key with its {placeholders} filled.
export function sayer(spec) {
  return (key, values = {}) => filled(spec.words?.[`live.ui.${key}`] ?? key, values);
}

export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
