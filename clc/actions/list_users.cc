// ListUsers: the users of the account, its root among them, by name.
#include "clc/actions/iam_policies.h"
#include "clc/store/users.h"

namespace angophora::clc::actions::list_users {
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
  CO_TRY(const auto page, open_iam_page(s, request.paging, caller, "ListUsers"));
  // One more than asked for tells whether the list goes on.
  const NamePage wanted{request.prefix, page.after, page.limit + 1};
  const auto find = [caller, wanted,
                     delegate = request.delegate](Tx& tx) -> Result<std::vector<User>> {
    TRY(const auto account, account_of(tx, caller, delegate));
    return Users(tx).page(account.id, wanted);
  };
  CO_TRY(auto users, co_await s.db.read(find));
  const auto last = cut_page(users, page, [](const User& user) { return user.name; });
  Reply reply;
  reply.list(
      "Users", users, [](const User& user, Element& item) { add_user(item, user); }, "member");
  close_iam_page(reply, s, caller, "ListUsers", last);
  co_return reply;
}

}  // namespace

extern const Action ListUsers{
    .name = "ListUsers",
    .permission = "iam:ListUsers",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::list_users
