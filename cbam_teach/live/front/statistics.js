// What is said about a map: mean, ends, saturated share, entropy, histogram.

export function extremes(values) {
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value < least && value > -Infinity) least = value;
    if (value > most && value < Infinity) most = value;
  }
  return least <= most ? { least, most } : { least: 0, most: 0 };
}

export function meanOf(values) {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i];
  return sum / values.length;
}

// The share of a mask that lies below 0.01 or above 0.99.
export function saturatedShare(values) {
  let count = 0;
  for (let i = 0; i < values.length; i += 1) if (values[i] < 0.01 || values[i] > 0.99) count += 1;
  return count / values.length;
}

function surprise(share) {
  return share > 0 ? -share * Math.log(share) : 0;
}

// Entropy of a mask in nats: the mean of -m ln m - (1 - m) ln(1 - m).
export function maskEntropy(values) {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += surprise(values[i]) + surprise(1 - values[i]);
  return sum / values.length;
}

// Entropy of K shares in nats: the mean over places of the sum of -w ln w.
export function sharesEntropy(values, count) {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += surprise(values[i]);
  return (sum * count) / values.length;
}

// Whether K values stand at every place and sum to 1 there.
export function areShares(values, count) {
  if (count < 2) return false;
  const places = values.length / count;
  for (let place = 0; place < places; place += 1) {
    let sum = 0;
    for (let k = 0; k < count; k += 1) {
      const value = values[k * places + place];
      if (!(value >= -1e-4)) return false;
      sum += value;
    }
    if (Math.abs(sum - 1) > 1e-3) return false;
  }
  return true;
}

// The share of the values in each of equal bins from least to most; what lies beyond goes into the last.
export function histogramOf(values, least, most, bins) {
  const shares = new Float64Array(bins);
  const scale = bins / (most - least || 1);
  for (let i = 0; i < values.length; i += 1) {
    const bin = Math.floor((values[i] - least) * scale);
    if (bin === bin) shares[Math.min(Math.max(bin, 0), bins - 1)] += 1 / values.length;
  }
  return shares;
}

// A round number (1, 2 or 5 and zeros) that is not below the given one, 0.001 at least: a scale that stands still.
export function roundUp(value) {
  if (!(value > 1e-3)) return 1e-3;
  const power = 10 ** Math.floor(Math.log10(value));
  return Number((power * [1, 2, 5, 10].find((digit) => digit * power >= value * (1 - 1e-9))).toPrecision(3));
}

// How many maps an output holds, and how large they are: its last two axes are rows and columns.
export function mapShape(shape) {
  const [height, width] = [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
  return { count: shape.slice(0, -2).reduce((product, size) => product * size, 1), height, width };
}
