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
constexpr auto kPauseMax = 1s;  // a key that was revoked is soon dead here, once there is an answer
// How often it is written down that the copy is still current.
constexpr auto kCheckedEvery = 60s;

template <class Row>
PolicySet policies_of(const Row& row) {
  PolicySet set;
  for (const auto& text : row.policies) set.own.push_back({text.name, text.document});
  set.attached = row.attachedPolicyIds;
  return set;
}

IdentityChanges changes_of(const DescribeIdentities::Reply& reply) {
  IdentityChanges changes;
  auto& list = changes.present;
  list.version = reply.version;
  for (const auto& a : reply.accounts)
    list.accounts.push_back(
        {common::AccountId(a.accountId), a.name, a.canonicalId, policies_of(a)});
  for (const auto& u : reply.users)
    list.users.push_back({common::UserId(u.userId), common::AccountId(u.accountId), u.name, u.arn,
                          u.root.value_or(false), u.groupIds, policies_of(u),
                          !u.disabled.value_or(false)});
  for (const auto& g : reply.groups) list.groups.push_back({g.groupId, g.name, policies_of(g)});
  for (const auto& r : reply.roles)
    list.roles.push_back({r.roleId, common::AccountId(r.accountId), r.arn, policies_of(r)});
  for (const auto& k : reply.tokenKeys) list.token_keys.push_back({k.keyId, k.sealedKey});
  for (const auto& p : reply.policies) list.policies.push_back({p.policyId, {p.name, p.document}});
  for (const auto& k : reply.accessKeys)
    list.keys.push_back({k.accessKeyId, common::UserId(k.userId), k.sealedSecret, k.active});
  for (const auto& removed : reply.removed) {
    if (removed.kind == "account") changes.removed_accounts.emplace_back(removed.id);
    if (removed.kind == "user") changes.removed_users.emplace_back(removed.id);
    if (removed.kind == "access_key") changes.removed_keys.push_back(removed.id);
    if (removed.kind == "group") changes.removed_groups.push_back(removed.id);
    if (removed.kind == "role") changes.removed_roles.push_back(removed.id);
    if (removed.kind == "policy") changes.removed_policies.push_back(removed.id);
  }
  changes.whole = !reply.changesFrom;
  changes.more = reply.more.value_or(false);
  return changes;
}

// How far the durable copy has come. What could not be written is asked for again, so that the copy
// never lacks a change that is older than its version.
struct Progress {
  std::int64_t saved = 0;
  common::SysTime confirmed{};
};

Task<> keep(IdentityBook& book, db::Database& db, IdentityChanges changes, common::SysTime now,
            Progress& progress) {
  const auto version = changes.present.version;
  if (version < progress.saved)
    log::warn("identities.went_back", {{"version", version}, {"known", progress.saved}});
  book.apply(changes, now);
  log::info("identities.changed",
            {{"version", version}, {"accounts", book.identities()->accounts()}});
  auto save = [changes = std::move(changes), checked = book.checked(),
               is_complete = book.is_complete()](db::Tx& tx) {
    return IdentityCopy(tx).apply(changes, checked, is_complete);
  };
  CO_TRY_VOID(co_await db.write(std::move(save)));
  progress.saved = version;
  co_return common::ok();
}

Task<> confirm(IdentityBook& book, db::Database& db, common::SysTime now, Progress& progress) {
  book.set_checked(now);
  if (now - progress.confirmed < kCheckedEvery) co_return common::ok();
  progress.confirmed = now;
  auto save = [now](db::Tx& tx) { return IdentityCopy(tx).set_checked(now); };
  co_return co_await db.write(std::move(save));
}

Task<> poll(common::Runtime& runtime, soap::Channel& channel, common::ServiceName cloud,
            IdentityBook& book, db::Database& db, Progress& progress) {
  DescribeIdentities::Request request;
  request.knownVersion = progress.saved;
  request.changesOnly = true;
  request.waitMs = static_cast<int>(std::chrono::milliseconds(kPoll).count());
  soap::CallOptions options;
  options.timeout = kPoll + 10s;
  CO_TRY(const auto reply, co_await soap::call<DescribeIdentities>(
                               channel, std::move(cloud), std::move(request), std::move(options)));
  const auto now = runtime.now();
  const bool is_news = reply.version != progress.saved || !book.is_complete();
  if (!is_news) co_return co_await confirm(book, db, now, progress);
  auto changes = changes_of(reply);
  co_return co_await keep(book, db, std::move(changes), now, progress);
}

}  // namespace

common::awaitable<void> follow_identities(common::Runtime& runtime, soap::Channel& channel,
                                          common::ServiceName cloud, IdentityBook& book,
                                          db::Database& db) {
  common::Duration pause = kPauseMin;
  Progress progress;
  progress.saved = book.version();
  bool failing = false;
  while (!runtime.stopping()) {
    auto polled = co_await poll(runtime, channel, cloud, book, db, progress);
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
