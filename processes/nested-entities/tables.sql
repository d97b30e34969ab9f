-- Educational profiles: a person, the profile, the order that is the reason for it, and the transaction that binds the two.
-- Runs as it is on PostgreSQL and on SQLite.

CREATE TABLE person_profile (
  person_profile_id UUID PRIMARY KEY,
  last_name VARCHAR(100) NOT NULL,
  first_name VARCHAR(100) NOT NULL,
  second_name VARCHAR(100),
  birthday TIMESTAMP NOT NULL
);

CREATE TABLE person_edu_profile (
  person_edu_profile_id UUID PRIMARY KEY,
  person_profile_id UUID NOT NULL REFERENCES person_profile (person_profile_id)
);

CREATE TABLE orders (
  orders_id UUID PRIMARY KEY,
  orders_type VARCHAR(50) NOT NULL,
  orders_number VARCHAR(30) NOT NULL UNIQUE,
  orders_date TIMESTAMP NOT NULL,
  person_profile_id UUID NOT NULL REFERENCES person_profile (person_profile_id)
);

CREATE TABLE "transaction" (
  transaction_id UUID PRIMARY KEY,
  person_edu_profile_id UUID NOT NULL REFERENCES person_edu_profile (person_edu_profile_id),
  orders_id UUID NOT NULL REFERENCES orders (orders_id)
);
