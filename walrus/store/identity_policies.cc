#include "walrus/store/identity_policies.h"

#include <map>

namespace angophora::walrus {
namespace {

Result<> remove_rows(Tx& tx, std::string_view sql, std::string_view id) {
  TRY(auto q, tx.prepare(sql));
  TRY_VOID(q.bind(1, id).run());
  return common::ok();
}

Result<> remove_entity(Tx& tx, std::string_view id) {
  TRY_VOID(remove_rows(tx, "DELETE FROM identity_own_policies WHERE entity_id=?1", id));
  return remove_rows(tx, "DELETE FROM identity_attachments WHERE entity_id=?1", id);
}

// Calls `keep` with each row.
template <class Keep>
Result<> each_row(Tx& tx, std::string_view sql, Keep keep) {
  TRY(auto q, tx.prepare(sql));
  for (;;) {
    TRY(const bool found, q.step());
    if (!found) return common::ok();
    keep(q);
  }
}

using Sets = std::map<std::string, PolicySet>;

Result<Sets> load_sets(Tx& tx) {
  Sets sets;
  TRY_VOID(each_row(tx, "SELECT entity_id, name, document FROM identity_own_policies",
                    [&](db::Query& row) {
                      sets[row.text(0)].own.push_back({row.text(1), row.text(2)});
                    }));
  TRY_VOID(each_row(tx, "SELECT entity_id, policy_id FROM identity_attachments",
                    [&](db::Query& row) { sets[row.text(0)].attached.push_back(row.text(1)); }));
  return sets;
}

PolicySet take(Sets& sets, const std::string& entity) {
  const auto found = sets.find(entity);
  return found == sets.end() ? PolicySet{} : std::move(found->second);
}

}  // namespace

Result<> IdentityPolicies::load(IdentityList& list) {
  TRY(auto sets, load_sets(tx_));
  std::map<std::string, std::vector<std::string>> members;
  TRY_VOID(each_row(tx_, "SELECT user_id, group_id FROM identity_members",
                    [&](db::Query& row) { members[row.text(0)].push_back(row.text(1)); }));
  for (auto& account : list.accounts) account.policies = take(sets, account.id.value);
  for (auto& user : list.users) {
    user.policies = take(sets, user.id.value);
    user.groups = std::move(members[user.id.value]);
  }
  TRY_VOID(each_row(tx_, "SELECT group_id, name FROM identity_groups", [&](db::Query& row) {
    list.groups.push_back({row.text(0), row.text(1), take(sets, row.text(0))});
  }));
  TRY_VOID(
      each_row(tx_, "SELECT role_id, account_id, arn FROM identity_roles", [&](db::Query& row) {
        list.roles.push_back(
            {row.text(0), row.id<common::AccountId>(1), row.text(2), take(sets, row.text(0))});
      }));
  TRY_VOID(each_row(tx_, "SELECT key_id, sealed FROM identity_token_keys", [&](db::Query& row) {
    list.token_keys.push_back({row.text(0), row.text(1)});
  }));
  return each_row(tx_, "SELECT policy_id, name, document FROM identity_policies",
                  [&](db::Query& row) {
                    list.policies.push_back({row.text(0), {row.text(1), row.text(2)}});
                  });
}

Result<> IdentityPolicies::set(const std::string& entity, const PolicySet& policies) {
  TRY_VOID(remove_entity(tx_, entity));
  for (const auto& text : policies.own) {
    TRY(auto q, tx_.prepare("INSERT INTO identity_own_policies (entity_id, name, document) "
                            "VALUES (?1,?2,?3)"));
    TRY_VOID(q.bind(1, entity).bind(2, text.name).bind(3, text.document).run());
  }
  for (const auto& id : policies.attached) {
    TRY(auto q, tx_.prepare("INSERT INTO identity_attachments (entity_id, policy_id) "
                            "VALUES (?1,?2)"));
    TRY_VOID(q.bind(1, entity).bind(2, id).run());
  }
  return common::ok();
}

Result<> IdentityPolicies::set_groups(const User& user) {
  TRY_VOID(remove_rows(tx_, "DELETE FROM identity_members WHERE user_id=?1", user.id.value));
  for (const auto& id : user.groups) {
    TRY(auto q, tx_.prepare("INSERT INTO identity_members (user_id, group_id) VALUES (?1,?2)"));
    TRY_VOID(q.bind(1, user.id).bind(2, id).run());
  }
  return common::ok();
}

Result<> IdentityPolicies::put_roles(const IdentityList& list) {
  for (const auto& role : list.roles) {
    TRY(auto q, tx_.prepare("INSERT INTO identity_roles (role_id, account_id, arn) "
                            "VALUES (?1,?2,?3) ON CONFLICT (role_id) DO UPDATE SET "
                            "account_id=excluded.account_id, arn=excluded.arn"));
    TRY_VOID(q.bind(1, role.id).bind(2, role.account).bind(3, role.arn).run());
    TRY_VOID(set(role.id, role.policies));
  }
  if (list.token_keys.empty()) return common::ok();
  TRY_VOID(tx_.execute("DELETE FROM identity_token_keys"));
  for (const auto& key : list.token_keys) {
    TRY(auto q, tx_.prepare("INSERT INTO identity_token_keys (key_id, sealed) VALUES (?1,?2)"));
    TRY_VOID(q.bind(1, key.id).bind_blob(2, key.sealed).run());
  }
  return common::ok();
}

Result<> IdentityPolicies::put(const IdentityList& list) {
  TRY_VOID(put_roles(list));
  for (const auto& account : list.accounts) TRY_VOID(set(account.id.value, account.policies));
  for (const auto& user : list.users) {
    TRY_VOID(set(user.id.value, user.policies));
    TRY_VOID(set_groups(user));
  }
  for (const auto& group : list.groups) {
    TRY(auto q, tx_.prepare("INSERT INTO identity_groups (group_id, name) VALUES (?1,?2) "
                            "ON CONFLICT (group_id) DO UPDATE SET name=excluded.name"));
    TRY_VOID(q.bind(1, group.id).bind(2, group.name).run());
    TRY_VOID(set(group.id, group.policies));
  }
  for (const auto& one : list.policies) {
    TRY(auto q, tx_.prepare("INSERT INTO identity_policies (policy_id, name, document) "
                            "VALUES (?1,?2,?3) ON CONFLICT (policy_id) DO UPDATE SET "
                            "name=excluded.name, document=excluded.document"));
    TRY_VOID(q.bind(1, one.id).bind(2, one.text.name).bind(3, one.text.document).run());
  }
  return common::ok();
}

Result<> IdentityPolicies::remove(const IdentityChanges& changes) {
  for (const auto& id : changes.removed_accounts) TRY_VOID(remove_entity(tx_, id.value));
  for (const auto& id : changes.removed_users) {
    TRY_VOID(remove_entity(tx_, id.value));
    TRY_VOID(remove_rows(tx_, "DELETE FROM identity_members WHERE user_id=?1", id.value));
  }
  for (const auto& id : changes.removed_groups) {
    TRY_VOID(remove_entity(tx_, id));
    TRY_VOID(remove_rows(tx_, "DELETE FROM identity_groups WHERE group_id=?1", id));
  }
  for (const auto& id : changes.removed_roles) {
    TRY_VOID(remove_entity(tx_, id));
    TRY_VOID(remove_rows(tx_, "DELETE FROM identity_roles WHERE role_id=?1", id));
  }
  for (const auto& id : changes.removed_policies)
    TRY_VOID(remove_rows(tx_, "DELETE FROM identity_policies WHERE policy_id=?1", id));
  return common::ok();
}

Result<> IdentityPolicies::remove_all() {
  for (const auto* sql : {"DELETE FROM identity_groups", "DELETE FROM identity_members",
                          "DELETE FROM identity_policies", "DELETE FROM identity_own_policies",
                          "DELETE FROM identity_attachments", "DELETE FROM identity_roles"})
    TRY_VOID(tx_.execute(sql));
  return common::ok();
}

}  // namespace angophora::walrus
