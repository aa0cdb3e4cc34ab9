// Accounts, users and what proves that a request is theirs.
#pragma once

#include <string>

#include "clc/domain/caller.h"
#include "clc/domain/ids.h"
#include "common/base/time.h"

namespace angophora::clc {

// The account that runs the cloud; made at the first start.
inline constexpr char kAdministrationAccount[] = "angophora";

struct Account {
  AccountId id;
  std::string name;
  std::string canonical_id;  // 64 hex digits, as S3 names owners
  common::SysTime created_at{};
};

// The user that every account begins with, and that goes with it.
inline constexpr char kRootUserName[] = "admin";

struct User {
  UserId id;
  AccountId account;
  std::string name;
  std::string path = "/";
  common::SysTime created_at{};
  bool is_root = false;    // may do everything in the account
  bool is_enabled = true;  // else none of the user's keys opens anything
};
// arn:aws:iam::ACCOUNT:user/NAME
std::string arn_of(const User& user);
// What `caller` learns of a user whose request is proved to be his.
void set_user(Caller& caller, const Account& account, const User& user);

// What `caller` learns of a session: of a role, or of the user who got it.
void set_session(Caller& caller, const Account& account, sessions::Session session,
                 const std::string& role_arn);
void set_session(Caller& caller, const Account& account, sessions::Session session,
                 const User& user);
policy::Principal principal_of(const Caller& caller);

// What IAM takes for names (letters, digits and _+=,.@-), for a user's or group's (up to 64 or 128
// of them) and for a path ("/" or "/division/team/", up to 512 visible characters).
bool is_identity_name(std::string_view text);
bool is_user_name(std::string_view text);
bool is_user_group_name(std::string_view text);
bool is_identity_path(std::string_view text);
// The beginning of a path.
bool is_path_prefix(std::string_view text);
// Names and aliases of accounts: 3 to 63 of a-z, 0-9 and '-', which neither begins nor ends it nor
// stands twice in a row. Twelve digits are an account's number and not a name.
bool is_account_name(std::string_view text);
bool is_account_number(std::string_view text);

struct AccessKey {
  std::string id;  // AKIA...
  UserId user;
  std::string secret;
  bool active = true;
  common::SysTime created_at{};
};

// An X.509 certificate that a user signs with, image manifests first of all.
struct UserCertificate {
  std::string id;
  UserId user;
  std::string pem;
  bool active = true;
  common::SysTime created_at{};
};

}  // namespace angophora::clc
