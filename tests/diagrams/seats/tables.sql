-- What the transactions of these diagrams write.

CREATE TABLE seat (
  seat_id UUID PRIMARY KEY,
  passenger VARCHAR(50) NOT NULL
);
