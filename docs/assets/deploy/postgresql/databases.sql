-- On the server of the ledger.
CREATE ROLE ledger LOGIN PASSWORD 'CHANGE-ME';
CREATE DATABASE ledger OWNER ledger TEMPLATE template0 ENCODING 'UTF8';
CREATE ROLE views LOGIN PASSWORD 'CHANGE-ME';
CREATE DATABASE views OWNER views TEMPLATE template0 ENCODING 'UTF8';

-- On the server of the keys, which is backed up apart and whose copies are kept for less long.
CREATE ROLE ledger_keys LOGIN PASSWORD 'CHANGE-ME';
CREATE DATABASE ledger_keys OWNER ledger_keys TEMPLATE template0 ENCODING 'UTF8';
