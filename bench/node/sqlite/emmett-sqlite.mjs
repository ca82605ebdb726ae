import { createEventStoreSchema, getSQLiteEventStore, sqliteConnection } from "@event-driven-io/emmett-sqlite";
import { commands } from "../emmett.mjs";

const [fileName, clients, seconds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const connection = sqliteConnection({ fileName });
await createEventStoreSchema(connection);
connection.close();
await commands(getSQLiteEventStore({ fileName, schema: { autoMigration: "None" } }), clients, seconds);
