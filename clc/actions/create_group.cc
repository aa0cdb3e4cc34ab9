// CreateGroup: a group of users, who have its policies.
#include "clc/actions/iam_policies.h"
#include "clc/store/user_groups.h"

namespace angophora::clc::actions::create_group {
namespace {

struct Request {
  std::string name;
  std::string path = "/";
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("GroupName"),
    optional<&Request::path>("Path"),
    optional<&Request::delegate>("DelegateAccount"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check_group_name("GroupName", request.name));
  CO_TRY_VOID(check_path("Path", request.path));
  const auto group = new_user_group(s.runtime, {}, request.name, request.path);
  const IamQuota limit{"GroupsPerAccount", Quota::groups, QuotaDefaults(s.properties)};
  const auto create = [caller, group, request, limit](Tx& tx) -> Result<Reply> {
    TRY(const auto made, insert_iam<UserGroups>(tx, caller, request.delegate, group, limit));
    Reply reply;
    add_group(reply.child("Group"), made);
    return reply;
  };
  co_return co_await make_iam(s, caller, create);
}

}  // namespace

extern const Action CreateGroup{
    .name = "CreateGroup",
    .permission = "iam:CreateGroup",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::create_group
