/* A map of the registry's own territories, roads and doors: drawn here, from cells of the same server. */
const CELL = 0.01, METRES = 111320, LEAST_PX_M = 0.06, MOST_PX_M = 4, DOORS_FROM = 0.4, NAMES_FROM = 0.12;
const MOST_CELLS = 30;

export async function open(figure) {
  const words = figure.dataset, door = [Number(words.lon), Number(words.lat)];
  const frame = document.createElement("div");
  frame.className = "live";
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", words.label);
  const canvas = document.createElement("canvas");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", words.label);
  const bar = document.createElement("div");
  bar.className = "bar";
  frame.append(canvas, bar);
  const state = { at: [...door], scale: 0.6, cells: new Map(), wanted: false };
  const cell = (x, y) => {
    const key = `${x}/${y}`;
    if (!state.cells.has(key)) {
      state.cells.set(key, null);
      const day = words.at ? `?at=${words.at}` : "";
      fetch(`/map/${key}.json${day}`)
        .then((answered) => { if (!answered.ok) throw new Error(answered.status); return answered.json(); })
        .then((found) => { state.cells.set(key, found); soon(); })
        .catch(() => { state.cells.delete(key); });
    }
    return state.cells.get(key);
  };
  const east = Math.cos(door[1] * Math.PI / 180) * METRES;
  const onto = (lon, lat) => [
    (lon - state.at[0]) * east * state.scale + canvas.clientWidth / 2,
    (state.at[1] - lat) * METRES * state.scale + canvas.clientHeight / 2,
  ];
  const soon = () => {
    if (state.wanted) return;
    state.wanted = true;
    requestAnimationFrame(() => { state.wanted = false; draw(); });
  };
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function seen() {
    const half = [canvas.clientWidth / 2 / state.scale / east, canvas.clientHeight / 2 / state.scale / METRES];
    const found = [];
    for (let x = Math.floor((state.at[0] - half[0]) / CELL); x <= Math.floor((state.at[0] + half[0]) / CELL); x++)
      for (let y = Math.floor((state.at[1] - half[1]) / CELL); y <= Math.floor((state.at[1] + half[1]) / CELL); y++) found.push([x, y]);
    return found.slice(0, MOST_CELLS);
  }

  function trace(pen, origin, line) {
    for (let at = 0; at < line.length; at += 2) {
      const [x, y] = onto(origin[0] + line[at] / 1e6, origin[1] + line[at + 1] / 1e6);
      if (at) pen.lineTo(x, y); else pen.moveTo(x, y);
    }
  }

  function draw() {
    const ratio = devicePixelRatio || 1, wide = canvas.clientWidth, high = canvas.clientHeight;
    canvas.width = wide * ratio;
    canvas.height = high * ratio;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.fillStyle = colour("--ground");
    pen.fillRect(0, 0, wide, high);
    pen.lineJoin = pen.lineCap = "round";
    const cells = seen().map(([x, y]) => cell(x, y)).filter(Boolean);
    const each = (kind, work) => { for (const one of cells) for (const thing of one[kind]) work(one.origin, thing); };
    each("areas", (origin, [level, , rings]) => {
      pen.beginPath();
      for (const ring of rings) { trace(pen, origin, ring); pen.closePath(); }
      if (level === 5) { pen.fillStyle = colour("--village"); pen.fill("evenodd"); }
    });
    each("edges", (origin, [level, lines]) => {
      pen.beginPath();
      for (const line of lines) trace(pen, origin, line);
      pen.strokeStyle = colour("--edge");
      pen.lineWidth = level === 4 ? 2.5 : 1;
      pen.setLineDash(level === 4 ? [10, 5, 2, 5] : []);
      pen.stroke();
    });
    pen.setLineDash([]);
    const width = Math.max(2, Math.min(14, state.scale * 8));
    for (const [ink, more] of [["--casing", 3], ["--road", 0]]) each("roads", (origin, [, lines]) => {
      pen.beginPath();
      for (const line of lines) trace(pen, origin, line);
      pen.strokeStyle = colour(ink);
      pen.lineWidth = width + more;
      pen.stroke();
    });
    if (state.scale >= DOORS_FROM) each("doors", (origin, [lon, lat, number]) => {
      const [x, y] = onto(origin[0] + lon / 1e6, origin[1] + lat / 1e6);
      pen.beginPath();
      pen.arc(x, y, 2.5, 0, 7);
      pen.fillStyle = colour("--link");
      pen.fill();
      if (state.scale >= 1.4) write(pen, number, x, y - 9, 12);
    });
    const said = [];
    if (state.scale >= NAMES_FROM) each("roads", (origin, [name, lines]) => label(pen, origin, name, lines, said));
    marker(pen, ...onto(...door));
    scale(pen, high);
  }

  function write(pen, what, x, y, size) {
    pen.font = `${size}px system-ui, "Noto Sans CJK SC", sans-serif`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineWidth = 3.5;
    pen.strokeStyle = colour("--ground");
    pen.strokeText(what, x, y);
    pen.fillStyle = colour("--ink");
    pen.fillText(what, x, y);
  }

  function label(pen, origin, name, lines, said) {
    const longest = lines.reduce((one, other) => (other.length > one.length ? other : one), []);
    if (longest.length < 4) return;
    const middle = Math.floor(longest.length / 4) * 2;
    const [x, y] = onto(origin[0] + longest[middle] / 1e6, origin[1] + longest[middle + 1] / 1e6);
    if (said.some(([text, a, b]) => Math.hypot(a - x, b - y) < (text === name ? 260 : 70))) return;
    said.push([name, x, y]);
    write(pen, name, x, y, 14);
  }

  function marker(pen, x, y) {
    pen.beginPath();
    pen.arc(x, y - 22, 12, Math.PI * 0.85, Math.PI * 0.15);
    pen.lineTo(x, y);
    pen.closePath();
    pen.fillStyle = "#d3202c";
    pen.fill();
    pen.lineWidth = 2;
    pen.strokeStyle = "#fff";
    pen.stroke();
    pen.beginPath();
    pen.arc(x, y - 22, 4.5, 0, 7);
    pen.fillStyle = "#fff";
    pen.fill();
  }

  function scale(pen, high) {
    const fitting = [5, 10, 20, 50, 100, 200, 500, 1000].filter((metres) => metres * state.scale <= 110);
    const metres = fitting.length ? fitting[fitting.length - 1] : 5;
    pen.beginPath();
    pen.moveTo(14, high - 22);
    pen.lineTo(14, high - 15);
    pen.lineTo(14 + metres * state.scale, high - 15);
    pen.lineTo(14 + metres * state.scale, high - 22);
    pen.strokeStyle = colour("--ink");
    pen.lineWidth = 2;
    pen.stroke();
    write(pen, `${metres} m`, 14 + metres * state.scale / 2, high - 27, 13);
  }

  const zoom = (factor, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) => {
    const wanted = Math.min(MOST_PX_M, Math.max(LEAST_PX_M, state.scale * factor));
    const shift = [(x - canvas.clientWidth / 2), (y - canvas.clientHeight / 2)];
    state.at[0] += shift[0] / east * (1 / state.scale - 1 / wanted);
    state.at[1] -= shift[1] / METRES * (1 / state.scale - 1 / wanted);
    state.scale = wanted;
    soon();
  };
  const move = (x, y) => {
    state.at[0] -= x / state.scale / east;
    state.at[1] += y / state.scale / METRES;
    soon();
  };
  for (const [sign, name, work] of [
    ["+", words.in, () => zoom(1.6)], ["−", words.out, () => zoom(1 / 1.6)],
    ["◎", words.home, () => { state.at = [...door]; soon(); }],
  ]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.setAttribute("aria-label", name);
    button.title = name;
    button.addEventListener("click", work);
    bar.append(button);
  }
  const fingers = new Map();
  const spread = () => { const [a, b] = [...fingers.values()]; return Math.hypot(a[0] - b[0], a[1] - b[1]); };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const apart = fingers.size === 2 ? spread() : 0;
    fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (fingers.size === 2) {
      const [a, b] = [...fingers.values()];
      zoom(spread() / (apart || 1), (a[0] + b[0]) / 2, (a[1] + b[1]) / 2);
    } else move(event.offsetX - before[0], event.offsetY - before[1]);
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => fingers.delete(event.pointerId));
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
  }, { passive: false });
  canvas.addEventListener("dblclick", (event) => zoom(2, event.offsetX, event.offsetY));
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
    if (step) { event.preventDefault(); move(...step); }
    if (event.key === "+" || event.key === "=") zoom(1.6);
    if (event.key === "-") zoom(1 / 1.6);
  });
  new ResizeObserver(soon).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", soon);
  figure.querySelector("svg").before(frame);
  figure.classList.add("opened");
  canvas.focus({ preventScroll: true });
  soon();
}
