// UpdateRole, UpdateRoleDescription and UpdateAssumeRolePolicy: what of a role can be changed.
#include "clc/actions/iam_roles.h"
#include "clc/store/roles.h"

namespace angophora::clc::actions::update_role {
namespace {

struct Request {
  std::string name;
  std::optional<std::string> description;
  std::optional<std::int64_t> session_max_s;
  std::string trust;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("RoleName"),
    optional<&Request::description>("Description"),
    optional<&Request::session_max_s>("MaxSessionDuration"),
    optional<&Request::delegate>("DelegateAccount"),
};
constexpr Param<Request> kDescriptionParams[] = {
    required<&Request::name>("RoleName"),
    required<&Request::description>("Description"),
    optional<&Request::delegate>("DelegateAccount"),
};
constexpr Param<Request> kTrustParams[] = {
    required<&Request::name>("RoleName"),
    required<&Request::trust>("PolicyDocument"),
    optional<&Request::delegate>("DelegateAccount"),
};

Result<Role> change(Tx& tx, const Caller& caller, const Request& request) {
  TRY(const auto account, account_of(tx, caller, request.delegate));
  TRY(auto role, Roles(tx).find(account.id, request.name));
  if (request.description) role.description = *request.description;
  if (request.session_max_s) role.session_max = std::chrono::seconds(*request.session_max_s);
  if (!request.trust.empty()) {
    TRY_VOID(check_trust(tx, request.trust));
    role.trust = request.trust;
  }
  TRY_VOID(Roles(tx).update(role));
  return role;
}

template <bool kShowsRole>
Task<Reply> handle(Services& s, Caller caller, Request request) {
  if (request.description) {
    CO_TRY_VOID(check_description(*request.description));
  }
  if (request.session_max_s) {
    CO_TRY_VOID(check_session_max(*request.session_max_s));
  }
  const auto work = [caller, request](Tx& tx) -> Result<Reply> {
    TRY(const auto role, change(tx, caller, request));
    Reply reply;
    if (kShowsRole) add_role(reply.child("Role"), role);
    return reply;
  };
  co_return co_await make_iam(s, caller, work);
}

}  // namespace

extern const Action UpdateRole{
    .name = "UpdateRole",
    .permission = "iam:UpdateRole",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle<false>>,
};
extern const Action UpdateRoleDescription{
    .name = "UpdateRoleDescription",
    .permission = "iam:UpdateRoleDescription",
    .api = Api::iam,
    .run = parse_then<Request, kDescriptionParams, handle<true>>,
};
extern const Action UpdateAssumeRolePolicy{
    .name = "UpdateAssumeRolePolicy",
    .permission = "iam:UpdateAssumeRolePolicy",
    .api = Api::iam,
    .run = parse_then<Request, kTrustParams, handle<false>>,
};

}  // namespace angophora::clc::actions::update_role
