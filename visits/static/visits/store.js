// What lies on the phone: one IndexedDB database, and the only way to read and write it.
//
// outbox     records that are final, by op_id; never changed in what was typed
// blobs      the bytes of their photos, by [op_id, sha256]
// drafts     what is being typed, by "user/kind/subject"
// reference  the households and issues of one's villages, under "list"
// meta       the device, the account, the last roll-call, by name

const NAME = "visits";
const VERSION = 1;

let opening;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const db = request.result;
      db.createObjectStore("outbox", { keyPath: "op_id" }).createIndex("seq", "seq");
      db.createObjectStore("blobs", { keyPath: ["op_id", "sha256"] });
      db.createObjectStore("drafts", { keyPath: "key" });
      db.createObjectStore("reference");
      db.createObjectStore("meta");
    };
    request.onsuccess = () => {
      const db = request.result;
      // The system closes connections at will, and a newer page may want to upgrade: the next call opens anew.
      db.onclose = forget;
      db.onversionchange = () => {
        db.close();
        forget();
      };
      resolve(db);
    };
    request.onerror = () => {
      forget();
      reject(request.error);
    };
  });
  return opening;
}

function forget() {
  opening = undefined;
}

async function begin(stores, mode) {
  try {
    return (await open()).transaction(stores, mode, { durability: "strict" });
  } catch (error) {
    if (error.name !== "InvalidStateError") throw error;
    forget(); // the connection was closed behind our back
    return (await open()).transaction(stores, mode, { durability: "strict" });
  }
}

/** The result of one request. */
export function got(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * Do `work` in one transaction and give its result once everything is on the disk, or nothing is stored.
 * `work` takes a function from a store's name to the store, and may wait for nothing but its requests. Its second
 * argument ends the transaction at once, without waiting for the page.
 */
export async function transaction(stores, mode, work) {
  const tx = await begin(stores, mode);
  return new Promise((resolve, reject) => {
    let result;
    let fault;
    tx.oncomplete = () => resolve(result);
    tx.onabort = () => reject(tx.error ?? fault ?? new DOMException("", "AbortError"));
    const commit = () => tx.commit?.();
    const run = async () => {
      try {
        result = await work((name) => tx.objectStore(name), commit);
      } catch (error) {
        fault = error;
        if (tx.error === null) tx.abort();
      }
    };
    run().catch(() => {}); // the transaction has ended already, and onabort has told
  });
}

/** Read one value. */
export function read(store, key) {
  return transaction([store], "readonly", (at) => got(at(store).get(key)));
}

/** Read all values. */
export function readAll(store) {
  return transaction([store], "readonly", (at) => got(at(store).getAll()));
}

/** Write one value; `key` only for stores whose values do not hold it. It outlives a page that is being closed. */
export function write(store, value, key) {
  return transaction([store], "readwrite", (at, commit) => {
    at(store).put(value, key);
    commit();
  });
}

/** Remove one value. */
export function remove(store, key) {
  return transaction([store], "readwrite", (at) => got(at(store).delete(key)));
}

/** Whether this browser can keep records: what we need is there and a value comes back as it was written. */
export async function usable() {
  try {
    if (!globalThis.crypto?.subtle || !globalThis.indexedDB) return false;
    await write("meta", "works", "test");
    return (await read("meta", "test")) === "works";
  } catch {
    return false;
  }
}
