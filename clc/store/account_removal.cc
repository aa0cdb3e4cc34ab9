// The end of an account.
#include "clc/store/access_keys.h"
#include "clc/store/accounts.h"
#include "clc/store/identity_changes.h"
#include "clc/store/images.h"
#include "clc/store/inline_policies.h"
#include "clc/store/managed_policies.h"
#include "clc/store/public_addresses.h"
#include "clc/store/roles.h"
#include "clc/store/security_groups.h"
#include "clc/store/user_groups.h"
#include "clc/store/users.h"

namespace angophora::clc {
namespace {

Result<std::int64_t> count(Tx& tx, std::string_view sql, const AccountId& account) {
  TRY(auto q, tx.prepare(sql));
  TRY_VOID(q.bind(1, account).step());
  return q.integer(0);
}

// What belongs to nobody else and that nobody else refers to; in an order that leaves no reference
// without what it names.
constexpr std::string_view kRemovals[] = {
    "DELETE FROM key_pairs WHERE account_id=?1",
    "DELETE FROM subnets WHERE account_id=?1",
    "DELETE FROM vpcs WHERE account_id=?1",
    "DELETE FROM image_launchers WHERE account_id=?1",
    "DELETE FROM snapshot_users WHERE account_id=?1",
    "DELETE FROM tags WHERE account_id=?1",
    "DELETE FROM client_tokens WHERE account_id=?1",
    "DELETE FROM account_usage WHERE account_id=?1",
    "DELETE FROM account_aliases WHERE account_id=?1",
    "DELETE FROM password_policies WHERE account_id=?1",
    "DELETE FROM accounts WHERE account_id=?1",
};

Result<> retire_images(Tx& tx, const AccountId& account) {
  TRY(auto q, tx.prepare("SELECT image_id FROM images WHERE account_id=?1 AND available=1"));
  TRY(const auto images, all_rows(q.bind(1, account), [](Query& r) { return r.id<ImageId>(0); }));
  for (const auto& image : images) TRY_VOID(Images(tx).retire(image));
  return common::ok();
}

}  // namespace

Result<AccountHoldings> Accounts::holdings(const AccountId& id) {
  AccountHoldings h;
  TRY(h.users, count(tx_, "SELECT count(*) FROM users WHERE account_id=?1 AND is_root=0", id));
  TRY(h.instances, count(tx_,
                         "SELECT count(*) FROM instances WHERE account_id=?1 "
                         "AND state<>'terminated'",
                         id));
  TRY(h.volumes,
      count(tx_, "SELECT count(*) FROM volumes WHERE account_id=?1 AND state<>'deleted'", id));
  TRY(h.snapshots,
      count(tx_, "SELECT count(*) FROM snapshots WHERE account_id=?1 AND state<>'deleted'", id));
  TRY(h.addresses, PublicAddresses(tx_).count(id));
  TRY(h.images, count(tx_, "SELECT count(*) FROM images WHERE account_id=?1 AND available=1", id));
  TRY(h.key_pairs, count(tx_, "SELECT count(*) FROM key_pairs WHERE account_id=?1", id));
  TRY(h.groups, count(tx_,
                      "SELECT count(*) FROM security_groups WHERE account_id=?1 "
                      "AND name<>'default'",
                      id));
  return h;
}

// Also the rules of other accounts' groups that let in the members of these.
Result<> Accounts::remove_groups(const AccountId& id) {
  SecurityGroups groups(tx_);
  TRY(const auto own, groups.list(id));
  for (const auto& group : own) {
    TRY(const auto rules, groups.rules_naming(group.id));
    for (const auto& rule : rules) TRY_VOID(groups.remove_rule(rule));
    TRY_VOID(groups.remove(group.id));
  }
  return common::ok();
}

Result<> Accounts::remove_addresses(const AccountId& id) {
  PublicAddresses addresses(tx_);
  TRY(const auto own, addresses.list(id));
  for (const auto& address : own) TRY_VOID(addresses.remove(address));
  return common::ok();
}

Result<> Accounts::remove(const AccountId& id) {
  TRY_VOID(retire_images(tx_, id));
  TRY_VOID(remove_addresses(id));
  TRY_VOID(remove_groups(id));
  Users users(tx_);
  TRY(const auto all, users.all_of(id));
  for (const auto& user : all) TRY_VOID(users.remove_with_all(user.id));
  TRY_VOID(UserGroups(tx_).remove_all(id));
  TRY_VOID(InstanceProfiles(tx_).remove_all(id));
  TRY_VOID(Roles(tx_).remove_all(id));
  TRY_VOID(ManagedPolicies(tx_).remove_all(id));
  TRY_VOID(InlinePolicies(tx_).remove_all(entity(id)));
  for (const auto sql : kRemovals) {
    TRY(auto q, tx_.prepare(sql));
    TRY_VOID(q.bind(1, id).run());
  }
  return IdentityChanges(tx_).note(IdentityKind::account, id.value);
}

}  // namespace angophora::clc
