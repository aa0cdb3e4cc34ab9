// ListGroups: the groups of users of the account, by name.
#include "clc/actions/iam_policies.h"
#include "clc/store/user_groups.h"

namespace angophora::clc::actions::list_groups {
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
  CO_TRY(const auto page, open_iam_page(s, request.paging, caller, "ListGroups"));
  // One more than asked for tells whether the list goes on.
  const NamePage wanted{request.prefix, page.after, page.limit + 1};
  const auto find = [caller, wanted,
                     delegate = request.delegate](Tx& tx) -> Result<std::vector<UserGroup>> {
    TRY(const auto account, account_of(tx, caller, delegate));
    return UserGroups(tx).page(account.id, wanted);
  };
  CO_TRY(auto groups, co_await s.db.read(find));
  const auto last = cut_page(groups, page, [](const UserGroup& group) { return group.name; });
  Reply reply;
  reply.list(
      "Groups", groups, [](const UserGroup& group, Element& item) { add_group(item, group); },
      "member");
  close_iam_page(reply, s, caller, "ListGroups", last);
  co_return reply;
}

}  // namespace

extern const Action ListGroups{
    .name = "ListGroups",
    .permission = "iam:ListGroups",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::list_groups
