import type { Clock } from "../clock.ts";
import type { Account } from "./account.ts";
import { AccountHoldings, type HoldingsStore, memoryHoldings } from "./account-holdings.ts";
import { AccountPlaces } from "./account-places.ts";
import { AccountRates, memoryRates, type RateStore } from "./account-rates.ts";

interface AccountStores {
  rates?: RateStore;
  holdings?: HoldingsStore;
}

/** The counts of one principal. Without stores they begin anew with the process. */
export function createAccount(clock: Clock, stores: AccountStores = {}): Account {
  const rates = new AccountRates(stores.rates ?? memoryRates());
  const holdings = new AccountHoldings(stores.holdings ?? memoryHoldings());
  const places = new AccountPlaces(clock);
  return {
    takeTokens: async (of, wanted) => rates.take(of, wanted, clock.now()),
    takePlaces: (of, wanted) => places.take(of, wanted),
    returnPlaces: async (holder, returned) => places.return(holder, returned),
    keepPlaces: async (holder, kept) => places.keep(holder, kept),
    hold: async (session, wanted) => holdings.hold(session, wanted, clock.now()),
  };
}
