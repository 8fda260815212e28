import type { SchemaTable } from "../api/types.ts";
import { Section } from "../shell/Page.tsx";
import { useWords } from "../words/language.ts";
import { box, placeTables, relationsOf } from "./relations.ts";
import type { Place, Relation } from "./relations.ts";

/** More would be a tangle: the list below says the same. */
const relationsMax = 80;

/** Which tables name each other's rows, drawn; each table leads to itself. */
export function Relations({ tables, onTable }: { tables: readonly SchemaTable[]; onTable: (table: string) => void }) {
  const words = useWords().catalog;
  const relations = relationsOf(tables).slice(0, relationsMax);
  if (relations.length === 0) return null;
  const { places, width, height } = placeTables(relations);
  const placeOf = (table: string): Place => places.find((place) => place.table === table)!;
  return (
    <Section title={words.relations}>
      <p className="text-ink-2 text-[0.9rem] mb-3">{words.relationsText}</p>
      <div className="overflow-auto max-h-[520px] rounded-lg border border-line p-4 bg-paper" tabIndex={0} role="group" aria-label={words.relations}>
        <div className="relative" style={{ width, height }}>
          <svg width={width} height={height} className="absolute inset-0 pointer-events-none" aria-hidden>
            {relations.map((relation) => <Line key={`${relation.from} ${relation.columns.join()} ${relation.to}`} relation={relation} from={placeOf(relation.from)} to={placeOf(relation.to)} />)}
          </svg>
          {places.map((place) => (
            <button
              key={place.table} type="button" onClick={() => onTable(place.table)}
              className="absolute text-left rounded-md border border-line-2/70 bg-paper-2 hover:border-accent overflow-hidden px-2 text-[0.82rem]" style={{ left: place.x, top: place.y, width: box.width, height: place.height }}
            >
              <span className="block font-semibold truncate" style={{ lineHeight: `${box.head - 2}px` }}>{place.table}</span>
              {place.columns.map((column) => <span key={column} className="block font-mono text-[0.76rem] text-ink-2 truncate" style={{ lineHeight: `${box.line}px` }}>{column}</span>)}
            </button>
          ))}
        </div>
      </div>
      <ul className="sr-only">
        {relations.map(({ from, columns, to, isGuessed }) => <li key={`${from} ${columns.join()} ${to}`}>{words.relationsOf(`${from}.${columns.join(", ")}`, to)}{isGuessed ? ` (${words.guessed})` : ""}</li>)}
      </ul>
    </Section>
  );
}

function Line({ relation: { columns, isGuessed }, from, to }: { relation: Relation; from: Place; to: Place }) {
  const y1 = from.y + box.head + (from.columns.indexOf(columns[0] ?? "") + 0.5) * box.line;
  const y2 = to.y + box.head / 2;
  // To the right where there is room; a table that names itself, or one to its left, is reached around its side.
  const isRight = to.x > from.x;
  const [x1, x2] = [from.x + box.width, isRight ? to.x : to.x + box.width];
  const bend = isRight ? Math.max(30, (x2 - x1) / 2) : 40;
  const [c1, c2] = [x1 + bend, isRight ? x2 - bend : x2 + bend];
  return (
    <g stroke="var(--accent)" fill="none" strokeWidth={1.5} strokeDasharray={isGuessed ? "4 3" : undefined}>
      <path d={`M${x1},${y1} C${c1},${y1} ${c2},${y2} ${x2},${y2}`} />
      <circle cx={x2} cy={y2} r={3} fill="var(--accent)" strokeDasharray="none" />
    </g>
  );
}
