// ListAccountAliases: the alias of the account, if it has one.
#include "clc/actions/iam.h"
#include "clc/store/accounts.h"

namespace angophora::clc::actions::list_account_aliases {
namespace {

struct Request {
  std::string delegate;
  Paging paging;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::delegate>("DelegateAccount"),
    max_results<&Request::paging>("MaxItems"),
    next_token<&Request::paging>("Marker"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto page, open_iam_page(s, request.paging, caller, "ListAccountAliases"));
  const auto find = [caller, request](Tx& tx) -> Result<std::vector<std::string>> {
    TRY(const auto account, account_of(tx, caller, request.delegate));
    TRY(const auto alias, Accounts(tx).alias(account.id));
    return alias ? std::vector{*alias} : std::vector<std::string>();
  };
  CO_TRY(auto aliases, co_await s.db.read(find));
  const auto last = cut_page(aliases, page, [](const std::string& alias) { return alias; });
  Reply reply;
  auto& list = reply.child("AccountAliases");
  for (const auto& alias : aliases) list.add("member", alias);
  close_iam_page(reply, s, caller, "ListAccountAliases", last);
  co_return reply;
}

}  // namespace

extern const Action ListAccountAliases{
    .name = "ListAccountAliases",
    .permission = "iam:ListAccountAliases",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::list_account_aliases
