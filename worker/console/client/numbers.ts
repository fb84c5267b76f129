import uPlot from "uplot";

/* Draws the plots of the numbers' page from the rows of its table. */

interface Point {
  /** Milliseconds since the epoch. */
  at: number;
  [key: string]: number | undefined;
}

const rows = [...document.querySelectorAll<HTMLElement>("#steps [data-point]")];
const points = rows.map(({ dataset }): Point => JSON.parse(dataset.point ?? "{}")).toReversed();
const stepMs = (points[1]?.at ?? 0) - (points[0]?.at ?? 0);

const figures = [...document.querySelectorAll<HTMLElement>("figure[data-keys]")];
let plots = figures.map(draw);
// Its colours are in the picture.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const plot of plots) plot.destroy();
  plots = figures.map(draw);
});
for (const [at, figure] of figures.entries())
  new ResizeObserver(() => plots[at]?.setSize({ width: figure.clientWidth, height: 180 })).observe(figure);

function draw(figure: HTMLElement): uPlot {
  figure.hidden = false;
  const keys = (figure.dataset.keys ?? "").split(" ");
  const valuesOf = (key: string) => points.map((point) => point[key] ?? null);
  const ink = getComputedStyle(figure).color;
  const axis = { stroke: ink, grid: { stroke: ink, width: 0.2 }, ticks: { show: false } };
  const plot = new uPlot(
    {
      width: figure.clientWidth,
      height: 180,
      legend: { show: false },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), "Etc/UTC"),
      scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, (max ?? 0) * 1.1)] } },
      axes: [
        { ...axis, values: (_plot, splits) => splits.map(timeOf) },
        { ...axis, size: 60 },
      ],
      series: [
        {},
        ...keys.map((key, at) => ({
          label: key,
          stroke: colourOf(figure, at === 0 ? ".first" : ".second"),
          width: 2,
          ...(at > 0 && { dash: [6, 4] }),
          points: { show: true, size: 5 },
        })),
      ],
    },
    [points.map(({ at }) => at / 1_000), ...keys.map(valuesOf)],
    figure,
  );
  // What it shows is in the table below.
  plot.root.ariaHidden = "true";
  return plot;
}

/** As the table has it: the day where steps are long, otherwise the time of day. */
function timeOf(seconds: number): string {
  const iso = new Date(seconds * 1_000).toISOString();
  return stepMs >= 6 * 3_600_000 ? iso.slice(5, 10) : iso.slice(11, 16);
}

/** As the caption has it, in light and in dark. */
function colourOf(figure: HTMLElement, selector: string): string {
  return getComputedStyle(figure.querySelector(selector) ?? figure).color;
}
