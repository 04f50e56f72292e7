-- Responses to requests with an Idempotency-Key, which are returned again when one is repeated.

create table idempotency_keys (
    user_id     bigint not null references users on delete cascade,
    key         text collate "C" not null,
    -- A digest of the request: the same key with another request is an error of the client.
    fingerprint text not null,
    status      bigint not null,
    body        text not null,
    created_at  timestamptz not null,
    primary key (user_id, key)
);

-- For removing the oldest first.
create index idempotency_keys_by_age on idempotency_keys (created_at);
