import type { AppRun } from './measure-app.ts';
import { type Framework, type RouteName, ROUTES } from './routes.ts';
import { median } from './statistics.ts';
import { pairOf } from './summarize.ts';
import { NONE } from './variants.ts';

/** Two variants, round by round. */
export interface Duel {
  readonly framework: Framework;
  readonly variant: string;
  readonly peer: string;
  /** Rounds in which both ran. */
  readonly rounds: number;
  readonly routes: Readonly<Record<RouteName, RouteDuel>>;
}

export interface RouteDuel {
  /** Rounds in which the variant took less CPU time than the peer. */
  readonly won: number;
  /** What the variant adds to `none` over what the peer adds; the median of the rounds. NaN if `none` did not run. */
  readonly addedRatio: number;
}

/** `variant` against each of `peers`, on every framework where both ran. */
export function headToHead(runs: readonly AppRun[], variant: string, peers: readonly string[]): readonly Duel[] {
  const frameworks = [...new Set(runs.map(({ framework }) => framework))].toSorted();
  return frameworks.flatMap((framework) =>
    peers.flatMap((peer) => {
      const rounds = runs
        .filter((run) => run.framework === framework && run.variant === variant)
        .flatMap((own) => {
          const other = pairOf(own, peer, runs);
          return other === undefined ? [] : [{ own, other, none: pairOf(own, NONE, runs) }];
        });
      if (rounds.length === 0) return [];
      const routes = ROUTES.map(({ name }): [RouteName, RouteDuel] => {
        const added = (run: AppRun, none: AppRun | undefined): number =>
          run.routes[name].cpuUs - (none?.routes[name].cpuUs ?? Number.NaN);
        return [
          name,
          {
            won: rounds.filter(({ own, other }) => own.routes[name].cpuUs < other.routes[name].cpuUs).length,
            addedRatio: median(rounds.map(({ own, other, none }) => added(own, none) / added(other, none))),
          },
        ];
      });
      return [
        { framework, variant, peer, rounds: rounds.length, routes: Object.fromEntries(routes) as Duel['routes'] },
      ];
    }),
  );
}
