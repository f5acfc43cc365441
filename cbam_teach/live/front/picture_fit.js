// The reader's own picture, brought to the size that the figure's module takes.
import { pictureSize } from "./picture_size.js";

export const TOO_LARGE = 50e6; // pixels; a picture of this many or more is refused
const SHRINK = 8e6; // a picture of more pixels than this is shrunk while it is decoded
const HEAD = 1 << 20; // bytes of a file in which its size is looked for

// A refusal that can be shown: key of its words, and what they hold.
export class Refusal extends Error {
  constructor(key, values = {}) {
    super(key);
    this.key = key;
    this.values = values;
  }
}

// The largest part of a width × height picture, from its middle, with the shape of the target.
export function centreCrop(width, height, wanted) {
  const scale = Math.min(width / wanted.width, height / wanted.height);
  const [w, h] = [wanted.width * scale, wanted.height * scale];
  return { x: (width - w) / 2, y: (height - h) / 2, width: w, height: h };
}

// Bytes in the order red, green, blue, alpha as numbers in the order channel, row, column; one channel: luminance.
export function planes(bytes, channels) {
  const size = bytes.length / 4;
  const numbers = new Float32Array(channels * size);
  for (let i = 0; i < size; i += 1) {
    const [red, green, blue] = [bytes[4 * i], bytes[4 * i + 1], bytes[4 * i + 2]];
    if (channels === 1) {
      numbers[i] = (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
    } else {
      numbers[i] = red / 255;
      numbers[size + i] = green / 255;
      numbers[2 * size + i] = blue / 255;
    }
  }
  return numbers;
}

// Gives fit(source, width, height): numbers for the module from anything that a canvas can draw.
export function fitter(shape) {
  const [, channels, height, width] = shape;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.imageSmoothingQuality = "high";
  return (source, wide, high) => {
    const part = centreCrop(wide, high, { width, height });
    pen.fillStyle = "#ffffff"; // what is transparent lies over white
    pen.fillRect(0, 0, width, height);
    pen.drawImage(source, part.x, part.y, part.width, part.height, 0, 0, width, height);
    return planes(pen.getImageData(0, 0, width, height).data, channels);
  };
}

function refuseLarge({ width, height }) {
  if (width * height >= TOO_LARGE) throw new Refusal("error.large", { width, height, pixels: (width * height) / 1e6 });
}

// A file as a bitmap of bearable size, turned as its camera was held; a moving one gives its first picture.
export async function decoded(file) {
  const name = file.name || file.type || "?";
  if (file.size === 0) throw new Refusal("error.empty", { name });
  const size = pictureSize(new Uint8Array(await file.slice(0, HEAD).arrayBuffer()));
  if (size) refuseLarge(size);
  const large = size && size.width * size.height > SHRINK;
  const options = large ? { resizeWidth: Math.max(1, Math.round(size.width / Math.ceil(size.width / 1024))), resizeQuality: "medium" } : {};
  let bitmap = null;
  try {
    bitmap = await createImageBitmap(file, options);
  } catch {
    throw new Refusal("error.not_picture", { name });
  }
  if (!size && bitmap.width * bitmap.height >= TOO_LARGE) {
    const { width, height } = bitmap;
    bitmap.close();
    refuseLarge({ width, height });
  }
  return bitmap;
}
