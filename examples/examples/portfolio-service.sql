-- Run at every start: what is there already stays as it is.
CREATE TABLE IF NOT EXISTS products (
    user   INTEGER NOT NULL,
    name   TEXT    NOT NULL,
    pieces INTEGER NOT NULL,
    PRIMARY KEY (user, name)
);
CREATE TABLE IF NOT EXISTS accounts (
    id        INTEGER PRIMARY KEY,
    balance   INTEGER NOT NULL CHECK (balance >= 0), -- cents
    transfers INTEGER NOT NULL DEFAULT 0
);

-- Users and accounts 1 to 100.
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100)
INSERT OR IGNORE INTO accounts (id, balance) SELECT n, 10000000 FROM numbers;
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100)
INSERT OR IGNORE INTO products (user, name, pieces) SELECT n, 'bond', 1 + n % 7 FROM numbers;
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100)
INSERT OR IGNORE INTO products (user, name, pieces) SELECT n, 'gold', 1 + n % 3 FROM numbers WHERE n % 2 = 0;
