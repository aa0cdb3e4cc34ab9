#include "walrus/clients/identity_follower.h"

#include <algorithm>

#include "common/log/log.h"
#include "common/soap/contracts.h"
#include "walrus/store/identity_copy.h"

namespace angophora::walrus {
namespace {

using namespace std::chrono_literals;
using DescribeIdentities = soap::cloud::DescribeIdentities;

constexpr auto kPoll = 20s;
constexpr auto kPauseMin = 500ms;
constexpr auto kPauseMax = 15s;
// How often it is written down that the copy is still current.
constexpr auto kCheckedEvery = 60s;

IdentityList list_of(const DescribeIdentities::Reply& reply) {
  IdentityList list;
  list.version = reply.version;
  for (const auto& a : reply.accounts)
    list.accounts.push_back({common::AccountId(a.accountId), a.name, a.canonicalId});
  for (const auto& u : reply.users)
    list.users.push_back({common::UserId(u.userId), common::AccountId(u.accountId), u.name, u.arn});
  for (const auto& k : reply.accessKeys)
    list.keys.push_back({k.accessKeyId, common::UserId(k.userId), k.sealedSecret, k.active});
  return list;
}

Task<> keep(IdentityBook& book, db::Database& db, IdentityList list, common::SysTime now) {
  const StoredIdentities stored{list.version, now, store_identities(list)};
  if (list.version < book.version())
    log::warn("identities.went_back", {{"version", list.version}, {"known", book.version()}});
  log::info("identities.changed", {{"version", list.version}, {"accounts", list.accounts.size()}});
  book.replace(std::move(list), now);
  auto save = [stored](db::Tx& tx) { return IdentityCopy(tx).save(stored); };
  co_return co_await db.write(std::move(save));
}

Task<> confirm(IdentityBook& book, db::Database& db, common::SysTime now,
               common::SysTime& written) {
  book.set_checked(now);
  if (now - written < kCheckedEvery) co_return common::ok();
  written = now;
  auto save = [now](db::Tx& tx) { return IdentityCopy(tx).set_checked(now); };
  co_return co_await db.write(std::move(save));
}

Task<> poll(common::Runtime& runtime, soap::Channel& channel, common::ServiceName cloud,
            IdentityBook& book, db::Database& db, common::SysTime& written) {
  DescribeIdentities::Request request;
  request.knownVersion = book.version();
  request.waitMs = static_cast<int>(std::chrono::milliseconds(kPoll).count());
  soap::CallOptions options;
  options.timeout = kPoll + 10s;
  CO_TRY(const auto reply, co_await soap::call<DescribeIdentities>(
                               channel, std::move(cloud), std::move(request), std::move(options)));
  const auto now = runtime.now();
  if (reply.version == book.version()) co_return co_await confirm(book, db, now, written);
  auto list = list_of(reply);
  co_return co_await keep(book, db, std::move(list), now);
}

}  // namespace

common::awaitable<void> follow_identities(common::Runtime& runtime, soap::Channel& channel,
                                          common::ServiceName cloud, IdentityBook& book,
                                          db::Database& db) {
  common::Duration pause = kPauseMin;
  common::SysTime written{};
  bool failing = false;
  while (!runtime.stopping()) {
    auto polled = co_await poll(runtime, channel, cloud, book, db, written);
    if (polled) {
      pause = kPauseMin;
      failing = false;
      continue;
    }
    if (runtime.stopping()) break;
    if (!std::exchange(failing, true))
      log::warn("identities.not_current", {{"reason", polled.error()}});
    co_await runtime.sleep_for(pause);
    pause = std::min<common::Duration>(pause * 2, kPauseMax);
  }
}

}  // namespace angophora::walrus
