// Lists who runs and who waits.

import { hueOf } from "./colour.js";
import { find } from "./pool.js";

const body = document.getElementById("batch");

export function drawBatch(state) {
  const rows = new Map([...body.children].map((row) => [row.dataset.id, row]));
  const ids = new Set(state.requests.map((request) => request.id));
  for (const [id, row] of rows) if (!ids.has(id)) row.remove();
  for (const request of state.requests) {
    const row = rows.get(request.id) ?? newRow(request);
    const values = [request.state, request.prompt_tokens, request.cached_tokens, request.output_tokens,
      request.preemptions, request.blocks.join(" ")];
    values.forEach((value, i) => { row.cells[i + 1].textContent = value; });
  }
  document.getElementById("idle").hidden = state.requests.length > 0;
  const hits = state.prefix_cache_queries
    ? Math.round((100 * state.prefix_cache_hits) / state.prefix_cache_queries) : 0;
  document.getElementById("figures").textContent =
    `${state.num_running} running, ${state.num_waiting} waiting · ` +
    `${state.num_blocks - state.num_free_blocks} of ${state.num_blocks} blocks of ` +
    `${state.block_size} tokens in use · ${state.num_steps} steps, ` +
    `${state.num_generated_tokens} tokens · ${hits} % of prompt tokens from the cache · ` +
    `${state.num_preemptions} preemptions`;
}

function newRow({ id, number }) {
  const row = body.insertRow();
  row.dataset.id = id;
  for (let i = 0; i < 7; i += 1) row.insertCell();
  const swatch = document.createElement("span");
  swatch.className = "swatch";
  swatch.style.setProperty("--hue", hueOf(number));
  row.cells[0].append(swatch, `#${number}`);
  row.addEventListener("mouseenter", () => find(number));
  row.addEventListener("mouseleave", () => find(null));
  return row;
}
