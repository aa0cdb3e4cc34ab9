#include "clc/domain/identity.h"

#include <algorithm>

namespace angophora::clc {
namespace {

constexpr std::size_t kUserNameMax = 64;
constexpr std::size_t kUserGroupNameMax = 128;
constexpr std::size_t kPathMax = 512;
constexpr std::size_t kAccountNameMin = 3;
constexpr std::size_t kAccountNameMax = 63;
constexpr std::size_t kAccountNumberDigits = 12;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_visible(char c) { return c >= '!' && c <= '~'; }

}  // namespace

std::string arn_of(const User& user) {
  return "arn:aws:iam::" + user.account.value + ":user" + user.path + user.name;
}

void set_user(Caller& caller, const Account& account, const User& user) {
  caller.account = account.id;
  caller.account_name = account.name;
  caller.user = user.id;
  caller.user_name = user.name;
  caller.user_arn = arn_of(user);
  caller.is_root = user.is_root;
  caller.cloud_administrator = user.is_root && account.name == kAdministrationAccount;
}

policy::Principal principal_of(const Caller& caller) {
  if (caller.session) return caller.session->principal;
  if (caller.is_root) return policy::Principal::root(caller.account.value);
  const auto path_and_name = caller.user_arn.substr(caller.user_arn.find('/') + 1);
  return policy::Principal::user(caller.account.value, path_and_name, caller.user.value);
}

void set_session(Caller& caller, const Account& account, sessions::Session session,
                 const std::string& role_arn) {
  auto principal = sessions::principal_of(session, role_arn);
  caller.account = account.id;
  caller.account_name = account.name;
  caller.user = UserId(principal.id);
  caller.user_arn = principal.arn;
  caller.session = std::make_shared<const CallerSession>(
      CallerSession{std::move(session), std::move(principal)});
}

// Whoever is federated is nobody in the account, not even for its root.
void set_session(Caller& caller, const Account& account, sessions::Session session,
                 const User& user) {
  set_user(caller, account, user);
  auto principal = sessions::principal_of(session, principal_of(caller));
  if (session.kind == sessions::Session::Kind::federated) {
    caller.user = UserId(principal.id);
    caller.user_name.clear();
    caller.user_arn = principal.arn;
    caller.is_root = caller.cloud_administrator = false;
  }
  caller.session = std::make_shared<const CallerSession>(
      CallerSession{std::move(session), std::move(principal)});
}

bool is_identity_name(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '+' || c == '=' || c == ',' ||
           c == '.' || c == '@' || c == '-';
  });
}

bool is_user_name(std::string_view text) {
  return !text.empty() && text.size() <= kUserNameMax && is_identity_name(text);
}

bool is_user_group_name(std::string_view text) {
  return !text.empty() && text.size() <= kUserGroupNameMax && is_identity_name(text);
}

bool is_identity_path(std::string_view text) {
  return text == "/" || (is_path_prefix(text) && text.size() > 2 && text.ends_with('/'));
}

bool is_path_prefix(std::string_view text) {
  return text.starts_with('/') && text.size() <= kPathMax &&
         std::all_of(text.begin(), text.end(), is_visible);
}

bool is_account_name(std::string_view text) {
  return text.size() >= kAccountNameMin && text.size() <= kAccountNameMax &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '-'; }) &&
         !text.starts_with('-') && !text.ends_with('-') &&
         text.find("--") == std::string_view::npos && !is_account_number(text);
}

bool is_account_number(std::string_view text) {
  return text.size() == kAccountNumberDigits && std::all_of(text.begin(), text.end(), is_digit);
}

}  // namespace angophora::clc
