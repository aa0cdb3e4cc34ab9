// ListGroupsForUser: the groups that a user is in, by name.
#include "clc/actions/iam_policies.h"
#include "clc/store/user_groups.h"

namespace angophora::clc::actions::list_groups_for_user {
namespace {

struct Request {
  std::string user;
  std::string delegate;
  Paging paging;
};

constexpr Param<Request> kParams[] = {
    required<&Request::user>("UserName"),
    optional<&Request::delegate>("DelegateAccount"),
    max_results<&Request::paging>("MaxItems"),
    next_token<&Request::paging>("Marker"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto page, open_iam_page(s, request.paging, caller, "ListGroupsForUser"));
  const auto find = [caller, request](Tx& tx) -> Result<std::vector<UserGroup>> {
    TRY(const auto subject, subject_of(tx, caller, request.delegate, request.user));
    return UserGroups(tx).groups_of(subject.user.id);
  };
  CO_TRY(auto groups, co_await s.db.read(find));
  const auto last = cut_page(groups, page, [](const UserGroup& group) { return group.name; });
  Reply reply;
  reply.list(
      "Groups", groups, [](const UserGroup& group, Element& item) { add_group(item, group); },
      "member");
  close_iam_page(reply, s, caller, "ListGroupsForUser", last);
  co_return reply;
}

}  // namespace

extern const Action ListGroupsForUser{
    .name = "ListGroupsForUser",
    .permission = "iam:ListGroupsForUser",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::list_groups_for_user
