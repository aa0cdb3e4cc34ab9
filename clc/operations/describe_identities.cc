// DescribeIdentities: all accounts, users, keys and certificates, for Walrus' copy. Secrets are
// sealed to the asker's encryption key.
#include <algorithm>

#include "clc/operations/operations.h"
#include "clc/store/identities.h"

namespace angophora::clc::operations {
namespace {

constexpr int kWaitMaxMs = 60'000;

struct Snapshot {
  std::int64_t version = 0;
  std::vector<Account> accounts;
  std::vector<User> users;
  std::vector<AccessKey> keys;
  std::vector<UserCertificate> certificates;
};

Result<Snapshot> read_snapshot(Tx& tx) {
  Identities identities(tx);
  Snapshot snapshot;
  TRY(snapshot.version, identities.version());
  TRY(snapshot.accounts, identities.accounts());
  TRY(snapshot.users, identities.users());
  TRY(snapshot.keys, identities.access_keys());
  TRY(snapshot.certificates, identities.certificates());
  return snapshot;
}

using Reply = soap::cloud::DescribeIdentities::Reply;

template <class Row>
Row& grow(std::vector<Row>& rows) {
  return rows.emplace_back();
}

Result<> add_keys(const Snapshot& snapshot, const crypto::PublicKey& reader, Reply& reply) {
  for (const auto& key : snapshot.keys) {
    auto& row = grow(reply.accessKeys);
    row.accessKeyId = key.id;
    row.userId = key.user.value;
    row.active = key.active;
    TRY(row.sealedSecret, reader.encrypt_oaep(key.secret));
  }
  return common::ok();
}

// Slow: seals each secret.
Result<Reply> reply_of(const Snapshot& snapshot, const std::string& reader_der) {
  TRY(const auto reader, crypto::Certificate::from_der(reader_der));
  Reply reply;
  reply.version = snapshot.version;
  for (const auto& account : snapshot.accounts) {
    auto& row = grow(reply.accounts);
    row.accountId = account.id.value;
    row.name = account.name;
    row.canonicalId = account.canonical_id;
  }
  for (const auto& user : snapshot.users) {
    auto& row = grow(reply.users);
    row.userId = user.id.value;
    row.accountId = user.account.value;
    row.name = user.name;
    row.arn = arn_of(user);
  }
  for (const auto& certificate : snapshot.certificates) {
    auto& row = grow(reply.certificates);
    row.certificateId = certificate.id;
    row.userId = certificate.user.value;
    row.pem = certificate.pem;
    row.active = certificate.active;
  }
  TRY_VOID(add_keys(snapshot, reader.public_key(), reply));
  return reply;
}

}  // namespace

Task<Reply> describe_identities(Context& context, soap::Caller caller,
                                soap::cloud::DescribeIdentities::Request request) {
  auto& s = context.services;
  const auto reader = context.table.find(caller.name);
  if (!reader)
    co_return Error(common::Errc::permission_denied, caller.name.value + " is not registered");
  const std::chrono::milliseconds wait(std::clamp(request.waitMs, 0, kWaitMaxMs));
  const auto until = s.runtime.steady_now() + wait;
  const auto read = [](Tx& tx) { return read_snapshot(tx); };
  CO_TRY(auto snapshot, co_await s.db.read(read));
  while (snapshot.version <= request.knownVersion && !s.runtime.stopping()) {
    const auto left = until - s.runtime.steady_now();
    if (left <= common::Duration::zero()) break;
    co_await s.changes.identities.wait(s.runtime, left);
    CO_TRY(snapshot, co_await s.db.read(read));
  }
  auto seal = [snapshot, der = reader->encryption_certificate_der] {
    return reply_of(snapshot, der);
  };
  co_return co_await s.runtime.run_blocking(std::move(seal));
}

}  // namespace angophora::clc::operations
