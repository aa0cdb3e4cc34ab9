#include <cstdio>

#include "clc/cli/api_client.h"
#include "clc/cli/commands.h"

namespace angophora::clc::cli {

Task<> create_account(common::Runtime& runtime, AccountOptions options) {
  if (options.name.empty())
    co_return common::Error(common::Errc::invalid_argument, "an account needs a name");
  CO_TRY(const auto api, client_from_environment(runtime));
  std::string action = "CreateAccount";
  QueryParameters parameters = {{"AccountName", options.name}};
  CO_TRY(const auto answer, co_await api->iam(action, std::move(parameters)));
  const auto* number = answer.find("Account/AccountId");
  if (!number)
    co_return common::Error(common::Errc::corrupt, "CreateAccount answered without an AccountId");
  std::printf("%s\n", number->text.c_str());
  std::fprintf(stderr, "angophora credentials --account %s writes its root's keys\n",
               options.name.c_str());
  co_return common::ok();
}

Task<> list_accounts(common::Runtime& runtime, AccountOptions) {
  CO_TRY(const auto api, client_from_environment(runtime));
  std::string action = "ListAccounts";
  QueryParameters parameters;
  CO_TRY(const auto answer, co_await api->iam(action, std::move(parameters)));
  std::printf("%-32s %-12s  CREATED\n", "NAME", "NUMBER");
  if (const auto* list = answer.child("Accounts"))
    for (const auto* account : list->children_named("member"))
      std::printf("%-32s %-12s  %s\n", account->text_of("AccountName").c_str(),
                  account->text_of("AccountId").c_str(), account->text_of("CreateDate").c_str());
  co_return common::ok();
}

Task<> delete_account(common::Runtime& runtime, AccountOptions options) {
  CO_TRY(const auto api, client_from_environment(runtime));
  std::string action = "DeleteAccount";
  QueryParameters parameters = {{"AccountName", options.name}};
  if (options.recursive) parameters.emplace_back("Recursive", "true");
  CO_TRY_VOID(co_await api->iam(action, std::move(parameters)));
  co_return common::ok();
}

}  // namespace angophora::clc::cli
