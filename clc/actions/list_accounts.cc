// ListAccounts: all accounts of the cloud.
#include "clc/actions/iam.h"
#include "clc/store/accounts.h"

namespace angophora::clc::actions::list_accounts {
namespace {

struct Request {};

Task<Reply> handle(Services& s, Caller, Request) {
  const auto find = [](Tx& tx) { return Accounts(tx).list(); };
  CO_TRY(const auto accounts, co_await s.db.read(find));
  Reply reply;
  reply.list(
      "Accounts", accounts,
      [](const Account& account, Element& item) { add_account(item, account); }, "member");
  co_return reply;
}

}  // namespace

extern const Action ListAccounts{
    .name = "ListAccounts",
    .permission = "iam:ListAccounts",
    .api = Api::iam,
    .administrators_only = true,
    .run = parse_then<Request, kNoParams<Request>, handle>,
};

}  // namespace angophora::clc::actions::list_accounts
