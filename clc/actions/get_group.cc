// GetGroup: a group and the users in it, by name.
#include "clc/actions/iam_policies.h"
#include "clc/store/user_groups.h"

namespace angophora::clc::actions::get_group {
namespace {

struct Request {
  std::string name;
  std::string delegate;
  Paging paging;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("GroupName"),
    optional<&Request::delegate>("DelegateAccount"),
    max_results<&Request::paging>("MaxItems"),
    next_token<&Request::paging>("Marker"),
};

struct Found {
  UserGroup group;
  std::vector<User> users;
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto page, open_iam_page(s, request.paging, caller, "GetGroup " + request.name));
  const auto find = [caller, request](Tx& tx) -> Result<Found> {
    TRY(const auto account, account_of(tx, caller, request.delegate));
    Found found;
    TRY(found.group, UserGroups(tx).find(account.id, request.name));
    TRY(found.users, UserGroups(tx).members(found.group.id));
    return found;
  };
  CO_TRY(auto found, co_await s.db.read(find));
  const auto last = cut_page(found.users, page, [](const User& user) { return user.name; });
  Reply reply;
  add_group(reply.child("Group"), found.group);
  reply.list(
      "Users", found.users, [](const User& user, Element& item) { add_user(item, user); },
      "member");
  close_iam_page(reply, s, caller, "GetGroup " + request.name, last);
  co_return reply;
}

}  // namespace

extern const Action GetGroup{
    .name = "GetGroup",
    .permission = "iam:GetGroup",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::get_group
