// ListRoles: the roles of the account, by name.
#include "clc/actions/iam_roles.h"
#include "clc/store/roles.h"

namespace angophora::clc::actions::list_roles {
namespace {

struct Request {
  std::string prefix = "/";
  std::string delegate;
  Paging paging;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::prefix>("PathPrefix"),
    optional<&Request::delegate>("DelegateAccount"),
    max_results<&Request::paging>("MaxItems"),
    next_token<&Request::paging>("Marker"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check_path_prefix(request.prefix));
  CO_TRY(const auto page, open_iam_page(s, request.paging, caller, "ListRoles"));
  // One more than asked for tells whether the list goes on.
  const NamePage wanted{request.prefix, page.after, page.limit + 1};
  const auto find = [caller, wanted,
                     delegate = request.delegate](Tx& tx) -> Result<std::vector<Role>> {
    TRY(const auto account, account_of(tx, caller, delegate));
    return Roles(tx).page(account.id, wanted);
  };
  CO_TRY(auto roles, co_await s.db.read(find));
  const auto last = cut_page(roles, page, [](const Role& role) { return role.name; });
  Reply reply;
  reply.list(
      "Roles", roles, [](const Role& role, Element& item) { add_role(item, role); }, "member");
  close_iam_page(reply, s, caller, "ListRoles", last);
  co_return reply;
}

}  // namespace

extern const Action ListRoles{
    .name = "ListRoles",
    .permission = "iam:ListRoles",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::list_roles
