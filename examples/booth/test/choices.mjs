// What voters choose in these tests, and what that adds up to.

/** All contests of a district answered, differently for each number. */
export function choices(style, number) {
  const pick = (list, step = 1) => list[Math.floor(number / step) % list.length];
  const everywhere = {
    mayor: number % 5 === 4 ? { mark: "blank" } : { votes: { [pick(["ada", "boris", "clara"])]: 1 } },
    parks: number % 7 === 6 ? { mark: "none" } : { votes: { [pick(["north", "river"])]: 1, [pick(["garden", "hill"], 2)]: 1 } },
    roads: { votes: { tram: number % 6, bridge: 5 - (number % 6) } },
    council: { ranks: number % 6 === 5 ? ["+Zoë Vale", "emil"] : [pick(["dora", "faye"]), pick(["emil", "goran"], 2)] },
    survey: { votes: { housing: 1, [pick(["schools", "trees"])]: 1 } },
    square: number % 4 === 3 ? { writeIn: "Rose Square" } : { votes: { [pick(["church", "linden"])]: 1 } },
  };
  const own = {
    north: { chef: { grades: { yara: number % 3, zeno: (number + 1) % 3 } }, site: { ranks: ["meadow", pick(["harbour", "mill"]), pick(["mill", "harbour"])] }, song: { ranks: [pick(["aurora", "comet"]), "breeze"] } },
    river: { chair: { votes: { ines: number % 6, jan: 3 } }, fund: { votes: { play: 3, pond: -2 } }, lists: { list: pick(["list-hill", "list-lake"]), votes: { tim: 2, vera: 1 } } },
    hill: { party: { votes: { orange: 1 } }, nominee: { votes: { [pick(["nils", "olga"])]: 1 } }, budget: { votes: { well: 1, trees: 1 } }, reserve: { votes: { roof: 40_000, lift: 60_000 } }, merger: { votes: { [pick(["yes", "no"])]: 1 } } },
  };
  return { ...everywhere, ...own[style] };
}

/** The sums of some contests over all ballots that count: by contest, by option. */
export function sums(all) {
  const totals = {};
  for (const one of all) {
    for (const id of ["mayor", "parks", "roads", "survey", "budget", "reserve", "party"]) {
      for (const [option, votes] of Object.entries(one[id]?.votes ?? {})) {
        totals[id] ??= {};
        totals[id][option] = (totals[id][option] ?? 0) + votes;
      }
    }
  }
  return totals;
}
