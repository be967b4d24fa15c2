// Frames of one person cut from the sample photographs of npm @vladmandic/face-api.
import fs from 'node:fs';
import path from 'node:path';
import jpeg from 'jpeg-js';

const photos = new Map();

export function photo(dir, name) {
  if (!photos.has(name)) photos.set(name, jpeg.decode(fs.readFileSync(path.join(dir, name)), { useTArray: true, formatAsRGBA: false }));
  return photos.get(name);
}

// Box (pixels of the photograph) at width x height, bilinear; { width, height, data: Uint8Array of RGB }
export function cut(source, box, width, height) {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const sy = Math.min(source.height - 1, Math.max(0, box.top + (y + 0.5) * box.height / height - 0.5));
    const y0 = Math.floor(sy); const y1 = Math.min(y0 + 1, source.height - 1); const fy = sy - y0;
    for (let x = 0; x < width; x++) {
      const sx = Math.min(source.width - 1, Math.max(0, box.left + (x + 0.5) * box.width / width - 0.5));
      const x0 = Math.floor(sx); const x1 = Math.min(x0 + 1, source.width - 1); const fx = sx - x0;
      for (let c = 0; c < 3; c++) {
        const at = (px, py) => source.data[(py * source.width + px) * 3 + c];
        const top = at(x0, y0) * (1 - fx) + at(x1, y0) * fx;
        const bottom = at(x0, y1) * (1 - fx) + at(x1, y1) * fx;
        data[(y * width + x) * 3 + c] = Math.round(top * (1 - fy) + bottom * fy);
      }
    }
  }
  return { width, height, data };
}
