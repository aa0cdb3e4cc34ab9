// CreateUser: a user of the account, who has no keys and may do nothing yet.
#include "clc/actions/iam.h"
#include "clc/domain/new_identity.h"
#include "clc/store/users.h"

namespace angophora::clc::actions::create_user {
namespace {

struct Request {
  std::string name;
  std::string path = "/";
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("UserName"),
    optional<&Request::path>("Path"),
    optional<&Request::delegate>("DelegateAccount"),
    refused<Request>("PermissionsBoundary", "there are no policies yet"),
    refused<Request>("Tags", "users carry no tags"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check_user_name("UserName", request.name));
  CO_TRY_VOID(check_path("Path", request.path));
  const auto user = new_user(s.runtime, {}, request.name, request.path);
  const IamQuota limit{"UsersPerAccount", Quota::users, QuotaDefaults(s.properties)};
  const auto create = [caller, user, request, limit](Tx& tx) -> Result<Reply> {
    TRY(const auto made, insert_iam<Users>(tx, caller, request.delegate, user, limit));
    Reply reply;
    add_user(reply.child("User"), made);
    return reply;
  };
  co_return co_await make_iam(s, caller, create);
}

}  // namespace

extern const Action CreateUser{
    .name = "CreateUser",
    .permission = "iam:CreateUser",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::create_user
