// The two requests that this page makes: a streamed completion, and the engine's state.

export async function readState() {
  const answer = await fetch("/debug/state");
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error.message);
  return body;
}

// Calls onEvent with every piece of the stream. Throws what the server says is wrong.
export async function complete(fields, signal, onEvent) {
  const answer = await fetch("/v1/completions", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...fields, stream: true, stream_options: { include_usage: true } }),
    signal,
  });
  if (!answer.ok) throw new Error((await answer.json()).error.message);
  for await (const data of events(answer.body)) {
    if (data === "[DONE]") return;
    const event = JSON.parse(data);
    if (event.error) throw new Error(event.error.message);
    onEvent(event);
  }
  throw new Error("The connection broke.");
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (text + value).split("\n\n");
    text = parts.pop();
    for (const part of parts) yield part.replace(/^data: /, "");
  }
}
