// Accounts, users and what proves that a request is theirs.
#pragma once

#include <string>

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

struct User {
  UserId id;
  AccountId account;
  std::string name;
  std::string path = "/";
  common::SysTime created_at{};
};
// arn:aws:iam::ACCOUNT:user/NAME
std::string arn_of(const User& user);

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
