// UpdateUser: another name or path for a user, or his keys switched off and on all at once.
#include "clc/actions/iam.h"
#include "clc/store/users.h"

namespace angophora::clc::actions::update_user {
namespace {

struct Request {
  std::string name;
  std::string new_name;
  std::string new_path;
  std::optional<bool> is_enabled;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("UserName"),
    optional<&Request::new_name>("NewUserName"),
    optional<&Request::new_path>("NewPath"),
    optional<&Request::is_enabled>("Enabled"),
    optional<&Request::delegate>("DelegateAccount"),
    refused<Request>("PasswordExpiration", "users have no passwords"),
    refused<Request>("RegStatus", "users need no registration"),
};

Result<> update(Tx& tx, const Caller& caller, const Request& request) {
  TRY(const auto account, account_of(tx, caller, request.delegate));
  TRY(auto user, user_of(tx, caller, account, request.name));
  if (user.is_root)
    return Error(IdentityErrc::invalid_input,
                 "The user " + user.name + " is the root of the account and cannot be changed.");
  if (!request.new_name.empty()) user.name = request.new_name;
  if (!request.new_path.empty()) user.path = request.new_path;
  if (request.is_enabled) user.is_enabled = *request.is_enabled;
  return Users(tx).update(user);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  if (!request.new_name.empty()) CO_TRY_VOID(check_user_name("NewUserName", request.new_name));
  if (!request.new_path.empty()) CO_TRY_VOID(check_path("NewPath", request.new_path));
  const auto change = [caller, request](Tx& tx) { return update(tx, caller, request); };
  co_return co_await change_iam(s, caller, change);
}

}  // namespace

extern const Action UpdateUser{
    .name = "UpdateUser",
    .permission = "iam:UpdateUser",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::update_user
