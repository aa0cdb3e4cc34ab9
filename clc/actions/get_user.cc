// GetUser: one user of the account; the caller when no name is given.
#include "clc/actions/iam.h"

namespace angophora::clc::actions::get_user {
namespace {

struct Request {
  std::string name;
  bool show_extra = false;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::name>("UserName"),
    optional<&Request::show_extra>("ShowExtra"),
    optional<&Request::delegate>("DelegateAccount"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto find = [caller, request](Tx& tx) {
    return subject_of(tx, caller, request.delegate, request.name);
  };
  CO_TRY(const auto subject, co_await s.db.read(find));
  Reply reply;
  auto& user = reply.child("User");
  // To itself the root is the account, as with AWS; it has a user's name beside that, as with
  // Eucalyptus.
  const bool asks_for_itself = request.name.empty() && request.delegate.empty();
  std::string arn;
  if (asks_for_itself && subject.user.is_root)
    arn = policy::Principal::root(subject.account.id.value).arn;
  add_user(user, subject.user, std::move(arn));
  if (request.show_extra) user.add("Enabled", subject.user.is_enabled);
  co_return reply;
}

}  // namespace

extern const Action GetUser{
    .name = "GetUser",
    .permission = "iam:GetUser",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::get_user
