// DeleteAccount: an account and what is its own, with Recursive also its users, key pairs, groups,
// addresses and images; never while it has instances, volumes or snapshots.
#include "clc/actions/iam.h"
#include "clc/store/accounts.h"

namespace angophora::clc::actions::delete_account {
namespace {

struct Request {
  std::string name;
  bool recursive = false;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("AccountName"),
    optional<&Request::recursive>("Recursive"),
};

Error conflict(const Account& account, std::int64_t count, std::string_view what) {
  return {IdentityErrc::conflict, "Cannot delete the account " + account.name + ", it has " +
                                      std::to_string(count) + " " + std::string(what) +
                                      ", which must be deleted first."};
}

Result<> check_deletable(const Account& account, const AccountHoldings& has, bool recursive) {
  if (account.name == kAdministrationAccount)
    return Error(IdentityErrc::conflict, "The account that runs the cloud cannot be deleted.");
  if (has.instances > 0) return conflict(account, has.instances, "instances");
  if (has.volumes > 0) return conflict(account, has.volumes, "volumes");
  if (has.snapshots > 0) return conflict(account, has.snapshots, "snapshots");
  if (recursive) return common::ok();
  if (has.users > 0) return conflict(account, has.users, "users");
  if (has.images > 0) return conflict(account, has.images, "images");
  if (has.key_pairs > 0) return conflict(account, has.key_pairs, "key pairs");
  if (has.addresses > 0) return conflict(account, has.addresses, "elastic addresses");
  if (has.groups > 0) return conflict(account, has.groups, "security groups");
  return common::ok();
}

Result<> remove(Tx& tx, const Request& request) {
  Accounts accounts(tx);
  TRY(const auto account, accounts.resolve(request.name));
  TRY(const auto has, accounts.holdings(account.id));
  TRY_VOID(check_deletable(account, has, request.recursive));
  return accounts.remove(account.id);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto change = [request](Tx& tx) { return remove(tx, request); };
  CO_TRY_VOID(co_await commit(s, caller, change));
  s.changes.identities.notify();
  s.changes.network.notify();
  co_return Reply();
}

}  // namespace

extern const Action DeleteAccount{
    .name = "DeleteAccount",
    .permission = "iam:DeleteAccount",
    .api = Api::iam,
    .administrators_only = true,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::delete_account
