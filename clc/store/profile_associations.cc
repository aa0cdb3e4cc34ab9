#include "clc/store/profile_associations.h"

namespace angophora::clc {
namespace {

#define ASSOCIATION_COLUMNS \
  "association_id, profile_id, profile_arn, instance_id, account_id, since_ms "

ProfileAssociation read_association(Query& q) {
  ProfileAssociation a;
  a.use = {q.text(0), q.id<InstanceProfileId>(1), q.text(2)};
  a.instance = q.id<InstanceId>(3);
  a.account = q.id<AccountId>(4);
  a.since = from_ms(q.integer(5));
  return a;
}

Result<std::optional<ProfileAssociation>> first(Query& q) {
  TRY(const bool found, q.step());
  return found ? std::optional(read_association(q)) : std::nullopt;
}

}  // namespace

Result<> ProfileAssociations::put(const ProfileAssociation& association) {
  TRY_VOID(remove(association.instance));
  TRY(auto q, tx_.prepare("INSERT INTO profile_associations (" ASSOCIATION_COLUMNS
                          ") VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
  const auto& use = association.use;
  q.bind(1, use.association).bind(2, use.id).bind(3, use.arn).bind(4, association.instance);
  q.bind(5, association.account).bind(6, to_ms(association.since));
  TRY_VOID(q.run());
  return common::ok();
}

Result<std::optional<ProfileAssociation>> ProfileAssociations::of_instance(
    const InstanceId& instance) {
  TRY(auto q,
      tx_.prepare("SELECT " ASSOCIATION_COLUMNS "FROM profile_associations WHERE instance_id=?1"));
  return first(q.bind(1, instance));
}

Result<std::optional<ProfileAssociation>> ProfileAssociations::find(const AccountId& account,
                                                                    std::string_view id) {
  TRY(auto q, tx_.prepare("SELECT " ASSOCIATION_COLUMNS "FROM profile_associations "
                          "WHERE association_id=?1 AND account_id=?2"));
  return first(q.bind(1, id).bind(2, account));
}

Result<std::vector<ProfileAssociation>> ProfileAssociations::list(const AccountId& account) {
  TRY(auto q, tx_.prepare("SELECT " ASSOCIATION_COLUMNS "FROM profile_associations "
                          "WHERE ?1='' OR account_id=?1 ORDER BY association_id"));
  return all_rows(q.bind(1, account), read_association);
}

Result<> ProfileAssociations::remove(const InstanceId& instance) {
  TRY(auto q, tx_.prepare("DELETE FROM profile_associations WHERE instance_id=?1"));
  TRY_VOID(q.bind(1, instance).run());
  return common::ok();
}

}  // namespace angophora::clc
