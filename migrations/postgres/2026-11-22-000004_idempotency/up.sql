-- What was answered to requests that came with an Idempotency-Key, for their repetitions.

create table idempotency_keys (
    user_id     bigint not null references users on delete cascade,
    key         text collate "C" not null,
    -- A digest of the request: the same key with another request is a mistake of the client's.
    fingerprint text not null,
    status      bigint not null,
    body        text not null,
    created_at  timestamptz not null,
    primary key (user_id, key)
);

-- The oldest first, which are removed first.
create index idempotency_keys_by_age on idempotency_keys (created_at);
