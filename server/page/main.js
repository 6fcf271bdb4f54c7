// Asks for the engine's state a few times a second, and has it drawn.

import { readState } from "./api.js";
import { drawBatch } from "./batch.js";
import { drawPool } from "./pool.js";
import "./talk.js";

const PAUSE = 200; // milliseconds between two looks
const connection = document.getElementById("connection");
const failure = document.getElementById("failure");

async function look() {
  try {
    const state = await readState();
    document.getElementById("model").textContent = state.model;
    failure.hidden = state.failure === null;
    failure.textContent = `The engine failed: ${state.failure}. The server's log has the traceback.`;
    drawPool(state);
    drawBatch(state);
    connection.textContent = state.failure === null ? "live" : "stopped";
    connection.classList.toggle("lost", state.failure !== null);
  } catch (error) {
    connection.textContent = error instanceof TypeError ? "the server does not answer" : error.message;
    connection.classList.add("lost");
  }
  setTimeout(look, document.hidden ? 10 * PAUSE : PAUSE);
}

look();
