// What a file is, from its first bytes; its name may lie. [name, whether we read it, whether browsers show it]
const KINDS = [
  ["PNG", /^\x89PNG/, true, true],
  ["JPEG", /^\xff\xd8\xff/, true, true],
  ["WebP", /^RIFF....WEBP/s, true, true],
  ["GIF", /^GIF8/, true, true],
  ["BMP", /^BM/, true, true],
  ["AVIF", /^....ftypavi[fs]/s, true, false],
  ["TIFF", /^(II[*+]\0|MM\0[*+])/, true, false],
  ["HEIC", /^....ftyp(hei|hev|mif1|msf1)/s, false, false],
  ["SVG", /^\s*<(\?xml|svg)/, false, false],
  ["PDF", /^%PDF/, false, false],
  ["PSD", /^8BPS/, false, false],
  ["JPEG XL", /^(\xff\x0a|\0\0\0\x0cJXL )/, false, false],
];

export async function sniff(file) {
  const bytes = new Uint8Array(await file.slice(0, 64).arrayBuffer());
  const head = String.fromCharCode(...bytes);
  const [name, , readable, shown] = KINDS.find(([, shape]) => shape.test(head)) ?? [suffix(file.name), null, false, false];
  return { name, readable, shown };
}

const suffix = (name) => (/\.\w{1,5}$/.test(name) ? name.split(".").pop().toUpperCase() : "this file");
