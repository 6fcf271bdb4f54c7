// A request's colour. Requests are numbered; the golden angle keeps neighbours apart.

// The number stands in the id: "cmpl-7-...".
export function numberOf(id) {
  return Number(id.split("-")[1]);
}

export function hueOf(number) {
  return Math.round(number * 137.508) % 360;
}

export function colourOf(number) {
  return `hsl(${hueOf(number)} 70% 50%)`;
}
