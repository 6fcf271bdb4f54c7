// Draws the pool: one square a block, in the colours of the requests that hold it.

import { colourOf } from "./colour.js";

const pool = document.getElementById("pool");

export function drawPool(state) {
  const holders = new Map();
  for (const request of state.requests) {
    for (const block of request.blocks) {
      if (!holders.has(block)) holders.set(block, []);
      holders.get(block).push(request.number);
    }
  }
  const cached = new Set(state.cached_blocks ?? []);
  while (pool.childElementCount < state.num_blocks) pool.append(newBlock());
  while (pool.childElementCount > state.num_blocks) pool.lastChild.remove();
  const counts = { free: 0, cached: 0, used: 0, shared: 0 };
  for (let block = 1; block <= state.num_blocks; block += 1) {
    const kind = drawBlock(pool.children[block - 1], block, holders.get(block) ?? [], cached.has(block));
    counts[kind] += 1;
  }
  for (const [kind, count] of Object.entries(counts)) {
    document.querySelector(`[data-count=${kind}]`).textContent = count;
  }
  pool.setAttribute("aria-label",
    `${state.num_blocks} blocks: ${counts.used} used, ${counts.shared} shared, ` +
    `${counts.cached} free and cached, ${counts.free} free`);
}

// Marks the blocks of one request; of none for null.
export function find(number) {
  for (const square of pool.children) {
    const holders = (square.dataset.holders ?? "").split(" ");
    square.classList.toggle("found", number !== null && holders.includes(String(number)));
  }
}

function newBlock() {
  const square = document.createElement("div");
  square.className = "block";
  return square;
}

function drawBlock(square, block, numbers, isCached) {
  const kind = numbers.length > 1 ? "shared" : numbers.length ? "used" : isCached ? "cached" : "free";
  const key = `${kind} ${isCached} ${numbers.join(" ")}`;
  if (square.dataset.key === key) return kind;
  square.dataset.key = key;
  square.dataset.holders = numbers.join(" ");
  square.classList.toggle("used", numbers.length > 0);
  square.classList.toggle("shared", numbers.length > 1);
  square.classList.toggle("cached", kind === "cached");
  square.style.setProperty("--fill", fill(numbers));
  const held = numbers.length ? `held by ${numbers.map((number) => `#${number}`).join(", ")}` : "free";
  square.title = `block ${block}: ${held}${isCached ? ", cached" : ""}`;
  return kind;
}

// Stripes, if there are several holders.
function fill(numbers) {
  const shown = numbers.slice(0, 6);
  const stops = shown.map((number, i) =>
    `${colourOf(number)} ${(100 * i) / shown.length}% ${(100 * (i + 1)) / shown.length}%`);
  return `linear-gradient(90deg, ${stops.join(", ")})`;
}
