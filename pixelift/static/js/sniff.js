// What a file is, from its first bytes; its name may lie. [name, shape of the first bytes, whether browsers show it]
const KINDS = [
  ["PNG", /^\x89PNG/, true],
  ["JPEG", /^\xff\xd8\xff/, true],
  ["WebP", /^RIFF....WEBP/s, true],
  ["GIF", /^GIF8/, true],
  ["BMP", /^BM/, true],
  ["AVIF", /^....ftypavi[fs]/s, false],
  ["TIFF", /^(II[*+]\0|MM\0[*+])/, false],
  ["HEIC", /^....ftyp(hei|hev|mif1|msf1)/s, false],
  ["SVG", /^\s*<(\?xml|svg)/, false],
  ["PDF", /^%PDF/, false],
  ["PSD", /^8BPS/, false],
  ["JPEG XL", /^(\xff\x0a|\0\0\0\x0cJXL )/, false],
];

// `readable`: the names, in small letters, of what the server reads.
export async function sniff(file, readable) {
  const bytes = new Uint8Array(await file.slice(0, 64).arrayBuffer());
  const head = String.fromCharCode(...bytes);
  const [name, , shown] = KINDS.find(([, shape]) => shape.test(head)) ?? [suffix(file.name), null, false];
  return { name, readable: readable.includes(name.toLowerCase()), shown };
}

const suffix = (name) => (/\.\w{1,5}$/.test(name) ? name.split(".").pop().toUpperCase() : "this file");
