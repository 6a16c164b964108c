// Photos of a visit: read at once, shrunk in the browser to what the server takes, without place or time of the camera.

import { sha256 } from "./outbox.js";
import { make } from "./phone.js";

const MOST = 3;
const LONGEST_SIDE = 1600; // pixels
const PREVIEW_SIDE = 320;
const MOST_BYTES = 300 * 1024;
const QUALITIES = [0.8, 0.6, 0.45];
const MIME = "image/jpeg";

/** The field for photos. `photos` is changed in place; `changed` is called after each change. */
export class PhotoField {
  constructor(place, photos, changed) {
    this.photos = photos;
    this.changed = changed;
    this.input = place.querySelector("input");
    this.field = place.querySelector("[data-photo-field]");
    this.list = place.querySelector("[data-photo-list]");
    this.note = place.querySelector("[data-photo-note]");
    this.show();
  }

  show() {
    this.list.replaceChildren(...this.photos.map((photo) => this.card(photo)));
    this.field.hidden = this.photos.length >= MOST;
  }

  /** Take the file that was chosen. It is read at once: some phones take it away soon. */
  async take() {
    const [file] = this.input.files;
    if (!file) return;
    this.note.textContent = "正在缩小照片……";
    try {
      const photo = await shrink(file);
      if (!this.photos.some(({ sha256: known }) => known === photo.sha256)) this.photos.push(photo);
      this.note.textContent = "";
    } catch {
      this.note.textContent = "这张照片读不出来。可以换一张，也可以不拍。";
    }
    this.input.value = "";
    this.show();
    await this.changed();
  }

  async drop(photo) {
    this.photos.splice(this.photos.indexOf(photo), 1);
    this.show();
    await this.changed();
  }

  card(photo) {
    const canvas = make("canvas", { class: "photo", role: "img", "aria-label": "照片" });
    preview(canvas, photo);
    const drop = make("button", { type: "button", class: "button button--plain", click: () => this.drop(photo) });
    drop.append("删去这张");
    return make("li", { class: "photos__one" }, canvas, drop);
  }
}

async function preview(canvas, { bytes, mime }) {
  const image = await createImageBitmap(new Blob([bytes], { type: mime }));
  draw(canvas, image, PREVIEW_SIDE);
  image.close();
}

/** The photo as JPEG of at most 1600 px and 300 KB, as bytes that need no file any more. */
async function shrink(file) {
  const image = await createImageBitmap(file);
  try {
    for (let side = LONGEST_SIDE; ; side = Math.floor(side * 0.75)) {
      const canvas = make("canvas");
      draw(canvas, image, side);
      for (const quality of QUALITIES) {
        const blob = await new Promise((resolve) => canvas.toBlob(resolve, MIME, quality));
        if (blob.size > MOST_BYTES) continue;
        const bytes = await blob.arrayBuffer();
        return { sha256: await sha256(bytes), mime: MIME, bytes };
      }
    }
  } finally {
    image.close();
  }
}

function draw(canvas, image, longest) {
  const scale = Math.min(1, longest / Math.max(image.width, image.height));
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
}
