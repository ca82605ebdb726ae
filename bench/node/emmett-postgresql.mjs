import { getPostgreSQLEventStore } from "@event-driven-io/emmett-postgresql";
import { commands } from "./emmett.mjs";

const [address, clients, seconds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const store = getPostgreSQLEventStore(address, { schema: { autoMigration: "None" } });
await store.schema.migrate();
await commands(store, clients, seconds);
