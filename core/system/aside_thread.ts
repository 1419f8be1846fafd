/**
 * The second thread that reads descriptors.
 *
 * @module
 */

import { Shared } from "./aside.ts";

globalThis.addEventListener("message", (event) => {
  const { data } = event as MessageEvent<SharedArrayBuffer>;
  new Shared(data).serve();
});
