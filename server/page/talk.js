// Sends what is written, and shows the answers as they come.

import { complete } from "./api.js";
import { hueOf, numberOf } from "./colour.js";

const form = document.getElementById("ask");
const answers = document.getElementById("answers");
const LONGEST_PLAY = 2400; // characters: what is older is left out, and its blocks are not hit again
const OPENINGS = ["O", "I", "What", "My", "The", "If", "Now", "He", "Thou", "We", "This", "No"];
const SCENE = "FIRST CITIZEN.\nBefore we proceed any further, hear me speak.\n\nALL.\nSpeak, speak.\n\n" +
  "FIRST CITIZEN.\nYou are all resolved rather to die than to famish?\n\nALL.\nResolved, resolved.\n\n";

let play = [];
const underWay = new Set();

form.addEventListener("change", showMode);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = form.text.value;
  if (form.mode.value === "chat") chat(text);
  else ask([text], [text]);
});
document.getElementById("crowd").addEventListener("click", () => {
  // One HTTP request with many prompts: browsers open six connections to a server at most.
  const prompts = OPENINGS.map((opening) => `${SCENE}FIRST CITIZEN.\n${opening}`);
  ask(prompts, OPENINGS.map((opening) => `… ${opening}`));
});
document.getElementById("halt").addEventListener("click", halt);
document.getElementById("clear").addEventListener("click", () => {
  halt();
  play = [];
  answers.replaceChildren();
});
showMode();

function showMode() {
  form.classList.toggle("complete", form.mode.value === "complete");
}

function halt() {
  for (const controller of underWay) controller.abort();
}

async function chat(text) {
  const speech = (name, words) => `${name.toUpperCase()}.\n${words.trim()}\n\n`;
  const turn = speech(form.me.value, text);
  form.text.value = "";
  play.push(turn);
  while (play.join("").length > LONGEST_PLAY && play.length > 1) play.shift();
  const prompt = `${play.join("")}${form.you.value.toUpperCase()}.\n`;
  const [answer] = await ask([prompt], [turn.trim()]);
  if (answer) play.push(speech(form.you.value, answer));
}

function wanted(prompts) {
  const fields = {
    prompt: prompts,
    max_tokens: form.max_tokens.valueAsNumber,
    temperature: form.temperature.valueAsNumber,
  };
  if (form.seed.value) fields.seed = form.seed.valueAsNumber;
  if (form.stop.value) fields.stop = form.stop.value;
  return fields;
}

// Gives the texts of the answers, as far as they came.
async function ask(prompts, asked) {
  const cards = asked.map((question) => newCard(question, asked.length > 1));
  const notes = cards.map((card) => card.note);
  const texts = prompts.map(() => "");
  const controller = new AbortController();
  underWay.add(controller);
  try {
    await complete(wanted(prompts), controller.signal, (event) => {
      for (const { index, text, finish_reason } of event.choices) {
        texts[index] += text;
        cards[index].text.textContent = texts[index];
        cards[index].root.style.setProperty("--hue", hueOf(numberOf(event.id) + index));
        if (finish_reason) notes[index].textContent = `ended by ${finish_reason}`;
      }
      if (event.usage) notes.at(-1).textContent += ` · ${usageNote(event.usage)}`;
      answers.scrollTop = answers.scrollHeight;
    });
  } catch (error) {
    const isOurs = error.name === "AbortError";
    notes.at(-1).textContent = isOurs ? "stopped" : error.message;
    notes.at(-1).classList.toggle("bad", !isOurs);
  } finally {
    underWay.delete(controller);
  }
  return texts;
}

function usageNote(usage) {
  const cached = usage.prompt_tokens_details.cached_tokens;
  return `${usage.prompt_tokens} prompt tokens (${cached} cached), ${usage.completion_tokens} generated`;
}

function newCard(asked, small) {
  const root = document.createElement("div");
  root.className = small ? "answer small" : "answer";
  const [question, text, note] = ["asked", "text", "note"].map((name) => {
    const paragraph = document.createElement("p");
    paragraph.className = name;
    root.append(paragraph);
    return paragraph;
  });
  question.textContent = asked;
  note.textContent = "…";
  answers.append(root);
  answers.scrollTop = answers.scrollHeight;
  return { root, text, note };
}
