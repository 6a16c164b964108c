// The file with the records that wait, for an office PC: the same ids and digests, so that it may come in twice, or beside
// the phone's own sending, and nothing is doubled.

import { deviceId, isWaiting, photosLeft, records } from "./outbox.js";
import { read } from "./store.js";

/** Give the file with the records of `user` to him to keep, under `name`. */
export async function saveFile(name, user) {
  const content = await exported(user);
  const address = URL.createObjectURL(new Blob([JSON.stringify(content)], { type: "application/json" }));
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

async function exported(user) {
  const waiting = (await records()).filter(isWaiting);
  const own = waiting.filter((record) => record.user === user);
  return {
    format: "chishang-outbox",
    version: 1,
    exported_at: new Date().toISOString(),
    device_id: await deviceId(),
    waiting: waiting.length, // of all who use this phone
    records: await Promise.all(own.map(asExported)),
  };
}

async function asExported(record) {
  const { op_id, user, user_name, kind, payload, sha256, made_at } = record;
  const photos = {};
  for (const photo of photosLeft(record)) {
    const blob = await read("blobs", [op_id, photo]);
    if (blob) photos[photo] = base64(new Uint8Array(blob.bytes));
  }
  return { op_id, user, user_name, kind, payload, sha256, made_at, photos };
}

function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
