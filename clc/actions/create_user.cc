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
  auto user = new_user(s.runtime, {}, request.name, request.path);
  const auto count_max = s.properties.number("cloud.users_max");
  const auto create = [caller, user, delegate = request.delegate,
                       count_max](Tx& tx) mutable -> Result<User> {
    TRY(const auto account, account_of(tx, caller, delegate));
    Users users(tx);
    TRY(const auto present, users.count(account.id));
    if (present >= count_max)
      return Error(IdentityErrc::limit_exceeded,
                   "Cannot exceed quota for UsersPerAccount: " + std::to_string(count_max));
    user.account = account.id;
    TRY_VOID(users.insert(user));
    return user;
  };
  CO_TRY(user, co_await commit(s, caller, create));
  s.changes.identities.notify();
  Reply reply;
  add_user(reply.child("User"), user);
  co_return reply;
}

}  // namespace

extern const Action CreateUser{
    .name = "CreateUser",
    .permission = "iam:CreateUser",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::create_user
