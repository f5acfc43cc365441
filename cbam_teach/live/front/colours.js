// Palettes as tables of 256 pixels, and maps written into pixels.

// A pixel as one number: the bytes stand in the order red, green, blue, alpha.
export function pixel(red, green, blue) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

export function fromHex(text) {
  const number = Number.parseInt(text.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}

// The palette's colours, in between as well, in a table of 256.
export function tableOf(palette) {
  const colours = palette.map(fromHex);
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const place = (i / 255) * (colours.length - 1);
    const below = Math.min(Math.floor(place), colours.length - 2);
    const mixed = colours[below].map((start, k) => Math.round(start + (colours[below + 1][k] - start) * (place - below)));
    return pixel(...mixed);
  });
}

export const NOT_A_NUMBER = 0xffb48cff; // a colour that no palette holds

// Writes a map, from `start` on in `values`, through a table of colours.
export function paintMap(pixels, values, start, least, most, table) {
  const scale = most > least ? 256 / (most - least) : 0;
  for (let i = 0; i < pixels.length; i += 1) {
    const place = (values[start + i] - least) * scale;
    if (place !== place) pixels[i] = NOT_A_NUMBER;
    else pixels[i] = table[place < 0 ? 0 : place > 255 ? 255 : place | 0];
  }
}

function byte(value) {
  return value <= 0 ? 0 : value >= 1 ? 255 : Math.round(value * 255);
}

// Writes a picture of one or three channels with values in [0, 1]; of other counts, their mean.
export function paintPicture(pixels, values, channels) {
  const size = pixels.length;
  for (let i = 0; i < size; i += 1) {
    if (channels === 3) {
      pixels[i] = pixel(byte(values[i]), byte(values[size + i]), byte(values[2 * size + i]));
    } else {
      let sum = 0;
      for (let c = 0; c < channels; c += 1) sum += values[c * size + i];
      const grey = byte(sum / channels);
      pixels[i] = pixel(grey, grey, grey);
    }
  }
}

export const DARKEST = 0.12; // what is left of the picture where the mask is lowest

// Darkens a painted picture where a mask is low; the mask may be smaller than the picture.
export function darken(pixels, width, height, mask, size, least, most) {
  const scale = most > least ? 1 / (most - least) : 0;
  for (let row = 0; row < height; row += 1) {
    const line = Math.floor((row * size.height) / height) * size.width;
    for (let column = 0; column < width; column += 1) {
      const at = row * width + column;
      const share = (mask[line + Math.floor((column * size.width) / width)] - least) * scale;
      const factor = DARKEST + (1 - DARKEST) * (share > 0 ? Math.min(share, 1) : 0);
      const colour = pixels[at];
      pixels[at] = pixel((colour & 255) * factor, ((colour >> 8) & 255) * factor, ((colour >> 16) & 255) * factor);
    }
  }
}

// A palette as the background of a bar that lies from left to right.
export function gradient(palette) {
  return `linear-gradient(to right, ${palette.join(", ")})`;
}
