// GetRole: one role and its trust policy.
#include "clc/actions/iam_roles.h"
#include "clc/store/roles.h"

namespace angophora::clc::actions::get_role {
namespace {

struct Request {
  std::string name;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("RoleName"),
    optional<&Request::delegate>("DelegateAccount"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto find = [caller, request](Tx& tx) -> Result<Role> {
    TRY(const auto account, account_of(tx, caller, request.delegate));
    return Roles(tx).find(account.id, request.name);
  };
  CO_TRY(const auto role, co_await s.db.read(find));
  Reply reply;
  add_role(reply.child("Role"), role);
  co_return reply;
}

}  // namespace

extern const Action GetRole{
    .name = "GetRole",
    .permission = "iam:GetRole",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::get_role
