import type { Bars, Lines } from './report.ts'

const colours = ['#0b6e99', '#d9730d', '#0f7b6c', '#ad1a72', '#6940a5', '#64473a', '#9b9a97']
const colour = (at: number): string => colours[at % colours.length] ?? '#000'

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** A number with three significant digits, short enough for an axis. */
export function short(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))} M`
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))} k`
  return String(Number(value.toPrecision(3)))
}

const text = (x: number, y: number, words: string, more = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escaped(words)}</text>`

const picture = (width: number, height: number, title: string, parts: ReadonlyArray<string>): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#333">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(12, 22, title, 'font-size="14" font-weight="bold"'),
    ...parts,
    '</svg>\n',
  ].join('\n')

function barsSvg({ title, unit, bars, mark }: Bars): string {
  const [left, width, step, top] = [210, 720, 28, 40]
  const most = Math.max(...bars.map(({ value }) => value), mark ?? 0)
  const scale = (value: number): number => (value / most) * (width - left - 110)
  const bottom = top + bars.length * step
  const parts = bars.flatMap(({ label, value }, at) => {
    const y = top + at * step
    return [
      text(left - 8, y + 16, label, 'text-anchor="end"'),
      `<rect x="${left}" y="${y + 3}" width="${scale(value).toFixed(1)}" height="${step - 9}" fill="${colour(label.startsWith('rxjobs') ? 0 : 6)}"/>`,
      text(left + scale(value) + 6, y + 16, `${short(value)} ${unit}`),
    ]
  })
  const line =
    mark === undefined
      ? []
      : [
          `<line x1="${(left + scale(mark)).toFixed(1)}" x2="${(left + scale(mark)).toFixed(1)}" y1="${top - 4}" y2="${bottom}" stroke="${colour(1)}" stroke-dasharray="4 3"/>`,
          text(left + scale(mark) + 4, bottom + 12, `mark ${short(mark)}`, `fill="${colour(1)}"`),
        ]
  return picture(width, bottom + 22, title, [...parts, ...line])
}

function linesSvg({ title, x, y, log = false, series }: Lines): string {
  const [left, top, right, bottom, width, height] = [70, 40, 540, 320, 720, 366]
  const place = (value: number): number => (log ? Math.log10(value) : value)
  const axis = (values: ReadonlyArray<number>, from: number, to: number): ((value: number) => number) => {
    const low = log ? Math.min(...values.map(place)) : Math.min(0, ...values)
    const span = Math.max(...values.map(place)) - low || 1
    return (value) => from + ((place(value) - low) / span) * (to - from)
  }
  const points = series.flatMap((one) => one.points)
  const [xs, ys] = [points.map(([at]) => at), points.map(([, at]) => at)]
  const [toX, toY] = [axis(xs, left, right), axis(ys, bottom, top)]
  const ticks = (values: ReadonlyArray<number>): ReadonlyArray<number> => {
    const [low, high] = [log ? Math.min(...values) : Math.min(0, ...values), Math.max(...values)]
    return [0, 0.25, 0.5, 0.75, 1].map((part) => (log ? low * (high / low) ** part : low + (high - low) * part))
  }
  return picture(width, height, title, [
    `<path d="M${left},${top}V${bottom}H${right}" fill="none" stroke="#999"/>`,
    ...ticks(xs).map((at) => text(toX(at), bottom + 16, short(at), 'text-anchor="middle"')),
    ...ticks(ys).map((at) => text(left - 6, toY(at) + 4, short(at), 'text-anchor="end"')),
    text((left + right) / 2, bottom + 36, x, 'text-anchor="middle"'),
    text(left, top - 6, y, 'text-anchor="start" font-size="11"'),
    ...series.flatMap(({ label, points: own }, at) => [
      `<polyline fill="none" stroke="${colour(at)}" stroke-width="1.8" points="${own.map((point) => `${toX(point[0]).toFixed(1)},${toY(point[1]).toFixed(1)}`).join(' ')}"/>`,
      `<rect x="${right + 16}" y="${top + at * 20}" width="10" height="10" fill="${colour(at)}"/>`,
      text(right + 32, top + 9 + at * 20, label),
    ]),
  ])
}

/** A plot as an SVG document. */
export function svg(plot: Bars | Lines): string {
  return plot.kind === 'bars' ? barsSvg(plot) : linesSvg(plot)
}
